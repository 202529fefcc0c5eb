-- Telling people as it happens: on their private topic by the worker, and by a stream of the function, which asks here.

create function app_private.tell_notifications(p_limit int)
returns int
language plpgsql volatile security definer -- the worker sees no table
set search_path = ''
as $$
declare
  s app_private.notification_states;
  v_count int := 0;
  v_rows public.notifications[];
begin
  for s in
    select * from app_private.notification_states x where x.told_seq < x.last_seq
    order by x.told_at limit least(greatest(p_limit, 1), 50) -- each message takes a subtransaction, see app_private.broadcast_wallet
    for no key update skip locked
  loop
    v_rows := array(select n from app_private.shown_notifications(s.user_id) n where n.seq > s.told_seq order by n.seq limit 20);
    if v_rows <> '{}' then
      perform realtime.send(
        jsonb_build_object(
          'notifications', (select jsonb_agg(to_jsonb(c) order by c.seq) from app_private.notification_cards(v_rows) c),
          'after_seq', s.told_seq, 'more', cardinality(v_rows) = 20, 'counts', app_private.counts_of(s.user_id)),
        'notifications_added', app_private.topic_of_notifications(s.user_id), true);
    end if;
    update app_private.notification_states x set told_seq = s.last_seq, told_at = clock_timestamp() where x.user_id = s.user_id;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function app_private.tell_notifications(int) is
  'Tells up to 50 people on their private topics what has come since they were last told, in one message each, and says how many; in the transaction that notes it, so nothing is told twice.';

create function app_private.notification_heads(p_users uuid[], p_sessions uuid[])
returns table (user_id uuid, session_id uuid, last_seq bigint, marks bigint, is_alive boolean)
language plpgsql stable security definer -- sessions are closed to the API
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select w.user_id, w.session_id, coalesce(s.last_seq, 0), coalesce(s.marks, 0),
    exists (
      select from auth.sessions x join auth.users u on u.id = x.user_id
      where x.id = w.session_id and x.user_id = w.user_id and (x.not_after is null or x.not_after > now())
        and (u.banned_until is null or u.banned_until <= now()))
  from unnest(p_users, p_sessions) w (user_id, session_id)
  left join app_private.notification_states s on s.user_id = w.user_id;
end
$$;
comment on function app_private.notification_heads(uuid[], uuid[]) is
  'For each of these sessions how far the notifications of its person are, how often they marked some, and whether it lives: one question for all streams of a function.';
