-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP INDEX "public"."blocks_blocked_id_idx";

CREATE EXTENSION IF NOT EXISTS "pg_trgm" SCHEMA "extensions";

CREATE TABLE "app_private"."account_rules" (
  "single"           boolean  NOT NULL DEFAULT true,
  "deletion_waits"   interval NOT NULL DEFAULT '7 days'::interval,
  "export_lives"     interval NOT NULL DEFAULT '7 days'::interval,
  "export_every"     interval NOT NULL DEFAULT '1 day'::interval,
  "sign_in_is_fresh" interval NOT NULL DEFAULT '00:10:00'::interval,
  CONSTRAINT "account_rules_deletion_waits_check" CHECK ((deletion_waits >= '00:00:00'::interval)),
  CONSTRAINT "account_rules_export_every_check" CHECK ((export_every >= '00:00:00'::interval)),
  CONSTRAINT "account_rules_export_lives_check" CHECK ((export_lives > '00:00:00'::interval)),
  CONSTRAINT "account_rules_pkey" PRIMARY KEY (single),
  CONSTRAINT "account_rules_sign_in_is_fresh_check" CHECK ((sign_in_is_fresh >= '00:00:00'::interval)),
  CONSTRAINT "account_rules_single_check" CHECK (single)
);

ALTER TABLE "app_private"."account_rules"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."count_deltas" (
  "id"      bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  "target"  uuid   NOT NULL,
  "counter" text   NOT NULL,
  "delta"   bigint NOT NULL,
  CONSTRAINT "count_deltas_counter_check"
    CHECK
    ((counter = ANY (ARRAY['followers_count'::text, 'following_count'::text, 'posts_count'::text, 'likes_count'::text, 'comments_count'::text, 'shares_count'::text,
    'comment_likes_count'::text, 'replies_count'::text]))),
  CONSTRAINT "count_deltas_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."count_deltas"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."count_deltas"
  SET (autovacuum_vacuum_cost_delay=0, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000);

CREATE TABLE "app_private"."feed_tasks" (
  "id"           bigint                   GENERATED ALWAYS AS IDENTITY NOT NULL,
  "kind"         text                     NOT NULL,
  "author_id"    uuid                     NOT NULL,
  "follower_id"  uuid,
  "post_id"      uuid,
  "published_at" timestamp with time zone,
  "done_to"      uuid,
  "attempts"     integer                  NOT NULL DEFAULT 0,
  "due_at"       timestamp with time zone NOT NULL DEFAULT now(),
  "last_error"   text,
  CONSTRAINT "feed_tasks_pkey" PRIMARY KEY (id),
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['followed'::text, 'unfollowed'::text, 'push'::text, 'drop'::text]))),
  CONSTRAINT "subject_of_its_kind" CHECK (
CASE
    WHEN (kind = ANY (ARRAY['push'::text, 'drop'::text])) THEN (post_id IS NOT NULL)
    ELSE (follower_id IS NOT NULL)
END)
);

ALTER TABLE "app_private"."feed_tasks"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."feed_tasks"
  SET (autovacuum_vacuum_cost_delay=0, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000, fillfactor=80);

CREATE TABLE "app_private"."former_usernames" (
  "username" extensions.citext        NOT NULL,
  "user_id"  uuid,
  "until"    timestamp with time zone NOT NULL,
  CONSTRAINT "former_usernames_pkey" PRIMARY KEY (username)
);

ALTER TABLE "app_private"."former_usernames"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."large_authors" (
  "author_id"  uuid                     NOT NULL,
  "state"      text                     NOT NULL DEFAULT 'growing'::text,
  "is_filling" boolean                  NOT NULL DEFAULT false,
  "moved_at"   timestamp with time zone NOT NULL DEFAULT 'infinity'::timestamp WITH time zone,
  "moved_id"   uuid                     NOT NULL DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid,
  "since"      timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "large_authors_pkey" PRIMARY KEY (author_id),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['growing'::text, 'large'::text, 'shrinking'::text])))
);

ALTER TABLE "app_private"."large_authors"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."poll_tallies" (
  "id"       bigint   GENERATED ALWAYS AS IDENTITY NOT NULL,
  "post_id"  uuid     NOT NULL,
  "position" smallint NOT NULL,
  "votes"    bigint   NOT NULL,
  CONSTRAINT "poll_tallies_pkey" PRIMARY KEY (id)
);

ALTER TABLE "app_private"."poll_tallies"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "app_private"."poll_tallies"
  SET (fillfactor=50);

CREATE TABLE "app_private"."popular_people" (
  "user_id"         uuid   NOT NULL,
  "followers_count" bigint NOT NULL,
  CONSTRAINT "popular_people_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "app_private"."popular_people"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "app_private"."pulled_posts" (
  "author_id"    uuid                     NOT NULL,
  "noticed_at"   timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  "post_id"      uuid                     NOT NULL,
  "published_at" timestamp with time zone NOT NULL,
  CONSTRAINT "pulled_posts_pkey" PRIMARY KEY (author_id, noticed_at, post_id)
);

ALTER TABLE "app_private"."pulled_posts"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."account_jobs" (
  "user_id"     uuid                     NOT NULL,
  "kind"        text                     NOT NULL,
  "state"       text                     NOT NULL DEFAULT 'queued'::text,
  "run_after"   timestamp with time zone NOT NULL DEFAULT now(),
  "reason"      text,
  "file_path"   text,
  "expires_at"  timestamp with time zone,
  "attempts"    integer                  NOT NULL DEFAULT 0,
  "last_error"  text,
  "created_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "finished_at" timestamp with time zone,
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['export'::text, 'deletion'::text]))),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);

ALTER TABLE "public"."account_jobs"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."account_jobs" FROM "anon";

CREATE TABLE "public"."bookmarks" (
  "post_id"    uuid                     NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "user_id"    uuid                     NOT NULL DEFAULT auth.uid(),
  CONSTRAINT "bookmarks_pkey" PRIMARY KEY (user_id, post_id)
);

ALTER TABLE "public"."bookmarks"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."bookmarks" FROM "anon";

CREATE TABLE "public"."comment_likes" (
  "comment_id" uuid                     NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "user_id"    uuid                     NOT NULL DEFAULT auth.uid(),
  CONSTRAINT "comment_likes_pkey" PRIMARY KEY (comment_id, user_id)
);

ALTER TABLE "public"."comment_likes"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."comment_likes" FROM "anon";

CREATE TABLE "public"."comment_mentions" (
  "comment_id" uuid NOT NULL,
  "user_id"    uuid NOT NULL,
  CONSTRAINT "comment_mentions_pkey" PRIMARY KEY (comment_id, user_id)
);

ALTER TABLE "public"."comment_mentions"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."comments" (
  "post_id"       uuid                     NOT NULL,
  "parent_id"     uuid,
  "content"       text,
  "likes_count"   bigint                   NOT NULL DEFAULT 0,
  "replies_count" bigint                   NOT NULL DEFAULT 0,
  "edited_at"     timestamp with time zone,
  "deleted_at"    timestamp with time zone,
  "created_at"    timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "content_length" CHECK (((length(content) >= 1) AND (length(content) <= 2000))),
  CONSTRAINT "words_unless_deleted" CHECK (((content IS NULL) = (deleted_at IS NOT NULL))),
  "author_id"     uuid                     NOT NULL DEFAULT auth.uid()
);

ALTER TABLE "public"."comments"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."comments"
  SET (fillfactor=80);

CREATE TABLE "public"."feed_inbox" (
  "user_id"      uuid                     NOT NULL,
  "published_at" timestamp with time zone NOT NULL,
  "post_id"      uuid                     NOT NULL,
  "author_id"    uuid                     NOT NULL,
  CONSTRAINT "feed_inbox_pkey" PRIMARY KEY (user_id, published_at, post_id)
);

ALTER TABLE "public"."feed_inbox"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."feed_inbox" FROM "anon", "authenticated";

CREATE TABLE "public"."feed_state" (
  "user_id"        uuid                     NOT NULL,
  "complete_since" timestamp with time zone NOT NULL,
  "is_settled"     boolean                  NOT NULL DEFAULT false,
  "pulled_at"      timestamp with time zone NOT NULL DEFAULT now(),
  "read_at"        timestamp with time zone NOT NULL DEFAULT now(),
  "trimmed_at"     timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "feed_state_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "public"."feed_state"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."feed_state"
  SET (fillfactor=50);

REVOKE ALL ON TABLE "public"."feed_state" FROM "anon";

CREATE TABLE "public"."follow_requests" (
  "requester_id" uuid                     NOT NULL,
  "target_id"    uuid                     NOT NULL,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "follow_requests_pkey" PRIMARY KEY (requester_id, target_id),
  CONSTRAINT "nobody_asks_themselves" CHECK ((requester_id <> target_id))
);

ALTER TABLE "public"."follow_requests"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."follow_requests" FROM "anon";

CREATE TABLE "public"."follows" (
  "follower_id" uuid                     NOT NULL,
  "followee_id" uuid                     NOT NULL,
  "created_at"  timestamp with time zone NOT NULL DEFAULT now(),
  "is_pulled"   boolean                  NOT NULL DEFAULT false,
  CONSTRAINT "follows_pkey" PRIMARY KEY (follower_id, followee_id),
  CONSTRAINT "nobody_follows_themselves" CHECK ((follower_id <> followee_id))
);

ALTER TABLE "public"."follows"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."follows" FROM "anon";

CREATE TABLE "public"."mutes" (
  "muter_id"   uuid                     NOT NULL,
  "muted_id"   uuid                     NOT NULL,
  "until"      timestamp with time zone,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "mutes_pkey" PRIMARY KEY (muter_id, muted_id),
  CONSTRAINT "nobody_mutes_themselves" CHECK ((muter_id <> muted_id))
);

ALTER TABLE "public"."mutes"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."mutes" FROM "anon";

CREATE TABLE "public"."poll_options" (
  "post_id"  uuid     NOT NULL,
  "position" smallint NOT NULL,
  "label"    text     NOT NULL,
  CONSTRAINT "label_length" CHECK (((length(label) >= 1) AND (length(label) <= 80))),
  CONSTRAINT "poll_options_pkey" PRIMARY KEY (post_id, "position"),
  CONSTRAINT "position_bounded" CHECK ((("position" >= 1) AND ("position" <= 10)))
);

ALTER TABLE "public"."poll_options"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."poll_votes" (
  "post_id"    uuid                     NOT NULL,
  "position"   smallint                 NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "user_id"    uuid                     NOT NULL DEFAULT auth.uid(),
  CONSTRAINT "poll_votes_pkey" PRIMARY KEY (post_id, user_id, "position")
);

ALTER TABLE "public"."poll_votes"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."poll_votes" FROM "anon";

CREATE TABLE "public"."polls" (
  "post_id"     uuid                     NOT NULL,
  "ends_at"     timestamp with time zone NOT NULL,
  "is_multiple" boolean                  NOT NULL DEFAULT false,
  CONSTRAINT "polls_pkey" PRIMARY KEY (post_id)
);

ALTER TABLE "public"."polls"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."post_counts" (
  "post_id"        uuid   NOT NULL,
  "likes_count"    bigint NOT NULL DEFAULT 0,
  "comments_count" bigint NOT NULL DEFAULT 0,
  "shares_count"   bigint NOT NULL DEFAULT 0,
  CONSTRAINT "post_counts_pkey" PRIMARY KEY (post_id)
);

ALTER TABLE "public"."post_counts"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."post_counts"
  SET (fillfactor=50);

CREATE TABLE "public"."post_edits" (
  "post_id"     uuid                     NOT NULL,
  "content"     text,
  "media_urls"  text[]                   NOT NULL,
  "location"    text,
  "tags"        text[]                   NOT NULL,
  "visibility"  text                     NOT NULL,
  "replaced_at" timestamp with time zone NOT NULL DEFAULT now()
);

ALTER TABLE "public"."post_edits"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."post_likes" (
  "post_id"    uuid                     NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "user_id"    uuid                     NOT NULL DEFAULT auth.uid(),
  CONSTRAINT "post_likes_pkey" PRIMARY KEY (post_id, user_id)
);

ALTER TABLE "public"."post_likes"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."post_likes" FROM "anon";

CREATE TABLE "public"."post_mentions" (
  "post_id" uuid NOT NULL,
  "user_id" uuid NOT NULL,
  CONSTRAINT "post_mentions_pkey" PRIMARY KEY (post_id, user_id)
);

ALTER TABLE "public"."post_mentions"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."post_tags" (
  "tag"          text                     NOT NULL,
  "published_at" timestamp with time zone NOT NULL,
  "post_id"      uuid                     NOT NULL,
  "author_id"    uuid                     NOT NULL,
  CONSTRAINT "post_tags_pkey" PRIMARY KEY (TAG, published_at, post_id)
);

ALTER TABLE "public"."post_tags"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."posts" (
  "type"           text                     NOT NULL DEFAULT 'text'::text,
  "content"        text,
  "media_urls"     text[]                   NOT NULL DEFAULT '{}'::text[],
  "location"       text,
  "tags"           text[]                   NOT NULL DEFAULT '{}'::text[],
  "visibility"     text                     NOT NULL DEFAULT 'public'::text,
  "reply_control"  text                     NOT NULL DEFAULT 'everyone'::text,
  "shares_allowed" boolean                  NOT NULL DEFAULT true,
  "shared_post_id" uuid,
  "status"         text                     NOT NULL DEFAULT 'published'::text,
  "scheduled_for"  timestamp with time zone,
  "published_at"   timestamp with time zone,
  "pinned_at"      timestamp with time zone,
  "edited_at"      timestamp with time zone,
  "created_at"     timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at"     timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "content_length" CHECK ((length(content) <= 5000)),
  CONSTRAINT "location_length" CHECK (((length(location) >= 1) AND (length(location) <= 100))),
  CONSTRAINT "media_bounded" CHECK ((cardinality(media_urls) <= 10)),
  CONSTRAINT "only_shares_share" CHECK (((type = 'share'::text) OR (shared_post_id IS NULL))),
  CONSTRAINT "reply_control_known" CHECK ((reply_control = ANY (ARRAY['everyone'::text, 'followers'::text, 'friends'::text, 'mentioned'::text, 'nobody'::text]))),
  CONSTRAINT "status_known" CHECK ((status = ANY (ARRAY['draft'::text, 'scheduled'::text, 'published'::text, 'removed'::text]))),
  CONSTRAINT "tags_bounded" CHECK ((cardinality(tags) <= 30)),
  CONSTRAINT "time_of_a_published_post" CHECK (((status = 'removed'::text) OR ((status = 'published'::text) = (published_at IS NOT NULL)))),
  CONSTRAINT "time_of_a_scheduled_post" CHECK (((status = 'scheduled'::text) = (scheduled_for IS NOT NULL))),
  CONSTRAINT "type_known" CHECK ((type = ANY (ARRAY['text'::text, 'image'::text, 'video'::text, 'reel'::text, 'share'::text]))),
  CONSTRAINT "visibility_known" CHECK ((visibility = ANY (ARRAY['public'::text, 'friends'::text, 'private'::text]))),
  "author_id"      uuid                     NOT NULL DEFAULT auth.uid()
);

ALTER TABLE "public"."posts"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."profile_counts" (
  "user_id"         uuid   NOT NULL,
  "followers_count" bigint NOT NULL DEFAULT 0,
  "following_count" bigint NOT NULL DEFAULT 0,
  "posts_count"     bigint NOT NULL DEFAULT 0,
  CONSTRAINT "profile_counts_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "public"."profile_counts"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "public"."profile_counts"
  SET (fillfactor=50);

CREATE TABLE "public"."reports" (
  "post_id"      uuid,
  "comment_id"   uuid,
  "profile_id"   uuid,
  "subject_kind" text,
  "subject_id"   uuid,
  "accused_id"   uuid,
  "excerpt"      text,
  "reason"       text                     NOT NULL,
  "details"      text,
  "state"        text                     NOT NULL DEFAULT 'open'::text,
  "created_at"   timestamp with time zone NOT NULL DEFAULT now(),
  "decided_at"   timestamp with time zone,
  CONSTRAINT "details_length" CHECK ((length(details) <= 1000)),
  CONSTRAINT "one_subject" CHECK (((num_nonnulls(post_id, comment_id, profile_id) <= 1) AND (num_nulls(subject_kind, subject_id, accused_id) = 0))),
  CONSTRAINT "reason_known"
    CHECK
    ((reason = ANY (ARRAY['spam'::text, 'harassment'::text, 'hate'::text, 'violence'::text, 'nudity'::text, 'self_harm'::text, 'fraud'::text, 'impersonation'::text,
    'other'::text]))),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['open'::text, 'upheld'::text, 'dismissed'::text]))),
  CONSTRAINT "subject_kind_known" CHECK ((subject_kind = ANY (ARRAY['post'::text, 'comment'::text, 'profile'::text]))),
  "reporter_id"  uuid                     NOT NULL DEFAULT auth.uid()
);

ALTER TABLE "public"."reports"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."reports" FROM "anon";

CREATE TABLE "public"."trending_tags" (
  "period"       text                     NOT NULL,
  "rank"         integer                  NOT NULL,
  "tag"          text                     NOT NULL,
  "posts_count"  bigint                   NOT NULL,
  "people_count" bigint                   NOT NULL,
  "computed_at"  timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "period_known" CHECK ((period = ANY (ARRAY['hour'::text, 'day'::text, 'week'::text]))),
  CONSTRAINT "trending_tags_pkey" PRIMARY KEY (period, rank)
);

ALTER TABLE "public"."trending_tags"
  ENABLE ROW LEVEL SECURITY;

CREATE TABLE "public"."verification_requests" (
  "kind"          text                     NOT NULL,
  "level"         text,
  "statement"     text                     NOT NULL,
  "evidence_urls" text[]                   NOT NULL DEFAULT '{}'::text[],
  "state"         text                     NOT NULL DEFAULT 'open'::text,
  "decision"      text,
  "created_at"    timestamp with time zone NOT NULL DEFAULT now(),
  "decided_at"    timestamp with time zone,
  CONSTRAINT "evidence_bounded" CHECK (((cardinality(evidence_urls) <= 5) AND (length((evidence_urls)::text) <= 10000))),
  CONSTRAINT "kind_known" CHECK ((kind = ANY (ARRAY['verification'::text, 'business'::text]))),
  CONSTRAINT "level_known" CHECK ((level = ANY (ARRAY['blue'::text, 'gold'::text, 'premium'::text]))),
  CONSTRAINT "level_of_a_verification" CHECK (((kind = 'verification'::text) = (level IS NOT NULL))),
  CONSTRAINT "state_known" CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'declined'::text, 'withdrawn'::text]))),
  CONSTRAINT "statement_length" CHECK (((length(statement) >= 10) AND (length(statement) <= 2000))),
  "user_id"       uuid                     NOT NULL DEFAULT auth.uid()
);

ALTER TABLE "public"."verification_requests"
  ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."verification_requests" FROM "anon";

ALTER TABLE "public"."profiles"
  ADD COLUMN "is_private" boolean NOT NULL DEFAULT false;

CREATE TYPE "public"."bookmarked_card" AS (
  "id"             uuid,
  "author"         jsonb,
  "type"           text,
  "content"        text,
  "media_urls"     text[],
  "location"       text,
  "tags"           text[],
  "mentions"       jsonb,
  "visibility"     text,
  "reply_control"  text,
  "shares_allowed" boolean,
  "status"         text,
  "published_at"   timestamp WITH time zone,
  "scheduled_for"  timestamp WITH time zone,
  "pinned_at"      timestamp WITH time zone,
  "edited_at"      timestamp WITH time zone,
  "created_at"     timestamp WITH time zone,
  "likes_count"    bigint,
  "comments_count" bigint,
  "shares_count"   bigint,
  "liked"          boolean,
  "bookmarked"     boolean,
  "can_comment"    boolean,
  "poll"           jsonb,
  "shared_post"    jsonb,
  "reason"         text,
  "bookmarked_at"  timestamp WITH time zone
);

CREATE TYPE "public"."comment_card" AS (
  "id"            uuid,
  "post_id"       uuid,
  "parent_id"     uuid,
  "author"        jsonb,
  "content"       text,
  "likes_count"   bigint,
  "replies_count" bigint,
  "liked"         boolean,
  "edited_at"     timestamp WITH time zone,
  "deleted_at"    timestamp WITH time zone,
  "created_at"    timestamp WITH time zone,
  "can_delete"    boolean
);

CREATE TYPE "public"."person_card" AS (
  "id"                 uuid,
  "username"           text,
  "full_name"          text,
  "avatar_url"         text,
  "is_verified"        boolean,
  "verification_level" text,
  "is_private"         boolean,
  "followed_by_me"     boolean,
  "follows_me"         boolean,
  "at"                 timestamp WITH time zone
);

CREATE TYPE "public"."post_card" AS (
  "id"             uuid,
  "author"         jsonb,
  "type"           text,
  "content"        text,
  "media_urls"     text[],
  "location"       text,
  "tags"           text[],
  "mentions"       jsonb,
  "visibility"     text,
  "reply_control"  text,
  "shares_allowed" boolean,
  "status"         text,
  "published_at"   timestamp WITH time zone,
  "scheduled_for"  timestamp WITH time zone,
  "pinned_at"      timestamp WITH time zone,
  "edited_at"      timestamp WITH time zone,
  "created_at"     timestamp WITH time zone,
  "likes_count"    bigint,
  "comments_count" bigint,
  "shares_count"   bigint,
  "liked"          boolean,
  "bookmarked"     boolean,
  "can_comment"    boolean,
  "poll"           jsonb,
  "shared_post"    jsonb,
  "reason"         text
);

