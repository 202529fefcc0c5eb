import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createTokens } from '../../../scripts/stack/realtime/tokens.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const exp = NOW_MS / 1_000 + 60;
const SECRET = 'a-secret-of-this-test-with-at-least-32-characters';
const none = { apiKeys: new Map<string, string>(), jwtSecret: null, jwks: null };

async function keyPair(alg: 'ES256' | 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg } as { kty: string };
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid: 'k1' }).sign(privateKey);
  return { jwks: { keys: [jwk] }, sign };
}

const signHs = (claims: Record<string, unknown>, secret: string | Uint8Array = SECRET) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .sign(typeof secret === 'string' ? new TextEncoder().encode(secret) : secret);

describe.each(['ES256', 'RS256'] as const)('with public keys (%s)', (alg) => {
  test('takes a token of that key, and no token of a shared secret', async () => {
    const { jwks, sign } = await keyPair(alg);
    const tokens = createTokens({ ...none, jwks }, () => NOW_MS);
    const claims = { sub: 'ana', role: 'authenticated', exp };
    expect(await tokens.verify(await sign(claims))).toMatchObject(claims);
    // The public key is no secret: whoever signs with its text must not get in.
    const forged = await signHs(
      { ...claims, role: 'service_role' },
      new TextEncoder().encode(JSON.stringify(jwks.keys[0])),
    );
    await expect(tokens.verify(forged)).rejects.toThrow('Failed to validate JWT signature');
    const other = await (await keyPair(alg)).sign(claims);
    await expect(tokens.verify(other)).rejects.toThrow('Failed to validate JWT signature');
  });
});

test('with both, each kind of token is checked by its own key', async () => {
  const { jwks, sign } = await keyPair('ES256');
  const tokens = createTokens({ ...none, jwks, jwtSecret: SECRET }, () => NOW_MS);
  const claims = { role: 'anon', exp };
  expect(await tokens.verify(await sign(claims))).toMatchObject(claims);
  expect(await tokens.verify(await signHs(claims))).toMatchObject(claims);
});

test('a token that was checked before is refused all the same once it has ended', async () => {
  let now_ms = NOW_MS;
  const tokens = createTokens({ ...none, jwtSecret: SECRET }, () => now_ms);
  const token = await signHs({ role: 'authenticated', exp });
  const first = await tokens.verify(token);
  expect(await tokens.verify(token)).toBe(first);
  now_ms += 63_000;
  await expect(tokens.verify(token)).rejects.toThrow('Token has expired 3 seconds ago');
});

test('an API key stands for its role, and any other text that looks like one for nothing', async () => {
  const tokens = createTokens({ ...none, jwtSecret: SECRET, apiKeys: new Map([['sb_secret_1', 'service_role']]) });
  expect(await tokens.verify('sb_secret_1')).toMatchObject({ role: 'service_role' });
  await expect(tokens.verify('sb_secret_2')).rejects.toThrow('The token provided is not a valid JWT');
});
