-- As in 50_chat/3_policies_realtime.sql: the server asks when somebody joins a topic or first writes to it, and keeps the answer until the
-- token ends. Whoever is out of a call stays behind on topics of an old epoch, where nobody speaks any more.
create policy "people in a call hear each other's topics of it" on realtime.messages
  for select to authenticated
  using (
    topic = (select realtime.topic()) and extension in ('broadcast', 'presence')
    and (select app_hidden.hears_call((select realtime.topic())))
  );

create policy "people in a call write to their own topic of it" on realtime.messages
  for insert to authenticated
  with check (
    topic = (select realtime.topic()) and extension in ('broadcast', 'presence')
    and (select app_hidden.hears_call((select realtime.topic()), true))
  );
