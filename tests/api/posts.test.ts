import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { historySchema, type PostCard, postCard } from '../../contracts/api/posts.ts';
import { ask, expectProblem, type Person, signUp } from '../support/api.ts';
import { dataOf, edit, expectCode, get, post, publish, put, remove, seenBy } from '../support/posts-api.ts';
import { befriend, block, clientOf, done, follow, setPrivacy } from '../support/social-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
});

const IN_AN_HOUR = () => new Date(Date.now() + 3_600_000).toISOString();
const MEDIA = ['https://media.example.com/1.jpg'];

describe.each(['/api', '/functions/v1'] as const)('a post at %s/posts', (base) => {
  test('is made, read, changed and deleted', async () => {
    const { token } = ana;
    const made = done<PostCard>(await ask('posts', { base, token, body: { content: 'First' } }), 201);
    expect(postCard.parse(made)).toMatchObject({
      content: 'First',
      type: 'text',
      status: 'published',
      edited_at: null,
    });
    expect(done(await ask(`posts/${made.id}`, { base, token }))).toEqual(made);
    const changed = await ask(`posts/${made.id}`, { base, token, method: 'PUT', body: { content: 'Second' } });
    expect(done(changed)).toMatchObject({ id: made.id, content: 'Second', edited_at: expect.any(String) });
    const deleted = await ask(`posts/${made.id}`, { base, token, method: 'DELETE' });
    expect(done(deleted)).toEqual({ id: made.id, deleted: true });
    expectProblem(await ask(`posts/${made.id}`, { base, token }), 'posts.not_found');
  });
});

