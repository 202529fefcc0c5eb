import { expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type GroupCard, type Groups, withPeople } from './support.ts';

const NEVER = '00000000-0000-7000-8000-000000000000';

const statusOf = async (groups: Groups, by: Person, name: string, ...args: unknown[]) =>
  (await groups.act<{ status: string }>(by, name, ...args)).status;

const idsOf = async (groups: Groups, by: Person | null, name: string, ...args: unknown[]) =>
  (await groups.rows<{ id: string }>(by, name, ...args)).map(({ id }) => id);

const cardOf = (groups: Groups, by: Person | null, group: GroupCard) =>
  groups.act<GroupCard & { my_status: string }>(by, 'group_page', group.id);

test('a private group is asked, and takes in whom its moderators approve', () =>
  withPeople(4, async (groups, ada, bob, eve, joe) => {
    const group = await groups.found(ada, { visibility: 'private' });
    await groups.put(group, joe);
    expect(await statusOf(groups, bob, 'join_group', group.id, ' Let me in ')).toBe('requested');
    expect(await statusOf(groups, bob, 'join_group', group.id)).toBe('requested');
    expect(await cardOf(groups, bob, group)).toMatchObject({ my_status: 'requested', my_role: null, members_count: 2 });
    const [request, ...more] = await groups.rows(ada, 'requests_of_group', group.id);
    expect([request, more]).toMatchObject([{ id: bob.id, message: 'Let me in' }, []]);
    for (const [person, code] of [
      [joe, 'groups.not_allowed'],
      [eve, 'groups.members_only'],
    ] as const) {
      expect(await groups.code(person, 'requests_of_group', group.id)).toBe(code);
      expect(await groups.code(person, 'approve_group_request', group.id, bob.id)).toBe(code);
    }
    expect(await groups.code(ada, 'approve_group_request', group.id, eve.id)).toBe('groups.request_not_found');
    expect(await statusOf(groups, ada, 'approve_group_request', group.id, bob.id)).toBe('member');
    expect(await statusOf(groups, ada, 'approve_group_request', group.id, bob.id)).toBe('member');
    expect(await groups.rows(ada, 'requests_of_group', group.id)).toEqual([]);
    await groups.expectSound();
  }));

test('a request is declined, or taken back by leaving', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'private' });
    await groups.act(bob, 'join_group', group.id);
    expect(await statusOf(groups, ada, 'decline_group_request', group.id, bob.id)).toBe('declined');
    expect(await groups.code(ada, 'decline_group_request', group.id, bob.id)).toBe('groups.request_not_found');
    await groups.act(bob, 'join_group', group.id);
    expect(await statusOf(groups, bob, 'leave_group', group.id)).toBe('none');
    expect(await groups.rows(ada, 'requests_of_group', group.id)).toEqual([]);
  }));

test('a request is gone when the group is not there any more for who asked', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'private' });
    await groups.act(bob, 'join_group', group.id);
    await groups.act(ada, 'update_group', group.id, { visibility: 'secret' });
    expect(await groups.rows(ada, 'requests_of_group', group.id)).toEqual([]);
    expect(await groups.code(bob, 'group_page', group.id)).toBe('groups.not_found');
  }));

test('an invitation shows even a secret group, and lets in', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'secret' });
    expect(await statusOf(groups, ada, 'invite_to_group', group.id, bob.id)).toBe('invited');
    expect(await statusOf(groups, ada, 'invite_to_group', group.id, bob.id)).toBe('invited');
    expect(await cardOf(groups, bob, group)).toMatchObject({ my_status: 'invited', my_role: null });
    expect(await groups.asked(bob, 'select id from public.groups where id = $1', [group.id])).toHaveLength(1);
    const [invitation] = await groups.rows(bob, 'my_group_invitations');
    expect(invitation).toMatchObject({ id: group.id, invited_by: { id: ada.id }, group: { name: 'Hikers' } });
    expect(await idsOf(groups, ada, 'invitations_of_group', group.id)).toEqual([bob.id]);
    // It shows the group, and nothing in it.
    expect(await groups.code(bob, 'members_of_group', group.id)).toBe('groups.members_only');
    expect(await groups.code(bob, 'posts_of_group', group.id)).toBe('groups.members_only');
    expect(await statusOf(groups, bob, 'accept_group_invitation', group.id)).toBe('member');
    expect(await groups.rows(bob, 'my_group_invitations')).toEqual([]);
    expect(await groups.code(bob, 'accept_group_invitation', group.id)).toBe('groups.invitation_not_found');
    await groups.expectSound();
  }));

