create trigger create_profile after insert on auth.users
  for each row execute function app_private.create_profile();

create trigger follow_auth_addresses after update of email, phone on auth.users
  for each row when (old.email is distinct from new.email or old.phone is distinct from new.phone)
  execute function app_private.follow_auth_addresses();

create trigger guard_username before insert or update of username on public.profiles
  for each row execute function app_private.guard_username();

create trigger keep_former_username after update of username on public.profiles
  for each row when (old.username::text <> new.username::text) execute function app_private.keep_former_username();

create trigger keep_deleted_username after delete on public.profiles
  for each row execute function app_private.keep_deleted_username();

create trigger guard_profile before insert or update of full_name, bio, location, website, avatar_url, business_info on public.profiles
  for each row execute function app_private.guard_profile();

create trigger guard_business_info before insert or update of is_business_account, business_info on public.profiles
  for each row execute function app_private.guard_business_info();

create trigger refuse_suspended before update on public.profiles
  for each statement when (current_user = 'authenticated') execute function app_private.refuse_suspended();
create trigger refuse_suspended before insert on public.verification_requests
  for each statement when (current_user = 'authenticated') execute function app_private.refuse_suspended();

create trigger touch_updated_at before update on public.profiles
  for each row execute function app_hidden.touch_updated_at();

create trigger touch_updated_at before update on public.account_settings
  for each row execute function app_hidden.touch_updated_at();

create trigger guard_verification_request before insert on public.verification_requests
  for each row execute function app_private.guard_verification_request();

create trigger lock_user before update on public.account_settings
  for each statement execute function app_private.lock_user();

create trigger guard_settings before insert or update of privacy_settings, notification_settings on public.account_settings
  for each row execute function app_private.guard_settings();

create trigger keep_author_card after insert on public.profiles
  for each row execute function app_private.keep_author_card();
create trigger keep_changed_author_card after update on public.profiles
  for each row when (
    old.username::text is distinct from new.username::text or old.full_name is distinct from new.full_name
    or old.avatar_url is distinct from new.avatar_url or old.is_verified is distinct from new.is_verified
    or old.verification_level is distinct from new.verification_level or old.is_private is distinct from new.is_private
  ) execute function app_private.keep_author_card();
create trigger keep_author_settings after insert or update of privacy_settings on public.account_settings
  for each row execute function app_private.keep_author_settings();
