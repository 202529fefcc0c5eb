import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a server on this machine that a test cuts or stalls. */
export interface TcpProxy extends AsyncDisposable {
  readonly url: string;
  /** Connections that are open now. */
  readonly open: () => number;
  /** How many were made so far. */
  readonly made: () => number;
  /** Ends all connections at once, as a lost network does that says so. */
  readonly cut: () => void;
  /** Passes nothing on, and takes new connections without an answer, as a lost network does that says nothing. */
  readonly stall: () => void;
  /** Passes on what clients say and not what they are answered: they do not learn what became of it. */
  readonly mute: () => void;
  /** Refuses new connections, and ends those that are open. */
  readonly refuse: () => void;
  /** Everything works again; what was stalled arrives. */
  readonly mend: () => void;
}

export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const { port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let mode: 'open' | 'stalled' | 'mute' | 'refusing' = 'open';
  let made = 0;

  const server = createServer((client) => {
    if (mode === 'refusing') {
      client.resetAndDestroy();
      return;
    }
    made += 1;
    const upstream = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
      if (mode === 'stalled' || (mode === 'mute' && from === upstream)) from.pause();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  const each = (work: (socket: Socket) => void) => {
    for (const pair of pairs) for (const socket of pair) work(socket);
  };
  const cut = () => each((socket) => socket.resetAndDestroy());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => pairs.size,
    made: () => made,
    cut,
    stall() {
      mode = 'stalled';
      each((socket) => socket.pause());
    },
    mute() {
      mode = 'mute';
      for (const [, upstream] of pairs) upstream.pause();
    },
    refuse() {
      mode = 'refusing';
      cut();
    },
    mend() {
      mode = 'open';
      each((socket) => socket.resume());
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((closed) => server.close(closed));
    },
  };
}
