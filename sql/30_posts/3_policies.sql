-- What is read with a post (comments, likes, tags, polls, …) asks for the post under the policy of posts, so that nobody sees a part
-- of what they may not see. The policies ask by key, with a scalar subquery, because of an `exists` the planner may make a hash of everybody.

-- public.posts: not granted are id, published_at, edited_at (triggers set them), the state removed (moderators), and of update
-- author_id, type, shared_post_id, group_id: what a post is stays.
alter table public.posts enable row level security;
grant select on public.posts to anon, authenticated, service_role;
grant insert (author_id, type, content, media_urls, location, tags, visibility, group_id, reply_control, shares_allowed, shared_post_id, status, scheduled_for)
  on public.posts to authenticated;
grant update (content, media_urls, location, tags, visibility, reply_control, shares_allowed, status, scheduled_for, pinned_at)
  on public.posts to authenticated;
grant delete on public.posts to authenticated;

create policy "everybody reads public posts of public accounts, and posts in public groups" on public.posts
  for select to anon using (
    status = 'published' and case visibility
      when 'public' then not coalesce((select p.is_private from public.profiles p where p.id = author_id), true)
      when 'group' then coalesce((select g.visibility = 'public' from public.groups g where g.id = group_id), false)
      else false
    end
  );
-- Most posts are let through by one probe of their author, whose own policy hides the blocked; of all others the rule itself is asked. Each
-- subquery that stands here is prepared for every statement, whether it is come to or not.
create policy "people read their own posts, and those they are shown" on public.posts
  for select to authenticated using (
    case
      when status = 'published' and visibility = 'public'
        and not coalesce((select p.is_private from public.profiles p where p.id = author_id), true) then true
      when author_id = (select auth.uid()) and group_id is null then true
      else app_hidden.is_shown_to_me(author_id, group_id, status, visibility)
    end
  );
create policy "people post for themselves" on public.posts
  for insert to authenticated with check (author_id = (select auth.uid()) and status <> 'removed');
create policy "people change their own posts" on public.posts
  for update to authenticated using (author_id = (select auth.uid()) and status <> 'removed')
  with check (author_id = (select auth.uid()) and status <> 'removed');
create policy "people delete their own posts" on public.posts
  for delete to authenticated using (author_id = (select auth.uid()));

-- public.post_counts: not granted is any write; triggers count.
alter table public.post_counts enable row level security;
grant select on public.post_counts to anon, authenticated, service_role;
create policy "whoever reads a post reads its counts" on public.post_counts
  for select to anon, authenticated using (exists (select from public.posts p where p.id = post_id));

-- public.post_edits: written by a trigger. What was for fewer people than today stays with them and the author.
alter table public.post_edits enable row level security;
grant select on public.post_edits to anon, authenticated, service_role;
create policy "whoever reads a post reads how it read for them before" on public.post_edits
  for select to anon, authenticated using (
    exists (
      select from public.posts p
      where p.id = post_id and (post_edits.visibility = 'public' or post_edits.visibility = p.visibility or p.author_id = (select auth.uid()))
    )
  );

-- public.post_tags, public.post_mentions: written by triggers, from the post.
alter table public.post_tags enable row level security;
grant select on public.post_tags to anon, authenticated, service_role;
create policy "whoever reads a post reads its tags" on public.post_tags
  for select to anon, authenticated using (exists (select from public.posts p where p.id = post_id));

alter table public.post_mentions enable row level security;
grant select on public.post_mentions to anon, authenticated, service_role;
create policy "everybody sees whom a post that they read mentions" on public.post_mentions
  for select to anon using (exists (select from public.posts p where p.id = post_id));
create policy "people see whom a post mentions, but nobody hidden from them" on public.post_mentions
  for select to authenticated using (
    user_id not in (select app_hidden.hidden_people()) and exists (select from public.posts p where p.id = post_id)
  );
