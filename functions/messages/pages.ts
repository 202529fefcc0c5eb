import type { Context } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../_shared/app.ts';
import { type Page, type PageQuery, seal, toPageBy, unseal } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import type { Parameter } from '../_shared/inline.ts';
import { readRows } from '../_shared/rows.ts';

type Arguments = Readonly<Record<string, Parameter | undefined>>;

const idPosition = z.tuple([z.uuid()]);

/** A page of people of a function of `public` that gives them in the order of their ids. Throws request.invalid_cursor. */
export async function readById<Row extends { readonly id: string }>(
  c: Context<AppEnv>,
  deps: Deps,
  name: string,
  args: Arguments,
  { limit, cursor }: PageQuery,
): Promise<Page<Row>> {
  const after = cursor === undefined ? undefined : unseal(name, cursor, idPosition)[0];
  const rows = await readRows<Row>(c, deps, name, { ...args, p_limit: limit + 1, p_after_id: after });
  return toPageBy(rows, limit, ({ id }) => seal(name, [id]));
}
