-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION app_private.guard_settings()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if not app_hidden.is_privacy_settings(new.privacy_settings) then
    perform app_hidden.fail(422, 'users.privacy_settings_invalid', 'There is no such privacy setting, or it has no such value.',
      'Compare with the list of privacy_settings in docs/users.md.');
  elsif not app_hidden.is_notification_settings(new.notification_settings) then
    perform app_hidden.fail(422, 'users.notification_settings_invalid', 'There is no such notification setting, or it has no such value.',
      'Compare with the list of notification_settings in docs/notifications.md.');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.counterparty (
  p_actor     uuid,
  p_recipient text
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  v_id uuid := ledger.find_person(p_recipient);
begin
  if v_id is null then
    perform app_hidden.fail(404, 'wallet.recipient_not_found', 'There is nobody with this username or id.',
      'Pass an id, or a username without @; GET users/search finds both.');
  elsif v_id = p_actor then
    perform app_hidden.fail(422, 'wallet.self_transfer', 'Money cannot be sent to oneself.', 'Choose another recipient.');
  elsif app_hidden.is_blocked_pair(p_actor, v_id) then
    perform app_hidden.fail(403, 'wallet.blocked', 'Money cannot be sent between these two people.', 'Choose another recipient.');
  end if;
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION ledger.parse_amount (
  p_amount   text,
  p_exponent smallint
)
  RETURNS bigint
  LANGUAGE plpgsql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
declare
  v_minor numeric;
begin
  -- Digits and one point only: no sign, exponent, NaN, spaces or leading zeros. The length is checked before the pattern.
  if p_amount is null or length(p_amount) > 40 or p_amount !~ '^(0|[1-9][0-9]*)(\.[0-9]+)?$' then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is not a decimal number above zero.',
      'Send the amount as text, such as "12.50".');
  end if;
  if length(split_part(p_amount, '.', 2)) > p_exponent then
    perform app_hidden.fail(422, 'wallet.amount_scale', 'The amount has more decimals than its currency.',
      format('Send at most %s decimals.', p_exponent));
  end if;
  v_minor := p_amount::numeric * ('1e' || p_exponent::text)::numeric;
  if v_minor <= 0 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is zero.', 'Send an amount above zero.');
  elsif v_minor > 9223372036854775807 then
    perform app_hidden.fail(422, 'wallet.invalid_amount', 'The amount is too large.', 'Send less: no wallet can hold so much.');
  end if;
  return v_minor::bigint;
end
$function$;
