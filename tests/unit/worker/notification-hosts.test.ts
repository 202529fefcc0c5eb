import { expect, test } from 'vitest';
import { createHosts } from '../../../worker/notifications/hosts.ts';

const flight = { host: 'hook.example', user_id: 'ana', target_id: 'ana’s' };
const bens = { host: 'hook.example', user_id: 'ben', target_id: 'ben’s' };

function hostsAt(most: number) {
  let now_ms = 0;
  const hosts = createHosts({ now: () => new Date(now_ms), random: () => 1 }, most);
  return {
    hosts,
    sleep: (ms: number) => {
      now_ms += ms;
    },
    /** One message that ends so. */
    send: (outcome: 'answered' | 'failed' | 'not_asked', took_ms = 10, of = flight) => {
      hosts.begin(of);
      hosts.end(of, outcome, took_ms);
    },
  };
}

test('a host and a person have room for two, less what is on its way', () => {
  const { hosts } = hostsAt(16);
  expect(hosts.rooms()).toEqual({});
  hosts.begin(flight);
  expect(hosts.rooms()).toEqual({ 'host hook.example': 1, 'person ana': 1 });
  hosts.begin(flight);
  hosts.begin(bens);
  expect(hosts.rooms()).toEqual({ 'host hook.example': 0, 'person ana': 0, 'person ben': 1 });
  hosts.end(bens, 'not_asked', 0);
  expect(hosts.rooms()).toEqual({ 'host hook.example': 0, 'person ana': 0 });
});

test('a host that is named as somebody takes no room of theirs', () => {
  const { hosts } = hostsAt(16);
  for (let n = 0; n < 2; n += 1) hosts.begin({ host: 'ana', user_id: 'eve', target_id: 'eve’s' });
  hosts.begin(flight);
  expect(hosts.rooms()['person ana']).toBe(1);
});

test('a host that answers quickly earns room up to a limit, and loses it when it is slow', () => {
  const { hosts, send } = hostsAt(4);
  hosts.begin(flight);
  for (let n = 0; n < 9; n += 1) send('answered');
  expect(hosts.rooms()['host hook.example']).toBe(3);
  send('answered', 5_000);
  expect(hosts.rooms()['host hook.example']).toBe(0);
});

test('after five failures in a row, not all of one person, a host is left alone, longer each time, then gets one message to see', () => {
  const { hosts, send, sleep } = hostsAt(4);
  const closed = () => hosts.closed()['host hook.example'];
  for (let n = 0; n < 4; n += 1) send('failed');
  expect(closed()).toBeUndefined();
  send('failed', 10, bens);
  expect(closed()).toBe(60);
  sleep(60_000);
  expect(closed()).toBeUndefined();
  expect(hosts.rooms()).toEqual({ 'host hook.example': 1 });
  send('failed', 10, bens);
  expect(closed()).toBe(120);
  for (let n = 0; n < 20; n += 1) send('failed', 10, bens);
  expect(closed()).toBe(600);
  send('answered');
  send('answered', 10, bens);
  expect([hosts.closed(), hosts.rooms()]).toEqual([{}, {}]);
});

test('what one person has broken is left alone by itself, and counts little against its host', () => {
  const { hosts, send, sleep } = hostsAt(4);
  for (let n = 0; n < 5; n += 1) send('failed');
  expect(hosts.closed()).toEqual({ 'target ana’s': 60 });
  send('failed');
  expect(hosts.closed()).toEqual({ 'target ana’s': 120 });
  send('failed', 10, bens);
  expect(hosts.closed()).toEqual({ 'target ana’s': 120, 'host hook.example': 60 });
  send('answered', 10, bens);
  expect(hosts.closed()).toEqual({ 'target ana’s': 120 });
  sleep(120_000);
  send('answered');
  send('failed');
  expect(hosts.closed()).toEqual({});
});

test('remembers a bounded number of hosts and targets that fail', () => {
  const { hosts } = hostsAt(2);
  for (let n = 0; n < 3_000; n += 1) {
    const other = { host: `${n}.example`, user_id: 'eve', target_id: `${n}` };
    for (let failures = 0; failures < 5; failures += 1) {
      hosts.begin(other);
      hosts.end(other, 'failed', 10);
    }
  }
  expect(Object.keys(hosts.rooms())).toHaveLength(1_000);
  expect(Object.keys(hosts.closed())).toHaveLength(1_000);
});
