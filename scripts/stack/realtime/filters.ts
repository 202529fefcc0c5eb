import { Refusal } from './refusal.ts';

/** What a subscriber may ask of a column, and how Postgres writes it. */
const OPERATORS = {
  eq: '=',
  neq: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
  in: '= any',
  is: 'is',
  isdistinct: 'is distinct from',
} as const;

export type Operator = keyof typeof OPERATORS;

export interface ParsedFilter {
  readonly column: string;
  readonly operator: Operator;
  readonly negated: boolean;
  /** Of `in` the array as Postgres reads it, of everything else the value itself. */
  readonly value: string;
}

const FILTER = /^\s*([^=]+?)=(not\.)?([a-z]+)\.(.*)$/s;
const TRUTHS = ['null', 'true', 'false', 'unknown'];

/**
 * Parses `id=gt.5,name=in.(a,"b,c")`: all of them must hold. Commas within parentheses or quotes do not split.
 * @throws Refusal in the words of upstream.
 */
export function parseFilters(text: string): ParsedFilter[] {
  if (text.trim() === '') return [];
  return splitOutside(text.trim()).map(parseFilter);
}

/** How Postgres writes the right side: the value by the column's type, a list of such values, or a word of the language. */
export function rightSideOf({ operator, value }: ParsedFilter): { readonly operator: string; readonly right: string } {
  const right = operator === 'is' ? value : operator === 'in' ? 'values' : 'value';
  return { operator: OPERATORS[operator], right };
}

function parseFilter(text: string): ParsedFilter {
  const [, column = '', not, operator = '', value = ''] = FILTER.exec(text) ?? [];
  if (!Object.hasOwn(OPERATORS, operator))
    throw filterRefusal(`Error parsing \`filter\` params: ${JSON.stringify(text)}`);
  return { column, operator: operator as Operator, negated: not !== undefined, value: readValue(operator, value) };
}

function readValue(operator: string, value: string): string {
  if (operator === 'in') {
    if (!/^\(.*\)$/s.test(value)) throw filterRefusal('`in` filter value must be wrapped by parentheses');
    return `{${value.slice(1, -1)}}`;
  }
  if (operator === 'is' && !TRUTHS.includes(value)) {
    throw filterRefusal('invalid value for is filter: must be null, true, false, or unknown');
  }
  return /^".*"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value;
}

export function filterRefusal(why: string): Refusal {
  return new Refusal('RealtimeDisabledForConfiguration', why);
}

/** A quote opens only where a value begins: within a word it is a letter like others. */
function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (quoted && letter === '\\') {
      part += letter + text.charAt(at + 1);
      at += 1;
      continue;
    }
    if (letter === '"' && (quoted || /[.(,]$/.test(part))) quoted = !quoted;
    else if (!quoted && letter === '(') depth += 1;
    else if (!quoted && letter === ')') depth = Math.max(0, depth - 1);
    if (letter === ',' && !quoted && depth === 0) {
      parts.push(part);
      part = '';
    } else part += letter;
  }
  return [...parts, part];
}

/** Types whose text is equal exactly when the value is: such filters need no question to the database. */
const EXACT_TYPES = new Set(['int2', 'int4', 'int8', 'oid', 'text', 'varchar', 'uuid', 'bool', 'date']);

/** Whether a filter can be decided by comparing texts. */
export function isExact({ operator }: ParsedFilter, type: string): boolean {
  return (operator === 'eq' || operator === 'neq' || operator === 'in') && EXACT_TYPES.has(type);
}

/** Decides an exact filter on the text of a column; null is never equal nor unequal to anything. */
export function passes({ operator, negated }: ParsedFilter, values: ReadonlySet<string>, text: string | null): boolean {
  if (text === null) return false;
  const holds = values.has(text) !== (operator === 'neq');
  return holds !== negated;
}
