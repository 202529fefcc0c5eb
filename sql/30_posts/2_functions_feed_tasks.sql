-- What changes feeds is noted in the transaction of the change. Security definer: they fire for roles that may not look in here.

create function app_private.note_follows()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.feed_tasks (kind, author_id, follower_id)
  select case tg_op when 'INSERT' then 'followed' else 'unfollowed' end, c.followee_id, c.follower_id from changed c;
  return null;
end
$$;
comment on function app_private.note_follows() is 'Trigger on follows: inboxes get the posts of who is followed, and lose them.';

create function app_private.note_posts()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    insert into app_private.feed_tasks (kind, author_id, post_id, published_at)
    select 'drop', c.author_id, c.id, c.published_at from changed c where c.published_at is not null and c.group_id is null;
    return null;
  end if;
  -- The author's own inbox has it at once.
  insert into public.feed_inbox (user_id, published_at, post_id, author_id)
  select c.author_id, c.published_at, c.id, c.author_id
  from changed c join public.feed_state s on s.user_id = c.author_id and s.complete_since <= c.published_at
  where c.status = 'published' and c.group_id is null
  on conflict do nothing;
  insert into app_private.feed_tasks (kind, author_id, post_id) select 'push', c.author_id, c.id from changed c where c.status = 'published' and c.group_id is null;
  return null;
end
$$;
comment on function app_private.note_posts() is 'Trigger on posts: inboxes get what is published or shown to more people, and lose what is deleted.';

create function app_private.note_post_shown()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.feed_tasks (kind, author_id, post_id) values ('push', new.author_id, new.id);
  insert into public.feed_inbox (user_id, published_at, post_id, author_id)
  select new.author_id, new.published_at, new.id, new.author_id
  from public.feed_state s where s.user_id = new.author_id and s.complete_since <= new.published_at
  on conflict do nothing;
  return null;
end
$$;
comment on function app_private.note_post_shown() is 'Trigger on posts: as note_posts, for a post that is published later or shown to others than before.';

create function app_private.forget_inboxes()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  delete from public.feed_inbox i using gone g where i.user_id = g.user_id;
  return null;
end
$$;
comment on function app_private.forget_inboxes() is 'Trigger on feed_state: an inbox goes with its state.';
