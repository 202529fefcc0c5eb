import type { Problem } from '../../contracts/api/common.ts';
import { AppError, ERRORS, isErrorCode } from '../../contracts/errors.ts';
import { ConfigError } from './config.ts';
import { fromDatabase } from './database-errors.ts';
import { defaultWait, type Failure, ofCode } from './failure.ts';

/** Turns anything thrown into what a client may know. Everything unknown becomes `internal.unexpected`. */
export function toFailure(error: unknown): Failure {
  if (error instanceof AppError) {
    const { status, code, detail, hint, fields } = error;
    return { status, code, detail, hint, fields, retry_after_s: error.retry_after_s ?? defaultWait(status) };
  }
  if (error instanceof ConfigError) return ofCode('internal.misconfigured');
  return fromDatabase(error) ?? ofCode('internal.unexpected');
}

/** The RFC 9457 body of a failure. `title` is the same for every occurrence of a code, `detail` need not be. */
export function problemBody(failure: Failure, requestId: string): Problem {
  const { status, code, detail, hint, fields } = failure;
  return {
    type: `urn:astra:error:${code}`,
    title: isErrorCode(code) ? ERRORS[code].detail : detail,
    status,
    code,
    detail,
    hint,
    instance: requestId,
    ...(fields === undefined ? {} : { errors: fields.map((field) => ({ ...field })) }),
  };
}

/** The response of a failure, with Retry-After, WWW-Authenticate and `application/problem+json`. */
export function problemResponse(failure: Failure, requestId: string): Response {
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (failure.retry_after_s !== undefined) headers.set('retry-after', String(failure.retry_after_s));
  if (failure.status === 401) headers.set('www-authenticate', challenge(failure.code));
  return new Response(JSON.stringify(problemBody(failure, requestId)), { status: failure.status, headers });
}

/** RFC 6750: a request without credentials gets no error code, one with bad ones gets `invalid_token`. */
function challenge(code: string): string {
  const isTokenFault = code.startsWith('auth.token_') || code === 'auth.session_revoked';
  return isTokenFault
    ? `Bearer realm="astra", error="invalid_token", error_description="${code}"`
    : 'Bearer realm="astra"';
}
