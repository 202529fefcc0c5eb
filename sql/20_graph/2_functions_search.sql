-- Finding people: by a name, by a part of one, and those whom one may know.

-- Security definer: the list of former names is closed.
create function app_private.find_user(p_viewer uuid, p_name text)
returns table (id uuid, username text, moved_from text)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_id uuid;
  v_moved_from text;
begin
  if p_name ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    v_id := p_name::uuid; -- longer than any username
  else
    select p.id into v_id from public.profiles p where p.username operator(extensions.=) p_name::extensions.citext;
    if not found then
      select f.user_id, f.username::text into v_id, v_moved_from from app_private.former_usernames f
      where f.username operator(extensions.=) p_name::extensions.citext and f.until > now();
    end if;
  end if;
  return query
  select p.id, p.username::text, v_moved_from from public.profiles p
  where p.id = v_id and (
    app_private.can_view_profile(p_viewer, p.id)
    -- Who blocks them still has to name them to unblock them.
    or exists (select from public.blocks b where b.blocker_id = p_viewer and b.blocked_id = p.id)
  );
end
$$;
comment on function app_private.find_user(uuid, text) is
  'A person by id, username or a name given up in the last 30 days (then moved_from is that name), as far as they exist for the viewer.';

-- Security definer: the list of former names is closed.
create function public.find_person(p_name text)
returns table (
  id uuid, username text, full_name text, avatar_url text, is_verified boolean, verification_level text, is_private boolean,
  followed_by_me boolean, follows_me boolean, at timestamptz, moved_from text
)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  return query
  select c.*, f.moved_from
  from app_private.find_user(v_me, trim(leading '@' from trim(left(p_name, 64)))) f
  join public.profiles p on p.id = f.id and app_private.can_view_profile(v_me, p.id)
  cross join lateral app_private.person_cards(v_me, array[p.id], array[p.created_at]) c;
end
$$;
comment on function public.find_person(text) is
  'The person of a username, in any case, or of an id. moved_from: the name that was asked for, where they gave it up in the last 30 days, else null; at: when they joined. No row for who does not exist for me.';

-- Searching --------------------------------------------------------------------------------------------------------------

-- At most 500 of each kind are looked at, so that a name which half of all people have costs no more than others. Where that
-- leaves some out, those whom the viewer follows are added, for they come first, and what merely resembles is not needed.
create function app_private.search_candidates(p_viewer uuid, p_query text)
returns setof uuid
language plpgsql stable
set search_path = ''
as $$
declare
  v_end text := p_query || chr(1114111); -- behind everything that begins with the query
  v_part text := '%' || regexp_replace(p_query, '([\\%_])', '\\\1', 'g') || '%';
  v_usernames int;
  v_names int;
begin
  return query
  select p.id from public.profiles p where p.username operator(extensions.=) p_query::extensions.citext;
  return query
  select p.id from public.profiles p
  where p.username::text ~>=~ p_query and p.username::text ~<~ v_end order by p.username::text using ~<~ limit 500;
  get diagnostics v_usernames = row_count;
  return query
  select p.id from public.profiles p
  where app_hidden.plain_name(p.full_name) ~>=~ p_query and app_hidden.plain_name(p.full_name) ~<~ v_end
  order by app_hidden.plain_name(p.full_name) using ~<~ limit 500;
  get diagnostics v_names = row_count;

  if greatest(v_usernames, v_names) = 500 then
    return query
    select p.id from public.follows f join public.profiles p on p.id = f.followee_id
    where f.follower_id = p_viewer and (starts_with(p.username::text, p_query) or starts_with(app_hidden.plain_name(p.full_name), p_query));
  elsif length(p_query) >= 3 then -- two letters are in too many names
    -- Half of the trigrams, so that one letter too many or too few in a short name is no more than a slip.
    perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
    return query
    select p.id from public.profiles p
    where p.username::text like v_part or p.username::text operator(extensions.%>) p_query limit 500;
    return query select p.id from public.profiles p where app_hidden.plain_name(p.full_name) like v_part limit 500;
    get diagnostics v_names = row_count;
    if v_names < 500 then
      return query select p.id from public.profiles p where app_hidden.plain_name(p.full_name) operator(extensions.%>) p_query limit 500;
    end if;
  end if;
end
$$;
comment on function app_private.search_candidates(uuid, text) is
  'People whose username or name begins with, has in it or resembles a plain name, some more than once.';

