import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CommentCard, commentCard, commentLikeSchema, commentsPage } from '../../contracts/api/comments.ts';
import type { PostCard } from '../../contracts/api/posts.ts';
import { ask, expectProblem, type Person, signUp } from '../support/api.ts';
import { comment, dataOf, edit, expectCode, get, post, publish, put, remove, seenBy } from '../support/posts-api.ts';
import { block, clientOf, done, follow, setPrivacy } from '../support/social-api.ts';

let ana: Person;
let ben: Person;
let cat: Person;
let own: PostCard;

beforeAll(async () => {
  [ana, ben, cat] = await Promise.all([signUp('ana'), signUp('ben'), signUp('cat')]);
  own = await publish(ana);
});

/** A page of comments. */
async function pageOf(asker: Person | undefined, path: string) {
  return commentsPage.parse(done(await get(asker, path)));
}

/** The words of a page of comments. */
async function wordsOf(asker: Person | undefined, path: string): Promise<(string | null)[]> {
  return (await pageOf(asker, path)).data.map(({ content }) => content);
}

describe.each(['/api', '/functions/v1'] as const)('a comment at %s/posts', (base) => {
  test('is made, read, changed, liked and deleted', async () => {
    const token = ben.token;
    const { id: postId } = await publish(ana);
    const answer = await ask(`posts/${postId}/comment`, { base, token, body: { content: 'Nice' } });
    const made = done<CommentCard>(answer, 201);
    expect(made).toMatchObject({ post_id: postId, parent_id: null, content: 'Nice', likes_count: 0, can_delete: true });
    expect(made.author).toMatchObject({ id: ben.id, username: ben.username });
    const list = await ask(`posts/${postId}/comments`, { base, token });
    expect(done(list)).toEqual({ data: [made], next_cursor: null });
    const path = `posts/comments/${made.id}`;
    expect(done(await ask(path, { base, token }))).toEqual(made);
    const changed = await ask(path, { base, token, method: 'PUT', body: { content: 'Nicer' } });
    expect(done(changed)).toMatchObject({ content: 'Nicer', edited_at: expect.any(String) });
    const liked = await ask(`${path}/like`, { base, token, method: 'POST' });
    expect(done(liked)).toEqual({ comment_id: made.id, liked: true, likes_count: 1 });
    expect(done(await ask(path, { base, token, method: 'DELETE' }))).toEqual({ id: made.id, deleted: true });
    expect((await seenBy(ana, postId)).comments_count).toBe(0);
  });
});

describe('GET posts/comments/:id', () => {
  test('shows one comment to whoever may read it, signed in or not', async () => {
    const { id: postId } = await publish(ana);
    const made = await comment(ben, postId, 'See here');
    const shown = commentCard.parse(done(await get(undefined, `comments/${made.id}`)));
    expect(shown).toEqual({ ...made, can_delete: false });
    expect(dataOf(await clientOf().rpc('comment_cards', { p_ids: [made.id] }))).toEqual([shown]);
  });

  test('shows the place of a deleted one as long as it has answers', async () => {
    const { id: postId } = await publish(ana);
    const made = await comment(ben, postId, 'Gone');
    const answer = await comment(cat, postId, 'Still here', made.id);
    await remove(ben, `comments/${made.id}`);
    const place = { id: made.id, author: null, content: null, replies_count: 1 };
    expect(done(await get(ana, `comments/${made.id}`))).toMatchObject(place);
    await remove(cat, `comments/${answer.id}`);
    expectProblem(await get(ana, `comments/${made.id}`), 'comments.not_found');
  });

  test('is refused to whom it is not shown (comments.not_found)', async () => {
    const [eve, fox] = await Promise.all([signUp('eve'), signUp('fox')]);
    await block(eve, fox);
    const { id: hidden } = await publish(ana, { visibility: 'private' });
    const ofHidden = await comment(ana, hidden, 'To myself');
    const { id: open } = await publish(ana);
    const ofEve = await comment(eve, open, 'Not for Fox');
    for (const id of [ofHidden.id, ofEve.id, randomUUID()]) {
      expectProblem(await get(fox, `comments/${id}`), 'comments.not_found');
    }
    expectProblem(await get(undefined, `comments/${ofHidden.id}`), 'comments.not_found');
  });
});

