import type { Config } from '../../../functions/_shared/config.ts';
import { readConfig } from '../../../functions/_shared/config.ts';
import type { Database, Transaction } from '../../../functions/_shared/db.ts';
import { createDeps, type Deps } from '../../../functions/_shared/deps.ts';
import { createLogger } from '../../../functions/_shared/log.ts';

export const SECRET = 'a secret of at least thirty-two characters';

/** The least that a function needs to start; the database is on a port that nothing listens on. */
export const ENVIRONMENT = {
  SUPABASE_URL: 'http://127.0.0.1:54321',
  SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_test',
  SUPABASE_JWT_SECRET: SECRET,
  ASTRA_API_DB_URL: 'postgres://astra_api:x@127.0.0.1:9/postgres',
  ASTRA_DB_CONNECT_TIMEOUT_MS: '500',
  ASTRA_AUTH_FLOOR_MS: '0',
};

/** Real dependencies with a collected log; parts may be replaced. */
export function depsFor(
  env: Readonly<Record<string, string>> = {},
  replaced: Partial<Deps> = {},
): Deps & { readonly lines: string[] } {
  const lines: string[] = [];
  const clock = replaced.clock ?? Date.now;
  const deps = createDeps(
    { ...ENVIRONMENT, ...env },
    { clock, logger: createLogger('debug', clock, (line) => lines.push(line)), ...pick(replaced) },
  );
  return { ...deps, ...replaced, lines };
}

function pick({ fetch, newId }: Partial<Deps>) {
  return { ...(fetch === undefined ? {} : { fetch }), ...(newId === undefined ? {} : { newId }) };
}

/** A configuration for one part alone. */
export function configFor(env: Readonly<Record<string, string>> = {}): Config {
  return readConfig({ ...ENVIRONMENT, ...env });
}

/** A database whose every use fails with an error, as `pg` would throw it. */
export function failingDatabase(error: () => Error): Database {
  const fail = () => Promise.reject(error());
  return { asUser: fail, asApi: fail, call: fail, ask: fail, async [Symbol.asyncDispose]() {} };
}

/** A database that answers every query with the rows that `answer` gives for its text. */
export function answeringDatabase(answer: (text: string, params: readonly unknown[]) => object[]): Database {
  const query = async <R extends object>(text: string, params: readonly unknown[] = []) => answer(text, params) as R[];
  const tx: Transaction = { query, async becomeUser() {}, async becomeApi() {} };
  return {
    asUser: (_claims, work) => work(tx),
    asApi: (work) => work(tx),
    call: query,
    ask: (_caller, text, params) => query(text, params),
    async [Symbol.asyncDispose]() {},
  };
}

/** An error as `pg` throws it for an answer of the server. */
export function postgresError(code: string, fields: { message?: string; detail?: string; hint?: string } = {}): Error {
  return Object.assign(new Error(fields.message ?? 'internal words'), { severity: 'ERROR', code, ...fields });
}
