import { expect, test } from 'vitest';
import type { GroupCard } from './support.ts';
import { withPeople } from './support.ts';

test('who founds a group is its owner, and the first of its members', () =>
  withPeople(1, async (groups, ada) => {
    const group = await groups.found(ada, { description: ' up and down ', category: 'Sports', rules: ['Be kind.'] });
    expect(group).toMatchObject({
      ...{ name: 'Hikers', description: 'up and down', category: 'sports', rules: ['Be kind.'], visibility: 'public' },
      ...{ members_count: 1, member_cap: 5000, my_role: 'owner' },
    });
    await groups.expectSound();
  }));

test.each([
  ['without a name', { name: ' ' }],
  ['with a visibility that there is not', { name: 'x', visibility: 'hidden' }],
  ['with an avatar that is no address', { name: 'x', avatar_url: 'javascript:alert(1)' }],
  ['with a cap that is no whole number', { name: 'x', member_cap: 2.5 }],
  ['with room for more than 20,000', { name: 'x', member_cap: 20001 }],
  ['with a field that there is not', { name: 'x', colour: 'red' }],
  ['with 21 rules', { name: 'x', rules: Array.from({ length: 21 }, () => 'no') }],
])('a group %s is refused (groups.field_invalid)', (_what, fields) =>
  withPeople(1, async (groups, ada) => {
    expect(await groups.refused(ada, 'create_group', fields)).toMatchObject({
      sqlstate: 'PT422',
      code: 'groups.field_invalid',
    });
  }),
);

test('whoever joins a public group is a member, once, and leaves again', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    const member = { group_id: group.id, user_id: bob.id, status: 'member' };
    expect(await groups.act(bob, 'join_group', group.id)).toEqual(member);
    expect(await groups.act(bob, 'join_group', group.id)).toEqual(member);
    expect(await groups.act(bob, 'group_page', group.id)).toMatchObject({ members_count: 2, my_role: 'member' });
    const none = { group_id: group.id, user_id: bob.id, status: 'none' };
    expect(await groups.act(bob, 'leave_group', group.id)).toEqual(none);
    expect(await groups.act(bob, 'leave_group', group.id)).toEqual(none);
    expect(await groups.act(null, 'group_page', group.id)).toMatchObject({ members_count: 1, my_role: null });
    await groups.expectSound();
  }));

test('a group takes in as many as its cap says (groups.full), and one more when somebody has left', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada, { member_cap: 2 });
    await groups.act(bob, 'join_group', group.id);
    expect(await groups.refused(eve, 'join_group', group.id)).toMatchObject({ sqlstate: 'PT409', code: 'groups.full' });
    await groups.act(bob, 'leave_group', group.id);
    await groups.act(eve, 'join_group', group.id);
    await groups.expectSound();
  }));

test('a cap goes up at once, and not below the members (groups.cap_too_low)', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada, { member_cap: 2 });
    await groups.act(bob, 'join_group', group.id);
    expect(await groups.code(ada, 'update_group', group.id, { member_cap: 1 })).toBe('groups.cap_too_low');
    await groups.act(ada, 'update_group', group.id, { member_cap: 3 });
    await groups.act(eve, 'join_group', group.id);
    expect(await groups.act(ada, 'update_group', group.id, { member_cap: 3 })).toMatchObject({ members_count: 3 });
    await groups.act(eve, 'leave_group', group.id);
    await groups.act(ada, 'update_group', group.id, { member_cap: 2 });
    await groups.expectSound();
  }));

test('the owner stays (groups.owner_must_stay) until somebody else is the owner', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    expect(await groups.code(ada, 'leave_group', group.id)).toBe('groups.owner_must_stay');
    expect(await groups.code(ada, 'transfer_group', group.id, eve.id)).toBe('groups.member_not_found');
    expect(await groups.code(bob, 'transfer_group', group.id, bob.id)).toBe('groups.not_allowed');
    await groups.act(ada, 'transfer_group', group.id, bob.id);
    expect(await groups.roles(group)).toEqual({ [ada.id]: 'admin', [bob.id]: 'owner' });
    expect(await groups.code(ada, 'transfer_group', group.id, ada.id)).toBe('groups.not_allowed');
    await groups.act(ada, 'leave_group', group.id);
    await groups.expectSound();
  }));

