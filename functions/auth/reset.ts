import { z } from 'zod';
import type { resetPasswordRequest } from '../../contracts/api/auth.ts';
import { AppError } from '../../contracts/errors.ts';
import type { Deps } from '../_shared/deps.ts';
import type { Claims } from '../_shared/tokens.ts';
import { type AuthUpstream, sessionAnswer, type UpstreamSession } from './upstream.ts';

/** Who has a new password now; `session` is null when its tokens are already with the client. */
export interface ResetResult {
  readonly claims: Claims;
  readonly email: string;
  readonly session: UpstreamSession | null;
}

const updatedUser = z.object({ email: z.string().nullish() });

/**
 * Sets a new password for whoever proves to have the reset mail.
 * Throws auth.reset_token_invalid, auth.weak_password, auth.same_password, service.auth_unavailable.
 */
export async function resetPassword(
  deps: Deps,
  upstream: AuthUpstream,
  body: z.output<typeof resetPasswordRequest>,
): Promise<ResetResult> {
  try {
    const session = body.access_token === undefined ? await verify(upstream, body) : null;
    const access_token = session?.access_token ?? body.access_token ?? '';
    const claims = await deps.tokens.verify(access_token);
    if (claims === undefined) throw new AppError('auth.reset_token_invalid');
    const call = { method: 'PUT', path: '/user', body: { password: body.password }, access_token } as const;
    const { email } = await upstream.call(call, updatedUser);
    return { claims, session, email: email ?? '' };
  } catch (error) {
    throw asResetError(error);
  }
}

function verify(upstream: AuthUpstream, { token_hash, email, code }: z.output<typeof resetPasswordRequest>) {
  const proof = token_hash === undefined ? { email, token: code } : { token_hash };
  return upstream.call({ method: 'POST', path: '/verify', body: { type: 'recovery', ...proof } }, sessionAnswer);
}

/** Whatever is wrong with the proof, the remedy is the same: another mail. */
function asResetError(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const isProofFault = error.code.startsWith('auth.token_') || error.code === 'auth.session_revoked';
  return isProofFault ? new AppError('auth.reset_token_invalid', { cause: error }) : error;
}
