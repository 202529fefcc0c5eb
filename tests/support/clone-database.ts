import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { applyMigrations } from '../../scripts/db/migrate.ts';
import { readMigrations } from '../../scripts/db/sql-files.ts';
import { connect, databaseUrl, type TestConnection } from './database.ts';

/** The template of the embedded stack: a new Supabase project. */
const PLATFORM = 'astra_platform';
const BUILD_LOCK = 7_310_002;

/** A database of one test, with our migrations and no rows of people, for what has to be committed. */
export interface ClonedDatabase extends AsyncDisposable {
  readonly url: string;
  /** Opens one more connection; all are closed with the database. */
  readonly connect: () => Promise<TestConnection>;
}

/**
 * Copies the migrated template, which the first caller builds. Takes about 0.1 s.
 * @throws Error on a server without the platform template, such as a hosted project: only the embedded stack has one.
 */
export async function cloneDatabase(): Promise<ClonedDatabase> {
  return await databaseFrom(await ensureTemplate());
}

/** A database as a new Supabase project has it, without our migrations. */
export function emptyDatabase(): Promise<ClonedDatabase> {
  return databaseFrom(PLATFORM);
}

async function databaseFrom(template: string): Promise<ClonedDatabase> {
  const name = `astra_clone_${randomBytes(6).toString('hex')}`;
  await onServer((admin) => admin.query(`create database ${name} template ${template}`));
  const url = withDatabase(name);
  const open: (TestConnection & AsyncDisposable)[] = [];
  return {
    url,
    connect: async () => {
      const connection = await connect(url);
      open.push(connection);
      return connection;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(open.map((connection) => connection[Symbol.asyncDispose]()));
      await onServer((admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
}

async function ensureTemplate(): Promise<string> {
  const hash = createHash('sha256');
  for (const migration of await readMigrations()) hash.update(migration.file).update(migration.text);
  const name = `astra_test_${hash.digest('hex').slice(0, 16)}`;
  await onServer(async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [BUILD_LOCK]);
    if ((await admin.query('select from pg_database where datname = $1', [name])).rowCount) return;
    const building = `${name}_building`;
    await admin.query(`drop database if exists ${building} with (force)`);
    await admin.query(`create database ${building} template ${PLATFORM}`);
    await applyMigrations(withDatabase(building), () => undefined);
    // Renamed last: a template that is there is complete.
    await admin.query(`alter database ${building} rename to ${name}`);
  });
  return name;
}

async function onServer(work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client({ connectionString: withDatabase('template1') });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(name: string): string {
  const url = new URL(databaseUrl());
  url.pathname = `/${name}`;
  return url.href;
}
