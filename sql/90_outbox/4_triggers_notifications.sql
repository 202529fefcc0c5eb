create trigger tell_password_changed after update of encrypted_password on auth.users
  for each row when (old.encrypted_password is distinct from new.encrypted_password)
  execute function app_private.tell_password_changed();

create trigger tell_push_added after insert on app_private.push_subscriptions
  for each row execute function app_private.tell_push_added();
create trigger tell_push_moved after update of user_id on app_private.push_subscriptions
  for each row when (old.user_id <> new.user_id) execute function app_private.tell_push_added();
create trigger tell_webhook_added after insert on app_private.notification_webhooks
  for each row execute function app_private.tell_webhook_added();
create trigger tell_webhook_secret after update of secret on app_private.notification_webhooks
  for each row when (old.secret <> new.secret) execute function app_private.tell_webhook_added();
create trigger tell_webhook_disabled after update of disabled_at on app_private.notification_webhooks
  for each row when (old.disabled_at is null and new.disabled_at is not null) execute function app_private.tell_webhook_disabled();

create trigger tell_comment_likes after insert on public.comment_likes
  referencing new table as changed
  for each statement execute function app_private.tell_comment_likes();
create trigger tell_comment_unlikes after delete on public.comment_likes
  referencing old table as changed
  for each statement execute function app_private.tell_comment_likes();
