import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendProblem } from './respond.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Wraps a page that has no password because it answers this machine only. A website that the developer visits could still
 * reach it: by a request from its page (the browser sends Origin or Sec-Fetch-Site) or by a host name of its own that
 * resolves to 127.0.0.1 (the Host header gives it away). Both are refused; following a link to the page is not.
 */
export function guardLocal(port: number, handler: Handler, log: (line: string) => void) {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('x-frame-options', 'SAMEORIGIN');
    if (!isLocal(request, hosts)) {
      sendProblem(response, {
        status: 403,
        code: 'stack.foreign_origin',
        detail: 'This page answers only its own address.',
        hint: `Open http://127.0.0.1:${port} directly.`,
      });
      return;
    }
    handler(request, response).catch((error: unknown) => {
      log(`${request.method} ${request.url}: ${String(error)}`);
      sendProblem(response, {
        status: 500,
        code: 'stack.internal',
        detail: 'Something went wrong in this part of the stack.',
        hint: 'The reason stands in the output of npm start.',
      });
    });
  };
}

function isLocal(request: IncomingMessage, hosts: ReadonlySet<string>): boolean {
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.has(host.toLowerCase())) return false;
  if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) return false;
  const site = request.headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  // Mail frames are sandboxed, so what they ask for counts as cross-site; a link in a mail or a README may lead here.
  return request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
}
