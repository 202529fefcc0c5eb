import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type CallCard,
  callCard,
  callsPage,
  currentCall,
  iceServersSchema,
  vanishedAnswer,
} from '../../contracts/api/calls.ts';
import { ask, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { found, join } from '../support/groups-api.ts';
import { block, clientOf, done, expectRefused, get, post, remove, setPrivacy } from '../support/social-api.ts';

let ana: Person;
let ben: Person;
let eve: Person;

beforeAll(async () => {
  [ana, ben, eve] = await Promise.all([signUp('ana'), signUp('ben'), signUp('eve')]);
});

const device = randomUUID();

/** Starts a call that must begin to ring. */
async function start(from: Person, to: readonly Person[], fields: Record<string, unknown> = {}): Promise<CallCard> {
  const body = { device_id: device, user_ids: to.map(({ id }) => id), ...fields };
  return callCard.parse(done(await post(from, 'calls', body), 201));
}

async function step(person: Person, call: CallCard, name: string, body: unknown = {}): Promise<CallCard> {
  return callCard.parse(done(await post(person, `calls/${call.id}/${name}`, body)));
}

describe.each(pathForms())('at %s', (base) => {
  test('a call rings, is answered by one device, listed, and ended', async () => {
    const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
    const as = (person: Person, path: string, body?: unknown) =>
      ask(`calls${path}`, { base, token: person.token, ...(body === undefined ? {} : { body }) });
    const started = await as(one, '', { device_id: device, kind: 'video', user_ids: [other.username] });
    expect(started.status, JSON.stringify(started.body)).toBe(201);
    const { id } = callCard.parse(started.body);
    expect(currentCall.parse(done(await as(other, '/current'))).call).toMatchObject({
      id,
      kind: 'video',
      my_state: 'ringing',
    });
    const answered = callCard.parse(done(await as(other, `/${id}/answer`, { device_id: device })));
    expect(answered).toMatchObject({ state: 'active', my_state: 'joined', topic: `call:${id}:1` });
    expectProblem(await as(other, `/${id}/answer`, { device_id: randomUUID() }), 'calls.answered_elsewhere');
    expect(callCard.parse(done(await as(other, `/${id}/heartbeat`, { device_id: device }))).state).toBe('active');
    expect(vanishedAnswer.parse(done(await as(one, `/${id}/people/${other.id}/vanished`, {})))).toEqual({
      asked: true,
    });
    expect(callCard.parse(done(await as(one, `/${id}/end`, {})))).toMatchObject({
      state: 'ended',
      end_reason: 'ended',
    });
    expect(callCard.parse(done(await as(other, `/${id}`)))).toMatchObject({ my_state: 'left' });
    expect(callsPage.parse(done(await as(other, '')))).toMatchObject({ data: [{ id }], next_cursor: null });
    expect(currentCall.parse(done(await as(other, '/current')))).toEqual({ call: null });
  });
});

test('the history has pages, and those that I missed', async () => {
  const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
  const ids: string[] = [];
  for (const from of [one, other, one]) {
    const call = await start(from, [from === one ? other : one]);
    await step(from, call, 'cancel');
    ids.unshift(call.id);
  }
  const first = callsPage.parse(done(await get(other, 'calls?limit=2')));
  const rest = callsPage.parse(done(await get(other, `calls?limit=2&cursor=${first.next_cursor}`)));
  expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(ids);
  const missed = callsPage.parse(done(await get(other, 'calls?missed=true')));
  expect(missed.data.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
  expectProblem(await get(other, `calls?missed=true&cursor=${first.next_cursor}`), 'request.invalid_cursor');
});

test('a start is repeated by its client_id, and any step by an Idempotency-Key', async () => {
  const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
  const fields = { client_id: randomUUID() };
  const call = await start(one, [other], fields);
  expect(await start(one, [other], fields)).toEqual(call);
  expectProblem(
    await post(one, 'calls', { device_id: device, user_ids: [other.id], kind: 'video', ...fields }),
    'calls.client_id_reused',
  );
  const cancel = () =>
    ask(`calls/${call.id}/cancel`, { token: one.token, body: {}, headers: { 'Idempotency-Key': `cancel ${call.id}` } });
  const [first, again] = [await cancel(), await cancel()];
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
});

test('whom people let call them is asked, and nobody learns of a block (calls.not_accepted)', async () => {
  const [shy, hidden] = await Promise.all([signUp('shy'), signUp('hidden')]);
  await setPrivacy(shy, { who_can_call: 'nobody' });
  await block(hidden, ana);
  const refusals = [];
  for (const id of [shy.id, hidden.id, randomUUID()]) {
    const answer = await post(ana, 'calls', { device_id: device, user_ids: [id] });
    expectProblem(answer, 'calls.not_accepted');
    refusals.push({ ...(answer.body as object), instance: '' });
  }
  expect(refusals[1]).toEqual(refusals[0]);
  expect(refusals[2]).toEqual(refusals[0]);
  // A name of theirs is nobody's.
  expectProblem(await post(ana, 'calls', { device_id: device, user_ids: [hidden.username] }), 'users.not_found');
  await block(ana, shy);
  expectProblem(await post(ana, 'calls', { device_id: device, user_ids: [shy.id] }), 'follows.blocked');
});

test('people are added to a call and taken out of it by who started it', async () => {
  const [one, two, three] = await Promise.all([signUp('one'), signUp('two'), signUp('three')]);
  const call = await start(one, [two]);
  await step(two, call, 'answer', { device_id: device });
  const grown = await step(two, call, 'people', { user_ids: [three.username] });
  expect(grown).toMatchObject({ is_direct: false });
  expect(grown.participants.map(({ person, state }) => [person.username, state])).toContainEqual([
    three.username,
    'ringing',
  ]);
  await step(three, call, 'answer', { device_id: device });
  expectProblem(await remove(two, `calls/${call.id}/people/${three.id}`), 'calls.not_caller');
  done(await remove(one, `calls/${call.id}/people/${three.id}`));
  expect(callCard.parse(done(await get(three, `calls/${call.id}`)))).toMatchObject({
    my_state: 'removed',
    topic: null,
  });
  expectProblem(await post(three, `calls/${call.id}/answer`, { device_id: device }), 'calls.over');
  expect(await step(one, call, 'end', { for_all: true })).toMatchObject({ state: 'ended' });
});

test('a call to who is in another one is busy at once, and missed', async () => {
  const [one, two, three] = await Promise.all([signUp('one'), signUp('two'), signUp('three')]);
  await step(two, await start(one, [two]), 'answer', { device_id: device });
  expect(await start(three, [two])).toMatchObject({ state: 'ended', end_reason: 'busy', my_state: 'left' });
  const { data } = callsPage.parse(done(await get(two, 'calls?missed=true')));
  expect(data).toMatchObject([{ caller_id: three.id, my_state: 'busy' }]);
});

test('a group is called by its members, all of it or some, and by nobody else (groups.not_found)', async () => {
  const [one, two, three] = await Promise.all([signUp('one'), signUp('two'), signUp('three')]);
  const group = await found(one, { visibility: 'public' });
  for (const person of [two, three]) await join(person, group);
  const call = await start(one, [], { group_id: group.id, user_ids: undefined });
  expect(call).toMatchObject({ is_direct: false, group_id: group.id });
  expect(call.participants).toHaveLength(3);
  done(await post(three, `groups/${group.id}/leave`));
  expect(callCard.parse(done(await get(three, `calls/${call.id}`)))).toMatchObject({
    my_state: 'removed',
    group_id: null,
  });
  expectProblem(await post(three, 'calls', { device_id: device, group_id: group.id }), 'groups.not_found');
  expectProblem(await post(one, `calls/${call.id}/people`, { user_ids: [three.id] }), 'calls.not_accepted');
});

test('a call has eight people at most (calls.too_many_people)', async () => {
  const user_ids = Array.from({ length: 8 }, () => randomUUID());
  expectProblem(await post(ana, 'calls', { device_id: device, user_ids }), 'calls.too_many_people');
  const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
  const call = await start(one, [other]);
  expectProblem(
    await post(one, `calls/${call.id}/people`, { user_ids: user_ids.slice(0, 7) }),
    'calls.too_many_people',
  );
});

test('a block ends a call of two, for both at once, and gives no relay any more', async () => {
  const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
  const call = await start(one, [other]);
  await step(other, call, 'answer', { device_id: device });
  await block(other, one);
  for (const person of [one, other]) {
    const card = callCard.parse(done(await get(person, `calls/${call.id}`)));
    expect(card).toMatchObject({ state: 'ended', topic: null });
    expect(card.participants.map(({ user_id }) => user_id)).toEqual([person.id]);
    expect(currentCall.parse(done(await get(person, 'calls/current')))).toEqual({ call: null });
    expectProblem(await get(person, `calls/${call.id}/ice-servers`), 'calls.over');
  }
});

test('ICE servers are for who is in the call or being rung, and for nobody else', async () => {
  const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
  const call = await start(one, [other]);
  const path = `calls/${call.id}/ice-servers`;
  const answer = await get(one, path);
  const { ice_servers, expires_at } = iceServersSchema.parse(done(answer));
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const turn = ice_servers.find(({ username }) => username !== undefined);
  expect(turn?.username).toBe(`${Date.parse(expires_at ?? '') / 1000}:${one.id}`);
  expect(turn?.credential).toMatch(/^[A-Za-z0-9+/]{27}=$/);
  const left_s = (Date.parse(expires_at ?? '') - Date.now()) / 1000;
  expect(left_s).toBeGreaterThan(500);
  expect(left_s).toBeLessThanOrEqual(600);
  iceServersSchema.parse(done(await get(other, path)));
  expectProblem(await get(eve, path), 'calls.not_found');
  await step(other, call, 'decline');
  expectProblem(await get(one, path), 'calls.over');
  expectProblem(await get(other, path), 'calls.over');
  expectProblem(await get(undefined, path), 'auth.required');
});

test.each([
  ['no device', { user_ids: ['x'] }],
  ['nobody', { device_id: device }],
  ['another kind', { device_id: device, user_ids: ['x'], kind: 'fax' }],
  ['another field', { device_id: device, user_ids: ['x'], volume: 11 }],
])('a call with %s is refused (request.invalid)', async (_what, body) => {
  expectProblem(await post(ana, 'calls', body), 'request.invalid');
});

test('who calls too often waits (rate_limit.exceeded)', async () => {
  const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
  for (let n = 0; n < 5; n += 1) await step(one, await start(one, [other]), 'cancel');
  expectProblem(await post(one, 'calls', { device_id: device, user_ids: [other.id] }), 'rate_limit.exceeded');
});

test('supabase-js does the same by functions of the database', async () => {
  const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
  const started = await clientOf(one).rpc('start_call', {
    p: { device_id: device, kind: 'audio', user_ids: [other.id] },
  });
  expect(started.error).toBeNull();
  const id = started.data?.id ?? '';
  const answered = await clientOf(other).rpc('answer_call', { p_id: id, p_device: device });
  expect(answered.data).toMatchObject({ state: 'active' });
  expectRefused(await clientOf(eve).rpc('call', { p_id: id }), 'calls.not_found', 404);
  expectRefused(await clientOf(ben).rpc('answer_call', { p_id: id, p_device: device }), 'calls.not_found', 404);
  expect((await clientOf(one).from('calls').select('id, state').eq('id', id).single()).data).toEqual({
    id,
    state: 'active',
  });
  await clientOf(one).rpc('end_call', { p_id: id });
});
