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

/** Closed to everybody: functions tell of them. */
const MODERATION = { set: 'created_at = created_at', allowed: {} } as const;

export const GROUPS_TABLES: Readonly<Record<string, TableRule>> = {
  'public.groups': {
    ownRow: "name = 'of a test'",
    set: 'name = name',
    allowed: { ...MEMBERS_READ, anon: { select: 'none' } },
  },
  'public.group_members': { ownRow: 'user_id = $1', set: 'role = role', allowed: MEMBERS_READ },
  'app_private.group_seats': { ownRow: `group_id ${MY_GROUPS}`, set: 'free = free', allowed: {} },
  'app_private.group_requests': { ownRow: `group_id ${MY_GROUPS}`, ...MODERATION },
  'app_private.group_invitations': { ownRow: `group_id ${MY_GROUPS}`, ...MODERATION },
  'app_private.group_links': { ownRow: `group_id ${MY_GROUPS}`, ...MODERATION },
  'app_private.group_bans': { ownRow: `group_id ${MY_GROUPS}`, ...MODERATION },
  'app_private.group_log': { ownRow: `group_id ${MY_GROUPS}`, ...MODERATION },
};

const PUBLIC_READS = ['anon', 'authenticated'] as const;
const PEOPLE = ['authenticated'] as const;

const BY_PEOPLE = [
  ...['accept_group_invitation', 'approve_group_request', 'ban_from_group', 'bans_of_group', 'create_group'],
  ...['create_group_link', 'decline_group_invitation', 'decline_group_request', 'delete_group', 'invitations_of_group'],
  ...['invite_to_group', 'join_group', 'leave_group', 'links_of_group', 'log_of_group', 'members_of_group'],
  ...['my_group_invitations', 'my_groups', 'pin_group_post', 'preview_group_link', 'redeem_group_link'],
  ...['remove_group_member', 'remove_group_post', 'requests_of_group', 'revoke_group_link', 'set_group_role'],
  ...['transfer_group', 'unban_from_group', 'update_group', 'withdraw_group_invitation'],
];
const BY_EVERYBODY = ['discover_groups', 'group_page', 'pinned_posts_of_group', 'posts_of_group', 'search_groups'];

export const GROUPS_EXECUTE: Readonly<Record<string, readonly ('anon' | 'authenticated' | 'astra_worker')[]>> = {
  'app_hidden.assert_group_readable': PUBLIC_READS,
  'app_hidden.my_group_ids': PUBLIC_READS,
  'app_hidden.my_inviting_group_ids': PEOPLE,
  'app_hidden.my_moderated_group_ids': PUBLIC_READS,
  'app_private.prune_groups': ['astra_worker'],
  'app_private.purge_groups': ['astra_worker'],
  ...Object.fromEntries(BY_PEOPLE.map((name) => [`public.${name}`, PEOPLE])),
  ...Object.fromEntries(BY_EVERYBODY.map((name) => [`public.${name}`, PUBLIC_READS])),
};

/** A secret group of the owner, with everything that hangs on one. */
export async function withGroupsAround(db: TestConnection, owner: Person, stranger: Person): Promise<void> {
  await db.as({ role: 'authenticated', sub: owner.id });
  const fields = { name: 'of a test', visibility: 'secret' };
  const { id } = await db.one<{ id: string }>('select id from public.create_group($1)', [fields]);
  await db.query('select public.create_group_link($1)', [id]);
  await db.as({ role: 'postgres' });
  await db.query('insert into app_private.group_bans (group_id, user_id, banned_by) values ($1, $2, $3)', [
    id,
    stranger.id,
    owner.id,
  ]);
  for (const table of ['group_requests', 'group_invitations']) {
    await db.query(`insert into app_private.${table} (group_id, user_id) values ($1, $2)`, [id, stranger.id]);
  }
}
