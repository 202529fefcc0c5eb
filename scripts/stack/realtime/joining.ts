import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { reasonOf } from '../../../worker/log.ts';
import { Channel, nameOf } from './channel.ts';
import type { Connection } from './connection.ts';
import { leave } from './leaving.ts';
import { type JoinPayload, joinSchema } from './protocol.ts';
import { Refusal } from './refusal.ts';
import { readRights } from './rights.ts';
import type { ClientMessage } from './serializers.ts';
import type { Services } from './services.ts';
import type { Subscription } from './subscriptions.ts';

/** Joins a topic, or says why not. A second join on a topic replaces the first. */
export async function join(services: Services, connection: Connection, message: ClientMessage): Promise<void> {
  const before = connection.channels.get(message.topic);
  if (before !== undefined) {
    leave(services, before);
    before.pushOwn('phx_close');
  }
  try {
    assertWithinLimits(services, connection);
    const payload = parse(message);
    const channel = await admit(services, connection, message, payload);
    await open(services, channel, message, payload);
    services.metrics.joins.inc({ outcome: 'ok' });
  } catch (error) {
    services.metrics.joins.inc({ outcome: 'refused' });
    if (!(error instanceof Refusal)) {
      services.metrics.failures.inc({ part: 'join' });
      services.log('warn', 'a join failed', { reason: reasonOf(error) });
    }
    const reason = error instanceof Refusal ? error.reason : 'UnknownErrorOnChannel: Unknown Error on Channel';
    connection.reply(message, 'error', { reason });
    // As Supabase's own server does: who joins without end is sent away.
    if (error instanceof Refusal && error.code === 'ClientJoinRateLimitReached') connection.close(1008, error.message);
  }
}

function assertWithinLimits({ limits, metrics, now_ms }: Services, connection: Connection): void {
  if (!connection.joins.take(now_ms())) {
    metrics.limited.inc({ limit: 'joins' });
    throw new Refusal('ClientJoinRateLimitReached', 'Too many joins per second');
  }
  if (connection.channels.size >= limits.channelsPerConnection) {
    metrics.limited.inc({ limit: 'channels' });
    throw new Refusal('ChannelRateLimitReached', 'Too many channels');
  }
}

function parse({ topic, payload }: ClientMessage): JoinPayload {
  if (nameOf(topic) === '') throw new Refusal('TopicNameRequired', 'You must provide a topic name');
  const parsed = joinSchema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new Refusal('InvalidJoinPayload', z.prettifyError(parsed.error).slice(0, 500));
}

/** Checks the token and asks the policies. */
async function admit(
  services: Services,
  connection: Connection,
  message: ClientMessage,
  { config, access_token, user_token }: JoinPayload,
): Promise<Channel> {
  const given = access_token ?? user_token ?? '';
  // The client sends its API key when nobody is signed in.
  const token = given === '' || given.startsWith('sb_') ? connection.hello.apiKey : given;
  const claims = await services.tokens.verify(token);
  const options = {
    private: config.private,
    acknowledges: config.broadcast.ack,
    hearsItself: config.broadcast.self,
    presenceKey: config.presence.key || randomUUID(),
  };
  const channel = new Channel(connection, message.topic, message.joinRef ?? message.ref, options, { token, claims });
  const extensions = config.presence.enabled ? (['broadcast', 'presence'] as const) : (['broadcast'] as const);
  channel.rights = { read: await readRights(services, channel, claims, extensions), write: {} };
  if (config.broadcast.replay && !(config.private && channel.hears('broadcast'))) {
    throw new Refusal('UnableToReplayMessages', 'Replay is not allowed for public channels');
  }
  return channel;
}

/**
 * Makes the channel live. What is sent after the answer to the join is seen: from there on nothing waits. With a replay the
 * channel is in its room before it looks older broadcasts up, so that none falls between the two.
 */
async function open(
  services: Services,
  channel: Channel,
  message: ClientMessage,
  { config }: JoinPayload,
): Promise<void> {
  const { rooms, presence, broadcasts, changes, metrics } = services;
  const { connection } = channel;
  const replay = config.broadcast.replay ?? null;
  const wanted = config.postgres_changes;
  if (replay !== null) {
    channel.held = [];
    rooms.add(channel);
  }
  let stored: Awaited<ReturnType<typeof broadcasts.stored>>;
  let subscriptions: readonly Subscription[] | Refusal;
  try {
    stored = replay === null ? [] : await broadcasts.stored(channel, replay);
    subscriptions = wanted.length === 0 ? [] : await changes.resolve(channel, wanted).catch(asRefusal);
    if (broadcasts.overflowed(channel)) throw new Refusal('UnableToReplayMessages', 'Too many messages came meanwhile');
  } catch (error) {
    rooms.remove(channel);
    throw error;
  }
  if (!connection.open) {
    rooms.remove(channel);
    return;
  }
  if (replay === null) rooms.add(channel);
  connection.channels.set(channel.topic, channel);
  metrics.channels.set(rooms.size);
  connection.reply(message, 'ok', { postgres_changes: wanted.map((one) => ({ ...one, id: changes.idOf(one) })) });
  if (replay !== null) broadcasts.release(channel, stored);
  if (config.presence.enabled && channel.hears('presence')) presence.sendState(channel);
  if (subscriptions instanceof Refusal) channel.system('postgres_changes', 'error', subscriptions.message);
  else if (wanted.length > 0) {
    changes.link(channel, subscriptions);
    channel.system('postgres_changes', 'ok', 'Subscribed to PostgreSQL');
  }
  if (config.broadcast.replication_ready) channel.system('system', 'ok', 'Replication connection established');
}

/** A channel is joined although the changes that it asked for cannot be had; it is told so. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
