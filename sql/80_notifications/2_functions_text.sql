-- What a notification says, in English: for mails, for push messages, and for clients that have no words of their own for a kind.

create function app_private.who_did(p_names text[], p_count bigint)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return case
    when p_count <= 0 or p_names is null then 'Somebody'
    when p_count = 1 then p_names[1]
    when p_count = 2 and cardinality(p_names) >= 2 then format('%s and %s', p_names[1], p_names[2])
    when p_count = 2 then format('%s and 1 other', p_names[1])
    else format('%s and %s others', p_names[1], p_count - 1)
  end;
end
$$;
comment on function app_private.who_did(text[], bigint) is 'Ana; Ana and Ben; Ana and 12 others.';

create function app_private.amount_of(p_data jsonb, p_field text)
returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return app_hidden.format_amount((p_data ->> p_field)::bigint, (p_data ->> 'exponent')::smallint) || ' ' || (p_data ->> 'currency');
end
$$;
comment on function app_private.amount_of(jsonb, text) is 'An amount in the data of a notification with its currency: 12.50 USD.';

create function app_private.money_text(p_kind text, p_who text, p_events int, p_data jsonb)
returns text
language plpgsql immutable
set search_path = ''
as $$
declare
  v_amount text := app_private.amount_of(p_data, 'amount_minor');
begin
  case p_kind
    when 'money_received' then
      v_amount := app_private.amount_of(p_data, 'total_minor');
      return case when p_who = 'Somebody' then format('You received %s.', v_amount) else format('%s sent you %s.', p_who, v_amount) end;
    when 'hold' then
      return case p_data ->> 'state'
        when 'placed' then format('%s set %s aside for you.', p_who, v_amount)
        when 'captured' then format('%s of the %s set aside went to %s.', app_private.amount_of(p_data, 'captured_minor'), v_amount, p_who)
        when 'voided' then format('%s released the %s set aside.', p_who, v_amount)
        else format('The time of %s set aside is over.', v_amount) end;
    when 'withdrawal' then
      return case p_data ->> 'state'
        when 'requested' then format('A withdrawal of %s was asked for.', v_amount)
        when 'paid' then format('Your withdrawal of %s was paid out.', v_amount)
        else format('Your withdrawal of %s failed; the money is back in your wallet.', v_amount) end;
    else
      return case p_data ->> 'state'
        when 'open' then format('%s asks you for %s.', p_who, v_amount)
        when 'paid' then format('%s paid the %s that you asked for.', p_who, v_amount)
        when 'declined' then format('%s declined to pay %s.', p_who, v_amount)
        when 'cancelled' then format('A request for %s was taken back.', v_amount)
        else format('A request for %s was not answered in time.', v_amount) end;
  end case;
end
$$;
comment on function app_private.money_text(text, text, int, jsonb) is 'What a notification of the wallet says.';

create function app_private.notification_text(p_kind text, p_names text[], p_count bigint, p_events int, p_data jsonb)
returns text
language plpgsql immutable
set search_path = ''
as $$
declare
  v_who text := app_private.who_did(p_names, p_count);
begin
  return case p_kind
    when 'follow' then format('%s started following you.', v_who)
    when 'follow_request' then format('%s asked to follow you.', v_who)
    when 'follow_approved' then format('%s let you follow them.', v_who)
    when 'like' then format('%s liked your %s.', v_who, coalesce(p_data ->> 'what', 'post'))
    when 'comment' then format('%s commented on your post.', v_who)
    when 'reply' then format('%s replied to your comment.', v_who)
    when 'mention' then format('%s mentioned you.', v_who)
    when 'share' then format('%s shared your post.', v_who)
    when 'message' then format(case when p_events > 1 then '%s sent you %s messages.' else '%s sent you a message.' end, v_who, p_events)
    when 'message_request' then format('%s would like to write to you.', v_who)
    when 'group_invite' then format('%s invited you to a group.', v_who)
    when 'group_join_request' then format('%s asked to join your group.', v_who)
    when 'group_approved' then 'You were taken into a group.'
    when 'group_role' then format('You are now %s of a group.', p_data ->> 'role')
    when 'missed_call' then format(case when p_events > 1 then '%s called you %s times.' else '%s called you.' end, v_who, p_events)
    when 'sign_in' then 'Somebody signed in to your account from a new device.'
    when 'password_changed' then 'Your password was changed.'
    when 'target_added' then case p_data ->> 'channel'
      when 'push' then 'Another device gets your notifications as push messages.'
      else format('Your notifications are also sent to %s.', p_data ->> 'host') end
    when 'webhook_disabled' then format('Your notifications are no longer sent to %s: %s.', p_data ->> 'host', p_data ->> 'reason')
    when 'notice' then p_data ->> 'title'
    else app_private.money_text(p_kind, v_who, p_events, p_data)
  end;
end
$$;
comment on function app_private.notification_text(text, text[], bigint, int, jsonb) is 'What a notification says, given up to three names of those who did it, how many they are and how often it was.';
