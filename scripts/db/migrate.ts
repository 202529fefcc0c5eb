import { Client, DatabaseError } from 'pg';
import { splitStatements } from './split.ts';
import { type MigrationFile, readMigrations, readSqlFiles } from './sql-files.ts';

/** Any fixed number; two stacks that start on one database must not migrate it at the same time. */
const MIGRATION_LOCK = 7_310_001;

/** Longer than another stack may need to migrate the same database; then somebody holds the lock who will not let go. */
const LOCK_TIMEOUT_MS = 120_000;

/** SQLSTATEs of "already exists": a schema, table, function, column, or anything else that has a name. */
const ALREADY_THERE: ReadonlySet<string> = new Set(['42P06', '42P07', '42723', '42701', '42710']);

const OTHER_ORIGIN =
  '  Next: npm start -- --reset, which forgets the data of the local stack; or check out the branch that made it.';

/** The table of the official CLI, with the shape its `db push` makes. */
const HISTORY = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
`;

/**
 * Applies the migrations that the database does not have yet, oldest first, each in a transaction of its own, and records them
 * as the official CLI's `db push` does, so that the two can be mixed.
 * @param databaseUrl as role `postgres`
 * @param log one line for each migration
 * @param until the version to stop at, for tests of an upgrade
 * @returns the names of the files applied now
 * @throws Error naming the file and the statement that failed; the files before it stay applied. Also when the database was
 * made by migrations that this checkout does not have.
 */
export async function applyMigrations(
  databaseUrl: string,
  log: (line: string) => void,
  until?: string,
): Promise<string[]> {
  const migrations = await readMigrations();
  await using client = await connect(databaseUrl);
  // Of the session: it ends with the connection even when this process is killed.
  await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  await client.query(HISTORY);
  const done = await readHistory(client);
  checkOrigin(done, migrations, log);
  const pending = migrations.filter(({ version }) => !done.has(version) && (until === undefined || version <= until));
  for (const migration of pending) {
    await applyMigration(client, migration);
    log(migration.file);
  }
  return pending.map((migration) => migration.file);
}

/** The statements of each recorded migration, by version. */
async function readHistory(client: Client): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await client.query<{ version: string; statements: string[] | null }>(
    'select version, statements from supabase_migrations.schema_migrations order by version',
  );
  return new Map(rows.map(({ version, statements }) => [version, statements ?? []]));
}

/** A data folder outlives a change of branch. Refuses what cannot work, and tells of what may not. */
function checkOrigin(
  done: ReadonlyMap<string, readonly string[]>,
  migrations: readonly MigrationFile[],
  log: (line: string) => void,
): void {
  const files = new Map(migrations.map((migration) => [migration.version, migration]));
  const unknown = [...done.keys()].filter((version) => !files.has(version));
  if (unknown.length > 0) {
    throw new Error(
      `This database was made by migrations that supabase/migrations does not have: ${unknown.join(', ')}.\n${OTHER_ORIGIN}`,
    );
  }
  for (const [version, statements] of done) {
    const { file, text } = files.get(version) as MigrationFile;
    // The official CLI may have recorded it, and may split a little differently.
    const plain = (parts: readonly string[]) => parts.join('').replace(/[\s;]/g, '');
    if (plain(statements) === plain(splitStatements(text))) continue;
    log(`${file} is not what this database was made with. If something is missing in it: npm start -- --reset`);
  }
}

async function applyMigration(client: Client, migration: MigrationFile): Promise<void> {
  const statements = splitStatements(migration.text);
  await inTransaction(client, async () => {
    await runStatements(client, `supabase/migrations/${migration.file}`, statements);
    await client.query(
      'insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)',
      [migration.version, statements, migration.name],
    );
  });
}

/**
 * Builds the product's database from `sql/` instead of the migrations, in one transaction. For comparing the two.
 * @param databaseUrl as role `postgres`, of a project without migrations
 */
export async function applySql(databaseUrl: string): Promise<void> {
  const files = await readSqlFiles();
  await using client = await connect(databaseUrl);
  await inTransaction(client, async () => {
    for (const file of files) await runStatements(client, file.path, splitStatements(file.text));
  });
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function runStatements(client: Client, path: string, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    try {
      await client.query(statement);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const next = isAlreadyThere(error)
        ? `  The database has this from another version of the migrations.\n${OTHER_ORIGIN}`
        : '  Next: mend it, then run the same command again.';
      throw new Error(`${path}: ${message}\n${excerpt(statement)}\n${next}`, { cause: error });
    }
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof DatabaseError && ALREADY_THERE.has(error.code ?? '');
}

function excerpt(statement: string): string {
  const lines = statement.split('\n').slice(0, 8);
  return lines.map((line) => `  | ${line}`).join('\n');
}

async function connect(connectionString: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'astra-migrate' });
  client.on('error', () => undefined); // a query in flight says it better
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
