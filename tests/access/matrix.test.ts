import { describe, expect, test } from 'vitest';
import { command } from '../sql/wallet/support.ts';
import { type Actor, type Person, type TestConnection, withRollback } from '../support/database.ts';
import { ACTORS, type ActorName, COMMANDS, type Command, EXECUTE, SCHEMAS, TABLES, type TableRule } from './matrix.ts';
import { withCallAround } from './matrix-calls.ts';
import { withChatAround } from './matrix-chat.ts';
import { withFeedAround } from './matrix-feed.ts';
import { withGroupsAround } from './matrix-groups.ts';
import { withMediaAround } from './matrix-media.ts';
import { withNotificationsAround } from './matrix-notifications.ts';
import { withPostsAround } from './matrix-posts.ts';

const ROLES: Actor['role'][] = ['anon', 'astra_api', 'astra_worker', 'authenticated', 'service_role'];
const REFUSED = 'refused';
/** No privilege; and for a view over several tables, which nobody at all can write: not updatable, not a table. */
const REFUSALS: ReadonlySet<string> = new Set(['42501', '55000', '42809']);

function actorFor(name: ActorName, owner: Person, other: Person): Actor {
  if (name === 'owner') return { role: 'authenticated', sub: owner.id };
  if (name === 'other') return { role: 'authenticated', sub: other.id };
  return { role: name };
}

/** A person with a row in every table that has rows of people, another one, and a row in every other table. */
async function cast(db: TestConnection): Promise<[Person, Person]> {
  const [owner, other, third] = [await db.signUp(), await db.signUp(), await db.signUp()];
  await db.fund(owner, '10');
  await db.query("select app_private.claim_idempotency_key($1, 'k', 'test', 'h')", [owner.id]);
  await db.query('update app_private.outbox_events set dead_at = now() where actor_id = $1', [owner.id]);
  await withMoneyUnderWay(db, owner, third);
  await withPeopleAround(db, owner, third, await db.signUp());
  await withPostsAround(db, owner, other);
  await withFeedAround(db, owner);

  await withGroupsAround(db, owner, third);
  await withChatAround(db, owner);
  await withCallAround(db, owner);
  await withMediaAround(db, owner);
  await withNotificationsAround(db, owner, other);
  await db.query(
    `insert into ledger.fee_rules (currency, kind) values ('ZAR', 'withdrawal') on conflict do nothing;
     insert into ledger.controls default values on conflict do nothing;
     insert into ledger.reversals (transfer_id, reversal_id, reason) values (gen_random_uuid(), gen_random_uuid(), 'of a test');
     insert into ledger.audit_marks (account_id, seq, balance_minor, earned_minor, hash)
     select -a.id, 0, 0, 0, '' from ledger.accounts a where a.owner = '${owner.id}'`,
  );
  await db.query("insert into admin.operators (name, code_hash) values ($1, 'none')", [owner.username]);
  const event = "select app_private.apply_provider_event('fake', gen_random_uuid()::text, 'payout.paid', $1)";
  await db.query(event, [{ reference: third.id }]);
  await db.query("insert into ledger.audits (started_at, scope, ok, entries_checked) values (now(), 'full', true, 0)");
  await db.query(
    `insert into admin.corrections (id, user_id, direction, currency, amount_minor, reason, proposed_by)
     values (gen_random_uuid(), $1, 'credit', 'USD', 1, 'of a test', $2)`,
    [owner.id, owner.username],
  );
  await db.query("select admin.freeze_wallet($1, 'in', 'of a test')", [owner.username]);
  await db.query('set constraints all immediate');
  return [owner, other];
}

