import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import { withRollback } from '../../support/database.ts';
import { HOLDING, REQUESTING } from './model-holding.ts';
import { Ledger } from './model-ledger.ts';
import { decimal } from './model-money.ts';
import { OPERATING, PROVIDING } from './model-operating.ts';
import { PAYING } from './model-paying.ts';
import { World } from './model-steps.ts';

let database: ClonedDatabase | null = null;
let connections: Awaited<ReturnType<typeof Ledger.connect>> | null = null;

afterAll(() => forget());

/** A database in which something went wrong is of no more use: the next run must not find what this one left. */
async function forget(): Promise<void> {
  const [old] = [database];
  [database, connections] = [null, null];
  await old?.[Symbol.asyncDispose]();
}

async function newLedger(): Promise<Ledger> {
  database ??= await cloneDatabase();
  connections ??= await Ledger.connect(database);
  return await Ledger.with(connections);
}

/** Runs a sequence of commands, then lets all be booked that waits, and looks at the whole ledger. */
async function run(commands: Iterable<fc.AsyncCommand<World, Ledger>>): Promise<void> {
  const ledger = await newLedger();
  const world = new World();
  try {
    for (let person = 0; person < 3; person += 1) {
      await ledger.operator.fund(ledger.person(person), '50.00');
      world.model.give(person, 'USD', 5000n);
    }
    await fc.asyncModelRun(() => ({ model: world, real: ledger }), commands);
    await ledger.expectSound();
    await ledger.worker.query('select app_private.expire_holds(1000), app_private.expire_payment_requests(1000)');
    await ledger.worker.query('select app_private.fold_queued_entries(100000)');
    await ledger.expectWallets(world.model);
    await ledger.expectStates(world);
    await ledger.expectSound();
  } catch (error) {
    const isSameHour = await ledger.isSameHour();
    await forget();
    fc.pre(isSameHour);
    throw error;
  }
}

test(
  'any sequence of what people, the provider, operators and the worker do has the outcomes and balances of the model, and keeps every invariant',
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.commands([...PAYING, ...HOLDING, ...REQUESTING, ...PROVIDING, ...OPERATING], {
          maxCommands: 60,
          size: 'max',
        }),
        run,
      ),
      { numRuns: 80, interruptAfterTimeLimit: 12_000 },
    ),
  60_000,
);

test('reading an amount back gives what was written, in every currency', () =>
  withRollback((db) =>
    fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 1n, max: 9223372036854775807n }),
        fc.constantFrom('USD', 'JPY'),
        async (minor, currency) => {
          const row = await db.one(
            `select ledger.parse_amount(app_hidden.format_amount($1, c.exponent), c.exponent)::text as back,
               app_hidden.format_amount($1, c.exponent) as text
             from ledger.currencies c where c.code = $2`,
            [minor.toString(), currency],
          );
          expect(row).toEqual({ back: minor.toString(), text: decimal(minor, currency) });
        },
      ),
      { numRuns: 100 },
    ),
  ));
