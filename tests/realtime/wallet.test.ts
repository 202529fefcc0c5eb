import { createClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import { fund, type Person, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { listen, payloads, subscribe } from './fixture.ts';
import { rawClient } from './raw-client.ts';

/** A person's app, at the address that every client of the project has. */
async function appOf({ token }: Person) {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  const client = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { accessToken: async () => token });
  await client.realtime.setAuth();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => void (await client.realtime.disconnect()) });
}

test('the owner of a wallet hears of money that comes in, through the gateway, and nobody else can listen', async () => {
  const [ana, eve] = [await signUp('ana'), await signUp('eve')];
  await using appOfAna = await appOf(ana);
  await using appOfEve = await appOf(eve);
  await using phoneOfEve = await appOf(eve);
  const hers = listen(appOfAna, `wallet:${ana.id}`, { private: true });
  expect(await subscribe(hers)).toBe('joined');
  const foreign = listen(appOfEve, `wallet:${ana.id}`, { private: true });
  expect(await subscribe(foreign)).toContain('Unauthorized');
  const sameName = listen(phoneOfEve, `wallet:${ana.id}`);
  expect(await subscribe(sameName)).toBe('joined');
  const { SUPABASE_URL } = testEnvironment();
  await expect(rawClient(SUPABASE_URL, 'sb_publishable_of_nobody')).rejects.toThrow();

  await fund(ana, '12.50');
  const [told] = await payloads(hers, 1);
  expect(told).toMatchObject({ wallets: [{ currency: 'USD', balance: '12.50' }] });
  expect(hers.messages[0]).toMatchObject({ event: 'wallet_changed', meta: { id: expect.any(String) } });
  // What her own client sends is no message of the wallet: nobody but the database may.
  await hers.channel.send({ type: 'broadcast', event: 'wallet_changed', payload: { forged: true } });
  await fund(ana, '1.00');
  await payloads(hers, 2);
  expect(JSON.stringify([hers.messages, foreign.messages, sameName.messages])).not.toContain('forged');
  expect([foreign.messages, sameName.messages]).toEqual([[], []]);
});
