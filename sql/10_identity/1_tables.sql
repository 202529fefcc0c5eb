create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  username extensions.citext not null unique
    constraint username_shape check (username::text ~ '^[a-z0-9][a-z0-9._]{1,28}[a-z0-9]$'),
  full_name text constraint full_name_length check (length(full_name) <= 100),
  avatar_url text constraint avatar_url_shape check (avatar_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)' and length(avatar_url) <= 2048),
  bio text constraint bio_length check (length(bio) <= 500),
  location text constraint location_length check (length(location) <= 100),
  website text constraint website_shape check (website ~ '^https?://' and length(website) <= 500),
  is_verified boolean not null default false,
  verification_level text constraint verification_level_known check (verification_level in ('blue', 'gold', 'premium')),
  is_business_account boolean not null default false,
  business_info jsonb constraint business_info_shape
    check (jsonb_typeof(business_info) = 'object' and length(business_info::text) <= 8192),
  is_private boolean not null default false, -- follows privacy_settings, where its owner sets it
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.profiles is
  'What everybody but the blocked may know of a person. Made by the sign-up, one per user. is_private: posts and lists are for followers, whom its owner approves.';
create index profiles_username_trgm_idx on public.profiles using gin ((username::text) extensions.gin_trgm_ops);
create index profiles_full_name_trgm_idx on public.profiles using gin (app_hidden.plain_name(full_name) extensions.gin_trgm_ops);
-- What somebody has typed so far is the beginning of a name, and too short for trigrams.
create index profiles_username_prefix_idx on public.profiles ((username::text) text_pattern_ops);
create index profiles_full_name_prefix_idx on public.profiles (app_hidden.plain_name(full_name) text_pattern_ops);

-- Apart from profiles, so that a follow rewrites 60 bytes and tells nobody that a profile was changed.
create table public.profile_counts (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  followers_count bigint not null default 0,
  following_count bigint not null default 0,
  posts_count bigint not null default 0
) with (fillfactor = 50);
comment on table public.profile_counts is
  'How many follow a person, are followed by them, and how many published posts they have that others may read. Behind the rows by what app_private.count_deltas holds for a second.';

-- A count that many change at once would make them wait for one row. Who finds it locked leaves the change here, and the worker
-- adds it up: as with credits of the wallet, nobody waits, and counts shown have it in them.
create table app_private.count_deltas (
  id bigint generated always as identity primary key,
  target uuid not null,
  counter text not null check (counter in (
    'followers_count', 'following_count', 'posts_count', 'likes_count', 'comments_count', 'shares_count', 'comment_likes_count', 'replies_count')),
  delta bigint not null
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0
);
comment on table app_private.count_deltas is 'Changes of counts that found their row locked, to be folded into it in a moment.';
create index count_deltas_target_idx on app_private.count_deltas (target);

-- Each page of posts or comments shows twenty authors. Made anew for each of them, these few facts took a quarter of a page's time, and
-- the settings were one more table to look into.
create table app_private.author_cards (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  card jsonb not null,
  is_private boolean not null,
  who_can_comment text not null default 'everyone'
) with (fillfactor = 80);
comment on table app_private.author_cards is
  'What posts and comments show of their author, and what a page has to ask of them: profiles and account_settings once more, kept by triggers in the transaction of the change.';

create table app_private.former_usernames (
  username extensions.citext primary key,
  user_id uuid references public.profiles (id) on delete set null,
  until timestamptz not null
);
comment on table app_private.former_usernames is
  'Names that people gave up lately: until then a link with the old name leads to its owner, and nobody else may take it. Of a deleted account (user_id is null) it leads nowhere.';
create index former_usernames_until_idx on app_private.former_usernames (until);
create index former_usernames_user_id_idx on app_private.former_usernames (user_id);

