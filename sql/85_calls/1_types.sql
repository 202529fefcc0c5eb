create type public.call_card as (
  id uuid,
  kind text,
  is_direct boolean,
  group_id uuid,
  state text,
  end_reason text,
  caller_id uuid,
  my_state text,
  my_device_id uuid,
  participants jsonb,
  topic text,
  epoch int,
  version int,
  rings_until timestamptz,
  created_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  duration_s int
);
comment on type public.call_card is
  'A call as one of its participants sees it. participants: who they are and how they stand to the call, without those who do not exist for me. topic: what the topics of those who are in it begin with, while I am in it. my_device_id: the one of my devices that is. version: counts the changes, the higher is the newer.';
