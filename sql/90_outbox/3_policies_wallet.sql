grant execute on function app_private.fold_queued_entries(int) to astra_worker;
grant execute on function app_private.broadcast_wallet(jsonb) to astra_worker;
grant execute on function app_private.wallet_stats() to astra_worker;
