-- A page of posts by keys alone, in one statement past the policies: these would be asked anew for each table that a card reads. So who may
-- see a post is asked here, and a generated test compares the answer with that of the policy and with an oracle's.

create function app_private.cards_of(p_viewer uuid, p_ids uuid[], p_authors uuid[] default null)
returns setof public.post_card
language plpgsql stable rows 20 -- stable: all its statements see what the caller's statement sees
set search_path = ''
-- Plans must not turn to whole tables while these are small or their statistics old, nor be made anew for each short list of ids, which
-- would look cheaper than the plan at hand and takes longer than the rest.
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_blocks boolean;
  v_hidden uuid[] := '{}';
  v_liked uuid[];
  v_kept uuid[];
  v_polls uuid[];
  v_shared uuid[];
  v_originals jsonb;
  v_is_counting boolean;
  v_likes bigint[];
  v_comments bigint[];
  v_shares bigint[];
begin
  select exists (select from public.blocks b where b.blocker_id = p_viewer) or exists (select from public.blocks b where b.blocked_id = p_viewer),
    -- One probe for each post, said so that the planner does not look through all that the viewer ever liked.
    array(select i from unnest(p_ids) i, lateral (select from public.post_likes l where l.post_id = i and l.user_id = p_viewer limit 1) x),
    array(select b.post_id from public.bookmarks b where b.user_id = p_viewer and b.post_id = any (p_ids)),
    array(select q.post_id from public.polls q where q.post_id = any (p_ids)),
    array(select p.shared_post_id from public.posts p where p.id = any (p_ids) and p.shared_post_id is not null),
    exists (select from app_private.count_deltas d where d.target = any (p_ids))
  into v_blocks, v_liked, v_kept, v_polls, v_shared, v_is_counting;
  if v_blocks then -- nearly nobody blocks or is blocked
    v_hidden := app_private.hidden_among(p_viewer, array(select p.author_id from public.posts p where p.id = any (p_ids)));
  end if;
  if v_is_counting or v_blocks then
    select * into v_likes, v_comments, v_shares from app_private.count_differences(p_ids, case when v_blocks then p_viewer end);
  end if;
  if v_shared <> '{}' then -- what they share shares nothing itself
    select jsonb_object_agg(o.id, to_jsonb(o) - 'shared_post') into v_originals
    from app_private.cards_of(p_viewer, v_shared) o where o.status = 'published';
  end if;
  return query
  select s.id, a.card, s.type, s.content, s.media_urls, s.location, s.tags,
    -- Calls only for the few posts that mention somebody, have a poll, or are liked by somebody else this very moment.
    case when strpos(s.content, '@') > 0 then app_private.mentions_of(s.id, case when v_blocks then p_viewer end) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    c.likes_count + coalesce(v_likes[w.n], 0), c.comments_count + coalesce(v_comments[w.n], 0), c.shares_count + coalesce(v_shares[w.n], 0),
    s.id = any (v_liked), s.id = any (v_kept),
    s.status = 'published' and p_viewer is not null and case
      when s.group_id is not null and app_private.role_in(s.group_id, p_viewer) is null then false
      when s.author_id = p_viewer or (a.who_can_comment = 'everyone' and s.reply_control = 'everyone') then true
      else app_private.is_let_comment(p_viewer, s.author_id, s.id, a.who_can_comment, s.reply_control)
    end,
    case when s.id = any (v_polls) then app_hidden.poll_of(s.id) end,
    case when s.shared_post_id is not null then v_originals -> s.shared_post_id::text end,
    case when p_authors is null then null when s.author_id = p_viewer then 'self' else 'followed' end, s.group_id
  from unnest(p_ids) with ordinality w (id, n)
  join public.posts s on s.id = w.id
  join app_private.author_cards a on a.user_id = s.author_id
  join public.post_counts c on c.post_id = s.id
  where case
      -- Most posts are let through by the fewest questions; of all others the rule itself is asked.
      when s.status = 'published' and s.visibility = 'public' and (not a.is_private or s.author_id = any (p_authors)) then s.author_id <> all (v_hidden)
      else app_private.is_shown(p_viewer, s.author_id, s.group_id, s.status, s.visibility)
    end
    and case when p_authors is null then true else s.status = 'published' and s.group_id is null and s.author_id = any (p_authors) end
  order by w.n;
end
$$;
comment on function app_private.cards_of(uuid, uuid[], uuid[]) is
  'Posts by id in the order asked for, without those that the viewer (who is signed in, or null) may not read. With p_authors as a page of their feed: published posts of these authors only, and with the reason.';

-- What hidden people did is looked for from the shorter side: of a post that few like, each of them is asked after; of a famous one, each
-- hidden person.
create function app_private.count_differences(p_ids uuid[], p_viewer uuid)
returns table (likes bigint[], comments bigint[], shares bigint[])
language plpgsql stable rows 1
set search_path = ''
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_is_famous boolean := p_viewer is not null and exists (
    select from public.post_counts c where c.post_id = any (p_ids) and greatest(c.likes_count, c.comments_count, c.shares_count) > 50);
  v_hidden uuid[] := case when v_is_famous then app_private.hidden_from(p_viewer) end;
