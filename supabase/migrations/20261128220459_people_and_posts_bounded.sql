-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

DROP TRIGGER "refuse_suspended" ON "public"."mutes";

CREATE OR REPLACE FUNCTION app_private.guard_mute()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform app_private.assert_oneself(new.muter_id);
  perform app_private.assert_calm('mutes', new.muter_id, 200, '1 hour');
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION app_private.lock_settings()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from public.account_settings s where s.user_id = old.id for update;
  return old;
end
$function$;

CREATE TRIGGER lock_settings
  BEFORE DELETE ON auth.users
  FOR EACH ROW
  EXECUTE FUNCTION app_private.lock_settings();

CREATE TRIGGER guard_mute
  BEFORE INSERT ON public.mutes
  FOR EACH ROW
  EXECUTE FUNCTION app_private.guard_mute();

COMMENT ON FUNCTION "app_private"."guard_mute"() IS 'Trigger on mutes: 429 rate_limit.exceeded for who mutes more than a person does, 403 auth.user_banned.';

COMMENT ON FUNCTION "app_private"."lock_settings"() IS 'Trigger on auth.users: the settings of who is deleted are held before their profile, also against operators, who change settings as nobody.';

COMMENT ON FUNCTION "app_private"."lock_user"() IS 'Trigger on account_settings, before its rows: who changes their settings is there until the end of the transaction.';

REVOKE ALL ON FUNCTION "app_private"."guard_mute"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."guard_mute"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."guard_mute"() TO "postgres";

REVOKE ALL ON FUNCTION "app_private"."lock_settings"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "app_private"."lock_settings"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "app_private"."lock_settings"() TO "postgres";
