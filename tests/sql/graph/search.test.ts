import { expect, test } from 'vitest';
import { freshName, type Person, withRollback } from '../../support/database.ts';
import { Graph, withPeople } from './support.ts';

/** People whose names have a word that nobody else's has. */
function withNames<T>(
  names: (word: string) => [username: string, fullName: string | null][],
  fn: (graph: Graph, word: string, ...people: Person[]) => Promise<T>,
): Promise<T> {
  return withRollback(async (db) => {
    const word = freshName('q');
    const people: Person[] = [];
    for (const [username, full_name] of names(word)) people.push(await db.signUp({ username, full_name }));
    return await fn(new Graph(db), word, ...people);
  });
}

const SEARCH = 'public.search_people($1)';

test('the very username comes first, then usernames and then names that begin so, then what resembles it', () =>
  withNames(
    (word) => [
      [freshName(), `Dr ${word} Miller`],
      [freshName(), `${word} Miller`],
      [`${word}_b`, null],
      [word, null],
    ],
    async (graph, word, resembling, named, prefixed, exact) => {
      const expected = [exact, prefixed, named, resembling].map((person) => person?.id);
      expect(await graph.ids(null, SEARCH, [word])).toEqual(expected);
      expect(await graph.ids(null, SEARCH, [` @${word.toUpperCase()} `])).toEqual(expected);
    },
  ));

test('among equals those whom I follow come first', () =>
  withNames(
    (word) => [
      [`${word}_aa`, null],
      [`${word}_bbbb`, null],
      [word, null],
    ],
    async (graph, word, near, far, exact) => {
      const me = await graph.db.signUp();
      expect(await graph.ids(me, SEARCH, [word])).toEqual([exact?.id, near?.id, far?.id]);
      await graph.act('follow', me.id, far?.id);
      expect(await graph.ids(me, SEARCH, [word])).toEqual([exact?.id, far?.id, near?.id]);
    },
  ));

test('a slip of the keys still finds', () =>
  withNames(
    (word) => [[freshName(), `Anna ${word}`]],
    async (graph, word, anna) => {
      const slipped = `${word.slice(0, 6)}x${word.slice(7)}`;
      expect(await graph.ids(null, SEARCH, [slipped])).toEqual([anna?.id]);
    },
  ));

test('a letter too many in a short name still finds', () =>
  withRollback(async (db) => {
    const { id } = await db.signUp({ username: freshName(), full_name: 'Xqva Miller' });
    expect(await new Graph(db).ids(null, SEARCH, ['xqvva'])).toContain(id);
  }));

test('a part of a name finds, with its accents or without', () =>
  withNames(
    (word) => [[freshName(), `Mara Ko${word}Č`]],
    async (graph, word, mara) => {
      for (const part of [`${word.slice(1)}c`, `${word.slice(2, -1)}`, `KO${word}Č`, `ko${word}c`]) {
        expect(await graph.ids(null, SEARCH, [part]), part).toEqual([mara?.id]);
      }
    },
  ));

test('pages follow each other without a gap or a double', () =>
  withNames(
    (word) => Array.from({ length: 7 }, (_, n) => [`${word}${n}`, null] as [string, null]),
    async (graph, word, ...people) => {
      const found: { id: string; rank: number }[] = [];
      for (;;) {
        const last = found.at(-1);
        const page = await graph.asked<{ id: string; rank: number }>(
          null,
          'select id, rank from public.search_people($1, 3, $2, $3)',
          [word, last?.rank ?? null, last?.id ?? null],
        );
        found.push(...page);
        if (page.length < 3) break;
      }
      expect(found).toHaveLength(7);
      expect(new Set(found.map((card) => card.id))).toEqual(new Set(people.map((person) => person.id)));
    },
  ));

test('private accounts are found, and of the blocked neither finds the other', () =>
  withNames(
    (word) => [[word, null]],
    async (graph, word, ada) => {
      const me = await graph.db.signUp();
      if (!ada) throw new Error('no person');
      await graph.setPrivacy(ada, { is_private: true });
      expect(await graph.asked(me, 'select id, is_private from public.search_people($1)', [word])).toEqual([
        { id: ada.id, is_private: true },
      ]);
      await graph.act('block_person', ada.id, me.id);
      expect(await graph.ids(me, SEARCH, [word])).toEqual([]);
      expect(await graph.ids(null, SEARCH, [word])).toEqual([ada.id]);
    },
  ));

