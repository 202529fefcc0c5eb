import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { become, becomeOwner, cardFor, expectCounted, post, setPrivacy, update, withCast } from './support.ts';

test('a post shows its author, its words and nothing that nobody did yet', () =>
  withCast(async ({ db, ada }) => {
    const card = await post(db, ada, { content: '  Good morning  ', location: ' Lisbon ' });
    expect(card).toMatchObject({
      author: { id: ada.id, username: ada.username, full_name: null, is_verified: false },
      type: 'text',
      content: 'Good morning',
      location: 'Lisbon',
      visibility: 'public',
      reply_control: 'everyone',
      status: 'published',
      likes_count: '0',
      comments_count: '0',
      shares_count: '0',
      liked: false,
      bookmarked: false,
      can_comment: true,
      edited_at: null,
      pinned_at: null,
      poll: null,
      shared_post: null,
    });
    expect(card.published_at).toEqual(expect.any(Date));
    await expectCounted(db);
  }));

test('tags come from the words and from the list, in lower case, once, in any script', () =>
  withCast(async ({ db, ada }) => {
    const content = 'Sun! #Lisbon #हिन्दी #日本語 #été, mail#no &#39; https://x.test/#frag #lisbon';
    const card = await post(db, ada, { content, tags: ['#Travel', 'LISBON'] });
    expect(card.tags).toEqual(['travel', 'lisbon', 'हिन्दी', '日本語', 'été']);
    await becomeOwner(db);
    const rows = await db.query('select tag from public.post_tags where post_id = $1', [card.id]);
    expect(new Set(rows.map((row) => row['tag']))).toEqual(new Set(card.tags));
  }));

test('a tag that was only in the old words goes with them; one from the list stays', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada, { content: 'One #old', tags: ['kept'] });
    expect((await update(db, ada, id, { content: 'Two #new' })).tags).toEqual(['kept', 'new']);
    expect((await update(db, ada, id, { tags: ['other'] })).tags).toEqual(['other', 'new']);
  }));

test('of more than thirty tags the first thirty count', () =>
  withCast(async ({ db, ada }) => {
    const content = Array.from({ length: 35 }, (_, i) => `#t${i}`).join(' ');
    expect((await post(db, ada, { content })).tags).toHaveLength(30);
  }));

test.each(['two words', 'a-b', '', '123', '_1', 'x'.repeat(51)])('refuses the tag %j (posts.tag_invalid)', (tag) =>
  withCast(async ({ db, ada }) => {
    await become(db, ada);
    const insert = "insert into public.posts (content, tags) values ('Hi', $1)";
    expect(await db.refusal(insert, [[tag]])).toMatchObject({ sqlstate: 'PT422', code: 'posts.tag_invalid' });
  }),
);

test('mentions those who let the author, of @usernames in the words; to others they are plain text', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    await setPrivacy(db, eve, { who_can_mention: 'nobody' });
    const content = `Hi @${bob.username.toUpperCase()}. and @${eve.username}, not mail@${ada.username}`;
    const card = await post(db, ada, { content });
    expect(card.mentions).toEqual([{ id: bob.id, username: bob.username }]);
    expect((await update(db, ada, card.id, { content: 'Nobody' })).mentions).toEqual([]);
    expect((await update(db, ada, card.id, { content: `@${bob.username}` })).mentions).toHaveLength(1);
  }));

test.each([
  ['no words', { content: '   ' }, 'posts.empty', 422],
  ['an image without a medium', { type: 'image' }, 'posts.media_required', 422],
  ['a reel without a medium', { type: 'reel' }, 'posts.media_required', 422],
  ['a medium that is no address', { type: 'image', media_urls: ['javascript:alert(1)'] }, 'posts.media_invalid', 422],
  ['a medium that is nothing', { type: 'image', media_urls: [null] }, 'posts.media_invalid', 422],
  ['a time that has passed', { scheduled_for: '2020-01-01T00:00:00Z' }, 'posts.schedule_invalid', 422],
  ['a time in ten years', { scheduled_for: '2036-01-01T00:00:00Z' }, 'posts.schedule_invalid', 422],
  ['a list that is none', { tags: 'one' }, 'posts.field_invalid', 422],
  ['an unknown type', { type: 'poem' }, 'posts.field_invalid', 422],
  ['an unknown visibility', { visibility: 'secret' }, 'posts.field_invalid', 422],
  ['an unknown reply_control', { reply_control: 'some' }, 'posts.field_invalid', 422],
  ['5,001 characters', { content: 'x'.repeat(5001) }, 'posts.field_invalid', 422],
  ['a location of 101 characters', { location: 'x'.repeat(101) }, 'posts.field_invalid', 422],
  ['11 media', { type: 'image', media_urls: Array(11).fill('https://x.test/a.jpg') }, 'posts.field_invalid', 422],
  ['31 tags', { tags: Array(31).fill('tag') }, 'posts.field_invalid', 422],
  ['something shared by a text', { shared_post_id: randomUUID() }, 'posts.field_invalid', 422],
])('refuses %s (%s → %s)', (_what, p, code, status) =>
  withCast(async ({ db, ada }) => {
    await become(db, ada);
    const refused = await db.refusal('select public.create_post($1)', [{ content: 'Hi', ...p }]);
    expect(refused).toMatchObject({ sqlstate: `PT${status}`, code });
  }),
);

