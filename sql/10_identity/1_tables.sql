create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  username extensions.citext not null unique
    constraint username_shape check (username::text ~ '^[a-z0-9][a-z0-9._]{1,28}[a-z0-9]$'),
  full_name text constraint full_name_length check (length(full_name) <= 100),
  avatar_url text constraint avatar_url_shape check (avatar_url ~ '^https?://' and length(avatar_url) <= 2048),
  bio text constraint bio_length check (length(bio) <= 500),
  location text constraint location_length check (length(location) <= 100),
  website text constraint website_shape check (website ~ '^https?://' and length(website) <= 500),
  is_verified boolean not null default false,
  verification_level text constraint verification_level_known check (verification_level in ('blue', 'gold', 'premium')),
  is_business_account boolean not null default false,
  business_info jsonb constraint business_info_shape
    check (jsonb_typeof(business_info) = 'object' and length(business_info::text) <= 8192),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.profiles is 'What everybody may know of a person. Made by the sign-up, one per user.';

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
  'What only its owner may know. email and phone follow auth.users; a key missing in the settings means its default.';

create table app_private.reserved_usernames (
  username text primary key check (username = lower(username))
);
comment on table app_private.reserved_usernames is 'Names that nobody may take, because they would speak for the product or hide a path of it.';
