const LARGEST = 9223372036854775807n;

/** The exponents of the currencies that the model knows. */
export const EXPONENTS: Readonly<Record<string, number>> = { USD: 2, JPY: 0 };

/** An amount as somebody writes it. */
export interface Money {
  readonly text: string;
  readonly currency: string;
}

/** What is refused, with the status and the code that the caller is told. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** Minor units. */
export function parse({ text, currency }: Money): bigint {
  const exponent = EXPONENTS[currency];
  if (exponent === undefined) throw new Refusal(422, 'wallet.unknown_currency');
  if (!/^(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text)) throw new Refusal(422, 'wallet.invalid_amount');
  const [whole = '', decimals = ''] = text.split('.');
  if (decimals.length > exponent) throw new Refusal(422, 'wallet.amount_scale');
  const minor = BigInt(whole + decimals.padEnd(exponent, '0'));
  if (minor === 0n || minor > LARGEST) throw new Refusal(422, 'wallet.invalid_amount');
  return minor;
}

/** Minor units as text. */
export function decimal(minor: bigint, currency: string): string {
  const exponent = EXPONENTS[currency] ?? 0;
  const digits = minor.toString().padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** In proportion to shares, by the largest remainders; of equal ones the first. */
export function divide(minor: bigint, shares: readonly bigint[]): bigint[] {
  const total = sum(shares);
  const parts = shares.map((share) => (minor * share) / total);
  const order = shares.map((share, i) => ({ i, remainder: (minor * share) % total }));
  order.sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1));
  const left = Number(minor - sum(parts));
  for (const { i } of order.slice(0, left)) parts[i] = (parts[i] ?? 0n) + 1n;
  return parts;
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
