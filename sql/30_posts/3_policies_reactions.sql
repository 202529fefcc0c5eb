-- Likes, bookmarks, votes. A trigger refuses those of what somebody may not see, with the code that a reader gets too; the policies
-- say whose a row is.

-- public.post_likes: never update; anon sees how many, not who.
alter table public.post_likes enable row level security;
grant select, delete on public.post_likes to authenticated;
grant insert (post_id, user_id) on public.post_likes to authenticated;
grant select on public.post_likes to service_role;
create policy "people see their own likes, and who likes a post they read" on public.post_likes
  for select to authenticated using (
    user_id = (select auth.uid())
    or (user_id not in (select app_hidden.hidden_people()) and exists (select from public.posts p where p.id = post_id))
  );
create policy "people like for themselves" on public.post_likes
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "people take back their own likes" on public.post_likes
  for delete to authenticated using (user_id = (select auth.uid()));

-- public.comment_likes: the same.
alter table public.comment_likes enable row level security;
grant select, delete on public.comment_likes to authenticated;
grant insert (comment_id, user_id) on public.comment_likes to authenticated;
grant select on public.comment_likes to service_role;
create policy "people see their own likes, and who likes a comment they read" on public.comment_likes
  for select to authenticated using (
    user_id = (select auth.uid())
    or (user_id not in (select app_hidden.hidden_people()) and exists (select from public.comments c where c.id = comment_id))
  );
create policy "people like for themselves" on public.comment_likes
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "people take back their own likes" on public.comment_likes
  for delete to authenticated using (user_id = (select auth.uid()));

-- public.bookmarks: nobody else's business.
alter table public.bookmarks enable row level security;
grant select, delete on public.bookmarks to authenticated;
grant insert (post_id, user_id) on public.bookmarks to authenticated;
grant select on public.bookmarks to service_role;
create policy "people see their own bookmarks" on public.bookmarks
  for select to authenticated using (user_id = (select auth.uid()));
create policy "people bookmark for themselves" on public.bookmarks
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "people remove their own bookmarks" on public.bookmarks
  for delete to authenticated using (user_id = (select auth.uid()));

-- public.polls, public.poll_options: not granted is any write; create_post and update_post make a poll with its post.
alter table public.polls enable row level security;
grant select on public.polls to anon, authenticated, service_role;
create policy "whoever reads a post reads its poll" on public.polls
  for select to anon, authenticated using (exists (select from public.posts p where p.id = post_id));

alter table public.poll_options enable row level security;
grant select on public.poll_options to anon, authenticated, service_role;
create policy "whoever reads a post reads what its poll offers" on public.poll_options
  for select to anon, authenticated using (exists (select from public.posts p where p.id = post_id));

-- public.poll_votes: of others everybody sees only how many, in the card of the post. Never update: a vote is taken back and given.
alter table public.poll_votes enable row level security;
grant select, delete on public.poll_votes to authenticated;
grant insert (post_id, position, user_id) on public.poll_votes to authenticated;
grant select on public.poll_votes to service_role;
create policy "people see their own votes" on public.poll_votes
  for select to authenticated using (user_id = (select auth.uid()));
create policy "people vote for themselves" on public.poll_votes
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "people take back their own votes" on public.poll_votes
  for delete to authenticated using (user_id = (select auth.uid()));

-- app_private.poll_tallies: granted to nobody.
alter table app_private.poll_tallies enable row level security;
