-- app_private: granted to nobody.
alter table app_private.push_subscriptions enable row level security;
alter table app_private.notification_webhooks enable row level security;
alter table app_private.notification_deliveries enable row level security;
alter table app_private.notification_digests enable row level security;

grant execute on function public.add_push_subscription(jsonb) to authenticated;
grant execute on function public.my_push_subscriptions() to authenticated;
grant execute on function public.remove_push_subscription(uuid) to authenticated;
grant execute on function public.add_notification_webhook(text) to authenticated;
grant execute on function public.my_notification_webhooks() to authenticated;
grant execute on function public.remove_notification_webhook(uuid) to authenticated;

grant execute on function app_private.claim_deliveries(text, int, interval, jsonb, jsonb) to astra_worker;
grant execute on function app_private.finish_delivery(uuid, int, bigint, text, boolean) to astra_worker;
grant execute on function app_private.retry_delivery(uuid, int, text, interval) to astra_worker;
grant execute on function app_private.drop_delivery_target(text, uuid, text, boolean) to astra_worker;
grant execute on function app_private.claim_digests(int, interval) to astra_worker;
grant execute on function app_private.finish_digest(uuid, boolean, int, text) to astra_worker;
grant execute on function app_private.retry_digest(uuid, boolean, int, text, interval) to astra_worker;
