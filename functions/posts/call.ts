import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import { AppError, type ErrorCode } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Transaction } from '../_shared/db.ts';
import type { Deps } from '../_shared/deps.ts';
import { write } from '../_shared/idempotency.ts';
import type { Parameter } from '../_shared/inline.ts';
import { readBody } from '../_shared/request.ts';
import { type RpcRow, rpc } from '../_shared/rpc.ts';
import type { Claims } from '../_shared/tokens.ts';

/**
 * Changes something by a function of `public`, as the user and once per Idempotency-Key, and answers what the function gives.
 * `body` is the parsed body, to which the key is bound. Arguments are all named, so that each function has one statement.
 */
export async function change(
  c: Context<AppEnv>,
  deps: Deps,
  body: unknown,
  name: string,
  args: Readonly<Record<string, Parameter>>,
  status: 200 | 201 = 200,
): Promise<Response> {
  return await write(c, deps, body, async (tx, claims) => ({ status, body: await callAs(tx, claims, name, args) }));
}

/** Deletes by a function that says whether there was something to delete, which is then gone for a repetition too. */
export async function remove(
  c: Context<AppEnv>,
  deps: Deps,
  name: 'delete_post' | 'delete_comment',
  missing: ErrorCode,
  id: string,
): Promise<Response> {
  const body = await readBody(c, emptyRequest);
  return await write(c, deps, body, async (tx, claims) => {
    if ((await callAs(tx, claims, name, { p_id: id })) !== true) throw new AppError(missing);
    return { status: 200, body: { id, deleted: true } };
  });
}

async function callAs(
  tx: Transaction,
  claims: Claims,
  name: string,
  args: Readonly<Record<string, Parameter>>,
): Promise<unknown> {
  await tx.becomeUser(claims);
  const { text, params } = rpc(name, args);
  const [answer] = await tx.query<RpcRow<unknown>>(text, params, `posts.${name}`);
  return answer?.row;
}
