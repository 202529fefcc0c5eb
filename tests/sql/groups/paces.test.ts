import { expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type GroupCard, type Groups, withPeople } from './support.ts';

interface Scene {
  readonly groups: Groups;
  readonly group: GroupCard;
  readonly ben: Person;
}

type Act = (scene: Scene, n: number) => readonly [name: string, ...args: unknown[]];

const DECISIONS: readonly (readonly [name: string, act: Act])[] = [
  ['roles', ({ group, ben }, n) => ['set_group_role', group.id, ben.id, n % 2 === 0 ? 'moderator' : 'member']],
  ['bans', ({ group, ben }) => ['ban_from_group', group.id, ben.id]],
  ['lifted bans', ({ group, ben }) => ['unban_from_group', group.id, ben.id]],
];

const ACTS: readonly (readonly [what: string, limit: number, window: string, by: string, act: Act])[] = [
  ...DECISIONS.map(([name, act]) => ['decisions about members', 600, '1 hour', name, act] as const),
  [
    'changes of groups',
    200,
    '1 hour',
    'changes',
    ({ group }, n) => ['update_group', group.id, { description: `${n}` }],
  ],
  ['links', 200, '1 day', 'links', ({ group }) => ['create_group_link', group.id]],
];

test.each(ACTS)(
  'takes %s of a person as long as they are no more than %i within %s, by %s (rate_limit.exceeded)',
  (what, limit, window, _by, act) =>
    withPeople(2, async (groups, ana, ben) => {
      const group = await groups.found(ana);
      await groups.put(group, ben);
      const scene: Scene = { groups, group, ben };
      await groups.act(ana, ...act(scene, 0));
      await groups.db.as({ role: 'postgres' });
      const written = 'update app_private.paces set written = $3 where user_id = $1 and what = $2 returning written';
      expect(await groups.db.query(written, [ana.id, what, limit - 1])).toHaveLength(1);
      await groups.act(ana, ...act(scene, 1));
      expect(await groups.refused(ana, ...act(scene, 2))).toMatchObject({
        sqlstate: 'PT429',
        code: 'rate_limit.exceeded',
      });
      await groups.db.as({ role: 'postgres' });
      await groups.db.query('update app_private.paces set since = now() - $2::interval where user_id = $1', [
        ana.id,
        window,
      ]);
      await groups.act(ana, ...act(scene, 3));
    }),
);

test('takes 200 invitations of a person within a day and no more, also when their group is gone (rate_limit.exceeded)', () =>
  withPeople(3, async (groups, ana, ben, cat) => {
    const gone = await groups.found(ana);
    await groups.act(ana, 'invite_to_group', gone.id, ben.id);
    await groups.act(ana, 'delete_group', gone.id);
    await groups.db.as({ role: 'postgres' });
    await groups.db.query('delete from public.groups where id = $1', [gone.id]);
    await groups.db.query("update app_private.paces set written = 199 where user_id = $1 and what = 'invitations'", [
      ana.id,
    ]);
    const group = await groups.found(ana);
    await groups.act(ana, 'invite_to_group', group.id, ben.id);
    expect(await groups.code(ana, 'invite_to_group', group.id, cat.id)).toBe('rate_limit.exceeded');
  }));

test('takes 300 pins of group posts of a person within an hour and no more (rate_limit.exceeded)', () =>
  withPeople(1, async (groups, ana) => {
    const group = await groups.found(ana);
    const { id } = await groups.act<{ id: string }>(ana, 'create_post', { content: 'Here', group_id: group.id });
    await groups.act(ana, 'pin_group_post', group.id, id, true);
    await groups.db.as({ role: 'postgres' });
    await groups.db.query("update app_private.paces set written = 300 where user_id = $1 and what = 'pins'", [ana.id]);
    expect(await groups.code(ana, 'pin_group_post', group.id, id, false)).toBe('rate_limit.exceeded');
  }));
