import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  freshTopic,
  type Heard,
  joined,
  PUBLISHABLE_KEY,
  payloads,
  type RealtimeFixture,
  realtimeFixture,
} from './fixture.ts';
import { rawClient } from './raw-client.ts';

let realtime: RealtimeFixture;

beforeAll(async () => {
  realtime = await realtimeFixture();
});

afterAll(() => realtime[Symbol.asyncDispose]());

const send = (event: string, payload: unknown) => ({ type: 'broadcast' as const, event, payload });

describe.each(['1.0.0', '2.0.0'])('with serializer %s', (vsn) => {
  test('a broadcast reaches the others on the topic, in order, and not its sender', async () => {
    const topic = freshTopic();
    const [ana, ben] = [
      await joined(realtime.client(null, { vsn }), topic),
      await joined(realtime.client(null, { vsn }), topic),
    ];
    for (let n = 0; n < 20; n += 1) await ana.channel.send(send('count', { n }));
    expect(await payloads(ben, 20)).toEqual(Array.from({ length: 20 }, (_, n) => ({ n })));
    expect(ana.messages).toEqual([]);
  });

  test('with `self` the sender hears it as well, and with `ack` it is told that it was sent', async () => {
    const ana = await joined(realtime.client(null, { vsn }), freshTopic(), { broadcast: { self: true, ack: true } });
    expect(await ana.channel.send(send('hello', { to: 'me' }))).toBe('ok');
    expect(await payloads(ana, 1)).toEqual([{ to: 'me' }]);
  });
});

test('clients of both serializers hear each other', async () => {
  const topic = freshTopic();
  const [old, current] = [
    await joined(realtime.client(null, { vsn: '1.0.0' }), topic),
    await joined(realtime.client(null, { vsn: '2.0.0' }), topic),
  ];
  await old.channel.send(send('hello', { from: 'old' }));
  await current.channel.send(send('hello', { from: 'current', sign: '✓' }));
  expect(await payloads(current, 1)).toEqual([{ from: 'old' }]);
  expect(await payloads(old, 1)).toEqual([{ from: 'current', sign: '✓' }]);
});

test('bytes arrive as bytes, except at clients of the old serializer, which cannot have them', async () => {
  const topic = freshTopic();
  const [ana, ben, old] = [
    await joined(realtime.client(), topic),
    await joined(realtime.client(), topic),
    await joined(realtime.client(null, { vsn: '1.0.0' }), topic),
  ];
  const bytes = new Uint8Array([0, 255, 1, 254]);
  await ana.channel.send({ type: 'broadcast', event: 'bytes', payload: bytes.buffer });
  await ana.channel.send(send('text', {}));
  const [first] = await payloads(ben, 2);
  expect(new Uint8Array(first as ArrayBuffer)).toEqual(bytes);
  expect(await payloads(old, 1)).toEqual([{}]);
});

test('what a client calls JSON and is none reaches nobody, neither as it is nor as a message on another topic', async () => {
  const [topic, other] = [freshTopic(), freshTopic()];
  const old = realtime.client(null, { vsn: '1.0.0' });
  const [here, there] = [await joined(old, topic), await joined(old, other)];
  const forged = { type: 'broadcast', event: 'forged', payload: { from: 'somebody else' } };
  await using mallory = await rawClient(realtime.url, PUBLISHABLE_KEY);
  await mallory.ask(`realtime:${topic}`, 'phx_join', { config: {} });
  for (const body of [
    `1},"topic":"realtime:${other}","event":"broadcast","payload":${JSON.stringify(forged).slice(0, -1)}`,
    '{"not":json}',
    '',
  ])
    mallory.sendRaw(binaryBroadcast(`realtime:${topic}`, 'hello', body));
  mallory.sendRaw(binaryBroadcast(`realtime:${topic}`, 'hello', '{"n":1}'));
  expect(await payloads(here, 1)).toEqual([{ n: 1 }]);
  expect(there.messages).toEqual([]);
});