test.each([
  [{ visibilty: 'private' }, '`visibilty`'],
  [{ visibility: true }, 'string'],
  [{ content: 5 }, 'string'],
  [{ tags: [1] }, 'strings'],
  [{ shares_allowed: 'no' }, 'boolean'],
  [{ shared_post_id: 'mine' }, 'UUID'],
  [{ scheduled_for: 'tomorrow' }, 'ISO 8601'],
  [{ scheduled_for: '2030-13-01T00:00:00Z' }, 'ISO 8601'],
  [{ scheduled_for: '2030-01-01T00:00:00' }, 'time zone'],
  [{ draft: 'yes' }, 'boolean'],
  [{ poll: [] }, 'object'],
  [{ poll: { options: ['a', 'b'], ends_at: 'tomorrow' } }, 'ISO 8601'],
  [[], 'object'],
])('refuses %j and says what it takes (posts.field_invalid)', (p, hint) =>
  withCast(async ({ db, ada }) => {
    const refusal = {
      sqlstate: 'PT422',
      code: 'posts.field_invalid',
      hint: expect.stringContaining(hint.replaceAll('`', '')),
    };
    await become(db, ada);
    const sent = Array.isArray(p) ? JSON.stringify(p) : { content: 'Hi', ...p };
    expect(await db.refusal('select public.create_post($1)', [sent])).toMatchObject(refusal);
    expect(await db.query('select from public.posts where author_id = $1', [ada.id])).toEqual([]);
  }),
);

test('an update refuses fields that a post does not take any more (posts.field_invalid)', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada);
    for (const p of [{ type: 'image' }, { visibilty: 'private' }, { pinned: 'yes' }, { scheduled_for: 'tomorrow' }])
      expect(await db.refusal('select public.update_post($1, $2)', [id, p])).toMatchObject({
        code: 'posts.field_invalid',
      });
  }));

test.each(["visibility) values ('Hi', 'secret'", "visibility) values ('Hi', null", "tags) values ('Hi', null"])(
  'refuses a direct insert of %s as a function does (posts.field_invalid)',
  (columns) =>
    withCast(async ({ db, ada }) => {
      await become(db, ada);
      expect(await db.refusal(`insert into public.posts (content, ${columns})`)).toMatchObject({
        sqlstate: 'PT422',
        code: 'posts.field_invalid',
      });
    }),
);

test('takes 120 posts an hour of a person, one by one or at once, and no more (rate_limit.exceeded)', () =>
  withCast(async ({ db, ada, bob }) => {
    const many = "insert into public.posts (content) select 'Hi' from generate_series(1, $1::int)";
    const refusal = { sqlstate: 'PT429', code: 'rate_limit.exceeded' };
    await become(db, ada);
    expect(await db.refusal(many, [121])).toMatchObject(refusal);
    await db.query(many, [120]);
    expect(await db.refusal('select public.create_post($1)', [{ content: 'Hi' }])).toMatchObject(refusal);
    await post(db, bob);
    await becomeOwner(db);
    await db.query('insert into public.posts (author_id, content) values ($1, $2)', [ada.id, 'An import']);
    await db.query("update app_private.paces set since = now() - interval '1 hour' where user_id = $1", [ada.id]);
    await post(db, ada);
  }));

test('a direct insert has the same tags, mentions, times and counts', () =>
  withCast(async ({ db, ada, bob }) => {
    await become(db, ada);
    const { id } = await db.one<{ id: string }>('insert into public.posts (content) values ($1) returning id', [
      `Hi @${bob.username} #now`,
    ]);
    expect(await cardFor(db, bob, id)).toMatchObject({
      author: { id: ada.id },
      tags: ['now'],
      mentions: [{ id: bob.id }],
      published_at: expect.any(Date),
    });
    await expectCounted(db);
  }));

test.each([
  ["insert into public.posts (author_id, content) values ('{bob}', 'Hi')", 'in the name of another'],
  ["insert into public.posts (content, published_at) values ('Hi', now())", 'at a time of one’s own choice'],
  ["insert into public.posts (content, status) values ('Hi', 'removed')", 'as removed'],
  ["update public.posts set author_id = '{bob}'", 'given to another'],
  ["update public.posts set status = 'removed'", 'removed without a moderator'],
  ['update public.posts set edited_at = null', 'without the time of its edit'],
  ['insert into public.post_counts (post_id, likes_count) select id, 5 from public.posts', 'with likes by itself'],
  ["insert into public.post_tags select 'x', now(), id, author_id from public.posts", 'with tags by the side'],
])('refuses %s: a post %s (42501)', (sql) =>
  withCast(async ({ db, ada, bob }) => {
    await post(db, ada);
    expect(await db.refusal(sql.replace('{bob}', bob.id))).toMatchObject({ sqlstate: '42501' });
  }),
);