describe('POST posts/:id/comment', () => {
  test('counts', async () => {
    const { id } = await publish(ana);
    await Promise.all([comment(ben, id, 'One'), comment(cat, id, 'Two'), comment(ana, id, 'Three')]);
    expect((await seenBy(undefined, id)).comments_count).toBe(3);
  });

  test.each([
    ['nothing', { content: ' ' }, 'request.invalid'],
    ['too many words', { content: 'x'.repeat(2001) }, 'request.invalid'],
    ['an answer to no comment', { content: 'x', parent_id: randomUUID() }, 'comments.not_found'],
  ] as const)('refuses %s', async (_what, body, code) => {
    expectProblem(await post(ben, `${own.id}/comment`, body), code);
  });

  test('refuses a post that is not there, or not shown (posts.not_found)', async () => {
    const hidden = await publish(ana, { visibility: 'private' });
    for (const id of [randomUUID(), hidden.id]) {
      expectProblem(await post(ben, `${id}/comment`, { content: 'Hello' }), 'posts.not_found');
    }
  });

  test('an answer to a comment on another post is refused (comments.not_found)', async () => {
    const other = await publish(ana);
    const { id } = await comment(ben, other.id, 'There');
    expectProblem(await post(ben, `${own.id}/comment`, { content: 'Here', parent_id: id }), 'comments.not_found');
  });

  test('refuses who comments like a machine (rate_limit.exceeded)', async () => {
    const machine = await signUp('machine');
    const path = `${randomUUID()}/comment`;
    for (let n = 0; n < 30; n += 1) expectProblem(await post(machine, path, { content: 'x' }), 'posts.not_found');
    expectProblem(await post(machine, path, { content: 'x' }), 'rate_limit.exceeded');
  });

  test('answers a retry with the first comment', async () => {
    const [{ id }, key] = [await publish(ana), randomUUID()];
    const first = await post(ben, `${id}/comment`, { content: 'Once' }, key);
    const again = await post(ben, `${id}/comment`, { content: 'Once' }, key);
    expect(done(again, 201)).toEqual(done(first, 201));
    expect((await seenBy(ana, id)).comments_count).toBe(1);
  });
});

describe('who may comment', () => {
  test.each([
    ['nobody', false, false],
    ['followers', false, true],
    ['friends', false, false],
    ['mentioned', false, false],
    ['everyone', true, true],
  ] as const)('reply control %s', async (reply_control, stranger, follower) => {
    const [author, fan] = await Promise.all([signUp('author'), signUp('fan')]);
    await follow(fan, author);
    const { id } = await publish(author, { reply_control });
    expect((await seenBy(ben, id)).can_comment).toBe(stranger);
    expect((await seenBy(fan, id)).can_comment).toBe(follower);
    for (const [person, allowed] of [
      [ben, stranger],
      [fan, follower],
      [author, true],
    ] as const) {
      const answer = await post(person, `${id}/comment`, { content: 'Hello' });
      if (allowed) done(answer, 201);
      else expectProblem(answer, 'posts.comments_not_allowed');
    }
  });

  test('who is mentioned may, where only those may', async () => {
    const { id } = await publish(ana, { content: `What do you say, @${ben.username}?`, reply_control: 'mentioned' });
    await comment(ben, id, 'This');
    expectProblem(await post(cat, `${id}/comment`, { content: 'That' }), 'posts.comments_not_allowed');
  });

  test('the author’s own setting holds for every post (posts.comments_not_allowed)', async () => {
    const author = await signUp('author');
    const { id } = await publish(author, { reply_control: 'everyone' });
    await setPrivacy(author, { who_can_comment: 'nobody' });
    expectProblem(await post(ben, `${id}/comment`, { content: 'Hello' }), 'posts.comments_not_allowed');
    await comment(author, id, 'Only me');
  });
});

