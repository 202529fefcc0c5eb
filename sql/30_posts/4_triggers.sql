create trigger guard_post before insert or update on public.posts
  for each row execute function app_private.guard_post();
create trigger index_post after insert on public.posts
  for each row when (new.content is not null or new.tags <> '{}') execute function app_private.index_post();
create trigger index_changed_post after update on public.posts
  for each row when (old.* is distinct from new.*) execute function app_private.index_post();

-- On the statement, because a deletion takes many rows along.
create trigger count_new_posts after insert on public.posts
  referencing new table as added
  for each statement execute function app_private.count_new_posts();
create trigger count_changed_posts after update on public.posts
  referencing old table as before new table as after
  for each statement execute function app_private.count_changed_posts();
create trigger count_deleted_posts after delete on public.posts
  referencing old table as gone
  for each statement execute function app_private.count_deleted_posts();

create trigger count_likes after insert on public.post_likes
  referencing new table as added
  for each statement execute function app_private.count_post_likes();
create trigger count_unlikes after delete on public.post_likes
  referencing old table as gone
  for each statement execute function app_private.count_post_likes();

create trigger count_likes after insert on public.comment_likes
  referencing new table as added
  for each statement execute function app_private.count_comment_likes();
create trigger count_unlikes after delete on public.comment_likes
  referencing old table as gone
  for each statement execute function app_private.count_comment_likes();

create trigger count_new_comments after insert on public.comments
  referencing new table as added
  for each statement execute function app_private.count_comments();
create trigger count_deleted_comments after delete on public.comments
  referencing old table as gone
  for each statement execute function app_private.count_comments();
create trigger count_emptied_comment after update of deleted_at on public.comments
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function app_private.count_emptied_comment();

create trigger count_votes after insert on public.poll_votes
  referencing new table as changed
  for each statement execute function app_private.count_votes();
create trigger count_votes_taken_back after delete on public.poll_votes
  referencing old table as changed
  for each statement execute function app_private.count_votes();
