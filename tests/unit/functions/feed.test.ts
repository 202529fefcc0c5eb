import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Deps } from '../../../functions/_shared/deps.ts';
import type { RedisGate } from '../../../functions/_shared/redis.ts';
import type { TokenVerifier } from '../../../functions/_shared/tokens.ts';
import { createApp } from '../../../functions/posts/app.ts';
import { answeringDatabase, depsFor } from './fakes.ts';

const ana = randomUUID();
const claims = { user_id: ana, session_id: randomUUID(), expires_at: 4_102_444_800, lifetime_s: 3600, json: '{}' };
const tokens: TokenVerifier = { verify: async () => claims };

const POSTS = [3, 2, 1].map((n) => ({ id: randomUUID(), published_at: `2026-11-22T00:00:0${n}.000000+00:00` }));

/** The feed of Ana, with Postgres and Redis of the test's; `asked` collects the statements, `kept` what is written to Redis. */
function feedOf({ hget, shown = POSTS }: { hget?: (field: string) => string | null; shown?: typeof POSTS } = {}) {
  const asked: string[] = [];
  const kept: string[] = [];
  const client = {
    hget: async (_key: string, field: string) => hget?.(field) ?? null,
    eval: async () => kept.push('page'),
  };
  const redis: RedisGate = {
    run: async (command) => (hget === undefined ? undefined : await command(client as never)),
    async [Symbol.asyncDispose]() {},
  };
  const db = answeringDatabase((text, params) => {
    const name = /public\.(\w+)/.exec(text)?.[1] ?? text;
    asked.push(`${name} ${JSON.stringify(params)}`);
    return shown.map((row) => ({ row }));
  });
  const deps: Deps = depsFor({}, { db, tokens, redis });
  const get = async (query = '') => {
    const response = await createApp(deps).request(`/posts${query}`, { headers: { authorization: 'Bearer x' } });
    return (await response.json()) as { data: { id: string }[]; next_cursor: string | null };
  };
  return { get, asked, kept };
}

test('a page is one question to Postgres, with one row more than is shown', async () => {
  const { get, asked } = feedOf({ hget: () => null });
  const { data, next_cursor } = await get('?limit=2');
  expect(data.map(({ id }) => id)).toEqual(POSTS.slice(0, 2).map(({ id }) => id));
  expect(asked).toEqual(['home_feed [3]']);
  await get(`?limit=2&cursor=${next_cursor}`);
  expect(asked[1]).toBe(`home_feed ${JSON.stringify([3, POSTS[1]?.published_at, POSTS[1]?.id])}`);
});

test('a page whose ids are cached is one question as well', async () => {
  const ids = POSTS.map(({ id }) => id);
  const { get, asked, kept } = feedOf({ hget: (field) => (field === '|20' ? JSON.stringify([ids, 'next']) : null) });
  expect(await get()).toMatchObject({ next_cursor: 'next' });
  expect(asked).toEqual([`feed_cards ${JSON.stringify([ids])}`]);
  expect(kept).toEqual([]);
});

test('a cached page of which something may not be shown any more is read anew, and kept', async () => {
  const ids = [...POSTS.map(({ id }) => id), randomUUID()];
  const { get, asked, kept } = feedOf({ hget: () => JSON.stringify([ids, null]) });
  expect((await get()).data).toHaveLength(3);
  expect(asked.map((text) => text.split(' ')[0])).toEqual(['feed_cards', 'home_feed']);
  expect(kept).toEqual(['page']);
});

test.each([
  ['is away', undefined],
  ['holds what nobody wrote', () => '{"ids":'],
  ['holds something else', () => '[["not an id"],null]'],
])('Postgres alone answers when Redis %s', async (_what, hget) => {
  const { get, asked } = feedOf(hget === undefined ? {} : { hget });
  expect((await get()).data).toHaveLength(3);
  expect(asked).toEqual(['home_feed [21]']);
});

test('an empty page is not kept: the next one must ask Postgres whether the session lives', async () => {
  const { get, kept } = feedOf({ hget: () => null, shown: [] });
  expect(await get()).toEqual({ data: [], next_cursor: null });
  expect(kept).toEqual([]);
});
