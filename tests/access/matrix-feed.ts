import type { Person, TestConnection } from '../support/database.ts';
import type { TableRule } from './matrix.ts';

const OWN_EYES = { owner: { select: 'rows' }, other: { select: 'none' }, service_role: { select: 'rows' } } as const;
const SERVICE = { service_role: { select: 'rows' } } as const;
const EVERYBODY = {
  anon: { select: 'rows' },
  owner: { select: 'rows' },
  other: { select: 'rows' },
  service_role: { select: 'rows' },
} as const;

export const FEED_TABLES: Readonly<Record<string, TableRule>> = {
  'public.feed_inbox': { ownRow: 'user_id = $1', set: 'post_id = post_id', allowed: SERVICE },
  'public.feed_state': { ownRow: 'user_id = $1', set: 'read_at = read_at', allowed: OWN_EYES },
  'public.trending_tags': { ownRow: "tag = 'matrix'", set: 'rank = rank', allowed: EVERYBODY },
  'app_private.feed_tasks': { ownRow: 'author_id = $1', set: 'attempts = 0', allowed: {} },
  'app_private.pulled_posts': { ownRow: 'author_id = $1', set: 'post_id = post_id', allowed: {} },
  'app_private.large_authors': { ownRow: 'author_id = $1', set: 'since = since', allowed: {} },
};

const PEOPLE = ['authenticated'] as const;
const WORKER = ['astra_worker'] as const;

export const FEED_EXECUTE: Readonly<Record<string, readonly ('authenticated' | 'astra_worker')[]>> = {
  'public.home_feed': PEOPLE,
  'public.feed_cards': PEOPLE,
  'app_private.work_feed': WORKER,
  'app_private.settle_feeds': WORKER,
  'app_private.resize_authors': WORKER,
  'app_private.trim_inboxes': WORKER,
  'app_private.prune_feeds': WORKER,
  'app_private.feed_stats': WORKER,
  'app_private.refresh_trending': WORKER,
  'app_private.fold_counts': WORKER,
};

/** An inbox of the owner, who is a large author too, and a tag that is trending. */
export async function withFeedAround(db: TestConnection, owner: Person): Promise<void> {
  await db.query("insert into public.feed_state (user_id, complete_since) values ($1, '-infinity')", [owner.id]);
  await db.query(
    'insert into public.feed_inbox (user_id, author_id, post_id, published_at) values ($1, $1, gen_random_uuid(), now())',
    [owner.id],
  );
  await db.query(
    'insert into app_private.pulled_posts (author_id, post_id, published_at) values ($1, gen_random_uuid(), now())',
    [owner.id],
  );
  await db.query('insert into app_private.large_authors (author_id) values ($1)', [owner.id]);
  await db.query(
    "insert into app_private.feed_tasks (kind, author_id, post_id) values ('push', $1, gen_random_uuid())",
    [owner.id],
  );
  await db.query(
    `insert into public.trending_tags (period, rank, tag, posts_count, people_count) values ('hour', 1000, 'matrix', 1, 1)
     on conflict do nothing`,
  );
}
