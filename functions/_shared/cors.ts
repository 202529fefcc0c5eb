const METHODS = 'GET, HEAD, POST, PUT, DELETE, OPTIONS';
const REQUEST_HEADERS =
  'authorization, apikey, content-type, accept, idempotency-key, x-request-id, x-client-info, x-region, x-supabase-api-version, last-event-id';
const EXPOSED_HEADERS =
  'RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed, X-Request-Id, WWW-Authenticate, Date';
const PREFLIGHT_MAX_AGE_S = 7200;

/**
 * The CORS headers of a response to `origin`. No cookies are used, so `*` lets no page act for a signed-in user.
 * An origin that is not allowed gets no header, and the browser keeps the answer from the page.
 */
export function corsHeaders(origins: readonly string[], origin: string | undefined): [string, string][] {
  const expose: [string, string] = ['Access-Control-Expose-Headers', EXPOSED_HEADERS];
  if (origins.includes('*')) return [['Access-Control-Allow-Origin', '*'], expose];
  if (origin === undefined || !origins.includes(origin)) return [['Vary', 'Origin']];
  return [['Access-Control-Allow-Origin', origin], ['Vary', 'Origin'], expose];
}

/** The answer to a preflight; the outer middleware adds `corsHeaders`. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': REQUEST_HEADERS,
      'Access-Control-Max-Age': String(PREFLIGHT_MAX_AGE_S),
    },
  });
}
