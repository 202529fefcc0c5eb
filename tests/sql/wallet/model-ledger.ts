import { randomUUID } from 'node:crypto';
import { DatabaseError } from 'pg';
import { expect } from 'vitest';
import type { ClonedDatabase } from '../../support/clone-database.ts';
import type { Person, TestConnection } from '../../support/database.ts';
import { type Model, PEOPLE } from './model.ts';
import { decimal, type Money, Refusal } from './model-money.ts';
import type { ProviderModel } from './model-provider.ts';

export interface Outcome {
  readonly status: number;
  readonly code: string | null;
}

export interface Answer extends Outcome {
  readonly replayed: boolean;
  readonly body: Record<string, unknown>;
}

/** A request as a client sends it; the same again is a replay. */
export interface Request {
  readonly actor: number;
  readonly key: string;
  /** `transaction`, or an operation of the dispatcher. */
  readonly operation: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A transfer as an item of a batch. */
export interface Item {
  readonly from: number;
  readonly to: number;
  readonly money: Money;
  readonly key: string;
  /** Sent in a session that has ended. */
  readonly isStale: boolean;
}

const HASH = Buffer.from('h');
const OTHER_HASH = Buffer.from('another body');

/** The ledger in Postgres, through the entry points of the product, as the roles that may call them. */
export class Ledger {
  readonly people: readonly Person[];
  /** Two accounts of each, by `${person} ${currency}`. */
  readonly linked: ReadonlyMap<string, string>;
  /** The API, the worker, an operator, and somebody who has accounts locked. */
  readonly api: TestConnection;
  readonly worker: TestConnection;
  readonly operator: TestConnection;
  private readonly bystander: TestConnection;
  private readonly sessions: readonly string[];
  readonly startedIn: string;

  private constructor(
    [api, worker, operator, bystander]: readonly [TestConnection, TestConnection, TestConnection, TestConnection],
    cast: { people: Person[]; sessions: string[]; linked: Map<string, string>; startedIn: string },
  ) {
    [this.api, this.worker, this.operator, this.bystander] = [api, worker, operator, bystander];
    this.people = cast.people;
    this.sessions = cast.sessions;
    this.linked = cast.linked;
    this.startedIn = cast.startedIn;
  }

  /** Four connections; whatever waits too long for a lock fails. */
  static async connect(database: ClonedDatabase) {
    const open = async (role: string) => {
      const connection = await database.connect();
      // What a crash would lose is not asked here.
      await connection.query(`set synchronous_commit = off; set statement_timeout = '10s'; set role ${role}`);
      return connection;
    };
    return [
      await open('astra_api'),
      await open('astra_worker'),
      await open('postgres'),
      await open('postgres'),
    ] as const;
  }

  /** New people with linked accounts, and no fees or limits of currencies left over from others. */
  static async with(connections: Awaited<ReturnType<typeof Ledger.connect>>): Promise<Ledger> {
    const [, , operator] = connections;
    const people: Person[] = [];
    const sessions: string[] = [];
    const linked = new Map<string, string>();
    await operator.query('delete from ledger.fee_rules');
    for (let i = 0; i < PEOPLE; i += 1) {
      const person = await operator.signUp();
      people.push(person);
      sessions.push(await operator.signIn(person));
      const accounts = await operator.query<{ id: string; currency: string }>(
        `insert into ledger.linked_accounts (id, owner, provider, provider_token, kind, currency)
         select gen_random_uuid(), $1, 'fake', 'tok-' || gen_random_uuid(), 'bank_account', c from unnest(array['USD', 'JPY']) c
         returning id, currency`,
        [person.id],
      );
      for (const { id, currency } of accounts) linked.set(`${i} ${currency}`, id);
    }
    return new Ledger(connections, { people, sessions, linked, startedIn: await hourOf(operator) });
  }

  /** How a client names somebody: by id or username, in any case. */
  name(index: number): string {
    const person = this.people[index];
    if (!person) return 'nobody-of-this-name';
    return [person.id, person.username, person.username.toUpperCase()][index % 3] ?? person.id;
  }

  person(index: number): Person {
    const person = this.people[index];
    if (!person) throw new Error(`no person ${index}`);
    return person;
  }

  async send({ actor, key, operation, args }: Request, hash: Buffer = HASH): Promise<Answer> {
    const { id } = this.person(actor);
    const text =
      operation === 'transaction'
        ? "select * from app_private.post_transaction($1, $2, $3, $4, $5, $6, 'of a model', null)"
        : 'select * from app_private.wallet_command($1, $2, $3, $4, $5, $6)';
    const values =
      operation === 'transaction'
        ? [id, key, hash, args['recipient'], args['amount'], args['currency']]
        : [id, this.sessions[actor], key, hash, operation, args];
    return await answered(this.api.one(text, values));
  }

  /** The same request with the key of another one. */
  async sendOther(request: Request): Promise<Answer> {
    return await this.send(request, OTHER_HASH);
  }

