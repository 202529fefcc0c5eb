/** Minor units as the decimal text that the API shows: ('1250', 2) is '12.50', ('5', 0) is '5'. */
export function decimalText(amount_minor: string, exponent: number): string {
  if (exponent === 0) return amount_minor;
  const digits = amount_minor.padStart(exponent + 1, '0');
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
