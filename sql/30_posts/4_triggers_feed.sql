create trigger note_follows_made after insert on public.follows
  referencing new table as changed
  for each statement execute function app_private.note_follows();
create trigger note_follows_ended after delete on public.follows
  referencing old table as changed
  for each statement execute function app_private.note_follows();

create trigger note_posts_made after insert on public.posts
  referencing new table as changed
  for each statement execute function app_private.note_posts();
create trigger note_posts_gone after delete on public.posts
  referencing old table as changed
  for each statement execute function app_private.note_posts();
create trigger note_post_shown after update of status, visibility on public.posts
  for each row when (new.status = 'published' and new.group_id is null and (old.status, old.visibility) is distinct from (new.status, new.visibility))
  execute function app_private.note_post_shown();

create trigger forget_inboxes after delete on public.feed_state
  referencing old table as gone
  for each statement execute function app_private.forget_inboxes();
