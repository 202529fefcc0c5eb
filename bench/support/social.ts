import pg from 'pg';

/** How large a network is made. */
export interface NetworkSize {
  readonly people: number;
  readonly posts: number;
  readonly follows: number;
}

/** Readers with exactly so many follows, `READERS` of each. */
export const FOLLOW_COUNTS = [20, 200, 2_000, 10_000] as const;
export const READERS = 20;
/** Followers of the author whose posts are pushed in the run. */
export const PUSHED_FOLLOWERS = 10_000;

/** The id of the n-th person; readers and the pushed author come after all others. */
export const personId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const PERSON = (n: string) => `('00000000-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;

/**
 * A network with the skew of real ones: a few authors have very many followers, and most posts are new. Written in bulk past the
 * triggers, which would tell the worker of each row; counts and flags are then set to what the triggers would have made of them.
 */
export async function makeNetwork(adminUrl: string, size: NetworkSize): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(
      "set session_replication_role = replica; set work_mem = '256MB'; set maintenance_work_mem = '512MB'",
    );
    const [empty, ...others] = statements(size);
    await run(client, empty as Statement);
    const indexes = await dropIndexes(client);
    for (const statement of others) await run(client, statement);
    await run(client, ['indexes', indexes.join('; '), []]);
    // By what they are told here the planner goes, and the counts read whole tables.
    await run(client, ['statistics', 'analyze', []]);
    for (const statement of COUNTS) await run(client, statement);
    await run(client, ['vacuum', 'vacuum (analyze)', []]);
  } finally {
    await client.end();
  }
}

async function run(client: pg.Client, [what, text, values]: Statement): Promise<void> {
  const startedAt = performance.now();
  await (values.length > 0 ? client.query(text, [...values]) : client.query(text));
  console.log(`  ${what} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}

