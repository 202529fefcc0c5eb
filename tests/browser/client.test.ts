import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Person, signUp } from '../support/api.ts';
import { directConversation } from '../support/chat-clients.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { keepScreenshot, launchChromium } from './chromium.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const UMD = join(ROOT, 'node_modules/@supabase/supabase-js/dist/umd/supabase.js');

/** A chat as an app may begin: the list, a field, and where it was in the browser's storage. */
const PAGE = `<!doctype html><title>Chat</title>
<ul id="messages"></ul><p id="state"></p>
<form><input name="content" autocomplete="off"><button>Send</button></form>
<script src="/supabase.js"></script>
<script type="module">
  import { joinConversation, reconnectAfterMs } from '/client/index.js';
  const { url, key, session, id } = JSON.parse(atob(location.hash.slice(1)));
  const client = supabase.createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false }, realtime: { reconnectAfterMs } });
  await client.auth.setSession(session);
  const list = document.querySelector('#messages');
  for (const text of JSON.parse(localStorage.messages ?? '[]')) list.append(Object.assign(document.createElement('li'), { textContent: text }));
  const chat = await joinConversation(client, id, {
    after_seq: Number(localStorage.seq ?? 0),
    onMessage({ seq, content }) {
      list.append(Object.assign(document.createElement('li'), { textContent: content }));
      localStorage.messages = JSON.stringify([...list.children].map((one) => one.textContent));
      localStorage.seq = seq;
    },
    onLive(isLive) { document.querySelector('#state').textContent = isLive ? 'live' : 'away'; },
    onTyping() { document.title = 'typing'; },
  });
  const form = document.querySelector('form');
  form.content.oninput = () => chat.typing();
  form.onsubmit = (event) => {
    event.preventDefault();
    void chat.send({ content: form.content.value });
    form.reset();
  };
</script>`;

let browser: Browser;
let built: string;
let site: AsyncDisposable & { readonly url: string };
let ana: Person;
let ben: Person;
let conversation: string;

/** Serves the page, the SDK as browsers take it, and the package as it is built: its modules import nothing but each other. */
async function serve(): Promise<typeof site> {
  const answer = async (path: string, response: ServerResponse) => {
    if (path === '/') return response.setHeader('content-type', 'text/html').end(PAGE);
    const file = path === '/supabase.js' ? UMD : join(built, path.replace(/^\/client\//, ''));
    return response.setHeader('content-type', 'text/javascript').end(await readFile(file));
  };
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response).catch(() => response.writeHead(404).end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Somebody's browser on the page. */
async function open(person: Person): Promise<Page> {
  const { SUPABASE_URL: url, SUPABASE_PUBLISHABLE_KEY: key } = testEnvironment();
  const session = { access_token: person.token, refresh_token: person.refresh_token };
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${site.url}#${btoa(JSON.stringify({ url, key, session, id: conversation }))}`);
  await page.getByText('live', { exact: true }).waitFor();
  return page;
}

async function send(page: Page, content: string): Promise<void> {
  await page.locator('input').fill(content);
  await page.getByRole('button').click();
}

const shown = (page: Page): Promise<string[]> => page.locator('li').allTextContents();

async function expectShown(page: Page, messages: readonly string[]): Promise<void> {
  await eventually(`the page shows ${messages.length}`, async () => (await shown(page)).length >= messages.length);
  expect(await shown(page)).toEqual(messages);
}

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'astra-client-'));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  await promisify(execFile)(tsc, ['--project', join(ROOT, 'packages/client/tsconfig.json'), '--outDir', built]);
  site = await serve();
  browser = await launchChromium();
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
  conversation = await directConversation(ana, ben);
});

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  await rm(built, { recursive: true, force: true });
});

it('two people talk in two browsers, one of which loses its network and is loaded anew, and each has every message once', async () => {
  const [hers, his] = [await open(ana), await open(ben)];
  const failures: string[] = [];
  for (const page of [hers, his]) page.on('pageerror', (error) => failures.push(error.message));
  await send(hers, 'Tea at five?');
  await expectShown(his, ['First', 'Tea at five?']);
  await his.locator('input').pressSequentially('Gl');
  await eventually('she sees him type', async () => (await hers.title()) === 'typing');
  await send(his, 'Gladly');
  await expectShown(hers, ['First', 'Tea at five?', 'Gladly']);

  await his.context().setOffline(true);
  await send(his, 'Sent without a network');
  for (const content of ['One', 'Two', 'Three']) await send(hers, content);
  const before = ['First', 'Tea at five?', 'Gladly', 'One', 'Two', 'Three'];
  await expectShown(hers, before);
  await his.context().setOffline(false);
  const all = [...before, 'Sent without a network'];
  for (const page of [hers, his]) await expectShown(page, all);

  await his.reload();
  await his.getByText('live', { exact: true }).waitFor();
  await send(hers, 'Still there?');
  for (const page of [hers, his]) await expectShown(page, [...all, 'Still there?']);
  await keepScreenshot(his, 'client-chat');
  expect(failures).toEqual([]);
});
