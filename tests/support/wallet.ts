import { randomUUID } from 'node:crypto';
import type { Person, TestConnection } from './database.ts';

/** A withdrawal as its owner sees it. */
export interface Withdrawal {
  readonly id: string;
  readonly amount: string;
  readonly fee: string;
  readonly state: string;
  readonly failure: string | null;
}

export interface ProviderEventBody {
  readonly reference: string;
  readonly provider_reference: string;
  readonly amount_minor: string;
  readonly currency: string;
  readonly reason?: string;
}

/** Runs a command of the wallet as its dispatcher does, without session and key. Must run as postgres. */
export async function command<T = Record<string, unknown>>(
  db: TestConnection,
  operation: string,
  person: Person,
  args: Record<string, unknown>,
): Promise<T> {
  const { body } = await db.one<{ body: T }>(`select ledger.${operation}($1, $2) as body`, [person.id, args]);
  return body;
}

/** The SQL and values of a command that is to be refused. */
export function refusedCommand(operation: string, person: Person, args: Record<string, unknown>): [string, unknown[]] {
  return [`select ledger.${operation}($1, $2)`, [person.id, args]];
}

export function linkArguments(token = `ba_${randomUUID().replaceAll(/[\d-]/g, '')}`): Record<string, unknown> {
  return {
    provider: 'fake',
    provider_token: token,
    kind: 'bank_account',
    bank_name: 'Bank',
    last4: '6789',
    currency: 'USD',
  };
}

/** Links an account and gives its id. */
export async function link(db: TestConnection, person: Person, currency = 'USD'): Promise<string> {
  return (await command<{ id: string }>(db, 'link_account', person, { ...linkArguments(), currency })).id;
}

/** Somebody with money and a withdrawal of it. */
export async function withdrawal(db: TestConnection, amount = '40.00'): Promise<[Person, Withdrawal]> {
  const person = await db.signUp();
  await db.fund(person, '100.00');
  const linked_account_id = await link(db, person);
  return [person, await command<Withdrawal>(db, 'withdraw', person, { linked_account_id, amount, currency: 'USD' })];
}

/** Tells what a provider's webhook told, as the API's role does, and gives what came of it. */
export async function tell(
  db: TestConnection,
  event_id: string,
  type: string,
  body: ProviderEventBody,
): Promise<string> {
  const sql = "select app_private.apply_provider_event('fake', $1, $2, $3) as outcome";
  return (await db.one<{ outcome: string }>(sql, [event_id, type, body])).outcome;
}

/** Balance and pending balance of a wallet. */
export async function money(db: TestConnection, person: Person, currency = 'USD'): Promise<[string, string]> {
  const sql = 'select balance, pending_balance from public.wallet where user_id = $1 and currency = $2';
  const row = await db.one<{ balance: string; pending_balance: string }>(sql, [person.id, currency]);
  return [row.balance, row.pending_balance];
}

/** Names of the invariants that do not hold; also fires what waits for the commit. */
export async function broken(db: TestConnection): Promise<string[]> {
  await db.query('set constraints all immediate');
  await db.query('set constraints all deferred');
  return (await db.query<{ invariant: string }>('select invariant from admin.ledger_audit where not ok')).map(
    (row) => row.invariant,
  );
}
