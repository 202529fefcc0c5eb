import type { Context } from 'hono';
import type { AppEnv } from './app.ts';
import { type Page, type PageQuery, readKeyset } from './cursor.ts';
import type { Deps } from './deps.ts';
import { callerOf } from './guards.ts';
import type { Parameter } from './inline.ts';
import { type RpcRow, rpc } from './rpc.ts';

type Arguments = Readonly<Record<string, Parameter | undefined>>;

/** The rows of a function of `public` as whoever asks may see them, in one round trip to Postgres. */
export async function readRows<Row>(c: Context<AppEnv>, deps: Deps, name: string, args: Arguments): Promise<Row[]> {
  const { text, params } = rpc(name, args);
  const rows = await deps.db.ask<RpcRow<Row>>(callerOf(c), text, params);
  return rows.map(({ row }) => row);
}

/**
 * A keyset page of such a function; `timeOf` gives the moment that its rows are ordered by. Cursors belong to `list`, which a function
 * that gives several lists must tell apart.
 */
export async function readPage<Row extends { readonly id: string }>(
  c: Context<AppEnv>,
  deps: Deps,
  name: string,
  args: Arguments,
  query: PageQuery,
  timeOf: (row: Row) => string | null,
  list: string = name,
): Promise<Page<Row>> {
  const positionOf = (row: Row) => ({ created_at: timeOf(row) ?? '', id: row.id });
  return await readKeyset(list, query, positionOf, (p_limit, from) =>
    readRows<Row>(c, deps, name, { ...args, p_limit, p_before: from?.created_at, p_before_id: from?.id }),
  );
}
