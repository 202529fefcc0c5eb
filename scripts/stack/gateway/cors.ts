import type { IncomingMessage, ServerResponse } from 'node:http';

const PREFLIGHT_SECONDS = 3600;

/**
 * Lets a web app of any origin read the answer, as the gateway of a hosted project does: tokens travel in headers, never
 * in cookies, so another origin gains nothing. The API server itself forgets this on /auth/v1, where browsers need it too.
 * @returns true when the request was a preflight and is answered.
 */
export function answerCors(request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader('access-control-allow-origin', '*');
  const method = request.headers['access-control-request-method'];
  if (request.method !== 'OPTIONS' || method === undefined) return false;
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': String(PREFLIGHT_SECONDS),
    vary: 'Access-Control-Request-Headers',
  });
  response.end();
  return true;
}
