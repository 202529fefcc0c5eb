create table public.posts (
  id uuid primary key default app_hidden.new_id(),
  author_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  type text not null default 'text' constraint type_known check (type in ('text', 'image', 'video', 'reel', 'share')),
  content text constraint content_length check (length(content) <= 5000),
  media_urls text[] not null default '{}' constraint media_bounded check (cardinality(media_urls) <= 10),
  location text constraint location_length check (length(location) between 1 and 100),
  tags text[] not null default '{}' constraint tags_bounded check (cardinality(tags) <= 30),
  visibility text not null default 'public' constraint visibility_known check (visibility in ('public', 'friends', 'private', 'group')),
  group_id uuid references public.groups (id) on delete cascade,
  reply_control text not null default 'everyone'
    constraint reply_control_known check (reply_control in ('everyone', 'followers', 'friends', 'mentioned', 'nobody')),
  shares_allowed boolean not null default true,
  shared_post_id uuid references public.posts (id) on delete set null,
  status text not null default 'published' constraint status_known check (status in ('draft', 'scheduled', 'published', 'removed')),
  scheduled_for timestamptz,
  published_at timestamptz,
  pinned_at timestamptz,
  edited_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint group_of_a_group_post check ((visibility = 'group') = (group_id is not null)),
  constraint only_shares_share check (type = 'share' or shared_post_id is null),
  constraint time_of_a_scheduled_post check ((status = 'scheduled') = (scheduled_for is not null)),
  constraint time_of_a_published_post check (status = 'removed' or (status = 'published') = (published_at is not null))
);
comment on table public.posts is
  'What people post. Who may read one is decided by its policy alone. draft and scheduled: for the author only; removed: by a moderator. group_id: it stands on the page of that group and nowhere else. tags hold those of the content too, in lower case.';
create index posts_author_idx on public.posts (author_id, published_at desc, id desc) where status = 'published';
create index posts_author_shown_idx on public.posts (author_id, visibility, published_at desc, id desc) where status = 'published';
create index posts_author_id_idx on public.posts (author_id, created_at); -- whatever their state, for the deletion of an account
create index posts_own_drafts_idx on public.posts (author_id, created_at desc, id desc) where status in ('draft', 'scheduled');
create index posts_recent_idx on public.posts (published_at desc, id desc) where status = 'published';
create index posts_location_idx on public.posts (lower(location), published_at desc, id desc)
  where status = 'published' and location is not null and visibility in ('public', 'friends');
create index posts_scheduled_idx on public.posts (scheduled_for) where status = 'scheduled';
create index posts_shared_idx on public.posts (shared_post_id, author_id) where shared_post_id is not null;
create index posts_shares_idx on public.posts (id) include (shared_post_id) where shared_post_id is not null; -- which of a page share others
-- Without words of one's own a post can be shared once.
create unique index posts_plain_share_idx on public.posts (author_id, shared_post_id) where type = 'share' and content is null;
create index posts_pinned_idx on public.posts (author_id) where pinned_at is not null;
create index posts_group_idx on public.posts (group_id, published_at desc, id desc) where group_id is not null and status = 'published';
create index posts_group_id_idx on public.posts (group_id) where group_id is not null; -- whatever their state, for the end of a group
create index posts_group_pinned_idx on public.posts (group_id) where pinned_at is not null;

create table public.post_counts (
  post_id uuid primary key references public.posts (id) on delete cascade,
  likes_count bigint not null default 0,
  comments_count bigint not null default 0,
  shares_count bigint not null default 0
) with (fillfactor = 50);
comment on table public.post_counts is 'How many like, commented on and shared a post. Behind the rows by what app_private.count_deltas holds for a second.';

create table public.post_edits (
  id uuid primary key default app_hidden.new_id(),
  post_id uuid not null references public.posts (id) on delete cascade,
  content text,
  media_urls text[] not null,
  location text,
  tags text[] not null,
  visibility text not null,
  replaced_at timestamptz not null default now()
);
comment on table public.post_edits is 'How a published post read before each edit, for everybody who may read the post.';
create index post_edits_post_id_idx on public.post_edits (post_id, replaced_at desc);

create table public.post_tags (
  tag text not null,
  published_at timestamptz not null,
  post_id uuid not null references public.posts (id) on delete cascade,
  author_id uuid not null,
  primary key (tag, published_at, post_id)
);
comment on table public.post_tags is 'The tags of published posts that others may read, by time: the page of a tag, and what is trending.';
create index post_tags_post_id_idx on public.post_tags (post_id);
create index post_tags_published_at_idx on public.post_tags (published_at);

create table public.trending_tags (
  period text not null constraint period_known check (period in ('hour', 'day', 'week')),
  rank int not null,
  tag text not null,
  posts_count bigint not null,
  people_count bigint not null,
  computed_at timestamptz not null default now(),
  primary key (period, rank)
);
comment on table public.trending_tags is 'The tags that most people used in public posts of the last hour, day and week, computed by the worker each minute.';

