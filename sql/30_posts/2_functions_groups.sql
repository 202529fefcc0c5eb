-- Posts of groups. They stand on the page of their group and nowhere else: not on the page of their author, not in home feeds, not
-- under tags and places.

create function app_hidden.assert_group_readable(p_group uuid)
returns void
language plpgsql stable security definer -- who is a member is closed to others
set search_path = ''
as $$
begin
  perform app_private.assert_group(auth.uid(), p_group);
  if not app_private.can_read_group(auth.uid(), p_group) then
    perform app_hidden.fail(403, 'groups.members_only', 'Only members of this group may do this.', 'Join it first: POST groups/:id/join.');
  end if;
end
$$;
comment on function app_hidden.assert_group_readable(uuid) is
  'Refuses who may not see what is in a group: 404 groups.not_found, 403 groups.members_only.';

create function app_private.assert_not_banned(p_person uuid, p_post uuid)
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if exists (select from public.posts p where p.id = p_post and p.group_id is not null and app_private.is_banned(p.group_id, p_person)) then
    perform app_hidden.fail(403, 'groups.banned', 'This group keeps you out.', 'You read there what everybody reads, and may take back what you did.');
  end if;
end
$$;
comment on function app_private.assert_not_banned(uuid, uuid) is
  '403 groups.banned for who would like or vote in a group, by one of its posts, that keeps them out. Comments are for members alone.';

create function public.posts_of_group(p_group uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.post_card
language plpgsql stable security definer -- asks once whether the group may be read, instead of once a post
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_hidden.assert_group_readable(p_group);
  return query select * from app_private.cards_of(v_me, array(
    select p.id from public.posts p
    where p.group_id = p_group and p.status = 'published' and not (v_blocks and app_hidden.is_blocked_pair(v_me, p.author_id))
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$$;
comment on function public.posts_of_group(uuid, int, timestamptz, uuid) is
  'What was posted in a group, as far as the caller may read it. 404 groups.not_found, 403 groups.members_only.';

create function public.pinned_posts_of_group(p_group uuid)
returns setof public.post_card
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.assert_group_readable(p_group);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.group_id = p_group and p.pinned_at is not null and p.status = 'published' order by p.pinned_at desc, p.id desc
  ));
end
$$;
comment on function public.pinned_posts_of_group(uuid) is
  'The pinned posts of a group, at most three, the latest pinned first. 404 groups.not_found, 403 groups.members_only.';

create function app_private.post_in_group(p_actor uuid, p_group uuid, p_post uuid)
returns public.posts
language plpgsql volatile
set search_path = ''
as $$
declare
  v_post public.posts;
begin
  perform app_private.assert_may(p_actor, p_group, 'moderate_posts');
  perform app_private.lock_group(p_actor, p_group);
  perform app_private.assert_may(p_actor, p_group, 'moderate_posts');
  -- Also of an author hidden from the caller by a block: nobody keeps a group from tidying up.
  select * into v_post from public.posts p where p.id = p_post and p.group_id = p_group and p.status = 'published' for no key update;
  if not found then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
  return v_post;
end
$$;
comment on function app_private.post_in_group(uuid, uuid, uuid) is
  'A post of a group that the actor moderates. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed.';

create function public.remove_group_post(p_group uuid, p_post uuid, p_reason text default null)
returns jsonb
language plpgsql volatile security definer -- whoever moderates may not write the posts of others
set search_path = ''
as $$
declare
  v_post public.posts;
begin
  if length(p_reason) > 500 then
    perform app_private.fail_group_field('Send `reason` of at most 500 characters.');
  end if;
  v_post := app_private.post_in_group(auth.uid(), p_group, p_post);
  update public.posts p set status = 'removed' where p.id = p_post;
  perform app_private.note_in_log(p_group, 'post_removed', v_post.author_id, jsonb_build_object('post_id', p_post, 'reason', p_reason));
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'status', 'removed');
end
$$;
comment on function public.remove_group_post(uuid, uuid, text) is
  'Takes a post out of a group that the caller moderates: {group_id, post_id, status: removed}. Its author sees that it was removed. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed.';

create function public.pin_group_post(p_group uuid, p_post uuid, p_pinned boolean)
returns jsonb
language plpgsql volatile security definer -- as above
set search_path = ''
as $$
declare
  v_post public.posts := app_private.post_in_group(auth.uid(), p_group, p_post);
begin
  if (v_post.pinned_at is not null) is distinct from p_pinned then
    update public.posts p set pinned_at = case when p_pinned then now() end where p.id = p_post;
  end if;
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'pinned', coalesce(p_pinned, false));
end
$$;
comment on function public.pin_group_post(uuid, uuid, boolean) is
  'Pins a post in a group that the caller moderates, at most three, or takes the pin away: {group_id, post_id, pinned}. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed, 422 posts.too_many_pinned.';

create function app_private.log_pin()
returns trigger
language plpgsql volatile security definer -- the log is closed to everybody
set search_path = ''
as $$
begin
  perform app_private.note_in_log(new.group_id, case when new.pinned_at is null then 'post_unpinned' else 'post_pinned' end, new.author_id,
    jsonb_build_object('post_id', new.id));
  return null;
end
$$;
comment on function app_private.log_pin() is 'Trigger on posts: the log of a group has each pin, by whatever way it was made.';

create function app_private.purge_groups(p_limit int)
returns int
language plpgsql volatile security definer -- groups are closed to the worker
set search_path = ''
as $$
declare
  v_group uuid;
  v_count int;
begin
  select g.id into v_group from public.groups g where g.deleted_at is not null order by g.deleted_at limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  delete from public.posts x where x.id in (
    select p.id from public.posts p where p.group_id = v_group limit least(greatest(p_limit, 1), 1000));
  get diagnostics v_count = row_count;
  if v_count = 0 then
    delete from public.groups g where g.id = v_group;
    v_count := 1;
  end if;
  return v_count;
end
$$;
comment on function app_private.purge_groups(int) is
  'Takes up to p_limit posts of a deleted group away, or the group when none is left, and says how many: call again until 0.';
