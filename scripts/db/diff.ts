import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyMigrations, applySql } from './migrate.ts';
import { startScratchServer } from './server.ts';
import { changedCopies, MIGRATIONS_DIR, marker, readMigrations, readSqlFiles, type SqlFile } from './sql-files.ts';
import { schemaDiff } from './supabase-cli.ts';

const HEADER =
  '-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.';

const name = process.argv[2];
if (name === undefined || !/^[a-z0-9]+(_[a-z0-9]+)*$/.test(name)) {
  console.error('A migration needs a name in snake_case.\n  Next: npm run db:diff -- add_follows');
  process.exit(1);
}
process.exitCode = await writeMigration(name);

/**
 * Writes the next migration: what is between the database of the migrations and that of `sql/`. Roles come before the schema
 * and reference data after it, both copied as they are, because a schema diff knows neither.
 */
async function writeMigration(migrationName: string): Promise<number> {
  const copies = changedCopies(await readSqlFiles(), await readMigrations());
  const parts = [HEADER, ...copies.filter((file) => file.kind === 'roles').map(copy)];
  const schema = await diff();
  if (schema !== '') parts.push(schema);
  parts.push(...copies.filter((file) => file.kind === 'data').map(copy));
  if (parts.length === 1) {
    console.log('Nothing to write: the migrations give the same database as sql/.');
    return 0;
  }
  const file = `${await nextVersion()}_${migrationName}.sql`;
  await mkdir(MIGRATIONS_DIR, { recursive: true });
  await writeFile(join(MIGRATIONS_DIR, file), `${parts.join('\n\n')}\n`);
  console.log(
    `supabase/migrations/${file}\n  Next: read it (a renamed column is a drop and an add), then npm run db:types`,
  );
  return 0;
}

async function diff(): Promise<string> {
  await using server = await startScratchServer();
  const from = await server.createDatabase('from_migrations');
  await applyMigrations(from, () => undefined);
  const to = await server.createDatabase('from_sql');
  await applySql(to);
  // A hosted project has some extensions from the beginning.
  return (await schemaDiff(from, to)).replace(
    /^CREATE EXTENSION (?!IF NOT EXISTS)/gm,
    'CREATE EXTENSION IF NOT EXISTS ',
  );
}

function copy(file: SqlFile): string {
  return `${marker(file)}\n${file.text.trim()}`;
}

/** UTC seconds, and always after the newest migration, however the clocks of two machines differ. */
async function nextVersion(): Promise<string> {
  const now = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const newest = (await readMigrations()).at(-1)?.version ?? '0';
  return now > newest ? now : String(BigInt(newest) + 1n);
}
