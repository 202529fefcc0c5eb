import type pg from 'pg';
import type { Config } from './config.ts';
import { databaseFields, isRetryable, isStalePlan } from './database-errors.ts';
import { inline, type Parameter } from './inline.ts';
import { describeError, type Logger } from './log.ts';
import { createPool } from './pool.ts';
import type { Claims } from './tokens.ts';

/** Runs SQL; rows come as plain objects, timestamps as ISO text with microseconds, bigint as text. */
export interface Sql {
  /** With a `name`, one per text, the statement is planned once per connection instead of at each call. */
  readonly query: <R extends object>(text: string, params?: readonly unknown[], name?: string) => Promise<R[]>;
}

/** A transaction that may change between the API's own role and the user's. */
export interface Transaction extends Sql {
  /** From here on row-level security of the user applies. */
  readonly becomeUser: (claims: Claims) => Promise<void>;
  /** From here on the functions in `app_private` may be called. */
  readonly becomeApi: () => Promise<void>;
}

/** Postgres, as a role without BYPASSRLS. */
export interface Database extends AsyncDisposable {
  /** A transaction as the user, after Postgres confirmed that the session lives (else auth.session_revoked). */
  readonly asUser: <T>(claims: Claims, work: (sql: Sql) => Promise<T>, mode?: 'read' | 'write') => Promise<T>;
  /** A transaction as `astra_api`. */
  readonly asApi: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;
  /** One statement as `astra_api`, committed by itself: a single round trip when the login is that role. */
  readonly call: <R extends object>(text: string, params?: readonly unknown[], name?: string) => Promise<R[]>;
  /**
   * One statement in a transaction of its own and in a single round trip, as the user (whose session Postgres confirms, else
   * auth.session_revoked) or as nobody in particular. Each `$n` of the text is a parameter, also inside quotes: leave none there.
   */
  readonly ask: <R extends object>(
    caller: Claims | undefined,
    text: string,
    params?: readonly Parameter[],
  ) => Promise<R[]>;
}

const API_ROLE = 'astra_api';
const MAX_ATTEMPTS = 4;

