import type { Person, TestConnection } from '../support/database.ts';
import type { ActorName, Command, Outcome, TableRule } from './matrix.ts';

type Allowed = Readonly<Partial<Record<ActorName, Readonly<Partial<Record<Command, Outcome>>>>>>;

/** The owner's groups here are secret, so nobody else sees a row of them. */
const MEMBERS_READ: Allowed = {
  owner: { select: 'rows' },
  other: { select: 'none' },
  service_role: { select: 'rows' },
};
const MY_GROUPS = 'in (select m.group_id from public.group_members m where m.user_id = $1)';

export const GROUPS_TABLES: Readonly<Record<string, TableRule>> = {
  'public.groups': {
    ownRow: "name = 'of a test'",
    set: 'name = name',
    allowed: { ...MEMBERS_READ, anon: { select: 'none' } },
  },
  'public.group_members': { ownRow: 'user_id = $1', set: 'role = role', allowed: MEMBERS_READ },
  'app_private.group_seats': { ownRow: `group_id ${MY_GROUPS}`, set: 'free = free', allowed: {} },
};

const PUBLIC_READS = ['anon', 'authenticated'] as const;
const PEOPLE = ['authenticated'] as const;

export const GROUPS_EXECUTE: Readonly<Record<string, readonly ('anon' | 'authenticated' | 'astra_worker')[]>> = {
  'app_hidden.my_group_ids': PUBLIC_READS,
  'app_hidden.my_moderated_group_ids': PUBLIC_READS,
  'app_hidden.assert_group_readable': PUBLIC_READS,
  'app_private.purge_groups': ['astra_worker'],
  'public.create_group': PEOPLE,
  'public.delete_group': PEOPLE,
  'public.group_page': PUBLIC_READS,
  'public.join_group': PEOPLE,
  'public.leave_group': PEOPLE,
  'public.pinned_posts_of_group': PUBLIC_READS,
  'public.posts_of_group': PUBLIC_READS,
  'public.remove_group_member': PEOPLE,
  'public.set_group_role': PEOPLE,
  'public.transfer_group': PEOPLE,
  'public.update_group': PEOPLE,
};

/** A secret group of the owner, with everything that hangs on one. */
export async function withGroupsAround(db: TestConnection, owner: Person): Promise<void> {
  await db.as({ role: 'authenticated', sub: owner.id });
  await db.query('select public.create_group(\'{"name": "of a test", "visibility": "secret"}\')');
  await db.as({ role: 'postgres' });
}
