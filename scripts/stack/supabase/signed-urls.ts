import { z } from 'zod';

const SIGNING = /^\/storage\/v1\/object\/sign\//;
const answer = z.looseObject({ signedUrl: z.string() });

/**
 * The embedded Storage tells a signed address as `signedUrl`, a path from the root. Hosted Storage says `signedURL`, a path below
 * /storage/v1, and supabase-js reads nothing else: it would hand out addresses that end in "undefined". Both are told here. (Many at once the embedded Storage cannot sign.)
 */
export async function withSignedUrls(request: Request, response: Response): Promise<Response> {
  if (request.method !== 'POST' || !response.ok || !SIGNING.test(new URL(request.url).pathname)) return response;
  const text = await response.text();
  const parsed = answer.safeParse(JSON.parse(text));
  if (!parsed.success) return new Response(text, response);
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  const signedURL = parsed.data.signedUrl.replace(/^\/storage\/v1/, '');
  return new Response(JSON.stringify({ ...parsed.data, signedURL }), { status: 200, headers });
}
