import type { ErrorEntry } from './error-entry.ts';

/** The codes of groups. */
export const GROUPS_ERRORS = {
  'groups.not_found': {
    status: 404,
    detail: 'There is no such group.',
    hint: 'It may have been deleted, or is not shown to you.',
  },
  'groups.field_invalid': {
    status: 422,
    detail: 'There is no such field, or it has no such value.',
    hint: 'Compare the fields with the tables in docs/groups.md.',
  },
  'groups.members_only': {
    status: 403,
    detail: 'Only members of this group may do this.',
    hint: 'Join it first: POST groups/:id/join.',
  },
  'groups.not_allowed': {
    status: 403,
    detail: 'Your role in this group does not let you do this.',
    hint: 'docs/groups.md says which role may do what.',
  },
  'groups.member_not_found': {
    status: 404,
    detail: 'This group has no such member.',
    hint: 'Take an id from GET groups/:id/members.',
  },
  'groups.join_refused': {
    status: 403,
    detail: 'This group does not take you in.',
    hint: 'Ask one of its moderators.',
  },
  'groups.banned': {
    status: 403,
    detail: 'This group keeps you out.',
    hint: 'You read there what everybody reads, and may take back what you did.',
  },
  'groups.full': {
    status: 409,
    detail: 'This group has as many members as it takes.',
    hint: 'Ask again when somebody has left.',
  },
  'groups.owner_must_stay': {
    status: 409,
    detail: 'A group is never without its owner.',
    hint: 'Hand it over first (POST groups/:id/transfer), or delete it.',
  },
  'groups.cap_too_low': {
    status: 409,
    detail: 'This group has more members than that.',
    hint: 'Send a `member_cap` of at least `members_count`.',
  },
  'groups.limit_reached': {
    status: 422,
    detail: 'You are in too many groups.',
    hint: 'Leave another group first; nobody is a member of more than 1,000.',
  },
  'groups.request_not_found': {
    status: 404,
    detail: 'This person does not ask to join the group.',
    hint: 'Take an id from GET groups/:id/requests.',
  },
  'groups.invitation_not_found': {
    status: 404,
    detail: 'There is no such invitation.',
    hint: 'It may have been withdrawn, or its 30 days are over.',
  },
  'groups.invitation_refused': {
    status: 403,
    detail: 'This person does not let you invite them.',
    hint: '`can_invite` of GET users/:id says whom you may invite.',
  },
  'groups.person_banned': {
    status: 409,
    detail: 'This person is banned from the group.',
    hint: 'Lift the ban first: DELETE groups/:id/bans/:user_id.',
  },
  'groups.link_invalid': {
    status: 404,
    detail: 'This link lets nobody in.',
    hint: 'It is wrong, used up, revoked or over. Ask for another one.',
  },
  'groups.link_not_found': {
    status: 404,
    detail: 'This group has no such link.',
    hint: 'It may be used up. Take an id from GET groups/:id/links.',
  },
  'groups.too_many_links': {
    status: 422,
    detail: 'A group has at most 50 links.',
    hint: 'Revoke another one first.',
  },
} as const satisfies Record<string, ErrorEntry>;
