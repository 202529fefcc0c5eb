-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP FUNCTION "app_private"."count_differences"(uuid[], uuid[]);

DROP FUNCTION "app_private"."hidden_from"(uuid);

CREATE OR REPLACE FUNCTION app_private.assert_calm (
  p_what   text,
  p_person uuid,
  p_limit  integer,
  p_window interval
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_done int;
begin
  if auth.uid() is null or p_person is null then
    return; -- nobody's app: an import, a worker, an operator; or a row that has to be refused for its own sake
  end if;
  insert into app_private.paces as c (user_id, what) values (p_person, p_what)
  on conflict (user_id, what) do update set
    written = case when c.since > now() - p_window then c.written + 1 else 1 end,
    since = case when c.since > now() - p_window then c.since else now() end
  returning c.written into v_done;
  if v_done > p_limit then
    perform app_hidden.fail(429, 'rate_limit.exceeded', format('More than %s %s within %s.', p_limit, p_what,
      case p_window when interval '1 hour' then 'an hour' else 'a day' end), 'Wait some time, and do less.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_not_banned (
  p_user uuid,
  p_post uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if exists (select from public.posts p where p.id = p_post and p.group_id is not null and app_private.is_banned(p.group_id, p_user)) then
    perform app_hidden.fail(403, 'groups.banned', 'This group has banned you.', 'Ask one of its moderators.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.cards_of (
  p_viewer  uuid,
  p_ids     uuid[],
  p_authors uuid[] DEFAULT NULL::uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_hidden uuid[];
  v_is_hidden_from_many boolean;
  v_liked uuid[];
  v_kept uuid[];
  v_polls uuid[];
  v_shared uuid[];
  v_is_counting boolean;
  v_likes bigint[];
  v_comments bigint[];
  v_shares bigint[];
begin
  select app_private.hidden_from(p_viewer, 201),
    -- One probe for each post, said so that the planner does not look through all that the viewer ever liked.
    array(select i from unnest(p_ids) i, lateral (select from public.post_likes l where l.post_id = i and l.user_id = p_viewer limit 1) x),
    array(select i from unnest(p_ids) i, lateral (select from public.bookmarks b where b.user_id = p_viewer and b.post_id = i limit 1) x),
    array(select q.post_id from public.polls q where q.post_id = any (p_ids)),
    array(select p.shared_post_id from public.posts p where p.id = any (p_ids) and p.shared_post_id is not null),
    exists (select from app_private.count_deltas d where d.target = any (p_ids))
  into v_hidden, v_liked, v_kept, v_polls, v_shared, v_is_counting;
  v_is_hidden_from_many := cardinality(v_hidden) > 200;
  if v_is_hidden_from_many then -- whom thousands blocked, a page asks about the people in it instead of going through all
    v_hidden := app_private.hidden_among(p_viewer, array(
      select p.author_id from public.posts p where p.id = any (p_ids)
      union
      select m.user_id from public.post_mentions m where m.post_id = any (p_ids)
    ));
  end if;
  if v_is_counting or v_is_hidden_from_many or v_hidden <> '{}' then -- nearly nobody blocks or is blocked
    select * into v_likes, v_comments, v_shares
    from app_private.count_differences(p_ids, v_hidden, case when v_is_hidden_from_many then p_viewer end);
  end if;
  return query
  select s.id, a.card, s.type, s.content, s.media_urls, s.location, s.tags,
    -- Calls only for the few posts that mention somebody, have a poll, or are liked by somebody else this very moment.
    case when strpos(s.content, '@') > 0 then app_private.mentions_of(s.id, v_hidden) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    c.likes_count + coalesce(v_likes[w.n], 0), c.comments_count + coalesce(v_comments[w.n], 0), c.shares_count + coalesce(v_shares[w.n], 0),
    s.id = any (v_liked), s.id = any (v_kept),
    s.status = 'published' and p_viewer is not null and case
      when s.group_id is not null and app_private.role_in(s.group_id, p_viewer) is null then false
      when s.author_id = p_viewer or (a.who_can_comment = 'everyone' and s.reply_control = 'everyone') then true
      else app_private.is_let_comment(p_viewer, s.author_id, s.id, a.who_can_comment, s.reply_control)
    end,
    case when s.id = any (v_polls) then app_hidden.poll_of(s.id) end,
    case when s.shared_post_id is not null then (
      select o.card from app_private.shared_cards(p_viewer, v_shared) o where o.id = s.shared_post_id
    ) end,
    case when p_authors is null then null when s.author_id = p_viewer then 'self' else 'followed' end, s.group_id
  from unnest(p_ids) with ordinality w (id, n)
  join public.posts s on s.id = w.id
  join app_private.author_cards a on a.user_id = s.author_id
  join public.post_counts c on c.post_id = s.id
  where case
      -- Most posts are let through by the fewest questions; of all others the rule itself is asked.
      when s.status = 'published' and s.visibility = 'public' and (not a.is_private or s.author_id = any (p_authors)
        or coalesce((select true from public.follows f where f.follower_id = p_viewer and f.followee_id = s.author_id), false))
        then s.author_id <> all (v_hidden)
      when s.status = 'published' and s.visibility = 'group' then
        s.author_id <> all (v_hidden) and app_private.can_read_group(p_viewer, s.group_id)
      else app_private.can_view_post(p_viewer, s.id)
    end
    and case when p_authors is null then true else s.status = 'published' and s.group_id is null and s.author_id = any (p_authors) end
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_differences (
  p_ids              uuid[],
  p_hidden           uuid[],
  p_hidden_from_many uuid   DEFAULT NULL::uuid
)
  RETURNS TABLE (
    likes    bigint[],
    comments bigint[],
    shares   bigint[]
  )
  LANGUAGE plpgsql
  STABLE
  ROWS 1
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
begin
  return query
  select array_agg(coalesce(d.likes, 0) - x.likes order by w.n), array_agg(coalesce(d.comments, 0) - x.comments order by w.n),
    array_agg(coalesce(d.shares, 0) - x.shares order by w.n)
  from unnest(p_ids) with ordinality w (id, n)
  left join (
    select y.target,
      (sum(y.delta) filter (where y.counter = 'likes_count'))::bigint as likes,
      (sum(y.delta) filter (where y.counter = 'comments_count'))::bigint as comments,
      (sum(y.delta) filter (where y.counter = 'shares_count'))::bigint as shares
    from app_private.count_deltas y where y.target = any (p_ids) group by y.target
  ) d on d.target = w.id
  cross join lateral (select
    case
      when p_hidden_from_many is not null then app_private.hidden_of_few(p_hidden_from_many, array(
        select l.user_id from public.post_likes l where l.post_id = w.id limit 201))
      when p_hidden <> '{}' then (select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (p_hidden))
      else 0 end as likes,
    case
      when p_hidden_from_many is not null then app_private.hidden_of_few(p_hidden_from_many, array(
        select c.author_id from public.comments c where c.post_id = w.id and c.deleted_at is null limit 201))
      when p_hidden <> '{}' then (
        select count(*) from public.comments c where c.post_id = w.id and c.author_id = any (p_hidden) and c.deleted_at is null)
      else 0 end as comments,
    -- Only shares that everybody sees: of others, a block would tell that there is one.
    case
      when p_hidden_from_many is not null then app_private.hidden_of_few(p_hidden_from_many, array(
        select p.author_id from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.status = 'published' and p.visibility = 'public' limit 201))
      when p_hidden <> '{}' then (
        select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.author_id = any (p_hidden) and p.status = 'published' and p.visibility = 'public')
      else 0 end as shares
  ) x;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_bookmark()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('bookmarks', new.user_id, 1000, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_comment_like()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('likes', new.user_id, 1000, '1 hour');
  perform app_private.assert_comment(new.user_id, new.comment_id);
  perform app_private.assert_not_banned(new.user_id, (select c.post_id from public.comments c where c.id = new.comment_id));
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_pace()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_person uuid := (to_jsonb(new) ->> tg_argv[0])::uuid;
begin
  perform app_private.assert_oneself(v_person);
  perform app_private.assert_calm(tg_table_name::text, v_person, 500, '1 day');
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_is_new boolean := tg_op = 'INSERT';
  v_was text := case when tg_op = 'UPDATE' then old.status else 'draft' end;
begin
  if v_is_new then
    perform app_private.assert_oneself(new.author_id);
    perform app_private.assert_calm('posts', new.author_id, 120, '1 hour');
  end if;
  new.content := nullif(btrim(new.content, e' \t\r\n'), '');
  new.location := nullif(btrim(new.location), '');
  if v_is_new and new.group_id is not null and new.visibility = 'public' then
    new.visibility := 'group'; -- nobody said otherwise
  end if;
  perform app_private.assert_post_fields(new);
  if new.group_id is not null and (v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published')) then
    perform app_private.assert_may(new.author_id, new.group_id, 'post');
  end if;
  if new.group_id is not null and not v_is_new and (new.pinned_at is null) <> (old.pinned_at is null) and auth.uid() is not null then
    perform app_private.assert_may(auth.uid(), new.group_id, 'moderate_posts');
    perform app_private.note_in_log(new.group_id, case when new.pinned_at is null then 'post_unpinned' else 'post_pinned' end, new.author_id,
      jsonb_build_object('post_id', new.id));
  end if;
  if v_is_new or new.tags is distinct from old.tags or new.content is distinct from old.content then
    if not v_is_new and new.tags = old.tags then
      -- Those that were only in the old words go with them.
      new.tags := array(select t from unnest(old.tags) t where t <> all (coalesce(app_hidden.tags_in(old.content), '{}')));
    end if;
    new.tags := app_hidden.merge_tags(app_hidden.clean_tags(new.tags), coalesce(app_hidden.tags_in(new.content), '{}'));
  end if;
  if not app_hidden.are_addresses(new.media_urls) then
    perform app_hidden.fail(422, 'posts.media_invalid', 'One of the media is not an address.', 'Send addresses that begin with https:// or http://, up to 2048 characters.');
  end if;

  if new.status <> 'scheduled' then
    new.scheduled_for := null;
  elsif new.scheduled_for is null or ((v_is_new or new.scheduled_for is distinct from old.scheduled_for)
    and new.scheduled_for not between now() and now() + interval '1 year') then
    perform app_hidden.fail(422, 'posts.schedule_invalid', 'A post is scheduled for a time to come, within a year.', 'Send `scheduled_for` as a time in the future.');
  end if;
  if v_was in ('published', 'removed') and new.status in ('draft', 'scheduled') then
    perform app_hidden.fail(409, 'posts.already_published', 'A published post does not become a draft again.', 'Make it private, or delete it.');
  end if;

  if new.type <> 'share' then
    if new.status in ('scheduled', 'published') then
      perform app_private.assert_complete(new);
    end if;
  elsif v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published') then
    new.shared_post_id := app_private.shared_original(new.id, new.author_id, new.shared_post_id, new.content is null);
  end if;

  case new.status
    when 'published' then new.published_at := coalesce(case when v_is_new then new.published_at else old.published_at end, now());
    when 'removed' then null; -- keeps its time, in case it comes back
    else new.published_at := null;
  end case;
  if not v_is_new then
    perform app_private.assert_edit(old, new);
    new.edited_at := case when v_was = 'published' and app_private.reads_otherwise(old, new) then now() else old.edited_at end;
    new.updated_at := now();
  end if;
  if new.status <> 'published' then
    new.pinned_at := null;
  elsif new.pinned_at is not null and (v_is_new or old.pinned_at is null) then
    perform app_private.assert_room_for_pin(new.author_id, new.group_id);
    new.pinned_at := now();
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_post_like()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('likes', new.user_id, 1000, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  if not exists (select from public.posts p where p.id = new.post_id and p.status = 'published') then
    perform app_hidden.fail(404, 'posts.not_found', 'This post is not published.', 'Publish it first.');
  end if;
  perform app_private.assert_not_banned(new.user_id, new.post_id);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_settings()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if not app_hidden.is_privacy_settings(new.privacy_settings) then
    perform app_hidden.fail(422, 'users.privacy_settings_invalid', 'There is no such privacy setting, or it has no such value.',
      'Compare with the list of privacy_settings in docs/users.md.');
  elsif not app_hidden.is_notification_settings(new.notification_settings) then
    perform app_hidden.fail(422, 'users.notification_settings_invalid', 'There is no such notification setting, or it has no such value.',
      'Compare with the list of notification_settings in docs/notifications.md.');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_vote()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_poll public.polls;
begin
  if tg_op = 'DELETE' then
    select q.* into v_poll from public.polls q where q.post_id = old.post_id;
    -- With the poll or the voter the vote goes in any case.
    if v_poll.ends_at <= now() and exists (select from public.profiles p where p.id = old.user_id) then
      perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
    end if;
    return old;
  end if;
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('votes', new.user_id, 1000, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  perform app_private.assert_not_banned(new.user_id, new.post_id);
  select q.* into v_poll from public.polls q join public.posts p on p.id = q.post_id where q.post_id = new.post_id and p.status = 'published';
  if not found then
    perform app_hidden.fail(404, 'posts.no_poll', 'This post has no poll.', 'Vote in posts with a poll.');
  elsif v_poll.ends_at <= now() then
    perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
  elsif not exists (select from public.poll_options o where o.post_id = new.post_id and o.position = new.position) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'The poll has no such option.', 'Send positions of its options.');
  end if;
  perform app_private.lock_vote(new.post_id, new.user_id);
  if not v_poll.is_multiple and exists (
    select from public.poll_votes v where v.post_id = new.post_id and v.user_id = new.user_id and v.position <> new.position
  ) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'This poll takes one choice.', 'A vote is the whole choice: send one position, which replaces the earlier one (in the table itself, delete that first).');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_among (
  p_viewer uuid,
  p_people uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select p.id from unnest(p_people) p (id)
    where (select true from public.blocks b where b.blocker_id = p_viewer and b.blocked_id = p.id)
      or (select true from public.blocks b where b.blocker_id = p.id and b.blocked_id = p_viewer)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_from (
  p_viewer uuid,
  p_limit  integer DEFAULT NULL::integer
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select x.id from (
      select b.blocked_id as id from public.blocks b where b.blocker_id = p_viewer
      union all
      select b.blocker_id from public.blocks b where b.blocked_id = p_viewer
    ) x limit p_limit
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_of_few (
  p_viewer uuid,
  p_people uuid[]
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case when cardinality(p_people) > 200 then 0 else cardinality(app_private.hidden_among(p_viewer, p_people)) end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.may_be_shown (
  p_viewer     uuid,
  p_author     uuid,
  p_visibility text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p_author = p_viewer then true
    when p_viewer is not null and (exists (select from public.blocks b where b.blocker_id = p_viewer and b.blocked_id = p_author)
      or exists (select from public.blocks b where b.blocker_id = p_author and b.blocked_id = p_viewer)) then false
    when p_visibility = 'public' and (select not a.is_private from app_private.author_cards a where a.user_id = p_author) then true
    else p_viewer is not null and exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p_author)
  end;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.counterparty (
  p_actor     uuid,
  p_recipient text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := ledger.find_person(p_recipient);
begin
  if v_id is null then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is nobody with this username or id.',
      'Pass an id, or a username without @; GET users/search finds both.');
  elsif v_id = p_actor then
    perform app_hidden.fail(422, 'wallet.self_transfer', 'Money cannot be sent to oneself.', 'Choose another recipient.');
  elsif app_hidden.is_blocked_pair(p_actor, v_id) then
    perform app_hidden.fail(403, 'wallet.blocked', 'Money cannot be sent between these two people.', 'Choose another recipient.');
  end if;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.parse_amount (
  p_amount   text,
  p_exponent smallint
)
  RETURNS bigint
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_minor numeric;
begin
  -- Digits and one point only: no sign, exponent, NaN, spaces or leading zeros. The length is checked before the pattern.
  if p_amount is null or length(p_amount) > 40 or p_amount !~ '^(0|[1-9][0-9]*)(\.[0-9]+)?$' then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is not a decimal number above zero.',
      'Send the amount as text, such as "12.50".');
  end if;
  if length(split_part(p_amount, '.', 2)) > p_exponent then
    perform app_hidden.fail(422, 'wallet.amount_scale', 'The amount has more decimals than its currency.',
      format('Send at most %s decimals.', p_exponent));
  end if;
  v_minor := p_amount::numeric * ('1e' || p_exponent::text)::numeric;
  if v_minor <= 0 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is zero.', 'Send an amount above zero.');
  elsif v_minor > 9223372036854775807 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is too large.', 'Send less: no wallet can hold so much.');
  end if;
  return v_minor::bigint;
end
$function$;

CREATE OR REPLACE FUNCTION public.pin_group_post (
  p_group  uuid,
  p_post   uuid,
  p_pinned boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts := app_private.post_in_group(auth.uid(), p_group, p_post);
begin
  if (v_post.pinned_at is not null) is distinct from p_pinned then
    update public.posts p set pinned_at = case when p_pinned then now() end where p.id = p_post;
  end if;
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'pinned', coalesce(p_pinned, false));
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_location (
  p_location  text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count into r from (
      select p.id, p.published_at from public.posts p
      where lower(p.location) = lower(btrim(p_location)) and p.location is not null and p.status = 'published'
        and p.visibility in ('public', 'friends')
        and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
        and app_private.may_be_shown(v_me, p.author_id, p.visibility)
      order by p.published_at desc, p.id desc limit v_step
    ) x;
    return query select * from app_private.cards_of(v_me, r.ids) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or r.count < v_step;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, 1000);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_tag (
  p_tag       text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_tag text := lower(ltrim(p_tag, '#') collate pg_catalog.pg_c_utf8);
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.post_id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count into r from (
      select t.post_id, t.published_at from public.post_tags t
      where t.tag = v_tag
        and (t.published_at, t.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
        and (select app_private.may_be_shown(v_me, p.author_id, p.visibility) from public.posts p where p.id = t.post_id)
      order by t.published_at desc, t.post_id desc limit v_step
    ) x;
    return query select * from app_private.cards_of(v_me, r.ids) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or r.count < v_step;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, 1000);
  end loop;
end
$function$;

CREATE TRIGGER guard_pace
  BEFORE INSERT ON public.blocks
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_pace('blocker_id');

CREATE TRIGGER guard_pace
  BEFORE INSERT ON public.mutes
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_pace('muter_id');

COMMENT ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) IS '429 rate_limit.exceeded for whoever is signed in and does more within a window than a person does, whatever they take back of it. Holds for the tables too, where the functions and their limits are not in the way.';

COMMENT ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) IS '403 groups.banned for whoever would like, or vote in, a post of a group that put them out: reading a public one is for all, and answering its people is not.';

COMMENT ON FUNCTION "app_private"."count_differences"(uuid[], uuid[], uuid) IS 'What is to be added to the counts of posts, in their order: what waits to be counted, less what hidden people did. p_hidden_from_many: a viewer from whom so many are hidden that those who liked or answered are asked about instead, and only where these are few.';

COMMENT ON FUNCTION "app_private"."guard_bookmark"() IS 'Trigger on bookmarks: 404 posts.not_found for what one may not read, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_comment_like"() IS 'Trigger on comment_likes: 404 comments.not_found for what one may not read, 403 groups.banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_pace"() IS 'Trigger on blocks and mutes, with the column of whoever makes them: 429 rate_limit.exceeded from the 501st within a day on.';

COMMENT ON FUNCTION "app_private"."guard_post_like"() IS 'Trigger on post_likes: 404 posts.not_found for what one may not read, or nobody yet, 403 groups.banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_vote"() IS 'Trigger on poll_votes: 404 posts.not_found, posts.no_poll, 403 groups.banned, 409 posts.poll_closed, 422 posts.choice_invalid, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) IS 'Who of these people are hidden from somebody, as often as they are named: two probes each, however many are hidden from them in all.';

COMMENT ON FUNCTION "app_private"."hidden_from"(uuid, integer) IS 'As hidden_people, for functions that answer for one person; at most p_limit of them.';

COMMENT ON FUNCTION "app_private"."hidden_of_few"(uuid, uuid[]) IS 'How many of these people are hidden from somebody; 0 of more than 200, among whom it does not show and would take long.';

COMMENT ON FUNCTION "app_private"."may_be_shown"(uuid, uuid, text) IS 'Whether it is worth asking if somebody may read a published post: no for nearly all that they may not. Decides nothing.';

COMMENT ON TABLE "app_private"."paces" IS 'How many posts, comments, likes, blocks and so on somebody has made since their window began.';

REVOKE ALL ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid[], uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid[], uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_differences"(uuid[], uuid[], uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_pace"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_pace"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_pace"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_from"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_from"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_from"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_of_few"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_of_few"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_of_few"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."may_be_shown"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."may_be_shown"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."may_be_shown"(uuid, uuid, text) TO "postgres";
