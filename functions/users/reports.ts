import type { Context } from 'hono';
import { personParams } from '../../contracts/api/graph.ts';
import { reportRequest } from '../../contracts/api/posts.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams } from '../_shared/request.ts';
import { whomId } from '../follows/people.ts';

/** POST users/:id/report: tells the moderators, once. Throws users.not_found, reports.already_reported, reports.of_oneself. */
export async function reportPerson(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, personParams);
  const body = await readBody(c, reportRequest);
  const profile_id = await whomId(c, deps, id);
  return await change(c, deps, body, 'report', { p: JSON.stringify({ ...body, profile_id }) }, 201);
}
