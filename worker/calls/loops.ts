import type { Database } from '../database.ts';
import { type Loop, type LoopDeps, repeat, runLoop } from '../loop.ts';
import type { Metrics } from '../metrics.ts';

const SWEEP = 'select app_private.sweep_calls($1) as done';
const PRUNE = 'select app_private.prune_calls($1) as done';
const PRUNE_RINGS = 'select app_private.prune_rings($1) as done';

export interface CallDeps extends Omit<LoopDeps, 'done'> {
  readonly database: Pick<Database, 'query'>;
  readonly metrics: Pick<Metrics, 'callsDone' | 'failures'>;
}

/** Starts what the worker does for calls; each promise ends after the signal aborted. Needs neither MongoDB nor Redis. */
export function callLoops(deps: CallDeps, signal: AbortSignal): Promise<void>[] {
  return upkeepLoops(deps.database).map((loop) => runLoop({ ...deps, done: deps.metrics.callsDone }, loop, signal));
}

/** Any number of workers may do these: the functions pass over what another one has in hand. */
export function upkeepLoops({ query }: Pick<Database, 'query'>): Loop[] {
  return [
    // Half a second late at most on average: whoever vanished is seen by the others until then.
    { task: 'calls_sweep', every_ms: 1_000, round: repeat(query, SWEEP, [20]) },
    { task: 'calls_prune', every_ms: 600_000, round: repeat(query, PRUNE, [1_000]) },
    { task: 'calls_prune_rings', every_ms: 600_000, round: repeat(query, PRUNE_RINGS, [1_000]) },
  ];
}
