import { z } from 'zod';
import { AppError } from '../../contracts/errors.ts';

const position = z.tuple([z.iso.datetime({ offset: true }), z.uuid()]);

/** Where a keyset page ended: `(created_at, id)` of its last row. */
export interface Position {
  readonly created_at: string;
  readonly id: string;
}

/** The opaque text of a position in a list. */
export function encodeCursor(list: string, { created_at, id }: Position): string {
  return seal(list, [created_at, id]);
}

/** The position of a cursor. Throws request.invalid_cursor for anything that `encodeCursor` did not make for this list. */
export function decodeCursor(list: string, cursor: string): Position {
  const [created_at, id] = unseal(list, cursor, position);
  return { created_at, id };
}

/**
 * The opaque text of the values by which a list is ordered, all of it plain ASCII. The list's name is sealed in, because a
 * position in one list is a position in another as well, with a page that looks right and is not.
 */
export function seal(list: string, values: readonly (string | number)[]): string {
  return btoa(JSON.stringify([list, values]))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** The values again. Throws request.invalid_cursor unless this list sealed them, in this shape. */
export function unseal<T extends z.ZodType>(list: string, cursor: string, shape: T): z.output<T> {
  try {
    const sealed: unknown = JSON.parse(atob(cursor.replace(/-/g, '+').replace(/_/g, '/')));
    const [, values] = z.tuple([z.literal(list), z.unknown()]).parse(sealed);
    return shape.parse(values);
  } catch (cause) {
    throw new AppError('request.invalid_cursor', { cause });
  }
}

export interface Page<T> {
  readonly data: T[];
  readonly next_cursor: string | null;
}

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * A keyset page of `list`: `read` gives up to `count` rows after a position (undefined: the first), one more than the page so that
 * it shows whether there is a next. Throws request.invalid_cursor.
 */
export async function readKeyset<T>(
  list: string,
  { limit, cursor }: PageQuery,
  positionOf: (row: T) => Position,
  read: (count: number, from: Position | undefined) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const from = cursor === undefined ? undefined : decodeCursor(list, cursor);
  return toPageBy(await read(limit + 1, from), limit, (row) => encodeCursor(list, positionOf(row)));
}

/** Cuts the one row too many that tells whether there is a next page of `list`. */
export function toPage<T extends Position>(list: string, rows: readonly T[], limit: number): Page<T> {
  return toPageBy(rows, limit, (row) => encodeCursor(list, row));
}

/** The same for rows with another order; `cursorOf` makes the cursor of a row. */
export function toPageBy<T>(rows: readonly T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
