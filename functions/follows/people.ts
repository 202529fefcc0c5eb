import type { Context } from 'hono';
import { z } from 'zod';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Sql } from '../_shared/db.ts';
import type { Deps } from '../_shared/deps.ts';
import { callerOf } from '../_shared/guards.ts';

/** Somebody as they are called today, found by a name of today or of a while ago. */
export interface Found {
  readonly id: string;
  readonly username: string;
  /** The name that was asked for, where they gave it up. */
  readonly moved_from: string | null;
}

const FIND = 'select f.id, f.username, f.moved_from from app_private.find_user($1, $2) f';

/**
 * Somebody by a username, present or former, as the viewer (null: nobody signed in) may know them; runs as `astra_api`. Throws
 * users.not_found, for whoever blocks the viewer as for nobody.
 */
export async function findUser({ query }: Sql, viewerId: string | null, username: string): Promise<Found> {
  const [found] = await query<Found>(FIND, [viewerId, username], 'follows.find_user');
  if (found === undefined) throw new AppError('users.not_found');
  return found;
}

/** The id of whom a path or a query names. An id is taken as it is: who uses it looks it up. Throws users.not_found. */
export async function whomId(c: Context<AppEnv>, deps: Deps, person: string): Promise<string> {
  if (isId(person)) return person;
  return (await findUser(apiOf(deps), callerOf(c)?.user_id ?? null, person)).id;
}

/** Single statements as `astra_api`. */
export function apiOf({ db }: Deps): Sql {
  return { query: (text, params, name) => db.call(text, params, name) };
}

/** Whether a person is named by id. No username can look like one: it would be too long. */
export function isId(person: string): boolean {
  return z.uuid().safeParse(person).success;
}
