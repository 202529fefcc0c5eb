-- public.comments: not granted are the counts, edited_at, deleted_at (triggers) and of update everything but the words. Of an emptied one
-- others see on the page of its thread that it was there, and nowhere whose it was.
alter table public.comments enable row level security;
grant select on public.comments to anon, authenticated, service_role;
grant insert (post_id, author_id, parent_id, content), update (content) on public.comments to authenticated;
grant delete on public.comments to authenticated;
create policy "everybody reads comments on posts they read" on public.comments
  for select to anon using (deleted_at is null and exists (select from public.posts p where p.id = post_id));
create policy "people read comments on posts they read, but not of the hidden" on public.comments
  for select to authenticated using (
    (deleted_at is null or author_id = (select auth.uid()))
    and author_id not in (select app_hidden.hidden_people()) and exists (select from public.posts p where p.id = post_id)
  );
create policy "people comment for themselves" on public.comments
  for insert to authenticated with check (author_id = (select auth.uid()));
create policy "people change their own comments" on public.comments
  for update to authenticated using (author_id = (select auth.uid()) and deleted_at is null)
  with check (author_id = (select auth.uid()));
create policy "people delete their own comments, and those on their own posts" on public.comments
  for delete to authenticated using (
    author_id = (select auth.uid())
    or exists (select from public.posts p where p.id = post_id and p.author_id = (select auth.uid()))
  );

-- public.comment_mentions: written by a trigger, from the comment.
alter table public.comment_mentions enable row level security;
grant select on public.comment_mentions to anon, authenticated, service_role;
create policy "everybody sees whom a comment that they read mentions" on public.comment_mentions
  for select to anon using (exists (select from public.comments c where c.id = comment_id));
create policy "people see whom a comment mentions, but none hidden from them" on public.comment_mentions
  for select to authenticated using (
    user_id not in (select app_hidden.hidden_people()) and exists (select from public.comments c where c.id = comment_id)
  );

-- public.reports: not granted are update and delete. What came of a report, its reporter sees; moderators decide in `admin`.
alter table public.reports enable row level security;
grant select on public.reports to authenticated, service_role;
grant insert (reporter_id, post_id, comment_id, profile_id, reason, details) on public.reports to authenticated;
create policy "people see their own reports" on public.reports
  for select to authenticated using (reporter_id = (select auth.uid()));
create policy "people report for themselves" on public.reports
  for insert to authenticated with check (reporter_id = (select auth.uid()));
