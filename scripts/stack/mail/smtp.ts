import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { NewMail } from './store.ts';

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_CLIENTS = 20;
const IDLE_MS = 30_000;

/**
 * Makes a mail server that delivers nothing: every mail goes to `receive`.
 * It takes any user name and password, because programs under development are often configured with some.
 */
export function createSmtpSink(receive: (mail: NewMail) => Promise<unknown>): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: MAX_BYTES,
    maxClients: MAX_CLIENTS,
    socketTimeout: IDLE_MS,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anyone' }),
    onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map((recipient) => recipient.address);
      const sender = session.envelope.mailFrom;
      simpleParser(stream)
        .then(async (mail) => {
          if (stream.sizeExceeded) throw new Error(`The mail is larger than ${MAX_BYTES} bytes.`);
          await receive({
            from: mail.from?.text ?? (sender ? sender.address : ''),
            // The envelope, not the header: blind copies are caught too.
            to: recipients,
            subject: mail.subject ?? '',
            text: mail.text ?? '',
            html: mail.html || '',
            attachments: mail.attachments.map((attachment) => attachment.filename ?? attachment.contentType),
          });
        })
        .then(
          () => done(),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
    },
  });
}
