import { AppError } from '../../contracts/errors.ts';
import { rateKeyOf } from '../_shared/client-ip.ts';
import type { Deps } from '../_shared/deps.ts';
import { describeError } from '../_shared/log.ts';
import type { Claims } from '../_shared/tokens.ts';

/** How far somebody's notifications are, as one of their streams sees it. */
export interface Head {
  readonly last_seq: number;
  /** How often they marked some. */
  readonly marks: number;
  /** Whether the session that opened the stream still lives. */
  readonly is_alive: boolean;
}

/** An open stream's view of what changes. */
export interface Watch extends Disposable {
  readonly head: () => Head;
  /** Returns when the head is another than the given one, after `ms`, or when the signal aborts. */
  readonly changed: (from: Head, ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when the runtime is about to end this process. */
  readonly ending: AbortSignal;
}

export interface Streams {
  /** Throws notifications.too_many_streams, service.busy, and what Postgres refuses. */
  readonly watch: (claims: Claims, address: string | undefined) => Promise<Watch>;
}

/** One question to Postgres for all streams of this process: it costs the same for one as for a thousand. */
const POLL_MS = 500;
const MAX_POLL_MS = 10_000;
const MAX_STREAMS = 1_000;
const MAX_STREAMS_OF_USER = 10;
/** Many people may come from one address, but not a tenth of all. */
const MAX_STREAMS_OF_ADDRESS = 100;

const HEADS = `select user_id, session_id, last_seq::float8 as last_seq, marks::float8 as marks, is_alive
  from app_private.notification_heads($1, $2)`;

interface HeadRow extends Head {
  readonly user_id: string;
  readonly session_id: string;
}

interface Watcher {
  readonly claims: Claims;
  readonly network: string | undefined;
  head: Head;
  wake: () => void;
}

/**
 * Watches notifications for streams by asking Postgres every half second while there are any. LISTEN would need a connection of its own,
 * which the pooler of a hosted project does not give, and NOTIFY makes all writers commit one after the other.
 */
export function createStreams({ db, logger }: Pick<Deps, 'db' | 'logger'>): Streams {
  const watchers = new Set<Watcher>();
  const ending = endingOfProcess();
  let polling = false;

  async function ask(wanted: readonly Claims[]): Promise<Map<string, Head>> {
    const users = wanted.map(({ user_id }) => user_id);
    const sessions = wanted.map(({ session_id }) => session_id);
    const rows = await db.call<HeadRow>(HEADS, [users, sessions], 'notification heads');
    return new Map(rows.map(({ user_id, session_id, ...head }) => [`${user_id} ${session_id}`, head]));
  }

  async function poll(): Promise<void> {
    let pause_ms = POLL_MS;
    while (watchers.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, pause_ms));
      const asked = [...watchers];
      try {
        const heads = await ask(asked.map(({ claims }) => claims));
        for (const watcher of asked) {
          const head = heads.get(keyOf(watcher.claims));
          if (head !== undefined && !isSame(head, watcher.head)) {
            watcher.head = head;
            watcher.wake();
          }
        }
        pause_ms = POLL_MS;
      } catch (error) {
        // Streams stay open and go on when Postgres is back.
        logger.log('warn', 'streams of notifications wait', { error: describeError(error) });
        pause_ms = Math.min(pause_ms * 2, MAX_POLL_MS);
      }
    }
    polling = false;
  }

  return {
    async watch(claims, address) {
      const network = address === undefined ? undefined : rateKeyOf(address);
      const own = [...watchers].filter((watcher) => watcher.claims.user_id === claims.user_id);
      const near = [...watchers].filter((watcher) => network !== undefined && watcher.network === network);
      if (own.length >= MAX_STREAMS_OF_USER || near.length >= MAX_STREAMS_OF_ADDRESS)
        throw new AppError('notifications.too_many_streams');
      if (watchers.size >= MAX_STREAMS) throw new AppError('service.busy', { retry_after_s: 5 });
      const watcher: Watcher = {
        claims,
        network,
        head: { last_seq: 0, marks: 0, is_alive: true },
        wake: () => undefined,
      };
      // Counted before the question, so that many at once find the same limit.
      watchers.add(watcher);
      try {
        const head = (await ask([claims])).get(keyOf(claims));
        if (head === undefined || !head.is_alive) throw new AppError('auth.session_revoked');
        watcher.head = head;
      } catch (error) {
        watchers.delete(watcher);
        throw error;
      }
      if (!polling) {
        polling = true;
        void poll();
      }
      return watchOf(watcher, ending, () => watchers.delete(watcher));
    },
  };
}

function watchOf(watcher: Watcher, ending: AbortSignal, close: () => void): Watch {
  return {
    ending,
    head: () => watcher.head,
    async changed(from, ms, signal) {
      if (!isSame(watcher.head, from) || signal.aborted) return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let wake: () => void = () => undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        watcher.wake = resolve;
        timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', wake, { once: true });
      });
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      watcher.wake = () => undefined;
    },
    [Symbol.dispose]: close,
  };
}

function keyOf({ user_id, session_id }: Claims): string {
  return `${user_id} ${session_id}`;
}

function isSame(one: Head, other: Head): boolean {
  return one.last_seq === other.last_seq && one.marks === other.marks && one.is_alive === other.is_alive;
}

/** Supabase's runtime says so before it ends a function, whatever the reason (time, memory, a new version). */
function endingOfProcess(): AbortSignal {
  const ending = new AbortController();
  const { addEventListener: listen } = globalThis as { addEventListener?: (name: string, tell: () => void) => void };
  listen?.call(globalThis, 'beforeunload', () => ending.abort());
  return ending.signal;
}
