-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb);

CREATE TABLE "app_private"."group_seats" (
  "id"       bigint  GENERATED ALWAYS AS IDENTITY NOT NULL,
  "group_id" uuid    NOT NULL,
  "free"     integer NOT NULL,
  CONSTRAINT "group_seats_pkey" PRIMARY KEY (id),
  CONSTRAINT "nobody_takes_what_is_not_there" CHECK ((free >= 0))
);

ALTER TABLE "app_private"."group_seats"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."group_seats"
  SET (fillfactor=50);

CREATE TABLE "public"."group_members" (
  "group_id"  uuid                     NOT NULL,
  "user_id"   uuid                     NOT NULL,
  "role"      text                     NOT NULL DEFAULT 'member'::text,
  "joined_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "group_members_pkey" PRIMARY KEY (group_id, user_id),
  CONSTRAINT "role_known" CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'moderator'::text, 'member'::text])))
);

ALTER TABLE "public"."group_members"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."group_members" FROM "anon";

CREATE TABLE "public"."groups" (
  "name"        text                     NOT NULL,
  "description" text,
  "visibility"  text                     NOT NULL DEFAULT 'public'::text,
  "category"    text,
  "avatar_url"  text,
  "cover_url"   text,
  "rules"       text[]                   NOT NULL DEFAULT '{}'::text[],
  "member_cap"  integer                  NOT NULL DEFAULT 5000,
  "created_by"  uuid,
  "deleted_at"  timestamp with time zone,
  "created_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"  timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "avatar_url_shape" CHECK (((avatar_url ~ '^https?://'::text) AND (length(avatar_url) <= 2048))),
  CONSTRAINT "category_length" CHECK (((length(category) >= 1) AND (length(category) <= 50))),
  CONSTRAINT "cover_url_shape" CHECK (((cover_url ~ '^https?://'::text) AND (length(cover_url) <= 2048))),
  CONSTRAINT "description_length" CHECK ((length(description) <= 2000)),
  CONSTRAINT "member_cap_bounded" CHECK (((member_cap >= 1) AND (member_cap <= 20000))),
  CONSTRAINT "name_length" CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  CONSTRAINT "nobody_finds_what_is_deleted" CHECK (((deleted_at IS NULL) OR (visibility = 'secret'::text))),
  CONSTRAINT "rules_bounded" CHECK (((cardinality(rules) <= 20) AND (length((rules)::text) <= 12000))),
  CONSTRAINT "visibility_known" CHECK ((visibility = ANY (ARRAY['public'::text, 'private'::text, 'secret'::text]))),
  "id"          uuid                     NOT NULL DEFAULT app_hidden.new_id(),
  CONSTRAINT "groups_pkey" PRIMARY KEY (id)
);

ALTER TABLE "public"."groups"
  ENABLE ROW LEVEL SECURITY;

CREATE TYPE "public"."group_card" AS (
  "id"            uuid,
  "name"          text,
  "description"   text,
  "visibility"    text,
  "category"      text,
  "avatar_url"    text,
  "cover_url"     text,
  "rules"         text[],
  "members_count" integer,
  "member_cap"    integer,
  "my_role"       text,
  "created_at"    timestamp WITH time zone,
  "updated_at"    timestamp WITH time zone,
  "at"            timestamp WITH time zone
);

