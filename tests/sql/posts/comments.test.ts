import { expect, test } from 'vitest';
import type { TestConnection } from '../../support/database.ts';
import {
  become,
  becomeOwner,
  block,
  type CommentCard,
  call,
  cardFor,
  comment,
  expectCounted,
  post,
  setPrivacy,
  withCast,
} from './support.ts';

const list = (db: TestConnection, post: string | null, parent: string | null = null) =>
  db.query<CommentCard>('select * from public.post_comments($1, $2)', [post, parent]);

test('a comment shows its author, and who may delete it', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    const made = await comment(db, bob, id, null, '  Well said ');
    expect(made).toMatchObject({
      parent_id: null,
      author: { id: bob.id, username: bob.username },
      content: 'Well said',
      likes_count: '0',
      replies_count: '0',
      liked: false,
      edited_at: null,
      deleted_at: null,
      can_delete: true,
    });
    for (const [who, can] of [
      [ada, true],
      [bob, true],
      [eve, false],
    ] as const) {
      await become(db, who);
      expect((await list(db, id))[0]?.can_delete).toBe(can);
    }
    await db.as({ role: 'anon' });
    expect((await list(db, id))[0]).toMatchObject({ content: 'Well said', can_delete: false, liked: false });
    await expectCounted(db);
  }));

test('an answer to an answer joins the thread', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    const top = await comment(db, bob, id);
    const answer = await comment(db, ada, id, top.id, 'First');
    expect(await comment(db, bob, id, answer.id, `@${ada.username} second`)).toMatchObject({ parent_id: top.id });
    expect(await list(db, id)).toMatchObject([{ id: top.id, replies_count: '2' }]);
    expect((await list(db, null, top.id)).map((row) => row.content)).toEqual(['First', `@${ada.username} second`]);
    expect(await cardFor(db, ada, id)).toMatchObject({ comments_count: '3' });
    await expectCounted(db);
  }));

test('comments come newest first, answers oldest first, page by page without gaps at one moment', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada);
    const tops: string[] = [];
    for (let i = 0; i < 5; i += 1) tops.push((await comment(db, ada, id, null, `c${i}`)).id);
    const answers: string[] = [];
    for (let i = 0; i < 5; i += 1) answers.push((await comment(db, ada, id, tops[0], `a${i}`)).id);
    const read = async (parent: string | null) => {
      const seen: string[] = [];
      let last: { id: string; created_at: string } | undefined;
      do {
        const sql = 'select id, created_at::text from public.post_comments($1, $2, 2, $3, $4)';
        const page = await db.query<{ id: string; created_at: string }>(sql, [id, parent, last?.created_at, last?.id]);
        seen.push(...page.map((row) => row.id));
        last = page.length === 2 ? page[1] : undefined;
      } while (last);
      return seen;
    };
    expect(await read(null)).toEqual([...tops].sort().reverse());
    expect(await read(tops[0] ?? '')).toEqual([...answers].sort());
  }));

test.each([
  ['under another post', 'other'],
  ['that is not there', 'missing'],
  ['that was deleted', 'deleted'],
])('refuses to answer a comment %s (comments.not_found)', (_what, which) =>
  withCast(async ({ db, ada, bob }) => {
    const [one, other] = [await post(db, ada), await post(db, ada)];
    const elsewhere = await comment(db, bob, other.id);
    const gone = await comment(db, bob, one.id);
    await comment(db, ada, one.id, gone.id);
    await become(db, bob);
    await call(db, 'delete_comment', gone.id);
    const parent = { other: elsewhere.id, missing: other.id, deleted: gone.id }[which];
    const answer = "select public.add_comment($1, 'Hi', $2)";
    expect(await db.refusal(answer, [one.id, parent])).toMatchObject({ sqlstate: 'PT404', code: 'comments.not_found' });
  }),
);

test.each(['', '   ', null, 'x'.repeat(2001)])('refuses the words %j (comments.content_invalid)', (words) =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada);
    const refusal = { sqlstate: 'PT422', code: 'comments.content_invalid' };
    expect(await db.refusal('select public.add_comment($1, $2)', [id, words])).toMatchObject(refusal);
    const said = await comment(db, ada, id);
    expect(await db.refusal('select public.edit_comment($1, $2)', [said.id, words])).toMatchObject(refusal);
  }),
);

test('takes 600 comments an hour of a person and no more (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    await db.query("insert into public.comments (post_id, content) select $1, 'Hi' from generate_series(1, 600)", [id]);
    expect(await db.refusal("select public.add_comment($1, 'Hi')", [id])).toMatchObject({
      sqlstate: 'PT429',
      code: 'rate_limit.exceeded',
    });
    await comment(db, ada, id);
  }));

