import { eventually } from '../support/eventually.ts';

/** One frame of serializer 2.0.0 as the server sent it. */
export interface RawFrame {
  readonly joinRef: string | null;
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: Record<string, unknown> & { response?: Record<string, unknown> };
}

/** A client that says exactly what a test wants, for what supabase-js would never say. */
export interface RawClient extends AsyncDisposable {
  readonly frames: RawFrame[];
  readonly send: (joinRef: string | null, ref: string | null, topic: string, event: string, payload: unknown) => void;
  readonly sendRaw: (data: string | Uint8Array<ArrayBuffer>) => void;
  /** Sends something with a ref of its own and gives the answer to it. */
  readonly ask: (
    topic: string,
    event: string,
    payload: unknown,
  ) => Promise<{ status: string; response: Record<string, unknown> }>;
  readonly frame: (what: (frame: RawFrame) => boolean) => Promise<RawFrame>;
  /** The code with which the server closed the connection, once it has. */
  readonly closed: Promise<number>;
}

/** Connects; rejects when the server refuses the handshake. */
export async function rawClient(url: string, apikey: string): Promise<RawClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${apikey}&vsn=2.0.0`);
  socket.binaryType = 'arraybuffer';
  const frames: RawFrame[] = [];
  socket.addEventListener('message', ({ data }) => {
    if (typeof data !== 'string') return;
    const [joinRef, ref, topic, event, payload] = JSON.parse(data);
    frames.push({ joinRef, ref, topic, event, payload });
  });
  const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the connection was refused')));
  });
  let lastRef = 0;
  const send: RawClient['send'] = (...parts) => socket.send(JSON.stringify(parts));
  const frame: RawClient['frame'] = (what) =>
    eventually('a frame', async () => frames.find(what), { deadline_ms: 10_000, every_ms: 5 });
  return {
    ...{ frames, send, closed, frame },
    sendRaw: (data) => socket.send(data),
    async ask(topic, event, payload) {
      lastRef += 1;
      const ref = `${lastRef}`;
      send(ref, ref, topic, event, payload);
      const { payload: answer } = await frame((one) => one.event === 'phx_reply' && one.ref === ref);
      return answer as { status: string; response: Record<string, unknown> };
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}
