import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { describe, expect, test } from 'vitest';
import {
  type AccountJob,
  accountJob,
  accountJobsPage,
  type ExportState,
  exportState,
} from '../../contracts/api/accounts.ts';
import { ask, asOperator, expectProblem, type Person, sessionIdOf, signInAgain, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

type Exported = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> & { readonly format: string };

function clientOf({ token }: Person) {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  return createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, {
    accessToken: async () => token,
  });
}

function operatorsClient() {
  const { SUPABASE_URL, SUPABASE_SECRET_KEY } = testEnvironment();
  return createClient(SUPABASE_URL, SUPABASE_SECRET_KEY, { auth: { persistSession: false } });
}

async function post(path: string, { token }: Person, body: unknown = {}) {
  return await ask(path, { method: 'POST', token, body });
}

/** Asks for the deletion of the account; the session of a fresh sign-up is proof enough. */
async function requestDeletion({ token }: Person, body: unknown = {}) {
  return await ask('users/account', { method: 'DELETE', token, body });
}

async function exported(person: Person): Promise<ExportState & { download_url: string }> {
  return await eventually('the export is done', async () => {
    const state = exportState.parse((await ask('users/export', { token: person.token })).body);
    const { download_url } = state;
    return download_url === null ? null : { ...state, download_url };
  });
}

async function download(person: Person): Promise<Exported> {
  const { download_url } = await exported(person);
  return (await (await fetch(download_url)).json()) as Exported;
}

/** Lets the worker do now what is to wait for seven days. */
async function letTimePass({ id }: Pick<AccountJob, 'id'>): Promise<void> {
  await asOperator('update public.account_jobs set run_after = now() where id = $1', [id]);
}

async function ageSessions({ id }: Person): Promise<void> {
  await asOperator("update auth.sessions set created_at = now() - interval '11 minutes' where user_id = $1", [id]);
}

async function jobsOf(person: Person) {
  return accountJobsPage.parse((await ask('users/account/jobs', { token: person.token })).body).data;
}

async function deleted({ id }: Person): Promise<void> {
  await eventually('the account is deleted', async () => {
    const rows = await asOperator<{ state: string }>(
      "select state from public.account_jobs where user_id = $1 and kind = 'deletion' order by created_at desc limit 1",
      [id],
    );
    return rows[0]?.state === 'done';
  });
}

describe('POST and GET users/export', () => {
  test('give a file with everything that is a person’s, for as long as its address works', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    await ask('users/profile', { method: 'PUT', token: ana.token, body: { bio: 'Bakes bread' } });
    await asOperator('select admin.fund_wallet($1, $2, $3, $4)', [ana.username, '10.00', 'USD', 'for a test']);
    await post('wallet/transaction', ana, { recipient: ben.username, amount: '2.50', currency: 'USD' });
    await post(`users/mute/${ben.id}`, ana);
    await post(`users/mute/${ana.id}`, ben);
    await post(`users/follow/${ana.id}`, ben);
    const answer = await post('users/export', ana);
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    expect(accountJob.parse(answer.body)).toMatchObject({ kind: 'export', state: 'queued' });

    const file = await download(ana);
    expect(file.format).toBe('astra.export.v1');
    expect(file['account']).toMatchObject([{ id: ana.id, email: ana.email }]);
    expect(file['profile']).toMatchObject([{ username: ana.username, bio: 'Bakes bread' }]);
    expect(file['sessions']).toMatchObject([{ id: sessionIdOf(ana.token) }]);
    expect(file['muted']).toMatchObject([{ user_id: ben.id, username: ben.username }]);
    expect(file['followers']).toMatchObject([{ user_id: ben.id, username: ben.username }]);
    expect(file['wallet_entries']?.map(({ amount_minor }) => amount_minor)).toEqual([1000, -250]);
    expect(file['jobs']).toMatchObject([{ kind: 'export' }]);
    expect(JSON.stringify(file)).not.toContain(ben.email);
  });

  test('let nobody else have it: not another person, not its own without the address, nobody by an address of their own', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    const { id } = (await post('users/export', ana)).body as AccountJob;
    const { download_url } = await exported(ana);
    const path = `${ana.id}/${id}.json`;
    for (const person of [ana, ben]) {
      const files = clientOf(person).storage.from('exports');
      expect((await files.download(path)).error).not.toBeNull();
      expect((await files.createSignedUrl(path, 60)).error).not.toBeNull();
      expect((await files.list(ana.id)).data ?? []).toEqual([]);
      expect((await files.upload(`${ben.id}/${randomUUID()}.json`, '{}')).error).not.toBeNull();
    }
    expectProblem(await ask('users/export', { token: ben.token }), 'users.export_not_found');
    const forged = new URL(download_url);
    forged.pathname = forged.pathname.replace(id, randomUUID());
    expect((await fetch(forged)).ok).toBe(false);
    const payload = JSON.parse(
      Buffer.from(new URL(download_url).searchParams.get('token')?.split('.')[1] ?? '', 'base64url').toString(),
    ) as { exp: number };
    expect(payload.exp * 1000 - Date.now()).toBeLessThanOrEqual(300_000);
  });

  test('refuse a second one on the same day (users.export_too_soon), and replay the first', async () => {
    const ana = await signUp('ana');
    const key = { 'Idempotency-Key': randomUUID() };
    const first = await ask('users/export', { method: 'POST', token: ana.token, body: {}, headers: key });
    await exported(ana);
    expectProblem(await post('users/export', ana), 'users.export_too_soon');
    const again = await ask('users/export', { method: 'POST', token: ana.token, body: {}, headers: key });
    expect(again.body).toEqual(first.body);
  });

  test('offer no address once the file has expired', async () => {
    const ana = await signUp('ana');
    const { id } = (await post('users/export', ana)).body as AccountJob;
    await exported(ana);
    await asOperator('update public.account_jobs set expires_at = now() where id = $1', [id]);
    const { body } = await ask('users/export', { token: ana.token });
    expect(exportState.parse(body)).toMatchObject({ state: 'done', download_url: null, download_expires_at: null });
  });
});