test('people edit their own comments and those of nobody else (comments.not_found)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    const { id: made } = await comment(db, bob, id, null, `Hi @${ada.username}`);
    const edit = 'select * from public.edit_comment($1, $2)';
    expect(await db.one(edit, [made, 'Changed'])).toMatchObject({ content: 'Changed', edited_at: expect.any(Date) });
    expect(await db.query('select from public.comment_mentions where comment_id = $1', [made])).toEqual([]);
    await become(db, ada);
    expect(await db.refusal(edit, [made, 'Mine'])).toMatchObject({ code: 'comments.not_found' });
    const direct = await db.client.query("update public.comments set content = 'Mine' where id = $1", [made]);
    expect(direct.rowCount).toBe(0);
  }));

test.each([
  ["update public.comments set author_id = '{me}'", 'who wrote it'],
  ['update public.comments set likes_count = 100', 'its likes'],
  ['update public.comments set deleted_at = now()', 'that it is empty'],
])('refuses to change of a comment %2$s (42501): %1$s', (sql) =>
  withCast(async ({ db, ada }) => {
    await comment(db, ada, (await post(db, ada)).id);
    expect(await db.refusal(sql.replace('{me}', ada.id))).toMatchObject({ sqlstate: '42501' });
  }),
);

test('a comment with answers stays as an empty place until its last answer goes', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    const top = await comment(db, bob, id, null, 'Regret');
    const answers = [await comment(db, ada, id, top.id), await comment(db, ada, id, top.id)];
    await become(db, bob);
    expect(await call(db, 'delete_comment', top.id)).toBe(true);
    expect(await call(db, 'delete_comment', top.id)).toBe(false);
    expect(await list(db, id)).toMatchObject([
      { id: top.id, content: null, author: null, deleted_at: expect.any(Date), replies_count: '2', can_delete: false },
    ]);
    expect(await cardFor(db, ada, id)).toMatchObject({ comments_count: '2' });
    await expectCounted(db);
    // By the table nobody else learns whose it was.
    for (const [reader, rows] of [
      [bob, 1],
      [ada, 0],
    ] as const) {
      await become(db, reader);
      expect(await db.query('select from public.comments where id = $1', [top.id])).toHaveLength(rows);
    }
    await db.as({ role: 'anon' });
    expect(await db.query('select from public.comments where id = $1', [top.id])).toEqual([]);
    expect(await list(db, id)).toMatchObject([{ id: top.id, author: null }]);
    await become(db, ada);
    for (const answer of answers) expect(await call(db, 'delete_comment', answer.id)).toBe(true);
    expect(await list(db, id)).toEqual([]);
    await becomeOwner(db);
    expect(await db.query('select from public.comments where post_id = $1', [id])).toEqual([]);
    await expectCounted(db);
  }));

test('authors delete comments on their posts, and people their own even where the post is hidden from them', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    const [one, two, three] = [await comment(db, bob, id), await comment(db, bob, id), await comment(db, bob, id)];
    await become(db, eve);
    expect(await call(db, 'delete_comment', one.id)).toBe(false);
    expect((await db.client.query('delete from public.comments where id = $1', [one.id])).rowCount).toBe(0);
    await become(db, ada);
    expect(await call(db, 'delete_comment', one.id)).toBe(true);
    await become(db, bob);
    expect((await db.client.query('delete from public.comments where id = $1', [two.id])).rowCount).toBe(1);
    await block(db, ada, bob);
    await become(db, bob);
    expect(await call(db, 'delete_comment', three.id)).toBe(true);
    await expectCounted(db);
  }));

test('likes of comments are counted once each and taken back', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    const made = await comment(db, bob, id);
    for (const who of [ada, bob, ada]) {
      await become(db, who);
      await call(db, 'like_comment', made.id);
    }
    expect(await call(db, 'like_comment', made.id)).toEqual({ comment_id: made.id, liked: true, likes_count: 2 });
    expect(await list(db, id)).toMatchObject([{ likes_count: '2', liked: true }]);
    const undone = { comment_id: made.id, liked: false, likes_count: 1 };
    expect(await call(db, 'unlike_comment', made.id)).toEqual(undone);
    expect(await call(db, 'unlike_comment', made.id)).toEqual(undone);
    await expectCounted(db);
  }));

test('mentions of a comment are of those who let its author', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    await setPrivacy(db, eve, { who_can_mention: 'friends' });
    const { id } = await post(db, ada);
    const made = await comment(db, bob, id, null, `@${ada.username} @${eve.username}`);
    expect(await db.query('select user_id from public.comment_mentions where comment_id = $1', [made.id])).toEqual([
      { user_id: ada.id },
    ]);
  }));

test('with its author a comment goes, and its answers with it', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    const top = await comment(db, bob, id);
    await comment(db, eve, id, top.id);
    await comment(db, eve, id);
    await becomeOwner(db);
    await db.query('delete from auth.users where id = $1', [bob.id]);
    expect(await cardFor(db, ada, id)).toMatchObject({ comments_count: '1' });
    await expectCounted(db);
  }));
