import type { Context } from 'hono';
import { type NotificationCard, type NotificationCounts, streamQuery } from '../../contracts/api/notifications.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { describeError } from '../_shared/log.ts';
import { readQuery } from '../_shared/request.ts';
import { readRows } from '../_shared/rows.ts';
import type { Head, Streams, Watch } from './streams.ts';

/** So often something is sent, so that nothing between here and the client takes the stream for dead. */
const HEARTBEAT_MS = 15_000;
const PAGE = 50;
/** Somebody who reads takes what was sent before the next is due. */
const STALL_MS = 30_000;
/** After Postgres could not be asked. */
const RETRY_MS = 1_000;

type EndReason = 'time' | 'token_expired' | 'session_ended' | 'shutting_down';

/** One Server-Sent Event, or a comment. */
export interface Sent {
  readonly id?: number;
  readonly event?: string;
  readonly data?: unknown;
  readonly retry_ms?: number;
  readonly comment?: string;
}

/**
 * GET notifications/stream: Server-Sent Events, resumed by Last-Event-ID. It ends by itself before the runtime would end it, and its client comes again with the number of the last event.
 * Each event has the number of its notification as id, and numbers follow commits: after any of them, nothing is missed and nothing comes twice.
 * Throws notifications.too_many_streams, service.busy.
 */
export async function openStream(c: Context<AppEnv>, deps: Deps, streams: Streams): Promise<Response> {
  const { after_seq } = readQuery(c, streamQuery);
  const after = lastEventId(c) ?? after_seq;
  const watch = await streams.watch(c.get('claims'), c.get('ip'));
  const stopped = new AbortController();
  const events = eventsOf(c, deps, watch, after, stopped.signal);
  let close: () => void = () => undefined;
  // A hosted function that has answered counts as idle, and may be ended, unless somebody waits for it.
  deps.keepAlive(
    new Promise<void>((resolve) => {
      close = resolve;
    }),
  );
  const end = () => {
    stopped.abort();
    watch[Symbol.dispose]();
    close();
  };
  const body = bodyOf(events, {
    ...{ stall_ms: STALL_MS, end },
    failed(error) {
      // A session that ended, or a database that is too busy, is told to the client, not to operators.
      const level = error instanceof AppError ? 'info' : 'error';
      deps.logger.log(level, 'a stream of notifications broke', { error: describeError(error) });
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

export interface BodyOptions {
  /** Whoever takes nothing for so long does not read any more. */
  readonly stall_ms: number;
  /** Called once, however it ends. */
  readonly end: () => void;
  /** Called before, when the events broke and the client was still there. */
  readonly failed: (error: unknown) => void;
}

/**
 * Events as bytes. Nothing is read before the client takes it: who is slow gets later what has become of things meanwhile. Who takes nothing
 * is not waited for: no write says so, so a clock does.
 */
export function bodyOf(events: AsyncGenerator<Sent, void>, { stall_ms, end, failed }: BodyOptions) {
  const encoder = new TextEncoder();
  let stall: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const finish = () => {
    clearTimeout(stall);
    if (isOver) return;
    isOver = true;
    end();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(stall);
      try {
        const { value, done } = await events.next();
        if (isOver) return;
        if (done !== true) {
          controller.enqueue(encoder.encode(textOf(value)));
          stall = setTimeout(() => {
            controller.error(new Error('the client does not read'));
            finish();
          }, stall_ms);
          return;
        }
        controller.close();
      } catch (error) {
        if (!isOver) {
          failed(error);
          controller.error(error);
        }
      }
      finish();
    },
    cancel: finish,
  });
}

async function* eventsOf(
  c: Context<AppEnv>,
  deps: Deps,
  watch: Watch,
  after: number | undefined,
  stopped: AbortSignal,
): AsyncGenerator<Sent, void> {
  const { clock } = deps;
  const claims = c.get('claims');
  const limit_ms = clock() + deps.config.stream_s * 1_000;
  const expires_ms = claims.expires_at * 1_000;
  const over = AbortSignal.any([stopped, watch.ending]);
  let head = watch.head();
  // A number that was never given, such as one of another project: the client has to read its list again.
  const isKnown = after === undefined || after <= head.last_seq;
  let position = isKnown ? (after ?? head.last_seq) : head.last_seq;
  // Not all at the same moment, when a function with a thousand streams ends.
  yield { retry_ms: 500 + Math.round(Math.random() * 1_000), comment: 'notifications' };
  yield { id: position, event: isKnown ? 'ready' : 'reset', data: { after_seq: position } };
  let told: Head | undefined;
  while (!stopped.aborted) {
    head = watch.head();
    const reason = endOf(head, watch, clock(), { limit_ms, expires_ms });
    if (reason !== undefined) return yield { event: 'end', data: { reason } };
    try {
      if (head.last_seq > position) {
        const cards = await readRows<NotificationCard>(c, deps, 'my_notifications', {
          ...{ p_limit: PAGE, p_after_seq: position },
        });
        for (const card of cards) yield { id: card.seq, event: 'notification', data: card };
        // What was committed up to the head was there to be read; what was not shown is passed over.
        const upTo = cards.length < PAGE ? head.last_seq : 0;
        const last = Math.max(position, cards.at(-1)?.seq ?? 0, upTo);
        if (last > (cards.at(-1)?.seq ?? position)) yield { id: last };
        position = last;
        if (cards.length === PAGE) continue;
      }
      if (told === undefined || told.last_seq !== head.last_seq || told.marks !== head.marks) {
        const [counts] = await readRows<NotificationCounts>(c, deps, 'notification_counts', {});
        yield { event: 'counts', data: counts };
        told = head;
      }
    } catch (error) {
      if (error instanceof AppError || stopped.aborted) throw error;
      deps.logger.log('warn', 'a stream of notifications waits', { error: describeError(error) });
      await watch.changed(head, RETRY_MS, over);
      continue;
    }
    const wait_ms = Math.max(1, Math.min(HEARTBEAT_MS, limit_ms - clock(), expires_ms - clock()));
    await watch.changed(head, wait_ms, over);
    if (wait_ms === HEARTBEAT_MS) yield { comment: 'still here' };
  }
}

function endOf(
  head: Head,
  watch: Watch,
  now_ms: number,
  { limit_ms, expires_ms }: { readonly limit_ms: number; readonly expires_ms: number },
): EndReason | undefined {
  if (!head.is_alive) return 'session_ended';
  if (now_ms >= expires_ms) return 'token_expired';
  if (watch.ending.aborted) return 'shutting_down';
  return now_ms >= limit_ms ? 'time' : undefined;
}

/** What the client had last; EventSource sends it by itself. */
function lastEventId(c: Context<AppEnv>): number | undefined {
  const id = c.req.header('last-event-id');
  if (id === undefined || id === '') return undefined;
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw new AppError('request.invalid', {
    fields: [{ path: 'header.last-event-id', message: 'must be the id of an event of this stream' }],
  });
}

/** JSON has no line breaks of its own, so each is one line of data. */
function textOf({ id, event, data, retry_ms, comment }: Sent): string {
  const lines: string[] = [];
  if (comment !== undefined) lines.push(`: ${comment}`);
  if (retry_ms !== undefined) lines.push(`retry: ${retry_ms}`);
  if (id !== undefined) lines.push(`id: ${id}`);
  if (event !== undefined) lines.push(`event: ${event}`);
  if (data !== undefined) lines.push(`data: ${JSON.stringify(data)}`);
  return `${lines.join('\n')}\n\n`;
}
