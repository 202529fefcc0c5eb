import { describe, expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { type TestConnection, withRollback } from '../../support/database.ts';
import { command, link, linkArguments, refusedCommand, tell, withdrawal } from '../../support/wallet.ts';

const claim = async (db: TestConnection, ...providers: string[]) =>
  await db.query<{ id: string; provider_token: string; attempts: number }>(
    "select * from app_private.claim_unlinked_accounts($1, 1000, '1 minute')",
    [providers.length === 0 ? ['fake'] : providers],
  );
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

describe('linked accounts', () => {
  test.each([
    'DE89 3704 0044 0532 0130 00',
    'gb29NWBK60161331926819',
    '12345678',
    'acct 1234 5678',
    '4242-4242-4242-4242',
  ])('refuses %s, which is no token (wallet.raw_account_number)', (token) =>
    withRollback(async (db) => {
      const refusal = await db.refusal(...refusedCommand('link_account', await db.signUp(), linkArguments(token)));
      expect(refusal).toMatchObject({ sqlstate: 'PT422', code: 'wallet.raw_account_number' });
      expect(refusal.message).not.toContain(token);
    }),
  );

  test('the same token again is the same account, and a new one after it was removed', () =>
    withRollback(async (db) => {
      const person = await db.signUp();
      const first = await command(db, 'link_account', person, linkArguments('ba_same'));
      expect(await command(db, 'link_account', person, linkArguments('ba_same'))).toEqual(first);
      expect(first).not.toHaveProperty('provider_token');
      expect(await command(db, 'unlink_account', person, { id: first['id'] })).toEqual({
        id: first['id'],
        removed: true,
      });
      const again = await command(db, 'link_account', person, linkArguments('ba_same'));
      expect(again['id']).not.toBe(first['id']);
    }));

  test('refuses an eleventh account (wallet.linked_account_limit)', () =>
    withRollback(async (db) => {
      const person = await db.signUp();
      for (let i = 0; i < 10; i++) await link(db, person);
      expect(await db.refusal(...refusedCommand('link_account', person, linkArguments()))).toMatchObject({
        sqlstate: 'PT422',
        code: 'wallet.linked_account_limit',
      });
    }));

  test('nobody removes or withdraws to the account of somebody else (wallet.linked_account_not_found)', () =>
    withRollback(async (db) => {
      const [owner, other] = [await db.signUp(), await db.signUp()];
      await db.fund(other, '10');
      const id = await link(db, owner);
      const withdraw = { linked_account_id: id, amount: '1', currency: 'USD' };
      for (const refused of [
        refusedCommand('unlink_account', other, { id }),
        refusedCommand('withdraw', other, withdraw),
      ]) {
        expect(await db.refusal(...refused)).toMatchObject({
          sqlstate: 'PT404',
          code: 'wallet.linked_account_not_found',
        });
      }
    }));

  test('stays while a withdrawal to it is on its way (wallet.linked_account_in_use)', () =>
    withRollback(async (db) => {
      const [person, w] = await withdrawal(db);
      const { linked_account_id: id } = await db.one('select linked_account_id from public.withdrawals where id = $1', [
        w.id,
      ]);
      const refusal = await db.refusal(...refusedCommand('unlink_account', person, { id }));
      expect(refusal).toMatchObject({ sqlstate: 'PT409', code: 'wallet.linked_account_in_use' });
      const paid = { reference: w.id, provider_reference: 'po', amount_minor: '4000', currency: 'USD' };
      await tell(db, 'e', 'payout.paid', paid);
      await command(db, 'unlink_account', person, { id });
    }));
});

describe('removed accounts', () => {
  test('a removed account is claimed for a while, with its token, by workers that have its provider', () =>
    withRollback(async (db) => {
      const person = await db.signUp();
      const { id } = await command<{ id: string }>(db, 'link_account', person, linkArguments('ba_gone'));
      const kept = await link(db, person);
      expect(idsOf(await claim(db))).not.toContain(id);
      await command(db, 'unlink_account', person, { id });
      await db.as({ role: 'astra_worker' });
      expect(idsOf(await claim(db, 'another'))).not.toContain(id);
      const mine = await claim(db);
      expect(mine.find((row) => row.id === id)).toMatchObject({ provider_token: 'ba_gone', attempts: 1 });
      expect(idsOf(mine)).not.toContain(kept);
      expect(idsOf(await claim(db))).not.toContain(id);
      expect(await db.one("select app_private.unlink_retry($1, 'away', '-1 second') as again", [id])).toEqual({
        again: true,
      });
      expect((await claim(db)).find((row) => row.id === id)).toMatchObject({ attempts: 2 });
    }));

  test('once its provider has forgotten it, its token is forgotten, once', () =>
    withRollback(async (db) => {
      const person = await db.signUp();
      const id = await link(db, person);
      const done = 'select app_private.account_unlinked($1) as done';
      expect(await db.one(done, [id])).toEqual({ done: false });
      await command(db, 'unlink_account', person, { id });
      expect(await db.one(done, [id])).toEqual({ done: true });
      expect(await db.one(done, [id])).toEqual({ done: false });
      expect(await db.one('select provider_token from ledger.linked_accounts where id = $1', [id])).toEqual({
        provider_token: null,
      });
      expect(idsOf(await claim(db))).not.toContain(id);
    }));

  test('an account that is linked again is not taken away', () =>
    withRollback(async (db) => {
      const person = await db.signUp();
      const { id } = await command<{ id: string }>(db, 'link_account', person, linkArguments('acct_same'));
      await command(db, 'unlink_account', person, { id });
      const again = await command<{ id: string }>(db, 'link_account', person, linkArguments('acct_same'));
      expect(again.id).not.toBe(id);
      expect((await claim(db)).filter((row) => row.provider_token === 'acct_same')).toEqual([]);
    }));

  test('an account of somebody who left keeps its token while a withdrawal to it is on its way', () =>
    withRollback(async (db) => {
      const [person, w] = await withdrawal(db);
      await db.query('delete from auth.users where id = $1', [person.id]);
      const { id } = await db.one<{ id: string }>('select id from ledger.linked_accounts where owner = $1', [
        person.id,
      ]);
      expect(idsOf(await claim(db))).not.toContain(id);
      await db.query("select app_private.withdrawal_submitted($1, 'po')", [w.id]);
      expect(idsOf(await claim(db))).not.toContain(id);
      const paid = { reference: w.id, provider_reference: 'po', amount_minor: '4000', currency: 'USD' };
      expect(await tell(db, 'e', 'payout.paid', paid)).toBe('applied');
      expect(idsOf(await claim(db))).toContain(id);
    }));

  test('an account in use has its token, whoever writes', () =>
    withRollback(async (db) => {
      const id = await link(db, await db.signUp());
      const refused = await db.refusal('update ledger.linked_accounts set provider_token = null where id = $1', [id]);
      expect(refused.sqlstate).toBe('23514');
    }));

  test('two workers never claim the same account', async () => {
    await using database = await cloneDatabase();
    const [one, other] = [await database.connect(), await database.connect()];
    const person = await one.signUp();
    const id = await link(one, person);
    await command(one, 'unlink_account', person, { id });
    await one.query('begin');
    expect(idsOf(await claim(one))).toEqual([id]);
    expect(await claim(other)).toEqual([]);
    await one.query('rollback');
    expect(idsOf(await claim(other))).toEqual([id]);
  });
});