-- Security definer: the follows of others are closed. Whom the reader may not see is left out here.
create function public.search_people(p_query text, p_limit int default 20, p_before_rank real default null, p_before_id uuid default null)
returns table (
  id uuid, username text, full_name text, avatar_url text, is_verified boolean, verification_level text, is_private boolean,
  followed_by_me boolean, follows_me boolean, at timestamptz, rank real
)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_query text := app_hidden.plain_name(trim(leading '@' from trim(left(p_query, 64))));
begin
  -- Any time will do: the rank is here what the time is in other lists.
  perform app_hidden.assert_cursor(case when p_before_rank is not null then now() end, p_before_id);
  if coalesce(v_query, '') = '' then
    return;
  end if;
  return query
  with found as materialized (
    select p.*, app_hidden.plain_name(coalesce(p.full_name, '')) as plain_name, f.follower_id is not null as is_followed
    from (select distinct c from app_private.search_candidates(v_me, v_query) c) x (id)
    join public.profiles p on p.id = x.id
    left join public.follows f on f.follower_id = v_me and f.followee_id = p.id
    where not (v_blocks and app_hidden.is_blocked_pair(v_me, p.id))
  ), ranked as (
    select f.*, (
      case
        when f.username::text = v_query then 3
        when starts_with(f.username::text, v_query) then 2
        when starts_with(f.plain_name, v_query) then 1
        else 0
      end
      + case when f.is_followed then 0.5 else 0 end
      + 0.4 * greatest(
        extensions.similarity(v_query, f.username::text), extensions.similarity(v_query, f.plain_name))
    )::real as rank
    from found f
  )
  select r.id, r.username::text, r.full_name, r.avatar_url, r.is_verified, r.verification_level, r.is_private, r.is_followed,
    -- Not `exists`: of one the planner may make a hash of everybody who follows me.
    coalesce((select true from public.follows b where b.follower_id = r.id and b.followee_id = v_me), false), r.created_at, r.rank
  from ranked r
  where p_before_rank is null or (r.rank, r.id) < (p_before_rank, p_before_id)
  order by r.rank desc, r.id desc
  limit least(greatest(p_limit, 1), 101);
end
$$;
comment on function public.search_people(text, int, real, uuid) is
  'People by name or username, the best first: the very username, then usernames and names that begin so, then those that have it in them or resemble it, accents aside; within each, whom I follow. The next page begins after the rank and id of the last card.';

-- Suggesting -------------------------------------------------------------------------------------------------------------

-- Few people: those who joined since the worker looked count too, and a thousand are all of them.
create function app_private.most_followed()
returns table (user_id uuid, followers_count bigint)
language plpgsql stable
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query select p.user_id, p.followers_count from app_private.popular_people p;
  if (select count(*) from app_private.popular_people) < 200 then
    return query
    select c.user_id, c.followers_count
    from (select x.user_id, x.followers_count from public.profile_counts x limit 1000) c
    where not exists (select from app_private.popular_people p where p.user_id = c.user_id)
    order by c.followers_count desc limit 200;
  end if;
end
$$;
comment on function app_private.most_followed() is 'Whom most people follow, as popular_people has it; where there are not two hundred in it, others too.';

-- Bounded: of the hundred whom I followed last, the fifty whom each followed last. Security definer: those follows are closed to
-- me, which is why nobody counts who hides the lists.
create function public.suggested_people(p_limit int default 20)
returns table (
  id uuid, username text, full_name text, avatar_url text, is_verified boolean, verification_level text, is_private boolean,
  followed_by_me boolean, follows_me boolean, at timestamptz, mutual_count int
)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
begin
  return query
  with mine as materialized (
    select f.followee_id as id from public.follows f
    where f.follower_id = v_me and f.created_at > '-infinity' order by f.created_at desc, f.followee_id desc limit 100
  ), known as (
    select t.id, count(*)::int as mutual_count
    from mine m
    join public.account_settings s on s.user_id = m.id and s.privacy_settings -> 'hide_follower_lists' is distinct from 'true'
    cross join lateral (
      select f.followee_id as id from public.follows f
      where f.follower_id = m.id and f.created_at > '-infinity' order by f.created_at desc, f.followee_id desc limit 50
    ) t
    group by t.id
  ), candidates as (
    select coalesce(k.id, p.user_id) as id, coalesce(k.mutual_count, 0) as mutual_count, coalesce(p.followers_count, 0) as popularity
    from known k full join app_private.most_followed() p on p.user_id = k.id
  )
  select p.id, p.username::text, p.full_name, p.avatar_url, p.is_verified, p.verification_level, p.is_private, false,
    exists (select from public.follows f where f.follower_id = p.id and f.followee_id = v_me), p.created_at, c.mutual_count
  from candidates c join public.profiles p on p.id = c.id
  where c.id <> v_me and not (v_blocks and app_hidden.is_blocked_pair(v_me, c.id))
    and (c.mutual_count > 0 or not p.is_private)
    and not exists (select from public.follows f where f.follower_id = v_me and f.followee_id = c.id)
    and not exists (select from public.follow_requests r where r.requester_id = v_me and r.target_id = c.id)
    and not exists (select from public.mutes m where m.muter_id = v_me and m.muted_id = c.id and (m.until is null or m.until > now()))
  order by c.mutual_count desc, c.popularity desc, c.id
  limit least(greatest(p_limit, 1), 101);
end
$$;
comment on function public.suggested_people(int) is
  'Whom I may want to follow: those whom many follow that I follow (mutual_count), then public accounts, the most followed first.';

create function app_private.refresh_popular_people()
returns int
language plpgsql volatile security definer -- the worker may not read counts
set search_path = ''
as $$
declare
  v_people int;
begin
  lock table app_private.popular_people in share row exclusive mode; -- one worker at a time; readers go on
  delete from app_private.popular_people;
  insert into app_private.popular_people (user_id, followers_count)
  select c.user_id, c.followers_count from public.profile_counts c join public.profiles p on p.id = c.user_id
  where c.followers_count > 0 and not p.is_private order by c.followers_count desc limit 200;
  get diagnostics v_people = row_count;
  return v_people;
end
$$;
comment on function app_private.refresh_popular_people() is 'Computes anew whom most people follow, reading all counts once, and says how many it found: for once an hour.';
