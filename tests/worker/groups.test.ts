import { expect, test } from 'vitest';
import { becomeOwner } from '../sql/chat/support.ts';
import { asRequest, connect, type Person, type TestConnection } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { isTaken } from './add-task.ts';
import { caughtUp } from './fixture.ts';
import { ownStores } from './stores.ts';

/** A function of groups as somebody, in a transaction that is committed; its first row. */
async function act<T = Record<string, unknown>>(
  db: TestConnection,
  who: Person,
  name: string,
  ...args: readonly unknown[]
): Promise<T> {
  const call = `select to_json(r) as r from public.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')}) r`;
  const [row] = await asRequest<{ r: T }>(db, who, call, args);
  return row?.r as T;
}

test('what happens in groups is in MongoDB once, counted by day, and audited where somebody was given or denied a place', async () => {
  await using stores = await ownStores();
  await stores.start();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [ada, bob, eve] = [await db.signUp(), await db.signUp(), await db.signUp()];
  const { id } = await act<{ id: string }>(db, ada, 'create_group', { name: 'Hikers', visibility: 'private' });
  await act(db, ada, 'update_group', id, { description: 'Up and down' });
  await act(db, bob, 'join_group', id);
  await act(db, ada, 'approve_group_request', id, bob.id);
  await act(db, ada, 'set_group_role', id, bob.id, 'moderator');
  await act(db, ada, 'invite_to_group', id, eve.id);
  await act(db, eve, 'accept_group_invitation', id);
  await act(db, bob, 'remove_group_member', id, eve.id);
  await act(db, bob, 'ban_from_group', id, eve.id);
  await act(db, bob, 'unban_from_group', id, eve.id);
  await act(db, bob, 'leave_group', id);
  await act(db, ada, 'delete_group', id);
  await caughtUp(stores);

  const expected = {
    ...{
      'group.created': 1,
      'group.updated': 1,
      'group.join_requested': 1,
      'group.member_joined': 3,
      'group.role_changed': 1,
    },
    ...{
      'group.invited': 1,
      'group.member_removed': 1,
      'group.banned': 1,
      'group.unbanned': 1,
      'group.member_left': 1,
    },
    'group.deleted': 1,
  };
  const counts = await stores.mongo
    .collection('events')
    .find({ type: /^group\./ })
    .toArray();
  const byType: Record<string, number> = {};
  for (const { type } of counts) byType[type] = (byType[type] ?? 0) + 1;
  expect(byType).toEqual(expected);
  const audited = await stores.mongo.collection('audit_log').find({}).toArray();
  const actions = audited.map(({ action, type }) => String(action ?? type)).filter((one) => one.startsWith('group.'));
  expect(actions.sort()).toEqual([
    ...['group.banned', 'group.deleted', 'group.member_removed', 'group.role_changed', 'group.unbanned'],
  ]);
  const dead = await stores.db.query('select last_error from app_private.outbox_events where dead_at is not null');
  expect(dead.rows).toEqual([]);
});

test('bans, invitations and links that are over and old lines of logs go, those that last stay, and so does the group', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [ada, bob, eve] = [await db.signUp(), await db.signUp(), await db.signUp()];
  const { id } = await act<{ id: string }>(db, ada, 'create_group', { name: 'Hikers', visibility: 'private' });
  const gone = await act<{ id: string }>(db, ada, 'create_group', { name: 'Gone' });
  await act(db, ada, 'create_post', { content: 'In it', group_id: gone.id });
  await act(db, bob, 'join_group', id);
  for (const name of ['ban_from_group', 'unban_from_group'] as const) await act(db, ada, name, id, eve.id);
  await act(db, ada, 'ban_from_group', id, eve.id, new Date(Date.now() + 3_600_000).toISOString());
  await act(db, ada, 'create_group_link', id, {});
  await act(db, ada, 'create_group_link', id, {});
  const others = [await db.signUp(), await db.signUp()] as const;
  for (const other of others) await act(db, ada, 'invite_to_group', id, other.id);
  await act(db, ada, 'delete_group', gone.id);
  await becomeOwner(db);
  const count = async (what: string) => Number((await db.one<{ n: string }>(`select count(*) as n from ${what}`)).n);
  const left = async () => ({
    bans: await count('app_private.group_bans'),
    links: await count('app_private.group_links'),
    invitations: await count('app_private.group_invitations'),
    old_lines: await count("app_private.group_log where created_at < now() - interval '1 year'"),
    requests: await count('app_private.group_requests'),
    groups: await count('public.groups'),
    posts: await count('public.posts'),
  });
  await db.query(
    "update app_private.group_links set expires_at = now() - interval '1 minute' where id = (select id from app_private.group_links limit 1)",
  );
  await db.query(
    "update app_private.group_invitations set expires_at = now() - interval '1 minute' where user_id = $1",
    [others[0].id],
  );
  await db.query("update app_private.group_bans set until = now() - interval '1 minute'");
  await db.query(
    "update app_private.group_log set created_at = now() - interval '13 months' where action = 'unbanned'",
  );
  expect(await left()).toEqual({ bans: 1, links: 2, invitations: 2, old_lines: 1, requests: 1, groups: 2, posts: 1 });

  await stores.start();
  // As its clock does every hour.
  await eventually('the task is taken', () => isTaken(stores.database, 'prune_groups'));
  const expected = { bans: 0, links: 1, invitations: 1, old_lines: 0, requests: 1, groups: 1, posts: 0 };
  await eventually('what is over is gone', async () => JSON.stringify(await left()) === JSON.stringify(expected)).catch(
    () => undefined,
  );
  expect(await left()).toEqual(expected);
});
