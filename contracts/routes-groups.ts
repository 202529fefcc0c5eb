import { emptyRequest } from './api/common.ts';
import * as groups from './api/groups.ts';
import * as posts from './api/posts.ts';
import type { ErrorCode } from './errors.ts';
import type { Route } from './routes.ts';

const base = { domain: 'groups', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
/** Also for who is not signed in: groups that are not secret, and what is in public ones. */
const open = { ...read, signedIn: 'optional' } as const;
const write = { ...base, method: 'post', idempotent: true } as const;
const put = { ...write, method: 'put' } as const;
const remove = { ...write, method: 'delete' } as const;
const one = { params: groups.groupParams } as const;
const member = { params: groups.memberParams } as const;

const NONE: readonly ErrorCode[] = ['groups.not_found'];
/** What only some may do. */
const ROLE: readonly ErrorCode[] = [...NONE, 'groups.members_only', 'groups.not_allowed'];
const OF_SOMEBODY: readonly ErrorCode[] = [...ROLE, 'users.not_found'];
const ROOM: readonly ErrorCode[] = ['groups.full', 'groups.limit_reached'];
const CURSOR: ErrorCode = 'request.invalid_cursor';

const GROUPS: readonly Route[] = [
  {
    ...{ ...open, path: '' },
    summary: 'One’s own groups, those that one may find (scope=discover), or those whose name is like q.',
    query: groups.groupsQuery,
    answer: { status: 200, schema: groups.groupsPage },
    errors: ['auth.required', CURSOR],
  },
  {
    ...{ ...write, path: '' },
    summary: 'Found a group; who does is its owner.',
    body: groups.createGroupRequest,
    answer: { status: 201, schema: groups.groupCard },
    errors: ['groups.limit_reached'],
  },
  {
    ...{ ...open, ...one, path: '/{id}' },
    summary: 'One group.',
    answer: { status: 200, schema: groups.groupCard },
    errors: NONE,
  },
  {
    ...{ ...put, ...one, path: '/{id}' },
    summary: 'Change what is sent of a group; visibility and member_cap are its owner’s.',
    body: groups.updateGroupRequest,
    answer: { status: 200, schema: groups.groupCard },
    errors: [...ROLE, 'groups.cap_too_low'],
  },
  {
    ...{ ...remove, ...one, path: '/{id}' },
    summary: 'Delete a group and all that is in it, as its owner.',
    answer: { status: 200, schema: posts.deletedSchema },
    errors: ROLE,
  },
  {
    ...{ ...write, ...one, path: '/{id}/transfer' },
    summary: 'Make another member the owner, and oneself an admin.',
    body: groups.whomRequest,
    answer: { status: 200, schema: groups.roleSchema },
    errors: [...OF_SOMEBODY, 'groups.member_not_found'],
  },
  {
    ...{ ...read, ...one, path: '/{id}/log' },
    summary: 'What those who run a group did in it, the latest first.',
    query: groups.groupPageQuery,
    answer: { status: 200, schema: groups.logPage },
    errors: [...ROLE, CURSOR],
  },
];

const MEMBERS: readonly Route[] = [
  {
    ...{ ...write, ...one, path: '/{id}/join' },
    summary: 'Join a public group, or one that invited one; ask a private one.',
    body: groups.joinGroupRequest,
    answer: { status: 200, schema: groups.joinedSchema },
    errors: [...NONE, 'groups.join_refused', ...ROOM],
  },
  {
    ...{ ...write, ...one, path: '/{id}/leave' },
    summary: 'Leave a group, or take back a request to join it.',
    body: emptyRequest,
    answer: { status: 200, schema: groups.noneSchema },
    errors: [...NONE, 'groups.owner_must_stay'],
  },
  {
    ...{ ...read, ...one, path: '/{id}/members' },
    summary: 'Who is in a group, of one role or of all, the latest first.',
    query: groups.membersQuery,
    answer: { status: 200, schema: groups.membersPage },
    errors: [...NONE, 'groups.members_only', CURSOR],
  },
  {
    ...{ ...put, ...member, path: '/{id}/members/{user_id}' },
    summary: 'Make a member admin, moderator or member, below one’s own role.',
    body: groups.setRoleRequest,
    answer: { status: 200, schema: groups.roleSchema },
    errors: [...OF_SOMEBODY, 'groups.member_not_found'],
  },
  {
    ...{ ...remove, ...member, path: '/{id}/members/{user_id}' },
    summary: 'Take a member of a lower role out of a group. They may come again.',
    answer: { status: 200, schema: groups.removedSchema },
    errors: [...OF_SOMEBODY, 'groups.member_not_found'],
  },
  {
    ...{ ...read, ...one, path: '/{id}/bans' },
    summary: 'Whom a group keeps out, the latest first.',
    query: groups.groupPageQuery,
    answer: { status: 200, schema: groups.bansPage },
    errors: [...ROLE, CURSOR],
  },
  {
    ...{ ...put, ...member, path: '/{id}/bans/{user_id}' },
    summary: 'Keep somebody out of a group, until a time or for good.',
    body: groups.banRequest,
    answer: { status: 200, schema: groups.bannedSchema },
    errors: [...OF_SOMEBODY, 'groups.field_invalid'],
  },
  {
    ...{ ...remove, ...member, path: '/{id}/bans/{user_id}' },
    summary: 'Lift a ban.',
    answer: { status: 200, schema: groups.noneSchema },
    errors: OF_SOMEBODY,
  },
];

const REQUESTS: readonly Route[] = [
  {
    ...{ ...read, ...one, path: '/{id}/requests' },
    summary: 'Who asks to join a private group, the latest first.',
    query: groups.groupPageQuery,
    answer: { status: 200, schema: groups.requestsPage },
    errors: [...ROLE, CURSOR],
  },
  {
    ...{ ...write, ...member, path: '/{id}/requests/{user_id}/approve' },
    summary: 'Take somebody in who asked to.',
    body: emptyRequest,
    answer: { status: 200, schema: groups.memberSchema },
    errors: [...OF_SOMEBODY, 'groups.request_not_found', ...ROOM],
  },
  {
    ...{ ...write, ...member, path: '/{id}/requests/{user_id}/decline' },
    summary: 'Decline a request to join; who asked is not told.',
    body: emptyRequest,
    answer: { status: 200, schema: groups.declinedSchema },
    errors: [...OF_SOMEBODY, 'groups.request_not_found'],
  },
];

const INVITATIONS: readonly Route[] = [
  {
    ...{ ...read, path: '/invitations' },
    summary: 'Groups that ask one to come in, the latest first.',
    query: groups.groupPageQuery,
    answer: { status: 200, schema: groups.receivedInvitationsPage },
    errors: [CURSOR],
  },
  {
    ...{ ...read, ...one, path: '/{id}/invitations' },
    summary: 'Whom a group asks to come in, the latest first.',
    query: groups.groupPageQuery,
    answer: { status: 200, schema: groups.invitationsPage },
    errors: [...ROLE, CURSOR],
  },
  {
    ...{ ...write, ...one, path: '/{id}/invitations' },
    summary: 'Ask somebody to come in, as far as they let one invite them.',
    body: groups.whomRequest,
    answer: { status: 200, schema: groups.invitedSchema },
    errors: [...OF_SOMEBODY, 'groups.invitation_refused', 'follows.blocked', 'groups.person_banned', ...ROOM],
  },
  {
    ...{ ...remove, ...member, path: '/{id}/invitations/{user_id}' },
    summary: 'Take an invitation back.',
    answer: { status: 200, schema: groups.noneSchema },
    errors: [...OF_SOMEBODY, 'groups.invitation_not_found'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/invitations/accept' },
    summary: 'Come into a group that invited one.',
    body: emptyRequest,
    answer: { status: 200, schema: groups.memberSchema },
    errors: ['groups.invitation_not_found', ...ROOM],
  },
  {
    ...{ ...write, ...one, path: '/{id}/invitations/decline' },
    summary: 'Decline an invitation; who sent it is not told.',
    body: emptyRequest,
    answer: { status: 200, schema: groups.declinedSchema },
    errors: ['groups.invitation_not_found'],
  },
];

const LINKS: readonly Route[] = [
  {
    ...{ ...read, ...one, path: '/{id}/links' },
    summary: 'The links that let people into a group, without their tokens.',
    query: groups.groupPageQuery,
    answer: { status: 200, schema: groups.linksPage },
    errors: [...ROLE, CURSOR],
  },
  {
    ...{ ...write, ...one, path: '/{id}/links' },
    summary: 'Make a link into a group. Its token is told this once.',
    body: groups.createLinkRequest,
    answer: { status: 201, schema: groups.newLinkSchema },
    errors: [...ROLE, 'groups.field_invalid', 'groups.too_many_links'],
  },
  {
    ...{ ...remove, path: '/{id}/links/{link_id}' },
    summary: 'Revoke a link.',
    params: groups.linkParams,
    answer: { status: 200, schema: groups.revokedSchema },
    errors: [...ROLE, 'groups.link_not_found'],
  },
  {
    ...{ ...base, method: 'post', path: '/links/preview' },
    summary: 'The group into which a link leads.',
    body: groups.tokenRequest,
    answer: { status: 200, schema: groups.groupCard },
    errors: ['groups.link_invalid'],
  },
  {
    ...{ ...write, path: '/links/redeem' },
    summary: 'Come into a group by a link.',
    body: groups.tokenRequest,
    answer: { status: 200, schema: groups.memberSchema },
    errors: ['groups.link_invalid', ...ROOM],
  },
];

const POSTS: readonly Route[] = [
  {
    ...{ ...open, ...one, path: '/{id}/posts' },
    summary: 'What was posted in a group, the newest first.',
    query: groups.groupPageQuery,
    answer: { status: 200, schema: posts.postsPage },
    errors: [...NONE, 'groups.members_only', CURSOR],
  },
  {
    ...{ ...open, ...one, path: '/{id}/posts/pinned' },
    summary: 'The pinned posts of a group, at most three.',
    answer: { status: 200, schema: posts.postsPage },
    errors: [...NONE, 'groups.members_only'],
  },
  {
    ...{ ...remove, path: '/{id}/posts/{post_id}' },
    summary: 'Take a post out of a group that one moderates.',
    params: groups.groupPostParams,
    body: groups.removePostRequest,
    answer: { status: 200, schema: groups.postRemovedSchema },
    errors: [...ROLE, 'posts.not_found'],
  },
  {
    ...{ ...write, path: '/{id}/posts/{post_id}/pin' },
    summary: 'Pin a post in a group that one moderates.',
    params: groups.groupPostParams,
    body: emptyRequest,
    answer: { status: 200, schema: groups.postPinnedSchema },
    errors: [...ROLE, 'posts.not_found', 'posts.too_many_pinned'],
  },
  {
    ...{ ...remove, path: '/{id}/posts/{post_id}/pin' },
    summary: 'Take a pin away.',
    params: groups.groupPostParams,
    answer: { status: 200, schema: groups.postPinnedSchema },
    errors: [...ROLE, 'posts.not_found'],
  },
];

/** Every operation of groups. One posts into a group by POST posts, with its `group_id`. */
export const GROUPS_ROUTES: readonly Route[] = [...GROUPS, ...MEMBERS, ...REQUESTS, ...INVITATIONS, ...LINKS, ...POSTS];
