import { expect, test } from 'vitest';
import { become, becomeOwner, befriend, block, cardFor, expectCounted, post, update, withCast } from './support.ts';

const sharing = (id: string, content: string | null = null) => ({ type: 'share', shared_post_id: id, content });

test('a share shows the original as a card without a share of its own, and is counted when it is published', () =>
  withCast(async ({ db, ada, bob }) => {
    const original = await post(db, ada, { content: 'Original' });
    const share = await post(db, bob, sharing(original.id));
    expect(share).toMatchObject({
      content: null,
      shared_post: { id: original.id, content: 'Original', author: { id: ada.id } },
    });
    expect(share.shared_post).not.toHaveProperty('shared_post');
    expect(await cardFor(db, ada, original.id)).toMatchObject({ shares_count: '1' });
    await post(db, bob, { ...sharing(original.id, 'With words'), draft: true });
    expect(await cardFor(db, ada, original.id)).toMatchObject({ shares_count: '1' });
    await expectCounted(db);
  }));

test('without words a post is shared once (posts.already_shared), with words as often as one likes', () =>
  withCast(async ({ db, ada, bob }) => {
    const original = await post(db, ada);
    await post(db, bob, sharing(original.id));
    const again = await db.refusal('select public.create_post($1)', [sharing(original.id, '  ')]);
    expect(again).toMatchObject({ sqlstate: 'PT409', code: 'posts.already_shared' });
    await post(db, bob, sharing(original.id, 'Look'));
    await post(db, bob, sharing(original.id, 'Look again'));
    expect(await cardFor(db, ada, original.id)).toMatchObject({ shares_count: '3' });
  }));

test('a share of a share shares its original', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const original = await post(db, ada);
    const share = await post(db, bob, sharing(original.id, 'Quote'));
    expect(await post(db, eve, sharing(share.id))).toMatchObject({ shared_post: { id: original.id } });
    expect(await cardFor(db, ada, share.id)).toMatchObject({ shares_count: '0' });
    expect(await cardFor(db, ada, original.id)).toMatchObject({ shares_count: '2' });
  }));

test.each([
  ['forbids it', { shares_allowed: false }],
  ['keeps it for themselves', { visibility: 'private' }],
  ['has not published it', { draft: true }],
])('refuses to share a post whose author %s (posts.shares_not_allowed)', (_what, p) =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada, p);
    expect(await db.refusal('select public.create_post($1)', [sharing(id)])).toMatchObject({
      sqlstate: 'PT403',
      code: 'posts.shares_not_allowed',
    });
    const direct = "insert into public.posts (type, shared_post_id) values ('share', $1)";
    expect(await db.refusal(direct, [id])).toMatchObject({ code: 'posts.shares_not_allowed' });
  }),
);

test('a share without anything to share is refused (posts.not_found)', () =>
  withCast(async ({ db, ada }) => {
    await become(db, ada);
    expect(await db.refusal('select public.create_post($1)', [{ type: 'share' }])).toMatchObject({
      code: 'posts.not_found',
    });
  }));

test('whoever may not read the original sees the share without it', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    await befriend(db, ada, bob);
    const original = await post(db, ada, { visibility: 'friends' });
    const share = await post(db, bob, sharing(original.id, 'See this'));
    expect(share.shared_post).not.toBeNull();
    expect(await cardFor(db, eve, share.id)).toMatchObject({ content: 'See this', shared_post: null });
    expect(await cardFor(db, null, share.id)).toMatchObject({ shared_post: null });
    await block(db, ada, bob);
    expect(await cardFor(db, bob, share.id)).toMatchObject({ shared_post: null });
    expect(await update(db, bob, share.id, { content: 'Changed' })).toMatchObject({ shared_post: null });
  }));

test('with the original gone or removed, its shares stay without it', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const original = await post(db, ada);
    const share = await post(db, bob, sharing(original.id));
    await becomeOwner(db);
    await db.query("update public.posts set status = 'removed' where id = $1", [original.id]);
    expect(await cardFor(db, ada, share.id)).toMatchObject({ shared_post: null });
    await become(db, ada);
    await db.query('select public.delete_post($1)', [original.id]);
    expect(await cardFor(db, eve, share.id)).toMatchObject({ type: 'share', shared_post: null });
    await expectCounted(db);
  }));

test('a share that is deleted or removed is not counted any more', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const original = await post(db, ada);
    const one = await post(db, bob, sharing(original.id));
    const other = await post(db, eve, sharing(original.id));
    await becomeOwner(db);
    await db.query("update public.posts set status = 'removed' where id = $1", [other.id]);
    expect(await cardFor(db, ada, original.id)).toMatchObject({ shares_count: '1' });
    await become(db, bob);
    await db.query('select public.delete_post($1)', [one.id]);
    expect(await cardFor(db, ada, original.id)).toMatchObject({ shares_count: '0' });
    await expectCounted(db);
  }));
