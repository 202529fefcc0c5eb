-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP INDEX "app_private"."chat_notices_created_at_idx";

DROP FUNCTION "app_private"."lock_to_act"(uuid, public.messages);

DROP FUNCTION "app_private"."next_change"(uuid);

ALTER TABLE "app_private"."chat_notices"
  DROP COLUMN "created_at";

ALTER TABLE "app_private"."chat_notices"
  DROP COLUMN "epoch";

CREATE TABLE "app_private"."group_entries" (
  "user_id"    uuid                     NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "id"         uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "group_entries_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."group_entries"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."chat_notices"
  ADD COLUMN "until" uuid;

ALTER TABLE "app_private"."chat_notices"
  ADD COLUMN "waits_since" timestamp WITH time zone NOT NULL DEFAULT clock_timestamp();

ALTER TABLE "public"."conversations"
  ADD COLUMN "open_after_seq" bigint NOT NULL DEFAULT 0;

ALTER TABLE "public"."conversations"
  ADD COLUMN "taken_back" bigint NOT NULL DEFAULT 0;

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
  elsif p_what = 'joins' and exists (
    select from app_private.group_entries e where e.user_id = p_actor and e.created_at > now() - interval '1 hour' offset 99
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have joined groups 100 times within an hour.', 'Wait some minutes.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_delete (
  p_me      uuid,
  p_message public.messages
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_within interval := (select r.delete_within from app_private.chat_rules r);
  v_group uuid := (select c.group_id from public.conversations c where c.id = p_message.conversation_id);
begin
  perform app_private.membership(p_me, p_message.conversation_id);
  if p_message.sender_id is distinct from p_me and (v_group is null
    or app_private.rank_of(app_private.role_in(v_group, p_me)) < app_private.rank_of(app_private.least_role_for('moderate_posts'))) then
    perform app_hidden.fail(403, 'messages.not_yours', 'Only who wrote a message deletes it for all, and in a group its moderators.',
      'Delete it for yourself: `for` as me.');
  elsif p_message.sender_id = p_me and p_message.created_at + v_within <= now() then
    perform app_hidden.fail(422, 'messages.delete_too_late', 'This message is too old to be deleted for all.', 'Delete it for yourself: `for` as me.');
  end if;
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
        g.member_cap, g.created_at, g.updated_at from public.groups g
        where g.deleted_at is null and (g.visibility <> 'secret' or app_private.role_in(g.id, g.created_by) is not null))$r$,
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
        left join public.profiles p on p.id = case c.low_id when m.user_id then c.high_id else c.low_id end
          and not exists (select from public.blocks b where b.blocker_id = p.id and b.blocked_id = m.user_id))$r$,
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

CREATE OR REPLACE FUNCTION app_private.follow_group_members()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    -- The conversation first, as whoever sends has it, and members after it.
    perform from public.conversations c where c.group_id in (select g.group_id from changed g) order by c.id for no key update;
    delete from public.conversation_members m using changed g join public.conversations c on c.group_id = g.group_id
    where m.conversation_id = c.id and m.user_id = g.user_id;
    return null;
  end if;
  insert into public.conversations (kind, group_id) select distinct 'group', a.group_id from changed a on conflict (group_id) do nothing;
  -- What was said on the topic the Realtime server would repeat to whoever joins it. Who may not read that joins a topic where nothing was said.
  perform app_private.renew_group_epochs(array(
    select c.id from public.conversations c join public.groups g on g.id = c.group_id
    where c.group_id in (select a.group_id from changed a)
      and (c.taken_back > c.epoch_change or g.visibility <> 'public' and (c.last_seq > c.epoch_seq or c.last_change > c.epoch_change))), true);
  insert into public.conversation_members (conversation_id, user_id, from_seq, last_read_seq)
  -- What was written while a group was public everybody could have read by joining it.
  select c.id, a.user_id, case when g.visibility = 'public' then c.open_after_seq else c.last_seq end, c.last_seq
  from changed a join public.conversations c on c.group_id = a.group_id join public.groups g on g.id = a.group_id
  on conflict do nothing;
  perform app_private.tell_person(a.user_id, 'conversation_added', app_private.epoch_notice(c) || '{"kind": "group", "state": "accepted"}')
  from (select * from changed limit 20) a join public.conversations c on c.group_id = a.group_id; -- each message is a subtransaction
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_to_act (
  p_me         uuid,
  p_message    public.messages,
  p_takes_back boolean         DEFAULT false
)
  RETURNS public.conversations
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_conversation public.conversations := app_private.next_change(p_message.conversation_id, p_takes_back);
begin
  perform app_private.assert_may_act(v_conversation, app_private.membership(p_me, p_message.conversation_id));
  return v_conversation;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.message_cards (
  p_me       uuid,
  p_messages public.messages[]
)
  RETURNS SETOF public.message_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
#variable_conflict use_column
begin
  return query
  with rooms as materialized (
    select c.id, me.from_seq, me.last_read_seq as my_read,
      case when c.kind = 'direct' and me.state = 'accepted' and o.state = 'accepted'
        and not app_private.hides(p_me, 'hide_read_receipts') and not app_private.hides(o.user_id, 'hide_read_receipts')
        and not app_hidden.is_blocked_pair(p_me, o.user_id)
        then o.last_read_seq end as their_read,
      c.kind = 'direct' and exists (
        select from public.blocks b where b.blocker_id = app_private.other_of(c, p_me) and b.blocked_id = p_me) as is_hidden
    from (select distinct y.conversation_id from unnest(p_messages) y) d
    join public.conversations c on c.id = d.conversation_id
    join public.conversation_members me on me.user_id = p_me and me.conversation_id = c.id
    left join public.conversation_members o
      on c.kind = 'direct' and o.user_id = app_private.other_of(c, p_me) and o.conversation_id = c.id
  )
  select x.id, x.conversation_id, x.seq, x.sender_id,
    case when p.id is not null and (not r.is_hidden or p.id = p_me) then
      jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
        'is_verified', p.is_verified, 'verification_level', p.verification_level) end,
    x.kind,
    case when g.at is null then x.content end,
    case when g.at is null then coalesce(x.media_urls, '{}') else '{}' end,
    case when g.at is null then x.duration_ms end,
    case when g.at is null then x.waveform end,
    case when q.id is not null and g.at is null then jsonb_build_object('id', q.id, 'seq', q.seq, 'sender_id', q.sender_id, 'kind', q.kind,
      'content', case when q.seq > r.from_seq and not app_private.is_gone(q) and q.sender_id is not null
        and not exists (select from public.message_hides n where n.user_id = p_me and n.conversation_id = q.conversation_id and n.seq = q.seq)
        and exists (select from public.profiles w where w.id = q.sender_id)
        then left(q.content, 200) end) end,
    x.is_forwarded,
    case when g.at is null then coalesce(x.mentions, '{}') else '{}' end,
    case when g.at is null then app_private.reactions_of(x.reactions) else '[]' end,
    case when g.at is null then mine.emoji end,
    case when x.sender_id = p_me then x.seq <= r.their_read else x.seq <= r.my_read end,
    x.change,
    case when g.at is null then x.pinned_at end,
    x.edited_at, g.at, x.expires_at, x.created_at
  from unnest(p_messages) with ordinality x
  join rooms r on r.id = x.conversation_id
  left join public.profiles p on p.id = x.sender_id
  left join public.message_hides h on h.user_id = p_me and h.conversation_id = x.conversation_id and h.seq = x.seq
  left join public.message_reactions mine on mine.conversation_id = x.conversation_id and mine.seq = x.seq and mine.user_id = p_me
  left join public.messages q on q.conversation_id = x.conversation_id and q.seq = x.reply_to_seq
  cross join lateral (
    select coalesce(x.deleted_at, h.created_at, case when x.expires_at <= clock_timestamp() then x.expires_at end,
      -- Of an account that is gone, whose words the worker has still to take away.
      case when p.id is null then x.created_at end)
  ) g (at)
  order by x.ordinality;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.next_change (
  p_conversation uuid,
  p_takes_back   boolean DEFAULT false
)
  RETURNS public.conversations
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_conversation public.conversations;
begin
  update public.conversations c set last_change = c.last_change + 1, taken_back = case when p_takes_back then c.last_change + 1 else c.taken_back end
  where c.id = p_conversation returning * into v_conversation;
  return v_conversation;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_entry (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_calm_in_groups('joins', p_user);
  insert into app_private.group_entries (user_id) values (p_user);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.open_group_conversation()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Locks the conversation, so last_seq stays, and what was said before is on a topic that nobody joins any more.
  perform app_private.renew_group_epochs(array(select c.id from public.conversations c where c.group_id = new.id), true);
  update public.conversations c set open_after_seq = c.last_seq where c.group_id = new.id;
  return null;
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
  delete from app_private.group_entries x where x.id in (
    select e.id from app_private.group_entries e where e.created_at <= now() - interval '1 hour' limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  delete from app_private.group_log x where x.id in (
    select l.id from app_private.group_log l where l.created_at <= now() - interval '1 year' limit v_limit for update skip locked);
  get diagnostics v_rows = row_count; v_count := v_count + v_rows;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.renew_group_epochs (
  p_conversations uuid[],
  p_spoken        boolean DEFAULT false
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Not from the first member again: where epochs follow each other faster than a round takes, the last would never be told.
  insert into app_private.chat_notices as n (conversation_id)
  select c.id from app_private.renew_epochs(p_conversations, p_spoken) c where c.kind = 'group'
  on conflict (conversation_id) do update set until = n.told_to;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_epochs (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_limit int := least(greatest(p_limit, 1), 60); -- each message is a subtransaction, and 64 are as many as cost nothing more
  v_notice app_private.chat_notices;
  v_one public.conversations;
  v_people uuid[];
  v_ends boolean;
begin
  select * into v_notice from app_private.chat_notices n order by n.waits_since limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  select * into v_one from public.conversations c where c.id = v_notice.conversation_id;
  -- The second part of a round: from the first member to where it began.
  v_ends := v_notice.until is not null and (v_notice.told_to is null or v_notice.told_to < v_notice.until);
  v_people := array(
    select m.user_id from public.conversation_members m
    where m.conversation_id = v_one.id and (v_notice.told_to is null or m.user_id > v_notice.told_to) and (not v_ends or m.user_id <= v_notice.until)
    order by m.user_id limit v_limit);
  perform app_private.tell_person(u.id, 'conversation_epoch', app_private.epoch_notice(v_one)) from unnest(v_people) u (id);
  if cardinality(v_people) = v_limit and (not v_ends or v_people[v_limit] < v_notice.until) then
    update app_private.chat_notices n set told_to = v_people[v_limit], waits_since = clock_timestamp() where n.conversation_id = v_one.id;
  elsif v_ends or v_notice.until is null then
    delete from app_private.chat_notices n where n.conversation_id = v_one.id;
  else
    update app_private.chat_notices n set told_to = null, waits_since = clock_timestamp() where n.conversation_id = v_one.id;
  end if;
  return greatest(cardinality(v_people), 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wipe_messages (
  p_user  uuid,
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_ids uuid[] := array(select x.id from public.messages x where x.sender_id = p_user order by x.created_at limit p_limit);
begin
  perform from public.conversations c where c.id in (select x.conversation_id from public.messages x where x.id = any (v_ids))
  order by c.id for no key update;
  with mine as materialized (
    select x.id, x.conversation_id, row_number() over (partition by x.conversation_id order by x.seq) as n
    from public.messages x where x.id = any (v_ids)
  ), counted as (
    update public.conversations c set last_change = c.last_change + k.number, taken_back = c.last_change + k.number
    from (select m.conversation_id, count(*) as number from mine m group by m.conversation_id) k
    where c.id = k.conversation_id returning c.id, c.last_change - k.number as base
  )
  update public.messages x set content = null, media_urls = null, duration_ms = null, waveform = null, mentions = null, reactions = null,
    pinned_at = null, sender_id = null, deleted_at = coalesce(x.deleted_at, clock_timestamp()), change = coalesce(c.base + m.n, x.change)
  from mine m left join counted c on c.id = m.conversation_id where x.id = m.id;
  delete from public.message_reactions r using public.messages x
  where x.id = any (v_ids) and r.conversation_id = x.conversation_id and r.seq = x.seq;
  return cardinality(v_ids);
end
$function$;

CREATE OR REPLACE FUNCTION public.delete_message (
  p_id  uuid,
  p_for text DEFAULT 'all'::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id, false);
  v_conversation public.conversations;
begin
  if p_for = 'me' then
    perform app_private.hide_message(v_me, m);
  elsif coalesce(p_for <> 'all', true) then
    perform app_private.fail_field('`for` as me or all');
  else
    perform app_private.assert_may_delete(v_me, m);
    if m.deleted_at is null then
      -- Also while a block stands: to take something back is always allowed.
      v_conversation := app_private.next_change(m.conversation_id, true);
      perform app_private.assert_may_delete(v_me, m); -- as they are now: whoever removes a member holds the conversation
      update public.messages x set content = null, media_urls = null, duration_ms = null, waveform = null, mentions = null, reactions = null,
        pinned_at = null, deleted_at = clock_timestamp(), change = v_conversation.last_change
      where x.id = p_id and x.deleted_at is null returning * into m;
      if found then
        delete from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq;
        perform app_private.tell_changed(v_conversation, m);
      end if;
    end if;
  end if;
  return jsonb_build_object('id', p_id, 'conversation_id', m.conversation_id, 'seq', m.seq, 'deleted_for', p_for);
end
$function$;

CREATE OR REPLACE FUNCTION public.edit_message (
  p_id      uuid,
  p_content text
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
  v_within interval := (select r.edit_within from app_private.chat_rules r);
  v_conversation public.conversations;
begin
  if m.sender_id <> v_me or m.is_forwarded then
    perform app_hidden.fail(403, 'messages.not_yours', 'Only who wrote a message changes it.', 'Answer it, or delete it for yourself.');
  elsif m.created_at + v_within <= now() then
    perform app_hidden.fail(422, 'messages.edit_too_late', 'This message is too old to be changed.', 'Delete it, or write another one.');
  end if;
  v_conversation := app_private.lock_to_act(v_me, m, true);
  m := app_private.readable_message(v_me, p_id);
  m.content := p_content;
  perform app_private.assert_words(m);
  update public.messages x set content = p_content, edited_at = clock_timestamp(), change = v_conversation.last_change,
    mentions = app_private.mentioned_in_message(v_me, x.conversation_id, p_content)
  where x.id = p_id returning * into m;
  perform app_private.tell_changed(v_conversation, m);
  return (select c from app_private.message_cards(v_me, array[m]) c);
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
  perform app_private.note_entry(v_me);
  if v_group.visibility = 'public' or app_private.is_invited(p_group, v_me) then
    perform app_private.add_member(p_group, v_me);
    return app_private.membership(p_group, v_me, 'member');
  end if;
  insert into app_private.group_requests as r (group_id, user_id, message) values (p_group, v_me, v_message)
  on conflict (group_id, user_id) do update set message = coalesce(excluded.message, r.message);
  return app_private.membership(p_group, v_me, 'requested');
end
$function$;

CREATE OR REPLACE FUNCTION public.react_to_message (
  p_id    uuid,
  p_emoji text
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  m public.messages := app_private.readable_message(v_me, p_id);
  v_conversation public.conversations;
  v_old text;
  v_counts jsonb;
begin
  -- Letters (but those that are emoji), spaces and marks of a sentence would make a second, unsearched conversation of it.
  if length(p_emoji) not between 1 and 16 or p_emoji collate pg_catalog.pg_c_utf8 ~ '[[:space:][:cntrl:]<>&"]|(?![🅰🅱🆎🅾Ⓜℹ])[[:alpha:]]' then
    perform app_private.fail_field('`emoji` as one emoji');
  end if;
  select r.emoji into v_old from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
  if v_old is distinct from p_emoji then
    v_conversation := app_private.lock_to_act(v_me, m);
    m := app_private.readable_message(v_me, p_id);
    select r.emoji into v_old from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
    v_counts := app_private.count_reaction(app_private.count_reaction(coalesce(m.reactions, '{}'), v_old, -1), p_emoji, 1);
    if (select count(*) from jsonb_object_keys(v_counts)) > 20 then
      perform app_hidden.fail(422, 'messages.too_many_reactions', 'A message takes 20 different reactions.', 'Choose one that is there.');
    end if;
    if p_emoji is null then
      delete from public.message_reactions r where r.conversation_id = m.conversation_id and r.seq = m.seq and r.user_id = v_me;
    else
      insert into public.message_reactions (conversation_id, seq, user_id, emoji) values (m.conversation_id, m.seq, v_me, p_emoji)
      on conflict (conversation_id, seq, user_id) do update set emoji = excluded.emoji, created_at = excluded.created_at;
    end if;
    update public.messages x set reactions = nullif(v_counts, '{}'), change = v_conversation.last_change where x.id = p_id returning * into m;
    perform app_private.tell_changed(v_conversation, m);
  end if;
  return (select c from app_private.message_cards(v_me, array[m]) c);
end
$function$;

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
  perform app_private.note_entry(v_me);
  if app_private.is_banned(v_link.group_id, v_me) or not app_private.take_use(v_link.id) then
    perform app_private.fail_no_link();
  end if;
  perform app_private.add_member(v_link.group_id, v_me);
  return app_private.membership(v_link.group_id, v_me, 'member');
end
$function$;

CREATE OR REPLACE FUNCTION public.send_typing (
  p_conversation uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_conversation public.conversations;
  v_member public.conversation_members;
begin
  -- In this order: who is removed in between is found out, or writes to the topic that the others have left.
  select * into v_conversation from public.conversations c where c.id = p_conversation;
  v_member := app_private.membership(v_me, p_conversation);
  if not app_private.may_type(v_conversation, v_member) or app_private.hides(v_me, 'hide_presence') then
    return false;
  end if;
  perform realtime.send(jsonb_build_object('user_id', v_me), 'typing', format('typing:%s:%s', p_conversation, v_conversation.epoch), true);
  return true;
end
$function$;

ALTER TABLE "app_private"."group_entries"
  ADD CONSTRAINT "group_entries_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX chat_notices_waits_since_idx ON app_private.chat_notices USING btree (waits_since);

CREATE INDEX group_entries_created_at_idx ON app_private.group_entries USING brin (created_at);

CREATE INDEX group_entries_user_idx ON app_private.group_entries USING btree (user_id, created_at);

CREATE TRIGGER open_conversation
  AFTER UPDATE OF visibility ON public.groups
  FOR EACH ROW
  WHEN (((old.visibility <> 'public'::text) AND (new.visibility = 'public'::text)))
  EXECUTE FUNCTION app_private.open_group_conversation();

COMMENT ON FUNCTION "app_private"."assert_may_delete"(uuid, public.messages) IS 'Refuses who may not delete a message for all: 404 messages.conversation_not_found, 403 messages.not_yours, 422 messages.delete_too_late.';

COMMENT ON FUNCTION "app_private"."follow_group_members"() IS 'Trigger on group_members: the conversation of a group has its members. Newcomers read what is written from then on, in a public group also what was written since it is public.';

COMMENT ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages, boolean) IS 'Locks the conversation of a message for a change to it. 403 messages.not_accepted, 409 follows.blocked, messages.request_open.';

COMMENT ON FUNCTION "app_private"."next_change"(uuid, boolean) IS 'Locks a conversation and counts a change in it: last_change is its number. p_takes_back: words that were sent to its topic are not there any more.';

COMMENT ON FUNCTION "app_private"."note_entry"(uuid) IS 'Notes that somebody comes into a group by themselves, or asks to. 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."open_group_conversation"() IS 'Trigger on groups: of one that becomes public, newcomers read what is written from then on. Its members wrote the rest for themselves.';

COMMENT ON FUNCTION "app_private"."prune_groups"(integer) IS 'Deletes up to p_limit each of links, invitations and bans that are over, of entries an hour old and of what is a year old in logs, and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."tell_epochs"(integer) IS 'Tells up to p_limit (60) members of the group that waits longest of its new epoch; says how many, and 0 when nobody waits.';

COMMENT ON FUNCTION "public"."edit_message"(uuid, text) IS 'Changes the words of a message of mine; edited_at tells everybody, the former words are in no table that people read. 404 messages.not_found, 403 messages.not_yours, messages.not_accepted, 422 messages.edit_too_late, messages.content_invalid.';

COMMENT ON TABLE "app_private"."chat_notices" IS 'Conversations of groups whose members still have to be told of a new epoch. The worker goes round in the order of their ids: told_to is to whom it has come (null: nobody yet), until is to whom it had come when the last epoch began, where the round ends (null: with the last member). waits_since: since when it has not come to this group.';

COMMENT ON TABLE "app_private"."group_entries" IS 'When people came into groups or asked to, for an hour: leaving does not undo it, as it does a row of members.';

COMMENT ON TABLE "public"."conversations" IS 'Direct conversations of two people (low_id and high_id in order; null: the account is gone) and those of groups. last_seq counts the messages, last_change what was changed of them afterwards, taken_back is the last change after which words are not there any more; whoever counts holds the row to the end. epoch is part of the topic on which members hear of it, and changes when somebody may hear no more, or not what was said there before; it began after epoch_seq and epoch_change. open_after_seq: of a public group, where newcomers begin to read.';

REVOKE ALL ON FUNCTION "app_private"."assert_may_delete"(uuid, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_delete"(uuid, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_delete"(uuid, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."next_change"(uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."next_change"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."next_change"(uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_entry"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_entry"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_entry"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."open_group_conversation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."open_group_conversation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."open_group_conversation"() TO "postgres";
