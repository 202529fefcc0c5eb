import { expect, test } from 'vitest';
import { parseEvent } from '../../../contracts/events.ts';
import { type Groups, withPeople } from './support.ts';

/** What was told of groups so far, each a valid event; what was told before the last call is left out. */
async function told(groups: Groups): Promise<Record<string, unknown>[]> {
  await groups.db.as({ role: 'postgres' });
  const rows = await groups.db.query(
    `select * from app_private.outbox_events where tx_id = pg_current_xact_id() and type like 'group.%' and processed_at is null
     order by position`,
  );
  await groups.db.query("update app_private.outbox_events set processed_at = now() where type like 'group.%'");
  return rows.map(parseEvent).map(({ type, actor_id, payload }) => ({ type, actor_id, payload }));
}

test('a group tells who founded, changed and ended it, and not of each member that goes with it', () =>
  withPeople(2, async (groups, ada, bob) => {
    const { id } = await groups.found(ada, { visibility: 'private' });
    const owner = { group_id: id, user_id: ada.id, role: 'owner' };
    expect(await told(groups)).toEqual([
      { type: 'group.created', actor_id: ada.id, payload: { group_id: id, owner_id: ada.id, visibility: 'private' } },
      { type: 'group.member_joined', actor_id: ada.id, payload: owner },
    ]);
    await groups.act(ada, 'update_group', id, { name: 'Walkers', visibility: 'public' });
    await groups.act(bob, 'join_group', id);
    await groups.act(ada, 'delete_group', id);
    expect(await told(groups)).toEqual([
      {
        type: 'group.updated',
        actor_id: ada.id,
        payload: { group_id: id, visibility: 'public', changed: ['name', 'visibility'] },
      },
      { type: 'group.member_joined', actor_id: bob.id, payload: { group_id: id, user_id: bob.id, role: 'member' } },
      { type: 'group.deleted', actor_id: ada.id, payload: { group_id: id } },
    ]);
  }));

test('comings and goings tell who did it', () =>
  withPeople(2, async (groups, ada, bob) => {
    const { id } = await groups.found(ada, { visibility: 'private' });
    await told(groups);
    const payload = { group_id: id, user_id: bob.id };
    const member = { ...payload, role: 'member' };
    await groups.act(bob, 'join_group', id);
    await groups.act(ada, 'approve_group_request', id, bob.id);
    await groups.act(ada, 'set_group_role', id, bob.id, 'moderator');
    await groups.act(ada, 'set_group_role', id, bob.id, 'moderator');
    await groups.act(bob, 'leave_group', id);
    await groups.act(ada, 'invite_to_group', id, bob.id);
    await groups.act(bob, 'accept_group_invitation', id);
    await groups.act(ada, 'remove_group_member', id, bob.id);
    await groups.act(ada, 'ban_from_group', id, bob.id);
    await groups.act(ada, 'unban_from_group', id, bob.id);
    expect(await told(groups)).toEqual([
      { type: 'group.join_requested', actor_id: bob.id, payload },
      { type: 'group.member_joined', actor_id: ada.id, payload: member },
      {
        type: 'group.role_changed',
        actor_id: ada.id,
        payload: { ...payload, old_role: 'member', role: 'moderator' },
      },
      { type: 'group.member_left', actor_id: bob.id, payload: { ...payload, role: 'moderator' } },
      { type: 'group.invited', actor_id: ada.id, payload: { ...payload, expires_at: expect.any(String) } },
      { type: 'group.member_joined', actor_id: bob.id, payload: member },
      { type: 'group.member_removed', actor_id: ada.id, payload: member },
      { type: 'group.banned', actor_id: ada.id, payload: { ...payload, until: null } },
      { type: 'group.unbanned', actor_id: ada.id, payload },
    ]);
  }));

test('a deleted account tells of the heir, and of nothing else', () =>
  withPeople(3, async (groups, ada, bob, eve) => {
    const { id } = await groups.found(ada);
    await groups.act(bob, 'join_group', id);
    await groups.act(ada, 'ban_from_group', id, eve.id);
    await told(groups);
    await groups.db.query('delete from auth.users where id = any ($1)', [[ada.id, eve.id]]);
    expect(await told(groups)).toEqual([
      {
        type: 'group.role_changed',
        actor_id: null,
        payload: { group_id: id, user_id: bob.id, old_role: 'member', role: 'owner' },
      },
    ]);
  }));
