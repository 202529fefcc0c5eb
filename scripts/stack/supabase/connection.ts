import type { PostgresConnection } from '@supabase/lite/postgres';
import { mendPostgresDriver } from './postgres-driver-fix.ts';

const CONNECT_SECONDS = 5;

/**
 * Opens a bounded pool for the embedded API server or Studio.
 * @param url a `postgres://` address with the login role and password.
 * @param max the most connections it may hold.
 * @param onLost called when a connection ended that nobody here had ended.
 */
export async function openConnection(url: string, max: number, onLost: () => void): Promise<PostgresConnection> {
  mendPostgresDriver();
  const { createPostgresConnection } = await import('@supabase/lite/postgres');
  const connection = createPostgresConnection({
    url,
    postgresOptions: {
      max,
      connect_timeout: CONNECT_SECONDS,
      // Never closed for being idle or old: so every close is a loss.
      idle_timeout: 0,
      max_lifetime: null,
      onclose: onLost,
      onnotice: () => undefined,
    },
  });
  // Left at 'unknown', the first REST request runs GRANT ALL ON ALL TABLES to anon, authenticated and service_role in
  // every schema that has a table with RLS, and alters the default privileges: column grants are gone and private
  // schemas are open, which hosted Supabase never does. 'active' says that roles and grants are already as they should
  // be. tests/fitness/grants-after-traffic.test.ts proves that it stays so.
  Object.assign(connection, { rlsState: 'active' });
  return connection;
}
