import { expect, test } from 'vitest';
import { connect, freshName, type TestConnection } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { ownStores } from './stores.ts';

interface Message {
  readonly topic: string;
  readonly event: string;
  readonly private: boolean;
  readonly payload: { readonly changes: { type: string }[]; readonly wallets: unknown[]; readonly more: boolean };
}

function messagesTo(db: TestConnection, user: { id: string }): Promise<Message[]> {
  return db.query<Message>(
    'select topic, event, private, payload from realtime.messages where topic = $1 order by inserted_at',
    [`wallet:${user.id}`],
  );
}

test('after a transfer payer and payee are told with their balances, and nobody else', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const people = [];
  for (let count = 0; count < 3; count += 1) people.push(await db.signUp({ username: freshName() }));
  const [ana, ben, eve] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
  await db.fund(ana, '10.00');
  await db.query(`select app_private.post_transaction($1, null, null, $2, '2.50', 'USD', 'Tea', null)`, [
    ana.id,
    ben.id,
  ]);
  await stores.start();
  const told = (user: { id: string }) =>
    eventually('they are told', async () => {
      const all = await messagesTo(db, user);
      const last = all.at(-1);
      return last?.payload.changes.some((change) => 'direction' in change && change.type.includes('transfer')) && last;
    });
  expect(await told(ben)).toMatchObject({
    ...{ event: 'wallet_changed', private: true },
    payload: {
      changes: [{ type: 'wallet.transfer_completed', direction: 'income', amount: '2.50', counterparty_id: ana.id }],
      wallets: [{ currency: 'USD', balance: '2.50', pending_balance: '0.00', frozen: 'none' }],
      more: false,
    },
  });
  const { payload } = await told(ana);
  expect(payload.changes.at(-1)).toMatchObject({ direction: 'expense', amount: '2.50', counterparty_id: ben.id });
  expect(payload.wallets).toMatchObject([{ balance: '7.50' }]);
  expect(await messagesTo(db, eve)).toEqual([]);
  const topics = await db.query("select distinct topic from realtime.messages where topic not like 'notifications:%'");
  expect(topics).toHaveLength(2);
});

test('a hold is told to both when it is placed and when it is captured', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [ana, ben] = [await db.signUp({ username: freshName() }), await db.signUp({ username: freshName() })];
  await db.fund(ana, '10.00');
  const { hold } = await db.one<{ hold: { id: string } }>('select ledger.place_hold($1, $2) as hold', [
    ana.id,
    { recipient: ben.id, amount: '4.00', currency: 'USD' },
  ]);
  await db.query('select ledger.capture_hold($1, $2)', [ben.id, { id: hold.id, amount: '3.00' }]);
  await stores.start();
  for (const person of [ana, ben]) {
    const changes = await eventually('they are told', async () => {
      const all = (await messagesTo(db, person)).flatMap(({ payload }) => payload.changes);
      return all.some(({ type }) => type === 'wallet.hold_resolved') && all;
    });
    expect(changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'wallet.hold_placed', id: hold.id, amount: '4.00' }),
        expect.objectContaining({ type: 'wallet.hold_resolved', state: 'captured', captured_amount: '3.00' }),
        expect.objectContaining({ type: 'wallet.transfer_completed', kind: 'capture', amount: '3.00' }),
      ]),
    );
  }
});
