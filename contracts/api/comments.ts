import { z } from 'zod';
import { pageOf, timestampSchema } from './common.ts';
import { authorSchema } from './posts.ts';

const content = z.string().trim().min(1).max(2000);

/** POST posts/:id/comment: a comment, or an answer to one. An answer to an answer joins the same thread. */
export const addCommentRequest = z.strictObject({ content, parent_id: z.uuid().optional() });

/** PUT posts/comments/:id */
export const editCommentRequest = z.strictObject({ content });

/** A comment as its reader may see it: the columns of `public.comment_card`. */
export const commentCard = z.strictObject({
  id: z.uuid(),
  post_id: z.uuid(),
  /** The comment that this one answers; null for one on the post itself. */
  parent_id: z.uuid().nullable(),
  /** Null like `content`, and for the same reason. */
  author: authorSchema.nullable(),
  /** Null when it was deleted and answers hold its place. */
  content: z.string().nullable(),
  likes_count: z.number().int(),
  replies_count: z.number().int(),
  liked: z.boolean(),
  edited_at: timestampSchema.nullable(),
  deleted_at: timestampSchema.nullable(),
  created_at: timestampSchema,
  can_delete: z.boolean(),
});
export type CommentCard = z.infer<typeof commentCard>;

/** GET posts/:id/comments, the newest first; GET posts/comments/:id/replies, the oldest first. */
export const commentsPage = pageOf(commentCard);

/** POST and DELETE posts/comments/:id/like */
export const commentLikeSchema = z.strictObject({
  comment_id: z.uuid(),
  liked: z.boolean(),
  likes_count: z.number().int(),
});
