import { emptyRequest } from './api/common.ts';
import * as graph from './api/graph.ts';
import * as posts from './api/posts.ts';
import * as users from './api/users.ts';
import type { ErrorCode } from './errors.ts';
import type { Route } from './routes.ts';

const base = { domain: 'users', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
const write = { ...base, idempotent: true } as const;
const open = { ...read, signedIn: 'optional' } as const;

const PERSON: readonly ErrorCode[] = ['users.not_found'];
const OTHER: readonly ErrorCode[] = ['users.not_found', 'follows.to_oneself'];
const LIST: readonly ErrorCode[] = ['users.not_found', 'users.lists_hidden', 'auth.required', 'request.invalid_cursor'];

const PROFILES: readonly Route[] = [
  {
    ...{ ...read, path: '/profile' },
    summary: 'One’s own profile, settings and wallet.',
    answer: { status: 200, schema: users.ownProfile },
    errors: [],
  },
  {
    ...{ ...write, method: 'put', path: '/profile' },
    summary: 'Change what is sent of one’s own profile and settings. Going public approves whoever waits to follow.',
    body: users.updateProfileRequest,
    answer: { status: 200, schema: users.ownProfile },
    errors: [
      ...(['users.username_taken', 'users.username_invalid', 'users.username_reserved'] as const),
      ...(['users.username_changed_lately', 'users.not_a_business'] as const),
      ...(['users.privacy_settings_invalid', 'users.notification_settings_invalid'] as const),
    ],
  },
  {
    ...{ ...read, path: '/privacy/preview' },
    summary: 'What going private or public would change.',
    query: users.privacyPreviewQuery,
    answer: { status: 200, schema: users.privacyPreview },
    errors: [],
  },
  {
    ...{ ...open, path: '/search' },
    summary: 'People by username and name, the best match first.',
    query: graph.searchQuery,
    answer: { status: 200, schema: graph.peoplePage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...open, path: '/{id}' },
    summary: 'Somebody’s profile, by id or by a username of today or of the last 30 days.',
    params: graph.personParams,
    answer: { status: 200, schema: users.publicProfile },
    errors: PERSON,
  },
];

const REPORT: Route = {
  ...{ ...write, method: 'post', path: '/{id}/report' },
  summary: 'Report somebody to the moderators, once.',
  params: graph.personParams,
  body: posts.reportRequest,
  answer: { status: 201, schema: posts.reportedSchema },
  errors: ['users.not_found', 'reports.already_reported', 'reports.of_oneself'],
};

const VERIFICATION: readonly Route[] = [
  {
    ...{ ...write, method: 'post', path: '/verification-requests' },
    summary: 'Ask the operators for a badge or a business account; one open request of each kind.',
    body: users.createVerificationRequest,
    answer: { status: 201, schema: users.verificationRequest },
    errors: ['users.verification_open'],
  },
  {
    ...{ ...read, path: '/verification-requests' },
    summary: 'What one asked the operators for, the newest first.',
    query: users.verificationRequestsQuery,
    answer: { status: 200, schema: users.verificationRequestsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...write, method: 'delete', path: '/verification-requests/{id}' },
    summary: 'Withdraw a request that is not decided.',
    params: users.verificationParams,
    answer: { status: 200, schema: users.verificationRequest },
    errors: ['users.verification_not_found'],
  },
];

/** What `users` and `follows` answer alike. */
const GRAPH: readonly Route[] = [
  {
    ...{ ...open, path: '/followers' },
    summary: 'Who follows somebody, the latest first; oneself when nobody is named.',
    query: graph.listQuery,
    answer: { status: 200, schema: graph.peoplePage },
    errors: LIST,
  },
  {
    ...{ ...write, method: 'delete', path: '/followers/{id}' },
    summary: 'Make somebody follow one no longer; they are not told.',
    params: graph.personParams,
    answer: { status: 200, schema: graph.removedSchema },
    errors: PERSON,
  },
  {
    ...{ ...open, path: '/following' },
    summary: 'Whom somebody follows, the latest first; oneself when nobody is named.',
    query: graph.listQuery,
    answer: { status: 200, schema: graph.peoplePage },
    errors: LIST,
  },
  {
    ...{ ...read, path: '/friends' },
    summary: 'Whom one follows and who follow one back, the latest first.',
    query: graph.peopleQuery,
    answer: { status: 200, schema: graph.peoplePage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/requests' },
    summary: 'Who asks to follow one’s private account, or whom one asked.',
    query: graph.followRequestsQuery,
    answer: { status: 200, schema: graph.peoplePage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...write, method: 'post', path: '/requests/approve-all' },
    summary: 'Let everybody follow who asks to.',
    body: emptyRequest,
    answer: { status: 200, schema: graph.allApprovedSchema },
    errors: [],
  },
  {
    ...{ ...write, method: 'post', path: '/requests/{id}/approve' },
    summary: 'Let somebody follow who asks to.',
    params: graph.personParams,
    body: emptyRequest,
    answer: { status: 200, schema: graph.approvedSchema },
    errors: ['users.not_found', 'follows.request_not_found', 'follows.blocked'],
  },
  {
    ...{ ...write, method: 'post', path: '/requests/{id}/decline' },
    summary: 'Decline somebody’s request to follow; they are not told.',
    params: graph.personParams,
    body: emptyRequest,
    answer: { status: 200, schema: graph.declinedSchema },
    errors: ['users.not_found', 'follows.request_not_found'],
  },
  {
    ...{ ...read, path: '/blocked' },
    summary: 'Whom one blocks.',
    query: graph.peopleQuery,
    answer: { status: 200, schema: graph.peoplePage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...write, method: 'post', path: '/block/{id}' },
    summary: 'Block somebody: from now on neither exists for the other, and nobody follows the other.',
    params: graph.personParams,
    body: emptyRequest,
    answer: { status: 200, schema: graph.blockedSchema },
    errors: OTHER,
  },
  {
    ...{ ...write, method: 'delete', path: '/block/{id}' },
    summary: 'Take a block back; what it ended does not come back.',
    params: graph.personParams,
    answer: { status: 200, schema: graph.unblockedSchema },
    errors: PERSON,
  },
  {
    ...{ ...read, path: '/muted' },
    summary: 'Whom one mutes at the moment.',
    query: graph.peopleQuery,
    answer: { status: 200, schema: graph.mutedPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...write, method: 'post', path: '/mute/{id}' },
    summary: 'Keep somebody out of one’s feed and notifications, until a time or for good.',
    params: graph.personParams,
    body: graph.muteRequest,
    answer: { status: 200, schema: graph.mutedSchema },
    errors: [...OTHER, 'follows.blocked', 'follows.mute_over'],
  },
  {
    ...{ ...write, method: 'delete', path: '/mute/{id}' },
    summary: 'End a mute.',
    params: graph.personParams,
    answer: { status: 200, schema: graph.unmutedSchema },
    errors: PERSON,
  },
  {
    ...{ ...read, path: '/suggestions' },
    summary: 'People one may know: friends of friends, then people whom many follow.',
    query: graph.suggestionsQuery,
    answer: { status: 200, schema: graph.suggestionsPage },
    errors: [],
  },
  {
    ...{ ...read, path: '/{id}/relationship' },
    summary: 'How one and somebody stand to each other, and what one may do.',
    params: graph.personParams,
    answer: { status: 200, schema: graph.relationshipSchema },
    errors: PERSON,
  },
];

const follow = (domain: Route['domain'], path: string): Route => ({
  ...{ ...write, domain, method: 'post', path },
  summary: 'Follow somebody, or ask to where the account is private.',
  params: graph.personParams,
  body: emptyRequest,
  answer: { status: 200, schema: graph.followedSchema },
  errors: [...OTHER, 'follows.blocked', 'follows.limit_reached'],
});

const unfollow = (domain: Route['domain'], path: string): Route => ({
  ...{ ...write, domain, method: 'delete', path },
  summary: 'Follow somebody no longer, or take the request back.',
  params: graph.personParams,
  answer: { status: 200, schema: graph.unfollowedSchema },
  errors: PERSON,
});

/** Every operation of `users` and of `follows`. */
export const PEOPLE_ROUTES: readonly Route[] = [
  ...PROFILES,
  REPORT,
  ...VERIFICATION,
  follow('users', '/follow/{id}'),
  unfollow('users', '/unfollow/{id}'),
  ...GRAPH,
  follow('follows', '/{id}'),
  unfollow('follows', '/{id}'),
  ...GRAPH.map((route): Route => ({ ...route, domain: 'follows' })),
];
