-- Who may see and do what with whom. Policies, functions, search, feeds and notifications all ask here; a test compares every
-- combination with an oracle of its own.

create function app_hidden.is_blocked_pair(p_one uuid, p_other uuid)
returns boolean
language plpgsql stable security definer -- either side may have blocked, and nobody may see who blocks them
set search_path = ''
as $$
begin
  return exists (select from public.blocks b where b.blocker_id = p_one and b.blocked_id = p_other)
    or exists (select from public.blocks b where b.blocker_id = p_other and b.blocked_id = p_one);
end
$$;
comment on function app_hidden.is_blocked_pair(uuid, uuid) is 'Whether one of two people has blocked the other; never says which.';

-- For policies: one call per statement, however many rows it reads.
create function app_hidden.hidden_people()
returns setof uuid
language plpgsql stable security definer rows 10 -- as above
set search_path = ''
as $$
begin
  return query
  select b.blocked_id from public.blocks b where b.blocker_id = auth.uid()
  union all
  select b.blocker_id from public.blocks b where b.blocked_id = auth.uid();
end
$$;
comment on function app_hidden.hidden_people() is 'Everybody between whom and me a block stands, whoever made it. Nobody for who is not signed in.';

create function app_private.hidden_from(p_viewer uuid)
returns uuid[]
language plpgsql stable
set search_path = ''
as $$
begin
  return array(
    select b.blocked_id from public.blocks b where b.blocker_id = p_viewer
    union all
    select b.blocker_id from public.blocks b where b.blocked_id = p_viewer
    order by 1 -- an index goes along a sorted list, and would sort it anew for each of twenty posts
  );
end
$$;
comment on function app_private.hidden_from(uuid) is 'As hidden_people, for functions that answer for one person; sorted.';

-- Who blocks thousands, or is blocked by them, must not have them all read for each page: the pages ask this, and then of each person.
create function app_private.has_blocks(p_viewer uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return exists (select from public.blocks b where b.blocker_id = p_viewer) or exists (select from public.blocks b where b.blocked_id = p_viewer);
end
$$;
comment on function app_private.has_blocks(uuid) is 'Whether anybody at all is hidden from a viewer: nearly never.';

create function app_private.hidden_among(p_viewer uuid, p_people uuid[])
returns uuid[]
language plpgsql stable
set search_path = ''
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return array(
    -- One probe for each, said so that the planner does not go through all of the viewer's blocks.
    select u from unnest(p_people) u, lateral (
      (select from public.blocks b where b.blocker_id = p_viewer and b.blocked_id = u limit 1)
      union all
      (select from public.blocks b where b.blocker_id = u and b.blocked_id = p_viewer limit 1)
    ) x
  );
end
$$;
comment on function app_private.hidden_among(uuid, uuid[]) is 'Those of some people between whom and a viewer a block stands.';

-- One row of facts about two people, from which every right follows.
create function app_private.relation(p_viewer uuid, p_owner uuid)
returns table (is_self boolean, is_blocked boolean, follows boolean, is_followed boolean, is_private boolean)
language plpgsql stable
set search_path = ''
as $$
begin
  return query
  select p.id is not distinct from p_viewer,
    p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, p.id),
    exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.id),
    exists (select from public.follows f where f.follower_id = p.id and f.followee_id = p_viewer),
    p.is_private
  from public.profiles p where p.id = p_owner;
end
$$;
comment on function app_private.relation(uuid, uuid) is
  'How a viewer (null: nobody signed in) stands to the owner of something; friends follow each other. No row: no such person.';

create function app_private.can_view_profile(p_viewer uuid, p_owner uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return coalesce((select not r.is_blocked from app_private.relation(p_viewer, p_owner) r), false);
end
$$;
comment on function app_private.can_view_profile(uuid, uuid) is
  'Whether somebody exists for a viewer: everybody does but those with whom a block stands. The policy of profiles says the same of whoever is signed in.';

create function app_private.can_view_content(p_viewer uuid, p_owner uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return coalesce((
    select r.is_self or (not r.is_blocked and (r.follows or not r.is_private)) from app_private.relation(p_viewer, p_owner) r
  ), false);
end
$$;
comment on function app_private.can_view_content(uuid, uuid) is 'Whether a viewer sees what somebody shows to the public: of a private account, only its followers do.';

-- everyone, followers, friends, nobody: the words of privacy_settings.
create function app_private.admits(p_audience text, p_follows boolean, p_is_followed boolean)
returns boolean
language plpgsql immutable
set search_path = ''
as $$
begin
  return case p_audience
    when 'everyone' then true
    when 'followers' then p_follows
    when 'friends' then p_follows and p_is_followed
    else false
  end;
end
$$;
comment on function app_private.admits(text, boolean, boolean) is
  'Whether everyone, followers, friends or nobody of an owner has in it somebody else, signed in and not blocked, who follows them or not and is followed back or not.';

create function app_private.is_in_audience(p_viewer uuid, p_owner uuid, p_audience text)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return coalesce((
    select r.is_self or (p_viewer is not null and not r.is_blocked and app_private.admits(p_audience, r.follows, r.is_followed))
    from app_private.relation(p_viewer, p_owner) r
  ), false);
end
$$;
comment on function app_private.is_in_audience(uuid, uuid, text) is
  'Whether somebody signed in belongs to everyone, followers, friends or nobody of an owner. The blocked belong to none of them, the owner to all.';

create function app_private.may_reach(p_viewer uuid, p_owner uuid, p_setting text)
returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  v_audience text;
begin
  select s.privacy_settings ->> p_setting into v_audience from public.account_settings s where s.user_id = p_owner;
  return app_private.is_in_audience(p_viewer, p_owner, coalesce(v_audience, 'everyone'));
end
$$;
comment on function app_private.may_reach(uuid, uuid, text) is
  'Whether the owner''s setting (who_can_message, who_can_mention, who_can_call, who_can_invite, who_can_comment) lets somebody do it; not set means everyone.';

create function app_private.can_view_lists(p_viewer uuid, p_owner uuid)
returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return p_viewer is not distinct from p_owner or (
    app_private.can_view_content(p_viewer, p_owner)
    and not coalesce((
      select (s.privacy_settings ->> 'hide_follower_lists')::boolean from public.account_settings s where s.user_id = p_owner
    ), false)
  );
end
$$;
comment on function app_private.can_view_lists(uuid, uuid) is 'Whether a viewer sees who follows somebody and whom they follow.';
