create trigger tell_password_changed after update of encrypted_password on auth.users
  for each row when (old.encrypted_password is distinct from new.encrypted_password)
  execute function app_private.tell_password_changed();

create trigger tell_comment_likes after insert on public.comment_likes
  referencing new table as changed
  for each statement execute function app_private.tell_comment_likes();
create trigger tell_comment_unlikes after delete on public.comment_likes
  referencing old table as changed
  for each statement execute function app_private.tell_comment_likes();
