import { DatabaseError } from 'pg';
import { command } from '../sql/wallet/support.ts';
import type { Person, TestConnection } from '../support/database.ts';

/** The SQLSTATE of a statement, or `done`; the transaction goes on as before. */
export async function outcome(db: TestConnection, sql: string, values: readonly unknown[] = []): Promise<string> {
  await db.query('savepoint attempt');
  try {
    await db.query(sql, values);
    return 'done';
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return error.code ?? '';
  } finally {
    await db.query('rollback to savepoint attempt');
  }
}

/** Somebody with money in every state, the one who deals with them, and a third who has nothing to do with it. */
export async function cast(
  db: TestConnection,
): Promise<[owner: Person, partner: Person, other: Person, session: string]> {
  const [owner, partner, other] = [await db.signUp(), await db.signUp(), await db.signUp()];
  for (const person of [owner, partner, other]) await db.fund(person, '100');
  const amount = { amount: '1', currency: 'USD' };
  await command(db, 'place_hold', owner, { ...amount, recipient: partner.id });
  await command(db, 'request_payment', owner, { ...amount, payer: partner.id });
  const account = { provider: 'fake', provider_token: 'tok', kind: 'bank_account', currency: 'USD' };
  const { id: linked_account_id } = await command(db, 'link_account', owner, account);
  await command(db, 'withdraw', owner, { ...amount, linked_account_id });
  await command(db, 'open_deposit', owner, { ...amount, provider: 'fake' });
  return [owner, partner, other, await db.signIn(owner)];
}
