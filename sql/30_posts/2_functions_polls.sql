-- Votes. A vote can be changed until the poll ends.

create function app_private.lock_vote(p_post uuid, p_user uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Two votes of one person at once would not see each other.
  perform pg_advisory_xact_lock(hashtextextended('posts.vote ' || p_post || p_user, 0));
end
$$;
comment on function app_private.lock_vote(uuid, uuid) is 'What one person does with one poll happens one after the other.';

create function app_private.guard_vote()
returns trigger
language plpgsql volatile security definer -- looks at people and posts that the caller may not see
set search_path = ''
as $$
declare
  v_poll public.polls;
begin
  if tg_op = 'DELETE' then
    select q.* into v_poll from public.polls q where q.post_id = old.post_id;
    -- With the poll or the voter the vote goes in any case.
    if v_poll.ends_at <= now() and exists (select from public.profiles p where p.id = old.user_id) then
      perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
    end if;
    return old;
  end if;
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('votes', new.user_id, 600, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  select q.* into v_poll from public.polls q join public.posts p on p.id = q.post_id where q.post_id = new.post_id and p.status = 'published';
  if not found then
    perform app_hidden.fail(404, 'posts.no_poll', 'This post has no poll.', 'Vote in posts with a poll.');
  elsif v_poll.ends_at <= now() then
    perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
  elsif not exists (select from public.poll_options o where o.post_id = new.post_id and o.position = new.position) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'The poll has no such option.', 'Send positions of its options.');
  end if;
  perform app_private.assert_not_banned(new.user_id, new.post_id);
  perform app_private.lock_vote(new.post_id, new.user_id);
  if not v_poll.is_multiple and exists (
    select from public.poll_votes v where v.post_id = new.post_id and v.user_id = new.user_id and v.position <> new.position
  ) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'This poll takes one choice.', 'A vote is the whole choice: send one position, which replaces the earlier one (in the table itself, delete that first).');
  end if;
  return new;
end
$$;
comment on function app_private.guard_vote() is
  'Trigger on poll_votes: 404 posts.not_found, posts.no_poll, 409 posts.poll_closed, 422 posts.choice_invalid, 403 groups.banned, 429 rate_limit.exceeded.';

create function app_hidden.lock_my_vote(p_post uuid)
returns void
language plpgsql volatile security definer -- the lock is a function of app_private
set search_path = ''
as $$
begin
  perform app_private.lock_vote(p_post, auth.uid());
end
$$;
comment on function app_hidden.lock_my_vote(uuid) is 'What the caller does with one poll happens one after the other.';

create function public.vote_in_poll(p_post uuid, p_positions smallint[])
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_poll public.polls;
begin
  if not exists (select from public.posts p where p.id = p_post) then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
  select * into v_poll from public.polls q where q.post_id = p_post;
  if not found then
    perform app_hidden.fail(404, 'posts.no_poll', 'This post has no poll.', 'Vote in posts with a poll.');
  elsif v_poll.ends_at <= now() then
    perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
  end if;
  perform app_hidden.lock_my_vote(p_post);
  delete from public.poll_votes v where v.post_id = p_post and v.user_id = (select auth.uid()) and v.position <> all (p_positions);
  insert into public.poll_votes (post_id, position) select distinct p_post, u from unnest(p_positions) u
  on conflict do nothing;
  return app_hidden.poll_of(p_post);
end
$$;
comment on function public.vote_in_poll(uuid, smallint[]) is
  'The caller''s whole choice, which replaces an earlier one; none takes it back. Gives the poll. 404 posts.not_found, posts.no_poll, 409 posts.poll_closed, 422 posts.choice_invalid.';
