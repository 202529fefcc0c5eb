import type { Context } from 'hono';
import { z } from 'zod';
import {
  type AuthResponse,
  forgotPasswordRequest,
  loginRequest,
  logoutRequest,
  refreshRequest,
  registerRequest,
  resetPasswordRequest,
  sessionParams,
} from '../../contracts/api/auth.ts';
import { AppError } from '../../contracts/errors.ts';
import { type AppEnv, createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { limit, limitKey, limitOpen, requireUser } from '../_shared/guards.ts';
import { readBody, readParams } from '../_shared/request.ts';
import type { Claims } from '../_shared/tokens.ts';
import { refuseUsername, usernameStatus } from '../_shared/usernames.ts';
import { resetPassword } from './reset.ts';
import { endSession, endSessions, listSessions } from './sessions.ts';
import { AuthUpstream, sessionAnswer, signUpAnswer, type UpstreamSession } from './upstream.ts';

/**
 * The `auth` function: register, login, refresh, logout, forgotten passwords, sessions. Supabase Auth does the work and keeps the secrets;
 * this adds stable error codes, limits and immediate revocation. Answers with tokens are never stored, so Idempotency-Key is not
 * honoured here.
 */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('auth', deps);
  const open = limitOpen(deps);
  const signedIn = requireUser(deps);

  app.post('/register', open, async (c) => {
    const { email, password, username, full_name } = await readBody(c, registerRequest);
    await limit(deps, c, 'register');
    if (username !== undefined) refuseUsername(await deps.db.asApi((tx) => usernameStatus(tx, username)));
    const data = { ...(username === undefined ? {} : { username: username.toLowerCase() }), full_name };
    const answer = await upstream(deps, c).call(
      { method: 'POST', path: '/signup', body: { email, password, data } },
      signUpAnswer,
    );
    if ('access_token' in answer) return c.json(await present(deps, answer), 201);
    const user = { id: answer.id, email: answer.email ?? email, username: null, full_name: full_name ?? null };
    return c.json({ user, session: null } satisfies AuthResponse, 201);
  });

  app.post('/login', open, async (c) => {
    const startedAt_ms = deps.clock();
    const { email, password } = await readBody(c, loginRequest);
    await limit(deps, c, 'login', email);
    try {
      const path = '/token?grant_type=password';
      const session = await upstream(deps, c).call({ method: 'POST', path, body: { email, password } }, sessionAnswer);
      return c.json(await present(deps, session));
    } catch (error) {
      await floor(deps, startedAt_ms);
      throw error;
    }
  });

  app.post('/refresh', open, async (c) => {
    const { refresh_token } = await readBody(c, refreshRequest);
    const path = '/token?grant_type=refresh_token';
    try {
      const session = await upstream(deps, c).call({ method: 'POST', path, body: { refresh_token } }, sessionAnswer);
      return c.json(await present(deps, session));
    } catch (error) {
      throw asRefreshError(error);
    }
  });

  app.post('/logout', signedIn, async (c) => {
    const { scope } = await readBody(c, logoutRequest);
    await endSessions(deps, c.get('claims'), scope);
    return c.body(null, 204);
  });

  app.post('/forgot-password', open, async (c) => {
    const startedAt_ms = deps.clock();
    const { email } = await readBody(c, forgotPasswordRequest);
    await limit(deps, c, 'recover', email);
    const request_id = c.get('requestId');
    const mail = upstream(deps, c)
      .call({ method: 'POST', path: '/recover', body: { email } }, z.unknown())
      // Only known addresses can be refused (a mail every minute, a bad mail server), so a refusal must look like success.
      .catch((error: unknown) =>
        deps.logger.log('warn', 'reset mail was not sent', { request_id, reason: String(error) }),
      );
    // Not awaited: Auth sends the mail before it answers, so whoever is known would be told by the time it takes.
    deps.keepAlive(mail);
    await floor(deps, startedAt_ms);
    return c.json({ status: 'accepted' }, 202);
  });

  app.post('/reset-password', open, async (c) => {
    const body = await readBody(c, resetPasswordRequest);
    await limit(deps, c, 'login', body.email);
    // A code has six digits: guesses count by email, else many addresses together could try them all.
    if (body.email !== undefined) await limitKey(deps, c, 'recover', `code|${body.email}`);
    const { claims, email, session } = await resetPassword(deps, upstream(deps, c), body);
    // Whoever knew the old password is signed out everywhere.
    await endSessions(deps, claims, 'others');
    return c.json(await describe(deps, claims, email, session));
  });

  app.get('/sessions', signedIn, async (c) => {
    return c.json({ data: await listSessions(deps, c.get('claims')), next_cursor: null });
  });

  app.delete('/sessions/:id', signedIn, async (c) => {
    const { id } = readParams(c, sessionParams);
    await endSession(deps, c.get('claims'), id);
    return c.body(null, 204);
  });

  return app;
}

function upstream(deps: Deps, c: Context<AppEnv>): AuthUpstream {
  return new AuthUpstream(deps, { ip: c.get('ip'), user_agent: c.req.header('user-agent') });
}

/** The answer with the tokens of a new session. */
async function present(deps: Deps, session: UpstreamSession): Promise<AuthResponse> {
  const claims = await deps.tokens.verify(session.access_token);
  if (claims === undefined) throw new AppError('service.auth_unavailable');
  return await describe(deps, claims, session.user.email ?? '', session);
}

const NAMES = 'select username::text, full_name from public.profiles where id = $1';

/** Who signed in, with the names that the sign-up trigger gave, and the tokens if there are any to pass on. */
async function describe(
  deps: Deps,
  claims: Claims,
  email: string,
  session: UpstreamSession | null,
): Promise<AuthResponse> {
  const { user_id, expires_at } = claims;
  const [profile] = await deps.db.asUser(
    claims,
    (sql) => sql.query<ProfileNames>(NAMES, [user_id], 'auth.names'),
    'read',
  );
  const user = { id: user_id, email, username: profile?.username ?? null, full_name: profile?.full_name ?? null };
  if (session === null) return { user, session: null };
  const { access_token, refresh_token, expires_in } = session;
  return { user, session: { access_token, refresh_token, token_type: 'bearer', expires_in, expires_at } };
}

interface ProfileNames {
  readonly username: string;
  readonly full_name: string | null;
}

/** Waits until the request has taken at least the configured time. */
async function floor({ clock, config }: Deps, startedAt_ms: number): Promise<void> {
  const rest_ms = config.auth_floor_ms - (clock() - startedAt_ms);
  if (rest_ms > 0) await new Promise((resolve) => setTimeout(resolve, rest_ms));
}

/** To whoever holds a refresh token, a dead session, a deleted user and a malformed token are the same: sign in again. */
function asRefreshError(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const same = ['auth.session_revoked', 'auth.token_invalid', 'auth.invalid_credentials', 'request.unprocessable'];
  return same.includes(error.code) ? new AppError('auth.refresh_token_invalid', { cause: error }) : error;
}
