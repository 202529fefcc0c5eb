-- What people do with their posts. Security invoker: the policies and triggers that hold for a client's own insert hold here.

create function app_hidden.texts(p jsonb)
returns text[]
language plpgsql immutable
set search_path = ''
as $$
begin
  return array(select t from jsonb_array_elements_text(coalesce(nullif(p, 'null'), '[]')) t);
end
$$;
comment on function app_hidden.texts(jsonb) is 'A JSON array of texts as an array; none for null.';

create function app_hidden.set_poll(p_post uuid, p_poll jsonb, p_opens_at timestamptz)
returns void
language plpgsql volatile security definer -- people write polls only here
set search_path = ''
as $$
declare
  v_options text[];
  v_ends_at timestamptz;
begin
  if not exists (select from public.posts p where p.id = p_post and p.author_id = auth.uid() and p.status in ('draft', 'scheduled')) then
    perform app_hidden.fail(409, 'posts.already_published', 'The poll of a published post stays as it is.', 'Delete the post and write another one.');
  end if;
  delete from public.polls q where q.post_id = p_post;
  if p_poll is null or p_poll = 'null' then
    return;
  end if;
  perform app_hidden.assert_fields(p_poll, '{"options": "strings", "ends_at": "time", "is_multiple": "boolean"}');
  v_options := array(select btrim(o) from unnest(app_hidden.texts(p_poll -> 'options')) o);
  v_ends_at := (p_poll ->> 'ends_at')::timestamptz;
  if cardinality(v_options) not between 2 and 10
    or exists (select from unnest(v_options) o where o is null or length(o) not between 1 and 80)
    or v_ends_at is null or v_ends_at <= p_opens_at or v_ends_at > p_opens_at + interval '30 days' then
    perform app_hidden.fail(422, 'posts.poll_invalid', 'A poll has 2 to 10 options of 1 to 80 characters and ends within 30 days.', 'Mend `options` or `ends_at`.');
  end if;
  if (select count(distinct lower(o)) from unnest(v_options) o) < cardinality(v_options) then
    perform app_hidden.fail(422, 'posts.poll_invalid', 'Two options of the poll are the same.', 'Send `options` that differ in more than their case.');
  end if;
  insert into public.polls (post_id, ends_at, is_multiple)
  values (p_post, v_ends_at, coalesce((p_poll ->> 'is_multiple')::boolean, false));
  insert into public.poll_options (post_id, position, label)
  select p_post, o.n, o.label from unnest(v_options) with ordinality o (label, n);
end
$$;
comment on function app_hidden.set_poll(uuid, jsonb, timestamptz) is
  'Gives a draft of the caller its poll, {options, ends_at, is_multiple}, or takes it away (null). 422 posts.poll_invalid, 409 posts.already_published.';

create function public.create_post(p jsonb)
returns public.post_card
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid;
  v_card public.post_card;
  v_poll jsonb := nullif(p -> 'poll', 'null');
  v_scheduled_for timestamptz;
  v_status text;
begin
  perform app_hidden.assert_fields(p, '{"type": "string", "content": "string", "media_urls": "strings", "location": "string", "tags": "strings",
    "visibility": "string", "group_id": "uuid", "reply_control": "string", "shares_allowed": "boolean", "shared_post_id": "uuid", "scheduled_for": "time",
    "draft": "boolean", "poll": "object"}');
  if p ->> 'group_id' is not null and p ->> 'visibility' <> 'group' then
    perform app_hidden.fail(422, 'posts.field_invalid', 'A post in a group is for that group.', 'Send `group_id` without `visibility`, or with group.');
  end if;
  v_scheduled_for := (p ->> 'scheduled_for')::timestamptz;
  v_status := case
    when (p ->> 'draft')::boolean then 'draft'
    when v_scheduled_for is not null then 'scheduled'
    else 'published' end;
  insert into public.posts (type, content, media_urls, location, tags, visibility, group_id, reply_control, shares_allowed, shared_post_id, status, scheduled_for)
  values (
    coalesce(p ->> 'type', 'text'), p ->> 'content', app_hidden.texts(p -> 'media_urls'), p ->> 'location', app_hidden.texts(p -> 'tags'),
    coalesce(p ->> 'visibility', 'public'), (p ->> 'group_id')::uuid, coalesce(p ->> 'reply_control', 'everyone'), coalesce((p ->> 'shares_allowed')::boolean, true),
    (p ->> 'shared_post_id')::uuid,
    -- A poll may be all that a post says, so it must be there before the post is published.
    case when v_poll is null then v_status else 'draft' end, v_scheduled_for)
  returning id into v_id;
  if v_poll is not null then
    perform app_hidden.set_poll(v_id, v_poll, coalesce(v_scheduled_for, now()));
    if v_status <> 'draft' then
      update public.posts x set status = v_status, scheduled_for = v_scheduled_for where x.id = v_id;
    end if;
  end if;
  select * into v_card from public.post_cards(array[v_id]);
  return v_card;
