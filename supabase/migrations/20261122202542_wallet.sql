-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.
-- Written by hand, because no diff can know them: the parts marked "carried over".

SET local check_function_bodies = off;

DROP TRIGGER "transfer_is_balanced" ON "ledger"."entries";

DROP TRIGGER "tell_transfer_completed" ON "ledger"."transfers";

DROP TRIGGER "transfer_is_balanced" ON "ledger"."transfers";

DROP INDEX "app_private"."idempotency_keys_claimed_at_idx";

DROP INDEX "ledger"."accounts_currency_idx";

DROP VIEW "admin"."ledger_audit";

DROP VIEW "public"."transactions";

DROP VIEW "public"."wallet";

ALTER TABLE "ledger"."accounts"
  DROP CONSTRAINT "accounts_earned_minor_check";

ALTER TABLE "ledger"."accounts"
  DROP CONSTRAINT "accounts_floor_minor_check";

ALTER TABLE "ledger"."accounts"
  DROP CONSTRAINT "accounts_purpose_check";

ALTER TABLE "ledger"."accounts"
  DROP CONSTRAINT "accounts_seq_check";

ALTER TABLE "ledger"."accounts"
  DROP CONSTRAINT "balance_above_floor";

ALTER TABLE "ledger"."accounts"
  DROP CONSTRAINT "system_accounts_have_no_owner";

ALTER TABLE "ledger"."entries"
  DROP CONSTRAINT "entries_amount_minor_check";

ALTER TABLE "ledger"."entries"
  DROP CONSTRAINT "one_leg_per_account";

ALTER TABLE "ledger"."transfers"
  DROP CONSTRAINT "category_length";

ALTER TABLE "ledger"."transfers"
  DROP CONSTRAINT "description_length";

ALTER TABLE "ledger"."transfers"
  DROP CONSTRAINT "transfers_amount_minor_check";

ALTER TABLE "ledger"."transfers"
  DROP CONSTRAINT "transfers_kind_check";

DROP FUNCTION "admin"."set_wallet_frozen"(text, boolean, text);

DROP FUNCTION "ledger"."assert_balanced"();

DROP FUNCTION "ledger"."audit"();

DROP FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text);

DROP FUNCTION "ledger"."refuse"(bigint[], bigint[]);

DROP FUNCTION "ledger"."system_account"(text, text);

DROP FUNCTION "ledger"."transfer_between_people"(uuid, text, text, text, text, text);

ALTER TABLE "ledger"."entries"
  DROP COLUMN "type";

CREATE EXTENSION IF NOT EXISTS "pgcrypto" SCHEMA "extensions";

CREATE TABLE "admin"."corrections" (
  "id"           uuid                     NOT NULL,
  "user_id"      uuid                     NOT NULL,
  "direction"    text                     NOT NULL,
  "currency"     text                     NOT NULL,
  "amount_minor" bigint                   NOT NULL,
  "reason"       text                     NOT NULL,
  "state"        text                     NOT NULL DEFAULT 'proposed'::text,
  "proposed_by"  text                     NOT NULL,
  "proposed_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "decided_by"   text,
  "decided_at"   timestamp with time zone,
  "transfer_id"  uuid,
  CONSTRAINT "corrections_amount_minor_check" CHECK ((amount_minor > 0)),
  CONSTRAINT "corrections_direction_check" CHECK ((direction = ANY (ARRAY['credit'::text, 'debit'::text]))),
  CONSTRAINT "corrections_pkey" PRIMARY KEY (id),
  CONSTRAINT "corrections_state_check" CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'rejected'::text]))),
  CONSTRAINT "decided_whole" CHECK ((((state = 'proposed'::text) = (decided_by IS NULL)) AND ((state = 'approved'::text) = (transfer_id IS NOT NULL)))),
  CONSTRAINT "four_eyes" CHECK (((state <> 'approved'::text) OR (decided_by <> proposed_by))),
  CONSTRAINT "reason_is_given" CHECK (((length(TRIM(BOTH FROM reason)) >= 3) AND (length(TRIM(BOTH FROM reason)) <= 1000)))
);

ALTER TABLE "admin"."corrections"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "admin"."operators" (
  "name"       text                     NOT NULL,
  "code_hash"  text                     NOT NULL,
  "added_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "removed_at" timestamp with time zone,
  CONSTRAINT "operators_name_check" CHECK ((name ~ '^[a-z][a-z0-9._-]{1,49}$'::text)),
  CONSTRAINT "operators_pkey" PRIMARY KEY (name)
);

ALTER TABLE "admin"."operators"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."audit_marks" (
  "account_id"    bigint NOT NULL,
  "seq"           bigint NOT NULL,
  "balance_minor" bigint NOT NULL,
  "earned_minor"  bigint NOT NULL,
  "hash"          bytea  NOT NULL,
  CONSTRAINT "audit_marks_pkey" PRIMARY KEY (account_id)
);

ALTER TABLE "ledger"."audit_marks"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."audits" (
  "id"              bigint                   GENERATED ALWAYS AS IDENTITY NOT NULL,
  "started_at"      timestamp with time zone NOT NULL,
  "finished_at"     timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  "scope"           text                     NOT NULL,
  "ok"              boolean                  NOT NULL,
  "entries_checked" bigint                   NOT NULL,
  "violations"      jsonb                    NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT "audits_pkey" PRIMARY KEY (id),
  CONSTRAINT "audits_scope_check" CHECK ((scope = ANY (ARRAY['recent'::text, 'full'::text])))
);

ALTER TABLE "ledger"."audits"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."controls" (
  "single"                      boolean                  NOT NULL DEFAULT true,
  "withdrawals_stopped_at"      timestamp with time zone,
  "withdrawals_stopped_because" text,
  CONSTRAINT "controls_pkey" PRIMARY KEY (single),
  CONSTRAINT "controls_single_check" CHECK (single)
);

ALTER TABLE "ledger"."controls"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."deposits" (
  "id"                 uuid                     NOT NULL,
  "owner"              uuid                     NOT NULL,
  "currency"           text                     NOT NULL,
  "amount_minor"       bigint                   NOT NULL,
  "provider"           text                     NOT NULL,
  "provider_reference" text,
  "checkout"           jsonb,
  "state"              text                     NOT NULL DEFAULT 'pending'::text,
  "failure"            text,
  "transfer_id"        uuid,
  "created_at"         timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"         timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "deposits_amount_minor_check" CHECK (((amount_minor >= 1) AND (amount_minor <= '1000000000000000'::bigint))),
  CONSTRAINT "deposits_pkey" PRIMARY KEY (id),
  CONSTRAINT "deposits_state_check" CHECK ((state = ANY (ARRAY['pending'::text, 'completed'::text, 'failed'::text]))),
  CONSTRAINT "one_deposit_per_reference" UNIQUE (PROVIDER, provider_reference)
);

ALTER TABLE "ledger"."deposits"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."fee_rules" (
  "currency"      text         NOT NULL,
  "kind"          text         NOT NULL,
  "percent"       numeric(7,4) NOT NULL DEFAULT 0,
  "fixed_minor"   bigint       NOT NULL DEFAULT 0,
  "minimum_minor" bigint       NOT NULL DEFAULT 0,
  "maximum_minor" bigint,
  "charged_to"    text         NOT NULL DEFAULT 'recipient'::text,
  CONSTRAINT "fee_rules_charged_to_check" CHECK ((charged_to = ANY (ARRAY['sender'::text, 'recipient'::text]))),
  CONSTRAINT "fee_rules_check" CHECK ((maximum_minor >= minimum_minor)),
  CONSTRAINT "fee_rules_fixed_minor_check" CHECK ((fixed_minor >= 0)),
  CONSTRAINT "fee_rules_kind_check" CHECK ((kind = ANY (ARRAY['transfer'::text, 'capture'::text, 'withdrawal'::text]))),
  CONSTRAINT "fee_rules_minimum_minor_check" CHECK ((minimum_minor >= 0)),
  CONSTRAINT "fee_rules_percent_check" CHECK (((percent >= (0)::numeric) AND (percent <= (100)::numeric))),
  CONSTRAINT "fee_rules_pkey" PRIMARY KEY (currency, kind)
);

ALTER TABLE "ledger"."fee_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."holds" (
  "id"             uuid                     NOT NULL,
  "kind"           text                     NOT NULL,
  "owner"          uuid                     NOT NULL,
  "payee"          uuid,
  "currency"       text                     NOT NULL,
  "amount_minor"   bigint                   NOT NULL,
  "captured_minor" bigint                   NOT NULL DEFAULT 0,
  "fee_minor"      bigint                   NOT NULL DEFAULT 0,
  "state"          text                     NOT NULL DEFAULT 'open'::text,
  "description"    text,
  "category"       text,
  "created_at"     timestamp with time zone NOT NULL DEFAULT now(),
  "expires_at"     timestamp with time zone,
  "resolved_at"    timestamp with time zone,
  "transfer_id"    uuid,
  CONSTRAINT "holds_pkey" PRIMARY KEY (id)
);

ALTER TABLE "ledger"."holds"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "ledger"."holds"
  SET (fillfactor=70);

CREATE TABLE "ledger"."linked_accounts" (
  "id"              uuid                     NOT NULL,
  "owner"           uuid                     NOT NULL,
  "provider"        text                     NOT NULL,
  "provider_token"  text,
  "kind"            text                     NOT NULL,
  "bank_name"       text,
  "last4"           text,
  "currency"        text,
  "created_at"      timestamp with time zone NOT NULL DEFAULT now(),
  "removed_at"      timestamp with time zone,
  "attempts"        integer                  NOT NULL DEFAULT 0,
  "next_attempt_at" timestamp with time zone NOT NULL DEFAULT now(),
  "last_error"      text,
  CONSTRAINT "in_use_with_a_token" CHECK (((provider_token IS NOT NULL) OR (removed_at IS NOT NULL))),
  CONSTRAINT "linked_accounts_kind_check" CHECK ((kind = ANY (ARRAY['bank_account'::text, 'card'::text]))),
  CONSTRAINT "linked_accounts_last4_check" CHECK ((last4 ~ '^[0-9A-Za-z]{4}$'::text)),
  CONSTRAINT "linked_accounts_pkey" PRIMARY KEY (id)
);

ALTER TABLE "ledger"."linked_accounts"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."payment_requests" (
  "id"           uuid                     NOT NULL,
  "requester"    uuid                     NOT NULL,
  "payer"        uuid                     NOT NULL,
  "currency"     text                     NOT NULL,
  "amount_minor" bigint                   NOT NULL,
  "description"  text,
  "category"     text,
  "state"        text                     NOT NULL DEFAULT 'open'::text,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "expires_at"   timestamp with time zone NOT NULL,
  "resolved_at"  timestamp with time zone,
  "transfer_id"  uuid,
  CONSTRAINT "nobody_asks_themselves" CHECK ((requester <> payer)),
  CONSTRAINT "payment_requests_amount_minor_check" CHECK ((amount_minor > 0)),
  CONSTRAINT "payment_requests_pkey" PRIMARY KEY (id),
  CONSTRAINT "payment_requests_state_check" CHECK ((state = ANY (ARRAY['open'::text, 'paid'::text, 'declined'::text, 'cancelled'::text, 'expired'::text])))
);

ALTER TABLE "ledger"."payment_requests"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."provider_events" (
  "provider"    text                     NOT NULL,
  "event_id"    text                     NOT NULL,
  "type"        text                     NOT NULL,
  "payload"     jsonb                    NOT NULL,
  "outcome"     text                     NOT NULL,
  "received_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "provider_events_pkey" PRIMARY KEY (PROVIDER, event_id)
);

ALTER TABLE "ledger"."provider_events"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."queued_entries" (
  "account_id"   bigint                   NOT NULL,
  "transfer_id"  uuid                     NOT NULL,
  "owner"        uuid,
  "purpose"      text                     NOT NULL,
  "kind"         text                     NOT NULL,
  "currency"     text                     NOT NULL,
  "amount_minor" bigint                   NOT NULL,
  "counterparty" uuid,
  "description"  text,
  "category"     text,
  "created_at"   timestamp with time zone NOT NULL,
  CONSTRAINT "queued_entries_pkey" PRIMARY KEY (account_id, transfer_id)
);

ALTER TABLE "ledger"."queued_entries"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "ledger"."queued_entries"
  SET (autovacuum_vacuum_cost_delay=0, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000);

CREATE TABLE "ledger"."reversals" (
  "transfer_id" uuid                     NOT NULL,
  "reversal_id" uuid                     NOT NULL,
  "reason"      text                     NOT NULL,
  "created_at"  timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "reversals_pkey" PRIMARY KEY (transfer_id),
  CONSTRAINT "reversals_reversal_id_key" UNIQUE (reversal_id)
);

ALTER TABLE "ledger"."reversals"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "ledger"."withdrawals" (
  "id"                 uuid                     NOT NULL,
  "owner"              uuid                     NOT NULL,
  "linked_account_id"  uuid                     NOT NULL,
  "currency"           text                     NOT NULL,
  "amount_minor"       bigint                   NOT NULL,
  "fee_minor"          bigint                   NOT NULL DEFAULT 0,
  "provider"           text                     NOT NULL,
  "provider_reference" text,
  "state"              text                     NOT NULL DEFAULT 'requested'::text,
  "failure"            text,
  "attempts"           integer                  NOT NULL DEFAULT 0,
  "next_attempt_at"    timestamp with time zone NOT NULL DEFAULT now(),
  "last_error"         text,
  "created_at"         timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"         timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "one_payout_per_reference" UNIQUE (PROVIDER, provider_reference),
  CONSTRAINT "withdrawals_amount_minor_check" CHECK ((amount_minor > 0)),
  CONSTRAINT "withdrawals_fee_minor_check" CHECK ((fee_minor >= 0)),
  CONSTRAINT "withdrawals_pkey" PRIMARY KEY (id),
  CONSTRAINT "withdrawals_state_check" CHECK ((state = ANY (ARRAY['requested'::text, 'submitted'::text, 'paid'::text, 'failed'::text])))
);

ALTER TABLE "ledger"."withdrawals"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."blocks" (
  "blocker_id" uuid                     NOT NULL,
  "blocked_id" uuid                     NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "blocks_pkey" PRIMARY KEY (blocker_id, blocked_id),
  CONSTRAINT "nobody_blocks_themselves" CHECK ((blocker_id <> blocked_id))
);

ALTER TABLE "public"."blocks"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."blocks" FROM "anon";

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "chain_head" bytea NOT NULL DEFAULT '\x'::bytea;

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "frozen_in" boolean NOT NULL DEFAULT false;

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "frozen_out" boolean NOT NULL DEFAULT false;

-- carried over: a frozen wallet could pay nobody, and still can not
UPDATE ledger.accounts SET frozen_out = is_frozen WHERE is_frozen;

ALTER TABLE "ledger"."accounts"
  DROP COLUMN "is_frozen";

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "max_transfer_minor" bigint;

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "max_day_minor" bigint;

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "max_hour_count" integer;

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "day" date NOT NULL DEFAULT '-infinity'::date;

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "day_minor" bigint NOT NULL DEFAULT 0;

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "hour" timestamp WITH time zone NOT NULL DEFAULT '-infinity'::timestamp WITH time zone;

ALTER TABLE "ledger"."accounts"
  ADD COLUMN "hour_count" integer NOT NULL DEFAULT 0;

ALTER TABLE "ledger"."currencies"
  ADD COLUMN "max_transfer_minor" bigint;

ALTER TABLE "ledger"."currencies"
  ADD COLUMN "max_day_minor" bigint;

ALTER TABLE "ledger"."currencies"
  ADD COLUMN "max_hour_count" integer;

ALTER TABLE "ledger"."currencies"
  ADD COLUMN "max_deposit_minor" bigint NOT NULL DEFAULT '1000000000000'::bigint;

ALTER TABLE "ledger"."entries"
  ADD COLUMN "hash" bytea NOT NULL DEFAULT '\x'::bytea;

ALTER TABLE "ledger"."transfers"
  ADD COLUMN "accounts" bigint[] NOT NULL DEFAULT '{}'::bigint[];

ALTER TABLE "ledger"."transfers"
  ADD COLUMN "amounts" bigint[] NOT NULL DEFAULT '{}'::bigint[];

ALTER TABLE "ledger"."transfers"
  ADD COLUMN "seqs" bigint[] NOT NULL DEFAULT '{}'::bigint[];

CREATE TYPE "ledger"."item" AS (
  "ord"         integer,
  "id"          uuid,
  "payer"       bigint,
  "payee"       bigint,
  "minor"       bigint,
  "actor"       uuid,
  "person"      uuid,
  "key"         text,
  "hash"        bytea,
  "currency"    text,
  "exponent"    smallint,
  "description" text,
  "category"    text,
  "username"    text
);

CREATE TYPE "ledger"."leg" AS (
  "ord"          integer,
  "id"           uuid,
  "account_id"   bigint,
  "owner"        uuid,
  "minor"        bigint,
  "counterparty" uuid,
  "currency"     text,
  "description"  text,
  "category"     text,
  "key"          text,
  "request_hash" bytea,
  "exponent"     smallint,
  "username"     text,
  "payee"        bigint,
  "payee_seq"    bigint,
  "seq"          bigint,
  "balance"      bigint,
  "hash"         bytea
);