test('who hands a group over to themselves keeps it', () =>
  withPeople(1, async (groups, ada) => {
    const group = await groups.found(ada);
    await groups.act(ada, 'transfer_group', group.id, ada.id);
    expect(await groups.roles(group)).toEqual({ [ada.id]: 'owner' });
  }));

test('when the owner’s account is deleted, the member of the highest role inherits, of these who joined first', () =>
  withPeople(4, async (groups, ada, bob, eve, joe) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    await groups.put(group, eve, 'moderator');
    await groups.put(group, joe, 'moderator');
    await groups.db.query("update public.group_members set joined_at = now() - interval '1 day' where user_id = $1", [
      joe.id,
    ]);
    await groups.db.query('delete from auth.users where id = $1', [ada.id]);
    expect(await groups.roles(group)).toEqual({ [bob.id]: 'member', [eve.id]: 'moderator', [joe.id]: 'owner' });
    await groups.db.query('delete from auth.users where id = any ($1)', [[joe.id, eve.id]]);
    expect(await groups.roles(group)).toEqual({ [bob.id]: 'owner' });
    await groups.expectSound();
  }));

test('a group whose last member’s account is deleted is gone for everybody', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    await groups.db.as({ role: 'postgres' });
    await groups.db.query('delete from auth.users where id = $1', [ada.id]);
    expect(await groups.code(bob, 'group_page', group.id)).toBe('groups.not_found');
    await groups.db.as({ role: 'astra_worker' });
    await groups.db.query('select app_private.purge_groups(100)');
    await groups.db.as({ role: 'postgres' });
    expect(await groups.db.query('select from public.groups where id = $1', [group.id])).toEqual([]);
    expect(await groups.db.query('select from app_private.group_seats where group_id = $1', [group.id])).toEqual([]);
  }));

test('a deleted group is gone for its members at once', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    expect(await groups.act(bob, 'delete_group', '00000000-0000-7000-8000-000000000000')).toBe(false);
    expect(await groups.code(bob, 'delete_group', group.id)).toBe('groups.not_allowed');
    expect(await groups.act(ada, 'delete_group', group.id)).toBe(true);
    expect(await groups.act(ada, 'delete_group', group.id)).toBe(false);
    for (const person of [ada, bob, null]) {
      expect(await groups.code(person, 'group_page', group.id)).toBe('groups.not_found');
    }
    await groups.expectSound();
  }));

test('nobody leaves a group without an owner, not even by the rows', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group: GroupCard = await groups.found(ada);
    await groups.put(group, bob);
    await groups.db.query("update public.group_members set role = 'admin' where user_id = $1", [ada.id]);
    expect(await groups.db.refusal('set constraints all immediate')).toMatchObject({ sqlstate: '23514' });
  }));

test('a private group takes in nobody who just comes (groups.join_refused), and a secret one is not there', () =>
  withPeople(2, async (groups, ada, bob) => {
    const secret = await groups.found(ada, { visibility: 'secret' });
    for (const name of ['group_page', 'join_group', 'leave_group']) {
      expect(await groups.refused(bob, name, secret.id), name).toEqual(
        await groups.refused(bob, name, '00000000-0000-7000-8000-000000000000'),
      );
    }
    expect(await groups.asked(bob, 'select id from public.groups where id = $1', [secret.id])).toEqual([]);
    expect(await groups.asked(bob, 'select from public.group_members where group_id = $1', [secret.id])).toEqual([]);
  }));

test('a member is removed by who has a higher role, and may come again', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada);
    await groups.put(group, bob, 'moderator');
    await groups.put(group, eve);
    expect(await groups.code(eve, 'remove_group_member', group.id, bob.id)).toBe('groups.not_allowed');
    expect(await groups.code(bob, 'remove_group_member', group.id, ada.id)).toBe('groups.not_allowed');
    expect(await groups.act(bob, 'remove_group_member', group.id, eve.id)).toMatchObject({ status: 'removed' });
    expect(await groups.code(bob, 'remove_group_member', group.id, eve.id)).toBe('groups.member_not_found');
    expect(await groups.code(eve, 'remove_group_member', group.id, bob.id)).toBe('groups.members_only');
    await groups.act(eve, 'join_group', group.id);
    await groups.expectSound();
  }));
