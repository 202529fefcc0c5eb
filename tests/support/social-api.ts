import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { expect } from 'vitest';
import type { PersonCard } from '../../contracts/api/graph.ts';
import type { Database } from '../../contracts/database.ts';
import { type Answer, ask, type Person } from './api.ts';
import { testEnvironment } from './environment.ts';

/** supabase-js as somebody, or as nobody in particular. */
export function clientOf(person?: Person): SupabaseClient<Database> {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  return createClient<Database>(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...(person === undefined ? {} : { global: { headers: { authorization: `Bearer ${person.token}` } } }),
  });
}

/** What supabase-js answers, as far as a test looks at it. */
interface SdkAnswer {
  readonly status: number;
  readonly error: { readonly details?: string | null | undefined } | null;
}

/** Asserts that Postgres refused supabase-js with this code, and the status that it carries. */
export function expectRefused({ status, error }: SdkAnswer, code: string, expected: number): void {
  expect({ status, code: error?.details }).toEqual({ status: expected, code });
}

type Send = (person: Person | undefined, path: string, body?: unknown) => Promise<Answer>;

/** GET <path> as somebody, or without a token. */
export const get: Send = (person, path) => ask(path, { token: person?.token });
export const post: Send = (person, path, body = {}) => ask(path, { method: 'POST', token: person?.token, body });
export const put: Send = (person, path, body) => ask(path, { method: 'PUT', token: person?.token, body });
export const remove: Send = (person, path) => ask(path, { method: 'DELETE', token: person?.token });

/** The body of an answer that must be a success. */
export function done<T>({ status, body }: Answer, expected = 200): T {
  expect(status, JSON.stringify(body)).toBe(expected);
  return body as T;
}

/** Sets some of somebody's privacy settings. */
export async function setPrivacy(person: Person, privacy_settings: Record<string, unknown>): Promise<void> {
  done(await put(person, 'users/profile', { privacy_settings }));
}

/** Makes one follow another; a private account is only asked. */
export async function follow(follower: Person, followee: Person): Promise<void> {
  done(await post(follower, `users/follow/${followee.id}`));
}

/** Makes two follow each other. */
export async function befriend(one: Person, other: Person): Promise<void> {
  await follow(one, other);
  await follow(other, one);
}

/** Makes one block another. */
export async function block(blocker: Person, blocked: Person): Promise<void> {
  done(await post(blocker, `users/block/${blocked.id}`));
}

/** The ids of people, as a list gives them. */
export async function idsOf(person: Person | undefined, path: string): Promise<string[]> {
  return done<{ data: PersonCard[] }>(await get(person, path)).data.map(({ id }) => id);
}
