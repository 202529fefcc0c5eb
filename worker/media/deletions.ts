import { reasonOf } from '../log.ts';
import { type Loop, leased } from '../loop.ts';
import { type Backoff, backoffMs, type Clock } from '../time.ts';
import type { MediaDeps } from './jobs.ts';

const LEASE_S = 300;
const AT_ONCE = 4;
const OBJECTS_AT_ONCE = 100;
const RETRY: Backoff = { first_ms: 2_000, max_ms: 15 * 60_000 };

const CLAIM = `select id, bucket, attempts from app_private.claim_media_deletions($1, $2 * interval '1 second')`;
const OBJECTS = 'select o as name from app_private.media_objects($1, $2) o';
const FINISH = 'select app_private.finish_media_deletion($1, $2) as gone';
const RETRY_LATER = `select app_private.retry_media_deletion($1, $2, $3, $4 * interval '1 millisecond')`;

interface Deletion {
  readonly id: string;
  readonly bucket: string;
  readonly attempts: number;
}

/**
 * Removes objects of media that are gone. A deletion that was promised is tried for ever, and done when Storage knows none of them; it comes
 * again while an address for an upload may bring one back.
 */
export function deletionLoop(deps: MediaDeps & { readonly clock: Clock }): Loop {
  return {
    task: 'media_delete',
    every_ms: 1_000,
    round: leased(
      AT_ONCE,
      (limit) => deps.database.query<Deletion>(CLAIM, [limit, LEASE_S]),
      async (deletion) => {
        try {
          await remove(deps, deletion);
        } catch (error) {
          const { id, attempts } = deletion;
          const retry_in_ms = backoffMs(RETRY, attempts, deps.clock.random);
          await deps.database.query(RETRY_LATER, [id, attempts, reasonOf(error), retry_in_ms]);
          deps.log('warn', 'objects are still in Storage', { deletion_id: id, attempts, reason: reasonOf(error) });
        }
      },
    ),
  };
}

async function remove({ database, objects, metrics }: MediaDeps, { id, bucket, attempts }: Deletion): Promise<void> {
  const found = await database.query<{ name: string }>(OBJECTS, [id, OBJECTS_AT_ONCE]);
  if (found.length > 0) {
    await objects.remove(
      bucket,
      found.map(({ name }) => name),
    );
  }
  const [row] = await database.query<{ gone: boolean }>(FINISH, [id, attempts]);
  if (row?.gone !== true) throw new Error('Storage does not let go of them');
  if (found.length > 0) metrics.media.inc({ outcome: 'deleted' });
}
