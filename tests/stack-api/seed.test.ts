import { createClient } from '@supabase/supabase-js';
import { expect, it } from 'vitest';
import { applySeed } from '../../scripts/db/seed.ts';
import { testEnvironment } from '../support/environment.ts';

const PEOPLE = [
  ['iris@example.com', 'iris.vale', '500.00'],
  ['tomas@example.com', 'tomas.berg', '120.50'],
  ['amara@example.com', 'amara.obi', '20.00'],
] as const;

it('lets each person of supabase/seed.sql sign in and find a funded wallet, however often it is run', async () => {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_DB_URL } = testEnvironment();
  await applySeed(SUPABASE_DB_URL);
  await applySeed(SUPABASE_DB_URL);
  for (const [email, username, balance] of PEOPLE) {
    const client = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false } });
    const { data, error } = await client.auth.signInWithPassword({ email, password: 'correct horse battery staple' });
    expect(error).toBeNull();
    expect(data.user?.identities?.map(({ provider }) => provider)).toEqual(['email']);
    const own = await client
      .from('profiles')
      .select('username')
      .eq('id', data.user?.id ?? '');
    expect(own.data).toEqual([{ username }]);
    const wallet = await client.from('wallet').select('balance');
    expect(wallet.data).toEqual([{ balance }]);
  }
});
