import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { command } from '../sql/wallet/support.ts';
import { type Actor, withRollback } from '../support/database.ts';
import { cast, outcome } from './attempts.ts';
import { EXECUTE, SCHEMAS } from './matrix.ts';

const ROLES = ['anon', 'authenticated', 'service_role', 'astra_api', 'astra_worker'] as const;
const VIEWS = ['wallet', 'transactions', 'holds', 'payment_requests', 'withdrawals', 'deposits', 'linked_accounts'];

describe.each(VIEWS)('public.%s', (view) => {
  test('shows rows to whom they concern and names nobody to others', () =>
    withRollback(async (db) => {
      const [owner, , other] = await cast(db);
      const named = async (actor: Actor): Promise<number> => {
        await db.as(actor);
        const sql = `select count(*)::int as count from public.${view} v where to_jsonb(v)::text like '%' || $1 || '%'`;
        return (await db.one<{ count: number }>(sql, [owner.id])).count;
      };
      expect(await named({ role: 'authenticated', sub: owner.id })).toBeGreaterThan(0);
      expect(await named({ role: 'authenticated', sub: other.id })).toBe(0);
      // Claims that are no uuid, or none at all, are nobody's.
      expect(await named({ role: 'authenticated' })).toBe(0);
    }));

  test.each(['anon', 'astra_api', 'astra_worker'] as const)('is closed to %s', (role) =>
    withRollback(async (db) => {
      await db.as({ role });
      expect(await outcome(db, `select from public.${view}`)).toBe('42501');
    }),
  );
});

test.each(ROLES)('%s can call no function of the ledger, the operators or our own but those in the matrix', (role) =>
  withRollback(async (db) => {
    // A strict function is not even called with nulls.
    const functions = await db.query<{ name: string; call: string }>(
      `select format('%s.%s', n.nspname, p.proname) as name,
         format('select %I.%I(%s)', n.nspname, p.proname,
           (select string_agg('null::' || format_type(t, null), ', ' order by i) from unnest(p.proargtypes) with ordinality a (t, i))) as call
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = any ($1) and p.prokind = 'f' and not p.proisstrict`,
      [SCHEMAS],
    );
    expect(functions.length).toBeGreaterThan(100);
    await db.as({ role });
    const open: string[] = [];
    for (const { name, call } of functions) {
      if (EXECUTE[name]?.includes(role)) continue;
      const code = await outcome(db, call);
      if (code !== '42501') open.push(`${name}: ${code}`);
    }
    expect(open).toEqual([]);
  }),
);

const TAKE_OVER = [
  'alter table ledger.entries disable trigger all',
  'alter table ledger.entries disable trigger append_only',
  'drop trigger append_only on ledger.entries',
  'create trigger mine before insert on ledger.entries for each row execute function ledger.refuse_change()',
  'alter table ledger.accounts disable row level security',
  'drop policy "people read their own accounts" on ledger.accounts',
  'create policy mine on ledger.accounts for all using (true)',
  'alter table ledger.accounts drop constraint balance_above_floor',
  'alter table ledger.accounts owner to current_user',
  'lock table ledger.accounts in access exclusive mode',
  'truncate ledger.entries, ledger.transfers',
  'insert into ledger.transfers (id, kind, currency, amount_minor, created_at) values (gen_random_uuid(), $$funding$$, $$USD$$, 1, now())',
  'insert into ledger.entries (account_id, seq, transfer_id, purpose, kind, currency, amount_minor, balance_minor, created_at) values (1, 9, gen_random_uuid(), $$available$$, $$funding$$, $$USD$$, 1, 1, now())',
  'update ledger.accounts set balance_minor = balance_minor + 100',
  'delete from ledger.entries',
  'merge into ledger.accounts a using (select 1) s on true when matched then update set balance_minor = 1',
  'with stolen as (update ledger.accounts set balance_minor = 1 returning *) select * from stolen',
  'copy ledger.transfers to stdout',
  "copy (select 1) to program 'id'",
  'create function ledger.mine() returns int language sql as $$ select 1 $$',
  'create or replace function ledger.fee_of(text, text, bigint) returns record language sql as $$ select 0, null $$',
  'create table ledger.mine (id int)',
  'create view public.mine as select * from ledger.accounts',
  'set session_replication_role = replica',
  'alter role current_user superuser',
  'set local row_security = off; select from ledger.transfers',
  "select set_config('session_replication_role', 'replica', true)",
  "select pg_read_file('/etc/passwd')",
];

