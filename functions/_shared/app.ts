import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { AppError } from '../../contracts/errors.ts';
import { clientIp } from './client-ip.ts';
import { corsHeaders, preflight } from './cors.ts';
import { databaseFields } from './database-errors.ts';
import type { Deps } from './deps.ts';
import { describeError } from './log.ts';
import { problemResponse, toFailure } from './problem.ts';
import { rateHeaders, type Verdict } from './rate-limit.ts';
import type { Claims } from './tokens.ts';

/** What middleware leaves for handlers. */
export interface AppEnv {
  Variables: {
    requestId: string;
    /** From the trusted proxy's header; undefined when unknown. */
    ip: string | undefined;
    bodyLimit: number;
    /** Set by `requireUser`. */
    claims: Claims;
    /** Rate-limit verdicts, told in the response's headers. */
    verdicts: readonly Verdict[];
  };
}

/** An app with the conventions of the API. */
export type DomainApp = Hono<AppEnv, Record<never, never>, string>;

/**
 * A Hono app under `/<domain>` with request id, CORS, access log, problem+json for every failure, 404 and 405, and GET health.
 * Routes are added to it; they need `requireUser` or `limitOpen` from guards.ts.
 */
export function createDomainApp(domain: string, deps: Deps): DomainApp {
  const root = new Hono<AppEnv>({ strict: false });
  root.use('*', observe(domain, deps));
  root.onError((error, c) => {
    const failure = toFailure(error);
    // A refusal by a grant, a policy or a constraint is told to the client, but it often is a fault of ours.
    const level =
      failure.status >= 500 ? 'error' : databaseFields(error)?.code.startsWith('PT') === false ? 'warn' : null;
    if (level !== null) {
      const fields = { request_id: c.get('requestId'), code: failure.code, error: describeError(error) };
      deps.logger.log(level, 'request failed', fields);
    }
    return problemResponse(failure, c.get('requestId'));
  });
  root.notFound((c) => refuseRoute(root, c));
  root.get(`/${domain}/health`, (c) => c.json({ status: 'ok' }));
  return root.basePath(`/${domain}`);
}

/** The outermost layer: everything that holds for each request, failed ones included. */
function observe(domain: string, { config, clock, newId, logger }: Deps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt_ms = clock();
    const requestId = acceptedId(c.req.header('x-request-id')) ?? newId();
    c.set('requestId', requestId);
    c.set('ip', clientIp(c.req.header('x-forwarded-for'), config.trusted_hops));
    c.set('bodyLimit', config.body_limit_bytes);
    if (c.req.method === 'OPTIONS') c.res = preflight();
    else await next();
    const { headers } = c.res;
    headers.set('X-Request-Id', requestId);
    headers.set('X-Content-Type-Options', 'nosniff');
    if (!headers.has('cache-control')) headers.set('Cache-Control', 'no-store');
    for (const [name, value] of corsHeaders(config.cors_origins, c.req.header('origin'))) headers.append(name, value);
    for (const [name, value] of rateHeaders(c.get('verdicts') ?? [])) headers.set(name, value);
    logger.log('info', 'request', {
      request_id: requestId,
      domain,
      method: c.req.method,
      path: c.req.path.slice(0, 200),
      status: c.res.status,
      duration_ms: Math.round(clock() - startedAt_ms),
      ...(c.get('claims') === undefined ? {} : { user_id: c.get('claims').user_id }),
    });
  };
}

/** A client's own id is kept when it cannot hurt a log or a header. */
function acceptedId(id: string | undefined): string | undefined {
  return id !== undefined && /^[\w.-]{8,128}$/.test(id) ? id : undefined;
}

/** 405 with Allow when the path exists for other methods, else 404. */
function refuseRoute(app: Hono<AppEnv>, c: Context<AppEnv>): Response {
  const allowed = new Set<string>();
  for (const route of app.routes) {
    if (route.method !== 'ALL' && matches(route.path, c.req.path)) allowed.add(route.method);
  }
  const requestId = c.get('requestId');
  if (allowed.size === 0) return problemResponse(toFailure(new AppError('request.not_found')), requestId);
  if (allowed.has('GET')) allowed.add('HEAD');
  const response = problemResponse(toFailure(new AppError('request.method_not_allowed')), requestId);
  response.headers.set('Allow', [...allowed].sort().join(', '));
  return response;
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/').filter((part) => part !== '');
  const given = path.split('/').filter((part) => part !== '');
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i]);
}
