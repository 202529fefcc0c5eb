import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type GroupCard, type Groups, ROLES, type Role, withPeople } from './support.ts';

/** The table of docs/groups.md: which role an action takes at least. */
const TABLE = Array.from(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'groups.md'), 'utf8').matchAll(
    /^\| [^|]+ \| `(\w+)` \| (\w+) \|$/gm,
  ),
  ([, action = '', least = '']) => ({ action, least: least as Role }),
);

const rank = (role: Role | null) => (role === null ? 0 : ROLES.length - ROLES.indexOf(role));

interface Stage {
  readonly group: GroupCard;
  readonly actor: Person;
  /** A plain member, with a post. */
  readonly member: Person;
  readonly post: string;
  /** Somebody who asks to join, and somebody who has nothing to do with the group. */
  readonly requester: Person;
  readonly stranger: Person;
}

/** How each action is tried: a function of the database and its arguments. */
const TRIES: Readonly<Record<string, (stage: Stage) => [name: string, ...args: unknown[]]>> = {
  list_members: ({ group }) => ['members_of_group', group.id],
  post: ({ group }) => ['create_post', { content: 'Hello', group_id: group.id }],
  read_log: ({ group }) => ['log_of_group', group.id],
  moderate_posts: ({ group, post }) => ['pin_group_post', group.id, post, true],
  decide_requests: ({ group, requester }) => ['approve_group_request', group.id, requester.id],
  invite: ({ group, stranger }) => ['invite_to_group', group.id, stranger.id],
  remove_member: ({ group, member }) => ['remove_group_member', group.id, member.id],
  ban: ({ group, stranger }) => ['ban_from_group', group.id, stranger.id],
  update: ({ group }) => ['update_group', group.id, { description: 'Other words' }],
  set_role: ({ group, member }) => ['set_group_role', group.id, member.id, 'moderator'],
  manage_links: ({ group }) => ['create_group_link', group.id],
  change_access: ({ group }) => ['update_group', group.id, { member_cap: 50 }],
  transfer: ({ group, member }) => ['transfer_group', group.id, member.id],
  delete: ({ group }) => ['delete_group', group.id],
};

/** A private group, with somebody of the role (null: no member), a member, one who asks, and a stranger. */
async function set(groups: Groups, role: Role | null, people: readonly Person[]): Promise<Stage> {
  const [founder, other, member, requester, stranger] = people as [Person, Person, Person, Person, Person];
  const group = await groups.found(founder, { visibility: 'private' });
  if (role !== null && role !== 'owner') await groups.put(group, other, role);
  await groups.put(group, member);
  await groups.act(requester, 'join_group', group.id);
  const { id } = await groups.act<{ id: string }>(member, 'create_post', { content: 'Hello', group_id: group.id });
  return { group, actor: role === 'owner' ? founder : other, member, post: id, requester, stranger };
}

test('the table of docs/groups.md has every action that the database knows, and each is tried', () =>
  withPeople(0, async ({ db }) => {
    const { text } = await db.one<{ text: string }>(
      "select prosrc as text from pg_proc where oid = 'app_private.least_role_for(text)'::regprocedure",
    );
    const known = Array.from(text.matchAll(/when '(\w+)' then '(\w+)'/g), ([, action, least]) => [action, least]);
    expect(Object.fromEntries(TABLE.map(({ action, least }) => [action, least]))).toEqual(Object.fromEntries(known));
    expect(Object.keys(TRIES).sort()).toEqual(TABLE.map(({ action }) => action).sort());
  }));

describe.each(TABLE)('$action', ({ action, least }) => {
  test.each([...ROLES, null])(`is for a ${least} at least: tried as %s`, (role) =>
    withPeople(5, async (groups, ...people) => {
      const stage = await set(groups, role, people);
      const [name, ...args] = TRIES[action]?.(stage) ?? [''];
      if (rank(role) >= rank(least)) {
        await groups.act(stage.actor, name, ...args);
        await groups.expectSound();
      } else {
        const refused = role === null ? 'groups.members_only' : 'groups.not_allowed';
        expect(await groups.code(stage.actor, name, ...args)).toBe(refused);
      }
    }),
  );
});

const OVER = ROLES.flatMap((actor) => ROLES.map((target) => ({ actor, target })));

describe.each(['remove_member', 'ban', 'set_role'])('%s', (action) => {
  test.each(OVER)('is done by who is above the other: by $actor to $target', ({ actor, target }) =>
    withPeople(3, async (groups, founder, one, other) => {
      const group = await groups.found(founder);
      const placed = async (role: Role, person: Person) => {
        if (role === 'owner') return founder;
        await groups.put(group, person, role);
        return person;
      };
      const by = await placed(actor, one);
      // Of two owners there is one: they would act on themselves.
      const whom = await placed(target, other);
      const [name, ...args] = {
        remove_member: ['remove_group_member', group.id, whom.id],
        ban: ['ban_from_group', group.id, whom.id],
        set_role: ['set_group_role', group.id, whom.id, 'member'],
      }[action] as [string, ...unknown[]];
      const least = TABLE.find((row) => row.action === action)?.least ?? 'owner';
      if (rank(actor) >= rank(least) && rank(actor) > rank(target)) await groups.act(by, name, ...args);
      else expect(await groups.code(by, name, ...args)).toBe('groups.not_allowed');
      await groups.expectSound();
    }),
  );
});

test('gives nobody a role as high as one’s own', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada);
    await groups.put(group, bob, 'admin');
    await groups.put(group, eve);
    expect(await groups.code(bob, 'set_group_role', group.id, eve.id, 'admin')).toBe('groups.not_allowed');
    expect(await groups.code(ada, 'set_group_role', group.id, eve.id, 'owner')).toBe('groups.field_invalid');
  }));
