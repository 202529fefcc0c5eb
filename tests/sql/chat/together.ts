import type { Person, TestConnection } from '../../support/database.ts';
import type { MessageCard } from './support.ts';

/** A message that somebody asks for, with the session they are signed in with. */
export interface Asked {
  readonly from: Person;
  readonly session: string;
  readonly p: Record<string, unknown> | string;
}

/** A card as JSON has it. */
export type SentCard = Omit<MessageCard, 'seq' | 'created_at'> & { readonly seq: number; readonly created_at: string };

export const SEND_TOGETHER = 'select ord, card from app_private.send_messages($1, $2, $3)';

export const valuesOf = (asked: readonly Asked[]) => [
  asked.map(({ from }) => from.id),
  asked.map(({ session }) => session),
  asked.map(({ p }) => (typeof p === 'string' ? p : JSON.stringify({ content: 'Hello', ...p }))),
];

/** send_messages, as whoever the connection is; the cards by the place of what was asked for. */
export async function sendAll(db: TestConnection, asked: readonly Asked[]): Promise<Map<number, SentCard>> {
  const rows = await db.query<{ ord: number; card: SentCard }>(SEND_TOGETHER, valuesOf(asked));
  // The order of rows is the database's own.
  return new Map(rows.toSorted((a, b) => a.ord - b.ord).map(({ ord, card }) => [ord - 1, card]));
}

/** The same as the API, in a transaction that is rolled back. */
export async function sendTogether(db: TestConnection, asked: readonly Asked[]): Promise<Map<number, SentCard>> {
  await db.as({ role: 'astra_api' });
  return await sendAll(db, asked);
}
