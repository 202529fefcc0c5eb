-- What people do with each other. Each function is for the edge functions, which vouch for p_actor; security definer, because
-- clients may write none of this but what the policies of the tables let them take back. Done again, each gives the same answer.
--
-- Two people are locked as a pair, so that a block, a follow and an approval of the two happen one after the other. Where
-- requests and follows both go, requests go first: whoever approves many at once holds their rows and not the pairs.

create function app_private.lock_pairs(p_ones uuid[], p_others uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_key bigint;
begin
  for v_key in
    select distinct hashtextextended(format('pair %s %s', least(u.one, u.other), greatest(u.one, u.other)), 0)
    from unnest(p_ones, p_others) u (one, other) order by 1
  loop
    perform pg_advisory_xact_lock(v_key);
  end loop;
end
$$;
comment on function app_private.lock_pairs(uuid[], uuid[]) is 'Locks pairs of people to the end of the transaction, always in the same order.';

-- The API is no user of the database, so what it does tells triggers here who did it.
create function app_private.note_actor(p_actor uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform set_config('astra.actor', p_actor::text, true);
end
$$;
comment on function app_private.note_actor(uuid) is 'Notes for the events of this transaction who acts.';

create function app_private.acting_person()
returns uuid
language plpgsql stable
set search_path = ''
as $$
begin
  return coalesce(auth.uid(), nullif(current_setting('astra.actor', true), '')::uuid);
end
$$;
comment on function app_private.acting_person() is 'Who acts: the user signed in, or whom the API noted.';

create function app_private.assert_person(p_actor uuid, p_target uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if exists (select from public.blocks b where b.blocker_id = p_actor and b.blocked_id = p_target) then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  elsif not app_private.can_view_profile(p_actor, p_target) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
end
$$;
comment on function app_private.assert_person(uuid, uuid) is 'Refuses who does not exist for the actor (404 users.not_found) or is blocked by them (409 follows.blocked).';

-- Not for those who block: to take something back from the other side is always allowed.
create function app_private.assert_known(p_actor uuid, p_target uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not exists (select from public.blocks b where b.blocker_id = p_actor and b.blocked_id = p_target) then
    perform app_private.assert_person(p_actor, p_target);
  end if;
end
$$;
comment on function app_private.assert_known(uuid, uuid) is 'Refuses who does not exist for the actor, with 404 users.not_found; whom the actor blocks is known to them.';

create function app_private.assert_may_follow_more(p_actor uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_hour_ago timestamptz := now() - interval '1 hour';
  v_lately bigint;
  v_all bigint;
begin
  select count(*) into v_lately from (
    (select from public.follows f where f.follower_id = p_actor and f.created_at > '-infinity' and f.created_at > v_hour_ago limit 200)
    union all
    (select from public.follow_requests r where r.requester_id = p_actor and r.created_at > v_hour_ago limit 200)
  ) x;
  if v_lately >= 200 then
    perform app_hidden.fail(422, 'follows.limit_reached', 'Nobody follows more than 200 people in an hour.', 'Wait, then go on.');
  end if;
  select c.following_count + app_private.pending_count(p_actor, 'following_count') + (
    select count(*) from (select from public.follow_requests r where r.requester_id = p_actor limit 7500) x
  ) into v_all from public.profile_counts c where c.user_id = p_actor;
  if v_all >= 7500 then
    perform app_hidden.fail(422, 'follows.limit_reached', 'Nobody follows more than 7,500 people.', 'Unfollow somebody first.');
  end if;
  -- Rows do not tell of who follows, unfollows and follows again, each time with a notification.
  perform app_private.keep_pace('follows', p_actor, 400, '1 day');
end
$$;
comment on function app_private.assert_may_follow_more(uuid) is
  'Refuses with 422 follows.limit_reached who followed 200 in the last hour or 7,500 in all, requests included, and with 429 rate_limit.exceeded who did so 400 times within a day, whatever they took back.';

create function app_private.follow(p_actor uuid, p_target uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_is_private boolean;
begin
  if p_actor = p_target then
    perform app_hidden.fail(422, 'follows.to_oneself', 'Nobody follows themselves.', 'Name somebody else.');
  end if;
  perform app_private.lock_pairs(array[p_actor], array[p_target]);
  perform app_private.assert_person(p_actor, p_target);
  if exists (select from public.follows f where f.follower_id = p_actor and f.followee_id = p_target) then
    return jsonb_build_object('user_id', p_target, 'status', 'following');
  end if;

  select p.is_private into v_is_private from public.profiles p where p.id = p_target;
  if v_is_private then
    -- Held until the request is there: who goes public meanwhile approves it, and no request waits for a public account.
    select p.is_private into v_is_private from public.profiles p where p.id = p_target for share;
  end if;
  if v_is_private then
    if not exists (select from public.follow_requests r where r.requester_id = p_actor and r.target_id = p_target) then
      perform app_private.assert_may_follow_more(p_actor);
      insert into public.follow_requests (requester_id, target_id) values (p_actor, p_target);
    end if;
    return jsonb_build_object('user_id', p_target, 'status', 'requested');
  end if;

  perform app_private.assert_may_follow_more(p_actor);
  perform app_private.note_actor(p_actor);
  insert into public.follows (follower_id, followee_id) values (p_actor, p_target) on conflict do nothing;
  return jsonb_build_object('user_id', p_target, 'status', 'following');
end
$$;
comment on function app_private.follow(uuid, uuid) is
  'Follows somebody, or asks a private account: {user_id, status: following or requested}. Refuses with follows.to_oneself, follows.blocked, follows.limit_reached, users.not_found.';

create function app_private.unfollow(p_actor uuid, p_target uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.lock_pairs(array[p_actor], array[p_target]);
  perform app_private.assert_known(p_actor, p_target);
  perform app_private.note_actor(p_actor);
  delete from public.follow_requests r where r.requester_id = p_actor and r.target_id = p_target;
  delete from public.follows f where f.follower_id = p_actor and f.followee_id = p_target;
  return jsonb_build_object('user_id', p_target, 'status', 'none');
end
$$;
comment on function app_private.unfollow(uuid, uuid) is 'Ends a follow, or takes a request back: {user_id, status: none}.';

create function app_private.remove_follower(p_actor uuid, p_follower uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.lock_pairs(array[p_actor], array[p_follower]);
  perform app_private.assert_known(p_actor, p_follower);
  perform app_private.note_actor(p_actor);
  delete from public.follows f where f.follower_id = p_follower and f.followee_id = p_actor;
  return jsonb_build_object('user_id', p_follower, 'status', 'removed');
end
$$;
comment on function app_private.remove_follower(uuid, uuid) is 'Makes somebody follow the actor no longer, without telling them: {user_id, status: removed}.';
