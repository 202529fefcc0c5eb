import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { ROOT } from './sql-files.ts';

/**
 * Runs supabase/seed.sql, as `supabase db reset` does after the migrations.
 * @param databaseUrl as role `postgres`
 */
export async function applySeed(databaseUrl: string): Promise<void> {
  const sql = await readFile(join(ROOT, 'supabase', 'seed.sql'), 'utf8');
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
