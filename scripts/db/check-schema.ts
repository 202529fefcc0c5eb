import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { applyMigrations, applySql } from './migrate.ts';
import { startScratchServer } from './server.ts';
import { changedCopies, marker, ROOT, readMigrations, readSqlFiles } from './sql-files.ts';
import { databaseTypes, schemaDiff, supabase } from './supabase-cli.ts';

/** Tables whose rows are part of the product; see the 5_data.sql files. Columns that only this database knows are left out. */
const REFERENCE_ROWS: Readonly<Record<string, string>> = {
  'app_private.reserved_usernames': 'select username from app_private.reserved_usernames order by 1',
  'ledger.currencies': 'select code, exponent, name from ledger.currencies order by 1',
  'ledger.accounts (system)':
    'select currency, purpose, floor_minor from ledger.accounts where owner is null order by 1, 2',
};

/** What does not hold, and the command that mends it. */
interface Finding {
  readonly what: string;
  readonly next: string;
}

const findings = await check();
for (const { what, next } of findings) console.error(`${what}\n  Next: ${next}\n`);
if (findings.length === 0)
  console.log('The migrations give the database of sql/; types are current; no advice is open.');
process.exitCode = findings.length === 0 ? 0 : 1;

async function check(): Promise<Finding[]> {
  await using server = await startScratchServer();
  const migrated = await server.createDatabase('from_migrations');
  await applyMigrations(migrated, () => undefined);
  const declared = await server.createDatabase('from_sql');
  await applySql(declared);
  return [
    ...(await checkSchema(migrated, declared)),
    ...(await checkCopies()),
    ...(await checkRows(migrated, declared)),
    ...(await checkTypes(migrated)),
    ...(await checkAdvice(migrated)),
    ...(await checkAdvisorWorks(declared)),
  ];
}

async function checkSchema(migrated: string, declared: string): Promise<Finding[]> {
  const diff = await schemaDiff(migrated, declared);
  if (diff === '') return [];
  return [{ what: `The migrations lack what sql/ says:\n${diff}`, next: 'npm run db:diff -- <name>' }];
}

async function checkCopies(): Promise<Finding[]> {
  return changedCopies(await readSqlFiles(), await readMigrations()).map((file) => ({
    what: `No migration has this version of ${file.path} (${marker(file)}).`,
    next: 'npm run db:diff -- <name>',
  }));
}

async function checkRows(migrated: string, declared: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [table, query] of Object.entries(REFERENCE_ROWS)) {
    const [one, other] = [await rows(migrated, query), await rows(declared, query)];
    if (one.length > 0 && JSON.stringify(one) === JSON.stringify(other)) continue;
    findings.push({
      what: `The reference rows of ${table} differ: ${one.length} by the migrations, ${other.length} by sql/.`,
      next: "say in the domain's 5_data.sql what becomes of rows that are gone, then npm run db:diff -- <name>",
    });
  }
  return findings;
}

async function checkTypes(migrated: string): Promise<Finding[]> {
  const current = await readFile(join(ROOT, 'contracts', 'database.ts'), 'utf8').catch(() => '');
  if (current === (await databaseTypes(migrated))) return [];
  return [{ what: 'contracts/database.ts is not what the schema says.', next: 'npm run db:types' }];
}

/** `info` is left out: it lists tables that are closed on purpose, and indexes that an empty database never used. */
async function checkAdvice(migrated: string): Promise<Finding[]> {
  try {
    await advise(migrated);
    return [];
  } catch (error) {
    return [{ what: String(error), next: 'mend sql/ as the lint says, then npm run db:diff -- <name>' }];
  }
}

/** The advisor is silent where it cannot read which schemas are public. So it has to find a fault that we plant. */
async function checkAdvisorWorks(declared: string): Promise<Finding[]> {
  await rows(declared, 'create table public.planted_fault (id int); grant select on public.planted_fault to anon');
  const silent = await advise(declared).then(
    () => true,
    () => false,
  );
  if (!silent) return [];
  return [
    {
      what: '`supabase db advisors` says nothing of a table open to anon without row-level security: it checks nothing.',
      next: 'see that createProjectDatabase still sets pgrst.db_schemas',
    },
  ];
}

async function advise(databaseUrl: string): Promise<void> {
  await supabase('db', 'advisors', `--remote=${databaseUrl}`, '--level', 'warn', '--fail-on', 'warn');
}

async function rows(connectionString: string, query: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(query)).rows;
  } finally {
    await client.end();
  }
}
