import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { beforeEach, expect, test } from 'vitest';
import type { CallCard } from '../../contracts/api/calls.ts';
import { type Person, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { block, done, post, remove } from '../support/social-api.ts';
import { type Heard, listen, subscribe } from './fixture.ts';

let ana: Person;
let ben: Person;
let eve: Person;
let dan: Person;
let call: CallCard;

/** Ana has called Ben and Eve, who are in the call; Dan is not. */
beforeEach(async () => {
  [ana, ben, eve, dan] = await Promise.all([signUp('ana'), signUp('ben'), signUp('eve'), signUp('dan')]);
  const body = { device_id: randomUUID(), user_ids: [ben.id, eve.id] };
  call = done<CallCard>(await post(ana, 'calls', body), 201);
  for (const person of [ben, eve]) done(await post(person, `calls/${call.id}/answer`, { device_id: randomUUID() }));
});

/** A person's app, at the address that every client of the project has. */
async function appOf({ token }: Person) {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  const client = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { accessToken: async () => token });
  await client.realtime.setAuth();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => void (await client.realtime.disconnect()) });
}

const topicOf = (person: Person, epoch: number) => `call:${call.id}:${epoch}:${person.id}`;

async function say({ channel }: Heard, what: string): Promise<void> {
  await channel.send({ type: 'broadcast', event: 'signal', payload: { what } });
}

const said = ({ messages }: Heard) => messages.map(({ payload }) => (payload as { what?: string }).what);

/** Says it again until the other hears it. */
async function expectHeard(speaker: Heard, listener: Heard, what: string): Promise<void> {
  await eventually(`${what} is heard`, async () => {
    await say(speaker, what);
    return said(listener).includes(what);
  });
}

test('who is not in a call joins none of its topics, and who is in it speaks for nobody else', async () => {
  await using hers = await appOf(ana);
  await using his = await appOf(ben);
  await using eves = await appOf(eve);
  await using others = await appOf(dan);
  for (const person of [ana, dan]) {
    const outside = listen(others, topicOf(person, 1), { private: true });
    expect(await subscribe(outside)).toContain('Unauthorized');
  }
  const mine = listen(hers, topicOf(ana, 1), { private: true });
  const forged = listen(his, topicOf(ana, 1), { private: true });
  const heard = listen(eves, topicOf(ana, 1), { private: true });
  for (const one of [mine, forged, heard]) expect(await subscribe(one)).toBe('joined');
  await say(forged, 'as if I were Ana');
  await expectHeard(mine, heard, 'from Ana');
  // It came before, had it come.
  expect(said(heard)).not.toContain('as if I were Ana');
});

const WAYS: readonly (readonly [way: string, part: () => Promise<unknown>])[] = [
  ['removed', async () => done(await remove(ana, `calls/${call.id}/people/${eve.id}`))],
  ['blocked by who started it', () => block(ana, eve)],
  ['hung up', async () => done(await post(eve, `calls/${call.id}/end`))],
];

test.each(WAYS)('who is %s hears nothing more on the topics that the others go on with', async (_way, part) => {
  await using hers = await appOf(ana);
  await using his = await appOf(ben);
  await using eves = await appOf(eve);
  const before = listen(hers, topicOf(ana, 1), { private: true });
  const stays = listen(eves, topicOf(ana, 1), { private: true });
  for (const one of [before, stays]) expect(await subscribe(one)).toBe('joined');
  await expectHeard(before, stays, 'all of you');

  await part();
  const mine = listen(hers, topicOf(ana, 2), { private: true });
  const heard = listen(his, topicOf(ana, 2), { private: true });
  for (const one of [mine, heard]) expect(await subscribe(one)).toBe('joined');
  const again = listen(eves, topicOf(ana, 2), { private: true });
  expect(await subscribe(again)).toContain('Unauthorized');
  await expectHeard(mine, heard, 'without Eve');
  expect([...said(stays), ...said(again)]).not.toContain('without Eve');
});
