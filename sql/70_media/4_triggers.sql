create trigger queue_media_deletion after delete on public.media
  for each row when (old.state <> 'refused') execute function app_private.queue_media_deletion();

create trigger count_lost_refs after delete on app_private.media_refs
  referencing old table as gone for each statement execute function app_private.count_lost_refs();

create trigger refer_when_posted after insert on public.posts
  for each row when (new.media_urls <> '{}') execute function app_private.refer_from_post();
create trigger refer_when_edited after update of media_urls on public.posts
  for each row when (old.media_urls is distinct from new.media_urls) execute function app_private.refer_from_post();
create trigger refer_when_deleted after delete on public.posts
  for each row when (old.media_urls <> '{}') execute function app_private.refer_from_post();

create trigger refer_when_replaced after insert on public.post_edits
  for each row when (new.media_urls <> '{}') execute function app_private.refer_from_post_edit();
create trigger refer_when_deleted after delete on public.post_edits
  for each row when (old.media_urls <> '{}') execute function app_private.refer_from_post_edit();

create trigger refer_when_sent after insert on public.messages
  for each row when (new.media_urls is not null) execute function app_private.refer_from_message();
create trigger refer_when_changed after update of media_urls on public.messages
  for each row when (old.media_urls is distinct from new.media_urls) execute function app_private.refer_from_message();
create trigger refer_when_deleted after delete on public.messages
  for each row when (old.media_urls is not null) execute function app_private.refer_from_message();

create trigger refer_when_changed after update of avatar_url on public.profiles
  for each row when (old.avatar_url is distinct from new.avatar_url) execute function app_private.refer_from_profile();
create trigger refer_when_deleted after delete on public.profiles
  for each row when (old.avatar_url is not null) execute function app_private.refer_from_profile();

create trigger refer_when_founded after insert on public.groups
  for each row when (new.avatar_url is not null or new.cover_url is not null) execute function app_private.refer_from_group();
create trigger refer_when_changed after update of avatar_url, cover_url, deleted_at on public.groups
  for each row when (
    old.avatar_url is distinct from new.avatar_url or old.cover_url is distinct from new.cover_url or old.deleted_at is distinct from new.deleted_at
  ) execute function app_private.refer_from_group();
create trigger refer_when_gone after delete on public.groups
  for each row when (old.avatar_url is not null or old.cover_url is not null) execute function app_private.refer_from_group();
