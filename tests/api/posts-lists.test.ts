import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { trendingPage } from '../../contracts/api/feed.ts';
import { bookmarksPage, type PostCard } from '../../contracts/api/posts.ts';
import { ask, asOperator, expectProblem, type Person, signUp } from '../support/api.ts';
import { dataOf, edit, get, idsAs, pageAs, post, publish, remove } from '../support/posts-api.ts';
import { befriend, block, clientOf, done, follow, setPrivacy } from '../support/social-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
});

/** A word that no other test uses. */
const unique = (word: string) => `${word}_${randomUUID().slice(0, 8)}`;

/** Posts one after the other, so that their order is known; gives the newest first. */
async function publishAll(person: Person, posts: readonly Record<string, unknown>[]): Promise<PostCard[]> {
  const made: PostCard[] = [];
  for (const about of posts) made.unshift(await publish(person, about));
  return made;
}

/** Every id of a list, page by page. */
async function allIds(asker: Person | undefined, path: string, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const { data, next_cursor } = await pageAs(asker, `${path}?limit=${limit}${next === '' ? '' : `&cursor=${next}`}`);
    expect(data.length).toBeLessThanOrEqual(limit);
    ids.push(...data.map(({ id }) => id));
    next = next_cursor;
  }
  return ids;
}

describe('GET posts/author/:id', () => {
  test.each(['/api', '/functions/v1'] as const)('shows an author by id and by username, at %s', async (base) => {
    const author = await signUp('author');
    const { id } = await publish(author);
    for (const name of [author.id, author.username, author.username.toUpperCase()]) {
      const answer = await ask(`posts/author/${name}`, { base });
      expect(done<{ data: PostCard[] }>(answer).data.map((one) => one.id)).toEqual([id]);
    }
  });

  test('shows each what they may see', async () => {
    const [author, fan, friend] = await Promise.all([signUp('author'), signUp('fan'), signUp('friend')]);
    await Promise.all([follow(fan, author), befriend(friend, author)]);
    const all = await publishAll(author, [{ visibility: 'private' }, { visibility: 'friends' }, {}, { draft: true }]);
    const [, open, forFriends, mine] = all.map(({ id }) => id);
    const path = `author/${author.id}`;
    expect(await idsAs(undefined, path)).toEqual([open]);
    expect(await idsAs(fan, path)).toEqual([open]);
    expect(await idsAs(friend, path)).toEqual([open, forFriends]);
    expect(await idsAs(author, path)).toEqual([open, forFriends, mine]);
  });

  test('shows nothing of a private account but to its followers', async () => {
    const [shy, fan] = await Promise.all([signUp('shy'), signUp('fan')]);
    await follow(fan, shy);
    await setPrivacy(shy, { is_private: true });
    const { id } = await publish(shy);
    expect(await idsAs(fan, `author/${shy.id}`)).toEqual([id]);
    for (const asker of [ben, undefined]) expect(await idsAs(asker, `author/${shy.id}`)).toEqual([]);
  });

  test('of nobody, or behind a block, is refused (users.not_found)', async () => {
    const [eve, fox] = await Promise.all([signUp('eve'), signUp('fox')]);
    await block(eve, fox);
    for (const name of [eve.id, eve.username, randomUUID(), 'nobody.of.this.name']) {
      expectProblem(await get(fox, `author/${name}`), 'users.not_found');
    }
  });

  test('has each post once, also of the same moment, while others are posted', async () => {
    const author = await signUp('author');
    const insert = `insert into public.posts (author_id, content, status, published_at)
      select $1, 'At once', 'published', now() from generate_series(1, 7) returning id`;
    const ids = (await asOperator<{ id: string }>(insert, [author.id])).map(({ id }) => id);
    const first = await pageAs(undefined, `author/${author.id}?limit=3`);
    await publish(author);
    const second = await pageAs(undefined, `author/${author.id}?limit=10&cursor=${first.next_cursor}`);
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids.sort().reverse());
    expect(second.next_cursor).toBeNull();
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'page=2'])('refuses ?%s (request.invalid)', async (query) => {
    expectProblem(await get(ana, `author/${ana.id}?${query}`), 'request.invalid');
  });

  test('refuses a cursor that is none (request.invalid_cursor)', async () => {
    expectProblem(await get(ana, `author/${ana.id}?cursor=abc`), 'request.invalid_cursor');
  });

  test('refuses the cursor of another list (request.invalid_cursor), and takes an empty one for none', async () => {
    const author = await signUp('author');
    await publish(author);
    const { id } = await publish(author);
    const { next_cursor } = await pageAs(undefined, `author/${author.id}?limit=1`);
    for (const path of ['tags/bread', 'location/Lima', `${id}/comments`]) {
      expectProblem(await get(author, `${path}?cursor=${next_cursor}`), 'request.invalid_cursor');
    }
    expect((await pageAs(undefined, `author/${author.id}?limit=1&cursor=`)).data).toMatchObject([{ id }]);
  });
});

describe('GET posts/tags/:tag', () => {
  test('shows posts of everybody with the tag, in any case, by pages', async () => {
    const tag = unique('Tea');
    const made = [...(await publishAll(ana, [{ content: `One #${tag}` }, { tags: [tag] }]))];
    made.unshift(await publish(ben, { content: `#${tag.toUpperCase()}` }));
    const ids = made.map(({ id }) => id);
    for (const name of [tag, tag.toLowerCase(), encodeURIComponent(`#${tag}`)]) {
      expect(await idsAs(undefined, `tags/${name}`)).toEqual(ids);
    }
    expect(await allIds(ana, `tags/${tag}`, 1)).toEqual(ids);
    await edit(ben, ids[0] ?? '', { content: 'Without' });
    expect(await idsAs(undefined, `tags/${tag}`)).toEqual(ids.slice(1));
  });

  test('takes any script', async () => {
    const tag = unique('чай');
    const { id } = await publish(ana, { content: `Пью #${tag}` });
    expect(await idsAs(undefined, `tags/${encodeURIComponent(tag.toUpperCase())}`)).toEqual([id]);
  });

  test('shows nothing that is not for the reader', async () => {
    const tag = unique('mine');
    await publishAll(ana, [
      { content: `#${tag}`, visibility: 'private' },
      { content: `#${tag}`, draft: true },
    ]);
    expect(await idsAs(ben, `tags/${tag}`)).toEqual([]);
  });
});

