import type { Context } from 'hono';
import type { z } from 'zod';
import { sendMessageRequest } from '../../contracts/api/messages.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Database } from '../_shared/db.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitKey } from '../_shared/guards.ts';
import { readBody } from '../_shared/request.ts';
import { type RpcRow, rpc } from '../_shared/rpc.ts';
import { createTogether } from '../_shared/together.ts';
import type { Claims } from '../_shared/tokens.ts';
import { change } from './call.ts';

type Body = z.output<typeof sendMessageRequest>;

/** One message as its writer asked for it. */
export interface Sending {
  readonly claims: Claims;
  readonly body: Body;
}

/** Sends messages; gives the card of each, or throws its own refusal, and service.busy when too many wait. */
export type Sender = (sending: Sending) => Promise<unknown>;

/** As many messages as may wait in one process: about a second of work. */
const MAX_WAITING = 2_000;

const SEND_MESSAGES = 'select ord, card from app_private.send_messages($1, $2, $3)';

type Db = Pick<Database, 'ask' | 'call'>;

/** Messages that arrive while others are being sent share one statement and one commit; what is odd goes alone. */
export function createSending(db: Db): Sender {
  return createTogether<Sending, unknown>({
    together: (sendings) => sendTogether(db, sendings),
    alone: (sending) => sendAlone(db, sending),
    maxQueue: MAX_WAITING,
  });
}

async function sendTogether(db: Db, sendings: readonly Sending[]): Promise<Map<number, unknown>> {
  const params = [
    sendings.map(({ claims }) => claims.user_id),
    sendings.map(({ claims }) => claims.session_id),
    sendings.map(({ body }) => JSON.stringify(body)),
  ];
  const rows = await db.call<{ ord: number; card: unknown }>(SEND_MESSAGES, params, 'messages.send_messages');
  return new Map(rows.map(({ ord, card }) => [ord - 1, card]));
}

async function sendAlone(db: Db, { claims, body }: Sending): Promise<unknown> {
  const { text, params } = rpc('send_message', { p: JSON.stringify(body) });
  const [answer] = await db.ask<RpcRow<unknown>>(claims, text, params);
  return answer?.row;
}

/**
 * POST messages. Sent again with the same client_id it answers the same message. Throws messages.conversation_not_found,
 * messages.not_accepted, messages.client_id_reused, follows.blocked, rate_limit.exceeded and what makes no message.
 */
export async function sendMessage(c: Context<AppEnv>, deps: Deps, send: Sender): Promise<Response> {
  const body = await readBody(c, sendMessageRequest);
  const claims = c.get('claims');
  await limitKey(deps, c, 'message', claims.user_id);
  if (c.req.header('idempotency-key') !== undefined || !mayBePlain(body))
    return await change(c, deps, body, 'send_message', { p: JSON.stringify(body) }, { status: 201 });
  return Response.json(await send({ claims, body }), { status: 201 });
}

const PLAIN_FIELDS = new Set(['content', 'client_id', 'conversation_id', 'receiver_id', 'group_id']);

/** Whether a message has words and nothing else, and names nobody: every batch would leave others out. */
export function mayBePlain(body: Body): boolean {
  const { content } = body;
  if (typeof content !== 'string' || content.includes('@')) return false;
  return Object.keys(body).every((field) => PLAIN_FIELDS.has(field));
}
