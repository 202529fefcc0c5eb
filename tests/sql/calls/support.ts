import { randomUUID } from 'node:crypto';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { becomeOwner, heardOn, one } from '../chat/support.ts';

/** The columns of `public.call_card` that tests look at. */
export interface CallCard {
  readonly id: string;
  readonly kind: string;
  readonly is_direct: boolean;
  readonly group_id: string | null;
  readonly state: string;
  readonly end_reason: string | null;
  readonly caller_id: string | null;
  readonly my_state: string;
  readonly my_device_id: string | null;
  readonly participants: readonly { readonly user_id: string; readonly state: string }[];
  readonly topic: string | null;
  readonly epoch: number;
  readonly version: number;
  readonly rings_until: Date | null;
  readonly created_at: Date;
  readonly answered_at: Date | null;
  readonly ended_at: Date | null;
}

/** A device of each person, so that a test need not name them. */
const devices = new Map<string, string>();
export function deviceOf({ id }: Person): string {
  const device = devices.get(id) ?? randomUUID();
  devices.set(id, device);
  return device;
}

/** Runs `fn` among some people in a transaction that is rolled back. */
export function among(
  count: number,
  fn: (db: TestConnection, people: readonly [Person, Person, Person, ...Person[]]) => Promise<void>,
): Promise<void> {
  return withRollback(async (db) => {
    const people: Person[] = [];
    for (let n = 0; n < Math.max(count, 3); n += 1) people.push(await db.signUp());
    await fn(db, people as [Person, Person, Person, ...Person[]]);
  });
}

/** What start_call takes, for these people. */
export function startOf(from: Person, to: readonly Person[], fields: Record<string, unknown> = {}) {
  return { device_id: deviceOf(from), kind: 'video', user_ids: to.map(({ id }) => id), ...fields };
}

/** start_call as a person; stays that person. */
export function start(db: TestConnection, from: Person, to: readonly Person[], fields = {}): Promise<CallCard> {
  return one<CallCard>(db, from, 'start_call', startOf(from, to, fields));
}

export function answer(db: TestConnection, who: Person, id: string, device = deviceOf(who)): Promise<CallCard> {
  return one<CallCard>(db, who, 'answer_call', id, device);
}

/** A step that takes nothing but the call: decline_call, cancel_call, end_call, call. */
export function step(db: TestConnection, who: Person, name: string, id: string): Promise<CallCard> {
  return one<CallCard>(db, who, name, id);
}

/** A call that was started and answered by all. */
export async function talk(db: TestConnection, from: Person, ...to: Person[]): Promise<CallCard> {
  const { id } = await start(db, from, to);
  for (const person of to) await answer(db, person, id);
  return await step(db, from, 'call', id);
}

/** What became of each: `{ [user id]: state }`; ends as the owner of the database. */
export async function statesIn(db: TestConnection, id: string): Promise<Record<string, string>> {
  await becomeOwner(db);
  const rows = await db.query<{ user_id: string; state: string }>(
    'select user_id, state from public.call_participants where call_id = $1',
    [id],
  );
  return Object.fromEntries(rows.map(({ user_id, state }) => [user_id, state]));
}

/** Lets the time of some people in a call be over, as the owner of the database. */
export async function letPass(db: TestConnection, id: string, ...people: readonly Person[]): Promise<void> {
  await becomeOwner(db);
  await db.query(
    "update public.call_participants set due_at = clock_timestamp() - interval '1 ms' where call_id = $1 and user_id = any ($2) and due_at is not null",
    [id, people.map((person) => person.id)],
  );
}

/** What the worker does every second. */
export async function sweep(db: TestConnection): Promise<void> {
  await db.as({ role: 'astra_worker' });
  await db.query('select app_private.sweep_calls(100)');
}

/** Events of calls in the outbox, in order; ends as the owner of the database. */
export async function eventsOf(
  db: TestConnection,
  id: string,
  type?: string,
): Promise<{ type: string; actor_id: string | null; payload: Record<string, unknown> }[]> {
  await becomeOwner(db);
  return await db.query(
    `select type, actor_id, payload from app_private.outbox_events
     where type like 'call.%' and payload ->> 'call_id' = $1 and type = coalesce($2, type) order by position`,
    [id, type],
  );
}

/** What a person's devices were told of calls, in order; ends as the owner of the database. */
export function toldTo(db: TestConnection, { id }: Person): Promise<{ event: string; payload: CallCard }[]> {
  return heardOn<CallCard>(db, `user:${id}`).then((heard) => heard.filter(({ event }) => event.startsWith('call_')));
}
