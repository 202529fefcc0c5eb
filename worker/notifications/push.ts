import { createHash } from 'node:crypto';
import webpush from 'web-push';
import type { ChannelsConfig } from './config.ts';
import type { Channel } from './deliveries.ts';

interface PushTarget {
  readonly p256dh: string;
  readonly auth: string;
}

/** A push service keeps it so long for a device that is off. */
const TTL_S = 86_400;
const URGENT = new Set(['messages', 'calls', 'security']);

/**
 * Web Push: encrypted for the device (RFC 8291), signed with the project's key (RFC 8292). The topic makes a push service replace what it
 * still has of the same notification, and `tag` a browser what it shows.
 */
export function pushChannel(keys: NonNullable<ChannelsConfig['push']>): Channel<PushTarget> {
  return {
    name: 'push',
    every_ms: 500,
    gone: [404, 410],
    message(card, { url, p256dh, auth }, seq) {
      const payload = JSON.stringify({
        ...{ id: card.id, seq, kind: card.kind, category: card.category, text: card.text, tag: card.id },
        ...{ actors: card.actors.map(({ username, avatar_url }) => ({ username, avatar_url })), subject: card.subject },
        created_at: card.created_at,
      });
      const { headers, body } = webpush.generateRequestDetails({ endpoint: url, keys: { p256dh, auth } }, payload, {
        vapidDetails: { subject: keys.subject, publicKey: keys.publicKey, privateKey: keys.privateKey },
        contentEncoding: 'aes128gcm',
        TTL: TTL_S,
        urgency: URGENT.has(card.category) ? 'high' : 'normal',
        topic: createHash('sha256').update(card.id).digest('base64url').slice(0, 32),
      });
      return { url, headers: headers as Record<string, string>, body: body ?? '' };
    },
  };
}
