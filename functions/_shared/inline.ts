/** What a statement can be given as a literal: the text of any type, or an array. */
export type Parameter = string | number | boolean | null | readonly (string | number)[];

/**
 * Puts literals in the place of `$1`, `$2`, …, for a text of several statements: Postgres takes no parameters for those. Only
 * texts of ours are given here; values go through `escapeLiteral`, which quotes for every setting of the server.
 */
export function inline(text: string, params: readonly Parameter[], escapeLiteral: (literal: string) => string): string {
  // One pass: a value that contains `$2` stays as it is.
  return text.replace(/\$(\d+)/g, (_, number: string) => {
    const value = params[Number(number) - 1];
    if (value === undefined) throw new Error(`there is no parameter $${number}`);
    return value === null ? 'null' : escapeLiteral(textOf(value));
  });
}

function textOf(value: Exclude<Parameter, null>): string {
  if (typeof value !== 'object') return String(value);
  const elements = value.map((element) => `"${String(element).replace(/[\\"]/g, '\\$&')}"`);
  return `{${elements.join(',')}}`;
}
