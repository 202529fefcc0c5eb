import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asOperator, type Person, signUp } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { startCoturn, turnPort } from '../support/turn.ts';
import { type CallPage, type CallPages, openCallPages } from './call-pages.ts';
import { keepScreenshot } from './chromium.ts';

const PATIENCE = { deadline_ms: 45_000, every_ms: 250 };

let pages: CallPages;

beforeAll(async () => {
  pages = await openCallPages();
}, 120_000);
afterEach(() => pages.closeAll());
afterAll(() => pages[Symbol.asyncDispose]());

/** Devices of people of their own, who have never called each other. */
async function devices(count: number): Promise<CallPage[]> {
  const people = await Promise.all(Array.from({ length: count }, (_, n) => signUp(`caller${n}`)));
  return await Promise.all(people.map((person) => pages.open(person)));
}

/** Waits until a device rings. */
async function rings({ facts }: { facts: CallPage['facts'] }): Promise<string> {
  const { id } = await eventually(
    'it rings',
    async () => (await facts()).ringing.find(({ my_state }) => my_state === 'ringing'),
    PATIENCE,
  );
  return id;
}

const ringing = (device: CallPage) => rings({ facts: () => device.facts() });

/** Sound and pictures of `from` arrive at `to`: more and more of both. */
async function expectFlow(to: CallPage, from: Person): Promise<void> {
  const flow = async () => (await to.facts()).others[from.id];
  const first = await eventually(
    'pictures and sound arrive',
    async () => {
      const now = await flow();
      return now !== undefined && now.framesDecoded > 0 && now.audioBytes > 0 ? now : null;
    },
    PATIENCE,
  ).catch(async (error: Error) => {
    throw new Error(`${error.message}; ${JSON.stringify(await to.facts())}`);
  });
  await eventually(
    'more of both arrive',
    async () => {
      const now = await flow();
      return now !== undefined && now.framesDecoded > first.framesDecoded && now.audioBytes > first.audioBytes;
    },
    PATIENCE,
  );
}

/** One calls the other, who answers. */
async function inCall(more: object = {}): Promise<{ ana: CallPage; ben: CallPage; id: string }> {
  const [ana, ben] = await devices(2);
  if (!ana || !ben) throw new Error('no devices');
  const id = await ana.does<string>('start', [ben.person.id], more);
  expect(await ringing(ben)).toBe(id);
  expect(await ben.does('join', id, more)).toBeNull();
  return { ana, ben, id };
}

async function expectEnd(device: CallPage, end: string): Promise<void> {
  await eventually(`the call ends (${end})`, async () => (await device.facts()).end !== null, PATIENCE);
  expect(await device.facts()).toMatchObject({ end, others: {} });
}

