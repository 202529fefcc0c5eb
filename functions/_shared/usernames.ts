import { AppError } from '../../contracts/errors.ts';
import type { Sql } from './db.ts';

/**
 * Refuses a username that cannot be had; runs as `astra_api`. Two requests may pass at once: the unique constraint decides then.
 * Throws users.username_taken, users.username_reserved or users.username_invalid.
 */
export async function assertUsername(sql: Sql, username: string): Promise<void> {
  const [row] = await sql.query<{ status: string }>('select app_private.username_status($1) as status', [username]);
  switch (row?.status) {
    case 'available':
      return;
    case 'taken':
      throw new AppError('users.username_taken');
    case 'reserved':
      throw new AppError('users.username_reserved');
    default:
      throw new AppError('users.username_invalid');
  }
}
