insert into app_private.call_rules default values on conflict do nothing;
