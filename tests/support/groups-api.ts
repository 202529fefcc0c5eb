import { expect } from 'vitest';
import { type GroupCard, groupCard, joinedSchema } from '../../contracts/api/groups.ts';
import type { Person } from './api.ts';
import { done, get, post } from './social-api.ts';

/** Founds a group. */
export async function found(person: Person, about: Record<string, unknown> = {}): Promise<GroupCard> {
  return groupCard.parse(done(await post(person, 'groups', { name: `Friends of ${person.username}`, ...about }), 201));
}

/** Joins a public group, or asks a private one. */
export async function join(person: Person, group: GroupCard): Promise<string> {
  return joinedSchema.parse(done(await post(person, `groups/${group.id}/join`))).status;
}

/** The group as somebody sees it. */
export async function seenBy(person: Person | undefined, group: GroupCard): Promise<GroupCard> {
  return groupCard.parse(done(await get(person, `groups/${group.id}`)));
}

/** Rows of a list, all on one page. */
export async function listed<Row = { readonly id: string }>(person: Person | undefined, path: string): Promise<Row[]> {
  const { data, next_cursor } = done<{ data: Row[]; next_cursor: string | null }>(await get(person, path));
  expect(next_cursor).toBe(null);
  return data;
}
