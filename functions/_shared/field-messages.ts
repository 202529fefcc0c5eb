import type { z } from 'zod';

/** What a field must be, in words for whoever sent it; rules with words of their own keep them. */
export const fieldMessage: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : typeMessage(issue.expected);
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'too_small':
      return sizeMessage(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return sizeMessage(issue.origin, 'at most', issue.maximum);
    case 'invalid_format':
      return FORMATS[issue.format];
    default:
      return undefined;
  }
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  url: 'must be an address with https:// or http://',
};

function typeMessage(expected: string): string | undefined {
  const type = TYPES[expected];
  return type === undefined ? undefined : `must be ${type}`;
}

function sizeMessage(origin: string, bound: string, size: number | bigint): string | undefined {
  switch (origin) {
    case 'string':
      return `must have ${bound} ${size} ${size === 1 ? 'character' : 'characters'}`;
    case 'array':
      return `must have ${bound} ${size} ${size === 1 ? 'element' : 'elements'}`;
    case 'number':
    case 'int':
      return `must be ${bound} ${size}`;
    default:
      return undefined;
  }
}
