import type { Channel } from './channel.ts';
import type { Services } from './services.ts';

type Leaving = Pick<Services, 'rooms' | 'presence' | 'changes' | 'metrics'>;

/** Takes a channel out of everything; the others see its presence end. */
export function leave(services: Leaving, channel: Channel): void {
  if (!channel.open) return;
  channel.open = false;
  services.changes.unlink(channel);
  services.rooms.remove(channel);
  services.presence.untrack(channel);
  const { channels } = channel.connection;
  if (channels.get(channel.topic) === channel) channels.delete(channel.topic);
  services.metrics.channels.set(services.rooms.size);
}

/** Ends a channel because of something that its client must know. `why` is for metrics. */
export function shutDown(services: Leaving, channel: Channel, why: string, message: string): void {
  if (!channel.open) return;
  services.metrics.closed.inc({ why });
  channel.system('system', 'error', message);
  leave(services, channel);
  channel.pushOwn('phx_close');
}

/** Ends a channel in a way that makes its client join again at once: messages may be missing before that. */
export function tellToRejoin(services: Leaving, channel: Channel): void {
  if (!channel.open) return;
  services.metrics.closed.inc({ why: 'rejoin' });
  leave(services, channel);
  channel.pushOwn('phx_error');
}
