-- What clients read: one shape of a group, whichever list it stands in.

create type public.group_card as (
  id uuid,
  name text,
  description text,
  visibility text,
  category text,
  avatar_url text,
  cover_url text,
  rules text[],
  members_count int,
  member_cap int,
  my_role text,
  created_at timestamptz,
  updated_at timestamptz,
  at timestamptz,
  my_status text
);
comment on type public.group_card is
  'A group as the caller sees it. my_role: what they are in it, null for who is no member; my_status: member, invited, requested or none. at: when what the list is ordered by happened.';
