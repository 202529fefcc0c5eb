import { expect, test } from 'vitest';
import { become, block, call, comment, post, withCast } from './support.ts';

/** Whatever would be refused, were it one's own: nothing of it is to be told. */
const FORGED = { sqlstate: '42501' };

test('a vote in the name of somebody else tells not what they chose (42501)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const ends_at = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = await post(db, ada, { poll: { options: ['Tea', 'Coffee'], ends_at } });
    await become(db, bob);
    await db.query("select public.vote_in_poll($1, '{2}')", [id]);
    await become(db, eve);
    const forge = 'insert into public.poll_votes (post_id, position, user_id) values ($1, $2, $3)';
    for (const position of [1, 2, 3])
      expect(await db.refusal(forge, [id, position, bob.id]), `option ${position}`).toMatchObject(FORGED);
  }));

test('a report in the name of somebody else tells not whether they made one (42501)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    await call(db, 'report', { post_id: id, reason: 'spam' });
    await become(db, ada);
    const forge = "insert into public.reports (reporter_id, post_id, reason) values ($1, $2, 'spam')";
    for (const { id: reporter } of [bob, eve]) expect(await db.refusal(forge, [reporter, id])).toMatchObject(FORGED);
  }));

test('what is written in the name of somebody else tells not whether they see a post (42501)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    const { id: answered } = await comment(db, ada, id);
    await block(db, bob, ada);
    await become(db, eve);
    const forgeries = [
      ['insert into public.post_likes (post_id, user_id) values ($1, $2)', id],
      ['insert into public.bookmarks (post_id, user_id) values ($1, $2)', id],
      ["insert into public.comments (post_id, author_id, content) values ($1, $2, 'Hi')", id],
      ['insert into public.comment_likes (comment_id, user_id) values ($1, $2)', answered],
      ["insert into public.posts (type, shared_post_id, author_id) values ('share', $1, $2)", id],
    ] as const;
    for (const [forge, subject] of forgeries)
      expect(await db.refusal(forge, [subject, bob.id]), forge).toMatchObject(FORGED);
  }));
