import { expect, test } from 'vitest';
import { applyMigrations } from '../../../scripts/db/migrate.ts';
import { emptyDatabase } from '../../support/clone-database.ts';

test('a ledger from before holds and hash chains is carried over: amounts, freezes and a chain that verifies', async () => {
  await using database = await emptyDatabase();
  await applyMigrations(database.url, () => undefined, '20261122175942');
  const before = await database.connect();
  const ana = await before.signUp();
  const ben = await before.signUp();
  await before.fund(ana, '100.00');
  await before.query(
    "select * from app_private.post_transaction($1, null, '\\x', $2, '12.50', 'USD', 'Lunch', 'food')",
    [ana.id, ben.username],
  );
  await before.query("select admin.set_wallet_frozen($1, true, 'for a test')", [ben.username]);

  await applyMigrations(database.url, () => undefined);

  const after = await database.connect();
  expect(await after.query('select invariant from ledger.audit() where violations > 0')).toEqual([]);
  expect(
    await after.query('select user_id, balance, frozen from public.wallet where user_id = any ($1) order by balance', [
      [ana.id, ben.id],
    ]),
  ).toEqual([
    { user_id: ben.id, balance: '12.50', frozen: 'out' },
    { user_id: ana.id, balance: '87.50', frozen: 'none' },
  ]);
});