describe('DELETE users/account', () => {
  test('wants proof: a fresh session or the password (users.proof_required, auth.invalid_credentials)', async () => {
    const ana = await signUp('ana');
    await ageSessions(ana);
    expectProblem(await requestDeletion(ana), 'users.proof_required');
    expectProblem(await requestDeletion(ana, { password: 'not hers' }), 'auth.invalid_credentials');
    const answer = await requestDeletion(ana, { password: ana.password });
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    expect(accountJob.parse(answer.body)).toMatchObject({ kind: 'deletion', state: 'queued' });
    // The check of the password left no session behind.
    const sessions = await asOperator('select id from auth.sessions where user_id = $1', [ana.id]);
    expect(sessions).toEqual([{ id: sessionIdOf(ana.token) }]);
    expect((await ask('users/profile', { token: ana.token })).status).toBe(200);
  });

  test('can be taken back, once (users.deletion_not_found)', async () => {
    const ana = await signUp('ana');
    const { id } = (await requestDeletion(ana)).body as AccountJob;
    expect((await requestDeletion(ana)).body).toMatchObject({ id });
    const restored = await post('users/account/restore', ana);
    expect(restored.status).toBe(200);
    expect(accountJob.parse(restored.body)).toMatchObject({ id, state: 'cancelled' });
    expectProblem(await post('users/account/restore', ana), 'users.deletion_not_found');
    expect(await jobsOf(ana)).toMatchObject([{ id, state: 'cancelled' }]);
  });

  test('is refused while there is money (users.account_has_money)', async () => {
    const ana = await signUp('ana');
    await asOperator('select admin.fund_wallet($1, $2, $3, $4)', [ana.username, '1', 'USD', 'for a test']);
    expectProblem(await requestDeletion(ana), 'users.account_has_money');
    expect(await jobsOf(ana)).toEqual([]);
  });

  test('fails at its time when money has come in, and says so', async () => {
    const ana = await signUp('ana');
    const job = (await requestDeletion(ana)).body as AccountJob;
    await asOperator('select admin.fund_wallet($1, $2, $3, $4)', [ana.username, '1', 'USD', 'for a test']);
    await letTimePass(job);
    const failed = await eventually('it has failed', async () =>
      (await jobsOf(ana)).find(({ state }) => state === 'failed'),
    );
    expect(failed).toMatchObject({ id: job.id, reason: 'users.account_has_money' });
  });

  test('leaves nothing of the person but the ledger: no profile, no file, no session, no sign-in', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    await asOperator('select admin.fund_wallet($1, $2, $3, $4)', [ana.username, '5', 'USD', 'for a test']);
    await post('wallet/transaction', ana, { recipient: ben.username, amount: '5', currency: 'USD' });
    const other = await signInAgain(ana);
    await post('users/export', ana);
    const { download_url } = await exported(ana);
    const files = operatorsClient().storage;
    const bucket = `pictures-${randomUUID()}`;
    await files.createBucket(bucket);
    await files.from(bucket).upload('of/ana.txt', 'mine', { contentType: 'text/plain' });
    await asOperator('update storage.objects set owner_id = $1 where bucket_id = $2', [ana.id, bucket]);

    await letTimePass((await requestDeletion(ana)).body as AccountJob);
    await deleted(ana);

    for (const token of [ana.token, other.token]) {
      expectProblem(await ask('users/profile', { token }), 'auth.session_revoked');
      expectProblem(await post('users/account/restore', { ...ana, token }), 'auth.session_revoked');
    }
    expectProblem(
      await ask('auth/refresh', { body: { refresh_token: ana.refresh_token } }),
      'auth.refresh_token_invalid',
    );
    expectProblem(
      await ask('auth/login', { body: { email: ana.email, password: ana.password } }),
      'auth.invalid_credentials',
    );
    expectProblem(await ask(`users/${ana.id}`, { token: ben.token }), 'users.not_found');
    expectProblem(await ask(`users/${ana.username}`, { token: ben.token }), 'users.not_found');
    expect((await fetch(download_url)).ok).toBe(false);
    expect((await files.from(bucket).list('of')).data).toEqual([]);
    await files.deleteBucket(bucket);

    const { body } = await ask('wallet/transactions', { token: ben.token });
    expect((body as { data: unknown[] }).data).toMatchObject([{ amount: '5.00', counterparty_username: null }]);
    expect(await asOperator('select * from admin.ledger_audit where not ok')).toEqual([]);
    expect(await asOperator("select from admin.dead_letters where payload ->> 'user_id' = $1", [ana.id])).toEqual([]);
  });
});

test('nobody may ask without being signed in (auth.required)', async () => {
  expectProblem(await ask('users/export', { method: 'POST', body: {} }), 'auth.required');
  expectProblem(await ask('users/account', { method: 'DELETE' }), 'auth.required');
});
