create function app_hidden.is_blocked_pair(p_one uuid, p_other uuid)
returns boolean
language plpgsql stable security definer -- either side may have blocked, and nobody may see who blocks them
set search_path = ''
as $$
begin
  return exists (select from public.blocks b where b.blocker_id = p_one and b.blocked_id = p_other)
    or exists (select from public.blocks b where b.blocker_id = p_other and b.blocked_id = p_one);
end
$$;
comment on function app_hidden.is_blocked_pair(uuid, uuid) is 'Whether one of two people has blocked the other; never says which.';
