import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClientModel, ServerModel, topicOf } from './model.ts';

/** What can happen, to a conversation and on the way to a client. `pick` chooses among what there is. */
const step = fc.oneof(
  // Most of what is sent is heard at once, the rest late, again, out of order or never.
  {
    weight: 8,
    arbitrary: fc.record({ what: fc.constant('send' as const), isSealed: fc.nat(9), isHeard: fc.nat(3) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('change' as const),
      pick: fc.nat(50),
      isTold: fc.nat(9),
      isHeard: fc.nat(3),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('repeat' as const), back: fc.nat(20) }) },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('answer' as const), fails: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('time' as const) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('join' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('lose' as const, 'doubt' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('epoch' as const), isTold: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('full' as const, 'drained' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('sent' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Beginning {
  readonly before: number;
  readonly after: number | undefined;
  /** Whether the client is up to date when it all begins. */
  readonly isLive: boolean;
}

class World {
  readonly server = new ServerModel();
  readonly client: ClientModel;

  constructor({ before, after, isLive }: Beginning) {
    for (let n = 0; n < before; n += 1) this.server.send(false);
    this.server.settle();
    this.client = new ClientModel(this.server, after === undefined ? {} : { after_seq: after, after_change: 0 });
    if (isLive) this.client.settle();
  }

  run = (one: Step): void => {
    const { server, client } = this;
    switch (one.what) {
      case 'send':
        server.send(one.isSealed === 0);
        if (one.isHeard > 0) this.#deliver(0);
        break;
      case 'change':
        server.change(one.pick, one.isTold > 0);
        if (one.isHeard > 0) this.#deliver(0);
        break;
      case 'repeat':
        this.#deliver(one.back);
        break;
      case 'answer':
        client.answer(one.fails === 0);
        break;
      case 'time':
        server.settle();
        client.passTime();
        break;
      case 'join':
        client.join();
        break;
      case 'lose':
        client.lose();
        break;
      case 'epoch':
        server.epoch += 1;
        if (one.isTold) client.tell({ on: 'moved', topic: topicOf(server.epoch), epoch: server.epoch });
        break;
      case 'sent': {
        server.send(false);
        server.settle();
        const message = server.messages.at(-1);
        if (message) client.tell({ on: 'sent', message });
        break;
      }
      case 'doubt':
      case 'full':
      case 'drained':
        client.tell({ on: one.what });
        break;
    }
  };

  /** Delivers the last broadcast, or one of those before it. */
  #deliver(back: number): void {
    const broadcast = this.server.broadcasts.at(-1 - back);
    // Nothing comes through a channel that is not joined.
    if (broadcast !== undefined && this.client.joined === broadcast.topic) this.client.tell(broadcast);
  }
}

const world = fc.record({
  before: fc.nat(150),
  after: fc.option(fc.nat(20), { nil: undefined }),
  isLive: fc.boolean(),
  steps: fc.array(step, { maxLength: 300, size: 'max' }),
});

test('hands over each message once and in order, whatever is lost, doubled, late or moved', () => {
  fc.assert(
    fc.property(world, ({ steps, ...beginning }) => {
      const { server, client } = play(beginning, steps);
      client.settle();
      const { after } = beginning;
      const { located = 0 } = client;
      const first = Math.min(after ?? located, located);
      expect(client.handed.map(({ seq }) => seq)).toEqual(server.messages.slice(first).map(({ seq }) => seq));
    }),
    { numRuns: 400 },
  );
});

test('says each change in the order of its number, and leaves every message as it reads now', () => {
  fc.assert(
    fc.property(world, ({ steps, ...beginning }) => {
      const { server, client } = play(beginning, steps);
      client.settle();
      const numbers = client.changes.map(({ change }) => change ?? 0);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      const shown = new Map(client.handed.map(({ seq, change }) => [seq, change ?? 0]));
      for (const { seq, change } of client.changes)
        expect(change, 'newer than shown').toBeGreaterThan(shown.get(seq) ?? 0);
      for (const [seq, message] of client.view) {
        expect(message.content).toBe(server.messages[seq - 1]?.content);
        expect(message.change).toBe(server.messages[seq - 1]?.change);
      }
    }),
    { numRuns: 400 },
  );
});

test('is live and at rest once everything works again, and holds nothing', () => {
  fc.assert(
    fc.property(world, ({ steps, ...beginning }) => {
      const { server, client } = play(beginning, steps);
      client.settle();
      expect(client.isLive).toBe(true);
      expect(client.core.held).toBe(0);
      expect(client.core.position).toEqual({ seq: server.messages.length, change: server.lastChange });
    }),
    { numRuns: 200 },
  );
});

function play(beginning: Beginning, steps: readonly Step[]) {
  const { server, client, run } = new World(beginning);
  for (const one of steps) run(one);
  return { server, client };
}
