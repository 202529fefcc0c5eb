import type { Redis } from 'ioredis';

/** A change to the cache. Applying one twice, or a newer one before an older one, ends in the same cache. */
export type CacheChange =
  | {
      readonly kind: 'profile';
      readonly user_id: string;
      /** ISO, microseconds: an entry is overwritten only by a newer one. */
      readonly updated_at: string;
      readonly profile: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'user_deleted'; readonly user_id: string; readonly deleted_at: string }
  | { readonly kind: 'wallet_activity'; readonly user_id: string; readonly created_at: string; readonly entry: string }
  | { readonly kind: 'session_revoked'; readonly session_id: string }
  /** Pages of these people's feeds are out of date. */
  | { readonly kind: 'feed_changed'; readonly user_ids: readonly string[] };

export interface CacheLifetimes {
  readonly profileTtl_ms: number;
  readonly accessToken_ms: number;
}

const ACTIVITY_KEPT = 50;
const WEEK_MS = 7 * 86_400_000;

/**
 * KEYS[1] profile; ARGV: its JSON, the time of the change in microseconds, the time to live in ms. Events of one profile
 * may arrive in any order (retries, several workers), so the older one loses.
 */
export const STORE_IF_NEWER = `
local stored = redis.call('get', KEYS[1])
if stored then
  local readable, entry = pcall(cjson.decode, stored)
  if readable and type(entry) == 'table' and tonumber(entry.updated_us) and tonumber(entry.updated_us) > tonumber(ARGV[2]) then
    return 0
  end
end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`;

type Pipeline = ReturnType<Redis['pipeline']>;

/** Queues what one change means in Redis commands. */
export function queueChange(pipeline: Pipeline, change: CacheChange, lifetimes: CacheLifetimes): void {
  switch (change.kind) {
    case 'profile':
      queueProfile(pipeline, change.user_id, change.profile, change.updated_at, lifetimes.profileTtl_ms);
      return;
    case 'user_deleted':
      // A mark instead of nothing: a late update must not bring the profile back.
      queueProfile(pipeline, change.user_id, { user_id: change.user_id, deleted: true }, change.deleted_at, WEEK_MS);
      pipeline.unlink(activityKey(change.user_id));
      return;
    case 'wallet_activity': {
      const key = activityKey(change.user_id);
      pipeline.zadd(key, microseconds(change.created_at), change.entry);
      pipeline.zremrangebyrank(key, 0, -ACTIVITY_KEPT - 1);
      pipeline.pexpire(key, WEEK_MS);
      return;
    }
    case 'session_revoked':
      pipeline.set(`session:revoked:${change.session_id}`, '1', 'PX', lifetimes.accessToken_ms);
      return;
    case 'feed_changed':
      if (change.user_ids.length > 0) pipeline.unlink(...change.user_ids.map(feedKey));
      return;
  }
}

function queueProfile(
  pipeline: Pipeline,
  user_id: string,
  profile: Readonly<Record<string, unknown>>,
  updated_at: string,
  ttl_ms: number,
): void {
  const updated_us = microseconds(updated_at);
  const json = JSON.stringify({ ...profile, updated_us });
  pipeline.eval(STORE_IF_NEWER, 1, profileKey(user_id), json, updated_us, ttl_ms);
}

export const profileKey = (user_id: string): string => `profile:${user_id}`;
/** Pages of one feed, which the posts function keeps for seconds (functions/posts/feed-cache.ts). */
export const feedKey = (user_id: string): string => `feed:${user_id}`;
export const activityKey = (user_id: string): string => `wallet:activity:${user_id}`;

/** Postgres' six decimals survive: a Date would cut them to three. Exact in a double until the year 2255. */
export function microseconds(iso: string): number {
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? '';
  const wholeSeconds_ms = Date.parse(iso.replace(/\.\d+/, ''));
  return wholeSeconds_ms * 1_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}
