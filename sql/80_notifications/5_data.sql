insert into app_private.notification_rules default values on conflict do nothing;
-- Nobody is told of what was before there were notifications.
insert into app_private.notification_reader (done) values (pg_current_snapshot()) on conflict do nothing;
