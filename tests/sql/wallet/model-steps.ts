import fc from 'fast-check';
import { expect } from 'vitest';
import { Model, PEOPLE } from './model.ts';
import { type Answer, type Ledger, outcomeOf, predict, type Request } from './model-ledger.ts';
import { decimal, type Money } from './model-money.ts';
import { ProviderModel } from './model-provider.ts';

/** What a sequence of commands has done so far, as the model sees it. */
export class World {
  readonly model = new Model();
  readonly provider = new ProviderModel(this.model);
  readonly sent: { readonly request: Request; readonly answer: Answer }[] = [];
  private keys = 0;

  nextKey(): string {
    this.keys += 1;
    return `key-${this.keys}`;
  }
}

type Act<A> = (args: A, world: World, ledger: Ledger) => Promise<void>;
export type Step = fc.AsyncCommand<World, Ledger>;

/** A command with arguments that are numbers and text, never ids, so that it still means something when others are left out. */
export function step<A>(
  name: string,
  args: fc.Arbitrary<A>,
  act: Act<A>,
  isPossible: (world: World) => boolean = () => true,
) {
  return args.map(
    (given): Step => ({
      check: isPossible,
      run: async (world, ledger) => {
        await act(given, world, ledger);
        await ledger.expectWallets(world.model);
      },
      toString: () =>
        `${name} ${JSON.stringify(given, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`,
    }),
  );
}

/** An element by a number of any size. */
export function pick<T>(list: readonly T[], index: number): T {
  const element = list[index % list.length];
  if (element === undefined) throw new Error('nothing to pick from');
  return element;
}

/** The same, but three times out of four one of those that are still open, if there are any. */
export function pickOpen<T extends { readonly state: string }>(list: readonly T[], index: number): T {
  const open = list.filter(({ state }) => state === 'open');
  return index % 4 > 0 && open.length > 0 ? pick(open, index >> 2) : pick(list, index);
}

export const who = fc.nat({ max: PEOPLE - 1 });
export const anybody = fc.oneof({ weight: 12, arbitrary: who }, { weight: 1, arbitrary: fc.constant(PEOPLE) });
/** Who pays whom: mostly two people, sometimes one and themselves, or nobody. */
export const pair = fc
  .tuple(who, fc.oneof({ weight: 18, arbitrary: fc.integer({ min: 1, max: PEOPLE - 1 }) }, fc.constantFrom(0, PEOPLE)))
  .map(([from, step]): [number, number] => [from, step === PEOPLE ? PEOPLE : (from + step) % PEOPLE]);
export const index = fc.nat({ max: 30 });
export const currency = fc.constantFrom('USD', 'USD', 'USD', 'JPY');
const ODD = ['0', '-1', '0.00', '1.234', '1e3', ' 1', '01', '1.', '٣', '', 'NaN', '99999999999999999999'];

/** Of the size of the balances. */
export const ordinaryMoney: fc.Arbitrary<Money> = fc
  .tuple(fc.bigInt({ min: 1n, max: 1500n }), currency)
  .map(([minor, code]) => ({ text: decimal(minor, code), currency: code }));

/** Mostly ordinary, sometimes of the size of a bigint, sometimes no amount at all. */
export const money: fc.Arbitrary<Money> = fc.oneof(
  { weight: 20, arbitrary: ordinaryMoney },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.bigInt({ min: 2n ** 62n, max: 2n ** 63n - 1n }), currency)
      .map(([minor, code]) => ({ text: decimal(minor, code), currency: code })),
  },
  { weight: 1, arbitrary: fc.record({ text: fc.constantFrom(...ODD), currency }) },
  { weight: 1, arbitrary: fc.constant({ text: '1', currency: 'XXX' }) },
);

interface Asking<T> {
  readonly actor: number;
  readonly operation: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly model: () => T;
  /** Whose accounts somebody else has at that moment. */
  readonly busy?: readonly number[];
  readonly isSystemBusy?: boolean;
}

/** Sends a request and expects what the model says; gives the model's result and the answer's body when it was done. */
export async function ask<T>(
  world: World,
  ledger: Ledger,
  asking: Asking<T>,
): Promise<[T, Record<string, unknown>] | null> {
  const { outcome, result } = predict(asking.status, asking.model);
  const { actor, operation, args } = asking;
  const request = { actor, operation, args, key: world.nextKey() };
  const answer = await ledger.whileBusy(asking.busy ?? [], asking.isSystemBusy ?? false, () => ledger.send(request));
  expect({ ...outcomeOf(answer), replayed: answer.replayed }).toEqual({ ...outcome, replayed: false });
  world.sent.push({ request, answer });
  return result === null ? null : [result, answer.body];
}
