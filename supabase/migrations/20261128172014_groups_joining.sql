-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP POLICY "people see all groups but secret ones of others" ON "public"."groups";

DROP FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text);

DROP FUNCTION "public"."join_group"(uuid);

CREATE TABLE "app_private"."group_bans" (
  "group_id"   uuid                     NOT NULL,
  "user_id"    uuid                     NOT NULL,
  "banned_by"  uuid,
  "reason"     text,
  "until"      timestamp with time zone,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "group_bans_pkey" PRIMARY KEY (group_id, user_id),
  CONSTRAINT "reason_length" CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);

ALTER TABLE "app_private"."group_bans"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_invitations" (
  "group_id"   uuid                     NOT NULL,
  "user_id"    uuid                     NOT NULL,
  "invited_by" uuid,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "expires_at" timestamp with time zone NOT NULL DEFAULT (now() + '30 days'::interval),
  CONSTRAINT "group_invitations_pkey" PRIMARY KEY (group_id, user_id)
);

ALTER TABLE "app_private"."group_invitations"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_links" (
  "group_id"   uuid                     NOT NULL,
  "created_by" uuid,
  "token_hash" bytea                    NOT NULL,
  "uses_left"  integer,
  "expires_at" timestamp with time zone NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "group_links_token_hash_key" UNIQUE (token_hash),
  CONSTRAINT "uses_bounded" CHECK (((uses_left >= 1) AND (uses_left <= 1000))),
  "id"         uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "group_links_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."group_links"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_log" (
  "group_id"   uuid                     NOT NULL,
  "actor_id"   uuid,
  "action"     text                     NOT NULL,
  "target_id"  uuid,
  "details"    jsonb                    NOT NULL DEFAULT '{}'::jsonb,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "id"         uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "group_log_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."group_log"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."group_requests" (
  "group_id"   uuid                     NOT NULL,
  "user_id"    uuid                     NOT NULL,
  "message"    text,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "group_requests_pkey" PRIMARY KEY (group_id, user_id),
  CONSTRAINT "message_length" CHECK (((length(message) >= 1) AND (length(message) <= 500)))
);

ALTER TABLE "app_private"."group_requests"
  ENABLE ROW LEVEL SECURITY;

ALTER TYPE "public"."group_card" ADD ATTRIBUTE "my_status" text CASCADE;

CREATE OR REPLACE FUNCTION app_hidden.my_inviting_group_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 5
  SET search_path TO ''
  AS $function$
begin
  return query select i.group_id from app_private.group_invitations i where i.user_id = auth.uid() and i.expires_at > now();
end
$function$;

