import { expect, test } from 'vitest';
import {
  become,
  becomeOwner,
  cardFor,
  comment,
  expectCounted,
  post,
  refusedCall,
  update,
  withCast,
} from './support.ts';

test('what somebody deletes counts as written all the same (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada }) => {
    await become(db, ada);
    const rounds = 'insert into public.posts (content) select $1 from generate_series(1, 60)';
    for (let round = 0; round < 2; round += 1) {
      await db.query(rounds, ['Hi']);
      await db.query('delete from public.posts where author_id = $1', [ada.id]);
    }
    expect(await refusedCall(db, 'create_post', { content: 'Hi' })).toMatchObject({ code: 'rate_limit.exceeded' });
  }));

test('private posts, and shares of them, are told of to nobody by a count or a tag, until they are shown', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id: shared } = await post(db, bob);
    const share = { type: 'share', shared_post_id: shared, content: 'A #share' };
    const { id } = await post(db, ada, { ...share, visibility: 'private' });
    await post(db, ada, { draft: true });
    const told = async () => {
      await db.as({ role: 'anon' });
      const { posts_count } = await db.one<{ posts_count: string }>(
        "select public.profile_page($1) ->> 'posts_count' as posts_count",
        [ada.id],
      );
      const tags = (await db.query('select from public.post_tags where author_id = $1', [ada.id])).length;
      return [posts_count, (await cardFor(db, null, shared))?.shares_count, tags];
    };
    expect(await told()).toEqual(['0', '0', 0]);
    await update(db, ada, id, { visibility: 'friends' });
    await becomeOwner(db);
    expect(await db.query('select tag from public.post_tags where post_id = $1', [id])).toEqual([{ tag: 'share' }]);
    await update(db, ada, id, { visibility: 'public' });
    expect(await told()).toEqual(['1', '1', 1]);
    await expectCounted(db);
    await update(db, ada, id, { visibility: 'private' });
    expect(await told()).toEqual(['0', '0', 0]);
    await expectCounted(db);
    await become(db, ada);
    await db.query('delete from public.posts where id = $1', [id]);
    await expectCounted(db);
  }));

test('reports and comments that were taken back count as written too (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    await db.query("insert into public.comments (post_id, content) select $1, 'Hi' from generate_series(1, 600)", [id]);
    await db.query('delete from public.comments where post_id = $1', [id]);
    expect(await db.refusal("select public.add_comment($1, 'Hi')", [id])).toMatchObject({
      code: 'rate_limit.exceeded',
    });
    await comment(db, ada, id);
  }));
