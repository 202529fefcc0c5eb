import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { GroupCard } from '../../contracts/api/groups.ts';
import type { PostCard } from '../../contracts/api/posts.ts';
import { GROUPS_ROUTES } from '../../contracts/routes-groups.ts';
import { type Answer, ask, type Person, signUp } from '../support/api.ts';
import { found } from '../support/groups-api.ts';
import { clientOf, done, get, post, put } from '../support/social-api.ts';

/** Somebody who runs a secret group, one who was in it and is banned, and one who never heard of it. */
let ana: Person;
let banned: Person;
let stranger: Person;
let secret: GroupCard;
let words: PostCard;

beforeAll(async () => {
  [ana, banned, stranger] = await Promise.all([signUp('ana'), signUp('ban'), signUp('str')]);
  secret = await found(ana, { name: `Secret of ${ana.username}`, visibility: 'secret', category: ana.username });
  done(await post(ana, `groups/${secret.id}/invitations`, { user_id: banned.id }));
  done(await post(banned, `groups/${secret.id}/invitations/accept`));
  words = done(await post(ana, 'posts', { content: `#${ana.username} @${banned.username}`, group_id: secret.id }), 201);
  done(await put(ana, `groups/${secret.id}/bans/${banned.id}`, { reason: 'of a test' }));
});

/** An answer without what differs between any two requests. */
function plain({ status, headers, body }: Answer): unknown {
  const { instance: _, ...rest } = body as Record<string, unknown>;
  return { status, type: headers.get('content-type'), body: rest };
}

/** A body that is fit for each of the requests that need one. */
const BODIES: Readonly<Record<string, object>> = {
  'PUT /{id}': { name: 'x' },
  'PUT /{id}/members/{user_id}': { role: 'member' },
  'POST /{id}/transfer': { user_id: '{user}' },
  'POST /{id}/invitations': { user_id: '{user}' },
};

const ROUTES = GROUPS_ROUTES.filter(({ path }) => path.includes('{id}')).map(({ method, path }) => ({
  name: `${method.toUpperCase()} ${path}`,
  method: method.toUpperCase(),
  path,
}));

test.each(ROUTES)('$name answers of a secret group as of none', async ({ name, method, path }) => {
  const never = randomUUID();
  for (const person of [stranger, banned, undefined]) {
    for (const user of [ana.id, stranger.id]) {
      const send = async (group: string, its: string) => {
        const filled = path
          .replace('{id}', group)
          .replace('{user_id}', user)
          .replace('{post_id}', its)
          .replace('{link_id}', randomUUID());
        const text = BODIES[name] === undefined ? undefined : JSON.stringify(BODIES[name]).replace('{user}', user);
        const raw = text ?? (method === 'GET' ? undefined : '{}');
        return plain(
          await ask(`groups${filled}`, { method, token: person?.token, ...(raw === undefined ? {} : { raw }) }),
        );
      };
      const answer = await send(secret.id, words.id);
      expect(answer).toEqual(await send(never, randomUUID()));
      expect((answer as { status: number }).status).toBeGreaterThanOrEqual(400);
    }
  }
});

test('no list, search, profile, feed, tag or table tells of it or of what is in it', async () => {
  const paths = [
    ...[
      `groups?scope=discover&category=${ana.username}`,
      `groups?q=Secret%20of%20${ana.username}`,
      'groups/invitations',
    ],
    ...[`posts/author/${ana.id}`, `posts/tags/${ana.username}`, `users/${ana.id}`, 'posts', 'posts/bookmarks'],
  ];
  for (const person of [stranger, banned]) {
    for (const path of paths) {
      const text = JSON.stringify(done(await get(person, path)));
      expect([path, text.includes(secret.id), text.includes(words.id)]).toEqual([path, false, false]);
    }
    expect(done(await get(person, `users/${ana.id}`))).toMatchObject({ posts_count: 0 });
    const client = clientOf(person);
    for (const table of ['groups', 'group_members', 'posts', 'post_mentions', 'post_counts', 'post_tags'] as const) {
      const column =
        table === 'groups' || table === 'posts' ? 'id' : table === 'group_members' ? 'group_id' : 'post_id';
      const { data, error } = await client
        .from(table)
        .select('*')
        .in(column as never, [secret.id, words.id]);
      expect([table, error, data]).toEqual([
        table,
        table === 'groups' ? expect.anything() : null,
        table === 'groups' ? null : [],
      ]);
    }
    expect((await client.from('groups').select('id, name').eq('id', secret.id)).data).toEqual([]);
    expect(done(await get(person, `groups?scope=mine`))).toMatchObject({ data: [] });
  }
});

test('nobody posts there, likes, keeps, answers, shares or reports what is there, or learns of it by trying', async () => {
  const never = randomUUID();
  for (const person of [stranger, banned]) {
    for (const [path, body] of [
      ['posts', (id: string) => ({ content: 'x', group_id: id })],
      ['posts', (_: string, post_id: string) => ({ type: 'share', shared_post_id: post_id })],
    ] as const) {
      const tried = plain(await post(person, path, body(secret.id, words.id)));
      expect(tried).toEqual(plain(await post(person, path, body(never, randomUUID()))));
    }
    for (const [action, body] of [
      ...[['like'], ['bookmark'], ['share']],
      ...[
        ['comment', { content: 'x' }],
        ['vote', { positions: [1] }],
        ['report', { reason: 'spam' }],
      ],
    ] as [string, object?][]) {
      const tried = plain(await post(person, `posts/${words.id}/${action}`, body));
      expect([action, tried]).toEqual([action, plain(await post(person, `posts/${randomUUID()}/${action}`, body))]);
    }
  }
});
