-- What refers to which medium. Triggers after the row, so that a policy has already asked whose it is: a refusal tells nobody anything
-- about media that are not theirs.

create function app_private.media_ids(p_urls text[])
returns uuid[]
language plpgsql immutable
set search_path = ''
as $$
begin
  return array(select distinct substr(u, 7)::uuid from unnest(p_urls) u where u like 'media:%' order by 1);
end
$$;
comment on function app_private.media_ids(text[]) is 'Which of our media a list names (media:id), without other addresses.';

create function app_private.set_media_refs(
  p_kind text, p_subject uuid, p_part bigint, p_actor uuid, p_old text[], p_new text[], p_as_seen boolean default false)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_old uuid[] := app_private.media_ids(p_old);
  v_new uuid[] := app_private.media_ids(p_new);
  v_id uuid;
begin
  if v_old = v_new then
    return;
  end if;
  -- In the order of ids: two posts with the same media must not wait for each other.
  foreach v_id in array v_new loop
    if v_id <> all (v_old) then
      perform app_private.add_media_ref(v_id, p_kind, p_subject, p_part, p_actor, p_as_seen);
    end if;
  end loop;
  delete from app_private.media_refs r
  where r.kind = p_kind and r.subject_id = p_subject and r.part = p_part and r.media_id = any (v_old) and r.media_id <> all (v_new);
end
$$;
comment on function app_private.set_media_refs(text, uuid, bigint, uuid, text[], text[], boolean) is
  'Writes down which media something names now, and no longer. p_as_seen: what p_actor sees of others may be named too (forwarding).';

create function app_private.add_media_ref(p_media uuid, p_kind text, p_subject uuid, p_part bigint, p_actor uuid, p_as_seen boolean)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_bucket text := case p_kind
    when 'message' then 'messages' when 'avatar' then 'avatars' when 'group_avatar' then 'avatars' when 'group_cover' then 'covers' else 'posts' end;
  m public.media;
  v_is_of_other boolean;
begin
  -- Whoever takes the last reference away, or sweeps, waits here.
  select * into m from public.media x where x.id = p_media for no key update;
  v_is_of_other := p_actor is not null and m.owner_id is distinct from p_actor;
  if m.bucket is distinct from v_bucket
    or (v_is_of_other and not (p_as_seen and app_private.can_view_media(p_actor, m))) then
    perform app_hidden.fail(422, 'media.not_usable', 'You have no such medium for this.',
      format('Upload it to the bucket %s, and name it as media:<id>.', v_bucket));
  elsif m.state = 'refused' then
    perform app_hidden.fail(422, 'media.not_usable', 'This medium was refused.', format('It was refused with %s: upload another one.', m.error));
  elsif m.state <> 'ready' then
    perform app_hidden.fail(409, 'media.not_ready', 'This medium is not ready.', 'Ask GET media/<id> until its state is ready, and send this again.');
  -- Whoever passes it on takes nothing away from its owner.
  elsif (select count(*) from app_private.media_refs r where r.media_id = p_media and r.is_of_other = v_is_of_other) >= (select r.uses_of_one from app_private.media_rules r) then
    perform app_hidden.fail(422, 'media.used_too_often', 'This medium is already used in many places.', 'Upload it again.');
  end if;
  insert into app_private.media_refs (media_id, kind, subject_id, part, is_of_other)
  values (p_media, p_kind, p_subject, p_part, v_is_of_other) on conflict do nothing;
  update public.media x set delete_after = null where x.id = p_media and x.delete_after is not null;
end
$$;
comment on function app_private.add_media_ref(uuid, text, uuid, bigint, uuid, boolean) is
  'One more reference to a medium, by its owner, or by whoever forwards what they see: 422 media.not_usable, media.used_too_often, 409 media.not_ready.';

create function app_private.count_lost_refs()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform from public.media m where m.id in (select g.media_id from gone g) order by m.id for no key update;
  -- A new statement, which sees what others committed while this one waited.
  update public.media m set delete_after = now() + (select r.no_longer_used_for from app_private.media_rules r)
  where m.id in (select g.media_id from gone g) and m.state = 'ready'
    and not exists (select from app_private.media_refs r where r.media_id = m.id);
  return null;
end
$$;
comment on function app_private.count_lost_refs() is 'Trigger on media_refs: what nothing refers to any more goes soon.';

create function app_private.refer_from_post()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('post', old.id, 0, null, old.media_urls, '{}');
  else
    perform app_private.set_media_refs('post', new.id, 0, new.author_id, case when tg_op = 'UPDATE' then old.media_urls else '{}' end, new.media_urls);
  end if;
  return null;
end
$$;
comment on function app_private.refer_from_post() is 'Trigger on posts: the media that they name.';

create function app_private.refer_from_post_edit()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('post_edit', old.id, 0, null, old.media_urls, '{}');
  else
    -- The post named them; those that are gone meanwhile stay out.
    insert into app_private.media_refs (media_id, kind, subject_id)
    select m.id, 'post_edit', new.id from public.media m where m.id = any (app_private.media_ids(new.media_urls)) for key share;
    update public.media m set delete_after = null
    where m.id = any (app_private.media_ids(new.media_urls)) and m.state = 'ready' and m.delete_after is not null;
  end if;
  return null;
end
$$;
comment on function app_private.refer_from_post_edit() is 'Trigger on post_edits: who reads how a post read before also sees its media.';

create function app_private.refer_from_message()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('message', old.conversation_id, old.seq, null, old.media_urls, '{}');
  else
    perform app_private.set_media_refs('message', new.conversation_id, new.seq, new.sender_id,
      case when tg_op = 'UPDATE' then coalesce(old.media_urls, '{}') else '{}' end, coalesce(new.media_urls, '{}'), new.is_forwarded);
  end if;
  return null;
end
$$;
comment on function app_private.refer_from_message() is 'Trigger on messages: the media that they carry. Whoever forwards one passes on what they see.';

create function app_private.refer_from_profile()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    perform app_private.set_media_refs('avatar', old.id, 0, null, array[old.avatar_url], '{}');
  else
    perform app_private.set_media_refs('avatar', new.id, 0, new.id, array[old.avatar_url], array[new.avatar_url]);
  end if;
  return null;
end
$$;
comment on function app_private.refer_from_profile() is 'Trigger on profiles: the medium that is their picture.';

create function app_private.refer_from_group()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_old public.groups;
  v_new public.groups;
  v_id uuid;
begin
  if tg_op <> 'INSERT' then
    v_old := old;
  end if;
  if tg_op <> 'DELETE' and new.deleted_at is null then
    v_new := new;
  end if;
  v_id := coalesce(v_old.id, v_new.id);
  perform app_private.set_media_refs('group_avatar', v_id, 0, auth.uid(), array[v_old.avatar_url], array[v_new.avatar_url]);
  perform app_private.set_media_refs('group_cover', v_id, 0, auth.uid(), array[v_old.cover_url], array[v_new.cover_url]);
  return null;
end
$$;
comment on function app_private.refer_from_group() is 'Trigger on groups: the media that are their picture and cover, until the group is deleted.';
