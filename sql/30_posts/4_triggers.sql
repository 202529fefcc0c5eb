create trigger guard_post before insert or update on public.posts
  for each row execute function app_private.guard_post();
create trigger index_post after insert on public.posts
  for each row when (new.content is not null or new.tags <> '{}') execute function app_private.index_post();
create trigger index_changed_post after update on public.posts
  for each row when (old.* is distinct from new.*) execute function app_private.index_post();

create trigger log_pin after update on public.posts
  for each row when (new.group_id is not null and old.status = 'published' and new.status = 'published'
    and (old.pinned_at is null) <> (new.pinned_at is null))
  execute function app_private.log_pin();

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

create trigger guard_post_like before insert on public.post_likes
  for each row execute function app_private.guard_post_like();
create trigger guard_bookmark before insert on public.bookmarks
  for each row execute function app_private.guard_bookmark();
create trigger guard_report before insert on public.reports
  for each row execute function app_private.guard_report();

create trigger guard_comment before insert or update of content on public.comments
  for each row execute function app_private.guard_comment();
create trigger index_comment after insert on public.comments
  for each row when (new.content like '%@%') execute function app_private.index_comment();
create trigger index_changed_comment after update of content on public.comments
  for each row when (old.content is distinct from new.content) execute function app_private.index_comment();
create trigger keep_thread before delete on public.comments
  for each row execute function app_private.keep_thread();
create trigger tidy_threads after delete on public.comments
  referencing old table as gone
  for each statement execute function app_private.tidy_threads();
create trigger guard_comment_like before insert on public.comment_likes
  for each row execute function app_private.guard_comment_like();

create trigger guard_vote before insert or delete on public.poll_votes
  for each row execute function app_private.guard_vote();
