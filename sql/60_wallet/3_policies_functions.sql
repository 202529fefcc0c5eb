-- Who may call what of the wallet, by role. Nothing in `ledger` is granted: its functions run within these.
grant execute on function app_private.expire_holds(int) to astra_worker;
grant execute on function app_private.expire_payment_requests(int) to astra_worker;

grant execute on function app_private.post_transaction(uuid, text, bytea, text, text, text, text, text) to astra_api;
grant execute on function app_private.post_transactions(uuid[], uuid[], text[], bytea[], text[], text[], text[], text[], text[]) to astra_api;
grant execute on function app_private.wallet_command(uuid, uuid, text, bytea, text, jsonb) to astra_api;
grant execute on function app_private.attach_deposit(uuid, text, jsonb, text) to astra_api;
grant execute on function app_private.deposit_refused(uuid, text) to astra_api;
grant execute on function app_private.apply_provider_event(text, text, text, jsonb) to astra_api;
grant execute on function app_private.statement(uuid, text, timestamptz, timestamptz, int, bigint) to astra_api;
grant execute on function app_private.statement_header(uuid, text, timestamptz, timestamptz) to astra_api;
grant execute on function app_private.claim_withdrawals(int, interval) to astra_worker;
grant execute on function app_private.withdrawal_submitted(uuid, text) to astra_worker;
grant execute on function app_private.withdrawal_retry(uuid, text, interval) to astra_worker;
grant execute on function app_private.withdrawal_refused(uuid, text) to astra_worker;
grant execute on function app_private.claim_unlinked_accounts(text[], int, interval) to astra_worker;
grant execute on function app_private.account_unlinked(uuid) to astra_worker;
grant execute on function app_private.unlink_retry(uuid, text, interval) to astra_worker;
grant execute on function app_private.prune_provider_events() to astra_worker;
grant execute on function app_private.audit_ledger(text) to astra_worker;

-- ledger.audits and its marks: granted to nobody. Operators see the audits through `admin`.
alter table ledger.audits enable row level security;
alter table ledger.audit_marks enable row level security;
