import { describe, expect, test } from 'vitest';
import { freshName, type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { command } from '../wallet/support.ts';
import { ask, claim, type Job, refusalOf, remove, stateOf, toldOf } from './jobs.ts';

describe('a deletion', () => {
  test('waits for seven days, is the same job when asked again, and can be taken back', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      const job = await ask(db, 'request_deletion', ana);
      expect(Date.parse(job.run_after) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
      expect(await ask(db, 'request_deletion', ana)).toEqual(job);
      expect(
        await db.query("select from app_private.claim_account_jobs(100, '1 minute') where id = $1", [job.id]),
      ).toEqual([]);
      expect(await ask(db, 'cancel_deletion', ana)).toMatchObject({ id: job.id, state: 'cancelled' });
      expect(await refusalOf(db, 'cancel_deletion', ana)).toMatchObject({ code: 'users.deletion_not_found' });
      expect(await toldOf(db, ana)).toEqual(['user.deletion_requested', 'user.deletion_cancelled']);
    }));

  test.each([
    ['there is money', async () => undefined],
    [
      'money is held',
      (db: TestConnection, ana: Person, ben: Person) =>
        command(db, 'place_hold', ana, { amount: '10', currency: 'USD', recipient: ben.username }),
    ],
    [
      'a withdrawal is on its way',
      async (db: TestConnection, ana: Person) => {
        const account = { provider: 'fake', provider_token: 'tok', kind: 'bank_account', currency: 'USD' };
        const { id: linked_account_id } = await command(db, 'link_account', ana, account);
        await command(db, 'withdraw', ana, { amount: '10', currency: 'USD', linked_account_id });
      },
    ],
  ])('is refused while %s (users.account_has_money)', (what, arrange) =>
    withRollback(async (db) => {
      const [ana, ben] = [await db.signUp(), await db.signUp()];
      await db.fund(ana, '10');
      await arrange(db, ana, ben);
      const refusal = await refusalOf(db, 'request_deletion', ana);
      expect(refusal).toMatchObject({ sqlstate: 'PT409', code: 'users.account_has_money' });
      expect(refusal.message).toContain(what);
    }),
  );

  test('is refused while a deposit of today is on its way, and not for a checkout that nobody finished', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      await command(db, 'open_deposit', ana, { amount: '10', currency: 'USD', provider: 'fake' });
      expect(await refusalOf(db, 'request_deletion', ana)).toMatchObject({ code: 'users.account_has_money' });
      await db.query("update ledger.deposits set created_at = now() - interval '25 hours' where owner = $1", [ana.id]);
      expect(await ask(db, 'request_deletion', ana)).toMatchObject({ state: 'queued' });
    }));

  test('fails when money came in meanwhile, and its person is told', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      const job = await ask(db, 'request_deletion', ana);
      await db.fund(ana, '1');
      expect(await remove(db, job)).toBe('refused');
      expect(await stateOf(db, job)).toEqual({ state: 'failed', reason: 'users.account_has_money' });
      expect(await db.query('select from auth.users where id = $1', [ana.id])).toHaveLength(1);
      expect(await toldOf(db, ana)).toEqual(['user.deletion_requested', 'user.deletion_refused']);
    }));

  test('does not happen when it is taken back while a worker has it', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      const job = await ask(db, 'request_deletion', ana);
      const attempts = await claim(db, job);
      await ask(db, 'cancel_deletion', ana);
      expect(await db.one('select app_private.delete_account($1, $2) as was', [job.id, attempts])).toEqual({
        was: 'taken',
      });
      expect(await db.query('select from auth.users where id = $1', [ana.id])).toHaveLength(1);
    }));

  test('leaves the ledger in order and nothing of the person: no row, no fact in an event, no session', () =>
    withRollback(async (db) => {
      const [ana, ben] = [await db.signUp({ username: freshName(), full_name: 'Ana Perez' }), await db.signUp()];
      await db.signIn(ana);
      await db.fund(ana, '10');
      const linked = { provider: 'fake', provider_token: 'tok', kind: 'bank_account', currency: 'USD', last4: '4242' };
      await command(db, 'link_account', ana, { ...linked, bank_name: 'Bank of Ana' });
      await db.query("select app_private.post_transaction($1, null, null, $2, '10', 'USD', 'for lunch', null)", [
        ana.id,
        ben.id,
      ]);
      await db.query('insert into public.follows (follower_id, followee_id) values ($1, $2), ($2, $1)', [
        ana.id,
        ben.id,
      ]);
      await db.query(
        "insert into public.posts (author_id, content, status, published_at) values ($1, 'mine', 'published', now())",
        [ana.id],
      );
      const job = await ask(db, 'request_deletion', ana);
      expect(await remove(db, job)).toBe('deleted');
      await db.query('select app_private.forget_person($1)', [ana.id]);

      for (const [table, column] of [
        ['auth.users', 'id'],
        ['auth.sessions', 'user_id'],
        ['public.profiles', 'id'],
        ['public.account_settings', 'user_id'],
        ['public.follows', 'follower_id'],
        ['public.follows', 'followee_id'],
        ['public.posts', 'author_id'],
        ['app_private.former_usernames', 'user_id'],
      ]) {
        expect(await db.query(`select from ${table} where ${column} = $1`, [ana.id]), table).toEqual([]);
      }
      const events = await db.query(
        "select payload from app_private.outbox_events where payload::text like any (array['%' || $1 || '%', '%' || $2 || '%'])",
        [ana.id, ana.username],
      );
      for (const fact of [ana.username, 'Ana Perez', 'Bank of Ana', '4242', '192.0.2.7']) {
        expect(JSON.stringify(events), fact).not.toContain(fact);
      }
      expect(
        await db.one('select provider_token, bank_name, last4 from ledger.linked_accounts where owner = $1', [ana.id]),
      ).toEqual({ provider_token: 'removed', bank_name: null, last4: null });
      expect(await db.query('select from ledger.entries where owner = $1', [ana.id])).toHaveLength(2);
      expect(await db.query('select * from ledger.audit() where violations > 0')).toEqual([]);
      const counts = await db.one(
        "select followers_count + app_private.pending_count(user_id, 'followers_count') as followers from public.profile_counts where user_id = $1",
        [ben.id],
      );
      expect(counts).toEqual({ followers: '0' });
    }));

  test('keeps the username from others for thirty days, and then it is free', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      expect(await remove(db, await ask(db, 'request_deletion', ana))).toBe('deleted');
      const status = async () =>
        (await db.one<{ s: string }>('select app_private.username_status($1) as s', [ana.username])).s;
      expect(await status()).toBe('taken');
      expect((await db.signUp({ username: ana.username })).username).not.toBe(ana.username);
      await db.query('update app_private.former_usernames set until = now() where username = $1', [ana.username]);
      expect(await status()).toBe('available');
      expect((await db.signUp({ username: ana.username })).username).toBe(ana.username);
    }));

  test('by an operator in another way is cleaned up after by a job', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      await db.query('delete from auth.users where id = $1', [ana.id]);
      const job = await db.one<Job>("select * from public.account_jobs where user_id = $1 and kind = 'deletion'", [
        ana.id,
      ]);
      expect(await remove(db, job)).toBe('deleted');
      expect(await toldOf(db, ana)).toEqual(['user.deleted']);
    }));

  test('does not forget somebody who is still there', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      expect((await refusalOf(db, 'forget_person', ana)).message).toContain('is not deleted');
    }));
});

test('people see their own jobs and nothing that is for the worker', () =>
  withRollback(async (db) => {
    const [ana, ben] = [await db.signUp(), await db.signUp()];
    await ask(db, 'request_export', ana);
    await db.as({ role: 'authenticated', sub: ben.id });
    expect(await db.query('select id from public.account_jobs')).toEqual([]);
    await db.as({ role: 'authenticated', sub: ana.id });
    expect(await db.query('select kind, state, reason from public.account_jobs')).toEqual([
      { kind: 'export', state: 'queued', reason: null },
    ]);
    expect(await db.refusal('select file_path from public.account_jobs')).toMatchObject({ sqlstate: '42501' });
  }));
