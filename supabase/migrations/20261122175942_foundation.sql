-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

-- copy of sql/00_foundation/0_roles.sql sha256:38c70ab37fba770753688657b25f016aa5605c02703da497ff2002815eedb50b
-- Roles belong to the cluster, not to one database: every statement here may run again and then changes nothing.
-- On a hosted project it runs as `postgres`, which may create roles but is not a superuser. The roles cannot log in until
-- an operator (or the local stack) gives them a password.

do $$
declare
  v_role text;
begin
  foreach v_role in array array['astra_api', 'astra_worker'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      execute format('create role %I nologin noinherit nobypassrls', v_role);
    end if;
    -- Studio, migrations and a function without a login of its own become these roles from `postgres`.
    if not pg_catalog.pg_has_role('postgres', v_role, 'set') then
      execute format('grant %I to postgres', v_role);
    end if;
  end loop;

  -- What a person may do themselves, the edge functions do as that person: never more than these two roles may.
  foreach v_role in array array['anon', 'authenticated'] loop
    if not pg_catalog.pg_has_role('astra_api', v_role, 'set') then
      execute format('grant %I to astra_api', v_role);
    end if;
  end loop;
end
$$;

SET local check_function_bodies = off;

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON SEQUENCES FROM "anon";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON SEQUENCES FROM "authenticated";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON SEQUENCES FROM "service_role";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON FUNCTIONS FROM "anon";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON FUNCTIONS FROM "authenticated";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON FUNCTIONS FROM "service_role";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON TABLES FROM "anon";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON TABLES FROM "authenticated";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" IN SCHEMA "public" REVOKE ALL ON TABLES FROM "service_role";

CREATE SCHEMA "admin";

CREATE SCHEMA "app_hidden";

CREATE SCHEMA "app_private";

CREATE SCHEMA "graphile_worker" AUTHORIZATION "astra_worker";

CREATE SCHEMA "ledger";

CREATE EXTENSION "citext" SCHEMA "extensions";

CREATE SEQUENCE "ledger"."system_account_ids" AS bigint INCREMENT BY 1 MINVALUE 9000000000000000000 MAXVALUE 9223372036854775807 START WITH 9000000000000000000 CACHE 1 NO CYCLE;

CREATE TABLE "admin"."audit_log" (
  "id"       bigint                   GENERATED ALWAYS AS IDENTITY NOT NULL,
  "at"       timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  "operator" text                     NOT NULL DEFAULT SESSION_USER,
  "action"   text                     NOT NULL,
  "target"   text                     NOT NULL,
  "reason"   text                     NOT NULL,
  "before"   jsonb,
  "after"    jsonb,
  CONSTRAINT "audit_log_pkey" PRIMARY KEY (id),
  CONSTRAINT "reason_is_given" CHECK (((length(TRIM(BOTH FROM reason)) >= 3) AND (length(TRIM(BOTH FROM reason)) <= 1000)))
);

ALTER TABLE "admin"."audit_log"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."idempotency_keys" (
  "owner"        uuid                     NOT NULL,
  "key"          text                     NOT NULL,
  "operation"    text                     NOT NULL,
  "request_hash" bytea                    NOT NULL,
  "status"       integer,
  "body"         jsonb,
  "claimed_at"   timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "answer_is_whole" CHECK (((status IS NULL) = (body IS NULL))),
  CONSTRAINT "idempotency_keys_key_check" CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY (OWNER, key)
);

ALTER TABLE "app_private"."idempotency_keys"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."idempotency_keys"
  SET (fillfactor=70);

CREATE TABLE "app_private"."outbox_events" (
  "id"              uuid                     NOT NULL,
  "position"        bigint                   GENERATED ALWAYS AS IDENTITY NOT NULL,
  "tx_id"           xid8                     NOT NULL DEFAULT pg_current_xact_id(),
  "type"            text                     NOT NULL,
  "version"         smallint                 NOT NULL DEFAULT 1,
  "actor_id"        uuid,
  "payload"         jsonb                    NOT NULL,
  "occurred_at"     timestamp with time zone NOT NULL DEFAULT now(),
  "attempts"        integer                  NOT NULL DEFAULT 0,
  "next_attempt_at" timestamp with time zone NOT NULL DEFAULT now(),
  "processed_at"    timestamp with time zone,
  "dead_at"         timestamp with time zone,
  "last_error"      text,
  CONSTRAINT "outbox_events_payload_check" CHECK ((jsonb_typeof(payload) = 'object'::text)),
  CONSTRAINT "outbox_events_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."outbox_events"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."outbox_events"
  SET
    (autovacuum_analyze_scale_factor=0, autovacuum_analyze_threshold=20000, autovacuum_vacuum_cost_delay=0, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000,
    fillfactor=80);

CREATE TABLE "app_private"."reserved_usernames" (
  "username" text NOT NULL,
  CONSTRAINT "reserved_usernames_pkey" PRIMARY KEY (username),
  CONSTRAINT "reserved_usernames_username_check" CHECK ((username = lower(username)))
);

ALTER TABLE "app_private"."reserved_usernames"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."accounts" (
  "id"            bigint                   GENERATED BY DEFAULT AS IDENTITY NOT NULL,
  "owner"         uuid,
  "purpose"       text                     NOT NULL,
  "currency"      text                     NOT NULL,
  "balance_minor" bigint                   NOT NULL DEFAULT 0,
  "earned_minor"  bigint                   NOT NULL DEFAULT 0,
  "floor_minor"   bigint                   NOT NULL DEFAULT 0,
  "seq"           bigint                   NOT NULL DEFAULT 0,
  "is_frozen"     boolean                  NOT NULL DEFAULT false,
  "closed_at"     timestamp with time zone,
  "created_at"    timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"    timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "accounts_earned_minor_check" CHECK ((earned_minor >= 0)),
  CONSTRAINT "accounts_floor_minor_check" CHECK ((floor_minor <= 0)),
  CONSTRAINT "accounts_pkey" PRIMARY KEY (id),
  CONSTRAINT "accounts_purpose_check" CHECK ((purpose = ANY (ARRAY['available'::text, 'pending'::text, 'funding'::text, 'payouts'::text, 'fees'::text]))),
  CONSTRAINT "accounts_seq_check" CHECK ((seq >= 0)),
  CONSTRAINT "balance_above_floor" CHECK ((balance_minor >= floor_minor)),
  CONSTRAINT "one_account_per_purpose" UNIQUE NULLS NOT DISTINCT (OWNER, currency, purpose),
  CONSTRAINT "system_accounts_have_no_owner" CHECK (((owner IS NULL) = (purpose = ANY (ARRAY['funding'::text, 'payouts'::text, 'fees'::text]))))
);

ALTER TABLE "ledger"."accounts"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "ledger"."accounts"
  SET (fillfactor=50);

CREATE TABLE "ledger"."currencies" (
  "code"     text     NOT NULL,
  "exponent" smallint NOT NULL,
  "name"     text     NOT NULL,
  CONSTRAINT "currencies_code_check" CHECK ((code ~ '^[A-Z]{3}$'::text)),
  CONSTRAINT "currencies_exponent_check" CHECK (((exponent >= 0) AND (exponent <= 4))),
  CONSTRAINT "currencies_pkey" PRIMARY KEY (code)
);

ALTER TABLE "ledger"."currencies"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."entries" (
  "account_id"    bigint                   NOT NULL,
  "seq"           bigint                   NOT NULL,
  "transfer_id"   uuid                     NOT NULL,
  "owner"         uuid,
  "purpose"       text                     NOT NULL,
  "kind"          text                     NOT NULL,
  "amount_minor"  bigint                   NOT NULL,
  "type"          text                     GENERATED ALWAYS AS (
CASE
    WHEN (amount_minor > 0) THEN 'income'::text
    ELSE 'expense'::text
END) STORED NOT NULL,
  "currency"      text                     NOT NULL,
  "balance_minor" bigint                   NOT NULL,
  "counterparty"  uuid,
  "description"   text,
  "category"      text,
  "created_at"    timestamp with time zone NOT NULL,
  CONSTRAINT "entries_amount_minor_check" CHECK ((amount_minor <> 0)),
  CONSTRAINT "entries_pkey" PRIMARY KEY (account_id, seq),
  CONSTRAINT "one_leg_per_account" UNIQUE (transfer_id, account_id)
);

ALTER TABLE "ledger"."entries"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."transfers" (
  "id"           uuid                     NOT NULL,
  "kind"         text                     NOT NULL,
  "currency"     text                     NOT NULL,
  "amount_minor" bigint                   NOT NULL,
  "from_owner"   uuid,
  "to_owner"     uuid,
  "description"  text,
  "category"     text,
  "created_at"   timestamp with time zone NOT NULL,
  CONSTRAINT "category_length" CHECK ((length(category) <= 100)),
  CONSTRAINT "description_length" CHECK ((length(description) <= 1000)),
  CONSTRAINT "transfers_amount_minor_check" CHECK ((amount_minor > 0)),
  CONSTRAINT "transfers_kind_check" CHECK ((kind = ANY (ARRAY['transfer'::text, 'funding'::text, 'correction'::text]))),
  CONSTRAINT "transfers_pkey" PRIMARY KEY (id)
);

ALTER TABLE "ledger"."transfers"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."account_settings" (
  "user_id"               uuid                     NOT NULL,
  "email"                 text,
  "phone"                 text,
  "privacy_settings"      jsonb                    NOT NULL DEFAULT '{}'::jsonb,
  "notification_settings" jsonb                    NOT NULL DEFAULT '{}'::jsonb,
  "created_at"            timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"            timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "account_settings_pkey" PRIMARY KEY (user_id),
  CONSTRAINT "notification_settings_shape" CHECK (((jsonb_typeof(notification_settings) = 'object'::text) AND (length((notification_settings)::text) <= 8192))),
  CONSTRAINT "privacy_settings_shape" CHECK (((jsonb_typeof(privacy_settings) = 'object'::text) AND (length((privacy_settings)::text) <= 8192)))
);

ALTER TABLE "public"."account_settings"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."account_settings" FROM "anon";

CREATE TABLE "public"."profiles" (
  "id"                  uuid                     NOT NULL,
  "username"            extensions.citext        NOT NULL,
  "full_name"           text,
  "avatar_url"          text,
  "bio"                 text,
  "location"            text,
  "website"             text,
  "is_verified"         boolean                  NOT NULL DEFAULT false,
  "verification_level"  text,
  "is_business_account" boolean                  NOT NULL DEFAULT false,
  "business_info"       jsonb,
  "created_at"          timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"          timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "avatar_url_shape" CHECK (((avatar_url ~ '^https?://'::text) AND (length(avatar_url) <= 2048))),
  CONSTRAINT "bio_length" CHECK ((length(bio) <= 500)),
  CONSTRAINT "business_info_shape" CHECK (((jsonb_typeof(business_info) = 'object'::text) AND (length((business_info)::text) <= 8192))),
  CONSTRAINT "full_name_length" CHECK ((length(full_name) <= 100)),
  CONSTRAINT "location_length" CHECK ((length(location) <= 100)),
  CONSTRAINT "profiles_pkey" PRIMARY KEY (id),
  CONSTRAINT "profiles_username_key" UNIQUE (username),
  CONSTRAINT "username_shape" CHECK (((username)::text ~ '^[a-z0-9][a-z0-9._]{1,28}[a-z0-9]$'::text)),
  CONSTRAINT "verification_level_known" CHECK ((verification_level = ANY (ARRAY['blue'::text, 'gold'::text, 'premium'::text]))),
  CONSTRAINT "website_shape" CHECK (((website ~ '^https?://'::text) AND (length(website) <= 500)))
);

ALTER TABLE "public"."profiles"
  ENABLE ROW LEVEL SECURITY;

CREATE OR REPLACE FUNCTION admin.fund_wallet (
  p_username text,
  p_amount   text,
  p_currency text,
  p_reason   text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := admin.person(p_username);
  v_exponent smallint;
  v_amount bigint;
  v_account bigint;
  v_before jsonb;
  v_transfer uuid;
begin
  select c.exponent into v_exponent from ledger.currencies c where c.code = p_currency;
  if not found then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  v_amount := ledger.parse_amount(p_amount, v_exponent);
  v_account := ledger.ensure_account(v_user, p_currency, 'available');
  perform from ledger.accounts a where a.id = v_account for no key update; -- so that before and after belong together
  v_before := admin.wallet_state(v_user, p_currency);
  v_transfer := ledger.post('funding', p_currency,
    array[ledger.system_account(p_currency, 'funding'), v_account], array[-v_amount, v_amount], null, v_user, p_reason, 'funding');
  insert into admin.audit_log (action, target, reason, before, after)
  values ('fund_wallet', v_user::text, p_reason, v_before,
    admin.wallet_state(v_user, p_currency) || jsonb_build_object('transfer_id', v_transfer));
  return v_transfer;
end
$function$;

CREATE OR REPLACE FUNCTION admin.person (
  p_username text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
begin
  select p.id into v_id from public.profiles p where p.username operator(extensions.=) p_username::extensions.citext;
  if not found then
    perform app_hidden.fail(404, 'users.not_found', format('There is nobody called %L.', p_username), 'Check the username.');
  end if;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION admin.retry_dead_letters()
  RETURNS bigint
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_retried bigint;
begin
  update app_private.outbox_events e set dead_at = null, attempts = 0, next_attempt_at = now()
  where e.dead_at is not null;
  get diagnostics v_retried = row_count;
  perform pg_notify('outbox', '');
  insert into admin.audit_log (action, target, reason, after)
  values ('retry_dead_letters', 'outbox', 'retried by an operator', jsonb_build_object('retried', v_retried));
  return v_retried;
end
$function$;

CREATE OR REPLACE FUNCTION admin.set_wallet_frozen (
  p_username text,
  p_frozen   boolean,
  p_reason   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := admin.person(p_username);
  v_before boolean;
begin
  -- The same lock as the first use of a currency takes: no account appears unfrozen beside this change.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || v_user::text, 0));
  perform from ledger.accounts a where a.owner = v_user order by a.id for no key update;
  select coalesce(bool_or(a.is_frozen), false) into v_before from ledger.accounts a where a.owner = v_user;
  update ledger.accounts a set is_frozen = p_frozen, updated_at = now() where a.owner = v_user;
  insert into admin.audit_log (action, target, reason, before, after)
  values (case when p_frozen then 'freeze_wallet' else 'unfreeze_wallet' end, v_user::text, p_reason,
    jsonb_build_object('is_frozen', v_before), jsonb_build_object('is_frozen', p_frozen));
  return v_before <> p_frozen;
end
$function$;

CREATE OR REPLACE FUNCTION admin.wallet_state (
  p_user     uuid,
  p_currency text
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select to_jsonb(w) from public.wallet w where w.user_id = p_user and w.currency = p_currency
$function$;

CREATE OR REPLACE FUNCTION app_hidden.fail (
  p_status  integer,
  p_code    text,
  p_message text,
  p_hint    text    DEFAULT NULL::text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  raise exception using
    errcode = 'PT' || p_status,
    message = p_message,
    detail = p_code,
    hint = coalesce(p_hint, '');
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.format_amount (
  p_minor    bigint,
  p_exponent smallint
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
begin
  return (p_minor::numeric * ('1e-' || p_exponent::text)::numeric)::text;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.touch_updated_at()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  new.updated_at := now();
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_session (
  p_user    uuid,
  p_session uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_banned_until timestamptz;
begin
  select u.banned_until into v_banned_until
  from auth.sessions s join auth.users u on u.id = s.user_id
  where s.id = p_session and s.user_id = p_user and (s.not_after is null or s.not_after > now());
  if not found then
    perform app_hidden.fail(401, 'auth.session_revoked', 'This session has ended.', 'Sign in again.');
  elsif v_banned_until > now() then
    -- Auth itself notices a ban at the next refresh only, and money must not move for that hour.
    perform app_hidden.fail(403, 'auth.user_banned', 'This account is suspended.', 'Ask the operators of the app.');
  end if;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_idempotency_key (
  p_owner        uuid,
  p_key          text,
  p_operation    text,
  p_request_hash bytea
)
  RETURNS TABLE (
    replayed boolean,
    status   integer,
    body     jsonb
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_found app_private.idempotency_keys;
begin
  insert into app_private.idempotency_keys as k (owner, key, operation, request_hash)
  values (p_owner, p_key, p_operation, p_request_hash)
  on conflict (owner, key) do update
    set operation = excluded.operation, request_hash = excluded.request_hash,
        status = null, body = null, claimed_at = excluded.claimed_at
    where k.claimed_at < now() - interval '24 hours'
      -- A claim that was committed without its answer: the caller died between the two. Its own retry may go on.
      or (k.status is null and k.claimed_at < now() - interval '1 minute'
          and k.operation = excluded.operation and k.request_hash = excluded.request_hash);
  if found then
    return query select false, null::int, null::jsonb;
    return;
  end if;

  select * into strict v_found from app_private.idempotency_keys where owner = p_owner and key = p_key;
  if v_found.operation <> p_operation or v_found.request_hash <> p_request_hash then
    perform app_hidden.fail(409, 'idempotency.key_reused', 'This idempotency key was used for another request.',
      'Send a new Idempotency-Key for a new request; repeat a request unchanged.');
  end if;
  if v_found.status is null then
    perform app_hidden.fail(409, 'idempotency.in_progress', 'The first request with this idempotency key is still running.',
      'Repeat the same request in a moment.');
  end if;
  return query select true, v_found.status, v_found.body;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_outbox (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    id          uuid,
    "position"  bigint,
    tx_id       text,
    type        text,
    version     smallint,
    actor_id    uuid,
    payload     jsonb,
    occurred_at timestamp with time zone,
    attempts    integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select e.id from app_private.outbox_events e
    where e.processed_at is null and e.dead_at is null and e.next_attempt_at <= now()
    order by e.next_attempt_at, e.position
    limit least(greatest(p_limit, 1), 10000)
    for update skip locked
  ), claimed as (
    update app_private.outbox_events e
    set attempts = e.attempts + 1, next_attempt_at = clock_timestamp() + p_lease
    from due where e.id = due.id
    returning e.*
  )
  select c.id, c.position, c.tx_id::text, c.type, c.version, c.actor_id, c.payload, c.occurred_at, c.attempts
  from claimed c order by c.position;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.complete_outbox (
  p_ids uuid[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_completed int;
begin
  -- Locked in one order, because two workers may complete the same events after a lease has run out.
  with mine as materialized (
    select e.id from app_private.outbox_events e
    where e.id = any (p_ids) and e.processed_at is null
    order by e.id for update
  )
  update app_private.outbox_events e set processed_at = clock_timestamp(), dead_at = null, last_error = null
  from mine where e.id = mine.id;
  get diagnostics v_completed = row_count;
  return v_completed;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.create_profile()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.ensure_profile(new.id);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.emit_event (
  p_type    text,
  p_actor   uuid,
  p_payload jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  values (app_private.uuid_v7(), p_type, p_actor, p_payload);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.ensure_profile (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user auth.users;
  v_meta jsonb;
  v_full_name text;
  v_avatar_url text;
  v_wanted text;
  v_base text;
begin
  select * into strict v_user from auth.users u where u.id = p_user;
  v_meta := coalesce(v_user.raw_user_meta_data, '{}');
  v_full_name := nullif(trim(left(coalesce(v_meta ->> 'full_name', v_meta ->> 'name'), 100)), '');
  v_wanted := lower(trim(v_meta ->> 'username'));
  v_avatar_url := v_meta ->> 'avatar_url';
  if v_avatar_url !~ '^https?://' or length(v_avatar_url) > 2048 then
    v_avatar_url := null;
  end if;

  v_base := case
    when app_private.username_status(v_wanted) in ('available', 'taken') then v_wanted
    when app_private.username_from(v_full_name) <> 'user' then app_private.username_from(v_full_name)
    else app_private.username_from(split_part(v_user.email, '@', 1))
  end;
  for v_attempt in 0 .. 12 loop
    -- First the name itself, then with more and more random digits: the last tries cannot collide.
    continue when v_attempt = 0 and v_base = 'user';
    insert into public.profiles (id, username, full_name, avatar_url)
    values (
      p_user,
      case when v_attempt = 0 then v_base else
        left(v_base, 28 - v_attempt) || right(lpad((random() * 1e17)::bigint::text, 18, '0'), 2 + v_attempt)
      end,
      v_full_name, v_avatar_url)
    on conflict (username) do nothing; -- waits for a concurrent sign-up with the same name
    exit when found;
  end loop;

  insert into public.account_settings (user_id, email, phone) values (p_user, v_user.email, v_user.phone)
  on conflict (user_id) do nothing;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_outbox (
  p_id       uuid,
  p_error    text,
  p_retry_in interval,
  p_dead     boolean
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  update app_private.outbox_events e
  set last_error = left(p_error, 2000),
      next_attempt_at = clock_timestamp() + coalesce(p_retry_in, interval '0'),
      dead_at = case when p_dead then clock_timestamp() end
  where e.id = p_id and e.processed_at is null
$function$;

CREATE OR REPLACE FUNCTION app_private.follow_auth_addresses()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update public.account_settings s set email = new.email, phone = new.phone where s.user_id = new.id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_business_info()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if new.is_business_account or new.business_info is null then
    return new;
  end if;
  if tg_op = 'UPDATE' and old.is_business_account then
    new.business_info := null; -- what an operator takes back takes its facts along
    return new;
  end if;
  perform app_hidden.fail(403, 'users.not_a_business', 'Only a business account has business facts.',
    'Ask the operators of the app to make this a business account.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_username()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  new.username := lower(new.username::text);
  case app_private.username_status(new.username::text)
    when 'invalid' then
      perform app_hidden.fail(422, 'users.username_invalid', 'This username is not allowed.',
        'Use 3 to 30 of a-z, 0-9, dot and underscore, beginning and ending with a letter or digit.');
    when 'reserved' then
      perform app_hidden.fail(422, 'users.username_reserved', 'This username is reserved.', 'Choose another username.');
    else null; -- taken is decided by the unique index
  end case;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.list_sessions (
  p_user uuid
)
  RETURNS TABLE (
    id             uuid,
    created_at     timestamp with time zone,
    last_active_at timestamp with time zone,
    user_agent     text,
    ip             text
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select s.id, s.created_at, greatest(s.refreshed_at at time zone 'utc', s.updated_at, s.created_at), s.user_agent, host(s.ip)
  from auth.sessions s
  where s.user_id = p_user and (s.not_after is null or s.not_after > now())
  order by 3 desc, s.id
  limit 100
$function$;

CREATE OR REPLACE FUNCTION app_private.outbox_stats()
  RETURNS TABLE (
    pending                bigint,
    dead                   bigint,
    oldest_pending_seconds double precision
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select
    (select count(*) from app_private.outbox_events e where e.processed_at is null and e.dead_at is null),
    (select count(*) from app_private.outbox_events e where e.dead_at is not null),
    coalesce((
      select extract(epoch from clock_timestamp() - min(e.occurred_at))
      from app_private.outbox_events e where e.processed_at is null and e.dead_at is null
    ), 0)::double precision
$function$;

CREATE OR REPLACE FUNCTION app_private.post_transaction (
  p_actor           uuid,
  p_idempotency_key text,
  p_request_hash    bytea,
  p_recipient       text,
  p_amount          text,
  p_currency        text,
  p_description     text,
  p_category        text
)
  RETURNS TABLE (
    replayed boolean,
    status   integer,
    body     jsonb
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  AS $function$
#variable_conflict use_variable
declare
  v_transfer uuid;
  v_message text;
  v_code text;
  v_hint text;
begin
  if p_idempotency_key is not null then
    select c.replayed, c.status, c.body into replayed, status, body
    from app_private.claim_idempotency_key(p_actor, p_idempotency_key, 'wallet.transaction', p_request_hash) c;
    if replayed then
      return next;
      return;
    end if;
  end if;

  replayed := false;
  begin
    v_transfer := ledger.transfer_between_people(p_actor, p_recipient, p_amount, p_currency, p_description, p_category);
    select to_jsonb(t) into strict body from public.transactions t where t.user_id = p_actor and t.id = v_transfer;
    status := 201;
  -- Only what we refuse ourselves is an answer. Anything else is an unknown outcome and must reach the caller as an error.
  exception when sqlstate 'PT402' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT422' then
    get stacked diagnostics v_message = message_text, v_code = pg_exception_detail, v_hint = pg_exception_hint;
    status := substring(sqlstate from 3)::int;
    body := jsonb_build_object('code', v_code, 'detail', v_message, 'hint', v_hint);
  end;

  if p_idempotency_key is not null then
    perform app_private.store_idempotent_response(p_actor, p_idempotency_key, status, body);
  end if;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_idempotency_keys()
  RETURNS bigint
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_pruned bigint;
begin
  with expired as (
    select k.owner, k.key from app_private.idempotency_keys k
    where k.claimed_at < now() - interval '24 hours'
    order by k.claimed_at limit 10000
    for update skip locked
  )
  delete from app_private.idempotency_keys k using expired e where k.owner = e.owner and k.key = e.key;
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_outbox (
  p_older_than interval,
  p_before_tx  text
)
  RETURNS bigint
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_pruned bigint;
begin
  with old as materialized (
    select e.id from app_private.outbox_events e
    where e.processed_at < now() - p_older_than and (p_before_tx is null or e.tx_id < p_before_tx::xid8)
    order by e.tx_id, e.position
    limit 10000
    for update skip locked
  )
  delete from app_private.outbox_events e using old where e.id = old.id;
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.read_outbox_log (
  p_after_tx       text,
  p_after_position bigint,
  p_limit          integer
)
  RETURNS TABLE (
    id          uuid,
    "position"  bigint,
    tx_id       text,
    type        text,
    version     smallint,
    actor_id    uuid,
    payload     jsonb,
    occurred_at timestamp with time zone,
    attempts    integer
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select e.id, e.position, e.tx_id::text, e.type, e.version, e.actor_id, e.payload, e.occurred_at, e.attempts
  from app_private.outbox_events e
  where (e.tx_id, e.position) > (coalesce(p_after_tx, '0')::xid8, coalesce(p_after_position, 0))
    and e.tx_id < pg_snapshot_xmin(pg_current_snapshot())
  order by e.tx_id, e.position
  limit least(greatest(p_limit, 1), 10000)
$function$;

CREATE OR REPLACE FUNCTION app_private.replay_outbox (
  p_from timestamp with time zone
)
  RETURNS bigint
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_replayed bigint;
begin
  update app_private.outbox_events e
  set processed_at = null, dead_at = null, attempts = 0, next_attempt_at = now(), last_error = null
  where e.occurred_at >= p_from and (e.processed_at is not null or e.dead_at is not null);
  get diagnostics v_replayed = row_count;
  return v_replayed;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.revoke_other_sessions (
  p_user uuid,
  p_keep uuid
)
  RETURNS SETOF uuid
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  delete from auth.sessions s where s.user_id = p_user and s.id is distinct from p_keep returning s.id
$function$;

CREATE OR REPLACE FUNCTION app_private.revoke_session (
  p_user    uuid,
  p_session uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from auth.sessions s where s.id = p_session and s.user_id = p_user;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.store_idempotent_response (
  p_owner  uuid,
  p_key    text,
  p_status integer,
  p_body   jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.idempotency_keys k set status = p_status, body = coalesce(p_body, 'null')
  where k.owner = p_owner and k.key = p_key and k.status is null;
  if not found then
    raise exception 'no open idempotency key % of %', p_key, p_owner
      using hint = 'call claim_idempotency_key first, in the same transaction';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_profile_updated()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_old jsonb := to_jsonb(old) - 'updated_at';
  v_new jsonb := to_jsonb(new);
  v_changed jsonb;
begin
  select jsonb_agg(n.key order by n.key) into v_changed
  from jsonb_each(v_new - 'updated_at') n where n.value is distinct from v_old -> n.key;
  if v_changed is not null then
    -- Null for an operator, who has no user id: nobody verifies themselves.
    perform app_private.emit_event('profile.updated', auth.uid(),
      (v_new - 'id' - 'business_info' - 'created_at') || jsonb_build_object('user_id', new.id, 'changed', v_changed));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_session()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    perform app_private.emit_event('user.logged_in', new.user_id, jsonb_build_object(
      'user_id', new.user_id, 'session_id', new.id, 'ip', host(new.ip), 'user_agent', left(new.user_agent, 1000)));
  else
    perform app_private.emit_event('user.session_revoked', old.user_id,
      jsonb_build_object('user_id', old.user_id, 'session_id', old.id));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_transfer_completed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('wallet.transfer_completed', new.from_owner, jsonb_build_object(
    'transfer_id', new.id, 'kind', new.kind, 'currency', new.currency,
    'exponent', (select c.exponent from ledger.currencies c where c.code = new.currency),
    'amount_minor', new.amount_minor::text, 'from_user_id', new.from_owner, 'to_user_id', new.to_owner,
    'description', new.description, 'category', new.category, 'created_at', new.created_at));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_user_deleted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('user.deleted', old.id, jsonb_build_object('user_id', old.id));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_user_registered()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('user.registered', new.id,
    jsonb_build_object('user_id', new.id, 'username', new.username, 'full_name', new.full_name));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.username_from (
  p_text text
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_name text;
begin
  -- Accents go (é becomes e), everything else that is not a letter or digit becomes one underscore.
  v_name := regexp_replace(normalize(left(coalesce(p_text, ''), 200), nfkd), '[\u0300-\u036f]', '', 'g');
  v_name := regexp_replace(lower(v_name), '[^a-z0-9.]+', '_', 'g');
  v_name := trim(both '._' from left(trim(both '._' from v_name), 30));
  if app_private.username_status(v_name) in ('invalid', 'reserved') then
    return 'user';
  end if;
  return v_name;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.username_status (
  p_username text
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select case
    when p_username is null or lower(p_username) !~ '^[a-z0-9][a-z0-9._]{1,28}[a-z0-9]$' then 'invalid'
    when exists (select from app_private.reserved_usernames r where r.username = lower(p_username)) then 'reserved'
    when exists (
      select from public.profiles p where p.username operator(extensions.=) lower(p_username)::extensions.citext
    ) then 'taken'
    else 'available'
  end
$function$;

CREATE OR REPLACE FUNCTION app_private.uuid_v7()
  RETURNS uuid
  LANGUAGE plpgsql
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wake_worker()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if pg_try_advisory_xact_lock(hashtextextended('outbox.notify', 0)) then
    perform pg_notify('outbox', '');
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.assert_balanced()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_transfer uuid;
  v_unbalanced boolean;
begin
  if tg_table_name = 'transfers' then
    v_transfer := new.id;
  else
    v_transfer := new.transfer_id;
  end if;
  select coalesce(bool_or(c.total <> 0), true) into v_unbalanced
  from (select sum(e.amount_minor) as total from ledger.entries e where e.transfer_id = v_transfer group by e.currency) c;
  if v_unbalanced then
    raise exception 'the legs of transfer % do not sum to zero', v_transfer
      using errcode = 'integrity_constraint_violation', detail = 'ledger.unbalanced';
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.audit()
  RETURNS TABLE (
    invariant  text,
    violations bigint
  )
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select 'legs of every transfer sum to zero', count(*) from (
    select from ledger.entries e group by e.transfer_id, e.currency having sum(e.amount_minor) <> 0) x
  union all
  select 'every transfer has at least two legs', count(*) from ledger.transfers t
    where (select count(*) from ledger.entries e where e.transfer_id = t.id) < 2
  union all
  select 'every leg belongs to a transfer', count(*) from ledger.entries e
    where not exists (select from ledger.transfers t where t.id = e.transfer_id)
  union all
  select 'balance and seq of an account are those of its last entry', count(*) from ledger.accounts a
    left join lateral (
      select e.seq, e.balance_minor from ledger.entries e where e.account_id = a.id order by e.seq desc limit 1
    ) l on true
    where (a.seq, a.balance_minor) is distinct from (coalesce(l.seq, 0), coalesce(l.balance_minor, 0))
  union all
  select 'entries chain: no gap in seq, each balance is the one before plus the amount', count(*) from (
    select e.seq, e.balance_minor, e.amount_minor,
      lag(e.balance_minor, 1, 0::bigint) over w as balance_before, lag(e.seq, 1, 0::bigint) over w as seq_before
    from ledger.entries e window w as (partition by e.account_id order by e.seq)) x
    where x.seq <> x.seq_before + 1 or x.balance_minor <> x.balance_before + x.amount_minor
  union all
  select 'no account is below its floor', count(*) from ledger.accounts a where a.balance_minor < a.floor_minor
  union all
  select 'earnings are the sum of transfers received', count(*) from ledger.accounts a
    where a.earned_minor <> (
      select coalesce(sum(e.amount_minor), 0) from ledger.entries e join ledger.transfers t on t.id = e.transfer_id
      where e.account_id = a.id and e.amount_minor > 0 and t.kind = 'transfer')
$function$;

CREATE OR REPLACE FUNCTION ledger.close_wallet()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || old.id::text, 0));
  perform from ledger.accounts a where a.owner = old.id order by a.id for no key update;
  update ledger.accounts a set closed_at = now() where a.owner = old.id and a.closed_at is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.ensure_account (
  p_owner    uuid,
  p_currency text,
  p_purpose  text
)
  RETURNS bigint
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id bigint;
begin
  select a.id into v_id from ledger.accounts a where a.owner = p_owner and a.currency = p_currency and a.purpose = p_purpose;
  if found then
    return v_id;
  end if;
  -- First use. The lock orders it with a freeze or the deletion of the same person, so that a new account cannot slip past.
  -- It is taken before any account is locked, and one at a time: no cycle.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || p_owner::text, 0));
  -- Deleted while we waited: close_wallet holds the same lock, and would never see an account made after it.
  if exists (select from ledger.accounts c where c.owner = p_owner and c.closed_at is not null) then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is no open wallet to move this money to or from.',
      'Check the username or id.');
  end if;
  insert into ledger.accounts (owner, currency, purpose, is_frozen)
  values (p_owner, p_currency, p_purpose,
    exists (select from ledger.accounts f where f.owner = p_owner and f.is_frozen))
  on conflict on constraint one_account_per_purpose do nothing;
  select a.id into strict v_id from ledger.accounts a
  where a.owner = p_owner and a.currency = p_currency and a.purpose = p_purpose;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.open_system_accounts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into ledger.accounts (id, owner, purpose, currency, floor_minor)
  select nextval('ledger.system_account_ids'), null, s.purpose, new.code, s.floor_minor
  -- Money enters through funding, so that account alone may owe: half of what a bigint can say.
  from (values ('funding', -4611686018427387904), ('payouts', 0), ('fees', 0)) s (purpose, floor_minor);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.open_wallet()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform ledger.ensure_account(new.id, 'USD', 'available');
  perform ledger.ensure_account(new.id, 'USD', 'pending');
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.parse_amount (
  p_amount   text,
  p_exponent smallint
)
  RETURNS bigint
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_minor numeric;
begin
  -- Digits and one point only: no sign, exponent, NaN, spaces or leading zeros. The length is checked before the pattern.
  if p_amount is null or length(p_amount) > 40 or p_amount !~ '^(0|[1-9][0-9]*)(\.[0-9]+)?$' then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is not a decimal number above zero.',
      'Send the amount as text, such as "12.50".');
  end if;
  if length(split_part(p_amount, '.', 2)) > p_exponent then
    perform app_hidden.fail(422, 'wallet.amount_scale', 'The amount has more decimals than its currency.',
      format('Send at most %s decimals.', p_exponent));
  end if;
  v_minor := p_amount::numeric * ('1e' || p_exponent::text)::numeric;
  if v_minor <= 0 or v_minor > 9223372036854775807 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is zero or too large.', 'Send an amount above zero.');
  end if;
  return v_minor::bigint;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.post (
  p_kind        text,
  p_currency    text,
  p_accounts    bigint[],
  p_amounts     bigint[],
  p_from_owner  uuid,
  p_to_owner    uuid,
  p_description text,
  p_category    text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_leg record;
  v_moved record;
  v_id uuid;
  v_now timestamptz;
  v_total bigint := 0;
  v_accounts bigint[] := '{}';
  v_amounts bigint[] := '{}';
  v_owners uuid[] := '{}';
  v_purposes text[] := '{}';
  v_seqs bigint[] := '{}';
  v_balances bigint[] := '{}';
begin
  for v_leg in select u.account, u.amount from unnest(p_accounts, p_amounts) u (account, amount) order by u.account loop
    update ledger.accounts a set
      balance_minor = a.balance_minor + v_leg.amount,
      earned_minor = a.earned_minor + case when p_kind = 'transfer' and v_leg.amount > 0 then v_leg.amount else 0 end,
      seq = a.seq + 1,
      updated_at = now()
    where a.id = v_leg.account and a.currency = p_currency and a.closed_at is null
      and case
        when v_leg.amount < 0 then not a.is_frozen and a.balance_minor >= a.floor_minor - v_leg.amount
        else v_leg.amount <= 9223372036854775807 - greatest(a.balance_minor, a.earned_minor, 0)
      end
    returning a.owner, a.purpose, a.seq, a.balance_minor into v_moved;
    if not found then
      perform ledger.refuse(p_accounts, p_amounts);
    end if;
    v_accounts := v_accounts || v_leg.account;
    v_amounts := v_amounts || v_leg.amount;
    v_owners := v_owners || v_moved.owner;
    v_purposes := v_purposes || v_moved.purpose;
    v_seqs := v_seqs || v_moved.seq;
    v_balances := v_balances || v_moved.balance_minor;
    v_total := v_total + greatest(v_leg.amount, 0);
  end loop;

  -- Taken while all accounts are locked, so that time and id never run against seq.
  v_now := clock_timestamp();
  v_id := app_private.uuid_v7();
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, description, category, created_at)
  values (v_id, p_kind, p_currency, v_total, p_from_owner, p_to_owner, p_description, p_category, v_now);
  insert into ledger.entries (
    account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
    counterparty, description, category, created_at)
  select u.account, u.seq, v_id, u.owner, u.purpose, p_kind, p_currency, u.amount, u.balance,
    case when u.amount > 0 then p_from_owner else p_to_owner end, p_description, p_category, v_now
  from unnest(v_accounts, v_seqs, v_owners, v_purposes, v_amounts, v_balances)
    u (account, seq, owner, purpose, amount, balance);
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.refuse (
  p_accounts bigint[],
  p_amounts  bigint[]
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_leg record;
begin
  for v_leg in
    select u.amount, a.id, a.balance_minor, a.floor_minor, a.is_frozen, a.closed_at
    from unnest(p_accounts, p_amounts) u (account, amount)
    left join ledger.accounts a on a.id = u.account
    order by u.amount
  loop
    if v_leg.id is null or v_leg.closed_at is not null then
      perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is no open wallet to move this money to or from.',
        'Check the username or id.');
    elsif v_leg.amount < 0 and v_leg.is_frozen then
      perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Contact support.');
    elsif v_leg.amount < 0 and v_leg.balance_minor < v_leg.floor_minor - v_leg.amount then
      perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The balance is too low for this amount.',
        'Send less or add money first.');
    end if;
  end loop;
  perform app_hidden.fail(422, 'wallet.invalid_amount', 'The receiving wallet cannot hold this amount.', 'Send less.');
end
$function$;

CREATE OR REPLACE FUNCTION ledger.refuse_change()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(403, 'ledger.append_only', format('Rows of %I.%I are never changed or deleted.', tg_table_schema, tg_table_name),
    'Correct what is wrong by a new row, such as a transfer the other way.');
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.system_account (
  p_currency text,
  p_purpose  text
)
  RETURNS bigint
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select a.id from ledger.accounts a where a.owner is null and a.currency = p_currency and a.purpose = p_purpose
$function$;

CREATE OR REPLACE FUNCTION ledger.transfer_between_people (
  p_from        uuid,
  p_recipient   text,
  p_amount      text,
  p_currency    text,
  p_description text,
  p_category    text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_exponent smallint;
  v_amount bigint;
  v_to uuid;
  v_payer bigint;
  v_payee bigint;
begin
  select c.exponent into v_exponent from ledger.currencies c where c.code = p_currency;
  if not found then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  v_amount := ledger.parse_amount(p_amount, v_exponent);

  if p_recipient ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    select p.id into v_to from public.profiles p where p.id = p_recipient::uuid;
  else
    select p.id into v_to from public.profiles p where p.username operator(extensions.=) p_recipient::extensions.citext;
  end if;
  if v_to is null then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is nobody with this username or id.', 'Check the recipient.');
  elsif v_to = p_from then
    perform app_hidden.fail(422, 'wallet.self_transfer', 'Money cannot be sent to oneself.', 'Choose another recipient.');
  end if;

  -- Whoever never had this currency has none to send, so only the receiving account is made here.
  select a.id into v_payer from ledger.accounts a where a.owner = p_from and a.currency = p_currency and a.purpose = 'available';
  if not found then
    if exists (select from ledger.accounts a where a.owner = p_from and a.is_frozen) then
      perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Contact support.');
    end if;
    perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The balance is too low for this amount.', 'Send less or add money first.');
  end if;
  v_payee := ledger.ensure_account(v_to, p_currency, 'available');
  return ledger.post('transfer', p_currency, array[v_payer, v_payee], array[-v_amount, v_amount], p_from, v_to, p_description, p_category);
end
$function$;

ALTER TABLE "ledger"."accounts"
  ADD CONSTRAINT "accounts_currency_fkey" FOREIGN KEY (currency) REFERENCES ledger.currencies(code);

ALTER TABLE "public"."account_settings"
  ADD CONSTRAINT "account_settings_user_id_fkey" FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;

ALTER TABLE "public"."profiles"
  ADD CONSTRAINT "profiles_id_fkey" FOREIGN KEY (id) REFERENCES auth.users(id) ON DELETE CASCADE;

CREATE VIEW "admin"."dead_letters" AS  SELECT id,
    type,
    occurred_at,
    dead_at,
    attempts,
    last_error,
    payload
   FROM app_private.outbox_events e
  WHERE (dead_at IS NOT NULL)
  ORDER BY dead_at DESC;

CREATE VIEW "admin"."ledger_audit" AS  SELECT invariant,
    violations,
    (violations = 0) AS ok
   FROM ledger.audit() a(invariant, violations);

CREATE VIEW "admin"."outbox_lag" AS  SELECT pending,
    dead,
    oldest_pending_seconds
   FROM app_private.outbox_stats() s(pending, dead, oldest_pending_seconds);

CREATE VIEW "public"."transactions" WITH (security_invoker=true) AS  SELECT e.transfer_id AS id,
    e.owner AS user_id,
    e.type,
    app_hidden.format_amount(abs(e.amount_minor), c.exponent) AS amount,
    e.currency,
    e.description,
    e.category,
    'completed'::text AS status,
    e.kind,
    k.id AS counterparty_id,
    (k.username)::text AS counterparty_username,
    app_hidden.format_amount(e.balance_minor, c.exponent) AS balance_after,
    e.created_at
   FROM ((ledger.entries e
     JOIN ledger.currencies c ON ((c.code = e.currency)))
     LEFT JOIN public.profiles k ON ((k.id = e.counterparty)))
  WHERE (e.purpose = 'available'::text);

REVOKE ALL ON TABLE "public"."transactions" FROM "anon";

CREATE VIEW "public"."wallet" WITH (security_invoker=true) AS  SELECT a.owner AS user_id,
    a.currency,
    app_hidden.format_amount(a.balance_minor, c.exponent) AS balance,
    app_hidden.format_amount(COALESCE(p.balance_minor, (0)::bigint), c.exponent) AS pending_balance,
    app_hidden.format_amount(a.earned_minor, c.exponent) AS total_earnings,
    '[]'::jsonb AS linked_accounts,
    a.is_frozen,
    GREATEST(a.updated_at, p.updated_at) AS updated_at
   FROM ((ledger.accounts a
     JOIN ledger.currencies c ON ((c.code = a.currency)))
     LEFT JOIN ledger.accounts p ON (((p.owner = a.owner) AND (p.currency = a.currency) AND (p.purpose = 'pending'::text))))
  WHERE (a.purpose = 'available'::text);

REVOKE ALL ON TABLE "public"."wallet" FROM "anon";

CREATE INDEX audit_log_target_idx ON admin.audit_log USING btree (target, at DESC);

CREATE INDEX idempotency_keys_claimed_at_idx ON app_private.idempotency_keys USING btree (claimed_at);

CREATE INDEX outbox_events_dead_idx ON app_private.outbox_events USING btree (dead_at)
  WHERE (dead_at IS NOT NULL);

CREATE UNIQUE INDEX outbox_events_log_idx ON app_private.outbox_events USING btree (tx_id, "position");

CREATE INDEX outbox_events_pending_idx ON app_private.outbox_events USING btree (next_attempt_at, "position")
  WHERE ((processed_at IS NULL) AND (dead_at IS NULL));

CREATE INDEX accounts_currency_idx ON ledger.accounts USING btree (currency);

CREATE INDEX entries_owner_history_idx ON ledger.entries USING btree (OWNER, created_at DESC, transfer_id DESC)
  WHERE (purpose = 'available'::text);

CREATE TRIGGER append_only_truncate
  BEFORE TRUNCATE ON admin.audit_log
  FOR EACH STATEMENT
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER append_only
  BEFORE DELETE OR UPDATE ON admin.audit_log
  FOR EACH ROW
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER wake_worker
  AFTER INSERT ON app_private.outbox_events
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.wake_worker();

CREATE TRIGGER tell_session
  AFTER INSERT OR DELETE ON auth.sessions
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_session();

CREATE TRIGGER create_profile
  AFTER INSERT ON auth.users
  FOR EACH ROW
  EXECUTE FUNCTION app_private.create_profile();

CREATE TRIGGER follow_auth_addresses
  AFTER UPDATE OF email, phone ON auth.users
  FOR EACH ROW
  WHEN ((((old.email)::text IS DISTINCT FROM (new.email)::text) OR (old.phone IS DISTINCT FROM new.phone)))
  EXECUTE FUNCTION app_private.follow_auth_addresses();

CREATE TRIGGER tell_user_deleted
  AFTER DELETE ON auth.users
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_user_deleted();

CREATE TRIGGER open_system_accounts
  AFTER INSERT ON ledger.currencies
  FOR EACH ROW
  EXECUTE FUNCTION ledger.open_system_accounts();

CREATE TRIGGER append_only_truncate
  BEFORE TRUNCATE ON ledger.entries
  FOR EACH STATEMENT
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER append_only
  BEFORE DELETE OR UPDATE ON ledger.entries
  FOR EACH ROW
  EXECUTE FUNCTION ledger.refuse_change();

CREATE CONSTRAINT TRIGGER transfer_is_balanced
  AFTER INSERT ON ledger.entries DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION ledger.assert_balanced();

CREATE TRIGGER append_only_truncate
  BEFORE TRUNCATE ON ledger.transfers
  FOR EACH STATEMENT
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER append_only
  BEFORE DELETE OR UPDATE ON ledger.transfers
  FOR EACH ROW
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER tell_transfer_completed
  AFTER INSERT ON ledger.transfers
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_transfer_completed();

CREATE CONSTRAINT TRIGGER transfer_is_balanced
  AFTER INSERT ON ledger.transfers DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW
  EXECUTE FUNCTION ledger.assert_balanced();

CREATE TRIGGER touch_updated_at
  BEFORE UPDATE ON public.account_settings
  FOR EACH ROW
  EXECUTE FUNCTION app_hidden.touch_updated_at();

CREATE TRIGGER close_wallet
  AFTER DELETE ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION ledger.close_wallet();

CREATE TRIGGER guard_business_info
  BEFORE INSERT OR UPDATE OF is_business_account, business_info ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_business_info();

CREATE TRIGGER guard_username
  BEFORE INSERT OR UPDATE OF username ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_username();

CREATE TRIGGER open_wallet
  AFTER INSERT ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION ledger.open_wallet();

CREATE TRIGGER tell_profile_updated
  AFTER UPDATE ON public.profiles
  FOR EACH ROW
  WHEN ((old.* IS DISTINCT FROM new.*))
  EXECUTE FUNCTION app_private.tell_profile_updated();

CREATE TRIGGER tell_user_registered
  AFTER INSERT ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_user_registered();

CREATE TRIGGER touch_updated_at
  BEFORE UPDATE ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_hidden.touch_updated_at();

CREATE POLICY "people read their own accounts" ON "ledger"."accounts"
  FOR SELECT
  TO "authenticated"
  USING ((OWNER = ( SELECT auth.uid() AS uid)));

CREATE POLICY "everybody signed in reads currencies" ON "ledger"."currencies"
  FOR SELECT
  TO "authenticated"
  USING (true);

CREATE POLICY "people read entries of their own accounts" ON "ledger"."entries"
  FOR SELECT
  TO "authenticated"
  USING ((OWNER = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people change their own settings" ON "public"."account_settings"
  FOR UPDATE
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)))
  WITH CHECK ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people read their own settings" ON "public"."account_settings"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "everybody reads profiles" ON "public"."profiles"
  FOR SELECT
  TO "anon", "authenticated"
  USING (true);

CREATE POLICY "people change their own profile" ON "public"."profiles"
  FOR UPDATE
  TO "authenticated"
  USING ((id = ( SELECT auth.uid() AS uid)))
  WITH CHECK ((id = ( SELECT auth.uid() AS uid)));

COMMENT ON EXTENSION "citext" IS 'data type for case-insensitive character strings';

COMMENT ON FUNCTION "admin"."fund_wallet"(text, text, text, text) IS 'Credits a wallet from the funding account and gives the transfer id: select admin.fund_wallet(''alice'', ''100.00'', ''USD'', ''why'').';

COMMENT ON FUNCTION "admin"."person"(text) IS 'The id of a person by username; else 404 users.not_found.';

COMMENT ON FUNCTION "admin"."retry_dead_letters"() IS 'Gives all dead letters back to the worker and says how many.';

COMMENT ON FUNCTION "admin"."set_wallet_frozen"(text, boolean, text) IS 'Stops all money from leaving a person''s wallet, or allows it again; receiving goes on. True when that is a change.';

COMMENT ON FUNCTION "admin"."wallet_state"(uuid, text) IS 'A wallet as the audit log keeps it.';

COMMENT ON FUNCTION "app_hidden"."fail"(integer, text, text, text) IS 'Refuses with SQLSTATE PTxyz, which the REST API answers as HTTP xyz: message for people, detail = stable code, hint = what to do next.';

COMMENT ON FUNCTION "app_hidden"."format_amount"(bigint, smallint) IS 'Minor units as decimal text with all digits of the currency: 1250, 2 -> 12.50.';

COMMENT ON FUNCTION "app_hidden"."touch_updated_at"() IS 'Trigger: keeps updated_at true whoever writes the row.';

COMMENT ON FUNCTION "app_private"."assert_session"(uuid, uuid) IS 'True while the session lives and its user is not banned; else 401 auth.session_revoked or 403 auth.user_banned. Two primary key probes.';

COMMENT ON FUNCTION "app_private"."claim_idempotency_key"(uuid, text, text, bytea) IS 'Claims a key for the work of this transaction, or gives the stored answer of the same request (replayed). Another request: 409 idempotency.key_reused.';

COMMENT ON FUNCTION "app_private"."claim_outbox"(integer, interval) IS 'Takes up to p_limit due events for p_lease; two workers never get the same one. After the lease an event is due again.';

COMMENT ON FUNCTION "app_private"."complete_outbox"(uuid[]) IS 'Marks events as processed and says how many were not so before.';

COMMENT ON FUNCTION "app_private"."create_profile"() IS 'Trigger on auth.users: profile, settings and wallet of a new user.';

COMMENT ON FUNCTION "app_private"."emit_event"(text, uuid, jsonb) IS 'Writes one domain event, version 1, into the transaction of its change.';

COMMENT ON FUNCTION "app_private"."ensure_profile"(uuid) IS 'Makes the profile of a user, with a free username whatever was asked for, and the settings; the wallet follows by trigger.';

COMMENT ON FUNCTION "app_private"."fail_outbox"(uuid, text, interval, boolean) IS 'Notes why an event failed: due again after p_retry_in, or dead until an operator retries it.';

COMMENT ON FUNCTION "app_private"."follow_auth_addresses"() IS 'Trigger on auth.users: keeps email and phone of the settings as Auth confirmed them.';

COMMENT ON FUNCTION "app_private"."guard_business_info"() IS 'Trigger on profiles: business_info only on accounts that operators made a business.';

COMMENT ON FUNCTION "app_private"."guard_username"() IS 'Trigger on profiles: lower case, and refuses what nobody may be called.';

COMMENT ON FUNCTION "app_private"."list_sessions"(uuid) IS 'The living sessions of a user, the latest used first, at most 100.';

COMMENT ON FUNCTION "app_private"."outbox_stats"() IS 'How far the worker is behind: counted over the partial indexes of what is left to do.';

COMMENT ON FUNCTION "app_private"."post_transaction"(uuid, text, bytea, text, text, text, text, text) IS 'Sends money: 201 with the transaction, or the refusal as {code, detail, hint}; both are stored under the key and replayed to a retry.';

COMMENT ON FUNCTION "app_private"."prune_idempotency_keys"() IS 'Deletes up to 10,000 keys older than 24 hours and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."prune_outbox"(interval, text) IS 'Deletes up to 10,000 events processed longer ago than p_older_than and before transaction p_before_tx (null: any): call again until 0.';

COMMENT ON FUNCTION "app_private"."read_outbox_log"(text, bigint, integer) IS 'Events in their final order after (p_after_tx, p_after_position); null, null reads from the beginning.';

COMMENT ON FUNCTION "app_private"."replay_outbox"(timestamp with time zone) IS 'Makes all events since p_from pending again and says how many. Projections are idempotent, so nothing is doubled.';

COMMENT ON FUNCTION "app_private"."revoke_other_sessions"(uuid, uuid) IS 'Ends all sessions of the user but one (null: all) and gives their ids.';

COMMENT ON FUNCTION "app_private"."revoke_session"(uuid, uuid) IS 'Ends one session of the user with its refresh tokens; false when there is no such session.';

COMMENT ON FUNCTION "app_private"."store_idempotent_response"(uuid, text, integer, jsonb) IS 'Stores the answer of a claimed request, refusals included, so that a retry can never change its outcome.';

COMMENT ON FUNCTION "app_private"."tell_profile_updated"() IS 'Trigger on profiles: profile.updated with the new public facts and the names of what changed.';

COMMENT ON FUNCTION "app_private"."tell_session"() IS 'Trigger on auth.sessions: user.logged_in and user.session_revoked.';

COMMENT ON FUNCTION "app_private"."tell_transfer_completed"() IS 'Trigger on ledger.transfers: wallet.transfer_completed.';

COMMENT ON FUNCTION "app_private"."tell_user_deleted"() IS 'Trigger on auth.users: user.deleted.';

COMMENT ON FUNCTION "app_private"."tell_user_registered"() IS 'Trigger on profiles: user.registered.';

COMMENT ON FUNCTION "app_private"."username_from"(text) IS 'A valid username made from a name or the local part of a mail address; `user` where nothing is left.';

COMMENT ON FUNCTION "app_private"."username_status"(text) IS 'available, taken, reserved or invalid. Only the insert decides: a free name may be taken a moment later.';

COMMENT ON FUNCTION "app_private"."uuid_v7"() IS 'A version 7 uuid (RFC 9562): 48 bits of milliseconds, then random bits.';

COMMENT ON FUNCTION "app_private"."wake_worker"() IS 'Trigger on the outbox: wakes the worker, unless a transaction in flight is about to.';

COMMENT ON FUNCTION "ledger"."assert_balanced"() IS 'Trigger at commit: the legs of a transfer sum to zero in each currency, and there are some.';

COMMENT ON FUNCTION "ledger"."audit"() IS 'Counts the violations of each invariant of the ledger: all must be 0.';

COMMENT ON FUNCTION "ledger"."close_wallet"() IS 'Trigger on profiles: the accounts of a deleted person stay with their balance, closed.';

COMMENT ON FUNCTION "ledger"."ensure_account"(uuid, text, text) IS 'The id of a person''s account, made on first use. Call it before a posting locks accounts.';

COMMENT ON FUNCTION "ledger"."open_system_accounts"() IS 'Trigger on currencies: the system accounts of a new currency.';

COMMENT ON FUNCTION "ledger"."open_wallet"() IS 'Trigger on profiles: a wallet in the default currency for everybody.';

COMMENT ON FUNCTION "ledger"."parse_amount"(text, smallint) IS 'Decimal text as minor units above zero; else 422 wallet.invalid_amount or wallet.amount_scale.';

COMMENT ON FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text) IS 'Books one transfer of 2..n legs (account, signed minor units) and gives its id; refuses with 402, 403, 404 or 422 and changes nothing.';

COMMENT ON FUNCTION "ledger"."refuse"(bigint[], bigint[]) IS 'Raises the business failure of a posting that moved fewer accounts than it has legs.';

COMMENT ON FUNCTION "ledger"."refuse_change"() IS 'Trigger: makes a table append-only, for its owner too.';

COMMENT ON FUNCTION "ledger"."system_account"(text, text) IS 'The id of the system''s account: funding, payouts or fees of a currency.';

COMMENT ON FUNCTION "ledger"."transfer_between_people"(uuid, text, text, text, text, text) IS 'Checks what a person asked for and books it; refuses with 402, 403, 404 or 422.';

COMMENT ON SCHEMA "admin" IS 'What operators use in Studio, as the role postgres.';

COMMENT ON SCHEMA "app_hidden" IS 'Helpers that policies, views and roles may call. Never exposed by the REST API.';

COMMENT ON SCHEMA "app_private" IS 'Internals and secrets: no role of a client may look inside. Edge functions and the worker call its functions.';

COMMENT ON SCHEMA "ledger" IS 'Money: accounts, transfers and append-only entries. Written by functions only.';

COMMENT ON TABLE "admin"."audit_log" IS 'Who did what to whom and why, with the state before and after. Append-only.';

COMMENT ON TABLE "app_private"."idempotency_keys" IS 'One row per write request of an owner: what was asked (hash) and what was answered, for 24 hours. A retry gets the answer again.';

COMMENT ON TABLE "app_private"."outbox_events" IS 'Domain events, written in the transaction of the change they tell of. Pending until processed_at or dead_at is set.';

COMMENT ON TABLE "app_private"."reserved_usernames" IS 'Names that nobody may take, because they would speak for the product or hide a path of it.';

COMMENT ON TABLE "ledger"."accounts" IS 'Balances. Of a user: available (spendable) and pending; of the system, one per currency: funding, payouts, fees. seq counts the entries.';

COMMENT ON TABLE "ledger"."currencies" IS 'ISO 4217: an amount of 1 is 10^exponent minor units.';

COMMENT ON TABLE "ledger"."entries" IS 'The legs of transfers, append-only: signed amount and the balance after it. seq has no gaps in an account; legs of a transfer sum to zero. Each is a whole line of a statement, with what the account and the transfer say.';

COMMENT ON TABLE "ledger"."transfers" IS 'What moved and why. from_owner and to_owner are the people behind it (null: the system); the legs are in ledger.entries.';

COMMENT ON TABLE "public"."account_settings" IS 'What only its owner may know. email and phone follow auth.users; a key missing in the settings means its default.';

COMMENT ON TABLE "public"."profiles" IS 'What everybody may know of a person. Made by the sign-up, one per user.';

COMMENT ON VIEW "admin"."dead_letters" IS 'Events that the worker gave up, with the reason. Mend the cause, then admin.retry_dead_letters().';

COMMENT ON VIEW "admin"."ledger_audit" IS 'The invariants of the ledger, checked now over everything.';

COMMENT ON VIEW "admin"."outbox_lag" IS 'How far the worker is behind.';

COMMENT ON VIEW "public"."transactions" IS 'What came in and went out of the reader''s wallet. Page by (created_at, id) descending, and filter by user_id too, so that the planner knows whose history it is.';

COMMENT ON VIEW "public"."wallet" IS 'One row per currency of the reader. Amounts are decimal text; total_earnings is all that was ever received from other people.';

REVOKE ALL ON FUNCTION "admin"."fund_wallet"(text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."fund_wallet"(text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."fund_wallet"(text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."person"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."person"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."person"(text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."retry_dead_letters"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."retry_dead_letters"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."retry_dead_letters"() TO "postgres";

REVOKE ALL ON FUNCTION "admin"."set_wallet_frozen"(text, boolean, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."set_wallet_frozen"(text, boolean, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."set_wallet_frozen"(text, boolean, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."wallet_state"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."wallet_state"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."wallet_state"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."fail"(integer, text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."fail"(integer, text, text, text) TO "anon", "astra_api", "astra_worker", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."fail"(integer, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."fail"(integer, text, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."fail"(integer, text, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."format_amount"(bigint, smallint) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."format_amount"(bigint, smallint) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."format_amount"(bigint, smallint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."format_amount"(bigint, smallint) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."format_amount"(bigint, smallint) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."touch_updated_at"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_hidden"."touch_updated_at"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."touch_updated_at"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_session"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."assert_session"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."assert_session"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_session"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_idempotency_key"(uuid, text, text, bytea) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_idempotency_key"(uuid, text, text, bytea) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."claim_idempotency_key"(uuid, text, text, bytea) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_idempotency_key"(uuid, text, text, bytea) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_outbox"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_outbox"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_outbox"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_outbox"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."complete_outbox"(uuid[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."complete_outbox"(uuid[]) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."complete_outbox"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."complete_outbox"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."create_profile"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."create_profile"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."create_profile"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."emit_event"(text, uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."emit_event"(text, uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."emit_event"(text, uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."ensure_profile"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."ensure_profile"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."ensure_profile"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_outbox"(uuid, text, interval, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."fail_outbox"(uuid, text, interval, boolean) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."fail_outbox"(uuid, text, interval, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_outbox"(uuid, text, interval, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."follow_auth_addresses"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."follow_auth_addresses"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."follow_auth_addresses"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_business_info"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_business_info"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_business_info"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_username"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_username"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_username"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."list_sessions"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."list_sessions"(uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."list_sessions"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."list_sessions"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."outbox_stats"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."outbox_stats"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."outbox_stats"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."outbox_stats"() TO "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."outbox_stats"() TO "service_role";

REVOKE ALL ON FUNCTION "app_private"."post_transaction"(uuid, text, bytea, text, text, text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."post_transaction"(uuid, text, bytea, text, text, text, text, text) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."post_transaction"(uuid, text, bytea, text, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."post_transaction"(uuid, text, bytea, text, text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_idempotency_keys"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_idempotency_keys"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_idempotency_keys"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_idempotency_keys"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_outbox"(interval, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_outbox"(interval, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_outbox"(interval, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_outbox"(interval, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."read_outbox_log"(text, bigint, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."read_outbox_log"(text, bigint, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."read_outbox_log"(text, bigint, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."read_outbox_log"(text, bigint, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."replay_outbox"(timestamp WITH time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."replay_outbox"(timestamp WITH time zone) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."replay_outbox"(timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."replay_outbox"(timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."revoke_other_sessions"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."revoke_other_sessions"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."revoke_other_sessions"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."revoke_other_sessions"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."revoke_session"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."revoke_session"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."revoke_session"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."revoke_session"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."store_idempotent_response"(uuid, text, integer, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."store_idempotent_response"(uuid, text, integer, jsonb) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."store_idempotent_response"(uuid, text, integer, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."store_idempotent_response"(uuid, text, integer, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_profile_updated"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_profile_updated"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_profile_updated"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_session"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_session"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_session"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_transfer_completed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_transfer_completed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_transfer_completed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_user_deleted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_user_deleted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_user_deleted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_user_registered"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_user_registered"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_user_registered"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."username_from"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."username_from"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."username_from"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."username_status"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."username_status"(text) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."username_status"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."username_status"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."uuid_v7"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."uuid_v7"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."uuid_v7"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."wake_worker"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."wake_worker"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."wake_worker"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."assert_balanced"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."assert_balanced"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."assert_balanced"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."audit"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."audit"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."audit"() TO "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."audit"() TO "service_role";

REVOKE ALL ON FUNCTION "ledger"."close_wallet"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."close_wallet"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."close_wallet"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."ensure_account"(uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."ensure_account"(uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."ensure_account"(uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."open_system_accounts"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."open_system_accounts"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."open_system_accounts"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."open_wallet"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."open_wallet"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."open_wallet"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."parse_amount"(text, smallint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."parse_amount"(text, smallint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."parse_amount"(text, smallint) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."refuse"(bigint[], bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."refuse"(bigint[], bigint[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."refuse"(bigint[], bigint[]) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."refuse_change"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."refuse_change"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."refuse_change"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."system_account"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."system_account"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."system_account"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."transfer_between_people"(uuid, text, text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."transfer_between_people"(uuid, text, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."transfer_between_people"(uuid, text, text, text, text, text) TO "postgres";

GRANT USAGE ON SCHEMA "admin" TO "service_role";

GRANT USAGE ON SCHEMA "app_hidden" TO "anon", "astra_api", "astra_worker", "authenticated", "service_role";

GRANT USAGE ON SCHEMA "app_private" TO "astra_api", "astra_worker";

GRANT USAGE ON SCHEMA "ledger" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "admin"."audit_log" TO "service_role";

GRANT SELECT ON TABLE "ledger"."accounts" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "ledger"."currencies" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "ledger"."entries" TO "authenticated", "service_role";

REVOKE ALL ON TABLE "public"."account_settings" FROM "authenticated";

REVOKE ALL ("notification_settings") ON TABLE "public"."account_settings" FROM "authenticated";

GRANT UPDATE ("notification_settings") ON TABLE "public"."account_settings" TO "authenticated";

REVOKE ALL ("privacy_settings") ON TABLE "public"."account_settings" FROM "authenticated";

GRANT UPDATE ("privacy_settings") ON TABLE "public"."account_settings" TO "authenticated";

GRANT SELECT ON TABLE "public"."account_settings" TO "authenticated";

REVOKE ALL ON TABLE "public"."account_settings" FROM "service_role";

REVOKE ALL ("notification_settings") ON TABLE "public"."account_settings" FROM "service_role";

GRANT UPDATE ("notification_settings") ON TABLE "public"."account_settings" TO "service_role";

REVOKE ALL ("privacy_settings") ON TABLE "public"."account_settings" FROM "service_role";

GRANT UPDATE ("privacy_settings") ON TABLE "public"."account_settings" TO "service_role";

GRANT SELECT ON TABLE "public"."account_settings" TO "service_role";

REVOKE ALL ON TABLE "public"."profiles" FROM "anon";

GRANT SELECT ON TABLE "public"."profiles" TO "anon";

REVOKE ALL ON TABLE "public"."profiles" FROM "authenticated";

REVOKE ALL ("avatar_url") ON TABLE "public"."profiles" FROM "authenticated";

GRANT UPDATE ("avatar_url") ON TABLE "public"."profiles" TO "authenticated";

REVOKE ALL ("bio") ON TABLE "public"."profiles" FROM "authenticated";

GRANT UPDATE ("bio") ON TABLE "public"."profiles" TO "authenticated";

REVOKE ALL ("business_info") ON TABLE "public"."profiles" FROM "authenticated";

GRANT UPDATE ("business_info") ON TABLE "public"."profiles" TO "authenticated";

REVOKE ALL ("full_name") ON TABLE "public"."profiles" FROM "authenticated";

GRANT UPDATE ("full_name") ON TABLE "public"."profiles" TO "authenticated";

REVOKE ALL ("location") ON TABLE "public"."profiles" FROM "authenticated";

GRANT UPDATE ("location") ON TABLE "public"."profiles" TO "authenticated";

REVOKE ALL ("username") ON TABLE "public"."profiles" FROM "authenticated";

GRANT UPDATE ("username") ON TABLE "public"."profiles" TO "authenticated";

REVOKE ALL ("website") ON TABLE "public"."profiles" FROM "authenticated";

GRANT UPDATE ("website") ON TABLE "public"."profiles" TO "authenticated";

GRANT SELECT ON TABLE "public"."profiles" TO "authenticated";

REVOKE ALL ON TABLE "public"."profiles" FROM "service_role";

REVOKE ALL ("avatar_url") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("avatar_url") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("bio") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("bio") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("business_info") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("business_info") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("full_name") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("full_name") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("is_business_account") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("is_business_account") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("is_verified") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("is_verified") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("location") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("location") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("username") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("username") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("verification_level") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("verification_level") ON TABLE "public"."profiles" TO "service_role";

REVOKE ALL ("website") ON TABLE "public"."profiles" FROM "service_role";

GRANT UPDATE ("website") ON TABLE "public"."profiles" TO "service_role";

GRANT SELECT ON TABLE "public"."profiles" TO "service_role";

GRANT SELECT ON TABLE "admin"."dead_letters" TO "service_role";

GRANT SELECT ON TABLE "admin"."ledger_audit" TO "service_role";

GRANT SELECT ON TABLE "admin"."outbox_lag" TO "service_role";

REVOKE ALL ON TABLE "public"."transactions" FROM "authenticated";

GRANT SELECT ON TABLE "public"."transactions" TO "authenticated";

REVOKE ALL ON TABLE "public"."transactions" FROM "service_role";

GRANT SELECT ON TABLE "public"."transactions" TO "service_role";

REVOKE ALL ON TABLE "public"."wallet" FROM "authenticated";

GRANT SELECT ON TABLE "public"."wallet" TO "authenticated";

REVOKE ALL ON TABLE "public"."wallet" FROM "service_role";

GRANT SELECT ON TABLE "public"."wallet" TO "service_role";

ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" REVOKE ALL ON FUNCTIONS FROM PUBLIC;

-- copy of sql/10_identity/5_data.sql sha256:c45d9887774e2e30e88483efb85f47b6ace85ad092877f6ea0f87ee9a5f02d19
with wanted (username) as (
  select unnest(string_to_array(
    'about account accounts admin administrator anonymous api app apps assets astra auth billing blog bot business call calls '
    || 'cdn chat contact dashboard dev developer developers docs download everyone explore export feed feeds follow followers '
    || 'following follows functions graphql group groups health help home inbox info legal login logout mail me media message '
    || 'messages moderator moderators news notification notifications null oauth official operator owner password pay payment '
    || 'payments payout payouts policy post posts postmaster press privacy profile profiles public realtime refresh register '
    || 'report reports rest root search security self service service_role session sessions settings signin signup staff status '
    || 'storage store stories support supabase system team terms test transaction transactions trust undefined user username '
    || 'users verified verify wallet wallets web webhook webhooks webmaster withdraw www',
    ' '))
), gone as (
  delete from app_private.reserved_usernames r where not exists (select from wanted w where w.username = r.username)
)
insert into app_private.reserved_usernames (username) select w.username from wanted w
on conflict (username) do nothing;

-- copy of sql/60_wallet/5_data.sql sha256:ff2908aadb70bea2120361de2ae8810bb9e3c5073e2d93c3684cb2de33d5e39b
insert into ledger.currencies (code, exponent, name) values
  ('AED', 2, 'UAE dirham'), ('AUD', 2, 'Australian dollar'), ('BHD', 3, 'Bahraini dinar'), ('BRL', 2, 'Brazilian real'),
  ('CAD', 2, 'Canadian dollar'), ('CHF', 2, 'Swiss franc'), ('CNY', 2, 'Chinese yuan'), ('CZK', 2, 'Czech koruna'),
  ('DKK', 2, 'Danish krone'), ('EGP', 2, 'Egyptian pound'), ('EUR', 2, 'Euro'), ('GBP', 2, 'Pound sterling'),
  ('GHS', 2, 'Ghanaian cedi'), ('HKD', 2, 'Hong Kong dollar'), ('IDR', 2, 'Indonesian rupiah'), ('ILS', 2, 'Israeli shekel'),
  ('INR', 2, 'Indian rupee'), ('JOD', 3, 'Jordanian dinar'), ('JPY', 0, 'Japanese yen'), ('KES', 2, 'Kenyan shilling'),
  ('KRW', 0, 'South Korean won'), ('KWD', 3, 'Kuwaiti dinar'), ('MXN', 2, 'Mexican peso'), ('NGN', 2, 'Nigerian naira'),
  ('NOK', 2, 'Norwegian krone'), ('NZD', 2, 'New Zealand dollar'), ('OMR', 3, 'Omani rial'), ('PHP', 2, 'Philippine peso'),
  ('PLN', 2, 'Polish zloty'), ('QAR', 2, 'Qatari riyal'), ('SAR', 2, 'Saudi riyal'), ('SEK', 2, 'Swedish krona'),
  ('SGD', 2, 'Singapore dollar'), ('THB', 2, 'Thai baht'), ('TND', 3, 'Tunisian dinar'), ('TRY', 2, 'Turkish lira'),
  ('USD', 2, 'US dollar'), ('VND', 0, 'Vietnamese dong'), ('XOF', 0, 'West African CFA franc'), ('ZAR', 2, 'South African rand')
on conflict (code) do update set name = excluded.name
  -- An exponent never changes: amounts already booked would change their meaning.
  where ledger.currencies.name is distinct from excluded.name;

-- copy of sql/95_admin/5_data.sql sha256:9efb1d6a902a585439441564e05bbe02a563c01bb93799044ae75d4a85f1b650
-- A project that had users before Astra was installed: they get what a sign-up gives. With the currencies there, last of all.
select app_private.ensure_profile(u.id)
from auth.users u
where not exists (select from public.profiles p where p.id = u.id);