CREATE OR REPLACE FUNCTION app_hidden.assert_fields (
  p         jsonb,
  p_allowed jsonb,
  p_code    text  DEFAULT 'posts.field_invalid'::text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hint text;
begin
  if p is null or jsonb_typeof(p) <> 'object' then
    v_hint := 'Send one JSON object.';
  else
    select case
      when not p_allowed ? f.key then format('%L is no field; known are: %s.', left(f.key, 60), (select string_agg(k, ', ') from jsonb_object_keys(p_allowed) k))
      else format('Send `%s` as %s.', f.key, case p_allowed ->> f.key
        when 'time' then 'an ISO 8601 time with a time zone, such as 2030-01-31T12:00:00Z'
        when 'uuid' then 'a UUID'
        when 'strings' then 'an array of strings'
        else 'JSON of type ' || (p_allowed ->> f.key) end)
      end into v_hint
    from jsonb_each(p) f
    where not p_allowed ? f.key
      or (f.value <> 'null' and not app_hidden.is_of_kind(f.value, p_allowed ->> f.key))
    limit 1;
  end if;
  if v_hint is not null then
    perform app_hidden.fail(422, p_code, 'There is no such field, or it has no such value.', v_hint);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_group_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 20
  SET search_path TO ''
  AS $function$
begin
  return query select m.group_id from public.group_members m where m.user_id = auth.uid();
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
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if not app_private.can_view_group(p_viewer, p_group) then
    perform app_hidden.fail(404, 'groups.not_found', 'There is no such group.', 'It may have been deleted, or is not shown to you.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may (
  p_actor  uuid,
  p_group  uuid,
  p_action text
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_role text;
begin
  perform app_private.assert_group(p_actor, p_group);
  v_role := app_private.role_in(p_group, p_actor);
  if v_role is null then
    perform app_hidden.fail(403, 'groups.members_only', 'Only members of this group may do this.', 'Join it first: POST groups/:id/join.');
  elsif app_private.rank_of(v_role) < app_private.rank_of(app_private.least_role_for(p_action)) then
    perform app_hidden.fail(403, 'groups.not_allowed', format('Your role in this group, %s, does not let you do this.', v_role),
      format('It takes the role %s at least.', app_private.least_role_for(p_action)));
  end if;
  return v_role;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_outranks (
  p_role        text,
  p_target_role text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if app_private.rank_of(p_role) <= app_private.rank_of(p_target_role) then
    perform app_hidden.fail(403, 'groups.not_allowed', format('Your role in this group, %s, has no say over this person.', p_role),
      'Members are removed, banned and given roles by who has a higher role than theirs, now and afterwards.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_owned()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_group uuid := case tg_table_name when 'groups' then to_jsonb(new) ->> 'id' else to_jsonb(old) ->> 'group_id' end;
begin
  if exists (select from public.groups g where g.id = v_group and g.deleted_at is null)
    and not exists (select from public.group_members m where m.group_id = v_group and m.role = 'owner') then
    raise check_violation using message = format('group %s has no owner', v_group), hint = 'make somebody its owner in the same transaction';
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_room_for_group (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if exists (select from public.group_members m where m.user_id = p_user offset 999) then
    perform app_hidden.fail(422, 'groups.limit_reached', 'Nobody is a member of more than 1,000 groups.', 'Leave another group first.');
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
    )
    from public.groups g where g.id = p_group
  ), false);
end
$function$;

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
    perform app_hidden.fail(422, 'groups.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', v_limit));
  end if;
  return g;
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

CREATE OR REPLACE FUNCTION app_private.fail_no_member()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(404, 'groups.member_not_found', 'This group has no such member.', 'Take an id from GET groups/:id/members.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.follow_departures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_gone record;
begin
  -- First all heirs, then all seats, and each in one order: the order of locks that lock_membership tells of.
  for v_gone in
    select g.group_id from gone g join public.groups x on x.id = g.group_id and x.deleted_at is null
    where g.role = 'owner' order by g.group_id
  loop
    perform app_private.inherit_group(v_gone.group_id);
  end loop;
  for v_gone in
    select g.group_id, count(*)::int as seats from gone g join public.groups x on x.id = g.group_id and x.deleted_at is null
    group by g.group_id order by g.group_id
  loop
    perform app_private.return_seats(v_gone.group_id, v_gone.seats);
  end loop;
  return null;
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
  v_card public.group_card;
begin
  select g.id, g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules,
    app_private.members_count(g.id, g.member_cap), g.member_cap, app_private.role_in(g.id, auth.uid()), g.created_at, g.updated_at,
    coalesce(p_at, g.created_at)
  into v_card from public.groups g where g.id = p_group;
  return v_card;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.group_of (
  p     jsonb,
  p_old public.groups
)
  RETURNS public.groups
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  g public.groups := p_old;
begin
  perform app_hidden.assert_fields(p, '{"name": "string", "description": "string", "visibility": "string", "category": "string",
    "avatar_url": "string", "cover_url": "string", "rules": "strings", "member_cap": "number"}', 'groups.field_invalid');
  if p ? 'name' then g.name := p ->> 'name'; end if;
  if p ? 'description' then g.description := p ->> 'description'; end if;
  if p ? 'visibility' then g.visibility := p ->> 'visibility'; end if;
  if p ? 'category' then g.category := p ->> 'category'; end if;
  if p ? 'avatar_url' then g.avatar_url := p ->> 'avatar_url'; end if;
  if p ? 'cover_url' then g.cover_url := p ->> 'cover_url'; end if;
  if p ? 'rules' then g.rules := array(select jsonb_array_elements_text(coalesce(nullif(p -> 'rules', 'null'), '[]'))); end if;
  if p ? 'member_cap' then
    g.member_cap := case when (p ->> 'member_cap')::numeric between 1 and 20000 and (p ->> 'member_cap')::numeric % 1 = 0
      then (p ->> 'member_cap')::numeric::int end;
  end if;
  return app_private.clean_group(g);
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
      return;
    end if;
  end loop;
  perform app_private.end_group(p_group);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_seats()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_left int;
begin
  if tg_op = 'DELETE' then
    delete from app_private.group_seats s where s.group_id = old.id;
  elsif tg_op = 'INSERT' then
    insert into app_private.group_seats (group_id, free) values (new.id, new.member_cap);
  elsif new.member_cap > old.member_cap then
    perform app_private.return_seats(new.id, new.member_cap - old.member_cap);
  else
    -- Whoever joins at this moment is waited for, and then all seats are one row again.
    perform from app_private.group_seats s where s.group_id = new.id order by s.id for no key update;
    select coalesce(sum(s.free), 0) + new.member_cap - old.member_cap into v_left
    from app_private.group_seats s where s.group_id = new.id;
    if v_left < 0 then
      perform app_hidden.fail(409, 'groups.cap_too_low', 'This group has more members than that.', 'Send a `member_cap` of at least `members_count`.');
    end if;
    delete from app_private.group_seats s where s.group_id = new.id;
    insert into app_private.group_seats (group_id, free) values (new.id, v_left);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.least_role_for (
  p_action text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case p_action
    when 'delete' then 'owner'
    when 'transfer' then 'owner'
    when 'change_access' then 'owner'
    when 'update' then 'admin'
    when 'set_role' then 'admin'
    when 'manage_links' then 'admin'
    when 'remove_member' then 'moderator'
    when 'ban' then 'moderator'
    when 'decide_requests' then 'moderator'
    when 'invite' then 'moderator'
    when 'moderate_posts' then 'moderator'
    when 'read_log' then 'moderator'
    when 'post' then 'member'
    when 'list_members' then 'member'
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS public.groups
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_group public.groups;
begin
  -- Seen first, so that nobody waits for what does not exist for them.
  perform app_private.assert_group(p_viewer, p_group);
  select * into v_group from public.groups g where g.id = p_group for share;
  perform app_private.assert_group(p_viewer, p_group);
  return v_group;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_membership (
  p_group uuid,
  p_user  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Before anything else is held: who is being deleted holds the profile, and wants what this would hold.
  perform from public.profiles p where p.id = p_user for key share;
  perform pg_advisory_xact_lock(hashtextextended(format('group %s member %s', p_group, p_user), 0));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_target (
  p_actor  uuid,
  p_group  uuid,
  p_target uuid,
  p_action text
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
  v_role := app_private.assert_may(p_actor, p_group, p_action);
  select m.role into v_target_role from public.group_members m
  where m.group_id = p_group and m.user_id = p_target for no key update;
  perform app_private.assert_outranks(v_role, v_target_role);
  return v_target_role;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.members_count (
  p_group uuid,
  p_cap   integer
)
  RETURNS integer
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return p_cap - coalesce((select sum(s.free) from app_private.group_seats s where s.group_id = p_group), 0)::int;
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
  v_count int;
begin
  with gone as (
    select g.id from public.groups g where g.deleted_at is not null
    order by g.deleted_at limit least(greatest(p_limit, 1), 100) for update skip locked
  )
  delete from public.groups g using gone where g.id = gone.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.rank_of (
  p_role text
)
  RETURNS integer
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case p_role when 'owner' then 4 when 'admin' then 3 when 'moderator' then 2 when 'member' then 1 else 0 end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.return_seats (
  p_group uuid,
  p_seats integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Never waits, so that an account that leaves many groups at once cannot end in a deadlock.
  update app_private.group_seats s set free = s.free + p_seats
  where s.id = (
    select f.id from app_private.group_seats f where f.group_id = p_group limit 1 for no key update skip locked
  );
  if not found then
    insert into app_private.group_seats (group_id, free) values (p_group, p_seats);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.role_in (
  p_group uuid,
  p_user  uuid
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select m.role from public.group_members m where m.group_id = p_group and m.user_id = p_user);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.seat_member()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.take_seat(new.group_id);
  return null;
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
  update app_private.group_seats s set free = s.free - 1
  where s.id = (
    select f.id from app_private.group_seats f where f.group_id = p_group and f.free > 0
    limit 1 for no key update skip locked
  );
  if found then
    return;
  end if;
  -- Whoever holds the others takes from them or puts back: one by chance, so that not all wait for the same.
  select s.id, s.free into v_seat, v_free from app_private.group_seats s
  where s.group_id = p_group and s.free > 0 order by random() limit 1 for no key update;
  if not found then
    -- The last ones. Everybody who is at them is waited for, and what they leave is seen by the next statement.
    perform from app_private.group_seats s where s.group_id = p_group order by s.id for no key update;
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

CREATE OR REPLACE FUNCTION public.create_group (
  p jsonb
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  g public.groups;
begin
  g.visibility := 'public';
  g.rules := '{}';
  g.member_cap := 5000;
  g := app_private.group_of(p, g);
  perform app_private.assert_calm_in_groups('groups', v_me);
  perform app_private.assert_room_for_group(v_me);
  insert into public.groups (name, description, visibility, category, avatar_url, cover_url, rules, member_cap, created_by)
  values (g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules, g.member_cap, v_me)
  returning id into g.id;
  insert into public.group_members (group_id, user_id, role) values (g.id, v_me, 'owner');
  return app_private.group_card(g.id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."create_group"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.delete_group (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  if not app_private.can_view_group(v_me, p_id) then
    return false;
  end if;
  perform app_private.assert_may(v_me, p_id, 'delete');
  -- The owner's row before the group's, as who deletes the account of the owner has it.
  perform from public.group_members m where m.group_id = p_id and m.user_id = v_me and m.role = 'owner' for update;
  perform from public.groups g where g.id = p_id for update;
  perform app_private.assert_may(v_me, p_id, 'delete');
  perform app_private.end_group(p_id);
  return true;
end
$function$;

REVOKE ALL ON FUNCTION "public"."delete_group"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.group_page (
  p_group uuid
)
  RETURNS public.group_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_group(auth.uid(), p_group);
  return app_private.group_card(p_group);
end
$function$;

REVOKE ALL ON FUNCTION "public"."group_page"(uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.join_group (
  p_group uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_group public.groups;
begin
  perform app_private.lock_membership(p_group, v_me);
  v_group := app_private.lock_group(v_me, p_group);
  if app_private.role_in(p_group, v_me) is not null then
    return jsonb_build_object('group_id', p_group, 'status', 'member');
  end if;
  if v_group.visibility <> 'public' then
    perform app_hidden.fail(403, 'groups.join_refused', 'This group does not take you in.', 'Ask one of its moderators.');
  end if;
  perform app_private.add_member(p_group, v_me);
  return jsonb_build_object('group_id', p_group, 'status', 'member');
end
$function$;

REVOKE ALL ON FUNCTION "public"."join_group"(uuid) FROM PUBLIC, "anon", "service_role";

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
  delete from public.group_members m where m.group_id = p_group and m.user_id = v_me and m.role <> 'owner';
  if not found and app_private.role_in(p_group, v_me) = 'owner' then
    perform app_hidden.fail(409, 'groups.owner_must_stay', 'A group is never without its owner.',
      'Hand it over first (POST groups/:id/transfer), or delete it.');
  end if;
  return jsonb_build_object('group_id', p_group, 'status', 'none');
end
$function$;

REVOKE ALL ON FUNCTION "public"."leave_group"(uuid) FROM PUBLIC, "anon", "service_role";

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
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'status', 'removed');
end
$function$;

REVOKE ALL ON FUNCTION "public"."remove_group_member"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

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
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'role', p_role);
end
$function$;

REVOKE ALL ON FUNCTION "public"."set_group_role"(uuid, uuid, text) FROM PUBLIC, "anon", "service_role";

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
  return jsonb_build_object('group_id', p_group, 'user_id', p_user, 'role', 'owner');
end
$function$;

REVOKE ALL ON FUNCTION "public"."transfer_group"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

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
begin
  perform app_private.assert_may(v_me, p_id, 'update');
  select * into g from public.groups x where x.id = p_id for no key update;
  perform app_private.assert_may(v_me, p_id, 'update');
  if p ? 'visibility' or p ? 'member_cap' then
    perform app_private.assert_may(v_me, p_id, 'change_access');
  end if;
  g := app_private.group_of(p, g);
  update public.groups x set
    name = g.name, description = g.description, visibility = g.visibility, category = g.category, avatar_url = g.avatar_url,
    cover_url = g.cover_url, rules = g.rules, member_cap = g.member_cap, updated_at = now()
  where x.id = p_id;
  return app_private.group_card(p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."update_group"(uuid, jsonb) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "public"."group_members"
  ADD CONSTRAINT "group_members_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."groups"
  ADD CONSTRAINT "groups_created_by_fkey" FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

CREATE INDEX group_seats_group_id_idx ON app_private.group_seats USING btree (group_id);

CREATE INDEX group_members_latest_idx ON public.group_members USING btree (group_id, joined_at DESC, user_id DESC);

CREATE UNIQUE INDEX group_members_owner_idx ON public.group_members USING btree (group_id)
  WHERE (ROLE = 'owner'::text);

CREATE INDEX group_members_staff_idx ON public.group_members USING btree (group_id, ROLE, joined_at, user_id)
  WHERE (ROLE <> 'member'::text);

CREATE INDEX group_members_user_idx ON public.group_members USING btree (user_id, joined_at DESC, group_id DESC);

CREATE INDEX groups_created_by_idx ON public.groups USING btree (created_by, created_at);

CREATE INDEX groups_deleted_idx ON public.groups USING btree (deleted_at)
  WHERE (deleted_at IS NOT NULL);

CREATE CONSTRAINT TRIGGER assert_owned
  AFTER DELETE OR UPDATE OF ROLE ON public.group_members DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  WHEN ((old.role = 'owner'::text))
  EXECUTE FUNCTION app_private.assert_owned();

CREATE TRIGGER follow_departures
  AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.follow_departures();

CREATE TRIGGER seat_member
  AFTER INSERT ON public.group_members
  FOR EACH ROW
  EXECUTE FUNCTION app_private.seat_member();

CREATE CONSTRAINT TRIGGER assert_owned
  AFTER INSERT OR UPDATE OF deleted_at ON public.groups DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION app_private.assert_owned();

CREATE TRIGGER keep_seats
  AFTER INSERT OR DELETE OR UPDATE OF member_cap ON public.groups
  FOR EACH ROW
  EXECUTE FUNCTION app_private.keep_seats();

CREATE POLICY "everybody sees groups that are not secret" ON "public"."groups"
  FOR SELECT
  TO "anon"
  USING ((visibility <> 'secret'::text));

COMMENT ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) IS 'Refuses an argument with unknown keys or values of another kind (422 and the code): p_allowed says the kind of each, see is_of_kind. null is of every kind.';

COMMENT ON FUNCTION "app_hidden"."my_group_ids"() IS 'The groups that I am a member of. None for who is not signed in.';

COMMENT ON FUNCTION "app_private"."add_member"(uuid, uuid) IS 'Makes somebody a member whose membership and whose group the caller has locked. 409 groups.full, 422 groups.limit_reached.';

COMMENT ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) IS '429 rate_limit.exceeded for who founded more groups (20 a day) than a person does.';

COMMENT ON FUNCTION "app_private"."assert_group"(uuid, uuid) IS '404 groups.not_found for a group that does not exist for a viewer: never, not any more, or because it is secret, all in the same words.';

COMMENT ON FUNCTION "app_private"."assert_may"(uuid, uuid, text) IS 'The role of the actor in the group, where it lets them do this. 404 groups.not_found, 403 groups.members_only, 403 groups.not_allowed.';

COMMENT ON FUNCTION "app_private"."assert_outranks"(text, text) IS 'Refuses (403 groups.not_allowed) who does not stand above the target.';

COMMENT ON FUNCTION "app_private"."assert_owned"() IS 'Trigger on groups and group_members, at the commit: a group is never without its owner, whoever writes.';

COMMENT ON FUNCTION "app_private"."assert_room_for_group"(uuid) IS '422 groups.limit_reached for who is in 1,000 groups: policies read them all.';

COMMENT ON FUNCTION "app_private"."can_view_group"(uuid, uuid) IS 'Whether a group exists for a viewer (null: nobody signed in): all do but the secret ones, which do for members. The policy of groups says the same of whoever is signed in.';

COMMENT ON FUNCTION "app_private"."clean_group"(public.groups) IS 'The fields of a group without space around them; 422 groups.field_invalid says which of them takes what.';

COMMENT ON FUNCTION "app_private"."end_group"(uuid) IS 'Deletes a group for everybody; the worker takes away what was in it (purge_groups).';

COMMENT ON FUNCTION "app_private"."fail_no_member"() IS '404 groups.member_not_found.';

COMMENT ON FUNCTION "app_private"."follow_departures"() IS 'Trigger on group_members: an heir for groups whose owner went, and free seats.';

COMMENT ON FUNCTION "app_private"."group_card"(uuid, timestamp with time zone) IS 'The card of a group for whoever is signed in. Whether they may see it is for the caller to know.';

COMMENT ON FUNCTION "app_private"."group_of"(jsonb, public.groups) IS 'A group with what a request names changed. 422 groups.field_invalid.';

COMMENT ON FUNCTION "app_private"."inherit_group"(uuid) IS 'Gives a group without an owner to the member of the highest role, of these to who joined first; without members it is deleted.';

COMMENT ON FUNCTION "app_private"."keep_seats"() IS 'Trigger on groups: as many seats as member_cap says. 409 groups.cap_too_low for fewer than are taken.';

COMMENT ON FUNCTION "app_private"."least_role_for"(text) IS 'The lowest role that may do something in a group.';

COMMENT ON FUNCTION "app_private"."lock_group"(uuid, uuid) IS 'The group, as it will stay until the end of the transaction: its visibility does not change and its owner does not go meanwhile. 404 groups.not_found.';

COMMENT ON FUNCTION "app_private"."lock_membership"(uuid, uuid) IS 'Locks what somebody is in a group, to the end of the transaction.';

COMMENT ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text) IS 'Locks a member over whom the actor has a say, and gives their role; null for who is no member. 404 groups.not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "app_private"."members_count"(uuid, integer) IS 'How many members a group with this cap has: exactly as many as it has rows of members.';

COMMENT ON FUNCTION "app_private"."purge_groups"(integer) IS 'Takes away up to p_limit deleted groups, and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."rank_of"(text) IS 'owner 4, admin 3, moderator 2, member 1, nobody (null) 0: who stands higher may do what those below may.';

COMMENT ON FUNCTION "app_private"."return_seats"(uuid, integer) IS 'Gives seats back to a group, to a row that nobody holds or to a new one.';

COMMENT ON FUNCTION "app_private"."role_in"(uuid, uuid) IS 'What somebody is in a group; null for who is no member.';

COMMENT ON FUNCTION "app_private"."seat_member"() IS 'Trigger on group_members: a seat for each new member, whoever writes the row.';

COMMENT ON FUNCTION "app_private"."take_seat"(uuid) IS 'Takes a free seat of a group; 409 groups.full when there is none.';

COMMENT ON FUNCTION "public"."create_group"(jsonb) IS 'Founds a group with the caller as its owner: {name, description, visibility, category, avatar_url, cover_url, rules, member_cap}, all optional but the name. 422 groups.field_invalid, 429 rate_limit.exceeded, 422 groups.limit_reached.';

COMMENT ON FUNCTION "public"."delete_group"(uuid) IS 'Deletes a group of the caller, who must be its owner (403 groups.not_allowed), with all that is in it; false when there is none.';

COMMENT ON FUNCTION "public"."group_page"(uuid) IS 'One group. 404 groups.not_found.';

COMMENT ON FUNCTION "public"."join_group"(uuid) IS 'Joins a group: {group_id, status: member}, also for who is a member already. 404 groups.not_found, 403 groups.join_refused, 409 groups.full, 422 groups.limit_reached.';

COMMENT ON FUNCTION "public"."leave_group"(uuid) IS 'Leaves a group: {group_id, status: none}. 404 groups.not_found, 409 groups.owner_must_stay.';

COMMENT ON FUNCTION "public"."remove_group_member"(uuid, uuid) IS 'Takes somebody of a lower role out of a group: {group_id, user_id, status: removed}. They may come again, unlike who is banned. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."set_group_role"(uuid, uuid, text) IS 'Makes a member of a lower role admin, moderator or member, below the caller''s own: {group_id, user_id, role}. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."transfer_group"(uuid, uuid) IS 'Makes another member the owner and the caller an admin: {group_id, user_id, role: owner}. 404 groups.not_found, groups.member_not_found, 403 groups.members_only, groups.not_allowed.';

COMMENT ON FUNCTION "public"."update_group"(uuid, jsonb) IS 'Changes what p names of a group, as create_group; visibility and member_cap are the owner''s. 404 groups.not_found, 403 groups.not_allowed, 409 groups.cap_too_low.';

COMMENT ON TABLE "app_private"."group_seats" IS 'Free seats of groups: member_cap less the sum of these is how many members a group has.';

COMMENT ON TABLE "public"."group_members" IS 'Who is in which group, and as what. Each group has one owner, until it is deleted.';

COMMENT ON TABLE "public"."groups" IS 'Groups of people. public: everybody reads its posts and may join; private: everybody sees that it is there, and joins when approved; secret: does not exist for who is neither a member nor invited. deleted_at: without members, and gone when the worker has taken its posts away.';

COMMENT ON TYPE "public"."group_card" IS 'A group as the caller sees it. my_role: what they are in it, null for who is no member. at: when what the list is ordered by happened.';

REVOKE ALL ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."my_group_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_group_ids"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_group_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_group_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."add_member"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."add_member"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."add_member"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_calm_in_groups"(text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_outranks"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_outranks"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_outranks"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_owned"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_owned"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_owned"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_group"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_room_for_group"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."clean_group"(public.groups) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."clean_group"(public.groups) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."clean_group"(public.groups) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."end_group"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."end_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."end_group"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_no_member"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_no_member"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_no_member"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."follow_departures"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."follow_departures"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."follow_departures"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."group_card"(uuid, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."group_card"(uuid, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."group_card"(uuid, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."group_of"(jsonb, public.groups) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."group_of"(jsonb, public.groups) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."group_of"(jsonb, public.groups) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."inherit_group"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."inherit_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."inherit_group"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_seats"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_seats"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_seats"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."least_role_for"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."least_role_for"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."least_role_for"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_membership"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_membership"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_membership"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_target"(uuid, uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."members_count"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."members_count"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."members_count"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."purge_groups"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."purge_groups"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."purge_groups"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."purge_groups"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."rank_of"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."rank_of"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."rank_of"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."return_seats"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."return_seats"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."return_seats"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."role_in"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."role_in"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."role_in"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."seat_member"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."seat_member"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."seat_member"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."take_seat"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."take_seat"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."take_seat"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_group"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."create_group"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_group"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_group"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."delete_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_group"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."group_page"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."group_page"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."group_page"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."join_group"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."join_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."join_group"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."leave_group"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."leave_group"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."leave_group"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_group_member"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_group_member"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_group_member"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_group_role"(uuid, uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."set_group_role"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_group_role"(uuid, uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."transfer_group"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."transfer_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."transfer_group"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."update_group"(uuid, jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."update_group"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."update_group"(uuid, jsonb) TO "postgres";

REVOKE ALL ON TABLE "public"."group_members" FROM "authenticated";

GRANT SELECT ON TABLE "public"."group_members" TO "authenticated";

REVOKE ALL ON TABLE "public"."group_members" FROM "service_role";

GRANT SELECT ON TABLE "public"."group_members" TO "service_role";

REVOKE ALL ON TABLE "public"."groups" FROM "anon";

REVOKE ALL ("avatar_url") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("avatar_url") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("category") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("category") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("cover_url") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("cover_url") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("created_at") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("created_at") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("description") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("description") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("member_cap") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("member_cap") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("name") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("name") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("rules") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("rules") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("updated_at") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("updated_at") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("visibility") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("visibility") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ON TABLE "public"."groups" FROM "authenticated";

REVOKE ALL ("avatar_url") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("avatar_url") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("category") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("category") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("cover_url") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("cover_url") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("description") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("description") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("member_cap") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("member_cap") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("name") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("name") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("rules") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("rules") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("updated_at") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("updated_at") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ("visibility") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("visibility") ON TABLE "public"."groups" TO "authenticated";

REVOKE ALL ON TABLE "public"."groups" FROM "service_role";

GRANT SELECT ON TABLE "public"."groups" TO "service_role";

ALTER TABLE "public"."group_members"
  ADD CONSTRAINT "group_members_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;

CREATE INDEX groups_category_idx ON public.groups USING btree (category, created_at DESC, id DESC)
  WHERE (visibility <> 'secret'::text);

CREATE INDEX groups_latest_idx ON public.groups USING btree (created_at DESC, id DESC)
  WHERE (visibility <> 'secret'::text);

CREATE POLICY "people see who is in their groups and in public ones, but nobod" ON "public"."group_members"
  FOR SELECT
  TO "authenticated"
  USING (((NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND ((group_id IN ( SELECT app_hidden.my_group_ids() AS my_group_ids)) OR (EXISTS ( SELECT
   FROM public.groups g
  WHERE ((g.id = group_members.group_id) AND (g.visibility = 'public'::text)))))));

CREATE POLICY "people see all groups but secret ones of others" ON "public"."groups"
  FOR SELECT
  TO "authenticated"
  USING (((visibility <> 'secret'::text) OR (id IN ( SELECT app_hidden.my_group_ids() AS my_group_ids))));

REVOKE ALL ("id") ON TABLE "public"."groups" FROM "anon";

GRANT SELECT ("id") ON TABLE "public"."groups" TO "anon";

REVOKE ALL ("id") ON TABLE "public"."groups" FROM "authenticated";

GRANT SELECT ("id") ON TABLE "public"."groups" TO "authenticated";

CREATE INDEX groups_name_trgm_idx ON public.groups USING gin (app_hidden.plain_name(name) extensions.gin_trgm_ops)
  WHERE (visibility <> 'secret'::text);
