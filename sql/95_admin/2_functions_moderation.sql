-- Reports of posts, comments and people. One decision settles all open reports of the same thing.

create function admin.decide_report(p_report uuid, p_operator text, p_code text, p_decision text, p_reason text)
returns int
language plpgsql volatile
set search_path = ''
as $$
declare
  r public.reports;
  v_before jsonb;
  v_settled int;
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  if p_decision is null or p_decision not in ('upheld', 'dismissed') then
    raise exception 'a decision is upheld or dismissed' using errcode = 'invalid_parameter_value';
  end if;
  select * into r from public.reports x where x.id = p_report for update;
  if not found then
    perform app_hidden.fail(404, 'reports.not_found', 'There is no such report.', 'Look into admin.reports.');
  elsif r.state <> 'open' then
    perform app_hidden.fail(409, 'reports.decided', format('This report was %s already.', r.state), 'Look into admin.reports.');
  end if;
  -- What was said stands in the reports, which go with their author; the audit stays.
  v_before := jsonb_build_object('kind', r.subject_kind, 'author_id', r.accused_id, 'state', r.state);
  if p_decision = 'upheld' then
    update public.posts p set status = 'removed' where p.id = r.post_id and p.status = 'published';
    -- Emptied and not deleted: its reports are told by it.
    update public.comments c set content = null, deleted_at = now() where c.id = r.comment_id and c.deleted_at is null;
  end if;
  update public.reports x set state = p_decision, decided_at = now()
  where x.state = 'open' and x.subject_id = r.subject_id;
  get diagnostics v_settled = row_count;
  insert into admin.audit_log (operator, action, target, reason, before, after)
  values (p_operator, 'decide_report', r.subject_id::text, p_reason, v_before,
    jsonb_build_object('report_id', r.id, 'decision', p_decision, 'settled', v_settled));
  return v_settled;
end
$$;
comment on function admin.decide_report(uuid, text, text, text, text) is
  'Settles a report and all others of the same thing, and says how many. Upheld, a post is removed and a comment emptied; of a person it only says so: select admin.decide_report(''<id>'', ''<operator>'', ''<code>'', ''upheld'', ''why'').';

create function admin.restore_post(p_post uuid, p_operator text, p_code text, p_reason text)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform admin.require_reason(p_reason);
  perform admin.assert_operator(p_operator, p_code);
  update public.posts p set status = 'published'
  where p.id = p_post and p.status = 'removed';
  if not found then
    perform app_hidden.fail(404, 'posts.not_found', 'There is no such post that was removed.', 'Look for it in admin.audit_log.');
  end if;
  insert into admin.audit_log (operator, action, target, reason)
  values (p_operator, 'restore_post', p_post::text, p_reason);
end
$$;
comment on function admin.restore_post(uuid, text, text, text) is 'Publishes a post again that was removed by mistake, at its old time.';
