-- What pages show of authors, beside profiles and settings. Each trigger writes what it was told of alone: two changes at once, of a name
-- and of a setting, would else overwrite each other with what they read before. Security definer: the table is closed to everybody.

create function app_private.keep_author_card()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  insert into app_private.author_cards (user_id, card, is_private, who_can_comment)
  values (
    new.id,
    jsonb_build_object('id', new.id, 'username', new.username::text, 'full_name', new.full_name, 'avatar_url', new.avatar_url,
      'is_verified', new.is_verified, 'verification_level', new.verification_level),
    new.is_private,
    coalesce((select s.privacy_settings ->> 'who_can_comment' from public.account_settings s where s.user_id = new.id), 'everyone'))
  on conflict (user_id) do update set card = excluded.card, is_private = excluded.is_private;
  return null;
end
$$;
comment on function app_private.keep_author_card() is 'Trigger on profiles: what posts and comments show of their author.';

create function app_private.keep_author_settings()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  -- Whoever changes the profile holds it and comes to the card: in this order here too.
  perform from public.profiles p where p.id = new.user_id for no key update;
  update app_private.author_cards c set who_can_comment = coalesce(new.privacy_settings ->> 'who_can_comment', 'everyone')
  where c.user_id = new.user_id;
  return null;
end
$$;
comment on function app_private.keep_author_settings() is 'Trigger on account_settings: who may comment on the posts of an author.';
