import type { Database } from '../database.ts';
import type { Log } from '../log.ts';

const REFRESH_POPULAR = 'select app_private.refresh_popular_people() as people';
const PRUNE_USERNAMES = 'select app_private.prune_former_usernames() as pruned';

export interface PeopleDeps {
  readonly database: Pick<Database, 'query'>;
  readonly log: Log;
}

/** Finds out whom most people follow, for suggestions to those who follow nobody yet. */
export async function refreshPopularPeople({ database, log }: PeopleDeps): Promise<void> {
  const [row] = await database.query<{ people: number }>(REFRESH_POPULAR);
  log('info', 'popular people were looked for', { people: row?.people ?? 0 });
}

/** Deletes usernames that lead nowhere any more. */
export async function pruneFormerUsernames({ database, log }: PeopleDeps): Promise<void> {
  const [row] = await database.query<{ pruned: number }>(PRUNE_USERNAMES);
  log('info', 'former usernames were pruned', { pruned: row?.pruned ?? 0 });
}
