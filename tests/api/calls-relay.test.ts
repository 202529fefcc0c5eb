import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type CallCard, iceServersSchema } from '../../contracts/api/calls.ts';
import { iceServersFor } from '../../functions/calls/ice.ts';
import { signUp } from '../support/api.ts';
import { done, get, post } from '../support/social-api.ts';
import { startCoturn, TURN_SECRET, turnPort } from '../support/turn.ts';
import { allocate } from '../support/turn-client.ts';

/** A hosted project has a relay of its own. */
describe.runIf(turnPort() !== undefined)('a real coturn', () => {
  const port = turnPort() ?? 0;
  const urls = [`turn:127.0.0.1:${port}`];

  test('relays for the credentials of a call, and not for others', async () => {
    const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
    const call = done<CallCard>(await post(one, 'calls', { device_id: randomUUID(), user_ids: [other.id] }), 201);
    const { ice_servers } = iceServersSchema.parse(done(await get(one, `calls/${call.id}/ice-servers`)));
    const { username = '', credential = '' } = ice_servers.find((server) => server.username !== undefined) ?? {};
    await using _relay = await startCoturn(port);
    expect(await allocate(port, username, credential)).toBe('allocated');
    expect(await allocate(port, username, `${credential.slice(0, -2)}A=`)).toBe(401);
    // Of a later end, or of somebody else: the password is of this name alone.
    const [expires_s = '', id = ''] = username.split(':');
    expect(await allocate(port, `${Number(expires_s) + 86_400}:${id}`, credential)).toBe(401);
    expect(await allocate(port, `${expires_s}:${other.id}`, credential)).toBe(401);
  });

  test('gives one person no more addresses than their quota, whatever the times in their names', async () => {
    await using _relay = await startCoturn(port, ['--user-quota=2']);
    const user = randomUUID();
    const allocateAs = async (id: string, ttl_s: number) => {
      const turn = { urls, secret: TURN_SECRET, ttl_s };
      const { ice_servers } = await iceServersFor({ stun_urls: [], turn }, id, Date.now());
      return await allocate(port, ice_servers[0]?.username ?? '', ice_servers[0]?.credential ?? '');
    };
    expect(await allocateAs(user, 60)).toBe('allocated');
    expect(await allocateAs(user, 61)).toBe('allocated');
    expect(await allocateAs(user, 62)).toBe(486);
    expect(await allocateAs(randomUUID(), 60)).toBe('allocated');
  });

  test('relays no longer for credentials that have ended', async () => {
    await using _relay = await startCoturn(port);
    const signedAt = async (now_ms: number) => {
      const turn = { urls, secret: TURN_SECRET, ttl_s: 60 };
      const { ice_servers } = await iceServersFor({ stun_urls: [], turn }, randomUUID(), now_ms);
      return await allocate(port, ice_servers[0]?.username ?? '', ice_servers[0]?.credential ?? '');
    };
    expect(await signedAt(Date.now())).toBe('allocated');
    expect(await signedAt(Date.now() - 61_000)).toBe(401);
  });
});
