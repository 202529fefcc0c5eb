-- What people do with each other, told once per pair. Triggers on statements, because going public lets many in at once. Security
-- definer, as all writers of events. actor_id is who did it: of a follow that was asked for, whoever approved it; of one that
-- ended, the follower, or who removed or blocked them.

create function app_private.tell_follows()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'graph.followed', coalesce(app_private.acting_person(), a.follower_id),
      jsonb_build_object('follower_id', a.follower_id, 'followee_id', a.followee_id)
    from added a;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'graph.unfollowed', app_private.acting_person(),
      jsonb_build_object('follower_id', g.follower_id, 'followee_id', g.followee_id)
    from gone g
    -- A deleted person is told of by user.deleted, and not by each follow.
    where exists (select from public.profiles p where p.id = g.follower_id) and exists (select from public.profiles p where p.id = g.followee_id);
  end if;
  return null;
end
$$;
comment on function app_private.tell_follows() is 'Trigger on follows: graph.followed and graph.unfollowed.';

create function app_private.tell_follow_requested()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'graph.follow_requested', a.requester_id,
    jsonb_build_object('requester_id', a.requester_id, 'target_id', a.target_id)
  from added a;
  return null;
end
$$;
comment on function app_private.tell_follow_requested() is 'Trigger on follow_requests: graph.follow_requested.';

create function app_private.tell_blocks()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'graph.blocked', a.blocker_id, jsonb_build_object('blocker_id', a.blocker_id, 'blocked_id', a.blocked_id)
    from added a;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'graph.unblocked', g.blocker_id, jsonb_build_object('blocker_id', g.blocker_id, 'blocked_id', g.blocked_id)
    from gone g
    where exists (select from public.profiles p where p.id = g.blocker_id) and exists (select from public.profiles p where p.id = g.blocked_id);
  end if;
  return null;
end
$$;
comment on function app_private.tell_blocks() is 'Trigger on blocks: graph.blocked and graph.unblocked.';

create function app_private.tell_verification_decided()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- By an operator, who has no user id.
  perform app_private.emit_event('user.verification_decided', null,
    jsonb_build_object('user_id', new.user_id, 'kind', new.kind, 'state', new.state));
  return null;
end
$$;
comment on function app_private.tell_verification_decided() is 'Trigger on verification_requests: user.verification_decided (approved or declined).';
