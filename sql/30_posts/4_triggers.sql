create trigger guard_post before insert or update on public.posts
  for each row execute function app_private.guard_post();
create trigger index_post after insert on public.posts
  for each row when (new.content is not null or new.tags <> '{}') execute function app_private.index_post();
create trigger index_changed_post after update on public.posts
  for each row when (old.* is distinct from new.*) execute function app_private.index_post();
