import { Webhook } from 'standardwebhooks';
import type { Clock } from '../time.ts';
import type { Channel } from './deliveries.ts';

/** Signed as Standard Webhooks says. The id is that of the notification as it was then, the same at each try. */
export function webhookChannel(clock: Clock): Channel<{ readonly secret: string }> {
  return {
    name: 'webhook',
    every_ms: 500,
    most_per_host: 2,
    gone: [410],
    message(card, { url, secret }, seq) {
      const id = `msg_${card.id}_${seq}`;
      const at = clock.now();
      const body = JSON.stringify({ type: 'notification', timestamp: card.updated_at, data: { ...card, seq } });
      return {
        url,
        body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': new Webhook(secret).sign(id, at, body),
        },
      };
    },
  };
}
