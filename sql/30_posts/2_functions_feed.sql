-- Building the home feed. An inbox holds ids that the worker put there (2_functions_feed_push.sql). They are hints: whether somebody is
-- still followed, and whether a post may be seen, cards_of asks with each page.

-- Security definer, as all below that say nothing else: inboxes, follows and posts of others are read for one person at a time.
create function app_private.pull_posts(
  p_user uuid, p_from timestamptz, p_before timestamptz, p_before_id uuid, p_limit int, p_without_muted boolean default false
)
returns table (post_id uuid, published_at timestamptz, author_id uuid)
language plpgsql stable security definer rows 100
set search_path = ''
set jit = off -- compiling takes longer than two thousand probes
as $$
#variable_conflict use_column
begin
  return query
  select p.id, p.published_at, a.author_id
  from (
    select f.followee_id as author_id from public.follows f
    where f.follower_id = p_user and (not p_without_muted or (
      select true from public.mutes m where m.muter_id = p_user and m.muted_id = f.followee_id and (m.until is null or m.until > now())) is null)
    union all
    select p_user
  ) a
  -- One probe of the index for each author, newest first, however many posts there are in all.
  cross join lateral (
    select q.id, q.published_at from public.posts q
    where q.author_id = a.author_id and q.status = 'published' and q.group_id is null
      and q.published_at >= p_from and (q.published_at, q.id) < (p_before, p_before_id)
      and case q.visibility
        when 'public' then true
        when 'friends' then a.author_id = p_user
          or exists (select from public.follows f where f.follower_id = a.author_id and f.followee_id = p_user)
        else a.author_id = p_user
      end
    order by q.published_at desc, q.id desc
    limit p_limit
  ) p
  order by p.published_at desc, p.id desc
  limit p_limit;
end
$$;
comment on function app_private.pull_posts(uuid, timestamptz, timestamptz, uuid, int, boolean) is
  'The newest p_limit posts of those whom somebody follows, and their own, from p_from on and before (p_before, p_before_id), newest first. An inbox gets muted people''s too, for a mute ends.';

create function app_private.feed_oracle(
  p_viewer uuid, p_limit int, p_before timestamptz default 'infinity', p_before_id uuid default 'ffffffff-ffff-ffff-ffff-ffffffffffff'
)
returns table (post_id uuid, published_at timestamptz, reason text)
language plpgsql stable
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select p.id, p.published_at, case when p.author_id = p_viewer then 'self' else 'followed' end
  from public.posts p
  where p.status = 'published' and p.group_id is null and (p.published_at, p.id) < (p_before, p_before_id)
    and app_private.can_view_post(p_viewer, p.id)
    and (p.author_id = p_viewer or exists (
      select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.author_id
    ))
    and not exists (
      select from public.mutes m
      where m.muter_id = p_viewer and m.muted_id = p.author_id and (m.until is null or m.until > now())
    )
  order by p.published_at desc, p.id desc
  limit p_limit;
end
$$;
comment on function app_private.feed_oracle(uuid, int, timestamptz, uuid) is
  'What a feed is, said in the plainest way and without any inbox. Slow: for tests, which compare it with home_feed, and for operators who wonder.';

-- Building an inbox -----------------------------------------------------------------------------------------------------

