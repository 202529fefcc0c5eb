import type { Context } from 'hono';
import {
  followRequestsQuery,
  listQuery,
  type MutedCard,
  type PersonCard,
  peopleQuery,
  personParams,
  suggestionsQuery,
} from '../../contracts/api/graph.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { type Page, type PageQuery, readKeyset } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { callerOf } from '../_shared/guards.ts';
import type { Parameter } from '../_shared/inline.ts';
import { readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';
import { whomId } from './people.ts';

/** GET users/followers and users/following. Throws auth.required, users.not_found, users.lists_hidden. */
export async function listAround(
  c: Context<AppEnv>,
  deps: Deps,
  list: 'followers' | 'following',
): Promise<Page<PersonCard>> {
  const { user_id, ...page } = readQuery(c, listQuery);
  const person = user_id ?? callerOf(c)?.user_id;
  if (person === undefined) throw new AppError('auth.required', { hint: 'Sign in, or name somebody with user_id.' });
  return await readCards(c, deps, list, page, { p_user: await whomId(c, deps, person) });
}

/** GET users/friends */
export async function listFriends(c: Context<AppEnv>, deps: Deps): Promise<Page<PersonCard>> {
  return await readCards(c, deps, 'friends', readQuery(c, peopleQuery));
}

/** GET users/blocked */
export async function listBlocked(c: Context<AppEnv>, deps: Deps): Promise<Page<PersonCard>> {
  return await readCards(c, deps, 'blocked_people', readQuery(c, peopleQuery));
}

/** GET users/requests */
export async function listRequests(c: Context<AppEnv>, deps: Deps): Promise<Page<PersonCard>> {
  const { direction, ...page } = readQuery(c, followRequestsQuery);
  return await readCards(c, deps, `follow_requests_${direction}`, page);
}

const MUTED_LIST = 'muted_people';
const MUTED = `select l.*, m.until from public.muted_people($1, $2, $3) l
  join public.mutes m on m.muter_id = (select auth.uid()) and m.muted_id = l.id order by l.at desc, l.id desc`;

/** GET users/muted: without those whose time is over. */
export async function listMuted(c: Context<AppEnv>, deps: Deps): Promise<Page<MutedCard>> {
  const positionOf = ({ at, id }: MutedCard) => ({ created_at: at, id });
  return await readKeyset(MUTED_LIST, readQuery(c, peopleQuery), positionOf, (count, from) =>
    deps.db.ask<MutedCard>(callerOf(c), MUTED, [count, from?.created_at ?? null, from?.id ?? null]),
  );
}

/** GET users/suggestions */
export async function listSuggestions(c: Context<AppEnv>, deps: Deps): Promise<Page<PersonCard>> {
  const { limit } = readQuery(c, suggestionsQuery);
  return { data: await readRows(c, deps, 'suggested_people', { p_limit: limit }), next_cursor: null };
}

/** GET users/:id/relationship. Throws users.not_found. */
export async function getRelationship(c: Context<AppEnv>, deps: Deps): Promise<object> {
  const { id } = readParams(c, personParams);
  const [row] = await readRows<object>(c, deps, 'relationship', { p_user: await whomId(c, deps, id) });
  if (row === undefined) throw new AppError('users.not_found');
  return row;
}

/** A page of a function that gives people in the order of `(at, id)`, the latest first. */
async function readCards(
  c: Context<AppEnv>,
  deps: Deps,
  name: string,
  page: PageQuery,
  args: Readonly<Record<string, Parameter>> = {},
): Promise<Page<PersonCard>> {
  return await readPage<PersonCard>(c, deps, name, args, page, ({ at }) => at);
}
