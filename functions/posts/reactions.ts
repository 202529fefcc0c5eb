import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import type { PersonCard } from '../../contracts/api/graph.ts';
import { idParams, postsQuery } from '../../contracts/api/posts.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitKey } from '../_shared/guards.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';
import { readPage } from '../_shared/rows.ts';

/** POST and DELETE posts/:id/like; done again, each answers the same. Throws posts.not_found, rate_limit.exceeded. */
export async function like(c: Context<AppEnv>, deps: Deps, name: 'like_post' | 'unlike_post'): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, emptyRequest);
  await limitKey(deps, c, 'like', c.get('claims').user_id);
  return await change(c, deps, body, name, { p_post: id });
}

/** GET posts/:id/likes: who likes it, the latest first. Throws posts.not_found. */
export async function listLikes(c: Context<AppEnv>, deps: Deps): Promise<Page<PersonCard>> {
  const { id } = readParams(c, idParams);
  return await readPage<PersonCard>(
    c,
    deps,
    'people_who_liked',
    { p_post: id },
    readQuery(c, postsQuery),
    ({ at }) => at,
  );
}

/** POST and DELETE posts/:id/bookmark; done again, each answers the same. Throws posts.not_found. */
export async function bookmark(
  c: Context<AppEnv>,
  deps: Deps,
  name: 'bookmark_post' | 'unbookmark_post',
): Promise<Response> {
  const { id } = readParams(c, idParams);
  return await change(c, deps, await readBody(c, emptyRequest), name, { p_post: id });
}
