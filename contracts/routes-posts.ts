import * as comments from './api/comments.ts';
import { emptyRequest } from './api/common.ts';
import * as feed from './api/feed.ts';
import { peoplePage } from './api/graph.ts';
import * as posts from './api/posts.ts';
import type { ErrorCode } from './errors.ts';
import type { Route } from './routes.ts';

/** What a post is refused for, whether it is new or changed. */
const WORDS: readonly ErrorCode[] = [
  ...(['posts.empty', 'posts.media_required', 'posts.media_invalid'] as const),
  ...(['posts.tag_invalid', 'posts.schedule_invalid', 'posts.poll_invalid'] as const),
];
/** What keeps somebody from posting into a group. */
const IN_GROUP: readonly ErrorCode[] = ['groups.not_found', 'groups.members_only'];
const SHARE: readonly ErrorCode[] = [
  ...(['posts.not_found', 'posts.shares_not_allowed', 'posts.already_shared'] as const),
  ...IN_GROUP,
];

const base = { domain: 'posts', signedIn: true } as const;
const read = { ...base, method: 'get' } as const;
/** Also for who is not signed in: public posts of public accounts. */
const open = { ...read, signedIn: 'optional' } as const;
const write = { ...base, method: 'post', idempotent: true } as const;
const remove = { ...base, method: 'delete', idempotent: true } as const;
const one = { params: posts.idParams } as const;

const POSTS: readonly Route[] = [
  {
    ...{ ...read, path: '' },
    summary: 'The home feed: posts of those whom one follows and one’s own, the newest first.',
    query: posts.postsQuery,
    answer: { status: 200, schema: posts.postsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...write, path: '' },
    summary: 'Post something, now or at a time to come, or keep a draft.',
    body: posts.createPostRequest,
    answer: { status: 201, schema: posts.postCard },
    errors: [...WORDS, ...SHARE],
  },
  {
    ...{ ...open, ...one, path: '/{id}' },
    summary: 'One post.',
    answer: { status: 200, schema: posts.postCard },
    errors: ['posts.not_found'],
  },
  {
    ...{ ...write, ...one, method: 'put', path: '/{id}' },
    summary: 'Change what is sent of one’s own post, pin it, or publish a draft.',
    body: posts.updatePostRequest,
    answer: { status: 200, schema: posts.postCard },
    errors: [
      'posts.not_found',
      ...WORDS,
      ...(['posts.already_published', 'posts.too_many_pinned', 'groups.not_allowed'] as const),
      ...IN_GROUP,
    ],
  },
  {
    ...{ ...remove, ...one, path: '/{id}' },
    summary: 'Delete one’s own post and all that belongs to it.',
    answer: { status: 200, schema: posts.deletedSchema },
    errors: ['posts.not_found'],
  },
  {
    ...{ ...open, ...one, path: '/{id}/history' },
    summary: 'How a post read before each of its edits, the latest first.',
    query: posts.postsQuery,
    answer: { status: 200, schema: posts.historySchema },
    errors: ['posts.not_found', 'request.invalid_cursor'],
  },
];

const LISTS: readonly Route[] = [
  {
    ...{ ...read, path: '/bookmarks' },
    summary: 'One’s own bookmarks, the latest first.',
    query: posts.postsQuery,
    answer: { status: 200, schema: posts.bookmarksPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...read, path: '/drafts' },
    summary: 'One’s own drafts and scheduled posts, the newest first.',
    query: posts.postsQuery,
    answer: { status: 200, schema: posts.postsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...open, path: '/trending' },
    summary: 'The tags that most people used in the last hour, day or week.',
    query: feed.trendingQuery,
    answer: { status: 200, schema: feed.trendingPage },
    errors: [],
  },
  {
    ...{ ...open, path: '/tags/{tag}' },
    summary: 'Posts with a tag, the newest first.',
    params: posts.tagParams,
    query: posts.postsQuery,
    answer: { status: 200, schema: posts.postsPage },
    errors: ['request.invalid_cursor'],
  },
  {
    ...{ ...open, path: '/author/{id}' },
    summary: 'Posts of one person, by id or username, the newest first.',
    params: posts.authorParams,
    query: posts.postsQuery,
    answer: { status: 200, schema: posts.postsPage },
    errors: ['users.not_found', 'request.invalid_cursor'],
  },
  {
    ...{ ...open, path: '/location/{name}' },
    summary: 'Posts at a location, the newest first.',
    params: posts.locationParams,
    query: posts.postsQuery,
    answer: { status: 200, schema: posts.postsPage },
    errors: ['request.invalid_cursor'],
  },
];