/** A pool of bounded size; connects on first use and recovers by itself when Postgres comes back. */
export function createDatabase(config: Config['database'], logger: Logger): Database {
  const pool = createPool(config, logger);
  let loginIsApi: boolean | undefined;

  /** Lends a client; gives it back clean or destroys it. A client whose state is unknown is never used again. */
  async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let healthy = false;
    try {
      loginIsApi ??= await isApiLogin(client);
      const result = await work(client);
      healthy = true;
      return result;
    } catch (error) {
      healthy = await leaveTransaction(client, error);
      throw error;
    } finally {
      client.release(!healthy);
    }
  }

  const transact = <T>(begin: (client: pg.PoolClient) => string, work: (client: pg.PoolClient) => Promise<T>) =>
    retrying(logger, () =>
      withClient(async (client) => {
        await client.query(begin(client));
        const result = await work(client);
        const { command } = await client.query('commit');
        // A commit of a transaction in which an error was swallowed answers ROLLBACK, not an error.
        if (command !== 'COMMIT') throw new Error('the transaction was rolled back because an error in it was ignored');
        return result;
      }),
    );

  return {
    asUser: (claims, work, mode = 'write') =>
      transact(
        (client) =>
          `begin${mode === 'read' ? ' read only' : ''};${roleStatement(loginIsApi)}${userStatement(client, claims)}`,
        (client) => work(sqlOf(client)),
      ),
    asApi: (work) =>
      transact(
        () => `begin;${roleStatement(loginIsApi)}`,
        (client) => work(transactionOf(client)),
      ),
    async call<R extends object>(text: string, params: readonly unknown[] = [], name?: string) {
      if (loginIsApi === false) return await this.asApi((tx) => tx.query<R>(text, params, name));
      return await retrying(logger, () =>
        withClient(async (client) => {
          // The first call finds out who the login is; a login that is not the API's needs a transaction around.
          if (loginIsApi === true) return await sqlOf(client).query<R>(text, params, name);
          await client.query(`begin;${roleStatement(false)}`);
          const rows = await sqlOf(client).query<R>(text, params, name);
          await client.query('commit');
          return rows;
        }),
      );
    },
    ask: <R extends object>(caller: Claims | undefined, text: string, params: readonly Parameter[] = []) =>
      retrying(logger, () =>
        withClient(async (client) => {
          const become = caller === undefined ? ANONYMOUS : userStatement(client, caller);
          const statement = inline(text, params, (literal) => client.escapeLiteral(literal));
          // Several statements in one text give several results, which the types of `pg` do not know.
          const results: unknown = await client.query(
            `begin;${roleStatement(loginIsApi)}${become};${statement};commit`,
          );
          const [asked, ended] = (results as pg.QueryResult[]).slice(-2);
          if (ended?.command !== 'COMMIT') throw new Error('the statement was rolled back without an error');
          return (asked as pg.QueryResult<R>).rows;
        }),
      ),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

function roleStatement(loginIsApi: boolean | undefined): string {
  return loginIsApi === true ? '' : `set local role ${API_ROLE};`;
}

/** Becomes nobody in particular, as PostgREST does for a request without a token. */
const ANONYMOUS = `select set_config('request.jwt.claims', '{"role":"anon"}', true), set_config('request.jwt.claim.role', 'anon', true),
  set_config('role', 'anon', true)`;

/**
 * One statement that asserts the session and becomes the user. Sent as text with `begin` in one round trip, hence the literals.
 * Both forms of the claims are set: PostgREST's JSON, and the single ones that @supabase/lite's `auth.uid()` reads.
 */
function userStatement(client: pg.PoolClient, claims: Claims): string {
  const literal = (text: string) => client.escapeLiteral(text);
  return `select app_private.assert_session(${literal(claims.user_id)}::uuid, ${literal(claims.session_id)}::uuid), ${[
    ['request.jwt.claims', claims.json],
    ['request.jwt.claim.sub', claims.user_id],
    ['request.jwt.claim.role', 'authenticated'],
    ['role', 'authenticated'],
  ]
    .map(([name = '', value = '']) => `set_config('${name}', ${literal(value)}, true)`)
    .join(', ')}`;
}

function sqlOf(client: pg.PoolClient): Sql {
  return {
    async query<R extends object>(text: string, params: readonly unknown[] = [], name?: string) {
      const values = [...params];
      return (await client.query<R>(name === undefined ? { text, values } : { name, text, values })).rows;
    },
  };
}

function transactionOf(client: pg.PoolClient): Transaction {
  return {
    ...sqlOf(client),
    async becomeUser(claims) {
      await client.query(userStatement(client, claims));
    },
    async becomeApi() {
      await client.query(`set local role ${API_ROLE}`);
    },
  };
}

async function isApiLogin(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ login: string }>('select session_user::text as login');
  return rows[0]?.login === API_ROLE;
}

/** Whether the client can be used again: it cannot after a lost connection or a timeout, whose answer may still arrive. */
async function leaveTransaction(client: pg.PoolClient, error: unknown): Promise<boolean> {
  if (isStalePlan(error)) return false;
  const isAnswer = databaseFields(error) !== undefined || !(error instanceof Error && DRIVER_FAULT.test(error.message));
  if (!isAnswer) return false;
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

const DRIVER_FAULT = /^(Query read timeout|Connection terminated|Client has encountered|Client was closed)/;

/** Runs again after a serialization failure or a deadlock, a bounded number of times, with growing random pauses. */
async function retrying<T>(logger: Logger, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error) || attempt === MAX_ATTEMPTS) throw error;
      logger.log('debug', 'transaction is run again', { attempt, error: describeError(error) });
      const pause_ms = Math.random() * 10 * 2 ** attempt;
      await new Promise((resolve) => setTimeout(resolve, pause_ms));
    }
  }
}
