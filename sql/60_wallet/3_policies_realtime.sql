-- The table is the platform's: it is not ours to grant, alter or comment. No policy for insert: nobody but the database sends here.
-- The server that lets somebody join a topic writes a message with that topic and looks whether they may read it.
create policy "people hear of their own wallet" on realtime.messages
  for select to authenticated
  using (
    extension = 'broadcast' and topic = 'wallet:' || (select auth.uid())::text
    and (select realtime.topic()) = 'wallet:' || (select auth.uid())::text
  );
