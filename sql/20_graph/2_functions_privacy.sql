create function app_private.follow_privacy()
returns trigger
language plpgsql volatile security definer -- people may not write is_private themselves, nor the follows of those who asked
set search_path = ''
as $$
declare
  v_is_private boolean := coalesce((new.privacy_settings ->> 'is_private')::boolean, false);
begin
  update public.profiles p set is_private = v_is_private where p.id = new.user_id and p.is_private <> v_is_private;
  if found and not v_is_private then
    perform app_private.approve_requests(new.user_id, null);
  end if;
  return null;
end
$$;
comment on function app_private.follow_privacy() is
  'Trigger on account_settings: the profile says whether it is private, and who goes public approves whoever waits. Who goes private keeps the followers.';
