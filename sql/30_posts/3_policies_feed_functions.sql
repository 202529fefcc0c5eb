-- Who may call what of the feed.
grant execute on function public.home_feed(int, timestamptz, uuid) to authenticated;
grant execute on function public.feed_cards(uuid[]) to authenticated;

grant execute on function app_private.work_feed(int, int) to astra_worker;
grant execute on function app_private.settle_feeds(int) to astra_worker;
grant execute on function app_private.resize_authors(int, int) to astra_worker;
grant execute on function app_private.trim_inboxes(int) to astra_worker;
grant execute on function app_private.prune_feeds(int) to astra_worker;
grant execute on function app_private.feed_stats() to astra_worker;
grant execute on function app_private.refresh_trending() to astra_worker;
grant execute on function app_private.fold_counts(int) to astra_worker;

-- app_private.feed_tasks, app_private.pulled_posts: granted to nobody. The functions above keep them.
alter table app_private.feed_tasks enable row level security;
alter table app_private.pulled_posts enable row level security;
