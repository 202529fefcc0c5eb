import { expect, test } from 'vitest';
import { createFakeProvider } from '../../../payments/fake-provider.ts';
import { ProviderError } from '../../../payments/provider.ts';

const payout = {
  withdrawal_id: '7b9f2c1e-4a77-4b52-8f0e-0d9a3f6c2b11',
  user_id: 'u1',
  account_token: 'ba_1',
  amount_minor: '1250',
  currency: 'USD',
  exponent: 2,
};

type Fetch = typeof fetch;

function provider(answer: Fetch, timeout_ms = 1_000) {
  return createFakeProvider({ url: 'http://fake', api_key: 'key', webhook_secrets: [], fetch: answer, timeout_ms });
}

async function failureOf(
  promise: Promise<unknown>,
): Promise<Pick<ProviderError, 'code' | 'retryable' | 'provider_code'>> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProviderError);
  const { code, retryable, provider_code } = error as ProviderError;
  return { code, retryable, provider_code };
}

const refuse = (code: string) => Response.json({ error: { code, message: 'No.' } });
const answering =
  (status: number, body: BodyInit | null): Fetch =>
  async () =>
    new Response(body, { status });

test('sends the withdrawal id as the Idempotency-Key', async () => {
  let asked: Request | undefined;
  const answer: Fetch = async (input, init) => {
    asked = new Request(input, init);
    return Response.json({ id: 'po_1', status: 'processing' }, { status: 201 });
  };
  await expect(provider(answer).createPayout(payout)).resolves.toEqual({ provider_reference: 'po_1' });
  expect(asked?.headers.get('idempotency-key')).toBe(payout.withdrawal_id);
  expect(asked?.headers.get('authorization')).toBe('Bearer key');
});

test.each([409, 422, 404])('a %i is a refusal, and final (provider.refused)', async (status) => {
  const answer: Fetch = async () => new Response(refuse('account_refused').body, { status });
  await expect(failureOf(provider(answer).createPayout(payout))).resolves.toEqual({
    code: 'provider.refused',
    retryable: false,
    provider_code: 'account_refused',
  });
});

test.each([500, 502, 503, 429, 408, 401, 403])('a %i decides nothing (provider.unavailable)', async (status) => {
  await expect(failureOf(provider(answering(status, 'oops')).createPayout(payout))).resolves.toEqual({
    code: 'provider.unavailable',
    retryable: true,
    provider_code: `http_${status}`,
  });
});

test('no answer in time decides nothing (provider.unavailable)', async () => {
  const silent: Fetch = (_input, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  await expect(failureOf(provider(silent, 20).createPayout(payout))).resolves.toMatchObject({
    code: 'provider.unavailable',
    provider_code: 'timeout',
  });
});

test('a broken connection decides nothing (provider.unavailable)', async () => {
  const broken: Fetch = async () => {
    throw new TypeError('fetch failed');
  };
  await expect(failureOf(provider(broken).createPayout(payout))).resolves.toMatchObject({
    provider_code: 'connection',
  });
});

test.each(['', '{}', '{"id":""}', 'null', '<html>'])('never takes "%s" for an acceptance', async (body) => {
  await expect(failureOf(provider(answering(201, body)).createPayout(payout))).resolves.toMatchObject({
    code: 'provider.unavailable',
    provider_code: 'bad_answer',
  });
});

test('removing an account that is gone is a success', async () => {
  const gone: Fetch = async () => new Response(refuse('account_not_found').body, { status: 404 });
  await expect(provider(gone).unlinkAccount('ba_1')).resolves.toBeUndefined();
  await expect(provider(answering(204, null)).unlinkAccount('ba_1')).resolves.toBeUndefined();
});
