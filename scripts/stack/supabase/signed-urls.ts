import { z } from 'zod';

type Fetch = (request: Request) => Promise<Response>;

const DOWNLOAD = /^\/storage\/v1\/object\/sign\/([^/]+)(\/.*)?$/;
const UPLOAD = /^\/storage\/v1\/object\/upload\/sign\//;
const PREFIX = /^\/storage\/v1/;
const MAX_PATHS = 1_000;
const AT_ONCE = 8;
/** Who may not see a medium any more has an address of it for no longer (docs/media.md). */
const LONGEST_S = 3_600;
const BOUNDED: ReadonlySet<string> = new Set(['avatars', 'covers', 'posts', 'messages']);

const signed = z.looseObject({ signedUrl: z.string() });
const one = z.looseObject({ expiresIn: z.number() });
const many = z.object({ expiresIn: z.number(), paths: z.array(z.string()).max(MAX_PATHS) });

/**
 * The embedded Storage tells a signed address as `signedUrl`, a path from the root. Hosted Storage says `signedURL`, and `url` of an upload,
 * both paths below /storage/v1, and supabase-js reads nothing else: it would hand out addresses that end in "undefined". Both are told here.
 * Many at once the embedded Storage takes for one without a path, so they are asked for one by one. Addresses of media are good for an hour
 * at most.
 */
export async function withSignedUrls(request: Request, answer: Fetch): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== 'POST') return await answer(request);
  if (UPLOAD.test(pathname)) return await told(await answer(request), 'url');
  const [, bucket, path] = DOWNLOAD.exec(pathname) ?? [];
  if (bucket === undefined) return await answer(request);
  if (path === undefined || path === '/') return await signMany(request, bucket, answer);
  const text = await request.text();
  return await told(await answer(again(request, request.url, bounded(bucket, text))), 'signedURL');
}

/** The same request with another body. */
function again(request: Request, url: string | URL, body: string): Request {
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(url, { method: 'POST', headers, body });
}

function bounded(bucket: string, text: string): string {
  try {
    if (!BOUNDED.has(decodeURIComponent(bucket))) return text;
    const asked = one.safeParse(JSON.parse(text));
    if (!asked.success) return text;
    return JSON.stringify({ ...asked.data, expiresIn: Math.min(asked.data.expiresIn, LONGEST_S) });
  } catch {
    return text; // Storage says what is wrong with it.
  }
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

interface Signed {
  readonly path: string;
  readonly signedURL: string | null;
  readonly error: string | null;
}

async function signMany(request: Request, bucket: string, answer: Fetch): Promise<Response> {
  const asked = many.safeParse(await request.json().catch(() => null));
  if (!asked.success) {
    return Response.json(
      { statusCode: '400', error: 'InvalidRequest', message: 'send expiresIn and paths' },
      { status: 400 },
    );
  }
  const { paths, expiresIn } = asked.data;
  const body = bounded(bucket, JSON.stringify({ expiresIn }));
  const sign = async (path: string): Promise<Signed> => {
    const below = encoded(path);
    if (below === null) return { path, signedURL: null, error: 'Object not found' };
    const url = new URL(`/storage/v1/object/sign/${bucket}/${below}`, request.url);
    const response = await told(await answer(again(request, url, body)), 'signedURL');
    const { signedURL, message } = (await response.json()) as { signedURL?: string; message?: string };
    if (signedURL === undefined) return { path, signedURL: null, error: message ?? 'Object not found' };
    return { path, signedURL, error: null };
  };
  const results: Signed[] = [];
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    results.push(...(await Promise.all(paths.slice(from, from + AT_ONCE).map(sign))));
  }
  return Response.json(results);
}

/** A name of an object as it stands in an address; null of one that would lead out of its bucket. */
function encoded(path: string): string | null {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return null;
  return parts.map(encodeURIComponent).join('/');
}
