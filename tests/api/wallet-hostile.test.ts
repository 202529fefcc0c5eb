import { randomUUID } from 'node:crypto';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { problemSchema } from '../../contracts/api/common.ts';
import { transactionSchema, transactionsPage } from '../../contracts/api/wallet.ts';
import type { Hold } from '../../contracts/api/wallet-holds.ts';
import { ask, asOperator, type Person, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { bodyOf, get, linkAccount, openDeposit, post, reaches, signUpWith } from '../support/wallet-api.ts';

let ana: Person;
let ben: Person;
let stranger: Person;

beforeAll(async () => {
  [ana, ben, stranger] = await Promise.all([signUpWith('ana', '1000.00'), signUpWith('ben', '1000.00'), signUp('sly')]);
});

const INJECTIONS = [
  "'; drop table ledger.entries; --",
  "' or '1'='1",
  "1'); update ledger.accounts set balance_minor = 1; --",
  '$1',
  '$$; select pg_sleep(10); $$',
  "\\'; select 1; --",
  '%27%20or%201=1',
  '{"$gt": ""}',
  '#{process.exit}',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  "E'\\x27'",
  'null',
  '‮txt.exe',
];

describe('SQL in text', () => {
  test.each(INJECTIONS)('%s comes back unchanged as description and category', async (text) => {
    const [from, to] = await Promise.all([signUpWith('cat', '10.00'), signUp('doc')]);
    const body = { recipient: to.id, amount: '0.01', description: text, category: text.slice(0, 50) };
    const sent = transactionSchema.parse(bodyOf(await post(from, 'transaction', body), 201));
    expect(sent).toMatchObject({ description: text, category: text.slice(0, 50) });
    const hold = bodyOf<Hold>(await post(from, 'holds', body), 201);
    expect(hold).toMatchObject({ description: text, category: text.slice(0, 50) });
    expect(bodyOf(await post(to, `holds/${hold.id}/capture`), 200)).toMatchObject({ description: text });
    const request = await post(from, 'requests', { payer: to.id, amount: '0.01', description: text });
    expect(bodyOf(request, 201)).toMatchObject({ description: text });
    const split = { recipients: [{ recipient: to.id, share: 1 }], amount: '0.01', description: text };
    expect(bodyOf(await post(from, 'transaction', split), 201)).toMatchObject({ transaction: { description: text } });
    const reversed = await post(to, `transactions/${sent.id}/reverse`, { reason: text });
    expect(bodyOf(reversed, 201)).toMatchObject({ description: text });
    const query = new URLSearchParams({ category: text.slice(0, 50), counterparty: to.username, kind: 'transfer' });
    const { data } = transactionsPage.parse(bodyOf(await get(from, `transactions?${query}`), 200));
    expect(data.map(({ id }) => id)).toEqual([sent.id]);
  });

  test.each(INJECTIONS)('%s is refused cleanly as a name, an amount, an id, a token or a key', async (text) => {
    const from = await signUpWith('eve', '10.00');
    const answers = await Promise.all([
      post(from, 'transaction', { recipient: text, amount: '0.01' }),
      post(from, 'transaction', { recipient: ben.id, amount: text }),
      post(from, 'transaction', { recipient: ben.id, amount: '0.01', currency: text }),
      post(from, 'transaction', { recipients: [{ recipient: text, share: 1 }], amount: '1' }),
      post(from, 'holds', { recipient: text, amount: '0.01' }),
      post(from, 'requests', { payer: text, amount: '0.01' }),
      post(from, 'withdraw', { linked_account_id: text, amount: '0.01' }),
      post(from, 'linked-accounts', { token: text }),
      post(from, 'linked-accounts', { token: 'tok_x', provider: `${text}'` }),
      post(from, 'deposits', { amount: text }),
      post(from, 'batch', { mode: text, transfers: [{ recipient: ben.id, amount: '1' }] }),
      get(from, `holds/${encodeURIComponent(text)}`),
      get(from, `transactions/${encodeURIComponent(text)}`),
      get(from, `transactions?${new URLSearchParams({ cursor: text })}`),
      get(from, `transactions?${new URLSearchParams({ from: text })}`),
      get(from, `statement?${new URLSearchParams({ currency: text })}`),
      post(from, `holds/${encodeURIComponent(text)}/capture`),
      ask(`wallet/webhooks/${encodeURIComponent(text)}`, { body: {} }),
    ]);
    for (const { status, body } of answers) {
      expect([400, 404, 422], JSON.stringify(body)).toContain(status);
      expect(problemSchema.safeParse(body).success).toBe(true);
    }
    const { data } = transactionsPage.parse(
      bodyOf(await get(from, `transactions?${new URLSearchParams({ counterparty: text })}`), 200),
    );
    expect(data).toEqual([]);
  });

  test.each(INJECTIONS.filter((text) => /^[\x20-\x7e]+$/.test(text)))(
    '%s is an Idempotency-Key like any other',
    async (key) => {
      const body = { recipient: ben.id, amount: '0.01' };
      const [first, second] = [await post(ana, 'holds', body, key), await post(ana, 'holds', body, key)];
      expect(bodyOf(second, 201)).toEqual(bodyOf(first, 201));
    },
  );

  test('and the tables are still there', async () => {
    const [row] = await asOperator<{ entries: string }>('select count(*) as entries from ledger.entries');
    expect(Number(row?.entries)).toBeGreaterThan(0);
  });
});

const VIEWS = [
  'wallet',
  'transactions',
  'holds',
  'payment_requests',
  'withdrawals',
  'deposits',
  'linked_accounts',
] as const;

describe('supabase-js', () => {
  let clients: Record<'ana' | 'stranger' | 'anonymous', SupabaseClient>;

  beforeAll(async () => {
    const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
    const client = (token?: string) =>
      createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, {
        auth: { persistSession: false, autoRefreshToken: false },
        ...(token === undefined ? {} : { global: { headers: { authorization: `Bearer ${token}` } } }),
      });
    clients = { ana: client(ana.token), stranger: client(stranger.token), anonymous: client() };
    const { id: linked_account_id } = await linkAccount(ana, '0001');
    const { id } = bodyOf<{ id: string }>(await post(ana, 'withdraw', { linked_account_id, amount: '1.00' }), 201);
    // Where it stays with this account: until then the worker changes it beside the tests.
    await reaches(ana, `withdrawals/${id}`, 'submitted');
    bodyOf(await post(ana, 'holds', { recipient: ben.id, amount: '1.00' }), 201);
    bodyOf(await post(ana, 'requests', { payer: ben.id, amount: '1.00' }), 201);
    await openDeposit(ana, '1.00');
  });

  test.each(VIEWS)('reads one’s own rows of %s', async (view) => {
    const { data, error } = await clients.ana.from(view).select();
    expect(error).toBeNull();
    expect(data?.length).toBeGreaterThan(0);
    const owners = ['user_id', 'payee_id', 'requester_id', 'payer_id'];
    for (const row of data ?? []) expect(owners.map((owner) => row[owner])).toContain(ana.id);
  });

  test.each(VIEWS)('shows a stranger and somebody without a session nothing of others in %s', async (view) => {
    const own = await clients.stranger.from(view).select();
    expect(own.error).toBeNull();
    for (const row of own.data ?? []) expect(row).toMatchObject({ user_id: stranger.id });
    const { data } = await clients.anonymous.from(view).select();
    expect(data ?? []).toEqual([]);
  });

  test.each(VIEWS)('can write nothing in %s', async (view) => {
    const before = await clients.ana.from(view).select();
    const row = { ...before.data?.[0], id: randomUUID() };
    const attempts = [
      await clients.ana.from(view).insert(row),
      await clients.ana.from(view).upsert(row),
      await clients.ana.from(view).update({ currency: 'EUR' }).eq('currency', 'USD'),
      await clients.ana.from(view).delete().eq('currency', 'USD'),
    ];
    expect(attempts.map(({ error }) => error !== null)).toEqual([true, true, true, true]);
    expect((await clients.ana.from(view).select()).data).toEqual(before.data);
  });

  test('cannot reach the ledger, nor call what moves money', async () => {
    const attempts = [
      await clients.ana.schema('ledger').from('accounts').select(),
      await clients.ana.schema('app_private').rpc('wallet_command', {}),
      await clients.ana.rpc('wallet_command', {}),
      await clients.ana.rpc('post_transaction', {}),
      await clients.ana.rpc('apply_provider_event', {}),
    ];
    expect(attempts.map(({ error }) => error !== null)).toEqual(attempts.map(() => true));
  });
});

