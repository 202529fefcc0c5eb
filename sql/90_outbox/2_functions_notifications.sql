-- Making notifications of events. The outbox is read as a log, by snapshots: between what an earlier snapshot saw and what the one of now
-- sees there are just the events that were committed meanwhile, however long any of their transactions took, and none is read twice.
-- The mark moves in the transaction of the notifications, so a worker that is killed has either done both or neither.

create function app_private.unread_events(p_reader app_private.notification_reader, p_limit int)
returns setof app_private.outbox_events
language plpgsql stable rows 500
set search_path = ''
as $$
begin
  return query
  -- Those whose transactions ran when the earlier snapshot was taken, then those that began later: two ranges of the index.
  (select e.* from app_private.outbox_events e
   where e.tx_id = any (array(select pg_snapshot_xip(p_reader.done)))
     and (e.tx_id, e.position) > (p_reader.after_tx, p_reader.after_position)
     and pg_visible_in_snapshot(e.tx_id, p_reader.upto)
   order by e.tx_id, e.position limit p_limit)
  union all
  (select e.* from app_private.outbox_events e
   where e.tx_id >= pg_snapshot_xmax(p_reader.done) and e.tx_id < pg_snapshot_xmax(p_reader.upto)
     and (e.tx_id, e.position) > (p_reader.after_tx, p_reader.after_position)
     and pg_visible_in_snapshot(e.tx_id, p_reader.upto)
   order by e.tx_id, e.position limit p_limit)
  order by tx_id, "position" limit p_limit;
end
$$;
comment on function app_private.unread_events(app_private.notification_reader, int) is 'The next events that have not been read for notifications, in the order of the log.';

create function app_private.project_notifications(p_limit int)
returns table (done int, more boolean)
language plpgsql volatile security definer -- the worker sees no table
set search_path = ''
as $$
declare
  r app_private.notification_reader;
  e app_private.outbox_events;
  v_drafts app_private.notification_draft[] := '{}';
  v_limit int := least(greatest(p_limit, 1), 5000);
  v_count int := 0;
  v_is_older boolean;
begin
  -- One reader at a time: whoever comes meanwhile has nothing to do.
  select * into r from app_private.notification_reader x for update skip locked;
  if not found then
    return query select 0, false;
    return;
  end if;
  v_is_older := r.upto is not null; -- then there may be more than it saw
  r.upto := coalesce(r.upto, pg_current_snapshot());
  for e in select * from app_private.unread_events(r, v_limit) loop
    v_count := v_count + 1;
    v_drafts := v_drafts || app_private.drafts_of(e);
    r.after_tx := e.tx_id;
    r.after_position := e.position;
    r.happened_to := e.occurred_at;
    exit when cardinality(v_drafts) >= 2000; -- a message to many is one event
  end loop;
  if v_count = 0 and r.after_tx = '0' and pg_snapshot_xmax(r.upto) = pg_snapshot_xmax(r.done) then
    return query select 0, false;
    return;
  end if;
  perform app_private.apply_notifications(v_drafts);
  if v_count < v_limit and cardinality(v_drafts) < 2000 then
    r.done := r.upto;
    r.upto := null;
    r.after_tx := '0';
    r.after_position := 0;
  end if;
  update app_private.notification_reader x
  set done = r.done, upto = r.upto, after_tx = r.after_tx, after_position = r.after_position, happened_to = r.happened_to;
  return query select v_count, v_is_older or r.upto is not null;
end
$$;
comment on function app_private.project_notifications(int) is
  'Reads up to p_limit events and tells people what they mean to them, once; says how many it read and whether there are more. Any number of workers may call it.';

-- What cannot be understood must not hold up what comes after it. What another try may mend is thrown on.
create function app_private.drafts_of(e app_private.outbox_events)
returns app_private.notification_draft[]
language plpgsql volatile
set search_path = ''
as $$
begin
  return case split_part(e.type, '.', 1)
    when 'graph' then app_private.graph_drafts(e)
    when 'post' then app_private.post_drafts(e)
    when 'comment' then app_private.comment_drafts(e)
    when 'group' then app_private.group_drafts(e)
    when 'message' then app_private.message_drafts(e)
    when 'wallet' then app_private.wallet_drafts(e)
    when 'user' then app_private.user_drafts(e)
    when 'call' then app_private.call_drafts(e)
    else '{}'::app_private.notification_draft[]
  end;
exception
  when transaction_rollback or insufficient_resources or object_not_in_prerequisite_state or operator_intervention or system_error then
    raise;
  when others then
    insert into app_private.notification_faults (event_id, type, error) values (e.id, e.type, left(sqlerrm, 2000)) on conflict do nothing;
    return '{}';
end
$$;
comment on function app_private.drafts_of(app_private.outbox_events) is
  'What an event means to whom. It is looked up whether it still is so: a like that was taken back meanwhile is told to nobody. An event that makes no sense is noted and passed over.';

create function app_private.notification_stats()
returns table (lag_seconds double precision, faults bigint)
language plpgsql stable security definer
set search_path = ''
as $$
declare
  r app_private.notification_reader;
begin
  select * into r from app_private.notification_reader;
  r.upto := coalesce(r.upto, pg_current_snapshot());
  return query
  select coalesce((select extract(epoch from clock_timestamp() - min(e.occurred_at))::double precision from app_private.unread_events(r, 1) e), 0),
    (select count(*) from (select from app_private.notification_faults f limit 10000) f);
end
$$;
comment on function app_private.notification_stats() is 'How far notifications are behind the outbox, and from how many events none could be made, up to 10,000.';
