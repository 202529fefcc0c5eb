import type { Context } from 'hono';
import { idParams, voteRequest } from '../../contracts/api/posts.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams } from '../_shared/request.ts';

/** POST posts/:id/vote: the whole choice, which replaces an earlier one. Throws posts.not_found, posts.poll_closed. */
export async function vote(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, voteRequest);
  return await change(c, deps, body, 'vote_in_poll', { p_post: id, p_positions: body.positions });
}