test.each(['', '   ', '@', '%', '_', "'; drop table x", '\\'])('the query "%s" is text and nothing else', (query) =>
  withRollback(async (db) => {
    const rows = await new Graph(db).ids(null, SEARCH, [query]);
    expect(rows.length).toBeLessThanOrEqual(20);
  }),
);

test('an underscore is an underscore', () =>
  withNames(
    (word) => [
      [`${word}_a`, null],
      [`${word}xa`, null],
    ],
    async (graph, word, underscored) => {
      expect((await graph.ids(null, SEARCH, [`${word}_`]))[0]).toBe(underscored?.id);
    },
  ));

const SUGGESTED = 'select id, mutual_count from public.suggested_people(100) where mutual_count > 0';

test('suggests whom those follow whom I follow, and says how many do', () =>
  withPeople(5, async (graph, me, ada, bob, cem, dan) => {
    for (const friend of [ada, bob]) {
      await graph.act('follow', me.id, friend.id);
      await graph.act('follow', friend.id, cem.id);
    }
    await graph.act('follow', ada.id, dan.id);
    await graph.act('follow', ada.id, me.id);
    expect(await graph.asked(me, SUGGESTED)).toEqual([
      { id: cem.id, mutual_count: 2 },
      { id: dan.id, mutual_count: 1 },
    ]);
  }));

test.each([
  ['whom I follow', async (graph: Graph, me: Person, cem: Person) => void (await graph.act('follow', me.id, cem.id))],
  [
    'whom I ask to follow',
    async (graph: Graph, me: Person, cem: Person) => {
      await graph.setPrivacy(cem, { is_private: true });
      await graph.act('follow', me.id, cem.id);
    },
  ],
  [
    'whom I mute',
    async (graph: Graph, me: Person, cem: Person) => void (await graph.act('mute_person', me.id, cem.id)),
  ],
  [
    'whom I block',
    async (graph: Graph, me: Person, cem: Person) => void (await graph.act('block_person', me.id, cem.id)),
  ],
  [
    'who blocks me',
    async (graph: Graph, me: Person, cem: Person) => void (await graph.act('block_person', cem.id, me.id)),
  ],
])('does not suggest %s', (_, happens) =>
  withPeople(3, async (graph, me, ada, cem) => {
    await graph.act('follow', me.id, ada.id);
    await graph.act('follow', ada.id, cem.id);
    expect(await graph.asked(me, SUGGESTED)).toHaveLength(1);
    await happens(graph, me, cem);
    expect(await graph.asked(me, SUGGESTED)).toEqual([]);
  }),
);

test('whom somebody with hidden lists follows is not told by suggestions', () =>
  withPeople(3, async (graph, me, ada, cem) => {
    await graph.act('follow', me.id, ada.id);
    await graph.act('follow', ada.id, cem.id);
    await graph.setPrivacy(ada, { hide_follower_lists: true });
    expect(await graph.asked(me, SUGGESTED)).toEqual([]);
  }));

test('who follows nobody is suggested public accounts, before anybody looked whom most follow', () =>
  withPeople(3, async (graph, me, star, hidden) => {
    await graph.db.query('delete from app_private.popular_people');
    await graph.db.query('update public.profile_counts set followers_count = 0');
    await graph.db.query('update public.profile_counts set followers_count = 2 where user_id = any ($1)', [
      [star.id, hidden.id],
    ]);
    await graph.setPrivacy(hidden, { is_private: true });
    const suggested = await graph.ids(me, 'public.suggested_people(100)');
    expect(suggested[0]).toBe(star.id);
    expect(suggested).not.toContain(hidden.id);
  }));

test('who follows nobody is suggested those whom most follow', () =>
  withPeople(2, async (graph, me, star) => {
    await graph.db.query('update public.profile_counts set followers_count = 1000000000 where user_id = $1', [star.id]);
    await graph.db.as({ role: 'astra_worker' });
    await graph.db.query('select app_private.refresh_popular_people()');
    const [first] = await graph.asked(me, 'select id, mutual_count from public.suggested_people()');
    expect(first).toEqual({ id: star.id, mutual_count: 0 });
  }));
