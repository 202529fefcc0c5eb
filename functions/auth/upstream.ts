import { z } from 'zod';
import { AppError, type ErrorCode } from '../../contracts/errors.ts';
import type { Deps } from '../_shared/deps.ts';

/** A session as Supabase Auth answers it; fields that we do not pass on are dropped. */
const upstreamSession = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: z.number().int(),
  expires_at: z.number().int().optional(),
  user: z.object({ id: z.uuid(), email: z.string().nullish() }),
});
export type UpstreamSession = z.infer<typeof upstreamSession>;

/** What sign-up answers: a session, or only the user while the email is unconfirmed. */
const upstreamUser = z.object({ id: z.uuid(), email: z.string().nullish() });
export const signUpAnswer = z.union([upstreamSession, upstreamUser]);
export const sessionAnswer = upstreamSession;

/** Who the request is made for, so that Auth's sessions and limits see the client and not this function. */
export interface Origin {
  readonly ip: string | undefined;
  readonly user_agent: string | undefined;
}

/** One request to Supabase Auth. */
export interface UpstreamCall {
  readonly method: 'POST' | 'PUT';
  /** Below `/auth/v1`, with its query. */
  readonly path: string;
  readonly body: unknown;
  /** The user's own token where Auth needs one. */
  readonly access_token?: string;
}

/** Talks to `${SUPABASE_URL}/auth/v1` with the publishable key, in bounded time. */
export class AuthUpstream {
  readonly #deps: Deps;
  readonly #origin: Origin;

  constructor(deps: Deps, origin: Origin) {
    this.#deps = deps;
    this.#origin = origin;
  }

  /** The parsed answer. Throws the AppError that Auth's `error_code` stands for, or service.auth_unavailable. */
  async call<T extends z.ZodType>(call: UpstreamCall, schema: T): Promise<z.output<T>> {
    const { status, body } = await this.#send(call);
    if (status >= 400) throw upstreamError(status, body);
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw new AppError('service.auth_unavailable', { cause: parsed.error });
    return parsed.data;
  }

  async #send({ method, path, body, access_token }: UpstreamCall): Promise<{ status: number; body: unknown }> {
    const { config } = this.#deps;
    const { ip, user_agent } = this.#origin;
    const headers: Record<string, string> = { 'content-type': 'application/json', apikey: config.publishable_key };
    if (access_token !== undefined) headers['authorization'] = `Bearer ${access_token}`;
    if (ip !== undefined) {
      headers['x-forwarded-for'] = ip;
      // Supabase's own name for it, honoured where the project allows forwarding.
      headers['sb-forwarded-for'] = ip;
    }
    if (user_agent !== undefined) headers['user-agent'] = user_agent.slice(0, 512);
    try {
      const response = await this.#deps.fetch(`${config.supabase_url}/auth/v1${path}`, {
        method,
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(config.upstream_timeout_ms),
      });
      const text = await response.text();
      return { status: response.status, body: parseOrUndefined(text) };
    } catch (cause) {
      throw new AppError('service.auth_unavailable', { cause });
    }
  }
}

/** Auth's `error_code` → ours. What is not listed is a fault between the two services, not of the client. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  user_already_exists: 'auth.email_taken',
  email_exists: 'auth.email_taken',
  weak_password: 'auth.weak_password',
  same_password: 'auth.same_password',
  invalid_credentials: 'auth.invalid_credentials',
  user_not_found: 'auth.token_invalid',
  email_not_confirmed: 'auth.email_not_confirmed',
  user_banned: 'auth.user_banned',
  signup_disabled: 'auth.signup_disabled',
  email_provider_disabled: 'auth.signup_disabled',
  email_address_invalid: 'auth.invalid_email',
  email_address_not_authorized: 'auth.invalid_email',
  refresh_token_not_found: 'auth.refresh_token_invalid',
  refresh_token_already_used: 'auth.refresh_token_invalid',
  session_expired: 'auth.refresh_token_invalid',
  session_not_found: 'auth.session_revoked',
  otp_expired: 'auth.reset_token_invalid',
  bad_jwt: 'auth.token_invalid',
  no_authorization: 'auth.token_invalid',
  over_email_send_rate_limit: 'auth.email_rate_limited',
  over_request_rate_limit: 'rate_limit.exceeded',
};

/** The seconds to wait when Auth limits without saying for how long. */
const UPSTREAM_WAIT_S = 60;

const failureBody = z.object({ error_code: z.string().optional(), msg: z.string().optional() });

/** Our error for an answer of Auth with status 400 and above. */
export function upstreamError(status: number, body: unknown): AppError {
  const { error_code, msg } = failureBody.catch({}).parse(body);
  const code = error_code === undefined ? undefined : CODES[error_code];
  const cause = new Error(`Auth answered ${status} ${error_code ?? ''}: ${msg ?? ''}`);
  switch (code) {
    case undefined:
      // `validation_failed` is about a value of the client's that our own schema let pass.
      if (error_code === 'validation_failed') return new AppError('request.unprocessable', { cause });
      return new AppError(status === 429 ? 'rate_limit.exceeded' : 'service.auth_unavailable', { cause });
    case 'auth.weak_password':
      // The sentence says which rule of this project's the password breaks.
      return new AppError(code, { cause, ...(msg === undefined ? {} : { detail: msg }) });
    case 'auth.email_rate_limited':
    case 'rate_limit.exceeded':
      return new AppError(code, { cause, retry_after_s: UPSTREAM_WAIT_S });
    default:
      return new AppError(code, { cause });
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
