-- Security definer: people who unfollow may write neither counts nor what waits to be counted.

create function app_private.count_follows()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_followers uuid[];
  v_followees uuid[];
  v_deltas bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(a.follower_id), array_agg(a.followee_id), array_agg(1) into v_followers, v_followees, v_deltas from added a;
  else
    select array_agg(g.follower_id), array_agg(g.followee_id), array_agg(-1) into v_followers, v_followees, v_deltas from gone g;
  end if;
  if v_deltas is not null then
    perform app_private.count_profile('followers_count', v_followees, v_deltas);
    perform app_private.count_profile('following_count', v_followers, v_deltas);
  end if;
  return null;
end
$$;
comment on function app_private.count_follows() is 'Trigger on follows: counts followers and followed of both sides.';
