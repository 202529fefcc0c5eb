create trigger tell_posts_written after insert on public.posts
  referencing new table as added
  for each statement execute function app_private.tell_posts_written();
create trigger tell_posts_changed after update on public.posts
  referencing old table as before new table as after
  for each statement execute function app_private.tell_posts_changed();
create trigger tell_posts_deleted after delete on public.posts
  referencing old table as gone
  for each statement execute function app_private.tell_posts_deleted();

create trigger tell_likes after insert on public.post_likes
  referencing new table as changed
  for each statement execute function app_private.tell_post_likes();
create trigger tell_unlikes after delete on public.post_likes
  referencing old table as changed
  for each statement execute function app_private.tell_post_likes();

create trigger tell_comments_written after insert on public.comments
  referencing new table as added
  for each statement execute function app_private.tell_comments_written();
create trigger tell_comments_deleted after delete on public.comments
  referencing old table as gone
  for each statement execute function app_private.tell_comments_deleted();
create trigger tell_comment_emptied after update of deleted_at on public.comments
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function app_private.tell_comment_emptied();

create trigger tell_reported after insert on public.reports
  for each row execute function app_private.tell_reported();
