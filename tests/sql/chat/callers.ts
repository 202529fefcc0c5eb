import type { ClonedDatabase } from '../../support/clone-database.ts';
import { type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import type { MessageCard } from './support.ts';

/** A connection that is a person from the first statement to the last, each statement a transaction of its own. */
export async function connectAs(database: ClonedDatabase, person: Person): Promise<TestConnection> {
  const db = await database.connect();
  await db.query(
    `select set_config('request.jwt.claims', $1, false), set_config('request.jwt.claim.sub', $2, false),
       set_config('request.jwt.claim.role', 'authenticated', false), set_config('role', 'authenticated', false)`,
    [JSON.stringify({ role: 'authenticated', sub: person.id }), person.id],
  );
  return db;
}

/** People who follow each other, without limits on how much they write. */
export async function friends(database: ClonedDatabase, count: number): Promise<[TestConnection, Person[]]> {
  const db = await database.connect();
  const people: Person[] = [];
  for (let n = 0; n < count; n += 1) people.push(await db.signUp());
  await db.query(
    `insert into public.follows (follower_id, followee_id) select a.id, b.id from public.profiles a, public.profiles b where a.id <> b.id
     on conflict do nothing`,
  );
  await db.query(
    'update app_private.chat_rules set messages_per_minute = null, conversations_per_hour = null, conversations_per_day = null',
  );
  return [db, people];
}

/** send_message, or the code of its refusal; anything else, such as a deadlock, is thrown. */
export async function trySend(db: TestConnection, p: Record<string, unknown>): Promise<MessageCard | string> {
  try {
    return await db.one<MessageCard>('select * from public.send_message($1)', [{ content: 'Hello', ...p }]);
  } catch (error) {
    const { sqlstate, code } = refusalOf(error);
    if (!sqlstate.startsWith('PT')) throw error;
    return code ?? '';
  }
}
