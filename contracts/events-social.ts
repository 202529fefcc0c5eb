import { z } from 'zod';

const uuid = z.uuid();
const timestamp = z.iso.datetime({ offset: true });
const visibility = z.enum(['public', 'friends', 'private', 'group']);
/** Null also where a producer leaves it out. */
const optionalUuid = uuid.nullable().default(null);

/** graph.followed and graph.unfollowed. */
export const graphFollow = z.object({ follower_id: uuid, followee_id: uuid });

export const graphFollowRequested = z.object({ requester_id: uuid, target_id: uuid });

/** graph.blocked and graph.unblocked. */
export const graphBlock = z.object({ blocker_id: uuid, blocked_id: uuid });

export const postPublished = z.object({
  post_id: uuid,
  author_id: uuid,
  type: z.string(),
  visibility,
  published_at: timestamp,
  tags: z.array(z.string()),
  /** Ids of those it mentions. */
  mentions: z.array(uuid),
  shared_post_id: uuid.nullable(),
  /** Where it was posted, of a post in a group. */
  group_id: optionalUuid,
});

export const postChanged = z.object({
  post_id: uuid,
  author_id: uuid,
  visibility,
  /** Names of the columns that changed. */
  changed: z.array(z.string()),
});

export const postDeleted = z.object({
  post_id: uuid,
  author_id: uuid,
  published_at: timestamp.nullable(),
  shared_post_id: optionalUuid,
});

/** post.liked and post.unliked; author_id is the post's. */
export const postLike = z.object({ post_id: uuid, author_id: uuid, user_id: uuid });

export const commentCreated = z.object({
  comment_id: uuid,
  post_id: uuid,
  parent_id: uuid.nullable(),
  author_id: uuid,
  post_author_id: uuid,
  /** Ids of those it mentions. */
  mentions: z.array(uuid),
});

export const commentDeleted = z.object({ comment_id: uuid, post_id: uuid, author_id: uuid, parent_id: optionalUuid });

/** comment.liked and comment.unliked; author_id is the comment's. */
export const commentLike = z.object({ comment_id: uuid, post_id: uuid, author_id: uuid, user_id: uuid });

/** Of a post, a comment or a person; the reporter is for operators' eyes only. */
export const postReported = z.object({
  report_id: uuid,
  reporter_id: optionalUuid,
  post_id: optionalUuid,
  comment_id: optionalUuid,
  profile_id: optionalUuid,
  reason: z.string().nullable().default(null),
});

export const userVerificationDecided = z.object({
  user_id: uuid,
  kind: z.enum(['verification', 'business']),
  state: z.string(),
});
