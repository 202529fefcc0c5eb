import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { iceServersFor } from '../../../functions/calls/ice.ts';
import { configFor } from './fakes.ts';

const USER = '0198c1a2-0000-7000-8000-000000000001';

test('credentials name their end and their user, and are signed as coturn checks them', async () => {
  const { ice } = configFor({
    ASTRA_STUN_URLS: 'stun:stun.example.com:3478',
    ASTRA_TURN_URLS: 'turn:turn.example.com:3478?transport=udp, turns:turn.example.com:5349',
    ASTRA_TURN_SECRET: 'sixteen characters',
    ASTRA_TURN_TTL_S: '600',
  });
  const answer = await iceServersFor(ice, USER, 1_700_000_000_900);
  const username = `1700000600:${USER}`;
  const credential = createHmac('sha1', 'sixteen characters').update(username).digest('base64');
  expect(answer).toEqual({
    ice_servers: [
      { urls: ['stun:stun.example.com:3478'] },
      { urls: ['turn:turn.example.com:3478?transport=udp', 'turns:turn.example.com:5349'], username, credential },
    ],
    expires_at: '2023-11-14T22:23:20.000Z',
  });
});

test('without servers there are none, and nothing to end', async () => {
  expect(await iceServersFor(configFor().ice, USER, 0)).toEqual({ ice_servers: [], expires_at: null });
});

test.each([
  [{ ASTRA_TURN_URLS: 'turn:turn.example.com' }, /ASTRA_TURN_SECRET: is missing; set it to the secret/],
  [
    { ASTRA_TURN_URLS: 'https://turn.example.com', ASTRA_TURN_SECRET: 'sixteen characters' },
    /ASTRA_TURN_URLS: must be/,
  ],
  [{ ASTRA_STUN_URLS: 'stun.example.com' }, /ASTRA_STUN_URLS: must be addresses like stun:/],
  [{ ASTRA_TURN_SECRET: 'short' }, /ASTRA_TURN_SECRET: must have at least 16 characters/],
])('refuses %j', (environment, message) => {
  expect(() => configFor(environment)).toThrow(message);
});