create table public.post_mentions (
  post_id uuid not null references public.posts (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  primary key (post_id, user_id)
);
comment on table public.post_mentions is 'Whom a post names with @username, as far as they let its author mention them.';
create index post_mentions_user_id_idx on public.post_mentions (user_id);

create table public.post_likes (
  post_id uuid not null references public.posts (id) on delete cascade,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (post_id, user_id)
);
comment on table public.post_likes is 'Who likes which post.';
-- For lists by time, which ask for `created_at > '-infinity'`. Without this condition the planner takes it for as good as the primary key to
-- find out whether somebody likes a post, and goes through all the likes of a famous one.
create index post_likes_post_idx on public.post_likes (post_id, created_at desc, user_id desc) where created_at > '-infinity';
create index post_likes_user_idx on public.post_likes (user_id, created_at desc, post_id desc);

create table public.comments (
  id uuid primary key default app_hidden.new_id(),
  post_id uuid not null references public.posts (id) on delete cascade,
  author_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  parent_id uuid references public.comments (id) on delete cascade,
  content text constraint content_length check (length(content) between 1 and 2000),
  likes_count bigint not null default 0,
  replies_count bigint not null default 0,
  edited_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  constraint words_unless_deleted check ((content is null) = (deleted_at is not null))
) with (fillfactor = 80);
comment on table public.comments is
  'Comments on posts, and answers to them (parent_id). One with answers stays when it is deleted, without its words, so that the thread holds together.';
create index comments_thread_idx on public.comments (post_id, created_at desc, id desc) where parent_id is null;
create index comments_answers_idx on public.comments (parent_id, created_at, id) where parent_id is not null;
create index comments_author_idx on public.comments (author_id, created_at desc);
create index comments_post_author_idx on public.comments (post_id, author_id);

create table public.comment_mentions (
  comment_id uuid not null references public.comments (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  primary key (comment_id, user_id)
);
comment on table public.comment_mentions is 'Whom a comment names with @username, as far as they let its author mention them.';
create index comment_mentions_user_id_idx on public.comment_mentions (user_id);

create table public.comment_likes (
  comment_id uuid not null references public.comments (id) on delete cascade,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (comment_id, user_id)
);
comment on table public.comment_likes is 'Who likes which comment.';
create index comment_likes_user_idx on public.comment_likes (user_id);

create table public.bookmarks (
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  post_id uuid not null references public.posts (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, post_id)
);
comment on table public.bookmarks is 'Posts that somebody keeps for later. Nobody else sees them.';
create index bookmarks_user_idx on public.bookmarks (user_id, created_at desc, post_id desc) where created_at > '-infinity'; -- as follows_following_idx
create index bookmarks_post_id_idx on public.bookmarks (post_id, user_id); -- both, or the planner may look for one's own among all of a famous post

create table public.polls (
  post_id uuid primary key references public.posts (id) on delete cascade,
  ends_at timestamptz not null,
  is_multiple boolean not null default false
);
comment on table public.polls is 'The poll of a post; its options and their votes stand beside it.';

create table public.poll_options (
  post_id uuid not null references public.polls (post_id) on delete cascade,
  position smallint not null constraint position_bounded check (position between 1 and 10),
  label text not null constraint label_length check (length(label) between 1 and 80),
  primary key (post_id, position)
);
comment on table public.poll_options is 'What a poll offers, 2 to 10 options.';

create table public.poll_votes (
  post_id uuid not null,
  position smallint not null,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (post_id, user_id, position),
  foreign key (post_id, position) references public.poll_options (post_id, position) on delete cascade
);
comment on table public.poll_votes is 'Who chose what. People see their own votes; of others, only how many.';
create index poll_votes_option_idx on public.poll_votes (post_id, position);
create index poll_votes_user_id_idx on public.poll_votes (user_id);

-- A poll that everybody votes in at once must not make them wait for one row. Each vote goes to a row that nobody holds, or to a
-- new one: there are as many as ever voted at the same moment, and their sum is exact.
create table app_private.poll_tallies (
  id bigint generated always as identity primary key,
  post_id uuid not null,
  position smallint not null,
  votes bigint not null,
  foreign key (post_id, position) references public.poll_options (post_id, position) on delete cascade
) with (fillfactor = 50);
comment on table app_private.poll_tallies is 'How many votes each option of a poll has: the sum of its rows.';
create index poll_tallies_option_idx on app_private.poll_tallies (post_id, position);

create table public.reports (
  id uuid primary key default app_hidden.new_id(),
  reporter_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  post_id uuid references public.posts (id) on delete set null,
  comment_id uuid references public.comments (id) on delete set null,
  profile_id uuid references public.profiles (id) on delete cascade,
  -- A trigger says these, so that a client's insert need not: what is reported, whether it is there or not, and whose it is.
  subject_kind text constraint subject_kind_known check (subject_kind in ('post', 'comment', 'profile')),
  subject_id uuid,
  accused_id uuid references public.profiles (id) on delete cascade,
  excerpt text,
  reason text not null constraint reason_known
    check (reason in ('spam', 'harassment', 'hate', 'violence', 'nudity', 'self_harm', 'fraud', 'impersonation', 'other')),
  details text constraint details_length check (length(details) <= 1000),
  state text not null default 'open' constraint state_known check (state in ('open', 'upheld', 'dismissed')),
  created_at timestamptz not null default now(),
  decided_at timestamptz,
  constraint one_subject check (num_nonnulls(post_id, comment_id, profile_id) <= 1 and num_nulls(subject_kind, subject_id, accused_id) = 0)
);
comment on table public.reports is 'What people report to the moderators, each thing once; its author is never told by whom. excerpt: how it read when it was reported, kept when its author edits or deletes it, until the account of either goes.';
create unique index reports_once_idx on public.reports (reporter_id, subject_id);
create index reports_reporter_idx on public.reports (reporter_id, created_at);
create index reports_subject_idx on public.reports (subject_id);
create index reports_accused_idx on public.reports (accused_id);
create index reports_open_idx on public.reports (created_at) where state = 'open';
create index reports_post_id_idx on public.reports (post_id) where post_id is not null;
create index reports_comment_id_idx on public.reports (comment_id) where comment_id is not null;
create index reports_profile_id_idx on public.reports (profile_id) where profile_id is not null;

-- The home feed --------------------------------------------------------------------------------------------------------

-- No foreign keys and no index but the key: a post is written here some thousand times.
create table public.feed_inbox (
  user_id uuid not null,
  published_at timestamptz not null,
  post_id uuid not null,
  author_id uuid not null,
  primary key (user_id, published_at, post_id)
);
comment on table public.feed_inbox is
  'Ids of posts by those whom somebody follows, up to 1,000 a person. A hint, never a right: each page is authorised when it is read. Written by the worker.';

create table public.feed_state (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  complete_since timestamptz not null,
  is_settled boolean not null default false,
  pulled_at timestamptz not null default now(),
  read_at timestamptz not null default now(),
  trimmed_at timestamptz not null default now()
) with (fillfactor = 50);
comment on table public.feed_state is
  'Whose inbox is kept: it holds every post since complete_since. Who has none is cold, and the next page builds it. pulled_at: up to when large authors were fetched. Not settled: what was posted and followed while it was built is still to be looked for.';
create index feed_state_read_at_idx on public.feed_state (read_at);
create index feed_state_trimmed_at_idx on public.feed_state (trimmed_at);
create index feed_state_unsettled_idx on public.feed_state (user_id) where not is_settled;

create table app_private.large_authors (
  author_id uuid primary key references public.profiles (id) on delete cascade,
  state text not null default 'growing' constraint state_known check (state in ('growing', 'large', 'shrinking')),
  is_filling boolean not null default false,
  moved_at timestamptz not null default 'infinity',
  moved_id uuid not null default 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  since timestamptz not null default now()
);
comment on table app_private.large_authors is
  'Authors with more followers than are pushed to: their posts are fetched by whoever reads. follows.is_pulled says the same of each follow; growing and shrinking: while these change, up to the follow (moved_at, moved_id), and then the inboxes are filled.';

-- noticed_at, not published_at: an old post that becomes public is new to those who fetch.
create table app_private.pulled_posts (
  author_id uuid not null,
  noticed_at timestamptz not null default clock_timestamp(),
  post_id uuid not null,
  published_at timestamptz not null,
  primary key (author_id, noticed_at, post_id)
);
comment on table app_private.pulled_posts is 'What large authors published lately, for whoever reads to fetch. Kept for two days; who comes later looks through the posts.';
create index pulled_posts_noticed_at_idx on app_private.pulled_posts (noticed_at);

-- Not the outbox: its events wait when MongoDB is away, and feeds must not.
create table app_private.feed_tasks (
  id bigint generated always as identity primary key,
  kind text not null constraint kind_known check (kind in ('followed', 'unfollowed', 'push', 'drop')),
  author_id uuid not null,
  follower_id uuid,
  post_id uuid,
  published_at timestamptz,
  done_to uuid,
  attempts int not null default 0,
  due_at timestamptz not null default now(),
  last_error text,
  constraint subject_of_its_kind check (case when kind in ('push', 'drop') then post_id is not null else follower_id is not null end)
) with (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0
);
comment on table app_private.feed_tasks is
  'What inboxes still have to learn: follows made and ended, posts to push and to drop. Written in the transaction of the change, deleted when done; done_to: up to which follower.';
create index feed_tasks_due_idx on app_private.feed_tasks (due_at, id);
