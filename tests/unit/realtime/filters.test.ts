import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExact, parseFilters, passes, rightSideOf } from '../../../scripts/stack/realtime/filters.ts';
import { Refusal } from '../../../scripts/stack/realtime/refusal.ts';

const plain = { negated: false };

test.each([
  ['a=eq.1', [{ column: 'a', operator: 'eq', ...plain, value: '1' }]],
  ['a=not.eq.1', [{ column: 'a', operator: 'eq', negated: true, value: '1' }]],
  ['a=eq.x.y=z', [{ column: 'a', operator: 'eq', ...plain, value: 'x.y=z' }]],
  [
    'a=in.(1,"b,c"),d=lt.5',
    [
      { column: 'a', operator: 'in', ...plain, value: '{1,"b,c"}' },
      { column: 'd', operator: 'lt', ...plain, value: '5' },
    ],
  ],
  ['a=eq."x, \\"y\\""', [{ column: 'a', operator: 'eq', ...plain, value: 'x, "y"' }]],
  [
    'a=eq.5" screen,b=eq.1',
    [
      { column: 'a', operator: 'eq', ...plain, value: '5" screen' },
      { column: 'b', operator: 'eq', ...plain, value: '1' },
    ],
  ],
  ['a=is.null', [{ column: 'a', operator: 'is', ...plain, value: 'null' }]],
  ['  ', []],
])('%s', (text, expected) => {
  expect(parseFilters(text)).toEqual(expected);
});

test.each(['a', 'a=', 'a=1', 'a=eq', '=eq.1', 'a=constructor.1', 'a=eq.1,', ',', 'a=in.1', 'a=is.1', 'a=EQ.1'])(
  '%s is refused',
  (text) => {
    expect(() => parseFilters(text)).toThrow(Refusal);
  },
);

test('of what the client writes only a word of the language ever stands in a statement', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('eq', 'in', 'is', 'like', 'match', 'isdistinct'), (value, operator) => {
      try {
        for (const filter of parseFilters(`a=${operator}.${value}`)) {
          const { operator: written, right } = rightSideOf(filter);
          expect(['=', '= any', 'is', 'like', '~', 'is distinct from']).toContain(written);
          expect(['value', 'values', 'null', 'true', 'false', 'unknown']).toContain(right);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
  );
});

test('texts decide equality where equal text is equal value, and nothing where a value is null', () => {
  const [filter] = parseFilters('a=not.in.(1,2)');
  if (filter === undefined) throw new Error('no filter');
  expect([isExact(filter, 'int4'), isExact(filter, 'numeric')]).toEqual([true, false]);
  const values = new Set(['1', '2']);
  expect(['1', '3', null].map((text) => passes(filter, values, text))).toEqual([false, true, false]);
});
