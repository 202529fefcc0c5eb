import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

/** What the Realtime server does when `person` joins `topic`: writes a message there and looks whether they may read it. */
async function mayHear(db: TestConnection, person: Person | null, topic: string, extension = 'broadcast') {
  await db.as({ role: 'postgres' });
  const { id } = await db.one<{ id: string }>(
    'insert into realtime.messages (topic, extension) values ($1, $2) returning id',
    [topic, extension],
  );
  await db.as(person === null ? { role: 'anon' } : { role: 'authenticated', sub: person.id });
  await db.query(`select set_config('realtime.topic', $1, true)`, [topic]);
  return (await db.query('select from realtime.messages where id = $1', [id])).length === 1;
}

test('a person may hear the topic of their own wallet, and no other', () =>
  withRollback(async (db) => {
    const [ana, ben] = [await db.signUp(), await db.signUp()];
    expect(await mayHear(db, ana, `wallet:${ana.id}`)).toBe(true);
    expect(await mayHear(db, ben, `wallet:${ana.id}`)).toBe(false);
    expect(await mayHear(db, null, `wallet:${ana.id}`)).toBe(false);
    expect(await mayHear(db, ana, `wallet:${ana.id}`, 'presence')).toBe(false);
    expect(await mayHear(db, ana, 'wallet:')).toBe(false);
    expect(await mayHear(db, null, 'wallet:')).toBe(false);
  }));

test('whoever is on their own topic sees no message of another', () =>
  withRollback(async (db) => {
    const [ana, ben] = [await db.signUp(), await db.signUp()];
    await db.query(`select realtime.send('{"secret": true}', 'wallet_changed', $1, true)`, [`wallet:${ben.id}`]);
    expect(await mayHear(db, ana, `wallet:${ana.id}`)).toBe(true);
    expect(await db.query('select from realtime.messages where topic <> $1', [`wallet:${ana.id}`])).toEqual([]);
  }));

test('nobody but the database may send to a wallet’s topic', () =>
  withRollback(async (db) => {
    const ana = await db.signUp();
    await db.as({ role: 'authenticated', sub: ana.id });
    const refused = await db.refusal(`insert into realtime.messages (topic, extension) values ($1, 'broadcast')`, [
      `wallet:${ana.id}`,
    ]);
    expect(refused.sqlstate).toBe('42501');
    const call = await db.refusal(`select app_private.broadcast_wallet('[]')`);
    expect(call.sqlstate).toBe('42501');
  }));

test('a broadcast goes to those named, with their balances of the currencies named', () =>
  withRollback(async (db) => {
    const [ana, ben] = [await db.signUp(), await db.signUp()];
    await db.fund(ana, '10.00');
    await db.fund(ana, '5', 'JPY');
    const change = { type: 'wallet.frozen_changed', id: ana.id };
    await db.as({ role: 'astra_worker' });
    const { sent } = await db.one('select app_private.broadcast_wallet($1) as sent', [
      JSON.stringify([
        { user_id: ana.id, currencies: ['USD'], changes: [change], more: false },
        { user_id: ben.id, currencies: [], changes: [change], more: true },
      ]),
    ]);
    expect(sent).toBe(2);
    await db.as({ role: 'postgres' });
    const rows = await db.query<{ topic: string; payload: unknown }>(
      'select topic, payload from realtime.messages where topic in ($1, $2)',
      [`wallet:${ana.id}`, `wallet:${ben.id}`],
    );
    const payloads = Object.fromEntries(rows.map(({ topic, payload }) => [topic, payload]));
    expect(payloads[`wallet:${ana.id}`]).toMatchObject({
      changes: [change],
      more: false,
      wallets: [{ currency: 'USD', balance: '10.00', pending_balance: '0.00', frozen: 'none' }],
      as_of: expect.stringMatching(/\+00:00$/),
    });
    expect(payloads[`wallet:${ben.id}`]).toMatchObject({ changes: [change], more: true, wallets: [] });
  }));
