import pg from 'pg';
import { startBenchStack } from './support/bench-stack.ts';
import { type Measurement, quantile } from './support/load.ts';
import { type Ratio, report } from './support/report.ts';
import { FOLLOW_COUNTS, makeNetwork, type NetworkSize, PUSHED_FOLLOWERS, personId, READERS } from './support/social.ts';

const SIZES: Readonly<Record<string, NetworkSize>> = {
  small: { people: 10_000, posts: 200_000, follows: 500_000 },
  large: { people: 200_000, posts: 2_000_000, follows: 5_000_000 },
};
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
const ONLY = process.env['BENCH_SIZE'];

/** What a page of 20 posts costs at least: the posts, their authors and counts by their keys, with nobody asking who looks. */
const HYDRATE = `select p.*, a.username, a.full_name, a.avatar_url, a.is_verified, a.verification_level, c.likes_count, c.comments_count, c.shares_count
  from public.posts p join public.profiles a on a.id = p.author_id join public.post_counts c on c.post_id = p.id where p.id = any ($1)`;

/** What is measured as the reader under row-level security, and again as an owner whom no policy concerns. */
interface Read {
  readonly name: string;
  readonly text: string;
  /** Who looks. */
  readonly reader: number;
  readonly values?: readonly unknown[];
  /** Undone before each sample, outside the measured time. */
  readonly before?: readonly string[];
}

/** The pages of a social app on a small and on a large network: each beside the same query without row-level security. */
export async function runFeedSuite(): Promise<void> {
  await using stack = await startBenchStack();
  const measurements: Measurement[] = [];
  const ratios: Ratio[] = [];
  const sizes = Object.entries(SIZES).filter(([name]) => ONLY === undefined || ONLY === name);
  for (const [size, network] of sizes) {
    console.log(`${size}: ${network.people} people, ${network.posts} posts, ${network.follows} follows`);
    await makeNetwork(stack.env.ASTRA_ADMIN_DB_URL, network);
    await using client = await openClient(stack.env.SUPABASE_DB_URL);
    measurements.push(...(await measureSize(client, size, network)));
    ratios.push(...ratiosOf(size));
  }
  for (const follows of sizes.length === 2 ? FOLLOW_COUNTS : []) {
    const of = `large: feed, ${follows} follows`;
    ratios.push({ name: `${of} / small`, of, against: `small: feed, ${follows} follows`, by: 'p50_ms' });
  }
  await report('feed', measurements, ratios);
}

async function openClient(connectionString: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

async function measureSize(client: pg.Client, size: string, network: NetworkSize): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  const active = network.people + 1 + READERS; // 200 follows
  const page = await client.query<{ id: string }>('select id from public.posts order by published_at desc limit 20');
  const ids = page.rows.map(({ id }) => id);
  measured.push(await sample(`${size}: 20 posts by key`, async () => undefined, hydrate(client, ids)));
  for (const read of readsOf(network, active, ids, await hotPost(client))) {
    for (const owner of [false, true]) {
      await signIn(client, read.reader, owner);
      const name = `${size}: ${read.name}${owner ? ', without RLS' : ''}`;
      const before = async () => {
        for (const text of read.before ?? []) await asOwner(client, text, read.reader, owner);
      };
      await client.query(read.text, [...(read.values ?? [])]);
      measured.push(
        await sample(name, before, async () => {
          await client.query({ name, text: read.text, values: [...(read.values ?? [])] });
        }),
      );
      await client.query('reset role');
    }
  }
  measured.push(await pushed(client, size, network));
  return measured;
}

const hydrate = (client: pg.Client, ids: readonly string[]) => async () => {
  await client.query({ name: 'hydrate', text: HYDRATE, values: [ids] });
};

function readsOf(network: NetworkSize, active: number, ids: readonly string[], post: string): Read[] {
  const feed = 'select * from public.home_feed(20)';
  const cold = ['delete from public.feed_state where user_id = $1', 'delete from public.feed_inbox where user_id = $1'];
  const readers = FOLLOW_COUNTS.map((follows, i) => ({ follows, reader: network.people + 1 + i * READERS }));
  return [
    ...readers.map(({ follows, reader }) => ({ name: `feed, ${follows} follows`, text: feed, reader })),
    ...readers.map(({ follows, reader }) => ({
      name: `cold feed, ${follows} follows`,
      text: feed,
      reader,
      before: cold,
    })),
    { name: '20 cards by id', text: 'select * from public.post_cards($1)', values: [ids], reader: active },
    { name: 'profile page', text: 'select public.profile_page($1)', values: [personId(1)], reader: active },
    {
      name: 'posts of an author',
      text: 'select * from public.posts_by_author($1, 20)',
      values: [personId(1)],
      reader: active,
    },
    { name: 'comments page', text: 'select * from public.post_comments($1)', values: [post], reader: active },
    { name: 'search', text: "select * from public.search_people('ana nov')", reader: active },
  ];
}

