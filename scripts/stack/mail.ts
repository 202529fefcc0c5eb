import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Service, StackContext } from './context.ts';
import { listen } from './gateway/listen.ts';
import { guardLocal } from './gateway/local-only.ts';
import { createInbox } from './mail/inbox.ts';
import { createSmtpSink } from './mail/smtp.ts';
import { openMailStore } from './mail/store.ts';

const KEPT_MAILS = 500;
const SENDER = 'Astra <no-reply@localhost>';

/** What Auth hands its mails to. */
export interface MailDriver {
  readonly send: (mail: { to: string; subject: string; text?: string; html?: string }) => Promise<void>;
}

/** The inbox; as a mail driver it takes the mails of Auth without going through SMTP. */
export interface MailService extends Service, MailDriver {}

/**
 * Starts the mail catcher: SMTP on `ports.smtp`, a page and a JSON API on `ports.mail`. The newest 500 mails are kept in
 * `dataDir/mails`; nothing is ever delivered.
 * @throws Error when one of the ports is taken.
 */
export async function startMail(context: StackContext): Promise<MailService> {
  const store = await openMailStore(join(context.dataDir, 'mails'), KEPT_MAILS);
  const port = context.ports.mail;
  const web = await listen(
    createServer(guardLocal(port, createInbox(store), (line) => context.log('mail', line))),
    port,
    'mail inbox',
  );
  const smtp = createSmtpSink((mail) => store.add(mail));
  try {
    await new Promise<void>((resolve, reject) => {
      smtp.once('error', reject);
      smtp.listen(context.ports.smtp, '127.0.0.1', resolve);
    });
  } catch (error) {
    await web[Symbol.asyncDispose]();
    throw new Error(`The mail server cannot listen on port ${context.ports.smtp}: ${String(error)}`, { cause: error });
  }
  // A client that hangs up in the middle of a mail is no reason to stop.
  smtp.on('error', (error) => context.log('mail', `SMTP: ${error.message}`));
  return {
    name: 'mail',
    url: `http://127.0.0.1:${port}`,
    died: web.died,
    async send(mail) {
      const { to, subject, text = '', html = '' } = mail;
      await store.add({ from: SENDER, to: [to], subject, text, html, attachments: [] });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([web[Symbol.asyncDispose](), new Promise<void>((resolve) => smtp.close(() => resolve()))]);
    },
  };
}