CREATE OR REPLACE FUNCTION app_private.add_member (
  p_group uuid,
  p_user  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_room_for_group(p_user);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  insert into public.group_members (group_id, user_id) values (p_group, p_user);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_calm_in_groups (
  p_what  text,
  p_actor uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if p_what = 'groups' and exists (
    select from public.groups g where g.created_by = p_actor and g.created_at > now() - interval '1 day' offset 19
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have founded 20 groups within a day.', 'Wait some hours.');
  elsif p_what = 'invitations' and exists (
    select from app_private.group_log l where l.actor_id = p_actor and l.action = 'invited' and l.created_at > now() - interval '1 day' offset 199
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have invited 200 people within a day.', 'Wait some hours, or make a link.');
  elsif p_what = 'joins' and (
    select count(*) from (
      (select from public.group_members m where m.user_id = p_actor and m.joined_at > now() - interval '1 hour' limit 100)
      union all
      (select from app_private.group_requests r where r.user_id = p_actor and r.created_at > now() - interval '1 hour' limit 100)
    ) x
  ) >= 100 then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have joined 100 groups within an hour.', 'Wait some minutes.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select g.visibility <> 'secret' or exists (
      select from public.group_members m where m.group_id = g.id and m.user_id = p_viewer
    ) or app_private.is_invited(g.id, p_viewer)
    from public.groups g where g.id = p_group
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.end_group (
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Secret and without members, it exists for nobody from here on, and neither does what is in it.
  update public.groups g set deleted_at = now(), visibility = 'secret', updated_at = now() where g.id = p_group and g.deleted_at is null;
  delete from app_private.group_links l where l.group_id = p_group;
  delete from app_private.group_requests r where r.group_id = p_group;
  delete from app_private.group_invitations i where i.group_id = p_group;
  delete from public.group_members m where m.group_id = p_group;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.export_sections()
  RETURNS TABLE (
    section  text,
    relation text,
    person   text,
    keys     text[],
    hidden   text[],
    covers   text[]
  )
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return query values
    ('account', $r$(select u.id, u.email, u.phone, u.email_confirmed_at, u.phone_confirmed_at, u.last_sign_in_at, u.created_at, u.updated_at,
        u.raw_user_meta_data as user_metadata, u.raw_app_meta_data as app_metadata from auth.users u)$r$,
      'id', '{id}'::text[], '{}'::text[], '{auth.users.id}'::text[]),
    ('identities', $r$(select i.user_id, i.provider, i.provider_id, i.identity_data, i.last_sign_in_at, i.created_at from auth.identities i)$r$,
      'user_id', '{provider,provider_id}', '{user_id}', '{auth.identities.user_id}'),
    ('sessions', $r$(select s.user_id, s.id, s.created_at, s.updated_at, s.user_agent, host(s.ip) as ip from auth.sessions s)$r$,
      'user_id', '{id}', '{user_id}', '{auth.sessions.user_id}'),
    ('profile', 'public.profiles', 'id', '{id}', '{}', '{public.profiles.id}'),
    ('settings', 'public.account_settings', 'user_id', '{user_id}', '{}', '{public.account_settings.user_id}'),
    ('counts', 'public.profile_counts', 'user_id', '{user_id}', '{}', '{public.profile_counts.user_id}'),
    ('former_usernames', 'app_private.former_usernames', 'user_id', '{username}', '{user_id}', '{app_private.former_usernames.user_id}'),
    ('verification_requests', 'public.verification_requests', 'user_id', '{created_at,id}', '{}', '{public.verification_requests.user_id}'),
    ('jobs', 'public.account_jobs', 'user_id', '{created_at,id}', '{user_id,file_path,attempts,last_error}', '{public.account_jobs.user_id}'),
    ('files', $r$(select coalesce(o.owner_id, o.owner::text) as user_id, o.bucket_id, o.name, o.metadata, o.created_at from storage.objects o)$r$,
      'user_id', '{bucket_id,name}', '{user_id}', '{storage.objects.owner,storage.objects.owner_id}'),
    ('following', $r$(select f.follower_id, f.followee_id as user_id, p.username, f.created_at
        from public.follows f join public.profiles p on p.id = f.followee_id)$r$,
      'follower_id', '{created_at,user_id}', '{follower_id}', '{public.follows.follower_id}'),
    ('followers', $r$(select f.followee_id, f.follower_id as user_id, p.username, f.created_at
        from public.follows f join public.profiles p on p.id = f.follower_id)$r$,
      'followee_id', '{created_at,user_id}', '{followee_id}', '{public.follows.followee_id}'),
    ('follow_requests_sent', $r$(select f.requester_id, f.target_id as user_id, p.username, f.created_at
        from public.follow_requests f join public.profiles p on p.id = f.target_id)$r$,
      'requester_id', '{created_at,user_id}', '{requester_id}', '{public.follow_requests.requester_id}'),
    ('follow_requests_received', $r$(select f.target_id, f.requester_id as user_id, p.username, f.created_at
        from public.follow_requests f join public.profiles p on p.id = f.requester_id)$r$,
      'target_id', '{created_at,user_id}', '{target_id}', '{public.follow_requests.target_id}'),
    ('blocked', $r$(select b.blocker_id, b.blocked_id as user_id, p.username, b.created_at
        from public.blocks b join public.profiles p on p.id = b.blocked_id)$r$,
      'blocker_id', '{created_at,user_id}', '{blocker_id}', '{public.blocks.blocker_id}'),
    ('muted', $r$(select m.muter_id, m.muted_id as user_id, p.username, m.until, m.created_at
        from public.mutes m join public.profiles p on p.id = m.muted_id)$r$,
      'muter_id', '{created_at,user_id}', '{muter_id}', '{public.mutes.muter_id}'),
    ('groups', $r$(select m.user_id, m.group_id, g.name, m.role, m.joined_at
        from public.group_members m join public.groups g on g.id = m.group_id)$r$,
      'user_id', '{joined_at,group_id}', '{user_id}', '{public.group_members.user_id}'),
    ('groups_founded', $r$(select g.created_by, g.id, g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules,
        g.member_cap, g.created_at, g.updated_at from public.groups g where g.deleted_at is null)$r$,
      'created_by', '{created_at,id}', '{created_by}', '{public.groups.created_by}'),
    ('group_requests', 'app_private.group_requests', 'user_id', '{created_at,group_id}', '{user_id}', '{app_private.group_requests.user_id}'),
    ('group_invitations_received', $r$(select i.user_id, i.group_id, g.name, i.created_at, i.expires_at
        from app_private.group_invitations i join public.groups g on g.id = i.group_id)$r$,
      'user_id', '{created_at,group_id}', '{user_id}', '{app_private.group_invitations.user_id}'),
    ('group_invitations_sent', $r$(select i.invited_by, i.group_id, i.user_id, p.username, i.created_at, i.expires_at
        from app_private.group_invitations i join public.profiles p on p.id = i.user_id)$r$,
      'invited_by', '{created_at,group_id,user_id}', '{invited_by}', '{app_private.group_invitations.invited_by}'),
    ('group_links', 'app_private.group_links', 'created_by', '{created_at,id}', '{created_by,token_hash}', '{app_private.group_links.created_by}'),
    ('group_bans_made', 'app_private.group_bans', 'banned_by', '{created_at,group_id,user_id}', '{banned_by}', '{app_private.group_bans.banned_by}'),
    ('group_log', 'app_private.group_log', 'actor_id', '{created_at,id}', '{actor_id}', '{app_private.group_log.actor_id}'),
    ('posts', 'public.posts', 'author_id', '{id}', '{}', '{public.posts.author_id}'),
    ('post_edits', $r$(select p.author_id, e.* from public.posts p join public.post_edits e on e.post_id = p.id)$r$,
      'author_id', '{post_id,replaced_at,id}', '{author_id}', '{}'),
    ('polls', $r$(select p.author_id, l.*, (select jsonb_agg(to_jsonb(o) - 'post_id' order by o.position) from public.poll_options o where o.post_id = l.post_id) as options
        from public.posts p join public.polls l on l.post_id = p.id)$r$,
      'author_id', '{post_id}', '{author_id}', '{}'),
    ('mentions_in_posts', 'public.post_mentions', 'user_id', '{post_id}', '{user_id}', '{public.post_mentions.user_id}'),
    ('likes', 'public.post_likes', 'user_id', '{created_at,post_id}', '{user_id}', '{public.post_likes.user_id}'),
    ('bookmarks', 'public.bookmarks', 'user_id', '{created_at,post_id}', '{user_id}', '{public.bookmarks.user_id}'),
    ('votes', 'public.poll_votes', 'user_id', '{post_id,position}', '{user_id}', '{public.poll_votes.user_id}'),
    ('comments', 'public.comments', 'author_id', '{created_at,id}', '{}', '{public.comments.author_id}'),
    ('mentions_in_comments', 'public.comment_mentions', 'user_id', '{comment_id}', '{user_id}', '{public.comment_mentions.user_id}'),
    ('comment_likes', 'public.comment_likes', 'user_id', '{comment_id}', '{user_id}', '{public.comment_likes.user_id}'),
    ('reports', 'public.reports', 'reporter_id', '{id}', '{excerpt,accused_id}', '{public.reports.reporter_id}'),
    ('wallet_accounts', 'ledger.accounts', 'owner', '{id}', '{}', '{ledger.accounts.owner}'),
    ('wallet_entries', $r$(select * from ledger.entries e where e.purpose = 'available')$r$,
      'owner', '{created_at,transfer_id,account_id,seq}', '{}', '{ledger.entries.owner}'),
    ('wallet_entries_of_held_money', $r$(select e.* from ledger.accounts a join ledger.entries e on e.account_id = a.id and e.owner = a.owner where a.purpose = 'pending')$r$,
      'owner', '{account_id,seq}', '{}', '{ledger.entries.owner}'),
    ('wallet_entries_waiting', $r$(select q.* from ledger.accounts a join ledger.queued_entries q on q.account_id = a.id and q.owner = a.owner)$r$,
      'owner', '{account_id,transfer_id}', '{}', '{ledger.queued_entries.owner}'),
    ('holds_given', 'ledger.holds', 'owner', '{created_at,id}', '{}', '{ledger.holds.owner}'),
    ('holds_received', 'ledger.holds', 'payee', '{created_at,id}', '{}', '{ledger.holds.payee}'),
    ('payment_requests_sent', 'ledger.payment_requests', 'requester', '{created_at,id}', '{}', '{ledger.payment_requests.requester}'),
    ('payment_requests_received', 'ledger.payment_requests', 'payer', '{created_at,id}', '{}', '{ledger.payment_requests.payer}'),
    -- The token pays out to a bank: it is for the provider alone.
    ('linked_accounts', 'ledger.linked_accounts', 'owner', '{id}', '{provider_token}', '{ledger.linked_accounts.owner}'),
    ('withdrawals', 'ledger.withdrawals', 'owner', '{created_at,id}', '{provider_reference,attempts,next_attempt_at,last_error}', '{ledger.withdrawals.owner}'),
    ('deposits', 'ledger.deposits', 'owner', '{created_at,id}', '{provider_reference,checkout}', '{ledger.deposits.owner}');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_no_invitation()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(404, 'groups.invitation_not_found', 'There is no such invitation.', 'It may have been withdrawn, or its 30 days are over.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_no_link()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(404, 'groups.link_invalid', 'This link lets nobody in.', 'It is wrong, used up, revoked or over. Ask for another one.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.find_link (
  p_token text,
  p_user  uuid
)
  RETURNS app_private.group_links
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.group_card (
  p_group uuid,
  p_at    timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_card public.group_card;
begin
  select g.id, g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules,
    app_private.members_count(g.id, g.member_cap), g.member_cap, app_private.role_in(g.id, v_me), g.created_at, g.updated_at,
    coalesce(p_at, g.created_at), null
  into v_card from public.groups g where g.id = p_group;
  v_card.my_status := case
    when v_card.my_role is not null then 'member'
    when app_private.is_invited(p_group, v_me) then 'invited'
    when exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = v_me) then 'requested'
    else 'none' end;
  return v_card;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hash_of_token (
  p_token text
)
  RETURNS bytea
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return sha256(convert_to(left(p_token, 200), 'utf8'));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.inherit_group (
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_heir uuid;
begin
  -- Whoever joins at this moment is waited for, and may inherit.
  perform from public.groups g where g.id = p_group and g.deleted_at is null for no key update;
  if not found or exists (select from public.group_members m where m.group_id = p_group and m.role = 'owner') then
    return;
  end if;
  loop
    -- Not who is just being removed or deleted, as long as there is somebody else: two accounts that are deleted at once would wait
    -- for each other.
    select m.user_id into v_heir from public.group_members m where m.group_id = p_group
    order by app_private.rank_of(m.role) desc, m.joined_at, m.user_id limit 1 for no key update skip locked;
    if not found then
      select m.user_id into v_heir from public.group_members m where m.group_id = p_group
      order by app_private.rank_of(m.role) desc, m.joined_at, m.user_id limit 1 for no key update;
    end if;
    if v_heir is null then
      exit when not exists (select from public.group_members m where m.group_id = p_group);
    else
      update public.group_members m set role = 'owner' where m.group_id = p_group and m.user_id = v_heir;
      perform app_private.note_in_log(p_group, 'owner_changed', v_heir);
      return;
    end if;
  end loop;
  perform app_private.end_group(p_group);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_banned (
  p_group uuid,
  p_user  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user and (b.until is null or b.until > now())
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_invited (
  p_group uuid,
  p_user  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user and i.expires_at > now()
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_target (
  p_actor  uuid,
  p_group  uuid,
  p_target uuid,
  p_action text,
  p_over   boolean DEFAULT true
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_role text;
  v_target_role text;
begin
  perform app_private.assert_may(p_actor, p_group, p_action);
  perform app_private.lock_membership(p_group, p_target);
  perform app_private.lock_group(p_actor, p_group);
  v_role := app_private.assert_may(p_actor, p_group, p_action);
  select m.role into v_target_role from public.group_members m
  where m.group_id = p_group and m.user_id = p_target for no key update;
  if p_over then
    perform app_private.assert_outranks(v_role, v_target_role);
  end if;
  return v_target_role;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.membership (
  p_group  uuid,
  p_user   uuid,
  p_status text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'status', p_status);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.name_card (
  p_viewer uuid,
  p_user   uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url)
    from public.profiles p where p.id = p_user and app_private.can_view_profile(p_viewer, p.id)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_in_log (
  p_group   uuid,
  p_action  text,
  p_target  uuid  DEFAULT NULL::uuid,
  p_details jsonb DEFAULT '{}'::jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.group_log (group_id, actor_id, action, target_id, details)
  values (p_group, app_private.acting_person(), p_action, p_target, p_details);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_inviters()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from app_private.group_invitations i using added a
  where (i.invited_by, i.user_id) in ((a.blocker_id, a.blocked_id), (a.blocked_id, a.blocker_id));
  return null;
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
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or stands in another group.');
  end if;
  return v_post;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_groups (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_limit int := least(greatest(p_limit, 1), 10000);
  v_count int := 0;
  v_rows int;
begin
  delete from app_private.group_links x where x.id in (
    select l.id from app_private.group_links l where l.expires_at <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_invitations x where (x.group_id, x.user_id) in (
    select i.group_id, i.user_id from app_private.group_invitations i where i.expires_at <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_bans x where (x.group_id, x.user_id) in (
    select b.group_id, b.user_id from app_private.group_bans b where b.until <= now() limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_log x where x.id in (
    select l.id from app_private.group_log l where l.created_at <= now() - interval '1 year' limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.purge_groups (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.take_use (
  p_link uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_ban()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op <> 'DELETE' then
    perform app_private.emit_event('group.banned', app_private.acting_person(),
      jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'until', new.until));
  elsif coalesce(old.until > now(), true) -- not of one that was over
    and exists (select from public.groups g where g.id = old.group_id and g.deleted_at is null)
    and exists (select from public.profiles p where p.id = old.user_id) then
    perform app_private.emit_event('group.unbanned', app_private.acting_person(),
      jsonb_build_object('group_id', old.group_id, 'user_id', old.user_id));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_invitation()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('group.invited', new.invited_by,
    jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'expires_at', new.expires_at));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_members()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'group.member_joined', coalesce(app_private.acting_person(), a.user_id),
      jsonb_build_object('group_id', a.group_id, 'user_id', a.user_id, 'role', a.role)
    from added a;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), case when app_private.acting_person() = g.user_id then 'group.member_left' else 'group.member_removed' end,
      app_private.acting_person(), jsonb_build_object('group_id', g.group_id, 'user_id', g.user_id, 'role', g.role)
    from gone g
    where exists (select from public.groups x where x.id = g.group_id and x.deleted_at is null)
      and exists (select from public.profiles p where p.id = g.user_id);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_request()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('group.join_requested', new.user_id, jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_group_role()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('group.role_changed', app_private.acting_person(),
    jsonb_build_object('group_id', new.group_id, 'user_id', new.user_id, 'old_role', old.role, 'role', new.role));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_groups()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_changed jsonb;
begin
  if tg_op = 'INSERT' then
    perform app_private.emit_event('group.created', new.created_by,
      jsonb_build_object('group_id', new.id, 'owner_id', new.created_by, 'visibility', new.visibility));
    return null;
  elsif new.deleted_at is not null then
    if old.deleted_at is null then
      perform app_private.emit_event('group.deleted', app_private.acting_person(), jsonb_build_object('group_id', new.id));
    end if;
    return null;
  end if;
  select jsonb_agg(n.key order by n.key) into v_changed
  from jsonb_each(to_jsonb(new) - 'updated_at') n where n.value is distinct from to_jsonb(old) -> n.key;
  if v_changed is not null and v_changed <> '["created_by"]' then
    perform app_private.emit_event('group.updated', app_private.acting_person(),
      jsonb_build_object('group_id', new.id, 'visibility', new.visibility, 'changed', v_changed));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.accept_group_invitation (
  p_group uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  if not app_private.is_invited(p_group, v_me) then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.lock_membership(p_group, v_me);
  perform from public.groups g where g.id = p_group for share;
  if not app_private.is_invited(p_group, v_me) then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.add_member(p_group, v_me);
  return app_private.membership(p_group, v_me, 'member');
end
$function$;

REVOKE ALL ON FUNCTION "public"."accept_group_invitation"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.approve_group_request (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if app_private.lock_target(auth.uid(), p_group, p_user, 'decide_requests', false) is null then
    if not exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user) then
      perform app_hidden.fail(404, 'groups.request_not_found', 'This person does not ask to join the group.', 'Take an id from GET groups/:id/requests.');
    end if;
    perform app_private.add_member(p_group, p_user);
    perform app_private.note_in_log(p_group, 'request_approved', p_user);
  end if;
  return app_private.membership(p_group, p_user, 'member');
end
$function$;

REVOKE ALL ON FUNCTION "public"."approve_group_request"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

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
    perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', 'Send `until` as a time to come, or none to ban for good.');
  elsif length(v_reason) > 500 then
    perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', 'Send `reason` of at most 500 characters.');
  end if;
  -- Also of who is no member, or hidden from the caller by a block: nobody keeps a group from closing its door.
  perform app_private.lock_target(v_me, p_group, p_user, 'ban');
  if not exists (select from public.profiles p where p.id = p_user) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id of a user.');
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

REVOKE ALL ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp WITH time zone, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.bans_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id        uuid,
    person    jsonb,
    banned_by jsonb,
    reason    text,
    until     timestamp with time zone,
    at        timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'ban');
  return query
  select b.user_id, app_private.name_card(v_me, b.user_id), app_private.name_card(v_me, b.banned_by), b.reason, b.until, b.created_at
  from app_private.group_bans b
  where b.group_id = p_group and (b.until is null or b.until > now())
    and (b.created_at, b.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by b.created_at desc, b.user_id desc limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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
    perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', 'Send `expires_at` as a time to come, within a year.');
  elsif not coalesce((p ->> 'max_uses')::numeric between 1 and 1000 and (p ->> 'max_uses')::numeric % 1 = 0, true) then
    perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', 'Send `max_uses` between 1 and 1,000, or none.');
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

REVOKE ALL ON FUNCTION "public"."create_group_link"(uuid, jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.decline_group_invitation (
  p_group uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.lock_membership(p_group, v_me);
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = v_me and i.expires_at > now();
  if not found then
    perform app_private.fail_no_invitation();
  end if;
  return app_private.membership(p_group, v_me, 'declined');
end
$function$;

REVOKE ALL ON FUNCTION "public"."decline_group_invitation"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.decline_group_request (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'decide_requests', false);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  if not found then
    perform app_hidden.fail(404, 'groups.request_not_found', 'This person does not ask to join the group.', 'Take an id from GET groups/:id/requests.');
  end if;
  perform app_private.note_in_log(p_group, 'request_declined', p_user);
  return app_private.membership(p_group, p_user, 'declined');
end
$function$;

REVOKE ALL ON FUNCTION "public"."decline_group_request"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.discover_groups (
  p_category  text                     DEFAULT NULL::text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.group_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_category text := nullif(lower(btrim(p_category) collate pg_catalog.pg_c_utf8), '');
  v_ids uuid[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  p_before_id := coalesce(p_before_id, '00000000-0000-0000-0000-000000000000');
  p_before := coalesce(p_before, 'infinity');
  p_limit := least(greatest(p_limit, 1), 101);
  if v_category is null then
    v_ids := array(
      select g.id from public.groups g
      where g.visibility <> 'secret' and (g.created_at, g.id) < (p_before, p_before_id)
        and not exists (select from public.group_members m where m.group_id = g.id and m.user_id = v_me)
      order by g.created_at desc, g.id desc limit p_limit);
  else
    v_ids := array(
      select g.id from public.groups g
      where g.visibility <> 'secret' and g.category = v_category and (g.created_at, g.id) < (p_before, p_before_id)
        and not exists (select from public.group_members m where m.group_id = g.id and m.user_id = v_me)
      order by g.created_at desc, g.id desc limit p_limit);
  end if;
  return query
  select c.* from unnest(v_ids) with ordinality u (id, n) cross join lateral app_private.group_card(u.id) c order by u.n;
end
$function$;

REVOKE ALL ON FUNCTION "public"."discover_groups"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.invitations_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    invited_by         jsonb,
    expires_at         timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'invite');
  return query
  select c.*, app_private.name_card(v_me, x.invited_by), x.expires_at
  from (
    select i.* from app_private.group_invitations i
    where i.group_id = p_group and i.expires_at > now() and i.user_id not in (select app_hidden.hidden_people())
      and (i.created_at, i.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by i.created_at desc, i.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x cross join lateral app_private.person_cards(v_me, array[x.user_id], array[x.created_at]) c
  order by x.created_at desc, x.user_id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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
    perform app_hidden.fail(403, 'groups.invitation_refused', 'This person does not let you invite them.', 'can_invite of users/:id says whom you may invite.');
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

REVOKE ALL ON FUNCTION "public"."invite_to_group"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

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
    perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', 'Send `message` of at most 500 characters.');
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

REVOKE ALL ON FUNCTION "public"."join_group"(uuid, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.leave_group (
  p_group uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_private.assert_group(v_me, p_group);
  perform app_private.lock_membership(p_group, v_me);
  perform app_private.lock_group(v_me, p_group);
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = v_me;
  delete from public.group_members m where m.group_id = p_group and m.user_id = v_me and m.role <> 'owner';
  if not found and app_private.role_in(p_group, v_me) = 'owner' then
    perform app_hidden.fail(409, 'groups.owner_must_stay', 'A group is never without its owner.',
      'Hand it over first (POST groups/:id/transfer), or delete it.');
  end if;
  return app_private.membership(p_group, v_me, 'none');
end
$function$;

CREATE OR REPLACE FUNCTION public.links_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id         uuid,
    created_by jsonb,
    uses_left  integer,
    expires_at timestamp with time zone,
    created_at timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

REVOKE ALL ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.log_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id         uuid,
    action     text,
    actor      jsonb,
    target     jsonb,
    details    jsonb,
    created_at timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'read_log');
  return query
  select l.id, l.action, app_private.name_card(v_me, l.actor_id), app_private.name_card(v_me, l.target_id), l.details, l.created_at
  from app_private.group_log l
  where l.group_id = p_group
    and (l.created_at, l.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by l.created_at desc, l.id desc limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.members_of_group (
  p_group     uuid,
  p_role      text                     DEFAULT NULL::text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    role               text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_ids uuid[];
  v_ats timestamptz[];
  v_roles text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_group(v_me, p_group);
  if not app_private.can_read_group(v_me, p_group) then
    perform app_private.assert_may(v_me, p_group, 'list_members');
  end if;
  select array_agg(x.user_id), array_agg(x.joined_at), array_agg(x.role) into v_ids, v_ats, v_roles from (
    select m.user_id, m.joined_at, m.role from public.group_members m
    where m.group_id = p_group and m.user_id <> all (v_hidden) and (p_role is null or m.role = p_role)
      and (m.joined_at, m.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.joined_at desc, m.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_roles[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$function$;

REVOKE ALL ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_group_invitations (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id         uuid,
    at         timestamp with time zone,
    expires_at timestamp with time zone,
    invited_by jsonb,
    "group"    public.group_card
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query
  select x.group_id, x.created_at, x.expires_at, app_private.name_card(v_me, x.invited_by), app_private.group_card(x.group_id)
  from (
    select i.* from app_private.group_invitations i
    where i.user_id = v_me and i.expires_at > now()
      and (i.created_at, i.group_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by i.created_at desc, i.group_id desc limit least(greatest(p_limit, 1), 101)
  ) x order by x.created_at desc, x.group_id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_group_invitations"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_groups (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.group_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query
  select c.* from (
    select m.group_id, m.joined_at from public.group_members m
    where m.user_id = auth.uid()
      and (m.joined_at, m.group_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.joined_at desc, m.group_id desc limit least(greatest(p_limit, 1), 101)
  ) x cross join lateral app_private.group_card(x.group_id, x.joined_at) c
  order by x.joined_at desc, x.group_id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_groups"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.pin_group_post (
  p_group  uuid,
  p_post   uuid,
  p_pinned boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts := app_private.post_in_group(auth.uid(), p_group, p_post);
begin
  if (v_post.pinned_at is not null) is distinct from p_pinned then
    update public.posts p set pinned_at = case when p_pinned then now() end where p.id = p_post;
    perform app_private.note_in_log(p_group, case when p_pinned then 'post_pinned' else 'post_unpinned' end, v_post.author_id,
      jsonb_build_object('post_id', p_post));
  end if;
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'pinned', coalesce(p_pinned, false));
end
$function$;

REVOKE ALL ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.preview_group_link (
  p_token text
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return app_private.group_card((app_private.find_link(p_token, auth.uid())).group_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."preview_group_link"(text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.redeem_group_link (
  p_token text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_link app_private.group_links := app_private.find_link(p_token, v_me);
begin
  perform app_private.lock_membership(v_link.group_id, v_me);
  perform from public.groups g where g.id = v_link.group_id for share;
  if app_private.role_in(v_link.group_id, v_me) is not null then
    return app_private.membership(v_link.group_id, v_me, 'member'); -- uses nothing up
  end if;
  perform app_private.assert_calm_in_groups('joins', v_me);
  if app_private.is_banned(v_link.group_id, v_me) or not app_private.take_use(v_link.id) then
    perform app_private.fail_no_link();
  end if;
  perform app_private.add_member(v_link.group_id, v_me);
  return app_private.membership(v_link.group_id, v_me, 'member');
end
$function$;

REVOKE ALL ON FUNCTION "public"."redeem_group_link"(text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.remove_group_member (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if app_private.lock_target(auth.uid(), p_group, p_user, 'remove_member') is null then
    perform app_private.fail_no_member();
  end if;
  delete from public.group_members m where m.group_id = p_group and m.user_id = p_user;
  perform app_private.note_in_log(p_group, 'member_removed', p_user);
  return app_private.membership(p_group, p_user, 'removed');
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
    perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', 'Send `reason` of at most 500 characters.');
  end if;
  v_post := app_private.post_in_group(auth.uid(), p_group, p_post);
  update public.posts p set status = 'removed' where p.id = p_post;
  perform app_private.note_in_log(p_group, 'post_removed', v_post.author_id, jsonb_build_object('post_id', p_post, 'reason', p_reason));
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'status', 'removed');
end
$function$;

REVOKE ALL ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.requests_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id                 uuid,
    username           text,
    full_name          text,
    avatar_url         text,
    is_verified        boolean,
    verification_level text,
    is_private         boolean,
    followed_by_me     boolean,
    follows_me         boolean,
    at                 timestamp with time zone,
    message            text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_ids uuid[];
  v_ats timestamptz[];
  v_messages text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'decide_requests');
  select array_agg(x.user_id), array_agg(x.created_at), array_agg(x.message) into v_ids, v_ats, v_messages from (
    select r.user_id, r.created_at, r.message from app_private.group_requests r
    where r.group_id = p_group and r.user_id <> all (v_hidden)
      and (r.created_at, r.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_messages[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$function$;

REVOKE ALL ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.revoke_group_link (
  p_group uuid,
  p_link  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_may(auth.uid(), p_group, 'manage_links');
  perform app_private.lock_group(auth.uid(), p_group);
  delete from app_private.group_links l where l.id = p_link and l.group_id = p_group;
  if not found then
    perform app_hidden.fail(404, 'groups.link_not_found', 'This group has no such link.', 'It may be used up. Take an id from GET groups/:id/links.');
  end if;
  perform app_private.note_in_log(p_group, 'link_revoked', null, jsonb_build_object('link_id', p_link));
  return jsonb_build_object('id', p_link, 'revoked', true);
end
$function$;

REVOKE ALL ON FUNCTION "public"."revoke_group_link"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.search_groups (
  p_query       text,
  p_limit       integer DEFAULT 20,
  p_before_rank real    DEFAULT NULL::real,
  p_before_id   uuid    DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id            uuid,
    name          text,
    description   text,
    visibility    text,
    category      text,
    avatar_url    text,
    cover_url     text,
    rules         text[],
    members_count integer,
    member_cap    integer,
    my_role       text,
    created_at    timestamp with time zone,
    updated_at    timestamp with time zone,
    at            timestamp with time zone,
    my_status     text,
    rank          real
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_query text := app_hidden.plain_name(btrim(left(p_query, 64)));
  v_part text := '%' || regexp_replace(v_query, '([\\%_])', '\\\1', 'g') || '%';
begin
  perform app_hidden.assert_cursor(case when p_before_rank is not null then now() end, p_before_id);
  if coalesce(v_query, '') = '' then
    return;
  end if;
  -- As in search_people: a slip in a short name is no more than one, and at most 500 of each kind are looked at.
  perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
  return query
  with found as materialized (
    (select g.id, g.name from public.groups g
      where g.visibility <> 'secret'
        and app_hidden.plain_name(g.name) ~>=~ v_query and app_hidden.plain_name(g.name) ~<~ (v_query || chr(1114111))
      order by app_hidden.plain_name(g.name) using ~<~ limit 500)
    union
    (select g.id, g.name from public.groups g
      where length(v_query) >= 3 and g.visibility <> 'secret'
        and (app_hidden.plain_name(g.name) like v_part or app_hidden.plain_name(g.name) operator(extensions.%>) v_query) limit 500)
    union
    (select g.id, g.name from public.group_members m join public.groups g on g.id = m.group_id
      where m.user_id = auth.uid() and app_hidden.plain_name(g.name) like v_part)
  ), ranked as (
    select f.id, (
      case when n.plain = v_query then 3 when starts_with(n.plain, v_query) then 2 when n.plain like v_part then 1 else 0 end
      + 0.4 * extensions.similarity(v_query, n.plain))::real as rank
    from found f cross join lateral (select app_hidden.plain_name(f.name)) n (plain)
  ), page as (
    select r.id, r.rank from ranked r
    where p_before_rank is null or (r.rank, r.id) < (p_before_rank, p_before_id)
    order by r.rank desc, r.id desc limit least(greatest(p_limit, 1), 101)
  )
  select c.*, p.rank from page p cross join lateral app_private.group_card(p.id) c order by p.rank desc, p.id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."search_groups"(text, integer, real, uuid) FROM PUBLIC, "service_role";

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
    perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.',
      'Send `role` as admin, moderator or member. The owner is changed by POST groups/:id/transfer.');
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

CREATE OR REPLACE FUNCTION public.transfer_group (
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
  perform app_private.assert_may(v_me, p_group, 'transfer');
  perform app_private.lock_membership(p_group, p_user);
  -- First down, then up: there is one owner at any moment that others see, and of two transfers the second finds none.
  update public.group_members m set role = 'admin' where m.group_id = p_group and m.user_id = v_me and m.role = 'owner';
  perform app_private.assert_may(v_me, p_group, case when found then 'post' else 'transfer' end);
  update public.group_members m set role = 'owner' where m.group_id = p_group and m.user_id = p_user;
  if not found then
    perform app_private.fail_no_member();
  end if;
  if p_user <> v_me then
    perform app_private.note_in_log(p_group, 'owner_changed', p_user);
  end if;
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'role', 'owner');
end
$function$;

CREATE OR REPLACE FUNCTION public.unban_from_group (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'ban', false);
  delete from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user;
  if found then
    perform app_private.note_in_log(p_group, 'unbanned', p_user);
  end if;
  return app_private.membership(p_group, p_user, 'none');
end
$function$;

REVOKE ALL ON FUNCTION "public"."unban_from_group"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.update_group (
  p_id uuid,
  p    jsonb
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  g public.groups;
  v_old public.groups;
  v_changed jsonb;
begin
  perform app_private.assert_may(v_me, p_id, 'update');
  select * into v_old from public.groups x where x.id = p_id for no key update;
  perform app_private.assert_may(v_me, p_id, 'update');
  if p ? 'visibility' or p ? 'member_cap' then
    perform app_private.assert_may(v_me, p_id, 'change_access');
  end if;
  g := app_private.group_of(p, v_old);
  select jsonb_agg(n.key order by n.key) into v_changed
  from jsonb_each(to_jsonb(g)) n where n.value is distinct from to_jsonb(v_old) -> n.key;
  if v_changed is null then
    return app_private.group_card(p_id);
  end if;
  update public.groups x set
    name = g.name, description = g.description, visibility = g.visibility, category = g.category, avatar_url = g.avatar_url,
    cover_url = g.cover_url, rules = g.rules, member_cap = g.member_cap, updated_at = now()
  where x.id = p_id;
  if g.visibility = 'secret' then
    delete from app_private.group_requests r where r.group_id = p_id; -- for who asked, it is not there any more
  end if;
  perform app_private.note_in_log(p_id, 'updated', null, jsonb_build_object('changed', v_changed));
  return app_private.group_card(p_id);
end
$function$;

CREATE OR REPLACE FUNCTION public.withdraw_group_invitation (
  p_group uuid,
  p_user  uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_target(auth.uid(), p_group, p_user, 'invite', false);
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  if not found then
    perform app_private.fail_no_invitation();
  end if;
  perform app_private.note_in_log(p_group, 'invitation_withdrawn', p_user);
  return app_private.membership(p_group, p_user, 'none');
end
$function$;

REVOKE ALL ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "app_private"."group_bans"
  ADD CONSTRAINT "group_bans_banned_by_fkey" FOREIGN KEY (banned_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."group_bans"
  ADD CONSTRAINT "group_bans_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_bans"
  ADD CONSTRAINT "group_bans_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_invitations"
  ADD CONSTRAINT "group_invitations_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_invitations"
  ADD CONSTRAINT "group_invitations_invited_by_fkey" FOREIGN KEY (invited_by) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_invitations"
  ADD CONSTRAINT "group_invitations_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_links"
  ADD CONSTRAINT "group_links_created_by_fkey" FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."group_links"
  ADD CONSTRAINT "group_links_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_log"
  ADD CONSTRAINT "group_log_actor_id_fkey" FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."group_log"
  ADD CONSTRAINT "group_log_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_log"
  ADD CONSTRAINT "group_log_target_id_fkey" FOREIGN KEY (target_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."group_requests"
  ADD CONSTRAINT "group_requests_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."group_requests"
  ADD CONSTRAINT "group_requests_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX group_bans_banned_by_idx ON app_private.group_bans USING btree (banned_by, created_at);

CREATE INDEX group_bans_latest_idx ON app_private.group_bans USING btree (group_id, created_at DESC, user_id DESC);

CREATE INDEX group_bans_until_idx ON app_private.group_bans USING btree (until)
  WHERE (until IS NOT NULL);

CREATE INDEX group_bans_user_id_idx ON app_private.group_bans USING btree (user_id);

CREATE INDEX group_invitations_expires_at_idx ON app_private.group_invitations USING btree (expires_at);

CREATE INDEX group_invitations_invited_by_idx ON app_private.group_invitations USING btree (invited_by, created_at);

CREATE INDEX group_invitations_latest_idx ON app_private.group_invitations USING btree (group_id, created_at DESC, user_id DESC);

CREATE INDEX group_invitations_user_idx ON app_private.group_invitations USING btree (user_id, created_at DESC, group_id DESC);

CREATE INDEX group_links_created_by_idx ON app_private.group_links USING btree (created_by, created_at);

CREATE INDEX group_links_expires_at_idx ON app_private.group_links USING btree (expires_at);

CREATE INDEX group_log_actor_idx ON app_private.group_log USING btree (actor_id, created_at);

CREATE INDEX group_log_created_at_idx ON app_private.group_log USING brin (created_at);

CREATE INDEX group_log_target_id_idx ON app_private.group_log USING btree (target_id);

CREATE INDEX group_requests_latest_idx ON app_private.group_requests USING btree (group_id, created_at DESC, user_id DESC);

CREATE INDEX group_requests_user_idx ON app_private.group_requests USING btree (user_id, created_at, group_id);

CREATE TRIGGER tell_ban
  AFTER INSERT OR DELETE OR UPDATE OF until, created_at ON app_private.group_bans
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_group_ban();

CREATE TRIGGER tell_invitation
  AFTER INSERT OR UPDATE OF expires_at ON app_private.group_invitations
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_group_invitation();

CREATE TRIGGER tell_request
  AFTER INSERT ON app_private.group_requests
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_group_request();

CREATE TRIGGER part_inviters
  AFTER INSERT ON public.blocks REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_inviters();

CREATE TRIGGER tell_members_gone
  AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_group_members();

CREATE TRIGGER tell_members_joined
  AFTER INSERT ON public.group_members REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_group_members();

CREATE TRIGGER tell_role
  AFTER UPDATE OF ROLE ON public.group_members
  FOR EACH ROW
  WHEN ((old.role <> new.role))
  EXECUTE FUNCTION app_private.tell_group_role();

CREATE TRIGGER tell_groups
  AFTER INSERT OR UPDATE ON public.groups
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_groups();

CREATE POLICY "people see all groups but secret ones of others" ON "public"."groups"
  FOR SELECT
  TO "authenticated"
  USING
    (((visibility <> 'secret'::text) OR (id IN ( SELECT app_hidden.my_group_ids() AS my_group_ids)) OR (id IN ( SELECT app_hidden.my_inviting_group_ids() AS
    my_inviting_group_ids))));

COMMENT ON FUNCTION "app_hidden"."my_inviting_group_ids"() IS 'The groups that ask me to come in.';

COMMENT ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) IS '429 rate_limit.exceeded for who founded (20 a day), joined (100 an hour) or invited into groups (200 a day) more than a person does.';

COMMENT ON FUNCTION "app_private"."can_view_group"(uuid, uuid) IS 'Whether a group exists for a viewer (null: nobody signed in): all do but the secret ones, which do for members and for who is invited. The policy of groups says the same of whoever is signed in.';

COMMENT ON FUNCTION "app_private"."fail_no_invitation"() IS '404 groups.invitation_not_found.';

COMMENT ON FUNCTION "app_private"."fail_no_link"() IS '404 groups.link_invalid.';

COMMENT ON FUNCTION "app_private"."find_link"(text, uuid) IS 'The link of a token, for who is not banned; else 404 groups.link_invalid, whatever the reason.';

COMMENT ON FUNCTION "app_private"."hash_of_token"(text) IS 'What is kept of the token of a link: 144 random bits need no salt.';

COMMENT ON FUNCTION "app_private"."is_banned"(uuid, uuid) IS 'Whether a group does not take somebody in.';

COMMENT ON FUNCTION "app_private"."is_invited"(uuid, uuid) IS 'Whether a group asks somebody to come in.';

COMMENT ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text, boolean) IS 'Locks what somebody is in a group, and gives it; null for who is no member. The actor may do this, and (p_over) stands above them. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "app_private"."membership"(uuid, uuid, text) IS 'What most of these functions answer: {group_id, user_id, status}.';

COMMENT ON FUNCTION "app_private"."name_card"(uuid, uuid) IS 'Somebody as {id, username, full_name, avatar_url}; null for who does not exist for the viewer.';

COMMENT ON FUNCTION "app_private"."note_in_log"(uuid, text, uuid, jsonb) IS 'Notes for the moderators of a group who did what to whom.';

COMMENT ON FUNCTION "app_private"."part_inviters"() IS 'Trigger on blocks: an invitation between the two is gone. What groups they share stays.';

COMMENT ON FUNCTION "app_private"."post_in_group"(uuid, uuid, uuid) IS 'A post of a group that the actor moderates. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "app_private"."prune_groups"(integer) IS 'Deletes up to p_limit each of links, invitations and bans that are over and of what is a year old in logs, and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."purge_groups"(integer) IS 'Takes up to p_limit posts of a deleted group away, or the group when none is left, and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."take_use"(uuid) IS 'Uses a link once, the last time by deleting it; false when there is no use left.';

COMMENT ON FUNCTION "app_private"."tell_group_ban"() IS 'Trigger on group_bans: group.banned, also with another end, and group.unbanned before its end.';

COMMENT ON FUNCTION "app_private"."tell_group_invitation"() IS 'Trigger on group_invitations: group.invited, also when one that was over is made anew.';

COMMENT ON FUNCTION "app_private"."tell_group_members"() IS 'Trigger on group_members: group.member_joined, group.member_left, group.member_removed.';

COMMENT ON FUNCTION "app_private"."tell_group_request"() IS 'Trigger on group_requests: group.join_requested.';

COMMENT ON FUNCTION "app_private"."tell_group_role"() IS 'Trigger on group_members: group.role_changed, also of an owner and an heir.';

COMMENT ON FUNCTION "app_private"."tell_groups"() IS 'Trigger on groups: group.created, group.updated with the names of what changed, group.deleted.';

COMMENT ON FUNCTION "public"."accept_group_invitation"(uuid) IS 'Comes into a group that invited the caller: {group_id, user_id, status: member}. 404 groups.invitation_not_found, 409 groups.full, 422 groups.limit_reached.';

COMMENT ON FUNCTION "public"."approve_group_request"(uuid, uuid) IS 'Takes somebody in who asked to: {group_id, user_id, status: member}, also when they are in already. 404 groups.not_found, groups.request_not_found, 403 groups.members_only, groups.not_allowed, 409 groups.full, 422 groups.limit_reached.';

COMMENT ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp with time zone, text) IS 'Keeps somebody of a lower role, or no member, out of a group until a time or (null) for good: {group_id, user_id, status: banned, until}. Done again, it replaces end and reason. 404 groups.not_found, users.not_found, 403 groups.members_only, groups.not_allowed, 422 groups.field_invalid.';

COMMENT ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'Whom a group keeps out, by whom, why and until when; at: since when; id: of the person, who is null where a block stands. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."create_group_link"(uuid, jsonb) IS 'Makes a link into a group, {expires_at (a week from now), max_uses (any number)}: {id, token, uses_left, expires_at, created_at}. The token is shown here and never again. 404 groups.not_found, 403 groups.members_only, groups.not_allowed, 422 groups.field_invalid, groups.too_many_links.';

COMMENT ON FUNCTION "public"."decline_group_invitation"(uuid) IS 'Declines an invitation of the caller: {group_id, user_id, status: declined}. 404 groups.invitation_not_found.';

COMMENT ON FUNCTION "public"."decline_group_request"(uuid, uuid) IS 'Declines a request to join, without telling: {group_id, user_id, status: declined}. 404 groups.not_found, groups.request_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."discover_groups"(text, integer, timestamp with time zone, uuid) IS 'Groups that I am not in and may find, of one category or of all; at: when they were founded. No secret one is among them.';

COMMENT ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'Whom a group asks to come in; at: since when. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."invite_to_group"(uuid, uuid) IS 'Asks somebody to come into a group, for 30 days: {group_id, user_id, status: invited, or member}; who asked to join is let in. 404 groups.not_found, users.not_found, 403 groups.members_only, groups.not_allowed, groups.invitation_refused, 409 follows.blocked, groups.person_banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."join_group"(uuid, text) IS 'Joins a public group or one that invited the caller, or asks a private one: {group_id, user_id, status: member or requested}. 404 groups.not_found, 403 groups.join_refused, 409 groups.full, 422 groups.limit_reached, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."leave_group"(uuid) IS 'Leaves a group, or takes back a request to join it: {group_id, user_id, status: none}. 404 groups.not_found, 409 groups.owner_must_stay.';

COMMENT ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'The links that let people into a group, without their tokens. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'What those who run a group did in it, the latest first, for its moderators: 403 groups.members_only, groups.not_allowed, 404 groups.not_found. actor and target are null for who is gone, or does not exist for the caller.';

COMMENT ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp with time zone, uuid) IS 'Who is in a group, of one role or of all; at: since when. Without those between whom and me a block stands. 404 groups.not_found, 403 groups.members_only.';

COMMENT ON FUNCTION "public"."my_group_invitations"(integer, timestamp with time zone, uuid) IS 'Groups that ask me to come in; id: of the group, at: since when.';

COMMENT ON FUNCTION "public"."my_groups"(integer, timestamp with time zone, uuid) IS 'The groups that I am a member of; at: since when.';

COMMENT ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) IS 'Pins a post in a group that the caller moderates, at most three, or takes the pin away: {group_id, post_id, pinned}. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed, 422 posts.too_many_pinned.';

COMMENT ON FUNCTION "public"."preview_group_link"(text) IS 'The group into which a link leads, before one comes in. 404 groups.link_invalid.';

COMMENT ON FUNCTION "public"."redeem_group_link"(text) IS 'Comes into a group by a link: {group_id, user_id, status: member}; a member uses nothing up. 404 groups.link_invalid, 409 groups.full, 422 groups.limit_reached, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) IS 'Takes a post out of a group that the caller moderates: {group_id, post_id, status: removed}. Its author sees that it was removed. 404 groups.not_found, posts.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp with time zone, uuid) IS 'Who asks to join a group, and with what words; at: since when. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."revoke_group_link"(uuid, uuid) IS 'Makes a link let nobody in any more: {id, revoked}. 404 groups.not_found, groups.link_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."search_groups"(text, integer, real, uuid) IS 'Groups by name, the best first: the very name, names that begin so, that have it in them, that resemble it, accents aside. Secret groups are found by their members alone. The next page begins after the rank and id of the last card.';

COMMENT ON FUNCTION "public"."unban_from_group"(uuid, uuid) IS 'Lifts a ban: {group_id, user_id, status: none}, also when there is none. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) IS 'Takes an invitation back: {group_id, user_id, status: none}. 404 groups.not_found, groups.invitation_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON TABLE "app_private"."group_bans" IS 'Whom a group does not take in, until a time or (null) for good. The banned see of the group what everybody outside sees.';

COMMENT ON TABLE "app_private"."group_invitations" IS 'Whom a group asks to come in; for them a secret group is there, too. Accepted, declined or withdrawn, it is gone.';

COMMENT ON TABLE "app_private"."group_links" IS 'Links that let whoever has one into a group. Only a hash of the token is kept: the link itself was shown once. uses_left: null for any number; with its last use the row is gone.';

COMMENT ON TABLE "app_private"."group_log" IS 'What those who run a group did in it: who, what, to whom, when. For its moderators, for a year.';

COMMENT ON TABLE "app_private"."group_requests" IS 'Who asks to be taken into a private group. Approved, they are a member; declined or taken back, it is gone.';

COMMENT ON TYPE "public"."group_card" IS 'A group as the caller sees it. my_role: what they are in it, null for who is no member; my_status: member, invited, requested or none. at: when what the list is ordered by happened.';

REVOKE ALL ON FUNCTION "app_hidden"."my_inviting_group_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_inviting_group_ids"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_inviting_group_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_inviting_group_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_no_invitation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_no_invitation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_no_invitation"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_no_link"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_no_link"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_no_link"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."find_link"(text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."find_link"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."find_link"(text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hash_of_token"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hash_of_token"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hash_of_token"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_banned"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_banned"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_banned"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_invited"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_invited"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_invited"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."membership"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."membership"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."membership"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."name_card"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."name_card"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."name_card"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_in_log"(uuid, text, uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_in_log"(uuid, text, uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_in_log"(uuid, text, uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_inviters"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_inviters"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_inviters"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."post_in_group"(uuid, uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."post_in_group"(uuid, uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."post_in_group"(uuid, uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_groups"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_groups"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_groups"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_groups"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."take_use"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."take_use"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."take_use"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_ban"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_ban"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_ban"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_invitation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_invitation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_invitation"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_members"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_members"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_members"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_request"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_request"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_request"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_group_role"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_group_role"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_group_role"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_groups"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_groups"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_groups"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."accept_group_invitation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."accept_group_invitation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."accept_group_invitation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."approve_group_request"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."approve_group_request"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."approve_group_request"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp WITH time zone, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp WITH time zone, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."ban_from_group"(uuid, uuid, timestamp WITH time zone, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."bans_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_group_link"(uuid, jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."create_group_link"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_group_link"(uuid, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_group_invitation"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."decline_group_invitation"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_group_invitation"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_group_request"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."decline_group_request"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_group_request"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."discover_groups"(text, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."discover_groups"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."discover_groups"(text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."invitations_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."invite_to_group"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."invite_to_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."invite_to_group"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."join_group"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."join_group"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."join_group"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."links_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."log_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."members_of_group"(uuid, text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_group_invitations"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_group_invitations"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_group_invitations"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_groups"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_groups"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_groups"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."pin_group_post"(uuid, uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."preview_group_link"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."preview_group_link"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."preview_group_link"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."redeem_group_link"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."redeem_group_link"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."redeem_group_link"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_group_post"(uuid, uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."requests_of_group"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."revoke_group_link"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."revoke_group_link"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."revoke_group_link"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_groups"(text, integer, real, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."search_groups"(text, integer, real, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_groups"(text, integer, real, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."unban_from_group"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."unban_from_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."unban_from_group"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."withdraw_group_invitation"(uuid, uuid) TO "postgres";

CREATE INDEX group_links_latest_idx ON app_private.group_links USING btree (group_id, created_at DESC, id DESC);

CREATE INDEX group_log_latest_idx ON app_private.group_log USING btree (group_id, created_at DESC, id DESC);

CREATE INDEX groups_name_prefix_idx ON public.groups USING btree (app_hidden.plain_name(name) text_pattern_ops)
  WHERE (visibility <> 'secret'::text);
