import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProviderError } from '../../../payments/provider.ts';
import { STRIPE_API_VERSION } from '../../../payments/stripe-provider.ts';
import { BUILD_TIMEOUT_MS, type StripeMock, startStripeMock } from '../../support/stripe-mock.ts';
import { recordedProvider, scripted, stripeError } from './stripe-calls.ts';

const user_id = randomUUID();
const money = { amount_minor: '1250', currency: 'USD', exponent: 2 };

function payoutRequest() {
  return { withdrawal_id: randomUUID(), user_id, account_token: 'acct_1:ba_1', ...money };
}

async function failureOf(promise: Promise<unknown>): Promise<Pick<ProviderError, 'code' | 'provider_code'>> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProviderError);
  const { code, provider_code } = error as ProviderError;
  return { code, provider_code };
}

describe('against stripe-mock', () => {
  let mock: StripeMock;
  beforeAll(async () => {
    mock = await startStripeMock();
  }, BUILD_TIMEOUT_MS + 20_000);
  afterAll(() => mock?.[Symbol.asyncDispose]());

  test('opens a deposit as a PaymentIntent that carries our id', async () => {
    const { provider, calls } = recordedProvider(fetch, { api_base: mock.url });
    const deposit_id = randomUUID();
    await expect(provider.createDeposit({ deposit_id, user_id, ...money })).resolves.toEqual({
      provider_reference: expect.stringMatching(/^pi_/),
      checkout: { client_secret: expect.stringMatching(/_secret_/) },
    });
    const fields = { amount: '1250', currency: 'usd', 'metadata[deposit_id]': deposit_id, 'metadata[exponent]': '2' };
    expect(calls).toMatchObject([
      { what: 'POST /v1/payment_intents', key: `deposit:${deposit_id}`, version: STRIPE_API_VERSION, fields },
    ]);
  });

  test('links a bank token by making an account around it that only we pay out from', async () => {
    const { provider, calls } = recordedProvider(fetch, { api_base: mock.url });
    const account = await provider.linkAccount({ token: 'btok_123', user_id, idempotency_key: 'key-1' });
    expect(account).toEqual({
      provider_token: expect.stringMatching(/^acct_\w+:ba_\w+$/),
      kind: 'bank_account',
      bank_name: 'STRIPE TEST BANK',
      last4: '6789',
      currency: 'USD',
    });
    expect(calls.at(-1)).toMatchObject({
      what: 'POST /v1/accounts',
      key: 'account:key-1',
      fields: {
        external_account: 'btok_123',
        'metadata[user_id]': user_id,
        'settings[payouts][schedule][interval]': 'manual',
      },
    });
  });

  test('pays out by a transfer and a payout, each with a key from the withdrawal', async () => {
    const { provider, calls } = recordedProvider(fetch, { api_base: mock.url });
    const request = payoutRequest();
    const { provider_reference } = await provider.createPayout(request);
    expect(provider_reference).toMatch(/^po_/);
    const id = request.withdrawal_id;
    expect(calls).toMatchObject([
      { what: 'GET /v1/transfers', fields: { transfer_group: id } },
      {
        what: 'POST /v1/transfers',
        key: `transfer:${id}`,
        account: null,
        fields: { amount: '1250', destination: 'acct_1' },
      },
      {
        what: 'POST /v1/payouts',
        key: `payout:${id}`,
        account: 'acct_1',
        fields: {
          destination: 'ba_1',
          'metadata[withdrawal_id]': id,
          'metadata[transfer_id]': expect.stringMatching(/^tr_/),
        },
      },
    ]);
  });

  test('closes an account that we made, and leaves one that the app brought', async () => {
    const { provider, calls } = recordedProvider(fetch, { api_base: mock.url });
    await provider.unlinkAccount('acct_1:ba_1');
    await provider.unlinkAccount('acct_2');
    expect(calls.map(({ what }) => what)).toEqual(['DELETE /v1/accounts/acct_1']);
  });

  test('a key that Stripe does not take decides nothing (provider.unavailable)', async () => {
    const { provider } = recordedProvider(fetch, { api_base: mock.url, key: 'nonsense' });
    const deposit = provider.createDeposit({ deposit_id: randomUUID(), user_id, ...money });
    expect((await failureOf(deposit)).code).toBe('provider.unavailable');
  });
});

