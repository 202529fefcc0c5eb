import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PostCard } from '../../contracts/api/posts.ts';
import { ask, asOperator, expectProblem, type Person, signInAgain, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { dataOf, edit, get, idsAs, pageAs, post, publish, remove } from '../support/posts-api.ts';
import { block, clientOf, done, follow, post as postTo, remove as removeAt } from '../support/social-api.ts';

let author: Person;
let stranger: Person;

beforeAll(async () => {
  [author, stranger] = await Promise.all([signUp('author'), signUp('stranger')]);
});

/** Somebody who follows the author and whose feed shows it. */
async function reader(name = 'reader'): Promise<Person> {
  const person = await signUp(name);
  await follow(person, author);
  return person;
}

/** Waits until the feed of somebody begins with a post; those of others arrive by the worker. */
async function arrives(person: Person, id: string): Promise<PostCard[]> {
  return await eventually('the post is in the feed', async () => {
    const { data } = await pageAs(person, '');
    return data[0]?.id === id && data;
  });
}

describe('GET posts', () => {
  test.each(['/api', '/functions/v1'] as const)(
    'shows posts of those one follows and one’s own, and why, at %s',
    async (base) => {
      const ana = await reader('ana');
      const theirs = await publish(author);
      await arrives(ana, theirs.id);
      const own = await publish(ana);
      await publish(stranger);
      const answer = await ask('posts?limit=2', { base, token: ana.token });
      expect(done<{ data: PostCard[] }>(answer).data.map(({ id, reason }) => [id, reason])).toEqual([
        [own.id, 'self'],
        [theirs.id, 'followed'],
      ]);
    },
  );

  test('shows one’s own post at once, though the page before is cached', async () => {
    const ana = await signUp('ana');
    const first = await publish(ana);
    expect(await idsAs(ana, '')).toEqual([first.id]);
    expect(await idsAs(ana, '')).toEqual([first.id]);
    const second = await publish(ana);
    expect(await idsAs(ana, '')).toEqual([second.id, first.id]);
    done(await remove(ana, second.id));
    expect(await idsAs(ana, '')).toEqual([first.id]);
  });

  test('of who follows nobody and posted nothing is empty', async () => {
    expect(done(await get(await signUp('ana'), ''))).toEqual({ data: [], next_cursor: null });
  });

  test('has each post once on its pages, also of the same moment, while others are posted', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    await follow(ana, ben);
    await asOperator(
      `insert into public.posts (author_id, content, status, published_at)
       select $1, 'At once', 'published', now() from generate_series(1, 9)`,
      [ben.id],
    );
    const wanted = await idsAs(ben, `author/${ben.id}`);
    await arrives(ana, wanted[0] ?? '');
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await pageAs(ana, `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
      if (seen.length <= 4) await publish(ben);
    }
    expect(seen).toEqual(wanted);
  });

  test('refuses what is no cursor and who is not signed in', async () => {
    const ana = await signUp('ana');
    expectProblem(await get(ana, '?cursor=abc'), 'request.invalid_cursor');
    await publish(ana);
    await publish(ana);
    const { next_cursor } = await pageAs(undefined, `author/${ana.id}?limit=1`);
    expectProblem(await get(ana, `?cursor=${next_cursor}`), 'request.invalid_cursor');
    expectProblem(await get(ana, '?limit=101'), 'request.invalid');
    expectProblem(await get(undefined, ''), 'auth.required');
  });

  test('refuses a signed-out session, also where the page is cached (auth.session_revoked)', async () => {
    const ana = await signUp('ana');
    await publish(ana);
    const { token } = await signInAgain(ana);
    expect((await ask('posts', { token })).status).toBe(200);
    done(await ask('auth/logout', { token, body: {} }), 204);
    expectProblem(await ask('posts', { token }), 'auth.session_revoked');
  });
});

describe('what may not be shown any more', () => {
  /** A reader whose first page, with a post of the author, is in the cache. */
  async function cached(): Promise<{ ana: Person; id: string }> {
    const ana = await reader('ana');
    const { id } = await publish(author);
    await arrives(ana, id);
    return { ana, id };
  }

  test.each<[string, (ana: Person, id: string) => Promise<unknown>]>([
    ['an unfollow', async (ana) => done(await removeAt(ana, `users/unfollow/${author.id}`))],
    ['a block by the author', (ana) => block(author, ana)],
    ['a mute', async (ana) => done(await postTo(ana, `users/mute/${author.id}`))],
    ['another visibility', (_ana, id) => edit(author, id, { visibility: 'private' })],
    ['its end', async (_ana, id) => done(await remove(author, id))],
    ['a moderator', (_ana, id) => asOperator("update public.posts set status = 'removed' where id = $1", [id])],
  ])('is gone with the next request after %s', async (_what, change) => {
    const { ana, id } = await cached();
    await change(ana, id);
    expect(await idsAs(ana, '')).not.toContain(id);
  });
});

describe('the cache', () => {
  test('holds ids for some seconds, and is not needed', async () => {
    const { REDIS_URL } = testEnvironment();
    if (REDIS_URL === undefined) throw new Error('The stack under test has no Redis');
    const redis = new Redis(REDIS_URL);
    try {
      const ana = await signUp('ana');
      const { id } = await publish(ana);
      expect(await idsAs(ana, '')).toEqual([id]);
      const key = `feed:${ana.id}`;
      const pages = await eventually('the page is cached', async () => {
        const found = await redis.hgetall(key);
        return Object.keys(found).length > 0 && found;
      });
      expect(pages).toEqual({ '|20': JSON.stringify([[id], null]) });
      expect(await redis.ttl(key)).toBeGreaterThan(0);
      // Ids are hints: one that is not for ana is not shown, whoever wrote it there.
      const hidden = await publish(stranger);
      await redis.hset(key, '|20', JSON.stringify([[hidden.id, id], null]));
      expect(await idsAs(ana, '')).toEqual([id]);
      await redis.hset(key, '|20', 'not what we write');
      expect(await idsAs(ana, '')).toEqual([id]);
      await redis.del(key);
      expect(await idsAs(ana, '')).toEqual([id]);
    } finally {
      redis.disconnect();
    }
  });
});

describe('supabase-js', () => {
  test('reads the same feed by functions', async () => {
    const ana = await reader('ana');
    const theirs = await publish(author);
    const data = await arrives(ana, theirs.id);
    const client = clientOf(ana);
    const first = dataOf<PostCard[]>(await client.rpc('home_feed', { p_limit: 1 }));
    expect(first).toEqual(data.slice(0, 1));
    const after = { p_before: theirs.published_at ?? '', p_before_id: theirs.id };
    const rest = dataOf<PostCard[]>(await client.rpc('home_feed', { p_limit: 50, ...after }));
    expect(rest.map(({ id }) => id)).not.toContain(theirs.id);
    expect(dataOf<PostCard[]>(await client.rpc('feed_cards', { p_ids: [randomUUID(), theirs.id] }))).toEqual(first);
  });

  test('reads no feed for who is not signed in, and nobody an inbox', async () => {
    expect((await clientOf().rpc('home_feed', {})).error).not.toBeNull();
    expect((await clientOf(stranger).from('feed_inbox').select('user_id')).error).toMatchObject({ code: '42501' });
  });
});

test('a like shows on the next page of the feed', async () => {
  const ana = await reader('ana');
  const { id } = await publish(author);
  await arrives(ana, id);
  done(await post(ana, `${id}/like`));
  expect((await pageAs(ana, '')).data[0]).toMatchObject({ id, liked: true, likes_count: 1 });
});
