import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type TestConnection, withRollback } from '../../support/database.ts';
import { command, money, type ProviderEventBody, tell } from '../../support/wallet.ts';

/** An event as it was kept some days ago. */
async function keep(db: TestConnection, outcome: string, days: number): Promise<string> {
  const id = `evt_${randomUUID()}`;
  await db.query(
    `insert into ledger.provider_events (provider, event_id, type, payload, outcome, received_at)
     values ('fake', $1, 'x', '{}', $2, now() - $3 * interval '1 day')`,
    [id, outcome, days],
  );
  return id;
}

const left = async (db: TestConnection, id: string) =>
  (await db.query('select from ledger.provider_events where event_id = $1', [id])).length === 1;

async function prune(db: TestConnection): Promise<void> {
  await db.as({ role: 'astra_worker' });
  await db.query('select app_private.prune_provider_events()');
  await db.as({ role: 'postgres' });
}

test.each(['ignored', 'already_applied'])('an event that changed nothing (%s) is kept for 90 days', (outcome) =>
  withRollback(async (db) => {
    const [old, young] = [await keep(db, outcome, 91), await keep(db, outcome, 89)];
    await prune(db);
    expect([await left(db, old), await left(db, young)]).toEqual([false, true]);
  }),
);

test.each(['applied', 'contradicts', 'amount_differs', 'wallet_unavailable', 'unknown_reference', 'beyond_the_books'])(
  'an event with the outcome %s is kept for ever (ledger.append_only)',
  (outcome) =>
    withRollback(async (db) => {
      const id = await keep(db, outcome, 4_000);
      await prune(db);
      expect(await left(db, id)).toBe(true);
      const refused = await db.refusal('delete from ledger.provider_events where event_id = $1', [id]);
      expect(refused.code).toBe('ledger.append_only');
    }),
);

test('a copy is known for as long as its event is kept, and changes nothing after that', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    const args = { amount: '25.00', currency: 'USD', provider: 'fake' };
    const { id } = await command<{ id: string }>(db, 'open_deposit', person, args);
    const paid = { reference: id, provider_reference: 'pi', amount_minor: '2500', currency: 'USD' };
    expect(await tell(db, 'first', 'deposit.succeeded', paid)).toBe('applied');
    expect(await tell(db, 'second', 'deposit.succeeded', paid)).toBe('already_applied');
    const ignored = await keep(db, 'ignored', 91);
    const nothing = {} as ProviderEventBody;
    expect(await tell(db, ignored, 'x', nothing)).toBe('duplicate');
    await prune(db);
    expect(await tell(db, ignored, 'x', nothing)).toBe('ignored');
    expect(await tell(db, 'first', 'deposit.succeeded', paid)).toBe('duplicate');
    expect(await tell(db, 'second', 'deposit.succeeded', paid)).toBe('duplicate');
    expect(await money(db, person)).toEqual(['25.00', '0.00']);
  }));
