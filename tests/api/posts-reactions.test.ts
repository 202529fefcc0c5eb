import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { bookmarkSchema, likeSchema, reportedSchema } from '../../contracts/api/posts.ts';
import { ask, asOperator, expectProblem, type Person, signUp } from '../support/api.ts';
import { comment, dataOf, edit, expectCode, get, post, publish, remove, seenBy } from '../support/posts-api.ts';
import { block, clientOf, done, idsOf } from '../support/social-api.ts';

let ana: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  [ana, ben, cat] = await Promise.all([signUp('ana'), signUp('ben'), signUp('cat')]);
});

const like = async (person: Person, id: string) => likeSchema.parse(done(await post(person, `${id}/like`)));

describe.each(['/api', '/functions/v1'] as const)('at %s/posts', (base) => {
  test('a like is given and taken back, a bookmark made and removed, a post shared', async () => {
    const [{ id }, { token }] = [await publish(ana), ben];
    const asked = async (method: string, action: string, status = 200) =>
      done(await ask(`posts/${id}/${action}`, { base, token, method }), status);
    expect(await asked('POST', 'like')).toEqual({ post_id: id, liked: true, likes_count: 1 });
    expect(await asked('DELETE', 'like')).toEqual({ post_id: id, liked: false, likes_count: 0 });
    expect(bookmarkSchema.parse(await asked('POST', 'bookmark'))).toEqual({ post_id: id, bookmarked: true });
    expect(bookmarkSchema.parse(await asked('DELETE', 'bookmark'))).toEqual({ post_id: id, bookmarked: false });
    expect(await asked('POST', 'share', 201)).toMatchObject({ type: 'share', shared_post: { id } });
  });
});

describe('likes', () => {
  test('count each person once, however often they ask', async () => {
    const { id } = await publish(ana);
    const answers = await Promise.all([ben, cat, ben, cat, ana].map((person) => like(person, id)));
    expect(answers.every(({ liked }) => liked)).toBe(true);
    expect(await seenBy(ben, id)).toMatchObject({ liked: true, likes_count: 3 });
    for (const _ of [1, 2]) done(await remove(ben, `${id}/like`));
    expect(await seenBy(ben, id)).toMatchObject({ liked: false, likes_count: 2 });
  });

  test('are listed, the latest first, on pages', async () => {
    const { id } = await publish(ana);
    for (const person of [ana, ben, cat]) await like(person, id);
    expect(await idsOf(ana, `posts/${id}/likes`)).toEqual([cat.id, ben.id, ana.id]);
    const first = done<{ data: { id: string }[]; next_cursor: string }>(await get(ana, `${id}/likes?limit=2`));
    expect(first.data.map((person) => person.id)).toEqual([cat.id, ben.id]);
    expect(await idsOf(ana, `posts/${id}/likes?limit=2&cursor=${first.next_cursor}`)).toEqual([ana.id]);
  });

  test('are listed for who is signed in only (auth.required)', async () => {
    const { id } = await publish(ana);
    expectProblem(await get(undefined, `${id}/likes`), 'auth.required');
  });

  test('of a post that is not there or not shown are refused (posts.not_found)', async () => {
    const hidden = await publish(ana, { visibility: 'friends' });
    for (const id of [hidden.id, randomUUID()]) {
      expectProblem(await post(ben, `${id}/like`), 'posts.not_found');
      expectProblem(await get(ben, `${id}/likes`), 'posts.not_found');
      expectProblem(await post(ben, `${id}/bookmark`), 'posts.not_found');
    }
  });

  test('are refused from who likes like a machine (rate_limit.exceeded)', async () => {
    const [machine, path] = [await signUp('machine'), `${randomUUID()}/like`];
    const answers = await Promise.all(Array.from({ length: 121 }, () => post(machine, path)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(120).fill(404), 429]);
  });

  test('of a blocked person are not seen, nor counted', async () => {
    const [{ id }, dov] = await Promise.all([publish(ana), signUp('dov')]);
    await Promise.all([like(ben, id), like(dov, id)]);
    await block(cat, dov);
    expect(await idsOf(cat, `posts/${id}/likes`)).toEqual([ben.id]);
    expect((await seenBy(cat, id)).likes_count).toBe(1);
    expect((await seenBy(ben, id)).likes_count).toBe(2);
  });

  test('by supabase-js are the same, by function and by table', async () => {
    const { id } = await publish(ana);
    const client = clientOf(ben);
    expect(dataOf(await client.rpc('like_post', { p_post: id }))).toEqual({ post_id: id, liked: true, likes_count: 1 });
    expect(dataOf(await client.rpc('unlike_post', { p_post: id }))).toMatchObject({ liked: false, likes_count: 0 });
    dataOf(await client.from('post_likes').insert({ post_id: id }));
    expect(await seenBy(ben, id)).toMatchObject({ liked: true, likes_count: 1 });
    expect((await client.from('post_likes').insert({ post_id: id, user_id: cat.id })).status).toBe(403);
    expect((await client.from('post_likes').insert({ post_id: randomUUID() })).error).not.toBeNull();
    dataOf(await client.from('post_likes').delete().eq('post_id', id));
    expect(await seenBy(ben, id)).toMatchObject({ liked: false, likes_count: 0 });
    expectCode(await client.rpc('like_post', { p_post: randomUUID() }), 'posts.not_found');
  });
});

