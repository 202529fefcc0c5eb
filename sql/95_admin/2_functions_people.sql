-- Badges and business accounts: given because somebody asked, by an operator who says why.

create function admin.decide_verification_request(p_id uuid, p_operator text, p_code text, p_approve boolean, p_reason text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  r public.verification_requests;
  v_before jsonb;
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  select * into r from public.verification_requests x where x.id = p_id for update;
  if not found then
    perform app_hidden.fail(404, 'users.verification_not_found', 'There is no such request.', 'Look into admin.verification_queue.');
  elsif r.state <> 'open' then
    perform app_hidden.fail(409, 'admin.verification_decided', format('This request was %s already.', r.state), 'Look into admin.verification_queue.');
  end if;
  v_before := admin.verification_state(r.user_id);
  update public.verification_requests x
  set state = case when p_approve then 'approved' else 'declined' end, decision = p_reason, decided_at = now() where x.id = p_id;
  if p_approve and r.kind = 'verification' then
    update public.profiles p set is_verified = true, verification_level = r.level where p.id = r.user_id;
  elsif p_approve then
    update public.profiles p set is_business_account = true where p.id = r.user_id;
  end if;
  insert into admin.audit_log (operator, action, target, reason, before, after)
  values (p_operator, case when p_approve then 'approve_verification' else 'decline_verification' end, r.user_id::text, p_reason, v_before,
    admin.verification_state(r.user_id) || jsonb_build_object('request_id', r.id, 'kind', r.kind, 'level', r.level));
end
$$;
comment on function admin.decide_verification_request(uuid, text, text, boolean, text) is
  'Approves or declines what somebody asked for, once; the person reads the reason: select admin.decide_verification_request(''<id>'', ''<operator>'', ''<code>'', true, ''why'').';

create function admin.take_verification(p_username text, p_kind text, p_operator text, p_code text, p_reason text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_user uuid;
  v_before jsonb;
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  v_user := admin.person(p_username);
  v_before := admin.verification_state(v_user);
  if p_kind = 'verification' then
    update public.profiles p set is_verified = false, verification_level = null where p.id = v_user;
  elsif p_kind = 'business' then
    update public.profiles p set is_business_account = false where p.id = v_user;
  else
    raise exception 'a kind is verification or business' using errcode = 'invalid_parameter_value';
  end if;
  insert into admin.audit_log (operator, action, target, reason, before, after)
  values (p_operator, 'take_verification', v_user::text, p_reason, v_before, admin.verification_state(v_user));
end
$$;
comment on function admin.take_verification(text, text, text, text, text) is 'Takes a badge (verification) or the business account (business) back; business facts go with it.';

create function admin.verification_state(p_user uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('is_verified', p.is_verified, 'verification_level', p.verification_level, 'is_business_account', p.is_business_account)
    from public.profiles p where p.id = p_user
  );
end
$$;
comment on function admin.verification_state(uuid) is 'What operators say of somebody, as the audit log keeps it.';
