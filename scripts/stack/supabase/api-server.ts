import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '@supabase/lite';
import type { PostgresConnection } from '@supabase/lite/postgres';
import { type Problem, problemResponse } from '../gateway/respond.ts';
import { openConnection } from './connection.ts';

const END_SECONDS = 2;
/** As long as a loaded machine may take; a database that is gone refuses much sooner. */
const PING_MS = 5_000;
const ANSWER_MS = 20_000;
/** Each keeps its body and is asked of the database in the end, whoever still waits for it. */
const MAX_WAITING = 2_000;
/** An object takes as long as its sender's line does. */
const UPLOAD_MS = 15 * 60_000;
const UPLOAD = /^\/storage\/v1\/object\/(?!sign\/|list\/|upload\/sign\/|move$|copy$)/;
const SIGNED_UPLOAD = /^\/storage\/v1\/object\/upload\/sign\//;

export interface ApiServerOptions {
  readonly databaseUrl: string;
  readonly maxConnections: number;
  /** Makes the server on a fresh connection pool. */
  readonly build: (connection: PostgresConnection) => App;
  /** Default 20 s, longer than any statement may take: roles that clients use are cut off after 8 s. Tests shorten it. */
  readonly answerMs?: number;
}

/** One server of @supabase/lite that survives the loss of its database. */
export interface ApiServer extends AsyncDisposable {
  /** @param peerAddress the socket's remote address, never a header. */
  readonly fetch: (request: Request, peerAddress: string | null) => Promise<Response>;
  /** Makes it look at the database's tables and functions again. */
  readonly reloadSchema: () => Promise<void>;
}

interface Generation {
  readonly app: App;
  readonly connection: PostgresConnection;
  /** A connection of its own to ask whether the database is there: behind all that wait for the others it would seem gone. */
  readonly probe: PostgresConnection;
  /** Requests that it has answered, in time or not, and that it has still to answer. */
  answered: number;
  waiting: number;
  lost: boolean;
}

/**
 * Starts a server. When a connection to the database is lost, the next request gets a new pool and a new server on it: the
 * driver hands out a reserved connection again after it has died, so a pool that lost one never recovers by itself.
 * @throws Error when the database does not answer now.
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { databaseUrl, maxConnections, build, answerMs = ANSWER_MS } = options;

  async function open(): Promise<Generation> {
    let generation: Generation | undefined;
    let lost = false;
    const onLost = () => {
      lost = true;
      if (generation !== undefined) generation.lost = true;
    };
    const connection = await openConnection(databaseUrl, maxConnections, onLost);
    const probe = await openConnection(databaseUrl, 1, onLost);
    // It connects when it is first asked, and must not have to while everybody waits.
    await probe.ping();
    const app = await withoutNotice(() => build(connection).init());
    generation = { app, connection, probe, answered: 0, waiting: 0, lost };
    return generation;
  }

  let current = open();

  async function usable(): Promise<Generation> {
    const asked = current;
    const generation = await asked.catch(() => null);
    if (generation === null) {
      // It could not be opened either: whoever comes first tries again.
      if (current === asked) current = open();
      return await current;
    }
    if (generation.lost && current === asked) {
      current = open();
      void end(generation);
    }
    return await current;
  }

  const first = await current;
  if (!(await first.connection.ping())) {
    await end(first);
    throw new Error(
      'Auth, REST, Storage and Studio cannot reach Postgres. Is it running, and does their login role exist?',
    );
  }
  return {
    async fetch(request, peerAddress) {
      const generation = await usable();
      if (generation.waiting >= MAX_WAITING) return problemResponse(BUSY);
      const answeredBefore = generation.answered;
      const answered = answer(generation, request, peerAddress);
      const response = await within(isUpload(request) ? UPLOAD_MS : answerMs, answered, null);
      // Without its database the server reports an internal error, or that a table does not exist, or waits for ever.
      const suspect = response === null || response.status >= 500 || response.status === 404;
      if (!suspect) return response;
      // Where others were answered meanwhile this one only stood behind them: to start anew would end theirs too.
      const isWorking = response !== null || generation.answered > answeredBefore;
      if (isWorking && (await isAlive(generation))) return response ?? problemResponse(SLOW);
      generation.lost = true;
      await response?.body?.cancel();
      return problemResponse(DATABASE_DOWN);
    },
    reloadSchema: async () => (await current).connection.clearSchemaCache(),
    async [Symbol.asyncDispose]() {
      const generation = await current.catch(() => null);
      if (generation !== null) await end(generation);
    },
  };
}

/**
 * The package warns on every start that Storage is experimental in it, and knows no option against that. It does so before
 * `init` first waits, so the console is back before anything else can speak.
 */
function withoutNotice<T>(init: () => Promise<T>): Promise<T> {
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).startsWith('EXPERIMENTAL FEATURES ENABLED')) warn(...words);
  };
  try {
    return init();
  } finally {
    console.warn = warn;
  }
}

function isUpload({ method, url }: Request): boolean {
  const { pathname } = new URL(url);
  return (
    (method === 'PUT' && SIGNED_UPLOAD.test(pathname)) || (['POST', 'PUT'].includes(method) && UPLOAD.test(pathname))
  );
}

async function answer(generation: Generation, request: Request, peerAddress: string | null): Promise<Response> {
  generation.waiting += 1;
  try {
    return await generation.app.fetch(request, { peerAddress });
  } finally {
    generation.waiting -= 1;
    generation.answered += 1;
  }
}

async function isAlive(generation: Generation): Promise<boolean> {
  return !generation.lost && (await within(PING_MS, generation.probe.ping(), false)) === true;
}

/** The promise's value, or `fallback` when it takes too long. */
async function within<T, F>(ms: number, promise: Promise<T> | T, fallback: F): Promise<T | F> {
  const waiting = new AbortController();
  try {
    return await Promise.race([promise, delay(ms, fallback, { signal: waiting.signal, ref: false })]);
  } finally {
    waiting.abort();
  }
}

async function end({ connection, probe }: Generation): Promise<void> {
  await Promise.all([connection, probe].map(({ driver }) => driver.end({ timeout: END_SECONDS })));
}

const DATABASE_DOWN: Problem = {
  status: 503,
  code: 'gateway.database_unavailable',
  detail: 'The database is not answering.',
  hint: 'It may be starting again; try again in a moment.',
  retryAfter: 1,
};

const SLOW: Problem = {
  status: 504,
  code: 'gateway.timeout',
  detail: 'There was no answer in time: others stood before this request.',
  hint: 'Look whether it was done, and try again; ask for less at the same time.',
  retryAfter: 5,
};

const BUSY: Problem = {
  status: 503,
  code: 'gateway.busy',
  detail: 'More is asked for at once than can wait for an answer; this request was not begun.',
  hint: 'Try again after Retry-After seconds; ask for less at the same time.',
  retryAfter: 5,
};
