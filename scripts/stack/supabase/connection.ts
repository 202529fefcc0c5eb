import { createPostgresConnection, type PostgresConnection } from '@supabase/lite/postgres';

const IDLE_SECONDS = 60;
const CONNECT_SECONDS = 5;

/**
 * Opens a bounded pool for the embedded API server or Studio.
 * @param url a `postgres://` address with the login role and password.
 * @param max the most connections it may hold.
 */
export function openConnection(url: string, max: number): PostgresConnection {
  const connection = createPostgresConnection({
    url,
    postgresOptions: { max, idle_timeout: IDLE_SECONDS, connect_timeout: CONNECT_SECONDS, onnotice: () => undefined },
  });
  // Left at 'unknown', the first REST request runs GRANT ALL ON ALL TABLES to anon, authenticated and service_role in
  // every schema that has a table with RLS, and alters the default privileges: column grants are gone and private
  // schemas are open, which hosted Supabase never does. 'active' says that roles and grants are already as they should
  // be. tests/fitness/grants-after-traffic.test.ts proves that it stays so.
  Object.assign(connection, { rlsState: 'active' });
  return connection;
}
