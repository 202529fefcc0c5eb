import type { EventOf } from '../../contracts/events.ts';
import type { MediaFacts, Projection } from './projection.ts';

/** What is known of a medium now. Each event writes fields of its own, so the order in which they come does not matter. */
export function projectMediaReady({ payload, occurred_at }: EventOf<'media.ready'>): Projection {
  const { media_id, user_id, files, ...facts } = payload;
  return plain({ media_id, user_id, facts: { ...facts, files, ready_at: new Date(occurred_at) } });
}

export function projectMediaRefused({ payload, occurred_at }: EventOf<'media.refused'>): Projection {
  const { media_id, user_id, bucket, error } = payload;
  return plain({ media_id, user_id, facts: { bucket, error, refused_at: new Date(occurred_at) } });
}

/** Objects that are gone: audited. One of several (name) says nothing of the medium as a whole. */
export function projectMediaDeleted({ payload, occurred_at }: EventOf<'media.deleted'>): Projection {
  const { media_id, user_id, ...details } = payload;
  const audit = { subject_ids: [user_id], details: { media_id, ...details } };
  // Whose account is gone, of them nothing is kept.
  if (payload.name !== null || payload.reason === 'account_deleted') return { audit, cache: [] };
  const facts = { bucket: payload.bucket, deleted_at: new Date(occurred_at), deleted_for: payload.reason };
  return { audit, cache: [], media: { media_id, user_id, facts } };
}

function plain(media: MediaFacts): Projection {
  return { audit: null, cache: [], media };
}
