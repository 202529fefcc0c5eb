-- Blocks and mutes. As in 2_functions_follows: for the edge functions, security definer, safe to repeat. The trigger locks the
-- pair, when the row of the block is there: to hold the pair and wait for a row that supabase-js just inserts would be a deadlock.

create function app_private.block_person(p_actor uuid, p_target uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if p_actor = p_target then
    perform app_hidden.fail(422, 'follows.to_oneself', 'Nobody blocks themselves.', 'Name somebody else.');
  end if;
  perform app_private.assert_known(p_actor, p_target);
  perform app_private.note_actor(p_actor);
  insert into public.blocks (blocker_id, blocked_id) values (p_actor, p_target) on conflict do nothing;
  return jsonb_build_object('user_id', p_target, 'status', 'blocked');
end
$$;
comment on function app_private.block_person(uuid, uuid) is
  'Blocks somebody: {user_id, status: blocked}. From this moment neither exists for the other, and follows and requests between them are gone.';

create function app_private.unblock_person(p_actor uuid, p_target uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.assert_known(p_actor, p_target);
  delete from public.blocks b where b.blocker_id = p_actor and b.blocked_id = p_target;
  return jsonb_build_object('user_id', p_target, 'status', 'none');
end
$$;
comment on function app_private.unblock_person(uuid, uuid) is 'Takes a block back: {user_id, status: none}. What it ended does not come back.';

create function app_private.mute_person(p_actor uuid, p_target uuid, p_until timestamptz default null)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if p_actor = p_target then
    perform app_hidden.fail(422, 'follows.to_oneself', 'Nobody mutes themselves.', 'Name somebody else.');
  elsif p_until <= now() then
    perform app_hidden.fail(422, 'follows.mute_over', 'The end of the mute has passed.', 'Send a time to come, or none to mute for good.');
  end if;
  perform app_private.assert_person(p_actor, p_target);
  insert into public.mutes as m (muter_id, muted_id, until) values (p_actor, p_target, p_until)
  on conflict (muter_id, muted_id) do update set until = excluded.until;
  return jsonb_build_object('user_id', p_target, 'status', 'muted', 'until', p_until);
end
$$;
comment on function app_private.mute_person(uuid, uuid, timestamptz) is
  'Keeps somebody out of the actor''s feed and notifications until a time, or (null) for good: {user_id, status: muted, until}.';

create function app_private.unmute_person(p_actor uuid, p_target uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.assert_known(p_actor, p_target);
  delete from public.mutes m where m.muter_id = p_actor and m.muted_id = p_target;
  return jsonb_build_object('user_id', p_target, 'status', 'none');
end
$$;
comment on function app_private.unmute_person(uuid, uuid) is 'Ends a mute: {user_id, status: none}.';

-- What people write into the tables themselves is refused in the words of the functions above.
create function app_private.refuse_oneself()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  perform app_hidden.fail(422, 'follows.to_oneself', 'Nobody follows, blocks or mutes themselves.', 'Name somebody else.');
  return null;
end
$$;
comment on function app_private.refuse_oneself() is 'Trigger on blocks and mutes: 422 follows.to_oneself.';

create function app_private.guard_block()
returns trigger
language plpgsql volatile security definer -- paces are closed to everybody
set search_path = ''
as $$
begin
  perform app_private.assert_oneself(new.blocker_id);
  perform app_private.assert_calm('blocks', new.blocker_id, 200, '1 hour');
  return new;
end
$$;
comment on function app_private.guard_block() is 'Trigger on blocks: 429 rate_limit.exceeded for who blocks more than a person does, 403 auth.user_banned.';

create function app_private.refuse_mute_over()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  perform app_hidden.fail(422, 'follows.mute_over', 'The end of the mute has passed.', 'Send a time to come, or none to mute for good.');
  return null;
end
$$;
comment on function app_private.refuse_mute_over() is 'Trigger on mutes: 422 follows.mute_over.';

create function app_private.part_the_blocked()
returns trigger
language plpgsql volatile security definer -- also follows and requests of the other side go
set search_path = ''
as $$
declare
  v_blockers uuid[];
  v_blocked uuid[];
begin
  select array_agg(a.blocker_id), array_agg(a.blocked_id) into v_blockers, v_blocked from added a;
  if v_blockers is null then
    return null;
  end if;
  -- A follow that is just being made is waited for, and one that begins later sees the block.
  perform app_private.lock_pairs(v_blockers, v_blocked);
  delete from public.follow_requests r
  using unnest(v_blockers || v_blocked, v_blocked || v_blockers) u (one, other)
  where r.requester_id = u.one and r.target_id = u.other;
  -- In one order, because two people who end both of their follows at once must not wait for each other.
  perform from public.follows f
  join unnest(v_blockers || v_blocked, v_blocked || v_blockers) u (one, other) on f.follower_id = u.one and f.followee_id = u.other
  order by f.follower_id, f.followee_id for update of f;
  delete from public.follows f
  using unnest(v_blockers || v_blocked, v_blocked || v_blockers) u (one, other)
  where f.follower_id = u.one and f.followee_id = u.other;
  return null;
end
$$;
comment on function app_private.part_the_blocked() is 'Trigger on blocks: ends follows and requests both ways.';
