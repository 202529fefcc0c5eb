import { z } from 'zod';
import { AppError } from '../../contracts/errors.ts';
import type { Sql } from './db.ts';

const statusSchema = z.enum(['available', 'taken', 'reserved', 'invalid']);
export type UsernameStatus = z.infer<typeof statusSchema>;

const STATUS = 'select app_private.username_status($1) as status';

/** Whether a username can be had; runs as `astra_api`. Two requests may both hear `available`: the unique index decides then. */
export async function usernameStatus(sql: Sql, username: string): Promise<UsernameStatus> {
  const [row] = await sql.query<{ status: string }>(STATUS, [username]);
  return statusSchema.parse(row?.status);
}

/** Throws users.username_taken, users.username_reserved or users.username_invalid unless the name is available. */
export function refuseUsername(status: UsernameStatus): void {
  switch (status) {
    case 'available':
      return;
    case 'taken':
      throw new AppError('users.username_taken');
    case 'reserved':
      throw new AppError('users.username_reserved');
    case 'invalid':
      throw new AppError('users.username_invalid');
  }
}
