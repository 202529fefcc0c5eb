import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { reasonOf } from '../../../worker/log.ts';
import { BodyTooLarge, readBody } from '../gateway/body.ts';
import { roomOf } from './channel.ts';
import { ENVELOPE_BYTES, type PerSecond } from './limits.ts';
import { Refusal } from './refusal.ts';
import type { Broadcast } from './serializers.ts';
import type { Services } from './services.ts';
import type { Claims } from './tokens.ts';

const BATCH_PATH = '/realtime/v1/api/broadcast';
const SINGLE_PATH = /^\/realtime\/v1\/api\/broadcast\/([^/]+)\/events\/([^/]+)$/;
const BATCH_MESSAGES = 1_000;

const batchSchema = z.object({
  messages: z
    .array(
      z.object({
        topic: z.string().min(1),
        event: z.string().min(1),
        payload: z.record(z.string(), z.unknown()),
        private: z.boolean().default(false),
      }),
    )
    .min(1)
    .max(BATCH_MESSAGES),
});

/** A broadcast that somebody without a WebSocket sends. */
interface Outgoing {
  readonly topic: string;
  readonly private: boolean;
  readonly broadcast: Broadcast;
}

class HttpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Answers the two HTTP forms of a broadcast. `rate` counts the messages of all clients. */
export async function answerBroadcast(
  services: Services,
  rate: PerSecond,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://realtime');
    const single = SINGLE_PATH.exec(pathname);
    if (request.method !== 'POST' || (single === null && pathname !== BATCH_PATH))
      throw new HttpRefusal(404, 'Not found');
    const claims = await claimsOf(services, request);
    const body = await readBody(request, services.limits.payload_bytes + ENVELOPE_BYTES);
    const messages = single === null ? batchOf(body) : [singleOf(single, searchParams, request, body)];
    if (messages.some(({ broadcast }) => broadcast.body.length > services.limits.payload_bytes)) {
      throw new HttpRefusal(422, 'Payload size exceeds the limit');
    }
    if (!rate.take(services.now_ms(), messages.length)) {
      services.metrics.limited.inc({ limit: 'http_messages' });
      throw new HttpRefusal(429, 'Too many messages per second');
    }
    const sent = await send(services, claims, headersOf(request), messages);
    if (single !== null && sent === 0) throw new HttpRefusal(403, 'Unauthorized');
    response.writeHead(202).end();
  } catch (error) {
    const { status, message } = refusalOf(services, error);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message }));
  }
}

async function claimsOf(services: Services, request: IncomingMessage): Promise<Claims> {
  const bearer = request.headers.authorization?.replace(/^Bearer\s+/i, '');
  try {
    return await services.tokens.verify(bearer || String(request.headers['apikey'] ?? ''));
  } catch (error) {
    if (error instanceof Refusal) throw new HttpRefusal(401, error.message);
    throw error;
  }
}

function batchOf(body: Buffer): Outgoing[] {
  const parsed = batchSchema.safeParse(jsonOf(body));
  if (!parsed.success) throw new HttpRefusal(422, z.prettifyError(parsed.error).slice(0, 1_000));
  return parsed.data.messages.map(({ topic, event, payload, private: isPrivate }) => ({
    topic,
    private: isPrivate,
    broadcast: { event, json: true, body: Buffer.from(JSON.stringify(payload)), meta: '' },
  }));
}

function singleOf(match: RegExpExecArray, query: URLSearchParams, request: IncomingMessage, body: Buffer): Outgoing {
  const [, topic = '', event = ''] = match.map(decoded);
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim();
  if (type !== 'application/json' && type !== 'application/octet-stream') {
    throw new HttpRefusal(415, 'Content-Type must be application/json or application/octet-stream');
  }
  const json = type === 'application/json';
  if (json) jsonOf(body);
  return { topic, private: query.get('private') === 'true', broadcast: { event, json, body, meta: '' } };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpRefusal(422, 'The path is not a valid URL');
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new HttpRefusal(422, 'The body is not JSON');
  }
}

/** Policies may read the headers that begin with `x-`; no token is among them. */
export function headersOf(request: IncomingMessage): string {
  return JSON.stringify(Object.fromEntries(Object.entries(request.headers).filter(([name]) => name.startsWith('x-'))));
}

/** Sends what may be sent and says how much that was: as upstream, a batch drops the rest silently. Asks once per topic. */
async function send(
  services: Services,
  claims: Claims,
  headers: string,
  messages: readonly Outgoing[],
): Promise<number> {
  const allowed = new Map<string, boolean>();
  let sent = 0;
  for (const { topic, private: isPrivate, broadcast } of messages) {
    if (isPrivate) {
      const may =
        allowed.get(topic) ?? (await services.authorization.writable({ topic, claims, headers }, 'broadcast'));
      allowed.set(topic, may);
      if (!may) continue;
    }
    services.metrics.received.inc({ kind: 'http' });
    services.broadcasts.toRoom(roomOf(topic, isPrivate), broadcast);
    sent += 1;
  }
  return sent;
}

function refusalOf(services: Services, error: unknown): { status: number; message: string } {
  if (error instanceof HttpRefusal) return error;
  if (error instanceof BodyTooLarge) return { status: 413, message: error.message };
  services.metrics.failures.inc({ part: 'http' });
  services.log('warn', 'a broadcast by HTTP failed', { reason: reasonOf(error) });
  return { status: 503, message: 'Realtime was unable to connect to the project database' };
}
