import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { newWebhookSchema, pushSubscriptionSchema } from '../../contracts/api/notifications.ts';
import { ask, asOperator, expectProblem, type Person, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { get } from '../support/notifications-api.ts';
import { clientOf, done } from '../support/social-api.ts';

const post = (person: Person, path: string, body: unknown, key?: string) =>
  ask(`notifications/${path}`, {
    token: person.token,
    body,
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
  });
const remove = (person: Person, path: string) =>
  ask(`notifications/${path}`, { method: 'DELETE', token: person.token });

function subscription(endpoint = `https://push.example/${randomUUID()}`) {
  const keys = createECDH('prime256v1');
  return {
    endpoint,
    expirationTime: null,
    keys: { p256dh: keys.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
  };
}

test('a device subscribes, is listed for its owner alone, and leaves; the same endpoint is the same device', async () => {
  const [ana, eve] = await Promise.all([signUp('ana'), signUp('eve')]);
  const one = subscription();
  const made = pushSubscriptionSchema.parse(
    done(await post(ana, 'push-subscriptions', { ...one, user_agent: 'Phone' }), 201),
  );
  expect(made).toMatchObject({ endpoint: one.endpoint, user_agent: 'Phone' });
  expect(done<{ id: string }>(await post(ana, 'push-subscriptions', one), 201).id).toBe(made.id);
  expect(done(await get(ana, '/push-subscriptions'))).toMatchObject({ data: [{ id: made.id }] });
  expect(done(await get(eve, '/push-subscriptions'))).toEqual({ data: [] });
  expectProblem(await remove(eve, `push-subscriptions/${made.id}`), 'notifications.target_not_found');
  expect(done(await remove(ana, `push-subscriptions/${made.id}`))).toEqual({ removed: true });
  expectProblem(await remove(ana, `push-subscriptions/${made.id}`), 'notifications.target_not_found');
});

test('of more than twenty devices the oldest go', async () => {
  const ana = await signUp('ana');
  const made: string[] = [];
  for (let n = 0; n < 22; n += 1)
    made.push(done<{ id: string }>(await post(ana, 'push-subscriptions', subscription()), 201).id);
  const { data } = done<{ data: { id: string }[] }>(await get(ana, '/push-subscriptions'));
  expect(data.map(({ id }) => id)).toEqual(made.slice(2).reverse());
});

test('the key with which browsers subscribe is that of the project', async () => {
  const ana = await signUp('ana');
  expect(done(await get(ana, '/push-key'))).toEqual({ public_key: expect.stringMatching(/^B[\w-]{86}$/) });
});

test('a webhook shows its secret once, is listed without it, and a sixth is refused (notifications.too_many_webhooks)', async () => {
  const [ana, eve] = await Promise.all([signUp('ana'), signUp('eve')]);
  const url = `https://hook.example/${randomUUID()}`;
  const key = randomUUID();
  const made = newWebhookSchema.parse(done(await post(ana, 'webhooks', { url }, key), 201));
  expect(Buffer.from(made.secret?.replace(/^whsec_/, '') ?? '', 'base64')).toHaveLength(32);
  // Nothing keeps it but the webhook itself.
  expect((await post(ana, 'webhooks', { url }, key)).body).toEqual({ ...made, secret: null });
  const listed = await get(ana, '/webhooks');
  expect(listed.body).toEqual({ data: [expect.objectContaining({ id: made.id, url, disabled_at: null })] });
  expect(JSON.stringify(listed.body)).not.toContain('whsec');
  expect(done<{ secret: string }>(await post(ana, 'webhooks', { url }), 201).secret).not.toBe(made.secret);
  for (let n = 0; n < 4; n += 1) done(await post(ana, 'webhooks', { url: `${url}/${n}` }), 201);
  expectProblem(await post(ana, 'webhooks', { url: `${url}/5` }), 'notifications.too_many_webhooks');
  expectProblem(await remove(eve, `webhooks/${made.id}`), 'notifications.target_not_found');
  expect(done(await remove(ana, `webhooks/${made.id}`))).toEqual({ removed: true });
});

test.each([
  ['webhooks', { url: 'ftp://hook.example/' }],
  ['webhooks', { url: 'hook.example' }],
  ['webhooks', { url: 'https://user:secret@hook.example/' }],
  ['webhooks', { url: `https://hook.example/${'x'.repeat(2048)}` }],
  ['webhooks', {}],
  ['push-subscriptions', { ...subscription(), keys: { p256dh: 'short', auth: 'short' } }],
  ['push-subscriptions', { endpoint: 'https://push.example/1' }],
])('refuses POST notifications/%s with %o (request.invalid)', async (path, body) => {
  expectProblem(await post(await signUp(), path, body), 'request.invalid');
});

test('plain http is for one’s own machine alone (notifications.url_invalid)', async () => {
  const ana = await signUp('ana');
  for (const url of ['http://hook.example/', 'http://10.0.0.1/', 'http://localhost.example/'])
    expectProblem(await post(ana, 'webhooks', { url }), 'notifications.url_invalid');
  expectProblem(
    await post(ana, 'push-subscriptions', subscription('http://push.example/1')),
    'notifications.url_invalid',
  );
  done(await post(ana, 'webhooks', { url: 'http://localhost:9/hook' }), 201);
});

test('supabase-js does the same by functions, and reads no table of keys and secrets', async () => {
  const sdk = clientOf(await signUp('ana'));
  const { data } = await sdk.rpc('add_push_subscription', { p: subscription() });
  expect(data).toMatchObject({ id: expect.any(String) });
  expect((await sdk.rpc('my_push_subscriptions')).data).toHaveLength(1);
  const refused = await sdk.rpc('add_push_subscription', {
    p: { ...subscription(), keys: { p256dh: 'x', auth: 'y' } },
  });
  expect(refused.error?.details).toBe('notifications.keys_invalid');
  expect((await sdk.rpc('add_notification_webhook', { p_url: 'javascript:alert(1)' })).error?.details).toBe(
    'notifications.url_invalid',
  );
  for (const table of ['push_subscriptions', 'notification_webhooks', 'notification_deliveries'])
    expect((await sdk.from(table as 'notifications').select()).error).not.toBeNull();
});

const { MAIL_URL } = testEnvironment();

// A hosted project delivers its mails.
test.runIf(MAIL_URL !== undefined)('a mail about what was not read is in the local inbox', async () => {
  const ana = await signUp('ana');
  await asOperator('update auth.users set email_confirmed_at = coalesce(email_confirmed_at, now()) where id = $1', [
    ana.id,
  ]);
  await asOperator(
    `select app_private.emit_event('user.password_changed', $1, jsonb_build_object('user_id', $1::uuid))`,
    [ana.id],
  );
  await expect
    .poll(
      async () => {
        const answer = await fetch(`${MAIL_URL}/api/messages?to=${encodeURIComponent(ana.email)}`);
        return ((await answer.json()) as { data: { subject: string }[] }).data.map(({ subject }) => subject);
      },
      { timeout: 20_000 },
    )
    .toContain('Your password was changed.');
});
