import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { EventOf } from '../../../contracts/events.ts';
import { type Loop, runLoop } from '../../../worker/loop.ts';
import { createMetrics } from '../../../worker/metrics.ts';
import { projectWalletTransferCompleted } from '../../../worker/projections/wallet-transfer-completed.ts';
import { createBroadcast, messagesOf } from '../../../worker/wallet/broadcast.ts';

const quiet = () => undefined;

/** Runs a loop until it has slept `pauses` times; gives how long each was. */
async function pausesOf(loop: Loop, pauses: number): Promise<{ slept: number[]; levels: string[] }> {
  const stop = new AbortController();
  const slept: number[] = [];
  const levels: string[] = [];
  const clock = {
    now: () => new Date(),
    random: () => 0,
    sleep: async (ms: number) => {
      if (slept.push(ms) === pauses) stop.abort();
    },
  };
  const metrics = createMetrics();
  const log = (level: string) => levels.push(level);
  await runLoop({ metrics, done: metrics.walletDone, clock, log }, loop, stop.signal);
  return { slept, levels };
}

test('a loop goes on at once while its rounds are full, else after its pause', async () => {
  const rounds = [
    { done: 9, more: true },
    { done: 9, more: true },
    { done: 3, more: false },
    { done: 0, more: false },
  ];
  const round = async () => rounds.shift() ?? { done: 0, more: false };
  expect((await pausesOf({ task: 'fold', every_ms: 1_000, round }, 4)).slept).toEqual([20, 20, 1_000, 1_000]);
});

test('in an outage the pauses grow to fifteen seconds at most, and one warning is enough', async () => {
  const round = async () => {
    throw new Error('no Postgres');
  };
  const { slept, levels } = await pausesOf({ task: 'holds', every_ms: 500, round }, 8);
  expect(slept).toEqual([500, 500, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500]);
  expect(levels).toEqual(['warn', ...Array(7).fill('debug')]);
});

test('one person is told once of everything that a batch holds, with a bounded list', () => {
  const user_id = randomUUID();
  const notices = Array.from({ length: 30 }, (_, index) => ({
    ...{ user_id, currency: index % 2 === 0 ? 'USD' : 'EUR' },
    change: { type: 'wallet.transfer_completed', id: `${index}` },
  }));
  const [message, ...others] = messagesOf(notices);
  expect(others).toEqual([]);
  expect(message).toMatchObject({ user_id, currencies: ['USD', 'EUR'], more: true });
  expect(message?.changes.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 10}`));
});

test('many people are told in calls of fifty, and a failure reaches nobody’s events', async () => {
  const sizes: number[] = [];
  const metrics = createMetrics();
  const query = async <Row>(_sql: string, values: readonly unknown[] = []): Promise<Row[]> => {
    sizes.push(JSON.parse(String(values[0])).length);
    if (sizes.length === 3) throw new Error('no Realtime');
    return [{ sent: 50 }] as Row[];
  };
  const notices = Array.from({ length: 120 }, () => ({
    ...{ user_id: randomUUID(), currency: null },
    change: { type: 'wallet.frozen_changed', id: 'x' },
  }));
  await createBroadcast({ database: { query }, metrics, log: quiet })(notices);
  expect(sizes).toEqual([50, 50, 20]);
  expect((await metrics.broadcasts.get()).values[0]?.value).toBe(100);
});

const [ana, ben] = [randomUUID(), randomUUID()];

function completed(payload: Partial<EventOf<'wallet.transfer_completed'>['payload']>) {
  return projectWalletTransferCompleted({
    ...{ id: randomUUID(), version: 1, actor_id: ana, occurred_at: '2026-11-22T10:00:00Z' },
    type: 'wallet.transfer_completed',
    payload: {
      ...{ transfer_id: randomUUID(), kind: 'transfer', currency: 'USD', exponent: 2, amount_minor: '1000' },
      ...{ from_user_id: ana, to_user_id: ben, description: null, category: null, created_at: '2026-11-22T10:00:00Z' },
      ...payload,
    },
  });
}

const amounts = ({ notices = [] }: ReturnType<typeof completed>) =>
  Object.fromEntries(notices.map(({ user_id, change }) => [user_id, `${change['direction']} ${change['amount']}`]));

test('with a fee each side is told what it has more or less of', () => {
  const legs = [
    { user_id: ana, amount_minor: '-1000' },
    { user_id: ben, amount_minor: '975' },
  ];
  expect(amounts(completed({ legs }))).toEqual({ [ana]: 'expense 10.00', [ben]: 'income 9.75' });
});

test('everybody who got a share of a split is told', () => {
  const eve = randomUUID();
  const legs = [
    { user_id: ana, amount_minor: '-1000' },
    { user_id: ben, amount_minor: '500' },
    { user_id: eve, amount_minor: '500' },
  ];
  const split = completed({ legs, to_user_id: null });
  expect(Object.keys(amounts(split)).sort()).toEqual([ana, ben, eve].sort());
  expect([...(split.audit?.subject_ids ?? [])].sort()).toEqual([ana, ben, eve].sort());
});

test('money that only moves within a wallet is nobody’s income', () => {
  for (const kind of ['hold', 'release']) {
    expect(completed({ kind })).toMatchObject({ cache: [], notices: [] });
  }
});
