import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail server on 127.0.0.1 that keeps what it took, and refuses on demand: `busy` 451, `unknown` 550, `lost`: takes it and is gone before it says so. */
export async function startMailServer() {
  const mails: ParsedMail[] = [];
  const answers: ('busy' | 'unknown' | 'lost')[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, callback) {
      const answer = answers.shift();
      simpleParser(stream, (error, mail) => {
        if (error) return callback(error);
        if (answer === 'busy') return callback(Object.assign(new Error('come again'), { responseCode: 451 }));
        if (answer === 'unknown') return callback(Object.assign(new Error('nobody here'), { responseCode: 550 }));
        mails.push(mail);
        // The mail is taken, and whoever sent it never hears of it.
        if (answer === 'lost') return void socketOf(session)?.destroy();
        callback();
      });
    },
  });
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  const socketOf = ({ remotePort }: { readonly remotePort: number }) =>
    [...sockets].find((socket) => socket.remotePort === remotePort);
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    answer(...next: ('busy' | 'unknown' | 'lost')[]): void {
      answers.push(...next);
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
