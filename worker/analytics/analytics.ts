import { type Collection, Long, MongoClient } from 'mongodb';
import type { DomainEvent } from '../../contracts/events.ts';
import type { AuditEntry, MediaFacts } from '../projections/projection.ts';
import { forgetPeople } from './forget.ts';
import { writeDocuments } from './write-documents.ts';

const SERVER_SELECTION_MS = 3_000;
const SOCKET_TIMEOUT_MS = 10_000;

/** One domain event; `_id` is the event's id, so that writing it again changes nothing. */
export interface EventDocument {
  readonly _id: string;
  readonly type: string;
  readonly version: number;
  readonly actor_id: string | null;
  readonly payload: object;
  readonly occurred_at: Date;
  /** UTC buckets, stored because not every server can compute them: "2026-11-22", "2026-11-22T16". */
  readonly day: string;
  readonly hour: string;
}

export interface AuditDocument extends AuditEntry {
  readonly _id: string;
  readonly action: string;
  readonly actor_id: string | null;
  readonly occurred_at: Date;
}

/** Count and sum of one day, event type, currency and state (docs/decisions/0022-rollups-carry-their-own-watermark.md). */
export interface RollupDocument {
  /** "2026-11-22|wallet.transfer_completed|USD", "2026-11-22|wallet.withdrawal_changed|USD|paid"; a type without money ends in "|-". */
  readonly _id: string;
  readonly day: string;
  readonly type: string;
  readonly currency: string | null;
  /** Of what goes through states: the one that the event told of. */
  readonly state: string | null;
  readonly count: Long;
  /** Exact: a 64-bit integer, never a double. Null for a type without money, and for a state that is not the end. */
  readonly amount_minor: Long | null;
  /** The last event counted in here. */
  readonly upto: string;
  readonly generation: Long;
}

/** What is known of a medium; facts come one event at a time, in any order. */
export interface MediaDocument {
  readonly _id: string;
  readonly owner_id: string;
}

/** Where the fold stands. */
export interface FoldState {
  readonly _id: 'rollups_daily';
  readonly generation: Long;
  readonly upto: string;
}

/** MongoDB as the worker uses it. */
export interface Analytics extends AsyncDisposable {
  readonly rollups: Collection<RollupDocument>;
  readonly foldState: Collection<FoldState>;
  /** Throws when the server cannot be reached. */
  ping(): Promise<void>;
  /** Makes the indexes; safe to repeat. */
  prepare(): Promise<void>;
  /** Writes what is new of these; returns the reason for each event that was refused, by event id. Throws when MongoDB is at fault. */
  store(
    entries: readonly { readonly event: DomainEvent; readonly audit: AuditEntry | null }[],
  ): Promise<Map<string, string>>;
  /** Writes what events tell of media; safe to repeat. Throws when MongoDB is at fault. */
  keepMedia(media: readonly MediaFacts[]): Promise<void>;
  /** Takes the facts about deleted people out of their events. Throws when MongoDB is at fault. */
  forget(user_ids: readonly string[]): Promise<void>;
}

/** Connects lazily; the driver reconnects by itself. Every wait in here is bounded. */
export function createAnalytics(url: string): Analytics {
  const client = new MongoClient(url, {
    appName: 'astra-worker',
    serverSelectionTimeoutMS: SERVER_SELECTION_MS,
    connectTimeoutMS: SERVER_SELECTION_MS,
    socketTimeoutMS: SOCKET_TIMEOUT_MS,
    waitQueueTimeoutMS: SERVER_SELECTION_MS,
    maxPoolSize: 4,
    // An event is completed in the outbox after this: it must have reached the journal of more than one server's memory.
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: SOCKET_TIMEOUT_MS },
    promoteLongs: false,
  });
  const database = client.db(databaseName(url));
  const events = database.collection<EventDocument>('events');
  const audit = database.collection<AuditDocument>('audit_log');
  const media = database.collection<MediaDocument>('media');
  const rollups = database.collection<RollupDocument>('rollups_daily');
  return {
    rollups,
    foldState: database.collection<FoldState>('worker_state'),
    async ping() {
      await database.command({ ping: 1 });
    },
    async prepare() {
      await events.createIndex({ type: 1, occurred_at: -1 });
      // Sparse: payments, which are most of all events, have no such field and pay nothing for it.
      await events.createIndex({ 'payload.user_id': 1 }, { sparse: true });
      await audit.createIndex({ subject_ids: 1, occurred_at: -1 });
      await media.createIndex({ owner_id: 1 });
      await rollups.createIndex({ type: 1, day: -1 });
    },
    async store(entries) {
      const audited = entries.flatMap(({ event, audit: entry }) => (entry ? [auditDocument(event, entry)] : []));
      const [refused, refusedAudit] = await Promise.all([
        writeDocuments(
          events,
          entries.map(({ event }) => eventDocument(event)),
        ),
        writeDocuments(audit, audited),
      ]);
      return new Map([...refused, ...refusedAudit]);
    },
    async keepMedia(facts) {
      if (facts.length === 0) return;
      await media.bulkWrite(
        facts.map(({ media_id, user_id, facts: fields }) => ({
          updateOne: { filter: { _id: media_id }, update: { $set: { owner_id: user_id, ...fields } }, upsert: true },
        })),
        { ordered: false },
      );
      // Told after the end of an account, they are forgotten with it; whoever writes down that end at this moment forgets these as well.
      const owner_ids = [...new Set(facts.map(({ user_id }) => user_id))];
      const ends = await audit.find({ action: 'user.deleted', subject_ids: { $in: owner_ids } }).toArray();
      if (ends.length > 0)
        await media.deleteMany({ owner_id: { $in: ends.flatMap(({ subject_ids }) => subject_ids) } });
    },
    async forget(user_ids) {
      await forgetPeople(events, audit, user_ids);
      if (user_ids.length > 0) await media.deleteMany({ owner_id: { $in: [...user_ids] } });
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function databaseName(url: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  return path === undefined ? 'astra' : decodeURIComponent(path);
}

function eventDocument(event: DomainEvent): EventDocument {
  const occurred_at = new Date(event.occurred_at);
  const iso = occurred_at.toISOString();
  const { id: _id, type, version, actor_id, payload } = event;
  return { _id, type, version, actor_id, payload, occurred_at, day: iso.slice(0, 10), hour: iso.slice(0, 13) };
}

function auditDocument(event: DomainEvent, entry: AuditEntry): AuditDocument {
  const { id: _id, type: action, actor_id, occurred_at } = event;
  return { _id, action, actor_id, occurred_at: new Date(occurred_at), ...entry };
}

/** A 64-bit integer for MongoDB; refuses what does not fit, where `Long` would wrap around. */
export function exactLong(value: bigint): Long {
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} does not fit 64 bits`);
  return Long.fromBigInt(value);
}
