create trigger count_follows_made after insert on public.follows
  referencing new table as added
  for each statement execute function app_private.count_follows();
create trigger count_follows_ended after delete on public.follows
  referencing old table as gone
  for each statement execute function app_private.count_follows();

create trigger refuse_oneself before insert on public.blocks
  for each row when (new.blocker_id = new.blocked_id) execute function app_private.refuse_oneself();
create trigger guard_block before insert on public.blocks
  for each row execute function app_private.guard_block();
create trigger refuse_suspended before insert on public.mutes
  for each statement execute function app_private.refuse_suspended();
create trigger refuse_oneself before insert on public.mutes
  for each row when (new.muter_id = new.muted_id) execute function app_private.refuse_oneself();
-- Of people only: an operator may end a mute at once.
create trigger refuse_mute_over before insert or update of until on public.mutes
  for each row when (new.until <= now() and current_user = 'authenticated') execute function app_private.refuse_mute_over();

create trigger part_the_blocked after insert on public.blocks
  referencing new table as added
  for each statement execute function app_private.part_the_blocked();

create trigger follow_privacy after insert or update of privacy_settings on public.account_settings
  for each row execute function app_private.follow_privacy();
