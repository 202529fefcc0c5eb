import { expect, test } from 'vitest';
import type { TestConnection } from '../../support/database.ts';
import { become, becomeOwner, cardFor, expectCounted, follow, post, setPrivacy, update, withCast } from './support.ts';

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

async function publishDue(db: TestConnection): Promise<number> {
  await db.as({ role: 'astra_worker' });
  const { count } = await db.one<{ count: number }>('select app_private.publish_scheduled_posts(50) as count');
  return count;
}

/** Lets the time of a scheduled post come. */
async function letTimePass(db: TestConnection, id: string): Promise<void> {
  await becomeOwner(db);
  await db.query('update public.posts set scheduled_for = now() where id = $1', [id]);
}

test('a draft may be unfinished, is counted and tagged nowhere, and publishes when it is whole', () =>
  withCast(async ({ db, ada, bob }) => {
    const draft = await post(db, ada, { content: null, draft: true, tags: ['later'] });
    expect(draft).toMatchObject({ status: 'draft', published_at: null, content: null });
    expect(await db.refusal('select public.update_post($1, $2)', [draft.id, { publish: true }])).toMatchObject({
      code: 'posts.empty',
    });
    await becomeOwner(db);
    expect(await db.query('select from public.post_tags where post_id = $1', [draft.id])).toEqual([]);
    await expectCounted(db);
    const published = await update(db, ada, draft.id, { content: `Now @${bob.username}`, publish: true });
    expect(published).toMatchObject({ status: 'published', published_at: expect.any(Date), edited_at: null });
    expect(published.mentions).toEqual([{ id: bob.id, username: bob.username }]);
    expect(await db.query('select from public.post_history($1)', [draft.id])).toEqual([]);
    const { page } = await db.one<{ page: { data: unknown[] } }>('select public.posts_by_tag($1) as page', ['later']);
    expect(page.data.length).toBe(1);
    await expectCounted(db);
  }));

test('mentions follow the settings at the time of publishing, not of the draft', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { content: `@${bob.username}`, draft: true });
    await setPrivacy(db, bob, { who_can_mention: 'followers' });
    expect((await update(db, ada, id, { publish: true })).mentions).toEqual([]);
  }));

test('a published post does not become a draft again (posts.already_published)', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada);
    const again = await db.refusal('select public.update_post($1, $2)', [id, { scheduled_for: inAnHour() }]);
    expect(again).toMatchObject({ sqlstate: 'PT409', code: 'posts.already_published' });
    const direct = await db.refusal("update public.posts set status = 'draft' where id = $1", [id]);
    expect(direct).toMatchObject({ code: 'posts.already_published' });
  }));

test('a scheduled post appears when its time comes, at that time and once', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { scheduled_for: inAnHour() });
    expect(await publishDue(db)).toBe(0);
    await letTimePass(db, id);
    expect(await cardFor(db, bob, id)).toBeUndefined();
    expect(await publishDue(db)).toBe(1);
    expect(await publishDue(db)).toBe(0);
    expect(await cardFor(db, bob, id)).toMatchObject({ status: 'published', scheduled_for: null });
    await expectCounted(db);
  }));

test('a scheduled post moves in time, becomes a draft, or is published at once', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada, { scheduled_for: inAnHour() });
    const later = new Date(Date.now() + 7_200_000);
    expect(await update(db, ada, id, { scheduled_for: later.toISOString() })).toMatchObject({ scheduled_for: later });
    expect(await update(db, ada, id, { content: 'Other words' })).toMatchObject({ status: 'scheduled' });
    expect(await update(db, ada, id, { scheduled_for: null })).toMatchObject({ status: 'draft', scheduled_for: null });
    await update(db, ada, id, { scheduled_for: later.toISOString() });
    expect(await update(db, ada, id, { publish: true })).toMatchObject({ status: 'published', scheduled_for: null });
  }));

test('a scheduled share of what is gone by then becomes a draft and does not stop the others', () =>
  withCast(async ({ db, ada, bob }) => {
    await follow(db, bob, ada);
    const original = await post(db, ada);
    const share = await post(db, bob, {
      content: null,
      type: 'share',
      shared_post_id: original.id,
      scheduled_for: inAnHour(),
    });
    const other = await post(db, bob, { scheduled_for: inAnHour() });
    await update(db, ada, original.id, { shares_allowed: false });
    await letTimePass(db, share.id);
    await letTimePass(db, other.id);
    expect(await publishDue(db)).toBe(2);
    expect(await cardFor(db, bob, share.id)).toMatchObject({ status: 'draft' });
    expect(await cardFor(db, bob, other.id)).toMatchObject({ status: 'published' });
  }));

test('drafts and scheduled posts are listed for their author alone, the newest first, page by page', () =>
  withCast(async ({ db, ada, bob }) => {
    const ids: string[] = [];
    for (const p of [{ draft: true }, { scheduled_for: inAnHour() }, { draft: true }])
      ids.unshift((await post(db, ada, p)).id);
    await post(db, ada);
    await become(db, ada);
    const page = 'select id, created_at::text from public.my_drafts($1, $2, $3)';
    const first = await db.query<{ id: string; created_at: string }>(page, [2, null, null]);
    const last = first[1];
    const second = await db.query<{ id: string }>(page, [2, last?.created_at, last?.id]);
    expect([...first, ...second].map((row) => row.id)).toEqual(ids);
    await become(db, bob);
    expect(await db.query(page, [10, null, null])).toEqual([]);
  }));
