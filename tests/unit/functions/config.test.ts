import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../../functions/_shared/config.ts';
import { configFor, ENVIRONMENT } from './fakes.ts';

/** The message that a wrong environment gives. */
function messageFor(env: Record<string, string | undefined>): string {
  try {
    readConfig({ ...ENVIRONMENT, ...env });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('the environment was accepted');
}

describe('readConfig', () => {
  test('takes the default entry of the hosted map of keys', () => {
    const config = configFor({
      SUPABASE_PUBLISHABLE_KEY: '',
      SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_h"}',
    });
    expect(config.publishable_key).toBe('sb_publishable_h');
  });

  test('prefers the login of the API and falls back to SUPABASE_DB_URL', () => {
    expect(configFor().database.url).toContain('astra_api');
    const fallback = configFor({ ASTRA_API_DB_URL: '', SUPABASE_DB_URL: 'postgresql://postgres@db/postgres' });
    expect(fallback.database.url).toBe('postgresql://postgres@db/postgres');
  });

  test('looks for the project’s JWKS only when no secret is set', () => {
    expect(configFor().jwt.jwks_url).toBeUndefined();
    expect(configFor({ SUPABASE_JWT_SECRET: '' }).jwt.jwks_url).toBe(
      'http://127.0.0.1:54321/auth/v1/.well-known/jwks.json',
    );
  });

  test('takes an empty JWKS, as projects without asymmetric keys have it, for none', () => {
    expect(configFor({ SUPABASE_JWKS: '{"keys":[]}' }).jwt.jwks).toBeUndefined();
  });

  test('reads rate limits as requests/seconds', () => {
    expect(configFor({ ASTRA_RATE_LOGIN: '3/10' }).rate_limits.login).toEqual({ limit: 3, window_s: 10 });
  });

  test.each([
    ['SUPABASE_URL', undefined],
    ['SUPABASE_URL', 'not a url'],
    ['SUPABASE_PUBLISHABLE_KEY', undefined],
    ['ASTRA_API_DB_URL', undefined],
    ['ASTRA_API_DB_URL', 'mysql://x'],
    ['SUPABASE_JWT_SECRET', 'short'],
    ['SUPABASE_JWKS', '{'],
    ['REDIS_URL', 'localhost:6379'],
    ['ASTRA_RATE_USER', '300 per minute'],
    ['ASTRA_DB_POOL_MAX', '0'],
    ['ASTRA_TRUSTED_HOPS', '-1'],
    ['LOG_LEVEL', 'loud'],
  ])('names %s when it is %j, and the next step', (variable, value) => {
    const message = messageFor({ [variable]: value });
    expect(message).toContain(`${variable}:`);
    expect(message).toContain('npm start');
  });

  test('names every wrong variable at once and repeats no value', () => {
    const message = messageFor({ SUPABASE_JWT_SECRET: 'hunter2', REDIS_URL: 'secret-host' });
    expect(message).toContain('SUPABASE_JWT_SECRET');
    expect(message).toContain('REDIS_URL');
    expect(message).not.toMatch(/hunter2|secret-host/);
  });
});
