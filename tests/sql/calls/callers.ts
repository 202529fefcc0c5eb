import type { ClonedDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import type { CallCard } from './support.ts';

/** A function of calls, or the code of its refusal; anything else, such as a deadlock, is thrown. */
export async function attempt(
  db: TestConnection,
  name: string,
  ...args: readonly unknown[]
): Promise<CallCard | string> {
  try {
    return await db.one<CallCard>(`select * from public.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')})`, args);
  } catch (error) {
    const { sqlstate, code } = refusalOf(error);
    if (!sqlstate.startsWith('PT')) throw error;
    return code ?? '';
  }
}

export const outcome = (result: CallCard | string): string => (typeof result === 'string' ? result : result.my_state);

/** People without limits on how much they call. */
export async function people(database: ClonedDatabase, count: number): Promise<[TestConnection, Person[]]> {
  const db = await database.connect();
  const made: Person[] = [];
  for (let n = 0; n < count; n += 1) made.push(await db.signUp());
  await db.query(
    `update app_private.call_rules set rings_per_minute = null, rings_per_day = null, unanswered_per_10_minutes = null, unanswered_per_day = null,
       returns_per_10_minutes = null, reports_per_10_minutes = null`,
  );
  return [db, made];
}