test('an invitation is declined, withdrawn, or over after 30 days, and then the secret group is not there', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'secret' });
    const gone = async () => {
      expect(await groups.code(bob, 'group_page', group.id)).toBe('groups.not_found');
      expect(await groups.code(bob, 'accept_group_invitation', group.id)).toBe('groups.invitation_not_found');
      expect(await groups.code(bob, 'decline_group_invitation', group.id)).toBe('groups.invitation_not_found');
    };
    await groups.act(ada, 'invite_to_group', group.id, bob.id);
    expect(await statusOf(groups, bob, 'decline_group_invitation', group.id)).toBe('declined');
    await gone();
    await groups.act(ada, 'invite_to_group', group.id, bob.id);
    expect(await statusOf(groups, ada, 'withdraw_group_invitation', group.id, bob.id)).toBe('none');
    expect(await groups.code(ada, 'withdraw_group_invitation', group.id, bob.id)).toBe('groups.invitation_not_found');
    await gone();
    await groups.act(ada, 'invite_to_group', group.id, bob.id);
    await groups.db.as({ role: 'postgres' });
    await groups.db.query("update app_private.group_invitations set expires_at = now() - interval '1 second'");
    await gone();
    expect(await groups.rows(bob, 'my_group_invitations')).toEqual([]);
    expect(await statusOf(groups, ada, 'invite_to_group', group.id, bob.id)).toBe('invited');
    expect(await statusOf(groups, bob, 'join_group', group.id)).toBe('member');
  }));

test('nobody is invited who does not let one (groups.invitation_refused), who blocks one, or who is banned', () =>
  withPeople(4, async (groups, ada, bob, eve, joe) => {
    const group = await groups.found(ada);
    const settings = 'update public.account_settings set privacy_settings = $2 where user_id = $1';
    await groups.asked(bob, settings, [bob.id, { who_can_invite: 'followers' }]);
    expect(await groups.code(ada, 'invite_to_group', group.id, bob.id)).toBe('groups.invitation_refused');
    await groups.db.as({ role: 'postgres' });
    await groups.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [ada.id, bob.id]);
    expect(await statusOf(groups, ada, 'invite_to_group', group.id, bob.id)).toBe('invited');
    const block = 'insert into public.blocks (blocker_id, blocked_id) values ($1, $2)';
    await groups.asked(bob, block, [bob.id, ada.id]);
    expect(await groups.rows(bob, 'my_group_invitations')).toEqual([]);
    expect(await groups.refused(ada, 'invite_to_group', group.id, bob.id)).toEqual(
      await groups.refused(ada, 'invite_to_group', group.id, NEVER),
    );
    await groups.asked(ada, block, [ada.id, eve.id]);
    expect(await groups.code(ada, 'invite_to_group', group.id, eve.id)).toBe('follows.blocked');
    await groups.act(ada, 'ban_from_group', group.id, joe.id);
    expect(await groups.code(ada, 'invite_to_group', group.id, joe.id)).toBe('groups.person_banned');
  }));

test('who asked to join is let in by an invitation, whoever they let invite them', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'private' });
    await groups.asked(bob, 'update public.account_settings set privacy_settings = \'{"who_can_invite": "nobody"}\'');
    await groups.act(bob, 'join_group', group.id);
    expect(await statusOf(groups, ada, 'invite_to_group', group.id, bob.id)).toBe('member');
    expect(await groups.roles(group)).toMatchObject({ [bob.id]: 'member' });
  }));

test('a ban takes out and keeps out until it ends, and is lifted', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const banned = await groups.act(ada, 'ban_from_group', group.id, bob.id, until, 'shouting');
    expect(banned).toMatchObject({ group_id: group.id, user_id: bob.id, status: 'banned' });
    expect(await groups.roles(group)).toEqual({ [ada.id]: 'owner' });
    expect(await groups.code(bob, 'join_group', group.id)).toBe('groups.join_refused');
    const [ban] = await groups.rows(ada, 'bans_of_group', group.id);
    expect(ban).toMatchObject({ id: bob.id, person: { id: bob.id }, banned_by: { id: ada.id }, reason: 'shouting' });
    await groups.db.as({ role: 'postgres' });
    await groups.db.query("update app_private.group_bans set until = now() - interval '1 second'");
    expect(await groups.rows(ada, 'bans_of_group', group.id)).toEqual([]);
    expect(await statusOf(groups, bob, 'join_group', group.id)).toBe('member');
    await groups.act(ada, 'ban_from_group', group.id, bob.id);
    expect(await statusOf(groups, ada, 'unban_from_group', group.id, bob.id)).toBe('none');
    expect(await statusOf(groups, ada, 'unban_from_group', group.id, bob.id)).toBe('none');
    expect(await statusOf(groups, bob, 'join_group', group.id)).toBe('member');
    expect(await groups.code(ada, 'ban_from_group', group.id, bob.id, '2020-01-01')).toBe('groups.field_invalid');
    await groups.expectSound();
  }));

