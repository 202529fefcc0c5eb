-- Seats: see group_seats. Security definer where a trigger calls it: members may not write seats.

create function app_private.members_count(p_group uuid, p_cap int)
returns int
language plpgsql stable
set search_path = ''
as $$
begin
  return p_cap - coalesce((select sum(s.free) from app_private.group_seats s where s.group_id = p_group), 0)::int;
end
$$;
comment on function app_private.members_count(uuid, int) is 'How many members a group with this cap has: exactly as many as it has rows of members.';

create function app_private.take_seat(p_group uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_seat bigint;
  v_free int;
begin
  begin
    update app_private.group_seats s set free = s.free - 1
    where s.id = (
      select f.id from app_private.group_seats f where f.group_id = p_group and f.free > 0
      limit 1 for no key update skip locked
    );
    if found then
      return;
    end if;
    raise sqlstate 'AS001';
  exception when sqlstate 'AS001' then
    null; -- a row that had just been emptied is locked by now: with the subtransaction that lock goes, too
  end;
  -- Others hold all of them. Only one at a time waits for rows: two who did would hold rows that the other waits for. Whoever holds a
  -- row without waiting in this queue waits for nothing more.
  perform pg_advisory_xact_lock(hashtextextended(format('group %s seats', p_group), 0));
  select s.id, s.free into v_seat, v_free from app_private.group_seats s
  where s.group_id = p_group and s.free > 0 order by s.free desc limit 1 for no key update;
  if not found then
    -- The last ones. Everybody who is at them is waited for, and what they leave is seen by the next statement.
    perform from app_private.group_seats s where s.group_id = p_group for no key update;
    select s.id, s.free into v_seat, v_free from app_private.group_seats s
    where s.group_id = p_group and s.free > 0 limit 1 for no key update;
  end if;
  if v_seat is null then
    perform app_hidden.fail(409, 'groups.full', 'This group has as many members as it takes.', 'Ask again when somebody has left.');
  end if;
  if v_free > 32 and (select count(*) from app_private.group_seats s where s.group_id = p_group) < 16 then
    -- Somebody had to wait here, so the next two need not.
    insert into app_private.group_seats (group_id, free) values (p_group, v_free / 2);
    v_free := v_free - v_free / 2;
  end if;
  update app_private.group_seats s set free = v_free - 1 where s.id = v_seat;
end
$$;
comment on function app_private.take_seat(uuid) is 'Takes a free seat of a group; 409 groups.full when there is none.';

create function app_private.return_seats(p_group uuid, p_seats int)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Never waits, so that an account that leaves many groups at once cannot end in a deadlock.
  update app_private.group_seats s set free = s.free + p_seats
  where s.id = (
    select f.id from app_private.group_seats f where f.group_id = p_group limit 1 for no key update skip locked
  );
  if not found then
    insert into app_private.group_seats (group_id, free) values (p_group, p_seats);
  end if;
end
$$;
comment on function app_private.return_seats(uuid, int) is 'Gives seats back to a group, to a row that nobody holds or to a new one.';

create function app_private.keep_seats()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_left int;
begin
  if tg_op = 'DELETE' then
    delete from app_private.group_seats s where s.group_id = old.id;
  elsif tg_op = 'INSERT' then
    insert into app_private.group_seats (group_id, free) values (new.id, new.member_cap);
  elsif new.member_cap > old.member_cap then
    perform app_private.return_seats(new.id, new.member_cap - old.member_cap);
  else
    -- Whoever joins at this moment is waited for, and then all seats are one row again.
    perform from app_private.group_seats s where s.group_id = new.id order by s.id for no key update;
    select coalesce(sum(s.free), 0) + new.member_cap - old.member_cap into v_left
    from app_private.group_seats s where s.group_id = new.id;
    if v_left < 0 then
      perform app_hidden.fail(409, 'groups.cap_too_low', 'This group has more members than that.', 'Send a `member_cap` of at least `members_count`.');
    end if;
    delete from app_private.group_seats s where s.group_id = new.id;
    insert into app_private.group_seats (group_id, free) values (new.id, v_left);
  end if;
  return null;
end
$$;
comment on function app_private.keep_seats() is 'Trigger on groups: as many seats as member_cap says. 409 groups.cap_too_low for fewer than are taken.';

create function app_private.seat_member()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  perform app_private.take_seat(new.group_id);
  return null;
end
$$;
comment on function app_private.seat_member() is 'Trigger on group_members: a seat for each new member, whoever writes the row.';
