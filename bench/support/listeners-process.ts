// The process that listens: started by listeners.ts, told by messages what to open, and asked what it heard.
import { openRawSocket, type RawSocket } from './raw-socket.ts';

/** Where a socket goes and, unless it is a bare one, which private channel it joins as whom. */
export interface Seat {
  readonly url: string;
  readonly topic?: string;
  readonly token?: string;
}

/** What it is asked to do. */
export type Command =
  | { readonly do: 'open'; readonly seats: readonly Seat[]; readonly joins: boolean }
  | { readonly do: 'heard' }
  | { readonly do: 'times' }
  | { readonly do: 'join-over-and-over'; readonly ms: number }
  | { readonly do: 'close' };

export interface Answers {
  readonly open: Record<string, never>;
  /** Broadcasts since the beginning, and the last of them. */
  readonly heard: { readonly count: number; readonly closed: number; readonly last: Buffer };
  /** For each mark (`#12#` in a message) when it came to each socket, in milliseconds of the machine's monotonic clock. */
  readonly times: { readonly marks: ReadonlyMap<number, readonly number[]> };
  readonly 'join-over-and-over': { readonly took_ms: number; readonly times: readonly number[] };
  readonly close: Record<string, never>;
}

const AT_ONCE = 32;
const HEARTBEAT_MS = 20_000;
const MARK = '#'.charCodeAt(0);

interface Listener {
  readonly seat: Seat;
  readonly socket: RawSocket;
  answered: (reply: string) => void;
  ref: number;
}

const listeners: Listener[] = [];
const marks = new Map<number, number[]>();
let count = 0;
let last: Buffer = Buffer.alloc(0);

/** The same clock in all processes of a machine. */
const now_ms = () => Number(process.hrtime.bigint()) / 1e6;

function hear(payload: Buffer, binary: boolean, listener: () => Listener | undefined): void {
  if (!binary) {
    const text = payload.toString();
    if (text.includes('"phx_reply"')) listener()?.answered(text);
    return;
  }
  count += 1;
  if (last.length !== payload.length) last = Buffer.from(payload);
  const from = payload.indexOf(MARK);
  if (from < 0) return;
  const mark = Number(payload.toString('latin1', from + 1, payload.indexOf(MARK, from + 1)));
  const times = marks.get(mark);
  if (times === undefined) marks.set(mark, [now_ms()]);
  else times.push(now_ms());
}

async function open(seats: readonly Seat[], joins: boolean): Promise<void> {
  await each(seats, async (seat) => {
    let listener: Listener | undefined;
    const socket = await openRawSocket(seat.url, (payload, binary) => hear(payload, binary, () => listener));
    listener = { seat, socket, answered: () => undefined, ref: 0 };
    listeners.push(listener);
    if (joins) await join(listener);
  });
}

/** Asks for something on the listener's channel and waits for the answer. */
async function ask(listener: Listener, event: string, payload: object): Promise<void> {
  listener.ref += 1;
  const answer = new Promise<string>((resolve) => {
    listener.answered = resolve;
  });
  listener.socket.send(
    JSON.stringify([`${listener.ref}`, `${listener.ref}`, `realtime:${listener.seat.topic}`, event, payload]),
  );
  const text = await answer;
  if (!text.includes('"status":"ok"')) throw new Error(`${event} on ${listener.seat.topic}: ${text}`);
}

const join = (listener: Listener) =>
  ask(listener, 'phx_join', { config: { private: true }, access_token: listener.seat.token });

async function joinOverAndOver(ms: number): Promise<Answers['join-over-and-over']> {
  const times: number[] = [];
  const from = now_ms();
  await Promise.all(
    listeners.map(async (listener) => {
      while (now_ms() < from + ms) {
        const startedAt = now_ms();
        await join(listener);
        times.push(now_ms() - startedAt);
        await ask(listener, 'phx_leave', {});
      }
    }),
  );
  return { took_ms: now_ms() - from, times };
}

async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of left) await work(one);
    }),
  );
}

function close(): void {
  for (const { socket } of listeners.splice(0)) socket.end();
  marks.clear();
  count = 0;
}

async function answer(command: Command): Promise<object> {
  switch (command.do) {
    case 'open':
      await open(command.seats, command.joins);
      return {};
    case 'heard':
      return { count, closed: listeners.filter(({ socket }) => socket.closed()).length, last };
    case 'times':
      return { marks };
    case 'join-over-and-over':
      return await joinOverAndOver(command.ms);
    case 'close':
      close();
      return {};
  }
}

setInterval(() => {
  for (const { seat, socket } of listeners) {
    if (seat.topic !== undefined) socket.send('[null,"0","phoenix","heartbeat",{}]');
  }
}, HEARTBEAT_MS).unref();

process.on('message', (command: Command) => {
  answer(command).then(
    (found) => process.send?.({ found }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
