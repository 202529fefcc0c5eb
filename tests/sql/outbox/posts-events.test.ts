import { expect, test } from 'vitest';
import { parseEvent } from '../../../contracts/events.ts';
import type { TestConnection } from '../../support/database.ts';
import { become, becomeOwner, call, comment, post, update, withCast } from '../posts/support.ts';

/** What posts told in this transaction, in order, parsed as the worker parses it. Ends as the owner. */
async function told(db: TestConnection, after = 0) {
  await becomeOwner(db);
  const rows = await db.query(
    `select * from app_private.outbox_events
     where tx_id = pg_current_xact_id() and (type like 'post.%' or type like 'comment.%') order by position`,
  );
  return rows.slice(after).map((row) => {
    const { type, actor_id, payload } = parseEvent({ ...row, tx_id: String(row['tx_id']) });
    return { type, actor_id, payload };
  });
}

test('a post tells post.published with its tags and whom it mentions; a draft when it is published', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { content: `#x @${bob.username}` });
    const draft = await post(db, ada, { draft: true });
    const poll = { options: ['Yes', 'No'], ends_at: new Date(Date.now() + 86_400_000).toISOString() };
    const asked = await post(db, ada, { content: null, poll });
    await update(db, ada, draft.id, { publish: true });
    const published = { type: 'post.published', actor_id: ada.id };
    const of = {
      author_id: ada.id,
      type: 'text',
      visibility: 'public',
      group_id: null,
      published_at: expect.any(String),
    };
    expect(await told(db)).toEqual([
      { ...published, payload: { ...of, post_id: id, tags: ['x'], mentions: [bob.id], shared_post_id: null } },
      { ...published, payload: { ...of, post_id: asked.id, tags: [], mentions: [], shared_post_id: null } },
      { ...published, payload: { ...of, post_id: draft.id, tags: [], mentions: [], shared_post_id: null } },
    ]);
  }));

test('a change tells post.changed with what changed, nothing when nothing did, and nothing of a draft', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada);
    await update(db, ada, id, { content: 'New #tag', visibility: 'friends' });
    await update(db, ada, id, {});
    await update(db, ada, id, { pinned: true });
    const draft = await post(db, ada, { draft: true });
    await update(db, ada, draft.id, { content: 'Other' });
    const changed = (what: string[]) => ({
      type: 'post.changed',
      actor_id: ada.id,
      payload: { post_id: id, author_id: ada.id, visibility: 'friends', changed: what },
    });
    expect(await told(db, 1)).toEqual([changed(['content', 'tags', 'visibility']), changed(['pinned_at'])]);
  }));

test('likes and comments tell who did what to whose post; a deleted post tells only of itself', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    await call(db, 'like_post', id);
    await call(db, 'like_post', id);
    await call(db, 'unlike_post', id);
    await call(db, 'like_post', id);
    const top = await comment(db, bob, id, null, `@${eve.username}`);
    const answer = await comment(db, eve, id, top.id);
    await become(db, ada);
    await call(db, 'delete_comment', top.id);
    await call(db, 'delete_comment', answer.id);
    await comment(db, eve, id);
    await become(db, ada);
    await call(db, 'delete_post', id);
    const like = { post_id: id, author_id: ada.id, user_id: bob.id };
    const made = { post_id: id, post_author_id: ada.id };
    expect(await told(db, 1)).toMatchObject([
      { type: 'post.liked', actor_id: bob.id, payload: like },
      { type: 'post.unliked', actor_id: bob.id, payload: like },
      { type: 'post.liked', actor_id: bob.id, payload: like },
      {
        type: 'comment.created',
        actor_id: bob.id,
        payload: { ...made, comment_id: top.id, parent_id: null, mentions: [eve.id] },
      },
      {
        type: 'comment.created',
        actor_id: eve.id,
        payload: { ...made, comment_id: answer.id, parent_id: top.id, mentions: [] },
      },
      { type: 'comment.deleted', actor_id: ada.id, payload: { comment_id: top.id, post_id: id, author_id: bob.id } },
      { type: 'comment.deleted', actor_id: ada.id, payload: { comment_id: answer.id, post_id: id, author_id: eve.id } },
      { type: 'comment.created', actor_id: eve.id },
      {
        type: 'post.deleted',
        actor_id: ada.id,
        payload: { post_id: id, author_id: ada.id, published_at: expect.any(String) },
      },
    ]);
  }));

test('a report tells post.reported, a removed post post.deleted, a restored one post.published', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    const report = await call<{ id: string }>(db, 'report', { post_id: id, reason: 'spam' });
    await db.as({ role: 'postgres' });
    await db.query("update public.posts set status = 'removed' where id = $1", [id]);
    await db.query("update public.posts set status = 'published' where id = $1", [id]);
    expect(await told(db, 1)).toMatchObject([
      {
        type: 'post.reported',
        actor_id: bob.id,
        payload: { report_id: report.id, post_id: id, comment_id: null, reason: 'spam' },
      },
      { type: 'post.deleted', actor_id: null, payload: { post_id: id } },
      { type: 'post.published', actor_id: ada.id, payload: { post_id: id } },
    ]);
  }));
