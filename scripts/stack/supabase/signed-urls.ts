import { z } from 'zod';

type Fetch = (request: Request) => Promise<Response>;

const MANY = /^\/storage\/v1\/object\/sign\/([^/]+)\/?$/;
const DOWNLOAD = /^\/storage\/v1\/object\/sign\//;
const UPLOAD = /^\/storage\/v1\/object\/upload\/sign\//;
const PREFIX = /^\/storage\/v1/;
const MAX_PATHS = 1_000;

const signed = z.looseObject({ signedUrl: z.string() });
const many = z.object({ expiresIn: z.number(), paths: z.array(z.string()).max(MAX_PATHS) });

/**
 * The embedded Storage tells a signed address as `signedUrl`, a path from the root. Hosted Storage says `signedURL`, and `url` of an upload,
 * both paths below /storage/v1, and supabase-js reads nothing else: it would hand out addresses that end in "undefined". Both are told here.
 * Many at once the embedded Storage takes for one without a path, so they are asked for one by one.
 */
export async function withSignedUrls(request: Request, answer: Fetch): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== 'POST' || !(DOWNLOAD.test(pathname) || UPLOAD.test(pathname))) return await answer(request);
  const [, bucket] = MANY.exec(pathname) ?? [];
  if (bucket !== undefined) return await signMany(request, bucket, answer);
  return await told(await answer(request), UPLOAD.test(pathname) ? 'url' : 'signedURL');
}

async function told(response: Response, name: 'url' | 'signedURL'): Promise<Response> {
  if (!response.ok) return response;
  const text = await response.text();
  const parsed = signed.safeParse(JSON.parse(text));
  if (!parsed.success) return new Response(text, response);
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  const body = { ...parsed.data, [name]: parsed.data.signedUrl.replace(PREFIX, '') };
  return new Response(JSON.stringify(body), { status: 200, headers });
}

async function signMany(request: Request, bucket: string, answer: Fetch): Promise<Response> {
  const asked = many.safeParse(await request.json().catch(() => null));
  if (!asked.success) {
    return Response.json(
      { statusCode: '400', error: 'InvalidRequest', message: 'send expiresIn and paths' },
      { status: 400 },
    );
  }
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  const results: unknown[] = [];
  for (const path of asked.data.paths) {
    const url = new URL(`/storage/v1/object/sign/${bucket}/${path}`, request.url);
    const body = JSON.stringify({ expiresIn: asked.data.expiresIn });
    const one = await told(await answer(new Request(url, { method: 'POST', headers, body })), 'signedURL');
    const { signedURL, message } = (await one.json()) as { signedURL?: string; message?: string };
    results.push({
      path,
      signedURL: signedURL ?? null,
      error: signedURL === undefined ? (message ?? 'not found') : null,
    });
  }
  return Response.json(results);
}
