import { expect, test } from 'vitest';
import { freshName, type TestConnection, withRollback } from '../../support/database.ts';

const CODE = 'correct horse battery';
const ANY_ID = '00000000-0000-7000-8000-000000000000';

/** What a call of an operator's function is about. */
interface Cast {
  readonly person: string;
  readonly operator: string;
  readonly other: string;
  readonly transfer: string;
  /** A correction that waits to be decided. */
  readonly correction: string;
}

/** Every function of `admin` that takes a reason, with all arguments before it. */
const CALLS: Readonly<Record<string, (cast: Cast) => readonly unknown[]>> = {
  add_operator: () => [freshName('op'), CODE],
  remove_operator: ({ other }) => [other],
  propose_correction: ({ operator, person }) => [operator, CODE, person, 'credit', '1', 'USD'],
  approve_correction: ({ correction, other }) => [correction, other, CODE],
  reject_correction: ({ correction, other }) => [correction, other, CODE],
  fund_wallet: ({ person }) => [person, '1', 'USD'],
  freeze_wallet: ({ person }) => [person, 'out'],
  set_limits: ({ person }) => [person, 'USD', '1', null, null],
  set_fee: () => ['USD', 'transfer', 1, null, null, null, 'sender'],
  remove_fee: () => ['USD', 'transfer'],
  stop_withdrawals: () => [],
  resume_withdrawals: () => [],
  switch_withdrawals: () => [true],
  retry_provider_event: () => ['fake', ANY_ID],
  reverse_transfer: ({ transfer }) => [transfer],
  send_notice: ({ person }) => [person, 'Maintenance', 'On Sunday at two'],
  require_reason: () => [],
  decide_verification_request: ({ operator }) => [ANY_ID, operator, CODE, true],
  take_verification: ({ person, operator }) => [person, 'verification', operator, CODE],
  decide_report: ({ operator }) => [ANY_ID, operator, CODE, 'upheld'],
  restore_post: ({ operator }) => [ANY_ID, operator, CODE],
};

async function castOf(db: TestConnection): Promise<Cast> {
  const person = await db.signUp();
  const [operator, other] = [freshName('op'), freshName('op')];
  for (const name of [operator, other]) await db.query("select admin.add_operator($1, $2, 'joined')", [name, CODE]);
  const transfer = await db.fund(person, '5');
  const { id } = await db.one<{ id: string }>(
    "select admin.propose_correction($1, $2, $3, 'credit', '1', 'USD', 'booked twice') as id",
    [operator, CODE, person.username],
  );
  return { person: person.username, operator, other, transfer, correction: id };
}

test.each(Object.entries(CALLS))(
  '%s needs a reason of 3 to 1,000 characters (admin.reason_required)',
  (name, valuesOf) =>
    withRollback(async (db) => {
      const values = valuesOf(await castOf(db));
      const sql = `select admin.${name}(${[...values, ''].map((_, i) => `$${i + 1}`).join(', ')})`;
      for (const reason of [null, '', 'no', '  no  ', 'x'.repeat(1001)]) {
        expect(await db.refusal(sql, [...values, reason])).toMatchObject({
          sqlstate: 'PT422',
          code: 'admin.reason_required',
          hint: expect.stringMatching(/\S/),
        });
      }
    }),
);

test('no function of admin that takes a reason is left out of this file', () =>
  withRollback(async (db) => {
    const taking = await db.query<{ name: string }>(
      "select proname::text as name from pg_proc where pronamespace = 'admin'::regnamespace and 'p_reason' = any (proargnames)",
    );
    expect(taking.map(({ name }) => name).sort()).toEqual([...Object.keys(CALLS), 'log'].sort());
  }));
