-- public.notifications: read by the table or by my_notifications, which also names people; written by functions alone, so no insert,
-- update or delete is granted.
alter table public.notifications enable row level security;
grant select on public.notifications to authenticated, service_role;
create policy "people read their own notifications, but those of people hidden from them" on public.notifications
  for select to authenticated using (user_id = (select auth.uid()) and id in (select app_hidden.my_notification_ids()));

-- app_private: granted to nobody. Operators change the rules as their owner.
alter table app_private.notification_actors enable row level security;
alter table app_private.notification_states enable row level security;
alter table app_private.notification_reader enable row level security;
alter table app_private.notification_faults enable row level security;
alter table app_private.notification_rules enable row level security;
alter table app_private.sign_in_devices enable row level security;
alter table app_private.notices enable row level security;

grant execute on function app_hidden.my_notification_ids() to authenticated;
grant execute on function app_hidden.notification_kinds() to authenticated, service_role;
grant execute on function app_hidden.wants_notification(jsonb, text, text) to authenticated, service_role;
grant execute on function public.my_notifications(int, bigint, bigint, boolean, text) to authenticated;
grant execute on function public.notification_counts() to authenticated;
grant execute on function public.mark_notifications_seen(bigint) to authenticated;
grant execute on function public.mark_notifications_read(uuid[]) to authenticated;
grant execute on function public.mark_all_notifications_read(bigint) to authenticated;
grant execute on function public.notification_preferences() to authenticated;
grant execute on function public.set_notification_preferences(jsonb) to authenticated;
grant execute on function app_private.prune_notifications(int) to astra_worker;
grant execute on function app_private.notification_heads(uuid[], uuid[]) to astra_api;
grant execute on function app_private.tell_notifications(int) to astra_worker;
grant execute on function app_private.spread_notices(int) to astra_worker;
