import { expect, test } from 'vitest';
import { createApp } from '../../../functions/auth/app.ts';
import { depsFor } from './fakes.ts';

function post(path: string, body: unknown, ip = '192.0.2.1'): Request {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': ip };
  return new Request(`http://functions/auth/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('forgot-password answers before Auth does, so that a slow mail server does not tell who is known', async () => {
  const mail = Promise.withResolvers<Response>();
  await using deps = depsFor({}, { fetch: () => mail.promise });
  const answer = await createApp(deps).fetch(post('forgot-password', { email: 'ana@example.com' }));
  expect([answer.status, await answer.json()]).toEqual([202, { status: 'accepted' }]);
  mail.resolve(Response.json({}));
});

test('forgot-password keeps the function alive until Auth has answered, and logs a refusal', async () => {
  const kept: Promise<unknown>[] = [];
  const fetch = async () => Response.json({ error_code: 'over_email_send_rate_limit' }, { status: 429 });
  await using deps = depsFor({}, { fetch, keepAlive: (work) => kept.push(work) });
  await createApp(deps).fetch(post('forgot-password', { email: 'ana@example.com' }));
  await Promise.all(kept);
  expect(kept).toHaveLength(1);
  expect(deps.lines.join()).toContain('auth.email_rate_limited');
});

test('guesses of a reset code are counted by email, wherever they come from (rate_limit.exceeded)', async () => {
  const fetch = async () => Response.json({ error_code: 'otp_expired' }, { status: 403 });
  await using deps = depsFor({ ASTRA_RATE_RECOVER: '3/3600' }, { fetch });
  const app = createApp(deps);
  const statuses: number[] = [];
  for (let i = 1; i <= 4; i += 1) {
    const body = {
      email: i % 2 ? 'ana@example.com' : 'Ana@Example.com',
      code: `00000${i}`,
      password: 'a new sentence',
    };
    statuses.push((await app.fetch(post('reset-password', body, `192.0.2.${i}`))).status);
  }
  expect(statuses).toEqual([400, 400, 400, 429]);
});
