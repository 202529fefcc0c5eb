import { randomBytes, randomUUID } from 'node:crypto';
import { Client, DatabaseError } from 'pg';

/** Who runs a statement: a role of the database and, for an API role, the claims of its token. */
export interface Actor {
  readonly role: 'anon' | 'authenticated' | 'service_role' | 'astra_api' | 'astra_worker' | 'postgres';
  /** The user's id. */
  readonly sub?: string;
  readonly session_id?: string;
}

/** A person made by a sign-up. */
export interface Person {
  readonly id: string;
  readonly username: string;
}

/** What a refused statement said. */
export interface Refusal {
  readonly sqlstate: string;
  /** The stable code of our own refusals (`wallet.insufficient_funds`). */
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  /** The parts of the request that it is about, of a refusal by ledger.fail_parts. */
  readonly parts: unknown;
}

/** A connection with the words that tests of the database use. */
export class TestConnection {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  async query<Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query(text, [...values])).rows as Row[];
  }

  /** The only row. */
  async one<Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Row> {
    const [row, ...more] = await this.query<Row>(text, values);
    if (row === undefined || more.length > 0) throw new Error(`not exactly one row: ${text}`);
    return row;
  }

  /** Runs what must be refused, in a transaction that goes on afterwards, and gives the refusal. */
  async refusal(text: string, values: readonly unknown[] = []): Promise<Refusal> {
    await this.client.query('savepoint refused');
    try {
      await this.client.query(text, [...values]);
    } catch (error) {
      await this.client.query('rollback to savepoint refused');
      return refusalOf(error);
    }
    throw new Error(`was not refused: ${text}`);
  }

  /** From here to the end of the transaction this is `actor`, with the claims in both forms that Supabase knows. */
  async as(actor: Actor): Promise<void> {
    await this.client.query('reset role');
    const claims = actor.sub === undefined ? { role: actor.role } : actor;
    await this.client.query(
      `select set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', $2, true),
              set_config('request.jwt.claim.role', $3, true)`,
      [JSON.stringify(claims), actor.sub ?? '', actor.role],
    );
    if (actor.role !== 'postgres') await this.client.query(`set local role ${actor.role}`);
  }

  /** Signs somebody up as the Auth server does: by a row in auth.users. Must run as postgres. */
  async signUp(meta: Record<string, unknown> = { username: freshName() }, email?: string): Promise<Person> {
    const id = randomUUID();
    await this.client.query('insert into auth.users (id, email, raw_user_meta_data) values ($1, $2, $3)', [
      id,
      email ?? `${id}@example.test`,
      meta,
    ]);
    return this.one<Person>('select id, username::text from public.profiles where id = $1', [id]);
  }

  async signIn(user: Person): Promise<string> {
    const id = randomUUID();
    await this.client.query(
      "insert into auth.sessions (id, user_id, user_agent, ip) values ($1, $2, 'test', '192.0.2.7')",
      [id, user.id],
    );
    return id;
  }

  async fund(user: Person, amount: string, currency = 'USD'): Promise<string> {
    const { id } = await this.one<{ id: string }>('select admin.fund_wallet($1, $2, $3, $4) as id', [
      user.username,
      amount,
      currency,
      'test money',
    ]);
    return id;
  }
}

/** A username that no other test has: tests run side by side in one database. */
export function freshName(prefix = 't'): string {
  return `${prefix}${randomBytes(6).toString('hex')}`;
}

/** The refusal in an error of the driver; anything else is thrown again. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof DatabaseError)) throw error;
  const { code, detail, message, hint, column } = error;
  const parts: unknown = code?.startsWith('PT') && column ? JSON.parse(column) : undefined;
  return { sqlstate: code ?? '', code: detail, message, hint, parts };
}

/** The database under test, as role `postgres`. */
export function databaseUrl(): string {
  const url = process.env['ASTRA_TEST_DB_URL'] ?? process.env['SUPABASE_DB_URL'];
  if (url === undefined) throw new Error('Neither ASTRA_TEST_DB_URL nor SUPABASE_DB_URL is set.\n  Next: npm test');
  return url;
}

/** Opens a connection; `await using` closes it. */
export async function connect(url = databaseUrl()): Promise<TestConnection & AsyncDisposable> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(new TestConnection(client), { [Symbol.asyncDispose]: () => client.end() });
}

/** Runs `fn` as role `postgres` in one transaction that is rolled back; `db.as(…)` changes who it is. */
export async function withRollback<T>(fn: (db: TestConnection) => Promise<T>): Promise<T> {
  await using db = await connect();
  await db.client.query('begin');
  try {
    return await fn(db);
  } finally {
    await db.client.query('rollback').catch(() => undefined);
  }
}

/** Runs `work` in one transaction that is committed, or rolled back when it throws. */
export async function committed<T>(db: TestConnection, work: () => Promise<T>): Promise<T> {
  await db.query('begin');
  try {
    const result = await work();
    await db.query('commit');
    return result;
  } catch (error) {
    await db.query('rollback');
    throw error;
  }
}

/** Runs one statement as a person in a transaction of its own, as a request does. */
export function asRequest<Row = Record<string, unknown>>(
  db: TestConnection,
  person: Person,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return committed(db, async () => {
    await db.as({ role: 'authenticated', sub: person.id });
    return await db.query<Row>(text, values);
  });
}

/** Runs `fn` as `actor` in one transaction that is rolled back. */
export function asUser<T>(actor: Actor, fn: (db: TestConnection) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    await db.as(actor);
    return await fn(db);
  });
}
