import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../support/database.ts';
import { cast, outcome } from './attempts.ts';

const INJECTIONS = [
  "'; drop table ledger.entries; --",
  "' or '1'='1",
  "'); update ledger.accounts set balance_minor = 1; --",
  '$$; select pg_sleep(60); $$',
  "\\'; select 1; --",
  "E'\\x27'",
  '%s %I %L %1$s',
  '"; drop schema ledger cascade; --',
  '{"$gt": ""}',
  '$1',
  '1; commit; drop table ledger.entries',
  `O''Brien\n--\r\n/* `,
  'ʼ OR 1=1 ﹣﹣',
  'x'.repeat(300),
];

type Entry = readonly [role: 'astra_api' | 'astra_worker', sql: string, values: readonly unknown[]];
/** Where the hostile text goes. */
const TEXT = Symbol('text');

const OPERATIONS: Readonly<Record<string, Record<string, unknown>>> = {
  place_hold: { recipient: '$to', amount: '1', currency: 'USD', expires_in_s: 60, description: 'd', category: 'c' },
  capture_hold: { id: '$id', amount: '1' },
  void_hold: { id: '$id' },
  reverse: { id: '$id', reason: 'r' },
  request_payment: { payer: '$to', amount: '1', currency: 'USD', description: 'd', category: 'c' },
  pay_request: { id: '$id' },
  decline_request: { id: '$id' },
  cancel_request: { id: '$id' },
  link_account: {
    provider: 'fake',
    provider_token: 'tok',
    kind: 'card',
    bank_name: 'b',
    last4: '1234',
    currency: 'USD',
  },
  unlink_account: { id: '$id' },
  withdraw: { linked_account_id: '$id', amount: '1', currency: 'USD' },
  open_deposit: { amount: '1', currency: 'USD', provider: 'fake' },
};

/** Every entry point with hostile text in one of its arguments, one after the other. */
function entries(text: string, owner: Person, partner: Person, session: string): Entry[] {
  const each = (role: Entry[0], sql: string, values: readonly unknown[], places: readonly number[]): Entry[] =>
    places.map((place) => [role, sql, values.map((value, i) => (i === place ? text : value))]);
  const batch = [[owner.id], [session], ['k'], ['h'], [partner.id], ['1'], ['USD'], ['d'], ['c']];
  const run = 'select * from app_private.wallet_command($1, $2, $3, $4, $5, $6)';
  const command = (operation: string, args: object): Entry => [
    'astra_api',
    run,
    [owner.id, session, null, null, operation, args],
  ];
  const item = { recipient: partner.id, amount: '1', description: 'd', category: 'c', currency: 'USD' };
  const id = owner.id;
  return [
    ...each(
      'astra_api',
      "select * from app_private.post_transaction($1, $2, 'h', $3, $4, $5, $6, $7)",
      [id, 'k', partner.id, '1', 'USD', 'd', 'c'],
      [1, 2, 3, 4, 5, 6],
    ),
    ...[2, 4, 5, 6, 7, 8].map(
      (place): Entry => [
        'astra_api',
        'select * from app_private.post_transactions($1, $2, $3, $4, $5, $6, $7, $8, $9)',
        batch.map((value, i) => (i === place ? [text] : value)),
      ],
    ),
    command(text, {}),
    ...Object.entries(OPERATIONS).flatMap(([operation, args]) =>
      Object.keys(args).map((name) => {
        const given = Object.entries({ ...args, [name]: TEXT }).map(([key, value]) => [
          key,
          value === TEXT ? text : value === '$to' ? partner.id : value === '$id' ? id : value,
        ]);
        return command(operation, Object.fromEntries(given));
      }),
    ),
    ...Object.keys(item).flatMap((name) => [
      command('batch', { mode: 'independent', currency: 'USD', transfers: [{ ...item, [name]: text }] }),
      command('batch', { mode: text, currency: text, transfers: [{ ...item, [name]: text }] }),
    ]),
    ...['recipient', 'amount', 'share'].map((name) =>
      command('split', {
        amount: '1',
        currency: 'USD',
        description: text,
        recipients: [{ recipient: partner.id, share: 1, [name]: text }],
      }),
    ),
    ...each(
      'astra_api',
      'select app_private.apply_provider_event($1, $2, $3, $4)',
      ['fake', id, 'payout.paid', { reference: id, reason: text }],
      [0, 1, 2],
    ),
    ...['reference', 'provider_reference', 'amount_minor', 'currency', 'reason'].map(
      (name): Entry => [
        'astra_api',
        "select app_private.apply_provider_event('fake', gen_random_uuid()::text, 'deposit.succeeded', $1)",
        [{ reference: id, provider_reference: 'r', amount_minor: '1', currency: 'USD', [name]: text }],
      ],
    ),
    ['astra_api', "select app_private.attach_deposit($1, $2, '{}')", [id, text]],
    ['astra_api', 'select app_private.deposit_refused($1, $2)', [id, text]],
    ['astra_api', 'select * from app_private.statement($1, $2, null, null, 10, null)', [id, text]],
    ['astra_api', 'select * from app_private.statement_header($1, $2, null, null)', [id, text]],
    ['astra_worker', 'select app_private.withdrawal_submitted($1, $2)', [id, text]],
    ['astra_worker', "select app_private.withdrawal_retry($1, $2, '1 minute')", [id, text]],
    ['astra_worker', 'select app_private.withdrawal_refused($1, $2)', [id, text]],
    ['astra_worker', 'select app_private.audit_ledger($1)', [text]],
  ];
}

