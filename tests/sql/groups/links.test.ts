import { expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type GroupCard, type Groups, withPeople } from './support.ts';

interface Link {
  readonly id: string;
  readonly token: string;
  readonly uses_left: number | null;
}

const link = (groups: Groups, by: Person, group: GroupCard, fields: object = {}) =>
  groups.act<Link>(by, 'create_group_link', group.id, fields);

test('whoever has a link sees the group and comes in, even into a secret one', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada, { visibility: 'secret' });
    const { id, token, uses_left } = await link(groups, ada, group);
    expect([token.length, uses_left]).toEqual([24, null]);
    expect(await groups.act(bob, 'preview_group_link', token)).toMatchObject({ id: group.id, my_role: null });
    const member = { group_id: group.id, user_id: bob.id, status: 'member' };
    expect(await groups.act(bob, 'redeem_group_link', token)).toEqual(member);
    expect(await groups.act(bob, 'redeem_group_link', token)).toEqual(member);
    expect(await groups.act(eve, 'redeem_group_link', token)).toMatchObject({ status: 'member' });
    expect(await groups.rows(ada, 'links_of_group', group.id)).toMatchObject([{ id, created_by: { id: ada.id } }]);
    await groups.expectSound();
  }));

test('a link lets in as many as it says, and is gone with its last use', () =>
  withPeople(4, async (groups, ada, bob, eve, joe) => {
    const group = await groups.found(ada, { visibility: 'private' });
    const { token } = await link(groups, ada, group, { max_uses: 2 });
    for (const person of [bob, bob, bob, eve]) await groups.act(person, 'redeem_group_link', token);
    for (const name of ['redeem_group_link', 'preview_group_link']) {
      expect(await groups.refused(joe, name, token), name).toEqual(await groups.refused(joe, name, 'wrong'));
    }
    expect(await groups.rows(ada, 'links_of_group', group.id)).toEqual([]);
    expect(await groups.code(joe, 'redeem_group_link', token)).toBe('groups.link_invalid');
  }));

test('a link that is revoked, over, or of a deleted group lets nobody in (groups.link_invalid)', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    const revoked = await link(groups, ada, group);
    await groups.act(ada, 'revoke_group_link', group.id, revoked.id);
    expect(await groups.code(ada, 'revoke_group_link', group.id, revoked.id)).toBe('groups.link_not_found');
    const over = await link(groups, ada, group);
    await groups.db.as({ role: 'postgres' });
    await groups.db.query("update app_private.group_links set expires_at = now() - interval '1 second'");
    const last = await link(groups, ada, group);
    await groups.act(ada, 'delete_group', group.id);
    for (const { token } of [revoked, over, last]) {
      expect(await groups.code(bob, 'redeem_group_link', token)).toBe('groups.link_invalid');
    }
  }));

test('a full group keeps the use of the link for another day (groups.full)', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada, { member_cap: 2 });
    const { token } = await link(groups, ada, group, { max_uses: 1 });
    await groups.put(group, bob);
    expect(await groups.code(eve, 'redeem_group_link', token)).toBe('groups.full');
    await groups.act(bob, 'leave_group', group.id);
    expect(await groups.act(eve, 'redeem_group_link', token)).toMatchObject({ status: 'member' });
  }));

test('the token is kept nowhere, and no list gives it', () =>
  withPeople(1, async (groups, ada) => {
    const group = await groups.found(ada);
    const { token } = await link(groups, ada, group);
    const texts = [JSON.stringify(await groups.rows(ada, 'links_of_group', group.id))];
    await groups.db.as({ role: 'postgres' });
    for (const table of ['app_private.group_links', 'app_private.group_log', 'app_private.outbox_events']) {
      texts.push(JSON.stringify(await groups.db.query(`select to_jsonb(t) from ${table} t`)));
    }
    expect(texts.filter((text) => text.includes(token))).toEqual([]);
  }));

test.each([
  ['that is over when it is made', { expires_at: '2020-01-01T00:00:00Z' }],
  ['for more than a year', { expires_at: '2099-01-01T00:00:00Z' }],
  ['for nobody', { max_uses: 0 }],
  ['for half a person', { max_uses: 1.5 }],
  ['with a field that there is not', { token: 'mine' }],
])('a link %s is refused (groups.field_invalid)', (_what, fields) =>
  withPeople(1, async (groups, ada) => {
    const group = await groups.found(ada);
    expect(await groups.code(ada, 'create_group_link', group.id, fields)).toBe('groups.field_invalid');
  }),
);

test('a group has at most 50 links at a time (groups.too_many_links)', () =>
  withPeople(1, async (groups, ada) => {
    const group = await groups.found(ada);
    for (let n = 0; n < 50; n += 1) await link(groups, ada, group);
    expect(await groups.code(ada, 'create_group_link', group.id)).toBe('groups.too_many_links');
  }));
