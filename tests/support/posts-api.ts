import type { PostgrestError } from '@supabase/supabase-js';
import { expect } from 'vitest';
import { type CommentCard, commentCard } from '../../contracts/api/comments.ts';
import { type PostCard, postCard, postsPage } from '../../contracts/api/posts.ts';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { type Answer, ask, type Person } from './api.ts';
import { done, expectRefused } from './social-api.ts';

/** Whoever asks; undefined: nobody signed in. */
type Asker = Person | undefined;
type Body = Record<string, unknown>;

/** GET posts/<path> */
export async function get(asker: Asker, path: string): Promise<Answer> {
  return await ask(`posts/${path}`, { token: asker?.token });
}

/** POST posts/<path>, with an Idempotency-Key where one is given. */
export async function post(person: Person, path: string, body: Body = {}, key?: string): Promise<Answer> {
  return await ask(`posts/${path}`, { token: person.token, body, headers: keyed(key) });
}

export async function put(person: Person, path: string, body: Body, key?: string): Promise<Answer> {
  return await ask(`posts/${path}`, { method: 'PUT', token: person.token, body, headers: keyed(key) });
}

export async function remove(person: Person, path: string, key?: string): Promise<Answer> {
  return await ask(`posts/${path}`, { method: 'DELETE', token: person.token, headers: keyed(key) });
}

function keyed(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { 'Idempotency-Key': key };
}

/** Posts something, a text of no importance when nothing is said. */
export async function publish(person: Person, about: Body = {}): Promise<PostCard> {
  return postCard.parse(done(await post(person, '', { content: `Words of ${person.username}`, ...about }), 201));
}

/** Changes a post of one's own. */
export async function edit(person: Person, id: string, changes: Body): Promise<PostCard> {
  return postCard.parse(done(await put(person, id, changes)));
}

/** Comments on a post, or answers a comment on it. */
export async function comment(person: Person, postId: string, content: string, parent?: string): Promise<CommentCard> {
  const body = { content, ...(parent === undefined ? {} : { parent_id: parent }) };
  return commentCard.parse(done(await post(person, `${postId}/comment`, body), 201));
}

/** The post as somebody sees it. */
export async function seenBy(asker: Asker, postId: string): Promise<PostCard> {
  return postCard.parse(done(await get(asker, postId)));
}

/** A page of posts. */
export async function pageAs(asker: Asker, path: string): Promise<{ data: PostCard[]; next_cursor: string | null }> {
  return postsPage.parse(done(await get(asker, path)));
}

/** The ids of a page of posts. */
export async function idsAs(asker: Asker, path: string): Promise<string[]> {
  return (await pageAs(asker, path)).data.map(({ id }) => id);
}

/** What supabase-js gives for a call. */
interface Result {
  readonly data: unknown;
  readonly error: PostgrestError | null;
  readonly status: number;
}

/** The data of a call by supabase-js that must have worked. */
export function dataOf<T>({ data, error }: Result): T {
  expect(error).toBeNull();
  return data as T;
}

/** Asserts that a call by supabase-js was refused with this code, and the status that it stands for. */
export function expectCode(result: Result, code: ErrorCode): void {
  expectRefused(result, code, ERRORS[code].status);
}
