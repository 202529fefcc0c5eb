-- Read by the tables or by functions, under the same rules; written by functions alone, so no insert, update or delete is granted.

grant execute on function app_hidden.my_conversation_ids() to authenticated;
grant execute on function app_hidden.is_person(uuid) to authenticated;

-- public.conversations: not granted are the epochs, by which a block could be dated for ever, and who opened it. The topic says what is needed.
alter table public.conversations enable row level security;
grant select (id, kind, group_id, low_id, high_id, last_seq, last_change, active_at, disappear_after_s, created_at) on public.conversations to authenticated;
grant select on public.conversations to service_role;
create policy "members see their conversations" on public.conversations
  for select to authenticated using (id in (select app_hidden.my_conversation_ids()));

-- public.conversation_members: of others, conversation_receipts tells how far they have read, as far as they show it.
alter table public.conversation_members enable row level security;
grant select on public.conversation_members to authenticated, service_role;
create policy "people see their own memberships" on public.conversation_members
  for select to authenticated using (user_id = (select auth.uid()));

-- public.messages: not granted is request_hash, which is of no use to anybody else.
alter table public.messages enable row level security;
grant select (conversation_id, seq, id, sender_id, kind, content, media_urls, duration_ms, waveform, reply_to_seq, is_forwarded, mentions,
  reactions, change, pinned_at, edited_at, deleted_at, expires_at, created_at) on public.messages to authenticated;
grant select on public.messages to service_role;
create policy "members read messages since they joined, while these last" on public.messages
  for select to authenticated using (
    exists (
      select from public.conversation_members m
      where m.user_id = (select auth.uid()) and m.conversation_id = messages.conversation_id and messages.seq > m.from_seq)
    and (expires_at is null or expires_at > statement_timestamp())
    and not exists (
      select from public.message_hides h
      where h.user_id = (select auth.uid()) and h.conversation_id = messages.conversation_id and h.seq = messages.seq)
    and (sender_id is null or app_hidden.is_person(sender_id))
  );

alter table public.message_reactions enable row level security;
grant select on public.message_reactions to authenticated, service_role;
create policy "whoever reads a message sees reactions to it, but none of the hidden" on public.message_reactions
  for select to authenticated using (
    user_id not in (select app_hidden.hidden_people())
    and exists (select from public.messages x where x.conversation_id = message_reactions.conversation_id and x.seq = message_reactions.seq)
  );

alter table public.message_hides enable row level security;
grant select on public.message_hides to authenticated, service_role;
create policy "people see what they deleted for themselves" on public.message_hides
  for select to authenticated using (user_id = (select auth.uid()));

-- app_private.chat_rules, chat_tasks, chat_notices: granted to nobody. Operators change the rules as their owner.
alter table app_private.chat_rules enable row level security;
alter table app_private.chat_tasks enable row level security;
alter table app_private.chat_notices enable row level security;