describe('a call between two pages', () => {
  test('has pictures and sound both ways, until one hangs up, which both see', async () => {
    const { ana, ben, id } = await inCall();
    await Promise.all([expectFlow(ana, ben.person), expectFlow(ben, ana.person)]);
    await keepScreenshot(ana.page, 'call');
    await ben.does('hangUp');
    await expectEnd(ben, 'ended');
    await expectEnd(ana, 'ended');
    expect(await asOperator('select state, end_reason from public.calls where id = $1', [id])).toEqual([
      { state: 'ended', end_reason: 'ended' },
    ]);
    expect((await ana.facts()).errors).toEqual([]);
    expect((await ben.facts()).errors).toEqual([]);
  });

  test('ends within seconds when a tab is killed (lost)', async () => {
    const { ana, ben, id } = await inCall();
    await Promise.all([expectFlow(ana, ben.person), expectFlow(ben, ana.person)]);
    await ben.kill();
    await expectEnd(ana, 'lost');
    // Found by who saw them vanish; the lease alone would have taken longer.
    expect(
      await asOperator(
        'select state, reported_at is not null as is_reported from public.call_participants where call_id = $1 and user_id = $2',
        [id, ben.person.id],
      ),
    ).toEqual([{ state: 'lost', is_reported: true }]);
  });

  test('of sound alone has sound both ways and no pictures', async () => {
    const { ana, ben, id } = await inCall({ kind: 'audio' });
    const flowTo = async (to: CallPage, from: CallPage) => (await to.facts()).others[from.person.id];
    for (const [to, from] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      const { audioBytes } = await eventually(
        'sound arrives',
        async () => {
          const flow = await flowTo(to, from);
          return flow !== undefined && flow.audioBytes > 0 ? flow : null;
        },
        PATIENCE,
      );
      const later = await eventually(
        'more of it arrives',
        async () => {
          const flow = await flowTo(to, from);
          return flow !== undefined && flow.audioBytes > audioBytes ? flow : null;
        },
        PATIENCE,
      );
      expect(later).toMatchObject({ framesDecoded: 0, videoBytes: 0 });
    }
    expect(await asOperator('select kind from public.calls where id = $1', [id])).toEqual([{ kind: 'audio' }]);
    await ana.does('hangUp');
    await expectEnd(ben, 'ended');
  });

  test('is in one tab of a device; another one is refused, and the page loaded anew is back (calls.answered_elsewhere)', async () => {
    const device_id = crypto.randomUUID();
    const { ana, ben, id } = await inCall({ device_id });
    const tab = await pages.open(ben.person);
    expect(await tab.does('join', id, { device_id })).toBe('calls.answered_elsewhere');
    // A duplicated tab has all that the first one stored.
    const twin = await ben.duplicate();
    expect(await twin.does('join', id, { device_id })).toBe('calls.answered_elsewhere');
    await ben.reload();
    expect(await ben.does('join', id, { device_id })).toBeNull();
    await expectFlow(ana, ben.person);
    await ana.does('hangUp');
    await expectEnd(ben, 'ended');
  });

  test('that is declined ends for the caller, and rings no longer', async () => {
    const [ana, ben] = await devices(2);
    if (!ana || !ben) throw new Error('no devices');
    await ana.does('start', [ben.person.id]);
    await ben.does('decline', await ringing(ben));
    await expectEnd(ana, 'declined');
    await eventually(
      'it rings no longer',
      async () => (await ben.facts()).ringing.at(-1)?.my_state === 'declined',
      PATIENCE,
    );
  });

  test('is answered by one device; the others stop ringing (calls.answered_elsewhere)', async () => {
    const [ana, ben] = await devices(2);
    if (!ana || !ben) throw new Error('no devices');
    const tablet = await pages.open(ben.person);
    const id = await ana.does<string>('start', [ben.person.id]);
    expect(await Promise.all([ringing(ben), ringing(tablet)])).toEqual([id, id]);
    const answers = await Promise.all([ben.does('join', id), tablet.does('join', id)]);
    expect(answers.toSorted()).toEqual(['calls.answered_elsewhere', null]);
    const other = answers[0] === null ? tablet : ben;
    await eventually(
      'it rings no longer',
      async () => (await other.facts()).ringing.at(-1)?.my_state === 'joined',
      PATIENCE,
    );
    await expectFlow(ana, ben.person);
    await ana.does('hangUp');
  });
});

test('of three pages each sees the two others, and two go on when one leaves', async () => {
  const [ana, ben, eve] = await devices(3);
  if (!ana || !ben || !eve) throw new Error('no devices');
  const id = await ana.does<string>('start', [ben.person.id, eve.person.id]);
  for (const device of [ben, eve]) {
    await ringing(device);
    expect(await device.does('join', id)).toBeNull();
  }
  const all = [ana, ben, eve];
  await Promise.all(all.flatMap((to) => all.filter((from) => from !== to).map((from) => expectFlow(to, from.person))));
  await ana.does('hangUp');
  await expectEnd(ana, 'left');
  for (const device of [ben, eve]) {
    await eventually('one is gone', async () => (await device.facts()).gone.includes(ana.person.id), PATIENCE);
  }
  await Promise.all([expectFlow(ben, eve.person), expectFlow(eve, ben.person)]);
  await ben.does('hangUp');
  await expectEnd(eve, 'ended');
});

/** A hosted project has a relay of its own. */
describe.runIf(turnPort() !== undefined)('a call that has no direct way', () => {
  test('goes through coturn, which takes the credentials of the project', async () => {
    await using _relay = await startCoturn(turnPort() ?? 0);
    const { ana, ben } = await inCall({ iceTransportPolicy: 'relay' });
    await Promise.all([expectFlow(ana, ben.person), expectFlow(ben, ana.person)]);
    expect((await ana.facts()).others[ben.person.id]).toMatchObject({ local: 'relay', remote: 'relay' });
    await ana.does('hangUp');
    await expectEnd(ben, 'ended');
  });
});
