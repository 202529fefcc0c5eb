create table public.groups (
  id uuid primary key default app_hidden.new_id(),
  name text not null constraint name_length check (length(name) between 1 and 80),
  description text constraint description_length check (length(description) <= 2000),
  visibility text not null default 'public' constraint visibility_known check (visibility in ('public', 'private', 'secret')),
  category text constraint category_length check (length(category) between 1 and 50),
  avatar_url text constraint avatar_url_shape check (avatar_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)' and length(avatar_url) <= 2048),
  cover_url text constraint cover_url_shape check (cover_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)' and length(cover_url) <= 2048),
  rules text[] not null default '{}' constraint rules_bounded check (cardinality(rules) <= 20 and length(rules::text) <= 12000),
  member_cap int not null default 5000 constraint member_cap_bounded check (member_cap between 1 and 20000),
  created_by uuid references public.profiles (id) on delete set null,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint nobody_finds_what_is_deleted check (deleted_at is null or visibility = 'secret')
);
comment on table public.groups is
  'Groups of people. public: everybody reads its posts and may join; private: everybody sees that it is there, and joins when approved; secret: does not exist for who is neither a member nor invited. deleted_at: without members, and gone when the worker has taken its posts away.';
create index groups_category_idx on public.groups (category, created_at desc, id desc) where visibility <> 'secret';
create index groups_latest_idx on public.groups (created_at desc, id desc) where visibility <> 'secret';
create index groups_created_by_idx on public.groups (created_by, created_at);
create index groups_name_trgm_idx on public.groups using gin (app_hidden.plain_name(name) extensions.gin_trgm_ops) where visibility <> 'secret';
create index groups_name_prefix_idx on public.groups (app_hidden.plain_name(name) text_pattern_ops) where visibility <> 'secret';
create index groups_deleted_idx on public.groups (deleted_at) where deleted_at is not null;

create table public.group_members (
  group_id uuid not null references public.groups (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  role text not null default 'member' constraint role_known check (role in ('owner', 'admin', 'moderator', 'member')),
  joined_at timestamptz not null default now(),
  primary key (group_id, user_id)
);
comment on table public.group_members is 'Who is in which group, and as what. Each group has one owner, until it is deleted.';
create unique index group_members_owner_idx on public.group_members (group_id) where role = 'owner';
create index group_members_latest_idx on public.group_members (group_id, joined_at desc, user_id desc);
create index group_members_staff_idx on public.group_members (group_id, role, joined_at, user_id) where role <> 'member';
create index group_members_user_idx on public.group_members (user_id, joined_at desc, group_id desc);

-- A count in the row of the group would make everybody who joins wait for the one before. Free seats lie in as many rows as ever
-- people joined at the same moment (up to 16), and whoever joins takes one from a row that nobody holds. Their sum is what the cap
-- leaves, so the cap holds, and members are counted, whoever comes and goes at once. No foreign key: who leaves must not wait for a
-- group that is being deleted.
create table app_private.group_seats (
  id bigint generated always as identity primary key,
  group_id uuid not null,
  free int not null constraint nobody_takes_what_is_not_there check (free >= 0)
) with (fillfactor = 50);
comment on table app_private.group_seats is 'Free seats of groups: member_cap less the sum of these is how many members a group has.';
create index group_seats_group_id_idx on app_private.group_seats (group_id);
