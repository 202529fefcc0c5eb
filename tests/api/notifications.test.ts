import { expect, test } from 'vitest';
import { notificationCard, preferencesSchema } from '../../contracts/api/notifications.ts';
import { ask, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { countsOf, get, listed, put, toldOf } from '../support/notifications-api.ts';
import { comment, post, publish } from '../support/posts-api.ts';
import { clientOf, done } from '../support/social-api.ts';

interface Page {
  readonly data: { readonly seq: number }[];
  readonly next_cursor: string | null;
}

/** Somebody with a post that one person liked and commented on. */
async function liked(): Promise<[ana: Person, ben: Person, post: string]> {
  const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
  const { id } = await publish(ana);
  done(await post(ben, `${id}/like`));
  return [ana, ben, id];
}

test('what happens to somebody is in the list by both forms of the path, with who did it and what it says', async () => {
  const [ana, ben, id] = await liked();
  await toldOf(ana, 1);
  for (const base of pathForms()) {
    const answer = await get(ana, '', base);
    expect(answer.body).toMatchObject({
      data: [
        {
          ...{ seq: 1, kind: 'like', category: 'likes', subject: { type: 'post', id }, is_read: false },
          ...{ actors: [{ id: ben.id, username: ben.username }], text: 'ben of the tests liked your post.' },
        },
      ],
      next_cursor: null,
    });
  }
  expect(await listed(ben)).toEqual([]);
});

test('seen, read, read one and read all answer the counts; a mark is stored for its Idempotency-Key', async () => {
  const [ana, ben, id] = await liked();
  await toldOf(ana, 1);
  await comment(ben, id, 'First');
  await toldOf(ana, 2);
  done(await post(ben, `${id}/share`, {}), 201);
  const cards = await toldOf(ana, 3);
  expect(await countsOf(ana)).toEqual({ unread_count: 3, unseen_count: 3, last_seq: 3, seen_seq: 0 });
  expect(done(await put(ana, 'seen', { seq: 2 }))).toEqual({
    unread_count: 3,
    unseen_count: 1,
    last_seq: 3,
    seen_seq: 2,
  });
  const [first, second, third] = cards.map((card) => card.id);
  expect(done(await put(ana, `${first}/read`))).toMatchObject({ unread_count: 2 });
  expect(done(await put(ana, 'read', { ids: [second] }, `read ${second}`))).toMatchObject({ unread_count: 1 });
  expect(done(await put(ana, 'read', {}))).toEqual({ unread_count: 0, unseen_count: 0, last_seq: 3, seen_seq: 3 });
  const again = await put(ana, 'read', { ids: [second] }, `read ${second}`);
  expect([again.headers.get('idempotency-replayed'), again.body]).toMatchObject(['true', { unread_count: 1 }]);
  expect((await listed(ana)).every(({ is_read, is_seen }) => is_read && is_seen)).toBe(true);
  expect(await listed(ana, '?unread=true')).toEqual([]);
  expectProblem(await put(ben, `${third}/read`), 'notifications.not_found');
});

test('pages have each notification once, backwards by cursor and forwards after a number', async () => {
  const [ana, ben, id] = await liked();
  await toldOf(ana, 1);
  await comment(ben, id, 'First');
  await toldOf(ana, 2);
  done(await ask(`users/follow/${ana.id}`, { method: 'POST', token: ben.token }));
  await toldOf(ana, 3);
  for (const [start, expected] of [
    ['?limit=1', [3, 2, 1]],
    ['?limit=1&after_seq=0', [1, 2, 3]],
    ['?limit=1&category=likes', [1]],
  ] as const) {
    const seqs: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = done<Page>(await get(ana, `${start}&cursor=${cursor}`));
      seqs.push(...page.data.map(({ seq }) => seq));
      cursor = page.next_cursor;
    }
    expect(seqs).toEqual(expected);
  }
  const { next_cursor } = done<{ next_cursor: string }>(await get(ana, '?limit=1'));
  expectProblem(await get(ana, `?after_seq=0&cursor=${next_cursor}`), 'request.invalid_cursor');
});

test('settings are changed key by key, and say what they mean; what is no setting is refused (users.notification_settings_invalid)', async () => {
  const ana = await signUp('ana');
  const preferences = async () => preferencesSchema.parse(done(await get(ana, '/preferences')));
  expect(await preferences()).toMatchObject({
    quiet_hours: null,
    kinds: { like: { in_app: true, push: true, email: false } },
  });
  const quiet_hours = { from: '22:00', to: '07:00', time_zone: 'Europe/Belgrade' };
  const changed = done(await put(ana, 'preferences', { likes: { push: false }, reply: { email: true }, quiet_hours }));
  expect(preferencesSchema.parse(changed)).toMatchObject({
    ...{ quiet_hours, kinds: { like: { push: false }, reply: { email: true }, comment: { email: false } } },
  });
  done(await put(ana, 'preferences', { likes: null, quiet_hours: null }));
  expect(await preferences()).toMatchObject({
    quiet_hours: null,
    kinds: { like: { push: true }, reply: { email: true } },
  });
  for (const body of [{ spam: {} }, { likes: { fax: true } }, { quiet_hours: { from: '22:00' } }, { likes: true }])
    expectProblem(await put(ana, 'preferences', body), 'request.invalid');
  const nowhere = { quiet_hours: { ...quiet_hours, time_zone: 'Europe/Nowhere' } };
  expectProblem(await put(ana, 'preferences', nowhere), 'users.notification_settings_invalid');
});

test('supabase-js reads the table and the functions, and marks, and can write nothing', async () => {
  const [ana] = await liked();
  const [card] = await toldOf(ana, 1);
  const sdk = clientOf(ana);
  expect((await sdk.from('notifications').select('id, kind, seq')).data).toEqual([
    { id: card?.id, kind: 'like', seq: 1 },
  ]);
  const { data } = await sdk.rpc('my_notifications', { p_limit: 10 });
  expect((data as unknown[]).map((row) => notificationCard.parse(row))).toEqual([card]);
  expect((await sdk.rpc('mark_notifications_read', { p_ids: [card?.id ?? ''] })).data).toMatchObject({
    unread_count: 0,
  });
  expect(
    (
      await sdk
        .from('notifications')
        .delete()
        .eq('id', card?.id ?? '')
        .select()
    ).error?.code,
  ).toBe('42501');
  expect(
    (
      await sdk
        .from('notifications')
        .update({ read_at: null } as never)
        .eq('id', card?.id ?? '')
    ).error?.code,
  ).toBe('42501');
});

test.each([
  ['GET', ''],
  ['GET', '/unread-count'],
  ['GET', '/preferences'],
  ['PUT', '/seen'],
  ['PUT', '/read'],
] as const)('%s notifications%s is for who is signed in (auth.required)', async (method, path) => {
  expectProblem(await ask(`notifications${path}`, { method }), 'auth.required');
});

test.each([['?limit=0'], ['?limit=101'], ['?after_seq=-1'], ['?category=spam'], ['?unread=maybe'], ['?page=2']])(
  'refuses GET notifications%s (request.invalid)',
  async (query) => {
    expectProblem(await get(await signUp(), query), 'request.invalid');
  },
);

test.each([
  ['read', { ids: [] }],
  ['read', { ids: ['x'] }],
  ['read', { ids: ['0198c0de-0000-7000-8000-000000000001'], seq: 1 }],
  ['seen', { seq: -1 }],
  ['not-an-id/read', {}],
])('refuses PUT notifications/%s with %o (request.invalid)', async (path, body) => {
  expectProblem(await put(await signUp(), path, body), 'request.invalid');
});
