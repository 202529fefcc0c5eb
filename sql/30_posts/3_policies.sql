-- What is read with a post (comments, likes, tags, polls, …) asks for the post under the policy of posts, so that nobody sees a part
-- of what they may not see. Own follows are visible to everybody signed in, so the policies ask public.follows directly.

-- public.posts: not granted are id, published_at, edited_at (triggers set them) and the state removed (moderators).
alter table public.posts enable row level security;
grant select on public.posts to anon, authenticated, service_role;
grant insert (type, content, media_urls, location, tags, visibility, reply_control, shares_allowed, shared_post_id, status, scheduled_for)
  on public.posts to authenticated;
grant update (content, media_urls, location, tags, visibility, reply_control, shares_allowed, status, scheduled_for, pinned_at)
  on public.posts to authenticated;
grant delete on public.posts to authenticated;

create policy "everybody reads public posts of public accounts" on public.posts
  for select to anon using (
    status = 'published' and visibility = 'public'
    and not exists (select from public.profiles p where p.id = author_id and p.is_private)
  );
create policy "people read their own posts, and those they are shown" on public.posts
  for select to authenticated using (
    author_id = (select auth.uid())
    or (
      status = 'published'
      and author_id not in (select app_hidden.hidden_people())
      and case visibility
        when 'public' then
          exists (select from public.follows f where f.follower_id = (select auth.uid()) and f.followee_id = author_id)
          or not exists (select from public.profiles p where p.id = author_id and p.is_private)
        when 'friends' then
          exists (select from public.follows f where f.follower_id = (select auth.uid()) and f.followee_id = author_id)
          and exists (select from public.follows f where f.follower_id = author_id and f.followee_id = (select auth.uid()))
        else false
      end
    )
  );
create policy "people post for themselves" on public.posts
  for insert to authenticated with check (author_id = (select auth.uid()) and status <> 'removed');
create policy "people change their own posts" on public.posts
  for update to authenticated using (author_id = (select auth.uid()) and status <> 'removed')
  with check (author_id = (select auth.uid()) and status <> 'removed');
create policy "people delete their own posts" on public.posts
  for delete to authenticated using (author_id = (select auth.uid()));
