import { expect, test } from 'vitest';
import { become, becomeOwner, post, withCast } from './support.ts';

const inAWeek = () => new Date(Date.now() + 7 * 86_400_000).toISOString();
const MANY = 'from generate_series(1, $2) n on conflict do nothing';

test.each([
  ['1,200 likes', 1200, 'insert into public.post_likes (post_id)', 'select $1'],
  ['1,200 bookmarks', 1200, 'insert into public.bookmarks (post_id)', 'select $1'],
  ['600 votes', 600, 'insert into public.poll_votes (post_id, position)', 'select $1, 1'],
] as const)(
  'the tables take %s an hour of a person and no more, taken back or not (rate_limit.exceeded)',
  (_, limit, insert, values) =>
    withCast(async ({ db, ada, bob, eve }) => {
      const { id } = await post(db, ada, { poll: { options: ['Red', 'Green'], ends_at: inAWeek() } });
      const write = `${insert} ${values} ${MANY}`;
      await become(db, bob);
      await db.query(write, [id, limit]);
      expect(await db.refusal(write, [id, 1])).toMatchObject({ sqlstate: 'PT429', code: 'rate_limit.exceeded' });
      await become(db, eve);
      await db.query(write, [id, 1]);
      // An hour later
      await becomeOwner(db);
      await db.query("update app_private.paces set since = now() - interval '61 minutes' where user_id = $1", [bob.id]);
      await become(db, bob);
      await db.query(write, [id, 1]);
    }),
);

test('likes of posts and of comments count together (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    const { comment } = await db.one<{ comment: string }>("select id as comment from public.add_comment($1, 'Well')", [
      id,
    ]);
    await become(db, bob);
    await db.query(`insert into public.post_likes (post_id) select $1 ${MANY}`, [id, 1199]);
    await db.query('select public.like_comment($1)', [comment]);
    expect(await db.refusal('select public.like_comment($1)', [comment])).toMatchObject({
      code: 'rate_limit.exceeded',
    });
  }));

test('the table takes 200 blocks an hour of a person and no more, and counts none for somebody else (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const block = `insert into public.blocks (blocker_id, blocked_id) select $1, $3 ${MANY}`;
    await become(db, bob);
    await db.query(block, [bob.id, 200, ada.id]);
    expect(await db.refusal(block, [bob.id, 1, eve.id])).toMatchObject({ code: 'rate_limit.exceeded' });
    expect(await db.refusal(block, [eve.id, 1, ada.id])).toMatchObject({ sqlstate: '42501' });
    await becomeOwner(db);
    expect(await db.query('select from app_private.paces where user_id = $1', [eve.id])).toEqual([]);
  }));

test('who follows and unfollows again and again is stopped at 400 times a day (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    await becomeOwner(db);
    const both = 'select app_private.follow($1, $2), app_private.unfollow($1, $2) from generate_series(1, $3)';
    await db.query(both, [bob.id, ada.id, 400]);
    expect(await db.refusal('select app_private.follow($1, $2)', [bob.id, eve.id])).toMatchObject({
      code: 'rate_limit.exceeded',
    });
  }));
