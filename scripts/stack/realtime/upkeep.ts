import { reasonOf } from '../../../worker/log.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { shutDown, tellToRejoin } from './leaving.ts';
import { Refusal } from './refusal.ts';
import type { Services } from './services.ts';
import { assertAlive } from './tokens.ts';

const LOOK_MS = 1_000;
const DAYS_EVERY_MS = 600_000;
/** Rejoining costs a question to the database each: not all at once. */
const REJOIN_SLICE = 250;
const REJOIN_PAUSE_MS = 50;

const KEEP_DAYS = 'select made, dropped from _realtime.keep_days()';

/** What has to be done although nobody asks: tokens end, clients vanish, days pass. */
export function startUpkeep(
  services: Services,
  connections: ReadonlySet<Connection>,
  database: Pick<Database, 'query'>,
): Disposable {
  const looks = setInterval(() => look(services, connections), LOOK_MS);
  const days = setInterval(() => void keepDays(services, database), DAYS_EVERY_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(looks);
      clearInterval(days);
    },
  };
}

function look(services: Services, connections: ReadonlySet<Connection>): void {
  const now_ms = services.now_ms();
  for (const connection of connections) {
    if (now_ms - connection.heard_ms > services.limits.idle_ms) {
      services.metrics.limited.inc({ limit: 'idle' });
      connection.end();
      continue;
    }
    for (const channel of connection.channels.values()) {
      try {
        assertAlive(channel.claims, now_ms);
      } catch (error) {
        if (error instanceof Refusal) shutDown(services, channel, 'token', error.message);
      }
    }
  }
}

/** Makes the partitions of the coming days and drops old ones; what fails is tried again, days are made well ahead. */
async function keepDays({ metrics, log }: Services, database: Pick<Database, 'query'>): Promise<void> {
  try {
    const [row] = await database.query<{ made: number; dropped: number }>(KEEP_DAYS);
    if (row && row.made + row.dropped > 0) log('info', 'the days of broadcasts were kept', { ...row });
  } catch (error) {
    metrics.failures.inc({ part: 'days' });
    log('warn', 'the days of broadcasts could not be kept', { reason: reasonOf(error) });
  }
}

/**
 * After an outage of the database: what was committed before the new slot was not seen, so everybody who has joined has to know
 * that there may be a gap. From the new slot on nothing is missed, so they need not hear it at the same moment.
 */
export function rejoinEverybody(services: Services): void {
  const waiting = [...services.rooms.all()];
  const slice = () => {
    for (const channel of waiting.splice(0, REJOIN_SLICE)) tellToRejoin(services, channel);
    if (waiting.length > 0) setTimeout(slice, REJOIN_PAUSE_MS).unref();
  };
  slice();
}
