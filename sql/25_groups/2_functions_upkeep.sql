-- What the worker does with groups from time to time. Security definer: all of it is closed to the worker.

create function app_private.prune_groups(p_limit int)
returns int
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_limit int := least(greatest(p_limit, 1), 10000);
  v_count int := 0;
  v_rows int;
begin
  delete from app_private.group_links x where x.id in (
    select l.id from app_private.group_links l where l.expires_at <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_invitations x where (x.group_id, x.user_id) in (
    select i.group_id, i.user_id from app_private.group_invitations i where i.expires_at <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_bans x where (x.group_id, x.user_id) in (
    select b.group_id, b.user_id from app_private.group_bans b where b.until <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_log x where x.id in (
    select l.id from app_private.group_log l where l.created_at <= now() - interval '1 year' limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  return v_count;
end
$$;
comment on function app_private.prune_groups(int) is
  'Deletes up to p_limit each of links, invitations and bans that are over and of what is a year old in logs, and says how many: call again until 0.';
