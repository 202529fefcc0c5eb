import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testEnvironment } from '../support/environment.ts';
import { statusOf } from '../support/status-of.ts';
import { keepScreenshot, launchChromium } from './chromium.ts';

const { STUDIO_URL, SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();

/** A hosted project's Studio stands behind its own login. */
describe.runIf(STUDIO_URL !== undefined)('Studio', () => {
  const studio = STUDIO_URL ?? '';
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it('opens without a login and lists the tables', async () => {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(error.message));
    page.on('response', (response) => {
      if (response.status() >= 400) failures.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(studio);
    await page.getByRole('link', { name: 'profiles' }).waitFor();
    await page.getByRole('link', { name: 'account_settings' }).waitFor();
    await keepScreenshot(page, 'studio-tables');
    expect(failures).toEqual([]);
  });

  it('shows the rows of a table', async () => {
    const username = `s${randomUUID().replaceAll('-', '').slice(0, 20)}`;
    const client = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false } });
    const signUp = await client.auth.signUp({ email: `${username}@example.com`, password: 'a long enough password' });
    expect(signUp.error).toBeNull();
    const { data } = await client
      .from('profiles')
      .select('username')
      .eq('id', signUp.data.user?.id ?? '')
      .single();

    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(`${studio}/editor/public.profiles`);
    await page.getByText('username', { exact: true }).first().waitFor();
    await page.getByText('full_name', { exact: true }).first().waitFor();
    await keepScreenshot(page, 'studio-rows');
    const rows = await page.request.get(`${studio}/rest/v1/profiles?select=username&username=eq.${data?.username}`);
    expect(await rows.json()).toEqual([{ username: data?.username }]);
  });

  it.each([
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['another local port', { origin: 'http://127.0.0.1:3000' }],
    ['a host name that leads to this machine', { host: 'evil.example' }],
    ['a script tag of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a form of another local port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  ])('gives nothing to %s (stack.foreign_origin)', async (_what, headers) => {
    for (const path of ['/rest/v1/profiles', '/_system/introspect', '/_system/info', '/storage/v1/bucket']) {
      expect(await statusOf(studio + path, headers)).toBe(403);
    }
  });
});
