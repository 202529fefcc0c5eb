import type { Database } from './database.ts';
import { CLIENT_ROLES } from './tokens.ts';

/** How long a table's description is used without asking again; the log says earlier when it changed. */
const FRESH_MS = 5_000;

export interface Column {
  readonly name: string;
  /** As pg_type names it; clients parse values by it. */
  readonly type: string;
  /** The roles that may read it. */
  readonly readers: readonly string[];
}

/** What must be known of a published table to tell people of its rows. */
export interface Table {
  readonly id: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** Whether policies decide who sees a row. */
  readonly secured: boolean;
  /** Roles that policies do not concern. */
  readonly bypassing: readonly string[];
}

const DESCRIPTION = `
  select c.relrowsecurity as secured,
    array(select r.rolname::text from pg_roles r where r.rolname = any ($2) and (r.rolbypassrls or r.rolsuper)) as bypassing,
    array(
      select a.attname::text from pg_index i, unnest(i.indkey) with ordinality k(attnum, ordinal), pg_attribute a
      where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum order by k.ordinal
    ) as key,
    (
      select jsonb_agg(jsonb_build_object('name', a.attname, 'type', t.typname, 'readers', array(
        select r from unnest($2::text[]) r
        where has_schema_privilege(r, c.relnamespace, 'usage') and has_column_privilege(r, c.oid, a.attnum, 'select')
      )) order by a.attnum)
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns
  from pg_class c where c.oid = $1`;

/** Descriptions of published tables, by their oid. */
export class Tables {
  readonly #database: Pick<Database, 'query'>;
  readonly #known = new Map<string, { readonly table: Table; readonly until_ms: number }>();

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** Null when the table is gone. */
  async describe(id: string): Promise<Table | null> {
    const known = this.#known.get(id);
    if (known !== undefined && known.until_ms > Date.now()) return known.table;
    this.#known.delete(id);
    const [row] = await this.#database.query<Omit<Table, 'id'>>(DESCRIPTION, [id, CLIENT_ROLES]);
    if (row === undefined || row.columns === null) return null;
    const table = { id, ...row };
    this.#known.set(id, { table, until_ms: Date.now() + FRESH_MS });
    return table;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }
}

export function columnOf(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name);
}
