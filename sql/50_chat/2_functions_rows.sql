-- In place of constraints, which Postgres parses anew for every statement that writes the table, whatever it writes: for the counter, the
-- read mark and the row of one message that was a tenth of all its work. Nothing that a message changes of the first two is asked here.

create function app_private.assert_conversation()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  if new.kind in ('direct', 'group') and (new.kind = 'group') = (new.group_id is not null) and new.low_id < new.high_id is not false
    and new.disappear_after_s between 30 and 7776000 is not false then
    return null;
  end if;
  raise exception 'conversation % is of no known kind, has no group or one too many, is of a pair out of order, or has a timer that is none', new.id
    using errcode = 'check_violation';
end
$$;
comment on function app_private.assert_conversation() is
  'Trigger on conversations: a group''s or of a pair in order, with a timer of 30 s to 90 days or none.';

create function app_private.assert_member()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  if new.state in ('accepted', 'requested', 'declined') then
    return null;
  end if;
  raise exception 'member % of conversation % is in no known state', new.user_id, new.conversation_id using errcode = 'check_violation';
end
$$;
comment on function app_private.assert_member() is 'Trigger on conversation_members: state is accepted, requested or declined.';

create function app_private.assert_message()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  if new.kind in ('text', 'image', 'video', 'audio') and length(new.content) <= 4000 is not false and cardinality(new.media_urls) <= 10 is not false
    and new.duration_ms between 1 and 86400000 is not false and cardinality(new.waveform) <= 128 is not false
    and cardinality(new.mentions) <= 30 is not false then
    return new;
  end if;
  raise exception 'message % is of no known kind, or has more than a message has', new.id using errcode = 'check_violation';
end
$$;
comment on function app_private.assert_message() is 'Trigger on messages: kind is known, words, media, duration, waveform and mentions are bounded.';
