import { startBenchStack } from './support/bench-stack.ts';
import type { Measurement } from './support/load.ts';
import { type Ratio, report } from './support/report.ts';
import { FOLLOW_COUNTS, makeNetwork, type NetworkSize, PUSHED_FOLLOWERS, personId, READERS } from './support/social.ts';
import { type Connections, connectBoth, measureInTurns, measurement, type Read, signIn } from './support/turns.ts';

const SIZES: Readonly<Record<string, NetworkSize>> = {
  small: { people: 10_000, posts: 200_000, follows: 500_000 },
  large: { people: 200_000, posts: 2_000_000, follows: 5_000_000 },
};
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
const ONLY = process.env['BENCH_SIZE'];

/**
 * The bare hydrate: all that a page of posts shows, by primary keys out of the tables where it stands, as plain SQL would fetch it:
 * nobody asks who may see what, what is hidden from whom or waits to be counted, nor in which order.
 */
const HYDRATE = `select p.id,
    jsonb_build_object('id', a.id, 'username', a.username::text, 'full_name', a.full_name, 'avatar_url', a.avatar_url,
      'is_verified', a.is_verified, 'verification_level', a.verification_level) as author,
    p.type, p.content, p.media_urls, p.location, p.tags,
    (select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'username', u.username::text)), '[]')
      from public.post_mentions m join public.profiles u on u.id = m.user_id where m.post_id = p.id) as mentions,
    p.visibility, p.reply_control, p.shares_allowed, p.status, p.published_at, p.scheduled_for, p.pinned_at, p.edited_at, p.created_at,
    c.likes_count, c.comments_count, c.shares_count,
    exists (select from public.post_likes l where l.post_id = p.id and l.user_id = $2) as liked,
    exists (select from public.bookmarks b where b.user_id = $2 and b.post_id = p.id) as bookmarked,
    coalesce(s.privacy_settings ->> 'who_can_comment', 'everyone') as who_can_comment,
    (select to_jsonb(q) from public.polls q where q.post_id = p.id) as poll,
    (select to_jsonb(o) from public.posts o where o.id = p.shared_post_id) as shared_post, null as reason, p.group_id
  from public.posts p
  join public.profiles a on a.id = p.author_id
  join public.post_counts c on c.post_id = p.id
  join public.account_settings s on s.user_id = p.author_id
  where p.id = any ($1)`;

/** The least that could be called a page: the rows of posts, authors and counts, and nothing of the reader's. */
const BAREST = `select p.*, a.username, a.full_name, a.avatar_url, a.is_verified, a.verification_level, c.likes_count, c.comments_count, c.shares_count
  from public.posts p join public.profiles a on a.id = p.author_id join public.post_counts c on c.post_id = p.id where p.id = any ($1)`;

const FEEDS = FOLLOW_COUNTS.map((follows) => `feed, ${follows} follows`);
const COLD = ['delete from public.feed_state where user_id = $1', 'delete from public.feed_inbox where user_id = $1'];

/** The pages of a social app on a small and on a large network: each beside the same query without row-level security. */
export async function runFeedSuite(): Promise<void> {
  await using stack = await startBenchStack();
  const measurements: Measurement[] = [];
  const ratios: Ratio[] = [];
  const sizes = Object.entries(SIZES).filter(([name]) => ONLY === undefined || ONLY === name);
  for (const [size, network] of sizes) {
    console.log(`${size}: ${network.people} people, ${network.posts} posts, ${network.follows} follows`);
    await makeNetwork(stack.env.ASTRA_ADMIN_DB_URL, network);
    await using connections = await connectBoth(stack.env.SUPABASE_DB_URL);
    const found = await measureSize(connections, network);
    measurements.push(...found.map((each) => ({ ...each, name: `${size}: ${each.name}` })));
    ratios.push(...ratiosOf(size));
  }
  for (const name of sizes.length === 2 ? FEEDS : []) {
    ratios.push(p50(`large: ${name} / small`, `large: ${name}`, `small: ${name}`));
  }
  await report('feed', measurements, ratios);
}

async function measureSize(connections: Connections, network: NetworkSize): Promise<Measurement[]> {
  const active = network.people + 1 + READERS; // 200 follows
  const ids = await pageOf(connections, active);
  const measured: Measurement[] = [];
  for (const reads of [pages(network, active, ids), await otherPages(connections, active, ids), coldFeeds(network)])
    measured.push(...(await measureInTurns(connections, reads, SECONDS)));
  measured.push(await pushed(connections, network));
  return measured;
}

/** What the active reader sees first: the posts that are hydrated for comparison. */
async function pageOf({ reader }: Connections, active: number): Promise<string[]> {
  await signIn(reader, active);
  return (await reader.query<{ id: string }>('select id from public.home_feed(20)')).rows.map(({ id }) => id);
}

