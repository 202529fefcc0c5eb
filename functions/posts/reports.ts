import type { Context } from 'hono';
import { idParams, reportRequest } from '../../contracts/api/posts.ts';
import type { AppEnv } from '../_shared/app.ts';
import { change } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody, readParams } from '../_shared/request.ts';

/** POST posts/:id/report and posts/comments/:id/report: tells the moderators, once. Throws reports.already_reported. */
export async function report(c: Context<AppEnv>, deps: Deps, subject: 'post_id' | 'comment_id'): Promise<Response> {
  const { id } = readParams(c, idParams);
  const body = await readBody(c, reportRequest);
  return await change(c, deps, body, 'report', { p: JSON.stringify({ ...body, [subject]: id }) }, 201);
}
