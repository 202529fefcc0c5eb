import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL, MAIL_URL } = testEnvironment();
const PASSWORD = 'a long enough password';

function client(key = SUPABASE_PUBLISHABLE_KEY) {
  return createClient(SUPABASE_URL, key, { auth: { persistSession: false, autoRefreshToken: false } });
}

/** A client signed in as somebody new. */
async function someone() {
  const supabase = client();
  const email = `${randomUUID()}@example.com`;
  const { data, error } = await supabase.auth.signUp({ email, password: PASSWORD });
  if (error || data.user === null) throw error ?? new Error('The sign-up gave no user.');
  return { supabase, email, id: data.user.id };
}

describe('an unmodified supabase-js client', () => {
  it('signs up, signs in and refreshes', async () => {
    const { email, id } = await someone();
    const again = client();
    const signedIn = await again.auth.signInWithPassword({ email, password: PASSWORD });
    expect(signedIn.error).toBeNull();
    expect(signedIn.data.user?.id).toBe(id);
    const refreshed = await again.auth.refreshSession();
    expect(refreshed.error).toBeNull();
    expect(refreshed.data.session?.refresh_token).not.toBe(signedIn.data.session?.refresh_token);
  });

  it('is refused a password of seven characters', async () => {
    const { error } = await client().auth.signUp({ email: `${randomUUID()}@example.com`, password: 'sevench' });
    expect(error?.code).toBe('weak_password');
  });

  it('reads its own settings and nobody else’s', async () => {
    const [ana, bo] = [await someone(), await someone()];
    const { data, error } = await ana.supabase.from('account_settings').select('user_id');
    expect(error).toBeNull();
    expect(data).toEqual([{ user_id: ana.id }]);
    const foreign = await ana.supabase.from('account_settings').select('user_id').eq('user_id', bo.id);
    expect(foreign.data).toEqual([]);
  });

  it.each(['app_private', 'app_hidden', 'ledger', 'admin', 'auth', 'storage'])(
    'cannot reach schema %s',
    async (schema) => {
      for (const key of [SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY]) {
        const { error } = await client(key).schema(schema).from('users').select();
        expect(error?.code).toBe('PGRST106');
      }
    },
  );
});

it('records where a session comes from', async () => {
  const { data } = await (await someone()).supabase.auth.getSession();
  const { session_id } = JSON.parse(
    Buffer.from(data.session?.access_token.split('.')[1] ?? '', 'base64url').toString(),
  ) as { session_id: string };
  const database = new Client(SUPABASE_DB_URL);
  await database.connect();
  const { rows } = await database.query('select host(ip) as ip, user_agent from auth.sessions where id = $1', [
    session_id,
  ]);
  await database.end();
  expect(rows).toEqual([{ ip: expect.stringMatching(/^[\d.:a-f]+$/), user_agent: expect.any(String) }]);
});

describe('a request without a key', () => {
  it.each(['/rest/v1/profiles', '/rest/v1/rpc/anything', '/auth/v1/user', '/auth/v1/settings'])(
    'is refused at %s, also from this machine',
    async (path) => {
      expect((await fetch(SUPABASE_URL + path)).status).toBe(401);
    },
  );

  it('cannot make a bucket', async () => {
    const response = await fetch(`${SUPABASE_URL}/storage/v1/bucket`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: randomUUID(), name: randomUUID() }),
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
  });

  it('sees no bucket', async () => {
    const name = randomUUID();
    const operator = client(SUPABASE_SECRET_KEY);
    expect((await operator.storage.createBucket(name)).error).toBeNull();
    const response = await fetch(`${SUPABASE_URL}/storage/v1/bucket`);
    expect(JSON.stringify(await response.json())).not.toContain(name);
    await operator.storage.deleteBucket(name);
  });

  it('gains nothing by a forged token', async () => {
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    const claims = Buffer.from('{"role":"service_role","exp":9999999999}').toString('base64url');
    const response = await fetch(`${SUPABASE_URL}/rest/v1/account_settings`, {
      headers: { apikey: SUPABASE_PUBLISHABLE_KEY, authorization: `Bearer ${header}.${claims}.` },
    });
    expect(response.status).toBe(401);
  });
});

