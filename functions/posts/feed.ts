import type { Context } from 'hono';
import { type TrendingTag, trendingQuery } from '../../contracts/api/feed.ts';
import { type PostCard, postsQuery } from '../../contracts/api/posts.ts';
import type { AppEnv } from '../_shared/app.ts';
import { decodeCursor, type Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { callerOf } from '../_shared/guards.ts';
import { readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';
import { type FeedQuery, keepPage, recallPage } from './feed-cache.ts';

const FEED = 'home_feed';

/** GET posts: the home feed. Each page is one round trip to Postgres, whether its ids came from Redis or not. */
export async function getFeed(c: Context<AppEnv>, deps: Deps): Promise<Page<PostCard>> {
  const query = readQuery(c, postsQuery);
  // A cursor that is none must not become the name of anything.
  if (query.cursor !== undefined) decodeCursor(FEED, query.cursor);
  return (await recalled(c, deps, query)) ?? (await fresh(c, deps, query));
}

/** The page by its cached ids; undefined when there are none, or when not all of them may be shown any more. */
async function recalled(c: Context<AppEnv>, deps: Deps, query: FeedQuery): Promise<Page<PostCard> | undefined> {
  const page = await recallPage(deps.redis, c.get('claims').user_id, query);
  if (page === undefined) return undefined;
  const [ids, next_cursor] = page;
  const data = await readRows<PostCard>(c, deps, 'feed_cards', { p_ids: ids });
  return data.length === ids.length ? { data, next_cursor } : undefined;
}

async function fresh(c: Context<AppEnv>, deps: Deps, query: FeedQuery): Promise<Page<PostCard>> {
  const page = await readPage<PostCard>(c, deps, FEED, {}, query, (post) => post.published_at);
  const { data, next_cursor } = page;
  // Of an empty feed there is nothing to authorise, so Postgres would never be asked whether the session lives.
  if (data.length > 0) {
    const ids = data.map(({ id }) => id);
    deps.keepAlive(keepPage(deps.redis, c.get('claims').user_id, query, [ids, next_cursor]));
  }
  return page;
}

const TRENDING = `select t.rank, t.tag, t.posts_count::int, t.people_count::int, t.computed_at
  from public.trending_tags t where t.period = $1 order by t.rank limit 100`;

/** GET posts/trending */
export async function getTrending(c: Context<AppEnv>, deps: Deps): Promise<Page<TrendingTag>> {
  const { period } = readQuery(c, trendingQuery);
  return { data: await deps.db.ask<TrendingTag>(callerOf(c), TRENDING, [period]), next_cursor: null };
}