/** The frame in which a client of serializer 2.0.0 sends a broadcast whose payload, it says, is JSON. */
function binaryBroadcast(topic: string, event: string, body: string): Uint8Array<ArrayBuffer> {
  const fields = ['1', '1', topic, event, ''].map((text) => new TextEncoder().encode(text));
  const parts = [
    Uint8Array.from([3, ...fields.map(({ length }) => length), 1]),
    ...fields,
    new TextEncoder().encode(body),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test('names longer than the binary form can hold are sent as text', async () => {
  const topic = `${freshTopic()}:${'é'.repeat(200)}`;
  const [ana, ben] = [await joined(realtime.client(), topic), await joined(realtime.client(), topic)];
  await ana.channel.httpSend('hello', { n: 1 });
  expect(await payloads(ben, 1)).toEqual([{ n: 1 }]);
});

test('who has not joined sends by HTTP, in both forms', async () => {
  const topic = freshTopic();
  const ben = await joined(realtime.client(), topic);
  const outside = realtime.client().channel(topic);
  expect(await outside.send(send('hello', { form: 'batch' }))).toBe('ok');
  expect(await outside.httpSend('hello', { form: 'single' })).toEqual({ success: true });
  expect(await outside.httpSend('bytes', new Uint8Array([7]).buffer)).toEqual({ success: true });
  const [batch, single, bytes] = await payloads(ben, 3);
  expect([batch, single]).toEqual([{ form: 'batch' }, { form: 'single' }]);
  expect(new Uint8Array(bytes as ArrayBuffer)).toEqual(new Uint8Array([7]));
});

test('what is no broadcast is refused by HTTP with the status of what is wrong', async () => {
  const post = async (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const response = await fetch(`${realtime.url}/realtime/v1/api/${path}`, {
      method: 'POST',
      headers: { apikey: 'sb_publishable_of_these_tests', 'content-type': 'application/json', ...headers },
      body: body as string,
    });
    return response.status;
  };
  expect(await post('broadcast', '{')).toBe(422);
  expect(await post('broadcast', '{"messages": []}')).toBe(422);
  expect(await post('broadcast', '{"messages": [{"topic": "t", "event": "e"}]}')).toBe(422);
  expect(await post('broadcast/t/events/e', 'x')).toBe(422);
  expect(await post('broadcast/t/events/e', 'x', { 'content-type': 'text/plain' })).toBe(415);
  expect(await post('broadcast/t/events/e', '{}', { apikey: 'sb_publishable_of_nobody' })).toBe(401);
  expect(await post('broadcast/t/events/e', '{}', { apikey: '' })).toBe(401);
  expect(await post('nothing', '{}')).toBe(404);
  expect(await post('broadcast/t/events/e', JSON.stringify('x'.repeat(3_000_000)))).toBe(422);
  expect(await post('broadcast/t/events/e', JSON.stringify('x'.repeat(3_200_000)))).toBe(413);
  expect(await post('broadcast/t/events/e', '{}')).toBe(202);
});

describe('from the database', () => {
  test('who asks is told that broadcasts of the database arrive', async () => {
    await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
    await client.ask('realtime:any', 'phx_join', { config: { broadcast: { replication_ready: 'true' } } });
    const { payload } = await client.frame(({ event }) => event === 'system');
    expect(payload).toEqual({
      ...{ extension: 'system', status: 'ok', message: 'Replication connection established', channel: 'any' },
    });
  });

  test('realtime.send reaches a public channel when its transaction commits, and never one that was rolled back', async () => {
    const topic = freshTopic();
    const ana = await joined(realtime.client(), topic);
    await realtime.db.query('begin');
    await realtime.db.query(`select realtime.send('{"n": 1}', 'hello', $1, false)`, [topic]);
    await realtime.db.query('rollback');
    await realtime.db.query(`select realtime.send('{"n": 2, "id": "mine"}', 'hello', $1, false)`, [topic]);
    await payloads(ana, 1);
    expect(ana.messages).toEqual([
      { type: 'broadcast', event: 'hello', payload: { n: 2, id: 'mine' }, meta: { id: expect.any(String) } },
    ]);
  });

  test('realtime.send_binary sends bytes', async () => {
    const topic = freshTopic();
    const ana = await joined(realtime.client(), topic);
    await realtime.db.query(`select realtime.send_binary('\\x00ff07', 'bytes', $1, false)`, [topic]);
    const [bytes] = await payloads(ana, 1);
    expect(new Uint8Array(bytes as ArrayBuffer)).toEqual(new Uint8Array([0, 255, 7]));
  });

  test('realtime.broadcast_changes tells a private topic of each changed row', async () => {
    const topic = freshTopic();
    const ana = await realtime.somebody();
    await realtime.allow(topic, ana);
    const heard = await joined(realtime.client(ana), topic, { private: true });
    await realtime.db.query(`
      create table public.told (id int primary key, word text);
      create function public.tell() returns trigger language plpgsql as $$
      begin
        perform realtime.broadcast_changes('${topic}', tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
        return null;
      end $$;
      create trigger tell after insert or update or delete on public.told for each row execute function public.tell();
    `);
    await realtime.db.query(`insert into public.told values (1, 'one')`);
    await realtime.db.query(`update public.told set word = 'two'`);
    await realtime.db.query('delete from public.told');
    const [row, changed] = [
      { id: 1, word: 'one' },
      { id: 1, word: 'two' },
    ];
    const where = { table: 'told', schema: 'public', id: expect.any(String) };
    expect(await payloads(heard, 3)).toEqual([
      { operation: 'INSERT', record: row, old_record: null, ...where },
      { operation: 'UPDATE', record: changed, old_record: row, ...where },
      { operation: 'DELETE', record: null, old_record: changed, ...where },
    ]);
  });
});

describe('replay', () => {
  test('gives the newest private broadcasts since a time, oldest first, marked, and then what comes', async () => {
    const topic = freshTopic();
    const ana = await realtime.somebody();
    await realtime.allow(topic, ana);
    for (let n = 0; n < 5; n += 1) await realtime.db.query('select realtime.send($1, $2, $3)', [{ n }, 'hello', topic]);
    await realtime.db.query(`select realtime.send('{"public": true}', 'hello', $1, false)`, [topic]);
    const heard = await joined(realtime.client(ana), topic, {
      private: true,
      broadcast: { replay: { since: 0, limit: 3 } },
    });
    await realtime.db.query(`select realtime.send('{"n": 5}', 'hello', $1)`, [topic]);
    expect(await payloads(heard, 4)).toMatchObject([{ n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }]);
    expect(heard.messages.map(({ meta }) => meta?.replayed)).toEqual([true, true, true, undefined]);
  });

  test('misses and doubles nothing while messages flow', async () => {
    const topic = freshTopic();
    const ana = await realtime.somebody();
    await realtime.allow(topic, ana);
    let [joining, written] = [true, 0];
    const writing = (async () => {
      for (; joining; written += 1)
        await realtime.db.query('select realtime.send($1, $2, $3)', [{ n: written }, 'hello', topic]);
    })();
    const config = { private: true, broadcast: { replay: { since: 0, limit: 25 } } };
    // Each join at another moment of what is written: it must find what was read from the log before, and hear the rest.
    const joins = Array.from({ length: 4 }, async () => {
      const heard: Heard[] = [];
      for (let n = 0; n < 8; n += 1) heard.push(await joined(realtime.client(ana), topic, config));
      return heard;
    });
    const all = (await Promise.all(joins)).flat();
    joining = false;
    await writing;
    for (const heard of all) {
      const numbers = () => heard.messages.map(({ payload }) => (payload as { n: number }).n);
      await eventually('the last one came', async () => numbers().includes(written - 1), { deadline_ms: 10_000 });
      const first = numbers()[0] ?? 0;
      expect(numbers()).toEqual(Array.from({ length: written - first }, (_, index) => first + index));
    }
  });

  test('is refused on public channels, and when it makes no sense', async () => {
    await using client = await rawClient(realtime.url, PUBLISHABLE_KEY);
    const ask = async (replay: object) => {
      const { response } = await client.ask('realtime:any', 'phx_join', { config: { broadcast: { replay } } });
      return response['reason'];
    };
    expect(await ask({ since: 0 })).toBe('UnableToReplayMessages: Replay is not allowed for public channels');
    expect(await ask({ since: 'yesterday' })).toContain('InvalidJoinPayload');
  });
});
