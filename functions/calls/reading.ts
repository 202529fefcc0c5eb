import type { Context } from 'hono';
import type { z } from 'zod';
import { type CallCard, callParams, callsQuery, type currentCall } from '../../contracts/api/calls.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { readParams, readQuery } from '../_shared/request.ts';
import { readPage, readRows } from '../_shared/rows.ts';

/** GET calls: the latest first, or those that one missed. */
export async function listCalls(c: Context<AppEnv>, deps: Deps): Promise<Page<CallCard>> {
  const { missed, ...page } = readQuery(c, callsQuery);
  const args = { p_missed: missed === 'true' };
  const timeOf = ({ created_at }: CallCard) => created_at;
  return await readPage<CallCard>(c, deps, 'my_calls', args, page, timeOf, `calls missed ${missed}`);
}

/** GET calls/current: the one that somebody is in, or that rings for them. */
export async function getCurrentCall(c: Context<AppEnv>, deps: Deps): Promise<z.infer<typeof currentCall>> {
  const [call] = await readRows<CallCard>(c, deps, 'current_call', {});
  return { call: call ?? null };
}

/** GET calls/:id. Throws calls.not_found. */
export async function getCall(c: Context<AppEnv>, deps: Deps): Promise<CallCard> {
  const { id } = readParams(c, callParams);
  return only(await readRows<CallCard>(c, deps, 'call', { p_id: id }));
}

/** The one row of a function that refuses where there is none. */
export function only<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new AppError('calls.not_found');
  return row;
}
