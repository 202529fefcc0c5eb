with wanted (username) as (
  select unnest(string_to_array(
    'about account accounts admin administrator anonymous api app apps assets astra auth billing block blocked blog bot business call calls '
    || 'cdn chat contact dashboard dev developer developers docs download everyone explore export feed feeds follow followers '
    || 'following follows friends functions graphql group groups health help home inbox info legal login logout mail me media message '
    || 'messages moderator moderators mute muted news notification notifications null oauth official operator owner password pay payment '
    || 'payments payout payouts policy post posts postmaster press privacy profile profiles public realtime refresh register '
    || 'relationship report reports requests rest root search security self service service_role session sessions settings signin signup staff status '
    || 'storage store stories suggestions support supabase system team terms test transaction transactions trust undefined unfollow user username '
    || 'users verified verify wallet wallets web webhook webhooks webmaster withdraw www',
    ' '))
), gone as (
  delete from app_private.reserved_usernames r where not exists (select from wanted w where w.username = r.username)
)
insert into app_private.reserved_usernames (username) select w.username from wanted w
on conflict (username) do nothing;

-- People from before there were counts, private accounts and a guard of the settings: what means nothing is left out.
update public.account_settings s set
  privacy_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(s.privacy_settings) x
    where app_hidden.is_privacy_settings(jsonb_build_object(x.key, x.value))),
  notification_settings = (
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') from jsonb_each(s.notification_settings) x
    where app_hidden.is_notification_settings(jsonb_build_object(x.key, x.value)))
where not app_hidden.is_privacy_settings(s.privacy_settings) or not app_hidden.is_notification_settings(s.notification_settings);
insert into public.profile_counts (user_id) select p.id from public.profiles p
on conflict (user_id) do nothing;
update public.profiles p set is_private = true
from public.account_settings s
where s.user_id = p.id and s.privacy_settings -> 'is_private' = 'true' and not p.is_private;

insert into app_private.account_rules default values on conflict do nothing;

-- People from before there were cards of authors.
insert into app_private.author_cards (user_id, card, is_private, who_can_comment)
select p.id,
  jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
    'is_verified', p.is_verified, 'verification_level', p.verification_level),
  p.is_private, coalesce(s.privacy_settings ->> 'who_can_comment', 'everyone')
from public.profiles p left join public.account_settings s on s.user_id = p.id
on conflict (user_id) do nothing;
