import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Answers, Command, Seat } from './listeners-process.ts';

/** Sockets that listen in a process of their own, so that who sends and who listens do not share a thread. */
export interface Listeners extends AsyncDisposable {
  readonly open: (seats: readonly Seat[], joins?: boolean) => Promise<void>;
  readonly heard: () => Promise<Answers['heard']>;
  readonly times: () => Promise<Answers['times']>;
  readonly joinOverAndOver: (ms: number) => Promise<Answers['join-over-and-over']>;
  readonly close: () => Promise<void>;
}

export function startListeners(): Listeners {
  const child = start('listeners-process.ts');
  const ask = async <K extends Command['do']>(command: Extract<Command, { do: K }>): Promise<Answers[K]> => {
    child.send(command);
    const [answer] = (await once(child, 'message')) as [{ found: Answers[K] } | { failed: string }];
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.found;
  };
  return {
    async open(seats, joins = true) {
      await ask({ do: 'open', seats, joins });
    },
    heard: () => ask({ do: 'heard' }),
    times: () => ask({ do: 'times' }),
    joinOverAndOver: (ms) => ask({ do: 'join-over-and-over', ms }),
    async close() {
      await ask({ do: 'close' });
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** The reference: `ws` as it is, sending the same bytes to whoever is connected. */
export interface BareServer extends AsyncDisposable {
  readonly url: string;
  /** Sends `bytes` so many times to everybody; done when the process has them. */
  readonly send: (bytes: Uint8Array, times: number) => void;
}

export async function startBareServer(): Promise<BareServer> {
  const child = start('bare-server-process.ts');
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url,
    send: (bytes, times) => child.send({ bytes, times }),
    [Symbol.asyncDispose]: () => end(child),
  };
}

function start(file: string): ChildProcess {
  return fork(join(import.meta.dirname, file), { serialization: 'advanced' });
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}
