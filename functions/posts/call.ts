import type { Context } from 'hono';
import { emptyRequest } from '../../contracts/api/common.ts';
import { AppError, type ErrorCode } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { decodeCursor, encodeCursor, type Page, toPageBy } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { callerOf } from '../_shared/guards.ts';
import { write } from '../_shared/idempotency.ts';
import type { Parameter } from '../_shared/inline.ts';
import { readBody } from '../_shared/request.ts';
import { type RpcRow, rpc } from '../_shared/rpc.ts';

type Arguments = Readonly<Record<string, Parameter | undefined>>;

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The rows of a function of `public` as whoever asks may see them, in one round trip to Postgres. */
export async function readRows<Row>(c: Context<AppEnv>, deps: Deps, name: string, args: Arguments): Promise<Row[]> {
  const { text, params } = rpc(name, args);
  const rows = await deps.db.ask<RpcRow<Row>>(callerOf(c), text, params);
  return rows.map(({ row }) => row);
}

/** A keyset page of such a function; `timeOf` gives the moment that its rows are ordered by. */
export async function readPage<Row extends { readonly id: string }>(
  c: Context<AppEnv>,
  deps: Deps,
  name: string,
  args: Arguments,
  { limit, cursor }: PageQuery,
  timeOf: (row: Row) => string | null,
): Promise<Page<Row>> {
  const from = cursor === undefined ? undefined : decodeCursor(cursor);
  const bounds = { p_limit: limit + 1, p_before: from?.created_at, p_before_id: from?.id };
  const rows = await readRows<Row>(c, deps, name, { ...args, ...bounds });
  return toPageBy(rows, limit, (row) => encodeCursor({ created_at: timeOf(row) ?? '', id: row.id }));
}

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
  return await write(c, deps, body, async (tx, claims) => {
    await tx.becomeUser(claims);
    const { text, params } = rpc(name, args);
    const [answer] = await tx.query<RpcRow<unknown>>(text, params, `posts.${name}`);
    return { status, body: answer?.row };
  });
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
    await tx.becomeUser(claims);
    const { text, params } = rpc(name, { p_id: id });
    const [answer] = await tx.query<RpcRow<boolean>>(text, params, `posts.${name}`);
    if (answer?.row !== true) throw new AppError(missing);
    return { status: 200, body: { id, deleted: true } };
  });
}
