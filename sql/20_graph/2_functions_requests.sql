-- Requests to follow private accounts. As in 2_functions_follows: for the edge functions, security definer, safe to repeat.

create function app_private.approve_follow_request(p_actor uuid, p_requester uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.lock_pairs(array[p_actor], array[p_requester]);
  perform app_private.assert_person(p_actor, p_requester);
  if app_private.approve_requests(p_actor, p_requester) = 0
    and not exists (select from public.follows f where f.follower_id = p_requester and f.followee_id = p_actor) then
    perform app_hidden.fail(404, 'follows.request_not_found', 'This person does not ask to follow you.', 'Take an id from the list of requests.');
  end if;
  return jsonb_build_object('user_id', p_requester, 'status', 'approved');
end
$$;
comment on function app_private.approve_follow_request(uuid, uuid) is
  'Lets somebody follow who asked to: {user_id, status: approved}; else 404 follows.request_not_found, unless they follow already.';

create function app_private.decline_follow_request(p_actor uuid, p_requester uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.lock_pairs(array[p_actor], array[p_requester]);
  perform app_private.assert_known(p_actor, p_requester);
  delete from public.follow_requests r where r.requester_id = p_requester and r.target_id = p_actor;
  if not found and exists (select from public.follows f where f.follower_id = p_requester and f.followee_id = p_actor) then
    perform app_hidden.fail(404, 'follows.request_not_found', 'This person follows you already.', 'Remove them from your followers instead.');
  end if;
  return jsonb_build_object('user_id', p_requester, 'status', 'declined');
end
$$;
comment on function app_private.decline_follow_request(uuid, uuid) is
  'Declines a request, without telling: {user_id, status: declined}. Who follows already has no request: 404 follows.request_not_found.';

create function app_private.approve_all_follow_requests(p_actor uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  return jsonb_build_object('approved', app_private.approve_requests(p_actor, null));
end
$$;
comment on function app_private.approve_all_follow_requests(uuid) is 'Lets everybody follow who asked to: {approved: how many}.';

create function app_private.approve_requests(p_target uuid, p_requester uuid)
returns int
language plpgsql volatile
set search_path = ''
as $$
declare
  v_approved int;
begin
  perform app_private.note_actor(p_target);
  -- As the follows below will do, but before any request is held: who is being deleted holds the profile and wants the request.
  perform from public.profiles p
  where p.id in (
    select r.requester_id from public.follow_requests r
    where r.target_id = p_target and (p_requester is null or r.requester_id = p_requester)
  )
  order by p.id for key share;
  with taken as (
    delete from public.follow_requests r
    using public.profiles p -- not of those who were deleted a moment ago
    where r.target_id = p_target and (p_requester is null or r.requester_id = p_requester) and p.id = r.requester_id
    returning r.requester_id
  )
  insert into public.follows (follower_id, followee_id)
  select t.requester_id, p_target from taken t
  on conflict do nothing;
  get diagnostics v_approved = row_count;
  return v_approved;
end
$$;
comment on function app_private.approve_requests(uuid, uuid) is 'Turns the requests to one person, of one requester or (null) of all, into follows and says how many.';

create function app_private.privacy_change_preview(p_actor uuid, p_is_private boolean)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'is_private', p.is_private,
      'will_be_private', p_is_private,
      'requests_approved', case when p.is_private and not p_is_private then (
        select count(*) from public.follow_requests r where r.target_id = p.id) else 0 end,
      'followers_kept', c.followers_count + app_private.pending_count(p.id, 'followers_count'),
      'posts_hidden', case when p_is_private and not p.is_private then n.posts else 0 end,
      'posts_shown', case when p.is_private and not p_is_private then n.posts else 0 end)
    from public.profiles p
    join public.profile_counts c on c.user_id = p.id,
    lateral (select c.posts_count + app_private.pending_count(p.id, 'posts_count') as posts) n
    where p.id = p_actor
  );
end
$$;
comment on function app_private.privacy_change_preview(uuid, boolean) is
  'What going private or public would do: {is_private, will_be_private, requests_approved, followers_kept, posts_hidden, posts_shown}: how many posts only followers, or everybody else too, would then see.';
