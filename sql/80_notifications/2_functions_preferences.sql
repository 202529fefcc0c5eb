-- By which channels somebody wants what. The choices stand in account_settings, where everybody may write their own; here is what they mean.

create function public.notification_preferences()
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_settings jsonb := coalesce((select s.notification_settings from public.account_settings s where s.user_id = auth.uid()), '{}');
begin
  return jsonb_build_object(
    'quiet_hours', v_settings -> 'quiet_hours',
    'kinds', (
      select jsonb_object_agg(k, jsonb_build_object('category', app_hidden.notification_category(k)) || (
        select jsonb_object_agg(c, app_hidden.wants_notification(v_settings, k, c)) from unnest(array['in_app', 'push', 'email', 'webhook']) c))
      from unnest(app_hidden.notification_kinds()) k));
end
$$;
comment on function public.notification_preferences() is
  'What my settings mean, defaults included: {quiet_hours, kinds: {like: {category, in_app, push, email, webhook}, …}}.';

create function public.set_notification_preferences(p jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  if p is null or jsonb_typeof(p) <> 'object' then
    perform app_hidden.fail(422, 'users.notification_settings_invalid', 'These are no settings.', 'Send one JSON object.');
  end if;
  -- Of each kind only the channels that are sent; a kind sent as null goes back to its default.
  update public.account_settings s set notification_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}')
    from (
      select coalesce(o.key, n.key) as key,
        case when jsonb_typeof(o.value) = 'object' and jsonb_typeof(n.value) = 'object' and coalesce(o.key, n.key) <> 'quiet_hours'
          then o.value || n.value else coalesce(n.value, o.value) end as value
      from jsonb_each(s.notification_settings) o full join jsonb_each(p) n on n.key = o.key
    ) x
    where x.value <> 'null')
  where s.user_id = auth.uid();
  return public.notification_preferences();
end
$$;
comment on function public.set_notification_preferences(jsonb) is
  'Changes my settings key by key, {likes: {push: false}, reply: {email: true}, quiet_hours: {from, to, time_zone}}, null for the default, and gives what they mean now. 422 users.notification_settings_invalid.';
