-- As in 60_wallet/3_policies_realtime.sql: the table is the platform's, and nobody but the database sends here.
create policy "people hear of their own notifications" on realtime.messages
  for select to authenticated
  using (
    extension = 'broadcast' and topic = 'notifications:' || (select auth.uid())::text
    and (select realtime.topic()) = 'notifications:' || (select auth.uid())::text
  );
