-- Links into a group. Whoever has one may come in, so it says nothing when it is wrong, and its token is kept nowhere.

create function app_private.hash_of_token(p_token text)
returns bytea
language plpgsql immutable
set search_path = ''
as $$
begin
  return sha256(convert_to(left(p_token, 200), 'utf8'));
end
$$;
comment on function app_private.hash_of_token(text) is 'What is kept of the token of a link: 144 random bits need no salt.';

create function public.create_group_link(p_group uuid, p jsonb default '{}')
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_token text := translate(encode(extensions.gen_random_bytes(18), 'base64'), '+/', '-_');
  v_link app_private.group_links;
begin
  perform app_hidden.assert_fields(p, '{"expires_at": "time", "max_uses": "number"}', 'groups.field_invalid');
  v_link.expires_at := coalesce((p ->> 'expires_at')::timestamptz, now() + interval '7 days');
  if v_link.expires_at not between now() and now() + interval '1 year' then
    perform app_private.fail_group_field('Send `expires_at` as a time to come, within a year.');
  elsif not coalesce((p ->> 'max_uses')::numeric between 1 and 1000 and (p ->> 'max_uses')::numeric % 1 = 0, true) then
    perform app_private.fail_group_field('Send `max_uses` between 1 and 1,000, or none.');
  end if;
  perform app_private.assert_calm('links', v_me, 200, '1 day');
  perform app_private.assert_may(v_me, p_group, 'manage_links');
  perform app_private.lock_group(v_me, p_group);
  perform app_private.assert_may(v_me, p_group, 'manage_links');
  perform pg_advisory_xact_lock(hashtextextended(format('group %s links', p_group), 0));
  if (select count(*) from app_private.group_links l where l.group_id = p_group and l.expires_at > now()) >= 50 then
    perform app_hidden.fail(422, 'groups.too_many_links', 'A group has at most 50 links.', 'Revoke another one first.');
  end if;
  insert into app_private.group_links (group_id, created_by, token_hash, uses_left, expires_at)
  values (p_group, v_me, app_private.hash_of_token(v_token), (p ->> 'max_uses')::numeric::int, v_link.expires_at)
  returning * into v_link;
  perform app_private.note_in_log(p_group, 'link_created', null,
    jsonb_build_object('link_id', v_link.id, 'max_uses', v_link.uses_left, 'expires_at', v_link.expires_at));
  return jsonb_build_object('id', v_link.id, 'token', v_token, 'uses_left', v_link.uses_left, 'expires_at', v_link.expires_at,
    'created_at', v_link.created_at);
end
$$;
comment on function public.create_group_link(uuid, jsonb) is
  'Makes a link into a group, {expires_at (a week from now), max_uses (any number)}: {id, token, uses_left, expires_at, created_at}. The token is shown here and never again. 404 groups.not_found, 403 groups.members_only, groups.not_allowed, 422 groups.field_invalid, groups.too_many_links.';

