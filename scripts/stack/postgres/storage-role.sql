-- On a hosted project `postgres` may write policies for storage.objects and storage.buckets, which belong to Storage: an extension of the
-- server lets it. Here it is a member of their owner instead. That lets it do more; a migration that uses more fails when it is pushed.
grant supabase_storage_admin to postgres;