/** Millions of rows are in sooner when the indexes are built afterwards. Keys stay; gives what makes the others again. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     where i.indrelid = any ('{public.profiles,public.follows,public.posts,public.post_likes,public.comments}'::regclass[]) and not i.indisunique`,
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition);
}

type Statement = readonly [what: string, text: string, values: readonly number[]];

function statements({ people, posts, follows }: NetworkSize): Statement[] {
  const readers = READERS * FOLLOW_COUNTS.length;
  const all = people + readers + 1;
  const extra = Math.max(0, PUSHED_FOLLOWERS - all + 1);
  return [
    [
      'empty',
      `truncate auth.users, public.profiles, public.account_settings, public.profile_counts, public.follows, public.posts, public.post_counts, public.comments, public.post_likes,
         public.feed_inbox, public.feed_state, app_private.large_authors, app_private.outbox_events cascade`,
      [],
    ],
    [
      'people',
      `with made as (
         insert into auth.users (id, email) select ${PERSON('n')}, n || '@example.com' from generate_series(1, $1::int) n returning id
       ), profiles as (
         insert into public.profiles (id, username, full_name)
         select ${PERSON('n')}, 'bench' || n,
           (array['Ana','Ben','Carla','David','Elena','Finn','Greta','Hugo','Ines','Jonas'])[1 + n % 10] || ' ' ||
           (array['Sommer','Rossi','Novak','Silva','Kaya','Meyer','Dubois','Costa','Berg','Popov'])[1 + (n / 10) % 10] || ' ' || md5(n::text)
         from generate_series(1, $1::int) n
       )
       insert into public.account_settings (user_id) select ${PERSON('n')} from generate_series(1, $1::int) n`,
      [all + extra],
    ],
    [
      'follows',
      // Some are drawn twice, the more the fewer people there are.
      `insert into public.follows (follower_id, followee_id, created_at)
       select ${PERSON('a')}, ${PERSON('b')}, now() - random() * interval '1 year'
       from (
         select a, b from (
           select distinct 1 + floor(random() * $1::int)::int as a, 1 + floor(power(random(), 3) * $1::int)::int as b
           from generate_series(1, $2::int * 3 / 2)
         ) d
         where a <> b order by random() limit $2::int
       ) f
       order by a, b`,
      [people, follows],
    ],
    ...FOLLOW_COUNTS.map((count, i): Statement => {
      const first = people + i * READERS;
      // Whom a person with many follows follows is nearly everybody; with few, mostly the famous.
      const skew = count * 3 > people ? 1 : 2;
      return [
        `readers with ${count} follows`,
        `insert into public.follows (follower_id, followee_id)
         select ${PERSON('$1::int + r')}, ${PERSON('b')}
         from generate_series(1, ${READERS}) r, lateral (
           select b from (
             -- r * 0: other people for each reader
             select distinct 1 + floor(power(random(), ${skew}) * $3::int)::int + r * 0 as b from generate_series(1, $2::int * 20)
           ) x order by random() limit $2::int
         ) f`,
        [first, count, people],
      ];
    }),
    [
      'followers of the pushed author',
      `insert into public.follows (follower_id, followee_id)
       select ${PERSON('n')}, ${PERSON('$1::int')} from generate_series(1, $2::int + 1) n where n <> $1::int limit $2::int`,
      [people + readers + 1, PUSHED_FOLLOWERS],
    ],
    [
      'posts',
      // In the order of time and with ids that begin with it, as they are written in life.
      `insert into public.posts (id, author_id, content, media_urls, type, published_at, created_at)
       select (lpad(to_hex(floor(extract(epoch from t) * 1000)::bigint), 12, '0') || '-7' || substr(gen_random_uuid()::text, 16))::uuid,
         ${PERSON('1 + floor(power(random(), 2) * $1::int)::int')}, 'Post ' || n || ' ' || repeat(md5(n::text), 3),
         case when n % 3 = 0 then array['https://media.example.com/' || md5(n::text) || '.jpg'] else '{}' end,
         case when n % 3 = 0 then 'image' else 'text' end, t, t
       from (select n, now() - power(random(), 2) * interval '120 days' as t from generate_series(1, $2::int) n order by t) p`,
      [people, posts],
    ],
    [
      'likes',
      // length: as many anew for each post
      `insert into public.post_likes (post_id, user_id, created_at)
       select p.id, ${PERSON('1 + floor(random() * $1::int)::int')}, p.published_at
       from public.posts p, generate_series(1, (random() * 2)::int + length(p.type) * 0) on conflict do nothing`,
      [people],
    ],
    [
      'comments',
      `insert into public.comments (id, post_id, author_id, content, created_at)
       select gen_random_uuid(), (select id from public.posts order by published_at desc, id desc limit 1),
         ${PERSON('1 + floor(random() * $1::int)::int')}, 'Comment ' || n, now() - n * interval '1 second'
       from generate_series(1, 10000) n`,
      [people],
    ],
  ];
}

/** What the triggers and the worker would have written down. */
const COUNTS: readonly Statement[] = [
  [
    'cards of authors',
    `insert into app_private.author_cards (user_id, card, is_private)
     select p.id, jsonb_build_object('id', p.id, 'username', p.username::text, 'full_name', p.full_name, 'avatar_url', p.avatar_url,
       'is_verified', p.is_verified, 'verification_level', p.verification_level), p.is_private from public.profiles p`,
    [],
  ],
  [
    'counts of posts',
    `insert into public.post_counts (post_id, likes_count, comments_count)
     select p.id, coalesce(l.n, 0), coalesce(c.n, 0) from public.posts p
     left join (select post_id, count(*) as n from public.post_likes group by 1) l on l.post_id = p.id
     left join (select post_id, count(*) as n from public.comments group by 1) c on c.post_id = p.id
     order by p.id`,
    [],
  ],
  [
    'counts of people',
    `insert into public.profile_counts (user_id, followers_count, following_count, posts_count)
     select p.id, coalesce(a.n, 0), coalesce(b.n, 0), coalesce(c.n, 0) from public.profiles p
     left join (select followee_id as id, count(*) as n from public.follows group by 1) a on a.id = p.id
     left join (select follower_id as id, count(*) as n from public.follows group by 1) b on b.id = p.id
     left join (select author_id as id, count(*) as n from public.posts group by 1) c on c.id = p.id`,
    [],
  ],
  [
    'large authors',
    `with large as (
       insert into app_private.large_authors (author_id) select c.user_id from public.profile_counts c where c.followers_count > 5000 returning author_id
     )
     update public.follows f set is_pulled = true from large l where f.followee_id = l.author_id`,
    [],
  ],
];
