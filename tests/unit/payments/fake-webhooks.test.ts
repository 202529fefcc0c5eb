import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { createFakeProvider } from '../../../payments/fake-provider.ts';
import { WebhookRefused } from '../../../payments/provider.ts';

const secretOf = (letter: string) => `whsec_${Buffer.alloc(32, letter).toString('base64')}`;
const OLD = secretOf('o');
const NEW = secretOf('n');
const MINUTE_MS = 60_000;

const event = {
  type: 'payout.paid',
  timestamp: '2026-01-02T03:04:05.000Z',
  data: { reference: randomUUID(), provider_reference: 'po_1', amount_minor: '1250', currency: 'USD' },
};

function provider(...webhook_secrets: string[]) {
  return createFakeProvider({ url: 'http://fake', api_key: 'key', webhook_secrets, fetch, timeout_ms: 100 });
}

/** A signed message and the moment at which it arrives. */
function message({ secret = NEW, body = JSON.stringify(event), signed_at_ms = Date.now(), id = 'evt_1' } = {}) {
  const signature = new Webhook(secret).sign(id, new Date(signed_at_ms), body);
  const headers = new Headers({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(signed_at_ms / 1000)),
    'webhook-signature': signature,
  });
  return { headers, body, now_ms: Date.now() };
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WebhookRefused);
  expect((error as WebhookRefused).code).toBe('provider.webhook_invalid');
  return (error as WebhookRefused).message;
}

test('reads a signed event', async () => {
  const { data, type, timestamp: occurred_at } = event;
  await expect(provider(NEW).parseWebhook(message())).resolves.toEqual({
    event_id: 'evt_1',
    type,
    occurred_at,
    ...data,
  });
});

test('takes either secret while one is replaced, and not the old one afterwards', async () => {
  const signedWithOld = message({ secret: OLD });
  await expect(provider(NEW, OLD).parseWebhook(signedWithOld)).resolves.toMatchObject({ type: 'payout.paid' });
  await expect(provider(NEW, OLD).parseWebhook(message())).resolves.toMatchObject({ type: 'payout.paid' });
  await refusal(provider(NEW).parseWebhook(signedWithOld));
});

test('finds the good signature among several', async () => {
  const good = message();
  const forged = message({ secret: OLD }).headers.get('webhook-signature');
  good.headers.set('webhook-signature', `v1a,bm90aGluZw== ${forged} ${good.headers.get('webhook-signature')}`);
  await expect(provider(NEW).parseWebhook(good)).resolves.toMatchObject({ event_id: 'evt_1' });
});

test('refuses a signature by another secret (provider.webhook_invalid)', async () => {
  await refusal(provider(NEW).parseWebhook(message({ secret: secretOf('x') })));
});

test.each(['garbage', 'v1', 'v1,', 'v2,abc', ' ', 'v1,ÿ'])('refuses the signature "%s"', async (signature) => {
  const forged = message();
  forged.headers.set('webhook-signature', signature);
  await refusal(provider(NEW).parseWebhook(forged));
});

test('refuses a body with any one byte changed', async () => {
  const good = message();
  for (let place = 0; place < good.body.length; place += 1) {
    const changed = good.body[place] === '1' ? '2' : '1';
    const body = good.body.slice(0, place) + changed + good.body.slice(place + 1);
    await refusal(provider(NEW).parseWebhook({ ...good, body }));
  }
});

test('refuses the message under another id', async () => {
  const replayed = message();
  replayed.headers.set('webhook-id', 'evt_2');
  await refusal(provider(NEW).parseWebhook(replayed));
});

test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('refuses a message without %s', async (name) => {
  const incomplete = message();
  incomplete.headers.delete(name);
  await refusal(provider(NEW).parseWebhook(incomplete));
});

test('refuses a replay more than five minutes later', async () => {
  const old = message({ signed_at_ms: Date.now() - 6 * MINUTE_MS });
  expect(await refusal(provider(NEW).parseWebhook(old))).toMatch(/too old/);
  const kept = { ...message(), now_ms: Date.now() + 6 * MINUTE_MS };
  expect(await refusal(provider(NEW).parseWebhook(kept))).toMatch(/too old/);
});

test('refuses a message from more than five minutes ahead', async () => {
  const early = message({ signed_at_ms: Date.now() + 6 * MINUTE_MS });
  expect(await refusal(provider(NEW).parseWebhook(early))).toMatch(/future/);
});

test('takes a message that is four minutes old or ahead', async () => {
  for (const minutes of [-4, 4]) {
    const shifted = message({ signed_at_ms: Date.now() + minutes * MINUTE_MS });
    await expect(provider(NEW).parseWebhook(shifted)).resolves.toMatchObject({ event_id: 'evt_1' });
  }
});

test.each(['', '1e9', '-5', '12abc', '99999999999999'])('refuses the timestamp "%s"', async (timestamp) => {
  const odd = message();
  odd.headers.set('webhook-timestamp', timestamp);
  await refusal(provider(NEW).parseWebhook(odd));
});

test.each([
  ['no JSON', 'hello'],
  ['an empty body', ''],
  ['a list', '[]'],
  ['no amount', JSON.stringify({ ...event, data: { ...event.data, amount_minor: undefined } })],
  ['an amount of zero', JSON.stringify({ ...event, data: { ...event.data, amount_minor: '0' } })],
  ['a number as amount', JSON.stringify({ ...event, data: { ...event.data, amount_minor: 1250 } })],
  ['a fraction', JSON.stringify({ ...event, data: { ...event.data, amount_minor: '12.50' } })],
  ['a foreign reference', JSON.stringify({ ...event, data: { ...event.data, reference: "1' or 1=1" } })],
])('refuses %s, though it is signed', async (_what, body) => {
  await refusal(provider(NEW).parseWebhook(message({ body })));
});

test('ignores events of other types', async () => {
  const body = JSON.stringify({ ...event, type: 'account.updated' });
  await expect(provider(NEW).parseWebhook(message({ body }))).resolves.toEqual({
    event_id: 'evt_1',
    type: 'ignored',
    provider_type: 'account.updated',
  });
});
