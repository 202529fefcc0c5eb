import type { z } from 'zod';
import type { sessionItem } from '../../contracts/api/auth.ts';
import { AppError } from '../../contracts/errors.ts';
import type { Transaction } from '../_shared/db.ts';
import type { Deps } from '../_shared/deps.ts';
import type { Claims } from '../_shared/tokens.ts';

type SessionItem = z.infer<typeof sessionItem>;

const ASSERT = 'select app_private.assert_session($1, $2)';
const LIST = 'select id, created_at, last_active_at, user_agent, ip from app_private.list_sessions($1)';
const REVOKE = 'select app_private.revoke_session($1, $2) as revoked';
const REVOKE_OTHERS = 'select id from app_private.revoke_other_sessions($1, $2) as id';

/** The user's live sessions; `current` marks the one that asks. */
export async function listSessions(deps: Deps, claims: Claims): Promise<SessionItem[]> {
  const rows = await deps.db.asApi(async (tx) => {
    await tx.query(ASSERT, [claims.user_id, claims.session_id]);
    return await tx.query<Omit<SessionItem, 'current'>>(LIST, [claims.user_id]);
  });
  return rows.map((row) => ({ ...row, current: row.id === claims.session_id }));
}

/**
 * Ends one of the user's sessions. Postgres first, Redis after the commit: a key for a session that still lives would lock a user out.
 * Throws auth.session_not_found for any other id, foreign ones included.
 */
export async function endSession(deps: Deps, claims: Claims, sessionId: string): Promise<void> {
  const revoked = await deps.db.asApi(async (tx) => {
    await tx.query(ASSERT, [claims.user_id, claims.session_id]);
    return await revoke(tx, claims.user_id, sessionId);
  });
  if (!revoked) throw new AppError('auth.session_not_found');
  await deps.revocations.remember([sessionId], claims.lifetime_s);
}

/** Ends this session, all others, or all. */
export async function endSessions(deps: Deps, claims: Claims, scope: 'local' | 'others' | 'global'): Promise<void> {
  const { user_id, session_id } = claims;
  const ended = await deps.db.asApi(async (tx) => {
    await tx.query(ASSERT, [user_id, session_id]);
    const others = scope === 'local' ? [] : await tx.query<{ id: string }>(REVOKE_OTHERS, [user_id, session_id]);
    if (scope !== 'others') await revoke(tx, user_id, session_id);
    return [...others.map(({ id }) => id), ...(scope === 'others' ? [] : [session_id])];
  });
  await deps.revocations.remember(ended, claims.lifetime_s);
}

async function revoke(tx: Transaction, userId: string, sessionId: string): Promise<boolean> {
  const [row] = await tx.query<{ revoked: boolean }>(REVOKE, [userId, sessionId]);
  return row?.revoked === true;
}
