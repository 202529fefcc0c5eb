create table public.blocks (
  blocker_id uuid not null references public.profiles (id) on delete cascade,
  blocked_id uuid not null references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (blocker_id, blocked_id),
  constraint nobody_blocks_themselves check (blocker_id <> blocked_id)
);
comment on table public.blocks is 'Who wants nothing to do with whom. It works both ways and tells the other side nothing.';
create index blocks_latest_idx on public.blocks (blocker_id, created_at desc, blocked_id desc);
create index blocks_blocked_id_idx on public.blocks (blocked_id, blocker_id);

create table public.follows (
  follower_id uuid not null references public.profiles (id) on delete cascade,
  followee_id uuid not null references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  is_pulled boolean not null default false,
  primary key (follower_id, followee_id),
  constraint nobody_follows_themselves check (follower_id <> followee_id)
);
comment on table public.follows is
  'Who follows whom; two who follow each other are friends. is_pulled: the followee has so many followers that posts are fetched when the feed is read, not pushed into each inbox.';
create index follows_followers_idx on public.follows (followee_id, created_at desc, follower_id desc);
-- For lists by time, which ask for `created_at > '-infinity'`. Without this condition the planner takes it for as good as the primary key to
-- find which of twenty people somebody follows, and goes through all ten thousand.
create index follows_following_idx on public.follows (follower_id, created_at desc, followee_id desc) where created_at > '-infinity';
create index follows_pulled_idx on public.follows (follower_id, followee_id) where is_pulled;

create table public.follow_requests (
  requester_id uuid not null references public.profiles (id) on delete cascade,
  target_id uuid not null references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (requester_id, target_id),
  constraint nobody_asks_themselves check (requester_id <> target_id)
);
comment on table public.follow_requests is 'Who waits to follow a private account. Approved, it becomes a follow; declined or taken back, it is gone.';
create index follow_requests_requester_idx on public.follow_requests (requester_id, created_at desc, target_id desc);
create index follow_requests_target_idx on public.follow_requests (target_id, created_at desc, requester_id desc);

create table public.mutes (
  muter_id uuid not null references public.profiles (id) on delete cascade,
  muted_id uuid not null references public.profiles (id) on delete cascade,
  until timestamptz,
  created_at timestamptz not null default now(),
  primary key (muter_id, muted_id),
  constraint nobody_mutes_themselves check (muter_id <> muted_id)
);
comment on table public.mutes is 'Whose posts and notifications somebody does not want for now, or for good (until is null). Nobody is told.';
create index mutes_latest_idx on public.mutes (muter_id, created_at desc, muted_id desc);
create index mutes_muted_id_idx on public.mutes (muted_id, muter_id); -- both, or the planner may look for one's own among all who mute somebody

create type public.person_card as (
  id uuid,
  username text,
  full_name text,
  avatar_url text,
  is_verified boolean,
  verification_level text,
  is_private boolean,
  followed_by_me boolean,
  follows_me boolean,
  at timestamptz
);
comment on type public.person_card is 'A person in a list, and how the reader and they follow each other. at: when what the list tells of happened.';

-- No index on the counts themselves: each follow would have to write it.
create table app_private.popular_people (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  followers_count bigint not null
);
comment on table app_private.popular_people is 'The 200 public accounts whom most people follow, for suggestions. Computed by the worker.';