create function app_private.build_feed(p_user uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_days double precision := 0.25;
  v_from timestamptz;
  v_before timestamptz := 'infinity';
  v_before_id uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_room int := 1000;
  v_count int;
  v_since timestamptz;
begin
  -- Widening, so that who follows thousands does not sort all of their posts for the newest few, and who follows three gets them all.
  loop
    v_from := case when v_days < 365 then now() - v_days * interval '1 day' else '-infinity' end;
    with pulled as materialized (
      select p.post_id, p.published_at, p.author_id from app_private.pull_posts(p_user, v_from, v_before, v_before_id, v_room) p
    ), stored as (
      insert into public.feed_inbox (user_id, published_at, post_id, author_id)
      select p_user, p.published_at, p.post_id, p.author_id from pulled p
      on conflict do nothing
    )
    select count(*), min(p.published_at) into v_count, v_since from pulled p;
    if v_count = v_room then
      v_from := v_since + interval '1 microsecond'; -- of the last moment there may be more
      exit;
    end if;
    v_room := v_room - v_count;
    exit when v_room <= 700 or v_from = '-infinity'; -- pages enough; what is older is fetched when somebody goes there
    -- As far as 500 posts should reach, by what there was up to here: each window is a probe for each followee.
    v_days := v_days * least(greatest(500.0 / greatest(1000 - v_room, 1), 4), 64);
    v_before := v_from;
    v_before_id := '00000000-0000-0000-0000-000000000000';
  end loop;
  update public.feed_state s set complete_since = v_from where s.user_id = p_user;
end
$$;
comment on function app_private.build_feed(uuid) is
  'Fills the inbox of somebody whose state the caller has locked: at least 300 posts, at most 1,000, or all there are.';

-- What is committed while this runs may be missed by this snapshot and by the worker, who cannot see the state yet. So a new state
-- is not settled, and the worker looks once more when it can see it (settle_feeds).
create function app_private.warm_feed(p_user uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into public.feed_state as s (user_id, complete_since) values (p_user, 'infinity')
  on conflict (user_id) do update
    set complete_since = 'infinity', is_settled = false, pulled_at = now(), read_at = now(), trimmed_at = now()
    where s.read_at <= now() - interval '30 days';
  if not found then
    return; -- another page of the same person was first, and its inbox is there by now
  end if;
  delete from public.feed_inbox i where i.user_id = p_user;
  perform app_private.build_feed(p_user);
end
$$;
comment on function app_private.warm_feed(uuid) is 'Makes the inbox of somebody who has none, or was away for 30 days: nothing is pushed to those after 31.';

create function app_private.pull_large_authors(p_user uuid, p_pulled_at timestamptz)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Who has it locked is another page of the same person, or the worker at it for a moment: the next page will do.
  perform from public.feed_state s where s.user_id = p_user for no key update skip locked;
  if not found then
    return;
  end if;
  -- A minute more than was seen: longer than the worker takes to commit what it noticed.
  insert into public.feed_inbox (user_id, published_at, post_id, author_id)
  select p_user, l.published_at, l.post_id, l.author_id
  from public.follows f
  join app_private.pulled_posts l on l.author_id = f.followee_id and l.noticed_at >= p_pulled_at - interval '1 minute'
  where f.follower_id = p_user and f.is_pulled and p_pulled_at > now() - interval '1 day'
  on conflict do nothing;
  if p_pulled_at <= now() - interval '1 day' then -- more than pulled_posts is good for
    perform app_private.build_feed(p_user);
  end if;
  update public.feed_state s set pulled_at = now(), read_at = now() where s.user_id = p_user;
end
$$;
comment on function app_private.pull_large_authors(uuid, timestamptz) is 'Fetches into an inbox what those published whom nobody is pushed to.';

create function app_private.prepare_feed(p_user uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_state public.feed_state;
begin
  select * into v_state from public.feed_state s where s.user_id = p_user;
  if v_state.read_at > now() - interval '1 hour' and v_state.pulled_at > now() - interval '30 seconds' then
    return;
  end if;
  if current_setting('transaction_read_only') = 'on' then
    return; -- a replica: what is in the inbox is shown, and who has none gets a feed that is fetched
  end if;
  if v_state.user_id is null or v_state.read_at <= now() - interval '30 days' then
    begin
      perform app_private.warm_feed(p_user);
    exception when deadlock_detected then
      null; -- with pushes that are under way: this page is fetched without an inbox, the next one builds it
    end;
  elsif v_state.pulled_at <= now() - interval '30 seconds'
    and exists (select from public.follows f where f.follower_id = p_user and f.is_pulled) then
    begin
      perform app_private.pull_large_authors(p_user, v_state.pulled_at);
    exception when deadlock_detected then
      null;
    end;
  elsif v_state.read_at <= now() - interval '1 hour' then
    update public.feed_state s set read_at = now() where s.user_id = p_user;
  end if;
end
$$;
comment on function app_private.prepare_feed(uuid) is
  'Before a page is read: builds the inbox of who has none, and fetches large authors at most every 30 seconds. Else one probe.';
