import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import { muteRequest, personParams } from '../../contracts/api/graph.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { limitEach } from '../_shared/guards.ts';
import { write } from '../_shared/idempotency.ts';
import { readBody, readParams } from '../_shared/request.ts';
import { forgetFeed } from '../posts/feed-cache.ts';
import { findUser, isId } from './people.ts';

/** What one person can do to another; each is a function of `app_private` and answers the same when it is done again. */
export type Action =
  | 'follow'
  | 'unfollow'
  | 'remove_follower'
  | 'approve_follow_request'
  | 'decline_follow_request'
  | 'block_person'
  | 'unblock_person'
  | 'unmute_person';

/**
 * POST users/follow/:id: follows, or asks a private account. Throws users.not_found, follows.to_oneself, follows.blocked,
 * follows.limit_reached, rate_limit.exceeded.
 */
export async function follow(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  await limitEach(deps, c, ['follow', 'follow_day'], c.get('claims').user_id);
  return await act(c, deps, 'follow');
}

/** Does it to the person of the path, by id or username. Throws users.not_found and the refusals of the action. */
export async function act(c: Context<AppEnv>, deps: Deps, action: Action): Promise<Response> {
  const { id } = readParams(c, personParams);
  return await change(c, deps, await readBody(c, emptyRequest), action, id, []);
}

/** POST users/mute/:id. Mutes again to change the end. Throws users.not_found, follows.to_oneself. */
export async function mute(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, personParams);
  const body = await readBody(c, muteRequest);
  return await change(c, deps, body, 'mute_person', id, [body.until ?? null]);
}

/** POST users/requests/approve-all */
export async function approveAll(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  return await write(c, deps, await readBody(c, emptyRequest), async (tx, { user_id }) => {
    const text = 'select app_private.approve_all_follow_requests($1) as body';
    const [row] = await tx.query<{ body: unknown }>(text, [user_id], 'follows.approve_all');
    return { status: 200, body: row?.body };
  });
}

async function change(
  c: Context<AppEnv>,
  deps: Deps,
  body: unknown,
  action: Action | 'mute_person',
  person: string,
  rest: readonly unknown[],
): Promise<Response> {
  const answer = await write(c, deps, body, async (tx, { user_id }) => {
    const target = isId(person) ? person : (await findUser(tx, user_id, person)).id;
    const params = [user_id, target, ...rest];
    const text = `select app_private.${action}(${params.map((_, n) => `$${n + 1}`).join(', ')}) as body`;
    const [row] = await tx.query<{ body: unknown }>(text, params, `follows.${action}`);
    return { status: 200, body: row?.body };
  });
  // Whom somebody follows or mutes shows in their very next feed; the worker, which hears of it too, is a moment behind.
  await forgetFeed(deps.redis, c.get('claims').user_id);
  return answer;
}
