import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What the double does when a statement has arrived whole. */
export type Reaction =
  /** Answers with one row, `done`. */
  | 'answer'
  /** Ends the connection without a word: the statement may or may not have been committed. */
  | 'hang up'
  /** Sends the row, then ends the connection before it says that the statement is over. */
  | 'hang up after the row'
  /** Says nothing at all. */
  | 'stay silent'
  /** Refuses with an SQLSTATE; the statement was rolled back. */
  | { readonly sqlstate: string };

export interface PostgresDouble extends AsyncDisposable {
  readonly url: string;
  /** Every statement that arrived, in order; parameters are not kept. */
  readonly statements: readonly string[];
}

/**
 * Speaks as much of Postgres' wire protocol (version 3) as `pg` needs to log in and run statements, so that a test can end a
 * connection at any point. `react` decides by the statement and how often it came; logins, `begin` and the like are answered.
 */
export async function startPostgresDouble(
  react: (statement: string, count: number) => Reaction,
): Promise<PostgresDouble> {
  const statements: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    converse(socket, (statement) => {
      statements.push(statement);
      return react(statement, statements.filter((earlier) => earlier === statement).length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `postgres://astra_api:x@127.0.0.1:${(server.address() as AddressInfo).port}/postgres`,
    statements,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function converse(socket: Socket, take: (statement: string) => Reaction): void {
  let buffered = Buffer.alloc(0);
  let isLoggedIn = false;
  const prepared = new Map<string, string>();
  let current = '';

  const run = (statement: string, isExtended: boolean) => {
    const command = statement.split(/[\s;]/, 1)[0]?.toUpperCase() ?? '';
    const reaction = statement.includes('session_user') ? 'answer' : take(statement);
    if (reaction === 'stay silent') return;
    if (reaction === 'hang up') return void socket.destroy();
    if (typeof reaction === 'object') return void socket.write(Buffer.concat([failure(reaction.sqlstate), READY]));
    const text = statement.includes('session_user') ? 'astra_api' : 'done';
    const row = command === 'SELECT' ? [rowDescription('login'), dataRow(text)] : [];
    const head = isExtended ? [message('1'), message('2')] : [];
    if (reaction === 'hang up after the row') return void socket.end(Buffer.concat([...head, ...row]));
    socket.write(
      Buffer.concat([...head, ...row, message('C', zero(command === 'SELECT' ? 'SELECT 1' : command)), READY]),
    );
  };

  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const headBytes = isLoggedIn ? 1 : 0;
      if (buffered.length < headBytes + 4) return;
      const length = buffered.readInt32BE(headBytes) + headBytes;
      if (buffered.length < length) return;
      const kind = isLoggedIn ? String.fromCharCode(buffered[0] ?? 0) : 'startup';
      const parts = buffered
        .subarray(headBytes + 4, length)
        .toString('latin1')
        .split('\0');
      buffered = buffered.subarray(length);
      if (kind === 'startup') {
        isLoggedIn = true;
        socket.write(Buffer.concat([message('R', Buffer.from([0, 0, 0, 0])), READY]));
      } else if (kind === 'Q') run(parts[0] ?? '', false);
      else if (kind === 'P') prepared.set(parts[0] ?? '', parts[1] ?? '');
      else if (kind === 'B') current = prepared.get(parts[1] ?? '') ?? '';
      else if (kind === 'S') run(current, true);
      else if (kind === 'X') socket.end();
    }
  });
}

const zero = (text: string) => Buffer.from(`${text}\0`);

function message(kind: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const READY = message('Z', Buffer.from('I'));

function failure(sqlstate: string): Buffer {
  return message(
    'E',
    Buffer.concat([zero('SERROR'), zero(`C${sqlstate}`), zero('Mrefused by the double'), Buffer.from([0])]),
  );
}

function rowDescription(name: string): Buffer {
  const facts = Buffer.alloc(18);
  facts.writeInt32BE(25, 6);
  return message('T', Buffer.concat([Buffer.from([0, 1]), zero(name), facts]));
}

function dataRow(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(text));
  return message('D', Buffer.concat([Buffer.from([0, 1]), length, Buffer.from(text)]));
}
