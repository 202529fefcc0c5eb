-- Mails about what somebody has not read. Security definer: the worker sees no table.

create function app_private.digest_rows(p_user uuid, p_security boolean, p_from bigint, p_to bigint)
returns public.notifications[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_settings jsonb := (select s.notification_settings from public.account_settings s where s.user_id = p_user);
  v_ids uuid[] := array(
    select n.id from public.notifications n
    where n.user_id = p_user and n.seq > p_from and n.seq <= p_to and n.read_at is null
      and (app_hidden.notification_category(n.kind) = 'security') = p_security
      and app_hidden.wants_notification(v_settings, n.kind, 'email')
    order by n.seq desc limit 500);
begin
  return array(select n from app_private.shown_notifications(p_user, v_ids) n where n.read_at is null order by n.seq desc);
end
$$;
comment on function app_private.digest_rows(uuid, boolean, bigint, bigint) is 'What a mail tells, of security or of the rest: unread, wanted by mail, after one number and up to another, the latest first.';

create function app_private.claim_digests(p_limit int, p_lease interval)
returns table (user_id uuid, is_security boolean, attempts int, to_seq bigint, email text, name text, cards jsonb, more int)
language plpgsql volatile security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  g app_private.notification_digests;
  v_email text;
  v_quiet timestamptz;
  v_rows public.notifications[];
begin
  for g in
    select * from app_private.notification_digests x where x.due_at <= now()
    order by x.due_at limit least(greatest(p_limit, 1), 50) for update skip locked
  loop
    g.to_seq := coalesce(g.to_seq, (select s.last_seq from app_private.notification_states s where s.user_id = g.user_id), 0);
    v_rows := app_private.digest_rows(g.user_id, g.is_security, g.from_seq, g.to_seq);
    v_quiet := (select app_private.quiet_until(s.notification_settings, now()) from public.account_settings s where s.user_id = g.user_id);
    if v_quiet is not null and not g.is_security then
      update app_private.notification_digests x set due_at = least(v_quiet, now() + interval '15 minutes') where x.user_id = g.user_id and x.is_security = g.is_security;
      continue;
    end if;
    select u.email into v_email from auth.users u where u.id = g.user_id and u.email_confirmed_at is not null;
    update app_private.notification_digests x
    set to_seq = g.to_seq, attempts = x.attempts + 1, due_at = clock_timestamp() + p_lease
    where x.user_id = g.user_id and x.is_security = g.is_security returning x.attempts into g.attempts;
    if v_rows = '{}' or v_email is null then
      perform app_private.finish_digest(g.user_id, g.is_security, g.attempts, null);
      continue;
    end if;
    return query
    select g.user_id, g.is_security, g.attempts, g.to_seq, v_email, coalesce(p.full_name, p.username::text),
      (select jsonb_agg(to_jsonb(c) order by c.seq desc) from app_private.notification_cards(v_rows[1:20]) c), greatest(cardinality(v_rows) - 20, 0)
    from public.profiles p where p.id = g.user_id;
  end loop;
end
$$;
comment on function app_private.claim_digests(int, interval) is
  'Takes mails that are due for p_lease, each with up to 20 notifications and how many more there are. A mail that is tried again tells up to the same number. None for an address that nobody confirmed, and while it is quiet none but of security.';

create function app_private.finish_digest(p_user uuid, p_security boolean, p_attempts int, p_error text)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update app_private.notification_digests g
  set from_seq = g.to_seq, to_seq = null, due_at = g.again_at, again_at = null, attempts = 0, last_error = left(p_error, 500)
  where g.user_id = p_user and g.is_security = p_security and g.attempts = p_attempts and g.to_seq is not null;
  return found;
end
$$;
comment on function app_private.finish_digest(uuid, boolean, int, text) is
  'Notes that a mail was handed over, or (with the reason) given up: what it told is not mailed again. False when another worker has it.';

create function app_private.retry_digest(p_user uuid, p_security boolean, p_attempts int, p_error text, p_retry_in interval)
returns boolean
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  update app_private.notification_digests g set last_error = left(p_error, 500), due_at = clock_timestamp() + p_retry_in
  where g.user_id = p_user and g.is_security = p_security and g.attempts = p_attempts and g.to_seq is not null;
  return found;
end
$$;
comment on function app_private.retry_digest(uuid, boolean, int, text, interval) is 'Notes why a mail was not taken and when it is tried again.';
