import { type DomainEvent, type EventOf, parseEvent } from '../../contracts/events.ts';
import type { LogPlace, OutboxRow } from '../outbox/store.ts';

/** What one event adds to its rollup. */
export interface Increment {
  /** The event's place in the log, see `watermarkOf`. */
  readonly place: string;
  readonly amount_minor: bigint | null;
}

/** The rollup document that an event belongs to, and what it adds. */
export interface RollupKey {
  readonly _id: string;
  readonly day: string;
  readonly type: string;
  readonly currency: string | null;
  readonly state: string | null;
}

export interface RollupIncrements extends RollupKey {
  readonly increments: Increment[];
}

/** Digits of the largest 64-bit number. */
const WIDTH = 20;

/** Before every event. */
export const LOG_START = watermarkOf({ tx_id: '0', position: '0' });

/** A place in the log as text that sorts like the log: transaction, then position, both padded. */
export function watermarkOf({ tx_id, position }: LogPlace): string {
  return `${tx_id.padStart(WIDTH, '0')}:${position.padStart(WIDTH, '0')}`;
}

/** The place that a watermark stands for. */
export function placeOf(watermark: string): LogPlace {
  const [tx_id, position] = watermark.split(':');
  if (tx_id === undefined || position === undefined) throw new Error(`Not a watermark: ${watermark}`);
  return { tx_id: BigInt(tx_id).toString(), position: BigInt(position).toString() };
}

/**
 * Sorts a piece of the log by rollup document, keeping its order. Rows that are no known event (dead letters) count nowhere;
 * after a worker that knows them is deployed, a replay counts them.
 */
export function incrementsOf(rows: readonly OutboxRow[]): Map<string, RollupIncrements> {
  const byDocument = new Map<string, RollupIncrements>();
  for (const row of rows) {
    const counted = countedAs(row);
    if (counted === null) continue;
    const { key, amount_minor } = counted;
    let document = byDocument.get(key._id);
    if (document === undefined) {
      document = { ...key, increments: [] };
      byDocument.set(key._id, document);
    }
    document.increments.push({ place: watermarkOf(row), amount_minor });
  }
  return byDocument;
}

function countedAs(row: OutboxRow): { key: RollupKey; amount_minor: bigint | null } | null {
  let event: ReturnType<typeof parseEvent>;
  try {
    event = parseEvent(row);
  } catch {
    return null;
  }
  const day = row.occurred_at.toISOString().slice(0, 10);
  const { type, payload } = event;
  if (!('amount_minor' in payload)) {
    return { key: { _id: `${day}|${type}|-`, day, type, currency: null, state: null }, amount_minor: null };
  }
  const { currency } = payload;
  const state = 'state' in payload ? payload.state : null;
  const _id = [day, type, currency, ...(state === null ? [] : [state])].join('|');
  return { key: { _id, day, type, currency, state }, amount_minor: amountOf(payload) };
}

type Transfer = EventOf<'wallet.transfer_completed'>['payload'];

/** What a transfer with fees, several recipients or change took from people or, when that is more, gave them. */
function movedBy(legs: NonNullable<Transfer['legs']>): bigint {
  let given = 0n;
  let taken = 0n;
  for (const { amount_minor } of legs) {
    const net = BigInt(amount_minor);
    if (net > 0n) given += net;
    else taken -= net;
  }
  if (given > taken) return given;
  return taken;
}

type Money = Extract<DomainEvent['payload'], { amount_minor: string }>;

/**
 * What an event adds to the sum of its rollup. Of what goes through states (a withdrawal, say), only where it ended: on the way
 * several events tell of the same money, also of the same state.
 */
function amountOf(payload: Money): bigint | null {
  if ('legs' in payload && payload.legs !== undefined) return movedBy(payload.legs);
  if (!('state' in payload)) return BigInt(payload.amount_minor);
  switch (payload.state) {
    case 'open':
    case 'pending':
    case 'requested':
    case 'submitted':
      return null;
    case 'captured':
      return BigInt(payload.captured_minor);
    default:
      return BigInt(payload.amount_minor);
  }
}
