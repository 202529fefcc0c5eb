-- Whatever it was before, nobody may read it without a signed URL.
insert into storage.buckets (id, name, public, allowed_mime_types) values ('exports', 'exports', false, '{application/json}')
on conflict (id) do update set public = false;
