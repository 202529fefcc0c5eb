import type { Context } from 'hono';
import {
  authorParams,
  type BookmarkedPost,
  locationParams,
  type PostCard,
  postsQuery,
  tagParams,
} from '../../contracts/api/posts.ts';
import type { AppEnv } from '../_shared/app.ts';
import { decodeCursor, encodeCursor, type Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';
import { whomId } from '../follows/people.ts';

/** GET posts/author/:id: what the author shows to whoever asks, the newest first. Throws users.not_found. */
export async function listByAuthor(c: Context<AppEnv>, deps: Deps): Promise<Page<PostCard>> {
  const { id } = readParams(c, authorParams);
  const args = { p_author: await whomId(c, deps, id) };
  return await readPage<PostCard>(
    c,
    deps,
    'posts_by_author',
    args,
    readQuery(c, postsQuery),
    (post) => post.published_at,
  );
}

/** GET posts/tags/:tag */
export async function listByTag(c: Context<AppEnv>, deps: Deps): Promise<Page<PostCard>> {
  return await walkPosts(c, deps, 'posts_by_tag', { p_tag: readParams(c, tagParams).tag });
}

/** GET posts/location/:name */
export async function listByLocation(c: Context<AppEnv>, deps: Deps): Promise<Page<PostCard>> {
  return await walkPosts(c, deps, 'posts_by_location', { p_location: readParams(c, locationParams).name });
}

/** What a list gives that looks at so many posts a page and no further, where most of them may be hidden. */
interface Walked {
  readonly data: PostCard[];
  /** Where the next page begins, which is not always after the last post. */
  readonly next: { readonly before: string; readonly before_id: string } | null;
}

async function walkPosts(
  c: Context<AppEnv>,
  deps: Deps,
  name: string,
  args: Record<string, string>,
): Promise<Page<PostCard>> {
  const { limit, cursor } = readQuery(c, postsQuery);
  const from = cursor === undefined ? undefined : decodeCursor(name, cursor);
  const where = { p_limit: limit, p_before: from?.created_at, p_before_id: from?.id };
  const [page] = await readRows<Walked>(c, deps, name, { ...args, ...where });
  const { data, next } = page ?? { data: [], next: null };
  const next_cursor = next && encodeCursor(name, { created_at: next.before, id: next.before_id });
  return { data, next_cursor };
}

/** GET posts/bookmarks: one's own, the latest first, without those that one may not read any more. */
export async function listBookmarks(c: Context<AppEnv>, deps: Deps): Promise<Page<BookmarkedPost>> {
  const query = readQuery(c, postsQuery);
  return await readPage<BookmarkedPost>(c, deps, 'my_bookmarks', {}, query, (post) => post.bookmarked_at);
}

/** GET posts/drafts: one's own drafts and scheduled posts, the newest first. */
export async function listDrafts(c: Context<AppEnv>, deps: Deps): Promise<Page<PostCard>> {
  return await readPage<PostCard>(c, deps, 'my_drafts', {}, readQuery(c, postsQuery), (post) => post.created_at);
}