CREATE OR REPLACE FUNCTION admin.decide_report (
  p_report   uuid,
  p_operator text,
  p_code     text,
  p_decision text,
  p_reason   text
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  r public.reports;
  v_before jsonb;
  v_settled int;
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  if p_decision is null or p_decision not in ('upheld', 'dismissed') then
    raise exception 'a decision is upheld or dismissed' using errcode = 'invalid_parameter_value';
  end if;
  select * into r from public.reports x where x.id = p_report for update;
  if not found then
    perform app_hidden.fail(404, 'reports.not_found', 'There is no such report.', 'Look into admin.reports.');
  elsif r.state <> 'open' then
    perform app_hidden.fail(409, 'reports.decided', format('This report was %s already.', r.state), 'Look into admin.reports.');
  end if;
  -- What was said stands in the reports, which go with their author; the audit stays.
  v_before := jsonb_build_object('kind', r.subject_kind, 'author_id', r.accused_id, 'state', r.state);
  if p_decision = 'upheld' then
    update public.posts p set status = 'removed' where p.id = r.post_id and p.status = 'published';
    -- Emptied and not deleted: its reports are told by it.
    update public.comments c set content = null, deleted_at = now() where c.id = r.comment_id and c.deleted_at is null;
  end if;
  update public.reports x set state = p_decision, decided_at = now()
  where x.state = 'open' and x.subject_id = r.subject_id;
  get diagnostics v_settled = row_count;
  insert into admin.audit_log (operator, action, target, reason, before, after)
  values (p_operator, 'decide_report', r.subject_id::text, p_reason, v_before,
    jsonb_build_object('report_id', r.id, 'decision', p_decision, 'settled', v_settled));
  return v_settled;
end
$function$;

CREATE OR REPLACE FUNCTION admin.decide_verification_request (
  p_id       uuid,
  p_operator text,
  p_code     text,
  p_approve  boolean,
  p_reason   text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  r public.verification_requests;
  v_before jsonb;
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  select * into r from public.verification_requests x where x.id = p_id for update;
  if not found then
    perform app_hidden.fail(404, 'users.verification_not_found', 'There is no such request.', 'Look into admin.verification_queue.');
  elsif r.state <> 'open' then
    perform app_hidden.fail(409, 'admin.verification_decided', format('This request was %s already.', r.state), 'Look into admin.verification_queue.');
  end if;
  v_before := admin.verification_state(r.user_id);
  update public.verification_requests x
  set state = case when p_approve then 'approved' else 'declined' end, decision = p_reason, decided_at = now() where x.id = p_id;
  if p_approve and r.kind = 'verification' then
    update public.profiles p set is_verified = true, verification_level = r.level where p.id = r.user_id;
  elsif p_approve then
    update public.profiles p set is_business_account = true where p.id = r.user_id;
  end if;
  insert into admin.audit_log (operator, action, target, reason, before, after)
  values (p_operator, case when p_approve then 'approve_verification' else 'decline_verification' end, r.user_id::text, p_reason, v_before,
    admin.verification_state(r.user_id) || jsonb_build_object('request_id', r.id, 'kind', r.kind, 'level', r.level));
end
$function$;

CREATE OR REPLACE FUNCTION admin.restore_post (
  p_post     uuid,
  p_operator text,
  p_code     text,
  p_reason   text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  update public.posts p set status = 'published'
  where p.id = p_post and p.status = 'removed';
  if not found then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post that was removed.', 'Look for it in admin.audit_log.');
  end if;
  insert into admin.audit_log (operator, action, target, reason)
  values (p_operator, 'restore_post', p_post::text, p_reason);
end
$function$;

CREATE OR REPLACE FUNCTION admin.take_verification (
  p_username text,
  p_kind     text,
  p_operator text,
  p_code     text,
  p_reason   text
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_user uuid;
  v_before jsonb;
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  v_user := admin.person(p_username);
  v_before := admin.verification_state(v_user);
  if p_kind = 'verification' then
    update public.profiles p set is_verified = false, verification_level = null where p.id = v_user;
  elsif p_kind = 'business' then
    update public.profiles p set is_business_account = false where p.id = v_user;
  else
    raise exception 'a kind is verification or business' using errcode = 'invalid_parameter_value';
  end if;
  insert into admin.audit_log (operator, action, target, reason, before, after)
  values (p_operator, 'take_verification', v_user::text, p_reason, v_before, admin.verification_state(v_user));
end
$function$;

CREATE OR REPLACE FUNCTION admin.verification_state (
  p_user uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object('is_verified', p.is_verified, 'verification_level', p.verification_level, 'is_business_account', p.is_business_account)
    from public.profiles p where p.id = p_user
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.are_addresses (
  p_urls text[]
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return coalesce(array_ndims(p_urls), 1) = 1
    and not exists (select from unnest(p_urls) u where (u ~ '^https?://\S+$' and length(u) <= 2048) is not true);
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.assert_cursor (
  p_before    timestamp with time zone,
  p_before_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if p_before is null and p_before_id is not null then
    perform app_hidden.fail(400, 'request.invalid_cursor', 'An id alone says not where a page begins.',
      'Pass what the last row is ordered by, too: both of its values, or neither for the first page.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.assert_fields (
  p         jsonb,
  p_allowed jsonb
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
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', v_hint);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.clean_tags (
  p_tags text[]
)
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_tag text;
  v_clean text[] := '{}';
begin
  foreach v_tag in array p_tags loop
    v_tag := lower(ltrim(v_tag, '#') collate pg_catalog.pg_c_utf8);
    if app_hidden.tags_in('#' || v_tag) is distinct from array[v_tag] then
      perform app_hidden.fail(422, 'posts.tag_invalid', format('%L is not a tag.', left(v_tag, 60)), 'Use 1 to 50 letters, digits and underscores, with one letter at least.');
    end if;
    v_clean := v_clean || v_tag;
  end loop;
  return v_clean;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.comment_facts (
  p_ids     uuid[],
  p_authors uuid[]
)
  RETURNS TABLE (
    comment_id    uuid,
    author        jsonb,
    likes_added   bigint,
    replies_added bigint,
    liked         boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := '{}';
begin
  if v_me is not null then
    v_hidden := array(select app_hidden.hidden_people());
  end if;
  return query
  select w.id,
    jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
      'is_verified', p.is_verified, 'verification_level', p.verification_level),
    coalesce(d.likes, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.comment_likes l where l.comment_id = w.id and l.user_id = any (v_hidden)) end,
    coalesce(d.replies, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.comments a where a.parent_id = w.id and a.author_id = any (v_hidden) and a.deleted_at is null) end,
    v_me is not null and exists (select from public.comment_likes l where l.comment_id = w.id and l.user_id = v_me)
  from unnest(p_ids, p_authors) w (id, author_id)
  join public.profiles p on p.id = w.author_id
  left join (
    select x.target,
      (sum(x.delta) filter (where x.counter = 'comment_likes_count'))::bigint as likes,
      (sum(x.delta) filter (where x.counter = 'replies_count'))::bigint as replies
    from app_private.count_deltas x where x.target = any (p_ids) group by x.target
  ) d on d.target = w.id;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.feed_cards_of (
  p_ids uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query
  select c.id, c.author, c.type, c.content, c.media_urls, c.location, c.tags, c.mentions, c.visibility, c.reply_control, c.shares_allowed,
    c.status, c.published_at, c.scheduled_for, c.pinned_at, c.edited_at, c.created_at, c.likes_count, c.comments_count, c.shares_count,
    c.liked, c.bookmarked, c.can_comment, c.poll, c.shared_post,
    case when c.author ->> 'id' = (select auth.uid()::text) then 'self' else 'followed' end
  from public.post_cards(p_ids) c
  where c.status = 'published'; -- a post of mine that was taken down is not in the feed
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.feed_ids (
  p_limit     integer,
  p_before    timestamp with time zone,
  p_before_id uuid
)
  RETURNS TABLE (
    ids     uuid[],
    last_at timestamp with time zone,
    last_id uuid,
    more    boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_muted uuid[] := app_private.muted_by(v_me);
  v_since timestamptz;
  v_count int;
begin
  -- State and inbox in one statement: trimmed in between, posts would be missing that the state still promises.
  select
    coalesce(array_agg(w.post_id order by w.published_at desc, w.post_id desc) filter (where w.is_shown), '{}'),
    count(*), min(w.published_at), (array_agg(w.post_id order by w.published_at, w.post_id))[1],
    coalesce((select s.complete_since from public.feed_state s where s.user_id = v_me), 'infinity')
  into ids, v_count, last_at, last_id, v_since
  from (
    select i.post_id, i.published_at, i.author_id = v_me or (
      exists (select from public.follows f where f.follower_id = v_me and f.followee_id = i.author_id)
      and i.author_id <> all (v_muted)
    ) as is_shown
    from public.feed_inbox i
    where i.user_id = v_me and (i.published_at, i.post_id) < (p_before, p_before_id)
      and i.published_at >= (select s.complete_since from public.feed_state s where s.user_id = v_me)
    order by i.published_at desc, i.post_id desc
    limit p_limit
  ) w;
  more := v_count = p_limit;
  if not more and v_since > '-infinity' then
    return query
    select feed_ids.ids || o.ids, coalesce(o.last_at, feed_ids.last_at), coalesce(o.last_id, feed_ids.last_id), o.more
    from app_private.older_feed_ids(v_me, p_limit - v_count,
      least(p_before, v_since), case when p_before < v_since then p_before_id else '00000000-0000-0000-0000-000000000000' end) o;
  else
    return next;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.hidden_people()
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 10
  SET search_path TO ''
  AS $function$
begin
  return query
  select b.blocked_id from public.blocks b where b.blocker_id = auth.uid()
  union all
  select b.blocker_id from public.blocks b where b.blocked_id = auth.uid();
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_notification_settings (
  p_settings jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_typeof(p_settings) = 'object' and not exists (
    select from jsonb_each(p_settings) s
    where s.key not in ('follows', 'likes', 'comments', 'mentions', 'messages', 'groups', 'wallet', 'calls')
      or jsonb_typeof(s.value) <> 'object'
  ) and not exists (
    select from jsonb_each(p_settings) s,
      lateral jsonb_each(case jsonb_typeof(s.value) when 'object' then s.value else '{}' end) c
    where c.key not in ('in_app', 'push') or jsonb_typeof(c.value) <> 'boolean'
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_of_kind (
  p_value jsonb,
  p_kind  text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_text text := p_value #>> '{}';
begin
  case p_kind
    when 'time' then
      return jsonb_typeof(p_value) = 'string'
        and v_text ~ '^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.]\d{1,9})?)?([Zz]|[+-]\d\d(:?\d\d)?)$'
        and pg_input_is_valid(v_text, 'timestamptz');
    when 'uuid' then
      return jsonb_typeof(p_value) = 'string' and pg_input_is_valid(v_text, 'uuid');
    when 'strings' then
      return jsonb_typeof(p_value) = 'array' and not jsonb_path_exists(p_value, 'strict $[*] ? (@.type() != "string" && @.type() != "null")');
    else
      return jsonb_typeof(p_value) = p_kind;
  end case;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.is_privacy_settings (
  p_settings jsonb
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_typeof(p_settings) = 'object' and not exists (
    select from jsonb_each(p_settings) s
    where not case
      when s.key in ('is_private', 'hide_follower_lists', 'hide_presence', 'hide_read_receipts') then jsonb_typeof(s.value) = 'boolean'
      when s.key in ('who_can_message', 'who_can_mention', 'who_can_call', 'who_can_invite', 'who_can_comment') then
        s.value in ('"everyone"', '"followers"', '"friends"', '"nobody"')
      else false
    end
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.likes_of (
  p_post uuid
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return coalesce((select c.likes_count from public.post_counts c where c.post_id = p_post), 0)
    + app_private.pending_count(p_post, 'likes_count')
    - (select count(*) from public.post_likes l where l.post_id = p_post and l.user_id in (select app_hidden.hidden_people()));
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.lock_my_vote (
  p_post uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_vote(p_post, auth.uid());
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.mentions_of (
  p_post uuid
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
    where m.post_id = p_post
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.merge_tags (
  p_tags text[],
  p_more text[]
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
begin
  return array(
    select t.tag from (
      select u.tag, min(u.n) as n from unnest(p_tags || p_more) with ordinality u (tag, n) group by u.tag
    ) t
    order by t.n limit 30
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.new_id()
  RETURNS uuid
  LANGUAGE plpgsql
  PARALLEL SAFE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return app_private.uuid_v7();
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.plain_name (
  p_name text
)
  RETURNS text
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
begin
  if octet_length(p_name) = length(p_name) then
    return lower(p_name collate pg_catalog.pg_c_utf8); -- ASCII, as most names: a fifth of the time, and a search asks of hundreds
  end if;
  return translate(
    lower(regexp_replace(normalize(p_name, nfkd), '[\u0300-\u036f]', '', 'g') collate pg_catalog.pg_c_utf8), 'đłøħıðŧ', 'dlohidt');
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.poll_of (
  p_post uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object(
      'ends_at', q.ends_at, 'is_multiple', q.is_multiple, 'is_over', q.ends_at <= now(),
      'votes_count', sum(t.votes)::bigint,
      'options', jsonb_agg(jsonb_build_object('position', o.position, 'label', o.label, 'votes_count', t.votes, 'mine', t.mine) order by o.position))
    from public.polls q
    join public.poll_options o on o.post_id = q.post_id
    join app_hidden.poll_tally(p_post) t on t.position = o.position
    where q.post_id = p_post
    group by q.post_id
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.poll_tally (
  p_post uuid
)
  RETURNS TABLE (
    "position" smallint,
    votes      bigint,
    mine       boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 4
  SET search_path TO ''
  AS $function$
begin
  return query
  select o.position,
    coalesce((select sum(t.votes) from app_private.poll_tallies t where t.post_id = o.post_id and t.position = o.position), 0)::bigint,
    exists (select from public.poll_votes v where v.post_id = o.post_id and v.position = o.position and v.user_id = auth.uid())
  from public.poll_options o where o.post_id = p_post;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.post_facts (
  p_ids            uuid[],
  p_authors        uuid[],
  p_reply_controls text[]
)
  RETURNS TABLE (
    post_id        uuid,
    author         jsonb,
    likes_count    bigint,
    comments_count bigint,
    shares_count   bigint,
    liked          boolean,
    bookmarked     boolean,
    can_comment    boolean,
    has_poll       boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 20
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET plan_cache_mode TO 'force_generic_plan'
  AS $function$
declare
  v_me uuid := auth.uid();
  v_hidden uuid[] := '{}';
begin
  if v_me is not null then
    v_hidden := array(select app_hidden.hidden_people());
  end if;
  return query
  select w.id,
    jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
      'is_verified', p.is_verified, 'verification_level', p.verification_level),
    coalesce(c.likes_count, 0) + coalesce(d.likes, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.post_likes l where l.post_id = w.id and l.user_id = any (v_hidden)) end,
    coalesce(c.comments_count, 0) + coalesce(d.comments, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.comments x where x.post_id = w.id and x.author_id = any (v_hidden) and x.deleted_at is null) end,
    coalesce(c.shares_count, 0) + coalesce(d.shares, 0) - case when v_hidden = '{}' then 0 else (
      select count(*) from public.posts s where s.shared_post_id = w.id and s.author_id = any (v_hidden) and s.status = 'published') end,
    v_me is not null and exists (select from public.post_likes l where l.post_id = w.id and l.user_id = v_me),
    v_me is not null and exists (select from public.bookmarks b where b.post_id = w.id and b.user_id = v_me),
    v_me is not null and (w.author_id = v_me or (
      a.allowed <> 'nobody' and w.reply_control <> 'nobody'
      and case when 'friends' not in (a.allowed, w.reply_control) then true else
        exists (select from public.follows f where f.follower_id = w.author_id and f.followee_id = v_me) end
      and case when a.allowed = 'everyone' and w.reply_control in ('everyone', 'mentioned') then true else
        exists (select from public.follows f where f.follower_id = v_me and f.followee_id = w.author_id) end
      and case when w.reply_control <> 'mentioned' then true else
        exists (select from public.post_mentions m where m.post_id = w.id and m.user_id = v_me) end)),
    exists (select from public.polls q where q.post_id = w.id)
  from unnest(p_ids, p_authors, p_reply_controls) w (id, author_id, reply_control)
  join public.profiles p on p.id = w.author_id
  left join public.post_counts c on c.post_id = w.id
  left join (
    select x.target,
      (sum(x.delta) filter (where x.counter = 'likes_count'))::bigint as likes,
      (sum(x.delta) filter (where x.counter = 'comments_count'))::bigint as comments,
      (sum(x.delta) filter (where x.counter = 'shares_count'))::bigint as shares
    from app_private.count_deltas x where x.target = any (p_ids) group by x.target
  ) d on d.target = w.id
  left join public.account_settings s on s.user_id = w.author_id
  cross join lateral (select coalesce(s.privacy_settings ->> 'who_can_comment', 'everyone')) a (allowed);
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.prepare_feed()
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is not null then
    perform app_private.prepare_feed(auth.uid());
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.set_poll (
  p_post     uuid,
  p_poll     jsonb,
  p_opens_at timestamp with time zone
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_options text[];
  v_ends_at timestamptz;
begin
  if not exists (select from public.posts p where p.id = p_post and p.author_id = auth.uid() and p.status in ('draft', 'scheduled')) then
    perform app_hidden.fail(409, 'posts.already_published', 'The poll of a published post stays as it is.', 'Delete the post and write another one.');
  end if;
  delete from public.polls q where q.post_id = p_post;
  if p_poll is null or p_poll = 'null' then
    return;
  end if;
  perform app_hidden.assert_fields(p_poll, '{"options": "strings", "ends_at": "time", "is_multiple": "boolean"}');
  v_options := array(select btrim(o) from unnest(app_hidden.texts(p_poll -> 'options')) o);
  v_ends_at := (p_poll ->> 'ends_at')::timestamptz;
  if cardinality(v_options) not between 2 and 10
    or exists (select from unnest(v_options) o where o is null or length(o) not between 1 and 80)
    or v_ends_at is null or v_ends_at <= p_opens_at or v_ends_at > p_opens_at + interval '30 days' then
    perform app_hidden.fail(422, 'posts.poll_invalid', 'A poll has 2 to 10 options of 1 to 80 characters and ends within 30 days.', 'Mend `options` or `ends_at`.');
  end if;
  if (select count(distinct lower(o)) from unnest(v_options) o) < cardinality(v_options) then
    perform app_hidden.fail(422, 'posts.poll_invalid', 'Two options of the poll are the same.', 'Send `options` that differ in more than their case.');
  end if;
  insert into public.polls (post_id, ends_at, is_multiple)
  values (p_post, v_ends_at, coalesce((p_poll ->> 'is_multiple')::boolean, false));
  insert into public.poll_options (post_id, position, label)
  select p_post, o.n, o.label from unnest(v_options) with ordinality o (label, n);
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.shared_cards (
  p_ids uuid[]
)
  RETURNS TABLE (
    id   uuid,
    card jsonb
  )
  LANGUAGE plpgsql
  STABLE
  ROWS 1
  SET search_path TO ''
  AS $function$
begin
  if p_ids is not null then
    return query select c.id, to_jsonb(c) - 'shared_post' from public.post_cards(p_ids) c where c.status = 'published';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.shown_visibilities (
  p_author uuid
)
  RETURNS text[]
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  r record;
begin
  select * into r from app_private.relation(auth.uid(), p_author);
  return case
    when r.is_self then '{public,friends,private}'::text[]
    when r.is_self is null or r.is_blocked or (r.is_private and not r.follows) then '{}'
    when r.follows and r.is_followed then '{public,friends}'
    else '{public}' end;
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.tags_in (
  p_content text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  PARALLEL SAFE
  STRICT
  SET search_path TO ''
  AS $function$
begin
  return array(
    select lower(m[1] collate pg_catalog.pg_c_utf8)
    from regexp_matches(
      p_content collate pg_catalog.pg_c_utf8,
      '(?<![[:alnum:]_/&#])#((?:[^[:space:][:punct:][:cntrl:]\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]|_){1,50})(?![[:alnum:]_])', 'g'
    ) with ordinality r (m, n)
    where m[1] collate pg_catalog.pg_c_utf8 ~ '[[:alpha:]]' -- #1 is a place, not a subject
    order by n
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_hidden.texts (
  p jsonb
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return array(select t from jsonb_array_elements_text(coalesce(nullif(p, 'null'), '[]')) t);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.account_job (
  j public.account_jobs
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object('id', j.id, 'kind', j.kind, 'state', j.state, 'run_after', j.run_after, 'reason', j.reason,
    'expires_at', j.expires_at, 'created_at', j.created_at, 'finished_at', j.finished_at);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.acting_person()
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce(auth.uid(), nullif(current_setting('astra.actor', true), '')::uuid);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.admits (
  p_audience    text,
  p_follows     boolean,
  p_is_followed boolean
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return case p_audience
    when 'everyone' then true
    when 'followers' then p_follows
    when 'friends' then p_follows and p_is_followed
    else false
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.approve_all_follow_requests (
  p_actor uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return jsonb_build_object('approved', app_private.approve_requests(p_actor, null));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.approve_follow_request (
  p_actor     uuid,
  p_requester uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_pairs(array[p_actor], array[p_requester]);
  perform app_private.assert_person(p_actor, p_requester);
  if app_private.approve_requests(p_actor, p_requester) = 0
    and not exists (select from public.follows f where f.follower_id = p_requester and f.followee_id = p_actor) then
    perform app_hidden.fail(404, 'follows.request_not_found', 'This person does not ask to follow you.', 'Take an id from the list of requests.');
  end if;
  return jsonb_build_object('user_id', p_requester, 'status', 'approved');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.approve_requests (
  p_target    uuid,
  p_requester uuid
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_approved int;
begin
  perform app_private.note_actor(p_target);
  -- As the follows below will do, but before any request is held: who is being deleted holds the profile and wants the request.
  perform from public.profiles p
  where p.id in (
    select r.requester_id from public.follow_requests r
    where r.target_id = p_target and (p_requester is null or r.requester_id = p_requester)
  )
  order by p.id for key share;
  with taken as (
    delete from public.follow_requests r
    using public.profiles p -- not of those who were deleted a moment ago
    where r.target_id = p_target and (p_requester is null or r.requester_id = p_requester) and p.id = r.requester_id
    returning r.requester_id
  )
  insert into public.follows (follower_id, followee_id)
  select t.requester_id, p_target from taken t
  on conflict do nothing;
  get diagnostics v_approved = row_count;
  return v_approved;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_calm (
  p_what   text,
  p_author uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_since timestamptz := now() - interval '1 hour';
begin
  if auth.uid() is null then
    return; -- nobody's app: an import, a worker, an operator
  end if;
  if p_what = 'posts' and exists (select from public.posts p where p.author_id = p_author and p.created_at > v_since offset 119) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have written 120 posts within an hour.', 'Wait some minutes.');
  elsif p_what = 'comments' and exists (select from public.comments c where c.author_id = p_author and c.created_at > v_since offset 599) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have written 600 comments within an hour.', 'Wait some minutes.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_comment (
  p_viewer  uuid,
  p_comment uuid
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_author uuid;
begin
  select c.author_id into v_author from public.comments c
  where c.id = p_comment and c.deleted_at is null
    and app_private.can_view_post(p_viewer, c.post_id) and app_private.can_view_profile(p_viewer, c.author_id);
  if not found then
    perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
  end if;
  return v_author;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_complete (
  p_post public.posts
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_post.type in ('image', 'video', 'reel') and cardinality(p_post.media_urls) = 0 then
    perform app_hidden.fail(422, 'posts.media_required', format('A post of type %s needs a medium.', p_post.type), 'Send media_urls.');
  end if;
  if p_post.type = 'text' and p_post.content is null and not exists (select from public.polls q where q.post_id = p_post.id) then
    perform app_hidden.fail(422, 'posts.empty', 'A post of type text needs content or a poll.', 'Send `content`.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_known (
  p_actor  uuid,
  p_target uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if not exists (select from public.blocks b where b.blocker_id = p_actor and b.blocked_id = p_target) then
    perform app_private.assert_person(p_actor, p_target);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_lists (
  p_viewer uuid,
  p_owner  uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if not app_private.can_view_profile(p_viewer, p_owner) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  elsif not app_private.can_view_lists(p_viewer, p_owner) then
    perform app_hidden.fail(403, 'users.lists_hidden', 'This person does not show who follows them and whom they follow.',
      'Of a private account, followers see the lists, unless it hides them from everybody. Its counts are on the profile.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_may_follow_more (
  p_actor uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_hour_ago timestamptz := now() - interval '1 hour';
  v_lately bigint;
  v_all bigint;
begin
  select count(*) into v_lately from (
    (select from public.follows f where f.follower_id = p_actor and f.created_at > v_hour_ago limit 200)
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
  if auth.uid() <> p_person then
    raise insufficient_privilege using message = 'Nobody writes in the name of somebody else.';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_person (
  p_actor  uuid,
  p_target uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if exists (select from public.blocks b where b.blocker_id = p_actor and b.blocked_id = p_target) then
    perform app_hidden.fail(409, 'follows.blocked', 'You have blocked this person.', 'Unblock them first: DELETE users/block/:id.');
  elsif not app_private.can_view_profile(p_actor, p_target) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_post (
  p_viewer uuid,
  p_post   uuid
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if not app_private.can_view_post(p_viewer, p_post) then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_post_fields (
  p_post public.posts
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_limit text := case
    when p_post.type is null or p_post.type not in ('text', 'image', 'video', 'reel', 'share') then '`type` as text, image, video, reel or share'
    when length(p_post.content) > 5000 then '`content` of at most 5,000 characters'
    when p_post.media_urls is null or cardinality(p_post.media_urls) > 10 then '`media_urls` as a list of at most 10'
    when length(p_post.location) > 100 then '`location` of at most 100 characters'
    when p_post.tags is null or cardinality(p_post.tags) > 30 then '`tags` as a list of at most 30'
    when p_post.visibility is null or p_post.visibility not in ('public', 'friends', 'private') then '`visibility` as public, friends or private'
    when p_post.reply_control is null or p_post.reply_control not in ('everyone', 'followers', 'friends', 'mentioned', 'nobody')
      then '`reply_control` as everyone, followers, friends, mentioned or nobody'
    when p_post.shares_allowed is null then '`shares_allowed` as true or false'
    when p_post.status is null or p_post.status not in ('draft', 'scheduled', 'published', 'removed') then '`status` as draft, scheduled or published'
    when p_post.type <> 'share' and p_post.shared_post_id is not null then '`shared_post_id` with the type share only'
    end;
begin
  if v_limit is not null then
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', v_limit));
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_report (
  p_report public.reports
)
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_report.reason is null or p_report.reason not in ('spam', 'harassment', 'hate', 'violence', 'nudity', 'self_harm', 'fraud', 'impersonation', 'other') then
    perform app_hidden.fail(422, 'reports.reason_invalid', 'There is no such reason for a report.',
      'Send `reason` as spam, harassment, hate, violence, nudity, self_harm, fraud, impersonation or other.');
  elsif length(p_report.details) > 1000 then
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', '`details` of at most 1,000 characters'));
  elsif num_nonnulls(p_report.post_id, p_report.comment_id, p_report.profile_id) <> 1 then
    perform app_hidden.fail(422, 'posts.field_invalid', 'There is no such field, or it has no such value.', format('Send %s.', 'one of post_id, comment_id and profile_id'));
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.assert_room_for_pin (
  p_author uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Two that are pinned at once would not see each other.
  perform pg_advisory_xact_lock(hashtextextended('posts.pin ' || p_author, 0));
  if (select count(*) from public.posts p where p.author_id = p_author and p.pinned_at is not null) >= 3 then
    perform app_hidden.fail(422, 'posts.too_many_pinned', 'At most three posts can be pinned.', 'Unpin another post first.');
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.backfill_feed (
  p_user   uuid,
  p_author uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_since timestamptz;
  v_count int;
  v_oldest timestamptz;
begin
  select s.complete_since into v_since from public.feed_state s where s.user_id = p_user for no key update skip locked;
  if not found then
    return not exists (select from public.feed_state s where s.user_id = p_user); -- cold: built from the follows when it is read
  end if;
  with found as materialized (
    select p.id, p.published_at from public.posts p
    where p.author_id = p_author and p.status = 'published' and p.published_at >= v_since
      and exists (select from public.follows f where f.follower_id = p_user and f.followee_id = p_author)
      and (p.visibility = 'public' or (p.visibility = 'friends' and exists (
        select from public.follows b where b.follower_id = p_author and b.followee_id = p_user
      )))
    order by p.published_at desc, p.id desc
    limit 1000
  ), stored as (
    insert into public.feed_inbox (user_id, published_at, post_id, author_id)
    select p_user, f.published_at, f.id, p_author from found f
    on conflict do nothing
  )
  select count(*), min(f.published_at) into v_count, v_oldest from found f;
  if v_count = 1000 then
    update public.feed_state s set complete_since = v_oldest + interval '1 microsecond' where s.user_id = p_user;
  end if;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.block_person (
  p_actor  uuid,
  p_target uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if p_actor = p_target then
    perform app_hidden.fail(422, 'follows.to_oneself', 'Nobody blocks themselves.', 'Name somebody else.');
  end if;
  perform app_private.assert_known(p_actor, p_target);
  perform app_private.note_actor(p_actor);
  insert into public.blocks (blocker_id, blocked_id) values (p_actor, p_target) on conflict do nothing;
  return jsonb_build_object('user_id', p_target, 'status', 'blocked');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.build_feed (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_days double precision := 0.25;
  v_from timestamptz;
  v_before timestamptz := 'infinity';
  v_before_id uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_room int := 1000;
  v_count int;
  v_since timestamptz;
begin
  -- Widening, so that who follows thousands does not sort all of their posts for the newest few, and who follows three gets them all.
  loop
    v_from := case when v_days < 365 then now() - v_days * interval '1 day' else '-infinity' end;
    with pulled as materialized (
      select p.post_id, p.published_at, p.author_id from app_private.pull_posts(p_user, v_from, v_before, v_before_id, v_room) p
    ), stored as (
      insert into public.feed_inbox (user_id, published_at, post_id, author_id)
      select p_user, p.published_at, p.post_id, p.author_id from pulled p
      on conflict do nothing
    )
    select count(*), min(p.published_at) into v_count, v_since from pulled p;
    if v_count = v_room then
      v_from := v_since + interval '1 microsecond'; -- of the last moment there may be more
      exit;
    end if;
    v_room := v_room - v_count;
    exit when v_room <= 700 or v_from = '-infinity'; -- pages enough; what is older is fetched when somebody goes there
    -- As far as 500 posts should reach, by what there was up to here: each window is a probe for each followee.
    v_days := v_days * least(greatest(500.0 / greatest(1000 - v_room, 1), 4), 64);
    v_before := v_from;
    v_before_id := '00000000-0000-0000-0000-000000000000';
  end loop;
  update public.feed_state s set complete_since = v_from where s.user_id = p_user;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_comment (
  p_viewer uuid,
  p_post   uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return app_private.can_view_post(p_viewer, p_post) and coalesce((
    select p_viewer is not null and p.status = 'published' and (
      p.author_id = p_viewer
      or (
        app_private.may_reach(p_viewer, p.author_id, 'who_can_comment')
        and case p.reply_control
          when 'mentioned' then exists (select from public.post_mentions m where m.post_id = p.id and m.user_id = p_viewer)
          else app_private.is_in_audience(p_viewer, p.author_id, p.reply_control)
        end
      )
    )
    from public.posts p where p.id = p_post
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_content (
  p_viewer uuid,
  p_owner  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select r.is_self or (not r.is_blocked and (r.follows or not r.is_private)) from app_private.relation(p_viewer, p_owner) r
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_lists (
  p_viewer uuid,
  p_owner  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return p_viewer is not distinct from p_owner or (
    app_private.can_view_content(p_viewer, p_owner)
    and not coalesce((
      select (s.privacy_settings ->> 'hide_follower_lists')::boolean from public.account_settings s where s.user_id = p_owner
    ), false)
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
    select r.is_self or (p.status = 'published' and not r.is_blocked and case p.visibility
      when 'public' then r.follows or not r.is_private
      when 'friends' then r.follows and r.is_followed
      else false end)
    from public.posts p cross join lateral app_private.relation(p_viewer, p.author_id) r
    where p.id = p_post
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.can_view_profile (
  p_viewer uuid,
  p_owner  uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((select not r.is_blocked from app_private.relation(p_viewer, p_owner) r), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.cancel_deletion (
  p_actor uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  j public.account_jobs;
begin
  -- Waits for a worker that is about to delete. What is asked after that sees what became of it.
  select * into j from public.account_jobs x
  where x.user_id = p_actor and x.kind = 'deletion' and x.state in ('queued', 'running') for update;
  if not found or not exists (select from auth.users u where u.id = p_actor) then
    perform app_hidden.fail(404, 'users.deletion_not_found', 'No deletion of this account is waiting.', 'There is nothing to take back.');
  end if;
  update public.account_jobs x set state = 'cancelled', finished_at = now() where x.id = j.id returning * into j;
  return app_private.account_job(j);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.claim_account_jobs (
  p_limit integer,
  p_lease interval
)
  RETURNS TABLE (
    id       uuid,
    user_id  uuid,
    kind     text,
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
    select j.id from public.account_jobs j
    where j.state in ('queued', 'running') and j.run_after <= now()
    order by j.run_after limit least(greatest(p_limit, 1), 100)
    for update skip locked
  )
  update public.account_jobs j
  set state = 'running', attempts = j.attempts + 1, run_after = clock_timestamp() + p_lease
  from due where j.id = due.id
  returning j.id, j.user_id, j.kind, j.attempts;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.clear_author (
  p_user   uuid,
  p_author uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Locked, so that a backfill of a new follow comes before or after this as a whole.
  perform from public.feed_state s where s.user_id = p_user for no key update skip locked;
  if not found then
    return not exists (select from public.feed_state s where s.user_id = p_user);
  end if;
  delete from public.feed_inbox i
  where i.user_id = p_user and i.author_id = p_author
    and not exists (select from public.follows f where f.follower_id = p_user and f.followee_id = p_author);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_changed_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
  v_deltas bigint[];
begin
  select array_agg(a.author_id), array_agg(a.shared_post_id), array_agg(case a.status when 'published' then 1 else -1 end)
  into v_authors, v_shared, v_deltas
  from after a join before b on b.id = a.id
  where (a.status = 'published') <> (b.status = 'published');
  if v_deltas is not null then
    perform app_private.count_profile('posts_count', v_authors, v_deltas);
    perform app_private.count_post('shares_count', v_shared, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_comment (
  p_counter text,
  p_targets uuid[],
  p_deltas  bigint[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  with wanted as materialized (
    select u.target, sum(u.delta)::bigint as delta
    from unnest(p_targets, p_deltas) u (target, delta) where u.target is not null group by u.target having sum(u.delta) <> 0
  ), free as materialized (
    select c.id from public.comments c
    where c.id in (select w.target from wanted w)
    for no key update skip locked
  ), changed as (
    update public.comments c set
      likes_count = c.likes_count + case p_counter when 'comment_likes_count' then w.delta else 0 end,
      replies_count = c.replies_count + case p_counter when 'replies_count' then w.delta else 0 end
    from wanted w join free f on f.id = w.target
    where c.id = w.target
    returning c.id
  )
  insert into app_private.count_deltas (target, counter, delta)
  select w.target, p_counter, w.delta from wanted w
  where w.target not in (select c.id from changed c) and exists (select from public.comments c where c.id = w.target);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_comment_likes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_comments uuid[];
  v_deltas bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(a.comment_id), array_agg(1) into v_comments, v_deltas from added a;
  else
    select array_agg(g.comment_id), array_agg(-1) into v_comments, v_deltas from gone g;
  end if;
  if v_deltas is not null then
    perform app_private.count_comment('comment_likes_count', v_comments, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_comments()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_posts uuid[];
  v_parents uuid[];
  v_deltas bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(a.post_id), array_agg(a.parent_id), array_agg(1) into v_posts, v_parents, v_deltas
    from added a where a.deleted_at is null;
  else
    delete from app_private.count_deltas d where d.target in (select g.id from gone g);
    select array_agg(g.post_id), array_agg(g.parent_id), array_agg(-1) into v_posts, v_parents, v_deltas
    from gone g where g.deleted_at is null;
  end if;
  if v_deltas is not null then
    perform app_private.count_post('comments_count', v_posts, v_deltas);
    perform app_private.count_comment('replies_count', v_parents, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_deleted_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
  v_deltas bigint[];
begin
  delete from app_private.count_deltas d where d.target in (select g.id from gone g);
  select array_agg(g.author_id), array_agg(g.shared_post_id), array_agg(-1)
  into v_authors, v_shared, v_deltas from gone g where g.status = 'published';
  if v_deltas is not null then
    perform app_private.count_profile('posts_count', v_authors, v_deltas);
    perform app_private.count_post('shares_count', v_shared, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_emptied_comment()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.count_post('comments_count', array[new.post_id], array[-1]);
  perform app_private.count_comment('replies_count', array[new.parent_id], array[-1]);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_follows()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_followers uuid[];
  v_followees uuid[];
  v_deltas bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(a.follower_id), array_agg(a.followee_id), array_agg(1) into v_followers, v_followees, v_deltas from added a;
  else
    select array_agg(g.follower_id), array_agg(g.followee_id), array_agg(-1) into v_followers, v_followees, v_deltas from gone g;
  end if;
  if v_deltas is not null then
    perform app_private.count_profile('followers_count', v_followees, v_deltas);
    perform app_private.count_profile('following_count', v_followers, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_new_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_authors uuid[];
  v_shared uuid[];
begin
  insert into public.post_counts (post_id) select a.id from added a;
  select array_agg(a.author_id), array_agg(a.shared_post_id) filter (where a.shared_post_id is not null)
  into v_authors, v_shared from added a where a.status = 'published';
  if v_authors is not null then
    perform app_private.count_profile('posts_count', v_authors, array_fill(1::bigint, array[cardinality(v_authors)]));
  end if;
  if v_shared is not null then
    perform app_private.count_post('shares_count', v_shared, array_fill(1::bigint, array[cardinality(v_shared)]));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_post (
  p_counter text,
  p_targets uuid[],
  p_deltas  bigint[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  with wanted as materialized (
    select u.target, sum(u.delta)::bigint as delta
    from unnest(p_targets, p_deltas) u (target, delta) where u.target is not null group by u.target having sum(u.delta) <> 0
  ), free as materialized (
    select c.post_id from public.post_counts c
    where c.post_id in (select w.target from wanted w)
    for no key update skip locked
  ), changed as (
    update public.post_counts c set
      likes_count = c.likes_count + case p_counter when 'likes_count' then w.delta else 0 end,
      comments_count = c.comments_count + case p_counter when 'comments_count' then w.delta else 0 end,
      shares_count = c.shares_count + case p_counter when 'shares_count' then w.delta else 0 end
    from wanted w join free f on f.post_id = w.target
    where c.post_id = w.target
    returning c.post_id
  )
  insert into app_private.count_deltas (target, counter, delta)
  select w.target, p_counter, w.delta from wanted w
  where w.target not in (select c.post_id from changed c)
    -- What the deletion of a post takes along is not counted any more.
    and exists (select from public.posts p where p.id = w.target);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_post_likes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_posts uuid[];
  v_deltas bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(a.post_id), array_agg(1) into v_posts, v_deltas from added a;
  else
    select array_agg(g.post_id), array_agg(-1) into v_posts, v_deltas from gone g;
  end if;
  if v_deltas is not null then
    perform app_private.count_post('likes_count', v_posts, v_deltas);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_profile (
  p_counter text,
  p_targets uuid[],
  p_deltas  bigint[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  with wanted as materialized (
    select u.target, sum(u.delta)::bigint as delta
    from unnest(p_targets, p_deltas) u (target, delta) group by u.target having sum(u.delta) <> 0
  ), free as materialized (
    -- Never waits, so that no order of changes can end in a deadlock, and a person whom thousands follow holds up none of them.
    select c.user_id from public.profile_counts c
    where c.user_id in (select w.target from wanted w)
    for no key update skip locked
  ), changed as (
    update public.profile_counts c set
      followers_count = c.followers_count + case p_counter when 'followers_count' then w.delta else 0 end,
      following_count = c.following_count + case p_counter when 'following_count' then w.delta else 0 end,
      posts_count = c.posts_count + case p_counter when 'posts_count' then w.delta else 0 end
    from wanted w join free f on f.user_id = w.target
    where c.user_id = w.target
    returning c.user_id
  )
  insert into app_private.count_deltas (target, counter, delta)
  select w.target, p_counter, w.delta from wanted w
  where w.target not in (select c.user_id from changed c)
    -- What the deletion of a profile takes along is not counted any more.
    and exists (select from public.profiles p where p.id = w.target);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.count_votes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_option record;
begin
  -- Options of one poll go up and down together when somebody changes their mind, so each is a row of its own to hold.
  for v_option in
    select v.post_id, v.position, v.delta from (
      select c.post_id, c.position, count(*) * case tg_op when 'INSERT' then 1 else -1 end as delta from changed c group by c.post_id, c.position
    ) v
    where exists (select from public.poll_options o where o.post_id = v.post_id and o.position = v.position)
  loop
    update app_private.poll_tallies t set votes = t.votes + v_option.delta
    where t.id = (
      select f.id from app_private.poll_tallies f
      where f.post_id = v_option.post_id and f.position = v_option.position
      limit 1 for no key update skip locked
    );
    if not found then
      insert into app_private.poll_tallies (post_id, position, votes) values (v_option.post_id, v_option.position, v_option.delta);
    end if;
  end loop;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.decline_follow_request (
  p_actor     uuid,
  p_requester uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_pairs(array[p_actor], array[p_requester]);
  perform app_private.assert_known(p_actor, p_requester);
  delete from public.follow_requests r where r.requester_id = p_requester and r.target_id = p_actor;
  if not found and exists (select from public.follows f where f.follower_id = p_requester and f.followee_id = p_actor) then
    perform app_hidden.fail(404, 'follows.request_not_found', 'This person follows you already.', 'Remove them from your followers instead.');
  end if;
  return jsonb_build_object('user_id', p_requester, 'status', 'declined');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.delete_account (
  p_id       uuid,
  p_attempts integer
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_user uuid;
begin
  -- Whoever takes the request back waits here, or was first.
  select j.user_id into v_user from public.account_jobs j
  where j.id = p_id and j.kind = 'deletion' and j.state = 'running' and j.attempts = p_attempts for update;
  if not found then
    return 'taken';
  elsif not exists (select from auth.users u where u.id = v_user) then
    return 'deleted'; -- by an earlier try, or by an operator
  end if;
  -- In the order of ledger.close_wallet, which fires below: what was seen of the money is still so when the wallet is closed.
  perform pg_advisory_xact_lock(hashtextextended('ledger.owner:' || v_user::text, 0));
  perform from ledger.accounts a where a.owner = v_user order by a.id for no key update;
  if app_private.money_left(v_user) is not null then
    update public.account_jobs j set state = 'failed', reason = 'users.account_has_money', finished_at = now() where j.id = p_id;
    return 'refused';
  end if;
  delete from auth.users u where u.id = v_user;
  return 'deleted';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.drop_post (
  p_task  app_private.feed_tasks,
  p_limit integer
)
  RETURNS TABLE (
    next_after uuid,
    dropped    uuid[]
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
begin
  return query
  with followers as materialized (
    select f.follower_id from public.follows f
    where f.followee_id = p_task.author_id
      and f.follower_id > coalesce(p_task.done_to, '00000000-0000-0000-0000-000000000000')
    order by f.follower_id
    limit p_limit
  ), gone as (
    delete from public.feed_inbox i
    using (select f.follower_id from followers f union all select p_task.author_id) f
    where i.user_id = f.follower_id and i.published_at = p_task.published_at and i.post_id = p_task.post_id
    returning i.user_id
  )
  select
    (select f.follower_id from followers f order by f.follower_id offset p_limit - 1),
    (select coalesce(array_agg(g.user_id), '{}') from gone g);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.emit_post_published (
  p_ids uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'post.published', p.author_id, jsonb_build_object(
    'post_id', p.id, 'author_id', p.author_id, 'type', p.type, 'visibility', p.visibility, 'published_at', p.published_at,
    'tags', p.tags, 'shared_post_id', p.shared_post_id,
    'mentions', (select coalesce(jsonb_agg(m.user_id), '[]') from public.post_mentions m where m.post_id = p.id))
  from public.posts p where p.id = any (p_ids) and p.status = 'published';
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

CREATE OR REPLACE FUNCTION app_private.expired_exports (
  p_limit integer
)
  RETURNS TABLE (
    id        uuid,
    file_path text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select j.id, j.file_path from public.account_jobs j
  where j.file_path is not null and j.expires_at <= now()
  order by j.expires_at limit least(greatest(p_limit, 1), 1000);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.export_page (
  p_user    uuid,
  p_section text,
  p_after   jsonb,
  p_limit   integer
)
  RETURNS TABLE (
    line text,
    key  jsonb
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  s record;
  v_keys text;
  v_after text := '';
begin
  select * into strict s from app_private.export_sections() x where x.section = p_section;
  select string_agg(format('t.%I', k.name), ', ' order by k.n) into v_keys from unnest(s.keys) with ordinality k (name, n);
  if p_after is not null then
    select format('and (%s) > (%s)', v_keys, string_agg(quote_literal(a.value), ', ' order by a.n)) into v_after
    from jsonb_array_elements_text(p_after) with ordinality a (value, n);
  end if;
  return query execute format(
    'select (to_jsonb(t) - %L::text[])::text, jsonb_build_array(%s) from %s t where t.%I = %L %s order by %s limit %s',
    s.hidden, v_keys, s.relation, s.person, p_user, v_after, v_keys, least(greatest(p_limit, 1), 1000));
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

CREATE OR REPLACE FUNCTION app_private.feed_oracle (
  p_viewer    uuid,
  p_limit     integer,
  p_before    timestamp with time zone DEFAULT 'infinity'::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid
)
  RETURNS TABLE (
    post_id      uuid,
    published_at timestamp with time zone,
    reason       text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select p.id, p.published_at, case when p.author_id = p_viewer then 'self' else 'followed' end
  from public.posts p
  where p.status = 'published' and (p.published_at, p.id) < (p_before, p_before_id)
    and app_private.can_view_post(p_viewer, p.id)
    and (p.author_id = p_viewer or exists (
      select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.author_id
    ))
    and not exists (
      select from public.mutes m
      where m.muter_id = p_viewer and m.muted_id = p.author_id and (m.until is null or m.until > now())
    )
  order by p.published_at desc, p.id desc
  limit p_limit;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.feed_stats()
  RETURNS TABLE (
    waiting_tasks   bigint,
    waiting_seconds double precision,
    failing_tasks   bigint,
    unsettled       bigint,
    large_authors   bigint,
    waiting_counts  bigint
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
begin
  return query
  -- Of the first 10,000: a gauge must not read a whole backlog every few seconds.
  with waiting as materialized (
    select t.due_at, t.attempts from app_private.feed_tasks t order by t.due_at limit 10000
  )
  select
    (select count(*) from waiting),
    (select coalesce(extract(epoch from clock_timestamp() - min(w.due_at)), 0)::double precision from waiting w where w.attempts = 0),
    (select count(*) from waiting w where w.attempts > 0),
    (select count(*) from (select from public.feed_state s where not s.is_settled limit 10000) s),
    (select count(*) from app_private.large_authors),
    (select count(*) from (select from app_private.count_deltas limit 10000) d);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.find_user (
  p_viewer uuid,
  p_name   text
)
  RETURNS TABLE (
    id         uuid,
    username   text,
    moved_from text
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_id uuid;
  v_moved_from text;
begin
  if p_name ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    v_id := p_name::uuid; -- longer than any username
  else
    select p.id into v_id from public.profiles p where p.username operator(extensions.=) p_name::extensions.citext;
    if not found then
      select f.user_id, f.username::text into v_id, v_moved_from from app_private.former_usernames f
      where f.username operator(extensions.=) p_name::extensions.citext and f.until > now();
    end if;
  end if;
  return query
  select p.id, p.username::text, v_moved_from from public.profiles p
  where p.id = v_id and (
    app_private.can_view_profile(p_viewer, p.id)
    -- Who blocks them still has to name them to unblock them.
    or exists (select from public.blocks b where b.blocker_id = p_viewer and b.blocked_id = p.id)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_account_job (
  p_id       uuid,
  p_attempts integer,
  p_state    text,
  p_reason   text
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update public.account_jobs j set state = p_state, reason = p_reason, finished_at = now()
  where j.id = p_id and j.state = 'running' and j.attempts = p_attempts and p_state in ('done', 'failed', 'cancelled');
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.finish_export (
  p_id        uuid,
  p_attempts  integer,
  p_file_path text
)
  RETURNS text
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  j public.account_jobs;
begin
  select * into j from public.account_jobs x where x.id = p_id and x.state = 'running' and x.attempts = p_attempts for update;
  if not found then
    return 'taken';
  end if;
  -- Waits for a deletion on its way. One that comes later finds the file and removes it.
  perform from public.profiles p where p.id = j.user_id for key share;
  if not found then
    return 'gone';
  end if;
  update public.account_jobs x
  set state = 'done', file_path = p_file_path, last_error = null, finished_at = now(),
    expires_at = now() + (select r.export_lives from app_private.account_rules r)
  where x.id = p_id;
  return 'done';
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fold_count (
  p_target uuid,
  p_wait   boolean
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_sums jsonb;
  v_count int;
begin
  if not app_private.lock_counts(p_target, p_wait) then
    return 0;
  end if;
  with folded as (
    delete from app_private.count_deltas d where d.target = p_target returning d.counter, d.delta
  )
  select jsonb_object_agg(s.counter, s.delta), coalesce(sum(s.changes), 0)::int into v_sums, v_count
  from (select f.counter, sum(f.delta) as delta, count(*) as changes from folded f group by f.counter) s;

  if v_sums ?| array['followers_count', 'following_count', 'posts_count'] then
    update public.profile_counts c
    set followers_count = c.followers_count + coalesce((v_sums ->> 'followers_count')::bigint, 0),
      following_count = c.following_count + coalesce((v_sums ->> 'following_count')::bigint, 0),
      posts_count = c.posts_count + coalesce((v_sums ->> 'posts_count')::bigint, 0)
    where c.user_id = p_target;
  elsif v_sums ?| array['likes_count', 'comments_count', 'shares_count'] then
    update public.post_counts c
    set likes_count = c.likes_count + coalesce((v_sums ->> 'likes_count')::bigint, 0),
      comments_count = c.comments_count + coalesce((v_sums ->> 'comments_count')::bigint, 0),
      shares_count = c.shares_count + coalesce((v_sums ->> 'shares_count')::bigint, 0)
    where c.post_id = p_target;
  elsif v_sums ?| array['comment_likes_count', 'replies_count'] then
    update public.comments c
    set likes_count = c.likes_count + coalesce((v_sums ->> 'comment_likes_count')::bigint, 0),
      replies_count = c.replies_count + coalesce((v_sums ->> 'replies_count')::bigint, 0)
    where c.id = p_target;
  end if;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.fold_counts (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_start uuid := gen_random_uuid();
  v_target uuid;
  v_oldest uuid;
  v_count int := 0;
begin
  -- From a place by chance and then once around: one whose row is always held cannot keep the others waiting.
  for v_round in 1..2 loop
    v_target := case v_round when 1 then v_start else '00000000-0000-0000-0000-000000000000' end;
    loop
      select d.target into v_target from app_private.count_deltas d
      where d.target > v_target and (v_round = 1 or d.target <= v_start)
      order by d.target limit 1;
      exit when not found;
      v_count := v_count + app_private.fold_count(v_target, false);
      if v_count >= p_limit then
        return v_count;
      end if;
    end loop;
  end loop;
  if v_count = 0 then
    -- All are held, again and again by others. Whoever waits for a row gets it next, and this holds no other.
    select d.target into v_oldest from app_private.count_deltas d order by d.id limit 1;
    if found then
      v_count := app_private.fold_count(v_oldest, true);
    end if;
  end if;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.follow (
  p_actor  uuid,
  p_target uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_is_private boolean;
begin
  if p_actor = p_target then
    perform app_hidden.fail(422, 'follows.to_oneself', 'Nobody follows themselves.', 'Name somebody else.');
  end if;
  perform app_private.lock_pairs(array[p_actor], array[p_target]);
  perform app_private.assert_person(p_actor, p_target);
  if exists (select from public.follows f where f.follower_id = p_actor and f.followee_id = p_target) then
    return jsonb_build_object('user_id', p_target, 'status', 'following');
  end if;

  select p.is_private into v_is_private from public.profiles p where p.id = p_target;
  if v_is_private then
    -- Held until the request is there: who goes public meanwhile approves it, and no request waits for a public account.
    select p.is_private into v_is_private from public.profiles p where p.id = p_target for share;
  end if;
  if v_is_private then
    if not exists (select from public.follow_requests r where r.requester_id = p_actor and r.target_id = p_target) then
      perform app_private.assert_may_follow_more(p_actor);
      insert into public.follow_requests (requester_id, target_id) values (p_actor, p_target);
    end if;
    return jsonb_build_object('user_id', p_target, 'status', 'requested');
  end if;

  perform app_private.assert_may_follow_more(p_actor);
  perform app_private.note_actor(p_actor);
  insert into public.follows (follower_id, followee_id) values (p_actor, p_target) on conflict do nothing;
  return jsonb_build_object('user_id', p_target, 'status', 'following');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.follow_privacy()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_is_private boolean := coalesce((new.privacy_settings ->> 'is_private')::boolean, false);
begin
  update public.profiles p set is_private = v_is_private where p.id = new.user_id and p.is_private <> v_is_private;
  if found and not v_is_private then
    perform app_private.approve_requests(new.user_id, null);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.forget_export_files (
  p_ids uuid[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_count int;
begin
  update public.account_jobs j set file_path = null where j.id = any (p_ids) and j.expires_at <= now();
  get diagnostics v_count = row_count;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.forget_inboxes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from public.feed_inbox i using gone g where i.user_id = g.user_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.forget_person (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if exists (select from auth.users u where u.id = p_user) then
    raise exception 'user % is not deleted', p_user using hint = 'delete the user first';
  end if;
  -- Events stay, because rollups count them, and say nothing about the person any more.
  update app_private.outbox_events e set payload = e.payload || case e.type
    when 'user.registered' then '{"username": "", "full_name": null}'
    when 'user.logged_in' then '{"ip": null, "user_agent": null}'
    when 'wallet.linked_account_changed' then '{"bank_name": null, "last4": null}'
    else '{"username": "", "full_name": null, "avatar_url": null, "bio": null, "location": null, "website": null}'
  end::jsonb
  where e.type in ('user.registered', 'user.logged_in', 'profile.updated', 'wallet.linked_account_changed') and e.payload ->> 'user_id' = p_user::text;
  delete from app_private.idempotency_keys k where k.owner = p_user;
  delete from public.feed_inbox f where f.user_id = p_user;
  -- No payout is under way where a person asked to be deleted; where an operator deleted one, it may still be.
  update ledger.linked_accounts l set provider_token = 'removed', bank_name = null, last4 = null
  where l.owner = p_user and not exists (
    select from ledger.withdrawals w where w.linked_account_id = l.id and w.state in ('requested', 'submitted'));
  update ledger.deposits d set checkout = null where d.owner = p_user and d.checkout is not null;
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
      new.edited_at := now();
    end if;
    return new;
  end if;
  perform app_private.assert_calm('comments', new.author_id);
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
      if app_hidden.is_blocked_pair(new.author_id, (select c.author_id from public.comments c where c.id = v_parent.parent_id)) then
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
  perform app_private.assert_comment(new.user_id, new.comment_id);
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
    perform app_private.assert_calm('posts', new.author_id);
  end if;
  new.content := nullif(btrim(new.content, e' \t\r\n'), '');
  new.location := nullif(btrim(new.location), '');
  perform app_private.assert_post_fields(new);
  if v_is_new or new.tags is distinct from old.tags or new.content is distinct from old.content then
    if not v_is_new and new.tags = old.tags then
      -- Those that were only in the old words go with them.
      new.tags := array(select t from unnest(old.tags) t where t <> all (coalesce(app_hidden.tags_in(old.content), '{}')));
    end if;
    new.tags := app_hidden.merge_tags(app_hidden.clean_tags(new.tags), coalesce(app_hidden.tags_in(new.content), '{}'));
  end if;
  if not app_hidden.are_addresses(new.media_urls) then
    perform app_hidden.fail(422, 'posts.media_invalid', 'One of the media is not an address.', 'Send addresses that begin with https:// or http://, up to 2048 characters.');
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
    new.edited_at := case when v_was = 'published' and app_private.reads_otherwise(old, new) then now() else old.edited_at end;
    new.updated_at := now();
  end if;
  if new.status <> 'published' then
    new.pinned_at := null;
  elsif new.pinned_at is not null and (v_is_new or old.pinned_at is null) then
    perform app_private.assert_room_for_pin(new.author_id);
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
  perform app_private.assert_post(new.user_id, new.post_id);
  if not exists (select from public.posts p where p.id = new.post_id and p.status = 'published') then
    perform app_hidden.fail(404, 'posts.not_found', 'This post is not published.', 'Publish it first.');
  end if;
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
    when length(new.bio) > 500 then 'bio takes at most 500 characters.'
    when length(new.location) > 100 then 'location takes at most 100 characters.'
    when new.website !~ '^https?://' or length(new.website) > 500 then
      'website takes an http:// or https:// address of at most 500 characters.'
    when new.avatar_url !~ '^https?://' or length(new.avatar_url) > 2048 then
      'avatar_url takes an http:// or https:// address of at most 2048 characters.'
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

CREATE OR REPLACE FUNCTION app_private.guard_report()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_accused uuid;
begin
  perform app_private.assert_oneself(new.reporter_id);
  perform app_private.assert_report(new);
  if new.post_id is not null then
    perform app_private.assert_post(new.reporter_id, new.post_id);
    select p.author_id, concat_ws(e'\n', p.content, nullif(array_to_string(p.media_urls, e'\n'), ''),
        (select string_agg('- ' || o.label, e'\n' order by o.position) from public.poll_options o where o.post_id = p.id))
      into v_accused, new.excerpt
    from public.posts p where p.id = new.post_id;
  elsif new.comment_id is not null then
    v_accused := app_private.assert_comment(new.reporter_id, new.comment_id);
    select c.content into new.excerpt from public.comments c where c.id = new.comment_id;
  else
    v_accused := new.profile_id;
    if not app_private.can_view_profile(new.reporter_id, new.profile_id) then
      perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
    end if;
    select concat_ws(e'\n', p.username, p.full_name, p.bio, p.avatar_url) into new.excerpt from public.profiles p where p.id = new.profile_id;
  end if;
  if v_accused = new.reporter_id then
    perform app_hidden.fail(422, 'reports.of_oneself', 'Nobody reports themselves.', 'Delete what is yours.');
  end if;
  new.accused_id := v_accused;
  new.subject_kind := case when new.post_id is not null then 'post' when new.comment_id is not null then 'comment' else 'profile' end;
  new.subject_id := coalesce(new.post_id, new.comment_id, new.profile_id);
  -- The second of two at once finds out here too.
  perform pg_advisory_xact_lock(hashtextextended('report ' || new.reporter_id || new.subject_id, 0));
  if exists (select from public.reports r where r.reporter_id = new.reporter_id and r.subject_id = new.subject_id) then
    perform app_hidden.fail(409, 'reports.already_reported', 'You have reported this.', 'The moderators will look at it.');
  end if;
  if auth.uid() is not null and exists (
    select from public.reports r where r.reporter_id = new.reporter_id and r.created_at > now() - interval '1 day' offset 59
  ) then
    perform app_hidden.fail(429, 'rate_limit.exceeded', 'You have reported 60 things within a day.', 'Wait some hours; the moderators look at what you reported.');
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
      'Compare with the list of notification_settings in docs/users.md.');
  end if;
  return new;
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
    when 'taken' then
      -- Not of a sign-up, which tries one name after the other; and of two at once, the unique index takes one.
      if tg_op = 'UPDATE' and exists (select from public.profiles p where p.username operator(extensions.=) new.username and p.id <> new.id) then
        perform app_hidden.fail(409, 'users.username_taken', 'This username is taken.', 'Choose another username.');
      end if;
    else null;
  end case;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.guard_verification_request()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_hint text := case
    when coalesce(new.kind not in ('verification', 'business'), true) then 'kind takes verification or business.'
    when new.kind = 'verification' and coalesce(new.level not in ('blue', 'gold', 'premium'), true) then
      'level takes blue, gold or premium.'
    when new.kind = 'business' and new.level is not null then 'level is of a verification only.'
    when coalesce(length(new.statement) not between 10 and 2000, true) then 'statement takes 10 to 2000 characters.'
    when coalesce(cardinality(new.evidence_urls) > 5 or length(new.evidence_urls::text) > 10000
      or not app_hidden.are_addresses(new.evidence_urls), true) then
      'evidence_urls takes at most 5 http:// or https:// addresses, of 10000 characters together.'
  end;
begin
  if v_hint is not null then
    perform app_hidden.fail(422, 'users.field_invalid', 'A field does not take this value.', v_hint);
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
  perform app_private.assert_post(new.user_id, new.post_id);
  select q.* into v_poll from public.polls q join public.posts p on p.id = q.post_id where q.post_id = new.post_id and p.status = 'published';
  if not found then
    perform app_hidden.fail(404, 'posts.no_poll', 'This post has no poll.', 'Vote in posts with a poll.');
  elsif v_poll.ends_at <= now() then
    perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
  elsif not exists (select from public.poll_options o where o.post_id = new.post_id and o.position = new.position) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'The poll has no such option.', 'Send positions of its options.');
  end if;
  perform app_private.lock_vote(new.post_id, new.user_id);
  if not v_poll.is_multiple and exists (
    select from public.poll_votes v where v.post_id = new.post_id and v.user_id = new.user_id and v.position <> new.position
  ) then
    perform app_hidden.fail(422, 'posts.choice_invalid', 'This poll takes one choice.', 'A vote is the whole choice: send one position, which replaces the earlier one (in the table itself, delete that first).');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.index_comment()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'UPDATE' then
    delete from public.comment_mentions m
    where m.comment_id = new.id and m.user_id not in (select app_private.mentioned_in(new.author_id, new.content));
  end if;
  insert into public.comment_mentions (comment_id, user_id)
  select new.id, u from app_private.mentioned_in(new.author_id, new.content) u
  on conflict do nothing;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.index_post()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'UPDATE' then
    if old.status = 'published' and new.status = 'published' and app_private.reads_otherwise(old, new) then
      insert into public.post_edits (post_id, content, media_urls, location, tags, visibility)
      values (old.id, old.content, old.media_urls, old.location, old.tags, old.visibility);
    end if;
    if (old.tags, old.status) is distinct from (new.tags, new.status) then
      delete from public.post_tags t where t.post_id = new.id;
    end if;
  end if;
  if new.status = 'published' and (tg_op = 'INSERT' or (old.tags, old.status) is distinct from (new.tags, new.status)) then
    insert into public.post_tags (tag, published_at, post_id, author_id)
    select t, new.published_at, new.id, new.author_id from unnest(new.tags) t;
  end if;
  -- Again when it is published: a setting may have changed since the draft.
  if tg_op = 'INSERT' or (old.content, old.status) is distinct from (new.content, new.status) then
    if tg_op = 'UPDATE' then
      delete from public.post_mentions m
      where m.post_id = new.id and m.user_id not in (select app_private.mentioned_in(new.author_id, new.content));
    end if;
    insert into public.post_mentions (post_id, user_id)
    select new.id, u from app_private.mentioned_in(new.author_id, new.content) u
    on conflict do nothing;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_fresh_session (
  p_user    uuid,
  p_session uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from auth.sessions s, app_private.account_rules r
    where s.id = p_session and s.user_id = p_user and s.created_at > now() - r.sign_in_is_fresh
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_in_audience (
  p_viewer   uuid,
  p_owner    uuid,
  p_audience text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select r.is_self or (p_viewer is not null and not r.is_blocked and app_private.admits(p_audience, r.follows, r.is_followed))
    from app_private.relation(p_viewer, p_owner) r
  ), false);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_pulled_post (
  p_task       app_private.feed_tasks,
  p_large_from integer
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_state text;
begin
  select l.state into v_state from app_private.large_authors l where l.author_id = p_task.author_id;
  if not found then
    if not exists (
      select from public.profile_counts c where c.user_id = p_task.author_id and c.followers_count >= p_large_from
    ) then
      return false;
    end if;
    insert into app_private.large_authors (author_id) values (p_task.author_id) on conflict do nothing;
    v_state := 'growing';
  end if;
  insert into app_private.pulled_posts (author_id, post_id, published_at)
  select p.author_id, p.id, p.published_at from public.posts p
  where p.id = p_task.post_id and p.status = 'published' and p.visibility <> 'private';
  return v_state <> 'shrinking'; -- some of their followers are pushed to again
end
$function$;

CREATE OR REPLACE FUNCTION app_private.is_username_held (
  p_username text,
  p_for      uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return exists (
    select from app_private.former_usernames f
    where f.username operator(extensions.=) p_username::extensions.citext and f.until > now()
      and (p_for is null or f.user_id is distinct from p_for)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_account_job (
  p_id       uuid,
  p_attempts integer,
  p_lease    interval
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  update public.account_jobs j set run_after = clock_timestamp() + p_lease
  where j.id = p_id and j.state = 'running' and j.attempts = p_attempts;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_deleted_username()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.former_usernames (username, user_id, until)
  select old.username, null, now() + interval '30 days'
  where not exists (select from auth.users u where u.id = old.id)
  on conflict (username) do update set user_id = null, until = excluded.until;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_former_username()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if app_private.is_username_held(new.username::text, new.id) then
    perform app_hidden.fail(409, 'users.username_taken', 'This username is taken.', 'Choose another username.');
  elsif exists (
    select from app_private.former_usernames f where f.user_id = new.id and f.until > now() + interval '23 days'
  ) then
    perform app_hidden.fail(422, 'users.username_changed_lately', 'A username changes once in seven days.', 'Wait until seven days have passed.');
  end if;
  delete from app_private.former_usernames f where f.username operator(extensions.=) new.username;
  insert into app_private.former_usernames (username, user_id, until) values (old.username, new.id, now() + interval '30 days')
  on conflict (username) do update set user_id = excluded.user_id, until = excluded.until;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.keep_thread()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- When the post or the author goes, the comment goes whole, whoever answered.
  if exists (select from public.comments c where c.parent_id = old.id)
    and exists (select from public.posts p where p.id = old.post_id) and exists (select from public.profiles p where p.id = old.author_id) then
    update public.comments c set content = null, deleted_at = now() where c.id = old.id and c.deleted_at is null;
    return null;
  end if;
  return old;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_counts (
  p_target uuid,
  p_wait   boolean
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if p_wait then
    perform from public.profile_counts c where c.user_id = p_target for no key update;
    perform from public.post_counts c where c.post_id = p_target for no key update;
    perform from public.comments c where c.id = p_target for no key update;
    return true;
  end if;
  -- Ids of people, posts and comments are all different, so at most one of these is there.
  perform from public.profile_counts c where c.user_id = p_target for no key update skip locked;
  if found then
    return true;
  end if;
  perform from public.post_counts c where c.post_id = p_target for no key update skip locked;
  if found then
    return true;
  end if;
  perform from public.comments c where c.id = p_target for no key update skip locked;
  return found or not (
    exists (select from public.profile_counts c where c.user_id = p_target)
    or exists (select from public.post_counts c where c.post_id = p_target)
    or exists (select from public.comments c where c.id = p_target)
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_pairs (
  p_ones   uuid[],
  p_others uuid[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_key bigint;
begin
  for v_key in
    select distinct hashtextextended(format('pair %s %s', least(u.one, u.other), greatest(u.one, u.other)), 0)
    from unnest(p_ones, p_others) u (one, other) order by 1
  loop
    perform pg_advisory_xact_lock(v_key);
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_vote (
  p_post uuid,
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Two votes of one person at once would not see each other.
  perform pg_advisory_xact_lock(hashtextextended('posts.vote ' || p_post || p_user, 0));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.mark_pulled (
  p_follower uuid,
  p_author   uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_state text;
begin
  -- Held until the commit: else the author's follows could all be switched back in between, and this one would stay as it is for ever.
  select l.state into v_state from app_private.large_authors l where l.author_id = p_author for share;
  update public.follows f set is_pulled = v_state <> 'shrinking'
  where f.follower_id = p_follower and f.followee_id = p_author and f.is_pulled <> (v_state <> 'shrinking');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.may_reach (
  p_viewer  uuid,
  p_owner   uuid,
  p_setting text
)
  RETURNS boolean
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_audience text;
begin
  select s.privacy_settings ->> p_setting into v_audience from public.account_settings s where s.user_id = p_owner;
  return app_private.is_in_audience(p_viewer, p_owner, coalesce(v_audience, 'everyone'));
end
$function$;

CREATE OR REPLACE FUNCTION app_private.mentioned_in (
  p_author  uuid,
  p_content text
)
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  if p_content is null or strpos(p_content, '@') = 0 then
    return;
  end if;
  return query
  select p.id
  from (
    select distinct lower(m[1]) as username
    from regexp_matches(p_content, '(?<![[:alnum:]_.@/])@([a-z0-9][a-z0-9._]{1,28}[a-z0-9])(?![[:alnum:]_])', 'gi') r (m)
    limit 30
  ) named
  join public.profiles p on p.username operator(extensions.=) named.username::extensions.citext
  where app_private.may_reach(p_author, p.id, 'who_can_mention');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.money_left (
  p_user uuid
)
  RETURNS text
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return case
    when exists (select from ledger.withdrawals w where w.owner = p_user and w.state in ('requested', 'submitted')) then 'a withdrawal is on its way'
    when exists (select from ledger.accounts a where a.owner = p_user and a.purpose = 'pending' and a.balance_minor <> 0) then 'money is held'
    when exists (select from ledger.accounts a where a.owner = p_user and a.balance_minor <> 0)
      or exists (
        select from ledger.accounts a join ledger.queued_entries q on q.account_id = a.id where a.owner = p_user
      ) then 'there is money in the wallet'
    -- A checkout that nobody finished within a day is never finished.
    when exists (
      select from ledger.deposits d where d.owner = p_user and d.state = 'pending' and d.created_at > now() - interval '1 day'
    ) then 'a deposit is on its way'
  end;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.most_followed()
  RETURNS TABLE (
    user_id         uuid,
    followers_count bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query select p.user_id, p.followers_count from app_private.popular_people p;
  if (select count(*) from app_private.popular_people) < 200 then
    return query
    select c.user_id, c.followers_count
    from (select x.user_id, x.followers_count from public.profile_counts x limit 1000) c
    where not exists (select from app_private.popular_people p where p.user_id = c.user_id)
    order by c.followers_count desc limit 200;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.mute_person (
  p_actor  uuid,
  p_target uuid,
  p_until  timestamp with time zone DEFAULT NULL::timestamp WITH time zone
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if p_actor = p_target then
    perform app_hidden.fail(422, 'follows.to_oneself', 'Nobody mutes themselves.', 'Name somebody else.');
  elsif p_until <= now() then
    perform app_hidden.fail(422, 'follows.mute_over', 'The end of the mute has passed.', 'Send a time to come, or none to mute for good.');
  end if;
  perform app_private.assert_person(p_actor, p_target);
  insert into public.mutes as m (muter_id, muted_id, until) values (p_actor, p_target, p_until)
  on conflict (muter_id, muted_id) do update set until = excluded.until;
  return jsonb_build_object('user_id', p_target, 'status', 'muted', 'until', p_until);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.muted_by (
  p_user uuid
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return array(
    select m.muted_id from public.mutes m where m.muter_id = p_user and (m.until is null or m.until > now())
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_actor (
  p_actor uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform set_config('astra.actor', p_actor::text, true);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_follows()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.feed_tasks (kind, author_id, follower_id)
  select case tg_op when 'INSERT' then 'followed' else 'unfollowed' end, c.followee_id, c.follower_id from changed c;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_post_shown()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.feed_tasks (kind, author_id, post_id) values ('push', new.author_id, new.id);
  insert into public.feed_inbox (user_id, published_at, post_id, author_id)
  select new.author_id, new.published_at, new.id, new.author_id
  from public.feed_state s where s.user_id = new.author_id and s.complete_since <= new.published_at
  on conflict do nothing;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_posts()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'DELETE' then
    insert into app_private.feed_tasks (kind, author_id, post_id, published_at)
    select 'drop', c.author_id, c.id, c.published_at from changed c where c.published_at is not null;
    return null;
  end if;
  -- The author's own inbox has it at once.
  insert into public.feed_inbox (user_id, published_at, post_id, author_id)
  select c.author_id, c.published_at, c.id, c.author_id
  from changed c join public.feed_state s on s.user_id = c.author_id and s.complete_since <= c.published_at
  where c.status = 'published'
  on conflict do nothing;
  insert into app_private.feed_tasks (kind, author_id, post_id) select 'push', c.author_id, c.id from changed c where c.status = 'published';
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.note_resize (
  p_author   app_private.large_authors,
  p_has_more boolean
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if p_has_more then
    update app_private.large_authors l set moved_at = p_author.moved_at, moved_id = p_author.moved_id
    where l.author_id = p_author.author_id;
  elsif p_author.is_filling and p_author.state = 'shrinking' then
    delete from app_private.large_authors l where l.author_id = p_author.author_id;
  else
    update app_private.large_authors l
    set is_filling = not p_author.is_filling, state = case when p_author.is_filling then 'large' else l.state end,
      moved_at = 'infinity', moved_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    where l.author_id = p_author.author_id;
  end if;
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
    last_at timestamp with time zone,
    last_id uuid,
    more    boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  v_muted uuid[] := app_private.muted_by(p_user);
  v_window interval;
  v_from timestamptz;
  v_page record;
  v_room int := p_limit;
begin
  ids := '{}';
  foreach v_window in array array['4 days', '30 days', '200 days', null]::interval[] loop
    -- A cursor from long before there were posts would leave the range of timestamps.
    v_from := case when v_window is null or p_before < '1970-01-01' then '-infinity' else least(p_before, now()) - v_window end;
    select array_agg(p.post_id order by p.published_at desc, p.post_id desc) filter (where p.author_id <> all (v_muted)) as ids,
      count(*)::int as count, min(p.published_at) as last_at,
      (array_agg(p.post_id order by p.published_at, p.post_id))[1] as last_id
    into v_page
    from app_private.pull_posts(p_user, v_from, p_before, p_before_id, v_room) p;
    ids := ids || v_page.ids;
    last_at := coalesce(v_page.last_at, last_at);
    last_id := coalesce(v_page.last_id, last_id);
    v_room := v_room - v_page.count;
    exit when v_room = 0 or v_from = '-infinity';
    p_before := v_from;
    p_before_id := '00000000-0000-0000-0000-000000000000';
  end loop;
  more := v_room = 0;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.part_the_blocked()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_blockers uuid[];
  v_blocked uuid[];
begin
  select array_agg(a.blocker_id), array_agg(a.blocked_id) into v_blockers, v_blocked from added a;
  if v_blockers is null then
    return null;
  end if;
  -- A follow that is just being made is waited for, and one that begins later sees the block.
  perform app_private.lock_pairs(v_blockers, v_blocked);
  delete from public.follow_requests r
  using unnest(v_blockers || v_blocked, v_blocked || v_blockers) u (one, other)
  where r.requester_id = u.one and r.target_id = u.other;
  -- In one order, because two people who end both of their follows at once must not wait for each other.
  perform from public.follows f
  join unnest(v_blockers || v_blocked, v_blocked || v_blockers) u (one, other) on f.follower_id = u.one and f.followee_id = u.other
  order by f.follower_id, f.followee_id for update of f;
  delete from public.follows f
  using unnest(v_blockers || v_blocked, v_blocked || v_blockers) u (one, other)
  where f.follower_id = u.one and f.followee_id = u.other;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.pending_count (
  p_target  uuid,
  p_counter text
)
  RETURNS bigint
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return coalesce((
    select sum(d.delta) from app_private.count_deltas d where d.target = p_target and d.counter = p_counter
  ), 0)::bigint;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.person_cards (
  p_viewer uuid,
  p_ids    uuid[],
  p_ats    timestamp with time zone[]
)
  RETURNS SETOF public.person_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query
  select p.id, p.username::text, p.full_name, p.avatar_url, p.is_verified, p.verification_level, p.is_private,
    exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.id),
    exists (select from public.follows f where f.follower_id = p.id and f.followee_id = p_viewer),
    u.at
  from unnest(p_ids, p_ats) with ordinality u (id, at, position)
  join public.profiles p on p.id = u.id
  order by u.position;
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
  where o.owner_id = p_user::text or o.owner = p_user or (o.bucket_id = 'exports' and o.name like p_user::text || '/%')
  order by o.bucket_id, o.name
  limit least(greatest(p_limit, 1), 1000);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prepare_feed (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_state public.feed_state;
begin
  select * into v_state from public.feed_state s where s.user_id = p_user;
  if v_state.read_at > now() - interval '1 hour' and v_state.pulled_at > now() - interval '30 seconds' then
    return;
  end if;
  if current_setting('transaction_read_only') = 'on' then
    return; -- a replica: what is in the inbox is shown, and who has none gets a feed that is fetched
  end if;
  if v_state.user_id is null or v_state.read_at <= now() - interval '30 days' then
    begin
      perform app_private.warm_feed(p_user);
    exception when deadlock_detected then
      null; -- with pushes that are under way: this page is fetched without an inbox, the next one builds it
    end;
  elsif v_state.pulled_at <= now() - interval '30 seconds'
    and exists (select from public.follows f where f.follower_id = p_user and f.is_pulled) then
    begin
      perform app_private.pull_large_authors(p_user, v_state.pulled_at);
    exception when deadlock_detected then
      null;
    end;
  elsif v_state.read_at <= now() - interval '1 hour' then
    update public.feed_state s set read_at = now() where s.user_id = p_user;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.privacy_change_preview (
  p_actor      uuid,
  p_is_private boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object(
      'is_private', p.is_private,
      'will_be_private', p_is_private,
      'requests_approved', case when p.is_private and not p_is_private then (
        select count(*) from public.follow_requests r where r.target_id = p.id) else 0 end,
      'followers_kept', c.followers_count + app_private.pending_count(p.id, 'followers_count'),
      'posts_hidden', case when p_is_private and not p.is_private then n.posts else 0 end,
      'posts_shown', case when p.is_private and not p_is_private then n.posts else 0 end)
    from public.profiles p
    join public.profile_counts c on c.user_id = p.id,
    lateral (select c.posts_count + app_private.pending_count(p.id, 'posts_count') as posts) n
    where p.id = p_actor
  );
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_account_jobs()
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_count int;
begin
  with old as materialized (
    select j.id from public.account_jobs j
    where j.finished_at < now() - interval '90 days' and j.file_path is null
    order by j.finished_at limit 1000
    for update skip locked
  )
  delete from public.account_jobs j using old where j.id = old.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_feeds (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_states int;
  v_posts int;
begin
  with cold as materialized (
    select s.user_id from public.feed_state s where s.read_at < now() - interval '32 days' limit p_limit for update skip locked
  )
  delete from public.feed_state s using cold c where s.user_id = c.user_id;
  get diagnostics v_states = row_count;
  with old as materialized (
    select l.author_id, l.noticed_at, l.post_id from app_private.pulled_posts l
    where l.noticed_at < now() - interval '2 days' limit p_limit for update skip locked
  )
  delete from app_private.pulled_posts l using old o
  where (l.author_id, l.noticed_at, l.post_id) = (o.author_id, o.noticed_at, o.post_id);
  get diagnostics v_posts = row_count;
  return v_states + v_posts;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.prune_former_usernames()
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_pruned int;
begin
  delete from app_private.former_usernames f where f.until <= now();
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.publish_scheduled_posts (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_count int := 0;
begin
  for v_id in
    select p.id from public.posts p
    where p.status = 'scheduled' and p.scheduled_for <= now()
    order by p.scheduled_for limit least(greatest(p_limit, 1), 50) -- each takes a subtransaction
    for update skip locked
  loop
    begin
      update public.posts p set status = 'published' where p.id = v_id;
    exception when sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' or unique_violation then
      -- What it shares is gone or closed by now, say. It must not hold up the others for ever; its author finds it among the drafts.
      update public.posts p set status = 'draft' where p.id = v_id;
    end;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.pull_large_authors (
  p_user      uuid,
  p_pulled_at timestamp with time zone
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- Who has it locked is another page of the same person, or the worker at it for a moment: the next page will do.
  perform from public.feed_state s where s.user_id = p_user for no key update skip locked;
  if not found then
    return;
  end if;
  -- A minute more than was seen: longer than the worker takes to commit what it noticed.
  insert into public.feed_inbox (user_id, published_at, post_id, author_id)
  select p_user, l.published_at, l.post_id, l.author_id
  from public.follows f
  join app_private.pulled_posts l on l.author_id = f.followee_id and l.noticed_at >= p_pulled_at - interval '1 minute'
  where f.follower_id = p_user and f.is_pulled and p_pulled_at > now() - interval '1 day'
  on conflict do nothing;
  if p_pulled_at <= now() - interval '1 day' then -- more than pulled_posts is good for
    perform app_private.build_feed(p_user);
  end if;
  update public.feed_state s set pulled_at = now(), read_at = now() where s.user_id = p_user;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.pull_posts (
  p_user      uuid,
  p_from      timestamp with time zone,
  p_before    timestamp with time zone,
  p_before_id uuid,
  p_limit     integer
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
    select f.followee_id as author_id from public.follows f where f.follower_id = p_user
    union all
    select p_user
  ) a
  -- One probe of the index for each author, newest first, however many posts there are in all.
  cross join lateral (
    select q.id, q.published_at from public.posts q
    where q.author_id = a.author_id and q.status = 'published'
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

CREATE OR REPLACE FUNCTION app_private.push_post (
  p_post  uuid,
  p_after uuid,
  p_limit integer
)
  RETURNS TABLE (
    next_after uuid,
    pushed     uuid[]
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts;
begin
  select * into v_post from public.posts p where p.id = p_post and p.status = 'published';
  if not found then
    return; -- deleted or taken down meanwhile
  end if;
  return query
  with followers as materialized (
    select f.follower_id from public.follows f
    where f.followee_id = v_post.author_id and not f.is_pulled
      and f.follower_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
      and v_post.visibility <> 'private'
    order by f.follower_id
    limit p_limit
  ), readers as materialized (
    select s.user_id
    from (select f.follower_id from followers f union all select v_post.author_id where p_after is null) f
    join public.feed_state s on s.user_id = f.follower_id
    where s.read_at > now() - interval '31 days' and s.complete_since <= v_post.published_at
      and (v_post.visibility <> 'friends' or f.follower_id = v_post.author_id or exists (
        select from public.follows b where b.follower_id = v_post.author_id and b.followee_id = f.follower_id
      ))
  ), stored as (
    insert into public.feed_inbox (user_id, published_at, post_id, author_id)
    select r.user_id, v_post.published_at, v_post.id, v_post.author_id from readers r order by r.user_id
    on conflict do nothing
  )
  select
    (select f.follower_id from followers f order by f.follower_id offset greatest(p_limit - 1, 0)),
    (select coalesce(array_agg(r.user_id), '{}') from readers r);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.queue_clean_up()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into public.account_jobs (user_id, kind) values (old.id, 'deletion')
  on conflict (user_id, kind) where state in ('queued', 'running') do update set run_after = now()
  where account_jobs.state = 'queued';
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.reads_otherwise (
  p_old public.posts,
  p_new public.posts
)
  RETURNS boolean
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
begin
  return (p_old.content, p_old.media_urls, p_old.location, p_old.tags, p_old.visibility)
    is distinct from (p_new.content, p_new.media_urls, p_new.location, p_new.tags, p_new.visibility);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refresh_popular_people()
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_people int;
begin
  lock table app_private.popular_people in share row exclusive mode; -- one worker at a time; readers go on
  delete from app_private.popular_people;
  insert into app_private.popular_people (user_id, followers_count)
  select c.user_id, c.followers_count from public.profile_counts c join public.profiles p on p.id = c.user_id
  where c.followers_count > 0 and not p.is_private order by c.followers_count desc limit 200;
  get diagnostics v_people = row_count;
  return v_people;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refresh_trending()
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_period record;
  v_count int := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('trending', 0)) then
    return 0; -- another worker is at it
  end if;
  for v_period in
    -- The longer the window, the less a minute changes it.
    select p.period, p.reach
    from (values ('hour', interval '1 hour', interval '1 minute'), ('day', '1 day', '10 minutes'), ('week', '7 days', '1 hour'))
      p (period, reach, every)
    where not exists (
      -- A little before its time: the worker's own pauses are not exact.
      select from public.trending_tags t where t.period = p.period and t.computed_at > now() - p.every * 0.9
    )
  loop
    delete from public.trending_tags t where t.period = v_period.period;
    insert into public.trending_tags (period, rank, tag, posts_count, people_count)
    select v_period.period, row_number() over (order by c.people desc, c.posts desc, c.tag), c.tag, c.posts, c.people
    from (
      select t.tag, count(*) as posts, count(distinct t.author_id) as people
      from public.post_tags t
      join public.posts p on p.id = t.post_id
      join public.profiles a on a.id = p.author_id
      where t.published_at > now() - v_period.reach
        and p.status = 'published' and p.visibility = 'public' and not a.is_private
      group by t.tag
      order by people desc, posts desc, t.tag
      limit 50
    ) c;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refuse_mute_over()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(422, 'follows.mute_over', 'The end of the mute has passed.', 'Send a time to come, or none to mute for good.');
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.refuse_oneself()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.fail(422, 'follows.to_oneself', 'Nobody follows, blocks or mutes themselves.', 'Name somebody else.');
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.relation (
  p_viewer uuid,
  p_owner  uuid
)
  RETURNS TABLE (
    is_self     boolean,
    is_blocked  boolean,
    follows     boolean,
    is_followed boolean,
    is_private  boolean
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query
  select p.id is not distinct from p_viewer,
    p_viewer is not null and app_hidden.is_blocked_pair(p_viewer, p.id),
    exists (select from public.follows f where f.follower_id = p_viewer and f.followee_id = p.id),
    exists (select from public.follows f where f.follower_id = p.id and f.followee_id = p_viewer),
    p.is_private
  from public.profiles p where p.id = p_owner;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.remove_follower (
  p_actor    uuid,
  p_follower uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_pairs(array[p_actor], array[p_follower]);
  perform app_private.assert_known(p_actor, p_follower);
  perform app_private.note_actor(p_actor);
  delete from public.follows f where f.follower_id = p_follower and f.followee_id = p_actor;
  return jsonb_build_object('user_id', p_follower, 'status', 'removed');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.request_deletion (
  p_actor uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_money text;
  j public.account_jobs;
begin
  perform from public.profiles p where p.id = p_actor for key share;
  if not found then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such person.', 'Sign in again.');
  end if;
  v_money := app_private.money_left(p_actor);
  if v_money is not null then
    perform app_hidden.fail(409, 'users.account_has_money', format('The account cannot be deleted: %s.', v_money),
      'Withdraw or send what is in the wallet, let holds and withdrawals end, and ask again.');
  end if;
  insert into public.account_jobs (user_id, kind, run_after)
  select p_actor, 'deletion', now() + r.deletion_waits from app_private.account_rules r
  on conflict (user_id, kind) where state in ('queued', 'running') do nothing
  returning * into j;
  if not found then
    select * into strict j from public.account_jobs x
    where x.user_id = p_actor and x.kind = 'deletion' and x.state in ('queued', 'running');
  end if;
  return app_private.account_job(j);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.request_export (
  p_actor uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_every interval;
  v_next timestamptz;
  j public.account_jobs;
begin
  perform from public.profiles p where p.id = p_actor for key share;
  if not found then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such person.', 'Sign in again.');
  end if;
  select r.export_every into v_every from app_private.account_rules r;
  select x.created_at + v_every into v_next from public.account_jobs x
  where x.user_id = p_actor and x.kind = 'export' and x.state = 'done' and x.created_at > now() - v_every
  order by x.created_at desc limit 1;
  if found then
    perform app_hidden.fail(422, 'users.export_too_soon', 'You had an export of your data not long ago.',
      format('Download that one, or ask again after %s.', to_char(v_next at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
  end if;
  insert into public.account_jobs (user_id, kind) values (p_actor, 'export')
  on conflict (user_id, kind) where state in ('queued', 'running') do nothing
  returning * into j;
  if not found then
    perform app_hidden.fail(409, 'users.export_open', 'An export of your data is being made.', 'Ask GET users/export until it is done.');
  end if;
  return app_private.account_job(j);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.resize_authors (
  p_limit       integer,
  p_small_below integer DEFAULT 4000
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_author app_private.large_authors;
  v_moved record;
  v_count int := 0;
begin
  select * into v_author from app_private.large_authors l where l.state <> 'large' order by l.since limit 1 for update skip locked;
  if not found then
    update app_private.large_authors l set state = 'shrinking', since = now()
    from public.profile_counts c
    where c.user_id = l.author_id and l.state = 'large' and c.followers_count < p_small_below;
    get diagnostics v_count = row_count;
    return v_count;
  end if;
  for v_moved in
    select f.follower_id, f.created_at from public.follows f
    where f.followee_id = v_author.author_id and (f.created_at, f.follower_id) < (v_author.moved_at, v_author.moved_id)
    order by f.created_at desc, f.follower_id desc
    limit p_limit
  loop
    if v_author.is_filling then
      -- Somebody else is at this inbox: from here on again in the next step.
      exit when not app_private.backfill_feed(v_moved.follower_id, v_author.author_id);
    else
      update public.follows f set is_pulled = v_author.state = 'growing'
      where f.follower_id = v_moved.follower_id and f.followee_id = v_author.author_id
        and f.is_pulled <> (v_author.state = 'growing');
    end if;
    v_author.moved_at := v_moved.created_at;
    v_author.moved_id := v_moved.follower_id;
    v_count := v_count + 1;
  end loop;
  perform app_private.note_resize(v_author, exists (
    select from public.follows f
    where f.followee_id = v_author.author_id and (f.created_at, f.follower_id) < (v_author.moved_at, v_author.moved_id)
  ));
  return greatest(v_count, 1);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.retry_account_job (
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
  update public.account_jobs j set state = 'queued', last_error = left(p_error, 2000), run_after = clock_timestamp() + p_retry_in
  where j.id = p_id and j.state = 'running' and j.attempts = p_attempts;
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.search_candidates (
  p_viewer uuid,
  p_query  text
)
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_end text := p_query || chr(1114111); -- behind everything that begins with the query
  v_part text := '%' || regexp_replace(p_query, '([\\%_])', '\\\1', 'g') || '%';
  v_usernames int;
  v_names int;
begin
  return query
  select p.id from public.profiles p where p.username operator(extensions.=) p_query::extensions.citext;
  return query
  select p.id from public.profiles p
  where p.username::text ~>=~ p_query and p.username::text ~<~ v_end order by p.username::text using ~<~ limit 500;
  get diagnostics v_usernames = row_count;
  return query
  select p.id from public.profiles p
  where app_hidden.plain_name(p.full_name) ~>=~ p_query and app_hidden.plain_name(p.full_name) ~<~ v_end
  order by app_hidden.plain_name(p.full_name) using ~<~ limit 500;
  get diagnostics v_names = row_count;

  if greatest(v_usernames, v_names) = 500 then
    return query
    select p.id from public.follows f join public.profiles p on p.id = f.followee_id
    where f.follower_id = p_viewer and (starts_with(p.username::text, p_query) or starts_with(app_hidden.plain_name(p.full_name), p_query));
  elsif length(p_query) >= 3 then -- two letters are in too many names
    -- Half of the trigrams, so that one letter too many or too few in a short name is no more than a slip.
    perform set_config('pg_trgm.word_similarity_threshold', '0.5', true);
    return query
    select p.id from public.profiles p
    where p.username::text like v_part or p.username::text operator(extensions.%>) p_query limit 500;
    return query
    select p.id from public.profiles p
    where app_hidden.plain_name(p.full_name) like v_part or app_hidden.plain_name(p.full_name) operator(extensions.%>) p_query limit 500;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.settle_feeds (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_state public.feed_state;
  v_found record;
  v_count int := 0;
begin
  for v_state in
    select * from public.feed_state s where not s.is_settled order by s.user_id limit p_limit for no key update skip locked
  loop
    with pulled as materialized (
      select p.post_id, p.published_at, p.author_id
      from app_private.pull_posts(v_state.user_id, v_state.complete_since, 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 1000) p
    ), stored as (
      insert into public.feed_inbox (user_id, published_at, post_id, author_id)
      select v_state.user_id, p.published_at, p.post_id, p.author_id from pulled p
      on conflict do nothing
    )
    select count(*) as count, min(p.published_at) as oldest into v_found from pulled p;
    update public.feed_state s
    set is_settled = true,
      complete_since = case when v_found.count = 1000 then v_found.oldest + interval '1 microsecond' else s.complete_since end
    where s.user_id = v_state.user_id;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.shared_original (
  p_share    uuid,
  p_author   uuid,
  p_post     uuid,
  p_is_plain boolean
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_post public.posts;
begin
  select * into v_post from public.posts p where p.id = p_post;
  -- A share of a share shares what that one shares, so that there is one original and no chain.
  if v_post.type = 'share' then
    perform app_private.assert_post(p_author, p_post);
    select * into v_post from public.posts p where p.id = v_post.shared_post_id;
  end if;
  perform app_private.assert_post(p_author, v_post.id);
  if v_post.status <> 'published' or v_post.visibility = 'private' or not v_post.shares_allowed then
    perform app_hidden.fail(403, 'posts.shares_not_allowed', 'This post is not to be shared.', 'Share posts with `shares_allowed` that others may read.');
  end if;
  if p_is_plain then
    -- The second of two at once finds out here too, and not from the unique index.
    perform pg_advisory_xact_lock(hashtextextended('posts.share ' || p_author || v_post.id, 0));
    if exists (
      select from public.posts p
      where p.author_id = p_author and p.shared_post_id = v_post.id and p.type = 'share' and p.content is null and p.id <> p_share
    ) then
      perform app_hidden.fail(409, 'posts.already_shared', 'You have shared this post.', 'Share it again with words of your own.');
    end if;
  end if;
  return v_post.id;
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
  if p_viewer is not null then
    v_hidden := array(
      select b.blocked_id from public.blocks b where b.blocker_id = p_viewer
      union all select b.blocker_id from public.blocks b where b.blocked_id = p_viewer);
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

CREATE OR REPLACE FUNCTION app_private.tell_account_job()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_job jsonb := jsonb_build_object('user_id', new.user_id, 'job_id', new.id);
  v_what text := new.kind || '.' || new.state;
begin
  if tg_op = 'UPDATE' and old.state = new.state then
    return null;
  elsif v_what = 'export.done' then
    perform app_private.emit_event('user.export_ready', new.user_id, v_job || jsonb_build_object('expires_at', new.expires_at));
  elsif v_what = 'export.failed' then
    perform app_private.emit_event('user.export_failed', new.user_id, v_job || jsonb_build_object('reason', new.reason));
  elsif v_what = 'deletion.queued' and tg_op = 'INSERT' and exists (select from auth.users u where u.id = new.user_id) then
    perform app_private.emit_event('user.deletion_requested', new.user_id, v_job || jsonb_build_object('run_after', new.run_after));
  elsif v_what = 'deletion.cancelled' then
    perform app_private.emit_event('user.deletion_cancelled', new.user_id, v_job);
  elsif v_what = 'deletion.failed' then
    perform app_private.emit_event('user.deletion_refused', new.user_id, v_job || jsonb_build_object('reason', new.reason));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_blocks()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'graph.blocked', a.blocker_id, jsonb_build_object('blocker_id', a.blocker_id, 'blocked_id', a.blocked_id)
    from added a;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'graph.unblocked', g.blocker_id, jsonb_build_object('blocker_id', g.blocker_id, 'blocked_id', g.blocked_id)
    from gone g
    where exists (select from public.profiles p where p.id = g.blocker_id) and exists (select from public.profiles p where p.id = g.blocked_id);
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
    jsonb_build_object('comment_id', new.id, 'post_id', new.post_id, 'author_id', new.author_id));
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
    jsonb_build_object('comment_id', g.id, 'post_id', g.post_id, 'author_id', g.author_id)
  from gone g join public.posts p on p.id = g.post_id where g.deleted_at is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_comments_written()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'comment.created', a.author_id, jsonb_build_object(
    'comment_id', a.id, 'post_id', a.post_id, 'parent_id', a.parent_id, 'author_id', a.author_id, 'post_author_id', p.author_id,
    'mentions', (select coalesce(jsonb_agg(m.user_id), '[]') from public.comment_mentions m where m.comment_id = a.id))
  from added a join public.posts p on p.id = a.post_id;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_follow_requested()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), 'graph.follow_requested', a.requester_id,
    jsonb_build_object('requester_id', a.requester_id, 'target_id', a.target_id)
  from added a;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_follows()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if tg_op = 'INSERT' then
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'graph.followed', coalesce(app_private.acting_person(), a.follower_id),
      jsonb_build_object('follower_id', a.follower_id, 'followee_id', a.followee_id)
    from added a;
  else
    insert into app_private.outbox_events (id, type, actor_id, payload)
    select app_private.uuid_v7(), 'graph.unfollowed', app_private.acting_person(),
      jsonb_build_object('follower_id', g.follower_id, 'followee_id', g.followee_id)
    from gone g
    -- A deleted person is told of by user.deleted, and not by each follow.
    where exists (select from public.profiles p where p.id = g.follower_id) and exists (select from public.profiles p where p.id = g.followee_id);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_post_likes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into app_private.outbox_events (id, type, actor_id, payload)
  select app_private.uuid_v7(), case tg_op when 'INSERT' then 'post.liked' else 'post.unliked' end, c.user_id,
    jsonb_build_object('post_id', c.post_id, 'author_id', p.author_id, 'user_id', c.user_id)
  -- A deleted post or person is told of by its own event, and not by each like.
  from changed c join public.posts p on p.id = c.post_id join public.profiles u on u.id = c.user_id;
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
    jsonb_build_object('post_id', b.id, 'author_id', b.author_id, 'published_at', b.published_at)
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
    jsonb_build_object('post_id', g.id, 'author_id', g.author_id, 'published_at', g.published_at)
  from gone g where g.status = 'published';
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_posts_written()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_post_published(array(select a.id from added a where a.status = 'published'));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_reported()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.emit_event('post.reported', new.reporter_id, jsonb_build_object(
    'report_id', new.id, 'reporter_id', new.reporter_id, 'post_id', new.post_id, 'comment_id', new.comment_id,
    'profile_id', new.profile_id, 'reason', new.reason));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tell_verification_decided()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  -- By an operator, who has no user id.
  perform app_private.emit_event('user.verification_decided', null,
    jsonb_build_object('user_id', new.user_id, 'kind', new.kind, 'state', new.state));
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.tidy_threads()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_empty uuid[] := array(
    select c.id from public.comments c
    where c.id in (select g.parent_id from gone g where g.parent_id is not null) and c.deleted_at is not null
      and not exists (select from public.comments a where a.parent_id = c.id)
  );
begin
  if v_empty <> '{}' then -- a deletion of nothing would fire this again, and so on
    delete from public.comments c where c.id = any (v_empty);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.trim_inboxes (
  p_limit integer
)
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_user uuid;
  v_cut timestamptz;
  v_count int := 0;
begin
  for v_user in
    select s.user_id from public.feed_state s where s.trimmed_at <= now() - interval '1 hour'
    order by s.trimmed_at limit p_limit for no key update skip locked
  loop
    select i.published_at into v_cut from public.feed_inbox i
    where i.user_id = v_user order by i.published_at desc, i.post_id desc offset 1000 limit 1;
    if found then
      -- The whole moment goes, so that what is left is complete from a moment on.
      delete from public.feed_inbox i where i.user_id = v_user and i.published_at <= v_cut;
    end if;
    update public.feed_state s
    set trimmed_at = now(), complete_since = greatest(s.complete_since, coalesce(v_cut + interval '1 microsecond', '-infinity'))
    where s.user_id = v_user;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.unblock_person (
  p_actor  uuid,
  p_target uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_known(p_actor, p_target);
  delete from public.blocks b where b.blocker_id = p_actor and b.blocked_id = p_target;
  return jsonb_build_object('user_id', p_target, 'status', 'none');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.unfollow (
  p_actor  uuid,
  p_target uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.lock_pairs(array[p_actor], array[p_target]);
  perform app_private.assert_known(p_actor, p_target);
  perform app_private.note_actor(p_actor);
  delete from public.follow_requests r where r.requester_id = p_actor and r.target_id = p_target;
  delete from public.follows f where f.follower_id = p_actor and f.followee_id = p_target;
  return jsonb_build_object('user_id', p_target, 'status', 'none');
end
$function$;

CREATE OR REPLACE FUNCTION app_private.unmute_person (
  p_actor  uuid,
  p_target uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_known(p_actor, p_target);
  delete from public.mutes m where m.muter_id = p_actor and m.muted_id = p_target;
  return jsonb_build_object('user_id', p_target, 'status', 'none');
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
    ) or app_private.is_username_held(lower(p_username), null) then 'taken'
    else 'available'
  end
$function$;

CREATE OR REPLACE FUNCTION app_private.warm_feed (
  p_user uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into public.feed_state as s (user_id, complete_since) values (p_user, 'infinity')
  on conflict (user_id) do update
    set complete_since = 'infinity', is_settled = false, pulled_at = now(), read_at = now(), trimmed_at = now()
    where s.read_at <= now() - interval '30 days';
  if not found then
    return; -- another page of the same person was first, and its inbox is there by now
  end if;
  delete from public.feed_inbox i where i.user_id = p_user;
  perform app_private.build_feed(p_user);
end
$function$;

CREATE OR REPLACE FUNCTION app_private.work_feed (
  p_limit      integer,
  p_large_from integer DEFAULT 5000
)
  RETURNS TABLE (
    worked  integer,
    failed  integer,
    changed uuid[]
  )
  LANGUAGE plpgsql
  SECURITY DEFINER
  ROWS 1
  SET search_path TO ''
  AS $function$
declare
  v_task app_private.feed_tasks;
begin
  worked := 0;
  failed := 0;
  changed := '{}';
  for v_task in
    select * from app_private.feed_tasks t where t.due_at <= now()
    order by t.due_at, t.id
    limit least(greatest(p_limit, 1), 50) -- each takes a subtransaction
    for update skip locked
  loop
    begin
      changed := changed || app_private.work_feed_task(v_task, p_large_from);
    exception when others then
      failed := failed + 1;
      update app_private.feed_tasks t
      set attempts = t.attempts + 1, last_error = left(sqlerrm, 500),
        due_at = clock_timestamp() + least(interval '10 minutes', interval '1 second' * 2 ^ least(t.attempts, 20))
      where t.id = v_task.id;
    end;
    worked := worked + 1;
    exit when clock_timestamp() > statement_timestamp() + interval '1 second';
  end loop;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.work_feed_task (
  p_task       app_private.feed_tasks,
  p_large_from integer
)
  RETURNS uuid[]
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_changed uuid[];
  v_next uuid;
  v_limit int;
  v_is_done boolean := true;
begin
  case p_task.kind
    when 'push' then
      -- The author's own inbox in any case: it may have been built while the post was written.
      v_limit := case when p_task.done_to is null and app_private.is_pulled_post(p_task, p_large_from) then 0 else 1000 end;
      select p.next_after, p.pushed into v_next, v_changed from app_private.push_post(p_task.post_id, p_task.done_to, v_limit) p;
    when 'drop' then
      if not exists (select from app_private.large_authors l where l.author_id = p_task.author_id) then
        select d.next_after, d.dropped into v_next, v_changed from app_private.drop_post(p_task, 1000) d;
      end if;
    when 'followed' then
      perform app_private.mark_pulled(p_task.follower_id, p_task.author_id);
      v_is_done := app_private.backfill_feed(p_task.follower_id, p_task.author_id);
      -- Two who have become friends: the other one may now see posts that are for friends.
      if exists (select from public.follows f where f.follower_id = p_task.author_id and f.followee_id = p_task.follower_id) then
        v_is_done := app_private.backfill_feed(p_task.author_id, p_task.follower_id) and v_is_done;
      end if;
      v_changed := array[p_task.follower_id, p_task.author_id];
    when 'unfollowed' then
      v_is_done := app_private.clear_author(p_task.follower_id, p_task.author_id);
      v_changed := array[p_task.follower_id];
  end case;
  if v_next is not null then
    update app_private.feed_tasks t set done_to = v_next where t.id = p_task.id;
  elsif v_is_done then
    delete from app_private.feed_tasks t where t.id = p_task.id;
  else
    update app_private.feed_tasks t set due_at = clock_timestamp() + interval '100 milliseconds' where t.id = p_task.id;
  end if;
  return coalesce(v_changed, '{}');
end
$function$;

CREATE OR REPLACE FUNCTION public.add_comment (
  p_post    uuid,
  p_content text,
  p_parent  uuid DEFAULT NULL::uuid
)
  RETURNS public.comment_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_card public.comment_card;
begin
  insert into public.comments (post_id, parent_id, content) values (p_post, p_parent, p_content) returning id into v_id;
  select * into v_card from public.comment_cards(array[v_id]);
  return v_card;
end
$function$;

REVOKE ALL ON FUNCTION "public"."add_comment"(uuid, text, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.blocked_people (
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
    select b.blocked_id as id, b.created_at as at from public.blocks b
    where b.blocker_id = v_me
      and (b.created_at, b.blocked_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by b.created_at desc, b.blocked_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."blocked_people"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.bookmark_post (
  p_post uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into public.bookmarks (post_id) values (p_post) on conflict do nothing;
  return jsonb_build_object('post_id', p_post, 'bookmarked', true);
end
$function$;

REVOKE ALL ON FUNCTION "public"."bookmark_post"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.comment_cards (
  p_ids uuid[]
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
  v_comments public.comments[];
  v_ids uuid[];
  v_authors uuid[];
begin
  select array_agg(c), array_agg(c.id), array_agg(c.author_id) into v_comments, v_ids, v_authors
  from unnest(p_ids[1:200]) u (id) join public.comments c on c.id = u.id;
  if v_ids is null then
    return;
  end if;
  return query
  select c.id, c.post_id, c.parent_id, case when c.deleted_at is null then f.author end, c.content,
    c.likes_count + f.likes_added, c.replies_count + f.replies_added, f.liked, c.edited_at, c.deleted_at, c.created_at,
    c.deleted_at is null and coalesce((select auth.uid()) in (c.author_id, p.author_id), false)
  from unnest(v_comments) c
  join app_hidden.comment_facts(v_ids, v_authors) f on f.comment_id = c.id
  join public.posts p on p.id = c.post_id
  order by array_position(p_ids, c.id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."comment_cards"(uuid[]) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.create_post (
  p jsonb
)
  RETURNS public.post_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
  v_card public.post_card;
  v_poll jsonb := nullif(p -> 'poll', 'null');
  v_scheduled_for timestamptz;
  v_status text;
begin
  perform app_hidden.assert_fields(p, '{"type": "string", "content": "string", "media_urls": "strings", "location": "string", "tags": "strings",
    "visibility": "string", "reply_control": "string", "shares_allowed": "boolean", "shared_post_id": "uuid", "scheduled_for": "time",
    "draft": "boolean", "poll": "object"}');
  v_scheduled_for := (p ->> 'scheduled_for')::timestamptz;
  v_status := case
    when (p ->> 'draft')::boolean then 'draft'
    when v_scheduled_for is not null then 'scheduled'
    else 'published' end;
  insert into public.posts (type, content, media_urls, location, tags, visibility, reply_control, shares_allowed, shared_post_id, status, scheduled_for)
  values (
    coalesce(p ->> 'type', 'text'), p ->> 'content', app_hidden.texts(p -> 'media_urls'), p ->> 'location', app_hidden.texts(p -> 'tags'),
    coalesce(p ->> 'visibility', 'public'), coalesce(p ->> 'reply_control', 'everyone'), coalesce((p ->> 'shares_allowed')::boolean, true),
    (p ->> 'shared_post_id')::uuid,
    -- A poll may be all that a post says, so it must be there before the post is published.
    case when v_poll is null then v_status else 'draft' end, v_scheduled_for)
  returning id into v_id;
  if v_poll is not null then
    perform app_hidden.set_poll(v_id, v_poll, coalesce(v_scheduled_for, now()));
    if v_status <> 'draft' then
      update public.posts x set status = v_status, scheduled_for = v_scheduled_for where x.id = v_id;
    end if;
  end if;
  select * into v_card from public.post_cards(array[v_id]);
  return v_card;
end
$function$;

REVOKE ALL ON FUNCTION "public"."create_post"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.delete_comment (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if not exists (
    select from public.comments c join public.posts p on p.id = c.post_id
    where c.id = p_id and c.deleted_at is null and auth.uid() in (c.author_id, p.author_id)
  ) then
    return false;
  end if;
  delete from public.comments c where c.id = p_id;
  return true;
end
$function$;

REVOKE ALL ON FUNCTION "public"."delete_comment"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.delete_post (
  p_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  delete from public.posts p where p.id = p_id and p.author_id = (select auth.uid());
  return found;
end
$function$;

REVOKE ALL ON FUNCTION "public"."delete_post"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.edit_comment (
  p_id      uuid,
  p_content text
)
  RETURNS public.comment_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_card public.comment_card;
begin
  update public.comments c set content = p_content where c.id = p_id and c.author_id = (select auth.uid()) and c.deleted_at is null;
  if not found then
    perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment of yours.', 'It may have been deleted.');
  end if;
  select * into v_card from public.comment_cards(array[p_id]);
  return v_card;
end
$function$;

REVOKE ALL ON FUNCTION "public"."edit_comment"(uuid, text) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.feed_cards (
  p_ids uuid[]
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return query
  select * from app_hidden.feed_cards_of(array(
    select p.id from unnest(p_ids[1:101]) with ordinality u (id, n)
    join public.posts p on p.id = u.id
    where p.author_id = (select auth.uid())
      or (
        exists (select from public.follows f where f.follower_id = (select auth.uid()) and f.followee_id = p.author_id)
        and not exists (
          select from public.mutes m
          where m.muter_id = (select auth.uid()) and m.muted_id = p.author_id and (m.until is null or m.until > now())
        )
      )
    order by u.n
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."feed_cards"(uuid[]) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.find_person (
  p_name text
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
    moved_from         text
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
  return query
  select c.*, f.moved_from
  from app_private.find_user(v_me, trim(leading '@' from trim(left(p_name, 64)))) f
  join public.profiles p on p.id = f.id and app_private.can_view_profile(v_me, p.id)
  cross join lateral app_private.person_cards(v_me, array[p.id], array[p.created_at]) c;
end
$function$;

REVOKE ALL ON FUNCTION "public"."find_person"(text) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.follow_requests_received (
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
    select r.requester_id as id, r.created_at as at from public.follow_requests r
    where r.target_id = v_me
      and (r.created_at, r.requester_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.requester_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."follow_requests_received"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.follow_requests_sent (
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
    select r.target_id as id, r.created_at as at from public.follow_requests r
    where r.requester_id = v_me
      and (r.created_at, r.target_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by r.created_at desc, r.target_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."follow_requests_sent"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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
  v_hidden uuid[];
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_hidden := array(select app_hidden.hidden_people());
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.follower_id as id, f.created_at as at from public.follows f
    where f.followee_id = p_user and f.follower_id <> all (v_hidden)
      and (f.created_at, f.follower_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.follower_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."followers"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

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
  v_hidden uuid[];
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_hidden := array(select app_hidden.hidden_people());
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.followee_id as id, f.created_at as at from public.follows f
    where f.follower_id = p_user and f.followee_id <> all (v_hidden)
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."following"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

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
    where f.follower_id = v_me
      and exists (select from public.follows b where b.follower_id = f.followee_id and b.followee_id = v_me)
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."friends"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.home_feed (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_limit int := least(greatest(coalesce(p_limit, 20), 1), 101);
  v_step int := v_limit;
  v_count int := 0;
  v_shown int;
  v_page record;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_hidden.prepare_feed();
  p_before_id := case when p_before is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else coalesce(p_before_id, '00000000-0000-0000-0000-000000000000') end;
  p_before := coalesce(p_before, 'infinity');
  loop
    select * into v_page from app_hidden.feed_ids(v_step, p_before, p_before_id);
    return query select * from app_hidden.feed_cards_of(v_page.ids) limit v_limit - v_count;
    get diagnostics v_shown = row_count;
    v_count := v_count + v_shown;
    exit when v_count = v_limit or not v_page.more;
    -- Some were gone or hidden: on to the next, in longer steps where many are.
    p_before := v_page.last_at;
    p_before_id := v_page.last_id;
    v_step := least(v_step * 2, 200);
  end loop;
end
$function$;

REVOKE ALL ON FUNCTION "public"."home_feed"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.like_comment (
  p_comment uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into public.comment_likes (comment_id) values (p_comment) on conflict do nothing;
  return jsonb_build_object('comment_id', p_comment, 'liked', true,
    'likes_count', (select c.likes_count from public.comment_cards(array[p_comment]) c));
end
$function$;

REVOKE ALL ON FUNCTION "public"."like_comment"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.like_post (
  p_post uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into public.post_likes (post_id) values (p_post) on conflict do nothing;
  return jsonb_build_object('post_id', p_post, 'liked', true, 'likes_count', app_hidden.likes_of(p_post));
end
$function$;

REVOKE ALL ON FUNCTION "public"."like_post"(uuid) FROM PUBLIC, "anon", "service_role";

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
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select m.muted_id as id, m.created_at as at from public.mutes m
    where m.muter_id = v_me and (m.until is null or m.until > now()) and m.muted_id <> all (v_hidden)
      and (m.created_at, m.muted_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by m.created_at desc, m.muted_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."muted_people"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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
  v_hidden uuid[];
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_lists(v_me, p_user);
  v_hidden := array(select app_hidden.hidden_people());
  select array_agg(x.id), array_agg(x.at) into v_ids, v_ats from (
    select f.followee_id as id, f.created_at as at from public.follows f
    where f.follower_id = v_me and f.followee_id <> all (v_hidden)
      and exists (select from public.follows b where b.follower_id = f.followee_id and b.followee_id = v_me)
      and exists (select from public.follows t where t.follower_id = f.followee_id and t.followee_id = p_user)
      and exists (select from public.follows t where t.follower_id = p_user and t.followee_id = f.followee_id)
      and (f.created_at, f.followee_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by f.created_at desc, f.followee_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."mutual_friends"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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
    where b.user_id = (select auth.uid()) and exists (select from public.posts p where p.id = b.post_id)
      and (b.created_at, b.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by b.created_at desc, b.post_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select c.*, v_ats[array_position(v_ids, c.id)] from public.post_cards(v_ids) c;
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_bookmarks"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.my_drafts (
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.author_id = (select auth.uid()) and p.status in ('draft', 'scheduled')
      and (p.created_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.created_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."my_drafts"(integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

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
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_ids uuid[];
  v_ats timestamptz[];
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  perform app_private.assert_post(v_me, p_post);
  select array_agg(x.user_id), array_agg(x.created_at) into v_ids, v_ats from (
    select l.user_id, l.created_at from public.post_likes l
    where l.post_id = p_post and l.user_id <> all (v_hidden)
      and (l.created_at, l.user_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by l.created_at desc, l.user_id desc limit least(greatest(p_limit, 1), 101)
  ) x;
  return query select * from app_private.person_cards(v_me, v_ids, v_ats);
end
$function$;

REVOKE ALL ON FUNCTION "public"."people_who_liked"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.post_cards (
  p_ids uuid[]
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
  v_posts public.posts[];
  v_ids uuid[];
  v_authors uuid[];
  v_reply_controls text[];
  v_shared uuid[];
begin
  select array_agg(p), array_agg(p.id), array_agg(p.author_id), array_agg(p.reply_control),
    array_agg(p.shared_post_id) filter (where p.shared_post_id is not null)
  into v_posts, v_ids, v_authors, v_reply_controls, v_shared
  from (select distinct u.id from unnest(p_ids[1:200]) u (id)) w join public.posts p on p.id = w.id;
  if v_ids is null then
    return;
  end if;
  return query
  select s.id, f.author, s.type, s.content, s.media_urls, s.location, s.tags,
    -- A call only for the few posts that mention somebody, or have a poll.
    case when strpos(s.content, '@') > 0 then app_hidden.mentions_of(s.id) else '[]' end,
    s.visibility, s.reply_control, s.shares_allowed, s.status, s.published_at, s.scheduled_for, s.pinned_at, s.edited_at, s.created_at,
    f.likes_count, f.comments_count, f.shares_count, f.liked, f.bookmarked, f.can_comment and s.status = 'published',
    case when f.has_poll then app_hidden.poll_of(s.id) end, o.card, null::text
  from unnest(v_posts) s
  join app_hidden.post_facts(v_ids, v_authors, v_reply_controls) f on f.post_id = s.id
  left join app_hidden.shared_cards(v_shared) o on o.id = s.shared_post_id
  order by array_position(p_ids, s.id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."post_cards"(uuid[]) FROM PUBLIC, "service_role";

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
  v_hidden uuid[] := array(select app_hidden.hidden_people());
  v_limit int := least(greatest(p_limit, 1), 101);
  v_parent public.comments;
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if p_parent is not null then
    select * into v_parent from public.comments c
    where c.id = p_parent and c.post_id = coalesce(p_post, c.post_id) and c.author_id <> all (v_hidden);
    if not found or not app_private.can_view_post(v_me, v_parent.post_id) then
      perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
    end if;
    return query select * from public.comment_cards(array(
      select c.id from public.comments c
      where c.parent_id = p_parent and c.deleted_at is null and c.author_id <> all (v_hidden)
        and (c.created_at, c.id) > (coalesce(p_before, '-infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by c.created_at, c.id limit v_limit
    ));
    return;
  end if;
  perform app_private.assert_post(v_me, p_post);
  return query select * from public.comment_cards(array(
    select c.id from public.comments c
    where c.post_id = p_post and c.parent_id is null and c.author_id <> all (v_hidden)
      and (c.deleted_at is null or exists (select from public.comments a where a.parent_id = c.id and a.deleted_at is null))
      and (c.created_at, c.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by c.created_at desc, c.id desc limit v_limit
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."post_comments"(uuid, uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.post_history (
  p_post      uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_edits
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if not exists (select from public.posts p where p.id = p_post) then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
  return query
  select e.* from public.post_edits e
  where e.post_id = p_post
    and (e.replaced_at, e.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
  order by e.replaced_at desc, e.id desc limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."post_history"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.posts_by_author (
  p_author    uuid,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_shown text[] := app_hidden.shown_visibilities(p_author);
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  if not exists (select from public.profiles a where a.id = p_author) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where p.author_id = p_author and p.status = 'published' and p.visibility = any (v_shown)
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."posts_by_author"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.posts_by_location (
  p_location  text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query select * from public.post_cards(array(
    select p.id from public.posts p
    where lower(p.location) = lower(btrim(p_location)) and p.location is not null and p.status = 'published'
      and (p.published_at, p.id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by p.published_at desc, p.id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.posts_by_tag (
  p_tag       text,
  p_limit     integer                  DEFAULT 20,
  p_before    timestamp with time zone DEFAULT NULL::timestamp WITH time zone,
  p_before_id uuid                     DEFAULT NULL::uuid
)
  RETURNS SETOF public.post_card
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  perform app_hidden.assert_cursor(p_before, p_before_id);
  return query select * from public.post_cards(array(
    select t.post_id from public.post_tags t
    where t.tag = lower(ltrim(p_tag, '#') collate pg_catalog.pg_c_utf8)
      and (t.published_at, t.post_id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, '00000000-0000-0000-0000-000000000000'))
    order by t.published_at desc, t.post_id desc limit least(greatest(p_limit, 1), 101)
  ));
end
$function$;

REVOKE ALL ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.profile_page (
  p_user uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_page jsonb;
begin
  if not app_private.can_view_profile(v_me, p_user) then
    perform app_hidden.fail(404, 'users.not_found', 'There is no such user.', 'Pass the id or the username of a user whom you may see.');
  end if;
  select to_jsonb(p) || to_jsonb(c) into v_page
  from public.profiles p, app_private.shown_profile_counts(v_me, p.id) c where p.id = p_user;
  return v_page || jsonb_build_object('relationship', (select to_jsonb(r) from public.relationship(p_user) r));
end
$function$;

REVOKE ALL ON FUNCTION "public"."profile_page"(uuid) FROM PUBLIC, "service_role";

CREATE OR REPLACE FUNCTION public.relationship (
  p_user uuid
)
  RETURNS TABLE (
    is_self          boolean,
    follows          boolean,
    is_followed      boolean,
    is_friend        boolean,
    requested        boolean,
    requested_by     boolean,
    blocked_by_me    boolean,
    muted_until      timestamp with time zone,
    muted            boolean,
    can_view_content boolean,
    can_view_lists   boolean,
    can_message      boolean,
    can_mention      boolean,
    can_call         boolean,
    can_invite       boolean,
    can_comment      boolean
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
declare
  v_me uuid := auth.uid();
  r record;
  v_settings jsonb;
  v_blocked_by_me boolean := exists (select from public.blocks b where b.blocker_id = v_me and b.blocked_id = p_user);
  v_sees boolean;
begin
  select x.* into r from app_private.relation(v_me, p_user) x;
  if v_me is null or not found or (r.is_blocked and not v_blocked_by_me) then
    return;
  end if;
  select s.privacy_settings into v_settings from public.account_settings s where s.user_id = p_user;
  v_sees := r.is_self or (not r.is_blocked and (r.follows or not r.is_private));
  return query
  select r.is_self, r.follows, r.is_followed, r.follows and r.is_followed,
    exists (select from public.follow_requests q where q.requester_id = v_me and q.target_id = p_user),
    exists (select from public.follow_requests q where q.requester_id = p_user and q.target_id = v_me),
    v_blocked_by_me, m.until, m.muter_id is not null, v_sees,
    r.is_self or (v_sees and not coalesce((v_settings ->> 'hide_follower_lists')::boolean, false)),
    a.admitted[1], a.admitted[2], a.admitted[3], a.admitted[4], a.admitted[5] and v_sees
  from (
    select array_agg(
      r.is_self or (not r.is_blocked and app_private.admits(coalesce(v_settings ->> k.setting, 'everyone'), r.follows, r.is_followed))
      order by k.position) as admitted
    from unnest(array['who_can_message', 'who_can_mention', 'who_can_call', 'who_can_invite', 'who_can_comment'])
      with ordinality k (setting, position)
  ) a
  left join public.mutes m on m.muter_id = v_me and m.muted_id = p_user and (m.until is null or m.until > now());
end
$function$;

REVOKE ALL ON FUNCTION "public"."relationship"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.report (
  p jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_id uuid;
begin
  perform app_hidden.assert_fields(p, '{"post_id": "uuid", "comment_id": "uuid", "profile_id": "uuid", "reason": "string", "details": "string"}');
  insert into public.reports (post_id, comment_id, profile_id, reason, details)
  values ((p ->> 'post_id')::uuid, (p ->> 'comment_id')::uuid, (p ->> 'profile_id')::uuid, p ->> 'reason', p ->> 'details')
  returning id into v_id;
  return jsonb_build_object('id', v_id);
end
$function$;

REVOKE ALL ON FUNCTION "public"."report"(jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.request_verification (
  p jsonb
)
  RETURNS public.verification_requests
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  r public.verification_requests;
begin
  perform app_hidden.assert_fields(p, '{"kind": "string", "level": "string", "statement": "string", "evidence_urls": "strings"}');
  insert into public.verification_requests (kind, level, statement, evidence_urls)
  values (p ->> 'kind', p ->> 'level', p ->> 'statement',
    array(select jsonb_array_elements_text(coalesce(nullif(p -> 'evidence_urls', 'null'), '[]'))))
  returning * into r;
  return r;
exception when unique_violation then
  perform app_hidden.fail(409, 'users.verification_open', 'You have asked for this already.', 'Wait for the answer, or withdraw the open request.');
end
$function$;

REVOKE ALL ON FUNCTION "public"."request_verification"(jsonb) FROM PUBLIC, "anon", "service_role";

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
  v_hidden uuid[] := array(select app_hidden.hidden_people());
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
    where p.id <> all (v_hidden)
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
    exists (select from public.follows b where b.follower_id = r.id and b.followee_id = v_me), r.created_at, r.rank
  from ranked r
  where p_before_rank is null or (r.rank, r.id) < (p_before_rank, p_before_id)
  order by r.rank desc, r.id desc
  limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."search_people"(text, integer, real, uuid) FROM PUBLIC, "service_role";

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
  v_hidden uuid[] := array(select app_hidden.hidden_people());
begin
  return query
  with mine as materialized (
    select f.followee_id as id from public.follows f
    where f.follower_id = v_me order by f.created_at desc, f.followee_id desc limit 100
  ), known as (
    select t.id, count(*)::int as mutual_count
    from mine m
    join public.account_settings s on s.user_id = m.id and s.privacy_settings -> 'hide_follower_lists' is distinct from 'true'
    cross join lateral (
      select f.followee_id as id from public.follows f
      where f.follower_id = m.id order by f.created_at desc, f.followee_id desc limit 50
    ) t
    group by t.id
  ), candidates as (
    select coalesce(k.id, p.user_id) as id, coalesce(k.mutual_count, 0) as mutual_count, coalesce(p.followers_count, 0) as popularity
    from known k full join app_private.most_followed() p on p.user_id = k.id
  )
  select p.id, p.username::text, p.full_name, p.avatar_url, p.is_verified, p.verification_level, p.is_private, false,
    exists (select from public.follows f where f.follower_id = p.id and f.followee_id = v_me), p.created_at, c.mutual_count
  from candidates c join public.profiles p on p.id = c.id
  where c.id <> v_me and c.id <> all (v_hidden)
    and (c.mutual_count > 0 or not p.is_private)
    and not exists (select from public.follows f where f.follower_id = v_me and f.followee_id = c.id)
    and not exists (select from public.follow_requests r where r.requester_id = v_me and r.target_id = c.id)
    and not exists (select from public.mutes m where m.muter_id = v_me and m.muted_id = c.id and (m.until is null or m.until > now()))
  order by c.mutual_count desc, c.popularity desc, c.id
  limit least(greatest(p_limit, 1), 101);
end
$function$;

REVOKE ALL ON FUNCTION "public"."suggested_people"(integer) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.unbookmark_post (
  p_post uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Also one of a post that is not shown any more: the bookmark is the caller's.
  delete from public.bookmarks b where b.post_id = p_post and b.user_id = (select auth.uid());
  return jsonb_build_object('post_id', p_post, 'bookmarked', false);
end
$function$;

REVOKE ALL ON FUNCTION "public"."unbookmark_post"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.unlike_comment (
  p_comment uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_likes bigint;
begin
  delete from public.comment_likes l where l.comment_id = p_comment and l.user_id = (select auth.uid());
  select c.likes_count into v_likes from public.comment_cards(array[p_comment]) c where c.deleted_at is null;
  if not found then
    perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
  end if;
  return jsonb_build_object('comment_id', p_comment, 'liked', false, 'likes_count', v_likes);
end
$function$;

REVOKE ALL ON FUNCTION "public"."unlike_comment"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.unlike_post (
  p_post uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  delete from public.post_likes l where l.post_id = p_post and l.user_id = (select auth.uid());
  if not exists (select from public.posts p where p.id = p_post) then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
  return jsonb_build_object('post_id', p_post, 'liked', false, 'likes_count', app_hidden.likes_of(p_post));
end
$function$;

REVOKE ALL ON FUNCTION "public"."unlike_post"(uuid) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.update_post (
  p_id uuid,
  p    jsonb
)
  RETURNS public.post_card
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_old public.posts;
  v_card public.post_card;
  v_scheduled_for timestamptz;
begin
  perform app_hidden.assert_fields(p, '{"content": "string", "media_urls": "strings", "location": "string", "tags": "strings",
    "visibility": "string", "reply_control": "string", "shares_allowed": "boolean", "scheduled_for": "time", "poll": "object",
    "pinned": "boolean", "publish": "boolean"}');
  select * into v_old from public.posts x where x.id = p_id and x.author_id = (select auth.uid()) and x.status <> 'removed' for update;
  if not found then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post of yours.', 'It may have been deleted.');
  end if;
  v_scheduled_for := case when p ? 'scheduled_for' then (p ->> 'scheduled_for')::timestamptz else v_old.scheduled_for end;
  if p ? 'poll' then
    perform app_hidden.set_poll(p_id, p -> 'poll', coalesce(v_scheduled_for, now()));
  end if;
  update public.posts x set
    content = case when p ? 'content' then p ->> 'content' else v_old.content end,
    media_urls = case when p ? 'media_urls' then app_hidden.texts(p -> 'media_urls') else v_old.media_urls end,
    location = case when p ? 'location' then p ->> 'location' else v_old.location end,
    tags = case when p ? 'tags' then app_hidden.texts(p -> 'tags') else v_old.tags end,
    visibility = coalesce(p ->> 'visibility', v_old.visibility),
    reply_control = coalesce(p ->> 'reply_control', v_old.reply_control),
    shares_allowed = coalesce((p ->> 'shares_allowed')::boolean, v_old.shares_allowed),
    pinned_at = case when p ? 'pinned' then case when (p ->> 'pinned')::boolean then coalesce(v_old.pinned_at, now()) end else v_old.pinned_at end,
    status = case
      when (p ->> 'publish')::boolean then 'published'
      when not p ? 'scheduled_for' then v_old.status
      when v_scheduled_for is not null then 'scheduled'
      when v_old.status = 'scheduled' then 'draft'
      else v_old.status end,
    scheduled_for = v_scheduled_for
  where x.id = p_id;
  select * into v_card from public.post_cards(array[p_id]);
  return v_card;
end
$function$;

REVOKE ALL ON FUNCTION "public"."update_post"(uuid, jsonb) FROM PUBLIC, "anon", "service_role";

CREATE OR REPLACE FUNCTION public.vote_in_poll (
  p_post      uuid,
  p_positions smallint[]
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  v_poll public.polls;
begin
  if not exists (select from public.posts p where p.id = p_post) then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post.', 'It may have been deleted, or is not shown to you.');
  end if;
  select * into v_poll from public.polls q where q.post_id = p_post;
  if not found then
    perform app_hidden.fail(404, 'posts.no_poll', 'This post has no poll.', 'Vote in posts with a poll.');
  elsif v_poll.ends_at <= now() then
    perform app_hidden.fail(409, 'posts.poll_closed', 'This poll is over.', 'Read the result.');
  end if;
  perform app_hidden.lock_my_vote(p_post);
  delete from public.poll_votes v where v.post_id = p_post and v.user_id = (select auth.uid()) and v.position <> all (p_positions);
  insert into public.poll_votes (post_id, position) select distinct p_post, u from unnest(p_positions) u
  on conflict do nothing;
  return app_hidden.poll_of(p_post);
end
$function$;

REVOKE ALL ON FUNCTION "public"."vote_in_poll"(uuid, smallint[]) FROM PUBLIC, "anon", "service_role";

ALTER TABLE "app_private"."former_usernames"
  ADD CONSTRAINT "former_usernames_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL;

ALTER TABLE "app_private"."large_authors"
  ADD CONSTRAINT "large_authors_author_id_fkey" FOREIGN KEY (author_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."popular_people"
  ADD CONSTRAINT "popular_people_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."comment_mentions"
  ADD CONSTRAINT "comment_mentions_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."feed_state"
  ADD CONSTRAINT "feed_state_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."follow_requests"
  ADD CONSTRAINT "follow_requests_requester_id_fkey" FOREIGN KEY (requester_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."follow_requests"
  ADD CONSTRAINT "follow_requests_target_id_fkey" FOREIGN KEY (target_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."follows"
  ADD CONSTRAINT "follows_followee_id_fkey" FOREIGN KEY (followee_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."follows"
  ADD CONSTRAINT "follows_follower_id_fkey" FOREIGN KEY (follower_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."mutes"
  ADD CONSTRAINT "mutes_muted_id_fkey" FOREIGN KEY (muted_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."mutes"
  ADD CONSTRAINT "mutes_muter_id_fkey" FOREIGN KEY (muter_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "app_private"."poll_tallies"
  ADD CONSTRAINT "poll_tallies_post_id_position_fkey" FOREIGN KEY (post_id, "position") REFERENCES public.poll_options(post_id, "position") ON DELETE CASCADE;

ALTER TABLE "public"."poll_votes"
  ADD CONSTRAINT "poll_votes_post_id_position_fkey" FOREIGN KEY (post_id, "position") REFERENCES public.poll_options(post_id, "position") ON DELETE CASCADE;

ALTER TABLE "public"."poll_options"
  ADD CONSTRAINT "poll_options_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.polls(post_id) ON DELETE CASCADE;

ALTER TABLE "public"."post_mentions"
  ADD CONSTRAINT "post_mentions_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."profile_counts"
  ADD CONSTRAINT "profile_counts_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."reports"
  ADD CONSTRAINT "reports_accused_id_fkey" FOREIGN KEY (accused_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

ALTER TABLE "public"."reports"
  ADD CONSTRAINT "reports_profile_id_fkey" FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX count_deltas_target_idx ON app_private.count_deltas USING btree (target);

CREATE INDEX feed_tasks_due_idx ON app_private.feed_tasks USING btree (due_at, id);

CREATE INDEX former_usernames_until_idx ON app_private.former_usernames USING btree (until);

CREATE INDEX former_usernames_user_id_idx ON app_private.former_usernames USING btree (user_id);

CREATE INDEX poll_tallies_option_idx ON app_private.poll_tallies USING btree (post_id, "position");

CREATE INDEX pulled_posts_noticed_at_idx ON app_private.pulled_posts USING btree (noticed_at);

CREATE INDEX account_jobs_due_idx ON public.account_jobs USING btree (run_after)
  WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX account_jobs_files_idx ON public.account_jobs USING btree (expires_at)
  WHERE (file_path IS NOT NULL);

CREATE INDEX account_jobs_finished_idx ON public.account_jobs USING btree (finished_at)
  WHERE (finished_at IS NOT NULL);

CREATE UNIQUE INDEX account_jobs_open_idx ON public.account_jobs USING btree (user_id, kind)
  WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX account_jobs_user_id_idx ON public.account_jobs USING btree (user_id, created_at DESC);

CREATE INDEX blocks_blocked_id_idx ON public.blocks USING btree (blocked_id, blocker_id);

CREATE INDEX blocks_latest_idx ON public.blocks USING btree (blocker_id, created_at DESC, blocked_id DESC);

CREATE INDEX bookmarks_post_id_idx ON public.bookmarks USING btree (post_id);

CREATE INDEX comment_mentions_user_id_idx ON public.comment_mentions USING btree (user_id);

CREATE INDEX feed_state_read_at_idx ON public.feed_state USING btree (read_at);

CREATE INDEX feed_state_trimmed_at_idx ON public.feed_state USING btree (trimmed_at);

CREATE INDEX feed_state_unsettled_idx ON public.feed_state USING btree (user_id)
  WHERE (NOT is_settled);

CREATE INDEX follow_requests_requester_idx ON public.follow_requests USING btree (requester_id, created_at DESC, target_id DESC);

CREATE INDEX follow_requests_target_idx ON public.follow_requests USING btree (target_id, created_at DESC, requester_id DESC);

CREATE INDEX follows_followers_idx ON public.follows USING btree (followee_id, created_at DESC, follower_id DESC);

CREATE INDEX follows_following_idx ON public.follows USING btree (follower_id, created_at DESC, followee_id DESC);

CREATE INDEX follows_pulled_idx ON public.follows USING btree (follower_id, followee_id)
  WHERE is_pulled;

CREATE INDEX mutes_latest_idx ON public.mutes USING btree (muter_id, created_at DESC, muted_id DESC);

CREATE INDEX mutes_muted_id_idx ON public.mutes USING btree (muted_id);

CREATE INDEX poll_votes_option_idx ON public.poll_votes USING btree (post_id, "position");

CREATE INDEX post_edits_post_id_idx ON public.post_edits USING btree (post_id, replaced_at DESC);

CREATE INDEX post_mentions_user_id_idx ON public.post_mentions USING btree (user_id);

CREATE INDEX post_tags_post_id_idx ON public.post_tags USING btree (post_id);

CREATE INDEX post_tags_published_at_idx ON public.post_tags USING btree (published_at);

CREATE INDEX posts_scheduled_idx ON public.posts USING btree (scheduled_for)
  WHERE (status = 'scheduled'::text);

CREATE INDEX profiles_username_prefix_idx ON public.profiles USING btree (((username)::text) text_pattern_ops);

CREATE INDEX profiles_username_trgm_idx ON public.profiles USING gin (((username)::text) extensions.gin_trgm_ops);

CREATE INDEX reports_accused_idx ON public.reports USING btree (accused_id);

CREATE INDEX reports_comment_id_idx ON public.reports USING btree (comment_id)
  WHERE (comment_id IS NOT NULL);

CREATE INDEX reports_open_idx ON public.reports USING btree (created_at)
  WHERE (state = 'open'::text);

CREATE INDEX reports_post_id_idx ON public.reports USING btree (post_id)
  WHERE (post_id IS NOT NULL);

CREATE INDEX reports_profile_id_idx ON public.reports USING btree (profile_id)
  WHERE (profile_id IS NOT NULL);

CREATE INDEX reports_subject_idx ON public.reports USING btree (subject_id);

CREATE INDEX verification_requests_queue_idx ON public.verification_requests USING btree (created_at)
  WHERE (state = 'open'::text);

CREATE TRIGGER queue_clean_up
  AFTER DELETE ON auth.users
  FOR EACH ROW
  EXECUTE FUNCTION app_private.queue_clean_up();

CREATE TRIGGER tell_account_job
  AFTER INSERT OR UPDATE OF state ON public.account_jobs
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_account_job();

CREATE TRIGGER follow_privacy
  AFTER INSERT OR UPDATE OF privacy_settings ON public.account_settings
  FOR EACH ROW
  EXECUTE FUNCTION app_private.follow_privacy();

CREATE TRIGGER guard_settings
  BEFORE INSERT OR UPDATE OF privacy_settings, notification_settings ON public.account_settings
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_settings();

CREATE TRIGGER part_the_blocked
  AFTER INSERT ON public.blocks REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.part_the_blocked();

CREATE TRIGGER refuse_oneself
  BEFORE INSERT ON public.blocks
  FOR EACH ROW
  WHEN ((new.blocker_id = new.blocked_id))
  EXECUTE FUNCTION app_private.refuse_oneself();

CREATE TRIGGER tell_blocked
  AFTER INSERT ON public.blocks REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_blocks();

CREATE TRIGGER tell_unblocked
  AFTER DELETE ON public.blocks REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_blocks();

CREATE TRIGGER guard_bookmark
  BEFORE INSERT ON public.bookmarks
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_bookmark();

CREATE TRIGGER count_likes
  AFTER INSERT ON public.comment_likes REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_comment_likes();

CREATE TRIGGER count_unlikes
  AFTER DELETE ON public.comment_likes REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_comment_likes();

CREATE TRIGGER guard_comment_like
  BEFORE INSERT ON public.comment_likes
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_comment_like();

CREATE TRIGGER count_deleted_comments
  AFTER DELETE ON public.comments REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_comments();

CREATE TRIGGER count_emptied_comment
  AFTER UPDATE OF deleted_at ON public.comments
  FOR EACH ROW
  WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL)))
  EXECUTE FUNCTION app_private.count_emptied_comment();

CREATE TRIGGER count_new_comments
  AFTER INSERT ON public.comments REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_comments();

CREATE TRIGGER guard_comment
  BEFORE INSERT OR UPDATE OF content ON public.comments
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_comment();

CREATE TRIGGER index_changed_comment
  AFTER UPDATE OF content ON public.comments
  FOR EACH ROW
  WHEN ((old.content IS DISTINCT FROM new.content))
  EXECUTE FUNCTION app_private.index_comment();

CREATE TRIGGER index_comment
  AFTER INSERT ON public.comments
  FOR EACH ROW
  WHEN ((new.content ~~ '%@%'::text))
  EXECUTE FUNCTION app_private.index_comment();

CREATE TRIGGER keep_thread
  BEFORE DELETE ON public.comments
  FOR EACH ROW
  EXECUTE FUNCTION app_private.keep_thread();

CREATE TRIGGER tell_comment_emptied
  AFTER UPDATE OF deleted_at ON public.comments
  FOR EACH ROW
  WHEN (((old.deleted_at IS NULL) AND (new.deleted_at IS NOT NULL)))
  EXECUTE FUNCTION app_private.tell_comment_emptied();

CREATE TRIGGER tell_comments_deleted
  AFTER DELETE ON public.comments REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_comments_deleted();

CREATE TRIGGER tell_comments_written
  AFTER INSERT ON public.comments REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_comments_written();

CREATE TRIGGER tidy_threads
  AFTER DELETE ON public.comments REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tidy_threads();

CREATE TRIGGER forget_inboxes
  AFTER DELETE ON public.feed_state REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.forget_inboxes();

CREATE TRIGGER tell_follow_requested
  AFTER INSERT ON public.follow_requests REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_follow_requested();

CREATE TRIGGER count_follows_ended
  AFTER DELETE ON public.follows REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_follows();

CREATE TRIGGER count_follows_made
  AFTER INSERT ON public.follows REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_follows();

CREATE TRIGGER note_follows_ended
  AFTER DELETE ON public.follows REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.note_follows();

CREATE TRIGGER note_follows_made
  AFTER INSERT ON public.follows REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.note_follows();

CREATE TRIGGER tell_followed
  AFTER INSERT ON public.follows REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_follows();

CREATE TRIGGER tell_unfollowed
  AFTER DELETE ON public.follows REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_follows();

CREATE TRIGGER refuse_mute_over
  BEFORE INSERT OR UPDATE OF until ON public.mutes
  FOR EACH ROW
  WHEN (((new.until <= now()) AND (CURRENT_USER = 'authenticated'::name)))
  EXECUTE FUNCTION app_private.refuse_mute_over();

CREATE TRIGGER refuse_oneself
  BEFORE INSERT ON public.mutes
  FOR EACH ROW
  WHEN ((new.muter_id = new.muted_id))
  EXECUTE FUNCTION app_private.refuse_oneself();

CREATE TRIGGER count_votes_taken_back
  AFTER DELETE ON public.poll_votes REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_votes();

CREATE TRIGGER count_votes
  AFTER INSERT ON public.poll_votes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_votes();

CREATE TRIGGER guard_vote
  BEFORE INSERT OR DELETE ON public.poll_votes
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_vote();

CREATE TRIGGER count_likes
  AFTER INSERT ON public.post_likes REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_post_likes();

CREATE TRIGGER count_unlikes
  AFTER DELETE ON public.post_likes REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_post_likes();

CREATE TRIGGER guard_post_like
  BEFORE INSERT ON public.post_likes
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_post_like();

CREATE TRIGGER tell_likes
  AFTER INSERT ON public.post_likes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_post_likes();

CREATE TRIGGER tell_unlikes
  AFTER DELETE ON public.post_likes REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_post_likes();

CREATE TRIGGER count_changed_posts
  AFTER UPDATE ON public.posts REFERENCING OLD TABLE AS
  BEFORE NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_changed_posts();

CREATE TRIGGER count_deleted_posts
  AFTER DELETE ON public.posts REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_deleted_posts();

CREATE TRIGGER count_new_posts
  AFTER INSERT ON public.posts REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.count_new_posts();

CREATE TRIGGER guard_post
  BEFORE INSERT OR UPDATE ON public.posts
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_post();

CREATE TRIGGER index_changed_post
  AFTER UPDATE ON public.posts
  FOR EACH ROW
  WHEN ((old.* IS DISTINCT FROM new.*))
  EXECUTE FUNCTION app_private.index_post();

CREATE TRIGGER index_post
  AFTER INSERT ON public.posts
  FOR EACH ROW
  WHEN (((new.content IS NOT NULL) OR (new.tags <> '{}'::text[])))
  EXECUTE FUNCTION app_private.index_post();

CREATE TRIGGER note_post_shown
  AFTER UPDATE OF status, visibility ON public.posts
  FOR EACH ROW
  WHEN (((new.status = 'published'::text) AND ((old.status IS DISTINCT FROM new.status) OR (old.visibility IS DISTINCT FROM new.visibility))))
  EXECUTE FUNCTION app_private.note_post_shown();

CREATE TRIGGER note_posts_gone
  AFTER DELETE ON public.posts REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.note_posts();

CREATE TRIGGER note_posts_made
  AFTER INSERT ON public.posts REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.note_posts();

CREATE TRIGGER tell_posts_changed
  AFTER UPDATE ON public.posts REFERENCING OLD TABLE AS
  BEFORE NEW TABLE AS
  AFTER
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_posts_changed();

CREATE TRIGGER tell_posts_deleted
  AFTER DELETE ON public.posts REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_posts_deleted();

CREATE TRIGGER tell_posts_written
  AFTER INSERT ON public.posts REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION app_private.tell_posts_written();

CREATE TRIGGER guard_profile
  BEFORE INSERT OR UPDATE OF full_name, bio, location, website, avatar_url, business_info ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_profile();

CREATE TRIGGER keep_deleted_username
  AFTER DELETE ON public.profiles
  FOR EACH ROW
  EXECUTE FUNCTION app_private.keep_deleted_username();

CREATE TRIGGER keep_former_username
  AFTER UPDATE OF username ON public.profiles
  FOR EACH ROW
  WHEN (((old.username)::text <> (new.username)::text))
  EXECUTE FUNCTION app_private.keep_former_username();

CREATE TRIGGER guard_report
  BEFORE INSERT ON public.reports
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_report();

CREATE TRIGGER tell_reported
  AFTER INSERT ON public.reports
  FOR EACH ROW
  EXECUTE FUNCTION app_private.tell_reported();

CREATE TRIGGER guard_verification_request
  BEFORE INSERT ON public.verification_requests
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_verification_request();

CREATE TRIGGER tell_verification_decided
  AFTER UPDATE OF state ON public.verification_requests
  FOR EACH ROW
  WHEN (((old.state = 'open'::text) AND (new.state = ANY (ARRAY['approved'::text, 'declined'::text]))))
  EXECUTE FUNCTION app_private.tell_verification_decided();

CREATE POLICY "people see their own jobs" ON "public"."account_jobs"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people see the state of their own inbox" ON "public"."feed_state"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people see the requests they made and got" ON "public"."follow_requests"
  FOR SELECT
  TO "authenticated"
  USING (((requester_id = ( SELECT auth.uid() AS uid)) OR (target_id = ( SELECT auth.uid() AS uid))));

CREATE POLICY "people take back and decline requests" ON "public"."follow_requests"
  FOR DELETE
  TO "authenticated"
  USING (((requester_id = ( SELECT auth.uid() AS uid)) OR (target_id = ( SELECT auth.uid() AS uid))));

CREATE POLICY "people see their own follows, either way" ON "public"."follows"
  FOR SELECT
  TO "authenticated"
  USING (((follower_id = ( SELECT auth.uid() AS uid)) OR (followee_id = ( SELECT auth.uid() AS uid))));

CREATE POLICY "people unfollow, and remove their followers" ON "public"."follows"
  FOR DELETE
  TO "authenticated"
  USING (((follower_id = ( SELECT auth.uid() AS uid)) OR (followee_id = ( SELECT auth.uid() AS uid))));

CREATE POLICY "people change their own mutes" ON "public"."mutes"
  FOR UPDATE
  TO "authenticated"
  USING ((muter_id = ( SELECT auth.uid() AS uid)))
  WITH CHECK ((muter_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people mute for themselves" ON "public"."mutes"
  FOR INSERT
  TO "authenticated"
  WITH CHECK ((muter_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people see whom they mute" ON "public"."mutes"
  FOR SELECT
  TO "authenticated"
  USING ((muter_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people take back their own mutes" ON "public"."mutes"
  FOR DELETE
  TO "authenticated"
  USING ((muter_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "whoever sees a profile sees its counts" ON "public"."profile_counts"
  FOR SELECT
  TO "anon", "authenticated"
  USING ((EXISTS ( SELECT
   FROM public.profiles p
  WHERE (p.id = profile_counts.user_id))));

ALTER POLICY "everybody reads profiles" ON "public"."profiles" TO "anon";

CREATE POLICY "people read all profiles but those hidden from them" ON "public"."profiles"
  FOR SELECT
  TO "authenticated"
  USING ((NOT (id IN ( SELECT app_hidden.hidden_people() AS hidden_people))));

CREATE POLICY "everybody reads what is trending" ON "public"."trending_tags"
  FOR SELECT
  TO "anon", "authenticated"
  USING (true);

COMMENT ON EXTENSION "pg_trgm" IS 'text similarity measurement and index searching based on trigrams';

COMMENT ON FUNCTION "admin"."decide_report"(uuid, text, text, text, text) IS 'Settles a report and all others of the same thing, and says how many. Upheld, a post is removed and a comment emptied; of a person it only says so: select admin.decide_report(''<id>'', ''<operator>'', ''<code>'', ''upheld'', ''why'').';

COMMENT ON FUNCTION "admin"."decide_verification_request"(uuid, text, text, boolean, text) IS 'Approves or declines what somebody asked for, once; the person reads the reason: select admin.decide_verification_request(''<id>'', ''<operator>'', ''<code>'', true, ''why'').';

COMMENT ON FUNCTION "admin"."restore_post"(uuid, text, text, text) IS 'Publishes a post again that was removed by mistake, at its old time.';

COMMENT ON FUNCTION "admin"."take_verification"(text, text, text, text, text) IS 'Takes a badge (verification) or the business account (business) back; business facts go with it.';

COMMENT ON FUNCTION "admin"."verification_state"(uuid) IS 'What operators say of somebody, as the audit log keeps it.';

COMMENT ON FUNCTION "app_hidden"."are_addresses"(text[]) IS 'Whether this is a plain list of http and https addresses, each up to 2048 characters: a client makes links of them, and any other scheme might run something.';

COMMENT ON FUNCTION "app_hidden"."assert_cursor"(timestamp with time zone, uuid) IS 'Refuses (400 request.invalid_cursor) the id of a last row without the time that the list is ordered by: a client would get the first page again and again.';

COMMENT ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb) IS 'Refuses an argument with unknown keys or values of another kind (422 posts.field_invalid): p_allowed says the kind of each, see is_of_kind. null is of every kind.';

COMMENT ON FUNCTION "app_hidden"."clean_tags"(text[]) IS 'Tags in lower case without their #; 422 posts.tag_invalid for what is none.';

COMMENT ON FUNCTION "app_hidden"."comment_facts"(uuid[], uuid[]) IS 'Of comments that the caller has read, with their authors: the author as cards show them, what is to be added to the counts, and whether the caller likes them.';

COMMENT ON FUNCTION "app_hidden"."feed_cards_of"(uuid[]) IS 'Posts as cards of a feed, each with why it is there.';

COMMENT ON FUNCTION "app_hidden"."feed_ids"(integer, timestamp with time zone, uuid) IS 'The next p_limit places of my feed before (p_before, p_before_id): the ids of those to show, the last place looked at, and whether there may be more.';

COMMENT ON FUNCTION "app_hidden"."hidden_people"() IS 'Everybody between whom and me a block stands, whoever made it. Nobody for who is not signed in.';

COMMENT ON FUNCTION "app_hidden"."is_notification_settings"(jsonb) IS 'Whether only known kinds are there, each with in_app and push as booleans or without. A missing key means its default.';

COMMENT ON FUNCTION "app_hidden"."is_of_kind"(jsonb, text) IS 'Whether a JSON value is of a kind: a jsonb_typeof, or time (ISO 8601 with a zone), uuid, strings.';

COMMENT ON FUNCTION "app_hidden"."is_privacy_settings"(jsonb) IS 'Whether only known keys are there, with a boolean or one of everyone, followers, friends, nobody each. A missing key means its default.';

COMMENT ON FUNCTION "app_hidden"."likes_of"(uuid) IS 'How many like a post, without those hidden from the caller.';

COMMENT ON FUNCTION "app_hidden"."lock_my_vote"(uuid) IS 'What the caller does with one poll happens one after the other.';

COMMENT ON FUNCTION "app_hidden"."mentions_of"(uuid) IS 'Whom a post mentions, as the caller may know of them: [{id, username}].';

COMMENT ON FUNCTION "app_hidden"."merge_tags"(text[], text[]) IS 'Both lists of tags as one without repetition, the first 30.';

COMMENT ON FUNCTION "app_hidden"."new_id"() IS 'A version 7 uuid, as the default of ids in tables that people insert into themselves.';

COMMENT ON FUNCTION "app_hidden"."plain_name"(text) IS 'A name as people type it in a hurry: in lower case and without accents, Kovač as kovac.';

COMMENT ON FUNCTION "app_hidden"."poll_of"(uuid) IS 'The poll of a post as the caller sees it; null where there is none. votes_count: of all options together.';

COMMENT ON FUNCTION "app_hidden"."poll_tally"(uuid) IS 'How many votes each option of a poll has, and which are the caller''s.';

COMMENT ON FUNCTION "app_hidden"."post_facts"(uuid[], uuid[], text[]) IS 'Of posts that the caller has read, with their authors and reply controls: the author as cards show them, exact counts without those of hidden people, whether the caller likes and keeps them and may comment, and whether there is a poll.';

COMMENT ON FUNCTION "app_hidden"."prepare_feed"() IS 'As app_private.prepare_feed, for whoever is signed in.';

COMMENT ON FUNCTION "app_hidden"."set_poll"(uuid, jsonb, timestamp with time zone) IS 'Gives a draft of the caller its poll, {options, ends_at, is_multiple}, or takes it away (null). 422 posts.poll_invalid, 409 posts.already_published.';

COMMENT ON FUNCTION "app_hidden"."shared_cards"(uuid[]) IS 'Posts that others share, as cards without what they share themselves, which is nothing.';

COMMENT ON FUNCTION "app_hidden"."shown_visibilities"(uuid) IS 'Of which visibilities the caller may read posts of an author. Not what decides, but it keeps a list from trying each of a thousand hidden posts.';

COMMENT ON FUNCTION "app_hidden"."tags_in"(text) IS 'The #tags of a text in lower case, in their order, repeated as in the text.';

COMMENT ON FUNCTION "app_hidden"."texts"(jsonb) IS 'A JSON array of texts as an array; none for null.';

COMMENT ON FUNCTION "app_private"."account_job"(public.account_jobs) IS 'A job as its person may see it.';

COMMENT ON FUNCTION "app_private"."acting_person"() IS 'Who acts: the user signed in, or whom the API noted.';

COMMENT ON FUNCTION "app_private"."admits"(text, boolean, boolean) IS 'Whether everyone, followers, friends or nobody of an owner has in it somebody else, signed in and not blocked, who follows them or not and is followed back or not.';

COMMENT ON FUNCTION "app_private"."approve_all_follow_requests"(uuid) IS 'Lets everybody follow who asked to: {approved: how many}.';

COMMENT ON FUNCTION "app_private"."approve_follow_request"(uuid, uuid) IS 'Lets somebody follow who asked to: {user_id, status: approved}; else 404 follows.request_not_found, unless they follow already.';

COMMENT ON FUNCTION "app_private"."approve_requests"(uuid, uuid) IS 'Turns the requests to one person, of one requester or (null) of all, into follows and says how many.';

COMMENT ON FUNCTION "app_private"."assert_calm"(text, uuid) IS '429 rate_limit.exceeded for whoever is signed in and wrote more posts (120) or comments (600) within an hour than a person does. Holds for the tables too, where the functions and their limits are not in the way.';

COMMENT ON FUNCTION "app_private"."assert_comment"(uuid, uuid) IS 'The author of a comment that a viewer may read; else 404 comments.not_found.';

COMMENT ON FUNCTION "app_private"."assert_complete"(public.posts) IS 'Refuses a post without what its type needs, once it is more than a draft: 422 posts.media_required, posts.empty.';

COMMENT ON FUNCTION "app_private"."assert_known"(uuid, uuid) IS 'Refuses who does not exist for the actor, with 404 users.not_found; whom the actor blocks is known to them.';

COMMENT ON FUNCTION "app_private"."assert_lists"(uuid, uuid) IS 'Refuses who does not exist for the viewer (404 users.not_found) or hides these lists from them (403 users.lists_hidden).';

COMMENT ON FUNCTION "app_private"."assert_may_follow_more"(uuid) IS 'Refuses with 422 follows.limit_reached who followed 200 in the last hour or 7,500 in all, requests included.';

COMMENT ON FUNCTION "app_private"."assert_oneself"(uuid) IS 'Refuses as a policy does (42501) whoever is signed in and names somebody else. First in each trigger that looks at what the named person may do.';

COMMENT ON FUNCTION "app_private"."assert_person"(uuid, uuid) IS 'Refuses who does not exist for the actor (404 users.not_found) or is blocked by them (409 follows.blocked).';

COMMENT ON FUNCTION "app_private"."assert_post"(uuid, uuid) IS '404 posts.not_found for a post that a viewer may not read, whatever the reason.';

COMMENT ON FUNCTION "app_private"."assert_post_fields"(public.posts) IS 'Refuses what a check of the table would refuse, but says which field and what it takes: 422 posts.field_invalid.';

COMMENT ON FUNCTION "app_private"."assert_report"(public.reports) IS 'Refuses a report without a known reason or of not exactly one thing: 422 reports.reason_invalid, posts.field_invalid.';

COMMENT ON FUNCTION "app_private"."assert_room_for_pin"(uuid) IS '422 posts.too_many_pinned from the fourth pinned post of an author on.';

COMMENT ON FUNCTION "app_private"."backfill_feed"(uuid, uuid) IS 'Puts the posts of somebody who is followed into a follower''s inbox, as far back as it goes. False: somebody else is at that inbox, try again.';

COMMENT ON FUNCTION "app_private"."block_person"(uuid, uuid) IS 'Blocks somebody: {user_id, status: blocked}. From this moment neither exists for the other, and follows and requests between them are gone.';

COMMENT ON FUNCTION "app_private"."build_feed"(uuid) IS 'Fills the inbox of somebody whose state the caller has locked: at least 300 posts, at most 1,000, or all there are.';

COMMENT ON FUNCTION "app_private"."can_comment"(uuid, uuid) IS 'Whether somebody may comment on a post: its author always, others when the post and the settings of its author both let them.';

COMMENT ON FUNCTION "app_private"."can_view_content"(uuid, uuid) IS 'Whether a viewer sees what somebody shows to the public: of a private account, only its followers do.';

COMMENT ON FUNCTION "app_private"."can_view_lists"(uuid, uuid) IS 'Whether a viewer sees who follows somebody and whom they follow.';

COMMENT ON FUNCTION "app_private"."can_view_post"(uuid, uuid) IS 'Whether a viewer (null: nobody signed in) may read a post. The policy of posts says the same of whoever is signed in.';

COMMENT ON FUNCTION "app_private"."can_view_profile"(uuid, uuid) IS 'Whether somebody exists for a viewer: everybody does but those with whom a block stands. The policy of profiles says the same of whoever is signed in.';

COMMENT ON FUNCTION "app_private"."cancel_deletion"(uuid) IS 'Takes the request to delete the account back; else 404 users.deletion_not_found.';

COMMENT ON FUNCTION "app_private"."claim_account_jobs"(integer, interval) IS 'Takes up to p_limit due jobs for p_lease; two workers never get the same one. After the lease a job is due again.';

COMMENT ON FUNCTION "app_private"."clear_author"(uuid, uuid) IS 'Takes the posts of somebody who is not followed any more out of an inbox. False: try again.';

COMMENT ON FUNCTION "app_private"."count_changed_posts"() IS 'Trigger on posts: counts those that were published or removed.';

COMMENT ON FUNCTION "app_private"."count_comment"(text, uuid[], bigint[]) IS 'Adds to one of the counts of comments (comment_likes_count, replies_count); a row that somebody holds gets it a moment later.';

COMMENT ON FUNCTION "app_private"."count_comment_likes"() IS 'Trigger on comment_likes: counts them for their comments.';

COMMENT ON FUNCTION "app_private"."count_comments"() IS 'Trigger on comments: counts them for their posts, and answers for what they answer.';

COMMENT ON FUNCTION "app_private"."count_deleted_posts"() IS 'Trigger on posts: counts those that are gone.';

COMMENT ON FUNCTION "app_private"."count_emptied_comment"() IS 'Trigger on comments: one that was deleted but stays as an empty place is not counted any more.';

COMMENT ON FUNCTION "app_private"."count_follows"() IS 'Trigger on follows: counts followers and followed of both sides.';

COMMENT ON FUNCTION "app_private"."count_new_posts"() IS 'Trigger on posts: makes their counts, and counts published ones for their authors and for what they share.';

COMMENT ON FUNCTION "app_private"."count_post"(text, uuid[], bigint[]) IS 'Adds to one of the counts of posts (likes_count, comments_count, shares_count); a row that somebody holds gets it a moment later.';

COMMENT ON FUNCTION "app_private"."count_post_likes"() IS 'Trigger on post_likes: counts them for their posts.';

COMMENT ON FUNCTION "app_private"."count_profile"(text, uuid[], bigint[]) IS 'Adds to one of the counts of profiles (followers_count, following_count, posts_count); a row that somebody holds gets it a moment later.';

COMMENT ON FUNCTION "app_private"."count_votes"() IS 'Trigger on poll_votes: adds to a row of the option''s tally that nobody holds.';

COMMENT ON FUNCTION "app_private"."decline_follow_request"(uuid, uuid) IS 'Declines a request, without telling: {user_id, status: declined}. Who follows already has no request: 404 follows.request_not_found.';

COMMENT ON FUNCTION "app_private"."delete_account"(uuid, integer) IS 'Deletes the user of a claimed job, with all that hangs on them and every session. refused: there is money again, and the job has failed. taken: it was taken back, or another worker has it.';

COMMENT ON FUNCTION "app_private"."drop_post"(app_private.feed_tasks, integer) IS 'Takes a deleted post out of the inboxes of the next p_limit followers. Only so that inboxes do not fill up with it: nobody would see it.';

COMMENT ON FUNCTION "app_private"."emit_post_published"(uuid[]) IS 'Writes post.published of each of these that is.';

COMMENT ON FUNCTION "app_private"."ensure_profile"(uuid) IS 'Makes the profile of a user, with a free username whatever was asked for, the counts and the settings; the wallet follows by trigger.';

COMMENT ON FUNCTION "app_private"."expired_exports"(integer) IS 'Files whose time is over, to be removed from Storage.';

COMMENT ON FUNCTION "app_private"."export_page"(uuid, text, jsonb, integer) IS 'The next rows of a section as JSON text, after the key of the last one (null: from the first). Fewer than p_limit: the section ends.';

COMMENT ON FUNCTION "app_private"."export_sections"() IS 'Where the rows of a person are, in the order in which an export tells them.';

COMMENT ON FUNCTION "app_private"."feed_oracle"(uuid, integer, timestamp with time zone, uuid) IS 'What a feed is, said in the plainest way and without any inbox. Slow: for tests, which compare it with home_feed, and for operators who wonder.';

COMMENT ON FUNCTION "app_private"."feed_stats"() IS 'What feeds and counts still have to learn: tasks, the age of the oldest, those that failed before, inboxes to settle, large authors, changes of counts; up to 10,000 each.';

COMMENT ON FUNCTION "app_private"."find_user"(uuid, text) IS 'A person by id, username or a name given up in the last 30 days (then moved_from is that name), as far as they exist for the viewer.';

COMMENT ON FUNCTION "app_private"."finish_account_job"(uuid, integer, text, text) IS 'Ends a job: done, cancelled, or failed for a reason that is a code; false when it is over or another worker has it.';

COMMENT ON FUNCTION "app_private"."finish_export"(uuid, integer, text) IS 'done: the file is the person''s to download. gone: the account was deleted meanwhile, so the file must go. taken: another worker has the job.';

COMMENT ON FUNCTION "app_private"."fold_count"(uuid, boolean) IS 'Adds what waits for one profile, post or comment, and says how many changes that were; 0 when its row is held. What waits for something that is gone goes too.';

COMMENT ON FUNCTION "app_private"."fold_counts"(integer) IS 'Adds waiting changes of counts to rows that are free, until p_limit of them are done or nothing is left, and says how many.';

COMMENT ON FUNCTION "app_private"."follow"(uuid, uuid) IS 'Follows somebody, or asks a private account: {user_id, status: following or requested}. Refuses with follows.to_oneself, follows.blocked, follows.limit_reached, users.not_found.';

COMMENT ON FUNCTION "app_private"."follow_privacy"() IS 'Trigger on account_settings: the profile says whether it is private, and who goes public approves whoever waits. Who goes private keeps the followers.';

COMMENT ON FUNCTION "app_private"."forget_export_files"(uuid[]) IS 'Notes that expired files are gone from Storage.';

COMMENT ON FUNCTION "app_private"."forget_inboxes"() IS 'Trigger on feed_state: an inbox goes with its state.';

COMMENT ON FUNCTION "app_private"."forget_person"(uuid) IS 'Takes what tells of a deleted person out of events, stored answers, bank accounts and checkouts. Safe to repeat.';

COMMENT ON FUNCTION "app_private"."guard_bookmark"() IS 'Trigger on bookmarks: 404 posts.not_found for what one may not read.';

COMMENT ON FUNCTION "app_private"."guard_comment"() IS 'Trigger on comments: who may comment and answer what. 404 posts.not_found, comments.not_found, 403 posts.comments_not_allowed, 422 comments.content_invalid, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_comment_like"() IS 'Trigger on comment_likes: 404 comments.not_found for what one may not read.';

COMMENT ON FUNCTION "app_private"."guard_post"() IS 'Trigger on posts: their rules, and what follows from the rest of the row (tags, times, the original of a share), whoever writes it.';

COMMENT ON FUNCTION "app_private"."guard_post_like"() IS 'Trigger on post_likes: 404 posts.not_found for what one may not read, or nobody yet.';

COMMENT ON FUNCTION "app_private"."guard_profile"() IS 'Trigger on profiles: refuses what is too long or no address (422 users.field_invalid), and says which field takes what.';

COMMENT ON FUNCTION "app_private"."guard_report"() IS 'Trigger on reports: what the reporter may see, of others, each thing once; keeps how it reads now, whatever its author makes of it. 404 posts.not_found, comments.not_found, users.not_found, 422 reports.of_oneself, reports.reason_invalid, posts.field_invalid, 409 reports.already_reported, 429 rate_limit.exceeded.';

COMMENT ON FUNCTION "app_private"."guard_settings"() IS 'Trigger on account_settings: only settings that mean something.';

COMMENT ON FUNCTION "app_private"."guard_username"() IS 'Trigger on profiles: lower case, and refuses what nobody may be called or somebody else is.';

COMMENT ON FUNCTION "app_private"."guard_verification_request"() IS 'Trigger on verification_requests: says the limits of the table with a code (422 users.field_invalid), and which field takes what.';

COMMENT ON FUNCTION "app_private"."guard_vote"() IS 'Trigger on poll_votes: 404 posts.not_found, posts.no_poll, 409 posts.poll_closed, 422 posts.choice_invalid.';

COMMENT ON FUNCTION "app_private"."index_comment"() IS 'Trigger on comments: whom they mention.';

COMMENT ON FUNCTION "app_private"."index_post"() IS 'Trigger on posts: the tags of published ones, whom they mention, and how they read before an edit.';

COMMENT ON FUNCTION "app_private"."is_fresh_session"(uuid, uuid) IS 'Whether the person signed in a few minutes ago, which proves them as their password does. A refresh makes no new session.';

COMMENT ON FUNCTION "app_private"."is_in_audience"(uuid, uuid, text) IS 'Whether somebody signed in belongs to everyone, followers, friends or nobody of an owner. The blocked belong to none of them, the owner to all.';

COMMENT ON FUNCTION "app_private"."is_pulled_post"(app_private.feed_tasks, integer) IS 'Notes a post for those who pull, when its author is large or has just become so; true: nobody is to be pushed to.';

COMMENT ON FUNCTION "app_private"."is_username_held"(text, uuid) IS 'Whether somebody else gave this name up so lately that links with it still lead to them.';

COMMENT ON FUNCTION "app_private"."keep_account_job"(uuid, integer, interval) IS 'Renews the lease; false when the job is over or another worker has it.';

COMMENT ON FUNCTION "app_private"."keep_deleted_username"() IS 'Trigger on profiles: for 30 days nobody takes the name of a deleted account and with it the trust of those who know the name.';

COMMENT ON FUNCTION "app_private"."keep_former_username"() IS 'Trigger on profiles: once in seven days at most, and for 30 days the old name leads to its owner and is nobody else''s.';

COMMENT ON FUNCTION "app_private"."keep_thread"() IS 'Trigger on comments: one that was answered is emptied instead of deleted, so that its thread holds together.';

COMMENT ON FUNCTION "app_private"."lock_counts"(uuid, boolean) IS 'Locks the row that holds the counts of something. False: somebody holds it. True where there is none.';

COMMENT ON FUNCTION "app_private"."lock_pairs"(uuid[], uuid[]) IS 'Locks pairs of people to the end of the transaction, always in the same order.';

COMMENT ON FUNCTION "app_private"."lock_vote"(uuid, uuid) IS 'What one person does with one poll happens one after the other.';

COMMENT ON FUNCTION "app_private"."mark_pulled"(uuid, uuid) IS 'Says of a new follow that its followee is pulled.';

COMMENT ON FUNCTION "app_private"."may_reach"(uuid, uuid, text) IS 'Whether the owner''s setting (who_can_message, who_can_mention, who_can_call, who_can_invite, who_can_comment) lets somebody do it; not set means everyone.';

COMMENT ON FUNCTION "app_private"."mentioned_in"(uuid, text) IS 'Whom a text mentions with @username, of its first 30 names those who let its author mention them. To all others it is plain text.';

COMMENT ON FUNCTION "app_private"."money_left"(uuid) IS 'What keeps an account from being deleted, in words; null when its wallet is empty and nothing is under way.';

COMMENT ON FUNCTION "app_private"."most_followed"() IS 'Whom most people follow, as popular_people has it; where there are not two hundred in it, others too.';

COMMENT ON FUNCTION "app_private"."mute_person"(uuid, uuid, timestamp with time zone) IS 'Keeps somebody out of the actor''s feed and notifications until a time, or (null) for good: {user_id, status: muted, until}.';

COMMENT ON FUNCTION "app_private"."muted_by"(uuid) IS 'Whose posts somebody does not want to see now.';

COMMENT ON FUNCTION "app_private"."note_actor"(uuid) IS 'Notes for the events of this transaction who acts.';

COMMENT ON FUNCTION "app_private"."note_follows"() IS 'Trigger on follows: inboxes get the posts of who is followed, and lose them.';

COMMENT ON FUNCTION "app_private"."note_post_shown"() IS 'Trigger on posts: as note_posts, for a post that is published later or shown to others than before.';

COMMENT ON FUNCTION "app_private"."note_posts"() IS 'Trigger on posts: inboxes get what is published or shown to more people, and lose what is deleted.';

COMMENT ON FUNCTION "app_private"."note_resize"(app_private.large_authors, boolean) IS 'Writes down how far an author''s change of size is: first every follow, then every inbox.';

COMMENT ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp with time zone, uuid) IS 'As feed_ids where no inbox reaches: looked up among the posts of all whom somebody follows, in widening windows.';

COMMENT ON FUNCTION "app_private"."part_the_blocked"() IS 'Trigger on blocks: ends follows and requests both ways.';

COMMENT ON FUNCTION "app_private"."pending_count"(uuid, text) IS 'What is still to be added to a count: shown with it, a count equals the rows.';

COMMENT ON FUNCTION "app_private"."person_cards"(uuid, uuid[], timestamp with time zone[]) IS 'The cards of people in the given order, as a viewer sees them. Whether the viewer may see them is for the caller to know.';

COMMENT ON FUNCTION "app_private"."person_files"(uuid, integer) IS 'Files that a person uploaded, and exports of theirs.';

COMMENT ON FUNCTION "app_private"."prepare_feed"(uuid) IS 'Before a page is read: builds the inbox of who has none, and fetches large authors at most every 30 seconds. Else one probe.';

COMMENT ON FUNCTION "app_private"."privacy_change_preview"(uuid, boolean) IS 'What going private or public would do: {is_private, will_be_private, requests_approved, followers_kept, posts_hidden, posts_shown}: how many posts only followers, or everybody else too, would then see.';

COMMENT ON FUNCTION "app_private"."prune_account_jobs"() IS 'Deletes up to 1,000 jobs that ended 90 days ago, and says how many.';

COMMENT ON FUNCTION "app_private"."prune_feeds"(integer) IS 'Deletes inboxes that nobody read for a month, and what is too old to be pulled; up to p_limit of each: call again until 0.';

COMMENT ON FUNCTION "app_private"."prune_former_usernames"() IS 'Forgets the names whose time is over, and says how many.';

COMMENT ON FUNCTION "app_private"."publish_scheduled_posts"(integer) IS 'Publishes up to p_limit scheduled posts whose time has come, at most 50, and says how many it took: call again until 0. One that cannot be published any more becomes a draft.';

COMMENT ON FUNCTION "app_private"."pull_large_authors"(uuid, timestamp with time zone) IS 'Fetches into an inbox what those published whom nobody is pushed to.';

COMMENT ON FUNCTION "app_private"."pull_posts"(uuid, timestamp with time zone, timestamp with time zone, uuid, integer) IS 'The newest p_limit posts of those whom somebody follows, and their own, from p_from on and before (p_before, p_before_id), newest first. Muted people''s too: a mute ends.';

COMMENT ON FUNCTION "app_private"."push_post"(uuid, uuid, integer) IS 'Puts a post into the inboxes of its author and of the next p_limit followers after p_after who read their feed in the last month. Gives where to go on (null: that was all) and whose inboxes have it now.';

COMMENT ON FUNCTION "app_private"."queue_clean_up"() IS 'Trigger on auth.users: a job for the files and traces of somebody who was deleted in another way than by a job.';

COMMENT ON FUNCTION "app_private"."reads_otherwise"(public.posts, public.posts) IS 'Whether an edit changed what people read, or who reads it.';

COMMENT ON FUNCTION "app_private"."refresh_popular_people"() IS 'Computes anew whom most people follow, reading all counts once, and says how many it found: for once an hour.';

COMMENT ON FUNCTION "app_private"."refresh_trending"() IS 'Computes the 50 tags that most people used in public posts of the last hour (each minute), day (each 10 minutes) and week (each hour), and says how many of these were due.';

COMMENT ON FUNCTION "app_private"."refuse_mute_over"() IS 'Trigger on mutes: 422 follows.mute_over.';

COMMENT ON FUNCTION "app_private"."refuse_oneself"() IS 'Trigger on blocks and mutes: 422 follows.to_oneself.';

COMMENT ON FUNCTION "app_private"."relation"(uuid, uuid) IS 'How a viewer (null: nobody signed in) stands to the owner of something; friends follow each other. No row: no such person.';

COMMENT ON FUNCTION "app_private"."remove_follower"(uuid, uuid) IS 'Makes somebody follow the actor no longer, without telling them: {user_id, status: removed}.';

COMMENT ON FUNCTION "app_private"."request_deletion"(uuid) IS 'Queues the deletion of the account after the time to think again; asked again, the same job. 409 users.account_has_money while there is money or some is under way.';

COMMENT ON FUNCTION "app_private"."request_export"(uuid) IS 'Queues an export of all that is a person''s: 409 users.export_open while one is made, 422 users.export_too_soon within a day of the last one.';

COMMENT ON FUNCTION "app_private"."resize_authors"(integer, integer) IS 'Takes one author who became large, or has fewer than p_small_below followers, a step of p_limit follows further, and says how far it came: call again until 0.';

COMMENT ON FUNCTION "app_private"."retry_account_job"(uuid, integer, text, interval) IS 'Notes why a job did not get through and when it is tried again.';

COMMENT ON FUNCTION "app_private"."search_candidates"(uuid, text) IS 'People whose username or name begins with, has in it or resembles a plain name, some more than once.';

COMMENT ON FUNCTION "app_private"."settle_feeds"(integer) IS 'Looks once more for posts of inboxes that were just built: now that the state of these is committed, whatever comes later is pushed.';

COMMENT ON FUNCTION "app_private"."shared_original"(uuid, uuid, uuid, boolean) IS 'The post that a share of this one shares. 404 posts.not_found, 403 posts.shares_not_allowed, 409 posts.already_shared.';

COMMENT ON FUNCTION "app_private"."shown_profile_counts"(uuid, uuid) IS 'The counts of a profile as a viewer sees them: with what waits to be added, without those between whom and the viewer a block stands.';

COMMENT ON FUNCTION "app_private"."tell_account_job"() IS 'Trigger on account_jobs: user.export_ready, user.export_failed, user.deletion_requested, user.deletion_cancelled, user.deletion_refused.';

COMMENT ON FUNCTION "app_private"."tell_blocks"() IS 'Trigger on blocks: graph.blocked and graph.unblocked.';

COMMENT ON FUNCTION "app_private"."tell_comment_emptied"() IS 'Trigger on comments: comment.deleted of one whose place stays.';

COMMENT ON FUNCTION "app_private"."tell_comments_deleted"() IS 'Trigger on comments: comment.deleted, while their post stays.';

COMMENT ON FUNCTION "app_private"."tell_comments_written"() IS 'Trigger on comments: comment.created.';

COMMENT ON FUNCTION "app_private"."tell_follow_requested"() IS 'Trigger on follow_requests: graph.follow_requested.';

COMMENT ON FUNCTION "app_private"."tell_follows"() IS 'Trigger on follows: graph.followed and graph.unfollowed.';

COMMENT ON FUNCTION "app_private"."tell_post_likes"() IS 'Trigger on post_likes: post.liked and post.unliked.';

COMMENT ON FUNCTION "app_private"."tell_posts_changed"() IS 'Trigger on posts: post.published of drafts, post.changed with the names of what changed, post.deleted of what a moderator removed.';

COMMENT ON FUNCTION "app_private"."tell_posts_deleted"() IS 'Trigger on posts: post.deleted of those that were published.';

COMMENT ON FUNCTION "app_private"."tell_posts_written"() IS 'Trigger on posts: post.published of those that are no drafts.';

COMMENT ON FUNCTION "app_private"."tell_reported"() IS 'Trigger on reports: post.reported, also of a comment or a profile.';

COMMENT ON FUNCTION "app_private"."tell_verification_decided"() IS 'Trigger on verification_requests: user.verification_decided (approved or declined).';

COMMENT ON FUNCTION "app_private"."tidy_threads"() IS 'Trigger on comments: with its last answer an emptied comment goes too.';

COMMENT ON FUNCTION "app_private"."trim_inboxes"(integer) IS 'Cuts up to p_limit inboxes back to 1,000 posts, each once an hour, and says how many it looked at.';

COMMENT ON FUNCTION "app_private"."unblock_person"(uuid, uuid) IS 'Takes a block back: {user_id, status: none}. What it ended does not come back.';

COMMENT ON FUNCTION "app_private"."unfollow"(uuid, uuid) IS 'Ends a follow, or takes a request back: {user_id, status: none}.';

COMMENT ON FUNCTION "app_private"."unmute_person"(uuid, uuid) IS 'Ends a mute: {user_id, status: none}.';

COMMENT ON FUNCTION "app_private"."warm_feed"(uuid) IS 'Makes the inbox of somebody who has none, or was away for 30 days: nothing is pushed to those after 31.';

COMMENT ON FUNCTION "app_private"."work_feed"(integer, integer) IS 'Does up to p_limit steps (at most 50, for a second) of what inboxes have to learn. Authors with p_large_from followers are not pushed. Gives how many steps were done, how many of them failed and are tried again later, and whose inboxes changed.';

COMMENT ON FUNCTION "app_private"."work_feed_task"(app_private.feed_tasks, integer) IS 'One bounded step of a task, which is deleted after the last one.';

COMMENT ON FUNCTION "public"."add_comment"(uuid, text, uuid) IS 'Comments on a post, or answers a comment (p_parent). 404 posts.not_found, comments.not_found, 403 posts.comments_not_allowed.';

COMMENT ON FUNCTION "public"."blocked_people"(integer, timestamp with time zone, uuid) IS 'Whom I block, who are to be seen nowhere else; at: since when.';

COMMENT ON FUNCTION "public"."bookmark_post"(uuid) IS 'Keeps a post for later: {post_id, bookmarked}. 404 posts.not_found.';

COMMENT ON FUNCTION "public"."comment_cards"(uuid[]) IS 'Comments by id, in the order asked for, as far as the caller may read them.';

COMMENT ON FUNCTION "public"."create_post"(jsonb) IS 'Writes a post: {type, content, media_urls, location, tags, visibility, reply_control, shares_allowed, shared_post_id, scheduled_for, draft, poll: {options, ends_at, is_multiple}}, all optional. 422 posts.field_invalid for any other.';

COMMENT ON FUNCTION "public"."delete_comment"(uuid) IS 'Deletes a comment of the caller or on a post of the caller; false when there is none. One with answers stays as an empty place.';

COMMENT ON FUNCTION "public"."delete_post"(uuid) IS 'Deletes a post of the caller with all that belongs to it; false when there is none.';

COMMENT ON FUNCTION "public"."edit_comment"(uuid, text) IS 'Changes the words of a comment of the caller. 404 comments.not_found.';

COMMENT ON FUNCTION "public"."feed_cards"(uuid[]) IS 'Ids that were in my home feed a moment ago as cards, in their order, without those that are not in it any more. At most 101.';

COMMENT ON FUNCTION "public"."find_person"(text) IS 'The person of a username, in any case, or of an id. moved_from: the name that was asked for, where they gave it up in the last 30 days, else null; at: when they joined. No row for who does not exist for me.';

COMMENT ON FUNCTION "public"."follow_requests_received"(integer, timestamp with time zone, uuid) IS 'Who asks to follow me; at: since when.';

COMMENT ON FUNCTION "public"."follow_requests_sent"(integer, timestamp with time zone, uuid) IS 'Whom I ask to let me follow them; at: since when.';

COMMENT ON FUNCTION "public"."followers"(uuid, integer, timestamp with time zone, uuid) IS 'Who follows somebody; at: since when. Refuses with users.not_found and users.lists_hidden.';

COMMENT ON FUNCTION "public"."following"(uuid, integer, timestamp with time zone, uuid) IS 'Whom somebody follows; at: since when. Refuses with users.not_found and users.lists_hidden.';

COMMENT ON FUNCTION "public"."friends"(integer, timestamp with time zone, uuid) IS 'My friends: whom I follow and who follow me; at: since when I follow them.';

COMMENT ON FUNCTION "public"."home_feed"(integer, timestamp with time zone, uuid) IS 'My home feed, newest first: posts of those I follow and my own, as I see them now. The next page: published_at and id of the last card as p_before and p_before_id. Fewer than p_limit (at most 101): the feed ends.';

COMMENT ON FUNCTION "public"."like_comment"(uuid) IS 'Likes a comment, once: {comment_id, liked, likes_count}. 404 comments.not_found.';

COMMENT ON FUNCTION "public"."like_post"(uuid) IS 'Likes a post, once: {post_id, liked, likes_count}. 404 posts.not_found.';

COMMENT ON FUNCTION "public"."muted_people"(integer, timestamp with time zone, uuid) IS 'Whom I mute now; at: since when. public.mutes says until when.';

COMMENT ON FUNCTION "public"."mutual_friends"(uuid, integer, timestamp with time zone, uuid) IS 'My friends who are friends of somebody too (friends follow each other); at: since when I follow them. Refuses with users.not_found and users.lists_hidden.';

COMMENT ON FUNCTION "public"."my_bookmarks"(integer, timestamp with time zone, uuid) IS 'What the caller keeps, by the time it was bookmarked; p_before is the bookmarked_at of the last one. What they may not read any more is left out.';

COMMENT ON FUNCTION "public"."my_drafts"(integer, timestamp with time zone, uuid) IS 'Drafts and scheduled posts of the caller, by created_at.';

COMMENT ON FUNCTION "public"."people_who_liked"(uuid, integer, timestamp with time zone, uuid) IS 'Who likes a post; at: since when. 404 posts.not_found.';

COMMENT ON FUNCTION "public"."post_cards"(uuid[]) IS 'Posts by id, in the order asked for and without those that the caller may not read; of a list longer than 200 the first 200.';

COMMENT ON FUNCTION "public"."post_comments"(uuid, uuid, integer, timestamp with time zone, uuid) IS 'Comments on a post, the newest first; with p_parent the answers to one, the oldest first (p_before is then the last one read). 404 posts.not_found, comments.not_found.';

COMMENT ON FUNCTION "public"."post_history"(uuid, integer, timestamp with time zone, uuid) IS 'How a post read before each of its edits, the latest first. 404 posts.not_found.';

COMMENT ON FUNCTION "public"."posts_by_author"(uuid, integer, timestamp with time zone, uuid) IS 'What an author posted, as far as the caller may read it. 404 users.not_found.';

COMMENT ON FUNCTION "public"."posts_by_location"(text, integer, timestamp with time zone, uuid) IS 'Posts from a location, by its whole name in any case.';

COMMENT ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp with time zone, uuid) IS 'Posts with a tag, in any case and with or without its #.';

COMMENT ON FUNCTION "public"."profile_page"(uuid) IS 'A profile as one read: the public facts, followers_count, following_count, posts_count and relationship (null for who is not signed in). 404 users.not_found for who does not exist for me.';

COMMENT ON FUNCTION "public"."relationship"(uuid) IS 'How I stand to somebody and what I may do with them; no row for who does not exist for me. muted_until is null when muted for good. can_comment: on posts that I may see and whose own reply_control lets me.';

COMMENT ON FUNCTION "public"."report"(jsonb) IS 'Tells the moderators of one post, comment or profile: {post_id | comment_id | profile_id, reason, details}. Gives {id}. 409 reports.already_reported.';

COMMENT ON FUNCTION "public"."request_verification"(jsonb) IS 'Asks the operators for a badge or a business account: {kind: verification or business, level: blue, gold or premium for a badge, statement, evidence_urls}. One open request of each kind, else 409 users.verification_open.';

COMMENT ON FUNCTION "public"."search_people"(text, integer, real, uuid) IS 'People by name or username, the best first: the very username, then usernames and names that begin so, then those that have it in them or resemble it, accents aside; within each, whom I follow. The next page begins after the rank and id of the last card.';

COMMENT ON FUNCTION "public"."suggested_people"(integer) IS 'Whom I may want to follow: those whom many follow that I follow (mutual_count), then public accounts, the most followed first.';

COMMENT ON FUNCTION "public"."unbookmark_post"(uuid) IS 'Keeps a post no longer: {post_id, bookmarked}; the same answer when it was not kept.';

COMMENT ON FUNCTION "public"."unlike_comment"(uuid) IS 'Takes a like back: {comment_id, liked, likes_count}; the same answer when there was none. 404 comments.not_found.';

COMMENT ON FUNCTION "public"."unlike_post"(uuid) IS 'Takes a like back: {post_id, liked, likes_count}; the same answer when there was none. 404 posts.not_found.';

COMMENT ON FUNCTION "public"."update_post"(uuid, jsonb) IS 'Changes what p names of a post of the caller: as create_post, and pinned, publish; scheduled_for null makes a draft of a scheduled one. 404 posts.not_found.';

COMMENT ON FUNCTION "public"."vote_in_poll"(uuid, smallint[]) IS 'The caller''s whole choice, which replaces an earlier one; none takes it back. Gives the poll. 404 posts.not_found, posts.no_poll, 409 posts.poll_closed, 422 posts.choice_invalid.';

COMMENT ON TABLE "app_private"."account_rules" IS 'Settings of the operators, one row: how long a deletion waits for second thoughts, how long an exported file is there, how often one may be asked for, and how young a session proves its person as a password does.';

COMMENT ON TABLE "app_private"."count_deltas" IS 'Changes of counts that found their row locked, to be folded into it in a moment.';

COMMENT ON TABLE "app_private"."feed_tasks" IS 'What inboxes still have to learn: follows made and ended, posts to push and to drop. Written in the transaction of the change, deleted when done; done_to: up to which follower.';

COMMENT ON TABLE "app_private"."former_usernames" IS 'Names that people gave up lately: until then a link with the old name leads to its owner, and nobody else may take it. Of a deleted account (user_id is null) it leads nowhere.';

COMMENT ON TABLE "app_private"."large_authors" IS 'Authors with more followers than are pushed to: their posts are fetched by whoever reads. follows.is_pulled says the same of each follow; growing and shrinking: while these change, up to the follow (moved_at, moved_id), and then the inboxes are filled.';

COMMENT ON TABLE "app_private"."poll_tallies" IS 'How many votes each option of a poll has: the sum of its rows.';

COMMENT ON TABLE "app_private"."popular_people" IS 'The 200 public accounts whom most people follow, for suggestions. Computed by the worker.';

COMMENT ON TABLE "app_private"."pulled_posts" IS 'What large authors published lately, for whoever reads to fetch. Kept for two days; who comes later looks through the posts.';

COMMENT ON TABLE "public"."account_jobs" IS 'What a person asked the worker to do with all that is theirs: an export to download, or the deletion of the account after a time to think again. reason: the code of why it failed, for the person; last_error: for operators. file_path: a file that is there.';

COMMENT ON TABLE "public"."account_settings" IS 'What only its owner may know. email and phone follow auth.users; a key missing in the settings means its default. A trigger refuses unknown keys.';

COMMENT ON TABLE "public"."bookmarks" IS 'Posts that somebody keeps for later. Nobody else sees them.';

COMMENT ON TABLE "public"."comment_likes" IS 'Who likes which comment.';

COMMENT ON TABLE "public"."comment_mentions" IS 'Whom a comment names with @username, as far as they let its author mention them.';

COMMENT ON TABLE "public"."comments" IS 'Comments on posts, and answers to them (parent_id). One with answers stays when it is deleted, without its words, so that the thread holds together.';

COMMENT ON TABLE "public"."feed_inbox" IS 'Ids of posts by those whom somebody follows, up to 1,000 a person. A hint, never a right: each page is authorised when it is read. Written by the worker.';

COMMENT ON TABLE "public"."feed_state" IS 'Whose inbox is kept: it holds every post since complete_since. Who has none is cold, and the next page builds it. pulled_at: up to when large authors were fetched. Not settled: what was posted and followed while it was built is still to be looked for.';

COMMENT ON TABLE "public"."follow_requests" IS 'Who waits to follow a private account. Approved, it becomes a follow; declined or taken back, it is gone.';

COMMENT ON TABLE "public"."follows" IS 'Who follows whom; two who follow each other are friends. is_pulled: the followee has so many followers that posts are fetched when the feed is read, not pushed into each inbox.';

COMMENT ON TABLE "public"."mutes" IS 'Whose posts and notifications somebody does not want for now, or for good (until is null). Nobody is told.';

COMMENT ON TABLE "public"."poll_options" IS 'What a poll offers, 2 to 10 options.';

COMMENT ON TABLE "public"."poll_votes" IS 'Who chose what. People see their own votes; of others, only how many.';

COMMENT ON TABLE "public"."polls" IS 'The poll of a post; its options and their votes stand beside it.';

COMMENT ON TABLE "public"."post_counts" IS 'How many like, commented on and shared a post. Behind the rows by what app_private.count_deltas holds for a second.';

COMMENT ON TABLE "public"."post_edits" IS 'How a published post read before each edit, for everybody who may read the post.';

COMMENT ON TABLE "public"."post_likes" IS 'Who likes which post.';

COMMENT ON TABLE "public"."post_mentions" IS 'Whom a post names with @username, as far as they let its author mention them.';

COMMENT ON TABLE "public"."post_tags" IS 'The tags of published posts by time: the page of a tag, and what is trending.';

COMMENT ON TABLE "public"."posts" IS 'What people post. Who may read one is decided by its policy alone. draft and scheduled: for the author only; removed: by a moderator. tags hold those of the content too, in lower case.';

COMMENT ON TABLE "public"."profile_counts" IS 'How many follow a person, are followed by them, and how many published posts they have. Behind the rows by what app_private.count_deltas holds for a second.';

COMMENT ON TABLE "public"."profiles" IS 'What everybody but the blocked may know of a person. Made by the sign-up, one per user. is_private: posts and lists are for followers, whom its owner approves.';

COMMENT ON TABLE "public"."reports" IS 'What people report to the moderators, each thing once; its author is never told by whom. excerpt: how it read when it was reported, kept when its author edits or deletes it, until the account of either goes.';

COMMENT ON TABLE "public"."trending_tags" IS 'The tags that most people used in public posts of the last hour, day and week, computed by the worker each minute.';

COMMENT ON TABLE "public"."verification_requests" IS 'People ask the operators for a verification badge or a business account, one open request of each kind.';

COMMENT ON TYPE "public"."bookmarked_card" IS 'A post_card, and when the caller bookmarked it.';

COMMENT ON TYPE "public"."comment_card" IS 'A comment as the caller sees it. Of a deleted one that has answers, its words and its author are null.';

COMMENT ON TYPE "public"."person_card" IS 'A person in a list, and how the reader and they follow each other. at: when what the list tells of happened.';

COMMENT ON TYPE "public"."post_card" IS 'A post as the caller sees it, with its author, its counts, and what the caller did with it. poll, shared_post and reason (why it is in the feed) are null where there is none.';

REVOKE ALL ON FUNCTION "admin"."decide_report"(uuid, text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."decide_report"(uuid, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."decide_report"(uuid, text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."decide_verification_request"(uuid, text, text, boolean, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."decide_verification_request"(uuid, text, text, boolean, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."decide_verification_request"(uuid, text, text, boolean, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."restore_post"(uuid, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."restore_post"(uuid, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."restore_post"(uuid, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."take_verification"(text, text, text, text, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."take_verification"(text, text, text, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."take_verification"(text, text, text, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "admin"."verification_state"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "admin"."verification_state"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "admin"."verification_state"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."are_addresses"(text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."are_addresses"(text[]) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."are_addresses"(text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."are_addresses"(text[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."are_addresses"(text[]) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."assert_cursor"(timestamp WITH time zone, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_cursor"(timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."assert_cursor"(timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_cursor"(timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_cursor"(timestamp WITH time zone, uuid) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."assert_fields"(jsonb, jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."clean_tags"(text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_hidden"."clean_tags"(text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."clean_tags"(text[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."comment_facts"(uuid[], uuid[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."comment_facts"(uuid[], uuid[]) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."comment_facts"(uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."comment_facts"(uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."feed_cards_of"(uuid[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."feed_cards_of"(uuid[]) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."feed_cards_of"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."feed_cards_of"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."feed_ids"(integer, timestamp WITH time zone, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."feed_ids"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."feed_ids"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."feed_ids"(integer, timestamp WITH time zone, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."hidden_people"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."hidden_people"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."hidden_people"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."hidden_people"() TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."is_notification_settings"(jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."is_notification_settings"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."is_notification_settings"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_notification_settings"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_notification_settings"(jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."is_of_kind"(jsonb, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."is_of_kind"(jsonb, text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."is_of_kind"(jsonb, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_of_kind"(jsonb, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."is_privacy_settings"(jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."is_privacy_settings"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."is_privacy_settings"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_privacy_settings"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."is_privacy_settings"(jsonb) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."likes_of"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."likes_of"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."likes_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."likes_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."lock_my_vote"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."lock_my_vote"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."lock_my_vote"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."lock_my_vote"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."mentions_of"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."mentions_of"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."mentions_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."mentions_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."merge_tags"(text[], text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_hidden"."merge_tags"(text[], text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."merge_tags"(text[], text[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."new_id"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."new_id"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."new_id"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."new_id"() TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."new_id"() TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."plain_name"(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."plain_name"(text) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."plain_name"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."plain_name"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."plain_name"(text) TO "service_role";

REVOKE ALL ON FUNCTION "app_hidden"."poll_of"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."poll_of"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."poll_of"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."poll_of"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."poll_tally"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."poll_tally"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."poll_tally"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."poll_tally"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."post_facts"(uuid[], uuid[], text[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."post_facts"(uuid[], uuid[], text[]) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."post_facts"(uuid[], uuid[], text[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."post_facts"(uuid[], uuid[], text[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."prepare_feed"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."prepare_feed"() TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."prepare_feed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."prepare_feed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."set_poll"(uuid, jsonb, timestamp WITH time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."set_poll"(uuid, jsonb, timestamp WITH time zone) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."set_poll"(uuid, jsonb, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."set_poll"(uuid, jsonb, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."shared_cards"(uuid[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."shared_cards"(uuid[]) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."shared_cards"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."shared_cards"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."shown_visibilities"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."shown_visibilities"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."shown_visibilities"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."shown_visibilities"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."tags_in"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_hidden"."tags_in"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."tags_in"(text) TO "postgres";

REVOKE ALL ON FUNCTION "app_hidden"."texts"(jsonb) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_hidden"."texts"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "app_hidden"."texts"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_hidden"."texts"(jsonb) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."account_job"(public.account_jobs) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."account_job"(public.account_jobs) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."account_job"(public.account_jobs) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."acting_person"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."acting_person"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."acting_person"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."admits"(text, boolean, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."admits"(text, boolean, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."admits"(text, boolean, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."approve_all_follow_requests"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."approve_all_follow_requests"(uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."approve_all_follow_requests"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."approve_all_follow_requests"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."approve_follow_request"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."approve_follow_request"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."approve_follow_request"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."approve_follow_request"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."approve_requests"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."approve_requests"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."approve_requests"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_calm"(text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_calm"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_calm"(text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_comment"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_comment"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_comment"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_complete"(public.posts) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_complete"(public.posts) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_complete"(public.posts) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_known"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_known"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_known"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_lists"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_lists"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_lists"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_may_follow_more"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_may_follow_more"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_may_follow_more"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_oneself"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_oneself"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_oneself"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_person"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_person"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_person"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_post"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_post"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_post"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_post_fields"(public.posts) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_post_fields"(public.posts) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_post_fields"(public.posts) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_report"(public.reports) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_report"(public.reports) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_report"(public.reports) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_pin"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."assert_room_for_pin"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."assert_room_for_pin"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."backfill_feed"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."backfill_feed"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."backfill_feed"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."block_person"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."block_person"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."block_person"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."block_person"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."build_feed"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."build_feed"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."build_feed"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_comment"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_comment"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_comment"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_content"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_content"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_content"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_lists"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_lists"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_lists"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_post"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_post"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_post"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."can_view_profile"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."can_view_profile"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."can_view_profile"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."cancel_deletion"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."cancel_deletion"(uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."cancel_deletion"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."cancel_deletion"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."claim_account_jobs"(integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."claim_account_jobs"(integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."claim_account_jobs"(integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."claim_account_jobs"(integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."clear_author"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."clear_author"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."clear_author"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_changed_posts"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_changed_posts"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_changed_posts"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_comment"(text, uuid[], bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_comment"(text, uuid[], bigint[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_comment"(text, uuid[], bigint[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_comment_likes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_comment_likes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_comment_likes"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_comments"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_comments"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_comments"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_deleted_posts"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_deleted_posts"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_deleted_posts"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_emptied_comment"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_emptied_comment"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_emptied_comment"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_follows"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_follows"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_follows"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_new_posts"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_new_posts"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_new_posts"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_post"(text, uuid[], bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_post"(text, uuid[], bigint[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_post"(text, uuid[], bigint[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_post_likes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_post_likes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_post_likes"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_profile"(text, uuid[], bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_profile"(text, uuid[], bigint[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_profile"(text, uuid[], bigint[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."count_votes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."count_votes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."count_votes"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."decline_follow_request"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."decline_follow_request"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."decline_follow_request"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."decline_follow_request"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."delete_account"(uuid, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."delete_account"(uuid, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."delete_account"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."delete_account"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."drop_post"(app_private.feed_tasks, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."drop_post"(app_private.feed_tasks, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."drop_post"(app_private.feed_tasks, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."emit_post_published"(uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."emit_post_published"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."emit_post_published"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."expired_exports"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."expired_exports"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."expired_exports"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."expired_exports"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."export_page"(uuid, text, jsonb, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."export_page"(uuid, text, jsonb, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."export_page"(uuid, text, jsonb, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."export_page"(uuid, text, jsonb, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."export_sections"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."export_sections"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."export_sections"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."export_sections"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."feed_oracle"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."feed_oracle"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."feed_oracle"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."feed_stats"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."feed_stats"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."feed_stats"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."feed_stats"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."find_user"(uuid, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."find_user"(uuid, text) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."find_user"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."find_user"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_account_job"(uuid, integer, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_account_job"(uuid, integer, text, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_account_job"(uuid, integer, text, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_account_job"(uuid, integer, text, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."finish_export"(uuid, integer, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."finish_export"(uuid, integer, text) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."finish_export"(uuid, integer, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."finish_export"(uuid, integer, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fold_count"(uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."fold_count"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fold_count"(uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."fold_counts"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."fold_counts"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."fold_counts"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."fold_counts"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."follow"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."follow"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."follow"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."follow"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."follow_privacy"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."follow_privacy"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."follow_privacy"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."forget_export_files"(uuid[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."forget_export_files"(uuid[]) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."forget_export_files"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."forget_export_files"(uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."forget_inboxes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."forget_inboxes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."forget_inboxes"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."forget_person"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."forget_person"(uuid) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."forget_person"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."forget_person"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_bookmark"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_bookmark"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_bookmark"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_comment"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_comment"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_comment"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_comment_like"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_comment_like"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_comment_like"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_post"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_post"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_post"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_post_like"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_post_like"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_post_like"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_profile"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_profile"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_profile"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_report"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_report"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_report"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_settings"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_settings"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_settings"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_verification_request"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_verification_request"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_verification_request"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."guard_vote"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_vote"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_vote"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."index_comment"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."index_comment"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."index_comment"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."index_post"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."index_post"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."index_post"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_fresh_session"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."is_fresh_session"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."is_fresh_session"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_fresh_session"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_in_audience"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_in_audience"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_in_audience"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_pulled_post"(app_private.feed_tasks, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_pulled_post"(app_private.feed_tasks, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_pulled_post"(app_private.feed_tasks, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."is_username_held"(text, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."is_username_held"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."is_username_held"(text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_account_job"(uuid, integer, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."keep_account_job"(uuid, integer, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."keep_account_job"(uuid, integer, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_account_job"(uuid, integer, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_deleted_username"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_deleted_username"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_deleted_username"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_former_username"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_former_username"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_former_username"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."keep_thread"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."keep_thread"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."keep_thread"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_counts"(uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_counts"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_counts"(uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_pairs"(uuid[], uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_pairs"(uuid[], uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_pairs"(uuid[], uuid[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_vote"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_vote"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_vote"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mark_pulled"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mark_pulled"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mark_pulled"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."may_reach"(uuid, uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."may_reach"(uuid, uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."may_reach"(uuid, uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mentioned_in"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."mentioned_in"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mentioned_in"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."money_left"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."money_left"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."money_left"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."most_followed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."most_followed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."most_followed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."mute_person"(uuid, uuid, timestamp WITH time zone) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."mute_person"(uuid, uuid, timestamp WITH time zone) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."mute_person"(uuid, uuid, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."mute_person"(uuid, uuid, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."muted_by"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."muted_by"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."muted_by"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_actor"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_actor"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_actor"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_follows"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_follows"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_follows"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_post_shown"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_post_shown"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_post_shown"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_posts"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_posts"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_posts"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."note_resize"(app_private.large_authors, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."note_resize"(app_private.large_authors, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."note_resize"(app_private.large_authors, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."older_feed_ids"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."part_the_blocked"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."part_the_blocked"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."part_the_blocked"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."pending_count"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."pending_count"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."pending_count"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."person_cards"(uuid, uuid[], timestamp WITH time zone[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."person_cards"(uuid, uuid[], timestamp WITH time zone[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."person_cards"(uuid, uuid[], timestamp WITH time zone[]) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."person_files"(uuid, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."person_files"(uuid, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."person_files"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."person_files"(uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prepare_feed"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."prepare_feed"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prepare_feed"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."privacy_change_preview"(uuid, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."privacy_change_preview"(uuid, boolean) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."privacy_change_preview"(uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."privacy_change_preview"(uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_account_jobs"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_account_jobs"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_account_jobs"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_account_jobs"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_feeds"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_feeds"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_feeds"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_feeds"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."prune_former_usernames"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."prune_former_usernames"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."prune_former_usernames"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."prune_former_usernames"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."publish_scheduled_posts"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."publish_scheduled_posts"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."publish_scheduled_posts"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."publish_scheduled_posts"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."pull_large_authors"(uuid, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."pull_large_authors"(uuid, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."pull_large_authors"(uuid, timestamp WITH time zone) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."pull_posts"(uuid, timestamp WITH time zone, timestamp WITH time zone, uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."push_post"(uuid, uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."push_post"(uuid, uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."push_post"(uuid, uuid, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."queue_clean_up"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."queue_clean_up"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."queue_clean_up"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."reads_otherwise"(public.posts, public.posts) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."reads_otherwise"(public.posts, public.posts) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."reads_otherwise"(public.posts, public.posts) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refresh_popular_people"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."refresh_popular_people"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."refresh_popular_people"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refresh_popular_people"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refresh_trending"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."refresh_trending"() TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."refresh_trending"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refresh_trending"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refuse_mute_over"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refuse_mute_over"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refuse_mute_over"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."refuse_oneself"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."refuse_oneself"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."refuse_oneself"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."relation"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."relation"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."relation"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."remove_follower"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."remove_follower"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."remove_follower"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."remove_follower"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."request_deletion"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."request_deletion"(uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."request_deletion"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."request_deletion"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."request_export"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."request_export"(uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."request_export"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."request_export"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."resize_authors"(integer, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."resize_authors"(integer, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."resize_authors"(integer, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."resize_authors"(integer, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."retry_account_job"(uuid, integer, text, interval) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."retry_account_job"(uuid, integer, text, interval) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."retry_account_job"(uuid, integer, text, interval) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."retry_account_job"(uuid, integer, text, interval) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."search_candidates"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."search_candidates"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."search_candidates"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."settle_feeds"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."settle_feeds"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."settle_feeds"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."settle_feeds"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."shared_original"(uuid, uuid, uuid, boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."shared_original"(uuid, uuid, uuid, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."shared_original"(uuid, uuid, uuid, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."shown_profile_counts"(uuid, uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."shown_profile_counts"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."shown_profile_counts"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_account_job"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_account_job"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_account_job"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_blocks"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_blocks"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_blocks"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_comment_emptied"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_comment_emptied"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_comment_emptied"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_comments_deleted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_comments_deleted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_comments_deleted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_comments_written"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_comments_written"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_comments_written"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_follow_requested"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_follow_requested"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_follow_requested"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_follows"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_follows"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_follows"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_post_likes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_post_likes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_post_likes"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_posts_changed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_posts_changed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_posts_changed"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_posts_deleted"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_posts_deleted"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_posts_deleted"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_posts_written"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_posts_written"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_posts_written"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_reported"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_reported"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_reported"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tell_verification_decided"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tell_verification_decided"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tell_verification_decided"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."tidy_threads"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."tidy_threads"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."tidy_threads"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."trim_inboxes"(integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."trim_inboxes"(integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."trim_inboxes"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."trim_inboxes"(integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."unblock_person"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."unblock_person"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."unblock_person"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."unblock_person"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."unfollow"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."unfollow"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."unfollow"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."unfollow"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."unmute_person"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."unmute_person"(uuid, uuid) TO "astra_api";

REVOKE ALL ON FUNCTION "app_private"."unmute_person"(uuid, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."unmute_person"(uuid, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."warm_feed"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."warm_feed"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."warm_feed"(uuid) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."work_feed"(integer, integer) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "app_private"."work_feed"(integer, integer) TO "astra_worker";

REVOKE ALL ON FUNCTION "app_private"."work_feed"(integer, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."work_feed"(integer, integer) TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."work_feed_task"(app_private.feed_tasks, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."work_feed_task"(app_private.feed_tasks, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."work_feed_task"(app_private.feed_tasks, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_comment"(uuid, text, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."add_comment"(uuid, text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."add_comment"(uuid, text, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."blocked_people"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."blocked_people"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."blocked_people"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."bookmark_post"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."bookmark_post"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."bookmark_post"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."comment_cards"(uuid[]) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."comment_cards"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."comment_cards"(uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_post"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."create_post"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."create_post"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_comment"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."delete_comment"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_comment"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_post"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."delete_post"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."delete_post"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."edit_comment"(uuid, text) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."edit_comment"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."edit_comment"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."feed_cards"(uuid[]) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."feed_cards"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."feed_cards"(uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."find_person"(text) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."find_person"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."find_person"(text) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."follow_requests_received"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."follow_requests_received"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."follow_requests_received"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."follow_requests_sent"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."follow_requests_sent"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."follow_requests_sent"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."followers"(uuid, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."followers"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."followers"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."following"(uuid, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."following"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."following"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."friends"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."friends"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."friends"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."home_feed"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."home_feed"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."home_feed"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."like_comment"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."like_comment"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."like_comment"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."like_post"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."like_post"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."like_post"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."muted_people"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."muted_people"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."muted_people"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."mutual_friends"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."mutual_friends"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."mutual_friends"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_bookmarks"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_bookmarks"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_bookmarks"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_drafts"(integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."my_drafts"(integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."my_drafts"(integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."people_who_liked"(uuid, integer, timestamp WITH time zone, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."people_who_liked"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."people_who_liked"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."post_cards"(uuid[]) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."post_cards"(uuid[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."post_cards"(uuid[]) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."post_comments"(uuid, uuid, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."post_comments"(uuid, uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."post_comments"(uuid, uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."post_history"(uuid, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."post_history"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."post_history"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_author"(uuid, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_by_author"(uuid, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_author"(uuid, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_location"(text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."posts_by_tag"(text, integer, timestamp WITH time zone, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."profile_page"(uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."profile_page"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."profile_page"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."relationship"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."relationship"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."relationship"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."report"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."report"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."report"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."request_verification"(jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."request_verification"(jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."request_verification"(jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_people"(text, integer, real, uuid) TO "anon", "authenticated";

REVOKE ALL ON FUNCTION "public"."search_people"(text, integer, real, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."search_people"(text, integer, real, uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."suggested_people"(integer) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."suggested_people"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."suggested_people"(integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."unbookmark_post"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."unbookmark_post"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."unbookmark_post"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."unlike_comment"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."unlike_comment"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."unlike_comment"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."unlike_post"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."unlike_post"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."unlike_post"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."update_post"(uuid, jsonb) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."update_post"(uuid, jsonb) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."update_post"(uuid, jsonb) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."vote_in_poll"(uuid, smallint[]) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."vote_in_poll"(uuid, smallint[]) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."vote_in_poll"(uuid, smallint[]) TO "postgres";

REVOKE ALL ON TABLE "public"."account_jobs" FROM "authenticated";

REVOKE ALL ("created_at") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("created_at") ON TABLE "public"."account_jobs" TO "authenticated";

REVOKE ALL ("expires_at") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("expires_at") ON TABLE "public"."account_jobs" TO "authenticated";

REVOKE ALL ("finished_at") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("finished_at") ON TABLE "public"."account_jobs" TO "authenticated";

REVOKE ALL ("kind") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("kind") ON TABLE "public"."account_jobs" TO "authenticated";

REVOKE ALL ("reason") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("reason") ON TABLE "public"."account_jobs" TO "authenticated";

REVOKE ALL ("run_after") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("run_after") ON TABLE "public"."account_jobs" TO "authenticated";

REVOKE ALL ("state") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("state") ON TABLE "public"."account_jobs" TO "authenticated";

REVOKE ALL ("user_id") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("user_id") ON TABLE "public"."account_jobs" TO "authenticated";

REVOKE ALL ON TABLE "public"."account_jobs" FROM "service_role";

GRANT SELECT ON TABLE "public"."account_jobs" TO "service_role";

REVOKE ALL ON TABLE "public"."bookmarks" FROM "authenticated";

REVOKE ALL ("post_id") ON TABLE "public"."bookmarks" FROM "authenticated";

GRANT INSERT ("post_id") ON TABLE "public"."bookmarks" TO "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."bookmarks" TO "authenticated";

REVOKE ALL ON TABLE "public"."bookmarks" FROM "service_role";

GRANT SELECT ON TABLE "public"."bookmarks" TO "service_role";

REVOKE ALL ON TABLE "public"."comment_likes" FROM "authenticated";

REVOKE ALL ("comment_id") ON TABLE "public"."comment_likes" FROM "authenticated";

GRANT INSERT ("comment_id") ON TABLE "public"."comment_likes" TO "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."comment_likes" TO "authenticated";

REVOKE ALL ON TABLE "public"."comment_likes" FROM "service_role";

GRANT SELECT ON TABLE "public"."comment_likes" TO "service_role";

REVOKE ALL ON TABLE "public"."comment_mentions" FROM "anon";

GRANT SELECT ON TABLE "public"."comment_mentions" TO "anon";

REVOKE ALL ON TABLE "public"."comment_mentions" FROM "authenticated";

GRANT SELECT ON TABLE "public"."comment_mentions" TO "authenticated";

REVOKE ALL ON TABLE "public"."comment_mentions" FROM "service_role";

GRANT SELECT ON TABLE "public"."comment_mentions" TO "service_role";

REVOKE ALL ON TABLE "public"."comments" FROM "anon";

GRANT SELECT ON TABLE "public"."comments" TO "anon";

REVOKE ALL ON TABLE "public"."comments" FROM "authenticated";

REVOKE ALL ("content") ON TABLE "public"."comments" FROM "authenticated";

GRANT INSERT ("content"), UPDATE ("content") ON TABLE "public"."comments" TO "authenticated";

REVOKE ALL ("parent_id") ON TABLE "public"."comments" FROM "authenticated";

GRANT INSERT ("parent_id") ON TABLE "public"."comments" TO "authenticated";

REVOKE ALL ("post_id") ON TABLE "public"."comments" FROM "authenticated";

GRANT INSERT ("post_id") ON TABLE "public"."comments" TO "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."comments" TO "authenticated";

REVOKE ALL ON TABLE "public"."comments" FROM "service_role";

GRANT SELECT ON TABLE "public"."comments" TO "service_role";

REVOKE ALL ON TABLE "public"."feed_inbox" FROM "service_role";

GRANT SELECT ON TABLE "public"."feed_inbox" TO "service_role";

REVOKE ALL ON TABLE "public"."feed_state" FROM "authenticated";

GRANT SELECT ON TABLE "public"."feed_state" TO "authenticated";

REVOKE ALL ON TABLE "public"."feed_state" FROM "service_role";

GRANT SELECT ON TABLE "public"."feed_state" TO "service_role";

REVOKE ALL ON TABLE "public"."follow_requests" FROM "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."follow_requests" TO "authenticated";

REVOKE ALL ON TABLE "public"."follow_requests" FROM "service_role";

GRANT SELECT ON TABLE "public"."follow_requests" TO "service_role";

REVOKE ALL ON TABLE "public"."follows" FROM "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."follows" TO "authenticated";

REVOKE ALL ON TABLE "public"."follows" FROM "service_role";

GRANT SELECT ON TABLE "public"."follows" TO "service_role";

REVOKE ALL ON TABLE "public"."mutes" FROM "authenticated";

REVOKE ALL ("muted_id") ON TABLE "public"."mutes" FROM "authenticated";

GRANT INSERT ("muted_id") ON TABLE "public"."mutes" TO "authenticated";

REVOKE ALL ("muter_id") ON TABLE "public"."mutes" FROM "authenticated";

GRANT INSERT ("muter_id") ON TABLE "public"."mutes" TO "authenticated";

REVOKE ALL ("until") ON TABLE "public"."mutes" FROM "authenticated";

GRANT INSERT ("until"), UPDATE ("until") ON TABLE "public"."mutes" TO "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."mutes" TO "authenticated";

REVOKE ALL ON TABLE "public"."mutes" FROM "service_role";

GRANT SELECT ON TABLE "public"."mutes" TO "service_role";

REVOKE ALL ON TABLE "public"."poll_options" FROM "anon";

GRANT SELECT ON TABLE "public"."poll_options" TO "anon";

REVOKE ALL ON TABLE "public"."poll_options" FROM "authenticated";

GRANT SELECT ON TABLE "public"."poll_options" TO "authenticated";

REVOKE ALL ON TABLE "public"."poll_options" FROM "service_role";

GRANT SELECT ON TABLE "public"."poll_options" TO "service_role";

REVOKE ALL ON TABLE "public"."poll_votes" FROM "authenticated";

REVOKE ALL ("position") ON TABLE "public"."poll_votes" FROM "authenticated";

GRANT INSERT ("position") ON TABLE "public"."poll_votes" TO "authenticated";

REVOKE ALL ("post_id") ON TABLE "public"."poll_votes" FROM "authenticated";

GRANT INSERT ("post_id") ON TABLE "public"."poll_votes" TO "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."poll_votes" TO "authenticated";

REVOKE ALL ON TABLE "public"."poll_votes" FROM "service_role";

GRANT SELECT ON TABLE "public"."poll_votes" TO "service_role";

REVOKE ALL ON TABLE "public"."polls" FROM "anon";

GRANT SELECT ON TABLE "public"."polls" TO "anon";

REVOKE ALL ON TABLE "public"."polls" FROM "authenticated";

GRANT SELECT ON TABLE "public"."polls" TO "authenticated";

REVOKE ALL ON TABLE "public"."polls" FROM "service_role";

GRANT SELECT ON TABLE "public"."polls" TO "service_role";

REVOKE ALL ON TABLE "public"."post_counts" FROM "anon";

GRANT SELECT ON TABLE "public"."post_counts" TO "anon";

REVOKE ALL ON TABLE "public"."post_counts" FROM "authenticated";

GRANT SELECT ON TABLE "public"."post_counts" TO "authenticated";

REVOKE ALL ON TABLE "public"."post_counts" FROM "service_role";

GRANT SELECT ON TABLE "public"."post_counts" TO "service_role";

REVOKE ALL ON TABLE "public"."post_edits" FROM "anon";

GRANT SELECT ON TABLE "public"."post_edits" TO "anon";

REVOKE ALL ON TABLE "public"."post_edits" FROM "authenticated";

GRANT SELECT ON TABLE "public"."post_edits" TO "authenticated";

REVOKE ALL ON TABLE "public"."post_edits" FROM "service_role";

GRANT SELECT ON TABLE "public"."post_edits" TO "service_role";

REVOKE ALL ON TABLE "public"."post_likes" FROM "authenticated";

REVOKE ALL ("post_id") ON TABLE "public"."post_likes" FROM "authenticated";

GRANT INSERT ("post_id") ON TABLE "public"."post_likes" TO "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."post_likes" TO "authenticated";

REVOKE ALL ON TABLE "public"."post_likes" FROM "service_role";

GRANT SELECT ON TABLE "public"."post_likes" TO "service_role";

REVOKE ALL ON TABLE "public"."post_mentions" FROM "anon";

GRANT SELECT ON TABLE "public"."post_mentions" TO "anon";

REVOKE ALL ON TABLE "public"."post_mentions" FROM "authenticated";

GRANT SELECT ON TABLE "public"."post_mentions" TO "authenticated";

REVOKE ALL ON TABLE "public"."post_mentions" FROM "service_role";

GRANT SELECT ON TABLE "public"."post_mentions" TO "service_role";

REVOKE ALL ON TABLE "public"."post_tags" FROM "anon";

GRANT SELECT ON TABLE "public"."post_tags" TO "anon";

REVOKE ALL ON TABLE "public"."post_tags" FROM "authenticated";

GRANT SELECT ON TABLE "public"."post_tags" TO "authenticated";

REVOKE ALL ON TABLE "public"."post_tags" FROM "service_role";

GRANT SELECT ON TABLE "public"."post_tags" TO "service_role";

REVOKE ALL ON TABLE "public"."posts" FROM "anon";

GRANT SELECT ON TABLE "public"."posts" TO "anon";

REVOKE ALL ON TABLE "public"."posts" FROM "authenticated";

REVOKE ALL ("content") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("content"), UPDATE ("content") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("location") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("location"), UPDATE ("location") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("media_urls") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("media_urls"), UPDATE ("media_urls") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("pinned_at") ON TABLE "public"."posts" FROM "authenticated";

GRANT UPDATE ("pinned_at") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("reply_control") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("reply_control"), UPDATE ("reply_control") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("scheduled_for") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("scheduled_for"), UPDATE ("scheduled_for") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("shared_post_id") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("shared_post_id") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("shares_allowed") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("shares_allowed"), UPDATE ("shares_allowed") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("status") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("status"), UPDATE ("status") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("tags") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("tags"), UPDATE ("tags") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("type") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("type") ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ("visibility") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("visibility"), UPDATE ("visibility") ON TABLE "public"."posts" TO "authenticated";

GRANT DELETE, SELECT ON TABLE "public"."posts" TO "authenticated";

REVOKE ALL ON TABLE "public"."posts" FROM "service_role";

GRANT SELECT ON TABLE "public"."posts" TO "service_role";

REVOKE ALL ON TABLE "public"."profile_counts" FROM "anon";

GRANT SELECT ON TABLE "public"."profile_counts" TO "anon";

REVOKE ALL ON TABLE "public"."profile_counts" FROM "authenticated";

GRANT SELECT ON TABLE "public"."profile_counts" TO "authenticated";

REVOKE ALL ON TABLE "public"."profile_counts" FROM "service_role";

GRANT SELECT ON TABLE "public"."profile_counts" TO "service_role";

REVOKE ALL ON TABLE "public"."reports" FROM "authenticated";

REVOKE ALL ("comment_id") ON TABLE "public"."reports" FROM "authenticated";

GRANT INSERT ("comment_id") ON TABLE "public"."reports" TO "authenticated";

REVOKE ALL ("details") ON TABLE "public"."reports" FROM "authenticated";

GRANT INSERT ("details") ON TABLE "public"."reports" TO "authenticated";

REVOKE ALL ("post_id") ON TABLE "public"."reports" FROM "authenticated";

GRANT INSERT ("post_id") ON TABLE "public"."reports" TO "authenticated";

REVOKE ALL ("profile_id") ON TABLE "public"."reports" FROM "authenticated";

GRANT INSERT ("profile_id") ON TABLE "public"."reports" TO "authenticated";

REVOKE ALL ("reason") ON TABLE "public"."reports" FROM "authenticated";

GRANT INSERT ("reason") ON TABLE "public"."reports" TO "authenticated";

GRANT SELECT ON TABLE "public"."reports" TO "authenticated";

REVOKE ALL ON TABLE "public"."reports" FROM "service_role";

GRANT SELECT ON TABLE "public"."reports" TO "service_role";

REVOKE ALL ON TABLE "public"."trending_tags" FROM "anon";

GRANT SELECT ON TABLE "public"."trending_tags" TO "anon";

REVOKE ALL ON TABLE "public"."trending_tags" FROM "authenticated";

GRANT SELECT ON TABLE "public"."trending_tags" TO "authenticated";

REVOKE ALL ON TABLE "public"."trending_tags" FROM "service_role";

GRANT SELECT ON TABLE "public"."trending_tags" TO "service_role";

REVOKE ALL ON TABLE "public"."verification_requests" FROM "authenticated";

REVOKE ALL ("evidence_urls") ON TABLE "public"."verification_requests" FROM "authenticated";

GRANT INSERT ("evidence_urls") ON TABLE "public"."verification_requests" TO "authenticated";

REVOKE ALL ("kind") ON TABLE "public"."verification_requests" FROM "authenticated";

GRANT INSERT ("kind") ON TABLE "public"."verification_requests" TO "authenticated";

REVOKE ALL ("level") ON TABLE "public"."verification_requests" FROM "authenticated";

GRANT INSERT ("level") ON TABLE "public"."verification_requests" TO "authenticated";

REVOKE ALL ("statement") ON TABLE "public"."verification_requests" FROM "authenticated";

GRANT INSERT ("statement") ON TABLE "public"."verification_requests" TO "authenticated";

REVOKE ALL ("state") ON TABLE "public"."verification_requests" FROM "authenticated";

GRANT UPDATE ("state") ON TABLE "public"."verification_requests" TO "authenticated";

GRANT SELECT ON TABLE "public"."verification_requests" TO "authenticated";

REVOKE ALL ON TABLE "public"."verification_requests" FROM "service_role";

GRANT SELECT ON TABLE "public"."verification_requests" TO "service_role";

ALTER TABLE "public"."account_jobs"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_hidden.new_id();

ALTER TABLE "public"."account_jobs"
  ADD CONSTRAINT "account_jobs_pkey" PRIMARY KEY (id);

REVOKE ALL ("id") ON TABLE "public"."account_jobs" FROM "authenticated";

GRANT SELECT ("id") ON TABLE "public"."account_jobs" TO "authenticated";

ALTER TABLE "public"."bookmarks"
  ADD CONSTRAINT "bookmarks_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX bookmarks_user_idx ON public.bookmarks USING btree (user_id, created_at DESC, post_id DESC);

CREATE POLICY "people bookmark for themselves" ON "public"."bookmarks"
  FOR INSERT
  TO "authenticated"
  WITH CHECK ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people remove their own bookmarks" ON "public"."bookmarks"
  FOR DELETE
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people see their own bookmarks" ON "public"."bookmarks"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

REVOKE ALL ("user_id") ON TABLE "public"."bookmarks" FROM "authenticated";

GRANT INSERT ("user_id") ON TABLE "public"."bookmarks" TO "authenticated";

ALTER TABLE "public"."comment_likes"
  ADD CONSTRAINT "comment_likes_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX comment_likes_user_idx ON public.comment_likes USING btree (user_id);

CREATE POLICY "people like for themselves" ON "public"."comment_likes"
  FOR INSERT
  TO "authenticated"
  WITH CHECK ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people take back their own likes" ON "public"."comment_likes"
  FOR DELETE
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

REVOKE ALL ("user_id") ON TABLE "public"."comment_likes" FROM "authenticated";

GRANT INSERT ("user_id") ON TABLE "public"."comment_likes" TO "authenticated";

ALTER TABLE "public"."comments"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_hidden.new_id();

ALTER TABLE "public"."comments"
  ADD CONSTRAINT "comments_pkey" PRIMARY KEY (id);

ALTER TABLE "public"."comment_likes"
  ADD CONSTRAINT "comment_likes_comment_id_fkey" FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE CASCADE;

ALTER TABLE "public"."comment_mentions"
  ADD CONSTRAINT "comment_mentions_comment_id_fkey" FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE CASCADE;

ALTER TABLE "public"."comments"
  ADD CONSTRAINT "comments_parent_id_fkey" FOREIGN KEY (parent_id) REFERENCES public.comments(id) ON DELETE CASCADE;

ALTER TABLE "public"."reports"
  ADD CONSTRAINT "reports_comment_id_fkey" FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE SET NULL;

CREATE INDEX comments_answers_idx ON public.comments USING btree (parent_id, created_at, id)
  WHERE (parent_id IS NOT NULL);

CREATE INDEX comments_thread_idx ON public.comments USING btree (post_id, created_at DESC, id DESC)
  WHERE (parent_id IS NULL);

CREATE POLICY "people see their own likes, and who likes a comment they read" ON "public"."comment_likes"
  FOR SELECT
  TO "authenticated"
  USING (((user_id = ( SELECT auth.uid() AS uid)) OR ((NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND (EXISTS ( SELECT
   FROM public.comments c
  WHERE (c.id = comment_likes.comment_id))))));

CREATE POLICY "everybody sees whom a comment that they read mentions" ON "public"."comment_mentions"
  FOR SELECT
  TO "anon"
  USING ((EXISTS ( SELECT
   FROM public.comments c
  WHERE (c.id = comment_mentions.comment_id))));

CREATE POLICY "people see whom a comment mentions, but none hidden from them" ON "public"."comment_mentions"
  FOR SELECT
  TO "authenticated"
  USING (((NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND (EXISTS ( SELECT
   FROM public.comments c
  WHERE (c.id = comment_mentions.comment_id)))));

ALTER TABLE "public"."comments"
  ADD CONSTRAINT "comments_author_id_fkey" FOREIGN KEY (author_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX comments_author_idx ON public.comments USING btree (author_id, created_at DESC);

CREATE INDEX comments_post_author_idx ON public.comments USING btree (post_id, author_id);

CREATE POLICY "people change their own comments" ON "public"."comments"
  FOR UPDATE
  TO "authenticated"
  USING (((author_id = ( SELECT auth.uid() AS uid)) AND (deleted_at IS NULL)))
  WITH CHECK ((author_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people comment for themselves" ON "public"."comments"
  FOR INSERT
  TO "authenticated"
  WITH CHECK ((author_id = ( SELECT auth.uid() AS uid)));

REVOKE ALL ("author_id") ON TABLE "public"."comments" FROM "authenticated";

GRANT INSERT ("author_id") ON TABLE "public"."comments" TO "authenticated";

ALTER TABLE "public"."poll_votes"
  ADD CONSTRAINT "poll_votes_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX poll_votes_user_id_idx ON public.poll_votes USING btree (user_id);

CREATE POLICY "people see their own votes" ON "public"."poll_votes"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people take back their own votes" ON "public"."poll_votes"
  FOR DELETE
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people vote for themselves" ON "public"."poll_votes"
  FOR INSERT
  TO "authenticated"
  WITH CHECK ((user_id = ( SELECT auth.uid() AS uid)));

REVOKE ALL ("user_id") ON TABLE "public"."poll_votes" FROM "authenticated";

GRANT INSERT ("user_id") ON TABLE "public"."poll_votes" TO "authenticated";

ALTER TABLE "public"."post_edits"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_hidden.new_id();

ALTER TABLE "public"."post_edits"
  ADD CONSTRAINT "post_edits_pkey" PRIMARY KEY (id);

ALTER TABLE "public"."post_likes"
  ADD CONSTRAINT "post_likes_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX post_likes_post_idx ON public.post_likes USING btree (post_id, created_at DESC, user_id DESC);

CREATE INDEX post_likes_user_idx ON public.post_likes USING btree (user_id, created_at DESC, post_id DESC);

CREATE POLICY "people like for themselves" ON "public"."post_likes"
  FOR INSERT
  TO "authenticated"
  WITH CHECK ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people take back their own likes" ON "public"."post_likes"
  FOR DELETE
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

REVOKE ALL ("user_id") ON TABLE "public"."post_likes" FROM "authenticated";

GRANT INSERT ("user_id") ON TABLE "public"."post_likes" TO "authenticated";

ALTER TABLE "public"."posts"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_hidden.new_id();

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "posts_pkey" PRIMARY KEY (id);

ALTER TABLE "public"."bookmarks"
  ADD CONSTRAINT "bookmarks_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE "public"."comments"
  ADD CONSTRAINT "comments_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE "public"."polls"
  ADD CONSTRAINT "polls_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE "public"."post_counts"
  ADD CONSTRAINT "post_counts_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE "public"."post_edits"
  ADD CONSTRAINT "post_edits_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE "public"."post_likes"
  ADD CONSTRAINT "post_likes_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE "public"."post_mentions"
  ADD CONSTRAINT "post_mentions_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE "public"."post_tags"
  ADD CONSTRAINT "post_tags_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "posts_shared_post_id_fkey" FOREIGN KEY (shared_post_id) REFERENCES public.posts(id) ON DELETE SET NULL;

ALTER TABLE "public"."reports"
  ADD CONSTRAINT "reports_post_id_fkey" FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE SET NULL;

CREATE INDEX posts_location_idx ON public.posts USING btree (lower(location), published_at DESC, id DESC)
  WHERE ((status = 'published'::text) AND (location IS NOT NULL));

CREATE INDEX posts_recent_idx ON public.posts USING btree (published_at DESC, id DESC)
  WHERE (status = 'published'::text);

CREATE POLICY "everybody reads comments on posts they read" ON "public"."comments"
  FOR SELECT
  TO "anon"
  USING ((EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = comments.post_id))));

CREATE POLICY "people read comments on posts they read, but not of the hidden" ON "public"."comments"
  FOR SELECT
  TO "authenticated"
  USING (((NOT (author_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND (EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = comments.post_id)))));

CREATE POLICY "whoever reads a post reads what its poll offers" ON "public"."poll_options"
  FOR SELECT
  TO "anon", "authenticated"
  USING ((EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = poll_options.post_id))));

CREATE POLICY "whoever reads a post reads its poll" ON "public"."polls"
  FOR SELECT
  TO "anon", "authenticated"
  USING ((EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = polls.post_id))));

CREATE POLICY "whoever reads a post reads its counts" ON "public"."post_counts"
  FOR SELECT
  TO "anon", "authenticated"
  USING ((EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = post_counts.post_id))));

CREATE POLICY "people see their own likes, and who likes a post they read" ON "public"."post_likes"
  FOR SELECT
  TO "authenticated"
  USING (((user_id = ( SELECT auth.uid() AS uid)) OR ((NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND (EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = post_likes.post_id))))));

CREATE POLICY "everybody sees whom a post that they read mentions" ON "public"."post_mentions"
  FOR SELECT
  TO "anon"
  USING ((EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = post_mentions.post_id))));

CREATE POLICY "people see whom a post mentions, but nobody hidden from them" ON "public"."post_mentions"
  FOR SELECT
  TO "authenticated"
  USING (((NOT (user_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND (EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = post_mentions.post_id)))));

CREATE POLICY "whoever reads a post reads its tags" ON "public"."post_tags"
  FOR SELECT
  TO "anon", "authenticated"
  USING ((EXISTS ( SELECT
   FROM public.posts p
  WHERE (p.id = post_tags.post_id))));

ALTER TABLE "public"."posts"
  ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY (author_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE INDEX posts_author_id_idx ON public.posts USING btree (author_id, created_at);

CREATE INDEX posts_author_idx ON public.posts USING btree (author_id, published_at DESC, id DESC)
  WHERE (status = 'published'::text);

CREATE INDEX posts_own_drafts_idx ON public.posts USING btree (author_id, created_at DESC, id DESC)
  WHERE (status = ANY (ARRAY['draft'::text, 'scheduled'::text]));

CREATE INDEX posts_pinned_idx ON public.posts USING btree (author_id)
  WHERE (pinned_at IS NOT NULL);

CREATE UNIQUE INDEX posts_plain_share_idx ON public.posts USING btree (author_id, shared_post_id)
  WHERE ((TYPE = 'share'::text) AND (content IS NULL));

CREATE INDEX posts_shared_idx ON public.posts USING btree (shared_post_id, author_id)
  WHERE (shared_post_id IS NOT NULL);

CREATE POLICY "people delete their own comments, and those on their own posts" ON "public"."comments"
  FOR DELETE
  TO "authenticated"
  USING (((author_id = ( SELECT auth.uid() AS uid)) OR (EXISTS ( SELECT
   FROM public.posts p
  WHERE ((p.id = comments.post_id) AND (p.author_id = ( SELECT auth.uid() AS uid)))))));

CREATE POLICY "whoever reads a post reads how it read for them before" ON "public"."post_edits"
  FOR SELECT
  TO "anon", "authenticated"
  USING ((EXISTS ( SELECT
   FROM public.posts p
  WHERE ((p.id = post_edits.post_id) AND ((post_edits.visibility = 'public'::text) OR (post_edits.visibility = p.visibility) OR (p.author_id = ( SELECT auth.uid() AS uid)))))));

CREATE POLICY "everybody reads public posts of public accounts" ON "public"."posts"
  FOR SELECT
  TO "anon"
  USING (((status = 'published'::text) AND (visibility = 'public'::text) AND (NOT (EXISTS ( SELECT
   FROM public.profiles p
  WHERE ((p.id = posts.author_id) AND p.is_private))))));

CREATE POLICY "people change their own posts" ON "public"."posts"
  FOR UPDATE
  TO "authenticated"
  USING (((author_id = ( SELECT auth.uid() AS uid)) AND (status <> 'removed'::text)))
  WITH CHECK (((author_id = ( SELECT auth.uid() AS uid)) AND (status <> 'removed'::text)));

CREATE POLICY "people delete their own posts" ON "public"."posts"
  FOR DELETE
  TO "authenticated"
  USING ((author_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people post for themselves" ON "public"."posts"
  FOR INSERT
  TO "authenticated"
  WITH CHECK (((author_id = ( SELECT auth.uid() AS uid)) AND (status <> 'removed'::text)));

CREATE POLICY "people read their own posts, and those they are shown" ON "public"."posts"
  FOR SELECT
  TO "authenticated"
  USING (((author_id = ( SELECT auth.uid() AS uid)) OR ((status = 'published'::text) AND (NOT (author_id IN ( SELECT app_hidden.hidden_people() AS hidden_people))) AND
CASE visibility
    WHEN 'public'::text THEN (COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = ( SELECT auth.uid() AS uid)) AND (f.followee_id = posts.author_id))), false) OR (NOT COALESCE(( SELECT p.is_private
       FROM public.profiles p
      WHERE (p.id = posts.author_id)), true)))
    WHEN 'friends'::text THEN (COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = ( SELECT auth.uid() AS uid)) AND (f.followee_id = posts.author_id))), false) AND COALESCE(( SELECT true
       FROM public.follows f
      WHERE ((f.follower_id = posts.author_id) AND (f.followee_id = ( SELECT auth.uid() AS uid)))), false))
    ELSE false
END)));

REVOKE ALL ("author_id") ON TABLE "public"."posts" FROM "authenticated";

GRANT INSERT ("author_id") ON TABLE "public"."posts" TO "authenticated";

ALTER TABLE "public"."reports"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_hidden.new_id();

ALTER TABLE "public"."reports"
  ADD CONSTRAINT "reports_pkey" PRIMARY KEY (id);

ALTER TABLE "public"."reports"
  ADD CONSTRAINT "reports_reporter_id_fkey" FOREIGN KEY (reporter_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE VIEW "admin"."reports" AS  SELECT r.id,
    r.state,
    r.reason,
    r.details,
    r.created_at,
    (EXTRACT(epoch FROM (clock_timestamp() - r.created_at)))::bigint AS age_seconds,
    (reporter.username)::text AS reporter,
    r.subject_kind,
    r.subject_id,
    (author.username)::text AS author,
    r.excerpt,
    p.media_urls,
    ((COALESCE(r.post_id, r.comment_id, r.profile_id) IS NULL) OR (c.deleted_at IS NOT NULL)) AS is_deleted,
    ( SELECT count(*) AS count
           FROM public.reports o
          WHERE ((o.state = 'open'::text) AND (o.subject_id = r.subject_id))) AS open_reports_of_subject
   FROM ((((public.reports r
     JOIN public.profiles reporter ON ((reporter.id = r.reporter_id)))
     LEFT JOIN public.posts p ON ((p.id = r.post_id)))
     LEFT JOIN public.comments c ON ((c.id = r.comment_id)))
     JOIN public.profiles author ON ((author.id = r.accused_id)))
  WHERE (r.state = 'open'::text)
  ORDER BY r.created_at;

CREATE UNIQUE INDEX reports_once_idx ON public.reports USING btree (reporter_id, subject_id);

CREATE INDEX reports_reporter_idx ON public.reports USING btree (reporter_id, created_at);

CREATE POLICY "people report for themselves" ON "public"."reports"
  FOR INSERT
  TO "authenticated"
  WITH CHECK ((reporter_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people see their own reports" ON "public"."reports"
  FOR SELECT
  TO "authenticated"
  USING ((reporter_id = ( SELECT auth.uid() AS uid)));

COMMENT ON VIEW "admin"."reports" IS 'What people reported and nobody has decided, oldest first; excerpt: how it read when it was reported, is_deleted: its author has taken it away since. Decide with admin.decide_report().';

REVOKE ALL ("reporter_id") ON TABLE "public"."reports" FROM "authenticated";

GRANT INSERT ("reporter_id") ON TABLE "public"."reports" TO "authenticated";

GRANT SELECT ON TABLE "admin"."reports" TO "service_role";

ALTER TABLE "public"."verification_requests"
  ADD COLUMN "id" uuid NOT NULL DEFAULT app_hidden.new_id();

ALTER TABLE "public"."verification_requests"
  ADD CONSTRAINT "verification_requests_pkey" PRIMARY KEY (id);

ALTER TABLE "public"."verification_requests"
  ADD CONSTRAINT "verification_requests_user_id_fkey" FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE;

CREATE VIEW "admin"."verification_queue" AS  SELECT r.id,
    r.user_id,
    (p.username)::text AS username,
    p.full_name,
    r.kind,
    r.level,
    r.statement,
    r.evidence_urls,
    p.is_verified,
    p.verification_level,
    p.is_business_account,
    c.followers_count,
    p.created_at AS member_since,
    r.created_at,
    ( SELECT count(*) AS count
           FROM public.verification_requests d
          WHERE ((d.user_id = r.user_id) AND (d.kind = r.kind) AND (d.state = 'declined'::text))) AS declined_before
   FROM ((public.verification_requests r
     JOIN public.profiles p ON ((p.id = r.user_id)))
     LEFT JOIN public.profile_counts c ON ((c.user_id = r.user_id)))
  WHERE (r.state = 'open'::text)
  ORDER BY r.created_at;

CREATE UNIQUE INDEX verification_requests_open_idx ON public.verification_requests USING btree (user_id, kind)
  WHERE (state = 'open'::text);

CREATE INDEX verification_requests_user_id_idx ON public.verification_requests USING btree (user_id, created_at DESC);

CREATE POLICY "people ask the operators for themselves" ON "public"."verification_requests"
  FOR INSERT
  TO "authenticated"
  WITH CHECK (((user_id = ( SELECT auth.uid() AS uid)) AND (state = 'open'::text)));

CREATE POLICY "people see what they asked the operators for" ON "public"."verification_requests"
  FOR SELECT
  TO "authenticated"
  USING ((user_id = ( SELECT auth.uid() AS uid)));

CREATE POLICY "people withdraw what they asked for" ON "public"."verification_requests"
  FOR UPDATE
  TO "authenticated"
  USING (((user_id = ( SELECT auth.uid() AS uid)) AND (state = 'open'::text)))
  WITH CHECK (((user_id = ( SELECT auth.uid() AS uid)) AND (state = 'withdrawn'::text)));

COMMENT ON VIEW "admin"."verification_queue" IS 'Who asks for a badge or a business account, oldest first. Decide with admin.decide_verification_request().';

GRANT SELECT ON TABLE "admin"."verification_queue" TO "service_role";

ALTER TABLE "public"."verification_requests"
  ADD CONSTRAINT "evidence_of_addresses" CHECK (app_hidden.are_addresses(evidence_urls));

CREATE INDEX profiles_full_name_prefix_idx ON public.profiles USING btree (app_hidden.plain_name(full_name) text_pattern_ops);

CREATE INDEX profiles_full_name_trgm_idx ON public.profiles USING gin (app_hidden.plain_name(full_name) extensions.gin_trgm_ops);

-- copy of sql/10_identity/5_data.sql sha256:457898d3ccafd84c90042b4eee78c142d5c1351ae15fd19d75c282a4d92962b1
with wanted (username) as (
  select unnest(string_to_array(
    'about account accounts admin administrator anonymous api app apps assets astra auth billing block blocked blog bot business call calls '
    || 'cdn chat contact dashboard dev developer developers docs download everyone explore export feed feeds follow followers '
    || 'following follows friends functions graphql group groups health help home inbox info legal login logout mail me media message '
    || 'messages moderator moderators mute muted news notification notifications null oauth official operator owner password pay payment '
    || 'payments payout payouts policy post posts postmaster press privacy profile profiles public realtime refresh register '
    || 'relationship report reports requests rest root search security self service service_role session sessions settings signin signup staff status '
    || 'storage store stories suggestions support supabase system team terms test transaction transactions trust undefined unfollow user username '
    || 'users verified verify wallet wallets web webhook webhooks webmaster withdraw www',
    ' '))
), gone as (
  delete from app_private.reserved_usernames r where not exists (select from wanted w where w.username = r.username)
)
insert into app_private.reserved_usernames (username) select w.username from wanted w
on conflict (username) do nothing;

-- People from before there were counts, private accounts and a guard of the settings: what means nothing is left out.
update public.account_settings s set
  privacy_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(s.privacy_settings) x
    where app_hidden.is_privacy_settings(jsonb_build_object(x.key, x.value))),
  notification_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(s.notification_settings) x
    where app_hidden.is_notification_settings(jsonb_build_object(x.key, x.value)))
where not app_hidden.is_privacy_settings(s.privacy_settings) or not app_hidden.is_notification_settings(s.notification_settings);
insert into public.profile_counts (user_id) select p.id from public.profiles p
on conflict (user_id) do nothing;
update public.profiles p set is_private = true
from public.account_settings s
where s.user_id = p.id and s.privacy_settings -> 'is_private' = 'true' and not p.is_private;

insert into app_private.account_rules default values on conflict do nothing;

-- copy of sql/92_accounts/5_data.sql sha256:9ad5f522f6e0164b1aebf75848ebd6f96c2f486eea31bef948174188f26ce1ee
-- Whatever it was before, nobody may read it without a signed URL.
insert into storage.buckets (id, name, public, allowed_mime_types) values ('exports', 'exports', false, '{application/json}')
on conflict (id) do update set public = false;
