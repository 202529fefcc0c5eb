-- What clients read: one shape of a post and one of a comment, whichever list they stand in.

create type public.post_card as (
  id uuid,
  author jsonb,
  type text,
  content text,
  media_urls text[],
  location text,
  tags text[],
  mentions jsonb,
  visibility text,
  reply_control text,
  shares_allowed boolean,
  status text,
  published_at timestamptz,
  scheduled_for timestamptz,
  pinned_at timestamptz,
  edited_at timestamptz,
  created_at timestamptz,
  likes_count bigint,
  comments_count bigint,
  shares_count bigint,
  liked boolean,
  bookmarked boolean,
  can_comment boolean,
  poll jsonb,
  shared_post jsonb,
  reason text,
  group_id uuid
);
comment on type public.post_card is
  'A post as the caller sees it, with its author, its counts, and what the caller did with it. poll, shared_post, reason (why it is in the feed) and group_id are null where there is none.';

create type public.comment_card as (
  id uuid,
  post_id uuid,
  parent_id uuid,
  author jsonb,
  content text,
  likes_count bigint,
  replies_count bigint,
  liked boolean,
  edited_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz,
  can_delete boolean
);
comment on type public.comment_card is 'A comment as the caller sees it. Of a deleted one that has answers, its words and its author are null.';

create type public.bookmarked_card as (
  id uuid,
  author jsonb,
  type text,
  content text,
  media_urls text[],
  location text,
  tags text[],
  mentions jsonb,
  visibility text,
  reply_control text,
  shares_allowed boolean,
  status text,
  published_at timestamptz,
  scheduled_for timestamptz,
  pinned_at timestamptz,
  edited_at timestamptz,
  created_at timestamptz,
  likes_count bigint,
  comments_count bigint,
  shares_count bigint,
  liked boolean,
  bookmarked boolean,
  can_comment boolean,
  poll jsonb,
  shared_post jsonb,
  reason text,
  bookmarked_at timestamptz,
  group_id uuid
);
comment on type public.bookmarked_card is 'A post_card, and when the caller bookmarked it.';