describe('without a session', () => {
  test.each([
    ['GET', ''],
    ['GET', 'transactions'],
    ['GET', `transactions/${randomUUID()}`],
    ['POST', `transactions/${randomUUID()}/reverse`],
    ['POST', 'transaction'],
    ['POST', 'batch'],
    ['POST', 'holds'],
    ['GET', 'holds'],
    ['GET', `holds/${randomUUID()}`],
    ['POST', `holds/${randomUUID()}/capture`],
    ['POST', `holds/${randomUUID()}/void`],
    ['POST', 'requests'],
    ['GET', 'requests'],
    ['POST', `requests/${randomUUID()}/pay`],
    ['POST', `requests/${randomUUID()}/decline`],
    ['POST', `requests/${randomUUID()}/cancel`],
    ['POST', 'linked-accounts'],
    ['GET', 'linked-accounts'],
    ['DELETE', `linked-accounts/${randomUUID()}`],
    ['POST', 'withdraw'],
    ['GET', 'withdrawals'],
    ['GET', `withdrawals/${randomUUID()}`],
    ['POST', 'deposits'],
    ['GET', `deposits/${randomUUID()}`],
    ['GET', 'statement'],
  ])('%s wallet/%s is refused (auth.required)', async (method, path) => {
    const answer = await ask(`wallet/${path}`, { method, ...(method === 'POST' ? { body: {} } : {}) });
    expect(answer.body).toMatchObject({ code: 'auth.required', status: 401 });
  });
});
