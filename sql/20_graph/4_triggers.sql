create trigger count_follows_made after insert on public.follows
  referencing new table as added
  for each statement execute function app_private.count_follows();
create trigger count_follows_ended after delete on public.follows
  referencing old table as gone
  for each statement execute function app_private.count_follows();

create trigger part_the_blocked after insert on public.blocks
  referencing new table as added
  for each statement execute function app_private.part_the_blocked();

create trigger follow_privacy after insert or update of privacy_settings on public.account_settings
  for each row execute function app_private.follow_privacy();
