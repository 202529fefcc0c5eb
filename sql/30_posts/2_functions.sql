-- Who may see and do what with a post -----------------------------------------------------------------------------------

-- By what its row says, because a page and the policy have the row in hand, and a policy asks it of one that is just being written.
create function app_private.is_shown(p_viewer uuid, p_author uuid, p_group uuid, p_status text, p_visibility text)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  if p_author = p_viewer then
    return p_group is null or p_status in ('draft', 'scheduled') or app_private.can_read_group(p_viewer, p_group);
  elsif p_status <> 'published' or p_visibility = 'private' or (p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, p_author)) then
    return false;
  elsif p_visibility = 'group' then
    return app_private.can_read_group(p_viewer, p_group);
  elsif p_visibility = 'public' and exists (select from app_private.author_cards a where a.user_id = p_author and not a.is_private) then
    return true;
  end if;
  return exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p_author)
    and (p_visibility = 'public' or exists (select from public.follows f where f.follower_id = p_author and f.followee_id = p_viewer));
end
$$;
comment on function app_private.is_shown(uuid, uuid, uuid, text, text) is
  'Whether a viewer (null: nobody signed in) may read a post of this author, group, status and visibility.';

create function app_private.can_view_post(p_viewer uuid, p_post uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return coalesce((
    select app_private.is_shown(p_viewer, p.author_id, p.group_id, p.status, p.visibility) from public.posts p where p.id = p_post
  ), false);
end
$$;
comment on function app_private.can_view_post(uuid, uuid) is
  'Whether a viewer (null: nobody signed in) may read a post. The policy of posts says the same of whoever is signed in.';

create function app_hidden.is_shown_to_me(p_author uuid, p_group uuid, p_status text, p_visibility text)
returns boolean
language plpgsql stable security definer -- who follows, blocks and is a member is closed to others
set search_path = ''
as $$
begin
  return app_private.is_shown(auth.uid(), p_author, p_group, p_status, p_visibility);
end
$$;
comment on function app_hidden.is_shown_to_me(uuid, uuid, text, text) is
  'Whether I may read a post of this author, group, status and visibility: what the policy of posts asks of all but the plainest.';

create function app_private.can_comment(p_viewer uuid, p_post uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return app_private.can_view_post(p_viewer, p_post) and coalesce((
    select p_viewer is not null and p.status = 'published' and (p.group_id is null or app_private.role_in(p.group_id, p_viewer) is not null) and (
      p.author_id = p_viewer
      or (
        app_private.may_reach(p_viewer, p.author_id, 'who_can_comment')
        and case p.reply_control
          when 'mentioned' then exists (select from public.post_mentions m where m.post_id = p.id and m.user_id = p_viewer)
          else app_private.is_in_audience(p_viewer, p.author_id, p.reply_control)
        end
      )
    )
    from public.posts p where p.id = p_post
  ), false);
end
$$;
comment on function app_private.can_comment(uuid, uuid) is
  'Whether somebody may comment on a post: its author always, others when the post and the settings of its author both let them; in a group, members only.';

create function app_private.assert_post(p_viewer uuid, p_post uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not app_private.can_view_post(p_viewer, p_post) then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
end
$$;
comment on function app_private.assert_post(uuid, uuid) is '404 posts.not_found for a post that a viewer may not read, whatever the reason.';

-- What holds for every post, whoever writes it ----------------------------------------------------------------------------

create function app_private.shared_original(p_share uuid, p_author uuid, p_post uuid, p_is_plain boolean)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_post public.posts;
begin
  select * into v_post from public.posts p where p.id = p_post;
  -- A share of a share shares what that one shares, so that there is one original and no chain.
  if v_post.type = 'share' then
    perform app_private.assert_post(p_author, p_post);
    select * into v_post from public.posts p where p.id = v_post.shared_post_id;
  end if;
  perform app_private.assert_post(p_author, v_post.id);
  if v_post.status <> 'published' or v_post.visibility in ('private', 'group') or not v_post.shares_allowed then
    perform app_hidden.fail(403, 'posts.shares_not_allowed', 'This post is not to be shared.', 'Share posts with `shares_allowed` that others may read.');
  end if;
  if p_is_plain then
    -- The second of two at once finds out here too, and not from the unique index.
    perform pg_advisory_xact_lock(hashtextextended('posts.share ' || p_author || v_post.id, 0));
    if exists (
      select from public.posts p
      where p.author_id = p_author and p.shared_post_id = v_post.id and p.type = 'share' and p.content is null and p.id <> p_share
    ) then
      perform app_hidden.fail(409, 'posts.already_shared', 'You have shared this post.', 'Share it again with words of your own.');
    end if;
  end if;
  return v_post.id;
end
$$;
comment on function app_private.shared_original(uuid, uuid, uuid, boolean) is
  'The post that a share of this one shares. 404 posts.not_found, 403 posts.shares_not_allowed, 409 posts.already_shared.';

create function app_private.guard_post()
returns trigger
language plpgsql volatile security definer -- looks at posts and settings of others, and into app_private
set search_path = ''
as $$
declare
  v_is_new boolean := tg_op = 'INSERT';
  v_was text := case when tg_op = 'UPDATE' then old.status else 'draft' end;
begin
  if v_is_new then
    perform app_private.assert_oneself(new.author_id);
    perform app_private.assert_calm('posts', new.author_id, 120, '1 hour');
  else
    perform app_private.assert_not_suspended();
  end if;
  new.content := nullif(btrim(new.content, e' \t\r\n'), '');
  new.location := nullif(btrim(new.location), '');
  if v_is_new and new.group_id is not null and new.visibility = 'public' then
    new.visibility := 'group'; -- nobody said otherwise
  end if;
  perform app_private.assert_post_fields(new);
  if new.group_id is not null and (v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published')) then
    perform app_private.assert_may(new.author_id, new.group_id, 'post');
  end if;
  if new.group_id is not null and not v_is_new and (new.pinned_at is null) <> (old.pinned_at is null) and auth.uid() is not null then
    perform app_private.assert_may(auth.uid(), new.group_id, 'moderate_posts');
    perform app_private.assert_calm('pins', auth.uid(), 300, '1 hour'); -- each is kept in the log
  end if;
  if v_is_new or new.tags is distinct from old.tags or new.content is distinct from old.content then
    if not v_is_new and new.tags = old.tags then
      -- Those that were only in the old words go with them.
      new.tags := array(select t from unnest(old.tags) t where t <> all (coalesce(app_hidden.tags_in(old.content), '{}')));
    end if;
    new.tags := app_hidden.merge_tags(app_hidden.clean_tags(new.tags), coalesce(app_hidden.tags_in(new.content), '{}'));
  end if;
  if not app_hidden.are_media(new.media_urls) then
    perform app_hidden.fail(422, 'posts.media_invalid', 'One of the media is not an address.', 'Send media:<id> of what you uploaded, or addresses that begin with https:// or http://, up to 2048 characters.');
  end if;

  if new.status <> 'scheduled' then
    new.scheduled_for := null;
  elsif new.scheduled_for is null or ((v_is_new or new.scheduled_for is distinct from old.scheduled_for)
    and new.scheduled_for not between now() and now() + interval '1 year') then
    perform app_hidden.fail(422, 'posts.schedule_invalid', 'A post is scheduled for a time to come, within a year.', 'Send `scheduled_for` as a time in the future.');
  end if;
  if v_was in ('published', 'removed') and new.status in ('draft', 'scheduled') then
    perform app_hidden.fail(409, 'posts.already_published', 'A published post does not become a draft again.', 'Make it private, or delete it.');
  end if;

  if new.type <> 'share' then
    if new.status in ('scheduled', 'published') then
      perform app_private.assert_complete(new);
    end if;
  elsif v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published') then
    new.shared_post_id := app_private.shared_original(new.id, new.author_id, new.shared_post_id, new.content is null);
  end if;

  case new.status
    when 'published' then new.published_at := coalesce(case when v_is_new then new.published_at else old.published_at end, now());
    when 'removed' then null; -- keeps its time, in case it comes back
    else new.published_at := null;
  end case;
  if not v_is_new then
    perform app_private.assert_edit(old, new);
    new.edited_at := case when v_was = 'published' and app_private.reads_otherwise(old, new) then now() else old.edited_at end;
    new.updated_at := now();
  end if;
  if new.status <> 'published' then
    new.pinned_at := null;
  elsif new.pinned_at is not null and (v_is_new or old.pinned_at is null) then
    perform app_private.assert_room_for_pin(new.author_id, new.group_id);
    new.pinned_at := now();
  end if;
  return new;
end
$$;
comment on function app_private.guard_post() is
  'Trigger on posts: their rules, and what follows from the rest of the row (tags, times, the original of a share), whoever writes it.';

create function app_private.assert_post_fields(p_post public.posts)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_limit text := case
    when p_post.type is null or p_post.type not in ('text', 'image', 'video', 'reel', 'share') then '`type` as text, image, video, reel or share'
    when length(p_post.content) > 5000 then '`content` of at most 5,000 characters'
    when p_post.media_urls is null or cardinality(p_post.media_urls) > 10 then '`media_urls` as a list of at most 10'
    when length(p_post.location) > 100 then '`location` of at most 100 characters'
    when p_post.tags is null or cardinality(p_post.tags) > 30 then '`tags` as a list of at most 30'
    when p_post.visibility is null or p_post.visibility not in ('public', 'friends', 'private', 'group') then '`visibility` as public, friends or private'
    when (p_post.visibility = 'group') <> (p_post.group_id is not null)
      then '`visibility` as group with a `group_id` only, and no other with one; a post stays in its group'
    when p_post.reply_control is null or p_post.reply_control not in ('everyone', 'followers', 'friends', 'mentioned', 'nobody')
      then '`reply_control` as everyone, followers, friends, mentioned or nobody'
    when p_post.shares_allowed is null then '`shares_allowed` as true or false'
    when p_post.status is null or p_post.status not in ('draft', 'scheduled', 'published', 'removed') then '`status` as draft, scheduled or published'
    when p_post.type <> 'share' and p_post.shared_post_id is not null then '`shared_post_id` with the type share only'
    end;
begin
  if v_limit is not null then
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', v_limit));
  end if;
end
$$;
comment on function app_private.assert_post_fields(public.posts) is
  'Refuses what a check of the table would refuse, but says which field and what it takes: 422 posts.field_invalid.';

create function app_private.assert_complete(p_post public.posts)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if p_post.type in ('image', 'video', 'reel') and cardinality(p_post.media_urls) = 0 then
    perform app_hidden.fail(422, 'posts.media_required', format('A post of type %s needs a medium.', p_post.type), 'Send media_urls.');
  end if;
  if p_post.type = 'text' and p_post.content is null and not exists (select from public.polls q where q.post_id = p_post.id) then
    perform app_hidden.fail(422, 'posts.empty', 'A post of type text needs content or a poll.', 'Send `content`.');
  end if;
end
$$;
comment on function app_private.assert_complete(public.posts) is 'Refuses a post without what its type needs, once it is more than a draft: 422 posts.media_required, posts.empty.';

create function app_private.reads_otherwise(p_old public.posts, p_new public.posts)
returns boolean
language plpgsql immutable
set search_path = ''
as $$
begin
  return (p_old.content, p_old.media_urls, p_old.location, p_old.tags, p_old.visibility)
    is distinct from (p_new.content, p_new.media_urls, p_new.location, p_new.tags, p_new.visibility);
end
$$;
comment on function app_private.reads_otherwise(public.posts, public.posts) is 'Whether an edit changed what people read, or who reads it.';

create function app_private.assert_edit(p_old public.posts, p_new public.posts)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if p_old.status <> 'published' or auth.uid() is distinct from p_new.author_id or not app_private.reads_otherwise(p_old, p_new) then
    return;
  end if;
  perform app_private.assert_calm('edits', p_new.author_id, 300, '1 hour'); -- each keeps the former words
  if p_new.group_id is not null then
    -- Who was put out of a group takes their words away from there, and puts no others in their place.
    perform app_private.assert_may(p_new.author_id, p_new.group_id, 'post');
  end if;
end
$$;
comment on function app_private.assert_edit(public.posts, public.posts) is
  'Refuses an author who changes what people read too often, or in a group that they are not in: 429 rate_limit.exceeded, 404 groups.not_found, 403 groups.members_only.';

create function app_private.assert_room_for_pin(p_author uuid, p_group uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Two that are pinned at once would not see each other.
  perform pg_advisory_xact_lock(hashtextextended('posts.pin ' || coalesce(p_group, p_author), 0));
  if (case
    when p_group is null then (select count(*) from public.posts p where p.author_id = p_author and p.group_id is null and p.pinned_at is not null)
    else (select count(*) from public.posts p where p.group_id = p_group and p.pinned_at is not null)
  end) >= 3 then
    perform app_hidden.fail(422, 'posts.too_many_pinned', 'At most three posts can be pinned.', 'Unpin another post first.');
  end if;
end
$$;
comment on function app_private.assert_room_for_pin(uuid, uuid) is
  '422 posts.too_many_pinned from the fourth pinned post of an author, or of a group, on.';

-- What is kept beside a post -----------------------------------------------------------------------------------------------

create function app_private.index_post()
returns trigger
language plpgsql volatile security definer -- people may not write tags, mentions and the history themselves
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    if old.status = 'published' and new.status = 'published' and app_private.reads_otherwise(old, new) then
      insert into public.post_edits (post_id, content, media_urls, location, tags, visibility)
      values (old.id, old.content, old.media_urls, old.location, old.tags, old.visibility);
    end if;
    if (old.tags, old.status, old.visibility) is distinct from (new.tags, new.status, new.visibility) then
      delete from public.post_tags t where t.post_id = new.id;
    end if;
  end if;
  -- The page of a tag is for others to find what they may read; a post in a group is found in its group.
  if app_private.is_counted(new.status, new.visibility)
    and (tg_op = 'INSERT' or (old.tags, old.status, old.visibility) is distinct from (new.tags, new.status, new.visibility)) then
    insert into public.post_tags (tag, published_at, post_id, author_id)
    select t, new.published_at, new.id, new.author_id from unnest(new.tags) t;
  end if;
  -- Again when it is published: a setting may have changed since the draft.
  if tg_op = 'INSERT' or (old.content, old.status) is distinct from (new.content, new.status) then
    if tg_op = 'UPDATE' then
      delete from public.post_mentions m
      where m.post_id = new.id and m.user_id not in (select app_private.mentioned_in(new.author_id, new.content, new.group_id));
    end if;
    insert into public.post_mentions (post_id, user_id)
    select new.id, u from app_private.mentioned_in(new.author_id, new.content, new.group_id) u
    on conflict do nothing;
  end if;
  return null;
end
$$;
comment on function app_private.index_post() is 'Trigger on posts: the tags of published ones, whom they mention, and how they read before an edit.';

create function app_private.publish_scheduled_posts(p_limit int)
returns int
language plpgsql volatile security definer -- posts are closed to the worker
set search_path = ''
as $$
declare
  v_id uuid;
  v_count int := 0;
begin
  for v_id in
    select p.id from public.posts p
    where p.status = 'scheduled' and p.scheduled_for <= now()
    order by p.scheduled_for limit least(greatest(p_limit, 1), 50) -- each takes a subtransaction
    for update skip locked
  loop
    begin
      update public.posts p set status = 'published' where p.id = v_id;
    exception when sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' or unique_violation then
      -- What it shares is gone or closed by now, say. It must not hold up the others for ever; its author finds it among the drafts.
      update public.posts p set status = 'draft' where p.id = v_id;
    end;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function app_private.publish_scheduled_posts(int) is
  'Publishes up to p_limit scheduled posts whose time has come, at most 50, and says how many it took: call again until 0. One that cannot be published any more becomes a draft.';
