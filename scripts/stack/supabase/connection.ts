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
      types: { json: jsonType(114), jsonb: jsonType(3802), timestamptz: TIMESTAMPTZ },
    },
  });
  // Left at 'unknown', the first REST request runs GRANT ALL ON ALL TABLES to anon, authenticated and service_role in
  // every schema that has a table with RLS, and alters the default privileges: column grants are gone and private
  // schemas are open, which hosted Supabase never does. 'active' says that roles and grants are already as they should
  // be. tests/fitness/grants-after-traffic.test.ts proves that it stays so.
  Object.assign(connection, { rlsState: 'active' });
  return connection;
}

/**
 * The API server passes an object that is given to a function as text, and its driver would write that as a JSON string:
 * `create_post({ p: {…} })` would get no object. Hosted, the function gets the object; so text that is one is sent as it is. In rows of tables
 * there is none: the server has parsed it before.
 */
function jsonType(oid: number) {
  return {
    to: oid,
    from: [oid],
    serialize: (value: unknown) => (isJsonText(value) ? value : JSON.stringify(value)),
    parse: (text: string): unknown => JSON.parse(text),
  };
}

function isJsonText(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

/** As a hosted project writes times, also inside what a function returns: `2026-11-22T16:31:19.123456+00:00`. */
const TIMESTAMPTZ = {
  to: 1184,
  from: [1184],
  serialize: (time: unknown) => time,
  parse: (text: string) => text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'),
};
