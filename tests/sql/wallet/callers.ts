import { randomUUID } from 'node:crypto';
import { DatabaseError } from 'pg';
import { expect } from 'vitest';
import { readConfig } from '../../../functions/_shared/config.ts';
import { createDatabase, type Database } from '../../../functions/_shared/db.ts';
import { createLogger } from '../../../functions/_shared/log.ts';
import type { ClonedDatabase } from '../../support/clone-database.ts';
import { databaseUrl, type Person, type TestConnection } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

/** Somebody signed in, as the API knows them. */
export interface Caller extends Person {
  readonly session: string;
}

export interface Answer {
  readonly replayed: boolean;
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const HASH = Buffer.from('h');
const POST_TRANSACTION = `select r.replayed, r.status, r.body from app_private.assert_session($1, $2) s,
  app_private.post_transaction($1, $3, $4, $5, $6, 'USD', null, null) r`;
const POST_TRANSACTIONS = 'select * from app_private.post_transactions($1, $2, $3, $4, $5, $6, $7, $8, $9)';

/**
 * A pool of connections as the edge functions have them, and people with money. What reaches a caller as an error, but for
 * refusals, is kept in `failures`.
 */
export class Callers implements AsyncDisposable {
  readonly people: Caller[] = [];
  readonly failures: string[] = [];
  readonly observer: TestConnection;
  private readonly clone: ClonedDatabase;
  private api: Database;
  private total = 0;

  private constructor(clone: ClonedDatabase, observer: TestConnection, pool: number) {
    [this.clone, this.observer] = [clone, observer];
    this.api = this.openPool(pool);
  }

  static async open(clone: ClonedDatabase, people: number, amount: number, pool = 16): Promise<Callers> {
    const callers = new Callers(clone, await clone.connect(), pool);
    for (let i = 0; i < people; i += 1) await callers.join(amount);
    return callers;
  }

  async join(amount: number): Promise<Caller> {
    const person = await this.observer.signUp();
    const caller = { ...person, session: await this.observer.signIn(person) };
    await this.observer.fund(person, amount.toFixed(2));
    this.people.push(caller);
    this.total += amount * 100;
    return caller;
  }

  person(index: number): Caller {
    const person = this.people[index % this.people.length];
    if (!person) throw new Error('no people');
    return person;
  }

  /** The answer; null when it failed, which is noted. */
  async call<R extends object>(text: string, values: readonly unknown[]): Promise<R[] | null> {
    try {
      return await this.api.call<R>(text, values);
    } catch (error) {
      this.failures.push(error instanceof DatabaseError ? `${error.code} ${error.message}` : String(error));
      return null;
    }
  }

  async pay(from: Caller, to: Caller, amount: string, key: string | null = randomUUID()): Promise<Answer | null> {
    const rows = await this.call<Answer>(POST_TRANSACTION, [from.id, from.session, key, HASH, to.id, amount]);
    return rows?.[0] ?? null;
  }

  /** Pays all in one call, and those alone that were left out, as functions/wallet/transfers.ts does. */
  async payTogether(items: readonly { from: Caller; to: Caller; amount: string; key: string }[]): Promise<Answer[]> {
    const values = [
      items.map(({ from }) => from.id),
      items.map(({ from }) => from.session),
      items.map(({ key }) => key),
      items.map(() => HASH),
      items.map(({ to }) => to.id),
      items.map(({ amount }) => amount),
      ...[items.map(() => 'USD'), items.map(() => null), items.map(() => null)],
    ];
    // A payer whom others keep for too long lets the whole call go: that is an answer to the functions, not to a client.
    const rows = await this.api.call<Answer & { ord: number }>(POST_TRANSACTIONS, values).catch((error: unknown) => {
      if (!(error instanceof DatabaseError)) throw error;
      if (error.code !== '55P03') this.failures.push(`${error.code} ${error.message}`);
      return [];
    });
    const answers = new Map(rows.map((row) => [row.ord - 1, row]));
    const all: Answer[] = [];
    for (const [n, { from, to, amount, key }] of items.entries()) {
      const answer = answers.get(n) ?? (await this.pay(from, to, amount, key));
      if (answer) all.push(answer);
    }
    return all;
  }

  async command(person: Caller, operation: string, args: Record<string, unknown>): Promise<Answer | null> {
    const text = 'select * from app_private.wallet_command($1, $2, $3, $4, $5, $6)';
    const values = [person.id, person.session, randomUUID(), HASH, operation, args];
    return (await this.call<Answer>(text, values))?.[0] ?? null;
  }

  /** Runs `work` while the worker books what waits, expires what is over and audits, again and again. */
  async besideTheWorker(work: () => Promise<void>): Promise<void> {
    const worker = await this.clone.connect();
    await worker.query('set role astra_worker');
    let isOver = false;
    const upkeep = (async () => {
      for (let round = 0; !isOver; round += 1) {
        await worker.query('select app_private.fold_queued_entries(500), app_private.expire_holds(100)');
        if (round % 20 > 0) continue;
        const { audit } = await worker.one<{ audit: object }>("select app_private.audit_ledger('recent') as audit");
        if (!Reflect.get(audit, 'ok')) this.failures.push(JSON.stringify(audit));
      }
    })();
    try {
      await work();
    } finally {
      isOver = true;
      await upkeep;
    }
  }

  /** Nobody was told of a deadlock, none happened, no money came or went, and no invariant is broken. */
  async expectSound(): Promise<void> {
    expect(this.failures).toEqual([]);
    await this.api[Symbol.asyncDispose]();
    await eventually('all callers are gone, with their statistics', async () => {
      const callers =
        "select from pg_stat_activity where datname = current_database() and application_name = 'astra-functions'";
      return (await this.observer.query(callers)).length === 0;
    });
    expect(
      await this.observer.one('select deadlocks::int from pg_stat_database where datname = current_database()'),
    ).toEqual({
      deadlocks: 0,
    });
    const { total } = await this.observer.one(
      `select sum(x.minor)::text as total from (
         select a.balance_minor as minor from ledger.accounts a where a.owner is not null
         union all select q.amount_minor from ledger.queued_entries q where q.owner is not null) x`,
    );
    expect(total).toBe(String(this.total));
    expect(await this.observer.query('select * from ledger.audit() where violations <> 0')).toEqual([]);
    this.api = this.openPool(16);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
  }

  private openPool(max: number): Database {
    // The API's own login where its password is known: then each call is one statement that commits by itself.
    const url = new URL(process.env['ASTRA_API_DB_URL'] ?? databaseUrl());
    url.pathname = new URL(this.clone.url).pathname;
    const { database } = readConfig({
      ...{ SUPABASE_URL: 'http://127.0.0.1:1', SUPABASE_PUBLISHABLE_KEY: 'none', SUPABASE_JWT_SECRET: 'x'.repeat(32) },
      ...{ ASTRA_API_DB_URL: url.href, ASTRA_DB_POOL_MAX: String(max), ASTRA_DB_STATEMENT_TIMEOUT_MS: '20000' },
      ASTRA_DB_CONNECT_TIMEOUT_MS: '20000',
    });
    return createDatabase(database, createLogger('silent', Date.now));
  }
}