test.each(ROLES)('%s can take over no table, trigger, policy, constraint, function or setting of the ledger', (role) =>
  withRollback(async (db) => {
    await cast(db);
    await db.as({ role });
    const done: string[] = [];
    for (const sql of TAKE_OVER) {
      const code = await outcome(db, sql);
      if (!['42501', '0LP01'].includes(code)) done.push(`${code}: ${sql}`);
    }
    expect(done).toEqual([]);
  }),
);

test('no role of ours becomes another but the API, which becomes the person who asks', () =>
  withRollback(async (db) => {
    const roles = await db.query(
      `select a.rolname || ' -> ' || b.rolname as becomes from pg_roles a, pg_roles b
       where a.rolname = any ($1) and a.rolname <> b.rolname and pg_has_role(a.oid, b.oid, 'set') order by 1`,
      [ROLES],
    );
    expect(roles.map(({ becomes }) => becomes)).toEqual(['astra_api -> anon', 'astra_api -> authenticated']);
    const strong = await db.query(
      `select rolname from pg_roles
       where rolname = any ($1) and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls and rolname <> 'service_role')`,
      [ROLES],
    );
    expect(strong).toEqual([]);
  }));

const LOGINS = [
  ['astra_api', process.env['ASTRA_API_DB_URL']],
  ['astra_worker', process.env['ASTRA_WORKER_DB_URL']],
] as const;

// A project that is only known by its URL does not tell these passwords.
test.runIf(process.env['ASTRA_WORKER_DB_URL']).each(LOGINS)('%s, signed in, stays who it is', async (_role, url) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const name of ['postgres', 'service_role', 'supabase_admin', 'astra_api', 'astra_worker']) {
      if (name === _role) continue;
      for (const sql of [`set role ${name}`, `set session authorization ${name}`]) {
        await expect(client.query(sql), sql).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|22023)$/) });
      }
    }
  } finally {
    await client.end();
  }
});

test.each([
  ['ledger.entries', 'amount_minor = 1'],
  ['ledger.transfers', 'amount_minor = 1'],
  ['ledger.reversals', "reason = 'another'"],
  ['ledger.audits', 'ok = true'],
  ['ledger.provider_events', "type = 'another'"],
])('not even their owner changes, deletes or empties %s (ledger.append_only)', (table, set) =>
  withRollback(async (db) => {
    const [owner, partner] = await cast(db);
    const paid = await db.one<{ id: string }>("select ledger.transfer($1, $2, '1', 'USD', null, null) as id", [
      owner.id,
      partner.id,
    ]);
    await command(db, 'reverse', partner, { id: paid.id, reason: 'of a test' });
    await db.query(
      "select app_private.audit_ledger('recent'), app_private.apply_provider_event('fake', gen_random_uuid()::text, 'none', '{}')",
    );
    for (const change of [`update ${table} set ${set}`, `delete from ${table}`]) {
      expect(await db.refusal(change), change).toMatchObject({ sqlstate: 'PT403', code: 'ledger.append_only' });
    }
    // Not tried, as it would wait for everybody else who uses this database.
    const sql =
      "select from pg_trigger where tgrelid = $1::regclass and tgfoid = 'ledger.refuse_change'::regproc and tgtype & 32 > 0";
    expect(await db.query(sql, [table])).toHaveLength(1);
  }),
);
