-- As in 60_wallet/3_policies_realtime.sql: the table is the platform's, and the server asks these when somebody joins a topic or first
-- writes to it. It keeps the answer until the token ends, hence epochs: no answer for an old topic has to be taken back.
create policy "people hear what they alone are told" on realtime.messages
  for select to authenticated
  using (
    extension = 'broadcast' and topic = 'user:' || (select auth.uid())::text
    and (select realtime.topic()) = 'user:' || (select auth.uid())::text
  );

create policy "members hear the current topics of their conversations" on realtime.messages
  for select to authenticated
  using (
    topic = (select realtime.topic()) and case extension
      when 'broadcast' then (select app_hidden.hears((select realtime.topic()), 'broadcast'))
      when 'presence' then (select app_hidden.hears((select realtime.topic()), 'presence'))
      else false
    end
  );

-- On typing topics alone. What clients send there says nothing for certain, and nobody takes messages from it.
create policy "members write to the typing topics of their conversations" on realtime.messages
  for insert to authenticated
  with check (
    topic = (select realtime.topic()) and extension in ('broadcast', 'presence')
    and (select app_hidden.hears((select realtime.topic()), extension, true))
  );
