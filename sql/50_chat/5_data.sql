insert into app_private.chat_rules default values on conflict do nothing;

-- Groups from before there was chat.
insert into public.conversations (kind, group_id)
select 'group', g.id from public.groups g where g.deleted_at is null on conflict (group_id) do nothing;
insert into public.conversation_members (conversation_id, user_id, from_seq, last_read_seq)
select c.id, m.user_id, c.last_seq, c.last_seq from public.conversations c join public.group_members m on m.group_id = c.group_id
on conflict do nothing;
