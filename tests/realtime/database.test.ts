import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type TestConnection, withRollback } from '../support/database.ts';
import { freshTopic, joined, payloads, type RealtimeFixture, realtimeFixture } from './fixture.ts';

describe('the login of the server', () => {
  const withLogin = async (work: (db: TestConnection) => Promise<void>) => {
    await using db = await connect(process.env['REALTIME_DB_URL']);
    await db.query('begin');
    await work(db);
    await db.query('rollback');
  };

  test('is no superuser, bypasses no policy, and may become the roles of clients and nobody else', () =>
    withLogin(async (db) => {
      const role = await db.one(`select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit, rolreplication
        from pg_roles where rolname = session_user`);
      expect(role).toEqual({
        ...{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false },
        ...{ rolinherit: false, rolreplication: true },
      });
      const may = await db.query<{ rolname: string }>(`select rolname from pg_roles
        where pg_has_role(session_user, oid, 'SET') and rolname <> session_user order by 1`);
      expect(may.map(({ rolname }) => rolname)).toEqual(['anon', 'authenticated', 'service_role']);
      for (const forbidden of ['postgres', 'supabase_admin', 'supabase_realtime_admin', 'astra_api']) {
        expect((await db.refusal(`set role ${forbidden}`)).sqlstate).toBe('42501');
      }
    }));

  test('may read and write no table, and call no function but those made for it', () =>
    withLogin(async (db) => {
      const tables = await db.query(`
        select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname not in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v', 'm', 'p')
          and has_schema_privilege(n.oid, 'usage')
          and has_table_privilege(c.oid, 'select, insert, update, delete, truncate')
          and n.nspname <> 'extensions'`);
      expect(tables).toEqual([]);
      const schemas = await db.query<{ nspname: string }>(`
        select distinct n.nspname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname not in ('pg_catalog', 'information_schema', 'extensions')
          and has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute')
          and not has_function_privilege('anon', p.oid, 'execute')`);
      expect(schemas.map(({ nspname }) => nspname)).toEqual(['_realtime']);
      expect((await db.refusal('select from realtime.messages')).sqlstate).toBe('42501');
    }));

  test('and no role of clients may call what is made for it', () =>
    withRollback(async (db) => {
      const open = await db.query(`
        select p.oid::regprocedure, r.role from pg_proc p, unnest('{anon,authenticated,service_role,astra_api}'::text[]) r(role)
        where p.pronamespace = '_realtime'::regnamespace
          and (has_function_privilege(r.role, p.oid, 'execute') or has_schema_privilege(r.role, '_realtime', 'usage'))`);
      expect(open).toEqual([]);
    }));
});

test('the schema is as a hosted project has it: owners, grants, policies by whoever owns the project', () =>
  withRollback(async (db) => {
    await db.as({ role: 'postgres' });
    const table = await db.one(`select relowner::regrole::text as owner, relkind, relrowsecurity as secured
      from pg_class where oid = 'realtime.messages'::regclass`);
    expect(table).toEqual({ owner: 'supabase_realtime_admin', relkind: 'p', secured: true });
    const functions =
      await db.query(`select proname, proowner::regrole::text as owner, prosecdef as definer from pg_proc
      where pronamespace = 'realtime'::regnamespace order by 1`);
    expect(functions).toEqual(
      ['broadcast_changes', 'send', 'send_binary', 'topic'].map((proname) => ({
        ...{ proname, owner: 'supabase_realtime_admin', definer: false },
      })),
    );
    const grants = await db.query(`select grantee, string_agg(privilege_type, ' ' order by privilege_type) as may
      from information_schema.role_table_grants where table_schema = 'realtime' and table_name = 'messages'
        and grantee in ('anon', 'authenticated', 'service_role') group by 1 order by 1`);
    expect(grants).toEqual(
      ['anon', 'authenticated', 'service_role'].map((grantee) => ({ grantee, may: 'INSERT SELECT UPDATE' })),
    );
    expect(await db.one('select rolsuper from pg_roles where rolname = current_user')).toEqual({ rolsuper: false });
    await db.query(`create policy "anybody" on realtime.messages for select to anon using (true)`);
  }));

