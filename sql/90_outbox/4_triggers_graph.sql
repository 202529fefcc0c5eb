create trigger tell_followed after insert on public.follows
  referencing new table as added
  for each statement execute function app_private.tell_follows();
create trigger tell_unfollowed after delete on public.follows
  referencing old table as gone
  for each statement execute function app_private.tell_follows();

create trigger tell_follow_requested after insert on public.follow_requests
  referencing new table as added
  for each statement execute function app_private.tell_follow_requested();

create trigger tell_blocked after insert on public.blocks
  referencing new table as added
  for each statement execute function app_private.tell_blocks();
create trigger tell_unblocked after delete on public.blocks
  referencing old table as gone
  for each statement execute function app_private.tell_blocks();

create trigger tell_verification_decided after update of state on public.verification_requests
  for each row when (old.state = 'open' and new.state in ('approved', 'declined'))
  execute function app_private.tell_verification_decided();
