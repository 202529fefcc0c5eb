import { request } from 'node:http';

/** The status of a GET with exactly these headers: `fetch` would not let a test choose Host, Origin and the like. */
export function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
