create table public.blocks (
  blocker_id uuid not null references public.profiles (id) on delete cascade,
  blocked_id uuid not null references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (blocker_id, blocked_id),
  constraint nobody_blocks_themselves check (blocker_id <> blocked_id)
);
comment on table public.blocks is 'Who wants nothing to do with whom. It works both ways and tells the other side nothing.';
create index blocks_blocked_id_idx on public.blocks (blocked_id);