/** Whom somebody blocks, follows, asks to follow and mutes, and what else is kept of a person. */
async function withPeopleAround(db: TestConnection, owner: Person, blocked: Person, followed: Person): Promise<void> {
  await db.query('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [owner.id, blocked.id]);
  for (const table of [
    'follows (follower_id, followee_id)',
    'follow_requests (requester_id, target_id)',
    'mutes (muter_id, muted_id)',
  ]) {
    await db.query(`insert into public.${table} values ($1, $2)`, [owner.id, followed.id]);
  }
  const ask =
    "insert into public.verification_requests (user_id, kind, level, statement) values ($1, 'verification', 'blue', 'of a test, by a test')";
  await db.query(ask, [owner.id]);
  await db.query("insert into public.account_jobs (user_id, kind) values ($1, 'export')", [owner.id]);
  await db.query("insert into app_private.count_deltas (target, counter, delta) values ($1, 'followers_count', 0)", [
    owner.id,
  ]);
  await db.query('insert into app_private.former_usernames (username, user_id, until) values ($2, $1, now())', [
    owner.id,
    `${owner.username}x`,
  ]);
  await db.query('insert into app_private.popular_people (user_id, followers_count) values ($1, 0)', [owner.id]);
}

/** A hold, a request, a withdrawal and a deposit of somebody, and a leg that waits to be booked. */
async function withMoneyUnderWay(db: TestConnection, owner: Person, payee: Person): Promise<void> {
  const amount = { amount: '1', currency: 'USD' };
  await command(db, 'place_hold', owner, { ...amount, recipient: payee.username });
  await command(db, 'request_payment', owner, { ...amount, payer: payee.username });
  const account = { provider: 'fake', provider_token: 'tok', kind: 'bank_account', currency: 'USD' };
  const { id: linked_account_id } = await command(db, 'link_account', owner, account);
  await command(db, 'withdraw', owner, { ...amount, linked_account_id });
  await command(db, 'open_deposit', owner, { ...amount, provider: 'fake' });
  await db.query(
    `insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor, created_at)
     values (-1, gen_random_uuid(), $1, 'available', 'transfer', 'USD', 1, now())`,
    [owner.id],
  );
}

function statement(table: string, rule: TableRule, command: Command): string {
  const where = rule.ownRow.replace('$1', "nullif(current_setting('test.owner'), '')::uuid");
  switch (command) {
    case 'select':
      return `select 1 from ${table} where ${where} limit 1`;
    case 'insert':
      return `insert into ${table} ${rule.insert ?? 'default values'}`;
    case 'update':
      return `update ${table} set ${rule.set} where ${where}`;
    case 'delete':
      return `delete from ${table} where ${where}`;
    case 'truncate':
      return `truncate ${table}`;
  }
}

async function outcome(db: TestConnection, sql: string): Promise<string> {
  await db.query('savepoint attempt');
  try {
    const { rowCount } = await db.client.query(sql);
    return rowCount ? 'rows' : 'none';
  } catch (error) {
    const code = String(Reflect.get(Object(error), 'code'));
    return REFUSALS.has(code) ? REFUSED : `error ${code}`;
  } finally {
    await db.query('rollback to savepoint attempt');
  }
}

describe.each(Object.entries(TABLES))('%s', (table, rule) => {
  test.each([...ACTORS])('is open to %s for exactly what the matrix says', (name) =>
    withRollback(async (db) => {
      const [owner, other] = await cast(db);
      await db.query("select set_config('test.owner', $1, true)", [owner.id]);
      await db.as(actorFor(name, owner, other));
      const tried: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const command of COMMANDS) {
        tried[command] = await outcome(db, statement(table, rule, command));
        expected[command] = rule.allowed[name]?.[command] ?? REFUSED;
      }
      expect(tried).toEqual(expected);
    }),
  );

  test('lets each role update the listed columns and no others', () =>
    withRollback(async (db) => {
      const rows = await db.query<{ role: Actor['role']; columns: string[] }>(
        `select r.role, array(
           select a.attname::text from pg_attribute a
           where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
             and has_column_privilege(r.role, a.attrelid, a.attnum, 'update')
           order by a.attname) as columns
         from unnest($2::text[]) r (role)`,
        [table, ROLES],
      );
      for (const { role, columns } of rows) {
        expect(columns, role).toEqual([...(rule.updatable?.[role] ?? [])].sort());
      }
    }));
});

test('every table and view of ours is in the matrix', () =>
  withRollback(async (db) => {
    const rows = await db.query(
      `select format('%s.%s', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1`,
      [SCHEMAS],
    );
    expect(rows.map((row) => row['name'])).toEqual(Object.keys(TABLES).sort());
  }));

test('every table of ours has row-level security and a comment', () =>
  withRollback(async (db) => {
    const rows = await db.query(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v')
         and (obj_description(c.oid) is null or (c.relkind <> 'v' and not c.relrowsecurity))`,
      [SCHEMAS],
    );
    expect(rows).toEqual([]);
  }));

test('every view of ours reads with the rights of its reader, but for those that only operators may read', () =>
  withRollback(async (db) => {
    const rows = await db.query(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = any ($1) and c.relkind = 'v' and not coalesce(c.reloptions @> '{security_invoker=true}', false)`,
      [SCHEMAS.filter((schema) => schema !== 'admin')],
    );
    expect(rows).toEqual([]);
  }));

test('each role executes exactly the functions listed for it', () =>
  withRollback(async (db) => {
    const rows = await db.query<{ name: string; roles: Actor['role'][] }>(
      `select format('%s.%s', n.nspname, p.proname) as name,
         array(select r from unnest($2::text[]) r where has_function_privilege(r, p.oid, 'execute') order by r) as roles
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = any ($1)`,
      [SCHEMAS, ROLES],
    );
    const open = rows.filter((row) => row.roles.length > 0).map((row) => [row.name, row.roles]);
    expect(Object.fromEntries(open)).toEqual(EXECUTE);
  }));

test('every function of ours pins its search path and says what it does', () =>
  withRollback(async (db) => {
    const rows = await db.query(
      `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = any ($1)
         and (not coalesce(p.proconfig @> array['search_path=""'], false) or obj_description(p.oid) is null)`,
      [SCHEMAS],
    );
    expect(rows).toEqual([]);
  }));

test('no role but the owner may use a sequence of ours or create anything in a schema of ours', () =>
  withRollback(async (db) => {
    const sequences = await db.query(
      `select c.oid::regclass::text as name, r from pg_class c join pg_namespace n on n.oid = c.relnamespace, unnest($2::text[]) r
       where n.nspname = any ($1) and c.relkind = 'S' and has_sequence_privilege(r, c.oid, 'usage, select, update')`,
      [SCHEMAS, ROLES],
    );
    const schemas = await db.query(
      "select n, r from unnest($1::text[]) n, unnest($2::text[]) r where has_schema_privilege(r, n, 'create')",
      [SCHEMAS, ROLES],
    );
    expect({ sequences, schemas }).toEqual({ sequences: [], schemas: [] });
  }));

test('a table that a migration adds to public is closed until it says otherwise', () =>
  withRollback(async (db) => {
    await db.query(
      'create table public.fresh (id int); create function public.fresh_function() returns int language sql as $$ select 1 $$',
    );
    for (const role of ROLES) {
      const row = await db.one(
        `select has_table_privilege($1, 'public.fresh', 'select, insert, update, delete') as reads,
           has_function_privilege($1, 'public.fresh_function()', 'execute') as runs`,
        [role],
      );
      expect(row, role).toEqual({ reads: false, runs: false });
    }
  }));
