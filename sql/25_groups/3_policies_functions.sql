-- Not granted: functions of triggers, and everything that only other functions call.
-- Also to who is not signed in, and has none: cards of posts ask, and posts in public groups are for everybody.
grant execute on function app_hidden.my_group_ids() to anon, authenticated;
grant execute on function app_hidden.my_moderated_group_ids() to anon, authenticated;
grant execute on function public.group_page(uuid) to anon, authenticated;
grant execute on function public.create_group(jsonb) to authenticated;
grant execute on function public.update_group(uuid, jsonb) to authenticated;
grant execute on function public.delete_group(uuid) to authenticated;
grant execute on function public.join_group(uuid) to authenticated;
grant execute on function public.leave_group(uuid) to authenticated;
grant execute on function public.remove_group_member(uuid, uuid) to authenticated;
grant execute on function public.set_group_role(uuid, uuid, text) to authenticated;
grant execute on function public.transfer_group(uuid, uuid) to authenticated;
grant execute on function app_private.purge_groups(int) to astra_worker;
