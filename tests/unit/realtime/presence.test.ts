import { Presence as Client } from '@supabase/phoenix';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Channel } from '../../../scripts/stack/realtime/channel.ts';
import type { Connection } from '../../../scripts/stack/realtime/connection.ts';
import { Presence } from '../../../scripts/stack/realtime/presence.ts';
import { Rooms } from '../../../scripts/stack/realtime/rooms.ts';

type State = Record<string, { metas: { phx_ref: string; n?: number }[] }>;

const ignore = () => undefined;

/** A room with members who make of frames what supabase-js makes of them; what is told waits until `tellAll`. */
function openRoom() {
  const rooms = new Rooms();
  const waiting: (() => void)[] = [];
  const presence = new Presence(rooms, (then) => waiting.push(then));
  const member = (key: string) => {
    const seen = { state: {} as State, diffs: 0, channel: null as unknown as Channel };
    const send = ({ data }: { data: string | Uint8Array }) => {
      const [, , , event, payload] = JSON.parse(String(data));
      if (event === 'presence_diff') seen.diffs += 1;
      seen.state = (
        event === 'presence_diff'
          ? Client.syncDiff(seen.state, payload, ignore, ignore)
          : Client.syncState(seen.state, payload, ignore, ignore)
      ) as State;
    };
    const connection = { hello: { version: '2.0.0' }, send } as unknown as Connection;
    const options = { private: false, acknowledges: false, hearsItself: false, presenceKey: key };
    seen.channel = new Channel(connection, 'realtime:room', '1', options, { token: '', claims: {} as never });
    rooms.add(seen.channel);
    presence.sendState(seen.channel);
    return seen;
  };
  const leave = (channel: Channel) => {
    rooms.remove(channel);
    presence.untrack(channel);
  };
  const tellAll = () => {
    for (const then of waiting.splice(0)) then();
  };
  return { presence, member, leave, tellAll };
}

test('a crowd that comes at once is told once to each', () => {
  const { presence, member, tellAll } = openRoom();
  const crowd = Array.from({ length: 200 }, (_, n) => member(`person ${n}`));
  for (const { channel } of crowd) presence.track(channel, {});
  tellAll();
  for (const { state, diffs } of crowd) expect([diffs, Object.keys(state).length]).toEqual([1, 200]);
  tellAll();
  expect(crowd[0]?.diffs).toBe(1);
});

test('who comes and goes before anybody was told is not told of', () => {
  const { presence, member, leave, tellAll } = openRoom();
  const [stays, goes] = [member('stays'), member('goes')];
  presence.track(goes.channel, {});
  leave(goes.channel);
  const later = member('later');
  tellAll();
  expect([stays.diffs, stays.state, later.state]).toEqual([0, {}, {}]);
});

/** One thing that happens: somebody comes, goes, shows or hides themselves, or the room is told. */
const happening = fc.record({
  what: fc.constantFrom('come', 'go', 'track', 'untrack', 'tell'),
  who: fc.nat(7),
  key: fc.constantFrom('ana', 'ben', '__proto__'),
  n: fc.nat(2),
});

test('whatever happens in whatever order, once it is told everybody sees who is there', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const { presence, member, leave, tellAll } = openRoom();
      const there = new Map<number, ReturnType<typeof member> & { n?: number }>();
      for (const { what, who, key, n } of happenings) {
        const one = there.get(who);
        if (what === 'come' && one === undefined) there.set(who, member(key));
        if (what === 'tell') tellAll();
        if (one === undefined) continue;
        if (what === 'go') {
          leave(one.channel);
          there.delete(who);
        }
        if (what === 'track') {
          presence.track(one.channel, { n });
          one.n = n;
        }
        if (what === 'untrack') {
          presence.untrack(one.channel);
          delete one.n;
        }
      }
      tellAll();
      const expected: Record<string, number[]> = Object.create(null);
      for (const { channel, n } of there.values()) {
        if (n !== undefined)
          expected[channel.options.presenceKey] = [...(expected[channel.options.presenceKey] ?? []), n];
      }
      const sorted = (state: Record<string, readonly (number | undefined)[]>) =>
        Object.entries(state)
          .map(([key, ns]) => [key, [...ns].sort()])
          .sort();
      for (const { state } of there.values()) {
        const seen: Record<string, (number | undefined)[]> = Object.create(null);
        for (const [key, { metas }] of Object.entries(state)) seen[key] = metas.map(({ n }) => n);
        expect(sorted(seen)).toEqual(sorted(expected));
      }
    }),
    { numRuns: 500 },
  );
});
