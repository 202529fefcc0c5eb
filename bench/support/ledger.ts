import pg from 'pg';

/**
 * The floor: what any wallet must at least do, as plainly as it can be done. Two updates and one insert in one function, one
 * round trip; no check, no history, no key.
 */
const FLOOR = `
  create schema bench;
  create table bench.accounts (id bigint primary key, balance bigint not null) with (fillfactor = 50);
  create table bench.transfers (id bigint generated always as identity primary key, from_id bigint, to_id bigint, amount bigint, created_at timestamptz default now());
  create function bench.transfer(p_from bigint, p_to bigint, p_amount bigint) returns bigint language plpgsql as $$
  declare
    v_id bigint;
  begin
    update bench.accounts set balance = balance + case when id = p_from then -p_amount else p_amount end where id = least(p_from, p_to);
    update bench.accounts set balance = balance + case when id = p_from then -p_amount else p_amount end where id = greatest(p_from, p_to);
    insert into bench.transfers (from_id, to_id, amount) values (p_from, p_to, p_amount) returning id into v_id;
    return v_id;
  end $$;
  insert into bench.accounts select n, 1000000000 from generate_series(1, 10000) n;`;

/**
 * The rows alone: what a complete transfer writes, into tables with the same columns and indexes, and nothing else: no check, no hash, no
 * trigger, no answer. The difference to the floor is the price of keeping books at all; the rest is what the rules cost.
 */
const ROWS = `
  create table bench.book_accounts (like ledger.accounts including all);
  insert into bench.book_accounts overriding system value select * from ledger.accounts;
  create table bench.book_transfers (like ledger.transfers including indexes);
  create table bench.book_entries (like ledger.entries including indexes);
  create table bench.book_keys (like app_private.idempotency_keys including indexes including defaults);
  create table bench.book_events (like app_private.outbox_events including indexes including defaults including identity);
  create function bench.write_rows(p_from uuid, p_to uuid, p_payer bigint, p_payee bigint, p_key text) returns uuid language plpgsql as $$
  declare
    v_id uuid := gen_random_uuid();
    v_head bytea := '\\x0000000000000000000000000000000000000000000000000000000000000000';
  begin
    update bench.book_accounts set balance_minor = balance_minor - 1, seq = seq + 1, chain_head = v_head where id = p_payer;
    update bench.book_accounts set balance_minor = balance_minor + 1, seq = seq + 1, chain_head = v_head where id = p_payee;
    insert into bench.book_transfers (id, kind, currency, amount_minor, from_owner, to_owner, accounts, amounts, seqs, description, category, created_at)
      values (v_id, 'transfer', 'USD', 1, p_from, p_to, array[p_payer, p_payee], array[-1, 1], array[1, 1], 'bench', 'other', now());
    insert into bench.book_entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor, counterparty, description, category, created_at, hash)
      values (p_payer, (random() * 1e15)::bigint, v_id, p_from, 'available', 'transfer', 'USD', -1, 1, p_to, 'bench', 'other', now(), v_head),
        (p_payee, (random() * 1e15)::bigint, v_id, p_to, 'available', 'transfer', 'USD', 1, 1, p_from, 'bench', 'other', now(), v_head);
    insert into bench.book_events (id, type, actor_id, payload) values (v_id, 'wallet.transfer_completed', p_from,
      jsonb_build_object('transfer_id', v_id, 'kind', 'transfer', 'currency', 'USD', 'exponent', 2, 'amount_minor', '1', 'from_user_id', p_from,
        'to_user_id', p_to, 'description', 'bench', 'category', 'other', 'created_at', now()));
    insert into bench.book_keys (owner, key, operation, request_hash, status, body) values (p_from, p_key, 'wallet.transaction', v_head, 201,
      jsonb_build_object('id', v_id, 'user_id', p_from, 'type', 'expense', 'amount', '0.01', 'currency', 'USD', 'description', 'bench', 'category', 'other',
        'status', 'completed', 'kind', 'transfer', 'counterparty_id', p_to, 'counterparty_username', 'bench1', 'balance_after', '1.00', 'created_at', now()));
    return v_id;
  end $$;`;

/** Makes the references that a transfer is compared with, beside the people's own wallets. */
export async function makeReferences(databaseUrl: string): Promise<void> {
  await onDatabase(databaseUrl, async (client) => {
    await client.query(FLOOR);
    await client.query(ROWS);
    await client.query('analyze');
  });
}

/**
 * Gives every wallet a history, until the ledger has this many entries: rows as postings leave them, but written in bulk and with hashes that
 * prove nothing.
 */
export async function makeHistory(databaseUrl: string, entries: number): Promise<void> {
  await onDatabase(databaseUrl, async (client) => {
    await client.query('set role postgres');
    const { rows } = await client.query<{ accounts: number; have: number }>(
      "select (select count(*)::int from ledger.accounts where purpose = 'available' and currency = 'USD') as accounts, (select count(*)::int from ledger.entries) as have",
    );
    const each = Math.max(0, Math.ceil((entries - (rows[0]?.have ?? 0)) / (rows[0]?.accounts ?? 1)));
    await client.query(
      `alter table ledger.entries disable trigger user; alter table ledger.transfers disable trigger user`,
    );
    // Histories grow side by side in a real ledger, so neighbours in time are neighbours on disk here too.
    await client.query(
      `with made as (
         insert into ledger.entries (account_id, seq, transfer_id, owner, purpose, kind, currency, amount_minor, balance_minor, description, category, created_at, hash)
         select a.id, a.seq + n, gen_random_uuid(), a.owner, 'available', 'transfer', 'USD', 1, a.balance_minor + n, 'history', 'other',
           now() - interval '1 year' + n * interval '1 minute', sha256(n::text::bytea)
         from generate_series(1, $1::int) n, ledger.accounts a where a.purpose = 'available' and a.currency = 'USD'
         returning account_id, seq, transfer_id, amount_minor, created_at
       )
       insert into ledger.transfers (id, kind, currency, amount_minor, accounts, amounts, seqs, description, category, created_at)
       select m.transfer_id, 'transfer', 'USD', 1, array[m.account_id, 1], array[1, -1], array[1, 1], 'history', 'other', m.created_at from made m where m.seq % 2 = 0`,
      [each],
    );
    await client.query(
      `update ledger.accounts set seq = seq + $1, balance_minor = balance_minor + $1 where purpose = 'available' and currency = 'USD'`,
      [each],
    );
    await client.query(
      'alter table ledger.entries enable trigger user; alter table ledger.transfers enable trigger user',
    );
    await client.query('vacuum (analyze) ledger.entries, ledger.transfers, ledger.accounts');
    await client.query('checkpoint').catch(() => undefined);
  });
}

/** One number from the database. */
export async function numberOf(databaseUrl: string, text: string): Promise<number> {
  return await onDatabase(databaseUrl, async (client) => Number((await client.query<{ n: string }>(text)).rows[0]?.n));
}

async function onDatabase<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
