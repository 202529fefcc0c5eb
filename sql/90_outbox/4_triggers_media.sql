create trigger tell_media after update of state on public.media
  for each row when (old.state <> new.state and new.state in ('ready', 'refused')) execute function app_private.tell_media();
create trigger tell_media_deleted after update of done_at on app_private.media_deletions
  for each row when (old.done_at is null and new.done_at is not null) execute function app_private.tell_media_deleted();
