import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../scripts/stack/context.ts';
import { startGateway } from '../../scripts/stack/gateway.ts';
import { type MailService, startMail } from '../../scripts/stack/mail.ts';
import { openScratch, type Scratch } from '../stack-api/scratch.ts';
import { keepScreenshot, launchChromium } from './chromium.ts';

const HOSTILE = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';

let scratch: Scratch;
let browser: Browser;
let gateway: Service;
let mail: MailService;
let functions: Server;
let resets: unknown[];

beforeAll(async () => {
  scratch = await openScratch();
  browser = await launchChromium();
  mail = await startMail(scratch.context);
  gateway = await startGateway(scratch.context, { supabase: { fetch: async () => new Response('auth') } });
  resets = [];
  functions = createServer(async (request, response) => {
    const body = (await json(request)) as { password: string };
    resets.push({ path: request.url, ...body });
    const refused = body.password.startsWith('weak');
    response.writeHead(refused ? 422 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(refused ? { detail: `Refused. ${HOSTILE}`, hint: 'Choose another.' } : {}));
  }).listen(scratch.context.ports.functions, '127.0.0.1');
});

afterAll(async () => {
  await browser.close();
  functions.closeAllConnections();
  functions.close();
  for (const part of [gateway, mail, scratch]) await part[Symbol.asyncDispose]();
});

async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  return page;
}

describe('the page that a reset link leads to', () => {
  it('sets a new password and keeps the token out of the address', async () => {
    const page = await open(`${gateway.url}/#access_token=the.token&refresh_token=r&type=recovery`);
    expect(page.url()).toBe(`${gateway.url}/`);
    await page.getByLabel('New password').fill('weak password');
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByRole('alert').getByText('Choose another.').waitFor();
    await page.getByLabel('New password').fill('a long enough password');
    await page.getByRole('button', { name: 'Save password' }).click();
    await page.getByRole('status').getByText('Your password is changed.').waitFor();
    await keepScreenshot(page, 'reset-done');
    expect(resets.at(-1)).toEqual({
      path: '/auth/reset-password',
      access_token: 'the.token',
      password: 'a long enough password',
    });
    expect(await page.title()).not.toBe('owned');
  });

  it('says why a link does not work, as text', async () => {
    const outcome = new URLSearchParams({ error: 'access_denied', error_description: `Link has expired ${HOSTILE}` });
    const page = await open(`${gateway.url}/#${outcome}`);
    await page.getByRole('alert').getByText('Link has expired').waitFor();
    expect(await page.getByLabel('New password').isVisible()).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).not.toBe('owned');
  });
});

describe('the inbox page', () => {
  it('shows a hostile mail without running it, and its links open a new tab', async () => {
    const html = `<p id="hello">Hello</p>${HOSTILE}<base target="_top"><a href="${gateway.url}/health">Go</a>`;
    await mail.send({ to: 'ana@example.com', subject: `Subject ${HOSTILE}`, html });
    const page = await open(mail.url);
    await page.getByRole('navigation').getByText('Subject').click();
    const frame = page.frameLocator('iframe');
    await frame.getByText('Hello').waitFor();
    await keepScreenshot(page, 'inbox');
    const [tab] = await Promise.all([page.waitForEvent('popup'), frame.getByRole('link', { name: 'Go' }).click()]);
    await tab.waitForLoadState();
    expect(tab.url()).toBe(`${gateway.url}/health`);
    expect(page.url()).toContain(mail.url);
    expect(await page.title()).toBe('Mail inbox · Astra');
    expect(await page.locator('nav img').count()).toBe(0);
  });
});
