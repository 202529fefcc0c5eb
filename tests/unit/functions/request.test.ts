import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
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
  const fields = [{ path, message: 'must be a list' }];
  const body = { ...others, [name]: 'https://example.com/1.jpg' };
  expect(() => validate(schema, body, 'body')).toThrow(expect.objectContaining({ code: 'request.invalid', fields }));
});

test('a fault is told in words for whoever sent it, and words of a rule of its own stay', () => {
  const schema = z.strictObject({
    recipient: z.string(),
    amount: z.string(),
    note: z.string().min(1),
    bio: z.string().max(3),
    mode: z.enum(['atomic', 'independent']),
    publish: z.literal(true),
    id: z.uuid(),
    site: z.url({ protocol: /^https?$/ }),
    options: z.array(z.string()).min(2),
    share: z.number().int().max(9),
    currency: z.string().regex(/^[A-Z]{3}$/, 'must be three capital letters'),
  });
  const body = {
    ...{ amount: 12.5, note: '', bio: 'long', mode: 'some', publish: 'yes', id: '7', site: 'ftp://x', options: ['a'] },
    ...{ share: 10, currency: 'usd' },
  };
  const fields = {
    recipient: 'is missing',
    amount: 'must be text in quotes',
    note: 'must have at least 1 character',
    bio: 'must have at most 3 characters',
    mode: 'must be one of atomic, independent',
    publish: 'must be true',
    id: 'must be a UUID',
    site: 'must be an address with https:// or http://',
    options: 'must have at least 2 elements',
    share: 'must be at most 9',
    currency: 'must be three capital letters',
  };
  const expected = Object.entries(fields).map(([name, message]) => ({ path: `body.${name}`, message }));
  expect(() => validate(schema, body, 'body')).toThrow(expect.objectContaining({ fields: expected }));
});