begin
  return query
  select array_agg(coalesce(d.likes, 0) - x.likes order by w.n), array_agg(coalesce(d.comments, 0) - x.comments order by w.n),
    array_agg(coalesce(d.shares, 0) - x.shares order by w.n)
  from unnest(p_ids) with ordinality w (id, n)
  left join public.post_counts k on k.post_id = w.id
  left join (
    select y.target,
      (sum(y.delta) filter (where y.counter = 'likes_count'))::bigint as likes,
      (sum(y.delta) filter (where y.counter = 'comments_count'))::bigint as comments,
      (sum(y.delta) filter (where y.counter = 'shares_count'))::bigint as shares
    from app_private.count_deltas y where y.target = any (p_ids) group by y.target
  ) d on d.target = w.id
  cross join lateral (select
    case when p_viewer is null then 0 when k.likes_count > 50 then (
        select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (v_hidden))
      else (select count(*) from public.post_likes l where l.post_id = w.id and app_hidden.is_blocked_pair(p_viewer, l.user_id)) end as likes,
    case when p_viewer is null then 0 when k.comments_count > 50 then (
        select count(*) from public.comments c where c.post_id = w.id and c.author_id = any (v_hidden) and c.deleted_at is null)
      else (
        select count(*) from public.comments c
        where c.post_id = w.id and c.deleted_at is null and app_hidden.is_blocked_pair(p_viewer, c.author_id)) end as comments,
    -- Only those that everybody sees: of others, a block would tell that there is one.
    case when p_viewer is null then 0 when k.shares_count > 50 then (
        select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.author_id = any (v_hidden) and p.status = 'published' and p.visibility = 'public')
      else (
        select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.status = 'published' and p.visibility = 'public'
          and app_hidden.is_blocked_pair(p_viewer, p.author_id)) end as shares
  ) x;
end
$$;
comment on function app_private.count_differences(uuid[], uuid) is
  'What is to be added to the counts of posts, in their order: what waits to be counted, less what people hidden from the viewer (null: from nobody) did.';

create function app_private.is_let_comment(p_viewer uuid, p_author uuid, p_post uuid, p_who_can_comment text, p_reply_control text)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return case
    when 'nobody' in (p_who_can_comment, p_reply_control) then false
    when 'friends' in (p_who_can_comment, p_reply_control)
      and not exists (select from public.follows f where f.follower_id = p_author and f.followee_id = p_viewer) then false
    when (p_who_can_comment <> 'everyone' or p_reply_control in ('followers', 'friends'))
      and not exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p_author) then false
    when p_reply_control = 'mentioned' then exists (select from public.post_mentions m where m.post_id = p_post and m.user_id = p_viewer)
    else true end;
end
$$;
comment on function app_private.is_let_comment(uuid, uuid, uuid, text, text) is
  'As can_comment, of a published post that the viewer reads, by what its page has in hand: for twenty at once.';

create function app_private.mentions_of(p_post uuid, p_viewer uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'username', u.username::text) order by u.username), '[]')
    from public.post_mentions m join public.profiles u on u.id = m.user_id
    where m.post_id = p_post and not (p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, m.user_id))
  );
end
$$;
comment on function app_private.mentions_of(uuid, uuid) is 'Whom a post mentions, without those hidden from the viewer (null: from nobody): [{id, username}].';

create function public.post_cards(p_ids uuid[])
returns setof public.post_card
language plpgsql stable security definer rows 20 -- as cards_of
set search_path = ''
as $$
begin
  return query
  select * from app_private.cards_of(auth.uid(), array(
    select u.id from unnest(p_ids[1:200]) with ordinality u (id, n) group by u.id order by min(u.n)
  ));
end
$$;
comment on function public.post_cards(uuid[]) is
  'Posts by id, in the order asked for and without those that the caller may not read; of a list longer than 200 the first 200.';

create function app_hidden.poll_tally(p_post uuid)
returns table ("position" smallint, votes bigint, mine boolean)
language plpgsql stable security definer rows 4 -- votes of others are closed to the caller
set search_path = ''
as $$
begin
  return query
  select o.position,
    coalesce((select sum(t.votes) from app_private.poll_tallies t where t.post_id = o.post_id and t.position = o.position), 0)::bigint,
    exists (select from public.poll_votes v where v.post_id = o.post_id and v.position = o.position and v.user_id = auth.uid())
  from public.poll_options o where o.post_id = p_post;
end
$$;
comment on function app_hidden.poll_tally(uuid) is 'How many votes each option of a poll has, and which are the caller''s.';

create function app_hidden.poll_of(p_post uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'ends_at', q.ends_at, 'is_multiple', q.is_multiple, 'is_over', q.ends_at <= now(),
      'votes_count', sum(t.votes)::bigint,
      'options', jsonb_agg(jsonb_build_object('position', o.position, 'label', o.label, 'votes_count', t.votes, 'mine', t.mine) order by o.position))
    from public.polls q
    join public.poll_options o on o.post_id = q.post_id
    join app_hidden.poll_tally(p_post) t on t.position = o.position
    where q.post_id = p_post
    group by q.post_id
  );
end
$$;
comment on function app_hidden.poll_of(uuid) is 'The poll of a post as the caller sees it; null where there is none. votes_count: of all options together.';