test('of a secret group the banned learn as much as strangers: nothing', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada, { visibility: 'secret' });
    const { token } = await groups.act<{ token: string }>(ada, 'create_group_link', group.id);
    await groups.put(group, bob);
    await groups.act(ada, 'ban_from_group', group.id, bob.id);
    for (const name of [
      'group_page',
      'join_group',
      'leave_group',
      'members_of_group',
      'posts_of_group',
      'log_of_group',
    ]) {
      expect(await groups.refused(bob, name, group.id), name).toEqual(await groups.refused(bob, name, NEVER));
    }
    for (const name of ['preview_group_link', 'redeem_group_link']) {
      expect(await groups.refused(bob, name, token), name).toEqual(await groups.refused(bob, name, 'no such token'));
    }
  }));

test('whoever blocks one and has nothing to do with the group is no more to be banned than nobody (users.not_found), and can be once they ask', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada, { visibility: 'private' });
    await groups.asked(bob, 'insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [bob.id, ada.id]);
    const nobody = await groups.refused(ada, 'ban_from_group', group.id, '00000000-0000-7000-8000-000000000000');
    expect(nobody.code).toBe('users.not_found');
    expect(await groups.refused(ada, 'ban_from_group', group.id, bob.id)).toEqual(nobody);
    await groups.act(bob, 'join_group', group.id);
    expect(await groups.act(ada, 'ban_from_group', group.id, bob.id)).toMatchObject({ status: 'banned' });
    expect(await groups.act(ada, 'ban_from_group', group.id, eve.id)).toMatchObject({ status: 'banned' });
  }));

test('somebody hidden by a block is still removed and banned by those who run the group', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    await groups.asked(bob, 'insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [bob.id, ada.id]);
    expect(await idsOf(groups, ada, 'members_of_group', group.id)).toEqual([ada.id]);
    await groups.act(ada, 'ban_from_group', group.id, bob.id);
    expect(await groups.rows(ada, 'bans_of_group', group.id)).toMatchObject([{ id: bob.id, person: null }]);
    expect(await groups.roles(group)).toEqual({ [ada.id]: 'owner' });
  }));

test('whatever runs a group did is in its log, for its moderators', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const group = await groups.found(ada);
    await groups.put(group, bob);
    await groups.put(group, eve);
    await groups.act(ada, 'update_group', group.id, { name: 'Walkers', rules: ['Be kind.'] });
    await groups.act(ada, 'update_group', group.id, { name: 'Walkers' });
    await groups.act(ada, 'set_group_role', group.id, bob.id, 'moderator');
    const { id } = await groups.act<{ id: string }>(eve, 'create_post', { content: 'Hello', group_id: group.id });
    await groups.act(bob, 'pin_group_post', group.id, id, true);
    await groups.act(bob, 'remove_group_post', group.id, id, 'off topic');
    await groups.act(bob, 'remove_group_member', group.id, eve.id);
    expect(await groups.code(eve, 'log_of_group', group.id)).toBe('groups.members_only');
    const log = await groups.rows(bob, 'log_of_group', group.id);
    expect(log.map(({ action, actor, target, details }) => [action, actor, target, details])).toMatchObject(
      [
        ['updated', { id: ada.id }, null, { changed: ['name', 'rules'] }],
        ['role_changed', { id: ada.id }, { id: bob.id }, { from: 'member', to: 'moderator' }],
        ['post_pinned', { id: bob.id }, { id: eve.id }, { post_id: id }],
        ['post_removed', { id: bob.id }, { id: eve.id }, { post_id: id, reason: 'off topic' }],
        ['member_removed', { id: bob.id }, { id: eve.id }, {}],
      ].reverse(),
    );
  }));

