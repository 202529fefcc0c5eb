-- A project that had users before Astra was installed: they get what a sign-up gives. With the currencies there, last of all.
select app_private.ensure_profile(u.id)
from auth.users u
where not exists (select from public.profiles p where p.id = u.id);