describe('POST posts', () => {
  test.each(['image', 'video', 'reel'] as const)('takes a post of type %s with its media', async (type) => {
    const made = await publish(ana, { type, media_urls: MEDIA, location: 'Old Harbour' });
    expect(made).toMatchObject({ type, media_urls: MEDIA, location: 'Old Harbour', published_at: expect.any(String) });
    expect(made.author).toMatchObject({ id: ana.id, username: ana.username, is_verified: false });
  });

  test('finds tags and mentions in the words, and keeps the tags that were sent', async () => {
    const content = `Baking #Bread with @${ben.username} and @nobody.of.this.name #bread`;
    const { tags, mentions } = await publish(ana, { content, tags: ['#Sunday'] });
    expect(new Set(tags)).toEqual(new Set(['bread', 'sunday']));
    expect(mentions).toEqual([{ id: ben.id, username: ben.username }]);
  });

  test('a mention of who does not allow it stays plain text', async () => {
    const shy = await signUp('shy');
    await setPrivacy(shy, { who_can_mention: 'followers' });
    expect((await publish(ana, { content: `Hello @${shy.username}` })).mentions).toEqual([]);
    await follow(ana, shy);
    expect((await publish(ana, { content: `Hello @${shy.username}` })).mentions).toHaveLength(1);
  });

  test.each([
    ['no words', { content: '  ' }, 'posts.empty'],
    ['an image without media', { type: 'image' }, 'posts.media_required'],
    ['a tag with a space', { tags: ['two words'] }, 'posts.tag_invalid'],
    ['a time that has passed', { scheduled_for: '2020-01-01T00:00:00Z' }, 'posts.schedule_invalid'],
    ['a share of nothing', { type: 'share', shared_post_id: randomUUID() }, 'posts.not_found'],
    ['an address of another kind', { media_urls: ['javascript:alert(1)'] }, 'request.invalid'],
    ['an unknown type', { type: 'poem' }, 'request.invalid'],
    ['an unknown field', { likes_count: 100 }, 'request.invalid'],
    ['too many words', { content: 'x'.repeat(5001) }, 'request.invalid'],
  ] as const)('refuses %s', async (_what, body, code) => {
    expectProblem(await post(ana, '', { content: 'Words', ...body }), code);
  });

  test('answers a retry with the first post, and another body with 409 (idempotency.key_reused)', async () => {
    const key = randomUUID();
    const [first, again] = [
      await post(ana, '', { content: 'Once' }, key),
      await post(ana, '', { content: 'Once' }, key),
    ];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expectProblem(await post(ana, '', { content: 'Twice' }, key), 'idempotency.key_reused');
  });

  test('stores a refusal too, so a retry cannot flip it (posts.empty)', async () => {
    const key = randomUUID();
    expectProblem(await post(ana, '', {}, key), 'posts.empty');
    const again = await post(ana, '', {}, key);
    expectProblem(again, 'posts.empty');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('refuses who posts like a machine (rate_limit.exceeded)', async () => {
    const machine = await signUp('machine');
    const answers = [];
    for (let n = 0; n < 31; n += 1) answers.push(await post(machine, '', {}));
    expect(answers.slice(0, 30).map(({ status }) => status)).toEqual(Array(30).fill(422));
    const [last] = answers.slice(-1);
    if (last !== undefined) expectProblem(last, 'rate_limit.exceeded');
    expect(last?.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});

describe('drafts and scheduled posts', () => {
  test('a draft is for its author alone, until it is published', async () => {
    const draft = await publish(ana, { draft: true });
    expect(draft).toMatchObject({ status: 'draft', published_at: null, can_comment: false });
    expectProblem(await get(ben, draft.id), 'posts.not_found');
    const published = await edit(ana, draft.id, { publish: true });
    expect(published).toMatchObject({ status: 'published', published_at: expect.any(String), edited_at: null });
    expect((await seenBy(ben, draft.id)).id).toBe(draft.id);
  });

  test('a scheduled post waits for its time, which can be changed', async () => {
    const scheduled_for = IN_AN_HOUR();
    const scheduled = await publish(ana, { scheduled_for });
    expect(scheduled).toMatchObject({ status: 'scheduled', published_at: null });
    expect(Date.parse(scheduled.scheduled_for ?? '')).toBe(Date.parse(scheduled_for));
    expectProblem(await get(ben, scheduled.id), 'posts.not_found');
    expectProblem(await put(ana, scheduled.id, { scheduled_for: '2020-01-01T00:00:00Z' }), 'posts.schedule_invalid');
    expect(await edit(ana, scheduled.id, { publish: true })).toMatchObject({
      status: 'published',
      scheduled_for: null,
    });
  });

  test('a published post does not become one again (posts.already_published)', async () => {
    const { id } = await publish(ana);
    expectProblem(await put(ana, id, { scheduled_for: IN_AN_HOUR() }), 'posts.already_published');
  });
});

describe('PUT posts/:id', () => {
  test('changes what is sent, and keeps how it read before', async () => {
    const made = await publish(ana, { content: 'One #first', location: 'Here' });
    await edit(ana, made.id, { content: 'Two #second' });
    const after = await edit(ana, made.id, { location: null });
    expect(after).toMatchObject({ content: 'Two #second', location: null, tags: ['second'] });
    const history = historySchema.parse(done(await get(ben, `${made.id}/history`)));
    expect(history.data.map(({ content, location }) => [content, location])).toEqual([
      ['Two #second', 'Here'],
      ['One #first', 'Here'],
    ]);
  });

  test('is for the author alone (posts.not_found)', async () => {
    const { id } = await publish(ana);
    expectProblem(await put(ben, id, { content: 'Mine now' }), 'posts.not_found');
    expectProblem(await remove(ben, id), 'posts.not_found');
    expectProblem(await put(ana, randomUUID(), { content: 'Nothing' }), 'posts.not_found');
    expect((await seenBy(ana, id)).edited_at).toBeNull();
  });

  test('refuses an empty body and words that are none', async () => {
    const { id } = await publish(ana);
    expectProblem(await put(ana, id, {}), 'request.invalid');
    expectProblem(await put(ana, id, { content: null }), 'posts.empty');
  });

  test('pins three posts and no more (posts.too_many_pinned)', async () => {
    const cat = await signUp('cat');
    const [first, ...others] = await Promise.all([publish(cat), publish(cat), publish(cat), publish(cat)]);
    for (const { id } of others) expect((await edit(cat, id, { pinned: true })).pinned_at).not.toBeNull();
    expectProblem(await put(cat, first.id, { pinned: true }), 'posts.too_many_pinned');
    expect((await edit(cat, others[0]?.id ?? '', { pinned: false })).pinned_at).toBeNull();
    expect((await edit(cat, first.id, { pinned: true })).pinned_at).not.toBeNull();
  });
});

describe('who reads a post', () => {
  test('everybody reads a public one of a public account, signed in or not', async () => {
    const { id } = await publish(ana);
    expect(await seenBy(undefined, id)).toMatchObject({ id, liked: false, bookmarked: false, can_comment: false });
    expect(await seenBy(ben, id)).toMatchObject({ id, can_comment: true });
  });

  test('friends read one for friends, others do not (posts.not_found)', async () => {
    const [cat, dov] = await Promise.all([signUp('cat'), signUp('dov')]);
    const { id } = await publish(cat, { visibility: 'friends' });
    await follow(dov, cat);
    for (const asker of [dov, ben, undefined]) expectProblem(await get(asker, id), 'posts.not_found');
    await befriend(cat, dov);
    expect((await seenBy(dov, id)).id).toBe(id);
  });

  test('nobody but its author reads a private one (posts.not_found)', async () => {
    const { id } = await publish(ana, { visibility: 'private' });
    for (const asker of [ben, undefined]) expectProblem(await get(asker, id), 'posts.not_found');
    expect((await seenBy(ana, id)).visibility).toBe('private');
  });

  test('followers read those of a private account, others do not (posts.not_found)', async () => {
    const [shy, fan] = await Promise.all([signUp('shy'), signUp('fan')]);
    await follow(fan, shy);
    await setPrivacy(shy, { is_private: true });
    const { id } = await publish(shy);
    for (const asker of [ben, undefined]) expectProblem(await get(asker, id), 'posts.not_found');
    expect((await seenBy(fan, id)).id).toBe(id);
  });

  test('a blocked pair does not, whoever blocked (posts.not_found)', async () => {
    const [eve, fox] = await Promise.all([signUp('eve'), signUp('fox')]);
    const [ofEve, ofFox] = await Promise.all([publish(eve), publish(fox)]);
    await block(eve, fox);
    expectProblem(await get(fox, ofEve.id), 'posts.not_found');
    expectProblem(await get(eve, ofFox.id), 'posts.not_found');
    expect((await seenBy(undefined, ofEve.id)).id).toBe(ofEve.id);
  });

  test('a bad token is refused where none is needed (auth.token_invalid)', async () => {
    const { id } = await publish(ana);
    expectProblem(await ask(`posts/${id}`, { token: 'not.a.token' }), 'auth.token_invalid');
  });

  test('an id that is none is refused (request.invalid)', async () => {
    expectProblem(await get(ana, 'not-an-id'), 'request.invalid');
  });
});

describe('supabase-js', () => {
  test('makes, changes, reads and deletes a post by functions, as REST does', async () => {
    const client = clientOf(ana);
    const made = dataOf<PostCard>(await client.rpc('create_post', { p: { content: 'By rpc #sdk' } }));
    expect(await seenBy(ana, made.id)).toEqual(made);
    expect(dataOf(await client.rpc('post_cards', { p_ids: [made.id] }))).toEqual([made]);
    const changed = dataOf<PostCard>(await client.rpc('update_post', { p_id: made.id, p: { content: 'Anew' } }));
    expect(changed).toMatchObject({ content: 'Anew', tags: [] });
    expectCode(await clientOf(ben).rpc('update_post', { p_id: made.id, p: { content: 'Mine' } }), 'posts.not_found');
    expect(dataOf(await clientOf(ben).rpc('delete_post', { p_id: made.id }))).toBe(false);
    expect(dataOf(await client.rpc('delete_post', { p_id: made.id }))).toBe(true);
    expectProblem(await get(ana, made.id), 'posts.not_found');
  });

  test('refuses by functions what REST refuses, with the same codes', async () => {
    const client = clientOf(ana);
    expectCode(await client.rpc('create_post', { p: { content: '' } }), 'posts.empty');
    expectCode(await client.rpc('create_post', { p: { type: 'reel', content: 'x' } }), 'posts.media_required');
    expectCode(await client.rpc('create_post', { p: { content: 'x', tags: ['a b'] } }), 'posts.tag_invalid');
    expect((await clientOf().rpc('create_post', { p: { content: 'x' } })).status).toBe(401);
  });

  test('writes the table under the same rules, and only rows of one’s own', async () => {
    const client = clientOf(ana);
    const insert = await client
      .from('posts')
      .insert({ content: 'By table #Table' })
      .select('id, tags, status')
      .single();
    const { id, tags, status } = dataOf<{ id: string; tags: string[]; status: string }>(insert);
    expect({ tags, status }).toEqual({ tags: ['table'], status: 'published' });
    expectCode(await client.from('posts').insert({ content: ' ' }), 'posts.empty');
    expect((await client.from('posts').insert({ content: 'As Ben', author_id: ben.id })).status).toBe(403);
    expect((await client.from('posts').insert({ content: 'x', published_at: IN_AN_HOUR() } as never)).status).toBe(403);
    expect((await client.from('posts').update({ status: 'removed' }).eq('id', id)).error).not.toBeNull();
    expect(dataOf(await clientOf(ben).from('posts').update({ content: 'Mine' }).eq('id', id).select())).toEqual([]);
    expect(dataOf(await clientOf(ben).from('posts').delete().eq('id', id).select())).toEqual([]);
    dataOf(await client.from('posts').update({ content: 'Edited' }).eq('id', id));
    expect(await seenBy(ben, id)).toMatchObject({ content: 'Edited', edited_at: expect.any(String) });
    expect(dataOf(await client.from('posts').delete().eq('id', id).select('id'))).toEqual([{ id }]);
  });

  test('reads tables as the policies allow', async () => {
    const { id } = await publish(ana, { visibility: 'private' });
    for (const asker of [ben, undefined]) {
      expect(dataOf(await clientOf(asker).from('posts').select('id').eq('id', id))).toEqual([]);
      expect(dataOf(await clientOf(asker).from('post_counts').select('post_id').eq('post_id', id))).toEqual([]);
    }
    expect(dataOf(await clientOf(ana).from('posts').select('id').eq('id', id))).toEqual([{ id }]);
  });
});

describe('without a session', () => {
  test.each([
    ['GET', ''],
    ['POST', ''],
    ['GET', 'bookmarks'],
    ['GET', 'drafts'],
    ['PUT', randomUUID()],
    ['DELETE', randomUUID()],
    ...['like', 'bookmark'].flatMap((action) => [
      ['POST', `${randomUUID()}/${action}`],
      ['DELETE', `${randomUUID()}/${action}`],
    ]),
    ...['comment', 'share', 'vote', 'report'].map((action) => ['POST', `${randomUUID()}/${action}`]),
    ['PUT', `comments/${randomUUID()}`],
    ['DELETE', `comments/${randomUUID()}`],
    ['POST', `comments/${randomUUID()}/like`],
    ['DELETE', `comments/${randomUUID()}/like`],
    ['POST', `comments/${randomUUID()}/report`],
  ] as [string, string][])('%s posts/%s is refused (auth.required)', async (method, path) => {
    const answer = await ask(`posts/${path}`, { method, ...(method === 'GET' ? {} : { body: {} }) });
    expectProblem(answer, 'auth.required');
  });
});