/** What no request of one person may change: the schema, the people, the last one's money, the sum of all, and the switches. */
async function untouchable(db: TestConnection, people: readonly Person[]): Promise<unknown> {
  return await db.one(
    `select (select count(*) from pg_class) as relations, (select count(*) from pg_proc) as functions, (select count(*) from pg_trigger) as triggers,
       (select jsonb_agg(id order by id) from auth.users where id = any ($2)) as users, (select count(*) from ledger.currencies) as currencies, (select count(*) from ledger.controls) as controls,
       (select jsonb_agg(to_jsonb(a) order by a.id) from ledger.accounts a where a.owner = $1) as other_money,
       (select count(*) from ledger.audit() a where a.violations <> 0) as violations`,
    [people.at(-1)?.id, people.map((person) => person.id)],
  );
}

/** Refused for what it says, or for what it is not: a number, an id, an operation. Never for a mistake in SQL. */
const REFUSED = /^(done|PT4\d\d|22P02|22023|23514|23502|20000|P0001)$/;

test.each(INJECTIONS)(
  '%s in any text of any entry point is stored as it is or refused, and changes nothing else',
  (text) =>
    withRollback(async (db) => {
      const [owner, partner, other, session] = await cast(db);
      const people = [owner, partner, other];
      const before = await untouchable(db, people);
      const odd: string[] = [];
      for (const [role, sql, values] of entries(text, owner, partner, session)) {
        await db.query('savepoint one');
        await db.as({ role });
        const code = await outcome(db, sql, values);
        if (!REFUSED.test(code)) odd.push(`${code}: ${sql} ${JSON.stringify(values)}`);
        await db.query('rollback to savepoint one');
      }
      expect(odd).toEqual([]);

      const pay =
        "select (body ->> 'id')::uuid as id from app_private.post_transaction($1, left($2, 200), 'h', $3, '1', 'USD', $2, left($2, 50))";
      const { id } = await db.one(pay, [owner.id, text, partner.id]);
      const kept = { description: text, category: text.slice(0, 50) };
      expect(await db.query('select description, category from ledger.entries where transfer_id = $1', [id])).toEqual([
        kept,
        kept,
      ]);
      expect(await untouchable(db, people)).toEqual(before);
    }),
);
