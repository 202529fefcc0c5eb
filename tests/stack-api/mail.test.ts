import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMailStore } from '../../scripts/stack/mail/store.ts';
import { type MailService, startMail } from '../../scripts/stack/mail.ts';
import { statusOf } from '../support/status-of.ts';
import { openScratch, type Scratch } from './scratch.ts';

let scratch: Scratch;
let mail: MailService;

beforeAll(async () => {
  scratch = await openScratch();
  mail = await startMail(scratch.context);
});

afterAll(async () => {
  await mail[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

interface Listed {
  readonly id: string;
  readonly subject: string;
  readonly from: string;
  readonly to: string[];
}

async function messages(to?: string): Promise<Listed[]> {
  const response = await fetch(`${mail.url}/api/messages${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}`);
  return ((await response.json()) as { data: Listed[] }).data;
}

describe('the inbox', () => {
  it('shows a mail of Auth with its text and HTML', async () => {
    await mail.send({ to: 'Ana@example.com', subject: 'Hello', text: 'plain', html: '<b>bold</b>' });
    const [newest] = await messages('ana@example.com');
    const whole = await (await fetch(`${mail.url}/api/messages/${newest?.id}`)).json();
    expect(whole).toMatchObject({ to: ['Ana@example.com'], subject: 'Hello', text: 'plain', html: '<b>bold</b>' });
  });

  it('takes a mail by SMTP, with its blind recipients', async () => {
    await sendBySmtp([
      'From: Bo <bo@example.com>',
      'To: list@example.com',
      'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
      '',
      'Hi',
    ]);
    const [newest] = await messages('hidden@example.com');
    expect(newest).toMatchObject({ from: '"Bo" <bo@example.com>', to: ['hidden@example.com'], subject: 'Grüße' });
  });

  it('lists the newest first and forgets all on DELETE', async () => {
    await mail.send({ to: 'cy@example.com', subject: 'one' });
    await mail.send({ to: 'cy@example.com', subject: 'two' });
    expect((await messages('cy@example.com')).map(({ subject }) => subject)).toEqual(['two', 'one']);
    expect((await fetch(`${mail.url}/api/messages`, { method: 'DELETE' })).status).toBe(204);
    expect(await messages()).toEqual([]);
    expect(await readdir(join(scratch.context.dataDir, 'mails'))).toEqual([]);
  });

  it('answers 404 for a mail that is not there (mail.not_found)', async () => {
    const response = await fetch(`${mail.url}/api/messages/1-none`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'mail.not_found' });
  });

  it('shows a mail’s HTML where no script can run and nothing is loaded', async () => {
    await mail.send({ to: 'di@example.com', subject: '<script>', html: '<script>alert(1)</script>' });
    const [newest] = await messages('di@example.com');
    const response = await fetch(`${mail.url}/messages/${newest?.id}/html`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain('sandbox allow-popups');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/allow-scripts|allow-same-origin|script-src/);
    expect((await (await fetch(mail.url)).text()).includes('<script>alert')).toBe(false);
  });

  it.each([
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['a foreign Host', { host: 'evil.example' }],
    ['a request from another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('refuses %s (stack.foreign_origin)', async (_what, headers) => {
    expect(await statusOf(`${mail.url}/api/messages`, headers)).toBe(403);
  });
});

it('keeps only the newest mails, also after a restart', async () => {
  const folder = join(scratch.context.dataDir, 'few');
  const store = await openMailStore(folder, 3);
  const add = (subject: string) => store.add({ from: '', to: [], subject, text: '', html: '', attachments: [] });
  await Promise.all(['1', '2', '3', '4', '5'].map(add));
  expect(store.list().map(({ subject }) => subject)).toEqual(['5', '4', '3']);
  const again = await openMailStore(folder, 3);
  expect(again.list().map(({ subject }) => subject)).toEqual(['5', '4', '3']);
  expect(await readdir(folder)).toHaveLength(3);
});

async function sendBySmtp(lines: readonly string[]): Promise<void> {
  const socket = connect(scratch.context.ports.smtp, '127.0.0.1');
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expectCode = async (code: string) => {
    for (;;) {
      const { value } = await answers.next();
      expect(String(value)).toMatch(new RegExp(`^${code}`));
      if (!String(value).startsWith(`${code}-`)) return;
    }
  };
  const say = async (line: string, code: string) => {
    socket.write(`${line}\r\n`);
    await expectCode(code);
  };
  await expectCode('220');
  await say('EHLO test', '250');
  await say('MAIL FROM:<bo@example.com>', '250');
  await say('RCPT TO:<hidden@example.com>', '250');
  await say('DATA', '354');
  await say(`${lines.join('\r\n')}\r\n.`, '250');
  socket.end('QUIT\r\n');
  await once(socket, 'close');
}
