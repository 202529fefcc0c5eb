-- app_private.outbox_events: granted to nobody. Triggers write it, the worker goes through the functions below.
alter table app_private.outbox_events enable row level security;

grant execute on function app_private.claim_outbox(int, interval) to astra_worker;
grant execute on function app_private.complete_outbox(uuid[]) to astra_worker;
grant execute on function app_private.fail_outbox(uuid, text, interval, boolean) to astra_worker;
grant execute on function app_private.read_outbox_log(text, bigint, int) to astra_worker;
grant execute on function app_private.outbox_stats() to astra_worker;
grant execute on function app_private.replay_outbox(timestamptz) to astra_worker;
grant execute on function app_private.prune_outbox(interval, text) to astra_worker;
