-- public.media: written by functions alone, so no insert, update or delete is granted. Others than the owner ask media_details.
alter table public.media enable row level security;
grant select on public.media to authenticated, service_role;
create policy "people see their own uploads" on public.media
  for select to authenticated using (owner_id = (select auth.uid()));

-- app_private: granted to nobody. Operators change rules and quotas as their owner.
alter table app_private.media_refs enable row level security;
alter table app_private.media_deletions enable row level security;
alter table app_private.media_rules enable row level security;
alter table app_private.media_quotas enable row level security;
alter table app_private.media_worker enable row level security;

-- Objects. No update and no delete: an object stays what was checked, and goes with its medium (delete_media), so that nothing refers to
-- what is not there. Buckets are private: public ones are served without asking anybody.
create policy "people fetch media of what they may see" on storage.objects
  for select to anon, authenticated
  using (bucket_id in ('avatars', 'covers', 'posts', 'messages') and app_hidden.may_fetch_media(bucket_id, name));
create policy "people upload to the places they have taken" on storage.objects
  for insert to authenticated
  with check (bucket_id in ('avatars', 'covers', 'posts', 'messages') and app_hidden.may_upload_media(bucket_id, name));

grant execute on function app_hidden.may_fetch_media(text, text) to anon, authenticated;
grant execute on function app_hidden.may_upload_media(text, text) to authenticated;
grant execute on function public.media_details(uuid[]) to anon, authenticated;
grant execute on function public.media_usage() to authenticated;
grant execute on function public.start_media_upload(jsonb) to authenticated;
grant execute on function public.finish_media_upload(uuid) to authenticated;
grant execute on function public.delete_media(uuid) to authenticated;

grant execute on function app_private.tell_media_worker(boolean) to astra_worker;
grant execute on function app_private.adopt_media(int) to astra_worker;
grant execute on function app_private.claim_media(int, interval) to astra_worker;
grant execute on function app_private.finish_media(uuid, int, jsonb) to astra_worker;
grant execute on function app_private.refuse_media(uuid, int, text) to astra_worker;
grant execute on function app_private.retry_media(uuid, int, interval, boolean) to astra_worker;
grant execute on function app_private.sweep_media(int) to astra_worker;
grant execute on function app_private.claim_media_deletions(int, interval) to astra_worker;
grant execute on function app_private.media_objects(uuid, int) to astra_worker;
grant execute on function app_private.finish_media_deletion(uuid, int) to astra_worker;
grant execute on function app_private.retry_media_deletion(uuid, int, text, interval) to astra_worker;
grant execute on function app_private.sweep_strays(int) to astra_worker;
