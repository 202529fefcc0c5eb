-- Who may call what of the wallet, by role. Nothing in `ledger` is granted: its functions run within these.
grant execute on function app_private.expire_holds(int) to astra_worker;
grant execute on function app_private.expire_payment_requests(int) to astra_worker;
