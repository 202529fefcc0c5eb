create trigger count_follows_made after insert on public.follows
  referencing new table as added
  for each statement execute function app_private.count_follows();
create trigger count_follows_ended after delete on public.follows
  referencing old table as gone
  for each statement execute function app_private.count_follows();
