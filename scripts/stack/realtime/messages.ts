import type { Channel } from './channel.ts';
import type { Connection } from './connection.ts';
import { join } from './joining.ts';
import { leave, shutDown, tellToRejoin } from './leaving.ts';
import { Refusal } from './refusal.ts';
import { mayWrite, readRights } from './rights.ts';
import type { Broadcast, ClientMessage } from './serializers.ts';
import type { Services } from './services.ts';

/** Does what a client asks; what takes no time is done when this returns, so that a broadcast is not put off by a promise. */
export function handleMessage(
  services: Services,
  connection: Connection,
  message: ClientMessage,
): Promise<void> | undefined {
  if (message.topic === 'phoenix') {
    connection.reply(message, 'ok');
    return undefined;
  }
  if (message.event === 'phx_join') return join(services, connection, message);
  const channel = connection.channels.get(message.topic);
  if (channel === undefined) {
    if (message.event === 'phx_leave') connection.reply(message, 'ok');
    else connection.reply(message, 'error', { reason: 'unmatched topic' });
    return undefined;
  }
  if (!connection.messages.take(services.now_ms())) {
    services.metrics.limited.inc({ limit: 'messages' });
    shutDown(services, channel, 'limit', 'Too many messages per second');
    return undefined;
  }
  switch (message.event) {
    case 'phx_leave':
      connection.reply(message, 'ok');
      leave(services, channel);
      channel.pushOwn('phx_close');
      return undefined;
    case 'access_token':
      return refreshToken(services, channel, message.payload['access_token']);
    case 'broadcast':
      return broadcast(services, channel, message);
    case 'presence':
      return changePresence(services, channel, message);
    default:
      return undefined;
  }
}

/** The rights of the new token are asked before the old ones end. Who lost one, or sends a bad token, is closed out. */
async function refreshToken(services: Services, channel: Channel, token: unknown): Promise<void> {
  if (typeof token !== 'string' || token === '' || token === channel.token || token.startsWith('sb_')) return;
  try {
    const claims = await services.tokens.verify(token);
    const before = channel.rights.read;
    const asksPresence = before.presence !== undefined;
    const read = await readRights(services, channel, claims, asksPresence ? ['broadcast', 'presence'] : ['broadcast']);
    if ((before.broadcast && !read.broadcast) || (before.presence && !read.presence)) {
      const text = `You no longer have permission to read from this Channel topic: ${channel.name}`;
      throw new Refusal('Unauthorized', text);
    }
    const roleChanged = claims.role !== channel.claims.role;
    Object.assign(channel, { token, claims, rights: { read, write: {} } });
    if (roleChanged) await services.changes.resolveAgain(channel);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // The database is away, not the right: the client comes back by itself.
    if (error.code === 'UnableToConnectToProject') tellToRejoin(services, channel);
    else shutDown(services, channel, 'token', error.message);
  }
}

function broadcast(services: Services, channel: Channel, message: ClientMessage): Promise<void> | undefined {
  services.metrics.received.inc({ kind: 'broadcast' });
  const sent = message.broadcast ?? broadcastOf(message);
  if (sent.body.length > services.limits.payload_bytes) {
    services.metrics.limited.inc({ limit: 'payload' });
    if (channel.options.acknowledges) channel.connection.reply(message, 'error');
    return undefined;
  }
  const deliver = (allowed: boolean) => {
    // As upstream: who may not send hears nothing, not even with ack.
    if (!allowed || !channel.open) return;
    services.broadcasts.fromClient(channel, sent);
    if (channel.options.acknowledges) channel.connection.reply(message, 'ok');
  };
  const may = mayWrite(services, channel, 'broadcast');
  if (typeof may !== 'boolean') return may.then(deliver);
  deliver(may);
  return undefined;
}

/** As clients of the old serializer send it. */
function broadcastOf({ payload }: ClientMessage): Broadcast {
  const body = Buffer.from(JSON.stringify(payload['payload'] ?? {}));
  return { event: String(payload['event'] ?? ''), json: true, body, meta: '' };
}

async function changePresence(services: Services, channel: Channel, message: ClientMessage): Promise<void> {
  services.metrics.received.inc({ kind: 'presence' });
  const { connection } = channel;
  if (!connection.presence.take(services.now_ms())) {
    services.metrics.limited.inc({ limit: 'presence' });
    shutDown(services, channel, 'limit', 'Too many presence messages per second');
    return;
  }
  switch (String(message.payload['event']).toLowerCase()) {
    case 'track':
      await track(services, channel, message, message.payload['payload'] ?? {});
      return;
    case 'untrack':
      services.presence.untrack(channel);
      connection.reply(message, 'ok');
      return;
    default:
      connection.reply(message, 'error');
  }
}

async function track(services: Services, channel: Channel, message: ClientMessage, shown: unknown): Promise<void> {
  const { connection } = channel;
  if (typeof shown !== 'object' || shown === null || Array.isArray(shown)) {
    connection.reply(message, 'error', { reason: 'Presence track payload must be a map' });
    return;
  }
  if (JSON.stringify(shown).length > services.limits.presence_bytes) {
    services.metrics.limited.inc({ limit: 'presence_size' });
    shutDown(services, channel, 'limit', 'Track message size exceeded');
    return;
  }
  // Who joined without presence may still begin to show themselves; whether they see others is asked now.
  if (channel.options.private && channel.rights.read.presence === undefined) {
    const { rights } = channel;
    const asked = await readRights(services, channel, channel.claims, ['presence']).catch(() => ({ presence: false }));
    rights.read.presence = asked.presence === true;
  }
  const allowed = await mayWrite(services, channel, 'presence');
  if (!channel.open) return;
  if (allowed) services.presence.track(channel, shown as Record<string, unknown>);
  connection.reply(message, allowed ? 'ok' : 'error');
}