test('an edit of a published post keeps how it read, for whoever could read it then', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { content: 'Secret', visibility: 'private' });
    const edited = await update(db, ada, id, { content: 'First', visibility: 'public' });
    expect(edited.edited_at).toEqual(expect.any(Date));
    await update(db, ada, id, { content: 'Second #tag' });
    await update(db, ada, id, { reply_control: 'nobody' });
    const history = 'select content from public.post_history($1)';
    expect((await db.query(history, [id])).map((row) => row['content']).sort()).toEqual(['First', 'Secret']);
    await become(db, bob);
    expect(await db.query(history, [id])).toEqual([{ content: 'First' }]);
    expect(await db.query('select content from public.post_edits where post_id = $1', [id])).toEqual([
      { content: 'First' },
    ]);
  }));

test('the history of what one may not read is not there (posts.not_found)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { visibility: 'private' });
    await become(db, bob);
    expect(await db.refusal('select * from public.post_history($1)', [id])).toMatchObject({ code: 'posts.not_found' });
  }));

test('changes only what is named; null clears', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada, { location: 'Lisbon', tags: ['a'], shares_allowed: false });
    expect(await update(db, ada, id, { visibility: 'friends' })).toMatchObject({
      content: 'Hello',
      location: 'Lisbon',
      tags: ['a'],
      shares_allowed: false,
      visibility: 'friends',
    });
    expect(await update(db, ada, id, { location: null, tags: [] })).toMatchObject({ location: null, tags: [] });
    expect(await db.refusal('select public.update_post($1, $2)', [id, { content: ' ' }])).toMatchObject({
      code: 'posts.empty',
    });
  }));

test('nobody changes or deletes the post of another (posts.not_found)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada);
    await become(db, bob);
    expect(await db.refusal("select public.update_post($1, '{}')", [id])).toMatchObject({ code: 'posts.not_found' });
    expect(await db.one('select public.delete_post($1) as deleted', [id])).toEqual({ deleted: false });
    expect((await db.client.query("update public.posts set content = 'x' where id = $1", [id])).rowCount).toBe(0);
    expect((await db.client.query('delete from public.posts where id = $1', [id])).rowCount).toBe(0);
  }));

test('a deleted post takes everything along and is not counted any more', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { content: '#x' });
    await become(db, bob);
    await db.query('select public.like_post($1), public.bookmark_post($1)', [id]);
    await db.query("select public.add_comment($1, 'Hi')", [id]);
    await become(db, ada);
    expect(await db.one('select public.delete_post($1) as deleted', [id])).toEqual({ deleted: true });
    await expectCounted(db);
    const rest = await db.query(
      `select 'likes' from public.post_likes where post_id = $1 union all select 'tags' from public.post_tags where post_id = $1
       union all select 'comments' from public.comments where post_id = $1 union all select 'counts' from public.post_counts where post_id = $1
       union all select 'waiting' from app_private.count_deltas where target = $1`,
      [id],
    );
    expect(rest).toEqual([]);
  }));

test('a fourth pinned post is refused (posts.too_many_pinned), one in the place of another is not', () =>
  withCast(async ({ db, ada }) => {
    const ids: string[] = [];
    for (let i = 0; i < 4; i += 1) ids.push((await post(db, ada)).id);
    for (const id of ids.slice(0, 3)) expect((await update(db, ada, id, { pinned: true })).pinned_at).not.toBeNull();
    await update(db, ada, ids[0] ?? '', { pinned: true });
    const pin = db.refusal('select public.update_post($1, $2)', [ids[3], { pinned: true }]);
    expect(await pin).toMatchObject({ sqlstate: 'PT422', code: 'posts.too_many_pinned' });
    const direct = db.refusal('update public.posts set pinned_at = now() where id = $1', [ids[3]]);
    expect(await direct).toMatchObject({ code: 'posts.too_many_pinned' });
    expect((await update(db, ada, ids[0] ?? '', { pinned: false })).pinned_at).toBeNull();
    expect((await update(db, ada, ids[3] ?? '', { pinned: true })).pinned_at).not.toBeNull();
  }));

test('cards come in the order asked for, once each, and without what is not there', () =>
  withCast(async ({ db, ada }) => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) ids.unshift((await post(db, ada)).id);
    const asked = [ids[2], '00000000-0000-7000-8000-000000000000', ids[0], ids[2], ids[1]];
    const rows = await db.query('select id from public.post_cards($1)', [asked]);
    expect(rows.map((row) => row['id'])).toEqual([ids[2], ids[0], ids[1]]);
    expect(await db.query('select id from public.post_cards($1)', [[]])).toEqual([]);
    expect(await db.query('select id from public.post_cards(null)')).toEqual([]);
  }));
