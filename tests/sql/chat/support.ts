import { randomUUID } from 'node:crypto';
import { type Person, type Refusal, refusalOf, type TestConnection, withRollback } from '../../support/database.ts';

/** The columns of `public.message_card` that tests look at; bigint comes as text. */
export interface MessageCard {
  readonly id: string;
  readonly conversation_id: string;
  readonly seq: string;
  readonly sender_id: string | null;
  readonly sender: { readonly id: string; readonly username: string } | null;
  readonly kind: string;
  readonly content: string | null;
  readonly media_urls: string[];
  readonly duration_ms: number | null;
  readonly waveform: number[] | null;
  readonly reply_to: { readonly id: string; readonly content: string | null } | null;
  readonly is_forwarded: boolean;
  readonly mentions: string[];
  readonly reactions: { readonly emoji: string; readonly count: number }[];
  readonly my_reaction: string | null;
  readonly is_read: boolean | null;
  readonly change: string | null;
  readonly pinned_at: Date | null;
  readonly edited_at: Date | null;
  readonly deleted_at: Date | null;
  readonly expires_at: Date | null;
  readonly created_at: Date;
}

export interface ConversationCard {
  readonly id: string;
  readonly kind: string;
  readonly person: { readonly id: string; readonly username: string } | null;
  readonly group: { readonly id: string; readonly name: string; readonly role: string } | null;
  readonly state: string;
  readonly can_send: boolean;
  readonly last_message: { readonly content: string | null; readonly is_deleted: boolean } | null;
  readonly last_seq: string;
  readonly last_read_seq: string;
  readonly unread_count: string;
  readonly is_muted: boolean;
  readonly muted_until: Date | null;
  readonly archived_at: Date | null;
  readonly disappear_after_s: number | null;
  readonly topic: string;
}

export interface Cast {
  readonly db: TestConnection;
  readonly ada: Person;
  readonly bob: Person;
  readonly eve: Person;
}

/** Runs `fn` among three people in a transaction that is rolled back; ada and bob follow each other. */
export function withCast(fn: (cast: Cast) => Promise<void>): Promise<void> {
  return withRollback(async (db) => {
    const cast = { db, ada: await db.signUp(), bob: await db.signUp(), eve: await db.signUp() };
    await befriend(db, cast.ada, cast.bob);
    await fn(cast);
  });
}

export function become(db: TestConnection, person: Person): Promise<void> {
  return db.as({ role: 'authenticated', sub: person.id });
}

export function becomeOwner(db: TestConnection): Promise<void> {
  return db.as({ role: 'postgres' });
}

export async function befriend(db: TestConnection, one: Person, other: Person): Promise<void> {
  const follow =
    'insert into public.follows (follower_id, followee_id) values ($1, $2), ($2, $1) on conflict do nothing';
  await db.query(follow, [one.id, other.id]);
}

/** send_message as a person; stays that person. */
export async function send(db: TestConnection, from: Person, p: Record<string, unknown>): Promise<MessageCard> {
  await become(db, from);
  return await db.one<MessageCard>('select * from public.send_message($1)', [{ content: 'Hello', ...p }]);
}

/** The refusal of send_message as a person. */
export async function refusedSend(db: TestConnection, from: Person, p: Record<string, unknown>): Promise<Refusal> {
  await become(db, from);
  return await db.refusal('select * from public.send_message($1)', [{ content: 'Hello', ...p }]);
}

/** A message from one person to another. */
export function write(db: TestConnection, from: Person, to: Person, content = 'Hello'): Promise<MessageCard> {
  return send(db, from, { receiver_id: to.id, content });
}

/** A function of `public` as a person, its rows. */
export async function call<Row = Record<string, unknown>>(
  db: TestConnection,
  who: Person,
  name: string,
  ...args: readonly unknown[]
): Promise<Row[]> {
  await become(db, who);
  return await db.query<Row>(`select * from public.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')})`, args);
}

/** The refusal of such a call. */
export async function refusedCall(
  db: TestConnection,
  who: Person,
  name: string,
  ...args: readonly unknown[]
): Promise<Refusal> {
  await become(db, who);
  return await db.refusal(`select * from public.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')})`, args);
}

