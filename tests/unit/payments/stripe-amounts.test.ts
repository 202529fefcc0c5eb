import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProviderError } from '../../../payments/provider.ts';
import { fromStripeAmount, toStripeAmount } from '../../../payments/stripe-amounts.ts';

const minor = fc.bigInt({ min: 1n, max: 10n ** 15n }).map(String);
/** One currency of each kind, with its decimals here and at Stripe. */
const CURRENCIES = { JPY: 0, KRW: 0, USD: 2, EUR: 2, KWD: 3, BHD: 3, ISK: 2, HUF: 2, TWD: 2 } as const;
const currency = fc.constantFrom(...(Object.keys(CURRENCIES) as (keyof typeof CURRENCIES)[]));

function outcome(step: () => unknown): unknown {
  try {
    return step();
  } catch (error) {
    if (error instanceof ProviderError) return error.provider_code;
    throw error;
  }
}

test('what Stripe is told means the same amount, or it is refused: for 0, 2 and 3 decimals', () => {
  fc.assert(
    fc.property(
      minor,
      currency,
      fc.constantFrom(0, 2, 3),
      fc.constantFrom('charge', 'payout'),
      (amount_minor, code, exponent, use) => {
        const told = outcome(() => toStripeAmount({ amount_minor, currency: code, exponent }, use));
        if (told === 'amount_not_representable') return;
        const { amount } = told as { amount: number };
        expect(Number.isSafeInteger(amount)).toBe(true);
        // Both as whole numbers of a thousandth of the unit.
        expect(BigInt(amount) * 10n ** BigInt(3 - CURRENCIES[code])).toBe(
          BigInt(amount_minor) * 10n ** BigInt(3 - exponent),
        );
        expect(fromStripeAmount(amount, code, exponent)).toBe(amount_minor);
      },
    ),
  );
});

test('every amount of an ordinary currency fits', () => {
  fc.assert(
    fc.property(minor, (amount_minor) => {
      expect(toStripeAmount({ amount_minor, currency: 'USD', exponent: 2 }, 'payout').amount).toBe(
        Number(amount_minor),
      );
      expect(toStripeAmount({ amount_minor, currency: 'JPY', exponent: 0 }, 'payout').amount).toBe(
        Number(amount_minor),
      );
    }),
  );
});

test('an amount with three decimals fits exactly when its last digit is zero', () => {
  fc.assert(
    fc.property(minor, (amount_minor) => {
      const told = outcome(() => toStripeAmount({ amount_minor, currency: 'KWD', exponent: 3 }, 'charge'));
      const fits = amount_minor.endsWith('0');
      expect(told).toEqual(fits ? { amount: Number(amount_minor), currency: 'kwd' } : 'amount_not_representable');
    }),
  );
});

test.each([
  ['5 crowns', { amount_minor: '5', currency: 'ISK', exponent: 0 }, 'charge', 500],
  ['half a crown', { amount_minor: '50', currency: 'ISK', exponent: 2 }, 'charge', null],
  ['10.45 forints as a charge', { amount_minor: '1045', currency: 'HUF', exponent: 2 }, 'charge', 1045],
  ['10.45 forints as a payout', { amount_minor: '1045', currency: 'HUF', exponent: 2 }, 'payout', null],
  ['10 forints as a payout', { amount_minor: '1000', currency: 'HUF', exponent: 2 }, 'payout', 1000],
  ['a tenth of a yen', { amount_minor: '1', currency: 'JPY', exponent: 1 }, 'charge', null],
  ['more than a number holds', { amount_minor: '9999999999999999999', currency: 'USD', exponent: 2 }, 'charge', null],
] as const)('%s', (_what, money, use, amount) => {
  const told = outcome(() => toStripeAmount(money, use));
  expect(told).toEqual(
    amount === null ? 'amount_not_representable' : { amount, currency: money.currency.toLowerCase() },
  );
});

test.each(['0', '-5', '007', '1.5', '1e3', '', ' 5', '٥'])('refuses "%s" as an amount', (amount_minor) => {
  const told = outcome(() => toStripeAmount({ amount_minor, currency: 'USD', exponent: 2 }, 'charge'));
  expect(told).toBe('amount_not_representable');
});

test('refuses a currency whose unit at Stripe is not certain', () => {
  for (const code of ['UGX', 'GOLD', 'usd']) {
    const told = outcome(() => toStripeAmount({ amount_minor: '100', currency: code, exponent: 2 }, 'charge'));
    expect(told).toBe('currency_not_supported');
  }
});
