import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTokenVerifier } from '../../../functions/_shared/tokens.ts';
import { createApp } from '../../../functions/wallet/app.ts';
import { answeringDatabase, configFor, depsFor, SECRET } from './fakes.ts';

const user_id = randomUUID();
const secret = new TextEncoder().encode(SECRET);
const es256 = await generateKeyPair('ES256', { extractable: true });
const rs256 = await generateKeyPair('RS256', { extractable: true });
const jwks = {
  keys: [
    { ...(await exportJWK(es256.publicKey)), kid: 'es', alg: 'ES256', use: 'sig' },
    { ...(await exportJWK(rs256.publicKey)), kid: 'rs', alg: 'RS256', use: 'sig' },
  ],
};
const BOTH = { SUPABASE_JWKS: JSON.stringify(jwks) };
const ONLY_JWKS = { ...BOTH, SUPABASE_JWT_SECRET: '' };

const now_s = () => Math.floor(Date.now() / 1000);
const payload = (over: Record<string, unknown> = {}) => ({
  sub: user_id,
  session_id: randomUUID(),
  role: 'authenticated',
  aud: 'authenticated',
  iat: now_s(),
  exp: now_s() + 3600,
  ...over,
});
const hs = (over: Record<string, unknown> = {}, key: Uint8Array = secret, alg: string = 'HS256') =>
  new SignJWT(payload(over)).setProtectedHeader({ alg }).sign(key);
const asymmetric = (alg: 'ES256' | 'RS256', key: CryptoKey, kid: string) =>
  new SignJWT(payload()).setProtectedHeader({ alg, kid }).sign(key);

const wallet = { user_id, currency: 'USD', balance: '1.00' };

/** What GET wallet answers to a bearer token: its status and code. */
async function tryToken(token: string | undefined, env: Record<string, string> = {}) {
  await using deps = depsFor(env, { db: answeringDatabase(() => [wallet]) });
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await createApp(deps).request('/wallet', { headers });
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, code, challenge: response.headers.get('www-authenticate') };
}

describe('with the HS256 secret', () => {
  test('accepts a token of a user', async () => {
    expect(await tryToken(await hs())).toMatchObject({ status: 200 });
  });

  test('answers an expired token (auth.token_expired)', async () => {
    const answer = await tryToken(await hs({ exp: now_s() - 60 }));
    expect(answer).toMatchObject({ status: 401, code: 'auth.token_expired' });
    expect(answer.challenge).toContain('error="invalid_token"');
  });

  test.each([
    ['another audience', { aud: 'somebody else' }],
    ['no audience', { aud: undefined }],
    ['no expiry', { exp: undefined }],
    ['no subject', { sub: undefined }],
    ['a subject that is not a UUID', { sub: 'ana' }],
    ['no session', { session_id: undefined }],
    ['a session that is not a UUID', { session_id: 'x' }],
    ['no role', { role: undefined }],
    ['the role service_role', { role: 'service_role' }],
    ['not yet valid', { nbf: now_s() + 600 }],
  ])('refuses a token with %s (auth.token_invalid)', async (_what, over) => {
    expect(await tryToken(await hs(over))).toMatchObject({ status: 401, code: 'auth.token_invalid' });
  });

  test('treats the anonymous key of old projects as nobody (auth.required)', async () => {
    const token = await hs({ role: 'anon', sub: undefined, session_id: undefined });
    expect(await tryToken(token)).toMatchObject({ status: 401, code: 'auth.required' });
  });

  test.each([undefined, 'sb_publishable_abc'])('treats the bearer %s as nobody (auth.required)', async (token) => {
    const answer = await tryToken(token);
    expect(answer).toMatchObject({ status: 401, code: 'auth.required', challenge: 'Bearer realm="astra"' });
  });

  test.each([
    ['another secret', () => hs({}, new TextEncoder().encode('another secret of thirty-two characters'))],
    ['HS512 with the right secret', () => hs({}, new TextEncoder().encode(SECRET.repeat(2)), 'HS512')],
    ['alg none', async () => new UnsecuredJWT(payload()).encode()],
    ['an asymmetric key that nobody configured', () => asymmetric('ES256', es256.privateKey, 'es')],
    ['garbage', async () => 'a.b.c'],
    ['too many characters', async () => 'a'.repeat(10_000)],
  ])('refuses %s (auth.token_invalid)', async (_what, make) => {
    expect(await tryToken(await make())).toMatchObject({ status: 401, code: 'auth.token_invalid' });
  });
});

