import { expect, test } from 'vitest';
import { createPayments, PaymentsConfigError, readPaymentsConfig } from '../../../payments/config.ts';

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 's').toString('base64')}`;
const FAKE = {
  PAYMENTS_FAKE_URL: 'http://127.0.0.1:54330/',
  PAYMENTS_FAKE_KEY: 'sk_fake_123456',
  PAYMENTS_WEBHOOK_SECRET: WEBHOOK_SECRET,
};
const STRIPE = { STRIPE_SECRET_KEY: 'sk_test_123', STRIPE_WEBHOOK_SECRET: 'whsec_platform whsec_connect' };

function complaint(env: Record<string, string>): string {
  try {
    readPaymentsConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(PaymentsConfigError);
    return String(error);
  }
  throw new Error('It was accepted.');
}

test('without variables there is no provider', () => {
  const config = readPaymentsConfig({ PAYMENTS_FAKE_URL: '' });
  expect(config.provider).toBe('none');
  expect(createPayments(config).current).toBeUndefined();
});

test('chooses the fake where it is, else Stripe where there is a key', () => {
  expect(createPayments(readPaymentsConfig({ ...FAKE, ...STRIPE })).current?.name).toBe('fake');
  expect(createPayments(readPaymentsConfig(STRIPE)).current?.name).toBe('stripe');
  expect(createPayments(readPaymentsConfig({ ...FAKE, ...STRIPE, PAYMENTS_PROVIDER: 'stripe' })).current?.name).toBe(
    'stripe',
  );
});

test('switched off, it still reads webhooks of payouts on their way', () => {
  const payments = createPayments(readPaymentsConfig({ ...FAKE, PAYMENTS_PROVIDER: 'none' }));
  expect(payments.current).toBeUndefined();
  expect(payments.provider('fake')?.name).toBe('fake');
  expect(payments.provider('stripe')).toBeUndefined();
  expect(payments.provider('__proto__')).toBeUndefined();
});

test('takes a second secret while one is replaced', () => {
  const config = readPaymentsConfig({ ...FAKE, PAYMENTS_WEBHOOK_SECRET: ` ${WEBHOOK_SECRET}  ${WEBHOOK_SECRET} ` });
  expect(config.fake?.webhook_secrets).toEqual([WEBHOOK_SECRET, WEBHOOK_SECRET]);
  expect(readPaymentsConfig(STRIPE).stripe?.webhook_secrets).toEqual(['whsec_platform', 'whsec_connect']);
});

test('names what a chosen provider lacks', () => {
  expect(complaint({ PAYMENTS_PROVIDER: 'fake' })).toMatch(
    /PAYMENTS_FAKE_URL: is missing[\s\S]+PAYMENTS_WEBHOOK_SECRET: is/,
  );
  expect(complaint({ STRIPE_SECRET_KEY: 'sk_test_123' })).toMatch(/STRIPE_WEBHOOK_SECRET: is missing/);
});

test.each([
  ['PAYMENTS_PROVIDER', 'paypal'],
  ['PAYMENTS_FAKE_URL', 'ftp://secret-value'],
  ['PAYMENTS_WEBHOOK_SECRET', 'secret-value'],
  ['STRIPE_SECRET_KEY', 'pk_live_secretvalue'],
  ['STRIPE_API_BASE', 'secret-value'],
])('names a wrong %s and does not show its value', (name, value) => {
  const text = complaint({ ...FAKE, ...STRIPE, [name]: value });
  expect(text).toContain(`${name}: must`);
  expect(text).not.toContain(value);
});
