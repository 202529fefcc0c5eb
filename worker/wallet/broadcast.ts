import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Notice } from '../projections/projection.ts';

const BROADCAST = 'select app_private.broadcast_wallet($1::jsonb) as sent';

/** Each message is a subtransaction: more than 64 in one transaction would slow everybody's snapshots down. */
const PEOPLE_PER_CALL = 50;
/** A message is for a phone: whoever missed more than this asks for the list. */
const CHANGES_PER_MESSAGE = 20;

/** What `app_private.broadcast_wallet` takes of one person. */
export interface WalletMessage {
  readonly user_id: string;
  readonly currencies: readonly string[];
  readonly changes: readonly Notice['change'][];
  /** There were more changes than these. */
  readonly more: boolean;
}

/** Tells people on their private topics. It never fails its caller: whoever misses a message reads the wallet itself. */
export type Broadcast = (notices: readonly Notice[]) => Promise<void>;

export interface BroadcastDeps {
  readonly database: Pick<Database, 'query'>;
  readonly metrics: Metrics;
  readonly log: Log;
}

export function createBroadcast({ database, metrics, log }: BroadcastDeps): Broadcast {
  return async (notices) => {
    const messages = messagesOf(notices);
    for (let start = 0; start < messages.length; start += PEOPLE_PER_CALL) {
      const part = messages.slice(start, start + PEOPLE_PER_CALL);
      try {
        const [row] = await database.query<{ sent: number }>(BROADCAST, [JSON.stringify(part)]);
        metrics.broadcasts.inc(row?.sent ?? 0);
      } catch (error) {
        metrics.failures.inc({ part: 'realtime' });
        log('warn', 'people were not told of changes to their wallets', {
          ...{ people: messages.length - start, reason: reasonOf(error) },
        });
        return;
      }
    }
  };
}

/** One message a person, whatever happened: somebody whom many pay at once is told once. */
export function messagesOf(notices: readonly Notice[]): WalletMessage[] {
  const people = new Map<string, { currencies: Set<string>; changes: Notice['change'][] }>();
  for (const { user_id, currency, change } of notices) {
    let person = people.get(user_id);
    if (person === undefined) {
      person = { currencies: new Set(), changes: [] };
      people.set(user_id, person);
    }
    if (currency !== null) person.currencies.add(currency);
    person.changes.push(change);
  }
  return [...people].map(([user_id, { currencies, changes }]) => ({
    ...{ user_id, currencies: [...currencies] },
    changes: changes.slice(-CHANGES_PER_MESSAGE),
    more: changes.length > CHANGES_PER_MESSAGE,
  }));
}
