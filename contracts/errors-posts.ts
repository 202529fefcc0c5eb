import type { ErrorEntry } from './error-entry.ts';

/** The codes of posts, comments and reports. */
export const POSTS_ERRORS = {
  'posts.not_found': {
    status: 404,
    detail: 'There is no such post.',
    hint: 'It may have been deleted, or is not shown to you.',
  },
  'posts.empty': {
    status: 422,
    detail: 'A post of type text needs content or a poll.',
    hint: 'Send `content`.',
  },
  'posts.media_required': {
    status: 422,
    detail: 'A post of this type needs a medium.',
    hint: 'Send `media_urls`.',
  },
  'posts.media_invalid': {
    status: 422,
    detail: 'One of the media is not an address.',
    hint: 'Send media:<id> of what you uploaded, or addresses that begin with https:// or http://, up to 2048 characters.',
  },
  'posts.field_invalid': {
    status: 422,
    detail: 'There is no such field, or it has no such value.',
    hint: 'Compare the fields with the tables in docs/posts.md.',
  },
  'posts.tag_invalid': {
    status: 422,
    detail: 'One of the tags is not a tag.',
    hint: 'Use 1 to 50 letters, digits and underscores, with one letter at least.',
  },
  'posts.schedule_invalid': {
    status: 422,
    detail: 'A post is scheduled for a time to come, within a year.',
    hint: 'Send `scheduled_for` as a time in the future.',
  },
  'posts.already_published': {
    status: 409,
    detail: 'A published post does not become a draft again.',
    hint: 'Make it private, or delete it.',
  },
  'posts.too_many_pinned': {
    status: 422,
    detail: 'At most three posts can be pinned.',
    hint: 'Unpin another post first.',
  },
  'posts.shares_not_allowed': {
    status: 403,
    detail: 'This post is not to be shared.',
    hint: 'Share posts with `shares_allowed` that others may read.',
  },
  'posts.already_shared': {
    status: 409,
    detail: 'You have shared this post.',
    hint: 'Share it again with words of your own.',
  },
  'posts.poll_invalid': {
    status: 422,
    detail: 'A poll has 2 to 10 options of 1 to 80 characters and ends within 30 days.',
    hint: 'Mend `options` or `ends_at`.',
  },
  'posts.poll_closed': {
    status: 409,
    detail: 'This poll is over.',
    hint: 'Read the result.',
  },
  'posts.no_poll': {
    status: 404,
    detail: 'This post has no poll.',
    hint: 'Vote in posts with a poll.',
  },
  'posts.choice_invalid': {
    status: 422,
    detail: 'The poll does not take this choice.',
    hint: 'Send positions of its options; one, unless `is_multiple`.',
  },
  'posts.comments_not_allowed': {
    status: 403,
    detail: 'You cannot comment on this post.',
    hint: 'Its author decides who may: show the field only where `can_comment` is true.',
  },
  'comments.not_found': {
    status: 404,
    detail: 'There is no such comment.',
    hint: 'It may have been deleted, or is not shown to you.',
  },
  'comments.content_invalid': {
    status: 422,
    detail: 'A comment has 1 to 2,000 characters.',
    hint: 'Mend `content`.',
  },
  'reports.reason_invalid': {
    status: 422,
    detail: 'There is no such reason for a report.',
    hint: 'Send `reason` as spam, harassment, hate, violence, nudity, self_harm, fraud, impersonation or other.',
  },
  'reports.of_oneself': {
    status: 422,
    detail: 'Nobody reports themselves.',
    hint: 'Delete what is yours.',
  },
  'reports.not_found': {
    status: 404,
    detail: 'There is no such report.',
    hint: 'Look into admin.reports.',
  },
  'reports.decided': {
    status: 409,
    detail: 'This report was decided already.',
    hint: 'Look into admin.reports.',
  },
  'reports.already_reported': {
    status: 409,
    detail: 'You have reported this.',
    hint: 'The moderators will look at it.',
  },
} as const satisfies Record<string, ErrorEntry>;
