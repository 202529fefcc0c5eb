-- public.feed_inbox: closed to its owner too. It still holds the ids and times of posts that were made private since, or whose
-- author has blocked its owner.
alter table public.feed_inbox enable row level security;
grant select on public.feed_inbox to service_role;

-- public.feed_state: not granted is any write; the worker and the feed's functions keep it.
alter table public.feed_state enable row level security;
grant select on public.feed_state to authenticated, service_role;
create policy "people see the state of their own inbox" on public.feed_state
  for select to authenticated using (user_id = (select auth.uid()));

-- public.trending_tags: computed by the worker, of public posts only.
alter table public.trending_tags enable row level security;
grant select on public.trending_tags to anon, authenticated, service_role;
create policy "everybody reads what is trending" on public.trending_tags
  for select to anon, authenticated using (true);

-- app_private.large_authors: granted to nobody.
alter table app_private.large_authors enable row level security;
