grant usage on schema app_hidden to anon, authenticated, service_role, astra_api, astra_worker;
grant usage on schema app_private to astra_api, astra_worker;
-- Not here: `ledger` is opened to readers in 60_wallet, `admin` to service_role in 95_admin.

-- app_private.idempotency_keys: nobody reads or writes it but through the functions below.
alter table app_private.idempotency_keys enable row level security;

grant execute on function app_hidden.fail(int, text, text, text) to anon, authenticated, service_role, astra_api, astra_worker;
grant execute on function app_private.claim_idempotency_key(uuid, text, text, bytea) to astra_api;
grant execute on function app_private.store_idempotent_response(uuid, text, int, jsonb) to astra_api;
grant execute on function app_private.prune_idempotency_keys() to astra_worker;
grant execute on function app_hidden.assert_fields(jsonb, jsonb, text) to authenticated;
grant execute on function app_hidden.is_of_kind(jsonb, text) to authenticated;
grant execute on function app_hidden.new_id() to authenticated, service_role;
grant execute on function app_hidden.are_addresses(text[]) to authenticated, service_role;
grant execute on function app_hidden.are_media(text[]) to authenticated, service_role;
-- An index has it: whoever writes a name calls it.
grant execute on function app_hidden.plain_name(text) to authenticated, service_role;
grant execute on function app_hidden.assert_cursor(timestamptz, uuid) to anon, authenticated, service_role;
grant execute on function app_hidden.format_amount(bigint, smallint) to authenticated, service_role;
