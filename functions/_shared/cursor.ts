import { z } from 'zod';
import { AppError } from '../../contracts/errors.ts';

const position = z.tuple([z.iso.datetime({ offset: true }), z.uuid()]);

/** Where a keyset page ended: `(created_at, id)` of its last row. */
export interface Position {
  readonly created_at: string;
  readonly id: string;
}

/** The opaque text of a position. */
export function encodeCursor({ created_at, id }: Position): string {
  return seal([created_at, id]);
}

/** The position of a cursor. Throws request.invalid_cursor for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position {
  const [created_at, id] = unseal(cursor, position);
  return { created_at, id };
}

/** The opaque text of the values by which a list is ordered. They must be plain ASCII. */
export function seal(values: readonly (string | number)[]): string {
  return btoa(JSON.stringify(values)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** The values again. Throws request.invalid_cursor unless they have the shape of this list's. */
export function unseal<T extends z.ZodType>(cursor: string, shape: T): z.output<T> {
  try {
    return shape.parse(JSON.parse(atob(cursor.replace(/-/g, '+').replace(/_/g, '/'))));
  } catch (cause) {
    throw new AppError('request.invalid_cursor', { cause });
  }
}

export interface Page<T> {
  readonly data: T[];
  readonly next_cursor: string | null;
}

/** Cuts the one row too many that tells whether there is a next page. */
export function toPage<T extends Position>(rows: readonly T[], limit: number): Page<T> {
  return toPageBy(rows, limit, encodeCursor);
}

/** The same for rows with another order; `cursorOf` makes the cursor of a row. */
export function toPageBy<T>(rows: readonly T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
