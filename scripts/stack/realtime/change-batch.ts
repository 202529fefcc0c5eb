import { createChangeFrames } from './change-frames.ts';
import type { ChangesDeps, RowChange, RowTexts } from './changes.ts';
import { passes, rightSideOf } from './filters.ts';
import type { Filter, Subscription } from './subscriptions.ts';
import { columnOf, type Table } from './tables.ts';
import type { Claims } from './tokens.ts';

/** Longer, and the filter's subscribers lose it: one slow pattern must not hold back everybody else. */
const FILTER_MS = 1_000;
/** More askers than this are asked about in several calls, so that each stays short. */
const CLAIMS_PER_CALL = 1_000;

const VISIBLE = 'select claims_ordinal, key_ordinals from _realtime.visible($1, $2, $3, $4::jsonb[], $5)';
const RENDERED = 'select _realtime.rendered($1, $2, $3) as row';
const MATCHING = 'select _realtime.matching($1, $2, $3, $4, $5, $6, $7, $8) as ordinal';

type Deps = Pick<ChangesDeps, 'database' | 'metrics'>;

export interface PreparedBatch {
  readonly senders: ReadonlyMap<RowChange, () => void>;
  /** Subscriptions whose filter could not be decided. */
  readonly failing: readonly { readonly subscription: Subscription; readonly reason: string }[];
}

/** A change that somebody might hear of. */
interface Candidate {
  readonly change: RowChange;
  readonly subscriptions: readonly Subscription[];
}

/**
 * Finds out who may hear of which of these changes of one table. Policies are asked in one call, with one statement for each
 * distinct set of claims; a DELETE is told by filters alone, because nobody can see a row that is gone.
 */
export async function prepareBatch(
  deps: Deps,
  table: Table,
  changes: readonly RowChange[],
  subscribers: readonly Subscription[],
): Promise<PreparedBatch> {
  // Who may read no column of the table is told nothing, not even that a row is gone.
  const readers = subscribers.filter(({ channel }) =>
    table.columns.some((column) => column.readers.includes(channel.claims.role)),
  );
  const { matches, failing } = await decideFilters(deps, table, changes, readers);
  const candidates: Candidate[] = [];
  for (const [index, change] of changes.entries()) {
    const subscriptions = readers.filter(
      ({ event, filters }) =>
        (event === '*' || event === change.type) && filters.every((filter) => matches(filter, change, index)),
    );
    if (subscriptions.length > 0) candidates.push({ change, subscriptions });
  }
  if (candidates.length === 0) return { senders: new Map(), failing };
  const [mayHear, rows] = await Promise.all([askPolicies(deps, table, candidates), render(deps, table, candidates)]);
  const frames = createChangeFrames(table);
  const senders = new Map(
    candidates.map(({ change, subscriptions }, index) => {
      const rendered = { row: rows[index * 2] ?? {}, old: rows[index * 2 + 1] ?? {} };
      const send = () => {
        frames.send(
          change,
          rendered,
          subscriptions.filter((subscription) => subscription.channel.open && mayHear(subscription, change)),
        );
      };
      return [change, send] as const;
    }),
  );
  return { senders, failing };
}

type Matches = (filter: Filter, change: RowChange, index: number) => boolean;

/** Texts decide where they can; everything else Postgres decides, once per distinct filter for the whole batch. */
async function decideFilters(
  deps: Deps,
  table: Table,
  changes: readonly RowChange[],
  subscribers: readonly Subscription[],
): Promise<{ matches: Matches; failing: PreparedBatch['failing'] }> {
  const asked = new Map<string, { filter: Filter; role: string }>();
  for (const { filters, channel } of subscribers) {
    for (const filter of filters) {
      if (filter.exact === null && !asked.has(filter.id)) asked.set(filter.id, { filter, role: channel.claims.role });
    }
  }
  const decided = new Map<string, ReadonlySet<number>>();
  const reasons = new Map<string, string>();
  if (asked.size > 0) {
    const images = `[${changes.map((change) => rowJson(table, imageOf(change))).join(',')}]`;
    await Promise.all(
      [...asked].map(async ([id, { filter, role }]) => {
        try {
          decided.set(id, await within(matching(deps, table, role, filter, images)));
        } catch (error) {
          reasons.set(id, error instanceof Error ? error.message : String(error));
        }
      }),
    );
  }
  const matches: Matches = (filter, change, index) => {
    const text = imageOf(change)[filter.column];
    // Not in the log: a DELETE has no more than the replica identity.
    if (text === undefined) return false;
    return filter.exact === null ? decided.get(filter.id)?.has(index) === true : passes(filter, filter.exact, text);
  };
  const failing = subscribers.flatMap((subscription) => {
    const failed = subscription.filters.find(({ id }) => reasons.has(id));
    return failed === undefined ? [] : [{ subscription, reason: reasons.get(failed.id) ?? '' }];
  });
  return { matches, failing };
}

