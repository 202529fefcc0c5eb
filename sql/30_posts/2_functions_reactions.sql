-- Likes, bookmarks and reports. Security invoker where the policies let people do it themselves.

create function app_private.guard_post_like()
returns trigger
language plpgsql volatile security definer -- looks at people and posts that the caller may not see
set search_path = ''
as $$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('likes', new.user_id, 1200, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  if not exists (select from public.posts p where p.id = new.post_id and p.status = 'published') then
    perform app_hidden.fail(404, 'posts.not_found', 'This post is not published.', 'Publish it first.');
  end if;
  perform app_private.assert_not_banned(new.user_id, new.post_id);
  return new;
end
$$;
comment on function app_private.guard_post_like() is 'Trigger on post_likes: 404 posts.not_found for what one may not read, or nobody yet, 403 groups.banned, 429 rate_limit.exceeded.';

create function app_private.guard_bookmark()
returns trigger
language plpgsql volatile security definer -- as above
set search_path = ''
as $$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('bookmarks', new.user_id, 1200, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  return new;
end
$$;
comment on function app_private.guard_bookmark() is 'Trigger on bookmarks: 404 posts.not_found for what one may not read, 429 rate_limit.exceeded. Also for who is banned from a group: nobody sees them.';

create function app_hidden.likes_of(p_post uuid)
returns bigint
language plpgsql stable security definer -- likes that wait to be counted are closed to the caller
set search_path = ''
as $$
begin
  return coalesce((select c.likes_count from public.post_counts c where c.post_id = p_post), 0)
    + app_private.pending_count(p_post, 'likes_count')
    - (select count(*) from public.post_likes l where l.post_id = p_post and l.user_id in (select app_hidden.hidden_people()));
end
$$;
comment on function app_hidden.likes_of(uuid) is 'How many like a post, without those hidden from the caller.';

create function public.like_post(p_post uuid)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into public.post_likes (post_id) values (p_post) on conflict do nothing;
  return jsonb_build_object('post_id', p_post, 'liked', true, 'likes_count', app_hidden.likes_of(p_post));
end
$$;
comment on function public.like_post(uuid) is 'Likes a post, once: {post_id, liked, likes_count}. 404 posts.not_found.';

create function public.unlike_post(p_post uuid)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  delete from public.post_likes l where l.post_id = p_post and l.user_id = (select auth.uid());
  if not exists (select from public.posts p where p.id = p_post) then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
  return jsonb_build_object('post_id', p_post, 'liked', false, 'likes_count', app_hidden.likes_of(p_post));
end
$$;
comment on function public.unlike_post(uuid) is 'Takes a like back: {post_id, liked, likes_count}; the same answer when there was none. 404 posts.not_found.';

create function public.bookmark_post(p_post uuid)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into public.bookmarks (post_id) values (p_post) on conflict do nothing;
  return jsonb_build_object('post_id', p_post, 'bookmarked', true);
end
$$;
comment on function public.bookmark_post(uuid) is 'Keeps a post for later: {post_id, bookmarked}. 404 posts.not_found.';

create function public.unbookmark_post(p_post uuid)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Also one of a post that is not shown any more: the bookmark is the caller's.
  delete from public.bookmarks b where b.post_id = p_post and b.user_id = (select auth.uid());
  return jsonb_build_object('post_id', p_post, 'bookmarked', false);
end
$$;
comment on function public.unbookmark_post(uuid) is 'Keeps a post no longer: {post_id, bookmarked}; the same answer when it was not kept.';

create function app_private.assert_report(p_report public.reports)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if p_report.reason is null or p_report.reason not in ('spam', 'harassment', 'hate', 'violence', 'nudity', 'self_harm', 'fraud', 'impersonation', 'other') then
    perform app_hidden.fail(422, 'reports.reason_invalid', 'There is no such reason for a report.',
      'Send `reason` as spam, harassment, hate, violence, nudity, self_harm, fraud, impersonation or other.');
  elsif length(p_report.details) > 1000 then
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', '`details` of at most 1,000 characters'));
  elsif num_nonnulls(p_report.post_id, p_report.comment_id, p_report.profile_id) <> 1 then
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', 'one of post_id, comment_id and profile_id'));
  end if;
end
$$;
comment on function app_private.assert_report(public.reports) is 'Refuses a report without a known reason or of not exactly one thing: 422 reports.reason_invalid, posts.field_invalid.';

create function app_private.guard_report()
returns trigger
language plpgsql volatile security definer -- looks at people and posts that the caller may not see
set search_path = ''
as $$
declare
  v_accused uuid;
begin
  perform app_private.assert_oneself(new.reporter_id);
  perform app_private.assert_report(new);
  if new.post_id is not null then
    perform app_private.assert_post(new.reporter_id, new.post_id);
    select p.author_id, concat_ws(e'\n', p.content, nullif(array_to_string(p.media_urls, e'\n'), ''),
        (select string_agg('- ' || o.label, e'\n' order by o.position) from public.poll_options o where o.post_id = p.id))
      into v_accused, new.excerpt
    from public.posts p where p.id = new.post_id;
  elsif new.comment_id is not null then
    v_accused := app_private.assert_comment(new.reporter_id, new.comment_id);
    select c.content into new.excerpt from public.comments c where c.id = new.comment_id;
  else
    v_accused := new.profile_id;
    if not app_private.can_view_profile(new.reporter_id, new.profile_id) then
      perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
    end if;
    select concat_ws(e'\n', p.username, p.full_name, p.bio, p.avatar_url) into new.excerpt from public.profiles p where p.id = new.profile_id;
  end if;
  if v_accused = new.reporter_id then
    perform app_hidden.fail(422, 'reports.of_oneself', 'Nobody reports themselves.', 'Delete what is yours.');
  end if;
  new.accused_id := v_accused;
  new.subject_kind := case when new.post_id is not null then 'post' when new.comment_id is not null then 'comment' else 'profile' end;
  new.subject_id := coalesce(new.post_id, new.comment_id, new.profile_id);
  -- The second of two at once finds out here too.
  perform pg_advisory_xact_lock(hashtextextended('report ' || new.reporter_id || new.subject_id, 0));
  if exists (select from public.reports r where r.reporter_id = new.reporter_id and r.subject_id = new.subject_id) then
    perform app_hidden.fail(409, 'reports.already_reported', 'You have reported this.', 'The moderators will look at it.');
  end if;
  perform app_private.assert_calm('reports', new.reporter_id, 60, '1 day');
  return new;
end
$$;
comment on function app_private.guard_report() is
  'Trigger on reports: what the reporter may see, of others, each thing once; keeps how it reads now, whatever its author makes of it. 404 posts.not_found, comments.not_found, users.not_found, 422 reports.of_oneself, reports.reason_invalid, posts.field_invalid, 409 reports.already_reported, 429 rate_limit.exceeded.';

create function public.report(p jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid;
begin
  perform app_hidden.assert_fields(p, '{"post_id": "uuid", "comment_id": "uuid", "profile_id": "uuid", "reason": "string", "details": "string"}');
  insert into public.reports (post_id, comment_id, profile_id, reason, details)
  values ((p ->> 'post_id')::uuid, (p ->> 'comment_id')::uuid, (p ->> 'profile_id')::uuid, p ->> 'reason', p ->> 'details')
  returning id into v_id;
  return jsonb_build_object('id', v_id);
end
$$;
comment on function public.report(jsonb) is
  'Tells the moderators of one post, comment or profile: {post_id | comment_id | profile_id, reason, details}. Gives {id}. 409 reports.already_reported.';
