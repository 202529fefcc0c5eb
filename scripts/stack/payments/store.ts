import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type Row, TABLES, type TableName } from './records.ts';

/** Rows kept of each table when the journal is written anew; what is still under way stays whatever its age. */
const KEPT_ROWS = 2_000;
const LINES_BEFORE_REWRITE = 20_000;

type Tables = { readonly [T in TableName]: ReadonlyMap<string, Row<T>> };

/** Everything that the provider remembers: maps in memory, every change a line in a journal. */
export interface PaymentStore extends AsyncDisposable {
  readonly tables: Tables;
  /** Adds or replaces a row by its id; visible at once, on the disk after `saved`. */
  readonly put: <T extends TableName>(table: T, row: Row<T>) => void;
  /** Resolves when every change so far is in the file. */
  readonly saved: () => Promise<void>;
}

/**
 * Opens the journal. It is replayed and written anew in one piece; a last line that a kill cut short is left out, because
 * nobody was answered before it was whole.
 */
export async function openPaymentStore(path: string): Promise<PaymentStore> {
  await mkdir(dirname(path), { recursive: true });
  const tables = await replay(path);
  let file = await writeAnew(path, tables);
  let lines = 0;
  let waiting: string[] = [];
  let writing: Promise<void> = Promise.resolve();

  // Changes that come while a write is under way share the next one.
  async function write(): Promise<void> {
    const batch = waiting;
    if (batch.length === 0) return;
    waiting = [];
    await file.appendFile(batch.join(''));
    lines += batch.length;
    if (lines < LINES_BEFORE_REWRITE) return;
    await file.close();
    prune(tables);
    file = await writeAnew(path, tables);
    lines = 0;
  }

  const saved = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };

  return {
    tables,
    put(table, row) {
      (tables[table] as Map<string, typeof row>).set(row.id, row);
      waiting.push(line(table, row));
    },
    saved,
    async [Symbol.asyncDispose]() {
      await saved();
      await file.close();
    },
  };
}

type OpenTables = { readonly [T in TableName]: Map<string, Row<T>> };

const record = z.object({ table: z.enum(Object.keys(TABLES) as [TableName, ...TableName[]]), row: z.unknown() });

async function replay(path: string): Promise<OpenTables> {
  const tables: OpenTables = {
    tokens: new Map(),
    accounts: new Map(),
    deposits: new Map(),
    payouts: new Map(),
    events: new Map(),
    answers: new Map(),
  };
  for (const text of (await readOrEmpty(path)).split('\n')) {
    const parsed = record.safeParse(parseJson(text));
    if (!parsed.success) continue;
    const { table, row } = parsed.data;
    const checked = TABLES[table].safeParse(row);
    if (checked.success) (tables[table] as Map<string, typeof checked.data>).set(checked.data.id, checked.data);
  }
  prune(tables);
  return tables;
}

function prune(tables: OpenTables): void {
  const underWay = (row: object): boolean =>
    ('status' in row && row.status === 'processing') || ('state' in row && row.state !== 'delivered');
  for (const table of Object.values(tables) as Map<string, object>[]) {
    let surplus = table.size - KEPT_ROWS;
    for (const [id, row] of table) {
      if (surplus <= 0) break;
      if (underWay(row)) continue;
      table.delete(id);
      surplus -= 1;
    }
  }
}

/** The whole content in a new file under the old name, open for what follows. */
async function writeAnew(path: string, tables: Tables): Promise<FileHandle> {
  const file = await open(`${path}.new`, 'w', 0o600);
  const names = Object.keys(tables) as TableName[];
  await file.writeFile(names.map((name) => [...tables[name].values()].map((row) => line(name, row)).join('')).join(''));
  await rename(`${path}.new`, path);
  return file;
}

function line(table: TableName, row: unknown): string {
  return `${JSON.stringify({ table, row })}\n`;
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
