import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

const EXPONENTS = { USD: 2, JPY: 0, KWD: 3 } as const;
type Currency = keyof typeof EXPONENTS;

interface Model {
  readonly balances: Map<string, bigint>;
  readonly frozen: Set<number>;
}

type Step =
  | { readonly do: 'fund'; readonly to: number; readonly minor: bigint; readonly currency: Currency }
  | {
      readonly do: 'pay';
      readonly from: number;
      readonly to: number;
      readonly minor: bigint;
      readonly currency: Currency;
      readonly repeat: boolean;
    }
  | { readonly do: 'freeze'; readonly who: number; readonly frozen: boolean };

const PEOPLE = 4;
const who = fc.nat({ max: PEOPLE - 1 });
const currency = fc.constantFrom<Currency>('USD', 'JPY', 'KWD');
// Mostly of the size of the balances, sometimes of the size of a bigint.
const minor = fc.oneof(
  { weight: 9, arbitrary: fc.bigInt({ min: 1n, max: 2000n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: 9223372036854775807n }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fund' as const),
      to: who,
      minor: fc.bigInt({ min: 1n, max: 2000n }),
      currency,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      from: who,
      to: who,
      minor,
      currency,
      repeat: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('freeze' as const), who, frozen: fc.boolean() }) },
);

test(
  'any sequence of payments keeps every invariant and does what the model says',
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        await withRollback(async (db) => {
          const people: Person[] = [];
          while (people.length < PEOPLE) people.push(await db.signUp());
          const model: Model = { balances: new Map(), frozen: new Set() };
          for (const [i, one] of steps.entries()) await take(db, people, model, one, `key-${i}`);
          await expectAsModelled(db, people, model);
        });
      }),
      { numRuns: 40, interruptAfterTimeLimit: 15_000 },
    ),
  30_000,
);

test('reading an amount back gives what was written, in every currency', () =>
  withRollback((db) =>
    fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 1n, max: 9223372036854775807n }),
        fc.integer({ min: 0, max: 4 }),
        async (value, exponent) => {
          const row = await db.one(
            'select ledger.parse_amount(app_hidden.format_amount($1, $2), $2)::text as back, app_hidden.format_amount($1, $2) as text',
            [value.toString(), exponent],
          );
          expect(row).toEqual({ back: value.toString(), text: decimal(value, exponent) });
        },
      ),
      { numRuns: 200 },
    ),
  ));

async function take(
  db: TestConnection,
  people: readonly Person[],
  model: Model,
  one: Step,
  key: string,
): Promise<void> {
  if (one.do === 'fund') {
    await db.fund(personAt(people, one.to), decimal(one.minor, EXPONENTS[one.currency]), one.currency);
    add(model, one.to, one.currency, one.minor);
    return;
  }
  if (one.do === 'freeze') {
    await db.query("select admin.freeze_wallet($1, $2, 'by the model')", [
      personAt(people, one.who).username,
      one.frozen ? 'out' : 'none',
    ]);
    if (one.frozen) model.frozen.add(one.who);
    else model.frozen.delete(one.who);
    return;
  }
  const expected = expectedStatus(model, one);
  const request = () =>
    db.one<{ status: number; replayed: boolean }>(
      "select status, replayed from app_private.post_transaction($1, $2, 'h', $3, $4, $5, null, null)",
      [
        personAt(people, one.from).id,
        key,
        personAt(people, one.to).id,
        decimal(one.minor, EXPONENTS[one.currency]),
        one.currency,
      ],
    );
  expect(await request()).toEqual({ status: expected, replayed: false });
  if (one.repeat) expect(await request()).toEqual({ status: expected, replayed: true });
  if (expected !== 201) return;
  add(model, one.from, one.currency, -one.minor);
  add(model, one.to, one.currency, one.minor);
}

function expectedStatus(model: Model, one: Extract<Step, { do: 'pay' }>): number {
  if (one.from === one.to) return 422;
  if (model.frozen.has(one.from)) return 403;
  return (model.balances.get(`${one.from} ${one.currency}`) ?? 0n) < one.minor ? 402 : 201;
}

async function expectAsModelled(db: TestConnection, people: readonly Person[], model: Model): Promise<void> {
  await db.query('set constraints all immediate');
  expect(await db.query('select * from ledger.audit() where violations <> 0')).toEqual([]);
  for (const [name, balance] of model.balances) {
    const [index, code] = name.split(' ');
    const { balance_minor } = await db.one(
      "select balance_minor from ledger.accounts where owner = $1 and currency = $2 and purpose = 'available'",
      [personAt(people, Number(index)).id, code],
    );
    expect(balance_minor).toBe(balance.toString());
  }
}

function add(model: Model, person: number, code: Currency, change: bigint): void {
  const name = `${person} ${code}`;
  model.balances.set(name, (model.balances.get(name) ?? 0n) + change);
}

function decimal(value: bigint, exponent: number): string {
  const digits = value.toString().padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

function personAt(people: readonly Person[], index: number): Person {
  const person = people[index];
  if (person === undefined) throw new Error(`no person ${index}`);
  return person;
}
