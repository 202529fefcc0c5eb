import { expect, test } from 'vitest';
import { createHosts } from '../../../worker/notifications/hosts.ts';

const flight = { host: 'hook.example', user_id: 'ana' };

function hostsAt(most: number) {
  let now_ms = 0;
  const hosts = createHosts({ now: () => new Date(now_ms), random: () => 1 }, most);
  return {
    hosts,
    sleep: (ms: number) => {
      now_ms += ms;
    },
    /** One message that ends so. */
    send: (outcome: 'answered' | 'failed' | 'not_asked', took_ms = 10) => {
      hosts.begin(flight);
      hosts.end(flight, outcome, took_ms);
    },
  };
}

test('a host and a person have room for two, less what is on its way', () => {
  const { hosts } = hostsAt(16);
  expect(hosts.rooms()).toEqual({});
  hosts.begin(flight);
  expect(hosts.rooms()).toEqual({ 'hook.example': 1, ana: 1 });
  hosts.begin(flight);
  hosts.begin({ host: 'hook.example', user_id: 'ben' });
  expect(hosts.rooms()).toEqual({ 'hook.example': 0, ana: 0, ben: 1 });
  hosts.end({ host: 'hook.example', user_id: 'ben' }, 'not_asked', 0);
  expect(hosts.rooms()).toEqual({ 'hook.example': 0, ana: 0 });
});

test('a host that answers quickly earns room up to a limit, and loses it when it is slow', () => {
  const { hosts, send } = hostsAt(4);
  hosts.begin(flight);
  for (let n = 0; n < 9; n += 1) send('answered');
  expect(hosts.rooms()['hook.example']).toBe(3);
  send('answered', 5_000);
  expect(hosts.rooms()['hook.example']).toBe(0);
});

test('after five failures in a row a host is left alone, longer each time, then gets one message to see', () => {
  const { hosts, send, sleep } = hostsAt(4);
  for (let n = 0; n < 4; n += 1) send('failed');
  expect(hosts.closed()).toEqual({});
  send('failed');
  expect(hosts.closed()).toEqual({ 'hook.example': 60 });
  sleep(60_000);
  expect(hosts.closed()).toEqual({});
  expect(hosts.rooms()).toEqual({ 'hook.example': 1 });
  send('failed');
  expect(hosts.closed()).toEqual({ 'hook.example': 120 });
  for (let n = 0; n < 20; n += 1) send('failed');
  expect(hosts.closed()).toEqual({ 'hook.example': 600 });
  send('answered');
  expect([hosts.closed(), hosts.rooms()]).toEqual([{}, {}]);
});

test('remembers a bounded number of hosts that fail', () => {
  const { hosts } = hostsAt(2);
  for (let n = 0; n < 3_000; n += 1) {
    const other = { host: `${n}.example`, user_id: 'eve' };
    hosts.begin(other);
    hosts.end(other, 'failed', 10);
  }
  expect(Object.keys(hosts.rooms())).toHaveLength(1_000);
});
