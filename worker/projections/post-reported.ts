import type { EventOf } from '../../contracts/events.ts';
import type { Projection } from './projection.ts';

/** Something was reported to the moderators: audited, with the reporter as its subject. */
export function projectPostReported({ payload }: EventOf<'post.reported'>): Projection {
  const { reporter_id, profile_id, ...details } = payload;
  const subject_ids = [reporter_id, profile_id].filter((id) => id !== null);
  return { audit: { subject_ids, details: { ...details, reporter_id, profile_id } }, cache: [] };
}