export async function one<Row>(
  db: TestConnection,
  who: Person,
  name: string,
  ...args: readonly unknown[]
): Promise<Row> {
  const [row] = await call<Row>(db, who, name, ...args);
  if (row === undefined) throw new Error(`${name} gave no row`);
  return row;
}

export function read(db: TestConnection, who: Person, conversation: string, limit = 50): Promise<MessageCard[]> {
  return call<MessageCard>(db, who, 'conversation_messages', conversation, limit);
}

export function inbox(db: TestConnection, who: Person, box = 'inbox'): Promise<ConversationCard[]> {
  return call<ConversationCard>(db, who, 'my_conversations', box);
}

export async function setPrivacy(db: TestConnection, person: Person, settings: object): Promise<void> {
  await become(db, person);
  await db.query('update public.account_settings set privacy_settings = $2 where user_id = $1', [person.id, settings]);
}

export async function block(db: TestConnection, blocker: Person, blocked: Person): Promise<void> {
  await becomeOwner(db);
  await db.query('select app_private.block_person($1, $2)', [blocker.id, blocked.id]);
}

export async function unblock(db: TestConnection, blocker: Person, blocked: Person): Promise<void> {
  await becomeOwner(db);
  await db.query('select app_private.unblock_person($1, $2)', [blocker.id, blocked.id]);
}

/** A group of its founder with these members; ends as the owner of the database. */
export async function group(
  db: TestConnection,
  founder: Person,
  members: readonly Person[],
  visibility = 'private',
): Promise<string> {
  await become(db, founder);
  const { id } = await db.one<{ id: string }>('select * from public.create_group($1)', [
    { name: 'Climbers', visibility },
  ]);
  await becomeOwner(db);
  for (const { id: member } of members) await join(db, id, member);
  return id;
}

export async function join(db: TestConnection, groupId: string, member: string): Promise<void> {
  await becomeOwner(db);
  await db.query('insert into public.group_members (group_id, user_id) values ($1, $2)', [groupId, member]);
}

/** What was sent to a topic so far, in order: each message has a subtransaction of its own. Ends as the owner of the database. */
export async function heardOn<Payload = Record<string, unknown>>(
  db: TestConnection,
  topic: string,
): Promise<{ event: string; payload: Payload }[]> {
  await becomeOwner(db);
  return await db.query(
    'select event, payload from realtime.messages where topic = $1 and private and payload is not null order by inserted_at, xmin::text::bigint',
    [topic],
  );
}

/** What the Realtime server does when somebody joins a topic: writes a message there and looks whether they may read it. */
export async function mayHear(
  db: TestConnection,
  who: Person | null,
  topic: string,
  extension = 'broadcast',
): Promise<boolean> {
  await becomeOwner(db);
  const { id } = await db.one<{ id: string }>(
    'insert into realtime.messages (topic, extension) values ($1, $2) returning id',
    [topic, extension],
  );
  if (who === null) await db.as({ role: 'anon' });
  else await become(db, who);
  await db.query(`select set_config('realtime.topic', $1, true)`, [topic]);
  return (await db.query('select from realtime.messages where id = $1', [id])).length === 1;
}

/** And when somebody writes to it. */
export async function mayWrite(
  db: TestConnection,
  who: Person | null,
  topic: string,
  extension = 'broadcast',
): Promise<boolean> {
  if (who === null) await db.as({ role: 'anon' });
  else await become(db, who);
  await db.query(`select set_config('realtime.topic', $1, true)`, [topic]);
  await db.query('savepoint writing');
  try {
    await db.query('insert into realtime.messages (topic, extension) values ($1, $2)', [topic, extension]);
    return true;
  } catch (error) {
    if (refusalOf(error).sqlstate !== '42501') throw error;
    return false;
  } finally {
    await db.query('rollback to savepoint writing');
  }
}

export interface Topics {
  readonly topic: string;
  readonly typing_topic: string | null;
  readonly epoch: number;
  readonly last_seq: string;
  readonly last_change: string;
}

export function topicsOf(db: TestConnection, who: Person, conversation: string): Promise<Topics> {
  return one<Topics>(db, who, 'conversation_topic', conversation);
}

export const newId = (): string => randomUUID();
