-- What people do with comments.

create function public.add_comment(p_post uuid, p_content text, p_parent uuid default null)
returns public.comment_card
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid;
  v_card public.comment_card;
begin
  insert into public.comments (post_id, parent_id, content) values (p_post, p_parent, p_content) returning id into v_id;
  select * into v_card from public.comment_cards(array[v_id]);
  return v_card;
end
$$;
comment on function public.add_comment(uuid, text, uuid) is
  'Comments on a post, or answers a comment (p_parent). 404 posts.not_found, comments.not_found, 403 posts.comments_not_allowed.';

create function public.edit_comment(p_id uuid, p_content text)
returns public.comment_card
language plpgsql volatile
set search_path = ''
as $$
declare
  v_card public.comment_card;
begin
  update public.comments c set content = p_content where c.id = p_id and c.author_id = (select auth.uid()) and c.deleted_at is null;
  if not found then
    perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment of yours.', 'It may have been deleted.');
  end if;
  select * into v_card from public.comment_cards(array[p_id]);
  return v_card;
end
$$;
comment on function public.edit_comment(uuid, text) is 'Changes the words of a comment of the caller. 404 comments.not_found.';

create function public.delete_comment(p_id uuid)
returns boolean
language plpgsql volatile security definer -- one's own words go, even where the post is not shown any more
set search_path = ''
as $$
begin
  if not exists (
    select from public.comments c join public.posts p on p.id = c.post_id
    where c.id = p_id and c.deleted_at is null
      and (auth.uid() in (c.author_id, p.author_id) or p.group_id in (select app_hidden.my_moderated_group_ids()))
  ) then
    return false;
  end if;
  delete from public.comments c where c.id = p_id;
  return true;
end
$$;
comment on function public.delete_comment(uuid) is 'Deletes a comment of the caller, or on a post of the caller or in a group that they moderate; false when there is none. One with answers stays as an empty place.';

create function public.like_comment(p_comment uuid)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into public.comment_likes (comment_id) values (p_comment) on conflict do nothing;
  return jsonb_build_object('comment_id', p_comment, 'liked', true,
    'likes_count', (select c.likes_count from public.comment_cards(array[p_comment]) c));
end
$$;
comment on function public.like_comment(uuid) is 'Likes a comment, once: {comment_id, liked, likes_count}. 404 comments.not_found.';

create function public.unlike_comment(p_comment uuid)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_likes bigint;
begin
  delete from public.comment_likes l where l.comment_id = p_comment and l.user_id = (select auth.uid());
  select c.likes_count into v_likes from public.comment_cards(array[p_comment]) c where c.deleted_at is null;
  if not found then
    perform app_hidden.fail(404, 'comments.not_found', 'There is no such comment.', 'It may have been deleted, or is not shown to you.');
  end if;
  return jsonb_build_object('comment_id', p_comment, 'liked', false, 'likes_count', v_likes);
end
$$;
comment on function public.unlike_comment(uuid) is 'Takes a like back: {comment_id, liked, likes_count}; the same answer when there was none. 404 comments.not_found.';
