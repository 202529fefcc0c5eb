import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import { AppError, type ErrorCode } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { callAs } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { write } from '../_shared/idempotency.ts';
import { readBody } from '../_shared/request.ts';

/** Deletes by a function that says whether there was something to delete, which is then gone for a repetition too. */
export async function remove(
  c: Context<AppEnv>,
  deps: Deps,
  name: 'delete_post' | 'delete_comment' | 'delete_group',
  missing: ErrorCode,
  id: string,
): Promise<Response> {
  const body = await readBody(c, emptyRequest);
  return await write(c, deps, body, async (tx, claims) => {
    if ((await callAs(tx, claims, name, { p_id: id })) !== true) throw new AppError(missing);
    return { status: 200, body: { id, deleted: true } };
  });
}
