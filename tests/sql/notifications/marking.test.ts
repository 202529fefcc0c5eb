import { expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { type Counts, type Scene, scene } from './support.ts';

/** Somebody who was told five things, numbered from 1. */
async function toldFive(s: Scene): Promise<Person> {
  const [ada] = await s.people(1);
  if (!ada) throw new Error('no people');
  await s.sql(
    `select app_private.raise_notification($1, case when n % 2 = 0 then 'sign_in' else 'notice' end, 'g' || n, null, null, null, null, '{"title": "T"}', null, 1, now())
     from generate_series(1, 5) n`,
    [ada.id],
  );
  return ada;
}

const mark = async (s: Scene, who: Person, name: string, ...args: unknown[]) =>
  (await s.one<Record<string, Counts>>(who, name, ...args))[name] as Counts;
const heard = (s: Scene, who: Person) =>
  s.sql('select payload, private from realtime.messages where topic = $1 order by inserted_at', [
    `notifications:${who.id}`,
  ]);

test('seen only moves on, and leaves unread what is unread', () =>
  scene(async (s) => {
    const ada = await toldFive(s);
    const all = { unread_count: 5, last_seq: 5 };
    expect(await s.counts(ada)).toEqual({ ...all, unseen_count: 5, seen_seq: 0 });
    expect(await mark(s, ada, 'mark_notifications_seen', 3)).toEqual({ ...all, unseen_count: 2, seen_seq: 3 });
    expect(await mark(s, ada, 'mark_notifications_seen', 1)).toEqual({ ...all, unseen_count: 2, seen_seq: 3 });
    expect(await mark(s, ada, 'mark_notifications_seen', 99)).toEqual({ ...all, unseen_count: 0, seen_seq: 5 });
    expect((await s.list(ada)).map(({ is_seen, is_read }) => [is_seen, is_read])).toEqual(Array(5).fill([true, false]));
    expect(await heard(s, ada), 'one message for each mark that moved').toMatchObject([
      { payload: { seen_seq: 3 }, private: true },
      { payload: { seen_seq: 5 } },
    ]);
  }));

test('some are marked as read, or all up to a number, so that what came meanwhile stays unread', () =>
  scene(async (s) => {
    const ada = await toldFive(s);
    const ids = (await s.list(ada)).map(({ id }) => id);
    expect(await mark(s, ada, 'mark_notifications_read', ids.slice(0, 2))).toMatchObject({ unread_count: 3 });
    expect(await mark(s, ada, 'mark_notifications_read', ids.slice(0, 2))).toMatchObject({ unread_count: 3 });
    expect(await mark(s, ada, 'mark_all_notifications_read', 2)).toMatchObject({ unread_count: 1, seen_seq: 2 });
    expect((await s.call(ada, 'my_notifications', 10, null, null, true)).map(({ seq }) => seq)).toEqual(['3']);
    expect(await mark(s, ada, 'mark_all_notifications_read')).toEqual({
      ...{ unread_count: 0, unseen_count: 0, last_seq: 5, seen_seq: 5 },
    });
  }));

test.each([
  ['an empty list', []],
  ['too many', Array.from({ length: 101 }, () => '0198c0de-0000-7000-8000-000000000001')],
])('refuses %s of ids (notifications.field_invalid)', (_, ids) =>
  scene(async (s) => {
    const ada = await toldFive(s);
    await s.become(ada);
    expect(await s.db.refusal('select public.mark_notifications_read($1)', [ids])).toMatchObject({
      ...{ sqlstate: 'PT422', code: 'notifications.field_invalid' },
    });
  }),
);

test('pages go backwards from a number, or forwards after one; groups of kinds can be asked for', () =>
  scene(async (s) => {
    const ada = await toldFive(s);
    const seqs = async (...args: unknown[]) =>
      (await s.call(ada, 'my_notifications', ...args)).map(({ seq }) => Number(seq));
    expect(await seqs(2)).toEqual([5, 4]);
    expect(await seqs(2, 4)).toEqual([3, 2]);
    expect(await seqs(2, null, 1)).toEqual([2, 3]);
    expect(await seqs(50, null, 5)).toEqual([]);
    expect(await seqs(50, null, null, false, 'security')).toEqual([4, 2]);
  }));