test('GET posts/location/:name shows the posts at a place, in any case', async () => {
  const place = `${unique('Café')} am See`;
  const [second, first] = await publishAll(ana, [{ location: place }, { location: place.toUpperCase() }]);
  expect(await allIds(undefined, `location/${encodeURIComponent(place)}`, 1)).toEqual([second?.id, first?.id]);
});

test.each(["'; drop table public.posts; --", "\\'; select pg_sleep(5); --", '$1 $2 $3', "{\"a\"} \\ %' or ''='"])(
  'a name is a name, whatever it says: %s',
  async (words) => {
    const location = `${unique('at')} ${words}`;
    const { id } = await publish(ana, { location });
    expect(await idsAs(ben, `location/${encodeURIComponent(location)}`)).toEqual([id]);
    expect(await idsAs(undefined, `location/${encodeURIComponent(location)}`)).toEqual([id]);
    expect(await idsAs(ben, `tags/${encodeURIComponent(words)}`)).toEqual([]);
  },
);

describe('GET posts/trending', () => {
  test.each(['hour', 'day', 'week'])('lists the tags of the %s by rank, to everybody', async (period) => {
    const tag = unique('trend');
    const row = `insert into public.trending_tags (period, rank, tag, posts_count, people_count) values ($1, 1, $2, 3, 2)
      on conflict (period, rank) do update set tag = excluded.tag, posts_count = 3, people_count = 2`;
    await asOperator(row, [period, tag]);
    const { data } = trendingPage.parse(done(await get(undefined, `trending?period=${period}`)));
    expect(data[0]).toMatchObject({ rank: 1, tag, posts_count: 3, people_count: 2 });
    const rows = await clientOf().from('trending_tags').select('tag').eq('period', period).eq('rank', 1);
    expect(dataOf(rows)).toEqual([{ tag }]);
  });

  test('refuses another period (request.invalid)', async () => {
    expectProblem(await get(ana, 'trending?period=year'), 'request.invalid');
  });
});

describe('GET posts/bookmarks', () => {
  test('shows one’s own, the latest first, by pages', async () => {
    const [reader, made] = await Promise.all([signUp('reader'), publishAll(ana, [{}, {}, {}])]);
    const ids = made.map(({ id }) => id);
    for (const id of ids) done(await post(reader, `${id}/bookmark`));
    const first = bookmarksPage.parse(done(await get(reader, 'bookmarks?limit=2')));
    expect(first.data.map(({ id, bookmarked }) => [id, bookmarked])).toEqual([
      [ids[2], true],
      [ids[1], true],
    ]);
    const second = bookmarksPage.parse(done(await get(reader, `bookmarks?limit=2&cursor=${first.next_cursor}`)));
    expect(second.data.map(({ id }) => id)).toEqual([ids[0]]);
    done(await remove(reader, `${ids[0]}/bookmark`));
    expect(done<{ data: unknown[] }>(await get(reader, 'bookmarks')).data).toHaveLength(2);
    expect(done(await get(ben, 'bookmarks'))).toEqual({ data: [], next_cursor: null });
  });

  test('leaves out what may not be read any more', async () => {
    const [reader, { id }] = await Promise.all([signUp('reader'), publish(ana)]);
    done(await post(reader, `${id}/bookmark`));
    await edit(ana, id, { visibility: 'private' });
    expect(done(await get(reader, 'bookmarks'))).toEqual({ data: [], next_cursor: null });
  });
});

test('GET posts/drafts shows one’s own drafts and scheduled posts', async () => {
  const writer = await signUp('writer');
  const scheduled_for = new Date(Date.now() + 3_600_000).toISOString();
  const [later, draft] = await publishAll(writer, [{ draft: true }, { scheduled_for }]);
  await publish(writer);
  expect(await allIds(writer, 'drafts', 1)).toEqual([later?.id, draft?.id]);
  expect(await idsAs(ben, 'drafts')).toEqual([]);
});

test('supabase-js reads the same lists by functions', async () => {
  const [author, tag, place] = [await signUp('author'), unique('list'), unique('Place')];
  const { id } = await publish(author, { content: `#${tag}`, location: place });
  dataOf(await clientOf(author).rpc('bookmark_post', { p_post: id }));
  const draft = await publish(author, { draft: true });
  const open = clientOf();
  for (const result of [
    await open.rpc('posts_by_author', { p_author: author.id }),
    await clientOf(author).rpc('my_bookmarks'),
  ]) {
    expect(dataOf<PostCard[]>(result).map((one) => one.id)).toEqual([id]);
  }
  for (const result of [
    await open.rpc('posts_by_tag', { p_tag: tag }),
    await open.rpc('posts_by_location', { p_location: place }),
  ]) {
    const page = dataOf<{ data: PostCard[]; next: unknown }>(result);
    expect([page.data.map((one) => one.id), page.next]).toEqual([[id], null]);
  }
  expect(dataOf<PostCard[]>(await clientOf(author).rpc('my_drafts')).map((one) => one.id)).toEqual([draft.id]);
  for (const name of ['my_bookmarks', 'my_drafts'] as const) expect((await open.rpc(name)).error).not.toBeNull();
});
