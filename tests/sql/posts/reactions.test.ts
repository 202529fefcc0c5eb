import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { become, becomeOwner, call, cardFor, comment, expectCounted, post, refusedCall, withCast } from './support.ts';

test('a like is counted once, and taken back once, with the same answer again', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    await become(db, eve);
    await call(db, 'like_post', id);
    await become(db, bob);
    const liked = { post_id: id, liked: true, likes_count: 2 };
    expect(await call(db, 'like_post', id)).toEqual(liked);
    expect(await call(db, 'like_post', id)).toEqual(liked);
    expect(await cardFor(db, bob, id)).toMatchObject({ liked: true, likes_count: '2' });
    expect(await cardFor(db, ada, id)).toMatchObject({ liked: false, likes_count: '2' });
    await become(db, bob);
    const undone = { post_id: id, liked: false, likes_count: 1 };
    expect(await call(db, 'unlike_post', id)).toEqual(undone);
    expect(await call(db, 'unlike_post', id)).toEqual(undone);
    await expectCounted(db);
  }));

test('people like for themselves, directly too, and take back only their own (42501)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    const insert = 'insert into public.post_likes (post_id, user_id) values ($1, $2)';
    expect(await db.refusal(insert, [id, ada.id])).toMatchObject({ sqlstate: '42501' });
    await db.query(insert, [id, bob.id]);
    await become(db, ada);
    expect((await db.client.query('delete from public.post_likes where post_id = $1', [id])).rowCount).toBe(0);
    await become(db, bob);
    expect((await db.client.query('delete from public.post_likes where post_id = $1', [id])).rowCount).toBe(1);
    await expectCounted(db);
  }));

test('who likes a post is listed newest first', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    for (const who of [bob, eve]) {
      await become(db, who);
      await call(db, 'like_post', id);
    }
    const rows = await db.query('select id, username, at from public.people_who_liked($1)', [id]);
    expect(new Set(rows.map((row) => row['id']))).toEqual(new Set([bob.id, eve.id]));
    const page = 'select id, at::text from public.people_who_liked($1, 1, $2, $3)';
    const [first] = await db.query(page, [id, null, null]);
    const [second] = await db.query(page, [id, first?.['at'], first?.['id']]);
    expect([first?.['id'], second?.['id']].sort()).toEqual([bob.id, eve.id].sort());
  }));

test('bookmarks are their owner’s alone, by when they were made, without what is not shown any more', () =>
  withCast(async ({ db, ada, bob }) => {
    const [one, two] = [await post(db, ada), await post(db, ada)];
    await become(db, bob);
    for (const { id } of [one, two, one])
      expect(await call(db, 'bookmark_post', id)).toEqual({ post_id: id, bookmarked: true });
    const list = 'select id, bookmarked, bookmarked_at from public.my_bookmarks()';
    expect(await db.query(list)).toHaveLength(2);
    expect((await db.query(list))[0]).toMatchObject({ bookmarked: true, bookmarked_at: expect.any(Date) });
    await become(db, ada);
    expect(await db.query(list)).toEqual([]);
    expect(await db.query('select from public.bookmarks')).toEqual([]);
    await db.query("update public.posts set visibility = 'private' where id = $1", [two.id]);
    await become(db, bob);
    expect(await db.query(list)).toMatchObject([{ id: one.id }]);
    for (const { id } of [one, two])
      expect(await call(db, 'unbookmark_post', id)).toEqual({ post_id: id, bookmarked: false });
    expect(await db.query('select from public.bookmarks')).toEqual([]);
  }));

test('a thing is reported once by each (reports.already_reported)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    const said = await comment(db, ada, id);
    await become(db, bob);
    for (const subject of [{ post_id: id }, { comment_id: said.id }, { profile_id: ada.id }]) {
      const report = { ...subject, reason: 'spam', details: 'Look' };
      expect(await call(db, 'report', report)).toEqual({ id: expect.any(String) });
      expect(await refusedCall(db, 'report', report)).toMatchObject({
        sqlstate: 'PT409',
        code: 'reports.already_reported',
      });
    }
    const direct = "insert into public.reports (post_id, reason) values ($1, 'hate')";
    expect(await db.refusal(direct, [id])).toMatchObject({ code: 'reports.already_reported' });
    expect(await db.query('select from public.reports')).toHaveLength(3);
    await become(db, eve);
    await db.query(direct, [id]);
    expect(await db.query('select from public.reports')).toHaveLength(1);
    await become(db, ada);
    expect(await db.query('select from public.reports')).toEqual([]);
  }));

test('nobody reports themselves (reports.of_oneself), or what they may not see', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { visibility: 'private' });
    const said = await comment(db, ada, id);
    for (const subject of [{ post_id: id }, { comment_id: said.id }, { profile_id: ada.id }])
      expect(await refusedCall(db, 'report', { ...subject, reason: 'spam' })).toMatchObject({
        sqlstate: 'PT422',
        code: 'reports.of_oneself',
      });
    await become(db, bob);
    await db.query('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [bob.id, ada.id]);
    const unseen = { post_id: id, comment_id: said.id, profile_id: ada.id };
    const codes = { post_id: 'posts.not_found', comment_id: 'comments.not_found', profile_id: 'users.not_found' };
    for (const [subject, code] of Object.entries(codes)) {
      const report = { [subject]: Reflect.get(unseen, subject), reason: 'spam' };
      expect(await refusedCall(db, 'report', report)).toMatchObject({ code });
    }
  }));

test.each([
  ['an unknown reason', { reason: 'boring' }, 'reports.reason_invalid'],
  ['no reason', {}, 'reports.reason_invalid'],
  ['details of 1,001 characters', { reason: 'spam', details: 'x'.repeat(1001) }, 'posts.field_invalid'],
  ['an unknown field', { reason: 'spam', detials: 'Look' }, 'posts.field_invalid'],
  ['no subject', { reason: 'spam', post_id: null }, 'posts.field_invalid'],
  ['two subjects at once', { reason: 'spam', comment_id: randomUUID() }, 'posts.field_invalid'],
])('refuses a report with %s', (_what, p, code) =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    expect(await refusedCall(db, 'report', { post_id: id, ...p })).toMatchObject({ sqlstate: 'PT422', code });
  }),
);

test('takes 60 reports a day of a person and no more (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada, bob }) => {
    await become(db, ada);
    const write = "insert into public.posts (content) select 'Hi' from generate_series(1, 61) returning id";
    const ids = (await db.query<{ id: string }>(write)).map(({ id }) => id);
    await become(db, bob);
    const report = "insert into public.reports (post_id, reason) select unnest($1::uuid[]), 'spam'";
    await db.query(report, [ids.slice(0, 60)]);
    expect(await db.refusal(report, [ids.slice(60)])).toMatchObject({ sqlstate: 'PT429', code: 'rate_limit.exceeded' });
  }));

test('likes and comments of people who leave are not counted any more', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    await call(db, 'like_post', id);
    await becomeOwner(db);
    await db.query('delete from auth.users where id = $1', [bob.id]);
    expect(await cardFor(db, ada, id)).toMatchObject({ likes_count: '0' });
    await expectCounted(db);
  }));
