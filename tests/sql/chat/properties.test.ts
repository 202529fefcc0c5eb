import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClonedDatabase, cloneDatabase } from '../../support/clone-database.ts';
import type { Person, TestConnection } from '../../support/database.ts';
import { expectNoDeadlock } from '../../support/races.ts';
import { connectAs, friends, trySend } from './callers.ts';
import { group, newId } from './support.ts';

/** What one member does next. `twice`: as a client does that did not see the answer. */
type Step = 'send' | 'twice' | 'give_up' | 'edit' | 'delete' | 'react';
const steps = fc.array(fc.constantFrom<Step>('send', 'send', 'send', 'twice', 'give_up', 'edit', 'delete', 'react'), {
  minLength: 4,
  maxLength: 12,
});

async function act(db: TestConnection, group_id: string, plan: readonly Step[]): Promise<number> {
  let sent = 0;
  let last: string | undefined;
  for (const step of plan) {
    if (step === 'edit' && last) await attempt(db, 'select public.edit_message($1, $2)', [last, 'Changed']);
    else if (step === 'react' && last) await attempt(db, 'select public.react_to_message($1, $2)', [last, '👍']);
    else if (step === 'delete' && last) await attempt(db, 'select public.delete_message($1)', [last]);
    else if (step === 'give_up') {
      await db.query('begin');
      await trySend(db, { group_id });
      await db.query('rollback');
    } else {
      const message = { group_id, client_id: newId() };
      const card = await trySend(db, message);
      if (typeof card === 'string') throw new Error(card);
      last = card.id;
      sent += 1;
      if (step === 'twice') expect(await trySend(db, message)).toMatchObject({ id: card.id, seq: card.seq });
    }
  }
  return sent;
}

/** A message of one's own may have been deleted before. */
async function attempt(db: TestConnection, text: string, values: readonly unknown[]): Promise<void> {
  await db.query(text, values).catch((error: { detail?: string }) => {
    expect(error.detail).toBe('messages.not_found');
  });
}

/** Reads what is new again and again, as a client does that is away most of the time, until `done` and then once more. */
async function follow(db: TestConnection, conversation: string, done: () => boolean): Promise<number[]> {
  const seen: number[] = [];
  for (let isLast = false; ; ) {
    const rows = await db.query<{ seq: string }>(
      'select seq from public.conversation_messages($1, p_limit => 7, p_after_seq => $2)',
      [conversation, seen.at(-1) ?? 0],
    );
    seen.push(...rows.map(({ seq }) => Number(seq)));
    if (rows.length === 7) continue;
    if (isLast) return seen;
    isLast = done();
  }
}

async function withGroup(
  work: (database: ClonedDatabase, db: TestConnection, people: Person[], group_id: string) => Promise<void>,
) {
  await using database = await cloneDatabase();
  const [db, people] = await friends(database, 4);
  const [founder, ...members] = people;
  if (!founder) throw new Error('no people');
  await db.query('begin');
  const group_id = await group(db, founder, members);
  await db.query('commit');
  await work(database, db, people, group_id);
}

test(
  'numbers follow each other without a gap, and whoever reads after a number gets each message once, whatever others do',
  () =>
    withGroup(async (database, db, people, group_id) => {
      const { id } = await db.one<{ id: string }>('select id from public.conversations where group_id = $1', [
        group_id,
      ]);
      const connections = await Promise.all(people.map((person) => connectAs(database, person)));
      const readers = await Promise.all(people.slice(0, 2).map((person) => connectAs(database, person)));
      let before = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 4 }), async (plans) => {
          let isOver = false;
          const following = readers.map((reader) => follow(reader, id, () => isOver));
          const sent = await Promise.all(plans.map((plan, n) => act(connections[n] as TestConnection, group_id, plan)));
          isOver = true;
          const total = before + sent.reduce((sum, count) => sum + count, 0);
          const all = Array.from({ length: total }, (_, n) => n + 1);
          for (const seen of await Promise.all(following)) expect(seen).toEqual(all);
          const wrong = await db.query(
            `select seq from (
             select seq, row_number() over (order by seq) as place, created_at, lag(created_at) over (order by seq) as former from public.messages
           ) x where seq <> place or created_at < former`,
          );
          expect(wrong).toEqual([]);
          // Broadcasts of new messages: one each, and in the order in which they were committed.
          const heard = await db.query<{ seq: number }>(
            "select (payload ->> 'seq')::int as seq from realtime.messages where event = 'message_created' order by inserted_at, 1",
          );
          expect(heard.map(({ seq }) => seq).toSorted((x, y) => x - y)).toEqual(all);
          before = total;
        }),
        { numRuns: 8 },
      );
      const lost = await db.query(
        `select from public.messages x, public.conversations c where c.id = x.conversation_id and x.change > c.last_change`,
      );
      expect(lost).toEqual([]);
      await expectNoDeadlock(db);
    }),
  120_000,
);

test(
  'changes are numbered in the order of their commits: who reads after a number misses none',
  () =>
    withGroup(async (database, db, people, group_id) => {
      const writers = await Promise.all(people.map((person) => connectAs(database, person)));
      const ids: string[] = [];
      for (const writer of writers) {
        const card = await trySend(writer, { group_id });
        if (typeof card === 'string') throw new Error(card);
        ids.push(card.id);
      }
      const { id } = await db.one<{ id: string }>('select id from public.conversations where group_id = $1', [
        group_id,
      ]);
      const reader = await connectAs(database, people[0] as Person);
      let isOver = false;
      const seen = new Map<string, string | null>();
      const following = (async () => {
        for (let after = 0, isLast = false; ; ) {
          const rows = await reader.query<{ id: string; content: string; change: string }>(
            'select id, content, change from public.conversation_changes($1, $2, 3)',
            [id, after],
          );
          for (const row of rows) seen.set(row.id, row.content);
          after = Number(rows.at(-1)?.change ?? after);
          if (rows.length === 3) continue;
          if (isLast) return;
          isLast = isOver;
        }
      })();
      await Promise.all(
        writers.map(async (writer, n) => {
          for (let turn = 1; turn <= 15; turn += 1)
            await writer.query('select public.edit_message($1, $2)', [ids[n], `Version ${turn}`]);
        }),
      );
      isOver = true;
      await following;
      expect([...seen.values()]).toEqual(ids.map(() => 'Version 15'));
    }),
  60_000,
);
