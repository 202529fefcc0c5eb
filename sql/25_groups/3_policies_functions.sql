-- Not granted: functions of triggers, and everything that only other functions call.
-- Also to who is not signed in, and has none: cards of posts ask, and posts in public groups are for everybody.
grant execute on function app_hidden.my_group_ids() to anon, authenticated;
grant execute on function app_hidden.my_moderated_group_ids() to anon, authenticated;
grant execute on function app_hidden.my_inviting_group_ids() to authenticated;

grant execute on function public.group_page(uuid) to anon, authenticated;
grant execute on function public.discover_groups(text, int, timestamptz, uuid) to anon, authenticated;
grant execute on function public.search_groups(text, int, real, uuid) to anon, authenticated;
grant execute on function public.my_groups(int, timestamptz, uuid) to authenticated;
grant execute on function public.create_group(jsonb) to authenticated;
grant execute on function public.update_group(uuid, jsonb) to authenticated;
grant execute on function public.delete_group(uuid) to authenticated;

grant execute on function public.join_group(uuid, text) to authenticated;
grant execute on function public.leave_group(uuid) to authenticated;
grant execute on function public.members_of_group(uuid, text, int, timestamptz, uuid) to authenticated;
grant execute on function public.remove_group_member(uuid, uuid) to authenticated;
grant execute on function public.set_group_role(uuid, uuid, text) to authenticated;
grant execute on function public.transfer_group(uuid, uuid) to authenticated;

grant execute on function public.requests_of_group(uuid, int, timestamptz, uuid) to authenticated;
grant execute on function public.approve_group_request(uuid, uuid) to authenticated;
grant execute on function public.decline_group_request(uuid, uuid) to authenticated;
grant execute on function public.invitations_of_group(uuid, int, timestamptz, uuid) to authenticated;
grant execute on function public.my_group_invitations(int, timestamptz, uuid) to authenticated;
grant execute on function public.invite_to_group(uuid, uuid) to authenticated;
grant execute on function public.withdraw_group_invitation(uuid, uuid) to authenticated;
grant execute on function public.accept_group_invitation(uuid) to authenticated;
grant execute on function public.decline_group_invitation(uuid) to authenticated;
grant execute on function public.links_of_group(uuid, int, timestamptz, uuid) to authenticated;
grant execute on function public.create_group_link(uuid, jsonb) to authenticated;
grant execute on function public.revoke_group_link(uuid, uuid) to authenticated;
grant execute on function public.preview_group_link(text) to authenticated;
grant execute on function public.redeem_group_link(text) to authenticated;

grant execute on function public.bans_of_group(uuid, int, timestamptz, uuid) to authenticated;
grant execute on function public.ban_from_group(uuid, uuid, timestamptz, text) to authenticated;
grant execute on function public.unban_from_group(uuid, uuid) to authenticated;
grant execute on function public.log_of_group(uuid, int, timestamptz, uuid) to authenticated;

grant execute on function app_private.prune_groups(int) to astra_worker;
