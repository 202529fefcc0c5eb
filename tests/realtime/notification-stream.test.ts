import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NotificationCard, notificationCard, notificationCounts } from '../../contracts/api/notifications.ts';
import { createDeps, type Deps } from '../../functions/_shared/deps.ts';
import { createLogger } from '../../functions/_shared/log.ts';
import type { Claims } from '../../functions/_shared/tokens.ts';
import { createApp } from '../../functions/notifications/app.ts';
import { createStreams } from '../../functions/notifications/streams.ts';
import { ask, asOperator, expectProblem, type Person, sessionIdOf, signInAgain, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { put } from '../support/notifications-api.ts';
import { SseStream } from '../support/sse.ts';

const url = (query = '') => `${testEnvironment().SUPABASE_URL}/api/notifications/stream${query}`;
const seqsOf = (cards: readonly NotificationCard[]) => cards.map(({ seq }) => seq);
const counting = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** Makes notifications of something that many may be made of at once. */
async function tell(person: Person, count = 1): Promise<void> {
  await asOperator(
    `select app_private.emit_event('user.password_changed', $1, jsonb_build_object('user_id', $1::uuid)) from generate_series(1, $2)`,
    [person.id, count],
  );
}

async function lastSeqOf(person: Person): Promise<number> {
  const [row] = await asOperator<{ last: number }>(
    'select last_seq::int as last from app_private.notification_states where user_id = $1',
    [person.id],
  );
  return row?.last ?? 0;
}

test('what happens comes through the gateway as it happens, with its number as id, and how many are unread', async () => {
  const [ana, ben] = [await signUp('ana'), await signUp('ben')];
  using stream = await SseStream.open(url(), ana.token);
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(await stream.of('ready', 1)).toEqual([{ after_seq: 0 }]);
  expect(notificationCounts.parse((await stream.of('counts', 1))[0])).toMatchObject({ unread_count: 0 });
  await ask(`users/follow/${ana.id}`, { method: 'POST', token: ben.token });
  const [card] = await stream.of('notification', 1);
  expect(notificationCard.parse(card)).toMatchObject({ kind: 'follow', seq: 1, actors: [{ id: ben.id }] });
  expect(stream.events.find(({ event }) => event === 'notification')?.id).toBe('1');
  expect((await stream.of('counts', 2))[1]).toMatchObject({ unread_count: 1, last_seq: 1 });
  await put(ana, 'read', {});
  expect((await stream.of('counts', 3))[2]).toMatchObject({ unread_count: 0, seen_seq: 1 });
  expect(stream.retry_ms).toBeGreaterThanOrEqual(500);
});

test('nobody hears what others are told', async () => {
  const [ana, eve] = [await signUp('ana'), await signUp('eve')];
  using hers = await SseStream.open(url(), ana.token);
  using others = await SseStream.open(url('?after_seq=0'), eve.token);
  await tell(ana);
  await hers.of('notification', 1);
  await tell(eve);
  expect((await others.of<NotificationCard>('notification', 1)).map(({ seq }) => seq)).toEqual([1]);
  expect(others.events.filter(({ event }) => event === 'notification')).toHaveLength(1);
});

test('a stream goes on after Last-Event-ID or after_seq, and what was before is not sent again', async () => {
  const ana = await signUp('ana');
  await tell(ana, 120);
  await eventually('all are there', async () => (await lastSeqOf(ana)) === 120);
  using from = await SseStream.open(url('?after_seq=3'), ana.token, '7');
  expect(seqsOf(await from.of<NotificationCard>('notification', 113))).toEqual(counting(8, 120));
  using now = await SseStream.open(url(), ana.token);
  await tell(ana);
  expect(seqsOf(await now.of<NotificationCard>('notification', 1))).toEqual([121]);
  using unknown = await SseStream.open(url('?after_seq=999999'), ana.token);
  expect(await unknown.of('reset', 1)).toEqual([{ after_seq: 121 }]);
});

test('whatever cuts it, and as often as it does, each comes once and in order while more keep coming', async () => {
  const ana = await signUp('ana');
  const total = 300;
  const got: NotificationCard[] = [];
  const ids: string[] = [];
  let lastEventId = '0';
  let cuts = 0;
  const telling = (async () => {
    for (let n = 0; n < total; n += 1) await tell(ana);
  })();
  await eventually(
    'all of them',
    async () => {
      // Cut wherever it is: in the middle of a page, of an event, or before the first byte.
      const stream = await SseStream.open(url(), ana.token, lastEventId);
      await eventually('something comes', async () => stream.ended !== null || stream.events.length > 1 + (cuts % 4), {
        deadline_ms: 2_000,
        every_ms: 1,
      }).catch(() => undefined);
      stream.close();
      await eventually('it is closed', async () => stream.ended !== null, { every_ms: 1 });
      for (const { id, event, data } of stream.events) {
        if (event !== 'notification') continue;
        ids.push(id);
        got.push(data as NotificationCard);
      }
      lastEventId = stream.lastEventId;
      cuts += 1;
      return lastEventId === String(total);
    },
    { deadline_ms: 50_000, every_ms: 1 },
  );
  await telling;
  expect(seqsOf(got)).toEqual(counting(1, total));
  expect(ids).toEqual(seqsOf(got).map(String));
  expect(cuts).toBeGreaterThan(10);
});

test('a notification that others were added to comes again under the new number, with what it is then', async () => {
  const [ana, ...fans] = await Promise.all(['ana', 'ben', 'cleo', 'dan'].map((name) => signUp(name)));
  if (!ana) throw new Error('no people');
  using stream = await SseStream.open(url(), ana.token);
  for (const [n, fan] of fans.entries()) {
    await ask(`users/follow/${ana.id}`, { method: 'POST', token: fan.token });
    await stream.of('notification', n + 1);
  }
  const cards = await stream.of<NotificationCard>('notification', 3);
  expect(new Set(cards.map(({ id }) => id)).size).toBe(1);
  expect(cards.map(({ seq, actors_count }) => [seq, actors_count])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

test('it ends when its session does', async () => {
  const ana = await signUp('ana');
  const { token } = await signInAgain(ana);
  using stream = await SseStream.open(url(), token);
  await stream.of('ready', 1);
  await ask(`auth/sessions/${sessionIdOf(token)}`, { method: 'DELETE', token: ana.token });
  expect(await stream.of('end', 1)).toEqual([{ reason: 'session_ended' }]);
  await eventually('the server closes it', async () => stream.ended === 'closed');
  expectProblem(await ask('notifications/stream', { token }), 'auth.session_revoked');
});

test.each(['x', '-1', '1.5'])('refuses %s as Last-Event-ID (request.invalid)', async (id) => {
  const { token } = await signUp();
  expectProblem(await ask('notifications/stream', { token, headers: { 'last-event-id': id } }), 'request.invalid');
});

test('is for who is signed in (auth.required)', async () => {
  expectProblem(await ask('notifications/stream'), 'auth.required');
});

describe('a function that has little time', () => {
  let deps: Deps;
  let now_ms = 0;
  const kept: Promise<unknown>[] = [];

  beforeAll(() => {
    const env = { ...process.env, SUPABASE_JWT_SECRET: process.env['SUPABASE_JWT_SECRET'], ASTRA_STREAM_SECONDS: '60' };
    const clock = () => Date.now() + now_ms;
    const made = createDeps(env, { clock, logger: createLogger('silent', clock) });
    deps = { ...made, keepAlive: (work) => void kept.push(work) };
  });
  afterAll(async () => {
    await deps?.[Symbol.asyncDispose]();
  });

  const open = (app: ReturnType<typeof createApp>, token: string, last = '') =>
    SseStream.open('http://functions.test/notifications/stream', token, last, (input, init) =>
      app.fetch(new Request(input, init)),
    );

  test('says so and closes before it is ended, is kept alive until then, and the next goes on where it was', async () => {
    const app = createApp(deps);
    const ana = await signUp('ana');
    using first = await open(app, ana.token);
    await first.of('ready', 1);
    await tell(ana);
    await first.of('notification', 1);
    expect(kept).toHaveLength(1);
    now_ms = 61_000;
    await tell(ana);
    expect(await first.of('end', 1)).toEqual([{ reason: 'time' }]);
    await eventually('it is closed', async () => first.ended === 'closed');
    await kept[0];
    const already = first.events.filter(({ event }) => event === 'notification').map(({ id }) => id);
    using second = await open(app, ana.token, first.lastEventId);
    await tell(ana);
    await eventually('the rest', async () => {
      const ids = second.events.filter(({ event }) => event === 'notification').map(({ id }) => id);
      return JSON.stringify([...already, ...ids]) === JSON.stringify(['1', '2', '3']);
    });
  });

  test('ends with its token, and goes on with another', async () => {
    now_ms = 0;
    const app = createApp(deps);
    const ana = await signUp('ana');
    using stream = await open(app, ana.token);
    await stream.of('ready', 1);
    now_ms = 3_700_000;
    await tell(ana);
    expect((await stream.of<{ reason: string }>('end', 1))[0]?.reason).toMatch(/token_expired|time/);
    now_ms = 0;
  });

  test('takes ten streams of a person (notifications.too_many_streams), and another one when one is closed', async () => {
    const app = createApp(deps);
    const ana = await signUp('ana');
    const streams = await Promise.all(Array.from({ length: 10 }, () => open(app, ana.token)));
    await expect(open(app, ana.token)).rejects.toThrow('notifications.too_many_streams');
    for (const stream of streams) await stream.of('ready', 1);
    streams[0]?.close();
    const next = await eventually('there is room', () => open(app, ana.token).catch(() => null));
    for (const stream of [...streams, next]) stream.close();
  });

  test('takes a hundred streams of an address, whoever opens them (notifications.too_many_streams), and others from elsewhere', async () => {
    const streams = createStreams(deps);
    const claims: Claims[] = [];
    for (let n = 0; n < 11; n += 1) {
      const person = await signUp(`many${n}`);
      claims.push({ user_id: person.id, session_id: await sessionIdOf(person.token) } as Claims);
    }
    const last = claims[10] as Claims;
    const open = await Promise.all(
      claims.slice(0, 10).flatMap((one) => Array.from({ length: 10 }, () => streams.watch(one, '198.51.100.7'))),
    );
    await expect(streams.watch(last, '198.51.100.7')).rejects.toThrow('notifications.too_many_streams');
    (await streams.watch(last, '198.51.100.8'))[Symbol.dispose]();
    open[0]?.[Symbol.dispose]();
    open.push(await streams.watch(last, '198.51.100.7'));
    for (const watch of open) watch[Symbol.dispose]();
  });
});