describe('threads', () => {
  test('comments come newest first, answers oldest first, and an answer to an answer joins the thread', async () => {
    const { id } = await publish(ana);
    const first = await comment(ben, id, 'First');
    await comment(cat, id, 'Second');
    const answer = await comment(ana, id, 'Answer', first.id);
    const deeper = await comment(ben, id, 'Deeper', answer.id);
    expect([answer.parent_id, deeper.parent_id]).toEqual([first.id, first.id]);
    expect(await wordsOf(undefined, `${id}/comments`)).toEqual(['Second', 'First']);
    expect(await wordsOf(undefined, `comments/${first.id}/replies`)).toEqual(['Answer', 'Deeper']);
    expect((await pageOf(ana, `${id}/comments`)).data.map(({ replies_count }) => replies_count)).toEqual([0, 2]);
    expect((await seenBy(ana, id)).comments_count).toBe(4);
  });

  test.each(['comments', 'replies'] as const)('pages of %s hold each once', async (list) => {
    const { id } = await publish(ana);
    const { id: parent } = list === 'replies' ? await comment(ana, id, 'Parent') : { id: undefined };
    for (let n = 0; n < 5; n += 1) await comment(ana, id, `Number ${n}`, parent);
    const path = parent === undefined ? `${id}/comments` : `comments/${parent}/replies`;
    const seen: (string | null)[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await pageOf(ben, `${path}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.data.map(({ content }) => content));
      cursor = page.next_cursor;
    }
    const oldestFirst = [0, 1, 2, 3, 4].map((n) => `Number ${n}`);
    expect(seen).toEqual(list === 'replies' ? oldestFirst : oldestFirst.reverse());
  });

  test('one with answers keeps its place without its words, one without is gone', async () => {
    const { id } = await publish(ana);
    const [parent, lonely] = [await comment(ben, id, 'Parent'), await comment(ben, id, 'Lonely')];
    await comment(cat, id, 'Answer', parent.id);
    for (const { id: one } of [parent, lonely]) done(await remove(ben, `comments/${one}`));
    const { data } = await pageOf(cat, `${id}/comments`);
    expect(data).toMatchObject([{ id: parent.id, content: null, author: null, deleted_at: expect.any(String) }]);
    expect((await seenBy(cat, id)).comments_count).toBe(1);
    expectProblem(await put(ben, `comments/${parent.id}`, { content: 'Back' }), 'comments.not_found');
  });

  test('of a post that is not shown, or a comment that is not there, nothing is told', async () => {
    const { id } = await publish(ana, { visibility: 'private' });
    const { id: hidden } = await comment(ana, id, 'Mine');
    expectProblem(await get(ben, `${id}/comments`), 'posts.not_found');
    for (const one of [hidden, randomUUID()])
      expectProblem(await get(ben, `comments/${one}/replies`), 'comments.not_found');
  });
});

describe('comments of others', () => {
  test('are changed by nobody else, and deleted by the author of the post too (comments.not_found)', async () => {
    const { id } = await comment(ben, own.id, 'Of Ben');
    expectProblem(await put(ana, `comments/${id}`, { content: 'Of Ana' }), 'comments.not_found');
    expectProblem(await remove(cat, `comments/${id}`), 'comments.not_found');
    expect(done(await remove(ana, `comments/${id}`))).toEqual({ id, deleted: true });
    expectProblem(await remove(ana, `comments/${id}`), 'comments.not_found');
  });

  test('are liked once by each, and a like can be taken back', async () => {
    const { id } = await comment(ben, own.id, 'Likeable');
    for (const person of [ana, cat, ana]) done(await post(person, `comments/${id}/like`));
    const answer = commentLikeSchema.parse(done(await remove(ana, `comments/${id}/like`)));
    expect(answer).toEqual({ comment_id: id, liked: false, likes_count: 1 });
    expectProblem(await post(ana, `comments/${randomUUID()}/like`), 'comments.not_found');
  });

  test('of a blocked person are not there, nor in the count', async () => {
    const [{ id }, dov] = await Promise.all([publish(ana), signUp('dov')]);
    await Promise.all([comment(dov, id, 'Of Dov'), comment(ben, id, 'Of Ben')]);
    await block(cat, dov);
    expect(await wordsOf(cat, `${id}/comments`)).toEqual(['Of Ben']);
    expect((await seenBy(cat, id)).comments_count).toBe(1);
    expect((await seenBy(ben, id)).comments_count).toBe(2);
  });
});

describe('supabase-js', () => {
  test('comments by functions, as REST does', async () => {
    const { id } = await publish(ana);
    const client = clientOf(ben);
    const made = dataOf<CommentCard>(await client.rpc('add_comment', { p_post: id, p_content: 'By rpc' }));
    expect(dataOf(await clientOf().rpc('post_comments', { p_post: id }))).toMatchObject([{ id: made.id }]);
    expect(dataOf(await client.rpc('edit_comment', { p_id: made.id, p_content: 'Anew' }))).toMatchObject({
      content: 'Anew',
    });
    expect(dataOf(await client.rpc('like_comment', { p_comment: made.id }))).toMatchObject({
      liked: true,
      likes_count: 1,
    });
    expect(dataOf(await client.rpc('unlike_comment', { p_comment: made.id }))).toMatchObject({ likes_count: 0 });
    expect(dataOf(await client.rpc('delete_comment', { p_id: made.id }))).toBe(true);
    expectCode(await client.rpc('add_comment', { p_post: randomUUID(), p_content: 'x' }), 'posts.not_found');
  });

  test('comments by the table under the same rules', async () => {
    const [{ id: postId }, closed] = [await publish(ana), await publish(ana, { reply_control: 'nobody' })];
    const client = clientOf(ben);
    const refused = await client.from('comments').insert({ post_id: closed.id, content: 'Hello' });
    expectCode(refused, 'posts.comments_not_allowed');
    const inserted = await client
      .from('comments')
      .insert({ post_id: postId, content: 'By table' })
      .select('id')
      .single();
    const { id } = dataOf<{ id: string }>(inserted);
    expect(
      (
        await client
          .from('comments')
          .update({ likes_count: 9 } as never)
          .eq('id', id)
      ).status,
    ).toBe(403);
    dataOf(await client.from('comment_likes').insert({ comment_id: id }));
    expect((await pageOf(ben, `${postId}/comments`)).data).toMatchObject([{ id, liked: true, likes_count: 1 }]);
    expect(dataOf(await clientOf(cat).from('comments').delete().eq('id', id).select('id'))).toEqual([]);
    dataOf(await client.from('comments').delete().eq('id', id));
    expect((await pageOf(ben, `${postId}/comments`)).data.map((one) => one.id)).not.toContain(id);
  });

  test('a change of the post ends what was allowed at once (posts.comments_not_allowed)', async () => {
    const { id } = await publish(ana);
    await comment(ben, id, 'Still');
    await edit(ana, id, { reply_control: 'nobody' });
    expectCode(
      await clientOf(ben).rpc('add_comment', { p_post: id, p_content: 'No more' }),
      'posts.comments_not_allowed',
    );
  });
});
