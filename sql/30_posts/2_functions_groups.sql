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

create function public.posts_of_group(p_group uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns setof public.post_card
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_hidden.assert_group_readable(p_group);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.group_id = p_group and p.status = 'published'
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
