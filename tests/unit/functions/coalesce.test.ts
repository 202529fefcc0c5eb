import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../contracts/errors.ts';
import { createCoalescer } from '../../../functions/_shared/coalesce.ts';

/** A batch that is running until the test ends it. */
interface Running {
  readonly items: readonly number[];
  readonly succeed: (outcomes: readonly PromiseSettledResult<string>[]) => void;
  readonly fail: (error: Error) => void;
}

/** What an item must be told: every third one fails on its own. */
const outcomeOf = (item: number): PromiseSettledResult<string> =>
  item % 3 === 0
    ? { status: 'rejected', reason: new Error(`refused ${item}`) }
    : { status: 'fulfilled', value: `done ${item}` };

/** A coalescer whose batches end when the test says so. */
function harness(limits: { maxBatch: number; maxInFlight: number; maxQueue: number }) {
  const started: Running[] = [];
  const running = new Set<Running>();
  const told = new Map<number, string[]>();
  const { submit } = createCoalescer<number, string>({
    ...limits,
    run: (items) =>
      new Promise((resolve, reject) => {
        const end = () => running.delete(batch);
        const batch: Running = {
          items,
          succeed: (outcomes) => void (end() && resolve(outcomes)),
          fail: (error) => void (end() && reject(error)),
        };
        running.add(batch);
        started.push(batch);
      }),
  });
  const tell = (item: number, words: string) => void told.set(item, [...(told.get(item) ?? []), words]);
  return {
    started,
    running,
    told,
    submit: (item: number) => {
      submit(item).then(
        (result) => tell(item, result),
        (error: Error) => tell(item, error instanceof AppError ? error.code : error.message),
      );
    },
  };
}

const wordsOf = (item: number) => {
  const outcome = outcomeOf(item);
  return outcome.status === 'fulfilled' ? outcome.value : String((outcome.reason as Error).message);
};

describe('a coalescer', () => {
  const steps = fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('submit' as const), count: fc.integer({ min: 1, max: 6 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('succeed' as const, 'fail' as const),
          which: fc.nat({ max: 10 }),
        }),
      },
    ),
    { maxLength: 40 },
  );
  const limits = fc.record({
    maxBatch: fc.integer({ min: 1, max: 5 }),
    maxInFlight: fc.integer({ min: 1, max: 3 }),
    maxQueue: fc.integer({ min: 0, max: 12 }),
  });

  test('tells each item its own outcome once, first come first served, within its limits, in any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(limits, steps, async (given, script) => {
        const { started, running, told, submit } = harness(given);
        const accepted: number[] = [];
        const expected = new Map<number, string>();
        let next = 1;
        let startedBefore = 0;

        const check = () => {
          expect(running.size).toBeLessThanOrEqual(given.maxInFlight);
          const gone = started.flatMap(({ items }) => items);
          expect(gone).toEqual(accepted.slice(0, gone.length));
          for (const { items } of started.slice(startedBefore)) {
            expect(items.length).toBeGreaterThan(0);
            expect(items.length).toBeLessThanOrEqual(given.maxBatch);
          }
          startedBefore = started.length;
          // Nobody waits beside a free slot.
          if (gone.length < accepted.length) expect(running.size).toBe(given.maxInFlight);
        };
        const submitOne = () => {
          const item = next;
          next += 1;
          const waiting = accepted.length - started.reduce((sum, { items }) => sum + items.length, 0);
          const isFree = running.size < given.maxInFlight;
          if (isFree || waiting < given.maxQueue) accepted.push(item);
          submit(item);
          if (isFree) expect(started.at(-1)?.items).toEqual([item]);
        };
        const end = (batch: Running | undefined, how: 'succeed' | 'fail') => {
          if (batch === undefined) return;
          for (const item of batch.items) expected.set(item, how === 'fail' ? 'connection lost' : wordsOf(item));
          if (how === 'fail') batch.fail(new Error('connection lost'));
          else batch.succeed(batch.items.map(outcomeOf));
        };

        for (const step of script) {
          if (step.kind === 'submit') for (let n = 0; n < step.count; n += 1) submitOne();
          else end([...running][step.which % Math.max(1, running.size)], step.kind);
          await eventLoopTurn();
          check();
        }
        while (running.size > 0) {
          end([...running][0], 'succeed');
          await eventLoopTurn();
          check();
        }

        for (let item = 1; item < next; item += 1) {
          const words = accepted.includes(item) ? expected.get(item) : 'service.busy';
          expect(told.get(item)).toEqual([words]);
        }
        expect(started.flatMap(({ items }) => items)).toEqual(accepted);
      }),
    );
  });

  test('lets what came while it was busy go together', async () => {
    const { started, submit } = harness({ maxBatch: 64, maxInFlight: 1, maxQueue: 100 });
    for (let item = 1; item <= 10; item += 1) submit(item);
    expect(started.map(({ items }) => items.length)).toEqual([1]);
    started[0]?.succeed([outcomeOf(1)]);
    await eventLoopTurn();
    expect(started.map(({ items }) => items.length)).toEqual([1, 9]);
  });

  test('refuses what is too much and says when to come again (service.busy)', async () => {
    const { submit } = createCoalescer<number, string>({
      run: () => new Promise(() => undefined),
      maxInFlight: 1,
      maxQueue: 1,
    });
    void submit(1);
    void submit(2);
    await expect(submit(3)).rejects.toMatchObject({ code: 'service.busy', retry_after_s: 1 });
  });

  test.each([
    [
      'throws before it has begun',
      () => {
        throw new Error('thrown');
      },
      'thrown',
    ],
    ['gives fewer outcomes than items', async () => [], '0 outcomes for 1 items'],
  ] as const)(
    'tells the items of a run that %s that their outcome is unknown, and goes on',
    async (_what, fault, message) => {
      let isFirst = true;
      const { submit } = createCoalescer<number, string>({
        run: (items) => {
          if (!isFirst) return Promise.resolve(items.map(outcomeOf));
          isFirst = false;
          return fault();
        },
        maxInFlight: 1,
        maxQueue: 1,
      });
      await expect(submit(1)).rejects.toThrow(message);
      expect(await submit(2)).toBe('done 2');
    },
  );
});
