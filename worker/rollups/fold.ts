import { Long, MongoServerError } from 'mongodb';
import { type Analytics, exactLong, type RollupDocument } from '../analytics/analytics.ts';
import type { OutboxRow, OutboxStore } from '../outbox/store.ts';
import { incrementsOf, LOG_START, placeOf, type RollupIncrements, watermarkOf } from './increments.ts';

const DUPLICATE_KEY = 11_000;
const MAX_CONTENTION = 100;

export interface FoldDeps {
  readonly outbox: Pick<OutboxStore, 'readLog'>;
  readonly analytics: Pick<Analytics, 'rollups' | 'foldState'>;
  readonly batchSize: number;
}

export interface FoldResult {
  readonly rows: number;
  /** When the last row happened; null when there was none. */
  readonly last: Date | null;
}

interface State {
  readonly generation: Long;
  readonly upto: string;
}

/**
 * Counts the next piece of the log into the daily rollups, exactly once each: a document names the last event in it
 * and is changed by compare-and-set on that, so a piece that is read again (after a crash, by a second leader) adds
 * only what is not in yet. docs/decisions/0022-rollups-carry-their-own-watermark.md
 * @throws when Postgres or MongoDB cannot be used; calling it again is always right.
 */
export async function foldOnce(deps: FoldDeps): Promise<FoldResult> {
  const state = await readState(deps);
  const rows = await deps.outbox.readLog(placeOf(state.upto), deps.batchSize);
  const last = rows.at(-1);
  if (last === undefined) return { rows: 0, last: null };
  await countRows(deps, state.generation, rows);
  await deps.analytics.foldState.updateOne(
    { _id: 'rollups_daily', generation: state.generation, upto: state.upto },
    { $set: { upto: watermarkOf(last) } },
  );
  return { rows: rows.length, last: last.occurred_at };
}

/**
 * Lets the fold start from the log's beginning. Documents of the generation before are replaced one by one as their
 * first event is read, so a document whose events were all pruned stays as it is.
 */
export async function restartFold(analytics: Pick<Analytics, 'foldState'>, now: Date): Promise<void> {
  const before = await analytics.foldState.findOne({ _id: 'rollups_daily' });
  const generation = laterGeneration(before?.generation, now);
  const state = { generation, upto: LOG_START };
  await analytics.foldState.updateOne({ _id: 'rollups_daily' }, { $set: state }, { upsert: true });
}

/** A dropped collection means "count again": the state must not stand further than the documents it speaks of. */
export async function restartFoldIfDropped(analytics: FoldDeps['analytics'], now: Date): Promise<boolean> {
  const state = await analytics.foldState.findOne({ _id: 'rollups_daily' });
  const dropped = state !== null && state.upto !== LOG_START && (await analytics.rollups.findOne({})) === null;
  if (dropped) await restartFold(analytics, now);
  return dropped;
}

/** The place up to which every event is counted, as a transaction id: older events may be pruned. */
export async function foldedBefore(analytics: Pick<Analytics, 'foldState'>): Promise<string> {
  const state = await analytics.foldState.findOne({ _id: 'rollups_daily' });
  return placeOf(state?.upto ?? LOG_START).tx_id;
}

async function readState({ analytics }: FoldDeps): Promise<State> {
  const state = await analytics.foldState.findOne({ _id: 'rollups_daily' });
  if (state !== null) return state;
  const first = { _id: 'rollups_daily', generation: Long.ONE, upto: LOG_START } as const;
  try {
    await analytics.foldState.insertOne(first);
    return first;
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    const other = await analytics.foldState.findOne({ _id: 'rollups_daily' });
    if (other === null) throw error;
    return other;
  }
}

/** Rounds of read, add, compare-and-set, until every document has its part of this piece. */
async function countRows(deps: FoldDeps, generation: Long, rows: readonly OutboxRow[]): Promise<void> {
  let waiting = [...incrementsOf(rows).values()];
  for (let round = 0; waiting.length > 0; round += 1) {
    if (round > MAX_CONTENTION) throw new Error('Another worker keeps changing the same rollups');
    const stored = await storedDocuments(deps, waiting);
    if ([...stored.values()].some((document) => document.generation.greaterThan(generation))) {
      throw new Error('The rollups were restarted by somebody else; reading the new state');
    }
    // An answer can be lost or, on unordered duplicates, miscounted: only what is stored says what is done.
    waiting = waiting.filter((document) => !isCounted(document, stored.get(document._id), generation));
    const changes = waiting.map((document) => changeOf(document, stored.get(document._id), generation));
    if (changes.length === 0) return;
    try {
      await deps.analytics.rollups.bulkWrite(changes, { ordered: false });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }
}

async function storedDocuments(deps: FoldDeps, documents: readonly RollupIncrements[]) {
  const ids = documents.map(({ _id }) => _id);
  const found = await deps.analytics.rollups.find({ _id: { $in: ids } }).toArray();
  return new Map(found.map((document) => [document._id, document]));
}

function isCounted(document: RollupIncrements, stored: RollupDocument | undefined, generation: Long): boolean {
  const last = document.increments.at(-1);
  if (stored === undefined || last === undefined) return false;
  return stored.generation.equals(generation) && stored.upto >= last.place;
}

function changeOf(document: RollupIncrements, stored: RollupDocument | undefined, generation: Long) {
  const { _id, day, type, currency, state, increments } = document;
  const base = stored?.generation.equals(generation) ? stored : null;
  const added = base === null ? increments : increments.filter(({ place }) => place > base.upto);
  const count = added.length + (base?.count.toNumber() ?? 0);
  let amount: bigint | null = base?.amount_minor?.toBigInt() ?? null;
  for (const { amount_minor } of added) if (amount_minor !== null) amount = (amount ?? 0n) + amount_minor;
  const fields = {
    ...{ day, type, currency, state, generation },
    count: Long.fromNumber(count),
    amount_minor: amount === null ? null : exactLong(amount),
    upto: added.at(-1)?.place ?? base?.upto ?? LOG_START,
  };
  if (stored === undefined) return { insertOne: { document: { _id, ...fields } } };
  const { generation: seenGeneration, upto } = stored;
  return { updateOne: { filter: { _id, generation: seenGeneration, upto }, update: { $set: fields } } };
}

function laterGeneration(before: Long | undefined, now: Date): Long {
  const byTime = Long.fromNumber(now.getTime());
  return before === undefined || byTime.greaterThan(before) ? byTime : before.add(Long.ONE);
}

function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}
