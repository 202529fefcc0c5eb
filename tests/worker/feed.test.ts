import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemClock } from '../../worker/time.ts';
import { startWorker } from '../../worker/worker.ts';
import { follow, inbox, page, people, post, unfollow, workAll } from '../sql/feed/support.ts';
import { connect } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { outboxStates, quietLog } from './fixture.ts';
import { ownStores } from './stores.ts';

test('a post is in the inbox of a follower who reads, and the cached pages of that feed are gone', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [author, reader] = await people(db, 2);
  await follow(db, reader, author);
  await page(db, reader, 20);
  await stores.start();
  await eventually(
    'the follow is known',
    async () => (await db.query('select from app_private.feed_tasks')).length === 0,
  );
  const key = `feed:${reader.id}`;
  await stores.redis.hset(key, '|20', '{"ids":[],"next_cursor":null}');
  const id = await post(db, author);
  await eventually('it was pushed', async () => (await inbox(db, reader)).includes(id));
  await eventually('the page is gone', async () => (await stores.redis.exists(key)) === 0);

  await stores.redis.hset(key, '|20', '{"ids":[],"next_cursor":null}');
  await unfollow(db, reader, author);
  await eventually('it is gone again', async () => (await inbox(db, reader)).length === 0);
  await eventually('the page is gone too', async () => (await stores.redis.exists(key)) === 0);
});

test('feeds go on without MongoDB and without Redis', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [author, reader] = await people(db, 2);
  await follow(db, reader, author);
  await page(db, reader, 20);
  await using _worker = await startWorker(
    { ...stores.config, mongodbUrl: null, redisUrl: null },
    systemClock,
    quietLog,
  );
  const id = await post(db, author);
  await eventually('it was pushed', async () => (await inbox(db, reader)).includes(id));
});

test('settles new inboxes, publishes scheduled posts and adds up counts that found their row held', async () => {
  await using stores = await ownStores();
  const url = stores.environment['SUPABASE_DB_URL'];
  await using db = await connect(url);
  await using busy = await connect(url);
  const [author, reader, other] = await people(db, 3);
  await follow(db, reader, author);
  await page(db, reader, 20);
  await db.query(
    `insert into public.posts (author_id, content, status, scheduled_for) values ($1, 'Later', 'scheduled', now() + interval '1 second')`,
    [author.id],
  );
  await busy.query('begin');
  await busy.query('select from public.profile_counts where user_id = $1 for no key update', [author.id]);
  await follow(db, other, author);
  const waiting = async () => (await db.query('select from app_private.count_deltas')).length;
  expect(await waiting()).toBe(1);
  await stores.start();
  await busy.query('commit');
  await eventually('the count is added', async () => (await waiting()) === 0);
  expect(await db.one('select followers_count from public.profile_counts where user_id = $1', [author.id])).toEqual({
    followers_count: '2',
  });
  await eventually('the inbox is settled', async () => {
    const [state] = await db.query<{ is_settled: boolean }>('select is_settled from public.feed_state');
    return state?.is_settled;
  });
  await eventually('the post is published and pushed', async () => (await inbox(db, reader)).length === 1);
});

test('an author with many followers is pulled from some number of them on', async () => {
  await using stores = await ownStores({ FEED_LARGE_FROM: '3' });
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [author, ...readers] = await people(db, 5);
  for (const reader of readers) {
    await follow(db, reader, author);
    await page(db, reader, 20);
  }
  await stores.start();
  const first = await post(db, author);
  await eventually('the author is large', async () => {
    const [row] = await db.query<{ state: string }>('select state from app_private.large_authors');
    return row?.state === 'large';
  });
  for (const reader of readers) expect(await inbox(db, reader)).toEqual([first]);
  const second = await post(db, author);
  await eventually('it is noticed', async () => {
    return (await db.query('select from app_private.pulled_posts where post_id = $1', [second])).length === 1;
  });
  for (const reader of readers) {
    expect(await inbox(db, reader)).toEqual([first]);
    await db.query(`update public.feed_state set pulled_at = now() - interval '31 seconds' where user_id = $1`, [
      reader.id,
    ]);
    expect((await page(db, reader, 20)).map(({ id }) => id)).toEqual([second, first]);
  }
});

