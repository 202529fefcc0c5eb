create type app_private.notification_draft as (
  action text,
  receiver uuid,
  kind text,
  group_key text,
  subject_type text,
  subject_id uuid,
  actor_id uuid,
  data jsonb,
  happened_at timestamptz
);
comment on type app_private.notification_draft is
  'What an event means to one person. action: raise (tell them), retract (the actor has taken it back), remove (the subject is gone, for everybody).';

create type public.notification_card as (
  id uuid,
  seq bigint,
  kind text,
  category text,
  actors jsonb,
  actors_count bigint,
  events_count int,
  subject jsonb,
  data jsonb,
  text text,
  is_seen boolean,
  is_read boolean,
  created_at timestamptz,
  updated_at timestamptz
);
comment on type public.notification_card is
  'A notification as its receiver may see it. actors: up to three who did it last, of actors_count; seq: its place, which moves to the end when something is added to it.';