create function public.revoke_group_link(p_group uuid, p_link uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.assert_not_suspended();
  perform app_private.assert_may(auth.uid(), p_group, 'manage_links');
  perform app_private.lock_group(auth.uid(), p_group);
  delete from app_private.group_links l where l.id = p_link and l.group_id = p_group;
  if not found then
    perform app_hidden.fail(404, 'groups.link_not_found', 'This group has no such link.', 'It may be used up. Take an id from GET groups/:id/links.');
  end if;
  perform app_private.note_in_log(p_group, 'link_revoked', null, jsonb_build_object('link_id', p_link));
  return jsonb_build_object('id', p_link, 'revoked', true);
end
$$;
comment on function public.revoke_group_link(uuid, uuid) is
  'Makes a link let nobody in any more: {id, revoked}. 404 groups.not_found, groups.link_not_found, 403 groups.members_only, groups.not_allowed.';

create function public.links_of_group(p_group uuid, p_limit int default 20, p_before timestamptz default null, p_before_id uuid default null)
returns table (id uuid, created_by jsonb, uses_left int, expires_at timestamptz, created_at timestamptz)
language plpgsql stable security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'manage_links');
  return query
  select l.id, app_private.name_card(v_me, l.created_by), l.uses_left, l.expires_at, l.created_at
  from app_private.group_links l
  where l.group_id = p_group and l.expires_at > now()
    and (l.created_at, l.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by l.created_at desc, l.id desc limit least(greatest(p_limit, 1), 101);
end
$$;
comment on function public.links_of_group(uuid, int, timestamptz, uuid) is
  'The links that let people into a group, without their tokens. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

create function app_private.find_link(p_token text, p_user uuid)
returns app_private.group_links
language plpgsql stable
set search_path = ''
as $$
declare
  v_link app_private.group_links;
begin
  select l.* into v_link from app_private.group_links l
  where l.token_hash = app_private.hash_of_token(p_token) and l.expires_at > now() and not app_private.is_banned(l.group_id, p_user);
  if not found then
    perform app_private.fail_no_link();
  end if;
  return v_link;
end
$$;
comment on function app_private.find_link(text, uuid) is 'The link of a token, for who is not banned; else 404 groups.link_invalid, whatever the reason.';

create function app_private.fail_no_link()
returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform app_hidden.fail(404, 'groups.link_invalid', 'This link lets nobody in.', 'It is wrong, used up, revoked or over. Ask for another one.');
end
$$;
comment on function app_private.fail_no_link() is '404 groups.link_invalid.';

create function public.preview_group_link(p_token text)
returns public.group_card
language plpgsql stable security definer
set search_path = ''
as $$
begin
  return app_private.group_card((app_private.find_link(p_token, auth.uid())).group_id);
end
$$;
comment on function public.preview_group_link(text) is 'The group into which a link leads, before one comes in. 404 groups.link_invalid.';

-- Two at once: the one whose row it is takes it, and the other finds none.
create function app_private.take_use(p_link uuid)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
begin
  for v_round in 1..3 loop
    delete from app_private.group_links l where l.id = p_link and l.uses_left = 1 and l.expires_at > now();
    if found then
      return true;
    end if;
    update app_private.group_links l set uses_left = l.uses_left - 1 where l.id = p_link and l.uses_left > 1 and l.expires_at > now();
    if found then
      return true;
    end if;
    -- Held, so that nobody revokes it meanwhile.
    perform from app_private.group_links l where l.id = p_link and l.uses_left is null and l.expires_at > now() for share;
    if found then
      return true;
    end if;
    -- Gone, or another one has just left it its last use: once more.
  end loop;
  return false;
end
$$;
comment on function app_private.take_use(uuid) is 'Uses a link once, the last time by deleting it; false when there is no use left.';

create function public.redeem_group_link(p_token text)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_link app_private.group_links := app_private.find_link(p_token, v_me);
begin
  perform app_private.lock_membership(v_link.group_id, v_me);
  perform from public.groups g where g.id = v_link.group_id for share;
  if app_private.role_in(v_link.group_id, v_me) is not null then
    return app_private.standing(v_link.group_id, v_me, 'member'); -- uses nothing up
  end if;
  perform app_private.assert_calm('entries into groups', v_me, 100, '1 hour');
  if app_private.is_banned(v_link.group_id, v_me) or not app_private.take_use(v_link.id) then
    perform app_private.fail_no_link();
  end if;
  perform app_private.add_member(v_link.group_id, v_me);
  return app_private.standing(v_link.group_id, v_me, 'member');
end
$$;
comment on function public.redeem_group_link(text) is
  'Comes into a group by a link: {group_id, user_id, status: member}; a member uses nothing up. 404 groups.link_invalid, 409 groups.full, 422 groups.limit_reached, 429 rate_limit.exceeded.';
