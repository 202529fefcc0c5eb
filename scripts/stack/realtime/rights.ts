import { DatabaseError } from 'pg';
import { reasonOf } from '../../../worker/log.ts';
import type { Extension } from './authorization.ts';
import type { Channel } from './channel.ts';
import { Refusal } from './refusal.ts';
import type { Services } from './services.ts';
import type { Claims } from './tokens.ts';

type Asking = Pick<Services, 'authorization' | 'metrics' | 'log'>;

/**
 * Asks what the owner of these claims may read on the channel. Public channels are everybody's.
 * @throws Refusal when they may read nothing, or when nobody can say.
 */
export async function readRights(
  services: Asking,
  channel: Pick<Channel, 'connection' | 'name' | 'options'>,
  claims: Claims,
  extensions: readonly Extension[],
): Promise<Channel['rights']['read']> {
  if (!channel.options.private) return {};
  let readable: ReadonlySet<Extension>;
  try {
    readable = await services.authorization.readable(askerOf(channel, claims), extensions);
  } catch (error) {
    services.metrics.failures.inc({ part: 'authorization' });
    services.log('warn', 'the policies of a topic could not be asked', { reason: reasonOf(error) });
    if (isPolicyFault(error)) throw unauthorized(channel.name);
    throw new Refusal('UnableToConnectToProject', 'Realtime was unable to connect to the project database');
  }
  if (readable.size === 0) throw unauthorized(channel.name);
  return Object.fromEntries(extensions.map((extension) => [extension, readable.has(extension)]));
}

/** Whether the channel's client may write there: asked once per token, at the first time that it matters. */
export function mayWrite(services: Asking, channel: Channel, extension: Extension): boolean | Promise<boolean> {
  if (!channel.options.private) return true;
  return channel.rights.write[extension] ?? askWrite(services, channel, extension);
}

async function askWrite(services: Asking, channel: Channel, extension: Extension): Promise<boolean> {
  const { rights } = channel;
  try {
    const may = await services.authorization.writable(askerOf(channel, channel.claims), extension);
    rights.write[extension] = may;
    return may;
  } catch (error) {
    // Not remembered: the next message asks again.
    services.metrics.failures.inc({ part: 'authorization' });
    services.log('warn', 'the policies of a topic could not be asked', { reason: reasonOf(error) });
    return false;
  }
}

function askerOf({ connection, name }: Pick<Channel, 'connection' | 'name'>, claims: Claims) {
  return { topic: name, claims, headers: connection.hello.headers };
}

function unauthorized(name: string): Refusal {
  return new Refusal('Unauthorized', `You do not have permissions to read from this Channel topic: ${name}`);
}

/** A policy that fails is a no; a database that is starting, stopping, full or too slow has said nothing. */
function isPolicyFault(error: unknown): boolean {
  return error instanceof DatabaseError && !/^(?:53|57|08)/.test(error.code ?? '');
}
