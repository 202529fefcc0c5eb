import pg from 'pg';
import { startBenchStack } from './support/bench-stack.ts';
import { type Measurement, quantile } from './support/load.ts';
import { type Ratio, report } from './support/report.ts';
import { FOLLOW_COUNTS, makeNetwork, type NetworkSize, personId, READERS } from './support/social.ts';

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
  readonly before?: string;
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
  const page = await client.query<{ id: string }>(
    'select f.post_id as id from public.posts p, lateral (select p.id as post_id) f order by p.published_at desc limit 20',
  );
  const ids = page.rows.map(({ id }) => id);
  measured.push(await sample(`${size}: 20 posts by key`, async () => undefined, hydrate(client, ids)));
  for (const read of readsOf(network, active, await hotPost(client))) {
    for (const owner of [false, true]) {
      await signIn(client, read.reader, owner);
      const name = `${size}: ${read.name}${owner ? ', without RLS' : ''}`;
      const before = async () => {
        if (read.before !== undefined) await asOwner(client, read.before, [personId(read.reader)], owner, read.reader);
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

function readsOf(network: NetworkSize, active: number, post: string): Read[] {
  const feed = 'select * from public.home_feed(20)';
  const cold =
    'with gone as (delete from public.feed_state where user_id = $1) delete from public.feed_inbox where user_id = $1';
  const readers = FOLLOW_COUNTS.map((follows, i) => ({ follows, reader: network.people + 1 + i * READERS }));
  return [
    ...readers.map(({ follows, reader }) => ({ name: `feed, ${follows} follows`, text: feed, reader })),
    ...readers.map(({ follows, reader }) => ({
      name: `cold feed, ${follows} follows`,
      text: feed,
      reader,
      before: cold,
    })),
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

async function signIn(client: pg.Client, reader: number, asOwner: boolean): Promise<void> {
  const id = personId(reader);
  const claims = JSON.stringify({ sub: id, role: 'authenticated' });
  await client.query(
    "select set_config('request.jwt.claims', $1, false), set_config('request.jwt.claim.sub', $2, false)",
    [claims, id],
  );
  await client.query(asOwner ? 'reset role' : 'set role authenticated');
}

async function asOwner(client: pg.Client, text: string, values: readonly unknown[], owner: boolean, reader: number) {
  await client.query('reset role');
  await client.query(text, [...values]);
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

/** A post of an author with 10,000 followers who all read, written and pushed to every inbox in the worker's steps. */
async function pushed(client: pg.Client, size: string, network: NetworkSize): Promise<Measurement> {
  const author = network.people + READERS * FOLLOW_COUNTS.length + 1;
  await client.query(
    `insert into public.feed_state (user_id, complete_since) select f.follower_id, now() from public.follows f where f.followee_id = $1
     on conflict do nothing`,
    [personId(author)],
  );
  return await sample(
    `${size}: post and push to 10,000`,
    async () => undefined,
    async () => {
      const { rows } = await client.query<{ id: string }>(
        "insert into public.posts (author_id, content) values ($1, 'pushed') returning id",
        [personId(author)],
      );
      let after: string | null = '00000000-0000-0000-0000-000000000000';
      while (after !== null) {
        const step: pg.QueryResult<{ after: string | null }> = await client.query(
          'select app_private.push_post($1, $2, 1000) as after',
          [rows[0]?.id, after],
        );
        after = step.rows[0]?.after ?? null;
      }
    },
  );
}

function ratiosOf(size: string): Ratio[] {
  const names = [...FOLLOW_COUNTS.map((follows) => `feed, ${follows} follows`)];
  const pages = ['profile page', 'posts of an author', 'comments page', 'search'];
  return [
    ...names.map((name) => ({
      ...{ name: `${size}: ${name} / 20 posts by key`, by: 'p50_ms' as const },
      of: `${size}: ${name}`,
      against: `${size}: 20 posts by key`,
    })),
    ...[...names, ...pages].map((name) => ({
      ...{ name: `${size}: ${name}, RLS / without`, by: 'p50_ms' as const },
      of: `${size}: ${name}`,
      against: `${size}: ${name}, without RLS`,
    })),
  ];
}