describe('a payout', () => {
  const none = { object: 'list', data: [] };
  const transfer = (facts: object) => ({ id: 'tr_1', object: 'transfer', reversed: false, ...facts });

  test('that is refused takes its transfer back first (provider.refused)', async () => {
    const { provider, calls } = recordedProvider(
      scripted({
        'GET /v1/transfers': none,
        'POST /v1/transfers': transfer({}),
        'POST /v1/payouts': stripeError(400, 'invalid_request_error', 'payouts_not_allowed'),
        'POST /v1/transfers/tr_1/reversals': { id: 'trr_1' },
      }),
    );
    const request = payoutRequest();
    await expect(failureOf(provider.createPayout(request))).resolves.toEqual({
      code: 'provider.refused',
      provider_code: 'payouts_not_allowed',
    });
    expect(calls.at(-1)).toMatchObject({
      what: 'POST /v1/transfers/tr_1/reversals',
      key: `reversal:${request.withdrawal_id}`,
    });
  });

  test('that is refused while its transfer cannot come back is undecided (provider.unavailable)', async () => {
    const { provider } = recordedProvider(
      scripted({
        'GET /v1/transfers': none,
        'POST /v1/transfers': transfer({}),
        'POST /v1/payouts': stripeError(400, 'invalid_request_error', 'payouts_not_allowed'),
        'POST /v1/transfers/tr_1/reversals': stripeError(500, 'api_error'),
        'GET /v1/transfers/tr_1': transfer({}),
      }),
    );
    expect((await failureOf(provider.createPayout(payoutRequest()))).code).toBe('provider.unavailable');
  });

  test('without a clear answer leaves its transfer where it is (provider.unavailable)', async () => {
    const answers = { 'GET /v1/transfers': none, 'POST /v1/transfers': transfer({}) };
    const { provider, calls } = recordedProvider(
      scripted({ ...answers, 'POST /v1/payouts': stripeError(500, 'api_error') }),
    );
    expect((await failureOf(provider.createPayout(payoutRequest()))).code).toBe('provider.unavailable');
    expect(calls.at(-1)?.what).toBe('POST /v1/payouts');
  });

  test('repeated after Stripe forgot its keys is found, not made again', async () => {
    const request = payoutRequest();
    const { provider, calls } = recordedProvider(
      scripted({
        'GET /v1/transfers': { ...none, data: [transfer({ transfer_group: request.withdrawal_id })] },
        'GET /v1/payouts': { ...none, data: [{ id: 'po_7', metadata: { withdrawal_id: request.withdrawal_id } }] },
      }),
    );
    await expect(provider.createPayout(request)).resolves.toEqual({ provider_reference: 'po_7' });
    expect(calls.filter(({ what }) => what.startsWith('POST'))).toEqual([]);
  });

  test('that was refused and taken back stays refused (provider.refused)', async () => {
    const request = payoutRequest();
    const earlier = transfer({ transfer_group: request.withdrawal_id, reversed: true });
    const { provider } = recordedProvider(scripted({ 'GET /v1/transfers': { ...none, data: [earlier] } }));
    expect((await failureOf(provider.createPayout(request))).provider_code).toBe('payout_refused');
  });

  test('to what was never linked, or of an amount that does not fit, asks Stripe nothing (provider.refused)', async () => {
    const { provider, calls } = recordedProvider(scripted({}));
    const wrong = [
      { account_token: 'ba_1' },
      { account_token: 'acct_1/../x' },
      { currency: 'KWD', exponent: 3, amount_minor: '5' },
    ];
    for (const change of wrong) {
      expect((await failureOf(provider.createPayout({ ...payoutRequest(), ...change }))).code).toBe('provider.refused');
    }
    expect(calls).toEqual([]);
  });
});

describe('what Stripe answers', () => {
  const deposit = (answer: typeof fetch, timeout_ms?: number) =>
    recordedProvider(answer, timeout_ms === undefined ? {} : { timeout_ms }).provider.createDeposit({
      deposit_id: randomUUID(),
      user_id,
      ...money,
    });

  test.each([
    [402, 'card_error', 'card_declined', 'provider.refused'],
    [400, 'invalid_request_error', 'amount_too_small', 'provider.refused'],
    [400, 'idempotency_error', undefined, 'provider.refused'],
    [409, 'idempotency_error', 'idempotency_key_in_use', 'provider.unavailable'],
    [429, 'invalid_request_error', 'lock_timeout', 'provider.unavailable'],
    [401, 'invalid_request_error', undefined, 'provider.unavailable'],
    [403, 'invalid_request_error', undefined, 'provider.unavailable'],
    [500, 'api_error', undefined, 'provider.unavailable'],
  ])('%i %s %s is %s', async (status, type, code, outcome) => {
    const answer = scripted({ 'POST /v1/payment_intents': stripeError(status, type, code) });
    expect((await failureOf(deposit(answer))).code).toBe(outcome);
  });

  test('nothing in time, or no JSON, decides nothing (provider.unavailable)', async () => {
    const silent: typeof fetch = (_input, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    expect((await failureOf(deposit(silent, 20))).code).toBe('provider.unavailable');
    expect((await failureOf(deposit(async () => new Response('<html>', { status: 502 })))).code).toBe(
      'provider.unavailable',
    );
  });
});

describe('an account that the app brings', () => {
  const account = {
    id: 'acct_9',
    metadata: { user_id },
    type: 'express',
    controller: { stripe_dashboard: { type: 'express' } },
    payouts_enabled: true,
    settings: { payouts: { schedule: { interval: 'manual' } } },
    external_accounts: {
      data: [
        {
          id: 'ba_9',
          object: 'bank_account',
          bank_name: 'B',
          last4: '4242',
          currency: 'eur',
          default_for_currency: true,
        },
      ],
    },
  };
  const link = (facts: object) =>
    recordedProvider(scripted({ 'GET /v1/accounts/acct_9': { ...account, ...facts } })).provider.linkAccount({
      token: 'acct_9',
      user_id,
      idempotency_key: 'k',
    });

  test('is linked when it is ready', async () => {
    await expect(link({})).resolves.toMatchObject({ provider_token: 'acct_9', last4: '4242', currency: 'EUR' });
  });

  test.each([
    ['is of another user', { metadata: { user_id: randomUUID() } }, 'account_unknown'],
    ['says of no user', { metadata: {} }, 'account_unknown'],
    ['has a full dashboard', { controller: { stripe_dashboard: { type: 'full' } } }, 'account_not_controlled'],
    ['pays out by itself', { settings: { payouts: { schedule: { interval: 'daily' } } } }, 'account_payouts_automatic'],
    ['is not complete', { payouts_enabled: false }, 'account_incomplete'],
    ['has no bank', { external_accounts: { data: [] } }, 'account_incomplete'],
  ])('is refused when it %s', async (_what, facts, provider_code) => {
    await expect(failureOf(link(facts))).resolves.toEqual({ code: 'provider.refused', provider_code });
  });
});
