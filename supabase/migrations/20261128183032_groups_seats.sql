-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP TRIGGER "seat_member" ON "public"."group_members";

CREATE OR REPLACE FUNCTION app_private.clean_group (
  g public.groups
)
  RETURNS public.groups
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_limit text;
begin
  g.name := btrim(g.name, e' \t\r\n');
  g.description := nullif(btrim(g.description, e' \t\r\n'), '');
  g.category := nullif(lower(btrim(g.category) collate pg_catalog.pg_c_utf8), '');
  g.rules := array(select btrim(r, e' \t\r\n') from unnest(g.rules) r);
  v_limit := case
    when coalesce(length(g.name), 0) not between 1 and 80 then '`name` of 1 to 80 characters'
    when length(g.description) > 2000 then '`description` of at most 2,000 characters'
    when g.visibility is null or g.visibility not in ('public', 'private', 'secret') then '`visibility` as public, private or secret'
    when length(g.category) > 50 then '`category` of at most 50 characters'
    when g.avatar_url is not null and not app_hidden.are_addresses(array[g.avatar_url]) then '`avatar_url` as an address that begins with https:// or http://'
    when g.cover_url is not null and not app_hidden.are_addresses(array[g.cover_url]) then '`cover_url` as an address that begins with https:// or http://'
    when cardinality(g.rules) > 20 or exists (select from unnest(g.rules) r where r is null or length(r) not between 1 and 500)
      then '`rules` as a list of at most 20, each of 1 to 500 characters'
    when g.member_cap is null or g.member_cap not between 1 and 20000 then '`member_cap` between 1 and 20,000'
    end;
  if v_limit is not null then
    perform app_private.fail_group_field(format('Send %s.', v_limit));
  end if;
  return g;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_group_field (
  p_hint text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', p_hint);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.post_in_group (
  p_actor uuid,
  p_group uuid,
  p_post  uuid
)
  RETURNS public.posts
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.take_seat (
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_seat bigint;
  v_free int;
begin
  begin
    update app_private.group_seats s set free = s.free - 1
    where s.id = (
      select f.id from app_private.group_seats f where f.group_id = p_group and f.free > 0
      limit 1 for no key update skip locked
    );
    if found then
      return;
    end if;
    raise sqlstate 'AS001';
  exception when sqlstate 'AS001' then
    null; -- a row that had just been emptied is locked by now: with the subtransaction that lock goes, too
  end;
  -- Others hold all of them. Only one at a time waits for rows: two who did would hold rows that the other waits for. Whoever holds a
  -- row without waiting in this queue waits for nothing more.
  perform pg_advisory_xact_lock(hashtextextended(format('group %s seats', p_group), 0));
  select s.id, s.free into v_seat, v_free from app_private.group_seats s
  where s.group_id = p_group and s.free > 0 order by s.free desc limit 1 for no key update;
  if not found then
    -- The last ones. Everybody who is at them is waited for, and what they leave is seen by the next statement.
    perform from app_private.group_seats s where s.group_id = p_group for no key update;
    select s.id, s.free into v_seat, v_free from app_private.group_seats s
    where s.group_id = p_group and s.free > 0 limit 1 for no key update;
  end if;
  if v_seat is null then
    perform app_hidden.fail(409, 'groups.full', 'This group has as many members as it takes.', 'Ask again when somebody has left.');
  end if;
  if v_free > 32 and (select count(*) from app_private.group_seats s where s.group_id = p_group) < 16 then
    -- Somebody had to wait here, so the next two need not.
    insert into app_private.group_seats (group_id, free) values (p_group, v_free / 2);
    v_free := v_free - v_free / 2;
  end if;
  update app_private.group_seats s set free = v_free - 1 where s.id = v_seat;
end
$function$;

CREATE OR REPLACE FUNCTION public.ban_from_group (
  p_group  uuid,
  p_user   uuid,
  p_until  timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_reason text                     DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_reason text := nullif(btrim(p_reason, e' \t\r\n'), '');
begin
  if p_until <= now() then
    perform app_private.fail_group_field('Send `until` as a time to come, or none to ban for good.');
  elsif length(v_reason) > 500 then
    perform app_private.fail_group_field('Send `reason` of at most 500 characters.');
  end if;
  -- Also of who is no member, or hidden from the caller by a block: nobody keeps a group from closing its door.
  perform app_private.lock_target(v_me, p_group, p_user, 'ban');
  if not exists (select from public.profiles p where p.id = p_user) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  delete from public.group_members m where m.group_id = p_group and m.user_id = p_user;
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  insert into app_private.group_bans (group_id, user_id, banned_by, reason, until) values (p_group, p_user, v_me, v_reason, p_until)
  on conflict (group_id, user_id) do update
    set banned_by = excluded.banned_by, reason = excluded.reason, until = excluded.until, created_at = now();
  perform app_private.note_in_log(p_group, 'banned', p_user, jsonb_build_object('until', p_until, 'reason', v_reason));
  return app_private.membership(p_group, p_user, 'banned') || jsonb_build_object('until', p_until);
end
$function$;

CREATE OR REPLACE FUNCTION public.create_group_link (
  p_group uuid,
  p       jsonb DEFAULT '{}'::jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.invite_to_group (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.assert_may(v_me, p_group, 'invite');
  perform app_private.assert_person(v_me, p_user);
  if app_private.lock_target(v_me, p_group, p_user, 'invite', false) is not null then
    return app_private.membership(p_group, p_user, 'member');
  elsif app_private.is_banned(p_group, p_user) then
    perform app_hidden.fail(409, 'groups.person_banned', 'This person is banned from the group.', 'Lift the ban first: DELETE groups/:id/bans/:user_id.');
  elsif exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user) then
    perform app_private.add_member(p_group, p_user); -- both sides want it
    perform app_private.note_in_log(p_group, 'request_approved', p_user);
    return app_private.membership(p_group, p_user, 'member');
  elsif not app_private.may_reach(v_me, p_user, 'who_can_invite') then
    perform app_hidden.fail(403, 'groups.invitation_refused', 'This person does not let you invite them.', '`can_invite` of GET users/:id says whom you may invite.');
  end if;
  perform app_private.assert_calm_in_groups('invitations', v_me);
  insert into app_private.group_invitations as i (group_id, user_id, invited_by) values (p_group, p_user, v_me)
  on conflict (group_id, user_id) do update set invited_by = excluded.invited_by, created_at = now(), expires_at = excluded.expires_at
    where i.expires_at <= now();
  if found then
    perform app_private.note_in_log(p_group, 'invited', p_user);
  end if;
  return app_private.membership(p_group, p_user, 'invited');
end
$function$;

CREATE OR REPLACE FUNCTION public.join_group (
  p_group   uuid,
  p_message text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_group public.groups;
  v_message text := nullif(btrim(p_message, e' \t\r\n'), '');
begin
  if length(v_message) > 500 then
    perform app_private.fail_group_field('Send `message` of at most 500 characters.');
  end if;
  perform app_private.assert_group(v_me, p_group);
  perform app_private.lock_membership(p_group, v_me);
  v_group := app_private.lock_group(v_me, p_group);
  if app_private.role_in(p_group, v_me) is not null then
    return app_private.membership(p_group, v_me, 'member');
  elsif app_private.is_banned(p_group, v_me) then
    perform app_hidden.fail(403, 'groups.join_refused', 'This group does not take you in.', 'Ask one of its moderators.');
  end if;
  perform app_private.assert_calm_in_groups('joins', v_me);
  if v_group.visibility = 'public' or app_private.is_invited(p_group, v_me) then
    perform app_private.add_member(p_group, v_me);
    return app_private.membership(p_group, v_me, 'member');
  end if;
  insert into app_private.group_requests as r (group_id, user_id, message) values (p_group, v_me, v_message)
  on conflict (group_id, user_id) do update set message = coalesce(excluded.message, r.message);
  return app_private.membership(p_group, v_me, 'requested');
end
$function$;

CREATE OR REPLACE FUNCTION public.remove_group_post (
  p_group  uuid,
  p_post   uuid,
  p_reason text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.set_group_role (
  p_group uuid,
  p_user  uuid,
  p_role  text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_old text;
begin
  if coalesce(p_role not in ('admin', 'moderator', 'member'), true) then
    perform app_private.fail_group_field('Send `role` as admin, moderator or member. The owner is changed by POST groups/:id/transfer.');
  end if;
  v_old := app_private.lock_target(v_me, p_group, p_user, 'set_role');
  if v_old is null then
    perform app_private.fail_no_member();
  end if;
  perform app_private.assert_outranks(app_private.role_in(p_group, v_me), p_role);
  update public.group_members m set role = p_role where m.group_id = p_group and m.user_id = p_user and m.role <> p_role;
  if found then
    perform app_private.note_in_log(p_group, 'role_changed', p_user, jsonb_build_object('from', v_old, 'to', p_role));
  end if;
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'role', p_role);
end
$function$;

CREATE TRIGGER claim_seat
  AFTER INSERT ON public.group_members
  FOR EACH ROW
  EXECUTE FUNCTION app_private.seat_member();

COMMENT ON FUNCTION "app_private"."fail_group_field"(text) IS '422 groups.field_invalid, with a hint that says which field takes what.';

REVOKE ALL ON FUNCTION "app_private"."fail_group_field"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_group_field"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_group_field"(text) TO "postgres";
