import type { Context } from 'hono';
import type { AppEnv } from '../_shared/app.ts';
import { decodeCursor, type Position, toPage } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';

/** A condition with `?` for its value; one whose value is undefined was not asked for. */
export type Condition = readonly [text: string, value: unknown];

export interface Listing {
  /** Its name, to which cursors belong. */
  readonly list: string;
  /** `select … from …`, without conditions. */
  readonly select: string;
  /** What holds for every row. */
  readonly conditions: readonly Condition[];
  /**
   * Whose rows: one condition, or several of which each row meets exactly one. Several are read one by one and merged, because
   * an `or` between two columns has no index that gives the rows in order.
   */
  readonly sides: readonly Condition[];
}

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A keyset page of what the user may see, the newest first. */
export async function readPage<Row extends Position>(
  c: Context<AppEnv>,
  deps: Deps,
  listing: Listing,
  page: PageQuery,
): Promise<{ data: Row[]; next_cursor: string | null }> {
  const { text, params } = pageSql(listing, page);
  const rows = await deps.db.asUser(c.get('claims'), (sql) => sql.query<Row>(text, params), 'read');
  return toPage(listing.list, rows, page.limit);
}

const ORDER = 'order by created_at desc, id desc';

/** Only the conditions that were asked for: a condition like `$2 is null or …` would keep Postgres from using its index. */
export function pageSql({ list, select, conditions, sides }: Listing, { limit, cursor }: PageQuery) {
  const params: unknown[] = [];
  const bind = ([text, value]: Condition) => text.replaceAll('?', `$${params.push(value)}`);
  const common = conditions.filter(([, value]) => value !== undefined).map(bind);
  if (cursor !== undefined) {
    const { created_at, id } = decodeCursor(list, cursor);
    common.push(`(created_at, id) < ($${params.push(created_at)}::timestamptz, $${params.push(id)}::uuid)`);
  }
  const end = `${ORDER} limit $${params.push(limit + 1)}`;
  const parts = sides.map((side) => `${select} where ${[bind(side), ...common].join(' and ')} ${end}`);
  const text = parts.length === 1 ? parts.join('') : `${parts.map((part) => `(${part})`).join(' union all ')} ${end}`;
  return { text, params };
}

/** One row that the user may see, or undefined. `name` names the prepared statement. */
export async function readOne<Row extends object>(
  c: Context<AppEnv>,
  deps: Deps,
  text: string,
  params: readonly unknown[],
  name: string,
): Promise<Row | undefined> {
  const [row] = await deps.db.asUser(c.get('claims'), (sql) => sql.query<Row>(text, params, name), 'read');
  return row;
}
