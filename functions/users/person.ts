import type { Context } from 'hono';
import { personParams } from '../../contracts/api/graph.ts';
import type { PublicProfile } from '../../contracts/api/users.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { callerOf } from '../_shared/guards.ts';
import { readParams } from '../_shared/request.ts';
import { apiOf, findUser, isId } from '../follows/people.ts';

const PAGE = 'select public.profile_page($1) as profile';

/** GET users/:id, by id or by a username of today or of a while ago. Throws users.not_found. */
export async function getPerson(c: Context<AppEnv>, deps: Deps): Promise<PublicProfile> {
  const { id: person } = readParams(c, personParams);
  const { id, moved_from } = isId(person)
    ? { id: person, moved_from: null }
    : await findUser(apiOf(deps), callerOf(c)?.user_id ?? null, person);
  const [row] = await deps.db.ask<{ profile: Omit<PublicProfile, 'moved_from'> }>(callerOf(c), PAGE, [id]);
  if (row === undefined) throw new AppError('users.not_found');
  return { ...row.profile, moved_from };
}
