import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const MIGRATIONS_DIR = join(ROOT, 'supabase', 'migrations');

/** `schema` is compared by the database itself; roles and reference data are not part of a schema and travel as text. */
export type SqlKind = 'roles' | 'schema' | 'data';

/** One file of `sql/`, the declarative truth. */
export interface SqlFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly kind: SqlKind;
  readonly text: string;
  readonly sha256: string;
}

const KIND_BY_NUMBER: Readonly<Record<string, SqlKind>> = { '0': 'roles', '5': 'data' };

/** All files of `sql/` in the order in which they build a database: by domain, then by number. */
export async function readSqlFiles(): Promise<SqlFile[]> {
  const dir = join(ROOT, 'sql');
  const domains = (await readdir(dir)).filter((name) => /^\d\d_/.test(name)).sort();
  const files: SqlFile[] = [];
  for (const domain of domains) {
    const names = (await readdir(join(dir, domain))).filter((name) => name.endsWith('.sql')).sort();
    for (const name of names) {
      const text = await readFile(join(dir, domain, name), 'utf8');
      const kind = KIND_BY_NUMBER[name[0] ?? ''] ?? 'schema';
      files.push({ path: `sql/${domain}/${name}`, kind, text, sha256: sha256(text) });
    }
  }
  return files;
}

/** One file of `supabase/migrations`. */
export interface MigrationFile {
  /** `<version>_<name>.sql` */
  readonly file: string;
  readonly version: string;
  readonly name: string;
  readonly text: string;
}

/** All migrations, oldest first. Files that the official CLI would not take are not migrations. */
export async function readMigrations(dir = MIGRATIONS_DIR): Promise<MigrationFile[]> {
  const migrations: MigrationFile[] = [];
  for (const file of (await readdir(dir).catch(() => [])).sort()) {
    const [, version, name] = /^(\d+)_(.*)\.sql$/.exec(file) ?? [];
    if (version === undefined || name === undefined) continue;
    migrations.push({ file, version, name, text: await readFile(join(dir, file), 'utf8') });
  }
  return migrations;
}

/** Says in a migration which version of a roles or data file follows. */
export function marker(file: SqlFile): string {
  return `-- copy of ${file.path} sha256:${file.sha256}`;
}

/** The roles and data files whose newest copy in the migrations is not what they say now. */
export function changedCopies(files: readonly SqlFile[], migrations: readonly MigrationFile[]): SqlFile[] {
  const copied = new Map<string, string>();
  for (const { text } of migrations) {
    for (const [, path, hash] of text.matchAll(/^-- copy of (\S+) sha256:([0-9a-f]{64})$/gm)) {
      if (path && hash) copied.set(path, hash);
    }
  }
  return files.filter((file) => file.kind !== 'schema' && copied.get(file.path) !== file.sha256);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