test('a task that fails is told in the metrics and tried again, and holds nobody else’s up', async () => {
  await using stores = await ownStores();
  await using db = await connect(stores.environment['SUPABASE_DB_URL']);
  const [author, reader] = await people(db, 2);
  await follow(db, reader, author);
  await page(db, reader, 20);
  await workAll(db);
  // A post that no inbox takes.
  await db.query(
    `alter table public.feed_inbox add constraint no_posts_of_the_past check (published_at > '2000-01-01')`,
  );
  await post(db, author, { published_at: '1999-01-01T00:00:00Z' });
  const good = await post(db, author);
  const worker = await stores.start();
  await eventually('the good one is there', async () => (await inbox(db, reader)).includes(good));
  const metrics = await eventually('the failure is seen', async () => {
    const text = await (await fetch(`${worker.url}/metrics`)).text();
    return text.includes('astra_feed_tasks_failing 1') ? text : null;
  });
  expect(metrics).toContain('astra_worker_failures_total{part="feed_task"}');
  const failed = await db.one<{ last_error: string }>('select last_error from app_private.feed_tasks');
  expect(failed.last_error).toContain('no_posts_of_the_past');
  await db.query('alter table public.feed_inbox drop constraint no_posts_of_the_past');
  await eventually('it is done in the end', async () => (await inbox(db, reader)).length === 2);
});

test('events of people and posts are stored, and audited where they are about safety', async () => {
  await using stores = await ownStores();
  const [one, other, post_id, comment_id] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const at = new Date().toISOString();
  const follow_ = { follower_id: one, followee_id: other };
  const block = { blocker_id: one, blocked_id: other };
  const like = { post_id, author_id: other, user_id: one };
  const events = [
    { type: 'graph.followed', payload: follow_ },
    { type: 'graph.unfollowed', payload: follow_ },
    { type: 'graph.follow_requested', payload: { requester_id: one, target_id: other } },
    { type: 'graph.blocked', payload: block },
    { type: 'graph.unblocked', payload: block },
    {
      type: 'post.published',
      payload: {
        ...{ post_id, author_id: one, type: 'text', visibility: 'public', published_at: at },
        ...{ tags: ['a'], mentions: [other], shared_post_id: null },
      },
    },
    { type: 'post.changed', payload: { post_id, author_id: one, visibility: 'friends', changed: ['visibility'] } },
    { type: 'post.deleted', payload: { post_id, author_id: one, published_at: at } },
    { type: 'post.liked', payload: like },
    { type: 'post.unliked', payload: like },
    { type: 'post.reported', payload: { report_id: randomUUID(), reporter_id: one, post_id, reason: 'spam' } },
    {
      type: 'comment.created',
      payload: { comment_id, post_id, parent_id: null, author_id: one, post_author_id: other, mentions: [] },
    },
    { type: 'comment.deleted', payload: { comment_id, post_id, author_id: one } },
    { type: 'user.verification_decided', payload: { user_id: one, kind: 'verification', state: 'approved' } },
  ];
  await stores.start();
  await stores.emit(...events);
  await eventually('all are read', async () => (await outboxStates(stores.db)).pending === 0);
  expect(await outboxStates(stores.db)).toEqual({ pending: 0, processed: events.length, dead: 0 });
  const stored = await stores.mongo.collection('events').distinct('type');
  expect(stored.sort()).toEqual(events.map(({ type }) => type).sort());
  const audited = await stores.mongo.collection('audit_log').distinct('action');
  expect(audited.sort()).toEqual(['graph.blocked', 'graph.unblocked', 'post.reported', 'user.verification_decided']);
});
