-- Not granted: functions of triggers, and everything that only other functions call.
grant execute on function app_private.publish_scheduled_posts(int) to astra_worker;
grant execute on function app_hidden.post_facts(uuid[], uuid[], text[]) to anon, authenticated;
grant execute on function app_hidden.poll_tally(uuid) to anon, authenticated;
grant execute on function app_hidden.poll_of(uuid) to anon, authenticated;
grant execute on function app_hidden.mentions_of(uuid) to anon, authenticated;
grant execute on function app_hidden.shared_cards(uuid[]) to anon, authenticated;
grant execute on function public.post_cards(uuid[]) to anon, authenticated;
