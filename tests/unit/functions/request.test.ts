import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createPostRequest } from '../../../contracts/api/posts.ts';
import { createVerificationRequest } from '../../../contracts/api/users.ts';
import { validate } from '../../../functions/_shared/request.ts';
import { createApp } from '../../../functions/wallet/app.ts';
import { answeringDatabase, depsFor, SECRET } from './fakes.ts';

const LIMIT_BYTES = 1024;
const token = await new SignJWT({ session_id: crypto.randomUUID(), role: 'authenticated' })
  .setProtectedHeader({ alg: 'HS256' })
  .setSubject(crypto.randomUUID())
  .setAudience('authenticated')
  .setExpirationTime('1h')
  .sign(new TextEncoder().encode(SECRET));

const payment = JSON.stringify({ recipient: 'ben', amount: '1.00' });
const tooLong = JSON.stringify({ recipient: 'ben', amount: '1.00', description: 'x'.repeat(LIMIT_BYTES) });

/** What POST wallet/transaction answers to a body that comes in pieces of 100 bytes, and how many of those were read. */
async function send(text: string, headers: Record<string, string>) {
  const db = answeringDatabase(() => [{ replayed: false, status: 201, body: { id: 'x' } }]);
  await using deps = depsFor({ ASTRA_BODY_LIMIT_BYTES: String(LIMIT_BYTES) }, { db });
  const bytes = new TextEncoder().encode(text);
  let position = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (position >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(position, position + 100));
        position += 100;
      },
    },
    { highWaterMark: 0 },
  );
  const response = await createApp(deps).request('/wallet/transaction', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body,
    duplex: 'half',
  } as RequestInit);
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, code, read_bytes: position };
}

describe('a request’s body', () => {
  test.each([
    ['that says how long it is', { 'content-length': String(payment.length) }],
    ['in chunks', {}],
  ])('%s is read', async (_what, headers) => {
    expect(await send(payment, headers)).toMatchObject({ status: 201 });
  });

  test('that announces too much is refused unread (request.too_large)', async () => {
    const headers = { 'content-length': String(tooLong.length) };
    expect(await send(tooLong, headers)).toEqual({ status: 413, code: 'request.too_large', read_bytes: 0 });
  });

  test.each([
    ['announces nothing', {}],
    ['announces less', { 'content-length': '10', 'transfer-encoding': 'chunked' }],
    ['announces no number', { 'content-length': 'ten' }],
  ])('in chunks that %s is read no further than the limit (request.too_large)', async (_what, headers) => {
    const endless = tooLong.repeat(20);
    const answer = await send(endless, headers);
    expect(answer).toMatchObject({ status: 413, code: 'request.too_large' });
    expect(answer.read_bytes).toBeLessThan(LIMIT_BYTES + 300);
  });
});

test.each(['from=2026-11-22', 'to=2026-11-22T10:00:00', 'from=2026-11-22T10:00:00+00:00', 'to=yesterday'])(
  'a time that is none, ?%s, is refused with an example of one (request.invalid)',
  async (query) => {
    await using deps = depsFor({});
    const headers = { authorization: `Bearer ${token}` };
    const response = await createApp(deps).request(`/wallet/transactions?${query}`, { headers });
    expect(await response.json()).toMatchObject({
      code: 'request.invalid',
      errors: [{ path: `query.${query.split('=')[0]}`, message: expect.stringContaining("'2026-11-22T16:31:19Z'") }],
    });
  },
);

test.each([
  ['media_urls', createPostRequest, {}],
  ['evidence_urls', createVerificationRequest, { kind: 'business', statement: 'A bakery in Lima.' }],
])('a text in place of the list %s is one fault (request.invalid)', (name, schema, others) => {
  const path = `body.${name}`;
  const fields = [{ path, message: expect.stringContaining('expected array') }];
  const body = { ...others, [name]: 'https://example.com/1.jpg' };
  expect(() => validate(schema, body, 'body')).toThrow(expect.objectContaining({ code: 'request.invalid', fields }));
});