CREATE OR REPLACE FUNCTION admin.add_operator (
  p_name   text,
  p_code   text,
  p_reason text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform admin.require_reason(p_reason);
  -- bcrypt reads 72 bytes.
  if p_code is null or length(p_code) < 12 or octet_length(p_code) > 72 then
    raise exception 'an operator''s code has 12 to 72 bytes' using errcode = 'invalid_parameter_value';
  end if;
  insert into admin.operators as o (name, code_hash)
  values (p_name, extensions.crypt(p_code, extensions.gen_salt('bf', 10)))
  on conflict (name) do update set code_hash = excluded.code_hash, removed_at = null
  -- Never the code of somebody active: whoever replaced it could act as two without a trace of the other's end.
  where o.removed_at is not null;
  if not found then
    perform app_hidden.fail(409, 'admin.operator_exists', format('There is an operator called %s already.', p_name),
      'For a new code end the old one first, which the audit log shows: admin.remove_operator, then admin.add_operator.');
  end if;
  perform admin.log('add_operator', p_name, p_reason, null, null);
end
$function$;

CREATE OR REPLACE FUNCTION admin.approve_correction (
  p_id       uuid,
  p_operator text,
  p_code     text,
  p_reason   text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  c admin.corrections := admin.decide_correction(p_id, p_operator, p_code, true);
  v_account bigint;
  v_sign int := case c.direction when 'credit' then 1 else -1 end;
  v_before jsonb;
  v_transfer uuid;
begin
  perform admin.require_reason(p_reason);
  -- Also of a closed wallet, which gets no new accounts.
  select a.id into v_account from ledger.accounts a where a.owner = c.user_id and a.currency = c.currency and a.purpose = 'available';
  v_account := coalesce(v_account, ledger.ensure_account(c.user_id, c.currency, 'available'));
  perform from ledger.accounts a where a.id = v_account for no key update;
  v_before := admin.wallet_state(c.user_id, c.currency);
  v_transfer := ledger.post('correction', c.currency, array[v_account, ledger.system_account(c.currency, 'funding')],
    array[v_sign * c.amount_minor, -v_sign * c.amount_minor],
    case c.direction when 'debit' then c.user_id end, case c.direction when 'credit' then c.user_id end, c.reason, 'correction');
  update admin.corrections x
  set state = 'approved', decided_by = p_operator, decided_at = now(), transfer_id = v_transfer where x.id = p_id;
  insert into admin.audit_log (operator, action, target, reason, before, after)
  values (p_operator, 'approve_correction', c.user_id::text, p_reason, v_before, admin.wallet_state(c.user_id, c.currency)
    || jsonb_build_object('correction_id', p_id, 'proposed_by', c.proposed_by, 'transfer_id', v_transfer));
  return v_transfer;
end
$function$;

CREATE OR REPLACE FUNCTION admin.assert_operator (
  p_name text,
  p_code text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_hash text;
begin
  select o.code_hash into v_hash from admin.operators o where o.name = p_name and o.removed_at is null;
  if v_hash is null or extensions.crypt(p_code, v_hash) is distinct from v_hash then
    perform app_hidden.fail(403, 'admin.not_operator', 'There is no operator with this name and code.',
      'Check both; for a new code: admin.remove_operator, then admin.add_operator.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION admin.decide_correction (
  p_id       uuid,
  p_operator text,
  p_code     text,
  p_approve  boolean
)
  RETURNS admin.corrections
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  c admin.corrections;
begin
  perform admin.assert_operator(p_operator, p_code);
  select * into c from admin.corrections x where x.id = p_id for update;
  if not found then
    perform app_hidden.fail(404, 'admin.correction_not_found', 'There is no such correction.', 'Look into admin.corrections.');
  elsif c.state <> 'proposed' then
    perform app_hidden.fail(409, 'admin.correction_decided', format('This correction was %s already.', c.state), 'Propose a new one.');
  elsif p_approve and c.proposed_by = p_operator then
    perform app_hidden.fail(403, 'admin.four_eyes', 'Nobody approves what they proposed.', 'Ask another operator.');
  end if;
  return c;
end
$function$;

CREATE OR REPLACE FUNCTION admin.freeze_wallet (
  p_username text,
  p_freeze   text,
  p_reason   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := admin.wallet_owner(p_username);
  v_before text;
begin
  perform admin.require_reason(p_reason);
  if p_freeze is null or p_freeze not in ('in', 'out', 'both', 'none') then
    raise exception 'a wallet is frozen in, out, both or none, not %', p_freeze using errcode = 'invalid_parameter_value';
  end if;
  -- The same lock as the first use of a currency takes: no account appears unfrozen beside this change.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || v_user::text, 0));
  perform from ledger.accounts a where a.owner = v_user order by a.id for no key update;
  select case when bool_or(a.frozen_in) and bool_or(a.frozen_out) then 'both' when bool_or(a.frozen_in) then 'in'
    when bool_or(a.frozen_out) then 'out' else 'none' end into v_before
  from ledger.accounts a where a.owner = v_user;
  update ledger.accounts a set frozen_in = p_freeze in ('in', 'both'), frozen_out = p_freeze in ('out', 'both'), updated_at = now()
  where a.owner = v_user;
  perform admin.log(case p_freeze when 'none' then 'unfreeze_wallet' else 'freeze_wallet' end, v_user::text, p_reason,
    jsonb_build_object('freeze', v_before), jsonb_build_object('freeze', p_freeze));
  return v_before <> p_freeze;
end
$function$;

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
  v_amount bigint := ledger.parse_amount(p_amount, p_currency);
  v_account bigint := ledger.ensure_account(v_user, p_currency, 'available');
  v_before jsonb;
  v_transfer uuid;
begin
  perform admin.require_reason(p_reason);
  -- So that before and after belong together. The one wait comes before ledger.post, which books without waiting.
  perform from ledger.accounts a where a.id = v_account for no key update;
  v_before := admin.wallet_state(v_user, p_currency);
  v_transfer := ledger.post('funding', p_currency,
    array[ledger.system_account(p_currency, 'funding'), v_account], array[-v_amount, v_amount], null, v_user, p_reason, 'funding');
  perform admin.log('fund_wallet', v_user::text, p_reason, v_before,
    admin.wallet_state(v_user, p_currency) || jsonb_build_object('transfer_id', v_transfer));
  return v_transfer;
end
$function$;

CREATE OR REPLACE FUNCTION admin.limits_of (
  p_username text,
  p_currency text
)
  RETURNS TABLE (
    name      text,
    allowed   text,
    set_for   text,
    used      text,
    remaining text,
    resets_at timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := admin.wallet_owner(p_username);
  v_midnight timestamptz := date_trunc('day', clock_timestamp(), 'UTC');
  v_hour timestamptz := date_trunc('hour', clock_timestamp(), 'UTC');
  l record;
begin
  if not exists (select from ledger.currencies c where c.code = p_currency) then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  -- As ledger.debit counts. Who never had this currency has no account: nothing used, no limits of their own.
  select c.exponent, coalesce(a.max_transfer_minor, c.max_transfer_minor) as per_transfer,
    coalesce(a.max_day_minor, c.max_day_minor) as per_day, coalesce(a.max_hour_count, c.max_hour_count) as per_hour,
    a.max_transfer_minor as own_transfer, a.max_day_minor as own_day, a.max_hour_count as own_hour,
    case when a.day >= (v_midnight at time zone 'UTC')::date then a.day_minor else 0 end as today,
    case when a.hour >= v_hour then a.hour_count else 0 end as this_hour
  into strict l
  from ledger.currencies c
  left join ledger.accounts a on a.owner = v_user and a.currency = c.code and a.purpose = 'available'
  where c.code = p_currency;
  return query
  select r.name, r.allowed, case when r.allowed is null then 'nobody' when r.own then 'person' else 'everybody' end, r.used,
    case when r.allowed is not null then r.remaining end, r.resets_at
  from (values
    ('per_transfer', app_hidden.format_amount(l.per_transfer, l.exponent), l.own_transfer is not null, null,
      app_hidden.format_amount(l.per_transfer, l.exponent), null::timestamptz),
    ('per_day', app_hidden.format_amount(l.per_day, l.exponent), l.own_day is not null, app_hidden.format_amount(l.today, l.exponent),
      app_hidden.format_amount(greatest(l.per_day - l.today, 0), l.exponent), v_midnight + interval '1 day'),
    ('per_hour', l.per_hour::text, l.own_hour is not null, l.this_hour::text, greatest(l.per_hour - l.this_hour, 0)::text, v_hour + interval '1 hour')
  ) r (name, allowed, own, used, remaining, resets_at);
end
$function$;

CREATE OR REPLACE FUNCTION admin.log (
  p_action text,
  p_target text,
  p_reason text,
  p_before jsonb,
  p_after  jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into admin.audit_log (action, target, reason, before, after) values (p_action, p_target, p_reason, p_before, p_after);
end
$function$;

CREATE OR REPLACE FUNCTION admin.minor_units (
  p_amount   text,
  p_currency text
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_amount ~ '^0(\.0+)?$' then
    return 0;
  end if;
  return case when p_amount is not null then ledger.parse_amount(p_amount, p_currency) end;
end
$function$;

CREATE OR REPLACE FUNCTION admin.propose_correction (
  p_operator  text,
  p_code      text,
  p_username  text,
  p_direction text,
  p_amount    text,
  p_currency  text,
  p_reason    text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  c admin.corrections;
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  insert into admin.corrections (id, user_id, direction, currency, amount_minor, reason, proposed_by)
  values (app_private.uuid_v7(), admin.wallet_owner(p_username), p_direction, p_currency, ledger.parse_amount(p_amount, p_currency), p_reason, p_operator)
  returning * into c;
  insert into admin.audit_log (operator, action, target, reason, after)
  values (p_operator, 'propose_correction', c.user_id::text, p_reason, to_jsonb(c));
  return c.id;
end
$function$;

CREATE OR REPLACE FUNCTION admin.reject_correction (
  p_id       uuid,
  p_operator text,
  p_code     text,
  p_reason   text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  c admin.corrections := admin.decide_correction(p_id, p_operator, p_code, false);
begin
  perform admin.require_reason(p_reason);
  update admin.corrections x set state = 'rejected', decided_by = p_operator, decided_at = now() where x.id = p_id;
  insert into admin.audit_log (operator, action, target, reason, after)
  values (p_operator, 'reject_correction', c.user_id::text, p_reason, jsonb_build_object('correction_id', p_id, 'proposed_by', c.proposed_by));
end
$function$;

CREATE OR REPLACE FUNCTION admin.remove_fee (
  p_currency text,
  p_kind     text,
  p_reason   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_before jsonb;
begin
  perform admin.require_reason(p_reason);
  delete from ledger.fee_rules f where f.currency = p_currency and f.kind = p_kind returning to_jsonb(f) into v_before;
  perform admin.log('remove_fee', p_currency || ' ' || p_kind, p_reason, v_before, null);
  return v_before is not null;
end
$function$;

CREATE OR REPLACE FUNCTION admin.remove_operator (
  p_name   text,
  p_reason text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_removed int;
begin
  perform admin.require_reason(p_reason);
  update admin.operators o set removed_at = now() where o.name = p_name and o.removed_at is null;
  get diagnostics v_removed = row_count;
  perform admin.log('remove_operator', p_name, p_reason, null, null);
  return v_removed > 0;
end
$function$;

CREATE OR REPLACE FUNCTION admin.require_reason (
  p_reason text
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  -- As the tables ask for it, which refuse what comes past this.
  if p_reason is null or length(trim(p_reason)) not between 3 and 1000 then
    perform app_hidden.fail(422, 'admin.reason_required', 'This needs a reason of 3 to 1,000 characters.',
      'Say why in the last argument, such as ''case 4711: stolen card''.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION admin.resume_withdrawals (
  p_reason text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  return admin.switch_withdrawals(false, p_reason);
end
$function$;

CREATE OR REPLACE FUNCTION admin.retry_provider_event (
  p_provider text,
  p_event_id text,
  p_reason   text
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_before text;
  v_outcome text;
begin
  perform admin.require_reason(p_reason);
  select e.outcome into v_before from ledger.provider_events e where e.provider = p_provider and e.event_id = p_event_id;
  if not found then
    raise exception 'no event % of %', p_event_id, p_provider using errcode = 'no_data_found';
  end if;
  v_outcome := ledger.settle_provider_event(p_provider, p_event_id);
  perform admin.log('retry_provider_event', p_provider || ' ' || p_event_id, p_reason,
    jsonb_build_object('outcome', v_before), jsonb_build_object('outcome', v_outcome));
  return v_outcome;
end
$function$;

CREATE OR REPLACE FUNCTION admin.reverse_transfer (
  p_transfer uuid,
  p_reason   text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  t ledger.transfers;
  v_id uuid;
begin
  perform admin.require_reason(p_reason);
  select * into t from ledger.transfers x where x.id = p_transfer;
  if not found then
    perform app_hidden.fail(404, 'wallet.transaction_not_found', 'There is no transfer with this id.', 'Look for it in ledger.transfers.');
  end if;
  v_id := ledger.reverse_transfer(t, p_reason);
  insert into admin.audit_log (action, target, reason, before, after)
  values ('reverse_transfer', p_transfer::text, p_reason, to_jsonb(t), jsonb_build_object('reversal_id', v_id));
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION admin.set_fee (
  p_currency   text,
  p_kind       text,
  p_percent    numeric,
  p_fixed      text,
  p_minimum    text,
  p_maximum    text,
  p_charged_to text,
  p_reason     text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_before jsonb;
  v_after jsonb;
begin
  perform admin.require_reason(p_reason);
  select to_jsonb(f) into v_before from ledger.fee_rules f where f.currency = p_currency and f.kind = p_kind for update;
  insert into ledger.fee_rules as f (currency, kind, percent, fixed_minor, minimum_minor, maximum_minor, charged_to)
  values (p_currency, p_kind, coalesce(p_percent, 0), coalesce(admin.minor_units(p_fixed, p_currency), 0),
    coalesce(admin.minor_units(p_minimum, p_currency), 0), admin.minor_units(p_maximum, p_currency), p_charged_to)
  on conflict (currency, kind) do update set percent = excluded.percent, fixed_minor = excluded.fixed_minor,
    minimum_minor = excluded.minimum_minor, maximum_minor = excluded.maximum_minor, charged_to = excluded.charged_to
  returning to_jsonb(f) into v_after;
  perform admin.log('set_fee', p_currency || ' ' || p_kind, p_reason, v_before, v_after);
end
$function$;

CREATE OR REPLACE FUNCTION admin.set_limits (
  p_username     text,
  p_currency     text,
  p_per_transfer text,
  p_per_day      text,
  p_per_hour     integer,
  p_reason       text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid;
  v_account bigint;
  v_before jsonb;
  v_transfer bigint := case when p_per_transfer is not null then ledger.parse_amount(p_per_transfer, p_currency) end;
  v_day bigint := case when p_per_day is not null then ledger.parse_amount(p_per_day, p_currency) end;
begin
  perform admin.require_reason(p_reason);
  if not exists (select from ledger.currencies c where c.code = p_currency) then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  if p_username is null then
    select jsonb_build_object('per_transfer', app_hidden.format_amount(c.max_transfer_minor, c.exponent),
      'per_day', app_hidden.format_amount(c.max_day_minor, c.exponent), 'per_hour', c.max_hour_count) into v_before
    from ledger.currencies c where c.code = p_currency for update;
    update ledger.currencies c set max_transfer_minor = v_transfer, max_day_minor = v_day, max_hour_count = p_per_hour
    where c.code = p_currency;
  else
    v_user := admin.person(p_username);
    v_account := ledger.ensure_account(v_user, p_currency, 'available');
    perform from ledger.accounts a where a.id = v_account for no key update;
    select jsonb_build_object('per_transfer', app_hidden.format_amount(a.max_transfer_minor, c.exponent),
      'per_day', app_hidden.format_amount(a.max_day_minor, c.exponent), 'per_hour', a.max_hour_count) into v_before
    from ledger.accounts a join ledger.currencies c on c.code = a.currency where a.id = v_account;
    update ledger.accounts a set max_transfer_minor = v_transfer, max_day_minor = v_day, max_hour_count = p_per_hour
    where a.id = v_account;
  end if;
  perform admin.log('set_limits', coalesce(v_user::text, 'currency ' || p_currency), p_reason, v_before,
    jsonb_build_object('currency', p_currency, 'per_transfer', p_per_transfer, 'per_day', p_per_day, 'per_hour', p_per_hour));
end
$function$;

CREATE OR REPLACE FUNCTION admin.stop_withdrawals (
  p_reason text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  return admin.switch_withdrawals(true, p_reason);
end
$function$;

CREATE OR REPLACE FUNCTION admin.switch_withdrawals (
  p_stopped boolean,
  p_reason  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_before ledger.controls;
begin
  perform admin.require_reason(p_reason);
  insert into ledger.controls default values on conflict do nothing;
  select * into v_before from ledger.controls c for update;
  update ledger.controls c set withdrawals_stopped_at = case when p_stopped then now() end,
    withdrawals_stopped_because = case when p_stopped then p_reason end;
  perform admin.log(case when p_stopped then 'stop_withdrawals' else 'resume_withdrawals' end, 'ledger', p_reason,
    to_jsonb(v_before) - 'single', (select to_jsonb(c) - 'single' from ledger.controls c));
  return p_stopped = (v_before.withdrawals_stopped_at is null);
end
$function$;

CREATE OR REPLACE FUNCTION admin.wallet_owner (
  p_username text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  -- Somebody who deleted their account has no username any more, but may have left money behind.
  if p_username ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    and exists (select from ledger.accounts a where a.owner = p_username::uuid) then
    return p_username::uuid;
  end if;
  return admin.person(p_username);
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_blocked_pair (
  p_one   uuid,
  p_other uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return exists (select from public.blocks b where b.blocker_id = p_one and b.blocked_id = p_other)
    or exists (select from public.blocks b where b.blocker_id = p_other and b.blocked_id = p_one);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.account_unlinked (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update ledger.linked_accounts l set provider_token = null, last_error = null
  where l.id = p_id and l.removed_at is not null and l.provider_token is not null;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.apply_provider_event (
  p_provider text,
  p_event_id text,
  p_type     text,
  p_payload  jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- A copy that arrives at the same time waits here for the first.
  insert into ledger.provider_events (provider, event_id, type, payload, outcome)
  values (p_provider, p_event_id, p_type, coalesce(p_payload, '{}'), 'received')
  on conflict (provider, event_id) do nothing;
  return ledger.settle_provider_event(p_provider, p_event_id);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.attach_deposit (
  p_id                 uuid,
  p_provider_reference text,
  p_checkout           jsonb,
  p_idempotency_key    text  DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  AS $function$
declare
  d ledger.deposits;
  v_body jsonb;
begin
  select * into d from ledger.deposits x where x.id = p_id for no key update;
  -- The provider's event may have been quicker than its own answer.
  if d.id is null or d.provider_reference <> p_provider_reference then
    raise exception 'deposit % is not there or has another reference than %', p_id, p_provider_reference;
  elsif d.checkout is null then
    update ledger.deposits x set provider_reference = p_provider_reference, checkout = p_checkout, updated_at = now() where x.id = p_id;
    select to_jsonb(v) into v_body from public.deposits v where v.id = p_id;
    -- What was stored when the deposit was opened has no checkout yet: whoever asks again gets what is answered now.
    update app_private.idempotency_keys k set body = v_body
    where k.owner = d.owner and k.key = p_idempotency_key and k.operation = 'wallet.open_deposit' and k.body ->> 'id' = p_id::text;
    return v_body;
  end if;
  select k.body into v_body from app_private.idempotency_keys k
  where k.owner = d.owner and k.key = p_idempotency_key and k.operation = 'wallet.open_deposit' and k.body ->> 'id' = p_id::text;
  return coalesce(v_body, (select to_jsonb(v) from public.deposits v where v.id = p_id));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.audit_ledger (
  p_scope text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  AS $function$
declare
  v_started timestamptz := clock_timestamp();
  v_violations jsonb;
  v_checked bigint;
  v_audit ledger.audits;
begin
  if p_scope not in ('recent', 'full') then
    raise exception 'an audit is recent or full, not %', p_scope;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('ledger.audit', 0));
  -- One statement, so that the marks move to what was checked and no further.
  with found as materialized (
    select * from ledger.findings(p_scope = 'full')
  ), marked as (
    insert into ledger.audit_marks as m (account_id, seq, balance_minor, earned_minor, hash)
    select a.id, a.seq, a.balance_minor, a.earned_minor, a.chain_head
    from ledger.accounts a
    left join ledger.audit_marks k on k.account_id = a.id
    -- What is wrong stays ahead of the marks: each audit finds it again until it is mended.
    where not exists (select from found f where f.violations > 0) and a.seq > coalesce(k.seq, 0)
    on conflict (account_id) do update
    set seq = excluded.seq, balance_minor = excluded.balance_minor, earned_minor = excluded.earned_minor, hash = excluded.hash
  )
  select coalesce(jsonb_agg(jsonb_build_object('invariant', f.invariant, 'violations', f.violations)) filter (where f.violations > 0), '[]'),
    sum(f.checked)
  into v_violations, v_checked from found f;

  insert into ledger.audits (started_at, scope, ok, entries_checked, violations)
  values (v_started, p_scope, v_violations = '[]', v_checked, v_violations)
  returning * into v_audit;
  if not v_audit.ok then
    insert into ledger.controls as c (withdrawals_stopped_at, withdrawals_stopped_because)
    values (now(), format('audit %s found violations', v_audit.id))
    on conflict (single) do update
    set withdrawals_stopped_at = excluded.withdrawals_stopped_at, withdrawals_stopped_because = excluded.withdrawals_stopped_because
    where c.withdrawals_stopped_at is null;
  end if;
  return to_jsonb(v_audit);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.broadcast_wallet (
  p_changes jsonb
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  AS $function$
declare
  v_person record;
  v_count int := 0;
begin
  for v_person in
    select c.user_id, jsonb_build_object('changes', c.changes, 'more', c.more, 'as_of', statement_timestamp(), 'wallets', coalesce((
        select jsonb_agg(jsonb_build_object('currency', w.currency, 'balance', w.balance, 'pending_balance', w.pending_balance,
          'frozen', w.frozen) order by w.currency)
        from public.wallet w
        where w.user_id = c.user_id and w.currency = any (c.currencies)
      ), '[]')) as payload
    from jsonb_to_recordset(p_changes) as c (user_id uuid, currencies text[], changes jsonb, more boolean)
    limit 100 -- each message takes a subtransaction, and more than 64 in one transaction cost everybody's snapshots
  loop
    perform realtime.send(v_person.payload, 'wallet_changed', 'wallet:' || v_person.user_id::text, true);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_unlinked_accounts (
  p_providers text[],
  p_limit     integer,
  p_lease     interval
)
  RETURNS TABLE (
    id             uuid,
    provider       text,
    provider_token text,
    attempts       integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select l.id from ledger.linked_accounts l
    where l.removed_at is not null and l.provider_token is not null and l.next_attempt_at <= now()
      and l.attempts < 20 and l.provider = any (p_providers)
      -- Of somebody who left: their payouts still go there. No new ones can.
      and not exists (select from ledger.withdrawals w where w.linked_account_id = l.id and w.state in ('requested', 'submitted'))
    order by l.next_attempt_at
    limit least(greatest(p_limit, 1), 1000)
    for update skip locked
  ), claimed as (
    update ledger.linked_accounts l set attempts = l.attempts + 1, next_attempt_at = clock_timestamp() + p_lease
    from due where l.id = due.id
    returning l.*
  )
  select x.id, x.provider, x.provider_token, x.attempts from claimed x order by x.id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_withdrawals (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    id             uuid,
    owner          uuid,
    provider       text,
    provider_token text,
    amount_minor   bigint,
    currency       text,
    exponent       smallint,
    attempts       integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  if exists (select from ledger.controls c where c.withdrawals_stopped_at is not null) then
    return;
  end if;
  return query
  with due as materialized (
    select w.id from ledger.withdrawals w
    where w.state = 'requested' and w.next_attempt_at <= now()
      -- Frozen after it was asked for: it waits here, and an operator sees it in admin.withdrawals.
      and not exists (select from ledger.accounts a where a.owner = w.owner and a.currency = w.currency and a.frozen_out)
    order by w.next_attempt_at
    limit least(greatest(p_limit, 1), 1000)
    for update skip locked
  ), claimed as (
    update ledger.withdrawals w
    set attempts = w.attempts + 1, next_attempt_at = clock_timestamp() + p_lease, updated_at = now()
    from due where w.id = due.id
    returning w.*
  )
  select x.id, x.owner, x.provider, l.provider_token, x.amount_minor, x.currency, c.exponent, x.attempts
  from claimed x
  join ledger.linked_accounts l on l.id = x.linked_account_id
  join ledger.currencies c on c.code = x.currency
  order by x.id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.deposit_payload (
  d ledger.deposits
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object(
    'deposit_id', d.id, 'user_id', d.owner, 'provider', d.provider, 'state', d.state, 'failure', d.failure,
    'currency', d.currency, 'exponent', (select c.exponent from ledger.currencies c where c.code = d.currency),
    'amount_minor', d.amount_minor::text, 'transfer_id', d.transfer_id, 'created_at', d.created_at, 'updated_at', d.updated_at);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.deposit_refused (
  p_id     uuid,
  p_reason text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update ledger.deposits d set state = 'failed', failure = left(p_reason, 500), updated_at = now()
  where d.id = p_id and d.state = 'pending' and d.provider_reference is null;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.expire_holds (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  h ledger.holds;
  v_count int := 0;
begin
  for h in
    with due as materialized (
      select y.id from ledger.holds y
      join ledger.accounts p on p.owner = y.owner and p.currency = y.currency and p.purpose = 'pending'
      where y.state = 'open' and y.expires_at <= clock_timestamp()
      order by y.expires_at limit least(greatest(p_limit, 1), 1000)
      for no key update of y, p skip locked
    )
    update ledger.holds x set state = 'expired', resolved_at = clock_timestamp() from due where x.id = due.id
    returning x.*
  loop
    perform ledger.release_hold(h);
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.expire_payment_requests (
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
  with due as materialized (
    select x.id from ledger.payment_requests x
    where x.state = 'open' and x.expires_at <= clock_timestamp()
    order by x.expires_at limit least(greatest(p_limit, 1), 10000)
    for no key update skip locked
  )
  update ledger.payment_requests x set state = 'expired', resolved_at = clock_timestamp() from due where x.id = due.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fold_queued_entries (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_start bigint;
  v_account bigint;
  v_count int := 0;
begin
  -- From a place by chance and then once around, so that accounts which fill up all the time cannot keep the others waiting. A little
  -- beyond the last person's account lie those of the system.
  select floor(random() * 1.25 * max(q.account_id))::bigint into v_start
  from ledger.queued_entries q where q.account_id < 9000000000000000000;
  v_start := coalesce(v_start, 0);
  for v_round in 1..2 loop
    v_account := case v_round when 1 then v_start else 0 end;
    loop
      -- From account to account through the primary key, however many entries each has.
      select q.account_id into v_account from ledger.queued_entries q
      where q.account_id > v_account and (v_round = 1 or q.account_id <= v_start)
      order by q.account_id limit 1;
      exit when not found;
      perform from ledger.accounts a where a.id = v_account for no key update skip locked;
      if found then
        v_count := v_count + ledger.fold(v_account);
      end if;
      if v_count >= p_limit then
        return v_count;
      end if;
    end loop;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.linked_account_payload (
  l ledger.linked_accounts
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object(
    'linked_account_id', l.id, 'user_id', l.owner, 'state', case when l.removed_at is null then 'linked' else 'removed' end,
    'provider', l.provider, 'kind', l.kind, 'bank_name', l.bank_name, 'last4', l.last4);
end
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
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
#variable_conflict use_variable
declare
  v_to uuid := case when p_recipient ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then p_recipient::uuid
    else ledger.find_person(p_recipient) end;
  v_id uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_amount bigint;
  v_debit text;
  v_credit text;
  v_kept boolean;
  w record;
begin
  -- What is there, in one look.
  select c.exponent, a.id as payer, b.id as payee, p.id as to_owner, p.username::text as username,
    f.currency is null and a.id <> b.id and b.closed_at is null and not b.frozen_in and k.owner is null
      and not exists (select from public.blocks x where x.blocker_id = p_actor and x.blocked_id = v_to)
      and not exists (select from public.blocks x where x.blocker_id = v_to and x.blocked_id = p_actor) as plain,
    least(9223372036854775807 - greatest(b.balance_minor, b.earned_minor, 0), a.max_transfer_minor,
      case when a.max_transfer_minor is null then c.max_transfer_minor end) as most,
    coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807) as max_day, coalesce(a.max_hour_count, c.max_hour_count, 2147483647) as max_hour,
    v_now::date as day, date_trunc('hour', v_now) as hour, k.operation, k.request_hash, k.status, k.body, k.claimed_at
  into w
  from ledger.currencies c
  left join ledger.fee_rules f on f.currency = p_currency and f.kind = 'transfer'
  left join public.profiles p on p.id = v_to
  left join ledger.accounts a on a.owner = p_actor and a.currency = p_currency and a.purpose = 'available'
  left join ledger.accounts b on b.owner = p.id and b.currency = p_currency and b.purpose = 'available'
  left join app_private.idempotency_keys k on k.owner = p_actor and k.key = p_idempotency_key
  where c.code = p_currency;

  if w.status is not null and w.claimed_at > now() - interval '24 hours'
    and w.operation = 'wallet.transaction' and w.request_hash = p_request_hash then
    return query select true, w.status, w.body;
    return;
  end if;

  v_amount := ledger.plain_amount(p_amount, w.exponent);
  if w.plain and v_amount <= w.most then
    v_debit := ledger.line(v_id, 'transfer', p_currency, -v_amount, v_now, v_to, p_category, p_description);
    v_credit := ledger.line(v_id, 'transfer', p_currency, v_amount, v_now, p_actor, p_category, p_description);
    with paid as (
      update ledger.accounts a set
        balance_minor = a.balance_minor - v_amount,
        seq = a.seq + 1,
        chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor - v_amount, v_debit), 'UTF8')),
        day = greatest(a.day, w.day), -- who waited for the lock over midnight does not turn the day back
        day_minor = case when a.day >= w.day then a.day_minor + v_amount else v_amount end,
        hour = greatest(a.hour, w.hour),
        hour_count = case when a.hour >= w.hour then a.hour_count + 1 else 1 end,
        updated_at = v_now
      where a.id = w.payer and a.closed_at is null and not a.frozen_out and a.balance_minor >= a.floor_minor + v_amount
        and case when a.day >= w.day then a.day_minor else 0 end + v_amount <= w.max_day
        and case when a.hour >= w.hour then a.hour_count else 0 end < w.max_hour
      returning a.seq, a.balance_minor, a.chain_head
    ), credited as (
      update ledger.accounts b set
        balance_minor = b.balance_minor + v_amount,
        earned_minor = b.earned_minor + v_amount,
        seq = b.seq + 1,
        chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor + v_amount, v_credit), 'UTF8')),
        updated_at = v_now
      where b.id = (select x.id from ledger.accounts x where x.id = w.payee and exists (select from paid) for no key update skip locked)
      returning b.seq, b.balance_minor, b.chain_head
    ), header as (
      insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
      select v_id, 'transfer', p_currency, v_amount, p_actor, v_to, array[w.payer, w.payee], array[-v_amount, v_amount],
        array[x.seq, coalesce((select y.seq from credited y), 0)], p_description, p_category, v_now
      from paid x
    ), queued as (
      insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
        counterparty, description, category, created_at)
      select w.payee, v_id, v_to, 'available', 'transfer', p_currency, v_amount, p_actor, p_description, p_category, v_now
      from paid where not exists (select from credited)
    ), booked as (
      insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
        counterparty, description, category, created_at, hash)
      select w.payer, x.seq, v_id, p_actor, 'available', 'transfer', p_currency, -v_amount, x.balance_minor,
        v_to, p_description, p_category, v_now, x.chain_head
      from paid x
      union all
      select w.payee, x.seq, v_id, v_to, 'available', 'transfer', p_currency, v_amount, x.balance_minor,
        p_actor, p_description, p_category, v_now, x.chain_head
      from credited x
    ), answer as (
      select jsonb_build_object('id', v_id, 'user_id', p_actor, 'type', 'expense',
        'amount', app_hidden.format_amount(v_amount, w.exponent), 'currency', p_currency, 'description', p_description,
        'category', p_category, 'status', 'completed', 'kind', 'transfer', 'counterparty_id', v_to,
        'counterparty_username', w.username, 'balance_after', app_hidden.format_amount(x.balance_minor, w.exponent),
        'created_at', v_now) as body
      from paid x
    ), kept as (
      insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
      select p_actor, p_idempotency_key, 'wallet.transaction', p_request_hash, 201, x.body from answer x where p_idempotency_key is not null
      on conflict do nothing
      returning true
    )
    select x.body, p_idempotency_key is null or exists (select from kept) into body, v_kept from answer x;
    if found then
      if not v_kept then
        perform ledger.refuse_twin();
      end if;
      replayed := false;
      status := 201;
      return next;
      return;
    end if;
  end if;

  -- A missing wallet is made before anything is locked.
  if w.payer is not null and w.payee is null and w.to_owner <> p_actor and not app_hidden.is_blocked_pair(p_actor, w.to_owner) then
    begin
      perform ledger.ensure_account(w.to_owner, p_currency, 'available');
    exception when sqlstate 'PT404' then
      null; -- they have just left, which the general way answers
    end;
  end if;
  -- The payer before the key, as above: two ways for one request must not lock in two orders.
  perform from ledger.accounts a where a.id = w.payer for no key update;
  return query select r.replayed, r.status, r.body from ledger.run_command(p_actor, p_idempotency_key, p_request_hash, 'transaction',
    jsonb_build_object('recipient', p_recipient, 'amount', p_amount, 'currency', p_currency, 'description', p_description,
      'category', p_category)) r;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.post_transactions (
  p_actors       uuid[],
  p_sessions     uuid[],
  p_keys         text[],
  p_hashes       bytea[],
  p_recipients   text[],
  p_amounts      text[],
  p_currencies   text[],
  p_descriptions text[],
  p_categories   text[]
)
  RETURNS TABLE (
    ord      integer,
    replayed boolean,
    status   integer,
    body     jsonb
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
#variable_conflict use_column
declare
  v_items ledger.item[];
begin
  if greatest(cardinality(p_actors), cardinality(p_sessions), cardinality(p_keys), cardinality(p_hashes), cardinality(p_recipients),
      cardinality(p_amounts), cardinality(p_currencies), cardinality(p_descriptions), cardinality(p_categories)) > 512 then
    raise exception 'a batch has at most 512 items' using errcode = 'program_limit_exceeded';
  end if;
  select array_agg(i) into v_items
  from unnest(ledger.plain_items(p_actors, p_keys, p_hashes, p_recipients, p_amounts, p_currencies, p_descriptions, p_categories)) i
  join auth.sessions s on s.id = p_sessions[i.ord] and s.user_id = i.actor and (s.not_after is null or s.not_after > now())
  join auth.users u on u.id = i.actor and (u.banned_until is null or u.banned_until <= now());
  if v_items is not null then
    return query select b.ord, false, 201, b.body from ledger.book_items(v_items) b;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_provider_events()
  RETURNS bigint
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_pruned bigint;
begin
  -- Far longer than a provider sends one again. A copy that comes even later changes nothing either.
  with old as (
    select e.provider, e.event_id from ledger.provider_events e
    where e.outcome in ('ignored', 'already_applied') and e.received_at < now() - interval '90 days'
    order by e.received_at limit 10000
    for update skip locked
  )
  delete from ledger.provider_events e using old where e.provider = old.provider and e.event_id = old.event_id;
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.request_payload (
  r ledger.payment_requests
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object(
    'request_id', r.id, 'requester_id', r.requester, 'payer_id', r.payer, 'state', r.state,
    'currency', r.currency, 'exponent', (select c.exponent from ledger.currencies c where c.code = r.currency),
    'amount_minor', r.amount_minor::text, 'description', r.description, 'category', r.category, 'transfer_id', r.transfer_id,
    'created_at', r.created_at, 'expires_at', r.expires_at, 'resolved_at', r.resolved_at);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.statement (
  p_actor     uuid,
  p_currency  text,
  p_from      timestamp with time zone,
  p_to        timestamp with time zone,
  p_limit     integer,
  p_after_seq bigint
)
  RETURNS TABLE (
    seq                   bigint,
    transaction_id        uuid,
    kind                  text,
    type                  text,
    amount                text,
    balance_after         text,
    counterparty_username text,
    category              text,
    description           text,
    created_at            timestamp with time zone,
    line                  text,
    hash                  text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  a ledger.accounts := ledger.statement_account(p_actor, p_currency);
  v_first bigint := greatest(ledger.first_seq_since(a.id, p_actor, p_from), p_after_seq + 1);
  v_end bigint := case when p_to is null then a.seq + 1 else ledger.first_seq_since(a.id, p_actor, p_to) end;
begin
  return query
  select e.seq, e.transfer_id, e.kind, case when e.amount_minor > 0 then 'income' else 'expense' end,
    app_hidden.format_amount(abs(e.amount_minor), c.exponent), app_hidden.format_amount(e.balance_minor, c.exponent), k.username::text,
    e.category, e.description, e.created_at,
    ledger.line(e.transfer_id, e.kind, e.currency, e.amount_minor, e.created_at, e.counterparty, e.category, e.description),
    encode(e.hash, 'hex')
  from ledger.entries e
  join ledger.currencies c on c.code = e.currency
  left join public.profiles k on k.id = e.counterparty
  where e.account_id = a.id and e.seq >= v_first and e.seq < v_end
  order by e.seq
  limit least(greatest(p_limit, 1), 10000);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.statement_header (
  p_actor    uuid,
  p_currency text,
  p_from     timestamp with time zone,
  p_to       timestamp with time zone
)
  RETURNS TABLE (
    currency        text,
    opening_balance text,
    closing_balance text,
    total_in        text,
    total_out       text,
    first_seq       bigint,
    last_seq        bigint,
    previous_hash   text,
    last_hash       text,
    head_seq        bigint,
    head_hash       text,
    pending_balance text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  a ledger.accounts := ledger.statement_account(p_actor, p_currency);
  v_first bigint := ledger.first_seq_since(a.id, p_actor, p_from);
  v_last bigint := case when p_to is null then a.seq else ledger.first_seq_since(a.id, p_actor, p_to) - 1 end;
begin
  return query
  select a.currency, app_hidden.format_amount(coalesce(b.balance_minor, 0), c.exponent),
    app_hidden.format_amount(coalesce(l.balance_minor, b.balance_minor, 0), c.exponent),
    app_hidden.format_amount(s.total_in, c.exponent), app_hidden.format_amount(s.total_out, c.exponent),
    case when v_first <= v_last then v_first end, case when v_first <= v_last then v_last end,
    encode(coalesce(b.hash, ''), 'hex'), encode(coalesce(l.hash, b.hash, ''), 'hex'), a.seq, encode(a.chain_head, 'hex'), w.pending_balance
  from ledger.currencies c
  left join ledger.entries b on b.account_id = a.id and b.seq = v_first - 1
  left join ledger.entries l on l.account_id = a.id and l.seq = v_last and v_first <= v_last
  left join public.wallet w on w.user_id = p_actor and w.currency = a.currency
  cross join lateral (
    select coalesce(sum(e.amount_minor) filter (where e.amount_minor > 0), 0)::bigint as total_in,
      coalesce(-sum(e.amount_minor) filter (where e.amount_minor < 0), 0)::bigint as total_out
    from ledger.entries e where e.account_id = a.id and e.seq between v_first and v_last
  ) s
  where c.code = a.currency;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_audit_failed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('wallet.audit_failed', null,
    jsonb_build_object('audit_id', new.id::text, 'scope', new.scope, 'violations', new.violations));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_deposit_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.deposit_changed', d.owner, app_private.deposit_payload(d)
    from after n join ledger.deposits d on d.id = n.id;
  else
    insert into app_private.outbox_events (id, type, payload)
    select app_private.uuid_v7(), 'wallet.deposit_changed', app_private.deposit_payload(d)
    from before b join ledger.deposits d on d.id = b.id
    where d.state <> b.state or (b.checkout is null and d.checkout is not null); -- also when it can be paid
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_frozen_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- No actor: only operators freeze, and they have no user id.
  perform app_private.emit_event('wallet.frozen_changed', null, jsonb_build_object(
    'user_id', new.owner, 'currency', new.currency,
    'frozen', case when new.frozen_in and new.frozen_out then 'both' when new.frozen_in then 'in' when new.frozen_out then 'out' else 'none' end));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_hold_placed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if new.kind = 'hold' then -- a withdrawal's hold is told of as the withdrawal
    -- The id of a hold is as good as a new one: there is one such event of each.
    insert into app_private.outbox_events (id, type, actor_id, payload)
    values (new.id, 'wallet.hold_placed', new.owner, jsonb_build_object(
      'hold_id', new.id, 'user_id', new.owner, 'payee_id', new.payee, 'currency', new.currency,
      'exponent', (select c.exponent from ledger.currencies c where c.code = new.currency),
      'amount_minor', new.amount_minor::text, 'description', new.description, 'category', new.category,
      'created_at', new.created_at, 'expires_at', new.expires_at));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_hold_resolved()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if new.kind = 'hold' and old.state = 'open' and new.state <> 'open' then
    -- Only the payee may void. A capture may be the payee's or the payer's.
    insert into app_private.outbox_events (id, type, actor_id, payload)
    values (app_private.uuid_v7(), 'wallet.hold_resolved', case when new.state = 'voided' then new.payee end, jsonb_build_object(
      'hold_id', new.id, 'user_id', new.owner, 'payee_id', new.payee, 'state', new.state, 'currency', new.currency,
      'exponent', (select c.exponent from ledger.currencies c where c.code = new.currency),
      'amount_minor', new.amount_minor::text, 'captured_minor', new.captured_minor::text, 'transfer_id', new.transfer_id,
      'resolved_at', new.resolved_at));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_linked_account_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.linked_account_changed', l.owner, app_private.linked_account_payload(l)
    from after n join ledger.linked_accounts l on l.id = n.id;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.linked_account_changed', l.owner, app_private.linked_account_payload(l)
    from before b join ledger.linked_accounts l on l.id = b.id
    where (l.removed_at is null) <> (b.removed_at is null);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_request_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.request_changed', r.requester, app_private.request_payload(r)
    from after n join ledger.payment_requests r on r.id = n.id;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.request_changed',
      case r.state when 'paid' then r.payer when 'declined' then r.payer when 'cancelled' then r.requester end,
      app_private.request_payload(r)
    from before b join ledger.payment_requests r on r.id = b.id
    where r.state <> b.state;
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
  -- The id of a transfer is as good as a new one: there is one such event of each.
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select t.id, 'wallet.transfer_completed', t.from_owner, jsonb_build_object(
    'transfer_id', t.id, 'kind', t.kind, 'currency', t.currency, 'exponent', c.exponent,
    'amount_minor', t.amount_minor::text, 'from_user_id', t.from_owner, 'to_user_id', t.to_owner,
    'description', t.description, 'category', t.category, 'created_at', t.created_at)
    -- A fee, a split or a partial capture is more than an amount from one to another.
    || case when cardinality(t.accounts) > 2 then app_private.transfer_legs(t.accounts, t.amounts) else '{}' end
  from added t join ledger.currencies c on c.code = t.currency
  -- Money that only changes its place in one wallet: the events of holds and withdrawals tell of it.
  where t.kind not in ('hold', 'release');
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_withdrawal_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'wallet.withdrawal_changed', w.owner, app_private.withdrawal_payload(w)
    from after n join ledger.withdrawals w on w.id = n.id;
  else
    insert into app_private.outbox_events (id, type, payload)
    select app_private.uuid_v7(), 'wallet.withdrawal_changed', app_private.withdrawal_payload(w)
    from before b join ledger.withdrawals w on w.id = b.id
    where w.state <> b.state; -- not each attempt
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.transfer_legs (
  p_accounts bigint[],
  p_amounts  bigint[]
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object('legs', coalesce(jsonb_agg(jsonb_build_object('user_id', l.owner, 'amount_minor', l.minor::text)), '[]'))
    from (
      select a.owner, sum(u.amount) as minor
      from unnest(p_accounts, p_amounts) u (account, amount) join ledger.accounts a on a.id = u.account
      where a.owner is not null group by a.owner
    ) l
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.unlink_retry (
  p_id       uuid,
  p_error    text,
  p_retry_in interval
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_attempts int;
begin
  update ledger.linked_accounts l set last_error = left(p_error, 2000), next_attempt_at = clock_timestamp() + p_retry_in
  where l.id = p_id and l.removed_at is not null and l.provider_token is not null
  returning l.attempts into v_attempts;
  return v_attempts < 20 is not false;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wake_worker()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- An expression, where `perform` would be a statement: this runs in every transaction that tells of something.
  if pg_try_advisory_xact_lock(hashtextextended('outbox.notify', 0)) and pg_notify('outbox', '') is null then
    null;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wallet_command (
  p_actor           uuid,
  p_session         uuid,
  p_idempotency_key text,
  p_request_hash    bytea,
  p_operation       text,
  p_arguments       jsonb
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
begin
  -- Both look after the session themselves.
  if p_operation = 'place_hold' then
    status := 201;
    body := ledger.place_plain_hold(p_actor, p_session, p_idempotency_key, p_request_hash, p_arguments);
  elsif p_operation = 'capture_hold' then
    status := 200;
    body := ledger.capture_plain_hold(p_actor, p_session, p_idempotency_key, p_request_hash, p_arguments);
  end if;
  if body is not null then
    replayed := false;
    return next;
    return;
  end if;
  perform app_private.assert_session(p_actor, p_session);
  if p_operation in ('place_hold', 'capture_hold') then
    perform ledger.lock_for_hold(p_actor, p_operation, p_arguments);
  end if;
  return query select r.replayed, r.status, r.body
  from ledger.run_command(p_actor, p_idempotency_key, p_request_hash, p_operation, p_arguments) r;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wallet_stats()
  RETURNS TABLE (
    queued_entries      bigint,
    queued_seconds      double precision,
    overdue_holds       bigint,
    waiting_withdrawals bigint,
    waiting_seconds     double precision
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return query
  -- Of the first 10,000: a gauge must not read a whole backlog every few seconds.
  with queued as materialized (select q.created_at from ledger.queued_entries q limit 10000),
    waiting as materialized (select w.created_at from ledger.withdrawals w where w.state = 'requested' limit 10000)
  select
    (select count(*) from queued),
    (select coalesce(extract(epoch from clock_timestamp() - min(q.created_at)), 0)::double precision from queued q),
    (select count(*) from (select from ledger.holds h where h.state = 'open' and h.expires_at <= now() limit 10000) h),
    (select count(*) from waiting),
    (select coalesce(extract(epoch from clock_timestamp() - min(w.created_at)), 0)::double precision from waiting w);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.withdrawal_payload (
  w ledger.withdrawals
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object(
    'withdrawal_id', w.id, 'user_id', w.owner, 'linked_account_id', w.linked_account_id, 'state', w.state, 'failure', w.failure,
    'currency', w.currency, 'exponent', (select c.exponent from ledger.currencies c where c.code = w.currency),
    'amount_minor', w.amount_minor::text, 'fee_minor', w.fee_minor::text, 'created_at', w.created_at, 'updated_at', w.updated_at);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.withdrawal_refused (
  p_id     uuid,
  p_reason text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Submitted means that another attempt was accepted: then the provider's event alone ends it.
  perform from ledger.withdrawals w where w.id = p_id and w.state = 'requested' for no key update;
  return found and ledger.fail_withdrawal(p_id, p_reason);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.withdrawal_retry (
  p_id       uuid,
  p_error    text,
  p_retry_in interval
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update ledger.withdrawals w
  set last_error = left(p_error, 2000), next_attempt_at = clock_timestamp() + p_retry_in, updated_at = now()
  where w.id = p_id and w.state = 'requested';
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.withdrawal_submitted (
  p_id                 uuid,
  p_provider_reference text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- The provider's event may have been quicker: then only the reference is news.
  update ledger.withdrawals w
  set provider_reference = p_provider_reference, state = case when w.state = 'requested' then 'submitted' else w.state end,
    last_error = null, updated_at = now()
  where w.id = p_id and coalesce(w.provider_reference, p_provider_reference) = p_provider_reference
    and not exists (select from ledger.withdrawals x
      where x.provider = w.provider and x.provider_reference = p_provider_reference and x.id <> w.id);
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.assert_account()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if (new.purpose in ('available', 'pending') and new.owner is not null or new.purpose in ('funding', 'payouts', 'fees') and new.owner is null)
    and new.floor_minor <= 0 and new.max_transfer_minor > 0 is not false and new.max_day_minor > 0 is not false
    and new.max_hour_count > 0 is not false then
    return null;
  end if;
  raise exception 'account % is of no known purpose, has no owner or one too many, or a floor or limit that is none', new.id
    using errcode = 'check_violation';
end
$function$;

CREATE OR REPLACE FUNCTION ledger.assert_legs (
  p_id          uuid,
  p_amount      bigint,
  p_accounts    bigint[],
  p_amounts     bigint[],
  p_seqs        bigint[],
  p_description text,
  p_category    text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_amount <= 0 or cardinality(p_accounts) <> cardinality(p_amounts) or cardinality(p_accounts) <> cardinality(p_seqs)
    or length(p_description) > 1000 or length(p_category) > 100
    or cardinality(p_amounts) > 0 and not ledger.sums_to_zero(p_amounts) or array_position(p_amounts, null) is not null then
    raise exception 'transfer % does not take as much as it gives, or says too much', p_id using errcode = 'check_violation';
  end if;
  if cardinality(p_accounts) < 2 or exists (
    select from unnest(p_accounts, p_amounts, p_seqs) l (account, amount, seq)
    left join ledger.entries e on e.account_id = l.account and e.seq = l.seq and e.transfer_id = p_id and e.amount_minor = l.amount
    where e.seq is null and (l.seq <> 0 or not exists (
      select from ledger.queued_entries q where q.account_id = l.account and q.transfer_id = p_id and q.amount_minor = l.amount))
  ) then
    raise exception 'transfer % is not booked as its legs say', p_id
      using errcode = 'integrity_constraint_violation', detail = 'ledger.unbalanced';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.assert_posted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_odd uuid[];
begin
  -- Nearly all are two legs of one amount, each booked as the entry that the transfer names by its key.
  select array_agg(t.id) into v_odd
  from added t
  where (cardinality(t.accounts) = 2 and cardinality(t.amounts) = 2 and cardinality(t.seqs) = 2
    and t.amounts[1] + t.amounts[2] = 0 and t.amount_minor > 0
    and length(t.description) <= 1000 is not false and length(t.category) <= 100 is not false
    and exists (select from ledger.entries e
      where e.account_id = t.accounts[1] and e.seq = t.seqs[1] and e.transfer_id = t.id and e.amount_minor = t.amounts[1])
    and exists (select from ledger.entries e
      where e.account_id = t.accounts[2] and e.seq = t.seqs[2] and e.transfer_id = t.id and e.amount_minor = t.amounts[2])) is not true;
  if v_odd is not null then
    perform ledger.assert_legs(t.id, t.amount_minor, t.accounts, t.amounts, t.seqs, t.description, t.category)
    from added t where t.id = any (v_odd);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.audit()
  RETURNS TABLE (
    invariant  text,
    violations bigint
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return query select f.invariant, f.violations from ledger.findings(true) f;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.audit_entries (
  p_full boolean
)
  RETURNS TABLE (
    invariant  text,
    violations bigint,
    checked    bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  w record;
begin
  with mark as (
    select a.id, a.seq as head_seq, a.balance_minor as head_balance, a.chain_head, a.earned_minor as head_earned,
      coalesce(m.seq, 0) as seq, coalesce(m.balance_minor, 0) as balance, coalesce(m.earned_minor, 0) as earned,
      coalesce(m.hash, '\x') as hash
    from ledger.accounts a
    left join ledger.audit_marks m on m.account_id = a.id and not p_full
  ), moved as materialized (
    select * from mark m
    where p_full or (m.seq, m.balance, m.earned, m.hash) is distinct from (m.head_seq, m.head_balance, m.head_earned, m.chain_head)
  ), walked as (
    select e.account_id, e.seq, e.balance_minor, e.hash, e.seq - lag(e.seq, 1, m.seq) over o as step,
      e.balance_minor - lag(e.balance_minor, 1, m.balance) over o - e.amount_minor as drift,
      e.hash = ledger.link(lag(e.hash, 1, m.hash) over o, e.seq, e.balance_minor,
        ledger.line(e.transfer_id, e.kind, e.currency, e.amount_minor, e.created_at, e.counterparty, e.category, e.description)) as linked,
      case when e.kind in ('transfer', 'capture') and e.purpose = 'available' and e.amount_minor > 0 then e.amount_minor end as earned
    from moved m
    -- offset 0: account by account through the key, never by a look at all there is.
    cross join lateral (select * from ledger.entries x where x.account_id = m.id and x.seq > m.seq offset 0) e
    window o as (partition by e.account_id order by e.seq)
  ), summed as (
    select x.account_id, count(*) as entries, max(x.seq) as seq, sum(x.earned) as earned, count(*) filter (where x.step <> 1) as gaps,
      count(*) filter (where x.drift <> 0) as drifts, count(*) filter (where not x.linked) as breaks
    from walked x group by x.account_id
  )
  select sum(s.entries) as entries, sum(s.gaps) as gaps, sum(s.drifts) as drifts, sum(s.breaks) as breaks,
    count(*) filter (where (coalesce(l.seq, m.seq), coalesce(l.balance_minor, m.balance)) <> (m.head_seq, m.head_balance)) as heads,
    count(*) filter (where coalesce(l.hash, m.hash) <> m.chain_head) as chain_heads,
    count(*) filter (where m.earned + coalesce(s.earned, 0) <> m.head_earned) as earnings
  into w
  from moved m
  left join summed s on s.account_id = m.id
  left join lateral (
    select x.seq, x.balance_minor, x.hash from ledger.entries x where x.account_id = m.id and x.seq = s.seq offset 0
  ) l on true;

  return query
  select f.invariant, coalesce(f.violations, 0)::bigint, coalesce(f.checked, 0)::bigint
  from (values
    ('balance and seq of an account are those of its last entry', w.heads, w.entries),
    ('seq has no gap', w.gaps, 0),
    ('each balance is the one before plus the amount', w.drifts, 0),
    ('each hash is that of the entry and the hash before it, up to the head of the account', coalesce(w.breaks, 0) + w.chain_heads, 0),
    ('earnings are the sum of transfers and captures received', w.earnings, 0)
  ) f (invariant, violations, checked);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.audit_recent_transfers()
  RETURNS TABLE (
    invariant  text,
    violations bigint,
    checked    bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query
  with fresh as materialized (
    select e.transfer_id, e.account_id, e.amount_minor, false as queued
    from ledger.accounts a
    left join ledger.audit_marks m on m.account_id = a.id
    cross join lateral (
      select * from ledger.entries x where x.account_id = a.id and x.seq > coalesce(m.seq, 0) offset 0
    ) e
    where a.seq > coalesce(m.seq, 0)
    union all
    select q.transfer_id, q.account_id, q.amount_minor, true from ledger.queued_entries q
  ), found as materialized (
    select f.transfer_id, f.account_id, count(*) as times, sum(f.amount_minor) as amount, bool_or(f.queued) as queued
    from fresh f group by 1, 2
  ), leg as materialized (
    select t.id, t.kind, t.amounts, l.account, l.amount, l.seq
    from (select distinct f.transfer_id from fresh f) x
    cross join lateral (select * from ledger.transfers t where t.id = x.transfer_id offset 0) t
    cross join unnest(t.accounts, t.amounts, t.seqs) l (account, amount, seq)
  ), missing as (
    select l.id, l.account, l.amount, l.seq from leg l
    where not exists (select from found f where f.transfer_id = l.id and f.account_id = l.account)
  )
  select 'each entry is a leg of its transfer', count(*), 0::bigint
  from found f left join leg l on l.id = f.transfer_id and l.account = f.account_id
  where f.amount is distinct from f.times * l.amount
  union all
  select 'every leg of a transfer is booked or queued exactly once', (
      select count(*) from missing m
      where m.amount is distinct from (
        select e.amount_minor from ledger.entries e
        where e.account_id = m.account and e.transfer_id = m.id and e.seq between m.seq and coalesce(nullif(m.seq, 0), 9223372036854775807)
        order by e.seq desc limit 1)
    ) + (
      select count(*) from leg l join found f on f.transfer_id = l.id and f.account_id = l.account
      where (f.times, f.amount) <> (1, l.amount) or (f.queued and l.seq <> 0)
    ), 0::bigint
  union all
  select 'every entry belongs to a transfer and an account', count(*), 0::bigint
  from found f where not exists (select from leg l where l.id = f.transfer_id)
  union all
  select 'the legs of every transfer sum to zero', count(distinct l.id), 0::bigint
  from leg l where cardinality(l.amounts) < 2 or not ledger.sums_to_zero(l.amounts)
  union all
  select 'every reversal takes back one transfer, once', count(distinct l.id), 0::bigint
  from leg l
  where l.kind = 'reversal' and not exists (
    select from ledger.reversals r join ledger.transfers t on t.id = r.transfer_id
    where r.reversal_id = l.id and t.kind in ('transfer', 'capture'));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.audit_state (
  p_full boolean
)
  RETURNS TABLE (
    invariant  text,
    violations bigint,
    checked    bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query
  select 'no account is below its floor', count(*), 0::bigint from ledger.accounts a where a.balance_minor < a.floor_minor
  union all
  select 'all balances and queued legs of a currency sum to zero', count(*), 0::bigint from (
    select from (
      select a.currency, a.balance_minor as minor from ledger.accounts a
      union all
      select q.currency, q.amount_minor from ledger.queued_entries q) x
    group by x.currency having sum(x.minor) <> 0) y
  union all
  select 'pending money is what open holds keep', count(*), 0::bigint from (
    select from (
      select a.owner, a.currency, a.balance_minor as minor from ledger.accounts a where a.purpose = 'pending'
      union all
      select q.owner, q.currency, q.amount_minor from ledger.queued_entries q where q.purpose = 'pending'
      union all
      select h.owner, h.currency, -h.amount_minor from ledger.holds h where h.state = 'open') x
    group by x.owner, x.currency having sum(x.minor) <> 0) y
  union all
  select 'every withdrawal is as its hold says', count(*), 0::bigint
  from (
    select h.id from ledger.holds h where h.kind = 'withdrawal' and h.state = 'open'
    union
    select w.id from ledger.withdrawals w where w.state in ('requested', 'submitted')
    union
    select h.id from ledger.holds h where p_full and h.kind = 'withdrawal'
    union
    select w.id from ledger.withdrawals w where p_full) i
  left join ledger.holds h on h.id = i.id
  left join ledger.withdrawals w on w.id = i.id
  where (h.kind, h.owner, h.currency, h.amount_minor, h.state) is distinct from
    ('withdrawal', w.owner, w.currency, w.amount_minor + w.fee_minor,
      case w.state when 'paid' then 'captured' when 'failed' then 'voided' else 'open' end);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.audit_transfers()
  RETURNS TABLE (
    invariant  text,
    violations bigint,
    checked    bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query
  with booked as (
    select e.transfer_id, e.account_id, e.amount_minor from ledger.entries e
    union all
    select q.transfer_id, q.account_id, q.amount_minor from ledger.queued_entries q
  ), found as (
    select b.transfer_id, b.account_id, count(*) as times, sum(b.amount_minor) as amount from booked b group by 1, 2
  ), leg as (
    select t.id, l.account, l.amount from ledger.transfers t cross join unnest(t.accounts, t.amounts) l (account, amount)
  ), compared as materialized (
    select
      count(*) filter (where l.id is not null and (f.times, f.amount) is distinct from (1::bigint, l.amount::numeric)) as not_once,
      count(*) filter (where f.times is not null and f.amount is distinct from f.times * l.amount) as foreign_legs
    from leg l full join found f on f.transfer_id = l.id and f.account_id = l.account
  )
  select 'each entry is a leg of its transfer', c.foreign_legs, 0::bigint from compared c
  union all
  select 'every leg of a transfer is booked or queued exactly once', c.not_once, 0::bigint from compared c
  union all
  select 'every entry belongs to a transfer and an account', count(*), 0::bigint
  from booked b
  where not exists (select from ledger.transfers t where t.id = b.transfer_id) or not exists (select from ledger.accounts a where a.id = b.account_id)
  union all
  select 'the legs of every transfer sum to zero', count(*), 0::bigint from (
    select t.id from ledger.transfers t where cardinality(t.amounts) < 2 or not ledger.sums_to_zero(t.amounts)
    union
    select f.transfer_id from found f group by 1 having sum(f.amount) <> 0) x
  union all
  select 'every reversal takes back one transfer, once', count(*), 0::bigint from (
    select from ledger.reversals r
    left join ledger.transfers t on t.id = r.transfer_id
    left join ledger.transfers b on b.id = r.reversal_id
    where t.kind is null or t.kind not in ('transfer', 'capture') or b.kind is distinct from 'reversal'
    union all
    select from ledger.transfers b
    where b.kind = 'reversal' and not exists (select from ledger.reversals r where r.reversal_id = b.id)) x;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.batch (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  -- Part by part in the order given: a part whose transfers are all plain, and paid for, is booked at once.
  c_part constant int := 100;
  v_transfers jsonb := p_arguments -> 'transfers';
  v_count int := jsonb_array_length(v_transfers);
  v_results jsonb := '[]';
  v_part jsonb;
begin
  if v_count not between 1 and 1000 then
    perform app_hidden.fail(422, 'wallet.batch_refused', 'A batch has 1 to 1,000 transfers.', 'Send it in parts.');
  end if;
  -- Missing wallets first, as a wait for their making must not come after a lock.
  perform ledger.ensure_account(p.person, p.currency, 'available')
  from (
    select distinct ledger.find_person(t ->> 'recipient') as person, coalesce(t ->> 'currency', p_arguments ->> 'currency') as currency
    from jsonb_array_elements(v_transfers) t
    order by 1, 2
  ) p
  join ledger.currencies c on c.code = p.currency
  where p.person is not null and p.person <> p_actor;
  -- The payer once, before any recipient: all that follows takes money from these accounts alone.
  perform from ledger.accounts a where a.owner = p_actor order by a.id for no key update;

  for v_from in 0 .. v_count - 1 by c_part loop
    select jsonb_agg(i.t || jsonb_build_object('index', i.n - 1, 'currency', coalesce(i.t ->> 'currency', p_arguments ->> 'currency')) order by i.n)
    into v_part
    from jsonb_array_elements(v_transfers) with ordinality i (t, n) where i.n > v_from and i.n <= v_from + c_part;
    v_results := v_results || coalesce(
      ledger.batch_together(p_actor, v_part), ledger.batch_one_by_one(p_actor, v_part, p_arguments ->> 'mode' = 'atomic'));
  end loop;
  return jsonb_build_object('results', v_results);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.batch_one_by_one (
  p_actor  uuid,
  p_part   jsonb,
  p_atomic boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_item record;
  v_code text;
  v_hint text;
  v_results jsonb := '[]';
begin
  for v_item in select i.t, (i.t ->> 'index')::int as index from jsonb_array_elements(p_part) with ordinality i (t, n) order by i.n loop
    begin
      v_results := v_results || jsonb_build_object('index', v_item.index, 'status', 201, 'transaction', ledger.send(p_actor, v_item.t));
    exception when sqlstate 'PT402' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT422' then
      get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
      if p_atomic then
        perform ledger.fail_parts(422, 'wallet.batch_refused', format('Transfer %s of the batch was refused (%s: %s), so none was made.',
          v_item.index, v_code, sqlerrm), v_hint, ledger.part('transfers.' || v_item.index, v_code, sqlerrm));
      end if;
      v_results := v_results || jsonb_build_object('index', v_item.index, 'status', substring(sqlstate from 3)::int,
        'error', jsonb_build_object('code', v_code, 'detail', sqlerrm, 'hint', v_hint));
    end;
  end loop;
  return v_results;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.batch_together (
  p_actor uuid,
  p_part  jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_items ledger.item[];
  v_results jsonb;
begin
  select ledger.plain_items(array_agg(p_actor), array_agg(null::text), array_agg(null::bytea), array_agg(t ->> 'recipient' order by n),
    array_agg(t ->> 'amount' order by n), array_agg(t ->> 'currency' order by n), array_agg(t ->> 'description' order by n),
    array_agg(t ->> 'category' order by n))
  into v_items from jsonb_array_elements(p_part) with ordinality i (t, n);
  -- Of several accounts of the payer, one could be short and the others not: then only a part of the part would be booked.
  if cardinality(v_items) is distinct from jsonb_array_length(p_part) or (select count(distinct i.payer) > 1 from unnest(v_items) i) then
    return null;
  end if;
  select jsonb_agg(jsonb_build_object('index', p_part -> (b.ord - 1) -> 'index', 'status', 201, 'transaction', b.body) order by b.ord)
  into v_results from ledger.book_items(v_items) b;
  return v_results;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.book_items (
  p_items ledger.item[]
)
  RETURNS TABLE (
    ord  integer,
    body jsonb
  )
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_seqscan TO 'off'
  SET lock_timeout TO '1s'
  AS $function$
#variable_conflict use_column
declare
  v_payers bigint[];
  v_free bigint[];
  v_asked int;
  v_kept int;
begin
  -- Rule 1: payers are waited for, in the order of ids. Rule 2: the others are taken only where they are free.
  select array_agg(x.payer) into v_payers from (select distinct i.payer from unnest(p_items) i) x;
  perform from (select a.id from ledger.accounts a where a.id = any (v_payers) order by a.id for no key update) locked;
  select v_payers || array_agg(x.id) into v_free
  from (
    select a.id from unnest(p_items) i join ledger.accounts a on a.id = i.payee for no key update of a skip locked
  ) x;

  -- The statement below joins nothing but accounts by their key: with the planner's guess of ten items, a join of two steps
  -- would compare each item with each.
  for ord, body, v_asked, v_kept in
  with clock as materialized (
    select clock_timestamp() as now, (clock_timestamp() at time zone 'UTC')::date as day, date_trunc('hour', clock_timestamp(), 'UTC') as hour
  ), plain as materialized (
    select x.* from (
      select i.*, a.closed_at, a.frozen_out, a.balance_minor - a.floor_minor as spendable,
        sum(i.minor) over w as paid, count(*) over w as times,
        case when a.day = t.day then a.day_minor else 0 end as day_minor, coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807) as max_day,
        case when a.hour = t.hour then a.hour_count else 0 end as hour_count, coalesce(a.max_hour_count, c.max_hour_count, 2147483647) as max_hour
      from unnest(p_items) i
      join ledger.accounts a on a.id = i.payer
      join ledger.currencies c on c.code = a.currency
      cross join clock t
      window w as (partition by i.payer)
    ) x
    where x.closed_at is null and not x.frozen_out and x.paid <= x.spendable
      and x.day_minor + x.paid <= x.max_day and x.hour_count + x.times <= x.max_hour
  ), leg as materialized (
    select l.*, a.seq as last_seq, a.balance_minor as last_balance, a.chain_head,
      case when l.account_id in (select f.id from unnest(v_free) f (id)) then true else false end as is_free
    from (
      select i.ord, i.id, i.payer as account_id, i.actor as owner, -i.minor as minor, i.person as counterparty, i.currency, i.description, i.category,
        i.key, i.hash as request_hash, i.exponent, i.username, i.payee
      from plain i
      union all
      select i.ord, i.id, i.payee, i.person, i.minor, i.actor, i.currency, i.description, i.category, null, null, null, null, null
      from plain i
    ) l
    join ledger.accounts a on a.id = l.account_id
  ), booking as materialized (
    select b.*
    from clock t, ledger.chained((
      select array_agg(row(x.ord, x.id, x.account_id, x.owner, x.minor, x.counterparty, x.currency, x.description, x.category, x.key,
        x.request_hash, x.exponent, x.username, x.payee, x.payee_seq, x.seq, x.balance, x.chain_head)::ledger.leg order by x.account_id, x.seq)
      from (
        select y.*, coalesce(lead(y.seq) over (partition by y.id order by y.minor), 0) as payee_seq
        from (
          select l.*, l.last_seq + row_number() over w as seq, (l.last_balance + sum(l.minor) over w)::bigint as balance
          from leg l
          where l.is_free
          window w as (partition by l.account_id order by l.ord rows unbounded preceding)
        ) y
      ) x), t.now) b
  ), header as (
    insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
    select x.id, 'transfer', x.currency, -x.minor, x.owner, x.counterparty, array[x.account_id, x.payee], array[x.minor, -x.minor],
      array[x.seq, x.payee_seq], x.description, x.category, t.now
    from booking x cross join clock t
    where x.minor < 0
  ), booked as (
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    select x.account_id, x.seq, x.id, x.owner, 'available', 'transfer', x.currency, x.minor, x.balance,
      x.counterparty, x.description, x.category, t.now, x.hash
    from booking x cross join clock t
  ), queued as (
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    select l.account_id, l.id, l.owner, 'available', 'transfer', l.currency, l.minor, l.counterparty, l.description, l.category, t.now
    from leg l cross join clock t where not l.is_free order by l.ord
  ), moved as (
    update ledger.accounts a set
      balance_minor = a.balance_minor + s.minor,
      earned_minor = a.earned_minor + s.earned,
      seq = s.seq,
      chain_head = s.hash,
      day = case when s.times > 0 then t.day else a.day end,
      day_minor = case when s.times = 0 then a.day_minor when a.day = t.day then a.day_minor + s.paid else s.paid end,
      hour = case when s.times > 0 then t.hour else a.hour end,
      hour_count = case when s.times = 0 then a.hour_count when a.hour = t.hour then a.hour_count + s.times else s.times end,
      updated_at = t.now
    from (
      select x.account_id, sum(x.minor)::bigint as minor, max(x.seq) as seq, (array_agg(x.hash order by x.seq desc))[1] as hash,
        coalesce(sum(x.minor) filter (where x.minor > 0), 0)::bigint as earned,
        coalesce(-sum(x.minor) filter (where x.minor < 0), 0)::bigint as paid,
        (count(*) filter (where x.minor < 0))::int as times
      from booking x group by x.account_id
    ) s, clock t
    where a.id = s.account_id
  ), answer as materialized (
    select x.ord, x.owner, x.key, x.request_hash, jsonb_build_object('id', x.id, 'user_id', x.owner, 'type', 'expense',
      'amount', app_hidden.format_amount(-x.minor, x.exponent), 'currency', x.currency, 'description', x.description,
      'category', x.category, 'status', 'completed', 'kind', 'transfer', 'counterparty_id', x.counterparty,
      'counterparty_username', x.username, 'balance_after', app_hidden.format_amount(x.balance, x.exponent),
      'created_at', t.now) as body
    from booking x cross join clock t
    where x.minor < 0
  ), kept as (
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    select x.owner, x.key, 'wallet.transaction', x.request_hash, 201, x.body from answer x where x.key is not null order by x.owner, x.key
    on conflict do nothing
    returning true
  )
  select x.ord, x.body, (select count(*) from answer y where y.key is not null), (select count(*) from kept) from answer x
  loop
    if v_kept < v_asked then
      raise exception 'a request of the batch was answered meanwhile' using errcode = 'serialization_failure';
    end if;
    return next;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.cancel_request (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform ledger.resolve_request(p_actor, ledger.id_in(p_arguments), 'cancelled');
  return ledger.request_of(ledger.id_in(p_arguments));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.capture_hold (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := ledger.id_in(p_arguments);
  h record;
  v_captured bigint;
  v_fee record;
  v_payee bigint;
  v_transfer uuid := app_private.uuid_v7();
  v_accounts bigint[];
  v_amounts bigint[];
begin
  -- What never changes in a hold, without its lock: a missing account of the payee is made before anything is locked.
  select x.*, p.id as pending, a.id as available, y.id as payee_account into h
  from ledger.holds x
  join ledger.accounts p on p.owner = x.owner and p.currency = x.currency and p.purpose = 'pending'
  join ledger.accounts a on a.owner = x.owner and a.currency = x.currency and a.purpose = 'available'
  left join ledger.accounts y on y.owner = x.payee and y.currency = x.currency and y.purpose = 'available'
  where x.id = v_id and x.kind = 'hold' and p_actor in (x.owner, x.payee);
  if not found then
    perform app_hidden.fail(404, 'wallet.hold_not_found', 'You have no such hold.', 'Take an id from GET wallet/holds.');
  end if;
  v_captured := h.amount_minor;
  if p_arguments ->> 'amount' is not null then
    v_captured := ledger.parse_amount(p_arguments ->> 'amount', h.currency);
    if v_captured > h.amount_minor then
      perform app_hidden.fail(422, 'wallet.capture_exceeds_hold', 'This is more than the hold keeps.',
        'Capture at most the amount of the hold; ask the payer to send the rest.');
    end if;
  end if;
  v_payee := coalesce(h.payee_account, ledger.ensure_account(h.payee, h.currency, 'available'));
  v_fee := ledger.fee_of(h.currency, 'capture', v_captured);

  update ledger.holds x set state = 'captured', captured_minor = v_captured,
    fee_minor = case when v_fee.charged_to = 'sender' then v_fee.fee_minor else 0 end, resolved_at = clock_timestamp(), transfer_id = v_transfer
  where x.id = v_id and x.state = 'open' and x.expires_at > clock_timestamp();
  if not found then
    perform ledger.refuse_hold(v_id);
  end if;

  -- Who pays the fee decides whose leg is smaller. A fee on top comes out of what the hold gives back, and then out of the
  -- payer's balance. Legs of nothing are left out.
  select array_agg(l.account), array_agg(l.amount) into v_accounts, v_amounts
  from (values
    (h.pending, -h.amount_minor),
    (v_payee, v_captured - case when v_fee.charged_to = 'recipient' then v_fee.fee_minor else 0 end),
    (h.available, h.amount_minor - v_captured - case when v_fee.charged_to = 'sender' then v_fee.fee_minor else 0 end),
    (case when v_fee.fee_minor > 0 then ledger.system_account(h.currency, 'fees') end, v_fee.fee_minor)
  ) l (account, amount)
  where l.amount <> 0;
  perform ledger.post('capture', h.currency, v_accounts, v_amounts, h.owner, h.payee, h.description, h.category, v_transfer);
  return ledger.hold_of(v_id);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.capture_plain_hold (
  p_actor     uuid,
  p_session   uuid,
  p_key       text,
  p_hash      bytea,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_id uuid := ledger.id_in(p_arguments);
  v_transfer uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_debit text;
  v_credit text;
  v_whole text;
  v_body jsonb;
  v_kept boolean;
  h record;
begin
  select x.owner, x.payee, x.currency, x.amount_minor, x.description, x.category, x.created_at, x.expires_at, c.exponent,
    b.id as pending, a.id as available, p.username::text as username
  into h
  from ledger.holds x
  join auth.sessions s on s.id = p_session and s.user_id = p_actor and (s.not_after is null or s.not_after > now())
  join auth.users u on u.id = p_actor and (u.banned_until is null or u.banned_until <= now())
  join ledger.currencies c on c.code = x.currency
  join public.profiles p on p.id = x.payee
  join ledger.accounts b on b.owner = x.owner and b.currency = x.currency and b.purpose = 'pending'
  join ledger.accounts a on a.owner = x.payee and a.currency = x.currency and a.purpose = 'available'
  where x.id = v_id and x.kind = 'hold' and p_actor in (x.owner, x.payee) and x.state = 'open' and x.expires_at > clock_timestamp()
    and p_arguments ->> 'amount' is null and a.closed_at is null and not a.frozen_in
    and x.amount_minor <= 9223372036854775807 - greatest(a.balance_minor, a.earned_minor, 0)
    and not exists (select from ledger.fee_rules f where f.currency = x.currency and f.kind = 'capture')
    and not exists (select from app_private.idempotency_keys k where k.owner = p_actor and k.key = p_key)
  for no key update of x;
  if not found then
    return null;
  end if;

  v_debit := ledger.line(v_transfer, 'capture', h.currency, -h.amount_minor, v_now, h.payee, h.category, h.description);
  v_credit := ledger.line(v_transfer, 'capture', h.currency, h.amount_minor, v_now, h.owner, h.category, h.description);
  v_whole := app_hidden.format_amount(h.amount_minor, h.exponent);
  v_body := jsonb_build_object('id', v_id, 'user_id', h.owner, 'payee_id', h.payee, 'payee_username', h.username, 'currency', h.currency,
    'amount', v_whole, 'captured_amount', v_whole,
    'state', 'captured', 'description', h.description, 'category', h.category, 'created_at', h.created_at, 'expires_at', h.expires_at,
    'resolved_at', v_now, 'transfer_id', v_transfer);
  with paid as (
    update ledger.accounts b set
      balance_minor = b.balance_minor - h.amount_minor,
      seq = b.seq + 1,
      chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor - h.amount_minor, v_debit), 'UTF8')),
      updated_at = v_now
    where b.id = h.pending and not b.frozen_out and b.balance_minor >= b.floor_minor + h.amount_minor
    returning b.seq, b.balance_minor, b.chain_head
  ), credited as (
    update ledger.accounts a set
      balance_minor = a.balance_minor + h.amount_minor,
      earned_minor = a.earned_minor + h.amount_minor,
      seq = a.seq + 1,
      chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor + h.amount_minor, v_credit), 'UTF8')),
      updated_at = v_now
    where a.id = (select x.id from ledger.accounts x where x.id = h.available and exists (select from paid) for no key update skip locked)
    returning a.seq, a.balance_minor, a.chain_head
  ), header as (
    insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
    select v_transfer, 'capture', h.currency, h.amount_minor, h.owner, h.payee, array[h.pending, h.available],
      array[-h.amount_minor, h.amount_minor], array[x.seq, coalesce((select y.seq from credited y), 0)], h.description, h.category, v_now
    from paid x
  ), queued as (
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    select h.available, v_transfer, h.payee, 'available', 'capture', h.currency, h.amount_minor, h.owner, h.description, h.category, v_now
    from paid where not exists (select from credited)
  ), booked as (
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    select h.pending, x.seq, v_transfer, h.owner, 'pending', 'capture', h.currency, -h.amount_minor, x.balance_minor,
      h.payee, h.description, h.category, v_now, x.chain_head
    from paid x
    union all
    select h.available, x.seq, v_transfer, h.payee, 'available', 'capture', h.currency, h.amount_minor, x.balance_minor,
      h.owner, h.description, h.category, v_now, x.chain_head
    from credited x
  ), captured as (
    update ledger.holds x set state = 'captured', captured_minor = x.amount_minor, resolved_at = v_now, transfer_id = v_transfer
    where x.id = v_id and exists (select from paid)
  ), kept as (
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    select p_actor, p_key, 'wallet.capture_hold', p_hash, 200, v_body from paid where p_key is not null
    on conflict do nothing
    returning true
  )
  select p_key is null or exists (select from kept) into v_kept from paid;
  if not v_kept then
    perform ledger.refuse_twin();
  end if;
  return case when v_kept then v_body end;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.chained (
  p_legs ledger.leg[],
  p_now  timestamp with time zone
)
  RETURNS SETOF ledger.leg
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_leg ledger.leg;
  v_account bigint;
  v_head bytea;
begin
  foreach v_leg in array coalesce(p_legs, '{}') loop
    if v_account is distinct from v_leg.account_id then
      v_account := v_leg.account_id;
      v_head := v_leg.hash;
    end if;
    v_head := sha256(v_head || convert_to(v_leg.seq || '|' || v_leg.balance || '|' || ledger.line(v_leg.id, 'transfer', v_leg.currency, v_leg.minor,
      p_now, v_leg.counterparty, v_leg.category, v_leg.description), 'UTF8'));
    v_leg.hash := v_head;
    return next v_leg;
  end loop;
end
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
  -- Payouts on their way still find theirs; then the provider is told (app_private.claim_unlinked_accounts).
  update ledger.linked_accounts l set removed_at = now() where l.owner = old.id and l.removed_at is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.complete_deposit (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  d ledger.deposits;
begin
  -- Failed is not final: a payer whose card was refused may pay the same deposit with another one.
  select * into d from ledger.deposits x where x.id = p_id and x.state <> 'completed' for no key update;
  if not found then
    return false;
  end if;
  d.transfer_id := ledger.post('deposit', d.currency,
    array[ledger.system_account(d.currency, 'funding'), ledger.ensure_account(d.owner, d.currency, 'available')],
    array[-d.amount_minor, d.amount_minor], null, d.owner, null, 'deposit');
  update ledger.deposits x set state = 'completed', failure = null, transfer_id = d.transfer_id, updated_at = now() where x.id = p_id;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.complete_withdrawal (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  w ledger.withdrawals;
  v_accounts bigint[];
  v_amounts bigint[];
  v_transfer uuid;
begin
  update ledger.withdrawals x set state = 'paid', updated_at = now()
  where x.id = p_id and x.state in ('requested', 'submitted') returning * into w;
  if not found then
    return false;
  end if;
  perform from ledger.holds h where h.id = p_id and h.state = 'open' for update;
  v_accounts := array[ledger.ensure_account(w.owner, w.currency, 'pending'), ledger.system_account(w.currency, 'payouts')];
  v_amounts := array[-w.amount_minor - w.fee_minor, w.amount_minor];
  if w.fee_minor > 0 then
    v_accounts := v_accounts || ledger.system_account(w.currency, 'fees');
    v_amounts := v_amounts || w.fee_minor;
  end if;
  v_transfer := ledger.post('withdrawal', w.currency, v_accounts, v_amounts, w.owner, null, null, 'withdrawal');
  update ledger.holds h
  set state = 'captured', captured_minor = h.amount_minor, resolved_at = now(), transfer_id = v_transfer
  where h.id = p_id and h.state = 'open';
  if not found then
    raise exception 'withdrawal % has no open hold', p_id;
  end if;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.counterparty (
  p_actor     uuid,
  p_recipient text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := ledger.find_person(p_recipient);
begin
  if v_id is null then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is nobody with this username or id.', 'Check the recipient.');
  elsif v_id = p_actor then
    perform app_hidden.fail(422, 'wallet.self_transfer', 'Money cannot be sent to oneself.', 'Choose another recipient.');
  elsif app_hidden.is_blocked_pair(p_actor, v_id) then
    perform app_hidden.fail(403, 'wallet.blocked', 'Money cannot be sent between these two people.', 'Choose another recipient.');
  end if;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.credit (
  p_account bigint,
  p_amount  bigint,
  p_kind    text,
  p_line    text,
  OUT       ok boolean,
  OUT       seq bigint,
  OUT       balance_minor bigint,
  OUT       hash bytea
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  update ledger.accounts a set
    balance_minor = a.balance_minor + p_amount,
    earned_minor = a.earned_minor + case when p_kind in ('transfer', 'capture') and a.purpose = 'available' then p_amount else 0 end,
    seq = a.seq + 1,
    chain_head = ledger.link(a.chain_head, a.seq + 1, a.balance_minor + p_amount, p_line),
    updated_at = clock_timestamp()
  where a.id = (select x.id from ledger.accounts x where x.id = p_account for no key update skip locked)
  returning true, a.seq, a.balance_minor, a.chain_head into ok, seq, balance_minor, hash;
  ok := coalesce(ok, false);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.debit (
  p_account bigint,
  p_amount  bigint,
  p_kind    text,
  p_line    text,
  OUT       ok boolean,
  OUT       seq bigint,
  OUT       balance_minor bigint,
  OUT       hash bytea
)
  RETURNS record
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_today date := (clock_timestamp() at time zone 'UTC')::date;
  v_hour timestamptz := date_trunc('hour', clock_timestamp(), 'UTC');
  v_limited boolean := p_kind in ('transfer', 'hold');
begin
  update ledger.accounts a set
    balance_minor = a.balance_minor - p_amount,
    seq = a.seq + 1,
    chain_head = ledger.link(a.chain_head, a.seq + 1, a.balance_minor - p_amount, p_line),
    day = case when v_limited then greatest(a.day, v_today) else a.day end,
    day_minor = case when not v_limited then a.day_minor when a.day >= v_today then a.day_minor + p_amount else p_amount end,
    hour = case when v_limited then greatest(a.hour, v_hour) else a.hour end,
    hour_count = case when not v_limited then a.hour_count when a.hour >= v_hour then a.hour_count + 1 else 1 end,
    updated_at = clock_timestamp()
  from ledger.currencies c
  -- What was set aside before a wallet closed is still paid out or given back, and operators may correct what is left in it.
  where a.id = p_account and c.code = a.currency and (a.closed_at is null or a.purpose = 'pending' or p_kind = 'correction')
    and not (a.frozen_out and p_kind in ('transfer', 'hold', 'capture'))
    and a.balance_minor >= a.floor_minor + p_amount
    and (not v_limited or (
      p_amount <= coalesce(a.max_transfer_minor, c.max_transfer_minor, p_amount)
      and case when a.day >= v_today then a.day_minor else 0 end + p_amount <= coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807)
      and case when a.hour >= v_hour then a.hour_count else 0 end < coalesce(a.max_hour_count, c.max_hour_count, 2147483647)))
  returning true, a.seq, a.balance_minor, a.chain_head into ok, seq, balance_minor, hash;
  ok := coalesce(ok, false);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.decline_request (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform ledger.resolve_request(p_actor, ledger.id_in(p_arguments), 'declined');
  return ledger.request_of(ledger.id_in(p_arguments));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.deposit_event (
  p_id      uuid,
  p_type    text,
  p_payload jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_state text := (select d.state from ledger.deposits d where d.id = p_id);
  v_constraint text;
begin
  if p_type = 'deposit.failed' and v_state = 'pending' then
    update ledger.deposits x set state = 'failed', failure = left(coalesce(p_payload ->> 'reason', 'deposit_failed'), 500),
      provider_reference = p_payload ->> 'provider_reference', updated_at = now()
    where x.id = p_id;
    return 'applied';
  elsif p_type = 'deposit.failed' then
    return case v_state when 'failed' then 'already_applied' else 'contradicts' end;
  elsif v_state = 'completed' then
    return 'already_applied';
  end if;
  begin
    update ledger.deposits x set provider_reference = p_payload ->> 'provider_reference' where x.id = p_id;
    perform ledger.complete_deposit(p_id);
  exception
    -- The provider has the money and this wallet may not take it: kept until an operator has decided.
    when sqlstate 'PT404' or sqlstate 'PT422' then
      return 'wallet_unavailable';
    when check_violation then
      get stacked diagnostics v_constraint = constraint_name;
      if v_constraint <> 'balance_above_floor' then
        raise;
      end if;
      return 'beyond_the_books';
  end;
  return 'applied';
end
$function$;

CREATE OR REPLACE FUNCTION ledger.divide (
  p_amount bigint,
  p_shares integer[]
)
  RETURNS bigint[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  -- In numeric, as amount * share may be more than a bigint holds.
  return (
    with part as (
      select s.n, div(p_amount::numeric * s.share, t.total) as whole, mod(p_amount::numeric * s.share, t.total) as remainder
      from unnest(p_shares) with ordinality s (share, n), (select sum(u.share)::numeric as total from unnest(p_shares) u (share)) t
    ), ranked as (
      select p.n, p.whole, p_amount - sum(p.whole) over () as left_over, row_number() over (order by p.remainder desc, p.n) as place
      from part p
    )
    select array_agg((r.whole + case when r.place <= r.left_over then 1 else 0 end)::bigint order by r.n) from ranked r);
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
  insert into ledger.accounts (owner, currency, purpose, frozen_in, frozen_out)
  select p_owner, p_currency, p_purpose, coalesce(bool_or(f.frozen_in), false), coalesce(bool_or(f.frozen_out), false)
  from ledger.accounts f where f.owner = p_owner
  on conflict on constraint one_account_per_purpose do nothing;
  select a.id into strict v_id from ledger.accounts a
  where a.owner = p_owner and a.currency = p_currency and a.purpose = p_purpose;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.expiry_in (
  p_arguments jsonb
)
  RETURNS timestamp WITH time zone
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_seconds int := coalesce((p_arguments ->> 'expires_in_s')::int, 7 * 86400);
begin
  if v_seconds not between 60 and 90 * 86400 then
    perform app_hidden.fail(422, 'request.unprocessable', 'This can stay open for 60 seconds to 90 days.',
      'Send expires_in_s between 60 and 7776000.');
  end if;
  return clock_timestamp() + make_interval(secs => v_seconds);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.fail_parts (
  p_status  integer,
  p_code    text,
  p_message text,
  p_hint    text,
  p_parts   jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- An error has no field for such a list. COLUMN reaches ledger.run_command as it is, and nothing else of ours sets it.
  raise exception using errcode = 'PT' || p_status, message = p_message, detail = p_code, hint = coalesce(p_hint, ''),
    column = coalesce(p_parts::text, '');
end
$function$;

CREATE OR REPLACE FUNCTION ledger.fail_withdrawal (
  p_id     uuid,
  p_reason text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  h ledger.holds;
begin
  update ledger.withdrawals w set state = 'failed', failure = left(p_reason, 500), updated_at = now()
  where w.id = p_id and w.state in ('requested', 'submitted');
  if not found then
    return false;
  end if;
  update ledger.holds x set state = 'voided', resolved_at = now() where x.id = p_id and x.state = 'open' returning * into strict h;
  perform ledger.release_hold(h);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.fee_of (
  p_currency text,
  p_kind     text,
  p_amount   bigint,
  OUT        fee_minor bigint,
  OUT        charged_to text
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_rule ledger.fee_rules;
begin
  fee_minor := 0;
  charged_to := 'recipient';
  select * into v_rule from ledger.fee_rules f where f.currency = p_currency and f.kind = p_kind;
  if not found then
    return;
  end if;
  charged_to := v_rule.charged_to;
  -- round() of numeric rounds half away from zero.
  -- With the amount it is never more than a bigint: whoever asks for that much is told that they do not have it.
  fee_minor := least(greatest(round(p_amount * v_rule.percent / 100) + v_rule.fixed_minor, v_rule.minimum_minor), v_rule.maximum_minor,
    case v_rule.charged_to when 'recipient' then p_amount else 9223372036854775807 - p_amount end);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.find_person (
  p_recipient text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
begin
  if p_recipient ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    select p.id into v_id from public.profiles p where p.id = p_recipient::uuid;
  else
    select p.id into v_id from public.profiles p where p.username operator(extensions.=) p_recipient::extensions.citext;
  end if;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.findings (
  p_full boolean
)
  RETURNS TABLE (
    invariant  text,
    violations bigint,
    checked    bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query select * from ledger.audit_entries(p_full);
  if p_full then
    return query select * from ledger.audit_transfers();
  else
    return query select * from ledger.audit_recent_transfers();
  end if;
  return query select * from ledger.audit_state(p_full);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.first_seq_since (
  p_account bigint,
  p_owner   uuid,
  p_since   timestamp with time zone
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_first timestamptz;
  v_seq bigint;
begin
  if p_since is null then
    return 1;
  end if;
  select e.created_at into v_first from ledger.entries e
  where e.owner = p_owner and e.purpose = 'available' and e.account_id = p_account and e.created_at >= p_since
  order by e.created_at limit 1;
  -- No leg waits in the queue for an hour after a later one was booked.
  select min(e.seq) into v_seq from ledger.entries e
  where e.owner = p_owner and e.purpose = 'available' and e.account_id = p_account
    and e.created_at >= v_first and e.created_at < v_first + interval '1 hour';
  return coalesce(v_seq, (select a.seq + 1 from ledger.accounts a where a.id = p_account));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.fold (
  p_account bigint
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  a ledger.accounts;
  q ledger.queued_entries;
  v_count int := 0;
begin
  if not exists (select from ledger.queued_entries x where x.account_id = p_account) then
    return 0;
  end if;
  select * into a from ledger.accounts x where x.id = p_account for no key update;
  -- Bounded: what is left is booked by the next round.
  for q in
    with taken as (
      delete from ledger.queued_entries x
      where x.account_id = p_account and x.transfer_id in (
        select y.transfer_id from ledger.queued_entries y where y.account_id = p_account order by y.transfer_id limit 2000)
      returning x.*
    )
    select * from taken order by transfer_id
  loop
    a.seq := a.seq + 1;
    a.balance_minor := a.balance_minor + q.amount_minor;
    a.chain_head := ledger.link(a.chain_head, a.seq, a.balance_minor,
      ledger.line(q.transfer_id, q.kind, q.currency, q.amount_minor, q.created_at, q.counterparty, q.category, q.description));
    if q.kind in ('transfer', 'capture') and q.purpose = 'available' then
      a.earned_minor := a.earned_minor + q.amount_minor;
    end if;
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    values (p_account, a.seq, q.transfer_id, q.owner, q.purpose, q.kind, q.currency, q.amount_minor, a.balance_minor,
      q.counterparty, q.description, q.category, q.created_at, a.chain_head);
    v_count := v_count + 1;
  end loop;
  update ledger.accounts x set balance_minor = a.balance_minor, earned_minor = a.earned_minor, seq = a.seq, chain_head = a.chain_head,
    updated_at = clock_timestamp()
  where x.id = p_account;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.free_up (
  p_account bigint
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  a record;
begin
  while ledger.fold(p_account) > 0 loop
  end loop;
  select x.owner, x.purpose, x.currency into a from ledger.accounts x where x.id = p_account;
  if a.owner is not null and a.purpose = 'available' then
    perform ledger.release_expired(a.owner, a.currency);
    while ledger.fold(p_account) > 0 loop
    end loop;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.hold_of (
  p_id uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select to_jsonb(h) from public.holds h where h.id = p_id);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.id_in (
  p_arguments jsonb
)
  RETURNS uuid
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  if p_arguments ->> 'id' ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    return (p_arguments ->> 'id')::uuid;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.is_hold (
  p_kind     text,
  p_state    text,
  p_amount   bigint,
  p_captured bigint,
  p_fee      bigint
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return p_kind in ('hold', 'withdrawal') and p_state in ('open', 'captured', 'voided', 'expired')
    and p_amount > 0 and p_captured between 0 and p_amount and p_fee >= 0;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.keep_event()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if (old.provider, old.event_id, old.type, old.payload, old.received_at)
    is distinct from (new.provider, new.event_id, new.type, new.payload, new.received_at) then
    perform app_hidden.fail(403, 'ledger.append_only', 'What a provider told is never changed.', 'Only what was made of it changes.');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.line (
  p_transfer     uuid,
  p_kind         text,
  p_currency     text,
  p_amount       bigint,
  p_created_at   timestamp with time zone,
  p_counterparty uuid,
  p_category     text,
  p_description  text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  -- The category says how long it is and the description comes last: no two entries have one line.
  -- Null is nothing. One format, because each `||` would be a function to prepare in every transaction.
  return format('%s|%s|%s|%s|%s|%s|%s|%s|%s', p_transfer, p_kind, p_currency, p_amount, (extract(epoch from p_created_at) * 1000000)::bigint,
    p_counterparty, coalesce(length(p_category), 0), p_category, p_description);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.link (
  p_head    bytea,
  p_seq     bigint,
  p_balance bigint,
  p_line    text
)
  RETURNS bytea
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return sha256(p_head || convert_to(p_seq || '|' || p_balance || '|' || p_line, 'UTF8'));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.link_account (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_token text := p_arguments ->> 'provider_token';
  v_id uuid;
begin
  -- As a whole an IBAN, eight digits or more behind a word at most, or a card's groups of four, with whatever blanks between: never a
  -- token. Digits within a longer word are: providers' tokens are random.
  if regexp_replace(v_token, '\s', '', 'g') ~* '^[a-z]{2}[0-9]{2}[a-z0-9]{11,30}$|^[a-z]{0,12}[-_:#]?[0-9-]{8,}$|[0-9]{4}-[0-9]{4}-[0-9]{4}' then
    perform app_hidden.fail(422, 'wallet.raw_account_number', 'This looks like the number of an account.',
      'Send the token that the payment provider gave for it.');
  end if;
  -- One at a time for each person, so that two at once cannot both be the tenth.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || p_actor::text, 0));
  select l.id into v_id from ledger.linked_accounts l
  where l.owner = p_actor and l.provider = p_arguments ->> 'provider' and l.provider_token = v_token and l.removed_at is null;
  if not found then
    if (select count(*) >= 10 from ledger.linked_accounts l where l.owner = p_actor and l.removed_at is null) then
      perform app_hidden.fail(422, 'wallet.linked_account_limit', 'At most 10 accounts can be linked.', 'Remove one first.');
    end if;
    insert into ledger.linked_accounts (id, owner, provider, provider_token, kind, bank_name, last4, currency)
    values (app_private.uuid_v7(), p_actor, p_arguments ->> 'provider', v_token, p_arguments ->> 'kind', p_arguments ->> 'bank_name',
      p_arguments ->> 'last4', (select c.code from ledger.currencies c where c.code = upper(p_arguments ->> 'currency')))
    returning id into v_id;
    -- Removed and linked again before the provider was told: now it must not forget it.
    update ledger.linked_accounts l set provider_token = null
    where l.owner = p_actor and l.provider = p_arguments ->> 'provider' and l.provider_token = v_token and l.id <> v_id;
  end if;
  return (select to_jsonb(v) from public.linked_accounts v where v.id = v_id and v.user_id = p_actor);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.lock_for_hold (
  p_actor     uuid,
  p_operation text,
  p_arguments jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_currency text := p_arguments ->> 'currency';
  v_available bigint;
begin
  if p_operation = 'capture_hold' then
    perform from ledger.holds h where h.id = ledger.id_in(p_arguments) and h.kind = 'hold' and p_actor in (h.owner, h.payee) for no key update;
    return;
  end if;
  select a.id into v_available from ledger.accounts a where a.owner = p_actor and a.currency = v_currency and a.purpose = 'available';
  if found then
    begin
      perform ledger.ensure_account(p_actor, v_currency, 'pending'); -- before anything is locked
    exception when sqlstate 'PT404' then
      null; -- they have just left, which the general way answers
    end;
    perform from ledger.accounts a where a.id = v_available for no key update;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.open_deposit (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_currency text := p_arguments ->> 'currency';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_account bigint;
  v_most text;
  v_id uuid := app_private.uuid_v7();
begin
  select app_hidden.format_amount(c.max_deposit_minor, c.exponent) into v_most
  from ledger.currencies c where c.code = v_currency and c.max_deposit_minor < v_amount;
  if found then
    perform app_hidden.fail(422, 'wallet.limit_exceeded', 'This is more than can be paid in at once.',
      format('Pay in at most %s %s.', v_most, v_currency));
  end if;
  v_account := ledger.ensure_account(p_actor, v_currency, 'available');
  if exists (select from ledger.accounts a where a.id = v_account and a.frozen_in) then
    perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Ask the operators of the app.');
  end if;
  insert into ledger.deposits (id, owner, currency, amount_minor, provider)
  values (v_id, p_actor, v_currency, v_amount, p_arguments ->> 'provider');
  return (select to_jsonb(v) from public.deposits v where v.id = v_id and v.user_id = p_actor);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.parse_amount (
  p_amount   text,
  p_currency text
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_exponent smallint;
begin
  select c.exponent into v_exponent from ledger.currencies c where c.code = p_currency;
  if not found then
    perform app_hidden.fail(422, 'wallet.unknown_currency', 'This currency is not known.', 'Send an ISO 4217 code such as USD.');
  end if;
  return ledger.parse_amount(p_amount, v_exponent);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.part (
  p_path    text,
  p_code    text,
  p_message text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_array(jsonb_build_object('path', 'body.' || p_path, 'code', p_code, 'message', p_message));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.pay_request (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := ledger.id_in(p_arguments);
  v_exponent smallint;
  r ledger.payment_requests;
  v_transfer uuid;
begin
  -- Before the row is locked, as the making of an account waits.
  perform ledger.ensure_account(x.requester, x.currency, 'available')
  from ledger.payment_requests x where x.id = v_id and x.payer = p_actor and x.state = 'open';
  r := ledger.resolve_request(p_actor, v_id, 'paid');
  select c.exponent into strict v_exponent from ledger.currencies c where c.code = r.currency;
  v_transfer := ledger.transfer(p_actor, r.requester::text, app_hidden.format_amount(r.amount_minor, v_exponent), r.currency,
    r.description, r.category);
  update ledger.payment_requests x set transfer_id = v_transfer where x.id = v_id;
  return jsonb_build_object('request', ledger.request_of(v_id), 'transaction', ledger.transaction_of(p_actor, v_transfer));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.paying_account (
  p_owner    uuid,
  p_currency text
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id bigint;
begin
  select a.id into v_id from ledger.accounts a where a.owner = p_owner and a.currency = p_currency and a.purpose = 'available';
  if not found then
    -- Whoever never had this currency has none to send, so no account is made for them.
    if exists (select from ledger.accounts a where a.owner = p_owner and a.frozen_out) then
      perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Ask the operators of the app.');
    end if;
    perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The balance is too low for this amount.', 'Send less or add money first.');
  end if;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.payment_event (
  p_provider text,
  p_type     text,
  p_payload  jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := (p_payload ->> 'reference')::uuid;
  v_given text := p_payload ->> 'provider_reference';
  v_is_payout boolean := p_type in ('payout.paid', 'payout.failed');
  v_known record;
  v_is_taken boolean;
begin
  -- Nothing moves by what does not fit what was asked for.
  if v_is_payout then
    select w.amount_minor, w.currency, w.provider_reference into v_known
    from ledger.withdrawals w where w.id = v_id and w.provider = p_provider for no key update;
  else
    select d.amount_minor, d.currency, d.provider_reference into v_known
    from ledger.deposits d where d.id = v_id and d.provider = p_provider for no key update;
  end if;
  if not found then
    return 'unknown_reference';
  elsif (p_payload ->> 'amount_minor', p_payload ->> 'currency') is distinct from (v_known.amount_minor::text, v_known.currency) then
    return 'amount_differs';
  end if;
  if v_is_payout then
    v_is_taken := exists (select from ledger.withdrawals w where w.provider = p_provider and w.provider_reference = v_given and w.id <> v_id);
  else
    v_is_taken := exists (select from ledger.deposits d where d.provider = p_provider and d.provider_reference = v_given and d.id <> v_id);
  end if;
  if v_is_taken or v_given is distinct from coalesce(v_known.provider_reference, v_given) then
    return 'reference_differs';
  elsif v_is_payout then
    return ledger.payout_event(v_id, p_type, p_payload);
  end if;
  return ledger.deposit_event(v_id, p_type, p_payload);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.payout_event (
  p_id      uuid,
  p_type    text,
  p_payload jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_state text := (select w.state from ledger.withdrawals w where w.id = p_id);
begin
  if v_state in ('paid', 'failed') then
    return case when p_type = 'payout.' || v_state then 'already_applied' else 'contradicts' end;
  end if;
  update ledger.withdrawals x set provider_reference = p_payload ->> 'provider_reference' where x.id = p_id;
  if p_type = 'payout.paid' then
    perform ledger.complete_withdrawal(p_id);
  else
    perform ledger.fail_withdrawal(p_id, coalesce(p_payload ->> 'reason', 'payout_failed'));
  end if;
  return 'applied';
end
$function$;

CREATE OR REPLACE FUNCTION ledger.place_hold (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := app_private.uuid_v7();
  v_currency text := p_arguments ->> 'currency';
  v_description text := p_arguments ->> 'description';
  v_category text := p_arguments ->> 'category';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_payee uuid := ledger.counterparty(p_actor, p_arguments ->> 'recipient');
  v_expires_at timestamptz := ledger.expiry_in(p_arguments);
  v_available bigint := ledger.paying_account(p_actor, v_currency);
  v_accounts bigint[] := array[v_available, ledger.ensure_account(p_actor, v_currency, 'pending')];
  v_amounts bigint[] := array[-v_amount, v_amount];
begin
  perform ledger.post('hold', v_currency, v_accounts, v_amounts, p_actor, v_payee, v_description, v_category);
  insert into ledger.holds (id, kind, owner, payee, currency, amount_minor, description, category, created_at, expires_at)
  values (v_id, 'hold', p_actor, v_payee, v_currency, v_amount, v_description, v_category, clock_timestamp(), v_expires_at);
  return ledger.hold_of(v_id);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.place_plain_hold (
  p_actor     uuid,
  p_session   uuid,
  p_key       text,
  p_hash      bytea,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_recipient text := p_arguments ->> 'recipient';
  v_currency text := p_arguments ->> 'currency';
  v_description text := p_arguments ->> 'description';
  v_category text := p_arguments ->> 'category';
  v_seconds int := coalesce((p_arguments ->> 'expires_in_s')::int, 7 * 86400);
  v_to uuid := case when v_recipient ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then v_recipient::uuid
    else ledger.find_person(v_recipient) end;
  v_id uuid := app_private.uuid_v7();
  v_transfer uuid := app_private.uuid_v7();
  v_now timestamptz := clock_timestamp();
  v_expires_at timestamptz := v_now + make_interval(secs => v_seconds);
  v_amount bigint;
  v_debit text;
  v_credit text;
  v_body jsonb;
  v_kept boolean;
  w record;
begin
  select c.exponent, a.id as available, b.id as pending, p.username::text as username,
    least(9223372036854775807 - b.balance_minor, coalesce(a.max_transfer_minor, c.max_transfer_minor)) as most,
    coalesce(a.max_day_minor, c.max_day_minor, 9223372036854775807) as max_day, coalesce(a.max_hour_count, c.max_hour_count, 2147483647) as max_hour,
    v_now::date as day, date_trunc('hour', v_now) as hour
  into w
  from ledger.currencies c
  join auth.sessions s on s.id = p_session and s.user_id = p_actor and (s.not_after is null or s.not_after > now())
  join auth.users u on u.id = p_actor and (u.banned_until is null or u.banned_until <= now())
  join public.profiles p on p.id = v_to
  join ledger.accounts a on a.owner = p_actor and a.currency = v_currency and a.purpose = 'available'
  join ledger.accounts b on b.owner = p_actor and b.currency = v_currency and b.purpose = 'pending'
  where c.code = v_currency and v_to <> p_actor and v_seconds between 60 and 90 * 86400 and b.closed_at is null
    and not exists (select from public.blocks x where x.blocker_id = p_actor and x.blocked_id = v_to)
    and not exists (select from public.blocks x where x.blocker_id = v_to and x.blocked_id = p_actor)
    and not exists (select from app_private.idempotency_keys k where k.owner = p_actor and k.key = p_key);
  v_amount := ledger.plain_amount(p_arguments ->> 'amount', w.exponent);
  if v_amount is null or v_amount > w.most then
    return null;
  end if;

  v_debit := ledger.line(v_transfer, 'hold', v_currency, -v_amount, v_now, v_to, v_category, v_description);
  v_credit := ledger.line(v_transfer, 'hold', v_currency, v_amount, v_now, p_actor, v_category, v_description);
  v_body := jsonb_build_object('id', v_id, 'user_id', p_actor, 'payee_id', v_to, 'payee_username', w.username, 'currency', v_currency,
    'amount', app_hidden.format_amount(v_amount, w.exponent), 'captured_amount', app_hidden.format_amount(0, w.exponent), 'state', 'open',
    'description', v_description, 'category', v_category, 'created_at', v_now, 'expires_at', v_expires_at, 'resolved_at', null, 'transfer_id', null);
  with paid as (
    update ledger.accounts a set
      balance_minor = a.balance_minor - v_amount,
      seq = a.seq + 1,
      chain_head = sha256(a.chain_head || convert_to(format('%s|%s|%s', a.seq + 1, a.balance_minor - v_amount, v_debit), 'UTF8')),
      day = greatest(a.day, w.day),
      day_minor = case when a.day >= w.day then a.day_minor + v_amount else v_amount end,
      hour = greatest(a.hour, w.hour),
      hour_count = case when a.hour >= w.hour then a.hour_count + 1 else 1 end,
      updated_at = v_now
    where a.id = w.available and a.closed_at is null and not a.frozen_out and a.balance_minor >= a.floor_minor + v_amount
      and case when a.day >= w.day then a.day_minor else 0 end + v_amount <= w.max_day
      and case when a.hour >= w.hour then a.hour_count else 0 end < w.max_hour
    returning a.seq, a.balance_minor, a.chain_head
  ), credited as (
    update ledger.accounts b set
      balance_minor = b.balance_minor + v_amount,
      seq = b.seq + 1,
      chain_head = sha256(b.chain_head || convert_to(format('%s|%s|%s', b.seq + 1, b.balance_minor + v_amount, v_credit), 'UTF8')),
      updated_at = v_now
    where b.id = (select x.id from ledger.accounts x where x.id = w.pending and exists (select from paid) for no key update skip locked)
    returning b.seq, b.balance_minor, b.chain_head
  ), header as (
    insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
    select v_transfer, 'hold', v_currency, v_amount, p_actor, v_to, array[w.available, w.pending], array[-v_amount, v_amount],
      array[x.seq, coalesce((select y.seq from credited y), 0)], v_description, v_category, v_now
    from paid x
  ), queued as (
    insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
      counterparty, description, category, created_at)
    select w.pending, v_transfer, p_actor, 'pending', 'hold', v_currency, v_amount, p_actor, v_description, v_category, v_now
    from paid where not exists (select from credited)
  ), booked as (
    insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
      counterparty, description, category, created_at, hash)
    select w.available, x.seq, v_transfer, p_actor, 'available', 'hold', v_currency, -v_amount, x.balance_minor,
      v_to, v_description, v_category, v_now, x.chain_head
    from paid x
    union all
    select w.pending, x.seq, v_transfer, p_actor, 'pending', 'hold', v_currency, v_amount, x.balance_minor,
      p_actor, v_description, v_category, v_now, x.chain_head
    from credited x
  ), placed as (
    insert into ledger.holds (id, kind, owner, payee, currency, amount_minor, description, category, created_at, expires_at)
    select v_id, 'hold', p_actor, v_to, v_currency, v_amount, v_description, v_category, v_now, v_expires_at from paid
  ), kept as (
    insert into app_private.idempotency_keys (owner, key, operation, request_hash, status, body)
    select p_actor, p_key, 'wallet.place_hold', p_hash, 201, v_body from paid where p_key is not null
    on conflict do nothing
    returning true
  )
  select p_key is null or exists (select from kept) into v_kept from paid;
  if not v_kept then
    perform ledger.refuse_twin();
  end if;
  return case when v_kept then v_body end;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.plain_amount (
  p_amount   text,
  p_exponent smallint
)
  RETURNS bigint
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  -- Fourteen characters are below 2^63 with every exponent.
  if length(p_amount) <= 14 and p_amount ~ '^(0|[1-9][0-9]*)(\.[0-9]+)?$' and length(split_part(p_amount, '.', 2)) <= p_exponent then
    return nullif((p_amount::numeric * ('1e' || p_exponent::text)::numeric)::bigint, 0);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.plain_items (
  p_actors       uuid[],
  p_keys         text[],
  p_hashes       bytea[],
  p_recipients   text[],
  p_amounts      text[],
  p_currencies   text[],
  p_descriptions text[],
  p_categories   text[]
)
  RETURNS ledger.item[]
  LANGUAGE plpgsql
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_items ledger.item[];
begin
  select array_agg(row(r.ord, app_private.uuid_v7(), a.id, b.id, m.minor, r.actor, r.person, r.key, r.hash, r.currency, c.exponent,
    r.description, r.category, p.username)::ledger.item order by r.ord)
  into v_items
  from (
    -- Twins in one batch: the first goes, the others find its answer.
    select u.*, row_number() over (partition by u.actor, u.key order by u.ord) as twin,
      case
        when u.recipient ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then u.recipient::uuid
        else (select n.id from public.profiles n where n.username operator(extensions.=) u.recipient::extensions.citext)
      end as person
    from unnest(p_actors, p_keys, p_hashes, p_recipients, p_amounts, p_currencies, p_descriptions, p_categories)
      with ordinality u (actor, key, hash, recipient, amount, currency, description, category, ord)
  ) r
  join ledger.currencies c on c.code = r.currency
  cross join lateral (select ledger.plain_amount(r.amount, c.exponent) as minor offset 0) m
  join public.profiles p on p.id = r.person
  join ledger.accounts a on a.owner = r.actor and a.currency = r.currency and a.purpose = 'available'
  join ledger.accounts b on b.owner = r.person and b.currency = r.currency and b.purpose = 'available'
  where (r.twin = 1 or r.key is null) and m.minor > 0 and a.id <> b.id and b.closed_at is null and not b.frozen_in
    and m.minor <= 9223372036854775807 - greatest(b.balance_minor, b.earned_minor, 0)
    and m.minor <= coalesce(a.max_transfer_minor, c.max_transfer_minor, m.minor)
    and not exists (select from ledger.fee_rules f where f.currency = r.currency and f.kind = 'transfer')
    and not exists (select from public.blocks x where x.blocker_id = r.actor and x.blocked_id = r.person)
    and not exists (select from public.blocks x where x.blocker_id = r.person and x.blocked_id = r.actor)
    and not exists (select from app_private.idempotency_keys k where k.owner = r.actor and k.key = r.key);
  return v_items;
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
  p_category    text,
  p_id          uuid     DEFAULT app_private.uuid_v7()
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_leg record;
  v_done record;
  v_line text;
  v_kind text;
  v_other uuid;
  v_now timestamptz := clock_timestamp();
  v_seqs bigint[] := array_fill(0::bigint, array[cardinality(p_accounts)]);
begin
  for v_leg in
    select u.n, u.account, u.amount, a.owner, a.purpose, a.currency, a.closed_at, a.frozen_in,
      u.amount <= 9223372036854775807 - greatest(a.balance_minor, a.earned_minor, 0) as fits,
      u.amount < 0 and a.purpose <> 'funding' as waits
    from unnest(p_accounts, p_amounts) with ordinality u (account, amount, n)
    left join ledger.accounts a on a.id = u.account
    order by (u.amount < 0 and a.purpose <> 'funding') desc, u.account
  loop
    v_other := case when v_leg.amount > 0 then p_from_owner else p_to_owner end;
    -- What a capture gives back to the payer is no income of theirs, and no freeze stops it.
    v_kind := case when p_kind = 'capture' and v_leg.amount > 0 and v_leg.owner = p_from_owner then 'release' else p_kind end;
    v_line := ledger.line(p_id, v_kind, p_currency, v_leg.amount, v_now, v_other, p_category, p_description);
    if v_leg.currency is distinct from p_currency then
      perform ledger.refuse(null, 0, p_kind);
    elsif v_leg.waits then
      v_done := ledger.debit(v_leg.account, -v_leg.amount, p_kind, v_line);
      if not v_done.ok then
        perform from ledger.accounts a where a.id = v_leg.account for no key update;
        perform ledger.free_up(v_leg.account);
        v_done := ledger.debit(v_leg.account, -v_leg.amount, p_kind, v_line);
        if not v_done.ok then
          perform ledger.refuse(v_leg.account, -v_leg.amount, p_kind);
        end if;
      end if;
    else
      if v_leg.closed_at is not null and v_kind not in ('release', 'correction') then
        perform ledger.refuse(null, 0, p_kind);
      elsif v_leg.frozen_in and v_leg.purpose = 'available' and v_kind not in ('release', 'withdrawal', 'correction', 'reversal') then
        perform app_hidden.fail(422, 'wallet.recipient_unavailable', 'This wallet cannot receive money at the moment.',
          'Ask the recipient to contact the operators of the app.');
      elsif not v_leg.fits then
        perform app_hidden.fail(422, 'wallet.invalid_amount', 'The receiving wallet cannot hold this amount.', 'Send less.');
      end if;
      v_done := ledger.credit(v_leg.account, v_leg.amount, v_kind, v_line);
    end if;
    if v_done.ok then
      v_seqs[v_leg.n] := v_done.seq;
      insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor,
        counterparty, description, category, created_at, hash)
      values (v_leg.account, v_done.seq, p_id, v_leg.owner, v_leg.purpose, v_kind, p_currency, v_leg.amount, v_done.balance_minor,
        v_other, p_description, p_category, v_now, v_done.hash);
    else
      insert into ledger.queued_entries (account_id, transfer_id, owner, purpose, kind, currency, amount_minor,
        counterparty, description, category, created_at)
      values (v_leg.account, p_id, v_leg.owner, v_leg.purpose, v_kind, p_currency, v_leg.amount,
        v_other, p_description, p_category, v_now);
    end if;
  end loop;
  -- Last, because its trigger looks for the legs.
  insert into ledger.transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
  values (p_id, p_kind, p_currency, (select sum(u.amount) from unnest(p_amounts) u (amount) where u.amount > 0), p_from_owner, p_to_owner,
    p_accounts, p_amounts, v_seqs, p_description, p_category, v_now);
  return p_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.post_split (
  p_actor       uuid,
  p_currency    text,
  p_accounts    bigint[],
  p_amounts     bigint[],
  p_payees      bigint[],
  p_description text,
  p_category    text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_code text;
  v_hint text;
  v_frozen int[];
begin
  return ledger.post('transfer', p_currency, p_accounts, p_amounts, p_actor, null, p_description, p_category);
exception when sqlstate 'PT422' then
  get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
  if v_code <> 'wallet.recipient_unavailable' then
    raise;
  end if;
  select array_agg(u.n::int) into v_frozen
  from unnest(p_payees) with ordinality u (account, n) join ledger.accounts a on a.id = u.account where a.frozen_in;
  perform ledger.fail_parts(422, v_code, sqlerrm, v_hint, ledger.recipient_parts(v_frozen, v_code, sqlerrm));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.recipient_parts (
  p_numbers integer[],
  p_code    text,
  p_message text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return (select jsonb_agg(ledger.part('recipients.' || u.n - 1, p_code, p_message) -> 0 order by u.n) from unnest(p_numbers) u (n));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.refuse (
  p_account bigint,
  p_amount  bigint,
  p_kind    text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  a record;
begin
  select x.*, c.exponent, coalesce(x.max_transfer_minor, c.max_transfer_minor) as max_transfer,
    coalesce(x.max_day_minor, c.max_day_minor) as max_day, coalesce(x.max_hour_count, c.max_hour_count) as max_hour
  into a from ledger.accounts x join ledger.currencies c on c.code = x.currency where x.id = p_account;
  if not found or a.closed_at is not null and a.purpose <> 'pending' and p_kind <> 'correction' then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is no open wallet to move this money to or from.',
      'Check the username or id.');
  elsif a.frozen_out and p_kind = 'capture' then
    -- Whoever captures, it is the payer's money.
    perform app_hidden.fail(403, 'wallet.frozen', 'The wallet of the payer is frozen.', 'Ask the payer to contact the operators of the app.');
  elsif a.frozen_out and p_kind in ('transfer', 'hold') then
    perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Ask the operators of the app.');
  elsif a.balance_minor < a.floor_minor + p_amount and p_kind = 'capture' then
    -- What is captured was set aside; a fee on top may not be.
    perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The payer has too little for the fee of this capture.',
      'Capture less, or ask the payer to add money first.');
  elsif a.balance_minor < a.floor_minor + p_amount then
    perform app_hidden.fail(402, 'wallet.insufficient_funds', 'The balance is too low for this amount.',
      'Send less or add money first.');
  elsif p_amount > a.max_transfer then
    perform app_hidden.fail(422, 'wallet.limit_exceeded', 'This is more than may leave this wallet at once.',
      format('Send at most %s %s.', app_hidden.format_amount(a.max_transfer, a.exponent), a.currency));
  elsif (case when a.day >= (clock_timestamp() at time zone 'UTC')::date then a.day_minor else 0 end) + p_amount > a.max_day then
    perform app_hidden.fail(422, 'wallet.limit_exceeded', 'This is more than may leave this wallet in a day.',
      format('At most %s %s may be sent in a day (UTC).', app_hidden.format_amount(a.max_day, a.exponent), a.currency));
  elsif a.hour >= date_trunc('hour', clock_timestamp(), 'UTC') and a.hour_count >= a.max_hour then
    perform app_hidden.fail(422, 'wallet.limit_exceeded', 'Money was sent from this wallet too often in this hour.',
      format('At most %s times in an hour.', a.max_hour));
  end if;
  raise exception 'account % refused % for no reason', p_account, p_amount;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.refuse_hold (
  p_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_state text;
begin
  select h.state into v_state from ledger.holds h where h.id = p_id;
  if v_state in ('open', 'expired') then
    perform app_hidden.fail(409, 'wallet.hold_expired', 'This hold has expired: its money is back with the payer.',
      'Ask the payer for a new hold or a payment.');
  end if;
  perform app_hidden.fail(409, 'wallet.hold_resolved', format('This hold was %s already.', v_state), 'A hold is resolved once.');
end
$function$;

CREATE OR REPLACE FUNCTION ledger.refuse_twin()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Once more, and it is a replay.
  raise exception 'the same request was answered meanwhile' using errcode = 'serialization_failure';
end
$function$;

CREATE OR REPLACE FUNCTION ledger.release_expired (
  p_owner    uuid,
  p_currency text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  h ledger.holds;
begin
  -- The caller may have accounts locked, which whoever resolves a hold waits for with the row of the hold locked. So a row
  -- that somebody has is left to them.
  for h in
    with due as materialized (
      select y.id from ledger.holds y
      where y.owner = p_owner and y.currency = p_currency and y.state = 'open' and y.expires_at <= clock_timestamp()
      order by y.expires_at limit 1000
      for no key update skip locked
    )
    update ledger.holds x set state = 'expired', resolved_at = clock_timestamp() from due where x.id = due.id
    returning x.*
  loop
    perform ledger.release_hold(h);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.release_hold (
  p_hold ledger.holds
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_accounts bigint[];
begin
  select array[p.id, a.id] into strict v_accounts
  from ledger.accounts p
  join ledger.accounts a on a.owner = p.owner and a.currency = p.currency and a.purpose = 'available'
  where p.owner = p_hold.owner and p.currency = p_hold.currency and p.purpose = 'pending';
  return ledger.post('release', p_hold.currency, v_accounts, array[-p_hold.amount_minor, p_hold.amount_minor],
    p_hold.owner, p_hold.owner, p_hold.description, p_hold.category);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.request_of (
  p_id uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select to_jsonb(r) from public.payment_requests r where r.id = p_id);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.request_payment (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := app_private.uuid_v7();
  v_currency text := p_arguments ->> 'currency';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_payer uuid := ledger.counterparty(p_actor, p_arguments ->> 'payer');
begin
  insert into ledger.payment_requests (id, requester, payer, currency, amount_minor, description, category, created_at, expires_at)
  values (v_id, p_actor, v_payer, v_currency, v_amount, p_arguments ->> 'description', p_arguments ->> 'category',
    clock_timestamp(), ledger.expiry_in(p_arguments));
  return ledger.request_of(v_id);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.resolve_request (
  p_actor uuid,
  p_id    uuid,
  p_state text
)
  RETURNS ledger.payment_requests
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  r ledger.payment_requests;
begin
  select * into r from ledger.payment_requests x where x.id = p_id and p_actor in (x.requester, x.payer);
  if not found then
    perform app_hidden.fail(404, 'wallet.request_not_found', 'You have no such payment request.', 'Take an id from GET wallet/requests.');
  elsif p_actor <> (case when p_state = 'cancelled' then r.requester else r.payer end) then
    perform app_hidden.fail(403, 'auth.forbidden', 'This is for the other side of the request to do.',
      'Who asked may cancel; who was asked may pay or decline.');
  end if;
  update ledger.payment_requests x set state = p_state, resolved_at = clock_timestamp()
  where x.id = p_id and x.state = 'open' and x.expires_at > clock_timestamp()
  returning x.* into r;
  if not found then
    select * into r from ledger.payment_requests x where x.id = p_id;
    perform app_hidden.fail(409, 'wallet.request_resolved',
      format('This request was %s already.', case when r.state = 'open' then 'expired' else r.state end), 'A request is answered once.');
  end if;
  return r;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.reverse (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := ledger.id_in(p_arguments);
  t ledger.transfers;
begin
  -- The payer knows a capture by the id of the hold.
  v_id := coalesce((select h.transfer_id from ledger.holds h where h.id = v_id and h.owner = p_actor), v_id);
  select * into t from ledger.transfers x
  where x.id = v_id and exists (select from ledger.accounts a where a.id = any (x.accounts) and a.owner = p_actor);
  if not found then
    perform app_hidden.fail(404, 'wallet.transaction_not_found', 'You have no such completed transaction.', 'Take an id from GET wallet/transactions.');
  elsif t.kind in ('transfer', 'capture') and t.from_owner = p_actor then
    perform app_hidden.fail(403, 'auth.forbidden', 'Only who received this money may give it back.', 'Ask the recipient, or the operators of the app.');
  elsif t.to_owner is null then
    perform app_hidden.fail(422, 'wallet.not_reversible', 'Other people received money by this transaction too.',
      'Send your part back as a payment.');
  end if;
  -- Operators may take money out of a frozen wallet; its owner may not, to nobody. Locked before it is looked at, as a freeze does.
  perform from ledger.accounts a where a.id = any (t.accounts) and a.owner = p_actor and a.purpose = 'available' order by a.id for no key update;
  if exists (select from ledger.accounts a where a.owner = p_actor and a.currency = t.currency and a.frozen_out) then
    perform app_hidden.fail(403, 'wallet.frozen', 'This wallet is frozen.', 'Ask the operators of the app.');
  end if;
  v_id := ledger.reverse_transfer(t, p_arguments ->> 'reason');
  return ledger.transaction_of(p_actor, v_id);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.reverse_transfer (
  t        ledger.transfers,
  p_reason text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_accounts bigint[];
  v_amounts bigint[];
  v_id uuid := app_private.uuid_v7();
begin
  if t.kind not in ('transfer', 'capture') then
    perform app_hidden.fail(422, 'wallet.not_reversible', 'Only payments between people can be reversed.',
      'Send money the other way, or ask the operators of the app.');
  end if;
  -- A twin waits here, before any account is locked.
  insert into ledger.reversals (transfer_id, reversal_id, reason) values (t.id, v_id, p_reason) on conflict (transfer_id) do nothing;
  if not found then
    perform app_hidden.fail(409, 'wallet.already_reversed', 'This transaction was reversed already.',
      'Nothing is left to do: a transaction is reversed once, as a whole.');
  end if;
  -- Whatever of it was theirs before (a capture came out of pending), the payer gets it back as available.
  select array_agg(l.account), array_agg(l.amount) into v_accounts, v_amounts
  from (
    select coalesce(b.id, a.id) as account, -sum(u.amount)::bigint as amount
    from unnest(t.accounts, t.amounts) u (account, amount)
    join ledger.accounts a on a.id = u.account
    left join ledger.accounts b on b.owner = t.from_owner and a.owner = t.from_owner and b.currency = t.currency and b.purpose = 'available'
    group by 1
  ) l;
  return ledger.post('reversal', t.currency, v_accounts, v_amounts, t.to_owner, t.from_owner, p_reason, t.category, v_id);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.run_command (
  p_actor           uuid,
  p_idempotency_key text,
  p_request_hash    bytea,
  p_operation       text,
  p_arguments       jsonb
)
  RETURNS TABLE (
    replayed boolean,
    status   integer,
    body     jsonb
  )
  LANGUAGE plpgsql
  SET search_path TO ''
  SET "TimeZone" TO 'UTC'
  AS $function$
#variable_conflict use_variable
declare
  v_code text;
  v_hint text;
  v_parts text;
begin
  if p_idempotency_key is not null then
    select c.replayed, c.status, c.body into replayed, status, body
    from app_private.claim_idempotency_key(p_actor, p_idempotency_key, 'wallet.' || p_operation, p_request_hash) c;
    if replayed then
      return next;
      return;
    end if;
  end if;

  replayed := false;
  begin
    status := 201;
    case p_operation
      when 'transaction' then body := ledger.send(p_actor, p_arguments);
      when 'place_hold' then body := ledger.place_hold(p_actor, p_arguments);
      when 'split' then body := ledger.split(p_actor, p_arguments);
      when 'reverse' then body := ledger.reverse(p_actor, p_arguments);
      when 'request_payment' then body := ledger.request_payment(p_actor, p_arguments);
      when 'link_account' then body := ledger.link_account(p_actor, p_arguments);
      when 'withdraw' then body := ledger.withdraw(p_actor, p_arguments);
      when 'open_deposit' then body := ledger.open_deposit(p_actor, p_arguments);
      else
        status := 200;
        case p_operation
          when 'capture_hold' then body := ledger.capture_hold(p_actor, p_arguments);
          when 'void_hold' then body := ledger.void_hold(p_actor, p_arguments);
          when 'pay_request' then body := ledger.pay_request(p_actor, p_arguments);
          when 'decline_request' then body := ledger.decline_request(p_actor, p_arguments);
          when 'cancel_request' then body := ledger.cancel_request(p_actor, p_arguments);
          when 'unlink_account' then body := ledger.unlink_account(p_actor, p_arguments);
          when 'batch' then body := ledger.batch(p_actor, p_arguments);
          when 'settle' then body := ledger.settle(p_actor);
        end case;
    end case;
  -- Only what we refuse ourselves is an answer. Anything else is an unknown outcome and must reach the caller as an error.
  exception when sqlstate 'PT402' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' then
    get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint, v_parts = column_name;
    status := substring(sqlstate from 3)::int;
    body := jsonb_build_object('code', v_code, 'detail', sqlerrm, 'hint', v_hint);
    if v_parts <> '' then -- of ledger.fail_parts
      body := body || jsonb_build_object('errors', v_parts::jsonb);
    end if;
  end;

  if p_idempotency_key is not null then
    perform app_private.store_idempotent_response(p_actor, p_idempotency_key, status, body);
  end if;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.send (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_transfer uuid := ledger.transfer(p_actor, p_arguments ->> 'recipient', p_arguments ->> 'amount', p_arguments ->> 'currency',
    p_arguments ->> 'description', p_arguments ->> 'category');
begin
  return ledger.transaction_of(p_actor, v_transfer);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.settle (
  p_actor uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_account record;
begin
  -- All of them first, in the order in which everybody waits for them.
  perform from ledger.accounts a where a.owner = p_actor order by a.id for no key update;
  for v_account in select a.currency from ledger.accounts a where a.owner = p_actor and a.purpose = 'available' order by a.id loop
    perform ledger.release_expired(p_actor, v_account.currency);
  end loop;
  for v_account in select a.id from ledger.accounts a where a.owner = p_actor order by a.id loop
    while ledger.fold(v_account.id) > 0 loop
    end loop;
  end loop;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION ledger.settle_provider_event (
  p_provider text,
  p_event_id text
)
  RETURNS text
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  e ledger.provider_events;
begin
  select * into strict e from ledger.provider_events x where x.provider = p_provider and x.event_id = p_event_id for update;
  if e.outcome in ('applied', 'already_applied', 'ignored') then
    return 'duplicate';
  elsif e.type in ('payout.paid', 'payout.failed', 'deposit.succeeded', 'deposit.failed') then
    e.outcome := ledger.payment_event(p_provider, e.type, e.payload);
  else
    e.outcome := 'ignored';
  end if;
  update ledger.provider_events x set outcome = e.outcome where x.provider = p_provider and x.event_id = p_event_id;
  return e.outcome;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.split (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_currency text := p_arguments ->> 'currency';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_people uuid[];
  v_parts bigint[];
  v_payees bigint[];
  v_payer bigint := ledger.paying_account(p_actor, v_currency);
  v_fee record;
  v_fees numeric := 0;
  v_paid numeric := v_amount;
  v_accounts bigint[];
  v_amounts bigint[];
  v_transfer uuid;
begin
  if jsonb_array_length(p_arguments -> 'recipients') not between 1 and 100 then
    perform app_hidden.fail(422, 'wallet.invalid_split', 'A split has 1 to 100 recipients.', 'Split it in parts.');
  end if;
  v_people := ledger.split_people(p_actor, p_arguments -> 'recipients');
  v_parts := ledger.split_amounts(v_amount, v_currency, p_arguments -> 'recipients');

  -- Making an account waits, so they are made in one order and before any account is locked.
  perform ledger.ensure_account(o.person, v_currency, 'available')
  from (select u.person from unnest(v_people) u (person) order by u.person) o;
  select array_agg(a.id order by u.n) into v_payees
  from unnest(v_people) with ordinality u (person, n)
  join ledger.accounts a on a.owner = u.person and a.currency = v_currency and a.purpose = 'available';
  v_amounts := v_parts;
  for i in 1 .. cardinality(v_parts) loop
    v_fee := ledger.fee_of(v_currency, 'transfer', v_parts[i]);
    v_fees := v_fees + v_fee.fee_minor;
    if v_fee.charged_to = 'recipient' then
      v_amounts[i] := v_amounts[i] - v_fee.fee_minor;
    else
      v_paid := v_paid + v_fee.fee_minor;
    end if;
  end loop;
  -- More than a bigint is more money than there is: the payer is refused.
  v_fees := least(v_fees, 9223372036854775807);
  v_paid := least(v_paid, 9223372036854775807);
  select array_agg(l.account), array_agg(l.amount) into v_accounts, v_amounts
  from unnest(v_payer || v_payees || ledger.system_account(v_currency, 'fees'), -v_paid::bigint || v_amounts || v_fees::bigint) l (account, amount)
  where l.amount <> 0;
  v_transfer := ledger.post_split(p_actor, v_currency, v_accounts, v_amounts, v_payees,
    p_arguments ->> 'description', p_arguments ->> 'category');
  return jsonb_build_object('transaction', ledger.transaction_of(p_actor, v_transfer), 'splits', (
    select jsonb_agg(jsonb_build_object('recipient_id', p.id, 'username', p.username::text,
      'amount', app_hidden.format_amount(u.part, c.exponent)) order by u.n)
    from unnest(v_people, v_parts) with ordinality u (person, part, n)
    join public.profiles p on p.id = u.person
    join ledger.currencies c on c.code = v_currency));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.split_amounts (
  p_amount     bigint,
  p_currency   text,
  p_recipients jsonb
)
  RETURNS bigint[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_kinds text[];
  v_parts bigint[];
  v_wrong int[];
begin
  select array_agg(case
      when r.part ->> 'share' ~ '^[1-9][0-9]{0,6}$' and r.part ->> 'amount' is null then 'share'
      when r.part ->> 'amount' is not null and r.part ->> 'share' is null then 'amount'
    end order by r.n) into v_kinds
  from jsonb_array_elements(p_recipients) with ordinality r (part, n);
  select array_agg(u.n::int) into v_wrong
  from unnest(v_kinds) with ordinality u (kind, n) where u.kind is null or u.kind <> v_kinds[1];
  if v_wrong is not null then
    perform ledger.fail_parts(422, 'wallet.invalid_split', 'Each recipient needs an amount, or each a share.',
      'Send amounts for all, or whole shares from 1 for all.',
      ledger.recipient_parts(v_wrong, 'wallet.invalid_split', 'Needs what the first recipient has: an amount, or a share.'));
  elsif v_kinds[1] = 'share' then
    select ledger.divide(p_amount, array_agg((r.part ->> 'share')::int order by r.n)) into v_parts
    from jsonb_array_elements(p_recipients) with ordinality r (part, n);
    if 0 = any (v_parts) then
      select array_agg(u.n::int) into v_wrong from unnest(v_parts) with ordinality u (part, n) where u.part = 0;
      perform ledger.fail_parts(422, 'wallet.invalid_split', 'Somebody would get nothing: the amount is too small for these shares.',
        'Send more, or to fewer people.', ledger.recipient_parts(v_wrong, 'wallet.invalid_split', 'Would get nothing.'));
    end if;
  else
    v_parts := ledger.stated_amounts(p_currency, p_recipients);
    if (select sum(u.part) from unnest(v_parts) u (part)) <> p_amount then
      perform ledger.fail_parts(422, 'wallet.invalid_split', 'The parts do not add up to the amount.', 'Send parts whose sum is the amount, or shares.',
        ledger.part('amount', 'wallet.invalid_split', 'Is not the sum of the parts.'));
    end if;
  end if;
  return v_parts;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.split_people (
  p_actor      uuid,
  p_recipients jsonb
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_people uuid[] := '{}';
  v_twice int[];
  v_code text;
  v_hint text;
begin
  begin
    for i in 1 .. jsonb_array_length(p_recipients) loop
      v_people := v_people || ledger.counterparty(p_actor, p_recipients -> (i - 1) ->> 'recipient');
    end loop;
  exception when sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT422' then
    get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
    perform ledger.fail_parts(substring(sqlstate from 3)::int, v_code, sqlerrm, v_hint,
      ledger.recipient_parts(array[cardinality(v_people) + 1], v_code, sqlerrm));
  end;
  select array_agg(r.n) into v_twice
  from (select u.n::int as n, row_number() over (partition by u.person order by u.n) as nth from unnest(v_people) with ordinality u (person, n)) r
  where r.nth > 1;
  if v_twice is not null then
    perform ledger.fail_parts(422, 'wallet.invalid_split', 'Somebody is named twice.', 'Name each recipient once.',
      ledger.recipient_parts(v_twice, 'wallet.invalid_split', 'Is named before.'));
  end if;
  return v_people;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.stated_amounts (
  p_currency   text,
  p_recipients jsonb
)
  RETURNS bigint[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_parts bigint[] := '{}';
  v_code text;
  v_hint text;
begin
  for i in 1 .. jsonb_array_length(p_recipients) loop
    v_parts := v_parts || ledger.parse_amount(p_recipients -> (i - 1) ->> 'amount', p_currency);
  end loop;
  return v_parts;
exception when sqlstate 'PT422' then
  get stacked diagnostics v_code = pg_exception_detail, v_hint = pg_exception_hint;
  perform ledger.fail_parts(422, v_code, sqlerrm, v_hint, ledger.part(format('recipients.%s.amount', cardinality(v_parts)), v_code, sqlerrm));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.statement_account (
  p_actor    uuid,
  p_currency text
)
  RETURNS ledger.accounts
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  a ledger.accounts;
begin
  select * into a from ledger.accounts x where x.owner = p_actor and x.currency = p_currency and x.purpose = 'available';
  if not found then
    perform app_hidden.fail(404, 'wallet.not_found', 'You have no wallet in this currency.', 'Leave `currency` out to see the default wallet.');
  end if;
  return a;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.sums_to_zero (
  p_amounts bigint[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return cardinality(p_amounts) <> 1 and (select coalesce(sum(u.amount), 0) = 0 from unnest(p_amounts) u (amount));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.system_account (
  p_currency text,
  p_purpose  text
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select a.id from ledger.accounts a where a.owner is null and a.currency = p_currency and a.purpose = p_purpose);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.transaction_of (
  p_owner    uuid,
  p_transfer uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  t ledger.transfers;
  v_body jsonb;
begin
  select * into strict t from ledger.transfers x where x.id = p_transfer;
  -- The view, by the time that the index knows.
  select to_jsonb(v) into v_body from public.transactions v
  where v.user_id = p_owner and v.created_at = t.created_at and v.id = p_transfer;
  return v_body;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.transfer (
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
  v_amount bigint := ledger.parse_amount(p_amount, p_currency);
  v_to uuid := ledger.counterparty(p_from, p_recipient);
  v_payer bigint := ledger.paying_account(p_from, p_currency);
  v_payee bigint := ledger.ensure_account(v_to, p_currency, 'available');
  v_fee record := ledger.fee_of(p_currency, 'transfer', v_amount);
  v_accounts bigint[] := array[v_payer];
  v_amounts bigint[];
begin
  v_amounts := array[-v_amount - case when v_fee.charged_to = 'sender' then v_fee.fee_minor else 0 end];
  if v_amount + v_amounts[1] + v_fee.fee_minor > 0 then -- the recipient pays the fee out of the amount
    v_amount := v_amount - v_fee.fee_minor;
  end if;
  if v_amount > 0 then
    v_accounts := v_accounts || v_payee;
    v_amounts := v_amounts || v_amount;
  end if;
  if v_fee.fee_minor > 0 then
    v_accounts := v_accounts || ledger.system_account(p_currency, 'fees');
    v_amounts := v_amounts || v_fee.fee_minor;
  end if;
  return ledger.post('transfer', p_currency, v_accounts, v_amounts, p_from, v_to, p_description, p_category);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.unlink_account (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
begin
  select l.id into v_id from ledger.linked_accounts l
  where l.id = (p_arguments ->> 'id')::uuid and l.owner = p_actor and l.removed_at is null for update;
  if not found then
    perform app_hidden.fail(404, 'wallet.linked_account_not_found', 'You have no such linked account.', 'Take an id from GET wallet/linked-accounts.');
  end if;
  -- Else nobody could say any more where a payout went that is still to arrive.
  if exists (select from ledger.withdrawals w where w.linked_account_id = v_id and w.state in ('requested', 'submitted')) then
    perform app_hidden.fail(409, 'wallet.linked_account_in_use', 'A withdrawal to this account is on its way.', 'Unlink it when the withdrawal is paid or has failed.');
  end if;
  update ledger.linked_accounts l set removed_at = now() where l.id = v_id;
  return jsonb_build_object('id', v_id, 'removed', true);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.verify_chain (
  p_account bigint,
  OUT       entries bigint,
  OUT       broken_at bigint,
  OUT       ok boolean
)
  RETURNS record
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  select count(*), min(x.seq) filter (where not x.linked) into entries, broken_at
  from (
    select e.seq, e.seq = lag(e.seq, 1, 0::bigint) over o + 1 and e.hash = ledger.link(lag(e.hash, 1, '\x'::bytea) over o, e.seq, e.balance_minor,
      ledger.line(e.transfer_id, e.kind, e.currency, e.amount_minor, e.created_at, e.counterparty, e.category, e.description)) as linked
    from ledger.entries e where e.account_id = p_account
    window o as (order by e.seq)
  ) x;
  ok := broken_at is null and exists (
    select from ledger.accounts a
    left join ledger.entries e on e.account_id = a.id and e.seq = a.seq
    where a.id = p_account and a.seq = entries and a.chain_head = coalesce(e.hash, '\x'));
end
$function$;

CREATE OR REPLACE FUNCTION ledger.void_hold (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := ledger.id_in(p_arguments);
  h ledger.holds;
begin
  select * into h from ledger.holds x where x.id = v_id and x.kind = 'hold' and p_actor in (x.owner, x.payee);
  if not found then
    perform app_hidden.fail(404, 'wallet.hold_not_found', 'You have no such hold.', 'Take an id from GET wallet/holds.');
  elsif p_actor <> h.payee then
    perform app_hidden.fail(403, 'auth.forbidden', 'Only the payee may void a hold.', 'Ask the payee, or wait until it expires.');
  end if;
  update ledger.holds x set state = 'voided', resolved_at = clock_timestamp()
  where x.id = v_id and x.state = 'open' and x.expires_at > clock_timestamp();
  if not found then
    perform ledger.refuse_hold(v_id);
  end if;
  perform ledger.release_hold(h);
  return ledger.hold_of(v_id);
end
$function$;

CREATE OR REPLACE FUNCTION ledger.withdraw (
  p_actor     uuid,
  p_arguments jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_currency text := p_arguments ->> 'currency';
  v_amount bigint := ledger.parse_amount(p_arguments ->> 'amount', v_currency);
  v_fee record := ledger.fee_of(v_currency, 'withdrawal', v_amount);
  v_total bigint := v_amount + case when v_fee.charged_to = 'sender' then v_fee.fee_minor else 0 end;
  v_from bigint;
  v_pending bigint;
  v_linked ledger.linked_accounts;
  v_id uuid := app_private.uuid_v7();
begin
  if exists (select from ledger.controls c where c.withdrawals_stopped_at is not null) then
    perform app_hidden.fail(503, 'wallet.withdrawals_stopped', 'Withdrawals are stopped for the moment.', 'Try again later; the money stays in the wallet.');
  elsif v_total = v_fee.fee_minor then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The fee would take the whole amount.', 'Withdraw more.');
  end if;
  v_from := ledger.paying_account(p_actor, v_currency);
  v_pending := ledger.ensure_account(p_actor, v_currency, 'pending');
  select * into v_linked from ledger.linked_accounts l
  where l.id = (p_arguments ->> 'linked_account_id')::uuid and l.owner = p_actor and l.removed_at is null
  for share; -- against unlink_account
  if not found then
    perform app_hidden.fail(404, 'wallet.linked_account_not_found', 'You have no such linked account.', 'Take an id from GET wallet/linked-accounts.');
  elsif v_linked.currency is distinct from v_currency then
    perform app_hidden.fail(422, 'wallet.linked_account_currency', 'This account is in another currency than the withdrawal.',
      coalesce('This account takes ' || v_linked.currency || ': withdraw that, or link an account in ' || v_currency || '.',
        'Link an account in ' || v_currency || '.'));
  end if;
  insert into ledger.holds (id, kind, owner, currency, amount_minor, category)
  values (v_id, 'withdrawal', p_actor, v_currency, v_total, 'withdrawal');
  insert into ledger.withdrawals (id, owner, linked_account_id, currency, amount_minor, fee_minor, provider)
  values (v_id, p_actor, v_linked.id, v_currency, v_total - v_fee.fee_minor, v_fee.fee_minor, v_linked.provider);
  perform ledger.post('hold', v_currency, array[v_from, v_pending], array[-v_total, v_total], p_actor, null, null, 'withdrawal');
  return (select to_jsonb(v) from public.withdrawals v where v.id = v_id and v.user_id = p_actor);
end
$function$;

ALTER TABLE "admin"."corrections"
  ADD CONSTRAINT "corrections_currency_fkey" FOREIGN KEY (currency) REFERENCES ledger.currencies(code);

ALTER TABLE "admin"."corrections"
  ADD CONSTRAINT "corrections_decided_by_fkey" FOREIGN KEY (decided_by) REFERENCES admin.operators(name);

ALTER TABLE "admin"."corrections"
  ADD CONSTRAINT "corrections_proposed_by_fkey" FOREIGN KEY (proposed_by) REFERENCES admin.operators(name);

ALTER TABLE "ledger"."accounts"
  ADD CONSTRAINT "balance_above_floor" CHECK (((balance_minor >= floor_minor) AND (LEAST(earned_minor, seq) >= 0)));

ALTER TABLE "ledger"."currencies"
  ADD CONSTRAINT "currencies_max_day_minor_check" CHECK ((max_day_minor > 0));

ALTER TABLE "ledger"."currencies"
  ADD CONSTRAINT "currencies_max_deposit_minor_check" CHECK (((max_deposit_minor >= 1) AND (max_deposit_minor <= '1000000000000000'::bigint)));

ALTER TABLE "ledger"."currencies"
  ADD CONSTRAINT "currencies_max_hour_count_check" CHECK ((max_hour_count > 0));

ALTER TABLE "ledger"."currencies"
  ADD CONSTRAINT "currencies_max_transfer_minor_check" CHECK ((max_transfer_minor > 0));

ALTER TABLE "ledger"."fee_rules"
  ADD CONSTRAINT "fee_rules_currency_fkey" FOREIGN KEY (currency) REFERENCES ledger.currencies(code);

ALTER TABLE "ledger"."linked_accounts"
  ADD CONSTRAINT "linked_accounts_currency_fkey" FOREIGN KEY (currency) REFERENCES ledger.currencies(code);

ALTER TABLE "ledger"."withdrawals"
  ADD CONSTRAINT "withdrawals_id_fkey" FOREIGN KEY (id) REFERENCES ledger.holds(id);

ALTER TABLE "ledger"."withdrawals"
  ADD CONSTRAINT "withdrawals_linked_account_id_fkey" FOREIGN KEY (linked_account_id) REFERENCES ledger.linked_accounts(id);

ALTER TABLE "public"."blocks"
  ADD CONSTRAINT "blocks_blocked_id_fkey" FOREIGN KEY (blocked_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."blocks"
  ADD CONSTRAINT "blocks_blocker_id_fkey" FOREIGN KEY (blocker_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE VIEW "admin"."frozen_wallets" AS  SELECT a.owner AS user_id,
    (p.username)::text AS username,
    bool_or(a.frozen_in) AS frozen_in,
    bool_or(a.frozen_out) AS frozen_out,
    ( SELECT jsonb_build_object('operator', l.operator, 'at', l.at, 'reason', l.reason) AS jsonb_build_object
           FROM admin.audit_log l
          WHERE ((l.target = (a.owner)::text) AND (l.action = 'freeze_wallet'::text))
          ORDER BY l.at DESC
         LIMIT 1) AS last_change
   FROM (ledger.accounts a
     LEFT JOIN public.profiles p ON ((p.id = a.owner)))
  WHERE (a.frozen_in OR a.frozen_out)
  GROUP BY a.owner, p.username;

CREATE VIEW "admin"."ledger_audits" AS  SELECT id,
    started_at,
    finished_at,
    scope,
    ok,
    entries_checked,
    violations
   FROM ledger.audits a
  ORDER BY id DESC;

CREATE VIEW "admin"."ledger_audit" AS  SELECT invariant,
    violations,
    (violations = 0) AS ok
   FROM ledger.audit() a(invariant, violations);

CREATE VIEW "admin"."provider_events" AS  SELECT provider,
    event_id,
    type,
    outcome,
    payload,
    received_at
   FROM ledger.provider_events e
  WHERE (outcome <> ALL (ARRAY['applied'::text, 'already_applied'::text, 'ignored'::text]))
  ORDER BY received_at;

CREATE VIEW "admin"."withdrawals" AS  SELECT w.id,
    w.owner AS user_id,
    (p.username)::text AS username,
    w.state,
    app_hidden.format_amount(w.amount_minor, c.exponent) AS amount,
    w.currency,
    w.provider,
    w.provider_reference,
    w.attempts,
    w.last_error,
    w.next_attempt_at,
    w.created_at,
    (EXTRACT(epoch FROM (clock_timestamp() - w.created_at)))::bigint AS age_seconds,
    (EXISTS ( SELECT
           FROM ledger.accounts a
          WHERE ((a.owner = w.owner) AND (a.currency = w.currency) AND a.frozen_out))) AS held_by_freeze
   FROM ((ledger.withdrawals w
     JOIN ledger.currencies c ON ((c.code = w.currency)))
     LEFT JOIN public.profiles p ON ((p.id = w.owner)))
  WHERE (w.state = ANY (ARRAY['requested'::text, 'submitted'::text]))
  ORDER BY w.created_at;

CREATE VIEW "public"."deposits" WITH (security_invoker=true) AS  SELECT d.id,
    d.owner AS user_id,
    d.currency,
    app_hidden.format_amount(d.amount_minor, c.exponent) AS amount,
    d.provider,
    d.checkout,
    d.state,
    d.failure,
    d.created_at,
    d.updated_at
   FROM (ledger.deposits d
     JOIN ledger.currencies c ON ((c.code = d.currency)));

REVOKE ALL ON TABLE "public"."deposits" FROM "anon";

CREATE VIEW "public"."holds" WITH (security_invoker=true) AS  SELECT h.id,
    h.owner AS user_id,
    h.payee AS payee_id,
    (k.username)::text AS payee_username,
    h.currency,
    app_hidden.format_amount(h.amount_minor, c.exponent) AS amount,
    app_hidden.format_amount(h.captured_minor, c.exponent) AS captured_amount,
        CASE
            WHEN ((h.state = 'open'::text) AND (h.expires_at <= now())) THEN 'expired'::text
            ELSE h.state
        END AS state,
    h.description,
    h.category,
    h.created_at,
    h.expires_at,
    h.resolved_at,
    h.transfer_id
   FROM ((ledger.holds h
     JOIN ledger.currencies c ON ((c.code = h.currency)))
     LEFT JOIN public.profiles k ON ((k.id = h.payee)))
  WHERE (h.kind = 'hold'::text);

REVOKE ALL ON TABLE "public"."holds" FROM "anon";

CREATE VIEW "public"."linked_accounts" WITH (security_invoker=true) AS  SELECT id,
    owner AS user_id,
    provider,
    kind,
    bank_name,
    last4,
    currency,
    created_at
   FROM ledger.linked_accounts l
  WHERE (removed_at IS NULL);

REVOKE ALL ON TABLE "public"."linked_accounts" FROM "anon";

CREATE VIEW "public"."payment_requests" WITH (security_invoker=true) AS  SELECT r.id,
    r.requester AS requester_id,
    (q.username)::text AS requester_username,
    r.payer AS payer_id,
    (p.username)::text AS payer_username,
    r.currency,
    app_hidden.format_amount(r.amount_minor, c.exponent) AS amount,
    r.description,
    r.category,
        CASE
            WHEN ((r.state = 'open'::text) AND (r.expires_at <= now())) THEN 'expired'::text
            ELSE r.state
        END AS state,
    r.created_at,
    r.expires_at,
    r.resolved_at,
    r.transfer_id
   FROM (((ledger.payment_requests r
     JOIN ledger.currencies c ON ((c.code = r.currency)))
     LEFT JOIN public.profiles q ON ((q.id = r.requester)))
     LEFT JOIN public.profiles p ON ((p.id = r.payer)));

REVOKE ALL ON TABLE "public"."payment_requests" FROM "anon";

CREATE VIEW "public"."transactions" WITH (security_invoker=true) AS  SELECT id,
    user_id,
        CASE
            WHEN (amount_minor > 0) THEN 'income'::text
            ELSE 'expense'::text
        END AS type,
    app_hidden.format_amount(abs(amount_minor), ( SELECT c.exponent
           FROM ledger.currencies c
          WHERE (c.code = t.currency))) AS amount,
    currency,
    description,
    category,
    status,
    kind,
    ( SELECT k.id
           FROM public.profiles k
          WHERE (k.id = t.counterparty)) AS counterparty_id,
    ( SELECT (k.username)::text AS username
           FROM public.profiles k
          WHERE (k.id = t.counterparty)) AS counterparty_username,
    app_hidden.format_amount(balance_minor, ( SELECT c.exponent
           FROM ledger.currencies c
          WHERE (c.code = t.currency))) AS balance_after,
    created_at
   FROM ( SELECT e.transfer_id AS id,
            e.owner AS user_id,
            e.amount_minor,
            e.currency,
            e.description,
            e.category,
            'completed'::text AS status,
            e.kind,
            ((e.kind <> ALL (ARRAY['hold'::text, 'release'::text])) AND ((e.kind <> 'capture'::text) OR (e.amount_minor > 0))) AS is_listed,
            e.purpose,
            e.counterparty,
            e.balance_minor,
            e.created_at
           FROM ledger.entries e
        UNION ALL
         SELECT q.transfer_id,
            q.owner,
            q.amount_minor,
            q.currency,
            q.description,
            q.category,
            'completed'::text AS text,
            q.kind,
            true,
            q.purpose,
            q.counterparty,
            NULL::bigint AS int8,
            q.created_at
           FROM ledger.queued_entries q
          WHERE (q.kind <> ALL (ARRAY['hold'::text, 'release'::text]))
        UNION ALL
         SELECT h.id,
            h.owner,
            (-
                CASE
                    WHEN (h.state = 'captured'::text) THEN (h.captured_minor + h.fee_minor)
                    ELSE h.amount_minor
                END),
            h.currency,
            h.description,
            h.category,
                CASE
                    WHEN (h.state = 'captured'::text) THEN 'completed'::text
                    WHEN ((h.state = 'open'::text) AND ((h.expires_at IS NULL) OR (h.expires_at > now()))) THEN 'pending'::text
                    ELSE 'failed'::text
                END AS text,
            h.kind,
            true,
            'available'::text AS text,
            h.payee,
            NULL::bigint AS int8,
            h.created_at
           FROM ledger.holds h
          WHERE ((h.owner = ( SELECT auth.uid() AS uid)) OR (( SELECT auth.uid() AS uid) IS NULL))) t
  WHERE ((purpose = 'available'::text) AND is_listed);

REVOKE ALL ON TABLE "public"."transactions" FROM "anon";

CREATE VIEW "public"."wallet" WITH (security_invoker=true) AS  SELECT a.owner AS user_id,
    a.currency,
    app_hidden.format_amount(((((a.balance_minor)::numeric + COALESCE(qa.waiting_minor, (0)::numeric)) + COALESCE(h.expired_minor, (0)::numeric)))::bigint, c.exponent) AS balance,
    app_hidden.format_amount(((((COALESCE(p.balance_minor, (0)::bigint))::numeric + COALESCE(qp.waiting_minor, (0)::numeric)) - COALESCE(h.expired_minor, (0)::numeric)))::bigint, c.exponent) AS pending_balance,
    app_hidden.format_amount((((a.earned_minor)::numeric + COALESCE(qa.earned_minor, (0)::numeric)))::bigint, c.exponent) AS total_earnings,
    COALESCE(( SELECT jsonb_agg(jsonb_build_object('id', l.id, 'provider', l.provider, 'kind', l.kind, 'bank_name', l.bank_name, 'last4', l.last4) ORDER BY l.created_at) AS jsonb_agg
           FROM ledger.linked_accounts l
          WHERE ((l.owner = a.owner) AND (l.removed_at IS NULL))), '[]'::jsonb) AS linked_accounts,
    (a.frozen_in OR a.frozen_out) AS is_frozen,
        CASE
            WHEN (a.frozen_in AND a.frozen_out) THEN 'both'::text
            WHEN a.frozen_in THEN 'in'::text
            WHEN a.frozen_out THEN 'out'::text
            ELSE 'none'::text
        END AS frozen,
    GREATEST(a.updated_at, p.updated_at) AS updated_at
   FROM (((((ledger.accounts a
     JOIN ledger.currencies c ON ((c.code = a.currency)))
     LEFT JOIN ledger.accounts p ON (((p.owner = a.owner) AND (p.currency = a.currency) AND (p.purpose = 'pending'::text))))
     LEFT JOIN LATERAL ( SELECT sum(q.amount_minor) AS waiting_minor,
            sum(q.amount_minor) FILTER (WHERE (q.kind = ANY (ARRAY['transfer'::text, 'capture'::text]))) AS earned_minor
           FROM ledger.queued_entries q
          WHERE (q.account_id = a.id)) qa ON (true))
     LEFT JOIN LATERAL ( SELECT sum(q.amount_minor) AS waiting_minor
           FROM ledger.queued_entries q
          WHERE (q.account_id = p.id)) qp ON (true))
     LEFT JOIN LATERAL ( SELECT sum(o.amount_minor) AS expired_minor
           FROM ledger.holds o
          WHERE ((o.owner = a.owner) AND (o.currency = a.currency) AND (o.state = 'open'::text) AND (o.expires_at <= now()))) h ON (true))
  WHERE (a.purpose = 'available'::text);

REVOKE ALL ON TABLE "public"."wallet" FROM "anon";

CREATE VIEW "public"."withdrawals" WITH (security_invoker=true) AS  SELECT w.id,
    w.owner AS user_id,
    w.linked_account_id,
    w.currency,
    app_hidden.format_amount(w.amount_minor, c.exponent) AS amount,
    app_hidden.format_amount(w.fee_minor, c.exponent) AS fee,
    w.state,
    w.failure,
    w.created_at,
    w.updated_at
   FROM (ledger.withdrawals w
     JOIN ledger.currencies c ON ((c.code = w.currency)));

REVOKE ALL ON TABLE "public"."withdrawals" FROM "anon";

CREATE INDEX corrections_currency_idx ON admin.corrections USING btree (currency);

CREATE INDEX corrections_decided_by_idx ON admin.corrections USING btree (decided_by);

CREATE INDEX corrections_proposed_by_idx ON admin.corrections USING btree (proposed_by);

CREATE INDEX idempotency_keys_claimed_at_idx ON app_private.idempotency_keys USING brin (claimed_at);

CREATE INDEX accounts_currency_idx ON ledger.accounts USING btree (currency)
  WHERE (OWNER IS NULL);

CREATE INDEX deposits_owner_idx ON ledger.deposits USING btree (OWNER, created_at DESC, id DESC);

CREATE INDEX holds_open_idx ON ledger.holds USING btree (expires_at)
  WHERE (state = 'open'::text);

CREATE INDEX holds_owner_idx ON ledger.holds USING btree (OWNER, created_at DESC, id DESC);

CREATE INDEX holds_payee_idx ON ledger.holds USING btree (payee, created_at DESC, id DESC)
  WHERE (payee IS NOT NULL);

CREATE INDEX linked_accounts_to_forget_idx ON ledger.linked_accounts USING btree (next_attempt_at)
  WHERE ((removed_at IS NOT NULL) AND (provider_token IS NOT NULL));

CREATE UNIQUE INDEX linked_accounts_token_idx ON ledger.linked_accounts USING btree (OWNER, PROVIDER, provider_token)
  WHERE (removed_at IS NULL);

CREATE INDEX payment_requests_open_idx ON ledger.payment_requests USING btree (expires_at)
  WHERE (state = 'open'::text);

CREATE INDEX payment_requests_payer_idx ON ledger.payment_requests USING btree (payer, created_at DESC, id DESC);

CREATE INDEX payment_requests_requester_idx ON ledger.payment_requests USING btree (requester, created_at DESC, id DESC);

CREATE INDEX provider_events_done_idx ON ledger.provider_events USING btree (received_at)
  WHERE (outcome = ANY (ARRAY['ignored'::text, 'already_applied'::text]));

CREATE INDEX queued_entries_owner_idx ON ledger.queued_entries USING btree (OWNER, created_at DESC, transfer_id DESC)
  WHERE (purpose = 'available'::text);

CREATE INDEX withdrawals_linked_account_idx ON ledger.withdrawals USING btree (linked_account_id);

CREATE INDEX withdrawals_on_their_way_idx ON ledger.withdrawals USING btree (created_at)
  WHERE (state = ANY (ARRAY['requested'::text, 'submitted'::text]));

CREATE INDEX withdrawals_owner_idx ON ledger.withdrawals USING btree (OWNER, created_at DESC, id DESC);

CREATE INDEX withdrawals_requested_idx ON ledger.withdrawals USING btree (next_attempt_at)
  WHERE (state = 'requested'::text);

CREATE INDEX blocks_blocked_id_idx ON public.blocks USING btree (blocked_id);

CREATE TRIGGER append_only_truncate
  BEFORE TRUNCATE ON admin.corrections
  FOR EACH STATEMENT
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER append_only
  BEFORE DELETE ON admin.corrections
  FOR EACH ROW
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER decided_once
  BEFORE UPDATE ON admin.corrections
  FOR EACH ROW
  WHEN ((old.state <> 'proposed'::text))
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER assert_account
  AFTER INSERT OR UPDATE OF OWNER, purpose, floor_minor, max_transfer_minor, max_day_minor, max_hour_count ON ledger.accounts
  FOR EACH ROW
  EXECUTE FUNCTION ledger.assert_account();

CREATE TRIGGER tell_frozen_changed
  AFTER UPDATE OF frozen_in, frozen_out ON ledger.accounts
  FOR EACH ROW
  WHEN (((new.purpose = 'available'::text) AND ((old.frozen_in IS DISTINCT FROM new.frozen_in) OR (old.frozen_out IS DISTINCT FROM new.frozen_out))))
  EXECUTE FUNCTION app_private.tell_frozen_changed();

CREATE TRIGGER append_only_truncate
  BEFORE TRUNCATE ON ledger.audits
  FOR EACH STATEMENT
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER append_only
  BEFORE DELETE OR UPDATE ON ledger.audits
  FOR EACH ROW
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER tell_audit_failed
  AFTER INSERT ON ledger.audits
  FOR EACH ROW
  WHEN ((NOT new.ok))
  EXECUTE FUNCTION app_private.tell_audit_failed();

CREATE TRIGGER tell_deposit_changed
  AFTER UPDATE ON ledger.deposits REFERENCING OLD TABLE AS
  BEFORE NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_deposit_changed();

CREATE TRIGGER tell_deposit_opened
  AFTER INSERT ON ledger.deposits REFERENCING NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_deposit_changed();

CREATE TRIGGER tell_hold_placed
  AFTER INSERT ON ledger.holds
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_hold_placed();

CREATE TRIGGER tell_hold_resolved
  AFTER UPDATE ON ledger.holds
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_hold_resolved();

CREATE TRIGGER tell_account_linked
  AFTER INSERT ON ledger.linked_accounts REFERENCING NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_linked_account_changed();

CREATE TRIGGER tell_linked_account_changed
  AFTER UPDATE ON ledger.linked_accounts REFERENCING OLD TABLE AS
  BEFORE NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_linked_account_changed();

CREATE TRIGGER tell_request_changed
  AFTER UPDATE ON ledger.payment_requests REFERENCING OLD TABLE AS
  BEFORE NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_request_changed();

CREATE TRIGGER tell_request_made
  AFTER INSERT ON ledger.payment_requests REFERENCING NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_request_changed();

CREATE TRIGGER append_only_delete
  BEFORE DELETE ON ledger.provider_events
  FOR EACH ROW
  WHEN (((old.outcome <> ALL (ARRAY['ignored'::text, 'already_applied'::text])) OR (old.received_at > (now() - '90 days'::interval))))
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER append_only_truncate
  BEFORE TRUNCATE ON ledger.provider_events
  FOR EACH STATEMENT
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER append_only
  BEFORE UPDATE ON ledger.provider_events
  FOR EACH ROW
  EXECUTE FUNCTION ledger.keep_event();

CREATE TRIGGER append_only_truncate
  BEFORE TRUNCATE ON ledger.reversals
  FOR EACH STATEMENT
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER append_only
  BEFORE DELETE OR UPDATE ON ledger.reversals
  FOR EACH ROW
  EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER assert_posted
  AFTER INSERT ON ledger.transfers REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION ledger.assert_posted();

CREATE TRIGGER tell_transfer_completed
  AFTER INSERT ON ledger.transfers REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_transfer_completed();

CREATE TRIGGER tell_withdrawal_changed
  AFTER UPDATE ON ledger.withdrawals REFERENCING OLD TABLE AS
  BEFORE NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_withdrawal_changed();

CREATE TRIGGER tell_withdrawal_placed
  AFTER INSERT ON ledger.withdrawals REFERENCING NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_withdrawal_changed();

CREATE POLICY "people read their own deposits" ON "ledger"."deposits"
  FOR SELECT
  TO "authenticated"
  USING ((OWNER = ( SELECT auth.uid() AS uid)));

CREATE POLICY "everybody signed in reads fees" ON "ledger"."fee_rules"
  FOR SELECT
  TO "authenticated"
  USING (true);

CREATE POLICY "people read holds they gave or got" ON "ledger"."holds"
  FOR SELECT
  TO "authenticated"
  USING (((OWNER = ( SELECT auth.uid() AS uid)) OR (payee = ( SELECT auth.uid() AS uid))));

CREATE POLICY "people read their own linked accounts" ON "ledger"."linked_accounts"
  FOR SELECT
  TO "authenticated"
  USING ((OWNER = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people read requests they sent or got" ON "ledger"."payment_requests"
  FOR SELECT
  TO "authenticated"
  USING (((requester = ( SELECT auth.uid() AS uid)) OR (payer = ( SELECT auth.uid() AS uid))));

CREATE POLICY "people read queued entries of their own accounts" ON "ledger"."queued_entries"
  FOR SELECT
  TO "authenticated"
  USING ((OWNER = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people read their own withdrawals" ON "ledger"."withdrawals"
  FOR SELECT
  TO "authenticated"
  USING ((OWNER = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people block for themselves" ON "public"."blocks"
  FOR INSERT
  TO "authenticated"
  WITH CHECK ((blocker_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people see whom they block" ON "public"."blocks"
  FOR SELECT
  TO "authenticated"
  USING ((blocker_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people take back their own blocks" ON "public"."blocks"
  FOR DELETE
  TO "authenticated"
  USING ((blocker_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people hear of their own wallet" ON "realtime"."messages"
  FOR SELECT
  TO "authenticated"
  USING
    (((EXTENSION = 'broadcast'::text) AND (topic = ('wallet:'::text || (( SELECT auth.uid() AS uid))::text)) AND (( SELECT realtime.topic() AS topic) = ('wallet:'::text || ((
    SELECT auth.uid() AS uid))::text))));

COMMENT ON EXTENSION "pgcrypto" IS 'cryptographic functions';

COMMENT ON FUNCTION "admin"."add_operator"(text, text, text) IS 'Makes somebody an operator, or again after admin.remove_operator, with a code of 12 to 72 bytes, kept as a bcrypt hash; else 409 admin.operator_exists.';

COMMENT ON FUNCTION "admin"."approve_correction"(uuid, text, text, text) IS 'Books what another operator proposed, against the funding account, and gives the transfer id. A freeze does not stop it; a debit takes no more than is there.';

COMMENT ON FUNCTION "admin"."assert_operator"(text, text) IS 'Refuses with 403 admin.not_operator who is no operator or has another code.';

COMMENT ON FUNCTION "admin"."decide_correction"(uuid, text, text, boolean) IS 'The correction, locked, for an operator who may decide it; else 403, 404 or 409. Who proposed it may reject it.';

COMMENT ON FUNCTION "admin"."freeze_wallet"(text, text, text) IS 'Stops money from coming into a person''s wallet (in), from leaving it (out), both, or neither (none), in all currencies. True when that is a change.';

COMMENT ON FUNCTION "admin"."limits_of"(text, text) IS 'Which limits are in force for a person and a currency, whether their own or everybody''s, and what the present day and hour (UTC) have used of them. Null: no limit.';

COMMENT ON FUNCTION "admin"."log"(text, text, text, jsonb, jsonb) IS 'Writes down what an operator did.';

COMMENT ON FUNCTION "admin"."minor_units"(text, text) IS 'Decimal text as minor units, zero and null included.';

COMMENT ON FUNCTION "admin"."propose_correction"(text, text, text, text, text, text, text) IS 'Proposes to credit or debit a wallet and gives the id under which another operator approves or rejects it. Nothing is booked yet.';

COMMENT ON FUNCTION "admin"."reject_correction"(uuid, text, text, text) IS 'Ends a proposed correction without booking it.';

COMMENT ON FUNCTION "admin"."remove_fee"(text, text, text) IS 'No fee on this kind of transfer from now on. True when there was one.';

COMMENT ON FUNCTION "admin"."remove_operator"(text, text) IS 'From now on this operator proposes and approves nothing. True when that is a change.';

COMMENT ON FUNCTION "admin"."require_reason"(text) IS 'Refuses a missing, too short or too long reason of an operator with 422 admin.reason_required.';

COMMENT ON FUNCTION "admin"."resume_withdrawals"(text) IS 'Allows withdrawals again, as after an audit that found something. The next audit stops them again if it still finds it. True when that is a change.';

COMMENT ON FUNCTION "admin"."retry_provider_event"(text, text, text) IS 'Tries once more to apply what the payment provider told, after its cause was mended (admin.provider_events), and says what came of it.';

COMMENT ON FUNCTION "admin"."reverse_transfer"(uuid, text) IS 'Books a payment, a split or a capture back to its payer, fees too, once, and gives the id of the reversal: select admin.reverse_transfer(''<id>'', ''why'').';

COMMENT ON FUNCTION "admin"."set_fee"(text, text, numeric, text, text, text, text, text) IS 'The fee on transfers, captures or withdrawals of a currency from now on: select admin.set_fee(''USD'', ''withdrawal'', 1.5, ''0.25'', null, ''10'', ''sender'', ''why'').';

COMMENT ON FUNCTION "admin"."set_limits"(text, text, text, text, integer, text) IS 'How much may leave a wallet at once, in a day (UTC) and how often in an hour; for a person, or (username null) for everybody without limits of their own. Null: no limit, for a person that of the currency.';

COMMENT ON FUNCTION "admin"."stop_withdrawals"(text) IS 'No withdrawal is taken or handed to a provider from now on. True when that is a change.';

COMMENT ON FUNCTION "admin"."switch_withdrawals"(boolean, text) IS 'What stop_withdrawals and resume_withdrawals do.';

COMMENT ON FUNCTION "admin"."wallet_owner"(text) IS 'Whose wallet this is, by username, or by id also after they deleted their account; else 404 users.not_found.';

COMMENT ON FUNCTION "app_hidden"."is_blocked_pair"(uuid, uuid) IS 'Whether one of two people has blocked the other; never says which.';

COMMENT ON FUNCTION "app_private"."account_unlinked"(uuid) IS 'The provider has forgotten this account, so its token is forgotten too. May be repeated; true when it is news.';

COMMENT ON FUNCTION "app_private"."apply_provider_event"(text, text, text, jsonb) IS 'Books what a verified webhook tells, once, whatever the order. applied, already_applied, duplicate and ignored are done with; after unknown_reference ask the provider to send it again (503); the others are kept for operators in admin.provider_events.';

COMMENT ON FUNCTION "app_private"."attach_deposit"(uuid, text, jsonb, text) IS 'Keeps the provider''s reference of a deposit and how to pay it, in the stored answer of its request too, and gives that answer: the row of public.deposits. May be repeated.';

COMMENT ON FUNCTION "app_private"."audit_ledger"(text) IS 'Checks what moved since the last audit (recent) or everything (full) and keeps the result; stops withdrawals when something does not add up.';

COMMENT ON FUNCTION "app_private"."broadcast_wallet"(jsonb) IS 'Tells people on their private topics wallet:{user_id} what changed, with their balances now: [{user_id, currencies, changes: [{type, id, …}], more}], at most 100; says how many messages were sent.';

COMMENT ON FUNCTION "app_private"."claim_unlinked_accounts"(text[], integer, interval) IS 'Takes up to p_limit removed accounts that one of these providers is to forget, for p_lease: two workers never get the same one. None whose withdrawals are on their way, and each twenty times at most.';

COMMENT ON FUNCTION "app_private"."claim_withdrawals"(integer, interval) IS 'Takes up to p_limit withdrawals that are to be handed to their provider, for p_lease: two workers never get the same one. None while withdrawals are stopped.';

COMMENT ON FUNCTION "app_private"."deposit_payload"(ledger.deposits) IS 'A deposit as its event tells it, without the way to pay it.';

COMMENT ON FUNCTION "app_private"."deposit_refused"(uuid, text) IS 'The provider would not take this deposit: it failed before it began. True when that is news.';

COMMENT ON FUNCTION "app_private"."expire_holds"(integer) IS 'Expires up to p_limit holds that are over, gives their money back and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."expire_payment_requests"(integer) IS 'Ends up to p_limit requests that nobody answered in time and says how many: call again until 0.';

COMMENT ON FUNCTION "app_private"."fold_queued_entries"(integer) IS 'Books queued entries of accounts that are free, until p_limit is reached or nothing is left, and says how many.';

COMMENT ON FUNCTION "app_private"."linked_account_payload"(ledger.linked_accounts) IS 'A linked account as its event tells it.';

COMMENT ON FUNCTION "app_private"."post_transactions"(uuid[], uuid[], text[], bytea[], text[], text[], text[], text[], text[]) IS 'Sends money for many, up to 512 requests, each as app_private.post_transaction would; gives an answer (ord from 1) for each that is plain. The others were not touched.';

COMMENT ON FUNCTION "app_private"."prune_provider_events"() IS 'Deletes up to 10,000 events that changed nothing and are older than 90 days, and says how many: call again until 0. What was applied, and what waits for an operator, stays.';

COMMENT ON FUNCTION "app_private"."request_payload"(ledger.payment_requests) IS 'A payment request as its event tells it.';

COMMENT ON FUNCTION "app_private"."statement"(uuid, text, timestamp with time zone, timestamp with time zone, integer, bigint) IS 'Lines of a person''s statement from p_from until before p_to (null: all) in the order of posting, after p_after_seq (null: from the first); amounts without sign, type says which way.';

COMMENT ON FUNCTION "app_private"."statement_header"(uuid, text, timestamp with time zone, timestamp with time zone) IS 'What stands above and below the lines: balances before and after them, sums, the hash before the first line (nothing before seq 1), and the head of the whole chain.';

COMMENT ON FUNCTION "app_private"."tell_audit_failed"() IS 'Trigger on ledger.audits: wallet.audit_failed.';

COMMENT ON FUNCTION "app_private"."tell_deposit_changed"() IS 'Trigger on ledger.deposits: wallet.deposit_changed for each new state, and when there is a way to pay.';

COMMENT ON FUNCTION "app_private"."tell_frozen_changed"() IS 'Trigger on ledger.accounts: wallet.frozen_changed.';

COMMENT ON FUNCTION "app_private"."tell_hold_placed"() IS 'Trigger on ledger.holds: wallet.hold_placed.';

COMMENT ON FUNCTION "app_private"."tell_hold_resolved"() IS 'Trigger on ledger.holds: wallet.hold_resolved (captured, voided or expired).';

COMMENT ON FUNCTION "app_private"."tell_linked_account_changed"() IS 'Trigger on ledger.linked_accounts: wallet.linked_account_changed (linked or removed).';

COMMENT ON FUNCTION "app_private"."tell_request_changed"() IS 'Trigger on ledger.payment_requests: wallet.request_changed for each new state.';

COMMENT ON FUNCTION "app_private"."tell_withdrawal_changed"() IS 'Trigger on ledger.withdrawals: wallet.withdrawal_changed for each new state.';

COMMENT ON FUNCTION "app_private"."transfer_legs"(bigint[], bigint[]) IS 'What a transfer did to each person''s wallet as a whole, held money included: {legs: [{user_id, amount_minor}]}.';

COMMENT ON FUNCTION "app_private"."unlink_retry"(uuid, text, interval) IS 'The provider has not forgotten this account: it is asked again after p_retry_in. False when that was the last time; then it waits for an operator.';

COMMENT ON FUNCTION "app_private"."wallet_command"(uuid, uuid, text, bytea, text, jsonb) IS 'Runs one command of the wallet for a signed-in person, as ledger.run_command does.';

COMMENT ON FUNCTION "app_private"."wallet_stats"() IS 'What the wallet still has to do: queued entries, holds past their end, withdrawals that no provider has yet, and the age of the oldest; each up to 10,000.';

COMMENT ON FUNCTION "app_private"."withdrawal_payload"(ledger.withdrawals) IS 'A withdrawal as its event tells it.';

COMMENT ON FUNCTION "app_private"."withdrawal_refused"(uuid, text) IS 'The provider refused the payout at once: it failed, and the money goes back. False when it was submitted or over already.';

COMMENT ON FUNCTION "app_private"."withdrawal_retry"(uuid, text, interval) IS 'The outcome at the provider is unknown: the same payout is handed over again after p_retry_in.';

COMMENT ON FUNCTION "app_private"."withdrawal_submitted"(uuid, text) IS 'The provider has accepted the payout under this reference. May be repeated; false when it has another reference, or another payout has this one.';

COMMENT ON FUNCTION "ledger"."assert_account"() IS 'Trigger on accounts: people own available and pending, the system the rest; no floor is above zero, and limits are above it.';

COMMENT ON FUNCTION "ledger"."assert_legs"(uuid, bigint, bigint[], bigint[], bigint[], text, text) IS 'Raises unless a transfer is whole: of any number of legs, queued ones included.';

COMMENT ON FUNCTION "ledger"."assert_posted"() IS 'Trigger on transfers: there are at least two legs, they sum to zero, and each is booked as the entry that the transfer names, or queued.';

COMMENT ON FUNCTION "ledger"."audit"() IS 'The invariants of the ledger over everything; violations is 0 where one holds.';

COMMENT ON FUNCTION "ledger"."audit_entries"(boolean) IS 'Findings about the entries since the marks (or all), account by account: heads, gaps, balances, hashes, earnings.';

COMMENT ON FUNCTION "ledger"."audit_recent_transfers"() IS 'Findings about the legs of the transfers that were booked or queued since the marks.';

COMMENT ON FUNCTION "ledger"."audit_state"(boolean) IS 'Findings about floors, sums of currencies, pending money, and withdrawals (in full: also those that are over).';

COMMENT ON FUNCTION "ledger"."audit_transfers"() IS 'Findings about all transfers, their legs and reversals.';

COMMENT ON FUNCTION "ledger"."batch"(uuid, jsonb) IS 'Many transfers of one payer, in order: each refused on its own, or (mode atomic) all with the first refusal as 422 wallet.batch_refused.';

COMMENT ON FUNCTION "ledger"."batch_one_by_one"(uuid, jsonb, boolean) IS 'Books a part of a batch transfer by transfer, with the refusal of each; if atomic, the first one refuses the whole batch.';

COMMENT ON FUNCTION "ledger"."batch_together"(uuid, jsonb) IS 'Books a part of a batch at once: its results, or null, and nothing done, when one transfer is not plain or the payer cannot pay them all.';

COMMENT ON FUNCTION "ledger"."book_items"(ledger.item[]) IS 'Books plain transfers together and gives the payer''s transaction of each, but of no payer who cannot pay all of theirs. Stores the answers of those with a key.';

COMMENT ON FUNCTION "ledger"."cancel_request"(uuid, jsonb) IS 'Who asked takes it back: {id}.';

COMMENT ON FUNCTION "ledger"."capture_hold"(uuid, jsonb) IS 'Pays a hold out to its payee, all of it or less, and gives the rest back in the same transfer; its payee may, and its payer, who thereby pays early: {id, amount or null}.';

COMMENT ON FUNCTION "ledger"."capture_plain_hold"(uuid, uuid, text, bytea, jsonb) IS 'What a command capture_hold does with the whole of a hold, when nothing stands in the way: gives the hold, or null, and nothing changed.';

COMMENT ON FUNCTION "ledger"."chained"(ledger.leg[], timestamp with time zone) IS 'Legs in the order of account and seq, each with the head of its account, come back with their own hashes: ledger.link from one to the next.';

COMMENT ON FUNCTION "ledger"."complete_deposit"(uuid) IS 'Books money that the provider has received for somebody, once. False when it was booked before.';

COMMENT ON FUNCTION "ledger"."complete_withdrawal"(uuid) IS 'Books a payout that has reached the bank, with its fee, out of what was held for it. False when it was over.';

COMMENT ON FUNCTION "ledger"."counterparty"(uuid, text) IS 'The id of somebody with whom the actor may deal; else 404 wallet.recipient_not_found, 422 wallet.self_transfer or 403 wallet.blocked.';

COMMENT ON FUNCTION "ledger"."credit"(bigint, bigint, text, text) IS 'Puts minor units (of the funding account also negative ones) into an account; ok is false, and nothing changed, when somebody has it locked.';

COMMENT ON FUNCTION "ledger"."debit"(bigint, bigint, text, text) IS 'Takes minor units from an account, waiting for its lock; ok is false, and nothing changed, when it may not.';

COMMENT ON FUNCTION "ledger"."decline_request"(uuid, jsonb) IS 'Who was asked says no: {id}.';

COMMENT ON FUNCTION "ledger"."deposit_event"(uuid, text, jsonb) IS 'What came of deposit.succeeded or deposit.failed about this deposit, which is locked: as of a payout, or wallet_unavailable when the wallet is frozen or closed, or beyond_the_books when the funding account can owe no more.';

COMMENT ON FUNCTION "ledger"."divide"(bigint, integer[]) IS 'An amount in proportion to shares, exactly: each gets the whole minor units of its part, and what is left goes one by one to the largest remainders, of equal ones to the first named.';

COMMENT ON FUNCTION "ledger"."expiry_in"(jsonb) IS 'When what a command opens ends by itself: after expires_in_s, or 7 days; else 422 request.unprocessable.';

COMMENT ON FUNCTION "ledger"."fail_parts"(integer, text, text, text, jsonb) IS 'As app_hidden.fail, and says which parts of the request it is about: a list of {path, code, message}, which the API answers as `errors`.';

COMMENT ON FUNCTION "ledger"."fail_withdrawal"(uuid, text) IS 'Ends a withdrawal without payment: its hold is voided and the money is available again. False when it was over.';

COMMENT ON FUNCTION "ledger"."fee_of"(text, text, bigint) IS 'The fee of the rule for this kind of transfer, in minor units: 0 where there is none; never more than the amount it is taken from.';

COMMENT ON FUNCTION "ledger"."find_person"(text) IS 'The id of a person by id or username; null when there is nobody.';

COMMENT ON FUNCTION "ledger"."findings"(boolean) IS 'All invariants of the ledger with the number of violations: over everything, or over what moved since the last audit.';

COMMENT ON FUNCTION "ledger"."first_seq_since"(bigint, uuid, timestamp with time zone) IS 'The seq with which a period begins in somebody''s available account: 1 for null, the next one to come where nothing was booked since.';

COMMENT ON FUNCTION "ledger"."fold"(bigint) IS 'Books up to 2,000 queued legs of an account as entries, in the order in which they came, and says how many.';

COMMENT ON FUNCTION "ledger"."free_up"(bigint) IS 'Books queued credits of a locked account, and gives it back what its owner''s expired holds still keep.';

COMMENT ON FUNCTION "ledger"."hold_of"(uuid) IS 'A hold as its payer and its payee see it: the row of public.holds.';

COMMENT ON FUNCTION "ledger"."id_in"(jsonb) IS 'The id that a command names; null, which nothing has, when it is not a uuid.';

COMMENT ON FUNCTION "ledger"."is_hold"(text, text, bigint, bigint, bigint) IS 'Whether this is a kind and a state of a hold, and amount, captured part and fee are such as can be.';

COMMENT ON FUNCTION "ledger"."keep_event"() IS 'Trigger on provider_events: only the outcome of an event may change.';

COMMENT ON FUNCTION "ledger"."line"(uuid, text, text, bigint, timestamp with time zone, uuid, text, text) IS 'What an entry says, as text: transfer|kind|currency|signed minor units|microseconds since 1970 (UTC)|counterparty|length of category|category|description.';

COMMENT ON FUNCTION "ledger"."link"(bytea, bigint, bigint, text) IS 'The hash of an entry: sha256 of the hash before it (nothing for the first) and of seq|balance|line in UTF-8.';

COMMENT ON FUNCTION "ledger"."link_account"(uuid, jsonb) IS 'Remembers where a person''s withdrawals can go: {provider, provider_token, kind, bank_name, last4, currency}. The same token again is the same account.';

COMMENT ON FUNCTION "ledger"."lock_for_hold"(uuid, text, jsonb) IS 'Waits for what placing or capturing a hold locks first: the payer''s account, or the hold.';

COMMENT ON FUNCTION "ledger"."open_deposit"(uuid, jsonb) IS 'Notes that a person is about to pay in {amount, currency, provider}; 422 wallet.limit_exceeded above the most of the currency. Nothing is booked before the provider says that the money is there.';

COMMENT ON FUNCTION "ledger"."parse_amount"(text, text) IS 'Decimal text in a currency as minor units; else 422 wallet.unknown_currency or as above.';

COMMENT ON FUNCTION "ledger"."part"(text, text, text) IS 'One part of a request for ledger.fail_parts, such as transfers.3 of the body, and what is wrong with it.';

COMMENT ON FUNCTION "ledger"."pay_request"(uuid, jsonb) IS 'Who was asked pays, by a transfer like any other: {id}.';

COMMENT ON FUNCTION "ledger"."paying_account"(uuid, text) IS 'The available account of a payer; else 402 wallet.insufficient_funds or 403 wallet.frozen.';

COMMENT ON FUNCTION "ledger"."payment_event"(text, text, jsonb) IS 'What came of an event about a withdrawal or a deposit: unknown_reference, amount_differs, reference_differs, or what ledger.payout_event or ledger.deposit_event says.';

COMMENT ON FUNCTION "ledger"."payout_event"(uuid, text, jsonb) IS 'What came of payout.paid or payout.failed about this withdrawal, which is locked: applied, already_applied or contradicts.';

COMMENT ON FUNCTION "ledger"."place_hold"(uuid, jsonb) IS 'Sets money of the actor aside for a recipient until it is captured, voided or expired: {recipient, amount, currency, expires_in_s, description, category}.';

COMMENT ON FUNCTION "ledger"."place_plain_hold"(uuid, uuid, text, bytea, jsonb) IS 'What a command place_hold does, when nothing stands in the way: gives the hold, or null, and nothing changed.';

COMMENT ON FUNCTION "ledger"."plain_amount"(text, smallint) IS 'Decimal text as minor units above zero; null when it is none, or too long to be sure of.';

COMMENT ON FUNCTION "ledger"."plain_items"(uuid[], text[], bytea[], text[], text[], text[], text[], text[]) IS 'Those of the requested transfers that need nothing special, with all that booking them takes; null when there is none.';

COMMENT ON FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text, uuid) IS 'Books one transfer of 2..n legs (account, signed minor units; each account once) and gives its id; refuses with 402, 403, 404 or 422 and changes nothing.';

COMMENT ON FUNCTION "ledger"."post_split"(uuid, text, bigint[], bigint[], bigint[], text, text) IS 'Books a split, or names the recipients whose wallets cannot receive money.';

COMMENT ON FUNCTION "ledger"."recipient_parts"(integer[], text, text) IS 'The same for recipients of a split, by their numbers from 1; null when there are none.';

COMMENT ON FUNCTION "ledger"."refuse"(bigint, bigint, text) IS 'Raises the business failure that kept a posting from taking this much from an account.';

COMMENT ON FUNCTION "ledger"."refuse_hold"(uuid) IS 'Raises the business failure of a hold that is not open any more: 409 wallet.hold_expired or wallet.hold_resolved.';

COMMENT ON FUNCTION "ledger"."refuse_twin"() IS 'Undoes a request whose twin was quicker; its caller runs it again.';

COMMENT ON FUNCTION "ledger"."release_expired"(uuid, text) IS 'Gives up to 1,000 expired holds of a person back to available, without waiting for a hold. Accounts it waits for: pending, so lock available before.';

COMMENT ON FUNCTION "ledger"."release_hold"(ledger.holds) IS 'Books the money of a hold back from pending to available. Its state was set to voided or expired before, in the same transaction.';

COMMENT ON FUNCTION "ledger"."request_of"(uuid) IS 'A payment request as both sides see it: the row of public.payment_requests.';

COMMENT ON FUNCTION "ledger"."request_payment"(uuid, jsonb) IS 'Asks somebody for money: {payer, amount, currency, description, category, expires_in_s}.';

COMMENT ON FUNCTION "ledger"."resolve_request"(uuid, uuid, text) IS 'Sets an open request to paid or declined (its payer) or cancelled (its requester), once; else 403, 404 wallet.request_not_found or 409 wallet.request_resolved.';

COMMENT ON FUNCTION "ledger"."reverse"(uuid, jsonb) IS 'The payee of a payment or a capture gives all of it back: {id, reason}.';

COMMENT ON FUNCTION "ledger"."reverse_transfer"(ledger.transfers, text) IS 'Books a transfer or a capture back, fees too, once, and gives the id of the reversal; else 402, 409 wallet.already_reversed or 422 wallet.not_reversible.';

COMMENT ON FUNCTION "ledger"."run_command"(uuid, text, bytea, text, jsonb) IS 'Runs one command of a person: 200 or 201 with its answer, or the refusal as {code, detail, hint} and, where it is about parts of the request, errors; both are stored under the key and replayed to a retry.';

COMMENT ON FUNCTION "ledger"."send"(uuid, jsonb) IS 'Sends money to somebody: {recipient, amount, currency, description, category}; gives the transaction as the payer sees it.';

COMMENT ON FUNCTION "ledger"."settle"(uuid) IS 'Books what a person''s queue holds and releases their expired holds, so that a statement is whole.';

COMMENT ON FUNCTION "ledger"."settle_provider_event"(text, text) IS 'Applies a kept event if it can be applied now, as it first arrived, and keeps what came of it; duplicate when nothing is left to do.';

COMMENT ON FUNCTION "ledger"."split"(uuid, jsonb) IS 'One payer pays up to 100 people in one transfer, all or none: {amount, currency, recipients: [{recipient, amount} or {recipient, share}], description, category}.';

COMMENT ON FUNCTION "ledger"."split_amounts"(bigint, text, jsonb) IS 'What each recipient of a split gets, in their order: as stated, or by shares; all of it sums to the amount, else 422 wallet.invalid_split.';

COMMENT ON FUNCTION "ledger"."split_people"(uuid, jsonb) IS 'The recipients of a split, in their order; else the refusal of the first whom the actor cannot pay, or 422 wallet.invalid_split.';

COMMENT ON FUNCTION "ledger"."stated_amounts"(text, jsonb) IS 'The amounts of a split as stated; else as ledger.parse_amount refuses the first that is none.';

COMMENT ON FUNCTION "ledger"."statement_account"(uuid, text) IS 'The account that a person''s statement is of; else 404 wallet.not_found.';

COMMENT ON FUNCTION "ledger"."sums_to_zero"(bigint[]) IS 'Whether these legs take as much as they give.';

COMMENT ON FUNCTION "ledger"."system_account"(text, text) IS 'The id of the system''s account: funding, payouts or fees of a currency.';

COMMENT ON FUNCTION "ledger"."transaction_of"(uuid, uuid) IS 'A booked transfer as one side sees it: the row of public.transactions.';

COMMENT ON FUNCTION "ledger"."transfer"(uuid, text, text, text, text, text) IS 'Checks what a person asked for and books it, fee included; gives the transfer id or refuses with 402, 403, 404 or 422.';

COMMENT ON FUNCTION "ledger"."unlink_account"(uuid, jsonb) IS 'Removes a linked account {id}; 409 wallet.linked_account_in_use while a withdrawal to it is on its way. The row stays for the withdrawals that went there; the worker tells the provider.';

COMMENT ON FUNCTION "ledger"."verify_chain"(bigint) IS 'Walks the hash chain of an account: how many entries, the seq of the first that does not follow from the one before, and whether all is well up to the head.';

COMMENT ON FUNCTION "ledger"."void_hold"(uuid, jsonb) IS 'The payee gives a hold up, and its money goes back to the payer at once: {id}.';

COMMENT ON FUNCTION "ledger"."withdraw"(uuid, jsonb) IS 'Sets money aside for a payout {linked_account_id, amount, currency}, fee included; the worker hands it to the provider. 422 wallet.linked_account_currency when the account is in another one; 503 wallet.withdrawals_stopped while the ledger is in doubt.';

COMMENT ON TABLE "admin"."corrections" IS 'Corrections of wallets: proposed by one operator, approved by another, who thereby books it against the funding account, or rejected.';

COMMENT ON TABLE "admin"."operators" IS 'Who may propose and approve corrections. All operators share one database role, so a code of their own tells them apart: it keeps one person from acting as two by mistake or alone, not the owner of the database from anything.';

COMMENT ON TABLE "ledger"."accounts" IS 'Balances. Of a user: available (spendable) and pending (held); of the system, one per currency: funding, payouts, fees. seq counts the entries, chain_head is the hash of the last one; day_minor and hour_count are what limits count.';

COMMENT ON TABLE "ledger"."audit_marks" IS 'How an account stood when an audit last found everything in order: the next one goes on from there.';

COMMENT ON TABLE "ledger"."audits" IS 'What each self-audit found, append-only: violations is a list of {invariant, violations}.';

COMMENT ON TABLE "ledger"."controls" IS 'Switches over the whole ledger, one row. The audit stops withdrawals when something does not add up.';

COMMENT ON TABLE "ledger"."currencies" IS 'ISO 4217: an amount of 1 is 10^exponent minor units. The limits are those of everybody who has none of their own; null is no limit. max_deposit_minor is the most that may be paid in at once.';

COMMENT ON TABLE "ledger"."deposits" IS 'Money on its way in. Booked from the funding account when the provider''s webhook says that it is there.';

COMMENT ON TABLE "ledger"."entries" IS 'The legs as booked, append-only: signed amount, the balance after it, and the hash over it and the entry before. seq has no gap in an account. Each is a whole line of a statement.';

COMMENT ON TABLE "ledger"."fee_rules" IS 'fee = amount * percent / 100 + fixed_minor, rounded half away from zero to the minor unit, then kept within minimum and maximum. The sender pays it on top, or the recipient gets the amount less the fee.';

COMMENT ON TABLE "ledger"."holds" IS 'Money set aside in the owner''s pending account until it is captured, voided or expired, once. transfer_id is the capture. Of kind withdrawal: until the payout provider says how it ended.';

COMMENT ON TABLE "ledger"."linked_accounts" IS 'Where a person''s withdrawals go: tokens of the payment provider, never account numbers. The worker has the provider forget a removed account (attempts, next_attempt_at, last_error), and then the token is forgotten here.';

COMMENT ON TABLE "ledger"."payment_requests" IS 'One person asks another for money; paid, declined, cancelled or expired, once.';

COMMENT ON TABLE "ledger"."provider_events" IS 'Each webhook of a payment provider once, with what came of it: applied, ignored, or why it could not be applied. What changed nothing is deleted after 90 days.';

COMMENT ON TABLE "ledger"."queued_entries" IS 'Legs that found their account busy: part of the balance at once, booked as entries in a moment. So nobody waits to pay somebody whom many pay.';

COMMENT ON TABLE "ledger"."reversals" IS 'Which transfer took back which one, and why. A transfer is reversed once.';

COMMENT ON TABLE "ledger"."transfers" IS 'What moved and why, append-only: leg i moves amounts[i] minor units into accounts[i], as its entry seqs[i], or 0 when it was queued. from_owner and to_owner are the people behind it (null: the system, or several).';

COMMENT ON TABLE "ledger"."withdrawals" IS 'Payouts on their way: requested here, submitted to the provider, then paid or failed as its webhook says. amount_minor reaches the bank, fee_minor is ours; both are held. failure is for the owner, last_error for operators.';

COMMENT ON TABLE "public"."blocks" IS 'Who wants nothing to do with whom. It works both ways and tells the other side nothing.';

COMMENT ON TYPE "ledger"."item" IS 'A plain transfer on its way through ledger.book_items; its ord is that of the request.';

COMMENT ON TYPE "ledger"."leg" IS 'One side of a ledger.item on its way to an entry; the payer''s side carries the request too.';

COMMENT ON VIEW "admin"."frozen_wallets" IS 'Whose wallets are frozen, which way, and who did it why.';

COMMENT ON VIEW "admin"."ledger_audit" IS 'The invariants of the ledger, checked now over everything.';

COMMENT ON VIEW "admin"."ledger_audits" IS 'What the scheduled audits found, newest first.';

COMMENT ON VIEW "admin"."provider_events" IS 'Webhooks of the payment provider that could not be applied. Mend the cause, then admin.retry_provider_event().';

COMMENT ON VIEW "admin"."withdrawals" IS 'Withdrawals on their way, oldest first.';

COMMENT ON VIEW "public"."deposits" IS 'The reader''s money on its way in: pending, completed or failed; checkout says how to pay while it is pending.';

COMMENT ON VIEW "public"."holds" IS 'Money that the reader has set aside for somebody, or that somebody has set aside for the reader.';

COMMENT ON VIEW "public"."linked_accounts" IS 'Where the reader''s withdrawals can go.';

COMMENT ON VIEW "public"."payment_requests" IS 'Who asked whom for money, of which the reader is one side.';

COMMENT ON VIEW "public"."transactions" IS 'What came in and went out of the reader''s wallet, and what is held or on its way. Page by (created_at, id) descending.';

COMMENT ON VIEW "public"."wallet" IS 'One row per currency of the reader. Amounts are decimal text; pending_balance is held money; total_earnings is all that was ever received from other people.';

COMMENT ON VIEW "public"."withdrawals" IS 'The reader''s payouts: requested, submitted to the provider, paid or failed.';

REVOKE ALL ON FUNCTION "admin"."add_operator"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."add_operator"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."add_operator"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."approve_correction"(uuid, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."approve_correction"(uuid, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."approve_correction"(uuid, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."assert_operator"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."assert_operator"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."assert_operator"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."decide_correction"(uuid, text, text, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."decide_correction"(uuid, text, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."decide_correction"(uuid, text, text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."freeze_wallet"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."freeze_wallet"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."freeze_wallet"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."limits_of"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."limits_of"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."limits_of"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."log"(text, text, text, jsonb, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."log"(text, text, text, jsonb, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."log"(text, text, text, jsonb, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."minor_units"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."minor_units"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."minor_units"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."propose_correction"(text, text, text, text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."propose_correction"(text, text, text, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."propose_correction"(text, text, text, text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."reject_correction"(uuid, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."reject_correction"(uuid, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."reject_correction"(uuid, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."remove_fee"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."remove_fee"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."remove_fee"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."remove_operator"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."remove_operator"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."remove_operator"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."require_reason"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."require_reason"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."require_reason"(text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."resume_withdrawals"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."resume_withdrawals"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."resume_withdrawals"(text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."retry_provider_event"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."retry_provider_event"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."retry_provider_event"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."reverse_transfer"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."reverse_transfer"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."reverse_transfer"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."set_fee"(text, text, numeric, text, text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."set_fee"(text, text, numeric, text, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."set_fee"(text, text, numeric, text, text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."set_limits"(text, text, text, text, integer, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."set_limits"(text, text, text, text, integer, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."set_limits"(text, text, text, text, integer, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."stop_withdrawals"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."stop_withdrawals"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."stop_withdrawals"(text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."switch_withdrawals"(boolean, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."switch_withdrawals"(boolean, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."switch_withdrawals"(boolean, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."wallet_owner"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."wallet_owner"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."wallet_owner"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."is_blocked_pair"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_hidden"."is_blocked_pair"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_blocked_pair"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."account_unlinked"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."account_unlinked"(uuid) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."account_unlinked"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."account_unlinked"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."apply_provider_event"(text, text, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."apply_provider_event"(text, text, text, jsonb) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."apply_provider_event"(text, text, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."apply_provider_event"(text, text, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."attach_deposit"(uuid, text, jsonb, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."attach_deposit"(uuid, text, jsonb, text) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."attach_deposit"(uuid, text, jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."attach_deposit"(uuid, text, jsonb, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."audit_ledger"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."audit_ledger"(text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."audit_ledger"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."audit_ledger"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."broadcast_wallet"(jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."broadcast_wallet"(jsonb) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."broadcast_wallet"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."broadcast_wallet"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_unlinked_accounts"(text[], integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_unlinked_accounts"(text[], integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_unlinked_accounts"(text[], integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_unlinked_accounts"(text[], integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_withdrawals"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_withdrawals"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_withdrawals"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_withdrawals"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."deposit_payload"(ledger.deposits) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."deposit_payload"(ledger.deposits) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."deposit_payload"(ledger.deposits) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."deposit_refused"(uuid, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."deposit_refused"(uuid, text) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."deposit_refused"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."deposit_refused"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."expire_holds"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."expire_holds"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."expire_holds"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."expire_holds"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."expire_payment_requests"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."expire_payment_requests"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."expire_payment_requests"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."expire_payment_requests"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fold_queued_entries"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."fold_queued_entries"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."fold_queued_entries"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fold_queued_entries"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."linked_account_payload"(ledger.linked_accounts) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."linked_account_payload"(ledger.linked_accounts) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."linked_account_payload"(ledger.linked_accounts) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."post_transactions"(uuid[], uuid[], text[], bytea[], text[], text[], text[], text[], text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."post_transactions"(uuid[], uuid[], text[], bytea[], text[], text[], text[], text[], text[]) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."post_transactions"(uuid[], uuid[], text[], bytea[], text[], text[], text[], text[], text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."post_transactions"(uuid[], uuid[], text[], bytea[], text[], text[], text[], text[], text[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_provider_events"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_provider_events"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_provider_events"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_provider_events"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."request_payload"(ledger.payment_requests) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."request_payload"(ledger.payment_requests) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."request_payload"(ledger.payment_requests) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."statement"(uuid, text, timestamp WITH time zone, timestamp WITH time zone, integer, bigint) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."statement"(uuid, text, timestamp WITH time zone, timestamp WITH time zone, integer, bigint) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."statement"(uuid, text, timestamp WITH time zone, timestamp WITH time zone, integer, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."statement"(uuid, text, timestamp WITH time zone, timestamp WITH time zone, integer, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."statement_header"(uuid, text, timestamp WITH time zone, timestamp WITH time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."statement_header"(uuid, text, timestamp WITH time zone, timestamp WITH time zone) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."statement_header"(uuid, text, timestamp WITH time zone, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."statement_header"(uuid, text, timestamp WITH time zone, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_audit_failed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_audit_failed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_audit_failed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_deposit_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_deposit_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_deposit_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_frozen_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_frozen_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_frozen_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_hold_placed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_hold_placed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_hold_placed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_hold_resolved"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_hold_resolved"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_hold_resolved"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_linked_account_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_linked_account_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_linked_account_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_request_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_request_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_request_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_withdrawal_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_withdrawal_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_withdrawal_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."transfer_legs"(bigint[], bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."transfer_legs"(bigint[], bigint[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."transfer_legs"(bigint[], bigint[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."unlink_retry"(uuid, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."unlink_retry"(uuid, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."unlink_retry"(uuid, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."unlink_retry"(uuid, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."wallet_command"(uuid, uuid, text, bytea, text, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."wallet_command"(uuid, uuid, text, bytea, text, jsonb) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."wallet_command"(uuid, uuid, text, bytea, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."wallet_command"(uuid, uuid, text, bytea, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."wallet_stats"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."wallet_stats"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."wallet_stats"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."wallet_stats"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."withdrawal_payload"(ledger.withdrawals) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."withdrawal_payload"(ledger.withdrawals) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."withdrawal_payload"(ledger.withdrawals) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."withdrawal_refused"(uuid, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."withdrawal_refused"(uuid, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."withdrawal_refused"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."withdrawal_refused"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."withdrawal_retry"(uuid, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."withdrawal_retry"(uuid, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."withdrawal_retry"(uuid, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."withdrawal_retry"(uuid, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."withdrawal_submitted"(uuid, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."withdrawal_submitted"(uuid, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."withdrawal_submitted"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."withdrawal_submitted"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."assert_account"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."assert_account"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."assert_account"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."assert_legs"(uuid, bigint, bigint[], bigint[], bigint[], text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."assert_legs"(uuid, bigint, bigint[], bigint[], bigint[], text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."assert_legs"(uuid, bigint, bigint[], bigint[], bigint[], text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."assert_posted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."assert_posted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."assert_posted"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."audit"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."audit"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."audit"() TO "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."audit"() TO "service_role";

REVOKE ALL ON FUNCTION "ledger"."audit_entries"(boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."audit_entries"(boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."audit_entries"(boolean) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."audit_recent_transfers"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."audit_recent_transfers"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."audit_recent_transfers"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."audit_state"(boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."audit_state"(boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."audit_state"(boolean) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."audit_transfers"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."audit_transfers"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."audit_transfers"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."batch"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."batch"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."batch"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."batch_one_by_one"(uuid, jsonb, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."batch_one_by_one"(uuid, jsonb, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."batch_one_by_one"(uuid, jsonb, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."batch_together"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."batch_together"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."batch_together"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."book_items"(ledger.item[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."book_items"(ledger.item[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."book_items"(ledger.item[]) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."cancel_request"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."cancel_request"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."cancel_request"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."capture_hold"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."capture_hold"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."capture_hold"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."capture_plain_hold"(uuid, uuid, text, bytea, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."capture_plain_hold"(uuid, uuid, text, bytea, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."capture_plain_hold"(uuid, uuid, text, bytea, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."chained"(ledger.leg[], timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."chained"(ledger.leg[], timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."chained"(ledger.leg[], timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."complete_deposit"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."complete_deposit"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."complete_deposit"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."complete_withdrawal"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."complete_withdrawal"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."complete_withdrawal"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."counterparty"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."counterparty"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."counterparty"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."credit"(bigint, bigint, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."credit"(bigint, bigint, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."credit"(bigint, bigint, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."debit"(bigint, bigint, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."debit"(bigint, bigint, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."debit"(bigint, bigint, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."decline_request"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."decline_request"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."decline_request"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."deposit_event"(uuid, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."deposit_event"(uuid, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."deposit_event"(uuid, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."divide"(bigint, integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."divide"(bigint, integer[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."divide"(bigint, integer[]) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."expiry_in"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."expiry_in"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."expiry_in"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."fail_parts"(integer, text, text, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."fail_parts"(integer, text, text, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."fail_parts"(integer, text, text, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."fail_withdrawal"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."fail_withdrawal"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."fail_withdrawal"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."fee_of"(text, text, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."fee_of"(text, text, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."fee_of"(text, text, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."find_person"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."find_person"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."find_person"(text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."findings"(boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."findings"(boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."findings"(boolean) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."first_seq_since"(bigint, uuid, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."first_seq_since"(bigint, uuid, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."first_seq_since"(bigint, uuid, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."fold"(bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."fold"(bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."fold"(bigint) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."free_up"(bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."free_up"(bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."free_up"(bigint) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."hold_of"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."hold_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."hold_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."id_in"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."id_in"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."id_in"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."is_hold"(text, text, bigint, bigint, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."is_hold"(text, text, bigint, bigint, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."is_hold"(text, text, bigint, bigint, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."keep_event"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."keep_event"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."keep_event"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."line"(uuid, text, text, bigint, timestamp WITH time zone, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."line"(uuid, text, text, bigint, timestamp WITH time zone, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."line"(uuid, text, text, bigint, timestamp WITH time zone, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."link"(bytea, bigint, bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."link"(bytea, bigint, bigint, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."link"(bytea, bigint, bigint, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."link_account"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."link_account"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."link_account"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."lock_for_hold"(uuid, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."lock_for_hold"(uuid, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."lock_for_hold"(uuid, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."open_deposit"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."open_deposit"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."open_deposit"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."parse_amount"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."parse_amount"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."parse_amount"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."part"(text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."part"(text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."part"(text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."pay_request"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."pay_request"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."pay_request"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."paying_account"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."paying_account"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."paying_account"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."payment_event"(text, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."payment_event"(text, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."payment_event"(text, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."payout_event"(uuid, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."payout_event"(uuid, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."payout_event"(uuid, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."place_hold"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."place_hold"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."place_hold"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."place_plain_hold"(uuid, uuid, text, bytea, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."place_plain_hold"(uuid, uuid, text, bytea, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."place_plain_hold"(uuid, uuid, text, bytea, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."plain_amount"(text, smallint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."plain_amount"(text, smallint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."plain_amount"(text, smallint) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."plain_items"(uuid[], text[], bytea[], text[], text[], text[], text[], text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."plain_items"(uuid[], text[], bytea[], text[], text[], text[], text[], text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."plain_items"(uuid[], text[], bytea[], text[], text[], text[], text[], text[]) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."post"(text, text, bigint[], bigint[], uuid, uuid, text, text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."post_split"(uuid, text, bigint[], bigint[], bigint[], text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."post_split"(uuid, text, bigint[], bigint[], bigint[], text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."post_split"(uuid, text, bigint[], bigint[], bigint[], text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."recipient_parts"(integer[], text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."recipient_parts"(integer[], text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."recipient_parts"(integer[], text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."refuse"(bigint, bigint, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."refuse"(bigint, bigint, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."refuse"(bigint, bigint, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."refuse_hold"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."refuse_hold"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."refuse_hold"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."refuse_twin"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."refuse_twin"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."refuse_twin"() TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."release_expired"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."release_expired"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."release_expired"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."release_hold"(ledger.holds) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."release_hold"(ledger.holds) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."release_hold"(ledger.holds) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."request_of"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."request_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."request_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."request_payment"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."request_payment"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."request_payment"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."resolve_request"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."resolve_request"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."resolve_request"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."reverse"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."reverse"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."reverse"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."reverse_transfer"(ledger.transfers, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."reverse_transfer"(ledger.transfers, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."reverse_transfer"(ledger.transfers, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."run_command"(uuid, text, bytea, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."run_command"(uuid, text, bytea, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."run_command"(uuid, text, bytea, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."send"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."send"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."send"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."settle"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."settle"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."settle"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."settle_provider_event"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."settle_provider_event"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."settle_provider_event"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."split"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."split"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."split"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."split_amounts"(bigint, text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."split_amounts"(bigint, text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."split_amounts"(bigint, text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."split_people"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."split_people"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."split_people"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."stated_amounts"(text, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."stated_amounts"(text, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."stated_amounts"(text, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."statement_account"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."statement_account"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."statement_account"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."sums_to_zero"(bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."sums_to_zero"(bigint[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."sums_to_zero"(bigint[]) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."system_account"(text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."system_account"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."system_account"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."transaction_of"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."transaction_of"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."transaction_of"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."transfer"(uuid, text, text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."transfer"(uuid, text, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."transfer"(uuid, text, text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."unlink_account"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."unlink_account"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."unlink_account"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."verify_chain"(bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."verify_chain"(bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."verify_chain"(bigint) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."void_hold"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."void_hold"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."void_hold"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "ledger"."withdraw"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "ledger"."withdraw"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "ledger"."withdraw"(uuid, jsonb) TO "postgres";

GRANT SELECT ON TABLE "admin"."corrections" TO "service_role";

GRANT SELECT ("amount_minor") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("checkout") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("created_at") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("currency") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("failure") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("id") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("owner") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("provider") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("state") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("updated_at") ON TABLE "ledger"."deposits" TO "authenticated";

GRANT SELECT ("amount_minor") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("checkout") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("created_at") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("currency") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("failure") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("id") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("owner") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("provider") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("state") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ("updated_at") ON TABLE "ledger"."deposits" TO "service_role";

GRANT SELECT ON TABLE "ledger"."fee_rules" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "ledger"."holds" TO "authenticated", "service_role";

GRANT SELECT ("bank_name") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("created_at") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("currency") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("id") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("kind") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("last4") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("owner") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("provider") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("removed_at") ON TABLE "ledger"."linked_accounts" TO "authenticated";

GRANT SELECT ("bank_name") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ("created_at") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ("currency") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ("id") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ("kind") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ("last4") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ("owner") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ("provider") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ("removed_at") ON TABLE "ledger"."linked_accounts" TO "service_role";

GRANT SELECT ON TABLE "ledger"."payment_requests" TO "authenticated", "service_role";

GRANT SELECT ON TABLE "ledger"."queued_entries" TO "authenticated", "service_role";

GRANT SELECT ("amount_minor") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("created_at") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("currency") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("failure") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("fee_minor") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("id") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("linked_account_id") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("owner") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("state") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("updated_at") ON TABLE "ledger"."withdrawals" TO "authenticated";

GRANT SELECT ("amount_minor") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("created_at") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("currency") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("failure") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("fee_minor") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("id") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("linked_account_id") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("owner") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("state") ON TABLE "ledger"."withdrawals" TO "service_role";

GRANT SELECT ("updated_at") ON TABLE "ledger"."withdrawals" TO "service_role";

REVOKE ALL ON TABLE "public"."blocks" FROM "authenticated";

REVOKE ALL ("blocked_id") ON TABLE "public"."blocks" FROM "authenticated";

GRANT INSERT ("blocked_id") ON TABLE "public"."blocks" TO "authenticated";

REVOKE ALL ("blocker_id") ON TABLE "public"."blocks" FROM "authenticated";

GRANT INSERT ("blocker_id") ON TABLE "public"."blocks" TO "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."blocks" TO "authenticated";

REVOKE ALL ON TABLE "public"."blocks" FROM "service_role";

GRANT SELECT ON TABLE "public"."blocks" TO "service_role";

GRANT SELECT ON TABLE "admin"."frozen_wallets" TO "service_role";

GRANT SELECT ON TABLE "admin"."ledger_audit" TO "service_role";

GRANT SELECT ON TABLE "admin"."ledger_audits" TO "service_role";

GRANT SELECT ON TABLE "admin"."provider_events" TO "service_role";

GRANT SELECT ON TABLE "admin"."withdrawals" TO "service_role";

REVOKE ALL ON TABLE "public"."deposits" FROM "authenticated";

GRANT SELECT ON TABLE "public"."deposits" TO "authenticated";

REVOKE ALL ON TABLE "public"."deposits" FROM "service_role";

GRANT SELECT ON TABLE "public"."deposits" TO "service_role";

REVOKE ALL ON TABLE "public"."holds" FROM "authenticated";

GRANT SELECT ON TABLE "public"."holds" TO "authenticated";

REVOKE ALL ON TABLE "public"."holds" FROM "service_role";

GRANT SELECT ON TABLE "public"."holds" TO "service_role";

REVOKE ALL ON TABLE "public"."linked_accounts" FROM "authenticated";

GRANT SELECT ON TABLE "public"."linked_accounts" TO "authenticated";

REVOKE ALL ON TABLE "public"."linked_accounts" FROM "service_role";

GRANT SELECT ON TABLE "public"."linked_accounts" TO "service_role";

REVOKE ALL ON TABLE "public"."payment_requests" FROM "authenticated";

GRANT SELECT ON TABLE "public"."payment_requests" TO "authenticated";

REVOKE ALL ON TABLE "public"."payment_requests" FROM "service_role";

GRANT SELECT ON TABLE "public"."payment_requests" TO "service_role";

REVOKE ALL ON TABLE "public"."transactions" FROM "authenticated";

GRANT SELECT ON TABLE "public"."transactions" TO "authenticated";

REVOKE ALL ON TABLE "public"."transactions" FROM "service_role";

GRANT SELECT ON TABLE "public"."transactions" TO "service_role";

REVOKE ALL ON TABLE "public"."wallet" FROM "authenticated";

GRANT SELECT ON TABLE "public"."wallet" TO "authenticated";

REVOKE ALL ON TABLE "public"."wallet" FROM "service_role";

GRANT SELECT ON TABLE "public"."wallet" TO "service_role";

REVOKE ALL ON TABLE "public"."withdrawals" FROM "authenticated";

GRANT SELECT ON TABLE "public"."withdrawals" TO "authenticated";

REVOKE ALL ON TABLE "public"."withdrawals" FROM "service_role";

GRANT SELECT ON TABLE "public"."withdrawals" TO "service_role";

ALTER TABLE "ledger"."holds"
  ADD CONSTRAINT "is_hold" CHECK (ledger.is_hold(kind, state, amount_minor, captured_minor, fee_minor));

-- carried over: transfers name the entries that book them, and entries are chained by hashes, from the first one on
ALTER TABLE ledger.transfers DISABLE TRIGGER append_only;
UPDATE ledger.transfers t
SET accounts = e.accounts, amounts = e.amounts, seqs = e.seqs
FROM (
  SELECT e.transfer_id, array_agg(e.account_id ORDER BY e.amount_minor) AS accounts, array_agg(e.amount_minor ORDER BY e.amount_minor) AS amounts,
    array_agg(e.seq ORDER BY e.amount_minor) AS seqs
  FROM ledger.entries e GROUP BY e.transfer_id
) e
WHERE e.transfer_id = t.id AND cardinality(t.accounts) = 0;
ALTER TABLE ledger.transfers ENABLE TRIGGER append_only;

ALTER TABLE ledger.entries DISABLE TRIGGER append_only;
DO $$
DECLARE
  v_entry record;
  v_account bigint;
  v_head bytea;
BEGIN
  FOR v_entry IN SELECT * FROM ledger.entries WHERE hash = '\x' ORDER BY account_id, seq LOOP
    IF v_account IS DISTINCT FROM v_entry.account_id THEN
      v_account := v_entry.account_id;
      v_head := '\x';
    END IF;
    v_head := ledger.link(v_head, v_entry.seq, v_entry.balance_minor, ledger.line(v_entry.transfer_id, v_entry.kind, v_entry.currency,
      v_entry.amount_minor, v_entry.created_at, v_entry.counterparty, v_entry.category, v_entry.description));
    UPDATE ledger.entries SET hash = v_head WHERE account_id = v_entry.account_id AND seq = v_entry.seq;
    UPDATE ledger.accounts SET chain_head = v_head WHERE id = v_entry.account_id;
  END LOOP;
END
$$;
ALTER TABLE ledger.entries ENABLE TRIGGER append_only;