  /** The answers of those that were plain, by their place. */
  async sendTogether(items: readonly Item[]): Promise<ReadonlyMap<number, Answer>> {
    const rows = await this.api.query<{
      ord: number;
      status: number;
      replayed: boolean;
      body: Record<string, unknown>;
    }>('select * from app_private.post_transactions($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
      items.map(({ from }) => this.person(from).id),
      items.map(({ from, isStale }) => (isStale ? randomUUID() : this.sessions[from])),
      items.map(({ key }) => key),
      items.map(() => HASH),
      items.map(({ to }) => this.name(to)),
      items.map(({ money }) => money.text),
      items.map(({ money }) => money.currency),
      items.map(() => 'of a model'),
      items.map(() => null),
    ]);
    return new Map(rows.map(({ ord, ...row }) => [ord - 1, { ...row, code: null }]));
  }

  /** Runs `work` while somebody else has the accounts of these people, and those of the system, where money comes in. */
  async whileBusy<T>(people: readonly number[], system: boolean, work: () => Promise<T>): Promise<T> {
    if (people.length === 0 && !system) return await work();
    await this.bystander.query('begin');
    await this.bystander.query(
      `select from ledger.accounts where purpose = 'available' and owner = any ($1) or owner is null and $2
       for no key update`,
      [people.filter((one) => one < PEOPLE).map((one) => this.person(one).id), system],
    );
    try {
      return await work();
    } finally {
      await this.bystander.query('rollback');
    }
  }

  /** What everybody reads of their wallet is what the model says. */
  async expectWallets(model: Model): Promise<void> {
    const read = await this.operator.query(
      `select p.n - 1 || ' ' || w.currency as name, w.balance, w.pending_balance, w.total_earnings, w.frozen
       from public.wallet w join unnest($1::uuid[]) with ordinality p (id, n) on p.id = w.user_id order by 1`,
      [this.people.map(({ id }) => id)],
    );
    expect(read).toEqual(
      [...model.wallets]
        .map(([name, { available, pending, earned }]) => {
          const [person, currency = ''] = name.split(' ');
          const flags = model.frozen[Number(person)];
          const frozen = flags?.in && flags.out ? 'both' : flags?.in ? 'in' : flags?.out ? 'out' : 'none';
          const [balance, pending_balance, total_earnings] = [available, pending, earned].map((x) =>
            decimal(x, currency),
          );
          return { name, balance, pending_balance, total_earnings, frozen };
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  }

  /** Holds, requests and what the provider moves ended as in the model. */
  async expectStates({ model, provider }: { model: Model; provider: ProviderModel }): Promise<void> {
    for (const [view, expected] of [
      ['holds', model.holds],
      ['payment_requests', model.asks],
      ['withdrawals', provider.payments.filter(({ type }) => type === 'payout')],
      ['deposits', provider.payments.filter(({ type }) => type === 'deposit')],
    ] as const) {
      const ids = expected.filter(({ id }) => id !== '').map(({ id }) => id);
      const read = await this.operator.query(
        `select v.id, v.state from public.${view} v join unnest($1::uuid[]) with ordinality i (id, n) using (id) order by i.n`,
        [ids],
      );
      expect(read).toEqual(expected.map(({ id, state }) => ({ id, state })));
    }
  }

  /** No invariant is broken, and the books balance. */
  async expectSound(): Promise<void> {
    expect(await this.operator.query('select * from ledger.audit() where violations <> 0')).toEqual([]);
    const broken = 'select a.id from ledger.accounts a, ledger.verify_chain(a.id) v where not v.ok';
    expect(await this.operator.query(broken)).toEqual([]);
    const uneven = `select currency, sum(minor) from (
      select currency, balance_minor as minor from ledger.accounts
      union all select currency, amount_minor from ledger.queued_entries) x group by currency having sum(minor) <> 0`;
    expect(await this.operator.query(uneven)).toEqual([]);
  }

  /** Counters of limits begin anew with the hour: what a run expects is then no longer so. */
  async isSameHour(): Promise<boolean> {
    return (await hourOf(this.operator)) === this.startedIn;
  }
}

async function hourOf(db: TestConnection): Promise<string> {
  return (await db.one<{ hour: string }>("select date_trunc('hour', clock_timestamp(), 'UTC')::text as hour")).hour;
}

/** The answer, or the refusal that was raised. */
async function answered(rows: Promise<Record<string, unknown>>): Promise<Answer> {
  try {
    const { status, replayed, body } = (await rows) as Omit<Answer, 'code'>;
    return { status, replayed, body, code: status >= 400 ? String(body['code']) : null };
  } catch (error) {
    if (!(error instanceof DatabaseError) || !error.code?.startsWith('PT')) throw error;
    return { status: Number(error.code.slice(2)), code: error.detail ?? null, replayed: false, body: {} };
  }
}

/** What the model says comes of something. */
export function predict<T>(status: number, work: () => T): { outcome: Outcome; result: T | null } {
  try {
    const result = work();
    return { outcome: { status, code: null }, result };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { outcome: { status: error.status, code: error.code }, result: null };
  }
}

export function outcomeOf({ status, code }: Answer): Outcome {
  return { status, code };
}
