-- Generated from sql/ by `npm run db:diff -- <name>`. Do not edit: change sql/ and generate the next file.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION public.mark_read (
  p_id  uuid,
  p_seq bigint DEFAULT NULL::bigint
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  v_me uuid := auth.uid();
  v_member public.conversation_members;
  v_message public.messages;
  v_last bigint;
  v_id uuid;
begin
  select * into v_member from public.conversation_members m where m.user_id = v_me and m.conversation_id = p_id;
  if not found then
    v_message := app_private.readable_message(v_me, p_id, false);
    p_seq := v_message.seq;
    v_member := app_private.membership(v_me, v_message.conversation_id);
  end if;
  v_id := v_member.conversation_id;
  select c.last_seq into v_last from public.conversations c where c.id = v_id;
  update public.conversation_members m set last_read_seq = least(coalesce(p_seq, v_last), v_last)
  where m.user_id = v_me and m.conversation_id = v_id and m.last_read_seq < least(coalesce(p_seq, v_last), v_last)
  returning m.* into v_member;
  if found then
    perform app_private.tell_read(v_member);
  else
    v_member := app_private.membership(v_me, v_id);
  end if;
  return jsonb_build_object('conversation_id', v_member.conversation_id, 'last_read_seq', v_member.last_read_seq,
    'unread_count', v_last - least(greatest(v_member.last_read_seq, v_member.from_seq), v_last));
end
$function$;
