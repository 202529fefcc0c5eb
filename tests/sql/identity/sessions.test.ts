import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

const ASSERT = 'select app_private.assert_session($1, $2) as live';

function withSession<T>(fn: (db: TestConnection, user: Person, session: string) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    const user = await db.signUp();
    const session = await db.signIn(user);
    await db.as({ role: 'astra_api' });
    return await fn(db, user, session);
  });
}

test('a live session passes', () =>
  withSession(async (db, user, session) => {
    expect(await db.one(ASSERT, [user.id, session])).toEqual({ live: true });
  }));

test('refuses a session that is unknown, null or of somebody else (auth.session_revoked)', () =>
  withSession(async (db, user, session) => {
    for (const [who, which] of [
      [user.id, randomUUID()],
      [user.id, null],
      [randomUUID(), session],
    ]) {
      expect(await db.refusal(ASSERT, [who, which])).toMatchObject({ sqlstate: 'PT401', code: 'auth.session_revoked' });
    }
  }));

test('refuses a session past its end (auth.session_revoked)', () =>
  withSession(async (db, user, session) => {
    await db.as({ role: 'postgres' });
    await db.query("update auth.sessions set not_after = now() - interval '1 second' where id = $1", [session]);
    await db.as({ role: 'astra_api' });
    expect(await db.refusal(ASSERT, [user.id, session])).toMatchObject({ code: 'auth.session_revoked' });
    expect(await db.query('select id from app_private.list_sessions($1)', [user.id])).toEqual([]);
  }));

test('refuses the sessions of a banned user until the ban is over (auth.user_banned)', () =>
  withSession(async (db, user, session) => {
    const ban = 'update auth.users set banned_until = now() + $2::interval where id = $1';
    await db.as({ role: 'postgres' });
    await db.query(ban, [user.id, '1 hour']);
    await db.as({ role: 'astra_api' });
    expect(await db.refusal(ASSERT, [user.id, session])).toMatchObject({ sqlstate: 'PT403', code: 'auth.user_banned' });
    await db.as({ role: 'postgres' });
    await db.query(ban, [user.id, '-1 second']);
    await db.as({ role: 'astra_api' });
    expect(await db.one(ASSERT, [user.id, session])).toEqual({ live: true });
  }));

test('lists the living sessions with where they come from', () =>
  withSession(async (db, user, session) => {
    expect(await db.query('select id, user_agent, ip from app_private.list_sessions($1)', [user.id])).toEqual([
      { id: session, user_agent: 'test', ip: '192.0.2.7' },
    ]);
  }));

test('a revoked session is refused at once (auth.session_revoked)', () =>
  withSession(async (db, user, session) => {
    const revoke = 'select app_private.revoke_session($1, $2) as revoked';
    expect(await db.one(revoke, [randomUUID(), session])).toEqual({ revoked: false });
    expect(await db.one(revoke, [user.id, session])).toEqual({ revoked: true });
    expect(await db.one(revoke, [user.id, session])).toEqual({ revoked: false });
    expect(await db.refusal(ASSERT, [user.id, session])).toMatchObject({ code: 'auth.session_revoked' });
  }));

test('revoking the others keeps this session', () =>
  withSession(async (db, user, session) => {
    await db.as({ role: 'postgres' });
    const other = await db.signIn(user);
    await db.as({ role: 'astra_api' });
    const revoked = await db.query('select app_private.revoke_other_sessions($1, $2) as id', [user.id, session]);
    expect(revoked).toEqual([{ id: other }]);
    expect(await db.query('select id from app_private.list_sessions($1)', [user.id])).toEqual([{ id: session }]);
  }));