describe('Storage', () => {
  it('gives back what was uploaded, with its type, and lets go of it', async () => {
    const operator = client(SUPABASE_SECRET_KEY);
    const bucket = randomUUID();
    await operator.storage.createBucket(bucket);
    const files = operator.storage.from(bucket);
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 256);
    for (const path of ['a', 'a/b', '../outside.bin']) {
      await files.upload(path, bytes, { contentType: 'application/x-test' });
    }
    const { data, error } = await files.download('a/b');
    expect(error).toBeNull();
    expect(data?.type).toContain('application/x-test');
    expect(new Uint8Array((await data?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(bytes);
    await files.remove(['a/b']);
    expect((await files.download('a/b')).error).not.toBeNull();
    expect((await files.download('a')).error).toBeNull();
    await operator.storage.emptyBucket(bucket);
    expect((await operator.storage.deleteBucket(bucket)).error).toBeNull();
  });

  it('gives a private file to whoever has its signed address, and to nobody else', async () => {
    const operator = client(SUPABASE_SECRET_KEY);
    const bucket = randomUUID();
    await operator.storage.createBucket(bucket, { public: false });
    const files = operator.storage.from(bucket);
    await files.upload('a folder/a.txt', 'hello', { contentType: 'text/plain' });
    const { data, error } = await files.createSignedUrl('a folder/a.txt', 60);
    expect(error).toBeNull();
    expect(await (await fetch(data?.signedUrl ?? '')).text()).toBe('hello');
    const forged = new URL(data?.signedUrl ?? '');
    forged.searchParams.set('token', 'forged');
    expect((await fetch(forged)).ok).toBe(false);
    expect((await (await someone()).supabase.storage.from(bucket).download('a folder/a.txt')).error).not.toBeNull();
    await operator.storage.emptyBucket(bucket);
    await operator.storage.deleteBucket(bucket);
  });
});

describe.runIf(MAIL_URL !== undefined)('a password reset', () => {
  it('sends a mail whose link gives a session that may set a new password', async () => {
    const { email } = await someone();
    const redirectTo = 'http://localhost:3000/reset';
    expect((await client().auth.resetPasswordForEmail(email, { redirectTo })).error).toBeNull();
    const link = await resetLink(email);
    const response = await fetch(link, { redirect: 'manual' });
    const target = new URL(response.headers.get('location') ?? '');
    expect(target.origin + target.pathname).toBe(redirectTo);
    const outcome = new URLSearchParams(target.hash.slice(1));
    expect(outcome.get('type')).toBe('recovery');

    const recovering = client();
    const access_token = outcome.get('access_token') ?? '';
    const refresh_token = outcome.get('refresh_token') ?? '';
    expect((await recovering.auth.setSession({ access_token, refresh_token })).error).toBeNull();
    expect((await recovering.auth.updateUser({ password: 'another good password' })).error).toBeNull();
    expect((await client().auth.signInWithPassword({ email, password: PASSWORD })).error?.code).toBe(
      'invalid_credentials',
    );
    const signedIn = await client().auth.signInWithPassword({ email, password: 'another good password' });
    expect(signedIn.error).toBeNull();
  });

  it('sends nobody to an address that is not on the list', async () => {
    const { email } = await someone();
    await client().auth.resetPasswordForEmail(email, { redirectTo: 'https://evil.example/steal' });
    const response = await fetch(await resetLink(email), { redirect: 'manual' });
    expect(response.headers.get('location')).not.toContain('evil.example');
  });
});

/** Waits for the mail and takes the link out of it. */
async function resetLink(email: string): Promise<string> {
  const html = await eventually(`a mail to ${email}`, async () => {
    const list = await (await fetch(`${MAIL_URL}/api/messages?to=${encodeURIComponent(email)}`)).json();
    const id = list.data[0]?.id;
    return id === undefined
      ? undefined
      : ((await (await fetch(`${MAIL_URL}/api/messages/${id}`)).json()).html as string);
  });
  expect(html).toMatch(/>\d{6}</);
  const link = /href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
  if (link === undefined) throw new Error('The mail has no link.');
  return link;
}
