import { type CachedPage, cachedPage } from '../../contracts/api/feed.ts';
import type { RedisGate } from '../_shared/redis.ts';

/**
 * The ids of the first pages of somebody's home feed, kept in Redis for the few seconds in which an app asks for them again.
 * They are hints: what is shown is authorised anew each time, and a lost or stale key costs a look into Postgres.
 * The worker deletes the key of whoever's feed changes.
 */
export const feedKey = (userId: string): string => `feed:${userId}`;

/** Longer than this nothing stale is shown, even when the worker is away. */
const TTL_S = 15;
/** People look at a few pages again and again; whoever scrolls far must not fill Redis. */
const MAX_PAGES = 8;

// In one step, because a key that expires between two commands would come back without an end.
const KEEP_LUA = `
local pages = redis.call('HLEN', KEYS[1])
if pages >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if pages == 0 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
`;

/** A page by the query that asked for it. */
export interface FeedQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The page as it was lately; undefined when it is not known, or Redis is away. */
export async function recallPage(redis: RedisGate, userId: string, query: FeedQuery): Promise<CachedPage | undefined> {
  const text = await redis.run((client) => client.hget(feedKey(userId), fieldOf(query)));
  return text === undefined || text === null ? undefined : parsePage(text);
}

/** Whatever else stands in the cache is as good as nothing. */
function parsePage(text: string): CachedPage | undefined {
  try {
    return cachedPage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Keeps a page for the next time. */
export async function keepPage(redis: RedisGate, userId: string, query: FeedQuery, page: CachedPage): Promise<void> {
  const args = [fieldOf(query), JSON.stringify(page), MAX_PAGES, TTL_S];
  await redis.run((client) => client.eval(KEEP_LUA, 1, feedKey(userId), ...args));
}

/** Forgets every page, because the feed has changed. */
export async function forgetFeed(redis: RedisGate, userId: string): Promise<void> {
  await redis.run((client) => client.del(feedKey(userId)));
}

function fieldOf({ limit, cursor = '' }: FeedQuery): string {
  return `${cursor}|${limit}`;
}
