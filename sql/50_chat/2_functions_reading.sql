-- Reading. Every number after from_seq is answered once and in its place, as a message or as the place of one that is gone: a client
-- with all of them up to last_seq knows that it has everything.

-- Messages are numbered without a gap and in the order of their times, so a moment is found by halving.
create function app_private.seq_before(p_conversation uuid, p_last bigint, p_at timestamptz)
returns bigint
language plpgsql stable
set search_path = ''
as $$
declare
  v_low bigint := 0;
  v_high bigint := p_last;
  v_middle bigint;
  v_at timestamptz;
begin
  while v_low < v_high loop
    v_middle := (v_low + v_high + 1) / 2;
    select x.created_at into v_at from public.messages x where x.conversation_id = p_conversation and x.seq = v_middle;
    if v_at < p_at then
      v_low := v_middle;
    else
      v_high := v_middle - 1;
    end if;
  end loop;
  return v_low;
end
$$;
comment on function app_private.seq_before(uuid, bigint, timestamptz) is 'The last message of a conversation before a moment; 0 when there is none.';

create function public.conversation_messages(
  p_conversation uuid, p_limit int default 50, p_before_seq bigint default null, p_after_seq bigint default null,
  p_before timestamptz default null, p_after timestamptz default null
)
returns setof public.message_card
language plpgsql stable security definer -- reads as the membership allows, found out once and not for each row
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
  v_last bigint := (select c.last_seq from public.conversations c where c.id = p_conversation);
  v_limit int := least(greatest(p_limit, 1), 101);
  v_from bigint := greatest(v_member.from_seq, p_after_seq);
  v_below bigint := least(v_last + 1, p_before_seq);
  v_messages public.messages[];
begin
  if p_before is not null then
    v_below := least(v_below, app_private.seq_before(p_conversation, v_last, p_before) + 1);
  end if;
  if p_after is not null then
    -- Those of the moment itself are not after it.
    v_from := greatest(v_from, app_private.seq_before(p_conversation, v_last, p_after + interval '1 microsecond'));
  end if;
  if p_after_seq is null and p_after is null then
    v_messages := array(
      select x from public.messages x where x.conversation_id = p_conversation and x.seq > v_from and x.seq < v_below
      order by x.seq desc limit v_limit);
  else
    v_messages := array(
      select x from public.messages x where x.conversation_id = p_conversation and x.seq > v_from and x.seq < v_below
      order by x.seq limit v_limit);
  end if;
  return query select * from app_private.message_cards(v_me, v_messages);
end
$$;
comment on function public.conversation_messages(uuid, int, bigint, bigint, timestamptz, timestamptz) is
  'Messages of a conversation of mine: the latest first, before a seq or a moment; or with p_after_seq or p_after the oldest first, which gives each exactly once. 404 messages.conversation_not_found.';

create function public.conversation_changes(p_conversation uuid, p_after_change bigint default 0, p_limit int default 50)
returns setof public.message_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
begin
  return query select * from app_private.message_cards(v_me, array(
    select x from public.messages x
    where x.conversation_id = p_conversation and x.change > coalesce(p_after_change, 0) and x.seq > v_member.from_seq
    order by x.change limit least(greatest(p_limit, 1), 101)));
end
$$;
comment on function public.conversation_changes(uuid, bigint, int) is
  'Messages that were edited, deleted, reacted to or pinned after a change that I have, in the order of their last change. 404 messages.conversation_not_found.';

create function public.message(p_id uuid)
returns public.message_card
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return (select c from app_private.message_cards(auth.uid(), array[app_private.readable_message(auth.uid(), p_id, false)]) c);
end
$$;
comment on function public.message(uuid) is 'One message, also one that is gone, without its words. 404 messages.not_found.';

create function public.pinned_messages(p_conversation uuid)
returns setof public.message_card
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_conversation);
begin
  return query select * from app_private.message_cards(v_me, array(
    select x from public.messages x
    where x.conversation_id = p_conversation and x.pinned_at is not null and x.seq > v_member.from_seq
    order by x.pinned_at desc, x.seq desc limit 50));
end
$$;
comment on function public.pinned_messages(uuid) is 'What is pinned in a conversation, the latest pin first, up to 50. 404 messages.conversation_not_found.';

-- The plan depends on how frequent the words are, hence no generic one.
create function public.search_messages(
  p_query text, p_conversation uuid default null, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null
)
returns setof public.message_card
language plpgsql stable security definer
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
declare
  v_me uuid := auth.uid();
  v_limit int := least(greatest(p_limit, 1), 101);
  v_words text[] := (tsvector_to_array(to_tsvector('pg_catalog.simple', left(p_query, 200))))[1:8];
  v_query tsquery;
  v_messages public.messages[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_conversation is not null then
    perform app_private.membership(v_me, p_conversation);
  end if;
  if coalesce(cardinality(v_words), 0) = 0 then
    return;
  end if;
  -- Each word may still be being typed.
  v_query := (select string_agg(quote_literal(w) || ':*', ' & ') from unnest(v_words) w)::tsquery;
  v_messages := array(
    select row(f.*)::public.messages
    from (
      select m.conversation_id, m.from_seq from public.conversation_members m
      join public.conversations c on c.id = m.conversation_id
      where m.user_id = v_me and m.state <> 'declined' and (p_conversation is null or m.conversation_id = p_conversation)
      order by c.active_at desc limit 500
    ) mine
    cross join lateral (
      select x.* from public.messages x
      where x.conversation_id = mine.conversation_id and to_tsvector('pg_catalog.simple', x.content) @@ v_query and x.content is not null
        and x.seq > mine.from_seq and x.deleted_at is null and (x.expires_at is null or x.expires_at > clock_timestamp())
        and (x.created_at, x.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
        and not exists (select from public.message_hides h where h.user_id = v_me and h.conversation_id = x.conversation_id and h.seq = x.seq)
        and exists (select from public.profiles p where p.id = x.sender_id)
      order by x.seq desc limit v_limit
    ) f
    order by f.created_at desc, f.id desc limit v_limit);
  return query select * from app_private.message_cards(v_me, v_messages);
end
$$;
comment on function public.search_messages(text, uuid, int, timestamptz, uuid) is
  'Messages that I may read with all these words, or words that begin so, in all my conversations (the 500 latest) or one, the newest first; the next page begins after the created_at and id of the last. 404 messages.conversation_not_found.';