/** Each read as its reader and as the owner. */
const bothWays = (reads: readonly Read[]): Read[] =>
  reads.flatMap((read) => [read, { ...read, name: `${read.name}, without RLS`, owner: true }]);

const readers = (network: NetworkSize) =>
  FEEDS.map((name, i) => ({
    name,
    text: 'select * from public.home_feed(20)',
    reader: network.people + 1 + i * READERS,
  }));

function pages(network: NetworkSize, active: number, ids: readonly string[]): Read[] {
  const bare = { reader: active, owner: true };
  return [
    { name: 'bare hydrate', text: HYDRATE, values: [ids, personId(active)], ...bare },
    { name: 'posts, authors, counts', text: BAREST, values: [ids], ...bare },
    ...bothWays([
      { name: '20 cards by id', text: 'select * from public.post_cards($1)', values: [ids], reader: active },
      ...readers(network),
    ]),
  ];
}

async function otherPages({ owner }: Connections, active: number, ids: readonly string[]): Promise<Read[]> {
  const { rows } = await owner.query<{ id: string }>('select post_id as id from public.comments limit 1');
  const read = (name: string, text: string, value: unknown): Read => ({ name, text, values: [value], reader: active });
  return bothWays([
    read('profile page', 'select public.profile_page($1)', personId(1)),
    read('posts of an author', 'select * from public.posts_by_author($1, 20)', personId(1)),
    read('comments page', 'select * from public.post_comments($1)', rows[0]?.id),
    read('search', 'select * from public.search_people($1)', 'ana nov'),
    // Not a page, but what the policy costs where it is all that stands between a client and a table.
    read('20 posts by the table', 'select * from public.posts where id = any ($1)', ids),
  ]);
}

function coldFeeds(network: NetworkSize): Read[] {
  return bothWays(readers(network).map((read) => ({ ...read, name: `cold ${read.name}`, before: COLD })));
}

/** A post of an author with 10,000 followers who all read, and the worker's steps that push it to each inbox: without the commit, and undone afterwards. */
async function pushed({ owner }: Connections, network: NetworkSize): Promise<Measurement> {
  const author = personId(network.people + READERS * FOLLOW_COUNTS.length + 1);
  await signIn(owner, null); // nobody signed in: the post is written for its author
  await owner.query(
    `insert into public.feed_state (user_id, complete_since) select f.follower_id, now() from public.follows f where f.followee_id = $1
     on conflict do nothing`,
    [author],
  );
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  while (performance.now() < until || times.length < 4) {
    await owner.query('begin');
    // So many followers are not pushed to but for this.
    await owner.query('update public.follows set is_pulled = false where followee_id = $1 and is_pulled', [author]);
    const startedAt = performance.now();
    const id = await postAndPush({ owner }, author);
    times.push(performance.now() - startedAt);
    if (times.length === 1) await expectPushed({ owner }, id);
    await owner.query('rollback');
  }
  return measurement('post and push to 10,000', times.slice(1));
}

async function postAndPush({ owner }: Pick<Connections, 'owner'>, author: string): Promise<string | undefined> {
  const { rows } = await owner.query<{ id: string }>(
    "insert into public.posts (author_id, content) values ($1, 'pushed') returning id",
    [author],
  );
  let after: string | null = null;
  do {
    const step: { rows: { next_after: string | null }[] } = await owner.query(
      'select next_after from app_private.push_post($1, $2, 1000)',
      [rows[0]?.id, after],
    );
    after = step.rows[0]?.next_after ?? null;
  } while (after !== null);
  return rows[0]?.id;
}

async function expectPushed({ owner }: Pick<Connections, 'owner'>, post: string | undefined): Promise<void> {
  const { rows } = await owner.query<{ inboxes: number }>(
    'select count(*)::int as inboxes from public.feed_inbox where post_id = $1',
    [post],
  );
  if ((rows[0]?.inboxes ?? 0) < PUSHED_FOLLOWERS) throw new Error(`pushed to ${rows[0]?.inboxes} inboxes only`);
}

const p50 = (name: string, of: string, against: string): Ratio => ({ name, of, against, by: 'p50_ms' });

function ratiosOf(size: string): Ratio[] {
  const over = (against: string) =>
    FEEDS.map((name) => p50(`${size}: ${name} / ${against}`, `${size}: ${name}`, `${size}: ${against}`));
  const all = [
    ...FEEDS,
    ...['20 cards by id', 'profile page', 'posts of an author', 'comments page', 'search', '20 posts by the table'],
    ...FEEDS.map((name) => `cold ${name}`),
  ];
  return [
    ...over('bare hydrate'),
    ...over('posts, authors, counts'),
    ...over('20 cards by id'),
    ...all.map((name) => p50(`${size}: ${name}, RLS / without`, `${size}: ${name}`, `${size}: ${name}, without RLS`)),
  ];
}
