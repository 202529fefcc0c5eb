grant execute on function app_private.request_deletion(uuid) to astra_api;
grant execute on function app_private.export_sections() to astra_worker;
grant execute on function app_private.export_page(uuid, text, jsonb, int) to astra_worker;
grant execute on function app_private.delete_account(uuid, int) to astra_worker;
grant execute on function app_private.forget_person(uuid) to astra_worker;
grant execute on function app_private.person_files(uuid, int) to astra_worker;
-- No policy on storage.objects for the bucket `exports`: nobody reads it but by a signed URL.