describe('days', () => {
  let realtime: RealtimeFixture;
  beforeAll(async () => {
    realtime = await realtimeFixture();
  });
  afterAll(() => realtime[Symbol.asyncDispose]());

  const partitions = async () =>
    (
      await realtime.db.query<{ name: string }>(`select inhrelid::regclass::text as name from pg_inherits
        where inhparent = 'realtime.messages'::regclass order by 1`)
    ).map(({ name }) => name.replace('realtime.messages_', ''));
  const keepDays = async (today: string) => {
    await using admin = await connect(
      Object.assign(new URL(process.env['ASTRA_ADMIN_DB_URL'] ?? ''), { pathname: `/${realtime.db.client.database}` })
        .href,
    );
    return await admin.one<{ made: number; dropped: number }>('select * from _realtime.keep_days($1)', [today]);
  };

  test('are made ahead, dropped after three, and what was kept elsewhere moves to its day without being sent again', async () => {
    expect(await partitions()).toEqual(['every_day']);
    const topic = freshTopic();
    const heard = await joined(realtime.client(), topic);
    const insert = `insert into realtime.messages (topic, event, extension, payload, private, inserted_at)
      values ($1, 'e', 'broadcast', '{"n": 1}', false, $2)`;
    await realtime.db.query(insert, [topic, '2031-05-10 12:00']);
    await payloads(heard, 1);

    expect(await keepDays('2031-05-10')).toEqual({ made: 5, dropped: 0 });
    const days = ['2031_05_09', '2031_05_10', '2031_05_11', '2031_05_12', '2031_05_13'];
    expect(await partitions()).toEqual([...days, 'every_day']);
    const { kept } = await realtime.db.one(
      'select tableoid::regclass::text as kept from realtime.messages where topic = $1',
      [topic],
    );
    expect(kept).toBe('realtime.messages_2031_05_10');
    await realtime.db.query(insert, [topic, '2031-05-11 12:00']);
    await payloads(heard, 2);
    expect(heard.messages).toHaveLength(2);

    expect(await keepDays('2031-05-10')).toEqual({ made: 0, dropped: 0 });
    expect(await keepDays('2031-05-14')).toEqual({ made: 4, dropped: 2 });
    expect(await partitions()).toEqual([
      '2031_05_11',
      '2031_05_12',
      ...['2031_05_13', '2031_05_14', '2031_05_15', '2031_05_16', '2031_05_17'],
      'every_day',
    ]);
    expect(await realtime.db.query('select from realtime.messages where topic = $1', [topic])).toHaveLength(1);
  });

  test('may be kept by the server’s own login', async () => {
    const login = Object.assign(new URL(process.env['REALTIME_DB_URL'] ?? ''), {
      pathname: `/${realtime.db.client.database}`,
    });
    await using db = await connect(login.href);
    expect(await db.one('select dropped from _realtime.keep_days()')).toEqual({ dropped: expect.any(Number) });
  });
});

test('says how it is: health and metrics', async () => {
  await using realtime = await realtimeFixture();
  await joined(realtime.client(), freshTopic());
  const health = await fetch(`${realtime.url}/healthz`);
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok', replication: 'up' }]);
  const metrics = [
    'realtime_connections',
    'realtime_channels',
    'realtime_replication_up',
    'realtime_replication_starts_total',
  ];
  expect(await Promise.all(metrics.map(realtime.metric))).toEqual([1, 1, 1, 1]);
  // Nothing of it is for clients: the gateway passes on /realtime/v1 alone.
  const { SUPABASE_URL } = process.env;
  expect((await fetch(`${SUPABASE_URL}/realtime/v1/metrics`, { headers: { apikey: 'x' } })).status).toBe(404);
});
