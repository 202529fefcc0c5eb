create function admin.send_notice(p_username text, p_title text, p_body text, p_reason text, p_url text default null)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id uuid;
  v_user uuid := case when p_username is not null then admin.person(p_username) end;
begin
  perform admin.require_reason(p_reason);
  insert into app_private.notices (user_id, title, body, url) values (v_user, p_title, p_body, p_url) returning id into v_id;
  insert into admin.audit_log (action, target, reason, after)
  values ('send_notice', coalesce(v_user::text, 'everybody'), p_reason, jsonb_build_object('id', v_id, 'title', p_title));
  return v_id;
end
$$;
comment on function admin.send_notice(text, text, text, text, text) is
  'Tells one person (null: everybody) something by their notifications: title up to 120 and body up to 1,000 characters, perhaps an address. The worker spreads it.';
