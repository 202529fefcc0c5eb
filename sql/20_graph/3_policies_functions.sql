-- Not granted to anybody: trigger functions and what only other functions call.
grant execute on function app_private.follow(uuid, uuid) to astra_api;
grant execute on function app_private.unfollow(uuid, uuid) to astra_api;
grant execute on function app_private.remove_follower(uuid, uuid) to astra_api;
grant execute on function app_private.approve_follow_request(uuid, uuid) to astra_api;
grant execute on function app_private.decline_follow_request(uuid, uuid) to astra_api;
grant execute on function app_private.approve_all_follow_requests(uuid) to astra_api;
grant execute on function app_private.block_person(uuid, uuid) to astra_api;
grant execute on function app_private.unblock_person(uuid, uuid) to astra_api;
grant execute on function app_private.mute_person(uuid, uuid, timestamptz) to astra_api;
grant execute on function app_private.unmute_person(uuid, uuid) to astra_api;
grant execute on function app_private.privacy_change_preview(uuid, boolean) to astra_api;
grant execute on function app_private.find_user(uuid, text) to astra_api;

-- Lists and pages of people, for supabase-js. What is not signed in sees what is public.
grant execute on function public.relationship(uuid) to authenticated;
grant execute on function public.profile_page(uuid) to anon, authenticated;
grant execute on function public.followers(uuid, int, timestamptz, uuid) to anon, authenticated;
grant execute on function public.following(uuid, int, timestamptz, uuid) to anon, authenticated;
grant execute on function public.friends(int, timestamptz, uuid) to authenticated;
grant execute on function public.mutual_friends(uuid, int, timestamptz, uuid) to authenticated;
grant execute on function public.follow_requests_received(int, timestamptz, uuid) to authenticated;
grant execute on function public.follow_requests_sent(int, timestamptz, uuid) to authenticated;
grant execute on function public.blocked_people(int, timestamptz, uuid) to authenticated;
grant execute on function public.muted_people(int, timestamptz, uuid) to authenticated;
grant execute on function public.find_person(text) to anon, authenticated;
grant execute on function public.search_people(text, int, real, uuid) to anon, authenticated;
grant execute on function public.suggested_people(int) to authenticated;
grant execute on function app_private.refresh_popular_people() to astra_worker;

-- app_private.popular_people: granted to nobody.
alter table app_private.popular_people enable row level security;
