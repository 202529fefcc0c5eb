-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE TABLE "app_private"."notification_deliveries" (
  "notification_id" uuid                     NOT NULL,
  "channel"         text                     NOT NULL,
  "target_id"       uuid                     NOT NULL,
  "seq"             bigint                   NOT NULL,
  "sent_seq"        bigint                   NOT NULL DEFAULT 0,
  "sent_at"         timestamp with time zone,
  "attempts"        integer                  NOT NULL DEFAULT 0,
  "next_attempt_at" timestamp with time zone NOT NULL DEFAULT now(),
  "last_error"      text,
  CONSTRAINT "notification_deliveries_channel_check" CHECK ((channel = ANY (ARRAY['push'::text, 'webhook'::text]))),
  CONSTRAINT "notification_deliveries_notification_id_target_id_key" UNIQUE (notification_id, target_id),
  "id"              uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "notification_deliveries_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."notification_deliveries"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."notification_deliveries"
  SET (fillfactor=80);

CREATE TABLE "app_private"."notification_digests" (
  "user_id"    uuid                     NOT NULL,
  "due_at"     timestamp with time zone,
  "again_at"   timestamp with time zone,
  "from_seq"   bigint                   NOT NULL DEFAULT 0,
  "to_seq"     bigint,
  "attempts"   integer                  NOT NULL DEFAULT 0,
  "last_error" text,
  CONSTRAINT "notification_digests_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "app_private"."notification_digests"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_webhooks" (
  "user_id"         uuid                     NOT NULL,
  "url"             text                     NOT NULL,
  "secret"          text                     NOT NULL,
  "failures"        integer                  NOT NULL DEFAULT 0,
  "disabled_at"     timestamp with time zone,
  "disabled_reason" text,
  "created_at"      timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "notification_webhooks_user_id_url_key" UNIQUE (user_id, url),
  "id"              uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "notification_webhooks_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."notification_webhooks"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."push_subscriptions" (
  "user_id"    uuid                     NOT NULL,
  "endpoint"   text                     NOT NULL,
  "p256dh"     text                     NOT NULL,
  "auth"       text                     NOT NULL,
  "user_agent" text,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "push_subscriptions_endpoint_key" UNIQUE (endpoint),
  "id"         uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "push_subscriptions_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."push_subscriptions"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."notification_rules"
  ADD COLUMN "push_again_after" interval NOT NULL DEFAULT '00:00:30'::interval;

ALTER TABLE "app_private"."notification_rules"
  ADD COLUMN "digest_after" interval NOT NULL DEFAULT '00:15:00'::interval;

ALTER TABLE "app_private"."notification_states"
  ADD COLUMN "told_at" timestamp WITH time zone NOT NULL DEFAULT now();

ALTER TABLE "app_private"."notification_states"
  ADD COLUMN "marks" bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION app_private.assert_target_url (
  p_url text
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  -- Where it really leads is looked at by the worker, at each message. Plain http is for a stack on one's own machine.
  if (p_url ~ '^(https://|http://(127[.]0[.]0[.]1|localhost)[:/])[^\s@]+$' and length(p_url) <= 2048) is not true then
    perform app_hidden.fail(422, 'notifications.url_invalid', 'Messages do not go to this address.', 'Send an https:// address of at most 2048 characters, without a name and a password.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_deliveries (
  p_channel text,
  p_limit   integer,
  p_lease   interval
)
  RETURNS TABLE (
    id              uuid,
    attempts        integer,
    seq             bigint,
    notification_id uuid,
    target          jsonb,
    card            jsonb
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select d.id from app_private.notification_deliveries d
    where d.channel = p_channel and d.sent_seq < d.seq and d.next_attempt_at <= now()
    order by d.next_attempt_at limit least(greatest(p_limit, 1), 100)
    for update skip locked
  ), claimed as (
    update app_private.notification_deliveries d set attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + p_lease
    from due where d.id = due.id
    returning d.*
  )
  select c.id, c.attempts, n.seq, n.id, t.target, case when t.target is not null then app_private.sendable(n, p_channel) end
  from claimed c join public.notifications n on n.id = c.notification_id
  left join lateral (
    select jsonb_build_object('id', s.id, 'url', s.endpoint, 'p256dh', s.p256dh, 'auth', s.auth) as target
    from app_private.push_subscriptions s where p_channel = 'push' and s.id = c.target_id
    union all
    select jsonb_build_object('id', w.id, 'url', w.url, 'secret', w.secret)
    from app_private.notification_webhooks w where p_channel = 'webhook' and w.id = c.target_id and w.disabled_at is null
  ) t on true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_digests (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    user_id  uuid,
    attempts integer,
    to_seq   bigint,
    email    text,
    name     text,
    cards    jsonb,
    more     integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  g app_private.notification_digests;
  v_email text;
  v_rows public.notifications[];
begin
  for g in
    select * from app_private.notification_digests x where x.due_at <= now()
    order by x.due_at limit least(greatest(p_limit, 1), 50) for update skip locked
  loop
    g.to_seq := coalesce(g.to_seq, (select s.last_seq from app_private.notification_states s where s.user_id = g.user_id), 0);
    v_rows := app_private.digest_rows(g.user_id, g.from_seq, g.to_seq);
    select u.email into v_email from auth.users u where u.id = g.user_id and u.email_confirmed_at is not null;
    update app_private.notification_digests x
    set to_seq = g.to_seq, attempts = x.attempts + 1, due_at = clock_timestamp() + p_lease
    where x.user_id = g.user_id returning x.attempts into g.attempts;
    if v_rows = '{}' or v_email is null then
      perform app_private.finish_digest(g.user_id, g.attempts, null);
      continue;
    end if;
    return query
    select g.user_id, g.attempts, g.to_seq, v_email, coalesce(p.full_name, p.username::text),
      (select jsonb_agg(to_jsonb(c) order by c.seq desc) from app_private.notification_cards(v_rows[1:20]) c), greatest(cardinality(v_rows) - 20, 0)
    from public.profiles p where p.id = g.user_id;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.digest_rows (
  p_user uuid,
  p_from bigint,
  p_to   bigint
)
  RETURNS public.notifications[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_settings jsonb := (select s.notification_settings from public.account_settings s where s.user_id = p_user);
  v_quiet uuid[] := app_private.quiet_people(p_user);
begin
  return array(
    select n from public.notifications n
    where n.user_id = p_user and n.seq > p_from and n.seq <= p_to and app_hidden.wants_notification(v_settings, n.kind, 'email')
      and app_private.when_read(n) is null and app_private.is_notification_shown(n, v_quiet)
    order by n.seq desc limit 500);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.drop_delivery_target (
  p_channel text,
  p_target  uuid,
  p_reason  text
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if p_channel = 'push' then
    delete from app_private.push_subscriptions s where s.id = p_target;
  else
    update app_private.notification_webhooks w set disabled_at = now(), disabled_reason = left(p_reason, 200) where w.id = p_target;
  end if;
  delete from app_private.notification_deliveries d where d.target_id = p_target;
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
    ('conversations', $r$(select m.user_id, m.conversation_id, c.kind, c.group_id, p.id as with_user_id, p.username as with_username, m.state,
        m.last_read_seq, m.is_muted, m.muted_until, m.archived_at, m.joined_at, coalesce(c.opened_by = m.user_id, false) as opened_by_me
        from public.conversation_members m join public.conversations c on c.id = m.conversation_id
        left join public.profiles p on p.id = case c.low_id when m.user_id then c.high_id else c.low_id end)$r$,
      'user_id', '{conversation_id}', '{user_id}', '{public.conversation_members.user_id,public.conversations.low_id,public.conversations.high_id,public.conversations.opened_by}'),
    -- Without those whose time is over and that the worker has still to come to.
    ('messages', $r$(select x.* from public.messages x where x.expires_at is null or x.expires_at > now())$r$,
      'sender_id', '{created_at,id}', '{request_hash}', '{public.messages.sender_id}'),
    ('message_reactions', $r$(select r.user_id, x.id as message_id, r.conversation_id, r.seq, r.emoji, r.created_at
        from public.message_reactions r join public.messages x on x.conversation_id = r.conversation_id and x.seq = r.seq)$r$,
      'user_id', '{created_at,conversation_id,seq}', '{user_id}', '{public.message_reactions.user_id}'),
    ('messages_deleted_for_oneself', 'public.message_hides', 'user_id', '{conversation_id,seq}', '{user_id}', '{public.message_hides.user_id}'),
    ('notifications', 'public.notifications', 'user_id', '{seq}', '{user_id,in_app,group_key}', '{public.notifications.user_id}'),
    ('push_subscriptions', 'app_private.push_subscriptions', 'user_id', '{created_at,id}', '{user_id,auth}', '{app_private.push_subscriptions.user_id}'),
    ('notification_webhooks', 'app_private.notification_webhooks', 'user_id', '{url}', '{user_id,secret}', '{app_private.notification_webhooks.user_id}'),
    ('notices', 'app_private.notices', 'user_id', '{created_at,id}', '{user_id,done_to,done_at}', '{app_private.notices.user_id}'),
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

CREATE OR REPLACE FUNCTION app_private.finish_delivery (
  p_id       uuid,
  p_attempts integer,
  p_seq      bigint,
  p_error    text    DEFAULT NULL::text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  d app_private.notification_deliveries;
begin
  update app_private.notification_deliveries x
  set sent_seq = greatest(x.sent_seq, p_seq), sent_at = clock_timestamp(), attempts = 0, last_error = left(p_error, 500),
    next_attempt_at = clock_timestamp() + (select r.push_again_after from app_private.notification_rules r)
  where x.id = p_id and x.attempts = p_attempts
  returning * into d;
  if not found then
    return false;
  end if;
  if d.channel = 'webhook' then
    update app_private.notification_webhooks w
    set failures = case when p_error is null then 0 else w.failures + 1 end,
      disabled_at = case when p_error is not null and w.failures + 1 >= 10 then now() end,
      disabled_reason = case when p_error is not null and w.failures + 1 >= 10 then left(p_error, 200) end
    where w.id = d.target_id and w.disabled_at is null and (p_error is not null or w.failures > 0);
  end if;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_digest (
  p_user     uuid,
  p_attempts integer,
  p_error    text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.notification_digests g
  set from_seq = g.to_seq, to_seq = null, due_at = g.again_at, again_at = null, attempts = 0, last_error = left(p_error, 500)
  where g.user_id = p_user and g.attempts = p_attempts and g.to_seq is not null;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_notification_shown (
  n       public.notifications,
  p_quiet uuid[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if n.has_actors and n.more_actors = 0 and not app_private.is_told_anyway(n.kind) and not exists (
    select from app_private.notification_actors a
    where a.notification_id = n.id and not a.is_gone and app_private.is_actor_shown(n, a.actor_id, p_quiet)
  ) then
    return false;
  end if;
  return n.subject_type is distinct from 'comment' or exists (
    select from public.comments c where c.id = n.subject_id and c.deleted_at is null);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.notification_heads (
  p_users    uuid[],
  p_sessions uuid[]
)
  RETURNS TABLE (
    user_id    uuid,
    session_id uuid,
    last_seq   bigint,
    marks      bigint,
    is_alive   boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select w.user_id, w.session_id, coalesce(s.last_seq, 0), coalesce(s.marks, 0),
    exists (
      select from auth.sessions x join auth.users u on u.id = x.user_id
      where x.id = w.session_id and x.user_id = w.user_id and (x.not_after is null or x.not_after > now())
        and (u.banned_until is null or u.banned_until <= now()))
  from unnest(p_users, p_sessions) w (user_id, session_id)
  left join app_private.notification_states s on s.user_id = w.user_id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.queue_channels (
  p_notification uuid,
  p_user         uuid,
  p_kind         text,
  p_seq          bigint,
  p_channels     text[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_rules app_private.notification_rules;
  v_is_urgent boolean := app_hidden.notification_category(p_kind) = 'security';
  v_quiet timestamptz;
  v_again interval;
begin
  select * into v_rules from app_private.notification_rules;
  if not v_is_urgent then
    v_quiet := app_private.quiet_until((select s.notification_settings from public.account_settings s where s.user_id = p_user), now());
  end if;
  v_again := case when p_kind in ('message', 'message_request') then least(interval '3 seconds', v_rules.push_again_after) else v_rules.push_again_after end;
  insert into app_private.notification_deliveries as d (notification_id, channel, target_id, seq, next_attempt_at)
  select p_notification, t.channel, t.id, p_seq, case when t.channel = 'push' then greatest(now(), v_quiet) else now() end
  from (
    select 'push' as channel, s.id from app_private.push_subscriptions s where s.user_id = p_user and 'push' = any (p_channels)
    union all
    select 'webhook', w.id from app_private.notification_webhooks w where w.user_id = p_user and w.disabled_at is null and 'webhook' = any (p_channels)
  ) t
  -- Of what waits, or is on its way, the time stays: what is added goes with it, or after it.
  on conflict (notification_id, target_id) do update set seq = excluded.seq,
    attempts = case when d.sent_seq < d.seq then d.attempts else 0 end,
    next_attempt_at = case when d.sent_seq < d.seq then d.next_attempt_at
      else greatest(excluded.next_attempt_at, d.sent_at + case when d.channel = 'push' then v_again else interval '1 second' end) end;
  if 'email' = any (p_channels) then
    insert into app_private.notification_digests as g (user_id, due_at)
    values (p_user, case when v_is_urgent then now() else greatest(now() + v_rules.digest_after, v_quiet) end)
    on conflict (user_id) do update set
      due_at = case when g.to_seq is null then least(g.due_at, excluded.due_at) else g.due_at end,
      again_at = case when g.to_seq is not null then least(g.again_at, excluded.due_at) end;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.quiet_until (
  p_settings jsonb,
  p_now      timestamp with time zone
)
  RETURNS timestamp WITH time zone
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  q jsonb := nullif(p_settings -> 'quiet_hours', 'null');
  v_zone text := q ->> 'time_zone';
  v_local timestamp;
  v_from time := q ->> 'from';
  v_to time := q ->> 'to';
begin
  if q is null then
    return null;
  end if;
  v_local := p_now at time zone v_zone;
  if v_from < v_to then
    return case when v_local::time >= v_from and v_local::time < v_to then (v_local::date + v_to) at time zone v_zone end;
  elsif v_local::time >= v_from then
    return (v_local::date + 1 + v_to) at time zone v_zone;
  elsif v_local::time < v_to then
    return (v_local::date + v_to) at time zone v_zone;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.raise_notification (
  p_user         uuid,
  p_kind         text,
  p_group_key    text,
  p_subject_type text,
  p_subject_id   uuid,
  p_actors       uuid[],
  p_ats          timestamp with time zone[],
  p_data         jsonb,
  p_total        numeric,
  p_events       integer,
  p_at           timestamp with time zone
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_channels text[] := app_private.channels_of(p_user, p_kind);
  v_rules app_private.notification_rules;
  v_open public.notifications;
  v_seq bigint;
  v_new uuid[];
begin
  if v_channels = '{}' then
    return 0;
  end if;
  select * into v_rules from app_private.notification_rules;
  insert into app_private.notification_states (user_id) values (p_user) on conflict (user_id) do nothing;
  perform from app_private.notification_states s where s.user_id = p_user for no key update;

  select * into v_open from public.notifications n
  where n.user_id = p_user and n.group_key = p_group_key order by n.seq desc limit 1;
  if v_open.read_at is not null and v_open.created_at < now() - v_rules.group_for then
    v_open := null;
  end if;
  if v_open.id is not null and app_private.is_once_each(p_kind) then
    update app_private.notification_actors a set is_gone = false where a.notification_id = v_open.id and a.actor_id = any (p_actors) and a.is_gone;
    v_new := array(
      select x from unnest(p_actors) x
      where not exists (select from app_private.notification_actors a where a.notification_id = v_open.id and a.actor_id = x));
    if v_new = '{}' then
      return 0;
    end if;
    p_events := cardinality(v_new);
  end if;

  update app_private.notification_states s set last_seq = s.last_seq + 1 where s.user_id = p_user returning s.last_seq into v_seq;
  if p_total is not null then
    p_data := p_data || jsonb_build_object('total_minor', (p_total + coalesce((v_open.data ->> 'total_minor')::numeric, 0))::text);
  end if;
  if v_open.id is null then
    insert into public.notifications (user_id, seq, kind, group_key, subject_type, subject_id, data, has_actors, events_count, in_app, updated_at)
    values (p_user, v_seq, p_kind, p_group_key, p_subject_type, p_subject_id, p_data, p_actors is not null, p_events, 'in_app' = any (v_channels), p_at)
    returning * into v_open;
  else
    update public.notifications n
    set seq = v_seq, kind = p_kind, subject_type = p_subject_type, subject_id = p_subject_id, data = p_data,
      has_actors = n.has_actors or p_actors is not null, events_count = n.events_count + p_events,
      in_app = 'in_app' = any (v_channels), read_at = null, updated_at = p_at
    where n.id = v_open.id;
  end if;
  perform app_private.add_actors(v_open.id, p_actors, p_ats);
  perform app_private.queue_channels(v_open.id, p_user, p_kind, v_seq, v_channels);
  if v_seq % 50 = 0 then
    perform app_private.trim_notifications(p_user, v_rules.keep_per_person);
  end if;
  return 1;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.retry_delivery (
  p_id       uuid,
  p_attempts integer,
  p_error    text,
  p_retry_in interval
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.notification_deliveries d set last_error = left(p_error, 500), next_attempt_at = clock_timestamp() + p_retry_in
  where d.id = p_id and d.attempts = p_attempts and d.sent_seq < d.seq;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.retry_digest (
  p_user     uuid,
  p_attempts integer,
  p_error    text,
  p_retry_in interval
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.notification_digests g set last_error = left(p_error, 500), due_at = clock_timestamp() + p_retry_in
  where g.user_id = p_user and g.attempts = p_attempts and g.to_seq is not null;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sendable (
  n         public.notifications,
  p_channel text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if app_private.when_read(n) is not null or not (p_channel = any (app_private.channels_of(n.user_id, n.kind)))
    or not app_private.is_notification_shown(n, app_private.quiet_people(n.user_id))
    -- Who was away for a day has a list to look at.
    or (p_channel = 'push' and n.updated_at < now() - interval '1 day') then
    return null;
  end if;
  return (select to_jsonb(c) from app_private.notification_cards(array[n]) c);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shown_notifications (
  p_user uuid
)
  RETURNS SETOF public.notifications
  LANGUAGE plpgsql
  STABLE
  ROWS 100
  SET search_path TO ''
  AS $function$
declare
  v_quiet uuid[] := app_private.quiet_people(p_user);
  n public.notifications;
begin
  for n in select * from public.notifications x where x.user_id = p_user and x.in_app order by x.seq desc limit 1000 loop
    continue when not app_private.is_notification_shown(n, v_quiet);
    n.read_at := app_private.when_read(n);
    return next n;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_marked (
  p_user uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_counts jsonb := app_private.counts_of(p_user);
begin
  update app_private.notification_states s set marks = s.marks + 1 where s.user_id = p_user;
  perform realtime.send(v_counts, 'notifications_marked', app_private.topic_of_notifications(p_user), true);
  return v_counts;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_notifications (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  s app_private.notification_states;
  v_count int := 0;
  v_rows public.notifications[];
begin
  for s in
    select * from app_private.notification_states x where x.told_seq < x.last_seq
    order by x.told_at limit least(greatest(p_limit, 1), 50) -- each message takes a subtransaction, see app_private.broadcast_wallet
    for no key update skip locked
  loop
    v_rows := array(select n from app_private.shown_notifications(s.user_id) n where n.seq > s.told_seq order by n.seq limit 20);
    if v_rows <> '{}' then
      perform realtime.send(
        jsonb_build_object(
          'notifications', (select jsonb_agg(to_jsonb(c) order by c.seq) from app_private.notification_cards(v_rows) c),
          'after_seq', s.told_seq, 'more', cardinality(v_rows) = 20, 'counts', app_private.counts_of(s.user_id)),
        'notifications_added', app_private.topic_of_notifications(s.user_id), true);
    end if;
    update app_private.notification_states x set told_seq = s.last_seq, told_at = clock_timestamp() where x.user_id = s.user_id;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.when_read (
  n public.notifications
)
  RETURNS timestamp WITH time zone
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if n.read_at is null and n.kind in ('message', 'message_request') then
    return (
      select n.updated_at from public.conversation_members m
      where m.user_id = n.user_id and m.conversation_id = n.subject_id and m.last_read_seq >= (n.data ->> 'seq')::bigint);
  end if;
  return n.read_at;
end
$function$;

CREATE OR REPLACE FUNCTION public.add_notification_webhook (
  p_url text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  w app_private.notification_webhooks;
begin
  perform app_private.assert_target_url(p_url);
  perform pg_advisory_xact_lock(hashtextextended('notifications.webhooks ' || v_me, 0));
  if (select count(*) from app_private.notification_webhooks x where x.user_id = v_me and x.url <> p_url) >= 5 then
    perform app_hidden.fail(422, 'notifications.too_many_webhooks', 'Nobody has more than five webhooks.', 'Remove one first.');
  end if;
  insert into app_private.notification_webhooks (user_id, url, secret)
  values (v_me, p_url, 'whsec_' || encode(extensions.gen_random_bytes(32), 'base64'))
  on conflict (user_id, url) do update set secret = excluded.secret, failures = 0, disabled_at = null, disabled_reason = null
  returning * into w;
  return jsonb_build_object('id', w.id, 'url', w.url, 'secret', w.secret, 'created_at', w.created_at);
end
$function$;

REVOKE ALL ON FUNCTION "public"."add_notification_webhook"(text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.add_push_subscription (
  p jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  s app_private.push_subscriptions;
begin
  perform app_hidden.assert_fields(p, '{"endpoint": "string", "expirationTime": "number", "keys": "object", "user_agent": "string"}', 'notifications.field_invalid');
  perform app_private.assert_target_url(p ->> 'endpoint');
  -- A point of the curve P-256, 65 bytes, and 16 bytes of secret, as RFC 8291 says.
  if ((p -> 'keys' ->> 'p256dh') ~ '^[A-Za-z0-9_-]{87}=?$' and (p -> 'keys' ->> 'auth') ~ '^[A-Za-z0-9_-]{22}(==)?$') is not true then
    perform app_hidden.fail(422, 'notifications.keys_invalid', 'These are not the keys of a push subscription.', 'Send what `PushSubscription.toJSON()` gives.');
  end if;
  insert into app_private.push_subscriptions as x (user_id, endpoint, p256dh, auth, user_agent)
  values (v_me, p ->> 'endpoint', p -> 'keys' ->> 'p256dh', p -> 'keys' ->> 'auth', left(p ->> 'user_agent', 300))
  on conflict (endpoint) do update set user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth,
    user_agent = excluded.user_agent, created_at = case when x.user_id = excluded.user_id then x.created_at else now() end
  returning * into s;
  -- What is still to be sent there was for who had the device before.
  delete from app_private.notification_deliveries d using public.notifications n
  where d.target_id = s.id and n.id = d.notification_id and n.user_id <> v_me;
  delete from app_private.push_subscriptions o
  where o.user_id = v_me and o.id in (
    select y.id from app_private.push_subscriptions y where y.user_id = v_me order by y.created_at desc, y.id desc offset 20);
  return jsonb_build_object('id', s.id, 'endpoint', s.endpoint, 'user_agent', s.user_agent, 'created_at', s.created_at);
end
$function$;

REVOKE ALL ON FUNCTION "public"."add_push_subscription"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_notification_webhooks()
  RETURNS TABLE (
    id              uuid,
    url             text,
    disabled_at     timestamp with time zone,
    disabled_reason text,
    created_at      timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select w.id, w.url, w.disabled_at, w.disabled_reason, w.created_at from app_private.notification_webhooks w
  where w.user_id = auth.uid() order by w.created_at desc, w.id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_notification_webhooks"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_push_subscriptions()
  RETURNS TABLE (
    id         uuid,
    endpoint   text,
    user_agent text,
    created_at timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select s.id, s.endpoint, s.user_agent, s.created_at from app_private.push_subscriptions s
  where s.user_id = auth.uid() order by s.created_at desc, s.id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_push_subscriptions"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.remove_notification_webhook (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from app_private.notification_webhooks w where w.id = p_id and w.user_id = auth.uid();
  if not found then
    perform app_hidden.fail(404, 'notifications.target_not_found', 'There is no such push subscription or webhook.', 'Take an id from the list; what said that it is gone was removed.');
  end if;
  delete from app_private.notification_deliveries d where d.target_id = p_id;
  return true;
end
$function$;

REVOKE ALL ON FUNCTION "public"."remove_notification_webhook"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.remove_push_subscription (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from app_private.push_subscriptions s where s.id = p_id and s.user_id = auth.uid();
  if not found then
    perform app_hidden.fail(404, 'notifications.target_not_found', 'There is no such push subscription or webhook.', 'Take an id from the list; what said that it is gone was removed.');
  end if;
  delete from app_private.notification_deliveries d where d.target_id = p_id;
  return true;
end
$function$;

REVOKE ALL ON FUNCTION "public"."remove_push_subscription"(uuid) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "app_private"."notification_deliveries"
  ADD CONSTRAINT "notification_deliveries_notification_id_fkey" FOREIGN KEY (notification_id) REFERENCES public.notifications(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_digests"
  ADD CONSTRAINT "notification_digests_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_rules"
  ADD CONSTRAINT "notification_rules_digest_after_check" CHECK ((digest_after >= '00:00:00'::interval));

ALTER TABLE "app_private"."notification_rules"
  ADD CONSTRAINT "notification_rules_push_again_after_check" CHECK ((push_again_after >= '00:00:00'::interval));

ALTER TABLE "app_private"."notification_webhooks"
  ADD CONSTRAINT "notification_webhooks_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."push_subscriptions"
  ADD CONSTRAINT "push_subscriptions_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX notification_deliveries_due_idx ON app_private.notification_deliveries USING btree (channel, next_attempt_at)
  WHERE (sent_seq < seq);

CREATE INDEX notification_deliveries_target_idx ON app_private.notification_deliveries USING btree (target_id);

CREATE INDEX notification_digests_due_at_idx ON app_private.notification_digests USING btree (due_at)
  WHERE (due_at IS NOT NULL);

CREATE INDEX notification_states_untold_idx ON app_private.notification_states USING btree (told_at)
  WHERE (told_seq < last_seq);

COMMENT ON FUNCTION "app_private"."assert_target_url"(text) IS 'Refuses (422 notifications.url_invalid) what is no address to send to.';

COMMENT ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval) IS 'Takes up to p_limit messages of a channel that are due for p_lease: {target: {id, url, keys or secret}, card}; card is null when there is nothing to be sent any more.';

COMMENT ON FUNCTION "app_private"."claim_digests"(integer, interval) IS 'Takes mails that are due for p_lease, each with up to 20 notifications and how many more there are. A mail that is tried again tells up to the same number. None for an address that nobody confirmed.';

COMMENT ON FUNCTION "app_private"."digest_rows"(uuid, bigint, bigint) IS 'What a mail tells: unread, wanted by mail, after one number and up to another, the latest first.';

COMMENT ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text) IS 'What says of itself that it is gone gets nothing any more: a push subscription is deleted, a webhook disabled for its owner to see.';

COMMENT ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text) IS 'Notes that a message was taken, or (with the reason) given up; false when another worker has it. What was added meanwhile goes a while later. Ten given up in a row disable a webhook.';

COMMENT ON FUNCTION "app_private"."finish_digest"(uuid, integer, text) IS 'Notes that a mail was handed over, or (with the reason) given up: what it told is not mailed again. False when another worker has it.';

COMMENT ON FUNCTION "app_private"."is_notification_shown"(public.notifications, uuid[]) IS 'Whether a notification still tells of anything, given of whom its receiver is not told.';

COMMENT ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) IS 'For each of these sessions how far the notifications of its person are, how often they marked some, and whether it lives: one question for all streams of a function.';

COMMENT ON FUNCTION "app_private"."queue_channels"(uuid, uuid, text, bigint, text[]) IS 'Queues what is to be sent of a notification that was made or moved: pushes and mails after the quiet hours, but for those of security; a mail with what gathers.';

COMMENT ON FUNCTION "app_private"."quiet_until"(jsonb, timestamp with time zone) IS 'When the quiet hours of these settings end, in the person''s own time; null when it is not quiet.';

COMMENT ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) IS 'Notes why a message was not taken and when it is tried again.';

COMMENT ON FUNCTION "app_private"."retry_digest"(uuid, integer, text, interval) IS 'Notes why a mail was not taken and when it is tried again.';

COMMENT ON FUNCTION "app_private"."sendable"(public.notifications, text) IS 'A notification as it is sent by a channel; null when it was read, hidden or not wanted meanwhile.';

COMMENT ON FUNCTION "app_private"."tell_notifications"(integer) IS 'Tells up to 50 people on their private topics what has come since they were last told, in one message each, and says how many; in the transaction that notes it, so nothing is told twice.';

COMMENT ON FUNCTION "app_private"."when_read"(public.notifications) IS 'When a notification was read, in the list or in the conversation; null while it was not.';

COMMENT ON FUNCTION "public"."add_notification_webhook"(text) IS 'Sends my notifications to an address, signed as Standard Webhooks says with the secret that is shown here alone; the same address again gets a new secret and is enabled. Five at most: 422 notifications.too_many_webhooks.';

COMMENT ON FUNCTION "public"."add_push_subscription"(jsonb) IS 'Takes a push subscription of this device, as PushSubscription.toJSON() gives it, perhaps with user_agent; the same endpoint again is the same one. Of more than 20 the oldest go. 422 notifications.url_invalid, notifications.keys_invalid.';

COMMENT ON FUNCTION "public"."my_notification_webhooks"() IS 'My webhooks, without their secrets. disabled_at: they failed ten times in a row or said that they are gone.';

COMMENT ON FUNCTION "public"."my_push_subscriptions"() IS 'My devices that take push messages, the latest first.';

COMMENT ON FUNCTION "public"."remove_notification_webhook"(uuid) IS 'Sends nothing to a webhook any more. 404 notifications.target_not_found.';

COMMENT ON FUNCTION "public"."remove_push_subscription"(uuid) IS 'Sends nothing to a device any more. 404 notifications.target_not_found.';

COMMENT ON TABLE "app_private"."notification_deliveries" IS 'What goes to whom by which way: a notification as it was at seq. What is added to it before it is sent goes with it. sent_seq: what the target has, or what was given up.';

COMMENT ON TABLE "app_private"."notification_digests" IS 'Mails about what somebody has not read. due_at: when the next one goes, null for nothing to mail. to_seq: up to where the mail in hand tells, the same at each try, so that it is the same mail. again_at: what came meanwhile.';

COMMENT ON TABLE "app_private"."notification_rules" IS 'Settings of the operators, one row: for how long more of the same joins a notification that was read, how long and how many are kept, and up to how many members each message of a group is told to all of them (in larger ones to whom it mentions), how long a notification to which something is added rests before it is pushed again, and how long mails gather.';

COMMENT ON TABLE "app_private"."notification_states" IS 'How far the notifications of a person are: numbered to last_seq, seen to seen_seq, told on the private topic to told_seq. marks: how often something was marked, so that streams see it.';

COMMENT ON TABLE "app_private"."notification_webhooks" IS 'Addresses of people that take their notifications, signed with a secret of each. failures: messages given up since the last one that was taken; after ten the webhook is disabled.';

COMMENT ON TABLE "app_private"."push_subscriptions" IS 'Browsers and apps that take push messages (RFC 8030): where, and the keys with which only they can read them. An endpoint belongs to who used it last. Up to 20 of a person.';

REVOKE ALL ON FUNCTION "app_private"."assert_target_url"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_target_url"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_target_url"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_digests"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_digests"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_digests"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_digests"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."digest_rows"(uuid, bigint, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."digest_rows"(uuid, bigint, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."digest_rows"(uuid, bigint, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_digest"(uuid, integer, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_digest"(uuid, integer, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_digest"(uuid, integer, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_digest"(uuid, integer, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_notification_shown"(public.notifications, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_notification_shown"(public.notifications, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_notification_shown"(public.notifications, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."queue_channels"(uuid, uuid, text, bigint, text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."queue_channels"(uuid, uuid, text, bigint, text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."queue_channels"(uuid, uuid, text, bigint, text[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."quiet_until"(jsonb, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."quiet_until"(jsonb, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."quiet_until"(jsonb, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_digest"(uuid, integer, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_digest"(uuid, integer, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_digest"(uuid, integer, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_digest"(uuid, integer, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sendable"(public.notifications, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."sendable"(public.notifications, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sendable"(public.notifications, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_notifications"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."tell_notifications"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."tell_notifications"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_notifications"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."when_read"(public.notifications) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."when_read"(public.notifications) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."when_read"(public.notifications) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_notification_webhook"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."add_notification_webhook"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_notification_webhook"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_push_subscription"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."add_push_subscription"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_push_subscription"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_notification_webhooks"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_notification_webhooks"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_notification_webhooks"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_push_subscriptions"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_push_subscriptions"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_push_subscriptions"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_notification_webhook"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_notification_webhook"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_notification_webhook"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_push_subscription"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_push_subscription"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_push_subscription"(uuid) TO "postgres";

CREATE INDEX push_subscriptions_user_id_idx ON app_private.push_subscriptions USING btree (user_id, created_at, id);