async function matching(
  { database }: Deps,
  table: Table,
  role: string,
  filter: Filter,
  images: string,
): Promise<ReadonlySet<number>> {
  const { operator, right } = rightSideOf(filter);
  const rows = await database.query<{ ordinal: string }>(MATCHING, [
    ...[table.id, role, filter.column, operator, right, filter.value, !filter.negated, images],
  ]);
  return new Set(rows.map(({ ordinal }) => Number(ordinal) - 1));
}

/** What a filter looks at: the row, or what is known of one that is gone. */
function imageOf({ row, old }: RowChange): RowTexts {
  return row ?? old ?? {};
}

type MayHear = (subscription: Subscription, change: RowChange) => boolean;

async function askPolicies(
  { database, metrics }: Deps,
  table: Table,
  candidates: readonly Candidate[],
): Promise<MayHear> {
  const decides = ({ claims }: Subscription['channel']) => table.secured && !table.bypassing.includes(claims.role);
  // The claims of this moment: a token that comes while the policies are asked counts for the next batch.
  const askers = new Map<string, { readonly claims: Claims; readonly visible: Set<RowChange> }>();
  const asked = new Map<Subscription, string>();
  const rows: RowChange[] = [];
  for (const { change, subscriptions } of candidates) {
    if (change.type === 'DELETE' || table.key.length === 0) continue;
    const concerned = subscriptions.filter(({ channel }) => decides(channel));
    if (concerned.length === 0) continue;
    rows.push(change);
    for (const subscription of concerned) {
      if (asked.has(subscription)) continue;
      const { claims } = subscription.channel;
      const key = JSON.stringify(claims);
      asked.set(subscription, key);
      if (!askers.has(key)) askers.set(key, { claims, visible: new Set() });
    }
  }
  if (rows.length > 0) {
    const end = metrics.visibility.startTimer();
    const byRole = [...askers.values()].sort((one, other) => (one.claims.role < other.claims.role ? -1 : 1));
    const keys = JSON.stringify(rows.map(({ row }) => table.key.map((name) => row?.[name])));
    const xids = [...new Set(rows.map(({ xid }) => xid))];
    for (let start = 0; start < byRole.length; start += CLAIMS_PER_CALL) {
      const part = byRole.slice(start, start + CLAIMS_PER_CALL);
      const seen = await database.query<{ claims_ordinal: number; key_ordinals: string[] }>(VISIBLE, [
        ...[table.id, table.key, keys, part.map(({ claims }) => claims), xids],
      ]);
      for (const { claims_ordinal, key_ordinals } of seen) {
        for (const ordinal of key_ordinals) {
          const row = rows[Number(ordinal) - 1];
          if (row !== undefined) part[claims_ordinal - 1]?.visible.add(row);
        }
      }
    }
    end();
  }
  return (subscription, change) => {
    const key = asked.get(subscription);
    if (change.type === 'DELETE' || table.key.length === 0) return true;
    if (key !== undefined) return askers.get(key)?.visible.has(change) === true;
    return !decides(subscription.channel);
  };
}

/** Two per candidate, the row and what it was: each column as the JSON text that Postgres makes of it. */
async function render({ database }: Deps, table: Table, candidates: readonly Candidate[]) {
  const role = candidates[0]?.subscriptions[0]?.channel.claims.role;
  const images = candidates.flatMap(({ change }) => [
    rowJson(table, change.row ?? {}),
    rowJson(table, change.old ?? {}),
  ]);
  const rows = await database.query<{ row: Record<string, string> }>(RENDERED, [
    table.id,
    role,
    `[${images.join(',')}]`,
  ]);
  return rows.map(({ row }) => row);
}

/** An object of texts, as jsonb_populate_record reads it; JSON stands in it as it is. */
function rowJson(table: Table, row: RowTexts): string {
  const fields: string[] = [];
  for (const [name, text] of Object.entries(row)) {
    if (text === undefined) continue;
    const type = columnOf(table, name)?.type;
    const value = text === null ? 'null' : type === 'json' || type === 'jsonb' ? text : JSON.stringify(text);
    fields.push(`${JSON.stringify(name)}:${value}`);
  }
  return `{${fields.join(',')}}`;
}

async function within<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it took longer than ${FILTER_MS} ms`)), FILTER_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