create table public.verification_requests (
  id uuid primary key default app_hidden.new_id(),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  kind text not null constraint kind_known check (kind in ('verification', 'business')),
  level text constraint level_known check (level in ('blue', 'gold', 'premium')),
  statement text not null constraint statement_length check (length(statement) between 10 and 2000),
  evidence_urls text[] not null default '{}' constraint evidence_bounded
    check (cardinality(evidence_urls) <= 5 and length(evidence_urls::text) <= 10000)
    constraint evidence_of_addresses check (app_hidden.are_addresses(evidence_urls)),
  state text not null default 'open' constraint state_known check (state in ('open', 'approved', 'declined', 'withdrawn')),
  decision text,
  created_at timestamptz not null default now(),
  decided_at timestamptz,
  constraint level_of_a_verification check ((kind = 'verification') = (level is not null))
);
comment on table public.verification_requests is 'People ask the operators for a verification badge or a business account, one open request of each kind.';
create unique index verification_requests_open_idx on public.verification_requests (user_id, kind) where state = 'open';
create index verification_requests_queue_idx on public.verification_requests (created_at) where state = 'open';
create index verification_requests_user_id_idx on public.verification_requests (user_id, created_at desc);

create table public.account_jobs (
  id uuid primary key default app_hidden.new_id(),
  user_id uuid not null, -- outlives the user: a deletion is told of by its own row until it is pruned
  kind text not null constraint kind_known check (kind in ('export', 'deletion')),
  state text not null default 'queued' constraint state_known check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  run_after timestamptz not null default now(),
  reason text,
  file_path text,
  expires_at timestamptz,
  attempts int not null default 0,
  last_error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
comment on table public.account_jobs is 'What a person asked the worker to do with all that is theirs: an export to download, or the deletion of the account after a time to think again. reason: the code of why it failed, for the person; last_error: for operators. file_path: a file that is there.';
create unique index account_jobs_open_idx on public.account_jobs (user_id, kind) where state in ('queued', 'running');
create index account_jobs_due_idx on public.account_jobs (run_after) where state in ('queued', 'running');
create index account_jobs_user_id_idx on public.account_jobs (user_id, created_at desc);
create index account_jobs_files_idx on public.account_jobs (expires_at) where file_path is not null;
create index account_jobs_finished_idx on public.account_jobs (finished_at) where finished_at is not null;

create table app_private.account_rules (
  single boolean primary key default true check (single),
  deletion_waits interval not null default '7 days' check (deletion_waits >= interval '0'),
  export_lives interval not null default '7 days' check (export_lives > interval '0'),
  export_every interval not null default '1 day' check (export_every >= interval '0'),
  sign_in_is_fresh interval not null default '10 minutes' check (sign_in_is_fresh >= interval '0')
);
comment on table app_private.account_rules is
  'Settings of the operators, one row: how long a deletion waits for second thoughts, how long an exported file is there, how often one may be asked for, and how young a session proves its person as a password does.';

create table public.account_settings (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text,
  phone text,
  privacy_settings jsonb not null default '{}' constraint privacy_settings_shape
    check (jsonb_typeof(privacy_settings) = 'object' and length(privacy_settings::text) <= 8192),
  notification_settings jsonb not null default '{}' constraint notification_settings_shape
    check (jsonb_typeof(notification_settings) = 'object' and length(notification_settings::text) <= 8192),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.account_settings is
  'What only its owner may know. email and phone follow auth.users; a key missing in the settings means its default. A trigger refuses unknown keys.';

create table app_private.reserved_usernames (
  username text primary key check (username = lower(username))
);
comment on table app_private.reserved_usernames is 'Names that nobody may take, because they would speak for the product or hide a path of it.';

-- Rows that are there cannot say how much somebody wrote: what is deleted would be forgiven.
create table app_private.paces (
  user_id uuid not null references public.profiles (id) on delete cascade,
  what text not null,
  since timestamptz not null default now(),
  written int not null default 1,
  primary key (user_id, what)
) with (fillfactor = 50);
comment on table app_private.paces is 'How much of a kind (posts, likes, follows, …) somebody has written since their window began.';
