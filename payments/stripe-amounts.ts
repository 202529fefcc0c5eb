import { ProviderError } from './provider.ts';

/** https://docs.stripe.com/currencies#zero-decimal */
const ZERO_DECIMAL = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
/** https://docs.stripe.com/currencies#three-decimal */
const THREE_DECIMAL = new Set('BHD JOD KWD OMR TND'.split(' '));

/** Of two decimals in the API, whose last two must be zeros: Iceland's crown always, two more when they are paid out. */
const WHOLE_UNITS = new Set(['ISK']);
const WHOLE_UNITS_IN_PAYOUTS = new Set(['HUF', 'TWD']);

/** Stripe's own pages disagree whether 5 shillings are written 5 or 500: a guess could be wrong by a factor of a hundred. */
const AMBIGUOUS = new Set(['UGX']);

export type StripeUse = 'charge' | 'payout';

/** An amount of ours as Stripe writes it. */
export interface StripeAmount {
  readonly amount: number;
  /** Small letters. */
  readonly currency: string;
}

/**
 * Writes our minor units in Stripe's.
 * @throws ProviderError (provider.refused, `amount_not_representable`) for what does not fit exactly: money is never rounded.
 */
export function toStripeAmount(
  money: { readonly amount_minor: string; readonly currency: string; readonly exponent: number },
  use: StripeUse,
): StripeAmount {
  const { currency, exponent } = money;
  const amount = rescale(digitsOf(money.amount_minor), exponent, stripeExponent(currency));
  if (amount === null || amount > BigInt(Number.MAX_SAFE_INTEGER) || amount % stepOf(currency, use) !== 0n) {
    throw notRepresentable(`${money.amount_minor} minor units of ${currency} cannot be a ${use} at Stripe`);
  }
  return { amount: Number(amount), currency: currency.toLowerCase() };
}

/**
 * Writes an amount of Stripe's in our minor units.
 * @throws ProviderError (provider.refused, `amount_not_representable`) for what does not fit exactly.
 */
export function fromStripeAmount(amount: number, currency: string, exponent: number): string {
  const code = currency.toUpperCase();
  const minor =
    Number.isSafeInteger(amount) && amount > 0 ? rescale(BigInt(amount), stripeExponent(code), exponent) : null;
  if (minor === null) throw notRepresentable(`Stripe's amount ${amount} ${code} does not fit ${exponent} decimals`);
  return String(minor);
}

function stripeExponent(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency) || AMBIGUOUS.has(currency)) {
    throw new ProviderError('provider.refused', 'currency_not_supported', `${currency} cannot be used with Stripe`);
  }
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

function stepOf(currency: string, use: StripeUse): bigint {
  if (THREE_DECIMAL.has(currency)) return 10n;
  if (WHOLE_UNITS.has(currency)) return 100n;
  return use === 'payout' && WHOLE_UNITS_IN_PAYOUTS.has(currency) ? 100n : 1n;
}

function digitsOf(text: string): bigint {
  if (!/^[1-9]\d{0,18}$/.test(text)) throw notRepresentable(`"${text}" is not a positive number of minor units`);
  return BigInt(text);
}

/** Null when digits other than zero would be lost. */
function rescale(amount: bigint, from: number, to: number): bigint | null {
  if (![from, to].every((exponent) => Number.isInteger(exponent) && exponent >= 0 && exponent <= 18)) return null;
  if (to >= from) return amount * 10n ** BigInt(to - from);
  const divisor = 10n ** BigInt(from - to);
  return amount % divisor === 0n ? amount / divisor : null;
}

function notRepresentable(message: string): ProviderError {
  return new ProviderError('provider.refused', 'amount_not_representable', message);
}
