import { expect, test } from 'vitest';
import { Broadcasts } from '../../../scripts/stack/realtime/broadcasts.ts';
import type { Channel } from '../../../scripts/stack/realtime/channel.ts';
import type { Connection } from '../../../scripts/stack/realtime/connection.ts';
import { Rooms } from '../../../scripts/stack/realtime/rooms.ts';

const broadcast = (n: number) => ({ event: 'hello', json: true, body: Buffer.from(`{"n":${n}}`), meta: '' });

/** A member of a room whose policies let it hear, and what it was sent. */
function joining(rooms: Rooms) {
  const sent: string[] = [];
  const connection = {
    hello: { version: '1.0.0' },
    send: ({ data }: { data: string }) => sent.push(JSON.stringify(JSON.parse(data).payload.payload)),
  } as unknown as Connection;
  const channel = {
    connection,
    topic: 'realtime:room',
    name: 'room',
    room: 'private:room',
    hears: () => true,
    held: [],
    replayed: null,
  };
  rooms.add(channel as unknown as Channel);
  return { channel: channel as unknown as Channel, sent };
}

test('a replay asks for the transactions of the room that were just read from the log, and for no others', async () => {
  const rooms = new Rooms();
  const asked: unknown[] = [];
  const database = {
    async query(_: string, values: readonly unknown[] = []) {
      asked.push(values[3]);
      return [];
    },
  };
  const broadcasts = new Broadcasts(rooms, database as never);
  broadcasts.fromDatabase('private:room', broadcast(1), 'a', 41);
  broadcasts.fromDatabase('private:other', broadcast(2), 'b', 42);
  broadcasts.fromDatabase('private:room', broadcast(3), 'c', 43);
  await broadcasts.stored(joining(rooms).channel, { since: 0, limit: 25 });
  expect(asked).toEqual([[41, 43]]);
});

test('what comes while older broadcasts are looked up follows them, and what is found twice is sent once', () => {
  const rooms = new Rooms();
  const broadcasts = new Broadcasts(rooms, { query: async () => [] });
  const { channel, sent } = joining(rooms);
  broadcasts.fromDatabase('private:room', broadcast(2), 'b', 2);
  broadcasts.fromDatabase('private:room', broadcast(3), 'c', 3);
  expect(sent).toEqual([]);
  const stored = ['a', 'b'].map((id, n) => ({ id, event: 'hello', payload: `{"n":${n + 1}}`, binary_payload: null }));
  broadcasts.release(channel, stored);
  expect(sent).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  // Read from the log once more, after it was found by looking.
  broadcasts.fromDatabase('private:room', broadcast(2), 'b', 2);
  broadcasts.fromDatabase('private:room', broadcast(4), 'd', 4);
  expect(sent.slice(3)).toEqual(['{"n":4}']);
});