const REACTIONS: readonly Route[] = [
  {
    ...{ ...write, ...one, path: '/{id}/like' },
    summary: 'Like a post.',
    body: emptyRequest,
    answer: { status: 200, schema: posts.likeSchema },
    errors: ['posts.not_found'],
  },
  {
    ...{ ...remove, ...one, path: '/{id}/like' },
    summary: 'Take a like back.',
    answer: { status: 200, schema: posts.likeSchema },
    errors: ['posts.not_found'],
  },
  {
    ...{ ...read, ...one, path: '/{id}/likes' },
    summary: 'Who likes a post, the latest first.',
    query: posts.postsQuery,
    answer: { status: 200, schema: peoplePage },
    errors: ['posts.not_found', 'request.invalid_cursor'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/share' },
    summary: 'Share a post, with or without words of one’s own.',
    body: posts.sharePostRequest,
    answer: { status: 201, schema: posts.postCard },
    errors: SHARE,
  },
  {
    ...{ ...write, ...one, path: '/{id}/bookmark' },
    summary: 'Keep a post for later; nobody else sees it.',
    body: emptyRequest,
    answer: { status: 200, schema: posts.bookmarkSchema },
    errors: ['posts.not_found'],
  },
  {
    ...{ ...remove, ...one, path: '/{id}/bookmark' },
    summary: 'Remove a bookmark.',
    answer: { status: 200, schema: posts.bookmarkSchema },
    errors: ['posts.not_found'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/vote' },
    summary: 'Choose in a poll, or choose anew until it ends.',
    body: posts.voteRequest,
    answer: { status: 200, schema: posts.pollSchema },
    errors: ['posts.not_found'],
  },
  {
    ...{ ...write, ...one, path: '/{id}/report' },
    summary: 'Report a post to the moderators, once.',
    body: posts.reportRequest,
    answer: { status: 201, schema: posts.reportedSchema },
    errors: ['posts.not_found', 'reports.already_reported', 'reports.of_oneself'],
  },
];

const COMMENTS: readonly Route[] = [
  {
    ...{ ...write, ...one, path: '/{id}/comment' },
    summary: 'Comment on a post, or answer a comment.',
    body: comments.addCommentRequest,
    answer: { status: 201, schema: comments.commentCard },
    errors: ['posts.not_found', 'comments.not_found', 'posts.comments_not_allowed'],
  },
  {
    ...{ ...open, ...one, path: '/{id}/comments' },
    summary: 'Comments on a post, the newest first.',
    query: posts.postsQuery,
    answer: { status: 200, schema: comments.commentsPage },
    errors: ['posts.not_found', 'request.invalid_cursor'],
  },
  {
    ...{ ...open, ...one, path: '/comments/{id}' },
    summary: 'One comment, as a link leads to it.',
    answer: { status: 200, schema: comments.commentCard },
    errors: ['comments.not_found'],
  },
  {
    ...{ ...open, ...one, path: '/comments/{id}/replies' },
    summary: 'Answers to a comment, the oldest first.',
    query: posts.postsQuery,
    answer: { status: 200, schema: comments.commentsPage },
    errors: ['comments.not_found', 'request.invalid_cursor'],
  },
  {
    ...{ ...write, ...one, method: 'put', path: '/comments/{id}' },
    summary: 'Change one’s own comment.',
    body: comments.editCommentRequest,
    answer: { status: 200, schema: comments.commentCard },
    errors: ['comments.not_found', 'posts.comments_not_allowed'],
  },
  {
    ...{ ...remove, ...one, path: '/comments/{id}' },
    summary: 'Delete one’s own comment, or one on one’s own post.',
    answer: { status: 200, schema: posts.deletedSchema },
    errors: ['comments.not_found'],
  },
  {
    ...{ ...write, ...one, path: '/comments/{id}/like' },
    summary: 'Like a comment.',
    body: emptyRequest,
    answer: { status: 200, schema: comments.commentLikeSchema },
    errors: ['comments.not_found'],
  },
  {
    ...{ ...remove, ...one, path: '/comments/{id}/like' },
    summary: 'Take a like of a comment back.',
    answer: { status: 200, schema: comments.commentLikeSchema },
    errors: ['comments.not_found'],
  },
  {
    ...{ ...write, ...one, path: '/comments/{id}/report' },
    summary: 'Report a comment to the moderators, once.',
    body: posts.reportRequest,
    answer: { status: 201, schema: posts.reportedSchema },
    errors: ['comments.not_found', 'reports.already_reported', 'reports.of_oneself'],
  },
];

/** Every operation of posts. */
export const POSTS_ROUTES: readonly Route[] = [...POSTS, ...LISTS, ...REACTIONS, ...COMMENTS];
