import { type LoopDeps, runLoop } from '../loop.ts';
import { type PayoutDeps, payoutLoop } from './payouts.ts';
import { type UnlinkDeps, unlinkLoop } from './unlinks.ts';
import { upkeepLoops } from './upkeep.ts';

/** Starts everything that the worker does for the wallet between its events; each promise ends after the signal aborted. */
export function walletLoops(
  deps: Omit<LoopDeps, 'done'> & PayoutDeps & UnlinkDeps,
  signal: AbortSignal,
): Promise<void>[] {
  const loops = upkeepLoops(deps.database);
  const payouts = payoutLoop(deps);
  deps.metrics.payoutsConfigured.set(payouts === null ? 0 : 1);
  if (payouts === null) {
    deps.log(
      'warn',
      'no payment provider is set up: withdrawals wait until the worker is started with one (docs/payments.md)',
    );
  } else {
    loops.push(payouts);
  }
  // Also with a provider that is no longer in use.
  const unlinks = unlinkLoop(deps);
  if (unlinks !== null) loops.push(unlinks);
  return loops.map((loop) => runLoop({ ...deps, done: deps.metrics.walletDone }, loop, signal));
}
