import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { peoplePage, suggestionsPage } from '../../contracts/api/graph.ts';
import { ask, asOperator, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { block, clientOf, done, expectRefused, follow, get, idsOf, put, setPrivacy } from '../support/social-api.ts';

/** Letters that no other test has in its names. */
const letters = () =>
  `q${randomUUID()
    .replaceAll(/[^a-f]/g, '')
    .slice(0, 10)}z${Date.now().toString(36)}`;

describe('GET users/search', () => {
  const word = letters();
  let exact: Person;
  let longer: Person;
  let named: Person;
  let viewer: Person;

  beforeAll(async () => {
    [exact, longer, named, viewer] = await Promise.all([
      signUp('one'),
      signUp('two'),
      signUp('three'),
      signUp('viewer'),
    ]);
    done(await put(exact, 'users/profile', { username: word }));
    done(await put(longer, 'users/profile', { username: `${word}.two` }));
    done(await put(named, 'users/profile', { full_name: `Maria ${word.toUpperCase()} Perez` }));
  });

  const found = (person: Person | undefined, query: string) =>
    idsOf(person, `users/search?q=${encodeURIComponent(query)}`);

  test.each(pathForms())(
    'finds the exact username first, then what begins with it, then names, under %s',
    async (base) => {
      const answer = await ask(`users/search?q=${word}`, { token: viewer.token, base });
      expect(peoplePage.parse(answer.body).data.map(({ id }) => id)).toEqual([exact.id, longer.id, named.id]);
    },
  );

  test('takes no notice of case, and needs nobody signed in', async () => {
    expect(await found(undefined, word.toUpperCase())).toEqual([exact.id, longer.id, named.id]);
  });

  test('finds a name with a typing mistake in it', async () => {
    const mistyped = `${word.slice(0, 8)}x${word.slice(9)}`;
    expect(await found(viewer, mistyped)).toContain(exact.id);
  });

  test('gives one result a page, none twice and none left out', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = peoplePage.parse(
        done(await get(viewer, `users/search?q=${word}&limit=1${cursor && `&cursor=${cursor}`}`)),
      );
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
      expect(seen.length).toBeLessThan(10);
    }
    expect(seen).toEqual([exact.id, longer.id, named.id]);
  });

  test('finds nobody between whom and the viewer a block stands, whoever made it', async () => {
    const [blocker, blocked] = await Promise.all([signUp('ub'), signUp('uc')]);
    await block(blocker, exact);
    await block(named, blocked);
    expect(await found(blocker, word)).toEqual([longer.id, named.id]);
    expect(await found(exact, blocker.username)).toEqual([]);
    expect(await found(blocked, word)).toEqual([exact.id, longer.id]);
  });

  test('finds private accounts as well: their header is for everybody', async () => {
    const shy = await signUp('shy');
    await setPrivacy(shy, { is_private: true });
    expect(await found(viewer, shy.username)).toEqual([shy.id]);
  });

  test('shows whom the viewer follows first among equals', async () => {
    const name = letters();
    const people = await Promise.all([signUp('same'), signUp('same'), signUp('same')]);
    for (const person of people) done(await put(person, 'users/profile', { full_name: name }));
    const [, , last] = people as [Person, Person, Person];
    const fan = await signUp('fan');
    await follow(fan, last);
    expect((await found(fan, name))[0]).toBe(last.id);
  });

  test.each(['%', '_', "' or 1=1 --", '\\', '((((', '😀', 'a'])(
    'takes %s for a name and nothing more',
    async (query) => {
      peoplePage.parse(done(await get(viewer, `users/search?q=${encodeURIComponent(query)}`)));
    },
  );

  test.each(['', '?q=', '?q=%20', `?q=${'x'.repeat(101)}`, '?q=a&limit=0', '?q=a&q=b', '?q=a&offset=1'])(
    'refuses the query "%s" (request.invalid)',
    async (query) => {
      expectProblem(await get(viewer, `users/search${query}`), 'request.invalid');
    },
  );

  test('refuses the cursor of another list, and one made up (request.invalid_cursor)', async () => {
    const [one, two] = await Promise.all([signUp('va'), signUp('vb')]);
    await follow(one, viewer);
    await follow(two, viewer);
    const { next_cursor } = peoplePage.parse(done(await get(viewer, 'users/followers?limit=1')));
    for (const cursor of [next_cursor, 'made-up', btoa('[1,2]'), btoa('["x","y"]'), btoa('[1e400,"x"]')]) {
      expectProblem(await get(viewer, `users/search?q=${word}&cursor=${cursor}`), 'request.invalid_cursor');
    }
  });

  test('supabase-js finds the same with search_people', async () => {
    const { data } = await clientOf(viewer).rpc('search_people', { p_query: word });
    expect(data?.map(({ id }) => id)).toEqual([exact.id, longer.id, named.id]);
    expect((await clientOf().rpc('search_people', { p_query: word, p_limit: 1 })).data).toMatchObject([
      { id: exact.id },
    ]);
  });
});

