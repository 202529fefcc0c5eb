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
  return btoa(JSON.stringify([created_at, id]))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** The position of a cursor. Throws request.invalid_cursor for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position {
  try {
    const [created_at, id] = position.parse(JSON.parse(atob(cursor.replace(/-/g, '+').replace(/_/g, '/'))));
    return { created_at, id };
  } catch (cause) {
    throw new AppError('request.invalid_cursor', { cause });
  }
}

/** Cuts the one row too many that tells whether there is a next page. */
export function toPage<T extends Position>(
  rows: readonly T[],
  limit: number,
): { data: T[]; next_cursor: string | null } {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, next_cursor: rows.length > limit && last !== undefined ? encodeCursor(last) : null };
}
