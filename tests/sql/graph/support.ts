import { expect } from 'vitest';
import { type Person, type Refusal, type TestConnection, withRollback } from '../../support/database.ts';

export interface Card {
  readonly id: string;
  readonly username: string;
  readonly is_private: boolean;
  readonly followed_by_me: boolean;
  readonly follows_me: boolean;
  readonly at: Date;
}

/** A transaction with people in it, and the graph functions as the API calls them. */
export class Graph {
  readonly db: TestConnection;

  constructor(db: TestConnection) {
    this.db = db;
  }

  /** Calls `app_private.<name>` as the API. */
  async act<T = Record<string, unknown>>(name: string, ...args: unknown[]): Promise<T> {
    await this.db.as({ role: 'astra_api' });
    return (await this.db.one<{ answer: T }>(`${callOf(name, args)} as answer`, args)).answer;
  }

  /** The refusal of such a call. */
  async refused(name: string, ...args: unknown[]): Promise<Refusal> {
    await this.db.as({ role: 'astra_api' });
    return this.db.refusal(callOf(name, args), args);
  }

  /** Runs a query as somebody signed in, or as nobody. */
  async asked<Row = Record<string, unknown>>(by: Person | null, sql: string, values: unknown[] = []): Promise<Row[]> {
    await this.db.as(by ? { role: 'authenticated', sub: by.id } : { role: 'anon' });
    return this.db.query<Row>(sql, values);
  }

  async refusedTo(by: Person | null, sql: string, values: unknown[] = []): Promise<Refusal> {
    await this.db.as(by ? { role: 'authenticated', sub: by.id } : { role: 'anon' });
    return this.db.refusal(sql, values);
  }

  /** Ids of the people in a list, as somebody sees it. */
  async ids(by: Person | null, call: string, values: unknown[] = []): Promise<string[]> {
    return (await this.asked<Card>(by, `select * from ${call}`, values)).map((card) => card.id);
  }

  async setPrivacy(person: Person, settings: Record<string, unknown>): Promise<void> {
    await this.asked(person, 'update public.account_settings set privacy_settings = $2 where user_id = $1', [
      person.id,
      settings,
    ]);
  }

  /** Rows of follows from one to the other, seen by the owner of the tables. */
  async follows(one: Person, other: Person): Promise<boolean> {
    await this.db.as({ role: 'postgres' });
    const rows = await this.db.query('select from public.follows where follower_id = $1 and followee_id = $2', [
      one.id,
      other.id,
    ]);
    return rows.length === 1;
  }

  async expectCounts(person: Person, followers: number, following: number): Promise<void> {
    await this.db.as({ role: 'postgres' });
    const counts = await this.db.one(
      'select followers_count::int as followers, following_count::int as following from app_private.shown_profile_counts(null, $1)',
      [person.id],
    );
    expect(counts).toEqual({ followers, following });
  }
}

function callOf(name: string, args: readonly unknown[]): string {
  return `select app_private.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')})`;
}

/** Runs `fn` with new people in a transaction that is rolled back. */
export function withPeople<T>(count: number, fn: (graph: Graph, ...people: Person[]) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    const people: Person[] = [];
    for (let n = 0; n < count; n += 1) people.push(await db.signUp());
    return await fn(new Graph(db), ...people);
  });
}