describe('GET users/suggestions', () => {
  test('names friends of friends by how many know them, and neither those followed, blocked nor oneself', async () => {
    const [me, one, two, both, single, hidden] = (await Promise.all(
      ['me', 'one', 'two', 'both', 'single', 'hidden'].map((name) => signUp(name)),
    )) as [Person, Person, Person, Person, Person, Person];
    for (const friend of [one, two]) {
      await follow(me, friend);
      await follow(friend, both);
      await follow(friend, me);
      await follow(friend, hidden);
    }
    await follow(one, single);
    await block(me, hidden);
    const suggested = suggestionsPage.parse(done(await get(me, 'users/suggestions')));
    expect(suggested.next_cursor).toBeNull();
    expect(suggested.data.slice(0, 2).map(({ id, mutual_count }) => [id, mutual_count])).toEqual([
      [both.id, 2],
      [single.id, 1],
    ]);
    const ids = suggested.data.map(({ id }) => id);
    for (const person of [me, one, two, hidden]) expect(ids).not.toContain(person.id);

    const { data } = await clientOf(me).rpc('suggested_people', { p_limit: 2 });
    expect(data?.map(({ id }) => id)).toEqual([both.id, single.id]);
    expect(await idsOf(me, 'follows/suggestions?limit=1')).toEqual([both.id]);
  });

  test('needs somebody signed in (auth.required)', async () => {
    expectProblem(await get(undefined, 'users/suggestions'), 'auth.required');
  });
});

test('a reserved word of a path is nobody’s name', async () => {
  const words = ['blocked', 'muted', 'suggestions', 'requests', 'followers', 'following', 'search', 'profile'];
  const rows = await asOperator('select app_private.username_status(w) as status from unnest($1::text[]) w', [words]);
  expect(rows.map(({ status }) => status)).toEqual(words.map(() => 'reserved'));
});

describe('supabase-js', () => {
  test('finds a person by name, and one who is blocked by nothing', async () => {
    const [uma, vic] = await Promise.all([signUp('uma'), signUp('vic')]);
    const found = await clientOf(vic).rpc('find_person', { p_name: uma.username.toUpperCase() }).single();
    expect(found.data).toMatchObject({ id: uma.id, username: uma.username, moved_from: null, followed_by_me: false });
    expect((await clientOf().rpc('find_person', { p_name: uma.username })).data).toHaveLength(1);
    await block(uma, vic);
    expect((await clientOf(vic).rpc('find_person', { p_name: uma.username })).data).toEqual([]);
  });

  test('hears of an id without a place, not the first page again (request.invalid_cursor)', async () => {
    const wes = await signUp('wes');
    expectRefused(await clientOf(wes).rpc('friends', { p_before_id: wes.id }), 'request.invalid_cursor', 400);
  });
});
