import { expect, test } from 'vitest';
import { cloneDatabase } from '../support/clone-database.ts';

test('the migrations publish no table: a DELETE would tell everybody who listens that a row was there', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const published = await db.query(
    `select pubname, schemaname || '.' || tablename as "table" from pg_publication_tables where schemaname <> 'realtime' order by 1, 2`,
  );
  expect(published).toEqual([]);
  // Nor all tables that will ever be, of a schema or of the database.
  expect(await db.query('select pubname from pg_publication where puballtables')).toEqual([]);
  expect(await db.query('select from pg_publication_namespace')).toEqual([]);
  expect(await db.query("select pubname from pg_publication where pubname = 'supabase_realtime'")).toHaveLength(1);
});