describe('shares', () => {
  test('show the original and count', async () => {
    const original = await publish(ana, { content: 'Worth it' });
    const plain = done<{ id: string }>(await post(ben, `${original.id}/share`), 201);
    const quote = done(await post(cat, `${original.id}/share`, { content: 'Look' }), 201);
    expect(quote).toMatchObject({ type: 'share', content: 'Look', shared_post: { content: 'Worth it' } });
    expect((await seenBy(undefined, original.id)).shares_count).toBe(2);
    done(await remove(ben, plain.id));
    expect((await seenBy(undefined, original.id)).shares_count).toBe(1);
  });

  test('without words are made once (posts.already_shared)', async () => {
    const { id } = await publish(ana);
    done(await post(ben, `${id}/share`), 201);
    expectProblem(await post(ben, `${id}/share`), 'posts.already_shared');
    done(await post(ben, `${id}/share`, { content: 'Again, with words' }), 201);
  });

  test('of a share share its original', async () => {
    const original = await publish(ana);
    const { id } = done<{ id: string }>(await post(ben, `${original.id}/share`), 201);
    const again = done(await post(cat, `${id}/share`), 201);
    expect(again).toMatchObject({ shared_post: { id: original.id } });
  });

  test('are refused where the author forbids them (posts.shares_not_allowed)', async () => {
    const { id } = await publish(ana, { shares_allowed: false });
    expectProblem(await post(ben, `${id}/share`), 'posts.shares_not_allowed');
    expectCode(
      await clientOf(ben).rpc('create_post', { p: { type: 'share', shared_post_id: id } }),
      'posts.shares_not_allowed',
    );
    const row = { type: 'share', shared_post_id: id, content: 'By table' };
    expectCode(await clientOf(ben).from('posts').insert(row), 'posts.shares_not_allowed');
  });

  test('of what is not shown are refused (posts.not_found)', async () => {
    const { id } = await publish(ana, { visibility: 'friends' });
    expectProblem(await post(ben, `${id}/share`), 'posts.not_found');
  });

  test('show no original to who may not read it', async () => {
    const original = await publish(ana);
    const { id } = done<{ id: string }>(await post(ben, `${original.id}/share`, { content: 'Look' }), 201);
    await edit(ana, original.id, { visibility: 'private' });
    expect(await seenBy(cat, id)).toMatchObject({ content: 'Look', shared_post: null });
  });
});

describe('reports', () => {
  const body = { reason: 'spam', details: 'The same everywhere' };

  test('are filed once for a post (reports.already_reported)', async () => {
    const { id } = await publish(ana);
    const { id: report } = reportedSchema.parse(done(await post(ben, `${id}/report`, body), 201));
    const rows = await asOperator('select reporter_id, post_id, reason, state from public.reports where id = $1', [
      report,
    ]);
    expect(rows).toEqual([{ reporter_id: ben.id, post_id: id, reason: 'spam', state: 'open' }]);
    expectProblem(await post(ben, `${id}/report`, body), 'reports.already_reported');
    done(await post(cat, `${id}/report`, { reason: 'other' }), 201);
  });

  test('are filed for a comment', async () => {
    const { id: postId } = await publish(ana);
    const { id } = await comment(cat, postId, 'Buy this');
    done(await post(ben, `comments/${id}/report`, body), 201);
    expectProblem(await post(ben, `comments/${id}/report`, body), 'reports.already_reported');
  });

  test('of nothing are refused', async () => {
    expectProblem(await post(ben, `${randomUUID()}/report`, body), 'posts.not_found');
    expectProblem(await post(ben, `comments/${randomUUID()}/report`, body), 'comments.not_found');
    const { id } = await publish(ana);
    expectProblem(await post(ben, `${id}/report`, { reason: 'boring' }), 'request.invalid');
  });

  test('by supabase-js are for the eyes of who filed them', async () => {
    const { id } = await publish(ana);
    dataOf(await clientOf(ben).rpc('report', { p: { post_id: id, ...body } }));
    expect(dataOf(await clientOf(ben).from('reports').select('post_id').eq('post_id', id))).toEqual([{ post_id: id }]);
    expect(dataOf(await clientOf(ana).from('reports').select('post_id').eq('post_id', id))).toEqual([]);
    dataOf(await clientOf(cat).from('reports').insert({ post_id: id, reason: 'hate' }));
    expectCode(await clientOf(cat).from('reports').insert({ post_id: id, reason: 'hate' }), 'reports.already_reported');
  });
});
