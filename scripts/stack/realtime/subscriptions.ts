import { createHash } from 'node:crypto';
import { DatabaseError } from 'pg';
import type { Channel } from './channel.ts';
import type { Database } from './database.ts';
import { filterRefusal, isExact, type ParsedFilter, parseFilters, rightSideOf } from './filters.ts';
import type { WantedChanges } from './protocol.ts';
import { Refusal } from './refusal.ts';
import { columnOf, type Table, type Tables } from './tables.ts';

export interface Filter extends ParsedFilter {
  /** The same filter of several subscribers is decided once. */
  readonly id: string;
  /** Set when texts can be compared. */
  readonly exact: ReadonlySet<string> | null;
}

/** What one channel wants to hear of one table. */
export interface Subscription {
  readonly channel: Channel;
  /** By which the client knows which of its requests a change belongs to. */
  readonly id: number;
  readonly table: string;
  /** INSERT, UPDATE, DELETE or * */
  readonly event: string;
  readonly filters: readonly Filter[];
  /** The columns that it asked for besides the key; null: all. */
  readonly columns: readonly string[] | null;
  readonly wanted: WantedChanges;
}

const IN_VALUES = 100;
const EVERYTHING = '*';

const PUBLISHED = `
  select c.oid::text as id
  from pg_publication_tables t
  join pg_namespace n on n.nspname = t.schemaname
  join pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
  where t.pubname = 'supabase_realtime' and ($1 = '*' or t.schemaname = $1) and ($2 = '*' or t.tablename = $2)`;
const CANONICAL = 'select _realtime.canonical($1, $2, $3, $4, $5) as values';
const CAN_COMPARE = "select from _realtime.matching($1, $2, $3, $4, $5, $6, true, '[]')";
const IS_PATTERN = "select '' ~ $1";

/** Equal requests have equal ids, never 0: the client takes that for none. */
export function subscriptionId({ event, schema, table, filter, select }: WantedChanges): number {
  const text = JSON.stringify([event, schema, table, filter, select]);
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) || 1;
}

/**
 * Makes subscriptions of what a client wants, one per table: with `*` there may be many.
 * @throws Refusal when one of them cannot be: then the channel gets none.
 */
export async function resolveSubscriptions(
  { database, tables }: { readonly database: Pick<Database, 'query'>; readonly tables: Tables },
  channel: Channel,
  wanted: readonly WantedChanges[],
): Promise<Subscription[]> {
  const found: Subscription[] = [];
  for (const one of wanted) {
    const { schema, table } = { schema: one.schema ?? 'public', table: one.table ?? EVERYTHING };
    const parameters = `connect parameters: [${JSON.stringify(one).slice(0, 500)}]`;
    try {
      if (one.select?.length && (schema === EVERYTHING || table === EVERYTHING)) {
        throw filterRefusal(
          'Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.',
        );
      }
      const ids = await database.query<{ id: string }>(PUBLISHED, [schema, table]);
      if (ids.length === 0) {
        const text =
          'Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given';
        throw new Refusal('RealtimeDisabledForConfiguration', `${text} ${parameters}`);
      }
      for (const { id } of ids) {
        const described = await tables.describe(id);
        if (described !== null) found.push(await resolveOne(database, described, channel, one));
      }
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const text = 'Unable to subscribe to changes with given parameters. An exception happened so please check your';
      throw filterRefusal(`${text} ${parameters}. Exception: ${error.message}`);
    }
  }
  return found;
}

async function resolveOne(
  database: Pick<Database, 'query'>,
  table: Table,
  channel: Channel,
  wanted: WantedChanges,
): Promise<Subscription> {
  const { role } = channel.claims;
  const readable = (name: string) => columnOf(table, name)?.readers.includes(role) === true;
  const columns = wanted.select?.length ? wanted.select : null;
  for (const name of columns ?? []) {
    if (!readable(name)) throw filterRefusal(`invalid column for select ${name}`);
  }
  const filters: Filter[] = [];
  for (const parsed of parseFilters(wanted.filter ?? '')) {
    if (!readable(parsed.column)) throw filterRefusal(`invalid column for filter ${parsed.column}`);
    filters.push(await checked(database, table, role, parsed));
  }
  return {
    ...{ channel, table: table.id, filters, columns, wanted, id: subscriptionId(wanted) },
    event: (wanted.event ?? EVERYTHING).toUpperCase(),
  };
}

/** Lets Postgres read the value by the column's type and look for the operator: what it cannot do then, it could never do. */
async function checked(
  database: Pick<Database, 'query'>,
  table: Table,
  role: string,
  parsed: ParsedFilter,
): Promise<Filter> {
  const { column, operator, value } = parsed;
  const id = JSON.stringify([column, operator, parsed.negated, value, role]);
  const right = rightSideOf(parsed);
  await database.query(CAN_COMPARE, [table.id, role, column, right.operator, right.right, value]);
  if (operator === 'match' || operator === 'imatch') await database.query(IS_PATTERN, [value]);
  if (operator === 'is') return { ...parsed, id, exact: null };
  const [row] = await database.query<{ values: string[] }>(CANONICAL, [
    table.id,
    role,
    column,
    value,
    operator === 'in',
  ]);
  const values = row?.values ?? [];
  if (values.length > IN_VALUES) throw filterRefusal(`too many values for \`in\` filter. Maximum ${IN_VALUES}`);
  const exact = isExact(parsed, columnOf(table, column)?.type ?? '') ? new Set(values) : null;
  return { ...parsed, id, exact };
}