describe('with JWKS', () => {
  test('accepts ES256 and RS256', async () => {
    expect(await tryToken(await asymmetric('ES256', es256.privateKey, 'es'), ONLY_JWKS)).toMatchObject({ status: 200 });
    expect(await tryToken(await asymmetric('RS256', rs256.privateKey, 'rs'), ONLY_JWKS)).toMatchObject({ status: 200 });
  });

  test('accepts HS256 beside it only while a secret is configured', async () => {
    expect(await tryToken(await hs(), BOTH)).toMatchObject({ status: 200 });
    expect(await tryToken(await hs(), ONLY_JWKS)).toMatchObject({ status: 401, code: 'auth.token_invalid' });
  });

  test('refuses an HS256 token signed with the public key as secret (auth.token_invalid)', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encode({ alg: 'HS256', kid: 'rs' })}.${encode(payload())}`;
    const mac = createHmac('sha256', await exportSPKI(rs256.publicKey))
      .update(unsigned)
      .digest('base64url');
    for (const env of [ONLY_JWKS, BOTH]) {
      expect(await tryToken(`${unsigned}.${mac}`, env)).toMatchObject({ status: 401, code: 'auth.token_invalid' });
    }
  });

  test('refuses the right kid with a wrong key (auth.token_invalid)', async () => {
    const other = await generateKeyPair('ES256');
    const token = await asymmetric('ES256', other.privateKey, 'es');
    expect(await tryToken(token, ONLY_JWKS)).toMatchObject({ status: 401, code: 'auth.token_invalid' });
  });

  test('fetches the keys from the project, and answers while they cannot be had (service.auth_unavailable)', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(jwks));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const env = { SUPABASE_JWT_SECRET: '', SUPABASE_URL: `http://127.0.0.1:${port}` };
    const token = await asymmetric('ES256', es256.privateKey, 'es');
    expect(await tryToken(token, env)).toMatchObject({ status: 200 });
    await new Promise((resolve) => server.close(resolve));
    expect(await tryToken(token, env)).toMatchObject({ status: 503, code: 'service.auth_unavailable' });
  });
});

describe('a token that was verified before', () => {
  test('is refused at the moment it expires (auth.token_expired)', async () => {
    let now_ms = Date.now();
    const tokens = createTokenVerifier(configFor().jwt, () => now_ms);
    const exp = Math.floor(now_ms / 1000) + 10;
    const token = await hs({ exp });
    expect(await tokens.verify(token)).toMatchObject({ user_id, expires_at: exp });
    // Five seconds are allowed for clocks that differ.
    now_ms = (exp + 5) * 1000 - 1;
    expect(await tokens.verify(token)).toMatchObject({ user_id });
    now_ms += 1;
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'auth.token_expired' });
  });

  test('says nothing about another with the same claims (auth.token_invalid)', async () => {
    const tokens = createTokenVerifier(configFor().jwt, Date.now);
    const token = await hs();
    await tokens.verify(token);
    const [header, claims, mac = ''] = token.split('.');
    const forged = `${header}.${claims}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`;
    await expect(tokens.verify(forged)).rejects.toMatchObject({ code: 'auth.token_invalid' });
    expect(await tokens.verify(token)).toMatchObject({ user_id });
  });
});

describe('the keys of a project that change', () => {
  afterEach(() => vi.useRealTimers());

  /** A project whose published keys a test can change, and a verifier that was just given a good token of it. */
  async function project() {
    vi.useFakeTimers({ toFake: ['Date'] });
    const published = { status: 200, keys: jwks.keys, fetches: 0 };
    const server = createServer((_request, response) => {
      published.fetches += 1;
      response.writeHead(published.status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify({ keys: published.keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const config = configFor({ SUPABASE_JWT_SECRET: '', SUPABASE_URL: `http://127.0.0.1:${port}` });
    const tokens = createTokenVerifier(config.jwt, Date.now);
    const token = await asymmetric('ES256', es256.privateKey, 'es');
    await tokens.verify(token);
    const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
    const closed = () => new Promise((resolve) => server.close(resolve));
    return { published, tokens, token, later, [Symbol.asyncDispose]: async () => void (await closed()) };
  }

  test('are fetched once for many tokens', async () => {
    await using p = await project();
    for (let i = 0; i < 3; i += 1) await p.tokens.verify(await asymmetric('ES256', es256.privateKey, 'es'));
    expect(p.published.fetches).toBe(1);
  });

  test('refuse within a minute a token whose key is gone, however often it was used (auth.token_invalid)', async () => {
    await using p = await project();
    p.published.keys = jwks.keys.filter(({ kid }) => kid !== 'es');
    for (let waited_s = 0; waited_s < 60; waited_s += 10) {
      p.later(10_000);
      await p.tokens.verify(p.token).catch(() => undefined);
    }
    await expect(p.tokens.verify(p.token)).rejects.toMatchObject({ code: 'auth.token_invalid' });
  });

  test('stay good for ten minutes while they cannot be fetched, and no longer (service.auth_unavailable)', async () => {
    await using p = await project();
    p.published.status = 500;
    p.later(590_000);
    expect(await p.tokens.verify(p.token)).toMatchObject({ user_id });
    p.later(40_000);
    await expect(p.tokens.verify(p.token)).rejects.toMatchObject({ code: 'service.auth_unavailable' });
    p.published.status = 200;
    p.later(10_000);
    expect(await p.tokens.verify(p.token)).toMatchObject({ user_id });
  });

  test('call no token bad that a key newer than the last fetch may have signed (service.auth_unavailable)', async () => {
    await using p = await project();
    p.published.status = 500;
    p.later(40_000);
    const token = await asymmetric('ES256', es256.privateKey, 'newer');
    await expect(p.tokens.verify(token)).rejects.toMatchObject({ code: 'service.auth_unavailable' });
  });
});
