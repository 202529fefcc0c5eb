-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

REVOKE ALL ON TABLE "public"."conversations" FROM "authenticated";

DROP POLICY "people read their own posts, and those they are shown" ON "public"."posts";

DROP TRIGGER "tell_message_created" ON "public"."messages";

DROP INDEX "app_private"."chat_notices_created_at_idx";

DROP INDEX "public"."bookmarks_user_idx";

DROP INDEX "public"."follows_following_idx";

DROP INDEX "public"."mutes_muted_id_idx";

ALTER TABLE "public"."conversation_members"
  DROP CONSTRAINT "state_known";

ALTER TABLE "public"."conversations"
  DROP CONSTRAINT "group_of_a_group";

ALTER TABLE "public"."conversations"
  DROP CONSTRAINT "kind_known";

ALTER TABLE "public"."conversations"
  DROP CONSTRAINT "pair_in_order";

ALTER TABLE "public"."conversations"
  DROP CONSTRAINT "timer_bounded";

ALTER TABLE "public"."groups"
  DROP CONSTRAINT "avatar_url_shape";

ALTER TABLE "public"."groups"
  DROP CONSTRAINT "cover_url_shape";

ALTER TABLE "public"."messages"
  DROP CONSTRAINT "content_length";

ALTER TABLE "public"."messages"
  DROP CONSTRAINT "duration_bounded";

ALTER TABLE "public"."messages"
  DROP CONSTRAINT "kind_known";

ALTER TABLE "public"."messages"
  DROP CONSTRAINT "media_bounded";

ALTER TABLE "public"."messages"
  DROP CONSTRAINT "mentions_bounded";

ALTER TABLE "public"."messages"
  DROP CONSTRAINT "waveform_bounded";

ALTER TABLE "public"."profiles"
  DROP CONSTRAINT "avatar_url_shape";

DROP FUNCTION "app_private"."assert_calm_in_groups"(text, uuid);

DROP FUNCTION "app_private"."count_differences"(uuid[], uuid[]);

DROP FUNCTION "app_private"."lock_to_act"(uuid, public.messages);

DROP FUNCTION "app_private"."membership"(uuid, uuid, text);

DROP FUNCTION "app_private"."mentions_of"(uuid, uuid[]);

DROP FUNCTION "app_private"."muted_by"(uuid);

DROP FUNCTION "app_private"."next_change"(uuid);

DROP FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, uuid[]);

DROP FUNCTION "app_private"."renew_epochs"(uuid[]);

DROP FUNCTION "app_private"."sent_before"(uuid, public.messages, uuid);

DROP FUNCTION "app_private"."shared_cards"(uuid, uuid[]);

DROP FUNCTION "app_private"."tell_message_created"();

DROP FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid);

DROP FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid);

ALTER TABLE "app_private"."chat_notices"
  DROP COLUMN "created_at";

ALTER TABLE "app_private"."chat_notices"
  DROP COLUMN "epoch";

CREATE TABLE "app_private"."call_rules" (
  "single"                    boolean  NOT NULL DEFAULT true,
  "max_people"                integer  NOT NULL DEFAULT 8,
  "ring_for"                  interval NOT NULL DEFAULT '00:00:45'::interval,
  "there_for"                 interval NOT NULL DEFAULT '00:00:15'::interval,
  "reported_for"              interval NOT NULL DEFAULT '00:00:03'::interval,
  "reported_after"            interval NOT NULL DEFAULT '00:00:07'::interval,
  "lasts_up_to"               interval NOT NULL DEFAULT '12:00:00'::interval,
  "keep_for"                  interval NOT NULL DEFAULT '1 year'::interval,
  "rings_per_minute"          integer  DEFAULT 30,
  "rings_per_day"             integer  DEFAULT 600,
  "unanswered_per_10_minutes" integer  DEFAULT 5,
  "unanswered_per_day"        integer  DEFAULT 30,
  "returns_per_10_minutes"    integer  DEFAULT 20,
  "reports_per_10_minutes"    integer  DEFAULT 60,
  CONSTRAINT "call_rules_keep_for_check" CHECK ((keep_for > '00:00:00'::interval)),
  CONSTRAINT "call_rules_lasts_up_to_check" CHECK ((lasts_up_to > '00:00:00'::interval)),
  CONSTRAINT "call_rules_max_people_check" CHECK (((max_people >= 2) AND (max_people <= 16))),
  CONSTRAINT "call_rules_pkey" PRIMARY KEY (single),
  CONSTRAINT "call_rules_reported_after_check" CHECK (((reported_after >= '00:00:00'::interval) AND (reported_after <= '00:05:00'::interval))),
  CONSTRAINT "call_rules_reported_for_check" CHECK (((reported_for >= '00:00:01'::interval) AND (reported_for <= '00:01:00'::interval))),
  CONSTRAINT "call_rules_reports_per_10_minutes_check" CHECK ((reports_per_10_minutes > 0)),
  CONSTRAINT "call_rules_returns_per_10_minutes_check" CHECK ((returns_per_10_minutes > 0)),
  CONSTRAINT "call_rules_ring_for_check" CHECK (((ring_for >= '00:00:05'::interval) AND (ring_for <= '00:05:00'::interval))),
  CONSTRAINT "call_rules_rings_per_day_check" CHECK ((rings_per_day > 0)),
  CONSTRAINT "call_rules_rings_per_minute_check" CHECK ((rings_per_minute > 0)),
  CONSTRAINT "call_rules_single_check" CHECK (single),
  CONSTRAINT "call_rules_there_for_check" CHECK (((there_for >= '00:00:03'::interval) AND (there_for <= '00:05:00'::interval))),
  CONSTRAINT "call_rules_unanswered_per_10_minutes_check" CHECK ((unanswered_per_10_minutes > 0)),
  CONSTRAINT "call_rules_unanswered_per_day_check" CHECK ((unanswered_per_day > 0))
);

ALTER TABLE "app_private"."call_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_deletions" (
  "media_id"     uuid                     NOT NULL,
  "owner_id"     uuid                     NOT NULL,
  "bucket"       text                     NOT NULL,
  "name"         text,
  "reason"       text                     NOT NULL,
  "attempts"     integer                  NOT NULL DEFAULT 0,
  "run_after"    timestamp with time zone NOT NULL DEFAULT now(),
  "last_error"   text,
  "held_bytes"   bigint                   NOT NULL DEFAULT 0,
  "is_watched"   boolean                  NOT NULL DEFAULT true,
  "requested_at" timestamp with time zone NOT NULL DEFAULT now(),
  "done_at"      timestamp with time zone,
  CONSTRAINT "reason_known"
    CHECK ((reason = ANY (ARRAY['owner'::text, 'unused'::text, 'refused'::text, 'abandoned'::text, 'account_deleted'::text, 'cleaned'::text, 'stray'::text]))),
  "id"           uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "media_deletions_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."media_deletions"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_quotas" (
  "user_id"     uuid   NOT NULL,
  "quota_bytes" bigint NOT NULL,
  CONSTRAINT "media_quotas_pkey" PRIMARY KEY (user_id),
  CONSTRAINT "media_quotas_quota_bytes_check" CHECK ((quota_bytes >= 0))
);

ALTER TABLE "app_private"."media_quotas"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_refs" (
  "media_id"    uuid    NOT NULL,
  "kind"        text    NOT NULL,
  "subject_id"  uuid    NOT NULL,
  "part"        bigint  NOT NULL DEFAULT 0,
  "is_of_other" boolean NOT NULL DEFAULT false,
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['post'::text, 'post_edit'::text, 'message'::text, 'avatar'::text, 'group_avatar'::text, 'group_cover'::text]))),
  CONSTRAINT "media_refs_pkey" PRIMARY KEY (media_id, kind, subject_id, part)
);

ALTER TABLE "app_private"."media_refs"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_rules" (
  "single"             boolean  NOT NULL DEFAULT true,
  "quota_bytes"        bigint   NOT NULL DEFAULT 1073741824,
  "media_per_person"   integer  NOT NULL DEFAULT 20000,
  "uploads_at_once"    integer  NOT NULL DEFAULT 20,
  "uploads_per_hour"   integer  NOT NULL DEFAULT 600,
  "uses_of_one"        integer  NOT NULL DEFAULT 200,
  "image_bytes"        bigint   NOT NULL DEFAULT 20971520,
  "audio_bytes"        bigint   NOT NULL DEFAULT 52428800,
  "video_bytes"        bigint   NOT NULL DEFAULT 209715200,
  "audio_ms"           integer  NOT NULL DEFAULT 3600000,
  "video_ms"           integer  NOT NULL DEFAULT 600000,
  "image_pixels"       bigint   NOT NULL DEFAULT 50000000,
  "unused_for"         interval NOT NULL DEFAULT '1 day'::interval,
  "no_longer_used_for" interval NOT NULL DEFAULT '00:10:00'::interval,
  CONSTRAINT "media_rules_audio_bytes_check" CHECK ((audio_bytes > 0)),
  CONSTRAINT "media_rules_audio_ms_check" CHECK ((audio_ms > 0)),
  CONSTRAINT "media_rules_image_bytes_check" CHECK ((image_bytes > 0)),
  CONSTRAINT "media_rules_image_pixels_check" CHECK ((image_pixels > 0)),
  CONSTRAINT "media_rules_media_per_person_check" CHECK ((media_per_person > 0)),
  CONSTRAINT "media_rules_no_longer_used_for_check" CHECK ((no_longer_used_for >= '00:00:00'::interval)),
  CONSTRAINT "media_rules_pkey" PRIMARY KEY (single),
  CONSTRAINT "media_rules_quota_bytes_check" CHECK ((quota_bytes > 0)),
  CONSTRAINT "media_rules_single_check" CHECK (single),
  CONSTRAINT "media_rules_unused_for_check" CHECK ((unused_for >= '00:00:00'::interval)),
  CONSTRAINT "media_rules_uploads_at_once_check" CHECK ((uploads_at_once > 0)),
  CONSTRAINT "media_rules_uploads_per_hour_check" CHECK ((uploads_per_hour > 0)),
  CONSTRAINT "media_rules_uses_of_one_check" CHECK ((uses_of_one > 0)),
  CONSTRAINT "media_rules_video_bytes_check" CHECK ((video_bytes > 0)),
  CONSTRAINT "media_rules_video_ms_check" CHECK ((video_ms > 0))
);

ALTER TABLE "app_private"."media_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."media_worker" (
  "single"       boolean                  NOT NULL DEFAULT true,
  "has_ffmpeg"   boolean,
  "seen_at"      timestamp with time zone,
  "swept_bucket" text                     NOT NULL DEFAULT ''::text,
  "swept_name"   text                     NOT NULL DEFAULT ''::text,
  CONSTRAINT "media_worker_pkey" PRIMARY KEY (single),
  CONSTRAINT "media_worker_single_check" CHECK (single)
);

ALTER TABLE "app_private"."media_worker"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notices" (
  "user_id"    uuid,
  "title"      text                     NOT NULL,
  "body"       text                     NOT NULL,
  "url"        text,
  "done_to"    uuid,
  "done_at"    timestamp with time zone,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "body_length" CHECK (((length(body) >= 1) AND (length(body) <= 1000))),
  CONSTRAINT "title_length" CHECK (((length(title) >= 1) AND (length(title) <= 120))),
  CONSTRAINT "url_shape" CHECK (((url ~ '^https?://'::text) AND (length(url) <= 2048))),
  "id"         uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "notices_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."notices"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_actors" (
  "notification_id" uuid                     NOT NULL,
  "actor_id"        uuid                     NOT NULL,
  "happened_at"     timestamp with time zone NOT NULL,
  "is_gone"         boolean                  NOT NULL DEFAULT false,
  "data"            jsonb                    NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT "notification_actors_pkey" PRIMARY KEY (notification_id, actor_id)
);

ALTER TABLE "app_private"."notification_actors"
  ENABLE ROW LEVEL SECURITY;

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
  "user_id"     uuid                     NOT NULL,
  "is_security" boolean                  NOT NULL DEFAULT false,
  "due_at"      timestamp with time zone,
  "again_at"    timestamp with time zone,
  "from_seq"    bigint                   NOT NULL DEFAULT 0,
  "to_seq"      bigint,
  "attempts"    integer                  NOT NULL DEFAULT 0,
  "last_error"  text,
  CONSTRAINT "notification_digests_pkey" PRIMARY KEY (user_id, is_security)
);

ALTER TABLE "app_private"."notification_digests"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_faults" (
  "event_id" uuid                     NOT NULL,
  "type"     text                     NOT NULL,
  "error"    text                     NOT NULL,
  "at"       timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "notification_faults_pkey" PRIMARY KEY (event_id)
);

ALTER TABLE "app_private"."notification_faults"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_reader" (
  "single"         boolean                  NOT NULL DEFAULT true,
  "done"           pg_snapshot              NOT NULL,
  "upto"           pg_snapshot,
  "after_tx"       xid8                     NOT NULL DEFAULT '0'::xid8,
  "after_position" bigint                   NOT NULL DEFAULT 0,
  "happened_to"    timestamp with time zone,
  CONSTRAINT "batch_is_whole" CHECK (((upto IS NOT NULL) OR (after_tx = '0'::xid8))),
  CONSTRAINT "notification_reader_pkey" PRIMARY KEY (single),
  CONSTRAINT "notification_reader_single_check" CHECK (single)
);

ALTER TABLE "app_private"."notification_reader"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_rules" (
  "single"             boolean  NOT NULL DEFAULT true,
  "group_for"          interval NOT NULL DEFAULT '1 day'::interval,
  "keep_for"           interval NOT NULL DEFAULT '90 days'::interval,
  "keep_per_person"    integer  NOT NULL DEFAULT 500,
  "conversation_up_to" integer  NOT NULL DEFAULT 100,
  "push_again_after"   interval NOT NULL DEFAULT '00:00:30'::interval,
  "digest_after"       interval NOT NULL DEFAULT '00:15:00'::interval,
  CONSTRAINT "notification_rules_conversation_up_to_check" CHECK (((conversation_up_to >= 2) AND (conversation_up_to <= 1000))),
  CONSTRAINT "notification_rules_digest_after_check" CHECK ((digest_after >= '00:00:00'::interval)),
  CONSTRAINT "notification_rules_group_for_check" CHECK ((group_for >= '00:00:00'::interval)),
  CONSTRAINT "notification_rules_keep_for_check" CHECK ((keep_for > '00:00:00'::interval)),
  CONSTRAINT "notification_rules_keep_per_person_check" CHECK (((keep_per_person >= 10) AND (keep_per_person <= 1000))),
  CONSTRAINT "notification_rules_pkey" PRIMARY KEY (single),
  CONSTRAINT "notification_rules_push_again_after_check" CHECK ((push_again_after >= '00:00:00'::interval)),
  CONSTRAINT "notification_rules_single_check" CHECK (single)
);

ALTER TABLE "app_private"."notification_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."notification_states" (
  "user_id"  uuid                     NOT NULL,
  "last_seq" bigint                   NOT NULL DEFAULT 0,
  "seen_seq" bigint                   NOT NULL DEFAULT 0,
  "told_seq" bigint                   NOT NULL DEFAULT 0,
  "told_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "marks"    bigint                   NOT NULL DEFAULT 0,
  CONSTRAINT "notification_states_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "app_private"."notification_states"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."notification_states"
  SET (fillfactor=50);

CREATE TABLE "app_private"."notification_webhooks" (
  "user_id"         uuid                     NOT NULL,
  "url"             text                     NOT NULL,
  "secret"          text                     NOT NULL,
  "failures"        integer                  NOT NULL DEFAULT 0,
  "failing_since"   timestamp with time zone,
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
  "user_id"         uuid                     NOT NULL,
  "session_id"      uuid                     NOT NULL,
  "endpoint"        text                     NOT NULL,
  "p256dh"          text                     NOT NULL,
  "auth"            text                     NOT NULL,
  "user_agent"      text,
  "expires_at"      timestamp with time zone,
  "failures"        integer                  NOT NULL DEFAULT 0,
  "failing_since"   timestamp with time zone,
  "disabled_at"     timestamp with time zone,
  "disabled_reason" text,
  "created_at"      timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "push_subscriptions_endpoint_key" UNIQUE (endpoint),
  "id"              uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "push_subscriptions_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."push_subscriptions"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."sign_in_devices" (
  "user_id" uuid                     NOT NULL,
  "device"  bytea                    NOT NULL,
  "seen_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "sign_in_devices_pkey" PRIMARY KEY (user_id, device)
);

ALTER TABLE "app_private"."sign_in_devices"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."call_participants" (
  "call_id"         uuid                     NOT NULL,
  "user_id"         uuid                     NOT NULL,
  "called_by"       uuid,
  "state"           text                     NOT NULL,
  "device_id"       uuid,
  "join_id"         uuid,
  "due_at"          timestamp with time zone,
  "heard_at"        timestamp with time zone,
  "reported_at"     timestamp with time zone,
  "created_at"      timestamp with time zone NOT NULL,
  "first_rung_at"   timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  "rung_at"         timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  "first_joined_at" timestamp with time zone,
  "joined_at"       timestamp with time zone,
  "left_at"         timestamp with time zone,
  "out_epoch"       integer,
  "out_version"     integer,
  CONSTRAINT "call_participants_pkey" PRIMARY KEY (call_id, user_id),
  CONSTRAINT "joined_with_a_device" CHECK (((state <> 'joined'::text) OR ((device_id IS NOT NULL) AND (joined_at IS NOT NULL) AND (heard_at IS NOT NULL)))),
  CONSTRAINT "live_until_due" CHECK (((state = ANY (ARRAY['ringing'::text, 'joined'::text])) = (due_at IS NOT NULL))),
  CONSTRAINT "state_known"
    CHECK ((state = ANY (ARRAY['ringing'::text, 'joined'::text, 'declined'::text, 'missed'::text, 'busy'::text, 'left'::text, 'removed'::text, 'lost'::text])))
);

ALTER TABLE "public"."call_participants"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."call_participants"
  SET (fillfactor=50);

REVOKE ALL ON TABLE "public"."call_participants" FROM "anon";

CREATE TABLE "public"."calls" (
  "id"           uuid                     NOT NULL,
  "kind"         text                     NOT NULL,
  "caller_id"    uuid,
  "group_id"     uuid,
  "is_direct"    boolean                  NOT NULL,
  "state"        text                     NOT NULL DEFAULT 'ringing'::text,
  "end_reason"   text,
  "epoch"        integer                  NOT NULL DEFAULT 1,
  "version"      integer                  NOT NULL DEFAULT 1,
  "request_hash" bigint                   NOT NULL,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "answered_at"  timestamp with time zone,
  "ended_at"     timestamp with time zone,
  CONSTRAINT "active_was_answered" CHECK (((state <> 'active'::text) OR (answered_at IS NOT NULL))),
  CONSTRAINT "calls_pkey" PRIMARY KEY (id),
  CONSTRAINT "end_is_told" CHECK ((((state = 'ended'::text) = (ended_at IS NOT NULL)) AND ((state = 'ended'::text) = (end_reason IS NOT NULL)))),
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['audio'::text, 'video'::text]))),
  CONSTRAINT "reason_known" CHECK ((end_reason = ANY (ARRAY['ended'::text, 'lost'::text, 'declined'::text, 'cancelled'::text, 'missed'::text, 'busy'::text]))),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['ringing'::text, 'active'::text, 'ended'::text])))
);

ALTER TABLE "public"."calls"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."calls"
  SET (fillfactor=70);

REVOKE ALL ON TABLE "public"."calls" FROM "anon";

CREATE TABLE "public"."media" (
  "owner_id"     uuid                     NOT NULL,
  "bucket"       text                     NOT NULL,
  "kind"         text                     NOT NULL,
  "state"        text                     NOT NULL DEFAULT 'pending'::text,
  "mime_type"    text                     NOT NULL,
  "size_bytes"   bigint                   NOT NULL,
  "width"        integer,
  "height"       integer,
  "duration_ms"  integer,
  "blurhash"     text,
  "files"        jsonb                    NOT NULL DEFAULT '[]'::jsonb,
  "error"        text,
  "attempts"     integer                  NOT NULL DEFAULT 0,
  "run_after"    timestamp with time zone NOT NULL DEFAULT now(),
  "delete_after" timestamp with time zone DEFAULT (now() + '03:00:00'::interval),
  "uploaded_at"  timestamp with time zone,
  "ready_at"     timestamp with time zone,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "blurhash_length" CHECK ((length(blurhash) <= 100)),
  CONSTRAINT "bucket_known" CHECK ((bucket = ANY (ARRAY['avatars'::text, 'covers'::text, 'posts'::text, 'messages'::text]))),
  CONSTRAINT "error_length" CHECK ((length(error) <= 100)),
  CONSTRAINT "files_bounded" CHECK (((jsonb_typeof(files) = 'array'::text) AND (length((files)::text) <= 8192))),
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['image'::text, 'video'::text, 'audio'::text]))),
  CONSTRAINT "mime_type_length" CHECK ((length(mime_type) <= 100)),
  CONSTRAINT "size_bytes_bounded" CHECK (((size_bytes >= 1) AND (size_bytes <= '10737418240'::bigint))),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['pending'::text, 'processing'::text, 'ready'::text, 'refused'::text]))),
  "id"           uuid                     NOT NULL DEFAULT app_hidden.new_id(),
  CONSTRAINT "media_pkey" PRIMARY KEY (id)
);

ALTER TABLE "public"."media"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."media" FROM "anon";

CREATE TABLE "public"."notifications" (
  "user_id"      uuid                     NOT NULL,
  "seq"          bigint                   NOT NULL,
  "kind"         text                     NOT NULL,
  "group_key"    text                     NOT NULL,
  "subject_type" text,
  "subject_id"   uuid,
  "data"         jsonb                    NOT NULL DEFAULT '{}'::jsonb,
  "has_actors"   boolean                  NOT NULL DEFAULT false,
  "more_actors"  integer                  NOT NULL DEFAULT 0,
  "events_count" integer                  NOT NULL DEFAULT 1,
  "in_app"       boolean                  NOT NULL DEFAULT true,
  "read_at"      timestamp with time zone,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "id"           uuid                     NOT NULL DEFAULT app_private.uuid_v7(),
  CONSTRAINT "notifications_pkey" PRIMARY KEY (id)
);

ALTER TABLE "public"."notifications"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."notifications"
  SET (fillfactor=80);

REVOKE ALL ON TABLE "public"."notifications" FROM "anon";

ALTER TABLE "app_private"."chat_notices"
  ADD COLUMN "until" uuid;

ALTER TABLE "app_private"."chat_notices"
  ADD COLUMN "waits_since" timestamp WITH time zone NOT NULL DEFAULT clock_timestamp();

ALTER TABLE "public"."conversations"
  ADD COLUMN "epoch_seq" bigint NOT NULL DEFAULT 0;

ALTER TABLE "public"."conversations"
  ADD COLUMN "epoch_change" bigint NOT NULL DEFAULT 0;

ALTER TABLE "public"."conversations"
  ADD COLUMN "open_after_seq" bigint NOT NULL DEFAULT 0;

ALTER TABLE "public"."conversations"
  ADD COLUMN "taken_back" bigint NOT NULL DEFAULT 0;

CREATE TYPE "app_private"."notification_draft" AS (
  "action"       text,
  "receiver"     uuid,
  "kind"         text,
  "group_key"    text,
  "subject_type" text,
  "subject_id"   uuid,
  "actor_id"     uuid,
  "data"         jsonb,
  "happened_at"  timestamp WITH time zone
);

CREATE TYPE "app_private"."sending" AS (
  "ord"             integer,
  "conversation_id" uuid,
  "group_id"        uuid,
  "seq"             bigint,
  "id"              uuid,
  "sender_id"       uuid,
  "receiver_id"     uuid,
  "content"         text,
  "request_hash"    bigint,
  "created_at"      timestamp WITH time zone
);

CREATE TYPE "public"."call_card" AS (
  "id"           uuid,
  "kind"         text,
  "is_direct"    boolean,
  "group_id"     uuid,
  "state"        text,
  "end_reason"   text,
  "caller_id"    uuid,
  "my_state"     text,
  "my_device_id" uuid,
  "participants" jsonb,
  "topic"        text,
  "epoch"        integer,
  "version"      integer,
  "rings_until"  timestamp WITH time zone,
  "created_at"   timestamp WITH time zone,
  "answered_at"  timestamp WITH time zone,
  "ended_at"     timestamp WITH time zone,
  "duration_s"   integer
);

CREATE TYPE "public"."media_card" AS (
  "id"          uuid,
  "bucket"      text,
  "kind"        text,
  "state"       text,
  "mime_type"   text,
  "size_bytes"  bigint,
  "width"       integer,
  "height"      integer,
  "duration_ms" integer,
  "blurhash"    text,
  "path"        text,
  "files"       jsonb,
  "error"       text,
  "created_at"  timestamp WITH time zone
);

CREATE TYPE "public"."notification_card" AS (
  "id"           uuid,
  "seq"          bigint,
  "kind"         text,
  "category"     text,
  "actors"       jsonb,
  "actors_count" bigint,
  "events_count" integer,
  "subject"      jsonb,
  "data"         jsonb,
  "text"         text,
  "is_seen"      boolean,
  "is_read"      boolean,
  "created_at"   timestamp WITH time zone,
  "updated_at"   timestamp WITH time zone
);

CREATE OR REPLACE FUNCTION admin.send_notice (
  p_username text,
  p_title    text,
  p_body     text,
  p_reason   text,
  p_url      text DEFAULT NULL::text
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_user uuid := case when p_username is not null then admin.person(p_username) end;
begin
  perform admin.require_reason(p_reason);
  insert into app_private.notices (user_id, title, body, url) values (v_user, p_title, p_body, p_url) returning id into v_id;
  insert into admin.audit_log (action, target, reason, after)
  values ('send_notice', coalesce(v_user::text, 'everybody'), p_reason, jsonb_build_object('id', v_id, 'title', p_title));
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.are_media (
  p_urls text[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return app_hidden.are_addresses(array(select u from unnest(p_urls) u where (u ~ '^media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') is not true))
    and coalesce(array_ndims(p_urls), 1) = 1;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.hears (
  p_topic     text,
  p_extension text,
  p_writes    boolean DEFAULT false
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parts text[] := regexp_match(p_topic, '^(conversation|typing):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,9})$');
  v_me uuid := auth.uid();
  v_conversation public.conversations;
  v_member public.conversation_members;
begin
  if v_parts is null or v_me is null then
    return false;
  end if;
  select * into v_member from public.conversation_members m where m.user_id = v_me and m.conversation_id = v_parts[2]::uuid and m.state <> 'declined';
  if not found or p_writes and exists (select from auth.users u where u.id = v_me and u.banned_until > now()) then
    return false;
  end if;
  select * into v_conversation from public.conversations c where c.id = v_parts[2]::uuid and c.epoch = v_parts[3]::int;
  if not found then
    return false;
  elsif v_parts[1] = 'conversation' then
    -- Nobody but the database sends here, so a message on it is one.
    return p_extension = 'broadcast' and not p_writes;
  end if;
  return app_private.may_type(v_conversation, v_member)
    -- Who hides their presence neither shows it, by typing neither, nor sees that of others.
    and (p_extension = 'broadcast' and not p_writes or not app_private.hides(v_me, 'hide_presence'));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.hears_call (
  p_topic  text,
  p_writes boolean DEFAULT false
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parts text[] := regexp_match(p_topic, '^call:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\d{1,9}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$');
  v_me uuid := auth.uid();
begin
  if v_parts is null or v_me is null or (p_writes and v_parts[3]::uuid <> v_me)
    or (p_writes and exists (select from auth.users u where u.id = v_me and u.banned_until > now())) then
    return false;
  end if;
  return exists (
    select from public.calls c
    join public.call_participants m on m.call_id = c.id and m.user_id = v_me and m.state = 'joined'
    join public.call_participants o on o.call_id = c.id and o.user_id = v_parts[3]::uuid and o.state = 'joined'
    where c.id = v_parts[1]::uuid and c.epoch = v_parts[2]::int and c.state <> 'ended' and not app_private.is_too_long(c));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_notification_settings (
  p_settings jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_typeof(p_settings) = 'object' and not exists (
    select from jsonb_each(p_settings) s
    where s.key <> 'quiet_hours' and (
      jsonb_typeof(s.value) <> 'object'
      or (app_hidden.notification_category(s.key) is null and s.key not in (
        'follows', 'likes', 'comments', 'mentions', 'shares', 'messages', 'groups', 'wallet', 'calls', 'security', 'notices')))
  ) and not exists (
    select from jsonb_each(p_settings - 'quiet_hours') s,
      lateral jsonb_each(case jsonb_typeof(s.value) when 'object' then s.value else '{}' end) c
    where c.key not in ('in_app', 'push', 'email', 'webhook') or jsonb_typeof(c.value) <> 'boolean'
  ) and (not p_settings ? 'quiet_hours' or app_hidden.is_quiet_hours(p_settings -> 'quiet_hours'));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_quiet_hours (
  p_value jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return p_value = 'null' or (
    jsonb_typeof(p_value) = 'object'
    and not exists (select from jsonb_object_keys(p_value) k where k not in ('from', 'to', 'time_zone'))
    and coalesce(p_value ->> 'from' ~ '^([01]\d|2[0-3]):[0-5]\d$' and p_value ->> 'to' ~ '^([01]\d|2[0-3]):[0-5]\d$', false)
    and p_value ->> 'from' <> p_value ->> 'to'
    and exists (select from pg_catalog.pg_timezone_names z where z.name = p_value ->> 'time_zone'));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_shown_to_me (
  p_author     uuid,
  p_group      uuid,
  p_status     text,
  p_visibility text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return app_private.is_shown(auth.uid(), p_author, p_group, p_status, p_visibility);
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.may_fetch_media (
  p_bucket text,
  p_name   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parts text[] := string_to_array(p_name, '/');
  m public.media;
begin
  if cardinality(v_parts) <> 3 or not pg_input_is_valid(v_parts[2], 'uuid') then
    return false;
  end if;
  select * into m from public.media x where x.id = v_parts[2]::uuid;
  if not found or m.bucket <> p_bucket or m.owner_id::text <> v_parts[1] then
    return false;
  elsif m.files @> jsonb_build_array(jsonb_build_object('path', p_name)) then
    return app_private.can_view_media(auth.uid(), m);
  end if;
  return m.owner_id = auth.uid() and m.state in ('pending', 'processing') and v_parts[3] = 'original';
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.may_upload_media (
  p_bucket text,
  p_name   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parts text[] := string_to_array(p_name, '/');
begin
  if cardinality(v_parts) <> 3 or v_parts[3] <> 'original' or not pg_input_is_valid(v_parts[2], 'uuid') then
    return false;
  end if;
  return exists (
    select from public.media m
    where m.id = v_parts[2]::uuid and m.bucket = p_bucket and m.owner_id = auth.uid() and m.owner_id::text = v_parts[1] and m.state = 'pending');
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_call_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 100
  SET search_path TO ''
  AS $function$
begin
  return query select p.call_id from public.call_participants p
  join public.calls c on c.id = p.call_id
  where p.user_id = auth.uid() and (p.due_at is not null or c.state = 'ended');
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.my_notification_ids()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 100
  SET search_path TO ''
  AS $function$
begin
  return query select n.id from app_private.shown_notifications(auth.uid()) n;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.notification_category (
  p_kind text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p_kind in ('follow', 'follow_request', 'follow_approved') then 'follows'
    when p_kind = 'like' then 'likes'
    when p_kind in ('comment', 'reply') then 'comments'
    when p_kind = 'mention' then 'mentions'
    when p_kind = 'share' then 'shares'
    when p_kind in ('message', 'message_request') then 'messages'
    when p_kind in ('group_invite', 'group_join_request', 'group_approved', 'group_role') then 'groups'
    when p_kind in ('money_received', 'hold', 'withdrawal', 'payment_request') then 'wallet'
    when p_kind = 'missed_call' then 'calls'
    when p_kind in ('sign_in', 'password_changed', 'target_added', 'webhook_disabled') then 'security'
    when p_kind = 'notice' then 'notices'
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.notification_kinds()
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return '{follow,follow_request,follow_approved,like,comment,reply,mention,share,message,message_request,group_invite,group_join_request,group_approved,group_role,money_received,hold,withdrawal,payment_request,missed_call,sign_in,password_changed,target_added,webhook_disabled,notice}';
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.plain_line (
  p_text text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return regexp_replace(p_text, '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+', ' ', 'g');
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.wants_notification (
  p_settings jsonb,
  p_kind     text,
  p_channel  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_category text := app_hidden.notification_category(p_kind);
begin
  -- What guards the account, and what operators say, cannot be turned off where nobody else reads it.
  if p_channel = 'in_app' and v_category in ('security', 'notices') then
    return true;
  end if;
  return coalesce(
    (p_settings -> p_kind ->> p_channel)::boolean,
    (p_settings -> v_category ->> p_channel)::boolean,
    p_channel <> 'email' or v_category in ('security', 'wallet', 'notices'));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.was_in_call_since (
  p_call uuid,
  p_rung timestamp with time zone
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from public.call_participants p where p.call_id = p_call and p.user_id = auth.uid() and (p.left_at is null or p_rung <= p.left_at));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.add_actors (
  p_notification uuid,
  p_actors       uuid[],
  p_ats          timestamp with time zone[],
  p_datas        jsonb[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_room int;
begin
  select 100 - count(*) into v_room from app_private.notification_actors a where a.notification_id = p_notification;
  with wanted as materialized (
    -- What happened in one transaction has one time; here it keeps its order.
    select u.actor_id, max(u.at + u.n * interval '1 microsecond') as at, (array_agg(coalesce(u.data, '{}') order by u.at desc, u.n desc))[1] as data,
      exists (select from app_private.notification_actors a where a.notification_id = p_notification and a.actor_id = u.actor_id) as is_known
    from unnest(p_actors, p_ats, p_datas) with ordinality u (actor_id, at, data, n) group by u.actor_id
  ), placed as materialized (
    select w.*, w.is_known or row_number() over (partition by w.is_known order by w.at, w.actor_id) <= v_room as has_room from wanted w
  ), stored as (
    insert into app_private.notification_actors as a (notification_id, actor_id, happened_at, data)
    select p_notification, p.actor_id, p.at, p.data from placed p where p.has_room
    on conflict (notification_id, actor_id) do update set happened_at = excluded.happened_at, data = excluded.data, is_gone = false
  )
  update public.notifications n set more_actors = n.more_actors + c.more
  from (select count(*)::int as more from placed p where not p.has_room) c
  where n.id = p_notification and c.more > 0;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.add_media_ref (
  p_media   uuid,
  p_kind    text,
  p_subject uuid,
  p_part    bigint,
  p_actor   uuid,
  p_as_seen boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_bucket text := case p_kind
    when 'message' then 'messages' when 'avatar' then 'avatars' when 'group_avatar' then 'avatars' when 'group_cover' then 'covers' else 'posts' end;
  m public.media;
  v_is_of_other boolean;
begin
  -- Whoever takes the last reference away, or sweeps, waits here.
  select * into m from public.media x where x.id = p_media for no key update;
  v_is_of_other := p_actor is not null and m.owner_id is distinct from p_actor;
  if m.bucket is distinct from v_bucket
    or (v_is_of_other and not (p_as_seen and app_private.can_view_media(p_actor, m))) then
    perform app_hidden.fail(422, 'media.not_usable', 'You have no such medium for this.',
      format('Upload it to the bucket %s, and name it as media:<id>.', v_bucket));
  elsif m.state = 'refused' then
    perform app_hidden.fail(422, 'media.not_usable', 'This medium was refused.', format('It was refused with %s: upload another one.', m.error));
  elsif m.state <> 'ready' then
    perform app_hidden.fail(409, 'media.not_ready', 'This medium is not ready.', 'Ask GET media/<id> until its state is ready, and send this again.');
  -- Whoever passes it on takes nothing away from its owner.
  elsif (select count(*) from app_private.media_refs r where r.media_id = p_media and r.is_of_other = v_is_of_other) >= (select r.uses_of_one from app_private.media_rules r) then
    perform app_hidden.fail(422, 'media.used_too_often', 'This medium is already used in many places.', 'Upload it again.');
  end if;
  insert into app_private.media_refs (media_id, kind, subject_id, part, is_of_other)
  values (p_media, p_kind, p_subject, p_part, v_is_of_other) on conflict do nothing;
  update public.media x set delete_after = null where x.id = p_media and x.delete_after is not null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.adopt_media (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  m record;
  v_done int := 0;
begin
  -- By owner: two workers that count for several must not wait for each other.
  for m in
    with due as materialized (
      select x.id, x.owner_id, x.created_at, app_private.uploaded_bytes(x) as bytes from public.media x
      where x.state = 'pending' and x.created_at < now() - interval '20 seconds' and app_private.uploaded_bytes(x) is not null
      order by x.created_at limit least(greatest(p_limit, 1), 1000) for update skip locked
    )
    select * from due d order by d.owner_id, d.created_at
  loop
    perform app_private.take_upload(m.id, m.bytes);
    v_done := v_done + 1;
  end loop;
  return v_done;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.amount_of (
  p_data  jsonb,
  p_field text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return app_hidden.format_amount((p_data ->> p_field)::bigint, (p_data ->> 'exponent')::smallint) || ' ' || (p_data ->> 'currency');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.apply_notifications (
  p_drafts app_private.notification_draft[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v record;
  v_count int := 0;
begin
  -- As the rows below will do one by one, but in one order and before anything else is held: who is being deleted holds their profile, and
  -- wants what hangs on it.
  perform from public.profiles p
  where p.id in (select d.receiver from unnest(p_drafts) d union select d.actor_id from unnest(p_drafts) d)
  order by p.id for key share;
  for v in
    with drafts as materialized (
      select d.receiver, d.kind, d.group_key, d.subject_type, d.subject_id, d.data, d.happened_at, d.position,
        case when a.id is not null and not (app_private.is_told_anyway(d.kind) and app_hidden.is_blocked_pair(d.receiver, a.id)) then a.id end as actor_id
      from unnest(p_drafts) with ordinality
        d (action, receiver, kind, group_key, subject_type, subject_id, actor_id, data, happened_at, position)
      join public.profiles r on r.id = d.receiver
      left join public.profiles a on a.id = d.actor_id
      where d.action = 'raise' and d.actor_id is distinct from d.receiver
        and (d.actor_id is null or app_private.is_told_anyway(d.kind) or (
          a.id is not null and not app_hidden.is_blocked_pair(d.receiver, d.actor_id)
          and not exists (
            select from public.mutes m
            where m.muter_id = d.receiver and m.muted_id = d.actor_id and (m.until is null or m.until > now()))))
    )
    select d.receiver, d.kind, d.group_key, count(*)::int as events, max(d.happened_at) as at,
      (array_agg(d.subject_type order by d.position desc))[1] as subject_type,
      (array_agg(d.subject_id order by d.position desc))[1] as subject_id,
      (array_agg(d.data order by d.position desc))[1] as data,
      sum(case when d.kind = 'money_received' then (d.data ->> 'amount_minor')::numeric end) as total,
      array_agg(d.actor_id order by d.position) filter (where d.actor_id is not null) as actors,
      array_agg(d.happened_at order by d.position) filter (where d.actor_id is not null) as ats,
      array_agg(d.data order by d.position) filter (where d.actor_id is not null) as datas
    from drafts d
    group by d.receiver, d.kind, d.group_key
    order by d.receiver, min(d.position)
  loop
    v_count := v_count + app_private.raise_notification(v.receiver, v.kind, v.group_key, v.subject_type, v.subject_id,
      v.actors, v.ats, v.data, v.total, v.events, v.at, v.datas);
  end loop;
  perform app_private.take_back_notifications(p_drafts);
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_caller (
  p_actor uuid,
  p_call  public.calls
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_call.caller_id is distinct from p_actor
    or (p_call.state <> 'ended' and (app_private.participant(p_actor, p_call.id)).state <> 'joined') then
    perform app_hidden.fail(403, 'calls.not_caller', 'Only who started a call and is in it may do this.', 'Leave it: POST calls/:id/end.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_calm (
  p_what   text,
  p_person uuid,
  p_limit  integer,
  p_window interval
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is null then
    return; -- nobody's app: an import, a worker, an operator
  end if;
  perform app_private.assert_not_suspended();
  perform app_private.keep_pace(p_what, p_person, p_limit, p_window);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_calm_in_chat (
  p_me uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_limit int := (select r.messages_per_minute from app_private.chat_rules r);
  v_since timestamptz := clock_timestamp() - interval '1 minute'; -- a function that is volatile would not be looked up in the index
begin
  if v_limit is not null and exists (
    select from public.messages x where x.sender_id = p_me and x.created_at > v_since offset v_limit - 1
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', format('You have sent %s messages within a minute.', v_limit), 'Wait a moment.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_conversation()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if new.kind in ('direct', 'group') and (new.kind = 'group') = (new.group_id is not null) and new.low_id < new.high_id is not false
    and new.disappear_after_s between 30 and 7776000 is not false then
    return null;
  end if;
  raise exception 'conversation % is of no known kind, has no group or one too many, is of a pair out of order, or has a timer that is none', new.id
    using errcode = 'check_violation';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_in_group (
  p_me    uuid,
  p_group uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if app_private.role_in(p_group, p_me) is null then
    perform app_hidden.fail(404, 'groups.not_found', 'There is no such group.', 'It may have been deleted, or is not shown to you.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_add (
  p_me    uuid,
  p_call  public.calls,
  p_users uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if cardinality(app_private.reachable(p_me, p_users)) < cardinality(p_users)
    or (p_call.group_id is not null and exists (select from unnest(p_users) u where app_private.role_in(p_call.group_id, u) is null))
    or exists (
      select from public.call_participants p where p.call_id = p_call.id and p.user_id = any (p_users)
        and (p.state = 'declined' or (p.state = 'removed' and p_call.caller_id is distinct from p_me))) then
    perform app_private.fail_not_callable(p_me, p_users);
  elsif exists (
    select from public.call_participants p
    where p.call_id = p_call.id and p.user_id = any (p_users) and p.joined_at is null and p.left_at > now() - interval '30 seconds') then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'It rang for them a moment ago.', 'Wait half a minute.');
  end if;
  perform app_private.assert_may_call(p_me, p_users);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_call (
  p_me     uuid,
  p_people uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_rules app_private.call_rules;
  v_one uuid;
begin
  select * into v_rules from app_private.call_rules;
  perform app_private.keep_pace('rings a minute', p_me, v_rules.rings_per_minute, '1 minute', cardinality(p_people),
    'You call more often than a person does.', 'Wait a while.');
  perform app_private.keep_pace('rings a day', p_me, v_rules.rings_per_day, '1 day', cardinality(p_people),
    'You call more often than a person does.', 'Wait a while.');
  foreach v_one in array p_people loop
    perform app_private.keep_pace('rings for ' || v_one, p_me, v_rules.unanswered_per_10_minutes, '10 minutes', 1,
      'Somebody of them does not answer.', 'Wait ten minutes, or write to them.');
    perform app_private.keep_pace('rings a day for ' || v_one, p_me, v_rules.unanswered_per_day, '1 day', 1,
      'Somebody of them does not answer.', 'Write to them, and call tomorrow.');
  end loop;
  delete from app_private.paces c where c.user_id = p_me and c.what like 'rings % for %' and c.since <= now() - interval '1 day';
  delete from app_private.paces c where c.user_id = p_me and c.what like 'rings for %' and c.since <= now() - interval '10 minutes';
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
  if p_message.sender_id is distinct from p_me then
    perform app_private.assert_not_suspended(); -- what is theirs they may take back
  end if;
  if p_message.sender_id is distinct from p_me and (v_group is null
    or app_private.rank_of(app_private.role_in(v_group, p_me)) < app_private.rank_of(app_private.least_role_for('moderate_posts'))) then
    perform app_hidden.fail(403, 'messages.not_yours', 'Only who wrote a message deletes it for all, and in a group its moderators.',
      'Delete it for yourself: `for` as me.');
  elsif p_message.sender_id = p_me and p_message.created_at + v_within <= now() then
    perform app_hidden.fail(422, 'messages.delete_too_late', 'This message is too old to be deleted for all.', 'Delete it for yourself: `for` as me.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_follow_more (
  p_actor uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hour_ago timestamptz := now() - interval '1 hour';
  v_lately bigint;
  v_all bigint;
begin
  select count(*) into v_lately from (
    (select from public.follows f where f.follower_id = p_actor and f.created_at > '-infinity' and f.created_at > v_hour_ago limit 200)
    union all
    (select from public.follow_requests r where r.requester_id = p_actor and r.created_at > v_hour_ago limit 200)
  ) x;
  if v_lately >= 200 then
    perform app_hidden.fail(422, 'follows.limit_reached', 'Nobody follows more than 200 people in an hour.', 'Wait, then go on.');
  end if;
  select c.following_count + app_private.pending_count(p_actor, 'following_count') + (
    select count(*) from (select from public.follow_requests r where r.requester_id = p_actor limit 7500) x
  ) into v_all from public.profile_counts c where c.user_id = p_actor;
  if v_all >= 7500 then
    perform app_hidden.fail(422, 'follows.limit_reached', 'Nobody follows more than 7,500 people.', 'Unfollow somebody first.');
  end if;
  -- Rows do not tell of who follows, unfollows and follows again, each time with a notification.
  perform app_private.keep_pace('follows', p_actor, 400, '1 day');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_return (
  p_me uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if app_private.free_people(array[p_me]) = '{}' then
    perform app_private.fail_in_call();
  end if;
  -- Each time all the others go to new topics.
  perform app_private.keep_pace('returns to calls', p_me, (select r.returns_per_10_minutes from app_private.call_rules r), '10 minutes', 1,
    'You go and come more often than a person does.', 'Wait ten minutes.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_member()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if new.state in ('accepted', 'requested', 'declined') then
    return null;
  end if;
  raise exception 'member % of conversation % is in no known state', new.user_id, new.conversation_id using errcode = 'check_violation';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_message()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if new.kind in ('text', 'image', 'video', 'audio') and length(new.content) <= 4000 is not false and cardinality(new.media_urls) <= 10 is not false
    and new.duration_ms between 1 and 86400000 is not false and cardinality(new.waveform) <= 128 is not false
    and cardinality(new.mentions) <= 30 is not false then
    return new;
  end if;
  raise exception 'message % is of no known kind, or has more than a message has', new.id using errcode = 'check_violation';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_not_banned (
  p_person uuid,
  p_post   uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if exists (select from public.posts p where p.id = p_post and p.group_id is not null and app_private.is_banned(p.group_id, p_person)) then
    perform app_hidden.fail(403, 'groups.banned', 'This group keeps you out.', 'You read there what everybody reads, and may take back what you did.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_not_suspended()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  if v_me is not null and exists (select from auth.users u where u.id = v_me and u.banned_until > now()) then
    perform app_hidden.fail(403, 'auth.user_banned', 'This account is suspended.', 'Ask the operators of the app.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_oneself (
  p_person uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is not null and auth.uid() is distinct from p_person then
    raise insufficient_privilege using message = 'Nobody writes in the name of somebody else.';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_room (
  p_user  uuid,
  p_bytes bigint
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  r app_private.media_rules;
  u record;
  v_held bigint;
begin
  perform app_private.lock_room(p_user);
  select * into strict r from app_private.media_rules;
  select coalesce(sum(m.size_bytes), 0) as bytes, count(*) as media, count(*) filter (where m.state = 'pending') as open
  into u from public.media m where m.owner_id = p_user;
  if u.open >= r.uploads_at_once then
    perform app_hidden.fail(429, 'media.too_many_uploads', 'Too many uploads have begun and not ended.',
      'Finish or delete some of them. What is left alone, and the room of what was deleted, comes back within three hours.');
  elsif u.media >= r.media_per_person or u.bytes + p_bytes > app_private.media_quota(p_user) then
    perform app_hidden.fail(413, 'media.quota_exceeded', 'There is no room for that.', 'Delete media that you no longer need; GET media/usage says how much there is.');
  end if;
  -- As much again, so that whoever has a bad line may begin again and again.
  select coalesce(sum(d.held_bytes), 0) into v_held
  from app_private.media_deletions d where d.owner_id = p_user and d.requested_at > now() - app_private.upload_address_life();
  if u.bytes + v_held + p_bytes > 2 * app_private.media_quota(p_user) then
    perform app_hidden.fail(429, 'media.too_many_uploads', 'Too much was uploaded and deleted again.',
      'Wait. What is left alone, and the room of what was deleted, comes back within three hours.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_target_url (
  p_url text
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  -- Where it really leads is looked at by the worker, at each message. Plain http is for a stack on one's own machine, and so are other ports.
  if (p_url ~ '^(https://([^\s@:/?#]+|\[[0-9a-fA-F:.]+\])(:(443|8443))?([/?#][^\s@]*)?|https?://(127[.]0[.]0[.]1|localhost)[:/][^\s@]+)$' and length(p_url) <= 2048) is not true then
    perform app_hidden.fail(422, 'notifications.url_invalid', 'Messages do not go to this address.', 'Send an https:// address of at most 2048 characters, of port 443 or 8443, without a name and a password.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_words (
  p_message public.messages
)
  RETURNS void
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_media int := coalesce(cardinality(p_message.media_urls), 0);
begin
  if length(p_message.content) > 4000 or p_message.kind = 'text' and coalesce(p_message.content !~ '\S', true) then
    perform app_hidden.fail(422, 'messages.content_invalid', 'A message has 1 to 4,000 characters.', 'Mend `content`.');
  elsif p_message.kind = 'text' and v_media > 0 or p_message.kind <> 'text' and v_media not between 1 and 10
    or p_message.kind = 'audio' and v_media <> 1 or v_media > 0 and not app_hidden.are_media(p_message.media_urls) then
    perform app_hidden.fail(422, 'messages.media_invalid', 'A message of this kind does not take these media.',
      'Send `media_urls` as media:<id> of what you uploaded, or https:// or http:// addresses: 1 to 10 for image and video, one for audio, none for text.');
  elsif (p_message.kind in ('audio', 'video')) < (p_message.duration_ms is not null) or p_message.kind = 'audio' and p_message.duration_ms is null
    or p_message.duration_ms not between 1 and 86400000 then
    perform app_private.fail_field('`duration_ms` as milliseconds up to a day, with every audio and, if you know it, video');
  elsif p_message.waveform is not null and (p_message.kind <> 'audio' or cardinality(p_message.waveform) not between 1 and 128
    or 0 > any (p_message.waveform) or 100 < any (p_message.waveform)) then
    perform app_private.fail_field('`waveform` with an audio, as 1 to 128 whole numbers from 0 to 100');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.call_card_of (
  p_me   uuid,
  p_call uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select c from app_private.call_cards(p_me, array[p_call]) c);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.call_cards (
  p_me  uuid,
  p_ids uuid[]
)
  RETURNS SETOF public.call_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  AS $function$
declare
  v_hidden uuid[] := app_private.hidden_from(p_me);
begin
  return query
  select c.id, c.kind, c.is_direct,
    case when app_private.role_in(c.group_id, p_me) is not null then c.group_id end,
    c.state, c.end_reason, case when c.caller_id <> all (v_hidden) then c.caller_id end, m.state, m.device_id,
    -- Who is out of a call that goes on sees who was in it with them, and nothing of what these do since.
    (select coalesce(jsonb_agg(jsonb_build_object('user_id', p.user_id, 'person', app_private.person_of(p.user_id),
        'state', case
          when m.left_at is null or c.state = 'ended' or p.left_at <= m.left_at then p.state
          when p.first_joined_at <= m.left_at then 'joined'
          else 'ringing' end,
        'joined_at', case
          when m.left_at is null or c.state = 'ended' or p.joined_at <= m.left_at then p.joined_at
          when p.first_joined_at <= m.left_at then p.first_joined_at end,
        'left_at', case when m.left_at is null or c.state = 'ended' or p.left_at <= m.left_at then p.left_at end) order by p.first_rung_at, p.user_id), '[]')
      from public.call_participants p
      where p.call_id = c.id and p.user_id <> all (v_hidden) and (m.left_at is null or p.first_rung_at <= m.left_at)),
    case when c.state <> 'ended' and m.state = 'joined' then format('call:%s:%s', c.id, c.epoch) end,
    -- Counted up, they would say that somebody came or went.
    case when c.state = 'ended' then c.epoch else coalesce(m.out_epoch, c.epoch) end,
    case when c.state = 'ended' then c.version else coalesce(m.out_version, c.version) end,
    case when m.state = 'ringing' then m.due_at end, c.created_at, c.answered_at, c.ended_at,
    case when c.answered_at is not null then extract(epoch from coalesce(c.ended_at, now()) - c.answered_at)::int end
  from unnest(p_ids) with ordinality w (id, n)
  join public.calls c on c.id = w.id
  join public.call_participants m on m.call_id = c.id and m.user_id = p_me
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.call_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if e.type <> 'call.missed' then
    return '{}';
  end if;
  return array[app_private.draft('raise', (e.payload ->> 'callee_id')::uuid, 'missed_call', 'missed_call:' || (e.payload ->> 'caller_id'), 'call',
    (e.payload ->> 'call_id')::uuid, (e.payload ->> 'caller_id')::uuid, e.occurred_at, jsonb_build_object('kind', e.payload -> 'kind'))];
end
$function$;

CREATE OR REPLACE FUNCTION app_private.call_from (
  p jsonb
)
  RETURNS public.calls
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_call public.calls;
begin
  perform app_hidden.assert_fields(p, '{"client_id": "uuid", "device_id": "uuid", "join_id": "uuid", "kind": "string", "user_ids": "strings", "group_id": "uuid"}',
    'calls.field_invalid');
  v_call.id := coalesce((p ->> 'client_id')::uuid, app_private.uuid_v7());
  v_call.kind := coalesce(p ->> 'kind', 'audio');
  v_call.group_id := (p ->> 'group_id')::uuid;
  v_call.request_hash := hashtextextended((jsonb_strip_nulls(p) - '{device_id,join_id}'::text[])::text, 0);
  if v_call.kind not in ('audio', 'video') then
    perform app_private.fail_call_field('`kind` as audio or video');
  elsif p ->> 'device_id' is null then
    perform app_private.fail_call_field('`device_id`, a UUID that your client keeps for this device');
  elsif v_call.group_id is null and coalesce(jsonb_array_length(nullif(p -> 'user_ids', 'null')), 0) = 0 then
    perform app_private.fail_call_field('`user_ids` with one person or more, or `group_id`');
  elsif jsonb_array_length(nullif(p -> 'user_ids', 'null')) > 15 or exists (
    select from jsonb_array_elements_text(nullif(p -> 'user_ids', 'null')) u (id) where not coalesce(pg_input_is_valid(u.id, 'uuid'), false)) then
    perform app_private.fail_call_field('`user_ids` as an array of up to 15 UUIDs');
  end if;
  return v_call;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_read_group (
  p_viewer uuid,
  p_group  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if (select g.visibility from public.groups g where g.id = p_group) = 'public' then
    return true;
  end if;
  return exists (select from public.group_members m where m.group_id = p_group and m.user_id = p_viewer);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_read_message (
  p_viewer       uuid,
  p_conversation uuid,
  p_seq          bigint
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from public.messages x join public.conversation_members m on m.conversation_id = x.conversation_id and m.user_id = p_viewer
    where x.conversation_id = p_conversation and x.seq = p_seq and x.seq > m.from_seq and not app_private.is_gone(x)
      and not exists (
        select from public.message_hides h where h.user_id = p_viewer and h.conversation_id = x.conversation_id and h.seq = x.seq)
      and (x.sender_id is null or app_hidden.is_person(x.sender_id))
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_edit (
  p_viewer uuid,
  p_edit   uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from public.post_edits e join public.posts p on p.id = e.post_id
    where e.id = p_edit and (e.visibility = 'public' or e.visibility = p.visibility or p.author_id = p_viewer)
      and app_private.can_view_post(p_viewer, p.id)
  );
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
  if (select g.visibility from public.groups g where g.id = p_group) <> 'secret' then
    return true;
  end if;
  -- Asked of what never was as well, so that a secret group is looked for no longer: nobody is a member of it or invited.
  return exists (select from public.group_members m where m.group_id = p_group and m.user_id = p_viewer)
    or app_private.is_invited(p_group, p_viewer);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_media (
  p_viewer uuid,
  m        public.media
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if m.owner_id = p_viewer then
    return true;
  elsif m.state <> 'ready' or (p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, m.owner_id)) then
    return false;
  end if;
  return exists (
    select from app_private.media_refs r
    where r.media_id = m.id and case r.kind
      when 'post' then app_private.can_view_post(p_viewer, r.subject_id)
      when 'post_edit' then app_private.can_view_edit(p_viewer, r.subject_id)
      when 'message' then app_private.can_read_message(p_viewer, r.subject_id, r.part)
      when 'avatar' then app_private.can_view_profile(p_viewer, r.subject_id)
      else app_private.can_view_group(p_viewer, r.subject_id)
    end
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_post (
  p_viewer uuid,
  p_post   uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select app_private.is_shown(p_viewer, p.author_id, p.group_id, p.status, p.visibility) from public.posts p where p.id = p_post
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.cards_of (
  p_viewer  uuid,
  p_ids     uuid[],
  p_authors uuid[] DEFAULT NULL::uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_blocks boolean;
  v_hidden uuid[] := '{}';
  v_liked uuid[];
  v_kept uuid[];
  v_polls uuid[];
  v_shared uuid[];
  v_originals jsonb;
  v_is_counting boolean;
  v_likes bigint[];
  v_comments bigint[];
  v_shares bigint[];
begin
  select exists (select from public.blocks b where b.blocker_id = p_viewer) or exists (select from public.blocks b where b.blocked_id = p_viewer),
    -- One probe for each post, said so that the planner does not look through all that the viewer ever liked.
    array(select i from unnest(p_ids) i, lateral (select from public.post_likes l where l.post_id = i and l.user_id = p_viewer limit 1) x),
    array(select b.post_id from public.bookmarks b where b.user_id = p_viewer and b.post_id = any (p_ids)),
    array(select q.post_id from public.polls q where q.post_id = any (p_ids)),
    array(select p.shared_post_id from public.posts p where p.id = any (p_ids) and p.shared_post_id is not null),
    exists (select from app_private.count_deltas d where d.target = any (p_ids))
  into v_blocks, v_liked, v_kept, v_polls, v_shared, v_is_counting;
  if v_blocks then -- nearly nobody blocks or is blocked
    v_hidden := app_private.hidden_among(p_viewer, array(select p.author_id from public.posts p where p.id = any (p_ids)));
  end if;
  if v_is_counting or v_blocks then
    select * into v_likes, v_comments, v_shares from app_private.count_differences(p_ids, case when v_blocks then p_viewer end);
  end if;
  if v_shared <> '{}' then -- what they share shares nothing itself
    select jsonb_object_agg(o.id, to_jsonb(o) - 'shared_post') into v_originals
    from app_private.cards_of(p_viewer, v_shared) o where o.status = 'published';
  end if;
  return query
  select s.id, a.card, s.type, s.content, s.media_urls, s.location, s.tags,
    -- Calls only for the few posts that mention somebody, have a poll, or are liked by somebody else this very moment.
    case when strpos(s.content, '@') > 0 then app_private.mentions_of(s.id, case when v_blocks then p_viewer end) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    c.likes_count + coalesce(v_likes[w.n], 0), c.comments_count + coalesce(v_comments[w.n], 0), c.shares_count + coalesce(v_shares[w.n], 0),
    s.id = any (v_liked), s.id = any (v_kept),
    s.status = 'published' and p_viewer is not null and case
      when s.group_id is not null and app_private.role_in(s.group_id, p_viewer) is null then false
      when s.author_id = p_viewer or (a.who_can_comment = 'everyone' and s.reply_control = 'everyone') then true
      else app_private.is_let_comment(p_viewer, s.author_id, s.id, a.who_can_comment, s.reply_control)
    end,
    case when s.id = any (v_polls) then app_hidden.poll_of(s.id) end,
    case when s.shared_post_id is not null then v_originals -> s.shared_post_id::text end,
    case when p_authors is null then null when s.author_id = p_viewer then 'self' else 'followed' end, s.group_id
  from unnest(p_ids) with ordinality w (id, n)
  join public.posts s on s.id = w.id
  join app_private.author_cards a on a.user_id = s.author_id
  join public.post_counts c on c.post_id = s.id
  where case
      -- Most posts are let through by the fewest questions; of all others the rule itself is asked.
      when s.status = 'published' and s.visibility = 'public' and (not a.is_private or s.author_id = any (p_authors)) then s.author_id <> all (v_hidden)
      else app_private.is_shown(p_viewer, s.author_id, s.group_id, s.status, s.visibility)
    end
    and case when p_authors is null then true else s.status = 'published' and s.group_id is null and s.author_id = any (p_authors) end
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.channels_of (
  p_user uuid,
  p_kind text
)
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select c from public.account_settings s, unnest(array['in_app', 'push', 'email', 'webhook']) c
    where s.user_id = p_user and app_hidden.wants_notification(s.notification_settings, p_kind, c)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_deliveries (
  p_channel text,
  p_limit   integer,
  p_lease   interval,
  p_rooms   jsonb    DEFAULT '{}'::jsonb,
  p_closed  jsonb    DEFAULT '{}'::jsonb
)
  RETURNS TABLE (
    id              uuid,
    attempts        integer,
    seq             bigint,
    user_id         uuid,
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
  with looked as materialized (
    select d.* from app_private.notification_deliveries d
    where d.channel = p_channel and d.sent_seq < d.seq and d.next_attempt_at <= now()
    order by d.next_attempt_at limit 300
    for update skip locked
  ), known as materialized (
    select l.id, l.next_attempt_at, n.user_id, t.host, t.target,
      coalesce(
        now() + greatest((p_closed ->> ('host ' || t.host))::int, (p_closed ->> ('target ' || t.id))::int) * interval '1 second',
        -- At most a quarter of an hour: the hours may be changed meanwhile.
        case when p_channel = 'push' and app_hidden.notification_category(n.kind) <> 'security' and q.until is not null then
          least(q.until, now() + interval '15 minutes') end) as not_before
    from looked l join public.notifications n on n.id = l.notification_id
    left join public.account_settings s on s.user_id = n.user_id
    cross join lateral (select app_private.quiet_until(s.notification_settings, now()) as until) q
    left join app_private.targets_of(p_channel, array(select x.target_id from looked x)) t on t.id = l.target_id
  ), of_people as (
    select k.*, row_number() over (partition by k.user_id order by k.next_attempt_at, k.id) as place from known k where k.not_before is null
  ), of_hosts as (
    select p.*, row_number() over (partition by p.host order by p.next_attempt_at, p.id) as place_of_host
    from of_people p where p.place <= coalesce((p_rooms ->> ('person ' || p.user_id))::int, 2)
  ), taken as materialized (
    select h.id from of_hosts h where h.host is null or h.place_of_host <= coalesce((p_rooms ->> ('host ' || h.host))::int, 2)
    order by h.next_attempt_at limit least(greatest(p_limit, 1), 100)
  ), put_off as (
    -- Where all that was looked at is for who has no room, it makes way for what is behind it.
    update app_private.notification_deliveries d set next_attempt_at = coalesce(k.not_before, now() + interval '1 second')
    from known k
    where d.id = k.id and k.id not in (select t.id from taken t)
      and (k.not_before is not null or ((select count(*) from taken) < p_limit and (select count(*) from looked) = 300))
  ), claimed as (
    update app_private.notification_deliveries d set attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + p_lease
    from taken t where d.id = t.id
    returning d.*
  )
  select c.id, c.attempts, n.seq, n.user_id, n.id, k.target, case when k.target is not null then app_private.sendable(n, p_channel) end
  from claimed c join known k on k.id = c.id join public.notifications n on n.id = c.notification_id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_digests (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    user_id     uuid,
    is_security boolean,
    attempts    integer,
    to_seq      bigint,
    email       text,
    name        text,
    cards       jsonb,
    more        integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_media (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    id           uuid,
    bucket       text,
    folder       text,
    kind         text,
    mime_type    text,
    attempts     integer,
    image_pixels bigint,
    audio_ms     integer,
    video_ms     integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with waiting as materialized (
    -- Each behind one of everybody else's, not behind all that somebody put there before. First of a person's is what is in work.
    select x.id, x.uploaded_at, row_number() over (partition by x.owner_id order by x.run_after <= now(), x.uploaded_at, x.id) as place
    from public.media x where x.state = 'processing'
  ), due as materialized (
    select m.id from waiting w join public.media m on m.id = w.id
    where m.state = 'processing' and m.run_after <= now()
    order by w.place, w.uploaded_at, m.id limit least(greatest(p_limit, 1), 100) for update of m skip locked
  )
  update public.media m set attempts = m.attempts + 1, run_after = clock_timestamp() + p_lease
  from due, app_private.media_rules r where m.id = due.id
  returning m.id, m.bucket, app_private.media_folder(m.owner_id, m.id), m.kind, m.mime_type, m.attempts, r.image_pixels, r.audio_ms, r.video_ms;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_media_deletions (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    id       uuid,
    bucket   text,
    folder   text,
    name     text,
    attempts integer
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with due as materialized (
    select d.id from app_private.media_deletions d where (d.done_at is null or d.is_watched) and d.run_after <= now()
    order by d.run_after limit least(greatest(p_limit, 1), 100) for update skip locked
  )
  update app_private.media_deletions d set attempts = d.attempts + 1, run_after = clock_timestamp() + p_lease
  from due where d.id = due.id
  returning d.id, d.bucket, app_private.media_folder(d.owner_id, d.media_id), d.name, d.attempts;
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
    when g.avatar_url is not null and not app_hidden.are_media(array[g.avatar_url]) then '`avatar_url` as media:<id> of what you uploaded, or an address that begins with https:// or http://'
    when g.cover_url is not null and not app_hidden.are_media(array[g.cover_url]) then '`cover_url` as media:<id> of what you uploaded, or an address that begins with https:// or http://'
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

CREATE OR REPLACE FUNCTION app_private.comment_cards_of (
  p_viewer uuid,
  p_ids    uuid[]
)
  RETURNS SETOF public.comment_card
  LANGUAGE plpgsql
  STABLE
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_blocks boolean := app_private.has_blocks(p_viewer);
  v_hidden uuid[] := '{}';
  v_all_hidden uuid[];
begin
  if v_blocks then
    v_hidden := app_private.hidden_among(p_viewer, array(select c.author_id from public.comments c where c.id = any (p_ids)));
    -- As count_differences: from the shorter side.
    if exists (select from public.comments c where c.id = any (p_ids) and greatest(c.likes_count, c.replies_count) > 50) then
      v_all_hidden := app_private.hidden_from(p_viewer);
    end if;
  end if;
  return query
  select c.id, c.post_id, c.parent_id, case when c.deleted_at is null then a.card end, c.content,
    c.likes_count + coalesce(d.likes, 0) - case when not v_blocks then 0 when c.likes_count > 50 then (
        select count(*) from public.comment_likes l where l.comment_id = c.id and l.user_id = any (v_all_hidden))
      else (select count(*) from public.comment_likes l where l.comment_id = c.id and app_hidden.is_blocked_pair(p_viewer, l.user_id)) end,
    c.replies_count + coalesce(d.replies, 0) - case when not v_blocks then 0 when c.replies_count > 50 then (
        select count(*) from public.comments r where r.parent_id = c.id and r.author_id = any (v_all_hidden) and r.deleted_at is null)
      else (
        select count(*) from public.comments r
        where r.parent_id = c.id and r.deleted_at is null and app_hidden.is_blocked_pair(p_viewer, r.author_id)) end,
    coalesce((select true from public.comment_likes l where l.comment_id = c.id and l.user_id = p_viewer), false),
    c.edited_at, c.deleted_at, c.created_at,
    c.deleted_at is null and p_viewer is not null and (p_viewer in (c.author_id, p.author_id)
      or (p.group_id is not null and p.group_id in (select app_hidden.my_moderated_group_ids())))
  from unnest(p_ids) with ordinality w (id, n)
  join public.comments c on c.id = w.id
  join app_private.author_cards a on a.user_id = c.author_id
  join public.posts p on p.id = c.post_id
  left join (
    select x.target,
      (sum(x.delta) filter (where x.counter = 'comment_likes_count'))::bigint as likes,
      (sum(x.delta) filter (where x.counter = 'replies_count'))::bigint as replies
    from app_private.count_deltas x where x.target = any (p_ids) group by x.target
  ) d on d.target = c.id
  -- An emptied one is nobody's: gone with a block, it would tell whose it was.
  where c.deleted_at is not null or c.author_id <> all (v_hidden)
  order by w.n;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.comment_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := e.payload ->> 'comment_id';
  v_post uuid := e.payload ->> 'post_id';
  v_author uuid := e.payload ->> 'author_id';
  v_parent uuid := e.payload ->> 'parent_id';
begin
  if e.type in ('comment.liked', 'comment.unliked') then
    return app_private.comment_like_drafts(e);
  elsif e.type = 'comment.deleted' then
    return array[app_private.draft('remove', null, null, null, null, v_id, null, null)] || array(
      -- Only where it was told as such: who was told of it as something else was not counted here.
      select app_private.draft('retract', p.author_id, null, 'comment:' || v_post, null, null, v_author, null) from public.posts p
      where p.id = v_post and app_private.comment_told_as(p.author_id, v_id, v_parent) = 'comment' and not exists (
        select from public.comments c where c.post_id = v_post and c.author_id = v_author and c.deleted_at is null
          and app_private.comment_told_as(p.author_id, c.id, c.parent_id) = 'comment')
    ) || array(
      select app_private.draft('retract', c.author_id, null, 'reply:' || c.id, null, null, v_author, null) from public.comments c
      where c.id = v_parent and app_private.comment_told_as(c.author_id, v_id, v_parent) = 'reply' and not exists (
        select from public.comments x where x.parent_id = c.id and x.author_id = v_author and x.deleted_at is null
          and app_private.comment_told_as(c.author_id, x.id, x.parent_id) = 'reply'));
  elsif e.type <> 'comment.created' or not exists (select from public.comments c where c.id = v_id and c.deleted_at is null) then
    return '{}';
  end if;
  return array(
    -- Each of them once, by what is most about them.
    select distinct on (w.receiver)
      app_private.draft('raise', w.receiver, w.kind, w.group_key, w.subject_type, w.subject_id, v_author, e.occurred_at,
        jsonb_build_object('post_id', v_post, 'comment_id', v_id))
    from (
      select 1 as rank, m::uuid as receiver, 'mention' as kind, 'mention:' || v_id as group_key, 'comment' as subject_type, v_id as subject_id
      from jsonb_array_elements_text(e.payload -> 'mentions') m
      union all
      select 2, c.author_id, 'reply', 'reply:' || c.id, 'comment', c.id from public.comments c where c.id = v_parent and c.deleted_at is null
      union all
      select 3, (e.payload ->> 'post_author_id')::uuid, 'comment', 'comment:' || v_post, 'post', v_post
    ) w
    where w.receiver <> v_author and app_private.can_view_post(w.receiver, v_post)
    order by w.receiver, w.rank);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.comment_like_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := e.payload ->> 'comment_id';
  v_user uuid := e.payload ->> 'user_id';
  v_likes boolean := exists (select from public.comment_likes l where l.comment_id = v_id and l.user_id = v_user);
begin
  if e.type = 'comment.liked' and v_likes then
    return array[app_private.draft('raise', (e.payload ->> 'author_id')::uuid, 'like', 'like:' || v_id, 'comment', v_id, v_user, e.occurred_at,
      jsonb_build_object('what', 'comment', 'post_id', e.payload -> 'post_id'))];
  elsif e.type = 'comment.unliked' and not v_likes then
    return array[app_private.draft('retract', (e.payload ->> 'author_id')::uuid, null, 'like:' || v_id, null, null, v_user, null)];
  end if;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.comment_told_as (
  p_receiver uuid,
  p_comment  uuid,
  p_parent   uuid
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when exists (select from public.notifications n where n.user_id = p_receiver and n.group_key = 'mention:' || p_comment) then 'mention'
    when exists (select from public.comments c where c.id = p_parent and c.author_id = p_receiver) then 'reply'
    else 'comment' end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.compatible (
  p_people uuid[],
  p_in     uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_in uuid[] := p_in;
  v_one uuid;
begin
  foreach v_one in array p_people loop
    if not exists (select from unnest(v_in) o where o <> v_one and app_hidden.is_blocked_pair(o, v_one)) then
      v_in := v_in || v_one;
    end if;
  end loop;
  return array(select u from unnest(v_in) u where u <> all (p_in));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_differences (
  p_ids    uuid[],
  p_viewer uuid
)
  RETURNS TABLE (
    likes    bigint[],
    comments bigint[],
    shares   bigint[]
  )
  LANGUAGE plpgsql
  STABLE
  ROWS 1
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_is_famous boolean := p_viewer is not null and exists (
    select from public.post_counts c where c.post_id = any (p_ids) and greatest(c.likes_count, c.comments_count, c.shares_count) > 50);
  v_hidden uuid[] := case when v_is_famous then app_private.hidden_from(p_viewer) end;
begin
  return query
  select array_agg(coalesce(d.likes, 0) - x.likes order by w.n), array_agg(coalesce(d.comments, 0) - x.comments order by w.n),
    array_agg(coalesce(d.shares, 0) - x.shares order by w.n)
  from unnest(p_ids) with ordinality w (id, n)
  left join public.post_counts k on k.post_id = w.id
  left join (
    select y.target,
      (sum(y.delta) filter (where y.counter = 'likes_count'))::bigint as likes,
      (sum(y.delta) filter (where y.counter = 'comments_count'))::bigint as comments,
      (sum(y.delta) filter (where y.counter = 'shares_count'))::bigint as shares
    from app_private.count_deltas y where y.target = any (p_ids) group by y.target
  ) d on d.target = w.id
  cross join lateral (select
    case when p_viewer is null then 0 when k.likes_count > 50 then (
        select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (v_hidden))
      else (select count(*) from public.post_likes l where l.post_id = w.id and app_hidden.is_blocked_pair(p_viewer, l.user_id)) end as likes,
    case when p_viewer is null then 0 when k.comments_count > 50 then (
        select count(*) from public.comments c where c.post_id = w.id and c.author_id = any (v_hidden) and c.deleted_at is null)
      else (
        select count(*) from public.comments c
        where c.post_id = w.id and c.deleted_at is null and app_hidden.is_blocked_pair(p_viewer, c.author_id)) end as comments,
    -- Only those that everybody sees: of others, a block would tell that there is one.
    case when p_viewer is null then 0 when k.shares_count > 50 then (
        select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.author_id = any (v_hidden) and p.status = 'published' and p.visibility = 'public')
      else (
        select count(*) from public.posts p join app_private.author_cards a on a.user_id = p.author_id and not a.is_private
        where p.shared_post_id = w.id and p.status = 'published' and p.visibility = 'public'
          and app_hidden.is_blocked_pair(p_viewer, p.author_id)) end as shares
  ) x;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_lost_refs()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from public.media m where m.id in (select g.media_id from gone g) order by m.id for no key update;
  -- A new statement, which sees what others committed while this one waited.
  update public.media m set delete_after = now() + (select r.no_longer_used_for from app_private.media_rules r)
  where m.id in (select g.media_id from gone g) and m.state = 'ready'
    and not exists (select from app_private.media_refs r where r.media_id = m.id);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.counts_of (
  p_user uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  s app_private.notification_states;
begin
  select * into s from app_private.notification_states x where x.user_id = p_user;
  return (
    select jsonb_build_object('unread_count', count(*) filter (where n.read_at is null),
      'unseen_count', count(*) filter (where n.read_at is null and n.seq > coalesce(s.seen_seq, 0)),
      'last_seq', coalesce(s.last_seq, 0), 'seen_seq', coalesce(s.seen_seq, 0))
    from app_private.shown_notifications(p_user) n
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.decline_for_own (
  p_me     uuid,
  p_call   uuid,
  p_people uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if exists (
    select from public.call_participants m
    join public.call_participants o on o.call_id = m.call_id and o.user_id = any (p_people) and o.state = 'joined'
    where m.call_id = p_call and m.user_id = p_me and m.state = 'ringing') then
    perform app_private.fail_in_call();
  end if;
  perform app_private.part_from_call(p_call, array[p_me], 'declined');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.delete_media_row (
  p_id     uuid,
  p_reason text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform set_config('astra.media_reason', p_reason, true);
  delete from public.media m where m.id = p_id;
  perform set_config('astra.media_reason', '', true);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.digest_rows (
  p_user     uuid,
  p_security boolean,
  p_from     bigint,
  p_to       bigint
)
  RETURNS public.notifications[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.draft (
  p_action       text,
  p_receiver     uuid,
  p_kind         text,
  p_group_key    text,
  p_subject_type text,
  p_subject_id   uuid,
  p_actor        uuid,
  p_at           timestamp with time zone,
  p_data         jsonb                    DEFAULT '{}'::jsonb
)
  RETURNS app_private.notification_draft
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return row(p_action, p_receiver, p_kind, p_group_key, p_subject_type, p_subject_id, p_actor, p_data, p_at)::app_private.notification_draft;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.drafts_of (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  return case split_part(e.type, '.', 1)
    when 'graph' then app_private.graph_drafts(e)
    when 'post' then app_private.post_drafts(e)
    when 'comment' then app_private.comment_drafts(e)
    when 'group' then app_private.group_drafts(e)
    when 'message' then app_private.message_drafts(e)
    when 'wallet' then app_private.wallet_drafts(e)
    when 'user' then app_private.user_drafts(e)
    when 'call' then app_private.call_drafts(e)
    else '{}'::app_private.notification_draft[]
  end;
exception
  when transaction_rollback or insufficient_resources or object_not_in_prerequisite_state or operator_intervention or system_error then
    raise;
  when others then
    insert into app_private.notification_faults (event_id, type, error) values (e.id, e.type, left(sqlerrm, 2000)) on conflict do nothing;
    return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.drop_delivery_target (
  p_channel text,
  p_target  uuid,
  p_reason  text,
  p_is_gone boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if p_channel = 'webhook' then
    update app_private.notification_webhooks w set disabled_at = now(), disabled_reason = left(p_reason, 200) where w.id = p_target;
  elsif p_is_gone then
    delete from app_private.push_subscriptions s where s.id = p_target;
  else
    update app_private.push_subscriptions s set disabled_at = now(), disabled_reason = left(p_reason, 200) where s.id = p_target;
  end if;
  delete from app_private.notification_deliveries d where d.target_id = p_target;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.end_call_for (
  p_call   public.calls,
  p_reason text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  update public.call_participants p
  set state = case p.state when 'ringing' then 'missed' else 'left' end, due_at = null, left_at = clock_timestamp()
  where p.call_id = p_call.id and p.state in ('ringing', 'joined');
  update public.calls c set state = 'ended', end_reason = p_reason, ended_at = clock_timestamp(), epoch = c.epoch + 1, version = c.version + 1
  where c.id = p_call.id;
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
  v_name text;
begin
  select * into strict v_user from auth.users u where u.id = p_user;
  v_meta := coalesce(v_user.raw_user_meta_data, '{}');
  v_full_name := nullif(trim(left(app_hidden.plain_line(coalesce(v_meta ->> 'full_name', v_meta ->> 'name')), 100)), '');
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
    v_name := case when v_attempt = 0 then v_base else
      left(v_base, 28 - v_attempt) || right(lpad((random() * 1e17)::bigint::text, 18, '0'), 2 + v_attempt)
    end;
    continue when app_private.is_username_held(v_name, p_user);
    insert into public.profiles (id, username, full_name, avatar_url)
    values (p_user, v_name, v_full_name, v_avatar_url)
    on conflict (username) do nothing; -- waits for a concurrent sign-up with the same name
    exit when found;
  end loop;

  insert into public.account_settings (user_id, email, phone) values (p_user, v_user.email, v_user.phone)
  on conflict (user_id) do nothing;
  insert into public.profile_counts (user_id) values (p_user)
  on conflict (user_id) do nothing;
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
    ('media', 'public.media', 'owner_id', '{created_at,id}', '{attempts,run_after}', '{public.media.owner_id}'),
    ('media_quota', 'app_private.media_quotas', 'user_id', '{user_id}', '{user_id}', '{app_private.media_quotas.user_id}'),
    ('media_deleted', 'app_private.media_deletions', 'owner_id', '{requested_at,id}', '{owner_id,attempts,run_after,last_error,is_watched}', '{app_private.media_deletions.owner_id}'),
    ('calls', $r$(select p.user_id, p.call_id, c.kind, c.is_direct,
        case when app_private.role_in(c.group_id, p.user_id) is not null then c.group_id end as group_id, c.caller_id = p.user_id as called_by_me, p.state, c.end_reason,
        p.created_at, p.joined_at, p.left_at, c.ended_at,
        (select jsonb_agg(o.user_id order by o.user_id) from public.call_participants o where o.call_id = c.id and o.user_id <> p.user_id
          and (p.left_at is null or o.first_rung_at <= p.left_at)
          and not exists (select from public.blocks b where b.blocker_id = o.user_id and b.blocked_id = p.user_id)) as with_user_ids
        from public.call_participants p join public.calls c on c.id = p.call_id)$r$,
      'user_id', '{created_at,call_id}', '{user_id}', '{public.call_participants.user_id,public.calls.caller_id}'),
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

CREATE OR REPLACE FUNCTION app_private.fail_call_field (
  p_what text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(422, 'calls.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', p_what));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_call_over()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(409, 'calls.over', 'This call is over.', 'Start a new one: POST calls.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_in_call()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(409, 'calls.in_call', 'You are in a call, or one rings for you.', 'End, answer or decline it first: GET calls/current.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_not_callable (
  p_me     uuid,
  p_people uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if cardinality(p_people) = 1 and exists (select from public.blocks b where b.blocker_id = p_me and b.blocked_id = p_people[1]) then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  end if;
  perform app_hidden.fail(403, 'calls.not_accepted', 'Nobody here can be called.',
    'People decide who may call them: show the button only where `can_call` is true.');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_too_large (
  p_kind text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(413, 'media.too_large', format('That is too large for %s.', p_kind),
    format('Send at most %s bytes.', app_private.max_media_bytes(p_kind)));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fail_type (
  p_bucket text
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(415, 'media.type_unsupported', 'This type of file is not taken.', case
    when p_bucket in ('avatars', 'covers') then 'Send JPEG, PNG, WebP, GIF or AVIF.'
    else 'Send JPEG, PNG, WebP, GIF, AVIF, MP4, MOV, WebM, MP3, M4A, Ogg or WAV.' end);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_delivery (
  p_id       uuid,
  p_attempts integer,
  p_seq      bigint,
  p_error    text    DEFAULT NULL::text,
  p_was_sent boolean DEFAULT true
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
  -- Where there was nothing to say, nobody was asked: it makes up for no failure.
  if p_was_sent then
    perform app_private.note_target(d.channel, d.target_id, p_error, true);
  end if;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_digest (
  p_user     uuid,
  p_security boolean,
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
  where g.user_id = p_user and g.is_security = p_security and g.attempts = p_attempts and g.to_seq is not null;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_media (
  p_id       uuid,
  p_attempts integer,
  p          jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  m public.media;
  v_folder text;
begin
  select * into m from public.media x where x.id = p_id and x.state = 'processing' and x.attempts = p_attempts for update;
  if not found then
    return false;
  end if;
  v_folder := app_private.media_folder(m.owner_id, m.id);
  perform app_private.lock_room(m.owner_id);
  if (p ->> 'size_bytes')::bigint > m.size_bytes and (
    select sum(x.size_bytes) from public.media x where x.owner_id = m.owner_id
  ) - m.size_bytes + (p ->> 'size_bytes')::bigint > app_private.media_quota(m.owner_id) then
    perform app_private.refuse(m.id, 'media.quota_exceeded');
    return false;
  end if;
  update public.media x set state = 'ready', kind = p ->> 'kind', mime_type = p ->> 'mime_type', size_bytes = (p ->> 'size_bytes')::bigint,
    width = (p ->> 'width')::int, height = (p ->> 'height')::int, duration_ms = (p ->> 'duration_ms')::int, blurhash = p ->> 'blurhash',
    files = p -> 'files', ready_at = now(), delete_after = now() + (select r.unused_for from app_private.media_rules r)
  where x.id = m.id;
  -- The upload, and what tries before this one made of it.
  insert into app_private.media_deletions (media_id, owner_id, bucket, name, reason, is_watched)
  select m.id, m.owner_id, m.bucket, n.name, 'cleaned', n.name = v_folder || 'original'
  from (
    select v_folder || 'original' as name
    union
    select o.name from storage.objects o
    where o.bucket_id = m.bucket and o.name like v_folder || '%' and not (p -> 'files') @> jsonb_build_array(jsonb_build_object('path', o.name))
  ) n;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_media_deletion (
  p_id       uuid,
  p_attempts integer
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if exists (select from app_private.media_objects(p_id, 1)) then
    return false;
  end if;
  update app_private.media_deletions d set done_at = coalesce(d.done_at, now()), last_error = null,
    is_watched = d.is_watched and now() < d.requested_at + app_private.upload_address_life(),
    run_after = least(now() + greatest(interval '15 minutes', now() - d.requested_at), d.requested_at + app_private.upload_address_life())
  where d.id = p_id and d.attempts = p_attempts;
  return true;
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

CREATE OR REPLACE FUNCTION app_private.forget_rings (
  p_caller uuid,
  p_callee uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  delete from app_private.paces c
  where c.user_id = p_caller and c.what = any (array['rings for ' || p_callee, 'rings a day for ' || p_callee]);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.free_people (
  p_people uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  return array(
    select u.id from unnest(p_people) u (id)
    where not exists (select from public.call_participants p where p.user_id = u.id and p.state in ('ringing', 'joined')));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.graph_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_follower uuid := e.payload ->> 'follower_id';
  v_followee uuid := e.payload ->> 'followee_id';
  v_follows boolean := exists (select from public.follows f where f.follower_id = v_follower and f.followee_id = v_followee);
begin
  if e.type = 'graph.followed' and v_follows then
    if e.actor_id = v_followee then
      return array[app_private.draft('raise', v_follower, 'follow_approved', 'follow_approved', 'person', v_followee, v_followee, e.occurred_at)];
    end if;
    return array[app_private.draft('raise', v_followee, 'follow', 'follow', 'person', v_follower, v_follower, e.occurred_at)];
  elsif e.type = 'graph.unfollowed' and not v_follows then
    return array[app_private.draft('retract', v_followee, null, 'follow', null, null, v_follower, null)];
  elsif e.type = 'graph.follow_requested' and exists (
    select from public.follow_requests r
    where r.requester_id = (e.payload ->> 'requester_id')::uuid and r.target_id = (e.payload ->> 'target_id')::uuid
  ) then
    return array[app_private.draft('raise', (e.payload ->> 'target_id')::uuid, 'follow_request', 'follow_request', 'person',
      (e.payload ->> 'requester_id')::uuid, (e.payload ->> 'requester_id')::uuid, e.occurred_at)];
  end if;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.group_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_group uuid := e.payload ->> 'group_id';
  v_user uuid := e.payload ->> 'user_id';
begin
  case e.type
    when 'group.invited' then
      if app_private.is_invited(v_group, v_user) then
        return array[app_private.draft('raise', v_user, 'group_invite', 'group_invite:' || v_group, 'group', v_group, e.actor_id, e.occurred_at)];
      end if;
    when 'group.join_requested' then
      if exists (select from app_private.group_requests r where r.group_id = v_group and r.user_id = v_user) then
        return array(
          select app_private.draft('raise', m.user_id, 'group_join_request', 'group_join_request:' || v_group, 'group', v_group, v_user, e.occurred_at)
          from (
            select x.user_id from public.group_members x
            where x.group_id = v_group and x.role in ('owner', 'admin', 'moderator') order by x.joined_at limit 50
          ) m);
      end if;
    when 'group.member_joined' then
      if e.actor_id <> v_user and app_private.role_in(v_group, v_user) is not null then
        return array[app_private.draft('raise', v_user, 'group_approved', 'group_approved:' || v_group, 'group', v_group, e.actor_id, e.occurred_at)];
      end if;
    when 'group.role_changed' then
      if e.actor_id is distinct from v_user and app_private.role_in(v_group, v_user) = e.payload ->> 'role' then
        return array[app_private.draft('raise', v_user, 'group_role', 'group_role:' || v_group, 'group', v_group, e.actor_id, e.occurred_at,
          jsonb_build_object('role', e.payload -> 'role', 'old_role', e.payload -> 'old_role'))];
      end if;
    when 'group.deleted' then
      return array[app_private.draft('remove', null, null, null, null, v_group, null, null)];
    else null;
  end case;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_block()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.blocker_id);
  perform app_private.assert_calm('blocks', new.blocker_id, 200, '1 hour');
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_bookmark()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('bookmarks', new.user_id, 1200, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_comment()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_parent public.comments;
begin
  if tg_op = 'INSERT' then
    perform app_private.assert_oneself(new.author_id);
  end if;
  new.content := btrim(new.content, e' \t\r\n');
  if new.deleted_at is null and (new.content is null or length(new.content) not between 1 and 2000) then
    perform app_hidden.fail(422, 'comments.content_invalid', 'A comment has 1 to 2,000 characters.', 'Mend `content`.');
  end if;
  if tg_op = 'UPDATE' then
    if new.content is distinct from old.content and new.deleted_at is null then
      perform app_private.assert_not_suspended();
      perform app_private.assert_may_edit(new);
      new.edited_at := now();
    end if;
    return new;
  end if;
  perform app_private.assert_calm('comments', new.author_id, 600, '1 hour');
  perform app_private.assert_post(new.author_id, new.post_id);
  if new.parent_id is not null then
    perform app_private.assert_comment(new.author_id, new.parent_id);
    select * into v_parent from public.comments c where c.id = new.parent_id;
    if v_parent.post_id <> new.post_id then
      perform app_hidden.fail(404, 'comments.not_found', 'The comment to answer stands under another post.', 'Send the post_id of the comment.');
    end if;
    -- One level: an answer to an answer joins the thread, and says in its words whom it answers.
    if v_parent.parent_id is not null then
      new.parent_id := v_parent.parent_id;
      -- Of an emptied one nobody learns whose it was.
      if app_hidden.is_blocked_pair(new.author_id, (
        select c.author_id from public.comments c where c.id = v_parent.parent_id and c.deleted_at is null
      )) then
        perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
      end if;
    end if;
  end if;
  if not app_private.can_comment(new.author_id, new.post_id) then
    perform app_hidden.fail(403, 'posts.comments_not_allowed', 'You may not comment on this post.', 'Its author decides who may; can_comment of a post says whether you do.');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_comment_like()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('likes', new.user_id, 1200, '1 hour');
  perform app_private.assert_comment(new.user_id, new.comment_id);
  perform app_private.assert_not_banned(new.user_id, (select c.post_id from public.comments c where c.id = new.comment_id));
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_mute()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.muter_id);
  perform app_private.assert_calm('mutes', new.muter_id, 200, '1 hour');
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_is_new boolean := tg_op = 'INSERT';
  v_was text := case when tg_op = 'UPDATE' then old.status else 'draft' end;
begin
  if v_is_new then
    perform app_private.assert_oneself(new.author_id);
    perform app_private.assert_calm('posts', new.author_id, 120, '1 hour');
  else
    perform app_private.assert_not_suspended();
  end if;
  new.content := nullif(btrim(new.content, e' \t\r\n'), '');
  new.location := nullif(btrim(new.location), '');
  if v_is_new and new.group_id is not null and new.visibility = 'public' then
    new.visibility := 'group'; -- nobody said otherwise
  end if;
  perform app_private.assert_post_fields(new);
  if new.group_id is not null and (v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published')) then
    perform app_private.assert_may(new.author_id, new.group_id, 'post');
  end if;
  if new.group_id is not null and not v_is_new and (new.pinned_at is null) <> (old.pinned_at is null) and auth.uid() is not null then
    perform app_private.assert_may(auth.uid(), new.group_id, 'moderate_posts');
    perform app_private.assert_calm('pins', auth.uid(), 300, '1 hour'); -- each is kept in the log
  end if;
  if v_is_new or new.tags is distinct from old.tags or new.content is distinct from old.content then
    if not v_is_new and new.tags = old.tags then
      -- Those that were only in the old words go with them.
      new.tags := array(select t from unnest(old.tags) t where t <> all (coalesce(app_hidden.tags_in(old.content), '{}')));
    end if;
    new.tags := app_hidden.merge_tags(app_hidden.clean_tags(new.tags), coalesce(app_hidden.tags_in(new.content), '{}'));
  end if;
  if not app_hidden.are_media(new.media_urls) then
    perform app_hidden.fail(422, 'posts.media_invalid', 'One of the media is not an address.', 'Send media:<id> of what you uploaded, or addresses that begin with https:// or http://, up to 2048 characters.');
  end if;

  if new.status <> 'scheduled' then
    new.scheduled_for := null;
  elsif new.scheduled_for is null or ((v_is_new or new.scheduled_for is distinct from old.scheduled_for)
    and new.scheduled_for not between now() and now() + interval '1 year') then
    perform app_hidden.fail(422, 'posts.schedule_invalid', 'A post is scheduled for a time to come, within a year.', 'Send `scheduled_for` as a time in the future.');
  end if;
  if v_was in ('published', 'removed') and new.status in ('draft', 'scheduled') then
    perform app_hidden.fail(409, 'posts.already_published', 'A published post does not become a draft again.', 'Make it private, or delete it.');
  end if;

  if new.type <> 'share' then
    if new.status in ('scheduled', 'published') then
      perform app_private.assert_complete(new);
    end if;
  elsif v_is_new or (v_was in ('draft', 'scheduled') and new.status = 'published') then
    new.shared_post_id := app_private.shared_original(new.id, new.author_id, new.shared_post_id, new.content is null);
  end if;

  case new.status
    when 'published' then new.published_at := coalesce(case when v_is_new then new.published_at else old.published_at end, now());
    when 'removed' then null; -- keeps its time, in case it comes back
    else new.published_at := null;
  end case;
  if not v_is_new then
    perform app_private.assert_edit(old, new);
    new.edited_at := case when v_was = 'published' and app_private.reads_otherwise(old, new) then now() else old.edited_at end;
    new.updated_at := now();
  end if;
  if new.status <> 'published' then
    new.pinned_at := null;
  elsif new.pinned_at is not null and (v_is_new or old.pinned_at is null) then
    perform app_private.assert_room_for_pin(new.author_id, new.group_id);
    new.pinned_at := now();
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_post_like()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('likes', new.user_id, 1200, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  if not exists (select from public.posts p where p.id = new.post_id and p.status = 'published') then
    perform app_hidden.fail(404, 'posts.not_found', 'This post is not published.', 'Publish it first.');
  end if;
  perform app_private.assert_not_banned(new.user_id, new.post_id);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_profile()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hint text := case
    when length(new.full_name) > 100 then 'full_name takes at most 100 characters.'
    when new.full_name <> app_hidden.plain_line(new.full_name) and (tg_op = 'INSERT' or new.full_name is distinct from old.full_name) then
      'full_name takes one line without control characters.'
    when length(new.bio) > 500 then 'bio takes at most 500 characters.'
    when length(new.location) > 100 then 'location takes at most 100 characters.'
    when new.website !~ '^https?://' or length(new.website) > 500 then
      'website takes an http:// or https:// address of at most 500 characters.'
    when new.avatar_url !~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)' or length(new.avatar_url) > 2048 then
      'avatar_url takes media:<id> of what you uploaded, or an http:// or https:// address of at most 2048 characters.'
    when jsonb_typeof(new.business_info) <> 'object' or length(new.business_info::text) > 8192 then
      'business_info takes a JSON object of at most 8192 characters.'
  end;
begin
  if v_hint is not null then
    perform app_hidden.fail(422, 'users.field_invalid', 'A field does not take this value.', v_hint);
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_settings()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if not app_hidden.is_privacy_settings(new.privacy_settings) then
    perform app_hidden.fail(422, 'users.privacy_settings_invalid', 'There is no such privacy setting, or it has no such value.',
      'Compare with the list of privacy_settings in docs/users.md.');
  elsif not app_hidden.is_notification_settings(new.notification_settings) then
    perform app_hidden.fail(422, 'users.notification_settings_invalid', 'There is no such notification setting, or it has no such value.',
      'Compare with the list of notification_settings in docs/notifications.md.');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_vote()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_poll public.polls;
begin
  if tg_op = 'DELETE' then
    select q.* into v_poll from public.polls q where q.post_id = old.post_id;
    -- With the poll or the voter the vote goes in any case.
    if v_poll.ends_at <= now() and exists (select from public.profiles p where p.id = old.user_id) then
      perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
    end if;
    return old;
  end if;
  perform app_private.assert_oneself(new.user_id);
  perform app_private.assert_calm('votes', new.user_id, 600, '1 hour');
  perform app_private.assert_post(new.user_id, new.post_id);
  select q.* into v_poll from public.polls q join public.posts p on p.id = q.post_id where q.post_id = new.post_id and p.status = 'published';
  if not found then
    perform app_hidden.fail(404, 'posts.no_poll', 'This post has no poll.', 'Vote in posts with a poll.');
  elsif v_poll.ends_at <= now() then
    perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
  elsif not exists (select from public.poll_options o where o.post_id = new.post_id and o.position = new.position) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'The poll has no such option.', 'Send positions of its options.');
  end if;
  perform app_private.assert_not_banned(new.user_id, new.post_id);
  perform app_private.lock_vote(new.post_id, new.user_id);
  if not v_poll.is_multiple and exists (
    select from public.poll_votes v where v.post_id = new.post_id and v.user_id = new.user_id and v.position <> new.position
  ) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'This poll takes one choice.', 'A vote is the whole choice: send one position, which replaces the earlier one (in the table itself, delete that first).');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.has_blocks (
  p_viewer uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (select from public.blocks b where b.blocker_id = p_viewer) or exists (select from public.blocks b where b.blocked_id = p_viewer);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.has_quiet_people (
  p_user uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return app_private.has_blocks(p_user) or exists (select from public.mutes m where m.muter_id = p_user and (m.until is null or m.until > now()));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_among (
  p_viewer uuid,
  p_people uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION app_private.hidden_from (
  p_viewer uuid
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(
    select b.blocked_id from public.blocks b where b.blocker_id = p_viewer
    union all
    select b.blocker_id from public.blocks b where b.blocked_id = p_viewer
    order by 1 -- an index goes along a sorted list, and would sort it anew for each of twenty posts
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.hold_notifications (
  p_user uuid
)
  RETURNS app_private.notification_states
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  s app_private.notification_states;
begin
  insert into app_private.notification_states (user_id) values (p_user) on conflict (user_id) do nothing;
  select * into s from app_private.notification_states x where x.user_id = p_user for no key update;
  return s;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.host_of (
  p_url text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  -- A port, a final dot and capitals make no other host of it.
  return lower(rtrim(substring(p_url from '^[a-z]+://(\[[^]]*\]|[^][/?#:\\]+)'), '.'));
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
    -- for each other. Who is deleted holds their profile first, and their membership later.
    select m.user_id into v_heir from public.group_members m join public.profiles p on p.id = m.user_id where m.group_id = p_group
    order by app_private.rank_of(m.role) desc, m.joined_at, m.user_id limit 1 for key share of p skip locked for no key update of m skip locked;
    if not found then
      select m.user_id into v_heir from public.group_members m where m.group_id = p_group
      order by app_private.rank_of(m.role) desc, m.joined_at, m.user_id limit 1;
      perform from public.profiles p where p.id = v_heir for key share;
      select m.user_id into v_heir from public.group_members m where m.group_id = p_group and m.user_id = v_heir for no key update;
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

CREATE OR REPLACE FUNCTION app_private.is_message_there (
  n public.notifications
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  m public.conversation_members;
  v_seq bigint := (n.data ->> 'seq')::bigint;
begin
  select * into m from public.conversation_members x where x.user_id = n.user_id and x.conversation_id = n.subject_id;
  if not found or m.state = 'declined' or (n.kind = 'message_request' and m.state <> 'requested')
    or (n.kind <> 'mention' and m.is_muted and (m.muted_until is null or m.muted_until > now())) then
    return false;
  end if;
  -- One of those that are not read, up to fifty; of what was read, the latest.
  return exists (
    select from public.messages x join app_private.notification_actors a on a.notification_id = n.id and a.actor_id = x.sender_id and not a.is_gone
    where x.conversation_id = n.subject_id and x.seq <= v_seq
      and x.seq > case when n.read_at is null and m.last_read_seq < v_seq then greatest(m.last_read_seq, m.from_seq, v_seq - 50) else v_seq - 1 end
      and x.deleted_at is null and (x.expires_at is null or x.expires_at > now()) and (n.kind <> 'mention' or n.user_id = any (x.mentions))
      and not app_private.is_quiet(n.user_id, x.sender_id));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_new_device (
  p_user       uuid,
  p_ip         text,
  p_user_agent text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_network text := coalesce(host(network(set_masklen(p_ip::inet, case family(p_ip::inet) when 4 then 16 else 32 end))), '');
  v_device bytea := sha256(convert_to(v_network || ' ' || coalesce(p_user_agent, ''), 'utf8'));
  v_had_any boolean := exists (select from app_private.sign_in_devices d where d.user_id = p_user);
  v_is_new boolean;
begin
  if not exists (select from public.profiles p where p.id = p_user) then
    return false;
  end if;
  insert into app_private.sign_in_devices as d (user_id, device) values (p_user, v_device)
  on conflict (user_id, device) do update set seen_at = now()
  returning xmax = 0 into v_is_new;
  if v_is_new then
    delete from app_private.sign_in_devices d
    where d.user_id = p_user and d.device in (
      select x.device from app_private.sign_in_devices x where x.user_id = p_user order by x.seen_at desc, x.device offset 50);
  end if;
  return v_is_new and v_had_any;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_once_each (
  p_kind text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return p_kind in ('follow', 'follow_request', 'like', 'group_join_request');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_quiet (
  p_user  uuid,
  p_other uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return app_hidden.is_blocked_pair(p_user, p_other) or exists (
    select from public.mutes m where m.muter_id = p_user and m.muted_id = p_other and (m.until is null or m.until > now()));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_read_there (
  n public.notifications
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return n.kind in ('message', 'message_request') and exists (
    select from public.conversation_members m
    where m.user_id = n.user_id and m.conversation_id = n.subject_id and m.last_read_seq >= (n.data ->> 'seq')::bigint);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_request_open (
  p_kind     text,
  p_receiver uuid,
  p_subject  uuid,
  p_actor    uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case p_kind
    when 'follow_request' then exists (
      select from public.follow_requests r where r.requester_id = p_actor and r.target_id = p_receiver)
    when 'group_join_request' then exists (
      select from app_private.group_requests r where r.group_id = p_subject and r.user_id = p_actor)
      and app_private.role_in(p_subject, p_receiver) in ('owner', 'admin', 'moderator')
    when 'group_invite' then app_private.is_invited(p_subject, p_receiver)
    else true
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_shown (
  p_viewer     uuid,
  p_author     uuid,
  p_group      uuid,
  p_status     text,
  p_visibility text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_author = p_viewer then
    return p_group is null or p_status in ('draft', 'scheduled') or app_private.can_read_group(p_viewer, p_group);
  elsif p_status <> 'published' or p_visibility = 'private' or (p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, p_author)) then
    return false;
  elsif p_visibility = 'group' then
    return app_private.can_read_group(p_viewer, p_group);
  elsif p_visibility = 'public' and exists (select from app_private.author_cards a where a.user_id = p_author and not a.is_private) then
    return true;
  end if;
  return exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p_author)
    and (p_visibility = 'public' or exists (select from public.follows f where f.follower_id = p_author and f.followee_id = p_viewer));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_stray (
  p_bucket text,
  p_name   text,
  p_owner  text,
  p_media  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if not (pg_input_is_valid(p_owner, 'uuid') and pg_input_is_valid(p_media, 'uuid')) then
    return false;
  end if;
  return not exists (
    select from public.media m
    where m.id = p_media::uuid and m.owner_id = p_owner::uuid and m.bucket = p_bucket
      and (m.state in ('pending', 'processing') or m.files @> jsonb_build_array(jsonb_build_object('path', p_name))));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_told_anyway (
  p_kind text
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return p_kind in ('money_received', 'hold', 'withdrawal', 'group_role');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_too_long (
  p_call public.calls
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return p_call.state <> 'ended' and p_call.created_at < clock_timestamp() - (select r.lasts_up_to from app_private.call_rules r);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.join_call (
  p_call   public.calls,
  p_me     uuid,
  p_device uuid,
  p_join   uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
  v_until timestamptz := v_now + (select r.there_for from app_private.call_rules r);
begin
  insert into public.call_participants as p (
    call_id, user_id, state, device_id, join_id, first_joined_at, joined_at, heard_at, due_at, created_at, first_rung_at, rung_at)
  values (p_call.id, p_me, 'joined', p_device, p_join, v_now, v_now, v_now, v_until, p_call.created_at, v_now, v_now)
  on conflict (call_id, user_id) do update
  set state = 'joined', device_id = p_device, join_id = p_join, first_joined_at = coalesce(p.first_joined_at, v_now), joined_at = v_now,
    heard_at = v_now, due_at = v_until, left_at = null, out_epoch = null, out_version = null, reported_at = null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_author_settings()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Whoever changes the profile holds it and comes to the card: in this order here too.
  perform from public.profiles p where p.id = new.user_id for no key update;
  update app_private.author_cards c set who_can_comment = coalesce(new.privacy_settings ->> 'who_can_comment', 'everyone')
  where c.user_id = new.user_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_pace (
  p_what    text,
  p_person  uuid,
  p_limit   integer,
  p_window  interval,
  p_count   integer  DEFAULT 1,
  p_message text     DEFAULT NULL::text,
  p_hint    text     DEFAULT NULL::text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_written int;
begin
  -- The person first: who deletes their account holds the profile and then wants this row.
  insert into app_private.paces as c (user_id, what, written) select p.id, p_what, p_count from public.profiles p where p.id = p_person for key share
  on conflict (user_id, what) do update set
    written = case when c.since > now() - p_window then c.written + p_count else p_count end,
    since = case when c.since > now() - p_window then c.since else now() end
  returning c.written into v_written;
  if v_written > p_limit then
    perform app_hidden.fail(429, 'rate_limit.exceeded', coalesce(p_message, format('%s %s within %s are as many as a person makes.', p_limit, p_what,
      case p_window when interval '1 hour' then 'an hour' else 'a day' end)), coalesce(p_hint, 'Wait some time, and write less.'));
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.live_people (
  p_call uuid
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(select p.user_id from public.call_participants p where p.call_id = p_call and p.state in ('ringing', 'joined') order by p.user_id);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_callers (
  p_people uuid[],
  p_group  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- First of all: who is being deleted holds the profile, and wants the rest.
  perform from public.profiles x where x.id = any (p_people) order by x.id for key share;
  if p_group is not null then
    -- Whoever is being removed is waited for; who is removed later is in the call by then, and leaves it with the group.
    perform from public.groups g where g.id = p_group for key share;
    perform from public.group_members m where m.group_id = p_group and m.user_id = any (p_people) order by m.user_id for key share;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_calls()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- In the order of all who take steps: profile, calls, rows of participants. Also calls that are over, whose rows the deletion touches: two
  -- who delete their accounts have called each other.
  perform from public.profiles x where x.id = old.id for update;
  perform from public.calls c where c.id in (select p.call_id from public.call_participants p where p.user_id = old.id) order by c.id for update;
  -- Counts of others name them, and refer to nobody. Two who have called each other do this one after the other, by the call.
  delete from app_private.paces c
  where c.what like 'rings%for %' and c.what = any (array['rings for ' || old.id, 'rings a day for ' || old.id]);
  return old;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_joining (
  p_call uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended('joining call ' || p_call::text, 0));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_people (
  p_people uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_key bigint;
begin
  for v_key in select distinct hashtextextended('calls of ' || p::text, 0) from unnest(p_people) p order by 1 loop
    perform pg_advisory_xact_lock(v_key);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_room (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended('media.owner:' || p_user::text, 0));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_settings()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from public.account_settings s where s.user_id = old.id for update;
  return old;
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
  perform app_private.assert_calm('decisions about members', p_actor, 600, '1 hour');
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

CREATE OR REPLACE FUNCTION app_private.lock_user()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from auth.users u where u.id = auth.uid() for key share;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.locked_call (
  p_me   uuid,
  p_call uuid
)
  RETURNS public.calls
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_call public.calls;
begin
  perform app_private.participant(p_me, p_call);
  select * into v_call from public.calls c where c.id = p_call for no key update;
  -- Looked at again by whoever asks: a step of somebody else may have been waited for.
  perform app_private.participant(p_me, p_call);
  return v_call;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.log_pin()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.note_in_log(new.group_id, case when new.pinned_at is null then 'post_unpinned' else 'post_pinned' end, new.author_id,
    jsonb_build_object('post_id', new.id));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.max_media_bytes (
  p_kind text
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select case p_kind when 'image' then r.image_bytes when 'video' then r.video_bytes else r.audio_bytes end from app_private.media_rules r
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.may_join (
  p_call public.calls,
  p_mine public.call_participants
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_call.state = 'ended' or p_mine.state = 'removed' then
    return false;
  elsif p_mine.state = 'ringing' then
    return true;
  end if;
  -- Back into a call that goes on: as long as others are in it, there is room, and no block has come between.
  return p_call.state = 'active' and not p_call.is_direct
    and cardinality(app_private.live_people(p_call.id)) < (select r.max_people from app_private.call_rules r)
    and (p_call.group_id is null or app_private.role_in(p_call.group_id, p_mine.user_id) is not null)
    and not exists (select from unnest(app_private.live_people(p_call.id)) o where app_hidden.is_blocked_pair(o, p_mine.user_id));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_card (
  m public.media
)
  RETURNS public.media_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (m.id, m.bucket, m.kind, m.state, m.mime_type, m.size_bytes, m.width, m.height, m.duration_ms, m.blurhash,
    case when m.state = 'pending' then app_private.media_folder(m.owner_id, m.id) || 'original' end, m.files, m.error, m.created_at)::public.media_card;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_folder (
  p_owner uuid,
  p_media uuid
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return p_owner::text || '/' || p_media::text || '/';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_ids (
  p_urls text[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return array(select distinct substr(u, 7)::uuid from unnest(p_urls) u where u like 'media:%' order by 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_kind (
  p_mime_type text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p_mime_type in ('image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif') then 'image'
    when p_mime_type in ('video/mp4', 'video/quicktime', 'video/webm') then 'video'
    when p_mime_type in ('audio/mpeg', 'audio/mp4', 'audio/webm', 'audio/ogg', 'audio/wav') then 'audio'
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_objects (
  p_id    uuid,
  p_limit integer
)
  RETURNS SETOF text
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  d app_private.media_deletions;
begin
  select * into d from app_private.media_deletions x where x.id = p_id;
  return query
  select o.name from storage.objects o
  where o.bucket_id = d.bucket and o.name like app_private.media_folder(d.owner_id, d.media_id) || '%' and (d.name is null or o.name = d.name)
  order by o.name limit least(greatest(p_limit, 1), 1000);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.media_quota (
  p_user uuid
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((select q.quota_bytes from app_private.media_quotas q where q.user_id = p_user),
    (select r.quota_bytes from app_private.media_rules r));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.mentions_of (
  p_post   uuid,
  p_viewer uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'username', u.username::text) order by u.username), '[]')
    from public.post_mentions m join public.profiles u on u.id = m.user_id
    where m.post_id = p_post and not (p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, m.user_id))
  );
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
    case when not r.is_hidden or x.sender_id = p_me then a.card end,
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
  left join app_private.author_cards a on a.user_id = x.sender_id
  left join public.message_hides h on h.user_id = p_me and h.conversation_id = x.conversation_id and h.seq = x.seq
  left join public.message_reactions mine on mine.conversation_id = x.conversation_id and mine.seq = x.seq and mine.user_id = p_me
  left join public.messages q on q.conversation_id = x.conversation_id and q.seq = x.reply_to_seq
  cross join lateral (
    select coalesce(x.deleted_at, h.created_at, case when x.expires_at <= clock_timestamp() then x.expires_at end,
      -- Of an account that is gone, whose words the worker has still to take away.
      case when a.user_id is null then x.created_at end)
  ) g (at)
  order by x.ordinality;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.message_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_conversation uuid := e.payload ->> 'conversation_id';
  v_seq bigint := (e.payload ->> 'seq')::bigint;
  v_sender uuid := e.payload ->> 'sender_id';
  v_data jsonb := jsonb_build_object('message_id', e.payload -> 'message_id', 'seq', v_seq, 'group_id', e.payload -> 'group_id');
  v_mentions uuid[];
  v_is_large boolean := false;
begin
  if e.type <> 'message.created' or not exists (
    select from public.messages m where m.conversation_id = v_conversation and m.seq = v_seq and m.deleted_at is null
      and (m.expires_at is null or m.expires_at > now())
  ) then
    return '{}';
  end if;
  v_mentions := array(select jsonb_array_elements_text(e.payload -> 'mentions')::uuid);
  if e.payload ->> 'conversation_kind' = 'group' then
    v_is_large := exists (
      select from public.conversation_members m where m.conversation_id = v_conversation
      offset (select r.conversation_up_to from app_private.notification_rules r));
    if v_is_large and v_mentions = '{}' then
      return '{}'; -- without looking at each of its members
    end if;
  end if;
  return array(
    select case
      when m.user_id = any (v_mentions) then
        app_private.draft('raise', m.user_id, 'mention', 'mention:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      when m.state = 'requested' then
        app_private.draft('raise', m.user_id, 'message_request', 'message_request:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      else
        app_private.draft('raise', m.user_id, 'message', 'message:' || v_conversation, 'conversation', v_conversation, v_sender, e.occurred_at, v_data)
      end
    from public.conversation_members m
    where m.conversation_id = v_conversation and m.user_id <> v_sender and m.state <> 'declined'
      and m.from_seq < v_seq and m.last_read_seq < v_seq -- whoever has the conversation open has read it by now
      and (m.user_id = any (v_mentions)
        or (not v_is_large and not (m.is_muted and (m.muted_until is null or m.muted_until > now())))));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.money_text (
  p_kind   text,
  p_who    text,
  p_events integer,
  p_data   jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_amount text := app_private.amount_of(p_data, 'amount_minor');
begin
  case p_kind
    when 'money_received' then
      v_amount := app_private.amount_of(p_data, 'total_minor');
      return case when p_who = 'Somebody' then format('You received %s.', v_amount) else format('%s sent you %s.', p_who, v_amount) end;
    when 'hold' then
      return case p_data ->> 'state'
        when 'placed' then format('%s set %s aside for you.', p_who, v_amount)
        when 'captured' then format('%s of the %s set aside went to %s.', app_private.amount_of(p_data, 'captured_minor'), v_amount, p_who)
        when 'voided' then format('%s released the %s set aside.', p_who, v_amount)
        else format('The time of %s set aside is over.', v_amount) end;
    when 'withdrawal' then
      return case p_data ->> 'state'
        when 'requested' then format('A withdrawal of %s was asked for.', v_amount)
        when 'paid' then format('Your withdrawal of %s was paid out.', v_amount)
        else format('Your withdrawal of %s failed; the money is back in your wallet.', v_amount) end;
    else
      return case p_data ->> 'state'
        when 'open' then format('%s asks you for %s.', p_who, v_amount)
        when 'paid' then format('%s paid the %s that you asked for.', p_who, v_amount)
        when 'declined' then format('%s declined to pay %s.', p_who, v_amount)
        when 'cancelled' then format('A request for %s was taken back.', v_amount)
        else format('A request for %s was not answered in time.', v_amount) end;
  end case;
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

CREATE OR REPLACE FUNCTION app_private.note_target (
  p_channel     text,
  p_target      uuid,
  p_error       text,
  p_is_given_up boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if p_error is null then
    if p_channel = 'push' then
      update app_private.push_subscriptions s set failures = 0, failing_since = null where s.id = p_target and s.failing_since is not null;
    else
      update app_private.notification_webhooks w set failures = 0, failing_since = null where w.id = p_target and w.failing_since is not null;
    end if;
  elsif p_channel = 'push' then
    update app_private.push_subscriptions s
    set failures = s.failures + p_is_given_up::int, failing_since = coalesce(s.failing_since, now())
    where s.id = p_target and s.disabled_at is null;
    update app_private.push_subscriptions s set disabled_at = now(), disabled_reason = left(p_error, 200)
    where s.id = p_target and s.disabled_at is null and (s.failures >= 10 or s.failing_since < now() - interval '3 days');
  else
    update app_private.notification_webhooks w
    set failures = w.failures + p_is_given_up::int, failing_since = coalesce(w.failing_since, now())
    where w.id = p_target and w.disabled_at is null;
    update app_private.notification_webhooks w set disabled_at = now(), disabled_reason = left(p_error, 200)
    where w.id = p_target and w.disabled_at is null and (w.failures >= 10 or w.failing_since < now() - interval '3 days');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.notification_cards (
  p_notifications public.notifications[]
)
  RETURNS SETOF public.notification_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_user uuid := p_notifications[1].user_id;
  v_ids uuid[] := array(select n.id from unnest(p_notifications) n);
  v_quiet uuid[] := '{}';
  v_seen bigint := (select s.seen_seq from app_private.notification_states s where s.user_id = v_user);
begin
  if app_private.has_quiet_people(v_user) then
    v_quiet := array(
      select x.actor_id from (select distinct a.actor_id from app_private.notification_actors a where a.notification_id = any (v_ids)) x
      where app_private.is_quiet(v_user, x.actor_id));
  end if;
  return query
  select n.id, n.seq, n.kind, app_hidden.notification_category(n.kind), coalesce(p.people, '[]'), c.actors, n.events_count,
    app_private.subject_of(n, p.latest), n.data || coalesce(p.data, '{}'),
    app_private.notification_text(n.kind, p.names, c.actors, n.events_count, n.data),
    n.seq <= v_seen, n.read_at is not null, n.created_at, n.updated_at
  from unnest(p_notifications) with ordinality u
  cross join lateral (select (p_notifications[u.ordinality]).*) n
  cross join lateral (
    select count(*) + n.more_actors as actors from app_private.notification_actors a
    where a.notification_id = n.id and not a.is_gone and a.actor_id <> all (v_quiet)
      and (n.kind not in ('follow_request', 'group_join_request', 'group_invite') or app_private.is_request_open(n.kind, v_user, n.subject_id, a.actor_id))
  ) c
  cross join lateral (
    select jsonb_agg(x.card order by x.happened_at desc, x.actor_id desc) as people,
      array_agg(app_hidden.plain_line(coalesce(x.card ->> 'full_name', x.card ->> 'username')) order by x.happened_at desc, x.actor_id desc) as names,
      (array_agg(x.actor_id order by x.happened_at desc, x.actor_id desc))[1] as latest,
      (array_agg(x.data order by x.happened_at desc, x.actor_id desc))[1] as data
    from (
      select k.card, a.happened_at, a.actor_id, case when not app_private.is_told_anyway(n.kind) then a.data end as data
      from app_private.notification_actors a join app_private.author_cards k on k.user_id = a.actor_id
      where a.notification_id = n.id and not a.is_gone and a.actor_id <> all (v_quiet)
        and (n.kind not in ('follow_request', 'group_join_request', 'group_invite') or app_private.is_request_open(n.kind, v_user, n.subject_id, a.actor_id))
      order by a.happened_at desc, a.actor_id desc limit 3
    ) x
  ) p
  order by u.ordinality;
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

CREATE OR REPLACE FUNCTION app_private.notification_stats()
  RETURNS TABLE (
    lag_seconds double precision,
    faults      bigint
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  r app_private.notification_reader;
begin
  select * into r from app_private.notification_reader;
  r.upto := coalesce(r.upto, pg_current_snapshot());
  return query
  select coalesce((select extract(epoch from clock_timestamp() - min(e.occurred_at))::double precision from app_private.unread_events(r, 1) e), 0),
    (select count(*) from (select from app_private.notification_faults f limit 10000) f);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.notification_text (
  p_kind   text,
  p_names  text[],
  p_count  bigint,
  p_events integer,
  p_data   jsonb
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_who text := app_private.who_did(p_names, p_count);
begin
  return case p_kind
    when 'follow' then format('%s started following you.', v_who)
    when 'follow_request' then format('%s asked to follow you.', v_who)
    when 'follow_approved' then format('%s let you follow them.', v_who)
    when 'like' then format('%s liked your %s.', v_who, coalesce(p_data ->> 'what', 'post'))
    when 'comment' then format('%s commented on your post.', v_who)
    when 'reply' then format('%s replied to your comment.', v_who)
    when 'mention' then format('%s mentioned you.', v_who)
    when 'share' then format('%s shared your post.', v_who)
    when 'message' then format(case when p_events > 1 then '%s sent you %s messages.' else '%s sent you a message.' end, v_who, p_events)
    when 'message_request' then format('%s would like to write to you.', v_who)
    when 'group_invite' then format('%s invited you to a group.', v_who)
    when 'group_join_request' then format('%s asked to join your group.', v_who)
    when 'group_approved' then 'You were taken into a group.'
    when 'group_role' then format('You are now %s of a group.', p_data ->> 'role')
    when 'missed_call' then format(case when p_events > 1 then '%s called you %s times.' else '%s called you.' end, v_who, p_events)
    when 'sign_in' then 'Somebody signed in to your account from a new device.'
    when 'password_changed' then 'Your password was changed.'
    when 'target_added' then case p_data ->> 'channel'
      when 'push' then 'Another device gets your notifications as push messages.'
      else format('Your notifications are also sent to %s.', p_data ->> 'host') end
    when 'webhook_disabled' then format('Your notifications are no longer sent to %s: %s.', p_data ->> 'host', p_data ->> 'reason')
    when 'notice' then p_data ->> 'title'
    else app_private.money_text(p_kind, v_who, p_events, p_data)
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.older_feed_ids (
  p_user      uuid,
  p_limit     integer,
  p_before    timestamp with time zone,
  p_before_id uuid
)
  RETURNS TABLE (
    ids     uuid[],
    authors uuid[],
    last_at timestamp with time zone,
    more    boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  v_window interval;
  v_from timestamptz;
  v_page record;
  v_room int := p_limit;
begin
  ids := '{}';
  authors := '{}';
  foreach v_window in array array['4 days', '30 days', '200 days', null]::interval[] loop
    -- A cursor from long before there were posts would leave the range of timestamps.
    v_from := case when v_window is null or p_before < '1970-01-01' then '-infinity' else least(p_before, now()) - v_window end;
    select array_agg(p.post_id order by p.published_at desc, p.post_id desc) as ids,
      array_agg(p.author_id) as authors, count(*)::int as count, min(p.published_at) as last_at
    into v_page
    from app_private.pull_posts(p_user, v_from, p_before, p_before_id, v_room, true) p;
    ids := ids || v_page.ids;
    authors := authors || v_page.authors;
    last_at := coalesce(v_page.last_at, last_at);
    v_room := v_room - v_page.count;
    exit when v_room = 0 or v_from = '-infinity';
    p_before := v_from;
    p_before_id := '00000000-0000-0000-0000-000000000000';
  end loop;
  more := v_room = 0;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.open_direct (
  p_me    uuid,
  p_other uuid
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_rules app_private.chat_rules;
  v_one public.conversations;
begin
  if p_me = p_other then
    perform app_hidden.fail(422, 'messages.to_oneself', 'Nobody writes to themselves.', 'Name somebody else.');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('chat.open ' || p_me::text, 0)); -- two at once would both be within the limits
  perform app_private.lock_pairs(array[p_me], array[p_other]);
  select c.id into v_id from public.conversations c where c.low_id = least(p_me, p_other) and c.high_id = greatest(p_me, p_other);
  if found then
    return v_id;
  elsif exists (select from public.blocks b where b.blocker_id = p_me and b.blocked_id = p_other) then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  elsif not app_private.may_reach(p_me, p_other, 'who_can_message') then
    perform app_private.fail_not_accepted();
  end if;
  select * into v_rules from app_private.chat_rules;
  if v_rules.conversations_per_hour is not null and exists (
      select from public.conversations c where c.opened_by = p_me and c.created_at > now() - interval '1 hour' offset v_rules.conversations_per_hour - 1)
    or v_rules.conversations_per_day is not null and exists (
      select from public.conversations c where c.opened_by = p_me and c.created_at > now() - interval '1 day' offset v_rules.conversations_per_day - 1) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have begun more conversations than a person does.', 'Wait some hours.');
  end if;
  insert into public.conversations (kind, low_id, high_id, opened_by)
  values ('direct', least(p_me, p_other), greatest(p_me, p_other), p_me) returning * into v_one;
  insert into public.conversation_members (conversation_id, user_id, state) values
    (v_one.id, p_me, 'accepted'),
    (v_one.id, p_other, case when exists (
      select from public.follows f where f.follower_id = p_other and f.followee_id = p_me) then 'accepted' else 'requested' end);
  perform app_private.tell_person(m.user_id, 'conversation_added', app_private.epoch_notice(v_one) || jsonb_build_object('kind', 'direct', 'state', m.state))
  from public.conversation_members m where m.conversation_id = v_one.id;
  return v_one.id;
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

CREATE OR REPLACE FUNCTION app_private.own_media (
  p_id uuid
)
  RETURNS public.media
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  m public.media;
begin
  select * into m from public.media x where x.id = p_id and x.owner_id = auth.uid() for update;
  if not found then
    perform app_hidden.fail(404, 'media.not_found', 'There is no such medium.', 'It may have been deleted, or is not shown to you.');
  end if;
  return m;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.page_of_cards (
  p_cards   jsonb[],
  p_limit   integer,
  p_last_at timestamp with time zone,
  p_last_id uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_is_full boolean := cardinality(p_cards) > p_limit; -- one too many says that there are more
begin
  return jsonb_build_object('data', to_jsonb(p_cards[1:p_limit]), 'next', case
    when v_is_full then jsonb_build_object('before', p_cards[p_limit] -> 'published_at', 'before_id', p_cards[p_limit] -> 'id')
    when p_last_id is not null then jsonb_build_object('before', p_last_at, 'before_id', p_last_id) end);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_from_call (
  p_call   uuid,
  p_people uuid[],
  p_state  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_out uuid[];
begin
  -- Compare and set: who is out already stays as they are.
  with gone as (
    update public.call_participants p set state = p_state, due_at = null, left_at = clock_timestamp()
    where p.call_id = p_call and p.user_id = any (p_people) and p.state in ('ringing', 'joined') returning p.user_id
  )
  select array_agg(g.user_id) into v_out from gone g;
  if v_out is not null then
    perform app_private.settle_call(p_call, v_out);
  end if;
  return v_out is not null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_group_calls()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_one record;
begin
  perform from public.calls c
  where c.state <> 'ended' and c.group_id in (select g.group_id from changed g) order by c.id for no key update;
  for v_one in
    select c.id, p.user_id
    from changed g join public.calls c on c.group_id = g.group_id and c.state <> 'ended'
    join public.call_participants p on p.call_id = c.id and p.user_id = g.user_id and p.state in ('ringing', 'joined')
    order by c.id
  loop
    perform app_private.part_from_call(v_one.id, array[v_one.user_id], 'removed');
  end loop;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_the_calling()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_one record;
begin
  -- part_the_blocked has locked the pair: no call brings the two together meanwhile.
  perform from public.calls c
  where c.id in (
    select p.call_id from changed b
    join public.call_participants p on p.user_id = b.blocker_id and p.state in ('ringing', 'joined')
    join public.call_participants q on q.user_id = b.blocked_id and q.call_id = p.call_id and q.state in ('ringing', 'joined'))
  order by c.id for no key update;
  for v_one in
    select c.id, c.is_direct, c.caller_id = b.blocker_id as by_caller, b.blocker_id, b.blocked_id, p.state
    from changed b
    join public.call_participants p on p.user_id = b.blocker_id and p.state in ('ringing', 'joined')
    join public.call_participants q on q.user_id = b.blocked_id and q.call_id = p.call_id and q.state in ('ringing', 'joined')
    join public.calls c on c.id = p.call_id
    order by c.id
  loop
    -- Who blocks goes, as by hanging up: nobody is put out of a call by somebody who did not start it.
    if v_one.by_caller and not v_one.is_direct then
      perform app_private.part_from_call(v_one.id, array[v_one.blocked_id], 'removed');
    else
      perform app_private.part_from_call(v_one.id, array[v_one.blocker_id], case v_one.state when 'ringing' then 'declined' else 'left' end);
    end if;
  end loop;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.participant (
  p_me   uuid,
  p_call uuid
)
  RETURNS public.call_participants
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_found public.call_participants;
begin
  select * into v_found from public.call_participants p where p.call_id = p_call and p.user_id = p_me;
  if not found then
    perform app_hidden.fail(404, 'calls.not_found', 'There is no such call.', 'Take an id from GET calls.');
  end if;
  return v_found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.people_to_call (
  p_me    uuid,
  p_group uuid,
  p_named uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_max int := (select r.max_people - 1 from app_private.call_rules r);
  v_people uuid[];
begin
  if p_group is null then
    v_people := array(select u.id from unnest(p_named) with ordinality u (id, n) where u.id <> p_me group by u.id order by min(u.n) limit v_max + 1);
    if v_people = '{}' then
      perform app_hidden.fail(422, 'calls.to_oneself', 'Nobody calls themselves.', 'Name somebody else.');
    end if;
  else
    perform app_private.assert_in_group(p_me, p_group);
    v_people := array(
      select m.user_id from public.group_members m
      where m.group_id = p_group and m.user_id <> p_me and (p_named = '{}' or m.user_id = any (p_named))
      order by m.user_id limit v_max + 1);
  end if;
  if cardinality(v_people) > v_max then
    perform app_hidden.fail(422, 'calls.too_many_people', format('A call has at most %s people.', v_max + 1), 'Name fewer people in `user_ids`.');
  end if;
  return v_people;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.person_files (
  p_user  uuid,
  p_limit integer
)
  RETURNS TABLE (
    bucket_id text,
    name      text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select o.bucket_id, o.name from storage.objects o
  where o.owner_id = p_user::text or o.owner = p_user or (o.bucket_id in ('exports', 'avatars', 'covers', 'posts', 'messages') and o.name like p_user::text || '/%')
  order by o.bucket_id, o.name
  limit least(greatest(p_limit, 1), 1000);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.person_of (
  p_person uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select a.card from app_private.author_cards a where a.user_id = p_person);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.plain_sendings (
  p_senders  uuid[],
  p_sessions uuid[],
  p_messages jsonb[]
)
  RETURNS app_private.sending[]
  LANGUAGE plpgsql
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_hashjoin TO 'off'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_items app_private.sending[];
begin
  with asked as materialized (
    select u.ord, u.sender, u.session, u.p ->> 'content' as content, u.p - '{conversation_id,group_id,receiver_id}'::text[] as words,
      u.p - '{content,client_id}'::text[] as "to", coalesce(u.p ->> 'conversation_id', u.p ->> 'receiver_id', u.p ->> 'group_id') as target,
      case
        when not u.p ? 'client_id' then app_private.uuid_v7()
        when jsonb_typeof(u.p -> 'client_id') = 'string' and pg_input_is_valid(u.p ->> 'client_id', 'uuid') then (u.p ->> 'client_id')::uuid
      end as id
    from unnest(p_senders, p_sessions, p_messages) with ordinality u (sender, session, p, ord)
    where jsonb_typeof(u.p) = 'object' and jsonb_typeof(u.p -> 'content') = 'string'
  ), meant as materialized (
    select a.*, row_number() over (partition by a.id order by a.ord) as twin,
      case
        when pg_input_is_valid(a.target, 'uuid') is not true then null
        when a.to = jsonb_build_object('conversation_id', a.target) then a.target::uuid
        when a.to = jsonb_build_object('receiver_id', a.target) then (
          select c.id from public.conversations c where c.low_id = least(a.sender, a.target::uuid) and c.high_id = greatest(a.sender, a.target::uuid))
        when a.to = jsonb_build_object('group_id', a.target) then (
          select c.id from public.conversations c where c.group_id = a.target::uuid)
      end as conversation_id
    from asked a
  )
  select array_agg(row(a.ord, a.conversation_id, null, null, a.id, a.sender, null, a.content, hashtextextended(a.words::text, 0), null)::app_private.sending)
  into v_items
  from meant a
  -- Whose conversation it is not locks nothing.
  join public.conversation_members m on m.user_id = a.sender and m.conversation_id = a.conversation_id
  where a.id is not null and a.twin = 1 and length(a.content) <= 4000 and (ascii(a.content) between 33 and 126 or a.content ~ '\S')
    and strpos(a.content, '@') = 0
    and exists (select from auth.sessions s where s.id = a.session and s.user_id = a.sender and (s.not_after is null or s.not_after > now()));
  return v_items;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.post_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_post uuid := e.payload ->> 'post_id';
  v_author uuid := e.payload ->> 'author_id';
  v_user uuid := e.payload ->> 'user_id';
  v_likes boolean;
begin
  if e.type in ('post.liked', 'post.unliked') then
    v_likes := exists (select from public.post_likes l where l.post_id = v_post and l.user_id = v_user);
    if e.type = 'post.liked' and v_likes then
      return array[app_private.draft('raise', v_author, 'like', 'like:' || v_post, 'post', v_post, v_user, e.occurred_at)];
    elsif e.type = 'post.unliked' and not v_likes then
      return array[app_private.draft('retract', v_author, null, 'like:' || v_post, null, null, v_user, null)];
    end if;
    return '{}';
  elsif e.type = 'post.deleted' then
    return array[app_private.draft('remove', null, null, null, null, v_post, null, null)] || array(
      select app_private.draft('retract', p.author_id, null, 'share:' || p.id, null, null, v_author, null) from public.posts p
      where p.id = (e.payload ->> 'shared_post_id')::uuid and not exists (
        select from public.posts x where x.shared_post_id = p.id and x.author_id = v_author and x.status = 'published'));
  elsif e.type <> 'post.published' then
    return '{}';
  end if;
  return array(
    select app_private.draft('raise', m.id, 'mention', 'mention:' || v_post, 'post', v_post, v_author, e.occurred_at)
    from (select x::uuid as id from jsonb_array_elements_text(e.payload -> 'mentions') x) m
    where app_private.can_view_post(m.id, v_post)
  ) || array(
    select app_private.draft('raise', p.author_id, 'share', 'share:' || p.id, 'post', p.id, v_author, e.occurred_at, jsonb_build_object('share_id', v_post))
    from public.posts p where p.id = (e.payload ->> 'shared_post_id')::uuid and app_private.can_view_post(p.author_id, v_post)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.project_notifications (
  p_limit integer
)
  RETURNS TABLE (
    done integer,
    more boolean
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  r app_private.notification_reader;
  e app_private.outbox_events;
  v_drafts app_private.notification_draft[] := '{}';
  v_limit int := least(greatest(p_limit, 1), 5000);
  v_count int := 0;
  v_is_older boolean;
begin
  -- One reader at a time: whoever comes meanwhile has nothing to do.
  select * into r from app_private.notification_reader x for update skip locked;
  if not found then
    return query select 0, false;
    return;
  end if;
  v_is_older := r.upto is not null; -- then there may be more than it saw
  r.upto := coalesce(r.upto, pg_current_snapshot());
  for e in select * from app_private.unread_events(r, v_limit) loop
    v_count := v_count + 1;
    v_drafts := v_drafts || app_private.drafts_of(e);
    r.after_tx := e.tx_id;
    r.after_position := e.position;
    r.happened_to := e.occurred_at;
    exit when cardinality(v_drafts) >= 2000; -- a message to many is one event
  end loop;
  if v_count = 0 and r.after_tx = '0' and pg_snapshot_xmax(r.upto) = pg_snapshot_xmax(r.done) then
    return query select 0, false;
    return;
  end if;
  perform app_private.apply_notifications(v_drafts);
  if v_count < v_limit and cardinality(v_drafts) < 2000 then
    r.done := r.upto;
    r.upto := null;
    r.after_tx := '0';
    r.after_position := 0;
  end if;
  update app_private.notification_reader x
  set done = r.done, upto = r.upto, after_tx = r.after_tx, after_position = r.after_position, happened_to = r.happened_to;
  return query select v_count, v_is_older or r.upto is not null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_calls (
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
  with old as materialized (
    select c.id from public.calls c
    where c.ended_at < now() - (select r.keep_for from app_private.call_rules r)
    order by c.ended_at limit least(greatest(p_limit, 1), 1000) for update skip locked
  )
  delete from public.calls c using old where c.id = old.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_notifications (
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
  with old as materialized (
    select n.id from public.notifications n
    where n.updated_at < now() - (select r.keep_for from app_private.notification_rules r)
    order by n.updated_at limit least(greatest(p_limit, 1), 10000)
    for update skip locked
  )
  delete from public.notifications n using old where n.id = old.id;
  get diagnostics v_count = row_count;
  delete from app_private.push_subscriptions s where s.expires_at < now();
  delete from app_private.notification_faults f where f.at < now() - interval '90 days';
  return v_count;
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
      -- Notifications are read from here, too, at their own pace.
      and e.tx_id < (select pg_snapshot_xmin(r.done) from app_private.notification_reader r)
    order by e.tx_id, e.position
    limit 10000
    for update skip locked
  )
  delete from app_private.outbox_events e using old where e.id = old.id;
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_rings (
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
  with old as materialized (
    select c.user_id, c.what from app_private.paces c
    where c.what like 'rings%for %' and c.since <= now() - interval '10 minutes'
      and (c.what like 'rings for %' or c.since <= now() - interval '1 day')
    order by c.since limit least(greatest(p_limit, 1), 1000) for update skip locked
  )
  delete from app_private.paces c using old where c.user_id = old.user_id and c.what = old.what;
  get diagnostics v_count = row_count;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.pull_posts (
  p_user          uuid,
  p_from          timestamp with time zone,
  p_before        timestamp with time zone,
  p_before_id     uuid,
  p_limit         integer,
  p_without_muted boolean                  DEFAULT false
)
  RETURNS TABLE (
    post_id      uuid,
    published_at timestamp with time zone,
    author_id    uuid
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 100
  SET search_path TO ''
  SET jit TO 'off'
  AS $function$
#variable_conflict use_column
begin
  return query
  select p.id, p.published_at, a.author_id
  from (
    select f.followee_id as author_id from public.follows f
    where f.follower_id = p_user and (not p_without_muted or (
      select true from public.mutes m where m.muter_id = p_user and m.muted_id = f.followee_id and (m.until is null or m.until > now())) is null)
    union all
    select p_user
  ) a
  -- One probe of the index for each author, newest first, however many posts there are in all.
  cross join lateral (
    select q.id, q.published_at from public.posts q
    where q.author_id = a.author_id and q.status = 'published' and q.group_id is null
      and q.published_at >= p_from and (q.published_at, q.id) < (p_before, p_before_id)
      and case q.visibility
        when 'public' then true
        when 'friends' then a.author_id = p_user
          or exists (select from public.follows f where f.follower_id = a.author_id and f.followee_id = p_user)
        else a.author_id = p_user
      end
    order by q.published_at desc, q.id desc
    limit p_limit
  ) p
  order by p.published_at desc, p.id desc
  limit p_limit;
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
  v_again interval;
begin
  select * into v_rules from app_private.notification_rules;
  v_again := case when p_kind in ('message', 'message_request') then least(interval '3 seconds', v_rules.push_again_after) else v_rules.push_again_after end;
  insert into app_private.notification_deliveries as d (notification_id, channel, target_id, seq)
  select p_notification, t.channel, t.id, p_seq
  from (
    select 'push' as channel, s.id from app_private.push_subscriptions s where s.user_id = p_user and s.disabled_at is null and 'push' = any (p_channels)
    union all
    select 'webhook', w.id from app_private.notification_webhooks w where w.user_id = p_user and w.disabled_at is null and 'webhook' = any (p_channels)
  ) t
  -- Of what waits, or is on its way, the time stays: what is added goes with it, or after it.
  on conflict (notification_id, target_id) do update set seq = excluded.seq,
    attempts = case when d.sent_seq < d.seq then d.attempts else 0 end,
    next_attempt_at = case when d.sent_seq < d.seq then d.next_attempt_at
      else greatest(excluded.next_attempt_at, d.sent_at + case when d.channel = 'push' then v_again else interval '1 second' end) end;
  if 'email' = any (p_channels) then
    insert into app_private.notification_digests as g (user_id, is_security, due_at)
    select p_user, x.is_security, case when x.is_security then now() else now() + v_rules.digest_after end
    from (select app_hidden.notification_category(p_kind) = 'security' as is_security) x
    on conflict (user_id, is_security) do update set
      due_at = case when g.to_seq is null then least(g.due_at, excluded.due_at) else g.due_at end,
      again_at = case when g.to_seq is not null then least(g.again_at, excluded.due_at) end;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.queue_media_deletion()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.media_deletions (media_id, owner_id, bucket, reason, held_bytes)
  values (old.id, old.owner_id, old.bucket, coalesce(nullif(current_setting('astra.media_reason', true), ''), 'account_deleted'),
    case when coalesce(old.uploaded_at, now()) > now() - app_private.upload_address_life() then old.size_bytes else 0 end);
  return null;
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
exception
  -- Time zones come and go with the server: of one that is gone, nobody knows when it is night there.
  when invalid_parameter_value then
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
  p_at           timestamp with time zone,
  p_datas        jsonb[]                    DEFAULT NULL::jsonb[]
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
  if v_open.created_at < now() - v_rules.group_for and (v_open.read_at is not null or app_private.is_read_there(v_open)) then
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
  -- What is one person's of several stands with them, so that it is hidden with them.
  if p_actors is not null and not app_private.is_told_anyway(p_kind) then
    p_data := p_data - '{comment_id,share_id,message_id}'::text[];
    p_subject_id := case when p_subject_type <> 'person' then p_subject_id end;
  end if;
  if p_total is not null then
    p_data := p_data || jsonb_build_object('total_minor', (p_total + coalesce((v_open.data ->> 'total_minor')::numeric, 0))::text);
  end if;
  if v_open.id is null then
    insert into public.notifications (user_id, seq, kind, group_key, subject_type, subject_id, data, has_actors, events_count, in_app, created_at, updated_at)
    values (p_user, v_seq, p_kind, p_group_key, p_subject_type, p_subject_id, p_data, p_actors is not null, p_events, 'in_app' = any (v_channels), p_at, p_at)
    returning * into v_open;
  else
    update public.notifications n
    set seq = v_seq, kind = p_kind, subject_type = p_subject_type, subject_id = p_subject_id, data = p_data,
      has_actors = n.has_actors or p_actors is not null, events_count = n.events_count + p_events,
      in_app = 'in_app' = any (v_channels), read_at = null, updated_at = p_at
    where n.id = v_open.id;
  end if;
  perform app_private.add_actors(v_open.id, p_actors, p_ats, p_datas);
  perform app_private.queue_channels(v_open.id, p_user, p_kind, v_seq, v_channels);
  if v_seq % 50 = 0 then
    perform app_private.trim_notifications(p_user, v_rules.keep_per_person);
  end if;
  return 1;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.reachable (
  p_me     uuid,
  p_people uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(select u.id from unnest(p_people) with ordinality u (id, n) where app_private.may_reach(p_me, u.id, 'who_can_call') order by u.n);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.reason_to_end (
  p_call public.calls
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_joined int;
  v_ringing int;
  v_is_calling boolean;
  v_states text[];
begin
  select count(*) filter (where p.state = 'joined'), count(*) filter (where p.state = 'ringing'),
    coalesce(bool_or(p.state = 'joined') filter (where p.user_id = p_call.caller_id), false), array_agg(distinct p.state)
  into v_joined, v_ringing, v_is_calling, v_states
  from public.call_participants p where p.call_id = p_call.id;
  if p_call.state = 'ringing' then
    return case
      when not v_is_calling then 'cancelled'
      when v_ringing > 0 then null
      when 'missed' = any (v_states) then 'missed'
      when 'declined' = any (v_states) then 'declined'
      when 'busy' = any (v_states) then 'busy'
      else 'ended' end; -- the only one who was called is gone, or was removed
  end if;
  return case
    when v_joined + v_ringing >= 2 and v_joined > 0 then null
    -- Nobody hung up: what is told apart is a call that broke.
    when 'lost' = any (v_states) and 'left' <> all (v_states) then 'lost'
    else 'ended' end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_group()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_old public.groups;
  v_new public.groups;
  v_id uuid;
begin
  if tg_op <> 'INSERT' then
    v_old := old;
  end if;
  if tg_op <> 'DELETE' and new.deleted_at is null then
    v_new := new;
  end if;
  v_id := coalesce(v_old.id, v_new.id);
  perform app_private.set_media_refs('group_avatar', v_id, 0, auth.uid(), array[v_old.avatar_url], array[v_new.avatar_url]);
  perform app_private.set_media_refs('group_cover', v_id, 0, auth.uid(), array[v_old.cover_url], array[v_new.cover_url]);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_message()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('message', old.conversation_id, old.seq, null, old.media_urls, '{}');
  else
    perform app_private.set_media_refs('message', new.conversation_id, new.seq, new.sender_id,
      case when tg_op = 'UPDATE' then coalesce(old.media_urls, '{}') else '{}' end, coalesce(new.media_urls, '{}'), new.is_forwarded);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('post', old.id, 0, null, old.media_urls, '{}');
  else
    perform app_private.set_media_refs('post', new.id, 0, new.author_id, case when tg_op = 'UPDATE' then old.media_urls else '{}' end, new.media_urls);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_post_edit()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('post_edit', old.id, 0, null, old.media_urls, '{}');
  else
    -- The post named them; those that are gone meanwhile stay out.
    insert into app_private.media_refs (media_id, kind, subject_id)
    select m.id, 'post_edit', new.id from public.media m where m.id = any (app_private.media_ids(new.media_urls)) for key share;
    update public.media m set delete_after = null
    where m.id = any (app_private.media_ids(new.media_urls)) and m.state = 'ready' and m.delete_after is not null;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refer_from_profile()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('avatar', old.id, 0, null, array[old.avatar_url], '{}');
  else
    perform app_private.set_media_refs('avatar', new.id, 0, new.id, array[old.avatar_url], array[new.avatar_url]);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refuse (
  p_id    uuid,
  p_error text
)
  RETURNS public.media
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_bytes bigint := (select x.size_bytes from public.media x where x.id = p_id);
  m public.media;
begin
  update public.media x set state = 'refused', error = p_error, size_bytes = 1, files = '[]', delete_after = now() + interval '1 day'
  where x.id = p_id returning * into m;
  insert into app_private.media_deletions (media_id, owner_id, bucket, reason, held_bytes) values (m.id, m.owner_id, m.bucket, 'refused', v_bytes);
  return m;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refuse_media (
  p_id       uuid,
  p_attempts integer,
  p_error    text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from public.media m where m.id = p_id and m.state = 'processing' and m.attempts = p_attempts for update;
  if not found then
    return false;
  end if;
  perform app_private.refuse(p_id, p_error);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refuse_suspended()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_not_suspended();
  return case when tg_level = 'ROW' then new end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.renew_epochs (
  p_conversations uuid[],
  p_spoken        boolean DEFAULT false
)
  RETURNS SETOF public.conversations
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform from public.conversations c where c.id = any (p_conversations) order by c.id for no key update;
  return query update public.conversations c set epoch = c.epoch + 1, epoch_seq = c.last_seq, epoch_change = c.last_change
  -- Asked once they are locked: of many who come at once, the first moves the others along.
  where c.id = any (p_conversations) and (not p_spoken or c.last_seq > c.epoch_seq or c.last_change > c.epoch_change) returning c.*;
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
declare
  d app_private.notification_deliveries;
begin
  update app_private.notification_deliveries x set last_error = left(p_error, 500), next_attempt_at = clock_timestamp() + p_retry_in
  where x.id = p_id and x.attempts = p_attempts and x.sent_seq < x.seq
  returning * into d;
  if not found then
    return false;
  end if;
  perform app_private.note_target(d.channel, d.target_id, p_error, false);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.retry_digest (
  p_user     uuid,
  p_security boolean,
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
  where g.user_id = p_user and g.is_security = p_security and g.attempts = p_attempts and g.to_seq is not null;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.retry_media (
  p_id       uuid,
  p_attempts integer,
  p_in       interval,
  p_counts   boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update public.media m set run_after = clock_timestamp() + p_in, attempts = m.attempts - (not p_counts)::int
  where m.id = p_id and m.state = 'processing' and m.attempts = p_attempts;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.retry_media_deletion (
  p_id       uuid,
  p_attempts integer,
  p_error    text,
  p_in       interval
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.media_deletions d set last_error = left(p_error, 500), run_after = clock_timestamp() + p_in
  where d.id = p_id and d.attempts = p_attempts;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.ring (
  p_call   public.calls,
  p_me     uuid,
  p_people uuid[],
  p_free   uuid[]
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_rung uuid[] := array(select u from unnest(p_people) u where u = any (p_free));
  v_now timestamptz := clock_timestamp();
  v_until timestamptz := v_now + (select r.ring_for from app_private.call_rules r);
begin
  insert into public.call_participants as p (
    call_id, user_id, called_by, state, due_at, left_at, out_epoch, out_version, created_at, first_rung_at, rung_at)
  select p_call.id, u.id, p_me, case when u.is_rung then 'ringing' else 'busy' end,
    case when u.is_rung then v_until end, case when not u.is_rung then v_now end,
    case when not u.is_rung then p_call.epoch end, case when not u.is_rung then p_call.version end, p_call.created_at, v_now, v_now
  from (select x.id, x.id = any (v_rung) as is_rung from unnest(p_people) x (id)) u
  on conflict (call_id, user_id) do update
  set called_by = excluded.called_by, state = excluded.state, due_at = excluded.due_at, left_at = excluded.left_at,
    out_epoch = excluded.out_epoch, out_version = excluded.out_version, rung_at = excluded.rung_at, device_id = null, join_id = null, joined_at = null
  where p.state not in ('ringing', 'joined');
  return v_rung;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.send_any_message (
  p_me uuid,
  p    jsonb
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  m public.messages := app_private.message_from(p);
  v_id uuid := app_private.conversation_for(p, p_me);
  v_first public.messages;
  v_reply public.messages;
  v_member public.conversation_members;
  v_conversation public.conversations;
  v_other uuid;
  v_card public.message_card;
begin
  perform app_private.assert_not_suspended();
  if m.id is null then
    m.id := app_private.uuid_v7();
  else
    v_first := app_private.sent_before(p_me, m, p);
    if v_first.id is not null then
      perform app_private.membership(p_me, v_first.conversation_id);
      return (select c from app_private.message_cards(p_me, array[v_first]) c);
    end if;
  end if;
  perform app_private.assert_calm_in_chat(p_me);
  if m.is_forwarded then
    m := app_private.fill_forward(p_me, m, (p ->> 'forward_of')::uuid);
  end if;
  if v_id is null and p ->> 'receiver_id' is not null then
    v_id := app_private.open_direct(p_me, (p ->> 'receiver_id')::uuid);
  end if;
  -- Whose conversation it is not waits for nobody in it, locks nobody out, and is answered as of one that never was.
  v_member := app_private.membership(p_me, coalesce(v_id, m.id));

  -- From here to the commit nobody else sends or is removed here, so numbers follow each other in the order of the commits.
  update public.conversations c set last_seq = c.last_seq + 1, active_at = greatest(clock_timestamp(), c.active_at)
  where c.id = v_id returning * into v_conversation;
  -- Who writes has read what was there, and has accepted the conversation.
  update public.conversation_members x set last_read_seq = v_conversation.last_seq, state = 'accepted'
  where x.user_id = p_me and x.conversation_id = v_id;
  if not found then
    perform app_private.membership(p_me, v_id);
  end if;
  v_other := app_private.other_of(v_conversation, p_me);
  perform app_private.assert_may_write(v_conversation, p_me);
  if p ->> 'reply_to' is not null then
    v_reply := app_private.readable_message(p_me, (p ->> 'reply_to')::uuid);
    if v_reply.conversation_id <> v_id then
      perform app_hidden.fail(404, 'messages.not_found', 'There is no such message in this conversation.', 'Answer a message where it was written, or forward it.');
    end if;
  end if;

  m.conversation_id := v_id;
  m.seq := v_conversation.last_seq;
  m.sender_id := p_me;
  m.reply_to_seq := v_reply.seq;
  m.mentions := app_private.mentioned_in_message(p_me, v_id, m.content);
  m.created_at := v_conversation.active_at;
  m.expires_at := m.created_at + make_interval(secs => v_conversation.disappear_after_s);
  insert into public.messages select m.* on conflict (id) do nothing;
  if not found then
    -- Its twin was a moment faster. The number was seen by nobody.
    update public.conversations c set last_seq = c.last_seq - 1 where c.id = v_id;
    update public.conversation_members x set last_read_seq = v_conversation.last_seq - 1 where x.user_id = p_me and x.conversation_id = v_id;
    v_first := app_private.sent_before(p_me, m, p);
    return (select c from app_private.message_cards(p_me, array[v_first]) c);
  end if;
  perform app_private.tell_message(m.id, v_id, v_conversation.group_id, m.seq, p_me, v_other, coalesce((
    select o.state <> 'accepted' from public.conversation_members o where o.user_id = v_other and o.conversation_id = v_id), false),
    m.kind, m.mentions, m.created_at, m.expires_at);
  if v_member.state <> 'accepted' then
    perform app_private.tell_acceptance(v_conversation, p_me);
  end if;
  v_card := app_private.common_card(m, app_private.person_of(p_me), v_reply);
  perform app_private.tell_members(v_conversation, 'message_created', app_private.message_event(v_card));
  return v_card;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.send_messages (
  p_senders  uuid[],
  p_sessions uuid[],
  p_messages jsonb[]
)
  RETURNS TABLE (
    ord  integer,
    card json
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_items app_private.sending[];
begin
  if greatest(cardinality(p_senders), cardinality(p_sessions), cardinality(p_messages)) > 512 then
    raise exception 'a batch has at most 512 messages' using errcode = 'program_limit_exceeded';
  end if;
  v_items := app_private.plain_sendings(p_senders, p_sessions, p_messages);
  if v_items is not null then
    return query select w.ord, w.card from app_private.write_sendings(v_items) w;
  end if;
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
declare
  v_row public.notifications;
begin
  -- Who was away for a day has a list to look at, and what was refused for a day is not tried for ever.
  if not (p_channel = any (app_private.channels_of(n.user_id, n.kind))) or n.updated_at < now() - interval '1 day' then
    return null;
  end if;
  select * into v_row from app_private.shown_notifications(n.user_id, array[n.id]);
  if v_row.id is null or v_row.read_at is not null then
    return null;
  end if;
  return (select to_jsonb(c) from app_private.notification_cards(array[v_row]) c);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sent_before (
  p_me      uuid,
  p_message public.messages,
  p         jsonb
)
  RETURNS public.messages
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_first public.messages;
begin
  select * into v_first from public.messages x where x.id = p_message.id;
  if found and (v_first.sender_id is distinct from p_me or v_first.request_hash <> p_message.request_hash
    or v_first.conversation_id is distinct from app_private.conversation_for(p, p_me)) then
    perform app_hidden.fail(409, 'messages.client_id_reused', 'This client_id was used for another message.',
      'Make a new UUID for each message; repeat a message unchanged.');
  end if;
  return v_first;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.set_media_refs (
  p_kind    text,
  p_subject uuid,
  p_part    bigint,
  p_actor   uuid,
  p_old     text[],
  p_new     text[],
  p_as_seen boolean DEFAULT false
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_old uuid[] := app_private.media_ids(p_old);
  v_new uuid[] := app_private.media_ids(p_new);
  v_id uuid;
begin
  if v_old = v_new then
    return;
  end if;
  -- In the order of ids: two posts with the same media must not wait for each other.
  foreach v_id in array v_new loop
    if v_id <> all (v_old) then
      perform app_private.add_media_ref(v_id, p_kind, p_subject, p_part, p_actor, p_as_seen);
    end if;
  end loop;
  delete from app_private.media_refs r
  where r.kind = p_kind and r.subject_id = p_subject and r.part = p_part and r.media_id = any (v_old) and r.media_id <> all (v_new);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.settle_call (
  p_call uuid,
  p_gone uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_call public.calls;
  v_live uuid[] := app_private.live_people(p_call);
  v_reason text;
begin
  select * into v_call from public.calls c where c.id = p_call;
  if v_call.state = 'ended' then
    return;
  end if;
  v_reason := app_private.reason_to_end(v_call);
  if v_reason is null then
    -- Who is out stays behind on topics where nobody speaks any more. Who was never in heard nothing there.
    update public.calls c set version = c.version + 1, epoch = c.epoch + case when (
        select count(*) from public.call_participants p where p.call_id = p_call and p.user_id = any (p_gone) and p.joined_at is null
      ) = cardinality(p_gone) then 0 else 1 end
    where c.id = p_call returning * into v_call;
    update public.call_participants p set out_epoch = v_call.epoch, out_version = v_call.version
    where p.call_id = p_call and p.user_id = any (p_gone);
  else
    perform app_private.end_call_for(v_call, v_reason);
  end if;
  perform app_private.tell_call(p_call, p_gone || v_live);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.settle_departures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_call uuid;
begin
  for v_call in
    select c.id from public.calls c where c.id in (select g.call_id from gone g where g.state in ('ringing', 'joined')) and c.state <> 'ended'
    order by c.id for no key update
  loop
    perform app_private.settle_call(v_call, array(select g.user_id from gone g where g.call_id = v_call));
  end loop;
  -- Nobody is left who could read it.
  delete from public.calls c
  where c.id in (select g.call_id from gone g) and not exists (select from public.call_participants p where p.call_id = c.id);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.settle_overdue (
  p_people uuid[],
  p_call   uuid   DEFAULT NULL::uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_call uuid;
begin
  for v_call in
    select c.id from public.calls c
    where c.id = p_call or (
      c.id in (select p.call_id from public.call_participants p where p.user_id = any (p_people) and p.due_at is not null)
      and (app_private.is_too_long(c) or exists (select from public.call_participants o where o.call_id = c.id and o.due_at <= clock_timestamp())))
    order by c.id for no key update
  loop
    perform app_private.sweep_call(v_call);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shown_notifications (
  p_user uuid,
  p_ids  uuid[] DEFAULT NULL::uuid[]
)
  RETURNS SETOF public.notifications
  LANGUAGE plpgsql
  STABLE
  ROWS 100
  SET search_path TO ''
  AS $function$
declare
  v_has_quiet boolean := app_private.has_quiet_people(p_user);
  n public.notifications;
begin
  for n in
    select x.* from public.notifications x
    where x.user_id = p_user and case when p_ids is null then x.in_app else x.id = any (p_ids) end
      and (not x.has_actors or x.more_actors > 0 or app_private.is_told_anyway(x.kind) or exists (
        select from app_private.notification_actors a
        where a.notification_id = x.id and not a.is_gone and not (v_has_quiet and app_private.is_quiet(p_user, a.actor_id))
          and (x.kind not in ('follow_request', 'group_join_request', 'group_invite') or app_private.is_request_open(x.kind, p_user, x.subject_id, a.actor_id))))
      and (x.subject_type is distinct from 'comment' or exists (
        select from public.comments c where c.id = x.subject_id and c.deleted_at is null))
      and (x.kind <> 'mention' or case x.subject_type
        when 'post' then exists (select from public.post_mentions m where m.post_id = x.subject_id and m.user_id = p_user)
        when 'comment' then exists (select from public.comment_mentions m where m.comment_id = x.subject_id and m.user_id = p_user)
        else true end)
      and (x.subject_type is distinct from 'conversation' or app_private.is_message_there(x))
    order by x.seq desc limit 1000
  loop
    if n.read_at is null and app_private.is_read_there(n) then
      n.read_at := n.updated_at;
    end if;
    return next n;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shown_profile_counts (
  p_viewer uuid,
  p_user   uuid
)
  RETURNS TABLE (
    followers_count bigint,
    following_count bigint,
    posts_count     bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_hidden uuid[] := '{}';
begin
  -- Not where the lists are hidden: whoever blocks somebody would learn by the count whether they are in a list that is not shown.
  if app_private.has_blocks(p_viewer) and app_private.can_view_lists(p_viewer, p_user) then
    v_hidden := app_private.hidden_from(p_viewer);
  end if;
  return query
  with pending as (
    select coalesce(sum(d.delta) filter (where d.counter = 'followers_count'), 0)::bigint as followers,
      coalesce(sum(d.delta) filter (where d.counter = 'following_count'), 0)::bigint as following,
      coalesce(sum(d.delta) filter (where d.counter = 'posts_count'), 0)::bigint as posts
    from app_private.count_deltas d where d.target = p_user
  ), hidden as (
    -- Nearly nobody blocks or is blocked, and then these cost nothing.
    select count(*) filter (where h.way = 'in') as followers, count(*) filter (where h.way = 'out') as following
    from (
      select 'in' as way from public.follows f where f.followee_id = p_user and f.follower_id = any (v_hidden)
      union all
      select 'out' from public.follows f where f.follower_id = p_user and f.followee_id = any (v_hidden)
    ) h
  )
  select c.followers_count + d.followers - h.followers, c.following_count + d.following - h.following, c.posts_count + d.posts
  from public.profile_counts c, pending d, hidden h where c.user_id = p_user;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.some_cards (
  p_viewer uuid,
  p_ids    uuid[],
  p_limit  integer
)
  RETURNS jsonb[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return array(select to_jsonb(c) from (select * from app_private.cards_of(p_viewer, p_ids) limit p_limit) c);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.spread_notices (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_notice app_private.notices;
  v_people uuid[];
begin
  select * into v_notice from app_private.notices n where n.done_at is null order by n.created_at limit 1 for update skip locked;
  if not found then
    return 0;
  end if;
  v_people := array(
    select p.id from public.profiles p
    where (v_notice.user_id is null or p.id = v_notice.user_id) and (v_notice.done_to is null or p.id > v_notice.done_to)
      and p.created_at <= v_notice.created_at
    order by p.id limit least(greatest(p_limit, 1), 1000));
  perform app_private.apply_notifications(array(
    select row('raise', x, 'notice', 'notice:' || v_notice.id, null, null, null,
      jsonb_build_object('title', v_notice.title, 'body', v_notice.body, 'url', v_notice.url), now())::app_private.notification_draft
    from unnest(v_people) x));
  update app_private.notices n
  set done_to = coalesce(v_people[cardinality(v_people)], n.done_to), done_at = case when cardinality(v_people) < least(greatest(p_limit, 1), 1000) then now() end
  where n.id = v_notice.id;
  return greatest(cardinality(v_people), 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.standing (
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

CREATE OR REPLACE FUNCTION app_private.subject_of (
  p_notification public.notifications,
  p_actor        uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := p_notification.user_id;
  v_id uuid := case when p_notification.subject_type = 'person' then p_actor else p_notification.subject_id end;
  v_more jsonb;
begin
  if v_id is null then
    return null;
  end if;
  case p_notification.subject_type
    when 'post' then
      select jsonb_build_object('preview', left(p.content, 100)) into v_more from public.posts p
      where p.id = v_id and app_private.can_view_post(v_me, p.id);
    when 'comment' then
      select jsonb_build_object('post_id', c.post_id, 'preview', left(c.content, 100)) into v_more from public.comments c
      where c.id = v_id and c.deleted_at is null and app_private.can_view_post(v_me, c.post_id);
    when 'group' then
      select jsonb_build_object('preview', g.name) into v_more from public.groups g
      where g.id = v_id and app_private.can_view_group(v_me, g.id);
    else null;
  end case;
  return jsonb_build_object('type', p_notification.subject_type, 'id', v_id, 'preview', null) || coalesce(v_more, '{}');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sweep_call (
  p_call uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_call public.calls;
  v_lost uuid[];
  v_missed uuid[];
  v_live uuid[];
begin
  select * into v_call from public.calls c where c.id = p_call and c.state <> 'ended';
  if not found then
    return false;
  end if;
  if app_private.is_too_long(v_call) then
    v_live := app_private.live_people(p_call);
    perform app_private.end_call_for(v_call, 'ended');
    perform app_private.tell_call(p_call, v_live);
    return true;
  end if;
  select array_agg(p.user_id) filter (where p.state = 'joined'), array_agg(p.user_id) filter (where p.state = 'ringing') into v_lost, v_missed
  from public.call_participants p where p.call_id = p_call and p.due_at <= clock_timestamp();
  -- Asked again as they are written: a sign of life in between keeps its person in.
  with gone as (
    update public.call_participants p
    set state = case p.state when 'joined' then 'lost' else 'missed' end, due_at = null, left_at = clock_timestamp()
    where p.call_id = p_call and p.user_id = any (coalesce(v_lost, '{}') || coalesce(v_missed, '{}')) and p.due_at <= clock_timestamp()
    returning p.user_id
  )
  select array_agg(g.user_id) into v_live from gone g;
  if v_live is null then
    return false;
  end if;
  perform app_private.settle_call(p_call, v_live);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sweep_calls (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_call uuid;
  v_count int := 0;
begin
  for v_call in
    select c.id from public.calls c
    where c.id in (
      select p.call_id from public.call_participants p where p.due_at <= clock_timestamp() order by p.due_at limit least(greatest(p_limit, 1), 1000))
      or c.id in (
        select l.id from public.calls l
        where l.state <> 'ended' and l.created_at < clock_timestamp() - (select r.lasts_up_to from app_private.call_rules r)
        order by l.created_at limit least(greatest(p_limit, 1), 1000))
    order by c.id for no key update skip locked
  loop
    v_count := v_count + app_private.sweep_call(v_call)::int;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sweep_media (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  m record;
  v_done int := 0;
begin
  for m in
    select x.id, x.state from public.media x
    where x.delete_after <= now() and not exists (select from app_private.media_refs r where r.media_id = x.id)
    order by x.delete_after limit least(greatest(p_limit, 1), 1000) for update skip locked
  loop
    perform app_private.delete_media_row(m.id, case m.state when 'pending' then 'abandoned' else 'unused' end);
    v_done := v_done + 1;
  end loop;
  delete from app_private.media_deletions d where d.done_at < now() - interval '90 days';
  return v_done;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.sweep_strays (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  w app_private.media_worker;
  v_seen int := 0;
  o record;
begin
  select * into strict w from app_private.media_worker for update;
  for o in
    select x.bucket_id, x.name, x.created_at, split_part(x.name, '/', 1) as owner, split_part(x.name, '/', 2) as media
    from storage.objects x
    where x.bucket_id in ('avatars', 'covers', 'posts', 'messages') and (x.bucket_id, x.name) > (w.swept_bucket, w.swept_name)
    order by x.bucket_id, x.name limit least(greatest(p_limit, 1), 1000)
  loop
    v_seen := v_seen + 1;
    w.swept_bucket := o.bucket_id;
    w.swept_name := o.name;
    if o.created_at < now() - interval '4 hours' and app_private.is_stray(o.bucket_id, o.name, o.owner, o.media) then
      insert into app_private.media_deletions (media_id, owner_id, bucket, name, reason)
      select o.media::uuid, o.owner::uuid, o.bucket_id, o.name, 'stray'
      where not exists (
        select from app_private.media_deletions d
        where d.media_id = o.media::uuid and d.done_at is null and (d.name is null or d.name = o.name));
    end if;
  end loop;
  if v_seen < least(greatest(p_limit, 1), 1000) then
    w.swept_bucket := '';
    w.swept_name := '';
  end if;
  update app_private.media_worker x set swept_bucket = w.swept_bucket, swept_name = w.swept_name;
  return v_seen;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.take_back_notifications (
  p_drafts app_private.notification_draft[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  with gone as materialized (
    select distinct d.receiver, d.group_key, d.actor_id from unnest(p_drafts) d where d.action = 'retract'
  ), named as (
    update app_private.notification_actors a set is_gone = true
    from gone g join public.notifications n on n.user_id = g.receiver and n.group_key = g.group_key
    where a.notification_id = n.id and a.actor_id = g.actor_id
    returning n.id, a.actor_id
  ), unnamed as (
    -- Of the latest alone, where they were counted last; who is quiet was not counted.
    select n.id, count(*)::int as fewer
    from gone g cross join lateral (
      select x.* from public.notifications x where x.user_id = g.receiver and x.group_key = g.group_key order by x.seq desc limit 1
    ) n
    where n.more_actors > 0 and not app_private.is_quiet(g.receiver, g.actor_id)
      and not exists (select from app_private.notification_actors a where a.notification_id = n.id and a.actor_id = g.actor_id)
    group by n.id
  )
  update public.notifications n set more_actors = greatest(n.more_actors - u.fewer, 0) from unnamed u where n.id = u.id;
  -- Whoever marks some of them holds the numbers first, too.
  perform from app_private.notification_states s
  where s.user_id in (
    select n.user_id from public.notifications n
    where n.subject_id in (select d.subject_id from unnest(p_drafts) d where d.action = 'remove'))
  order by s.user_id for no key update;
  delete from public.notifications n
  where n.subject_id in (select d.subject_id from unnest(p_drafts) d where d.action = 'remove');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.take_upload (
  p_id    uuid,
  p_bytes bigint
)
  RETURNS public.media
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  m public.media;
begin
  perform app_private.lock_room(x.owner_id) from public.media x where x.id = p_id;
  update public.media x set state = 'processing', size_bytes = greatest(p_bytes, 1), uploaded_at = now(), run_after = now(), delete_after = null
  where x.id = p_id and x.state = 'pending' returning * into m;
  if p_bytes > app_private.max_media_bytes(m.kind) then
    return app_private.refuse(m.id, 'media.too_large');
  elsif (select sum(x.size_bytes) from public.media x where x.owner_id = m.owner_id) > app_private.media_quota(m.owner_id) then
    return app_private.refuse(m.id, 'media.quota_exceeded');
  end if;
  return m;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.targets_of (
  p_channel text,
  p_ids     uuid[]
)
  RETURNS TABLE (
    id     uuid,
    host   text,
    target jsonb
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  if p_channel = 'push' then
    return query
    select s.id, app_private.host_of(s.endpoint),
      jsonb_build_object('id', s.id, 'url', s.endpoint, 'host', app_private.host_of(s.endpoint), 'p256dh', s.p256dh, 'auth', s.auth)
    from app_private.push_subscriptions s join auth.sessions x on x.id = s.session_id
    where s.id = any (p_ids) and s.disabled_at is null and (s.expires_at is null or s.expires_at > now()) and (x.not_after is null or x.not_after > now());
  else
    return query
    select w.id, app_private.host_of(w.url), jsonb_build_object('id', w.id, 'url', w.url, 'host', app_private.host_of(w.url), 'secret', w.secret)
    from app_private.notification_webhooks w where w.id = any (p_ids) and w.disabled_at is null;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_acceptance (
  p_conversation public.conversations,
  p_me           uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_other uuid := app_private.other_of(p_conversation, p_me);
begin
  perform app_private.tell_person(p_me, 'conversation_accepted', app_private.epoch_notice(p_conversation));
  if not app_hidden.is_blocked_pair(p_me, v_other) then
    perform app_private.tell_person(v_other, 'conversation_accepted', app_private.epoch_notice(p_conversation));
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_call (
  p_call   uuid,
  p_people uuid[],
  p_rung   uuid[] DEFAULT '{}'::uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform app_private.tell_person(p.id, case when p.id = any (p_rung) then 'call_ringing' else 'call_changed' end,
    to_jsonb(app_private.call_card_of(p.id, p_call)))
  from public.profiles p where p.id = any (p_people)
    and exists (select from public.call_participants m where m.call_id = p_call and m.user_id = p.id)
  order by p.id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_call_missed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Null once the caller's account is gone: nobody to call back.
  if new.called_by is not null then
    perform app_private.emit_event('call.missed', new.called_by, jsonb_build_object(
      'call_id', new.call_id, 'caller_id', new.called_by, 'callee_id', new.user_id, 'kind', (select c.kind from public.calls c where c.id = new.call_id)));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_calls()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    perform app_private.emit_event('call.started', new.caller_id, jsonb_build_object(
      'call_id', new.id, 'caller_id', new.caller_id, 'kind', new.kind, 'group_id', new.group_id, 'is_direct', new.is_direct));
  else
    perform app_private.emit_event('call.ended', new.caller_id, jsonb_build_object(
      'call_id', new.id, 'caller_id', new.caller_id, 'kind', new.kind, 'group_id', new.group_id, 'is_direct', new.is_direct, 'reason', new.end_reason,
      'duration_s', coalesce(extract(epoch from new.ended_at - new.answered_at)::int, 0)));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_comment_emptied()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('comment.deleted', app_private.acting_person(),
    jsonb_build_object('comment_id', new.id, 'post_id', new.post_id, 'author_id', new.author_id, 'parent_id', new.parent_id));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_comment_likes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), case tg_op when 'INSERT' then 'comment.liked' else 'comment.unliked' end, x.user_id,
    jsonb_build_object('comment_id', x.comment_id, 'post_id', c.post_id, 'author_id', c.author_id, 'user_id', x.user_id)
  -- A deleted comment or person is told of by its own event, and not by each like.
  from changed x join public.comments c on c.id = x.comment_id join public.profiles u on u.id = x.user_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_comments_deleted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'comment.deleted', app_private.acting_person(),
    jsonb_build_object('comment_id', g.id, 'post_id', g.post_id, 'author_id', g.author_id, 'parent_id', g.parent_id)
  from gone g join public.posts p on p.id = g.post_id where g.deleted_at is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_departures()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.renew_group_epochs(array(select distinct g.conversation_id from gone g));
  perform app_private.tell_person(g.user_id, 'conversation_removed', jsonb_build_object('conversation_id', g.conversation_id))
  -- Each message is a subtransaction. Who is removed with many others finds out by asking.
  from (select * from gone limit 20) g
  where exists (select from public.profiles p where p.id = g.user_id);
  return null;
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

CREATE OR REPLACE FUNCTION app_private.tell_media()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_media jsonb := jsonb_build_object('media_id', new.id, 'user_id', new.owner_id, 'bucket', new.bucket, 'kind', new.kind, 'mime_type', new.mime_type);
begin
  if new.state = 'ready' then
    perform app_private.emit_event('media.ready', new.owner_id, v_media || jsonb_build_object(
      'size_bytes', new.size_bytes, 'width', new.width, 'height', new.height, 'duration_ms', new.duration_ms, 'blurhash', new.blurhash, 'files', new.files));
  else
    perform app_private.emit_event('media.refused', new.owner_id, v_media || jsonb_build_object('error', new.error));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_media_deleted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('media.deleted', null, jsonb_build_object('media_id', new.media_id, 'user_id', new.owner_id,
    'bucket', new.bucket, 'name', new.name, 'reason', new.reason, 'attempts', new.attempts, 'requested_at', new.requested_at));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_media_worker (
  p_has_ffmpeg boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update app_private.media_worker w set has_ffmpeg = p_has_ffmpeg, seen_at = now();
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_message (
  p_id           uuid,
  p_conversation uuid,
  p_group        uuid,
  p_seq          bigint,
  p_sender       uuid,
  p_receiver     uuid,
  p_is_request   boolean,
  p_kind         text,
  p_mentions     uuid[],
  p_created_at   timestamp with time zone,
  p_expires_at   timestamp with time zone
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := app_private.uuid_v7(); -- that of a message is its sender's
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  values (v_id, 'message.created', p_sender, jsonb_build_object(
    'message_id', p_id, 'conversation_id', p_conversation, 'conversation_kind', case when p_group is null then 'direct' else 'group' end,
    'group_id', p_group, 'seq', p_seq, 'sender_id', p_sender, 'receiver_id', p_receiver, 'is_request', p_is_request, 'kind', p_kind,
    'mentions', coalesce(to_jsonb(p_mentions), '[]'), 'created_at', p_created_at, 'expires_at', p_expires_at));
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_messages (
  p_sent app_private.sending[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_told int;
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'message.created', s.sender_id, jsonb_build_object(
    'message_id', s.id, 'conversation_id', s.conversation_id, 'conversation_kind', case when s.group_id is null then 'direct' else 'group' end,
    'group_id', s.group_id, 'seq', s.seq, 'sender_id', s.sender_id, 'receiver_id', s.receiver_id, 'is_request', false, 'kind', 'text',
    'mentions', '[]'::jsonb, 'created_at', s.created_at, 'expires_at', null)
  from unnest(p_sent) s;
  get diagnostics v_told = row_count;
  return v_told;
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

CREATE OR REPLACE FUNCTION app_private.tell_password_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Never anything of the password itself.
  perform app_private.emit_event('user.password_changed', new.id, jsonb_build_object('user_id', new.id));
  -- Whoever changes theirs may do so because somebody else was in: what they have left to listen goes silent. Push subscriptions go with
  -- the sessions.
  if old.encrypted_password <> '' then
    update app_private.notification_webhooks w set disabled_at = now(), disabled_reason = 'the password was changed'
    where w.user_id = new.id and w.disabled_at is null;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_posts_changed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_post_published(array(
    select a.id from after a join before b on b.id = a.id where a.status = 'published' and b.status <> 'published'
  ));
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.deleted', app_private.acting_person(),
    jsonb_build_object('post_id', b.id, 'author_id', b.author_id, 'published_at', b.published_at, 'shared_post_id', b.shared_post_id)
  from after a join before b on b.id = a.id where b.status = 'published' and a.status = 'removed';
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.changed', app_private.acting_person(),
    jsonb_build_object('post_id', a.id, 'author_id', a.author_id, 'visibility', a.visibility, 'changed', d.changed)
  from after a join before b on b.id = a.id
  cross join lateral (
    select jsonb_agg(k order by k) as changed
    from unnest(array['content', 'location', 'media_urls', 'pinned_at', 'reply_control', 'shares_allowed', 'tags', 'visibility']) k
    where to_jsonb(a) -> k is distinct from to_jsonb(b) -> k
  ) d
  where a.status = 'published' and b.status = 'published' and d.changed is not null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_posts_deleted()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.deleted', app_private.acting_person(),
    jsonb_build_object('post_id', g.id, 'author_id', g.author_id, 'published_at', g.published_at, 'shared_post_id', g.shared_post_id)
  from gone g where g.status = 'published';
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_push_added()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('user.target_added', new.user_id, jsonb_build_object('user_id', new.user_id, 'target_id', new.id,
    'channel', 'push', 'host', left(app_private.host_of(new.endpoint), 200), 'user_agent', left(new.user_agent, 200)));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_webhook_added()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('user.target_added', new.user_id, jsonb_build_object('user_id', new.user_id, 'target_id', new.id,
    'channel', 'webhook', 'host', left(app_private.host_of(new.url), 200), 'user_agent', null));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_webhook_disabled()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('user.webhook_disabled', new.user_id, jsonb_build_object('user_id', new.user_id, 'target_id', new.id,
    'host', left(app_private.host_of(new.url), 200), 'reason', new.disabled_reason));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.topic_of_notifications (
  p_user uuid
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return 'notifications:' || p_user::text;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.transfer_drafts (
  e       app_private.outbox_events,
  p_money jsonb
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  p jsonb := e.payload;
  v_from uuid := p ->> 'from_user_id';
begin
  if p ->> 'kind' = 'withdrawal' then
    return '{}'; -- and what comes back of one that failed: its own event tells of it
  end if;
  return array(
    select app_private.draft('raise', w.receiver, 'money_received', 'money_received:' || (p ->> 'currency'), 'transfer', (p ->> 'transfer_id')::uuid,
      v_from, e.occurred_at, p_money || jsonb_build_object('amount_minor', w.amount, 'kind', p -> 'kind', 'transfer_id', p -> 'transfer_id'))
    from (
      select (l ->> 'user_id')::uuid as receiver, l ->> 'amount_minor' as amount from jsonb_array_elements(p -> 'legs') l
      union all
      select (p ->> 'to_user_id')::uuid, p ->> 'amount_minor' where not p ? 'legs'
    ) w
    where w.receiver is distinct from v_from and w.receiver is not null and w.amount::numeric > 0);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.trim_notifications (
  p_user uuid,
  p_keep integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  delete from public.notifications n
  where n.user_id = p_user and n.seq <= (
    select x.seq from public.notifications x where x.user_id = p_user order by x.seq desc offset p_keep limit 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.unread_events (
  p_reader app_private.notification_reader,
  p_limit  integer
)
  RETURNS SETOF app_private.outbox_events
  LANGUAGE plpgsql
  STABLE
  ROWS 500
  SET search_path TO ''
  AS $function$
begin
  return query
  -- Those whose transactions ran when the earlier snapshot was taken, then those that began later: two ranges of the index.
  (select e.* from app_private.outbox_events e
   where e.tx_id = any (array(select pg_snapshot_xip(p_reader.done)))
     and (e.tx_id, e.position) > (p_reader.after_tx, p_reader.after_position)
     and pg_visible_in_snapshot(e.tx_id, p_reader.upto)
   order by e.tx_id, e.position limit p_limit)
  union all
  (select e.* from app_private.outbox_events e
   where e.tx_id >= pg_snapshot_xmax(p_reader.done) and e.tx_id < pg_snapshot_xmax(p_reader.upto)
     and (e.tx_id, e.position) > (p_reader.after_tx, p_reader.after_position)
     and pg_visible_in_snapshot(e.tx_id, p_reader.upto)
   order by e.tx_id, e.position limit p_limit)
  order by tx_id, "position" limit p_limit;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.upload_address_life()
  RETURNS interval
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return interval '2 hours 30 minutes';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.uploaded_bytes (
  m public.media
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select coalesce((o.metadata ->> 'size')::bigint, 0) from storage.objects o
    where o.bucket_id = m.bucket and o.name = app_private.media_folder(m.owner_id, m.id) || 'original'
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.user_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid := e.payload ->> 'user_id';
begin
  if e.type = 'user.password_changed' then
    return array[app_private.draft('raise', v_user, 'password_changed', 'password_changed:' || e.id, null, null, null, e.occurred_at)];
  elsif e.type = 'user.target_added' then
    return array[app_private.draft('raise', v_user, 'target_added', 'target_added:' || e.id, null, null, null, e.occurred_at,
      jsonb_build_object('channel', e.payload -> 'channel', 'host', e.payload -> 'host', 'user_agent', e.payload -> 'user_agent'))];
  elsif e.type = 'user.webhook_disabled' then
    return array[app_private.draft('raise', v_user, 'webhook_disabled', 'webhook_disabled:' || e.id, null, null, null, e.occurred_at,
      jsonb_build_object('host', e.payload -> 'host', 'reason', e.payload -> 'reason'))];
  elsif e.type = 'user.logged_in' and app_private.is_new_device(v_user, e.payload ->> 'ip', e.payload ->> 'user_agent') then
    return array[app_private.draft('raise', v_user, 'sign_in', 'sign_in:' || (e.payload ->> 'session_id'), 'session', (e.payload ->> 'session_id')::uuid,
      null, e.occurred_at, jsonb_build_object('ip', e.payload -> 'ip', 'user_agent', left(e.payload ->> 'user_agent', 200)))];
  end if;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.wallet_drafts (
  e app_private.outbox_events
)
  RETURNS app_private.notification_draft[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  p jsonb := e.payload;
  v_money jsonb := jsonb_build_object('currency', p -> 'currency', 'exponent', p -> 'exponent', 'amount_minor', p -> 'amount_minor');
  v_state text := p ->> 'state';
  v_user uuid := p ->> 'user_id';
  v_payee uuid := p ->> 'payee_id';
begin
  case e.type
    when 'wallet.transfer_completed' then
      return app_private.transfer_drafts(e, v_money);
    when 'wallet.hold_placed' then
      return array[app_private.draft('raise', v_payee, 'hold', 'hold:' || (p ->> 'hold_id'), 'hold', (p ->> 'hold_id')::uuid, v_user, e.occurred_at,
        v_money || '{"state": "placed"}')];
    when 'wallet.hold_resolved' then
      v_money := v_money || jsonb_build_object('state', v_state, 'captured_minor', p -> 'captured_minor');
      return array(
        select app_private.draft('raise', w.receiver, 'hold', 'hold:' || (p ->> 'hold_id'), 'hold', (p ->> 'hold_id')::uuid,
          case when v_state <> 'expired' then v_payee end, e.occurred_at, v_money)
        from unnest(array[v_user, v_payee]) w (receiver) where w.receiver = v_user or v_state = 'expired');
    when 'wallet.withdrawal_changed' then
      if v_state <> 'submitted' then
        return array[app_private.draft('raise', v_user, 'withdrawal', 'withdrawal:' || (p ->> 'withdrawal_id'), 'withdrawal',
          (p ->> 'withdrawal_id')::uuid, null, e.occurred_at, v_money || jsonb_build_object('state', v_state, 'failure', p -> 'failure'))];
      end if;
    when 'wallet.request_changed' then
      return array(
        select app_private.draft('raise', case when v_state in ('open', 'cancelled') then w.payer else w.requester end,
          'payment_request', 'payment_request:' || (p ->> 'request_id'), 'payment_request', (p ->> 'request_id')::uuid,
          case when v_state in ('open', 'cancelled') then w.requester when v_state <> 'expired' then w.payer end,
          e.occurred_at, v_money || jsonb_build_object('state', v_state, 'description', p -> 'description'))
        from (select (p ->> 'payer_id')::uuid as payer, (p ->> 'requester_id')::uuid as requester) w);
    else null;
  end case;
  return '{}';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.who_did (
  p_names text[],
  p_count bigint
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when p_count <= 0 or p_names is null then 'Somebody'
    when p_count = 1 then p_names[1]
    when p_count = 2 and cardinality(p_names) >= 2 then format('%s and %s', p_names[1], p_names[2])
    when p_count = 2 then format('%s and 1 other', p_names[1])
    else format('%s and %s others', p_names[1], p_count - 1)
  end;
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

CREATE OR REPLACE FUNCTION app_private.write_sendings (
  p_items app_private.sending[]
)
  RETURNS TABLE (
    ord  integer,
    card json
  )
  LANGUAGE plpgsql
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_mergejoin TO 'off'
  SET enable_hashjoin TO 'off'
  SET enable_seqscan TO 'off'
  SET lock_timeout TO '1s'
  AS $function$
#variable_conflict use_column
declare
  v_rooms uuid[];
  v_since timestamptz := clock_timestamp() - interval '1 minute';
  v_now timestamptz;
  v_missing int;
begin
  -- From here to the commit nobody else sends or is removed in these conversations. Who locks several does it in the order of their ids.
  v_rooms := array(select distinct i.conversation_id from unnest(p_items) i);
  perform from (select c.id from public.conversations c where c.id = any (v_rooms) order by c.id for no key update) locked;
  v_now := clock_timestamp();

  for ord, card, v_missing in
  with plain as materialized (
    select i.ord, i.conversation_id, c.group_id, c.last_seq + row_number() over (partition by i.conversation_id order by i.ord) as seq,
      i.id, i.sender_id, o.id as receiver_id, i.content, i.request_hash, greatest(v_now, c.active_at) as created_at, c.epoch,
      a.card as sender
    from (select u.*, count(*) over (partition by u.sender_id) as times from unnest(p_items) u) i
    join public.conversations c on c.id = i.conversation_id
    cross join lateral (select case when c.low_id = i.sender_id then c.high_id else c.low_id end as id offset 0) o
    join app_private.author_cards a on a.user_id = i.sender_id
    cross join app_private.chat_rules r
    where c.disappear_after_s is null and not exists (select from public.messages x where x.id = i.id)
      and not exists (select from auth.users u where u.id = i.sender_id and u.banned_until > now())
      and exists (
        select from public.conversation_members m where m.user_id = i.sender_id and m.conversation_id = i.conversation_id and m.state = 'accepted')
      and (c.group_id is not null
        or exists (select from public.conversation_members m where m.user_id = o.id and m.conversation_id = i.conversation_id and m.state = 'accepted')
          and not exists (select from public.blocks b where b.blocker_id = i.sender_id and b.blocked_id = o.id)
          and not exists (select from public.blocks b where b.blocker_id = o.id and b.blocked_id = i.sender_id))
      and (r.messages_per_minute is null or i.times <= r.messages_per_minute and not exists (
        select from public.messages x where x.sender_id = i.sender_id and x.created_at > v_since offset r.messages_per_minute - i.times))
  ), counted as (
    update public.conversations c set last_seq = g.seq, active_at = g.at
    from (select p.conversation_id as id, max(p.seq) as seq, max(p.created_at) as at from plain p group by p.conversation_id) g
    where c.id = g.id
  ), marks as materialized (
    select p.sender_id, p.conversation_id, max(p.seq) as seq from plain p group by p.sender_id, p.conversation_id
  ), marked as (
    -- Who writes has read what was there.
    update public.conversation_members m set last_read_seq = k.seq
    from marks k where m.user_id = k.sender_id and m.conversation_id = k.conversation_id and m.state = 'accepted'
    returning true
  ), written as (
    insert into public.messages (conversation_id, seq, id, sender_id, kind, content, is_forwarded, request_hash, created_at)
    -- In the order of ids, so that two batches with the same ones, in other conversations, do not wait for each other.
    select p.conversation_id, p.seq, p.id, p.sender_id, 'text', p.content, false, p.request_hash, p.created_at from plain p order by p.id
    on conflict (id) do nothing
    returning true
  ), broadcast as (
    -- What realtime.send does, which would do it in a subtransaction each. Times apart, since the server repeats them in their order.
    insert into realtime.messages (topic, event, private, extension, inserted_at, payload)
    select format('conversation:%s:%s', p.conversation_id, p.epoch), 'message_created', true, 'broadcast',
      localtimestamp + p.ord * interval '1 microsecond',
      '{"kind": "text", "media_urls": [], "duration_ms": null, "waveform": null, "reply_to": null, "is_forwarded": false, "mentions": [], "reactions": [],
        "change": null, "pinned_at": null, "edited_at": null, "deleted_at": null, "expires_at": null, "is_sealed": false}'
      || jsonb_build_object('id', p.id, 'conversation_id', p.conversation_id, 'seq', p.seq, 'sender_id', p.sender_id, 'sender', p.sender,
        'content', p.content, 'created_at', p.created_at)
    from plain p order by p.ord
  )
  select p.ord, to_json(row(p.id, p.conversation_id, p.seq, p.sender_id, p.sender, 'text', p.content, '{}'::text[], null::int, null::smallint[],
      null::jsonb, false, '{}'::uuid[], '[]'::jsonb, null::text, null::boolean, null::bigint, null::timestamptz, null::timestamptz, null::timestamptz,
      null::timestamptz, p.created_at)::public.message_card),
    e.told + (select count(*) from marks) - (select count(*) from marked) - (select count(*) from written)
  from plain p
  cross join (
    select app_private.tell_messages(array_agg(row(p.ord, p.conversation_id, p.group_id, p.seq, p.id, p.sender_id, p.receiver_id, null, null,
      p.created_at)::app_private.sending order by p.ord)) as told
    from plain p
  ) e
  loop
    if v_missing <> 0 then
      raise exception 'a message of the batch was sent, or its sender removed, meanwhile' using errcode = 'serialization_failure';
    end if;
    return next;
  end loop;
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
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is nobody with this username or id.',
      'Pass an id, or a username without @; GET users/search finds both.');
  elsif v_id = p_actor then
    perform app_hidden.fail(422, 'wallet.self_transfer', 'Money cannot be sent to oneself.', 'Choose another recipient.');
  elsif app_hidden.is_blocked_pair(p_actor, v_id) then
    perform app_hidden.fail(403, 'wallet.blocked', 'Money cannot be sent between these two people.', 'Choose another recipient.');
  end if;
  return v_id;
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
  if v_minor <= 0 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is zero.', 'Send an amount above zero.');
  elsif v_minor > 9223372036854775807 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is too large.', 'Send less: no wallet can hold so much.');
  end if;
  return v_minor::bigint;
end
$function$;

CREATE OR REPLACE FUNCTION public.accept_conversation (
  p_id uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_one public.conversations;
begin
  perform app_private.membership(v_me, p_id);
  perform app_private.assert_not_suspended();
  -- Under its lock, as everything that decides who may write.
  select * into v_one from public.conversations c where c.id = p_id for no key update;
  update public.conversation_members m set state = 'accepted' where m.user_id = v_me and m.conversation_id = p_id and m.state <> 'accepted';
  if found then
    perform app_private.tell_acceptance(v_one, v_me);
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
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
  return app_private.standing(p_group, v_me, 'member');
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
  perform app_private.assert_calm('places for notifications', v_me, 30, '1 hour');
  perform app_private.assert_target_url(p_url);
  perform pg_advisory_xact_lock(hashtextextended('notifications.webhooks ' || v_me, 0));
  if (select count(*) from app_private.notification_webhooks x where x.user_id = v_me and x.url <> p_url) >= 5 then
    perform app_hidden.fail(422, 'notifications.too_many_webhooks', 'Nobody has more than five webhooks.', 'Remove one first.');
  end if;
  insert into app_private.notification_webhooks (user_id, url, secret)
  values (v_me, p_url, 'whsec_' || encode(extensions.gen_random_bytes(32), 'base64'))
  on conflict (user_id, url) do update set secret = excluded.secret, failures = 0, failing_since = null, disabled_at = null, disabled_reason = null
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
  v_session uuid := auth.jwt() ->> 'session_id';
  v_expires_at timestamptz;
  s app_private.push_subscriptions;
begin
  perform app_private.assert_calm('places for notifications', v_me, 30, '1 hour'); -- each is told of, by mail too
  perform app_hidden.assert_fields(p, '{"endpoint": "string", "expirationTime": "number", "keys": "object", "user_agent": "string"}', 'notifications.field_invalid');
  if (p ->> 'expirationTime')::numeric not between 0 and 253402300799000 then
    perform app_hidden.fail(422, 'notifications.field_invalid', 'A subscription has no such end.',
      'Send `expirationTime` as milliseconds since 1970, up to the year 9999, or null.');
  end if;
  v_expires_at := to_timestamp((p ->> 'expirationTime')::double precision / 1000);
  perform app_private.assert_target_url(p ->> 'endpoint');
  -- A point of the curve P-256, 65 bytes, and 16 bytes of secret, as RFC 8291 says.
  if ((p -> 'keys' ->> 'p256dh') ~ '^[A-Za-z0-9_-]{87}=?$' and (p -> 'keys' ->> 'auth') ~ '^[A-Za-z0-9_-]{22}(==)?$') is not true then
    perform app_hidden.fail(422, 'notifications.keys_invalid', 'These are not the keys of a push subscription.', 'Send what `PushSubscription.toJSON()` gives.');
  end if;
  -- It goes with the session, which must not end before it is written down.
  perform from auth.sessions x where x.id = v_session and x.user_id = v_me for key share;
  if not found then
    perform app_hidden.fail(401, 'auth.session_revoked', 'This session has ended.', 'Sign in again.');
  end if;
  insert into app_private.push_subscriptions as x (user_id, session_id, endpoint, p256dh, auth, user_agent, expires_at)
  values (v_me, v_session, p ->> 'endpoint', p -> 'keys' ->> 'p256dh', p -> 'keys' ->> 'auth', left(p ->> 'user_agent', 300), v_expires_at)
  on conflict (endpoint) do update set user_id = excluded.user_id, session_id = excluded.session_id, p256dh = excluded.p256dh, auth = excluded.auth,
    user_agent = excluded.user_agent, expires_at = excluded.expires_at, failures = 0, failing_since = null, disabled_at = null, disabled_reason = null,
    created_at = case when x.user_id = excluded.user_id then x.created_at else now() end
  returning * into s;
  -- What is still to be sent there was for who had the device before.
  delete from app_private.notification_deliveries d using public.notifications n
  where d.target_id = s.id and n.id = d.notification_id and n.user_id <> v_me;
  delete from app_private.push_subscriptions o
  where o.user_id = v_me and o.id in (
    select y.id from app_private.push_subscriptions y where y.user_id = v_me order by y.created_at desc, y.id desc offset 20);
  return jsonb_build_object('id', s.id, 'endpoint', s.endpoint, 'user_agent', s.user_agent, 'expires_at', s.expires_at,
    'disabled_at', s.disabled_at, 'disabled_reason', s.disabled_reason, 'created_at', s.created_at);
end
$function$;

REVOKE ALL ON FUNCTION "public"."add_push_subscription"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.add_to_call (
  p_id    uuid,
  p_users uuid[]
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_users uuid[] := array(select u.id from unnest(p_users) with ordinality u (id, n) where u.id is not null group by u.id order by min(u.n) limit 16);
  v_call public.calls;
  v_in uuid[];
  v_rung uuid[];
begin
  perform app_private.assert_not_suspended();
  if v_users = '{}' or cardinality(v_users) > 15 then
    perform app_private.fail_call_field('`user_ids` with one person or more');
  end if;
  perform app_private.participant(v_me, p_id);
  perform app_private.lock_callers(v_users || v_me, (select c.group_id from public.calls c where c.id = p_id));
  perform app_private.lock_joining(p_id);
  v_in := app_private.live_people(p_id);
  perform app_private.lock_pairs(array_agg(a), array_agg(b)) from unnest(v_in || v_users) a, unnest(v_users) b where a <> b;
  perform app_private.lock_people(v_users || v_me);
  perform app_private.settle_overdue(v_users, p_id);
  v_call := app_private.locked_call(v_me, p_id);
  if v_call.state = 'ended' or (app_private.participant(v_me, p_id)).state <> 'joined' then
    perform app_private.fail_call_over();
  end if;
  v_in := app_private.live_people(p_id);
  v_users := array(select u.id from unnest(v_users) with ordinality u (id, n) where u.id <> all (v_in) order by u.n);
  if cardinality(v_in) + cardinality(v_users) > (select r.max_people from app_private.call_rules r)
    -- However many come and go: all of them stand in the call.
    or (select count(*) from public.call_participants p where p.call_id = p_id) + cardinality(v_users) > 60 then
    perform app_hidden.fail(422, 'calls.too_many_people', 'There is no room for so many people in this call.', 'Name fewer people in `user_ids`.');
  elsif v_users <> '{}' then
    perform app_private.assert_may_add(v_me, v_call, v_users);
    v_rung := app_private.ring(v_call, v_me, v_users, app_private.compatible(app_private.free_people(v_users), v_in));
    update public.calls c set is_direct = false, version = c.version + 1 where c.id = p_id;
    perform app_private.tell_call(p_id, v_in || v_rung, v_rung);
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."add_to_call"(uuid, uuid[]) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.answer_call (
  p_id     uuid,
  p_device uuid,
  p_join   uuid DEFAULT NULL::uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls;
  v_mine public.call_participants;
begin
  perform app_private.assert_not_suspended();
  if p_device is null then
    perform app_private.fail_call_field('`device_id`, a UUID that your client keeps for this device');
  end if;
  perform app_private.participant(v_me, p_id);
  perform app_private.lock_callers(array[v_me], (select c.group_id from public.calls c where c.id = p_id));
  perform app_private.lock_joining(p_id);
  perform app_private.lock_pairs(array_agg(v_me), array_agg(o)) from unnest(app_private.live_people(p_id)) o where o <> v_me;
  perform app_private.lock_people(array[v_me]);
  perform app_private.settle_overdue(array[v_me], p_id); -- whoever has been rung for too long has missed it
  v_call := app_private.locked_call(v_me, p_id);
  v_mine := app_private.participant(v_me, p_id);
  if v_mine.state = 'joined' then
    if v_mine.device_id <> p_device or v_mine.join_id is distinct from p_join then
      perform app_hidden.fail(409, 'calls.answered_elsewhere', 'Another device of yours is in this call.', 'Stop ringing on this one.');
    end if;
    return app_private.call_card_of(v_me, p_id);
  elsif not app_private.may_join(v_call, v_mine) then
    perform app_private.fail_call_over();
  elsif v_mine.state <> 'ringing' then
    perform app_private.assert_may_return(v_me);
  end if;
  perform app_private.join_call(v_call, v_me, p_device, p_join);
  perform app_private.forget_rings(v_mine.called_by, v_me);
  update public.calls c set state = 'active', answered_at = coalesce(c.answered_at, clock_timestamp()), version = c.version + 1 where c.id = p_id;
  perform app_private.tell_call(p_id, app_private.live_people(p_id));
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."answer_call"(uuid, uuid, uuid) FROM PUBLIC, "anon", "service_role";

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
  return app_private.standing(p_group, p_user, 'member');
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
  -- Also of who is no member yet, or a member hidden from the caller by a block: nobody keeps a group from closing its door.
  perform app_private.lock_target(v_me, p_group, p_user, 'ban');
  -- Who is hidden and has nothing to do with the group is not told from nobody: else banning would tell who blocked whom.
  if not exists (select from public.profiles p where p.id = p_user) or app_hidden.is_blocked_pair(v_me, p_user) and not (
    app_private.role_in(p_group, p_user) is not null
    or exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user)
    or exists (select from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user)
    or exists (select from app_private.group_bans b where b.group_id = p_group and b.user_id = p_user)
  ) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  delete from public.group_members m where m.group_id = p_group and m.user_id = p_user;
  delete from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user;
  delete from app_private.group_invitations i where i.group_id = p_group and i.user_id = p_user;
  insert into app_private.group_bans (group_id, user_id, banned_by, reason, until) values (p_group, p_user, v_me, v_reason, p_until)
  on conflict (group_id, user_id) do update
    set banned_by = excluded.banned_by, reason = excluded.reason, until = excluded.until, created_at = now();
  perform app_private.note_in_log(p_group, 'banned', p_user, jsonb_build_object('until', p_until, 'reason', v_reason));
  return app_private.standing(p_group, p_user, 'banned') || jsonb_build_object('until', p_until);
end
$function$;

CREATE OR REPLACE FUNCTION public.call (
  p_id uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.participant(auth.uid(), p_id);
  return app_private.call_card_of(auth.uid(), p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."call"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.call_heartbeat (
  p_id     uuid,
  p_device uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_mine public.call_participants := app_private.participant(v_me, p_id);
  v_now timestamptz := clock_timestamp();
begin
  perform app_private.assert_not_suspended();
  if v_mine.state = 'joined' and v_mine.device_id is distinct from p_device then
    perform app_hidden.fail(409, 'calls.answered_elsewhere', 'Another device of yours is in this call.', 'Stop ringing on this one.');
  end if;
  -- The call before one's own row, as all who take steps. Mostly there is nothing to say of it, and signs of life of several wait for nobody.
  if exists (select from public.call_participants p where p.call_id = p_id and p.due_at <= v_now)
    or exists (select from public.calls c where c.id = p_id and app_private.is_too_long(c)) then
    perform app_private.locked_call(v_me, p_id);
    perform app_private.sweep_call(p_id);
  end if;
  update public.call_participants p
  set due_at = clock_timestamp() + (select r.there_for from app_private.call_rules r), heard_at = clock_timestamp()
  where p.call_id = p_id and p.user_id = v_me and p.state = 'joined' and p.due_at > clock_timestamp();
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."call_heartbeat"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.cancel_call (
  p_id uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
begin
  perform app_private.assert_caller(v_me, v_call);
  if v_call.answered_at is not null then
    perform app_hidden.fail(409, 'calls.already_answered', 'This call was answered.', 'End it: POST calls/:id/end.');
  elsif v_call.state = 'ringing' then
    perform app_private.part_from_call(p_id, array[v_me], 'left');
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."cancel_call"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.conversation_of_group (
  p_group uuid
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := (select c.id from public.conversations c where c.group_id = p_group);
begin
  -- Without a conversation as much is asked as with that of others.
  perform app_private.membership(auth.uid(), coalesce(v_id, p_group));
  return (select c from app_private.conversation_cards(auth.uid(), array[v_id]) c);
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
  perform app_private.assert_calm('groups', v_me, 20, '1 day');
  perform app_private.assert_room_for_group(v_me);
  insert into public.groups (name, description, visibility, category, avatar_url, cover_url, rules, member_cap, created_by)
  values (g.name, g.description, g.visibility, g.category, g.avatar_url, g.cover_url, g.rules, g.member_cap, v_me)
  returning id into g.id;
  insert into public.group_members (group_id, user_id, role) values (g.id, v_me, 'owner');
  return app_private.group_card(g.id);
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
$function$;

CREATE OR REPLACE FUNCTION public.current_call()
  RETURNS SETOF public.call_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
begin
  return query select * from app_private.call_cards(auth.uid(), array(
    select p.call_id from public.call_participants p
    join public.calls c on c.id = p.call_id
    -- Also while no worker is there to say that it is over.
    where p.user_id = auth.uid() and p.state in ('ringing', 'joined') and p.due_at > clock_timestamp() and not app_private.is_too_long(c)));
end
$function$;

REVOKE ALL ON FUNCTION "public"."current_call"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.decline_call (
  p_id uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
begin
  if (app_private.participant(v_me, p_id)).state = 'joined' then
    perform app_hidden.fail(409, 'calls.already_answered', 'This call was answered.', 'End it: POST calls/:id/end.');
  elsif v_call.state <> 'ended' then
    perform app_private.part_from_call(p_id, array[v_me], 'declined');
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."decline_call"(uuid) FROM PUBLIC, "anon", "service_role";

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
  return app_private.standing(p_group, v_me, 'declined');
end
$function$;

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
  return app_private.standing(p_group, p_user, 'declined');
end
$function$;

CREATE OR REPLACE FUNCTION public.delete_media (
  p_id uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  m public.media := app_private.own_media(p_id);
begin
  -- What others passed on is theirs to see, and not to keep.
  if exists (select from app_private.media_refs r where r.media_id = m.id and not r.is_of_other) then
    perform app_hidden.fail(409, 'media.in_use', 'Something refers to this medium.', 'Take it out of the posts, messages, profile or group that name it; then it goes by itself.');
  end if;
  perform app_private.delete_media_row(m.id, 'owner');
  return jsonb_build_object('id', m.id, 'deleted', true);
end
$function$;

REVOKE ALL ON FUNCTION "public"."delete_media"(uuid) FROM PUBLIC, "anon", "service_role";

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
  perform app_private.assert_calm('edits of messages', v_me, 300, '1 hour');
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

CREATE OR REPLACE FUNCTION public.end_call (
  p_id      uuid,
  p_for_all boolean DEFAULT false
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
  v_mine public.call_participants := app_private.participant(v_me, p_id);
  v_live uuid[];
begin
  if p_for_all then
    perform app_private.assert_caller(v_me, v_call);
  end if;
  if v_call.state = 'ended' then
    return app_private.call_card_of(v_me, p_id);
  elsif p_for_all then
    v_live := app_private.live_people(p_id);
    perform app_private.end_call_for(v_call, case when v_call.answered_at is null then 'cancelled' else 'ended' end);
    perform app_private.tell_call(p_id, v_live);
  else
    perform app_private.part_from_call(p_id, array[v_me], case v_mine.state when 'ringing' then 'declined' else 'left' end);
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."end_call"(uuid, boolean) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.feed_cards (
  p_ids uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_ids uuid[] := array(select u.id from unnest(p_ids[1:101]) with ordinality u (id, n) group by u.id order by min(u.n));
begin
  return query
  select * from app_private.cards_of(v_me, v_ids, v_me || array(
    select p.author_id from public.posts p
    where p.id = any (v_ids)
      and (select true from public.mutes m where m.muter_id = v_me and m.muted_id = p.author_id and (m.until is null or m.until > now())) is null
      and (select true from public.follows f where f.follower_id = v_me and f.followee_id = p.author_id)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.finish_media_upload (
  p_id uuid
)
  RETURNS public.media_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  m public.media := app_private.own_media(p_id);
  v_bytes bigint;
begin
  if m.state = 'pending' then
    v_bytes := app_private.uploaded_bytes(m);
    if v_bytes is null then
      perform app_hidden.fail(409, 'media.not_uploaded', 'There is no object yet.', 'Upload it to `path` of its bucket first.');
    end if;
    m := app_private.take_upload(m.id, v_bytes);
  end if;
  return app_private.media_card(m);
end
$function$;

REVOKE ALL ON FUNCTION "public"."finish_media_upload"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.followers (
  p_user      uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_blocks boolean;
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_blocks := app_private.has_blocks(v_me);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.follower_id as id, f.created_at as at from public.follows f
    where f.followee_id = p_user and not (v_blocks and app_hidden.is_blocked_pair(v_me, f.follower_id))
      and (f.created_at, f.follower_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.follower_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

CREATE OR REPLACE FUNCTION public.following (
  p_user      uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_blocks boolean;
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_blocks := app_private.has_blocks(v_me);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.followee_id as id, f.created_at as at from public.follows f
    where f.follower_id = p_user and f.created_at > '-infinity' and not (v_blocks and app_hidden.is_blocked_pair(v_me, f.followee_id))
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

CREATE OR REPLACE FUNCTION public.friends (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.followee_id as id, f.created_at as at from public.follows f
    where f.follower_id = v_me and f.created_at > '-infinity'
      and exists (select from public.follows b where b.follower_id = f.followee_id and b.followee_id = v_me)
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

CREATE OR REPLACE FUNCTION public.home_feed (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_me uuid := auth.uid();
  v_room int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_room;
  v_shown int;
  v_since timestamptz;
  v_ids uuid[];
  v_authors uuid[];
  v_last_at timestamptz;
  v_more boolean;
  v_is_ready boolean;
begin
  if p_before is null and p_before_id is not null then
    perform app_hidden.assert_cursor(p_before, p_before_id);
  elsif v_me is null then
    return;
  end if;
  p_before_id := case when p_before is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else coalesce(p_before_id, '00000000-0000-0000-0000-000000000000') end;
  p_before := coalesce(p_before, 'infinity');
  loop
    -- State and inbox in one statement: trimmed in between, posts would be missing that the state still promises. Whom the reader muted is
    -- left out already, so that a page never hydrates thousands of their posts.
    select coalesce(s.complete_since, 'infinity'), coalesce(w.ids, '{}'), w.authors, w.last_at, w.count = v_step,
      v_is_ready or (s.read_at > now() - interval '1 hour' and s.pulled_at > now() - interval '30 seconds')
    into v_since, v_ids, v_authors, v_last_at, v_more, v_is_ready
    from (select v_me as id, exists (select from public.mutes m where m.muter_id = v_me) as mutes) u
    left join public.feed_state s on s.user_id = u.id
    cross join lateral (
      select array_agg(x.post_id) as ids, array_agg(x.author_id) as authors, (array_agg(x.published_at))[count(*)] as last_at, count(*) as count
      from (
        select i.post_id, i.author_id, i.published_at from public.feed_inbox i
        where i.user_id = u.id and (i.published_at, i.post_id) < (p_before, p_before_id) and i.published_at >= s.complete_since
          and case when u.mutes then (
            -- A probe for each post, not a list of all whom somebody muted.
            select true from public.mutes m where m.muter_id = v_me and m.muted_id = i.author_id and (m.until is null or m.until > now())
          ) is null else true end
        order by i.published_at desc, i.post_id desc
        limit v_step
      ) x
    ) w;
    if v_is_ready is distinct from true then
      perform app_private.prepare_feed(v_me);
      v_is_ready := true;
      continue;
    end if;
    if not v_more and v_since > '-infinity' then
      select v_ids || o.ids, v_authors || o.authors, coalesce(o.last_at, v_last_at), o.more into v_ids, v_authors, v_last_at, v_more
      from app_private.older_feed_ids(v_me, v_step - cardinality(v_ids), least(p_before, v_since),
        case when p_before < v_since then p_before_id else '00000000-0000-0000-0000-000000000000' end) o;
    end if;
    return query
    select * from app_private.cards_of(v_me, v_ids, v_me || array(
      select f.followee_id from public.follows f where f.follower_id = v_me and f.followee_id = any (v_authors)
    )) limit v_room;
    get diagnostics v_shown = row_count;
    v_room := v_room - v_shown;
    exit when v_room = 0 or not v_more;
    -- Some of the inbox were gone or hidden: on to the next, in longer steps where many are. What is older is looked up as it is shown.
    p_before := v_last_at;
    p_before_id := v_ids[cardinality(v_ids)];
    v_step := least(v_step * 2, 200);
  end loop;
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
    return app_private.standing(p_group, p_user, 'member');
  elsif app_private.is_banned(p_group, p_user) then
    perform app_hidden.fail(409, 'groups.person_banned', 'This person is banned from the group.', 'Lift the ban first: DELETE groups/:id/bans/:user_id.');
  elsif exists (select from app_private.group_requests r where r.group_id = p_group and r.user_id = p_user) then
    perform app_private.add_member(p_group, p_user); -- both sides want it
    perform app_private.note_in_log(p_group, 'request_approved', p_user);
    return app_private.standing(p_group, p_user, 'member');
  elsif not app_private.may_reach(v_me, p_user, 'who_can_invite') then
    perform app_hidden.fail(403, 'groups.invitation_refused', 'This person does not let you invite them.', '`can_invite` of GET users/:id says whom you may invite.');
  end if;
  perform app_private.assert_calm('invitations', v_me, 200, '1 day');
  insert into app_private.group_invitations as i (group_id, user_id, invited_by) values (p_group, p_user, v_me)
  on conflict (group_id, user_id) do update set invited_by = excluded.invited_by, created_at = now(), expires_at = excluded.expires_at
    where i.expires_at <= now();
  if found then
    perform app_private.note_in_log(p_group, 'invited', p_user);
  end if;
  return app_private.standing(p_group, p_user, 'invited');
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
    return app_private.standing(p_group, v_me, 'member');
  elsif app_private.is_banned(p_group, v_me) then
    perform app_hidden.fail(403, 'groups.join_refused', 'This group does not take you in.', 'Ask one of its moderators.');
  end if;
  -- Each coming and going moves the conversation of the group to another topic, of which all its members are told.
  perform app_private.assert_calm('entries into groups', v_me, 100, '1 hour');
  if v_group.visibility = 'public' or app_private.is_invited(p_group, v_me) then
    perform app_private.add_member(p_group, v_me);
    return app_private.standing(p_group, v_me, 'member');
  end if;
  insert into app_private.group_requests as r (group_id, user_id, message) values (p_group, v_me, v_message)
  on conflict (group_id, user_id) do update set message = coalesce(excluded.message, r.message);
  return app_private.standing(p_group, v_me, 'requested');
end
$function$;

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
  return app_private.standing(p_group, v_me, 'none');
end
$function$;

CREATE OR REPLACE FUNCTION public.mark_all_notifications_read (
  p_seq bigint DEFAULT NULL::bigint
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  s app_private.notification_states := app_private.hold_notifications(v_me);
  v_seq bigint := least(coalesce(p_seq, s.last_seq), s.last_seq);
  v_is_changed boolean;
begin
  update app_private.notification_states x set seen_seq = v_seq where x.user_id = v_me and x.seen_seq < v_seq;
  v_is_changed := found;
  update public.notifications n set read_at = now() where n.user_id = v_me and n.seq <= v_seq and n.read_at is null;
  return case when v_is_changed or found then app_private.tell_marked(v_me) else app_private.counts_of(v_me) end;
end
$function$;

REVOKE ALL ON FUNCTION "public"."mark_all_notifications_read"(bigint) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.mark_notifications_read (
  p_ids uuid[]
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  if p_ids is null or cardinality(p_ids) not between 1 and 100 then
    perform app_hidden.fail(422, 'notifications.field_invalid', 'These are no or too many ids.', 'Send 1 to 100 ids.');
  end if;
  perform app_private.hold_notifications(v_me);
  if exists (select unnest(p_ids) except select n.id from app_private.shown_notifications(v_me) n) then
    perform app_hidden.fail(404, 'notifications.not_found', 'There is no such notification.', 'Take ids from GET notifications; the oldest are not kept.');
  end if;
  update public.notifications n set read_at = now() where n.user_id = v_me and n.id = any (p_ids) and n.read_at is null;
  return case when found then app_private.tell_marked(v_me) else app_private.counts_of(v_me) end;
end
$function$;

REVOKE ALL ON FUNCTION "public"."mark_notifications_read"(uuid[]) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.mark_notifications_seen (
  p_seq bigint DEFAULT NULL::bigint
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  s app_private.notification_states := app_private.hold_notifications(v_me);
begin
  update app_private.notification_states x set seen_seq = least(coalesce(p_seq, s.last_seq), s.last_seq)
  where x.user_id = v_me and x.seen_seq < least(coalesce(p_seq, s.last_seq), s.last_seq);
  return case when found then app_private.tell_marked(v_me) else app_private.counts_of(v_me) end;
end
$function$;

REVOKE ALL ON FUNCTION "public"."mark_notifications_seen"(bigint) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.media_details (
  p_ids uuid[]
)
  RETURNS SETOF public.media_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if coalesce(cardinality(p_ids), 0) not between 1 and 50 then
    perform app_hidden.fail(422, 'media.field_invalid', 'That is no list of media.', 'Ask for 1 to 50 media.');
  end if;
  return query
  select c.* from public.media m cross join lateral app_private.media_card(m) c
  where m.id = any (p_ids) and app_private.can_view_media(auth.uid(), m)
  order by array_position(p_ids, m.id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."media_details"(uuid[]) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.media_usage()
  RETURNS TABLE (
    used_bytes  bigint,
    quota_bytes bigint,
    media_count bigint
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return query
  select coalesce(sum(m.size_bytes), 0)::bigint, app_private.media_quota(auth.uid()), count(*)
  from public.media m where m.owner_id = auth.uid();
end
$function$;

REVOKE ALL ON FUNCTION "public"."media_usage"() FROM PUBLIC, "anon", "service_role";

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
  v_blocks boolean := app_private.has_blocks(v_me);
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
    where m.group_id = p_group and not (v_blocks and app_hidden.is_blocked_pair(v_me, m.user_id)) and (p_role is null or m.role = p_role)
      and (m.joined_at, m.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.joined_at desc, m.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_roles[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$function$;

CREATE OR REPLACE FUNCTION public.muted_people (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select m.muted_id as id, m.created_at as at from public.mutes m
    where m.muter_id = v_me and (m.until is null or m.until > now()) and not (v_blocks and app_hidden.is_blocked_pair(v_me, m.muted_id))
      and (m.created_at, m.muted_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.created_at desc, m.muted_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

CREATE OR REPLACE FUNCTION public.mutual_friends (
  p_user      uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_blocks boolean;
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_blocks := app_private.has_blocks(v_me);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.followee_id as id, f.created_at as at from public.follows f
    where f.follower_id = v_me and f.created_at > '-infinity' and not (v_blocks and app_hidden.is_blocked_pair(v_me, f.followee_id))
      and exists (select from public.follows b where b.follower_id = f.followee_id and b.followee_id = v_me)
      and exists (select from public.follows t where t.follower_id = f.followee_id and t.followee_id = p_user)
      and exists (select from public.follows t where t.follower_id = p_user and t.followee_id = f.followee_id)
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

CREATE OR REPLACE FUNCTION public.my_bookmarks (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.bookmarked_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.post_id), array_agg(x.created_at) into v_ids, v_ats from (
    select b.post_id, b.created_at from public.bookmarks b
    where b.user_id = (select auth.uid()) and b.created_at > '-infinity' and exists (select from public.posts p where p.id = b.post_id)
      and (b.created_at, b.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by b.created_at desc, b.post_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.id, c.author, c.type, c.content, c.media_urls, c.location, c.tags, c.mentions, c.visibility, c.reply_control, c.shares_allowed,
    c.status, c.published_at, c.scheduled_for, c.pinned_at, c.edited_at, c.created_at, c.likes_count, c.comments_count, c.shares_count,
    c.liked, c.bookmarked, c.can_comment, c.poll, c.shared_post, c.reason, v_ats[array_position(v_ids, c.id)], c.group_id
  from public.post_cards(v_ids) c;
end
$function$;

CREATE OR REPLACE FUNCTION public.my_calls (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid,
  p_missed    boolean                  DEFAULT false
)
  RETURNS SETOF public.call_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_missed then
    return query select * from app_private.call_cards(v_me, array(
      select p.call_id from public.call_participants p
      where p.user_id = v_me and p.state in ('missed', 'busy')
        and (p.created_at, p.call_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.created_at desc, p.call_id desc limit least(greatest(p_limit, 1), 101)));
  else
    return query select * from app_private.call_cards(v_me, array(
      select p.call_id from public.call_participants p
      where p.user_id = v_me
        and (p.created_at, p.call_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.created_at desc, p.call_id desc limit least(greatest(p_limit, 1), 101)));
  end if;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_calls"(integer, timestamp WITH time zone, uuid, boolean) FROM PUBLIC, "anon", "service_role";

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

CREATE OR REPLACE FUNCTION public.my_notifications (
  p_limit      integer DEFAULT 20,
  p_before_seq bigint  DEFAULT NULL::bigint,
  p_after_seq  bigint  DEFAULT NULL::bigint,
  p_unread     boolean DEFAULT false,
  p_category   text    DEFAULT NULL::text
)
  RETURNS SETOF public.notification_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_limit int := least(greatest(p_limit, 1), 101);
  v_rows public.notifications[];
begin
  if p_after_seq is not null then
    v_rows := array(
      select n from app_private.shown_notifications(v_me) n
      where n.seq > p_after_seq and (p_before_seq is null or n.seq < p_before_seq) and (p_category is null or app_hidden.notification_category(n.kind) = p_category)
        and not (p_unread and n.read_at is not null)
      order by n.seq limit v_limit);
  else
    v_rows := array(
      select n from app_private.shown_notifications(v_me) n
      where (p_before_seq is null or n.seq < p_before_seq) and (p_category is null or app_hidden.notification_category(n.kind) = p_category)
        and not (p_unread and n.read_at is not null)
      order by n.seq desc limit v_limit);
  end if;
  if v_rows <> '{}' then
    return query select * from app_private.notification_cards(v_rows);
  end if;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_push_subscriptions()
  RETURNS TABLE (
    id              uuid,
    endpoint        text,
    user_agent      text,
    expires_at      timestamp with time zone,
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
  select s.id, s.endpoint, s.user_agent, s.expires_at, s.disabled_at, s.disabled_reason, s.created_at from app_private.push_subscriptions s
  where s.user_id = auth.uid() order by s.created_at desc, s.id desc;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_push_subscriptions"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.notification_counts()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return app_private.counts_of(auth.uid());
end
$function$;

REVOKE ALL ON FUNCTION "public"."notification_counts"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.notification_preferences()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_settings jsonb := coalesce((select s.notification_settings from public.account_settings s where s.user_id = auth.uid()), '{}');
begin
  return jsonb_build_object(
    'quiet_hours', v_settings -> 'quiet_hours',
    'kinds', (
      select jsonb_object_agg(k, jsonb_build_object('category', app_hidden.notification_category(k)) || (
        select jsonb_object_agg(c, app_hidden.wants_notification(v_settings, k, c)) from unnest(array['in_app', 'push', 'email', 'webhook']) c))
      from unnest(app_hidden.notification_kinds()) k));
end
$function$;

REVOKE ALL ON FUNCTION "public"."notification_preferences"() FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.people_who_liked (
  p_post      uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_post(v_me, p_post);
  select array_agg(x.user_id), array_agg(x.created_at) into v_ids, v_ats from (
    select l.user_id, l.created_at from public.post_likes l
    where l.post_id = p_post and l.created_at > '-infinity' and not (v_blocks and app_hidden.is_blocked_pair(v_me, l.user_id))
      and (l.created_at, l.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by l.created_at desc, l.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

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
  end if;
  return jsonb_build_object('group_id', p_group, 'post_id', p_post, 'pinned', coalesce(p_pinned, false));
end
$function$;

CREATE OR REPLACE FUNCTION public.pin_message (
  p_id     uuid,
  p_pinned boolean DEFAULT true
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
begin
  if p_pinned is distinct from (m.pinned_at is not null) then
    perform app_private.assert_calm('pins of messages', v_me, 300, '1 hour');
    v_conversation := app_private.lock_to_act(v_me, m);
    perform app_private.assert_staff(v_conversation, v_me, 'moderate_posts');
    m := app_private.readable_message(v_me, p_id);
    if p_pinned and exists (select from public.messages x where x.conversation_id = m.conversation_id and x.pinned_at is not null offset 49) then
      perform app_hidden.fail(422, 'messages.too_many_pinned', 'At most 50 messages of a conversation can be pinned.', 'Unpin another message first.');
    end if;
    update public.messages x set pinned_at = case when p_pinned then clock_timestamp() end, change = v_conversation.last_change
    where x.id = p_id returning * into m;
    perform app_private.tell_changed(v_conversation, m);
  end if;
  return (select c from app_private.message_cards(v_me, array[m]) c);
end
$function$;

CREATE OR REPLACE FUNCTION public.post_comments (
  p_post      uuid                     DEFAULT NULL::uuid,
  p_parent    uuid                     DEFAULT NULL::uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.comment_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_limit int := least(greatest(p_limit, 1), 101);
  v_parent public.comments;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_parent is not null then
    select * into v_parent from public.comments c
    where c.id = p_parent and c.post_id = coalesce(p_post, c.post_id) and (c.deleted_at is not null or not (v_blocks and app_hidden.is_blocked_pair(v_me, c.author_id)));
    if not found or not app_private.can_view_post(v_me, v_parent.post_id) then
      perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
    end if;
    return query select * from app_private.comment_cards_of(v_me, array(
      select c.id from public.comments c
      where c.parent_id = p_parent and c.deleted_at is null and not (v_blocks and app_hidden.is_blocked_pair(v_me, c.author_id))
        and (c.created_at, c.id) > (coalesce(p_before, '-infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by c.created_at, c.id limit v_limit
    ));
    return;
  end if;
  perform app_private.assert_post(v_me, p_post);
  return query select * from app_private.comment_cards_of(v_me, array(
    select c.id from public.comments c
    where c.post_id = p_post and c.parent_id is null
      and case
        when c.deleted_at is null then not (v_blocks and app_hidden.is_blocked_pair(v_me, c.author_id))
        else exists (select from public.comments a where a.parent_id = c.id and a.deleted_at is null)
      end
      and (c.created_at, c.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by c.created_at desc, c.id desc limit v_limit
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_author (
  p_author    uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_shown text[];
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select * into r from app_private.relation(v_me, p_author);
  if r.is_self is null or r.is_blocked then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  -- Not what decides, but it keeps a page from trying each of a thousand hidden posts: each visibility is a range of its own.
  v_shown := case
    when r.is_self then '{public,friends,private}'
    when r.is_private and not r.follows then '{}'
    when r.follows and r.is_followed then '{public,friends}'
    else '{public}' end;
  return query select * from app_private.cards_of(v_me, array(
    select x.id from unnest(v_shown) v (visibility) cross join lateral (
      select p.id, p.published_at from public.posts p
      where p.author_id = p_author and p.visibility = v.visibility and p.status = 'published'
        and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
    ) x order by x.published_at desc, x.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

CREATE OR REPLACE FUNCTION public.posts_by_location (
  p_location  text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_limit int := least(greatest(coalesce(p_limit, 20), 1), 100);
  v_step int := v_limit + 1;
  v_left int := 500;
  v_cards jsonb[] := '{}';
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*)::int as count into r from (
      select p.id, p.published_at from public.posts p
      where lower(p.location) = lower(btrim(p_location)) and p.location is not null and p.status = 'published'
        and p.visibility in ('public', 'friends')
        and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by p.published_at desc, p.id desc limit v_step
    ) x;
    v_cards := v_cards || app_private.some_cards(v_me, r.ids, v_limit + 1 - cardinality(v_cards));
    v_left := v_left - r.count;
    if cardinality(v_cards) > v_limit or r.count < v_step or v_left <= 0 then
      return app_private.page_of_cards(v_cards, v_limit, r.last_at, case when r.count = v_step then r.ids[r.count] end);
    end if;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, v_left);
  end loop;
end
$function$;

REVOKE ALL ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.posts_by_tag (
  p_tag       text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_tag text := lower(ltrim(p_tag, '#') collate pg_catalog.pg_c_utf8);
  v_limit int := least(greatest(coalesce(p_limit, 20), 1), 100);
  v_step int := v_limit + 1;
  v_left int := 500;
  v_cards jsonb[] := '{}';
  r record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  loop
    select array_agg(x.post_id) as ids, (array_agg(x.published_at))[count(*)] as last_at, count(*)::int as count into r from (
      select t.post_id, t.published_at from public.post_tags t
      where t.tag = v_tag
        and (t.published_at, t.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
      order by t.published_at desc, t.post_id desc limit v_step
    ) x;
    v_cards := v_cards || app_private.some_cards(v_me, r.ids, v_limit + 1 - cardinality(v_cards));
    v_left := v_left - r.count;
    if cardinality(v_cards) > v_limit or r.count < v_step or v_left <= 0 then
      return app_private.page_of_cards(v_cards, v_limit, r.last_at, case when r.count = v_step then r.ids[r.count] end);
    end if;
    p_before := r.last_at;
    p_before_id := r.ids[r.count];
    v_step := least(v_step * 2, v_left);
  end loop;
end
$function$;

REVOKE ALL ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.posts_of_group (
  p_group     uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_hidden.assert_group_readable(p_group);
  return query select * from app_private.cards_of(v_me, array(
    select p.id from public.posts p
    where p.group_id = p_group and p.status = 'published' and not (v_blocks and app_hidden.is_blocked_pair(v_me, p.author_id))
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
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
    if p_emoji is not null then
      perform app_private.assert_calm('reactions', v_me, 1200, '1 hour');
    end if;
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
    return app_private.standing(v_link.group_id, v_me, 'member'); -- uses nothing up
  end if;
  perform app_private.assert_calm('entries into groups', v_me, 100, '1 hour');
  if app_private.is_banned(v_link.group_id, v_me) or not app_private.take_use(v_link.id) then
    perform app_private.fail_no_link();
  end if;
  perform app_private.add_member(v_link.group_id, v_me);
  return app_private.standing(v_link.group_id, v_me, 'member');
end
$function$;

CREATE OR REPLACE FUNCTION public.remove_from_call (
  p_id   uuid,
  p_user uuid
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.locked_call(v_me, p_id);
begin
  perform app_private.assert_not_suspended();
  perform app_private.assert_caller(v_me, v_call);
  if p_user = v_me then
    perform app_private.fail_call_field('somebody else; to leave, POST calls/:id/end');
  end if;
  -- Also who has left: they do not come back.
  if v_call.state <> 'ended' and not app_private.part_from_call(p_id, array[p_user], 'removed') then
    update public.call_participants p set state = 'removed' where p.call_id = p_id and p.user_id = p_user;
  end if;
  return app_private.call_card_of(v_me, p_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."remove_from_call"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

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
  return app_private.standing(p_group, p_user, 'removed');
end
$function$;

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

CREATE OR REPLACE FUNCTION public.report_vanished (
  p_id   uuid,
  p_user uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_now timestamptz := clock_timestamp();
  v_rules app_private.call_rules;
begin
  perform app_private.assert_not_suspended();
  if (app_private.participant(v_me, p_id)).state <> 'joined' then
    perform app_private.fail_call_over();
  end if;
  perform app_private.lock_callers(array[v_me], null);
  select * into v_rules from app_private.call_rules;
  -- Nobody is out by the word of others who says every five seconds that they are there. And they are asked once in there_for, whoever
  -- misses them, and however often they answer.
  update public.call_participants p
  set due_at = least(p.due_at, greatest(v_now, p.heard_at + v_rules.reported_after) + v_rules.reported_for), reported_at = v_now
  where p.call_id = p_id and p.user_id = p_user and p.user_id <> v_me and p.state = 'joined'
    and coalesce(p.reported_at < v_now - v_rules.there_for, true);
  if not found then
    return false;
  end if;
  perform app_private.keep_pace('reports in calls', v_me, v_rules.reports_per_10_minutes, '10 minutes', 1,
    'You miss people more often than a person does.', 'Their devices say themselves whether they are there.');
  perform app_private.tell_person(p_user, 'call_still_there', jsonb_build_object('call_id', p_id));
  return true;
end
$function$;

REVOKE ALL ON FUNCTION "public"."report_vanished"(uuid, uuid) FROM PUBLIC, "anon", "service_role";

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
  v_blocks boolean := app_private.has_blocks(v_me);
  v_ids uuid[];
  v_ats timestamptz[];
  v_messages text[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_may(v_me, p_group, 'decide_requests');
  select array_agg(x.user_id), array_agg(x.created_at), array_agg(x.message) into v_ids, v_ats, v_messages from (
    select r.user_id, r.created_at, r.message from app_private.group_requests r
    where r.group_id = p_group and not (v_blocks and app_hidden.is_blocked_pair(v_me, r.user_id))
      and (r.created_at, r.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query
  select c.*, v_messages[array_position(v_ids, c.id)] from app_private.person_cards(v_me, v_ids, v_ats) c;
end
$function$;

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
$function$;

CREATE OR REPLACE FUNCTION public.search_people (
  p_query       text,
  p_limit       integer DEFAULT 20,
  p_before_rank real    DEFAULT NULL::real,
  p_before_id   uuid    DEFAULT NULL::uuid
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
    rank               real
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
  v_query text := app_hidden.plain_name(trim(leading '@' from trim(left(p_query, 64))));
begin
  -- Any time will do: the rank is here what the time is in other lists.
  perform app_hidden.assert_cursor(case when p_before_rank is not null then now() end, p_before_id);
  if coalesce(v_query, '') = '' then
    return;
  end if;
  return query
  with found as materialized (
    select p.*, app_hidden.plain_name(coalesce(p.full_name, '')) as plain_name, f.follower_id is not null as is_followed
    from (select distinct c from app_private.search_candidates(v_me, v_query) c) x (id)
    join public.profiles p on p.id = x.id
    left join public.follows f on f.follower_id = v_me and f.followee_id = p.id
    where not (v_blocks and app_hidden.is_blocked_pair(v_me, p.id))
  ), ranked as (
    select f.*, (
      case
        when f.username::text = v_query then 3
        when starts_with(f.username::text, v_query) then 2
        when starts_with(f.plain_name, v_query) then 1
        else 0
      end
      + case when f.is_followed then 0.5 else 0 end
      + 0.4 * greatest(
        extensions.similarity(v_query, f.username::text), extensions.similarity(v_query, f.plain_name))
    )::real as rank
    from found f
  )
  select r.id, r.username::text, r.full_name, r.avatar_url, r.is_verified, r.verification_level, r.is_private, r.is_followed,
    -- Not `exists`: of one the planner may make a hash of everybody who follows me.
    coalesce((select true from public.follows b where b.follower_id = r.id and b.followee_id = v_me), false), r.created_at, r.rank
  from ranked r
  where p_before_rank is null or (r.rank, r.id) < (p_before_rank, p_before_id)
  order by r.rank desc, r.id desc
  limit least(greatest(p_limit, 1), 101);
end
$function$;

CREATE OR REPLACE FUNCTION public.send_message (
  p jsonb
)
  RETURNS public.message_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  v_me uuid := auth.uid();
  v_content text := p ->> 'content';
  v_words jsonb;
  v_to jsonb;
  v_target text := coalesce(p ->> 'conversation_id', p ->> 'receiver_id', p ->> 'group_id');
  v_since timestamptz := clock_timestamp() - interval '1 minute';
  v_id uuid;
  v_message uuid;
  v_group uuid;
  v_other uuid;
  v_epoch int;
  v_seq bigint;
  v_at timestamptz;
  v_sender jsonb;
  v_event uuid;
begin
  -- Only what is certain: a first character that can be seen saves looking for one.
  if jsonb_typeof(p -> 'content') = 'string' and length(v_content) <= 4000 and (ascii(v_content) between 33 and 126 or v_content ~ '\S')
    and strpos(v_content, '@') = 0 and pg_input_is_valid(v_target, 'uuid')
    and (not p ? 'client_id' or jsonb_typeof(p -> 'client_id') = 'string' and pg_input_is_valid(p ->> 'client_id', 'uuid')) then
    v_words := p - '{conversation_id,group_id,receiver_id}'::text[];
    v_to := p - '{content,client_id}'::text[];
    v_message := coalesce((p ->> 'client_id')::uuid, app_private.uuid_v7());
    if v_to = jsonb_build_object('conversation_id', v_target) then
      v_id := v_target;
    elsif v_to = jsonb_build_object('receiver_id', v_target) then
      select c.id into v_id from public.conversations c where c.low_id = least(v_me, v_target::uuid) and c.high_id = greatest(v_me, v_target::uuid);
    elsif v_to = jsonb_build_object('group_id', v_target) then
      select c.id into v_id from public.conversations c where c.group_id = v_target::uuid;
    end if;
    -- From here to the commit nobody else sends or is removed here, so numbers follow each other in the order of the commits. Whose
    -- conversation it is not locks nothing, and as much is asked about one that never was.
    update public.conversations c set last_seq = c.last_seq + 1, active_at = greatest(clock_timestamp(), c.active_at)
    where c.id = (select m.conversation_id from public.conversation_members m where m.user_id = v_me and m.conversation_id = coalesce(v_id, v_message))
      and c.disappear_after_s is null and not exists (select from public.messages x where x.id = v_message)
    returning c.group_id, case when c.low_id = v_me then c.high_id else c.low_id end, c.epoch, c.last_seq, c.active_at
    into v_group, v_other, v_epoch, v_seq, v_at;
  end if;
  if v_seq is null then
    return app_private.send_any_message(v_me, p);
  end if;

  -- Who may write, asked with the conversation locked, so that a block or a removal of a moment ago is seen. Who writes has read what was there.
  update public.conversation_members m set last_read_seq = v_seq
  where m.user_id = v_me and m.conversation_id = v_id and m.state = 'accepted'
    and (v_group is not null
      or exists (select from public.conversation_members o where o.user_id = v_other and o.conversation_id = v_id and o.state = 'accepted')
        and not exists (select from public.blocks b where b.blocker_id = v_me and b.blocked_id = v_other)
        and not exists (select from public.blocks b where b.blocker_id = v_other and b.blocked_id = v_me))
    and not exists (select from auth.users u where u.id = v_me and u.banned_until > now())
    and ((select r.messages_per_minute is null from app_private.chat_rules r) or not exists (
      select from public.messages x where x.sender_id = v_me and x.created_at > v_since
      offset (select r.messages_per_minute - 1 from app_private.chat_rules r)))
  returning (
    select a.card from app_private.author_cards a where a.user_id = v_me) into v_sender;
  if v_sender is not null then
    insert into public.messages (conversation_id, seq, id, sender_id, kind, content, is_forwarded, request_hash, created_at)
    values (v_id, v_seq, v_message, v_me, 'text', v_content, false, hashtextextended(v_words::text, 0), v_at)
    on conflict (id) do nothing;
  end if;
  if v_sender is null or not found then
    -- The number was seen by nobody.
    update public.conversations c set last_seq = c.last_seq - 1 where c.id = v_id;
    update public.conversation_members m set last_read_seq = v_seq - 1 where m.user_id = v_me and m.conversation_id = v_id and m.last_read_seq = v_seq;
    return app_private.send_any_message(v_me, p);
  end if;

  -- Expressions, where `perform` would be statements.
  v_event := app_private.tell_message(v_message, v_id, v_group, v_seq, v_me, v_other, false, 'text', null, v_at, null);
  if realtime.send(
    '{"kind": "text", "media_urls": [], "duration_ms": null, "waveform": null, "reply_to": null, "is_forwarded": false, "mentions": [], "reactions": [],
      "change": null, "pinned_at": null, "edited_at": null, "deleted_at": null, "expires_at": null, "is_sealed": false}'
    || jsonb_build_object('id', v_message, 'conversation_id', v_id, 'seq', v_seq, 'sender_id', v_me, 'sender', v_sender, 'content', v_content,
      'created_at', v_at),
    'message_created', format('conversation:%s:%s', v_id, v_epoch), true) is null then
    null;
  end if;
  return row(v_message, v_id, v_seq, v_me, v_sender, 'text', v_content, '{}'::text[], null::int, null::smallint[], null::jsonb, false, '{}'::uuid[],
    '[]'::jsonb, null::text, null::boolean, null::bigint, null::timestamptz, null::timestamptz, null::timestamptz, null::timestamptz, v_at)::public.message_card;
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
  perform app_private.assert_calm('signs of typing', v_me, 3600, '1 hour');
  perform realtime.send(jsonb_build_object('user_id', v_me), 'typing', format('typing:%s:%s', p_conversation, v_conversation.epoch), true);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION public.set_message_timer (
  p_id      uuid,
  p_seconds integer
)
  RETURNS public.conversation_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members := app_private.membership(v_me, p_id);
  v_one public.conversations;
begin
  if p_seconds not between 30 and 7776000 then
    perform app_private.fail_field('`seconds` from 30 to 7776000 (90 days), or null');
  end if;
  perform app_private.assert_calm('timers of messages', v_me, 60, '1 hour');
  select * into v_one from public.conversations c where c.id = p_id for no key update;
  perform app_private.assert_may_act(v_one, v_member);
  perform app_private.assert_staff(v_one, v_me, 'update');
  if v_one.disappear_after_s is distinct from p_seconds then
    update public.conversations c set disappear_after_s = p_seconds where c.id = p_id returning * into v_one;
    perform app_private.tell_members(v_one, 'conversation_changed',
      jsonb_build_object('conversation_id', p_id, 'disappear_after_s', p_seconds, 'by', v_me));
  end if;
  return (select c from app_private.conversation_cards(v_me, array[p_id]) c);
end
$function$;

CREATE OR REPLACE FUNCTION public.set_notification_preferences (
  p jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if p is null or jsonb_typeof(p) <> 'object' then
    perform app_hidden.fail(422, 'users.notification_settings_invalid', 'These are no settings.', 'Send one JSON object.');
  end if;
  -- Of each kind only the channels that are sent; a kind sent as null goes back to its default.
  update public.account_settings s set notification_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}')
    from (
      select coalesce(o.key, n.key) as key,
        case when jsonb_typeof(o.value) = 'object' and jsonb_typeof(n.value) = 'object' and coalesce(o.key, n.key) <> 'quiet_hours'
          then o.value || n.value else coalesce(n.value, o.value) end as value
      from jsonb_each(s.notification_settings) o full join jsonb_each(p) n on n.key = o.key
    ) x
    where x.value <> 'null')
  where s.user_id = auth.uid();
  return public.notification_preferences();
end
$function$;

REVOKE ALL ON FUNCTION "public"."set_notification_preferences"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.start_call (
  p jsonb
)
  RETURNS public.call_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_call public.calls := app_private.call_from(p);
  v_found public.calls;
  v_people uuid[];
  v_reached uuid[];
  v_ringing uuid;
  v_rung uuid[];
begin
  perform app_private.assert_not_suspended();
  v_people := app_private.people_to_call(v_me, v_call.group_id, coalesce(app_hidden.texts(p -> 'user_ids')::uuid[], '{}'));
  perform app_private.lock_callers(v_people || v_me, v_call.group_id);
  if v_call.group_id is not null then
    -- Looked at again: a removal may have been waited for.
    perform app_private.assert_in_group(v_me, v_call.group_id);
    v_people := array(select u from unnest(v_people) u where app_private.role_in(v_call.group_id, u) is not null);
  end if;
  perform app_private.lock_pairs(array_agg(a), array_agg(b)) from unnest(v_people || v_me) a, unnest(v_people || v_me) b where a < b;
  perform app_private.lock_people(v_people || v_me);
  select * into v_found from public.calls c where c.id = v_call.id;
  if found then
    if v_found.caller_id is distinct from v_me or v_found.request_hash <> v_call.request_hash then
      perform app_hidden.fail(409, 'calls.client_id_reused', 'This client_id was used for another call.', 'Make a new UUID for each call; repeat a start unchanged.');
    end if;
    return app_private.call_card_of(v_me, v_call.id);
  end if;
  v_reached := app_private.reachable(v_me, v_people);
  if v_reached = '{}' then
    perform app_private.fail_not_callable(v_me, v_people);
  end if;
  select x.call_id into v_ringing from public.call_participants x where x.user_id = v_me and x.state = 'ringing';
  perform app_private.settle_overdue(v_reached || v_me, v_ringing);
  perform app_private.decline_for_own(v_me, v_ringing, v_reached);
  if app_private.free_people(array[v_me]) = '{}' then
    perform app_private.fail_in_call();
  end if;
  perform app_private.assert_may_call(v_me, v_reached);
  insert into public.calls (id, kind, caller_id, group_id, is_direct, request_hash)
  values (v_call.id, v_call.kind, v_me, v_call.group_id, cardinality(v_people) = 1 and v_call.group_id is null, v_call.request_hash) returning * into v_call;
  perform app_private.join_call(v_call, v_me, (p ->> 'device_id')::uuid, (p ->> 'join_id')::uuid);
  v_rung := app_private.ring(v_call, v_me, v_reached, app_private.compatible(app_private.free_people(v_reached), array[v_me]));
  if v_rung = '{}' then
    perform app_private.end_call_for(v_call, 'busy');
  end if;
  perform app_private.tell_call(v_call.id, v_rung || v_me, v_rung);
  return app_private.call_card_of(v_me, v_call.id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."start_call"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.start_media_upload (
  p jsonb
)
  RETURNS public.media_card
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_mime_type text := p ->> 'mime_type';
  v_kind text := app_private.media_kind(v_mime_type);
  v_size text := coalesce(p ->> 'size_bytes', app_private.max_media_bytes(v_kind)::text);
  m public.media;
begin
  perform app_hidden.assert_fields(p, '{"bucket": "string", "mime_type": "string", "size_bytes": "number"}', 'media.field_invalid');
  if coalesce(p ->> 'bucket' not in ('avatars', 'covers', 'posts', 'messages'), true) then
    perform app_hidden.fail(422, 'media.field_invalid', 'There is no such bucket.', 'Send `bucket` as avatars, covers, posts or messages.');
  elsif v_kind is null or (v_kind <> 'image' and p ->> 'bucket' in ('avatars', 'covers')) then
    perform app_private.fail_type(p ->> 'bucket');
  elsif coalesce(v_size !~ '^[1-9]\d{0,11}$', true) then
    perform app_hidden.fail(422, 'media.field_invalid', 'That is no size.', 'Send `size_bytes` as a whole number above 0.');
  elsif v_size::bigint > app_private.max_media_bytes(v_kind) then
    perform app_private.fail_too_large(v_kind);
  elsif v_kind <> 'image' and (select w.has_ffmpeg is false from app_private.media_worker w) then
    perform app_hidden.fail(503, 'media.video_unavailable', 'Video and audio cannot be taken at the moment.',
      'Send images; the operators have to install ffmpeg beside the worker.');
  end if;
  perform app_private.assert_calm('uploads', v_me, (select r.uploads_per_hour from app_private.media_rules r), interval '1 hour');
  perform app_private.assert_room(v_me, v_size::bigint);
  insert into public.media (owner_id, bucket, kind, mime_type, size_bytes)
  values (v_me, p ->> 'bucket', v_kind, v_mime_type, v_size::bigint)
  returning * into m;
  return app_private.media_card(m);
end
$function$;

REVOKE ALL ON FUNCTION "public"."start_media_upload"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.suggested_people (
  p_limit integer DEFAULT 20
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
    mutual_count       integer
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  v_blocks boolean := app_private.has_blocks(v_me);
begin
  return query
  with mine as materialized (
    select f.followee_id as id from public.follows f
    where f.follower_id = v_me and f.created_at > '-infinity' order by f.created_at desc, f.followee_id desc limit 100
  ), known as (
    select t.id, count(*)::int as mutual_count
    from mine m
    join public.account_settings s on s.user_id = m.id and s.privacy_settings -> 'hide_follower_lists' is distinct from 'true'
    cross join lateral (
      select f.followee_id as id from public.follows f
      where f.follower_id = m.id and f.created_at > '-infinity' order by f.created_at desc, f.followee_id desc limit 50
    ) t
    group by t.id
  ), candidates as (
    select coalesce(k.id, p.user_id) as id, coalesce(k.mutual_count, 0) as mutual_count, coalesce(p.followers_count, 0) as popularity
    from known k full join app_private.most_followed() p on p.user_id = k.id
  )
  select p.id, p.username::text, p.full_name, p.avatar_url, p.is_verified, p.verification_level, p.is_private, false,
    exists (select from public.follows f where f.follower_id = p.id and f.followee_id = v_me), p.created_at, c.mutual_count
  from candidates c join public.profiles p on p.id = c.id
  where c.id <> v_me and not (v_blocks and app_hidden.is_blocked_pair(v_me, c.id))
    and (c.mutual_count > 0 or not p.is_private)
    and not exists (select from public.follows f where f.follower_id = v_me and f.followee_id = c.id)
    and not exists (select from public.follow_requests r where r.requester_id = v_me and r.target_id = c.id)
    and not exists (select from public.mutes m where m.muter_id = v_me and m.muted_id = c.id and (m.until is null or m.until > now()))
  order by c.mutual_count desc, c.popularity desc, c.id
  limit least(greatest(p_limit, 1), 101);
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
  perform app_private.assert_calm('decisions about members', v_me, 600, '1 hour');
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
  return app_private.standing(p_group, p_user, 'none');
end
$function$;

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
  perform app_private.assert_calm('changes of groups', v_me, 200, '1 hour');
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
  return app_private.standing(p_group, p_user, 'none');
end
$function$;

ALTER TABLE "app_private"."media_quotas"
  ADD CONSTRAINT "media_quotas_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notices"
  ADD CONSTRAINT "notices_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_actors"
  ADD CONSTRAINT "notification_actors_actor_id_fkey" FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_digests"
  ADD CONSTRAINT "notification_digests_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_states"
  ADD CONSTRAINT "notification_states_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_webhooks"
  ADD CONSTRAINT "notification_webhooks_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."push_subscriptions"
  ADD CONSTRAINT "push_subscriptions_session_id_fkey" FOREIGN KEY (session_id) REFERENCES auth.sessions(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."push_subscriptions"
  ADD CONSTRAINT "push_subscriptions_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."sign_in_devices"
  ADD CONSTRAINT "sign_in_devices_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."call_participants"
  ADD CONSTRAINT "call_participants_called_by_fkey" FOREIGN KEY (called_by) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."call_participants"
  ADD CONSTRAINT "call_participants_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."calls"
  ADD CONSTRAINT "calls_caller_id_fkey" FOREIGN KEY (caller_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "public"."calls"
  ADD CONSTRAINT "calls_group_id_fkey" FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE SET NULL;

ALTER TABLE "public"."call_participants"
  ADD CONSTRAINT "call_participants_call_id_fkey" FOREIGN KEY (call_id) REFERENCES public.calls(id) ON DELETE CASCADE;

ALTER TABLE "public"."groups"
  ADD CONSTRAINT "avatar_url_shape" CHECK (((avatar_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)'::text) AND (length(avatar_url) <= 2048)));

ALTER TABLE "public"."groups"
  ADD CONSTRAINT "cover_url_shape" CHECK (((cover_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)'::text) AND (length(cover_url) <= 2048)));

ALTER TABLE "public"."media"
  ADD CONSTRAINT "media_owner_id_fkey" FOREIGN KEY (owner_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."notifications"
  ADD CONSTRAINT "notifications_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."profiles"
  ADD CONSTRAINT "avatar_url_shape" CHECK (((avatar_url ~ '^(https?://|media:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)'::text) AND (length(avatar_url) <= 2048)));

CREATE INDEX chat_notices_waits_since_idx ON app_private.chat_notices USING btree (waits_since);

CREATE INDEX media_deletions_done_idx ON app_private.media_deletions USING btree (done_at)
  WHERE (done_at IS NOT NULL);

CREATE INDEX media_deletions_due_idx ON app_private.media_deletions USING btree (run_after)
  WHERE ((done_at IS NULL) OR is_watched);

CREATE INDEX media_deletions_media_idx ON app_private.media_deletions USING btree (media_id);

CREATE INDEX notices_open_idx ON app_private.notices USING btree (created_at)
  WHERE (done_at IS NULL);

CREATE INDEX notification_actors_actor_id_idx ON app_private.notification_actors USING btree (actor_id);

CREATE INDEX notification_actors_latest_idx ON app_private.notification_actors USING btree (notification_id, happened_at DESC, actor_id DESC);

CREATE INDEX notification_deliveries_due_idx ON app_private.notification_deliveries USING btree (channel, next_attempt_at)
  WHERE (sent_seq < seq);

CREATE INDEX notification_deliveries_target_idx ON app_private.notification_deliveries USING btree (target_id);

CREATE INDEX notification_digests_due_at_idx ON app_private.notification_digests USING btree (due_at)
  WHERE (due_at IS NOT NULL);

CREATE INDEX notification_states_untold_idx ON app_private.notification_states USING btree (told_at)
  WHERE (told_seq < last_seq);

CREATE INDEX paces_rings_since_idx ON app_private.paces USING btree (since)
  WHERE (what ~~ 'rings%for %'::text);

CREATE INDEX paces_rings_what_idx ON app_private.paces USING btree (what)
  WHERE (what ~~ 'rings%for %'::text);

CREATE INDEX push_subscriptions_expires_at_idx ON app_private.push_subscriptions USING btree (expires_at)
  WHERE (expires_at IS NOT NULL);

CREATE INDEX push_subscriptions_session_id_idx ON app_private.push_subscriptions USING btree (session_id);

CREATE INDEX bookmarks_user_idx ON public.bookmarks USING btree (user_id, created_at DESC, post_id DESC)
  WHERE (created_at > '-infinity'::timestamp WITH time zone);

CREATE INDEX call_participants_called_by_idx ON public.call_participants USING btree (called_by);

CREATE INDEX call_participants_due_at_idx ON public.call_participants USING btree (due_at)
  WHERE (due_at IS NOT NULL);

CREATE INDEX call_participants_history_idx ON public.call_participants USING btree (user_id, created_at DESC, call_id DESC);

CREATE UNIQUE INDEX call_participants_live_idx ON public.call_participants USING btree (user_id)
  WHERE (state = ANY (ARRAY['ringing'::text, 'joined'::text]));

CREATE INDEX call_participants_missed_idx ON public.call_participants USING btree (user_id, created_at DESC, call_id DESC)
  WHERE (state = ANY (ARRAY['missed'::text, 'busy'::text]));

CREATE INDEX calls_caller_id_idx ON public.calls USING btree (caller_id);

CREATE INDEX calls_ended_at_idx ON public.calls USING btree (ended_at);

CREATE INDEX calls_group_id_idx ON public.calls USING btree (group_id)
  WHERE (group_id IS NOT NULL);

CREATE INDEX calls_live_idx ON public.calls USING btree (created_at)
  WHERE (state <> 'ended'::text);

CREATE INDEX follows_following_idx ON public.follows USING btree (follower_id, created_at DESC, followee_id DESC)
  WHERE (created_at > '-infinity'::timestamp WITH time zone);

CREATE INDEX media_delete_after_idx ON public.media USING btree (delete_after)
  WHERE (delete_after IS NOT NULL);

CREATE INDEX media_pending_idx ON public.media USING btree (created_at)
  WHERE (state = 'pending'::text);

CREATE INDEX media_processing_idx ON public.media USING btree (owner_id, uploaded_at) INCLUDE (run_after)
  WHERE (state = 'processing'::text);

CREATE INDEX mutes_muted_id_idx ON public.mutes USING btree (muted_id, muter_id);

CREATE INDEX notifications_group_idx ON public.notifications USING btree (user_id, group_key, seq DESC);

CREATE UNIQUE INDEX notifications_seq_idx ON public.notifications USING btree (user_id, seq);

CREATE INDEX notifications_subject_idx ON public.notifications USING btree (subject_id)
  WHERE (subject_id IS NOT NULL);

CREATE INDEX notifications_updated_at_idx ON public.notifications USING btree (updated_at);

CREATE INDEX posts_author_shown_idx ON public.posts USING btree (author_id, visibility, published_at DESC, id DESC)
  WHERE (status = 'published'::text);

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON app_private.group_invitations
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON app_private.group_links
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON app_private.group_requests
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER tell_media_deleted
  AFTER UPDATE OF done_at ON app_private.media_deletions
  FOR EACH ROW
  WHEN (((old.done_at IS NULL) AND (new.done_at IS NOT NULL)))
  EXECUTE FUNCTION app_private.tell_media_deleted();

CREATE TRIGGER count_lost_refs
  AFTER DELETE ON app_private.media_refs REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_lost_refs();

CREATE TRIGGER tell_webhook_added
  AFTER INSERT ON app_private.notification_webhooks
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_webhook_added();

CREATE TRIGGER tell_webhook_disabled
  AFTER UPDATE OF disabled_at ON app_private.notification_webhooks
  FOR EACH ROW
  WHEN (((old.disabled_at IS NULL) AND (new.disabled_at IS NOT NULL)))
  EXECUTE FUNCTION app_private.tell_webhook_disabled();

CREATE TRIGGER tell_webhook_secret
  AFTER UPDATE OF secret ON app_private.notification_webhooks
  FOR EACH ROW
  WHEN ((old.secret <> new.secret))
  EXECUTE FUNCTION app_private.tell_webhook_added();

CREATE TRIGGER tell_push_added
  AFTER INSERT ON app_private.push_subscriptions
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_push_added();

CREATE TRIGGER tell_push_moved
  AFTER UPDATE OF user_id ON app_private.push_subscriptions
  FOR EACH ROW
  WHEN ((old.user_id <> new.user_id))
  EXECUTE FUNCTION app_private.tell_push_added();

CREATE TRIGGER lock_settings
  BEFORE DELETE ON auth.users
  FOR EACH ROW
  EXECUTE FUNCTION app_private.lock_settings();

CREATE TRIGGER tell_password_changed
  AFTER UPDATE OF encrypted_password ON auth.users
  FOR EACH ROW
  WHEN (((old.encrypted_password)::text IS DISTINCT FROM (new.encrypted_password)::text))
  EXECUTE FUNCTION app_private.tell_password_changed();

CREATE TRIGGER lock_user
  BEFORE UPDATE ON public.account_settings
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.lock_user();

CREATE TRIGGER guard_block
  BEFORE INSERT ON public.blocks
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_block();

CREATE TRIGGER part_the_ringing
  AFTER INSERT ON public.blocks REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_the_calling();

CREATE TRIGGER settle_departures
  AFTER DELETE ON public.call_participants REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.settle_departures();

CREATE TRIGGER tell_call_missed
  AFTER UPDATE OF state ON public.call_participants
  FOR EACH ROW
  WHEN (((old.state IS DISTINCT FROM new.state) AND (new.state = ANY (ARRAY['missed'::text, 'busy'::text]))))
  EXECUTE FUNCTION app_private.tell_call_missed();

CREATE TRIGGER tell_call_rung_busy
  AFTER INSERT ON public.call_participants
  FOR EACH ROW
  WHEN ((new.state = 'busy'::text))
  EXECUTE FUNCTION app_private.tell_call_missed();

CREATE TRIGGER tell_call_ended
  AFTER UPDATE OF state ON public.calls
  FOR EACH ROW
  WHEN (((old.state <> 'ended'::text) AND (new.state = 'ended'::text)))
  EXECUTE FUNCTION app_private.tell_calls();

CREATE TRIGGER tell_call_started
  AFTER INSERT ON public.calls
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_calls();

CREATE TRIGGER tell_comment_likes
  AFTER INSERT ON public.comment_likes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_comment_likes();

CREATE TRIGGER tell_comment_unlikes
  AFTER DELETE ON public.comment_likes REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_comment_likes();

CREATE TRIGGER assert_member
  AFTER INSERT OR UPDATE OF state ON public.conversation_members
  FOR EACH ROW
  EXECUTE FUNCTION app_private.assert_member();

CREATE TRIGGER assert_conversation
  AFTER INSERT OR UPDATE OF kind, group_id, low_id, high_id, disappear_after_s ON public.conversations
  FOR EACH ROW
  EXECUTE FUNCTION app_private.assert_conversation();

CREATE TRIGGER part_group_calls
  AFTER DELETE ON public.group_members REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_group_calls();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT OR UPDATE ON public.group_members
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER open_conversation
  AFTER UPDATE OF visibility ON public.groups
  FOR EACH ROW
  WHEN (((old.visibility <> 'public'::text) AND (new.visibility = 'public'::text)))
  EXECUTE FUNCTION app_private.open_group_conversation();

CREATE TRIGGER refer_when_changed
  AFTER UPDATE OF avatar_url, cover_url, deleted_at ON public.groups
  FOR EACH ROW
  WHEN (((old.avatar_url IS DISTINCT FROM new.avatar_url) OR (old.cover_url IS DISTINCT FROM new.cover_url) OR (old.deleted_at IS DISTINCT FROM new.deleted_at)))
  EXECUTE FUNCTION app_private.refer_from_group();

CREATE TRIGGER refer_when_founded
  AFTER INSERT ON public.groups
  FOR EACH ROW
  WHEN (((new.avatar_url IS NOT NULL) OR (new.cover_url IS NOT NULL)))
  EXECUTE FUNCTION app_private.refer_from_group();

CREATE TRIGGER refer_when_gone
  AFTER DELETE ON public.groups
  FOR EACH ROW
  WHEN (((old.avatar_url IS NOT NULL) OR (old.cover_url IS NOT NULL)))
  EXECUTE FUNCTION app_private.refer_from_group();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT OR UPDATE ON public.groups
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER queue_media_deletion
  AFTER DELETE ON public.media
  FOR EACH ROW
  WHEN ((old.state <> 'refused'::text))
  EXECUTE FUNCTION app_private.queue_media_deletion();

CREATE TRIGGER tell_media
  AFTER UPDATE OF state ON public.media
  FOR EACH ROW
  WHEN (((old.state <> new.state) AND (new.state = ANY (ARRAY['ready'::text, 'refused'::text]))))
  EXECUTE FUNCTION app_private.tell_media();

CREATE TRIGGER assert_message
  BEFORE INSERT OR UPDATE OF kind, content, media_urls, duration_ms, waveform, mentions ON public.messages
  FOR EACH ROW
  EXECUTE FUNCTION app_private.assert_message();

CREATE TRIGGER refer_when_changed
  AFTER UPDATE OF media_urls ON public.messages
  FOR EACH ROW
  WHEN ((old.media_urls IS DISTINCT FROM new.media_urls))
  EXECUTE FUNCTION app_private.refer_from_message();

CREATE TRIGGER refer_when_deleted
  AFTER DELETE ON public.messages
  FOR EACH ROW
  WHEN ((old.media_urls IS NOT NULL))
  EXECUTE FUNCTION app_private.refer_from_message();

CREATE TRIGGER refer_when_sent
  AFTER INSERT ON public.messages
  FOR EACH ROW
  WHEN ((new.media_urls IS NOT NULL))
  EXECUTE FUNCTION app_private.refer_from_message();

CREATE TRIGGER guard_mute
  BEFORE INSERT ON public.mutes
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_mute();

CREATE TRIGGER refer_when_deleted
  AFTER DELETE ON public.post_edits
  FOR EACH ROW
  WHEN ((old.media_urls <> '{}'::text[]))
  EXECUTE FUNCTION app_private.refer_from_post_edit();

CREATE TRIGGER refer_when_replaced
  AFTER INSERT ON public.post_edits
  FOR EACH ROW
  WHEN ((new.media_urls <> '{}'::text[]))
  EXECUTE FUNCTION app_private.refer_from_post_edit();

CREATE TRIGGER log_pin
  AFTER UPDATE ON public.posts
  FOR EACH ROW
  WHEN (((new.group_id IS NOT NULL) AND (old.status = 'published'::text) AND (new.status = 'published'::text) AND ((old.pinned_at IS NULL) <> (new.pinned_at IS NULL))))
  EXECUTE FUNCTION app_private.log_pin();

CREATE TRIGGER refer_when_deleted
  AFTER DELETE ON public.posts
  FOR EACH ROW
  WHEN ((old.media_urls <> '{}'::text[]))
  EXECUTE FUNCTION app_private.refer_from_post();

CREATE TRIGGER refer_when_edited
  AFTER UPDATE OF media_urls ON public.posts
  FOR EACH ROW
  WHEN ((old.media_urls IS DISTINCT FROM new.media_urls))
  EXECUTE FUNCTION app_private.refer_from_post();

CREATE TRIGGER refer_when_posted
  AFTER INSERT ON public.posts
  FOR EACH ROW
  WHEN ((new.media_urls <> '{}'::text[]))
  EXECUTE FUNCTION app_private.refer_from_post();

CREATE TRIGGER lock_calls
  BEFORE DELETE ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.lock_calls();

CREATE TRIGGER refer_when_changed
  AFTER UPDATE OF avatar_url ON public.profiles
  FOR EACH ROW
  WHEN ((old.avatar_url IS DISTINCT FROM new.avatar_url))
  EXECUTE FUNCTION app_private.refer_from_profile();

CREATE TRIGGER refer_when_deleted
  AFTER DELETE ON public.profiles
  FOR EACH ROW
  WHEN ((old.avatar_url IS NOT NULL))
  EXECUTE FUNCTION app_private.refer_from_profile();

CREATE TRIGGER refuse_suspended
  BEFORE UPDATE ON public.profiles
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE TRIGGER refuse_suspended
  BEFORE INSERT ON public.verification_requests
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION app_private.refuse_suspended();

CREATE POLICY "people see who was in a call with them, but none of the hidden" ON "public"."call_participants"
  FOR SELECT
  TO "authenticated"
  USING
    (((call_id IN ( SELECT app_hidden.my_call_ids() AS my_call_ids)) AND (NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND
    app_hidden.was_in_call_since(call_id, first_rung_at)));

CREATE POLICY "people read calls that they are in, and those they were in once" ON "public"."calls"
  FOR SELECT
  TO "authenticated"
  USING ((id IN ( SELECT app_hidden.my_call_ids() AS my_call_ids)));

CREATE POLICY "people see their own uploads" ON "public"."media"
  FOR SELECT
  TO "authenticated"
  USING ((owner_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people read their own posts, and those they are shown" ON "public"."posts"
  FOR SELECT
  TO "authenticated"
  USING (
CASE
    WHEN ((status = 'published'::text) AND (visibility = 'public'::text) AND (NOT COALESCE(( SELECT p.is_private
       FROM public.profiles p
      WHERE (p.id = posts.author_id)), true))) THEN true
    WHEN ((author_id = ( SELECT auth.uid() AS uid)) AND (group_id IS NULL)) THEN true
    ELSE app_hidden.is_shown_to_me(author_id, group_id, status, visibility)
END);

CREATE POLICY "people hear of their own notifications" ON "realtime"."messages"
  FOR SELECT
  TO "authenticated"
  USING
    (((EXTENSION = 'broadcast'::text) AND (topic = ('notifications:'::text || (( SELECT auth.uid() AS uid))::text)) AND (( SELECT realtime.topic() AS topic) =
    ('notifications:'::text || (( SELECT auth.uid() AS uid))::text))));

CREATE POLICY "people in a call hear each other's topics of it" ON "realtime"."messages"
  FOR SELECT
  TO "authenticated"
  USING
    (((topic = ( SELECT realtime.topic() AS topic)) AND (EXTENSION = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND ( SELECT app_hidden.hears_call(( SELECT realtime.topic()
    AS topic)) AS hears_call)));

CREATE POLICY "people in a call write to their own topic of it" ON "realtime"."messages"
  FOR INSERT
  TO "authenticated"
  WITH
    CHECK
    (((topic = ( SELECT realtime.topic() AS topic)) AND (extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND ( SELECT app_hidden.hears_call(( SELECT realtime.topic()
    AS topic), true) AS hears_call)));

CREATE POLICY "people fetch media of what they may see" ON "storage"."objects"
  FOR SELECT
  TO "anon", "authenticated"
  USING (((bucket_id = ANY (ARRAY['avatars'::text, 'covers'::text, 'posts'::text, 'messages'::text])) AND app_hidden.may_fetch_media(bucket_id, name)));

CREATE POLICY "people upload to the places they have taken" ON "storage"."objects"
  FOR INSERT
  TO "authenticated"
  WITH CHECK (((bucket_id = ANY (ARRAY['avatars'::text, 'covers'::text, 'posts'::text, 'messages'::text])) AND app_hidden.may_upload_media(bucket_id, name)));

COMMENT ON FUNCTION "admin"."send_notice"(text, text, text, text, text) IS 'Tells one person (null: everybody) something by their notifications: title up to 120 and body up to 1,000 characters, perhaps an address. The worker spreads it.';

COMMENT ON FUNCTION "app_hidden"."are_media"(text[]) IS 'Whether this is a plain list of media: media:<id> for what was uploaded here, or http and https addresses.';

COMMENT ON FUNCTION "app_hidden"."hears_call"(text, boolean) IS 'Whether I hear a topic of a call, or may write to it: as one who is in it now, on those of the current epoch; I write to my own, unless I am suspended.';

COMMENT ON FUNCTION "app_hidden"."is_notification_settings"(jsonb) IS 'Whether only known kinds and groups of kinds are there, each with in_app, push, email and webhook as booleans or without, and perhaps quiet_hours. A missing key means its default.';

COMMENT ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) IS 'Whether this says when to be quiet: {from: "22:00", to: "07:00", time_zone: "Europe/Belgrade"}, or null for never.';

COMMENT ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) IS 'Whether I may read a post of this author, group, status and visibility: what the policy of posts asks of all but the plainest.';

COMMENT ON FUNCTION "app_hidden"."may_fetch_media"(text, text) IS 'Whether I may fetch an object of the buckets of media: what was made of a medium that I see, and my own upload until it is checked.';

COMMENT ON FUNCTION "app_hidden"."may_upload_media"(text, text) IS 'Whether an object is the one that a place of mine in public.media waits for.';

COMMENT ON FUNCTION "app_hidden"."my_call_ids"() IS 'The calls that I am in, that ring for me, and those that are over of which I was, or was called to. Not those that go on without me. None for who is not signed in.';

COMMENT ON FUNCTION "app_hidden"."my_notification_ids"() IS 'The notifications that I may see, for the policy of the table.';

COMMENT ON FUNCTION "app_hidden"."notification_category"(text) IS 'To which group of the settings a kind of notification belongs; null for what is no kind.';

COMMENT ON FUNCTION "app_hidden"."notification_kinds"() IS 'Every kind of notification, in the order in which settings are shown.';

COMMENT ON FUNCTION "app_hidden"."plain_line"(text) IS 'A text as one line: a space for line breaks, control characters and marks that turn the direction of text.';

COMMENT ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) IS 'Whether settings of notifications want a kind by a channel: what they say of the kind, else of its group, else the default, which is all but mails, and mails of security, wallet and notices.';

COMMENT ON FUNCTION "app_hidden"."was_in_call_since"(uuid, timestamp with time zone) IS 'Whether I was not out of a call yet when somebody was called into it.';

COMMENT ON FUNCTION "app_private"."add_actors"(uuid, uuid[], timestamp with time zone[], jsonb[]) IS 'Adds people to a notification: the first hundred by name, further ones as a number, which may count somebody twice.';

COMMENT ON FUNCTION "app_private"."add_media_ref"(uuid, text, uuid, bigint, uuid, boolean) IS 'One more reference to a medium, by its owner, or by whoever forwards what they see: 422 media.not_usable, media.used_too_often, 409 media.not_ready.';

COMMENT ON FUNCTION "app_private"."adopt_media"(integer) IS 'Takes up uploads whose object is there and whose client never said so.';

COMMENT ON FUNCTION "app_private"."amount_of"(jsonb, text) IS 'An amount in the data of a notification with its currency: 12.50 USD.';

COMMENT ON FUNCTION "app_private"."apply_notifications"(app_private.notification_draft[]) IS 'Tells people what drafts say, unless they have muted or blocked who did it, and takes back what is no longer so; says how many notifications were made or moved.';

COMMENT ON FUNCTION "app_private"."assert_caller"(uuid, public.calls) IS '403 calls.not_caller for everybody but who started a call, and for them once they are out of it.';

COMMENT ON FUNCTION "app_private"."assert_calm"(text, uuid, integer, interval) IS 'As keep_pace, for whoever is signed in and not suspended (403 auth.user_banned). Holds for the tables too, where the functions and their limits are not in the way.';

COMMENT ON FUNCTION "app_private"."assert_conversation"() IS 'Trigger on conversations: a group''s or of a pair in order, with a timer of 30 s to 90 days or none.';

COMMENT ON FUNCTION "app_private"."assert_in_group"(uuid, uuid) IS '404 groups.not_found for whoever is no member.';

COMMENT ON FUNCTION "app_private"."assert_may_add"(uuid, public.calls, uuid[]) IS 'Whether somebody may call people into a call: such as they may call anyway, into calls of a group its members alone, nobody who declined it, and whom its starter removed only they. 403 calls.not_accepted, 409 follows.blocked, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."assert_may_call"(uuid, uuid[]) IS 'How much somebody calls, and how often the same people, who do not answer: 429 rate_limit.exceeded. Called under lock_people.';

COMMENT ON FUNCTION "app_private"."assert_may_delete"(uuid, public.messages) IS 'Refuses who may not delete a message for all: 404 messages.conversation_not_found, 403 messages.not_yours, 422 messages.delete_too_late.';

COMMENT ON FUNCTION "app_private"."assert_may_follow_more"(uuid) IS 'Refuses with 422 follows.limit_reached who followed 200 in the last hour or 7,500 in all, requests included, and with 429 rate_limit.exceeded who did so 400 times within a day, whatever they took back.';

COMMENT ON FUNCTION "app_private"."assert_may_return"(uuid) IS '409 calls.in_call, 429 rate_limit.exceeded for who comes back into a call.';

COMMENT ON FUNCTION "app_private"."assert_member"() IS 'Trigger on conversation_members: state is accepted, requested or declined.';

COMMENT ON FUNCTION "app_private"."assert_message"() IS 'Trigger on messages: kind is known, words, media, duration, waveform and mentions are bounded.';

COMMENT ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) IS '403 groups.banned for who would like or vote in a group, by one of its posts, that keeps them out. Comments are for members alone.';

COMMENT ON FUNCTION "app_private"."assert_not_suspended"() IS '403 auth.user_banned for whoever is signed in and was banned by an operator. One probe, and for writes only: they read on until their token ends.';

COMMENT ON FUNCTION "app_private"."assert_room"(uuid, bigint) IS '429 media.too_many_uploads, 413 media.quota_exceeded; holds other uploads of the same person up to the end of the transaction.';

COMMENT ON FUNCTION "app_private"."assert_target_url"(text) IS 'Refuses (422 notifications.url_invalid) what is no address to send to.';

COMMENT ON FUNCTION "app_private"."call_card_of"(uuid, uuid) IS 'One call as a participant sees it.';

COMMENT ON FUNCTION "app_private"."call_cards"(uuid, uuid[]) IS 'Calls of somebody as they see them, in the order of the ids: with those who were in a call while they were.';

COMMENT ON FUNCTION "app_private"."call_drafts"(app_private.outbox_events) IS 'Of calls: missed_call.';

COMMENT ON FUNCTION "app_private"."call_from"(jsonb) IS 'What a client wants to start, checked as far as it says all of it. 422 calls.field_invalid.';

COMMENT ON FUNCTION "app_private"."can_read_message"(uuid, uuid, bigint) IS 'Whether somebody reads a message and what came with it. The policy of messages says the same.';

COMMENT ON FUNCTION "app_private"."can_view_edit"(uuid, uuid) IS 'Whether somebody reads how a post read before. The policy of post_edits says the same.';

COMMENT ON FUNCTION "app_private"."can_view_media"(uuid, public.media) IS 'Whether a viewer (null: nobody signed in) sees a medium: its owner always, others when it is ready and they see something that names it, and no block stands between them and its owner.';

COMMENT ON FUNCTION "app_private"."channels_of"(uuid, text) IS 'By which channels somebody wants a kind of notification now.';

COMMENT ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval, jsonb, jsonb) IS 'Takes up to p_limit messages of a channel that are due for p_lease: {target: {id, url, host, keys or secret}, card}; card is null when there is nothing to be sent any more. Two for each person and host, or as many as p_rooms says of `person id` or `host name`; of each `host name` and `target id` in p_closed none for so many seconds. Pushes wait while it is quiet, but for those of security.';

COMMENT ON FUNCTION "app_private"."claim_digests"(integer, interval) IS 'Takes mails that are due for p_lease, each with up to 20 notifications and how many more there are. A mail that is tried again tells up to the same number. None for an address that nobody confirmed, and while it is quiet none but of security.';

COMMENT ON FUNCTION "app_private"."claim_media"(integer, interval) IS 'Takes up to p_limit uploads to be checked and cleaned, of those that wait one of each person before the second of anybody; after the lease they are due again.';

COMMENT ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) IS 'Takes up to p_limit jobs that remove objects; after the lease they are due again.';

COMMENT ON FUNCTION "app_private"."comment_drafts"(app_private.outbox_events) IS 'Of events of comments: mention, reply, comment, like; of a deleted one they go.';

COMMENT ON FUNCTION "app_private"."comment_like_drafts"(app_private.outbox_events) IS 'Of likes of comments.';

COMMENT ON FUNCTION "app_private"."comment_told_as"(uuid, uuid, uuid) IS 'As what somebody was told of a comment, of a post or a comment of theirs: mention, reply or comment.';

COMMENT ON FUNCTION "app_private"."compatible"(uuid[], uuid[]) IS 'Of p_people, those who get on with everybody in the call and with those before them. The others are busy, for all that whoever calls can tell: that two others have blocked each other is no business of theirs.';

COMMENT ON FUNCTION "app_private"."count_differences"(uuid[], uuid) IS 'What is to be added to the counts of posts, in their order: what waits to be counted, less what people hidden from the viewer (null: from nobody) did.';

COMMENT ON FUNCTION "app_private"."count_lost_refs"() IS 'Trigger on media_refs: what nothing refers to any more goes soon.';

COMMENT ON FUNCTION "app_private"."counts_of"(uuid) IS 'How many notifications somebody has not read and not seen, and how far their numbers are.';

COMMENT ON FUNCTION "app_private"."decline_for_own"(uuid, uuid, uuid[]) IS 'Declines what rings for somebody who starts a call of their own; 409 calls.in_call when it is one of p_people who calls. Called with the call locked.';

COMMENT ON FUNCTION "app_private"."delete_media_row"(uuid, text) IS 'Deletes a medium, and says why to the job that removes its objects.';

COMMENT ON FUNCTION "app_private"."digest_rows"(uuid, boolean, bigint, bigint) IS 'What a mail tells, of security or of the rest: unread, wanted by mail, after one number and up to another, the latest first.';

COMMENT ON FUNCTION "app_private"."draft"(text, uuid, text, text, text, uuid, uuid, timestamp with time zone, jsonb) IS 'One draft.';

COMMENT ON FUNCTION "app_private"."drafts_of"(app_private.outbox_events) IS 'What an event means to whom. It is looked up whether it still is so: a like that was taken back meanwhile is told to nobody. An event that makes no sense is noted and passed over.';

COMMENT ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text, boolean) IS 'What says of itself that it is gone, or can take no message, gets nothing any more: a push subscription that is gone is deleted, what else is disabled for its owner to see.';

COMMENT ON FUNCTION "app_private"."end_call_for"(public.calls, text) IS 'Ends a call for everybody; who was still being rung has missed it.';

COMMENT ON FUNCTION "app_private"."fail_call_field"(text) IS '422 calls.field_invalid, with what to send instead.';

COMMENT ON FUNCTION "app_private"."fail_call_over"() IS '409 calls.over: the same words whether it was ended, missed, or is closed to the caller.';

COMMENT ON FUNCTION "app_private"."fail_in_call"() IS '409 calls.in_call.';

COMMENT ON FUNCTION "app_private"."fail_not_callable"(uuid, uuid[]) IS '403 calls.not_accepted: the same words for a setting, a block and nobody at all; 409 follows.blocked for who blocked the one person themselves.';

COMMENT ON FUNCTION "app_private"."fail_too_large"(text) IS '413 media.too_large, with how much is taken.';

COMMENT ON FUNCTION "app_private"."fail_type"(text) IS '415 media.type_unsupported, with what is taken.';

COMMENT ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text, boolean) IS 'Notes that a message was taken, (with the reason) given up, or not sent as there was nothing to say any more; false when another worker has it. What was added meanwhile goes a while later. Ten given up in a row disable the target.';

COMMENT ON FUNCTION "app_private"."finish_digest"(uuid, boolean, integer, text) IS 'Notes that a mail was handed over, or (with the reason) given up: what it told is not mailed again. False when another worker has it.';

COMMENT ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) IS 'An upload is ready: {kind, mime_type, size_bytes, width, height, duration_ms, blurhash, files}. What was uploaded goes, and what was made of it stays. false: it was deleted meanwhile, has no room (it is refused), or another worker has it.';

COMMENT ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) IS 'A deletion is done, and looked after again until no address for an upload can be used any more; false while Storage still knows one of the objects.';

COMMENT ON FUNCTION "app_private"."follow_group_members"() IS 'Trigger on group_members: the conversation of a group has its members. Newcomers read what is written from then on, in a public group also what was written since it is public.';

COMMENT ON FUNCTION "app_private"."forget_rings"(uuid, uuid) IS 'Who answers may be called again. Called under lock_people of the callee, as what it forgets is counted.';

COMMENT ON FUNCTION "app_private"."free_people"(uuid[]) IS 'Those who are in no call and are not being rung; called under lock_people, which keeps them so.';

COMMENT ON FUNCTION "app_private"."graph_drafts"(app_private.outbox_events) IS 'Of events of the graph: follow, follow_request, follow_approved.';

COMMENT ON FUNCTION "app_private"."group_drafts"(app_private.outbox_events) IS 'Of events of groups: group_invite, group_join_request (to up to 50 who decide), group_approved, group_role; those about a deleted group go.';

COMMENT ON FUNCTION "app_private"."guard_block"() IS 'Trigger on blocks: 429 rate_limit.exceeded for who blocks more than a person does, 403 auth.user_banned.';

COMMENT ON FUNCTION "app_private"."guard_bookmark"() IS 'Trigger on bookmarks: 404 posts.not_found for what one may not read, 429 rate_limit.exceeded. Also for who is banned from a group: nobody sees them.';

COMMENT ON FUNCTION "app_private"."guard_comment_like"() IS 'Trigger on comment_likes: 404 comments.not_found for what one may not read, 403 groups.banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_mute"() IS 'Trigger on mutes: 429 rate_limit.exceeded for who mutes more than a person does, 403 auth.user_banned.';

COMMENT ON FUNCTION "app_private"."guard_post_like"() IS 'Trigger on post_likes: 404 posts.not_found for what one may not read, or nobody yet, 403 groups.banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_vote"() IS 'Trigger on poll_votes: 404 posts.not_found, posts.no_poll, 409 posts.poll_closed, 422 posts.choice_invalid, 403 groups.banned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."has_blocks"(uuid) IS 'Whether anybody at all is hidden from a viewer: nearly never.';

COMMENT ON FUNCTION "app_private"."has_quiet_people"(uuid) IS 'Whether there is anybody of whom somebody is not told.';

COMMENT ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) IS 'Those of some people between whom and a viewer a block stands.';

COMMENT ON FUNCTION "app_private"."hidden_from"(uuid) IS 'As hidden_people, for functions that answer for one person; sorted.';

COMMENT ON FUNCTION "app_private"."hold_notifications"(uuid) IS 'Holds the numbers of a person to the end of the transaction; before any of their notifications, as whoever adds one does.';

COMMENT ON FUNCTION "app_private"."host_of"(text) IS 'To which host an address leads, without the port.';

COMMENT ON FUNCTION "app_private"."is_message_there"(public.notifications) IS 'Whether a notification of messages still tells of one: its receiver is in the conversation and has not muted it, and the message was neither deleted nor has it disappeared, nor the mention gone from it.';

COMMENT ON FUNCTION "app_private"."is_new_device"(uuid, text, text) IS 'Remembers from where somebody signed in, the last fifty, and says whether it is new; the very first is not.';

COMMENT ON FUNCTION "app_private"."is_once_each"(text) IS 'Whether a person can stand in a notification of this kind only once, however often they do it.';

COMMENT ON FUNCTION "app_private"."is_quiet"(uuid, uuid) IS 'Whether somebody is not told of another: they mute them, or a block stands between them.';

COMMENT ON FUNCTION "app_private"."is_read_there"(public.notifications) IS 'Whether the messages that a notification tells of were read in their conversation.';

COMMENT ON FUNCTION "app_private"."is_request_open"(text, uuid, uuid, uuid) IS 'Whether what somebody asked for in a notification is still to be decided, by its receiver; true of kinds that ask for nothing.';

COMMENT ON FUNCTION "app_private"."is_shown"(uuid, uuid, uuid, text, text) IS 'Whether a viewer (null: nobody signed in) may read a post of this author, group, status and visibility.';

COMMENT ON FUNCTION "app_private"."is_stray"(text, text, text, text) IS 'Whether an object lies where those of media lie, and no medium knows it.';

COMMENT ON FUNCTION "app_private"."is_told_anyway"(text) IS 'Whether a kind is told of also when its actor is muted or blocked, who is then not named.';

COMMENT ON FUNCTION "app_private"."is_too_long"(public.calls) IS 'Whether a call is over because nobody talks for so long, although nobody has said so yet.';

COMMENT ON FUNCTION "app_private"."join_call"(public.calls, uuid, uuid, uuid) IS 'Puts somebody into a call with one of their devices; called with the call locked.';

COMMENT ON FUNCTION "app_private"."keep_pace"(text, uuid, integer, interval, integer, text, text) IS '429 rate_limit.exceeded for who writes more of a kind within a window than a person does, whatever they delete of it.';

COMMENT ON FUNCTION "app_private"."live_people"(uuid) IS 'Who is in a call or is being rung for it.';

COMMENT ON FUNCTION "app_private"."lock_callers"(uuid[], uuid) IS 'Keeps accounts, and memberships of a group, from going before the end of the transaction.';

COMMENT ON FUNCTION "app_private"."lock_calls"() IS 'Trigger on profiles: who is deleted holds their calls before any row of them, and how often it rang for them goes with them.';

COMMENT ON FUNCTION "app_private"."lock_joining"(uuid) IS 'Locks who comes into a call that goes on, to the end of the transaction; people may still leave it.';

COMMENT ON FUNCTION "app_private"."lock_people"(uuid[]) IS 'Locks in which calls people are, to the end of the transaction, always in the same order.';

COMMENT ON FUNCTION "app_private"."lock_room"(uuid) IS 'Two uploads at once must not both find the last room: whoever counts what somebody stores, to add to it, does so one after the other.';

COMMENT ON FUNCTION "app_private"."lock_settings"() IS 'Trigger on auth.users: the settings of who is deleted are held before their profile, also against operators, who change settings as nobody.';

COMMENT ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages, boolean) IS 'Locks the conversation of a message for a change to it. 403 messages.not_accepted, 409 follows.blocked, messages.request_open.';

COMMENT ON FUNCTION "app_private"."lock_user"() IS 'Trigger on account_settings, before its rows: who changes their settings is there until the end of the transaction.';

COMMENT ON FUNCTION "app_private"."locked_call"(uuid, uuid) IS 'Locks a call of somebody, so that one step is taken at a time; 404 calls.not_found.';

COMMENT ON FUNCTION "app_private"."log_pin"() IS 'Trigger on posts: the log of a group has each pin, by whatever way it was made.';

COMMENT ON FUNCTION "app_private"."max_media_bytes"(text) IS 'How large a medium of a kind may be.';

COMMENT ON FUNCTION "app_private"."may_join"(public.calls, public.call_participants) IS 'Whether somebody who was called may join now; called with the call locked.';

COMMENT ON FUNCTION "app_private"."media_card"(public.media) IS 'A medium as it is shown.';

COMMENT ON FUNCTION "app_private"."media_folder"(uuid, uuid) IS 'Where the objects of a medium lie within its bucket.';

COMMENT ON FUNCTION "app_private"."media_ids"(text[]) IS 'Which of our media a list names (media:id), without other addresses.';

COMMENT ON FUNCTION "app_private"."media_kind"(text) IS 'image, video or audio of a type that is taken; null of any other.';

COMMENT ON FUNCTION "app_private"."media_objects"(uuid, integer) IS 'The objects that a deletion has still to remove.';

COMMENT ON FUNCTION "app_private"."media_quota"(uuid) IS 'How many bytes somebody may store.';

COMMENT ON FUNCTION "app_private"."mentions_of"(uuid, uuid) IS 'Whom a post mentions, without those hidden from the viewer (null: from nobody): [{id, username}].';

COMMENT ON FUNCTION "app_private"."message_drafts"(app_private.outbox_events) IS 'Of messages: message, message_request, mention, to those who have not read them; not to who muted the conversation, and of a large group only to whom it mentions.';

COMMENT ON FUNCTION "app_private"."money_text"(text, text, integer, jsonb) IS 'What a notification of the wallet says.';

COMMENT ON FUNCTION "app_private"."next_change"(uuid, boolean) IS 'Locks a conversation and counts a change in it: last_change is its number. p_takes_back: words that were sent to its topic are not there any more.';

COMMENT ON FUNCTION "app_private"."note_target"(text, uuid, text, boolean) IS 'Counts what a target did not take, and disables one that has taken nothing of ten messages, or for three days; what it takes makes up for all.';

COMMENT ON FUNCTION "app_private"."notification_cards"(public.notifications[]) IS 'Notifications of one person as they see them, in the given order.';

COMMENT ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) IS 'For each of these sessions how far the notifications of its person are, how often they marked some, and whether it lives: one question for all streams of a function.';

COMMENT ON FUNCTION "app_private"."notification_stats"() IS 'How far notifications are behind the outbox, and from how many events none could be made, up to 10,000.';

COMMENT ON FUNCTION "app_private"."notification_text"(text, text[], bigint, integer, jsonb) IS 'What a notification says, given up to three names of those who did it, how many they are and how often it was.';

COMMENT ON FUNCTION "app_private"."open_group_conversation"() IS 'Trigger on groups: of one that becomes public, newcomers read what is written from then on. Its members wrote the rest for themselves.';

COMMENT ON FUNCTION "app_private"."own_media"(uuid) IS 'A medium of mine, held to the end of the transaction; else 404 media.not_found.';

COMMENT ON FUNCTION "app_private"."page_of_cards"(jsonb[], integer, timestamp with time zone, uuid) IS '{data, next}: up to p_limit cards, and where the next page begins, {before, before_id}: after the last card shown, else after what was looked at last (p_last_id), else (null) nowhere.';

COMMENT ON FUNCTION "app_private"."part_from_call"(uuid, uuid[], text) IS 'Takes people out of a call, who hear nothing of it from then on, and ends it when it is at its end. false: they were out already.';

COMMENT ON FUNCTION "app_private"."part_group_calls"() IS 'Trigger on group_members: who is out of a group is out of its calls.';

COMMENT ON FUNCTION "app_private"."part_the_calling"() IS 'Trigger on blocks: no call goes on between the two. Who blocks leaves it; out of a call of several that they started, the other is taken.';

COMMENT ON FUNCTION "app_private"."participant"(uuid, uuid) IS 'What somebody is in a call; 404 calls.not_found for who was never called.';

COMMENT ON FUNCTION "app_private"."people_to_call"(uuid, uuid, uuid[]) IS 'Whom somebody wants to call: the people named, of a group those who are in it, or all of it. 404 groups.not_found, 422 calls.too_many_people, calls.to_oneself.';

COMMENT ON FUNCTION "app_private"."person_files"(uuid, integer) IS 'Files that a person uploaded, what was made of them, and exports of theirs.';

COMMENT ON FUNCTION "app_private"."plain_sendings"(uuid[], uuid[], jsonb[]) IS 'Those of the requested messages that may be plain, of whoever is signed in and a member, without looking at what only a lock makes certain; null when there is none.';

COMMENT ON FUNCTION "app_private"."post_drafts"(app_private.outbox_events) IS 'Of events of posts: like, mention, share; those about a deleted post go, and who shared by it.';

COMMENT ON FUNCTION "app_private"."project_notifications"(integer) IS 'Reads up to p_limit events and tells people what they mean to them, once; says how many it read and whether there are more. Any number of workers may call it.';

COMMENT ON FUNCTION "app_private"."prune_calls"(integer) IS 'Deletes up to p_limit calls that are kept no longer, and says how many.';

COMMENT ON FUNCTION "app_private"."prune_notifications"(integer) IS 'Deletes up to p_limit notifications that are too old, read or not, and says how many.';

COMMENT ON FUNCTION "app_private"."prune_outbox"(interval, text) IS 'Deletes up to 10,000 events processed longer ago than p_older_than and before transaction p_before_tx (null: any), which notifications have been made of: call again until 0.';

COMMENT ON FUNCTION "app_private"."prune_rings"(integer) IS 'Deletes up to p_limit counts of how often somebody called another, whose ten minutes or day are over, and says how many: who called whom is kept no longer than it counts.';

COMMENT ON FUNCTION "app_private"."pull_posts"(uuid, timestamp with time zone, timestamp with time zone, uuid, integer, boolean) IS 'The newest p_limit posts of those whom somebody follows, and their own, from p_from on and before (p_before, p_before_id), newest first. An inbox gets muted people''s too, for a mute ends.';

COMMENT ON FUNCTION "app_private"."queue_channels"(uuid, uuid, text, bigint, text[]) IS 'Queues what is to be sent of a notification that was made or moved; a mail with what gathers. Quiet hours are asked when it is taken.';

COMMENT ON FUNCTION "app_private"."queue_media_deletion"() IS 'Trigger on media: Storage is left by its API alone, so a job of the worker removes the objects of a medium that is gone, whoever deleted it.';

COMMENT ON FUNCTION "app_private"."quiet_until"(jsonb, timestamp with time zone) IS 'When the quiet hours of these settings end, in the person''s own time; null when it is not quiet, or the time zone is none any more.';

COMMENT ON FUNCTION "app_private"."raise_notification"(uuid, text, text, text, uuid, uuid[], timestamp with time zone[], jsonb, numeric, integer, timestamp
  with time zone, jsonb[]) IS 'Makes a notification, or adds to the one of the same group that is unread or young, and gives it the next number; 0 where nobody has to be told.';

COMMENT ON FUNCTION "app_private"."reachable"(uuid, uuid[]) IS 'Of p_people, those whom somebody may call.';

COMMENT ON FUNCTION "app_private"."reason_to_end"(public.calls) IS 'Why a call is at its end, by who is left in it; null while it goes on.';

COMMENT ON FUNCTION "app_private"."refer_from_group"() IS 'Trigger on groups: the media that are their picture and cover, until the group is deleted.';

COMMENT ON FUNCTION "app_private"."refer_from_message"() IS 'Trigger on messages: the media that they carry. Whoever forwards one passes on what they see.';

COMMENT ON FUNCTION "app_private"."refer_from_post"() IS 'Trigger on posts: the media that they name.';

COMMENT ON FUNCTION "app_private"."refer_from_post_edit"() IS 'Trigger on post_edits: who reads how a post read before also sees its media.';

COMMENT ON FUNCTION "app_private"."refer_from_profile"() IS 'Trigger on profiles: the medium that is their picture.';

COMMENT ON FUNCTION "app_private"."refuse"(uuid, text) IS 'Refuses an upload: its owner reads why for a day, and its objects go at once.';

COMMENT ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) IS 'An upload is refused, for the code that its owner reads.';

COMMENT ON FUNCTION "app_private"."refuse_suspended"() IS 'Trigger: 403 auth.user_banned for who writes here and is suspended.';

COMMENT ON FUNCTION "app_private"."renew_epochs"(uuid[], boolean) IS 'Moves conversations to new topics, with p_spoken those alone where something was said in this epoch. What was sent before is waited for, and what comes later goes to the new one.';

COMMENT ON FUNCTION "app_private"."renew_group_epochs"(uuid[], boolean) IS 'The same for groups, whose members the worker tells.';

COMMENT ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) IS 'Notes why a message was not taken and when it is tried again.';

COMMENT ON FUNCTION "app_private"."retry_digest"(uuid, boolean, integer, text, interval) IS 'Notes why a mail was not taken and when it is tried again.';

COMMENT ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) IS 'An upload is to be looked at again. It does not count as a try where something was away.';

COMMENT ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) IS 'A deletion is tried again, however often.';

COMMENT ON FUNCTION "app_private"."ring"(public.calls, uuid, uuid[], uuid[]) IS 'Puts people into a call: ringing for those of p_free, busy for the others. Says for whom it rings.';

COMMENT ON FUNCTION "app_private"."send_any_message"(uuid, jsonb) IS 'Sends what public.send_message is asked to send, whatever it is and whatever stands in its way: all refusals are made here.';

COMMENT ON FUNCTION "app_private"."send_messages"(uuid[], uuid[], jsonb[]) IS 'Sends for many, up to 512 messages, each as public.send_message would for its sender; gives the card (ord from 1) of each that is plain. The others were not touched.';

COMMENT ON FUNCTION "app_private"."sendable"(public.notifications, text) IS 'A notification as it is sent by a channel; null when it was read, hidden or not wanted meanwhile.';

COMMENT ON FUNCTION "app_private"."sent_before"(uuid, public.messages, jsonb) IS 'The message that was sent with this client_id, null when none was; 409 messages.client_id_reused when it is another one.';

COMMENT ON FUNCTION "app_private"."set_media_refs"(text, uuid, bigint, uuid, text[], text[], boolean) IS 'Writes down which media something names now, and no longer. p_as_seen: what p_actor sees of others may be named too (forwarding).';

COMMENT ON FUNCTION "app_private"."settle_call"(uuid, uuid[]) IS 'After people went out of a call (p_gone): ends it, or moves those who stay to new topics. All of them are told.';

COMMENT ON FUNCTION "app_private"."settle_departures"() IS 'Trigger on call_participants: a call goes on without a person whose account is deleted, or ends; the last one takes it along.';

COMMENT ON FUNCTION "app_private"."settle_overdue"(uuid[], uuid) IS 'Calls that are over but for somebody to say so keep nobody busy, also while no worker is there. Locks those of p_people, and p_call with them.';

COMMENT ON FUNCTION "app_private"."shown_notifications"(uuid, uuid[]) IS 'The notifications that somebody may see in the app now, the latest first; or of these (for other channels) those that still tell of anything. There are never more than a thousand. read_at also where a message was read in its conversation.';

COMMENT ON FUNCTION "app_private"."some_cards"(uuid, uuid[], integer) IS 'As cards_of, the first p_limit of them as JSON.';

COMMENT ON FUNCTION "app_private"."spread_notices"(integer) IS 'Tells the next p_limit people what operators say, each once, and says how many; 0 when there is nothing to tell. Call again until 0.';

COMMENT ON FUNCTION "app_private"."standing"(uuid, uuid, text) IS 'What most of these functions answer: {group_id, user_id, status}.';

COMMENT ON FUNCTION "app_private"."subject_of"(public.notifications, uuid) IS 'What a notification is about, who was the last of the visible actors: {type, id, preview}; preview is up to 100 characters of a post or a comment, or the name of a group, as far as the reader may see it now.';

COMMENT ON FUNCTION "app_private"."sweep_call"(uuid) IS 'Takes out of a call who was rung for too long (missed) or not heard of (lost); called with the call locked.';

COMMENT ON FUNCTION "app_private"."sweep_calls"(integer) IS 'Takes out of calls whom it rang for too long and who vanished, and ends those that last too long; looks at p_limit, and says in how many it changed something.';

COMMENT ON FUNCTION "app_private"."sweep_media"(integer) IS 'Deletes media that nothing refers to, uploads that never came, and what is left of refused ones, when their time is over.';

COMMENT ON FUNCTION "app_private"."sweep_strays"(integer) IS 'Looks at the next p_limit objects, and queues the deletion of those that belong to no medium. What was laid there by hand under other names stays.';

COMMENT ON FUNCTION "app_private"."take_back_notifications"(app_private.notification_draft[]) IS 'Takes out of notifications who has taken it back, and deletes those of what is gone. Nobody is told.';

COMMENT ON FUNCTION "app_private"."take_upload"(uuid, bigint) IS 'Gives an uploaded object to the worker, or refuses one that is larger than it said.';

COMMENT ON FUNCTION "app_private"."targets_of"(text, uuid[]) IS 'Those of some targets that take messages now: neither disabled nor over, and of a push subscription the session lives.';

COMMENT ON FUNCTION "app_private"."tell_acceptance"(public.conversations, uuid) IS 'Tells both sides of a direct conversation that somebody accepted it: there is a typing topic from here on.';

COMMENT ON FUNCTION "app_private"."tell_call"(uuid, uuid[], uuid[]) IS 'Tells people how a call stands now, on all their devices: call_ringing where it begins to ring, else call_changed.';

COMMENT ON FUNCTION "app_private"."tell_call_missed"() IS 'Trigger on call_participants: call.missed, by whom it rang for in vain and who was busy; not by who declined.';

COMMENT ON FUNCTION "app_private"."tell_calls"() IS 'Trigger on calls: call.started, call.ended.';

COMMENT ON FUNCTION "app_private"."tell_comment_likes"() IS 'Trigger on comment_likes: comment.liked and comment.unliked.';

COMMENT ON FUNCTION "app_private"."tell_epochs"(integer) IS 'Tells up to p_limit (60) members of the group that waits longest of its new epoch; says how many, and 0 when nobody waits.';

COMMENT ON FUNCTION "app_private"."tell_marked"(uuid) IS 'Tells the devices of a person how many notifications are unread now, and gives it.';

COMMENT ON FUNCTION "app_private"."tell_media"() IS 'Trigger on media: media.ready, media.refused.';

COMMENT ON FUNCTION "app_private"."tell_media_deleted"() IS 'Trigger on media_deletions: media.deleted, when Storage has none of the objects any more.';

COMMENT ON FUNCTION "app_private"."tell_media_worker"(boolean) IS 'Says whether the worker has ffmpeg: without it video and audio are refused at once.';

COMMENT ON FUNCTION "app_private"."tell_message"(uuid, uuid, uuid, bigint, uuid, uuid, boolean, text, uuid[], timestamp with time zone, timestamp
  with time zone) IS 'Writes message.created, without its words; gives the id of the event.';

COMMENT ON FUNCTION "app_private"."tell_messages"(app_private.sending[]) IS 'Writes message.created for each of several plain messages, in their order; gives how many.';

COMMENT ON FUNCTION "app_private"."tell_notifications"(integer) IS 'Tells up to 50 people on their private topics what has come since they were last told, in one message each, and says how many; in the transaction that notes it, so nothing is told twice.';

COMMENT ON FUNCTION "app_private"."tell_password_changed"() IS 'Trigger on auth.users: user.password_changed, also when somebody gets a first one; a change of it disables webhooks.';

COMMENT ON FUNCTION "app_private"."tell_push_added"() IS 'Trigger on push_subscriptions: user.target_added, also of a device that has become another person''s.';

COMMENT ON FUNCTION "app_private"."tell_webhook_added"() IS 'Trigger on notification_webhooks: user.target_added, also when one gets a new secret.';

COMMENT ON FUNCTION "app_private"."tell_webhook_disabled"() IS 'Trigger on notification_webhooks: user.webhook_disabled.';

COMMENT ON FUNCTION "app_private"."topic_of_notifications"(uuid) IS 'The private topic on which somebody hears of their notifications.';

COMMENT ON FUNCTION "app_private"."transfer_drafts"(app_private.outbox_events, jsonb) IS 'Whoever has more money by a transfer is told, with their own part of it.';

COMMENT ON FUNCTION "app_private"."trim_notifications"(uuid, integer) IS 'Deletes all but the latest p_keep notifications of a person.';

COMMENT ON FUNCTION "app_private"."unread_events"(app_private.notification_reader, integer) IS 'The next events that have not been read for notifications, in the order of the log.';

COMMENT ON FUNCTION "app_private"."upload_address_life"() IS 'For so long an object may still come to a place that is gone: Storage lets an address for an upload be used for two hours without asking again, and an upload takes its time.';

COMMENT ON FUNCTION "app_private"."uploaded_bytes"(public.media) IS 'How large the object of an upload is in Storage; null when it is not there.';

COMMENT ON FUNCTION "app_private"."user_drafts"(app_private.outbox_events) IS 'Of events of accounts: password_changed, target_added, webhook_disabled, and sign_in from a new device.';

COMMENT ON FUNCTION "app_private"."wallet_drafts"(app_private.outbox_events) IS 'Of events of the wallet: money_received, hold, withdrawal, payment_request.';

COMMENT ON FUNCTION "app_private"."who_did"(text[], bigint) IS 'Ana; Ana and Ben; Ana and 12 others.';

COMMENT ON FUNCTION "app_private"."write_sendings"(app_private.sending[]) IS 'Sends those messages that are still plain when their conversations are locked, and gives the card of each. Numbers follow each other without a gap, in the order in which the messages were asked for.';

COMMENT ON FUNCTION "public"."add_notification_webhook"(text) IS 'Sends my notifications to an address, signed as Standard Webhooks says with the secret that is shown here alone; the same address again gets a new secret and is enabled. Five at most: 422 notifications.too_many_webhooks; 429 rate_limit.exceeded; 403 auth.user_banned.';

COMMENT ON FUNCTION "public"."add_push_subscription"(jsonb) IS 'Takes a push subscription of this device, as PushSubscription.toJSON() gives it, perhaps with user_agent; the same endpoint again is the same one. It goes with the session. Of more than 20 the oldest go. 422 notifications.field_invalid, notifications.url_invalid, notifications.keys_invalid; 429 rate_limit.exceeded; 403 auth.user_banned.';

COMMENT ON FUNCTION "public"."add_to_call"(uuid, uuid[]) IS 'Calls more people into a call that I am in, also such as did not answer or have left. All of them or none: 403 auth.user_banned, calls.not_accepted, 404 calls.not_found, 409 calls.over, follows.blocked, 422 calls.too_many_people, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."answer_call"(uuid, uuid, uuid) IS 'Joins a call that rings for me, or goes on without me, with one of my devices; p_join says with which page of it. 403 auth.user_banned, 404 calls.not_found, 409 calls.answered_elsewhere, calls.over, calls.in_call, 422 calls.field_invalid, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."call"(uuid) IS 'A call of mine. 404 calls.not_found.';

COMMENT ON FUNCTION "public"."call_heartbeat"(uuid, uuid) IS 'Says that my device is in the call, every five seconds, and gives the call: whoever is not heard of for fifteen is taken out. 403 auth.user_banned, 404 calls.not_found, 409 calls.answered_elsewhere.';

COMMENT ON FUNCTION "public"."cancel_call"(uuid) IS 'Takes back a call of mine that nobody has answered; those who were rung have missed it. 403 calls.not_caller, 404 calls.not_found, 409 calls.already_answered.';

COMMENT ON FUNCTION "public"."current_call"() IS 'The call that I am in or that rings for me; no row when there is none.';

COMMENT ON FUNCTION "public"."decline_call"(uuid) IS 'Does not take a call, on none of my devices. 404 calls.not_found, 409 calls.already_answered.';

COMMENT ON FUNCTION "public"."delete_media"(uuid) IS 'Deletes a medium of mine that nothing of mine refers to; from messages of others who passed it on it goes. 404 media.not_found, 409 media.in_use.';

COMMENT ON FUNCTION "public"."edit_message"(uuid, text) IS 'Changes the words of a message of mine; edited_at tells everybody, the former words are in no table that people read. 404 messages.not_found, 403 messages.not_yours, messages.not_accepted, 422 messages.edit_too_late, messages.content_invalid, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."end_call"(uuid, boolean) IS 'Hangs up: I leave, and the call is over when fewer than two are left; for all only by who started it. 403 calls.not_caller, 404 calls.not_found.';

COMMENT ON FUNCTION "public"."finish_media_upload"(uuid) IS 'Says that the object of an upload is there: the worker checks and cleans it, then it is ready or refused. Safe to repeat. 404 media.not_found, 409 media.not_uploaded.';

COMMENT ON FUNCTION "public"."mark_all_notifications_read"(bigint) IS 'Marks my notifications up to a number, or all, as seen and read, and gives the counts. With the number of the latest that was shown, none is marked that came meanwhile.';

COMMENT ON FUNCTION "public"."mark_notifications_read"(uuid[]) IS 'Marks 1 to 100 of my notifications as read, and gives the counts. 404 notifications.not_found when one of them is not there.';

COMMENT ON FUNCTION "public"."mark_notifications_seen"(bigint) IS 'Marks my notifications up to a number, or all, as seen, and gives the counts. A mark only moves on.';

COMMENT ON FUNCTION "public"."media_details"(uuid[]) IS 'Those of up to 50 media that I may see, in the order asked for: their measures, and the paths of their files in Storage. 422 media.field_invalid.';

COMMENT ON FUNCTION "public"."media_usage"() IS 'How much I store, and how much I may.';

COMMENT ON FUNCTION "public"."my_calls"(integer, timestamp with time zone, uuid, boolean) IS 'My calls, the latest first, or those that I missed. The next page begins after the created_at and id of the last.';

COMMENT ON FUNCTION "public"."my_notification_webhooks"() IS 'My webhooks, without their secrets. disabled_at: they failed ten times in a row or for three days, said that they are gone, or the password was changed.';

COMMENT ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) IS 'My notifications, the latest first, from a number backwards; after a number the oldest first: whoever has all up to it misses nothing so. At most 100, and one more.';

COMMENT ON FUNCTION "public"."my_push_subscriptions"() IS 'My devices that take push messages, the latest first.';

COMMENT ON FUNCTION "public"."notification_counts"() IS 'Of my notifications: {unread_count, unseen_count, last_seq, seen_seq}.';

COMMENT ON FUNCTION "public"."notification_preferences"() IS 'What my settings mean, defaults included: {quiet_hours, kinds: {like: {category, in_app, push, email, webhook}, …}}.';

COMMENT ON FUNCTION "public"."pin_message"(uuid, boolean) IS 'Pins a message for everybody in the conversation, or takes the pin off; in a group, as a moderator. 404 messages.not_found, 403 messages.not_accepted, groups.not_allowed, 409 messages.request_open, 422 messages.too_many_pinned, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."posts_by_location"(text, integer, timestamp with time zone, uuid) IS 'Posts from a location, by its whole name in any case; none that only its author may read. {data, next} as of posts_by_tag.';

COMMENT ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp with time zone, uuid) IS 'Posts with a tag, in any case and with or without its #; none that only its author may read. {data: posts, next: {before, before_id}}: a page may be short before the end, which is where next is null.';

COMMENT ON FUNCTION "public"."react_to_message"(uuid, text) IS 'Reacts to a message with one emoji, another one in its place, or none (null). 404 messages.not_found, 403 messages.not_accepted, 409 messages.request_open, 422 messages.field_invalid, messages.too_many_reactions, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."remove_from_call"(uuid, uuid) IS 'Takes somebody out of a call of mine for good: they hear nothing more of it. 403 calls.not_caller, 404 calls.not_found.';

COMMENT ON FUNCTION "public"."remove_notification_webhook"(uuid) IS 'Sends nothing to a webhook any more. 404 notifications.target_not_found.';

COMMENT ON FUNCTION "public"."remove_push_subscription"(uuid) IS 'Sends nothing to a device any more. 404 notifications.target_not_found.';

COMMENT ON FUNCTION "public"."report_vanished"(uuid, uuid) IS 'Says that somebody in my call is no longer present. They are asked on their private topic, and taken out unless their device is heard within three seconds, or ten since it was heard last. false: they were asked already. 403 auth.user_banned, 404 calls.not_found, 409 calls.over, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."send_typing"(uuid) IS 'Tells the others that I am typing, for clients without a socket; false where they are not told, because I hide my presence or they have not accepted. 404 messages.conversation_not_found, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."set_message_timer"(uuid, integer) IS 'Lets messages sent from now on disappear after so many seconds (30 to 7776000), or stay (null); in a group, as an admin. 404 messages.conversation_not_found, 403 messages.not_accepted, groups.not_allowed, 409 messages.request_open, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."set_notification_preferences"(jsonb) IS 'Changes my settings key by key, {likes: {push: false}, reply: {email: true}, quiet_hours: {from, to, time_zone}}, null for the default, and gives what they mean now. 422 users.notification_settings_invalid.';

COMMENT ON FUNCTION "public"."start_call"(jsonb) IS 'Calls people: {client_id, device_id, join_id, kind: audio or video, user_ids or group_id}. The same client_id again gives the call that it made. state is ringing, or ended and busy when nobody is free; what rings for me meanwhile is declined. 403 auth.user_banned, calls.not_accepted, 404 groups.not_found, 409 calls.in_call, calls.client_id_reused, follows.blocked, 422 calls.field_invalid, calls.too_many_people, calls.to_oneself, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "public"."start_media_upload"(jsonb) IS 'Takes a place for an object: {bucket, mime_type, size_bytes}; without a size, for the largest of its kind. Upload it to `path` of that bucket, then call finish_media_upload. 415 media.type_unsupported, 413 media.too_large, media.quota_exceeded, 429 media.too_many_uploads, rate_limit.exceeded, 403 auth.user_banned, 503 media.video_unavailable, 422 media.field_invalid.';

COMMENT ON TABLE "app_private"."call_rules" IS 'Settings of the operators, one row; null means no limit: how many are in a call, how long it rings, for how long somebody is taken to be there after their device was last heard (reported_for: after another participant missed them, and never sooner than reported_for after they were silent for reported_after), how long a call lasts and is kept, for how many people somebody may let it ring, how often for one who does not answer, how often they come back into calls, and how often they say that somebody vanished.';

COMMENT ON TABLE "app_private"."chat_notices" IS 'Conversations of groups whose members still have to be told of a new epoch. The worker goes round in the order of their ids: told_to is to whom it has come (null: nobody yet), until is to whom it had come when the last epoch began, where the round ends (null: with the last member). waits_since: since when it has not come to this group.';

COMMENT ON TABLE "app_private"."media_deletions" IS 'Objects to be removed from Storage, and which were, why and when: all of a medium, or one by its name. A job is repeated until Storage has none of them any more; done ones are kept for 90 days. is_watched: looked after again, since an address for an upload may still be used; held_bytes: the room that counts until then.';

COMMENT ON TABLE "app_private"."media_quotas" IS 'People who may store another amount than the others.';

COMMENT ON TABLE "app_private"."media_refs" IS 'Which post, message (conversation and number), profile or group names which medium, kept by triggers. A medium lives while one does, and is seen by whoever sees one. is_of_other: somebody else passed it on.';

COMMENT ON TABLE "app_private"."media_rules" IS 'Settings of the operators, one row: what a person may store, how large and long one medium may be, how long one stays that nothing has referred to (unused_for) or refers to any more (no_longer_used_for).';

COMMENT ON TABLE "app_private"."media_worker" IS 'What the worker said of itself: whether it can read video and audio, and as far as it has looked for objects that belong to nothing.';

COMMENT ON TABLE "app_private"."notices" IS 'What operators tell one person, or (user_id is null) everybody who has an account then. done_to: how far the worker has come.';

COMMENT ON TABLE "app_private"."notification_actors" IS 'Who did what a notification tells of, up to a hundred of each. is_gone: they took it back, and are remembered so that doing it again tells nobody again. data: what the kind has of the last that they did, which is hidden with them.';

COMMENT ON TABLE "app_private"."notification_deliveries" IS 'What goes to whom by which way: a notification as it was at seq. What is added to it before it is sent goes with it. sent_seq: what the target has, or what was given up.';

COMMENT ON TABLE "app_private"."notification_digests" IS 'Mails about what somebody has not read: what guards the account goes at once in mails of its own. due_at: when the next one goes, null for nothing to mail. to_seq: up to where the mail in hand tells, the same at each try, so that it is the same mail. again_at: what came meanwhile.';

COMMENT ON TABLE "app_private"."notification_faults" IS 'Events from which no notification could be made, and why. The others went on.';

COMMENT ON TABLE "app_private"."notification_reader" IS 'How far the outbox has been read for notifications, one row: everything that done saw; of what upto sees besides, everything up to (after_tx, after_position). It moves in the transaction of the notifications.';

COMMENT ON TABLE "app_private"."notification_rules" IS 'Settings of the operators, one row: for how long more of the same joins a notification that was read, how long and how many are kept, and up to how many members each message of a group is told to all of them (in larger ones to whom it mentions), how long a notification to which something is added rests before it is pushed again, and how long mails gather.';

COMMENT ON TABLE "app_private"."notification_states" IS 'How far the notifications of a person are: numbered to last_seq, seen to seen_seq, told on the private topic to told_seq. marks: how often something was marked, so that streams see it.';

COMMENT ON TABLE "app_private"."notification_webhooks" IS 'Addresses of people that take their notifications, signed with a secret of each. failures: messages given up since the last one that was taken, failing_since: the first try of them that failed. After ten, or three days, the webhook is disabled.';

COMMENT ON TABLE "app_private"."paces" IS 'How much of a kind (posts, likes, follows, …) somebody has written since their window began.';

COMMENT ON TABLE "app_private"."push_subscriptions" IS 'Browsers and apps that take push messages (RFC 8030): where, and the keys with which only they can read them. They go with the session that made them. An endpoint belongs to who used it last. Up to 20 of a person. expires_at: when the browser says that it ends. failures and failing_since as those of webhooks.';

COMMENT ON TABLE "app_private"."sign_in_devices" IS 'From which programs and networks somebody has signed in, as hashes: a new one is told of. At most 50 of a person.';

COMMENT ON TABLE "public"."call_participants" IS 'Who is in a call, or was called. due_at: until when it rings, or until when who joined is taken to be there: their device moves it on. device_id: the one device that is in the call, join_id: the one page of it. heard_at, reported_at: when their device was last heard, and last missed by another participant. created_at: that of the call, by which their history is in order; first_rung_at, rung_at: when they were called into it, the first and the last time; first_joined_at, joined_at: when they came into it. out_epoch, out_version: of the call as they went out of it, which is all that they learn of either while it goes on. called_by null: whoever started the call, or somebody who is gone.';

COMMENT ON TABLE "public"."calls" IS 'Calls of two people (is_direct) or of several. id is the client''s own, so that a repeated start finds the first. ringing until the first answer, active until fewer than two are left, then ended. epoch is part of the topics on which participants signal, and changes when somebody may hear no more; version counts the changes. Whoever changes a call or who is in it holds the row.';

COMMENT ON TABLE "public"."conversations" IS 'Direct conversations of two people (low_id and high_id in order; null: the account is gone) and those of groups. last_seq counts the messages, last_change what was changed of them afterwards, taken_back is the last change after which words are not there any more; whoever counts holds the row to the end. epoch is part of the topic on which members hear of it, and changes when somebody may hear no more, or not what was said there before; it began after epoch_seq and epoch_change. open_after_seq: of a public group, where newcomers begin to read.';

COMMENT ON TABLE "public"."media" IS 'What people uploaded. Its objects lie in the bucket under owner_id/id/. pending: a place that waits for its object; processing: nobody else sees it until the worker has checked and cleaned it; ready: posts, messages, profiles and groups may name it as media:id; refused: why stands in error. files: what the worker made of it. size_bytes: what was announced, then what is stored. delete_after: when it goes if nothing refers to it.';

COMMENT ON TABLE "public"."notifications" IS 'What people are told, the same things in one row: "Ana and 12 others". seq counts from 1 for each person, in the order of the commits; whatever is added to a row gives it the next number. Numbers between are those that rows had before. in_app: false where somebody wants it by other channels alone. more_actors: those beyond the hundred in notification_actors.';

COMMENT ON TYPE "app_private"."notification_draft" IS 'What an event means to one person. action: raise (tell them), retract (the actor has taken it back), remove (the subject is gone, for everybody).';

COMMENT ON TYPE "app_private"."sending" IS 'One of several messages that are sent together: the ord-th that was asked for. Receiver, number and time are known once its conversation is locked.';

COMMENT ON TYPE "public"."call_card" IS 'A call as one of its participants sees it. participants: who they are and how they stand to the call, without those who do not exist for me. topic: what the topics of those who are in it begin with, while I am in it. my_device_id: the one of my devices that is. version: counts the changes, the higher is the newer.';

COMMENT ON TYPE "public"."media_card" IS 'A medium as who may see it sees it. path: where its owner puts the object; null for others, and when it is there. files: [{name, path, mime_type, size_bytes, width, height}], of an image thumbnail, feed and full, of a video thumbnail, poster and full, of audio full.';

COMMENT ON TYPE "public"."notification_card" IS 'A notification as its receiver may see it. actors: up to three who did it last, of actors_count; seq: its place, which moves to the end when something is added to it.';

REVOKE ALL ON FUNCTION "admin"."send_notice"(text, text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."send_notice"(text, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."send_notice"(text, text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."are_media"(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."are_media"(text[]) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."are_media"(text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."are_media"(text[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."are_media"(text[]) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."hears_call"(text, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."hears_call"(text, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."hears_call"(text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."hears_call"(text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_quiet_hours"(jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_shown_to_me"(uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."may_fetch_media"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."may_fetch_media"(text, text) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."may_fetch_media"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."may_fetch_media"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."may_upload_media"(text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."may_upload_media"(text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."may_upload_media"(text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."may_upload_media"(text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."my_call_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_call_ids"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_call_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_call_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."my_notification_ids"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."my_notification_ids"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."my_notification_ids"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."my_notification_ids"() TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."notification_category"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_category"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."notification_category"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_category"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_category"(text) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."notification_kinds"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_kinds"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."notification_kinds"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_kinds"() TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."notification_kinds"() TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."plain_line"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."plain_line"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."plain_line"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."plain_line"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."plain_line"(text) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."wants_notification"(jsonb, text, text) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."was_in_call_since"(uuid, timestamp WITH time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."was_in_call_since"(uuid, timestamp WITH time zone) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."was_in_call_since"(uuid, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."was_in_call_since"(uuid, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."add_actors"(uuid, uuid[], timestamp WITH time zone[], jsonb[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."add_actors"(uuid, uuid[], timestamp WITH time zone[], jsonb[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."add_actors"(uuid, uuid[], timestamp WITH time zone[], jsonb[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."add_media_ref"(uuid, text, uuid, bigint, uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."add_media_ref"(uuid, text, uuid, bigint, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."add_media_ref"(uuid, text, uuid, bigint, uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."adopt_media"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."adopt_media"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."adopt_media"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."adopt_media"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."amount_of"(jsonb, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."amount_of"(jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."amount_of"(jsonb, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."apply_notifications"(app_private.notification_draft[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."apply_notifications"(app_private.notification_draft[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."apply_notifications"(app_private.notification_draft[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_caller"(uuid, public.calls) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_caller"(uuid, public.calls) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_caller"(uuid, public.calls) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_conversation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_conversation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_conversation"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_in_group"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_in_group"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_in_group"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_add"(uuid, public.calls, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_add"(uuid, public.calls, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_add"(uuid, public.calls, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_call"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_call"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_call"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_delete"(uuid, public.messages) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_delete"(uuid, public.messages) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_delete"(uuid, public.messages) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_return"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_return"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_return"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_member"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_member"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_member"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_message"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_message"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_message"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_not_banned"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_not_suspended"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_not_suspended"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_not_suspended"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_room"(uuid, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_room"(uuid, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_room"(uuid, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_target_url"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_target_url"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_target_url"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."call_card_of"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."call_card_of"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."call_card_of"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."call_cards"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."call_cards"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."call_cards"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."call_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."call_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."call_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."call_from"(jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."call_from"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."call_from"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_read_message"(uuid, uuid, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_read_message"(uuid, uuid, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_read_message"(uuid, uuid, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_edit"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_edit"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_edit"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_media"(uuid, public.media) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_media"(uuid, public.media) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_media"(uuid, public.media) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."channels_of"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."channels_of"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."channels_of"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval, jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval, jsonb, jsonb) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval, jsonb, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_deliveries"(text, integer, interval, jsonb, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_digests"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_digests"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_digests"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_digests"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_media"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_media"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_media"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_media"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_media_deletions"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."comment_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."comment_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."comment_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."comment_like_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."comment_like_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."comment_like_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."comment_told_as"(uuid, uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."comment_told_as"(uuid, uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."comment_told_as"(uuid, uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."compatible"(uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."compatible"(uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."compatible"(uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_differences"(uuid[], uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_differences"(uuid[], uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_lost_refs"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_lost_refs"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_lost_refs"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."counts_of"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."counts_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."counts_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."decline_for_own"(uuid, uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."decline_for_own"(uuid, uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."decline_for_own"(uuid, uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."delete_media_row"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."delete_media_row"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."delete_media_row"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."digest_rows"(uuid, boolean, bigint, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."digest_rows"(uuid, boolean, bigint, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."digest_rows"(uuid, boolean, bigint, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."draft"(text, uuid, text, text, text, uuid, uuid, timestamp WITH time zone, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."draft"(text, uuid, text, text, text, uuid, uuid, timestamp WITH time zone, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."draft"(text, uuid, text, text, text, uuid, uuid, timestamp WITH time zone, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."drafts_of"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."drafts_of"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."drafts_of"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text, boolean) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."drop_delivery_target"(text, uuid, text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."end_call_for"(public.calls, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."end_call_for"(public.calls, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."end_call_for"(public.calls, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_call_field"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_call_field"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_call_field"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_call_over"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_call_over"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_call_over"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_in_call"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_in_call"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_in_call"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_not_callable"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_not_callable"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_not_callable"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_too_large"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_too_large"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_too_large"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fail_type"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fail_type"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fail_type"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text, boolean) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_delivery"(uuid, integer, bigint, text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_digest"(uuid, boolean, integer, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_digest"(uuid, boolean, integer, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_digest"(uuid, boolean, integer, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_digest"(uuid, boolean, integer, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_media"(uuid, integer, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_media_deletion"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."forget_rings"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."forget_rings"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."forget_rings"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."free_people"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."free_people"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."free_people"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."graph_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."graph_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."graph_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."group_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."group_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."group_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_block"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_block"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_block"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_mute"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_mute"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_mute"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."has_blocks"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."has_blocks"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."has_blocks"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."has_quiet_people"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."has_quiet_people"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."has_quiet_people"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hidden_among"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."hold_notifications"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."hold_notifications"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."hold_notifications"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."host_of"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."host_of"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."host_of"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_message_there"(public.notifications) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_message_there"(public.notifications) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_message_there"(public.notifications) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_new_device"(uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_new_device"(uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_new_device"(uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_once_each"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_once_each"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_once_each"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_quiet"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_quiet"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_quiet"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_read_there"(public.notifications) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_read_there"(public.notifications) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_read_there"(public.notifications) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_request_open"(text, uuid, uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_request_open"(text, uuid, uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_request_open"(text, uuid, uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_shown"(uuid, uuid, uuid, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_shown"(uuid, uuid, uuid, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_shown"(uuid, uuid, uuid, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_stray"(text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_stray"(text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_stray"(text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_told_anyway"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_told_anyway"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_told_anyway"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_too_long"(public.calls) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_too_long"(public.calls) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_too_long"(public.calls) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."join_call"(public.calls, uuid, uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."join_call"(public.calls, uuid, uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."join_call"(public.calls, uuid, uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_pace"(text, uuid, integer, interval, integer, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_pace"(text, uuid, integer, interval, integer, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_pace"(text, uuid, integer, interval, integer, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."live_people"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."live_people"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."live_people"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_callers"(uuid[], uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_callers"(uuid[], uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_callers"(uuid[], uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_calls"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_calls"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_calls"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_joining"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_joining"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_joining"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_people"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_people"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_people"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_room"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_room"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_room"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_settings"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_settings"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_settings"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_to_act"(uuid, public.messages, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_user"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_user"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_user"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."locked_call"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."locked_call"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."locked_call"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."log_pin"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."log_pin"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."log_pin"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."max_media_bytes"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."max_media_bytes"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."max_media_bytes"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."may_join"(public.calls, public.call_participants) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."may_join"(public.calls, public.call_participants) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."may_join"(public.calls, public.call_participants) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_card"(public.media) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_card"(public.media) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_card"(public.media) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_folder"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_folder"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_folder"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_ids"(text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_ids"(text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_ids"(text[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_kind"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_kind"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_kind"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_objects"(uuid, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."media_objects"(uuid, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."media_objects"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_objects"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."media_quota"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."media_quota"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."media_quota"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentions_of"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentions_of"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentions_of"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."message_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."message_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."message_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."money_text"(text, text, integer, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."money_text"(text, text, integer, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."money_text"(text, text, integer, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."next_change"(uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."next_change"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."next_change"(uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_target"(text, uuid, text, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_target"(text, uuid, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_target"(text, uuid, text, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."notification_cards"(public.notifications[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."notification_cards"(public.notifications[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."notification_cards"(public.notifications[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."notification_heads"(uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."notification_stats"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."notification_stats"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."notification_stats"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."notification_stats"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."notification_text"(text, text[], bigint, integer, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."notification_text"(text, text[], bigint, integer, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."notification_text"(text, text[], bigint, integer, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."open_group_conversation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."open_group_conversation"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."open_group_conversation"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."own_media"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."own_media"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."own_media"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."page_of_cards"(jsonb[], integer, timestamp WITH time zone, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."page_of_cards"(jsonb[], integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."page_of_cards"(jsonb[], integer, timestamp WITH time zone, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_from_call"(uuid, uuid[], text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_from_call"(uuid, uuid[], text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_from_call"(uuid, uuid[], text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_group_calls"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_group_calls"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_group_calls"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_the_calling"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_the_calling"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_the_calling"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."participant"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."participant"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."participant"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."people_to_call"(uuid, uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."people_to_call"(uuid, uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."people_to_call"(uuid, uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."plain_sendings"(uuid[], uuid[], jsonb[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."plain_sendings"(uuid[], uuid[], jsonb[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."plain_sendings"(uuid[], uuid[], jsonb[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."post_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."post_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."post_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."project_notifications"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."project_notifications"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."project_notifications"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."project_notifications"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_calls"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_calls"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_calls"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_calls"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_notifications"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_notifications"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_notifications"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_notifications"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_rings"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_rings"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_rings"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_rings"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."queue_channels"(uuid, uuid, text, bigint, text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."queue_channels"(uuid, uuid, text, bigint, text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."queue_channels"(uuid, uuid, text, bigint, text[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."queue_media_deletion"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."queue_media_deletion"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."queue_media_deletion"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."quiet_until"(jsonb, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."quiet_until"(jsonb, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."quiet_until"(jsonb, timestamp WITH time zone) TO "postgres";

REVOKE ALL
  ON FUNCTION "app_private"."raise_notification"(uuid, text, text, text, uuid, uuid[], timestamp WITH time zone[], jsonb, numeric, integer, timestamp WITH time zone, jsonb[])
  FROM PUBLIC;

REVOKE ALL
  ON FUNCTION "app_private"."raise_notification"(uuid, text, text, text, uuid, uuid[], timestamp WITH time zone[], jsonb, numeric, integer, timestamp WITH time zone, jsonb[])
  FROM "postgres";

GRANT EXECUTE
  ON FUNCTION "app_private"."raise_notification"(uuid, text, text, text, uuid, uuid[], timestamp WITH time zone[], jsonb, numeric, integer, timestamp WITH time zone, jsonb[])
  TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."reachable"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."reachable"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."reachable"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."reason_to_end"(public.calls) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."reason_to_end"(public.calls) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."reason_to_end"(public.calls) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_group"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_group"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_group"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_message"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_message"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_message"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_post"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_post"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_post"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_post_edit"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_post_edit"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_post_edit"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refer_from_profile"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refer_from_profile"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refer_from_profile"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refuse"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refuse"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refuse"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refuse_media"(uuid, integer, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refuse_suspended"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refuse_suspended"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refuse_suspended"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."renew_epochs"(uuid[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."renew_epochs"(uuid[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."renew_epochs"(uuid[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."renew_group_epochs"(uuid[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."renew_group_epochs"(uuid[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."renew_group_epochs"(uuid[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_delivery"(uuid, integer, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_digest"(uuid, boolean, integer, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_digest"(uuid, boolean, integer, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_digest"(uuid, boolean, integer, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_digest"(uuid, boolean, integer, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_media"(uuid, integer, interval, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_media_deletion"(uuid, integer, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."ring"(public.calls, uuid, uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."ring"(public.calls, uuid, uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."ring"(public.calls, uuid, uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."send_any_message"(uuid, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."send_any_message"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."send_any_message"(uuid, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."send_messages"(uuid[], uuid[], jsonb[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."send_messages"(uuid[], uuid[], jsonb[]) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."send_messages"(uuid[], uuid[], jsonb[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."send_messages"(uuid[], uuid[], jsonb[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sendable"(public.notifications, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."sendable"(public.notifications, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sendable"(public.notifications, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sent_before"(uuid, public.messages, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."sent_before"(uuid, public.messages, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sent_before"(uuid, public.messages, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."set_media_refs"(text, uuid, bigint, uuid, text[], text[], boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."set_media_refs"(text, uuid, bigint, uuid, text[], text[], boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."set_media_refs"(text, uuid, bigint, uuid, text[], text[], boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."settle_call"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."settle_call"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."settle_call"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."settle_departures"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."settle_departures"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."settle_departures"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."settle_overdue"(uuid[], uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."settle_overdue"(uuid[], uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."settle_overdue"(uuid[], uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."shown_notifications"(uuid, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."shown_notifications"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."shown_notifications"(uuid, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."some_cards"(uuid, uuid[], integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."some_cards"(uuid, uuid[], integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."some_cards"(uuid, uuid[], integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."spread_notices"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."spread_notices"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."spread_notices"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."spread_notices"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."standing"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."standing"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."standing"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."subject_of"(public.notifications, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."subject_of"(public.notifications, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."subject_of"(public.notifications, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sweep_call"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."sweep_call"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sweep_call"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sweep_calls"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."sweep_calls"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."sweep_calls"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sweep_calls"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sweep_media"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."sweep_media"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."sweep_media"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sweep_media"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."sweep_strays"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."sweep_strays"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."sweep_strays"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."sweep_strays"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."take_back_notifications"(app_private.notification_draft[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."take_back_notifications"(app_private.notification_draft[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."take_back_notifications"(app_private.notification_draft[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."take_upload"(uuid, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."take_upload"(uuid, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."take_upload"(uuid, bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."targets_of"(text, uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."targets_of"(text, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."targets_of"(text, uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_acceptance"(public.conversations, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_acceptance"(public.conversations, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_acceptance"(public.conversations, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_call"(uuid, uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_call"(uuid, uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_call"(uuid, uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_call_missed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_call_missed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_call_missed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_calls"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_calls"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_calls"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_comment_likes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_comment_likes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_comment_likes"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_marked"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_marked"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_marked"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_media"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_media"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_media"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_media_deleted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_media_deleted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_media_deleted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_media_worker"(boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."tell_media_worker"(boolean) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."tell_media_worker"(boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_media_worker"(boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_message"(uuid, uuid, uuid, bigint, uuid, uuid, boolean, text, uuid[], timestamp WITH time zone, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_message"(uuid, uuid, uuid, bigint, uuid, uuid, boolean, text, uuid[], timestamp WITH time zone, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE
  ON FUNCTION "app_private"."tell_message"(uuid, uuid, uuid, bigint, uuid, uuid, boolean, text, uuid[], timestamp WITH time zone, timestamp WITH time zone)
  TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_messages"(app_private.sending[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_messages"(app_private.sending[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_messages"(app_private.sending[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_notifications"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."tell_notifications"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."tell_notifications"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_notifications"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_password_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_password_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_password_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_push_added"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_push_added"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_push_added"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_webhook_added"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_webhook_added"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_webhook_added"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_webhook_disabled"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_webhook_disabled"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_webhook_disabled"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."topic_of_notifications"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."topic_of_notifications"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."topic_of_notifications"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."transfer_drafts"(app_private.outbox_events, jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."transfer_drafts"(app_private.outbox_events, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."transfer_drafts"(app_private.outbox_events, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."trim_notifications"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."trim_notifications"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."trim_notifications"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."unread_events"(app_private.notification_reader, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."unread_events"(app_private.notification_reader, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."unread_events"(app_private.notification_reader, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."upload_address_life"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."upload_address_life"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."upload_address_life"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."uploaded_bytes"(public.media) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."uploaded_bytes"(public.media) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."uploaded_bytes"(public.media) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."user_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."user_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."user_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."wallet_drafts"(app_private.outbox_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."wallet_drafts"(app_private.outbox_events) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."wallet_drafts"(app_private.outbox_events) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."who_did"(text[], bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."who_did"(text[], bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."who_did"(text[], bigint) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."write_sendings"(app_private.sending[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."write_sendings"(app_private.sending[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."write_sendings"(app_private.sending[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_notification_webhook"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."add_notification_webhook"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_notification_webhook"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_push_subscription"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."add_push_subscription"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_push_subscription"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_to_call"(uuid, uuid[]) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."add_to_call"(uuid, uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_to_call"(uuid, uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."answer_call"(uuid, uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."answer_call"(uuid, uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."answer_call"(uuid, uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."call"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."call"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."call"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."call_heartbeat"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."call_heartbeat"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."call_heartbeat"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."cancel_call"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."cancel_call"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."cancel_call"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."current_call"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."current_call"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."current_call"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_call"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."decline_call"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."decline_call"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_media"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."delete_media"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_media"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."end_call"(uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."end_call"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."end_call"(uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."finish_media_upload"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."finish_media_upload"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."finish_media_upload"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_all_notifications_read"(bigint) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mark_all_notifications_read"(bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_all_notifications_read"(bigint) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_notifications_read"(uuid[]) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mark_notifications_read"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_notifications_read"(uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_notifications_seen"(bigint) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mark_notifications_seen"(bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mark_notifications_seen"(bigint) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."media_details"(uuid[]) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."media_details"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."media_details"(uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."media_usage"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."media_usage"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."media_usage"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_calls"(integer, timestamp WITH time zone, uuid, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_calls"(integer, timestamp WITH time zone, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_calls"(integer, timestamp WITH time zone, uuid, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_notification_webhooks"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_notification_webhooks"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_notification_webhooks"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_notifications"(integer, bigint, bigint, boolean, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_push_subscriptions"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_push_subscriptions"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_push_subscriptions"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."notification_counts"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."notification_counts"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."notification_counts"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."notification_preferences"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."notification_preferences"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."notification_preferences"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_from_call"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_from_call"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_from_call"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_notification_webhook"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_notification_webhook"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_notification_webhook"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_push_subscription"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."remove_push_subscription"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."remove_push_subscription"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."report_vanished"(uuid, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."report_vanished"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."report_vanished"(uuid, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_notification_preferences"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."set_notification_preferences"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."set_notification_preferences"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."start_call"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."start_call"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."start_call"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."start_media_upload"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."start_media_upload"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."start_media_upload"(jsonb) TO "postgres";

REVOKE ALL ON TABLE "public"."call_participants" FROM "authenticated";

REVOKE ALL ("call_id") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("call_id") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("joined_at") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("joined_at") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("left_at") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("left_at") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("rung_at") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("rung_at") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("state") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("state") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ("user_id") ON TABLE "public"."call_participants" FROM "authenticated";

GRANT SELECT ("user_id") ON TABLE "public"."call_participants" TO "authenticated";

REVOKE ALL ON TABLE "public"."call_participants" FROM "service_role";

GRANT SELECT ON TABLE "public"."call_participants" TO "service_role";

REVOKE ALL ON TABLE "public"."calls" FROM "authenticated";

REVOKE ALL ("answered_at") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("answered_at") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("end_reason") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("end_reason") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("ended_at") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("ended_at") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("epoch") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("epoch") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("id") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("id") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("is_direct") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("is_direct") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("kind") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("kind") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("state") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("state") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ("version") ON TABLE "public"."calls" FROM "authenticated";

GRANT SELECT ("version") ON TABLE "public"."calls" TO "authenticated";

REVOKE ALL ON TABLE "public"."calls" FROM "service_role";

GRANT SELECT ON TABLE "public"."calls" TO "service_role";

REVOKE ALL ("active_at") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("active_at") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("disappear_after_s") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("disappear_after_s") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("group_id") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("group_id") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("high_id") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("high_id") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("id") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("id") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("kind") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("kind") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("last_change") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("last_change") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("last_seq") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("last_seq") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ("low_id") ON TABLE "public"."conversations" FROM "authenticated";

GRANT SELECT ("low_id") ON TABLE "public"."conversations" TO "authenticated";

REVOKE ALL ON TABLE "public"."media" FROM "authenticated";

GRANT SELECT ON TABLE "public"."media" TO "authenticated";

REVOKE ALL ON TABLE "public"."media" FROM "service_role";

GRANT SELECT ON TABLE "public"."media" TO "service_role";

REVOKE ALL ON TABLE "public"."notifications" FROM "authenticated";

GRANT SELECT ON TABLE "public"."notifications" TO "authenticated";

REVOKE ALL ON TABLE "public"."notifications" FROM "service_role";

GRANT SELECT ON TABLE "public"."notifications" TO "service_role";

CREATE INDEX media_deletions_owner_idx ON app_private.media_deletions USING btree (owner_id, requested_at, id);

CREATE INDEX notices_user_id_idx ON app_private.notices USING btree (user_id, created_at, id);

CREATE INDEX push_subscriptions_user_id_idx ON app_private.push_subscriptions USING btree (user_id, created_at, id);

ALTER TABLE "app_private"."media_refs"
  ADD CONSTRAINT "media_refs_media_id_fkey" FOREIGN KEY (media_id) REFERENCES public.media(id) ON DELETE CASCADE;

CREATE INDEX media_owner_idx ON public.media USING btree (owner_id, created_at DESC, id DESC) INCLUDE (size_bytes, state);

ALTER TABLE "app_private"."notification_actors"
  ADD CONSTRAINT "notification_actors_notification_id_fkey" FOREIGN KEY (notification_id) REFERENCES public.notifications(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."notification_deliveries"
  ADD CONSTRAINT "notification_deliveries_notification_id_fkey" FOREIGN KEY (notification_id) REFERENCES public.notifications(id) ON DELETE CASCADE;

CREATE POLICY "people read their own notifications, but those of people hidden" ON "public"."notifications"
  FOR SELECT
  TO "authenticated"
  USING (((user_id = ( SELECT auth.uid() AS uid)) AND (id IN ( SELECT app_hidden.my_notification_ids() AS my_notification_ids))));

ALTER TABLE "public"."notifications"
  ADD CONSTRAINT "kind_known" CHECK ((app_hidden.notification_category(kind) IS NOT NULL));

-- copy of sql/70_media/5_data.sql sha256:e409552deaf911d2769b77c2569d6b7653c06cf740f8a98a88b3f376a9ce3ce4
insert into app_private.media_rules default values on conflict do nothing;
insert into app_private.media_worker default values on conflict do nothing;

-- Whatever they were before, they are private: what may be fetched is for the policies to say. Types and sizes are refused here before
-- anything is stored; how large one medium may be is said once more, by kind, in app_private.media_rules.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
  ('avatars', 'avatars', false, 20971520, '{image/jpeg,image/png,image/webp,image/gif,image/avif}'),
  ('covers', 'covers', false, 20971520, '{image/jpeg,image/png,image/webp,image/gif,image/avif}'),
  ('posts', 'posts', false, 209715200,
    '{image/jpeg,image/png,image/webp,image/gif,image/avif,video/mp4,video/quicktime,video/webm,audio/mpeg,audio/mp4,audio/webm,audio/ogg,audio/wav}'),
  ('messages', 'messages', false, 209715200,
    '{image/jpeg,image/png,image/webp,image/gif,image/avif,video/mp4,video/quicktime,video/webm,audio/mpeg,audio/mp4,audio/webm,audio/ogg,audio/wav}')
on conflict (id) do update
set public = false, file_size_limit = excluded.file_size_limit, allowed_mime_types = excluded.allowed_mime_types;

-- copy of sql/80_notifications/5_data.sql sha256:3b2072efa26d83be4f89cd440e991c6f7c75cdf7c03a2955b6643772940bcfd3
insert into app_private.notification_rules default values on conflict do nothing;
-- Nobody is told of what was before there were notifications.
insert into app_private.notification_reader (done) values (pg_current_snapshot()) on conflict do nothing;

-- copy of sql/85_calls/5_data.sql sha256:84762ed454e3e75d306daa6d91495333f968e42decfd1c6a0dd5f8dbb6c4464b
insert into app_private.call_rules default values on conflict do nothing;