test('pages of members, groups and logs hold each once, in order', () =>
  withPeople(6, async (groups, ada, ...others) => {
    const group = await groups.found(ada);
    for (const person of others) await groups.put(group, person);
    await groups.db.query(
      `update public.group_members m set joined_at = now() - interval '1 minute' * x.n
       from (select user_id, row_number() over (order by user_id) / 2 as n from public.group_members where group_id = $1) x
       where m.group_id = $1 and m.user_id = x.user_id`,
      [group.id],
    );
    const all = await idsOf(groups, ada, 'members_of_group', group.id);
    expect(new Set(all).size).toBe(6);
    const read: string[] = [];
    let last: [string | null, string | null] = [null, null];
    for (;;) {
      const page = await groups.rows<{ id: string; at: string }>(ada, 'members_of_group', group.id, null, 2, ...last);
      const end = page.at(-1);
      if (end === undefined) break;
      read.push(...page.map(({ id }) => id));
      last = [end.at, end.id];
    }
    expect(read).toEqual(all);
    expect(await idsOf(groups, ada, 'members_of_group', group.id, 'owner')).toEqual([ada.id]);
  }));

test('groups are found by name and category, secret ones by their members alone', () =>
  withPeople(2, async (groups, ada, bob) => {
    const name = `Zürich ${bob.username}`;
    const category = `c ${bob.username}`;
    const open = await groups.found(ada, { name, category });
    const closed = await groups.found(ada, {
      name: `${name} closed`,
      visibility: 'private',
      category: category.toUpperCase(),
    });
    const secret = await groups.found(ada, { name: `${name} secret`, visibility: 'secret', category });
    const wanted = `zurich ${bob.username}`;
    expect(await idsOf(groups, bob, 'search_groups', wanted)).toEqual([open.id, closed.id]);
    expect(await idsOf(groups, null, 'search_groups', wanted)).toEqual([open.id, closed.id]);
    expect(new Set(await idsOf(groups, ada, 'search_groups', wanted))).toEqual(
      new Set([open.id, closed.id, secret.id]),
    );
    const byFounding = async (by: Person | null) => new Set(await idsOf(groups, by, 'discover_groups', category));
    expect(await byFounding(bob)).toEqual(new Set([open.id, closed.id]));
    expect(await byFounding(null)).toEqual(new Set([open.id, closed.id]));
    expect(await byFounding(ada)).toEqual(new Set());
    expect(new Set(await idsOf(groups, ada, 'my_groups'))).toEqual(new Set([open.id, closed.id, secret.id]));
  }));

test('nobody founds more than 20 groups a day (rate_limit.exceeded), or is in more than 1,000 (groups.limit_reached)', () =>
  withPeople(2, async (groups, ada, bob) => {
    const group = await groups.found(bob);
    for (let n = 0; n < 20; n += 1) await groups.found(ada);
    expect(await groups.code(ada, 'create_group', { name: 'x' })).toBe('rate_limit.exceeded');
    await groups.db.as({ role: 'postgres' });
    await groups.db.query(
      `with made as (insert into public.groups (name) select 'x' from generate_series(1, 980) returning id)
       insert into public.group_members (group_id, user_id, role) select id, $1, 'owner' from made`,
      [ada.id],
    );
    expect(await groups.code(ada, 'join_group', group.id)).toBe('groups.limit_reached');
  }));

test('nobody comes into groups more than 100 times an hour, however often they leave (rate_limit.exceeded)', () =>
  withPeople(2, async (groups, ada, bob) => {
    const open = await groups.found(bob);
    const closed = await groups.found(bob, { visibility: 'private' });
    for (let n = 0; n < 50; n += 1)
      for (const { id } of [open, closed]) {
        await groups.act(ada, 'join_group', id);
        await groups.act(ada, 'leave_group', id);
      }
    for (const { id } of [open, closed]) expect(await groups.code(ada, 'join_group', id)).toBe('rate_limit.exceeded');
    const { token } = await groups.act<{ token: string }>(bob, 'create_group_link', open.id);
    expect(await groups.code(ada, 'redeem_group_link', token)).toBe('rate_limit.exceeded');
    await groups.db.as({ role: 'postgres' });
    await groups.db.query("update app_private.paces set since = since - interval '1 hour' where user_id = $1", [
      ada.id,
    ]);
    expect(await groups.act(ada, 'redeem_group_link', token)).toMatchObject({ status: 'member' });
  }));
