import type { Database } from '../database.ts';
import { type Loop, type LoopDeps, repeat, runLoop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';

const EXPIRE = 'select app_private.expire_messages($1) as done';
const TELL_EPOCHS = 'select app_private.tell_epochs($1) as done';
const CLEAN_UP = 'select app_private.work_chat_tasks($1) as done';

export interface ChatDeps extends Omit<LoopDeps, 'done'> {
  readonly database: Pick<Database, 'query'>;
  readonly metrics: Pick<Metrics, 'chatDone' | 'failures'>;
}

/** Starts what the worker does for chat; each promise ends after the signal aborted. Needs neither MongoDB nor Redis. */
export function chatLoops(deps: ChatDeps, signal: AbortSignal): Promise<void>[] {
  return upkeepLoops(deps.database).map((loop) => runLoop({ ...deps, done: deps.metrics.chatDone }, loop, signal));
}

/** Any number of workers may do these: the functions pass over what another one has in hand. */
export function upkeepLoops({ query }: Pick<Database, 'query'>): Loop[] {
  return [
    // Nobody is shown them meanwhile: it is only the storage that waits.
    { task: 'chat_expire', every_ms: 1_000, round: repeat(query, EXPIRE, [500]) },
    // Whoever was not told yet is on a topic where nothing is said. Until nobody waits.
    { task: 'chat_epochs', every_ms: 250, round: repeat(query, TELL_EPOCHS, [50], 1) },
    { task: 'chat_cleanup', every_ms: 2_000, round: repeat(query, CLEAN_UP, [500], 1) },
  ];
}
