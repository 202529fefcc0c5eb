-- Seeing and reading. Seen: the list was opened; read: this one was opened. Other devices of the same person are told. Security definer:
-- nobody writes the tables.

create function app_private.topic_of_notifications(p_user uuid)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return 'notifications:' || p_user::text;
end
$$;
comment on function app_private.topic_of_notifications(uuid) is 'The private topic on which somebody hears of their notifications.';

create function app_private.tell_marked(p_user uuid)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_counts jsonb := app_private.counts_of(p_user);
begin
  update app_private.notification_states s set marks = s.marks + 1 where s.user_id = p_user;
  perform realtime.send(v_counts, 'notifications_marked', app_private.topic_of_notifications(p_user), true);
  return v_counts;
end
$$;
comment on function app_private.tell_marked(uuid) is 'Tells the devices of a person how many notifications are unread now, and gives it.';

create function app_private.hold_notifications(p_user uuid)
returns app_private.notification_states
language plpgsql volatile
set search_path = ''
as $$
declare
  s app_private.notification_states;
begin
  insert into app_private.notification_states (user_id) values (p_user) on conflict (user_id) do nothing;
  select * into s from app_private.notification_states x where x.user_id = p_user for no key update;
  return s;
end
$$;
comment on function app_private.hold_notifications(uuid) is 'Holds the numbers of a person to the end of the transaction; before any of their notifications, as whoever adds one does.';

create function public.mark_notifications_seen(p_seq bigint default null)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  s app_private.notification_states := app_private.hold_notifications(v_me);
begin
  update app_private.notification_states x set seen_seq = least(coalesce(p_seq, s.last_seq), s.last_seq)
  where x.user_id = v_me and x.seen_seq < least(coalesce(p_seq, s.last_seq), s.last_seq);
  return case when found then app_private.tell_marked(v_me) else app_private.counts_of(v_me) end;
end
$$;
comment on function public.mark_notifications_seen(bigint) is 'Marks my notifications up to a number, or all, as seen, and gives the counts. A mark only moves on.';

create function public.mark_notifications_read(p_ids uuid[])
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  if p_ids is null or cardinality(p_ids) not between 1 and 100 then
    perform app_hidden.fail(422, 'notifications.field_invalid', 'These are no or too many ids.', 'Send 1 to 100 ids.');
  end if;
  perform app_private.hold_notifications(v_me);
  if exists (select unnest(p_ids) except select n.id from app_private.shown_notifications(v_me) n) then
    perform app_hidden.fail(404, 'notifications.not_found', 'There is no such notification.', 'Take ids from GET notifications; the oldest are not kept.');
  end if;
  update public.notifications n set read_at = now() where n.user_id = v_me and n.id = any (p_ids) and n.read_at is null;
  return case when found then app_private.tell_marked(v_me) else app_private.counts_of(v_me) end;
end
$$;
comment on function public.mark_notifications_read(uuid[]) is 'Marks 1 to 100 of my notifications as read, and gives the counts. 404 notifications.not_found when one of them is not there.';

create function public.mark_all_notifications_read(p_seq bigint default null)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  s app_private.notification_states := app_private.hold_notifications(v_me);
  v_seq bigint := least(coalesce(p_seq, s.last_seq), s.last_seq);
  v_is_changed boolean;
begin
  update app_private.notification_states x set seen_seq = v_seq where x.user_id = v_me and x.seen_seq < v_seq;
  v_is_changed := found;
  update public.notifications n set read_at = now() where n.user_id = v_me and n.seq <= v_seq and n.read_at is null;
  return case when v_is_changed or found then app_private.tell_marked(v_me) else app_private.counts_of(v_me) end;
end
$$;
comment on function public.mark_all_notifications_read(bigint) is
  'Marks my notifications up to a number, or all, as seen and read, and gives the counts. With the number of the latest that was shown, none is marked that came meanwhile.';
