import { createHash, ECDH } from 'node:crypto';
import webpush from 'web-push';
import type { NotificationCard } from '../../contracts/api/notifications.ts';
import type { ChannelsConfig } from './config.ts';
import { type Channel, UnusableTarget } from './deliveries.ts';

interface PushTarget {
  readonly p256dh: string;
  readonly auth: string;
}

/** A push service keeps it so long for a device that is off. */
const TTL_S = 86_400;
/** A push service takes 4,096 bytes, of which encryption needs 103. */
const MAX_BYTES = 3_993;
const URGENT = new Set(['messages', 'calls', 'security']);

/**
 * Web Push: encrypted for the device (RFC 8291), signed with the project's key (RFC 8292). The topic makes a push service replace what it
 * still has of the same notification, and `tag` a browser what it shows.
 */
export function pushChannel(keys: NonNullable<ChannelsConfig['push']>): Channel<PushTarget> {
  return {
    name: 'push',
    every_ms: 500,
    // A push service is one host for everybody with the same browser.
    most_per_host: 16,
    gone: [404, 410],
    message(card, { url, p256dh, auth }, seq) {
      assertPoint(p256dh);
      const payload = payloadOf(card, seq);
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

/** Without pictures where they would make it larger than a push service takes. */
function payloadOf(card: NotificationCard, seq: number): string {
  const payload = (actors: readonly unknown[]) =>
    JSON.stringify({
      ...{ id: card.id, seq, kind: card.kind, category: card.category, text: card.text.slice(0, 500), tag: card.id },
      ...{ actors, subject: card.subject, created_at: card.created_at },
    });
  const whole = payload(card.actors.map(({ username, avatar_url }) => ({ username, avatar_url })));
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole;
  return payload(card.actors.map(({ username }) => ({ username, avatar_url: null })));
}

/** A key may look right and be no point of the curve, which is seen here alone. */
function assertPoint(p256dh: string): void {
  try {
    ECDH.convertKey(p256dh, 'prime256v1', 'base64url');
  } catch (cause) {
    throw new UnusableTarget('its keys are not those of a push subscription', { cause });
  }
}
