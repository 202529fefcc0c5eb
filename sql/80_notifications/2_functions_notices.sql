create function app_private.spread_notices(p_limit int)
returns int
language plpgsql volatile security definer -- the worker sees no table
set search_path = ''
as $$
declare
  v_notice app_private.notices;
  v_people uuid[];
begin
  select * into v_notice from app_private.notices n where n.done_at is null order by n.created_at limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  v_people := array(
    select p.id from public.profiles p
    where (v_notice.user_id is null or p.id = v_notice.user_id) and (v_notice.done_to is null or p.id > v_notice.done_to)
      and p.created_at <= v_notice.created_at
    order by p.id limit least(greatest(p_limit, 1), 1000));
  perform app_private.apply_notifications(array(
    select row('raise', x, 'notice', 'notice:' || v_notice.id, null, null, null,
      jsonb_build_object('title', v_notice.title, 'body', v_notice.body, 'url', v_notice.url), now())::app_private.notification_draft
    from unnest(v_people) x));
  update app_private.notices n
  set done_to = coalesce(v_people[cardinality(v_people)], n.done_to), done_at = case when cardinality(v_people) < least(greatest(p_limit, 1), 1000) then now() end
  where n.id = v_notice.id;
  return greatest(cardinality(v_people), 1);
end
$$;
comment on function app_private.spread_notices(int) is
  'Tells the next p_limit people what operators say, each once, and says how many; 0 when there is nothing to tell. Call again until 0.';