end
$$;
comment on function public.create_post(jsonb) is
  'Writes a post: {type, content, media_urls, location, tags, visibility, group_id, reply_control, shares_allowed, shared_post_id, scheduled_for, draft, poll: {options, ends_at, is_multiple}}, all optional. 422 posts.field_invalid for any other.';

create function public.update_post(p_id uuid, p jsonb)
returns public.post_card
language plpgsql volatile
set search_path = ''
as $$
declare
  v_old public.posts;
  v_card public.post_card;
  v_scheduled_for timestamptz;
begin
  perform app_hidden.assert_fields(p, '{"content": "string", "media_urls": "strings", "location": "string", "tags": "strings",
    "visibility": "string", "reply_control": "string", "shares_allowed": "boolean", "scheduled_for": "time", "poll": "object",
    "pinned": "boolean", "publish": "boolean"}');
  select * into v_old from public.posts x where x.id = p_id and x.author_id = (select auth.uid()) and x.status <> 'removed' for update;
  if not found then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post of yours.', 'It may have been deleted.');
  end if;
  v_scheduled_for := case when p ? 'scheduled_for' then (p ->> 'scheduled_for')::timestamptz else v_old.scheduled_for end;
  if p ? 'poll' then
    perform app_hidden.set_poll(p_id, p -> 'poll', coalesce(v_scheduled_for, now()));
  end if;
  update public.posts x set
    content = case when p ? 'content' then p ->> 'content' else v_old.content end,
    media_urls = case when p ? 'media_urls' then app_hidden.texts(p -> 'media_urls') else v_old.media_urls end,
    location = case when p ? 'location' then p ->> 'location' else v_old.location end,
    tags = case when p ? 'tags' then app_hidden.texts(p -> 'tags') else v_old.tags end,
    visibility = coalesce(p ->> 'visibility', v_old.visibility),
    reply_control = coalesce(p ->> 'reply_control', v_old.reply_control),
    shares_allowed = coalesce((p ->> 'shares_allowed')::boolean, v_old.shares_allowed),
    pinned_at = case when p ? 'pinned' then case when (p ->> 'pinned')::boolean then coalesce(v_old.pinned_at, now()) end else v_old.pinned_at end,
    status = case
      when (p ->> 'publish')::boolean then 'published'
      when not p ? 'scheduled_for' then v_old.status
      when v_scheduled_for is not null then 'scheduled'
      when v_old.status = 'scheduled' then 'draft'
      else v_old.status end,
    scheduled_for = v_scheduled_for
  where x.id = p_id;
  select * into v_card from public.post_cards(array[p_id]);
  return v_card;
end
$$;
comment on function public.update_post(uuid, jsonb) is
  'Changes what p names of a post of the caller: as create_post, and pinned, publish; scheduled_for null makes a draft of a scheduled one. 404 posts.not_found.';

create function public.delete_post(p_id uuid)
returns boolean
language plpgsql volatile security definer -- one's own words go, also from a group that one has left
set search_path = ''
as $$
begin
  delete from public.posts p where p.id = p_id and p.author_id = auth.uid();
  return found;
end
$$;
comment on function public.delete_post(uuid) is 'Deletes a post of the caller with all that belongs to it; false when there is none.';

create function public.post_history(p_post uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.post_edits
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if not exists (select from public.posts p where p.id = p_post) then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
  return query
  select e.* from public.post_edits e
  where e.post_id = p_post
    and (e.replaced_at, e.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by e.replaced_at desc, e.id desc limit least(greatest(p_limit, 1), 101);
end
$$;
comment on function public.post_history(uuid, int, timestamptz, uuid) is 'How a post read before each of its edits, the latest first. 404 posts.not_found.';
