-- Tags and mentions in a text.
-- The collation says what is a letter in any script, whatever that of the database. Marks belong to letters, so a tag is made of
-- everything that is neither space, punctuation nor symbol; invisible characters would make two tags look like one.

create function app_hidden.tags_in(p_content text)
returns text[]
language plpgsql immutable strict parallel safe
set search_path = ''
as $$
begin
  return array(
    select lower(m[1] collate pg_catalog.pg_c_utf8)
    from regexp_matches(
      p_content collate pg_catalog.pg_c_utf8,
      '(?<![[:alnum:]_/&#])#((?:[^[:space:][:punct:][:cntrl:]\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]|_){1,50})(?![[:alnum:]_])', 'g'
    ) with ordinality r (m, n)
    where m[1] collate pg_catalog.pg_c_utf8 ~ '[[:alpha:]]' -- #1 is a place, not a subject
    order by n
  );
end
$$;
comment on function app_hidden.tags_in(text) is 'The #tags of a text in lower case, in their order, repeated as in the text.';

create function app_hidden.merge_tags(p_tags text[], p_more text[])
returns text[]
language plpgsql immutable strict parallel safe
set search_path = ''
as $$
begin
  return array(
    select t.tag from (
      select u.tag, min(u.n) as n from unnest(p_tags || p_more) with ordinality u (tag, n) group by u.tag
    ) t
    order by t.n limit 30
  );
end
$$;
comment on function app_hidden.merge_tags(text[], text[]) is 'Both lists of tags as one without repetition, the first 30.';

create function app_hidden.clean_tags(p_tags text[])
returns text[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_tag text;
  v_clean text[] := '{}';
begin
  foreach v_tag in array p_tags loop
    v_tag := lower(ltrim(v_tag, '#') collate pg_catalog.pg_c_utf8);
    if app_hidden.tags_in('#' || v_tag) is distinct from array[v_tag] then
      perform app_hidden.fail(422, 'posts.tag_invalid', format('%L is not a tag.', left(v_tag, 60)), 'Use 1 to 50 letters, digits and underscores, with one letter at least.');
    end if;
    v_clean := v_clean || v_tag;
  end loop;
  return v_clean;
end
$$;
comment on function app_hidden.clean_tags(text[]) is 'Tags in lower case without their #; 422 posts.tag_invalid for what is none.';

create function app_private.mentioned_in(p_author uuid, p_content text, p_group uuid)
returns setof uuid
language plpgsql stable
set search_path = ''
as $$
begin
  if p_content is null or strpos(p_content, '@') = 0 then
    return;
  end if;
  return query
  select p.id
  from (
    select distinct lower(m[1]) as username
    from regexp_matches(p_content, '(?<![[:alnum:]_.@/])@([a-z0-9][a-z0-9._]{1,28}[a-z0-9])(?![[:alnum:]_])', 'gi') r (m)
    limit 30
  ) named
  join public.profiles p on p.username operator(extensions.=) named.username::extensions.citext
  where app_private.may_reach(p_author, p.id, 'who_can_mention')
    and (p_group is null or app_private.can_read_group(p.id, p_group)); -- nobody else is told that there is such a group
end
$$;
comment on function app_private.mentioned_in(uuid, text, uuid) is
  'Whom a text mentions with @username, of its first 30 names those who let its author mention them and, in a group, read it there. To all others it is plain text.';
