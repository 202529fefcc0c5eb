import { randomUUID } from 'node:crypto';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { type SupabaseService, startSupabase } from '../../scripts/stack/supabase.ts';
import { openScratch } from '../stack-api/scratch.ts';
import { testEnvironment } from '../support/environment.ts';

/** Every privilege that a GRANT or ALTER DEFAULT PRIVILEGES could have changed, one line each. */
const PRIVILEGES = `
  select concat_ws(' ', 'relation', oid::regclass, relacl) as line from pg_class
    where relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
  union all select concat_ws(' ', 'column', attrelid::regclass, attname, attacl) from pg_attribute
    where attacl is not null and not attisdropped
  union all select concat_ws(' ', 'schema', nspname, nspacl) from pg_namespace where nspname !~ '^pg_'
  union all select concat_ws(' ', 'function', oid::regprocedure, proacl) from pg_proc
    where pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
  union all select concat_ws(' ', 'default', defaclrole::regrole, defaclnamespace, defaclobjtype, defaclacl) from pg_default_acl
  order by 1`;

async function privileges(): Promise<string[]> {
  await using database = Object.assign(new Client(testEnvironment().SUPABASE_DB_URL), {
    async [Symbol.asyncDispose]() {
      await database.end();
    },
  });
  await database.connect();
  const { rows } = await database.query<{ line: string }>(PRIVILEGES);
  return rows.map(({ line }) => line);
}

it('has the same privileges before and after traffic through Auth, REST and Storage', async () => {
  await using scratch = await openScratch();
  const before = await privileges();
  expect(before.some((line) => line.startsWith('relation profiles '))).toBe(true);
  {
    // A server that has answered nothing yet: the harm would be done by its first requests.
    await using server: SupabaseService = await startSupabase(scratch.context, {
      databaseUrl: testEnvironment().SUPABASE_DB_URL,
      mail: { send: async () => undefined },
    });
    const { publishableKey, secretKey } = scratch.context.secrets;
    const clientWith = (key: string) =>
      createClient(server.url, key, {
        auth: { persistSession: false, autoRefreshToken: false },
        global: { fetch: (input, init) => server.fetch(new Request(input, init), '127.0.0.1') },
      });
    await sendTraffic(clientWith(publishableKey), clientWith(secretKey));
  }
  expect(await privileges()).toEqual(before);
});

async function sendTraffic(somebody: SupabaseClient, operator: SupabaseClient): Promise<void> {
  const anonymous = await somebody.from('profiles').select('id').limit(1);
  expect(anonymous.status).toBeLessThan(500);
  const signUp = await somebody.auth.signUp({
    email: `${randomUUID()}@example.com`,
    password: 'a long enough password',
  });
  expect(signUp.error).toBeNull();
  const own = await somebody.from('account_settings').select('user_id');
  expect(own.data).toEqual([{ user_id: signUp.data.user?.id }]);
  expect((await operator.from('profiles').select('id').limit(1)).error).toBeNull();
  await operator.rpc('nothing_of_this_name');
  const bucket = randomUUID();
  expect((await operator.storage.createBucket(bucket)).error).toBeNull();
  expect((await operator.storage.from(bucket).upload('a.txt', 'text')).error).toBeNull();
  await somebody.storage.from(bucket).list();
  await operator.storage.emptyBucket(bucket);
  expect((await operator.storage.deleteBucket(bucket)).error).toBeNull();
}
