import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getAuthSchemaSql, getStorageSchemaSql } from '@supabase/lite';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { StackContext, StackSecrets } from '../context.ts';
import type { PostgresHome } from './home.ts';

/** Holds what a hosted project has before any migration; every project database is a copy of it. */
const TEMPLATE = 'astra_platform';

/** Roles that log in, besides the superuser. The product's own roles get their logins after the migrations made them. */
const PLATFORM_LOGINS = ['postgres', 'supabase_lite', 'supabase_realtime_gateway'] as const;
const PRODUCT_LOGINS = ['astra_api', 'astra_worker'] as const;

/** In this order: the second calls what the first makes. */
const REALTIME_FILES = ['realtime.sql', 'realtime-server.sql'] as const;

/** Makes the database files, owned by the right user, with the superuser `supabase_admin`. Does nothing the second time. */
export async function initCluster(home: PostgresHome, secrets: StackSecrets): Promise<void> {
  if (existsSync(join(home.clusterDir, 'PG_VERSION'))) return;
  const scratch = await mkdtemp(join(tmpdir(), 'astra-initdb-'));
  try {
    const passwordFile = join(scratch, 'password');
    await writeFile(passwordFile, secrets.passwords.supabase_admin, { mode: 0o600 });
    await run(home, [
      `--pgdata=${home.clusterDir}`,
      '--username=supabase_admin',
      `--pwfile=${await readableBy(home, scratch, passwordFile)}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      ...(process.platform === 'linux' ? ['--locale=C.UTF-8'] : ['--locale=C']),
      '--no-sync',
    ]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Brings a running cluster to the state of a hosted project: roles with today's passwords, the template, database `postgres`.
 * The template is made again when its definition changed; a database with data in it is left alone, and people are told.
 */
export async function prepareCluster(context: StackContext, adminUrl: string): Promise<void> {
  await using admin = await connect(withDatabase(adminUrl, 'template1'));
  const roles = await admin.query("select 1 from pg_roles where rolname = 'authenticator'");
  if (roles.rowCount === 0) await admin.query(await platformFile('roles.sql'));
  await admin.query(await platformFile('realtime-role.sql'));
  await admin.query(await platformFile('storage-role.sql'));
  for (const role of PLATFORM_LOGINS) await setPassword(admin, role, context.secrets);

  const definition = await platformDefinition();
  const version = createHash('sha256').update(definition).digest('hex').slice(0, 16);
  if ((await templateVersion(admin)) !== version) {
    await makeTemplate(admin, adminUrl, definition, version);
    if (await isInitial(admin)) await createProjectDatabase(adminUrl, 'postgres');
    else context.log('postgres', 'the platform stand-in is newer than this database; for it: npm start -- --reset');
  }
  await prepareRealtime(withDatabase(adminUrl, 'postgres'));
}

/**
 * What a hosted project's Realtime server does when it connects: brings its tables and functions to their newest form, makes the
 * partitions of these days, and forgets broadcasts that are older than three days.
 */
async function prepareRealtime(projectUrl: string): Promise<void> {
  await using project = await connect(projectUrl);
  for (const file of REALTIME_FILES) await project.query(await platformFile(file));
  await project.query('select from _realtime.keep_days()');
}

/**
 * Makes a database as a new hosted project has it: schemas auth, storage and realtime with their tables, owned by role
 * `postgres`, none of our migrations. One of the same name is dropped first.
 * @param adminUrl the superuser's URL, any database
 * @returns the superuser's URL of the new database; see {@link withDatabase} for other roles
 */
export async function createProjectDatabase(adminUrl: string, name: string): Promise<string> {
  await using admin = await connect(withDatabase(adminUrl, 'template1'));
  const id = escapeIdentifier(name);
  await admin.query(`drop database if exists ${id} with (force)`);
  await admin.query(`create database ${id} template ${TEMPLATE} owner postgres`);
  // The official advisors read from here which schemas the REST API shows.
  await admin.query(`alter database ${id} set pgrst.db_schemas = 'public'`);
  return withDatabase(adminUrl, name);
}

/** Lets the roles that the migrations made log in, each with its own password, as a hosted project's owner would. */
export async function enableProductLogins(adminUrl: string, secrets: StackSecrets): Promise<void> {
  await using admin = await connect(adminUrl);
  for (const role of PRODUCT_LOGINS) {
    const known = await admin.query('select 1 from pg_roles where rolname = $1', [role]);
    if (known.rowCount) await setPassword(admin, role, secrets);
  }
}

/** The same server and role, another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(name)}`;
  return changed.href;
}

async function connect(connectionString: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

async function setPassword(admin: Client, role: keyof StackSecrets['passwords'], secrets: StackSecrets): Promise<void> {
  await admin.query(`alter role ${escapeIdentifier(role)} login password ${escapeLiteral(secrets.passwords[role])}`);
}

/** Our stand-in, with the tables of lite's Auth and Storage made by their own owners, in one script. */
async function platformDefinition(): Promise<string> {
  return [
    await platformFile('platform.sql'),
    ...(await Promise.all(REALTIME_FILES.map(platformFile))),
    // Both scripts say `create schema if not exists`, which needs the right to create one even when it is there.
    'grant create on database :database to supabase_auth_admin, supabase_storage_admin;',
    'set role supabase_auth_admin;',
    getAuthSchemaSql(),
    await platformFile('auth.sql'),
    'reset role; set role supabase_storage_admin;',
    getStorageSchemaSql(),
    'reset role;',
    'revoke create on database :database from supabase_auth_admin, supabase_storage_admin;',
  ].join('\n');
}

function platformFile(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), 'utf8');
}

async function templateVersion(admin: Client): Promise<string | null> {
  const found = await admin.query(
    "select shobj_description(oid, 'pg_database') as version from pg_database where datname = $1",
    [TEMPLATE],
  );
  return found.rows[0]?.version ?? null;
}

async function makeTemplate(admin: Client, adminUrl: string, definition: string, version: string): Promise<void> {
  const exists = await admin.query('select 1 from pg_database where datname = $1', [TEMPLATE]);
  if (exists.rowCount) await admin.query(`alter database ${TEMPLATE} is_template false`);
  await admin.query(`drop database if exists ${TEMPLATE} with (force)`);
  await admin.query(`create database ${TEMPLATE} template template0`);
  {
    await using inside = await connect(withDatabase(adminUrl, TEMPLATE));
    await inside.query(definition.replaceAll(':database', TEMPLATE));
  }
  // Nobody may connect: `create database … template` fails while someone does.
  await admin.query(`alter database ${TEMPLATE} allow_connections false is_template true`);
  await admin.query(`comment on database ${TEMPLATE} is ${escapeLiteral(version)}`);
}

/** True while database `postgres` is the empty one that initdb made. */
async function isInitial(admin: Client): Promise<boolean> {
  const owner = await admin.query("select datdba::regrole::text as owner from pg_database where datname = 'postgres'");
  return owner.rows[0]?.owner !== 'postgres';
}

async function readableBy(home: PostgresHome, dir: string, file: string): Promise<string> {
  if (home.user) {
    for (const path of [dir, file]) await chown(path, home.user.uid, home.user.gid);
  }
  return file;
}

function run(home: PostgresHome, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(home.initdb, [...args], {
      ...home.user,
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Postgres could not make its files in ${home.clusterDir}:\n${output.trimEnd()}`));
    });
  });
}