/** The post with the comments. */
async function hotPost(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select post_id as id from public.comments limit 1');
  return rows[0]?.id ?? '';
}

async function signIn(client: pg.Client, reader: number, owner: boolean): Promise<void> {
  const id = personId(reader);
  const claims = JSON.stringify({ sub: id, role: 'authenticated' });
  await client.query(
    "select set_config('request.jwt.claims', $1, false), set_config('request.jwt.claim.sub', $2, false)",
    [claims, id],
  );
  await client.query(owner ? 'reset role' : 'set role authenticated');
}

async function asOwner(client: pg.Client, text: string, reader: number, owner: boolean): Promise<void> {
  await client.query('reset role');
  await client.query(text, [personId(reader)]);
  await signIn(client, reader, owner);
}

/** One after the other on one connection: what is measured is the time of one page, not how many pages fit on a machine. */
async function sample(name: string, before: () => Promise<void>, work: () => Promise<void>): Promise<Measurement> {
  for (let i = 0; i < 10; i += 1) {
    await before();
    await work();
  }
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  while (performance.now() < until) {
    await before();
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  const mean = times.reduce((sum, each) => sum + each, 0) / times.length;
  times.sort((a, b) => a - b);
  const measurement = {
    name,
    connections: 1,
    requests_per_s: Math.round(1000 / mean),
    p50_ms: quantile(times, 0.5),
    p99_ms: quantile(times, 0.99),
    failures: 0,
  };
  console.log(`${name}: p50 ${measurement.p50_ms} ms, p99 ${measurement.p99_ms} ms`);
  return measurement;
}

/** A post of an author with 10,000 followers who all read, and the worker's steps that push it to each inbox: without the commit, and undone afterwards. */
async function pushed(client: pg.Client, size: string, network: NetworkSize): Promise<Measurement> {
  const author = personId(network.people + READERS * FOLLOW_COUNTS.length + 1);
  // Nobody signed in: the post is written for its author.
  await client.query(
    "select set_config('request.jwt.claims', '', false), set_config('request.jwt.claim.sub', '', false)",
  );
  await client.query(
    `insert into public.feed_state (user_id, complete_since) select f.follower_id, now() from public.follows f where f.followee_id = $1
     on conflict do nothing`,
    [author],
  );
  const before = async () => {
    await client.query('rollback; begin');
    // So many followers are not pushed to but for this.
    await client.query('update public.follows set is_pulled = false where followee_id = $1 and is_pulled', [author]);
  };
  const push = async () => {
    const { rows } = await client.query<{ id: string }>(
      "insert into public.posts (author_id, content) values ($1, 'pushed') returning id",
      [author],
    );
    let after: string | null = null;
    do {
      const step: pg.QueryResult<{ next_after: string | null }> = await client.query(
        'select next_after from app_private.push_post($1, $2, 1000)',
        [rows[0]?.id, after],
      );
      after = step.rows[0]?.next_after ?? null;
    } while (after !== null);
    return rows[0]?.id;
  };
  await before();
  const { rows } = await client.query<{ inboxes: number }>(
    'select count(*)::int as inboxes from public.feed_inbox where post_id = $1',
    [await push()],
  );
  if ((rows[0]?.inboxes ?? 0) < PUSHED_FOLLOWERS) throw new Error(`pushed to ${rows[0]?.inboxes} inboxes only`);
  const measurement = await sample(`${size}: post and push to 10,000`, before, async () => {
    await push();
  });
  await client.query('rollback');
  return measurement;
}

function ratiosOf(size: string): Ratio[] {
  const names = [...FOLLOW_COUNTS.map((follows) => `feed, ${follows} follows`)];
  const pages = ['20 cards by id', 'profile page', 'posts of an author', 'comments page', 'search'];
  return [
    ...names.map((name) => ({
      ...{ name: `${size}: ${name} / 20 posts by key`, by: 'p50_ms' as const },
      of: `${size}: ${name}`,
      against: `${size}: 20 posts by key`,
    })),
    ...names.map((name) => ({
      ...{ name: `${size}: ${name} / 20 cards by id`, by: 'p50_ms' as const },
      of: `${size}: ${name}`,
      against: `${size}: 20 cards by id`,
    })),
    ...[...names, ...pages].map((name) => ({
      ...{ name: `${size}: ${name}, RLS / without`, by: 'p50_ms' as const },
      of: `${size}: ${name}`,
      against: `${size}: ${name}, without RLS`,
    })),
  ];
}
