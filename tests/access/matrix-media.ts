import type { Person, TestConnection } from '../support/database.ts';
import type { TableRule } from './matrix.ts';

const CLOSED = { allowed: {} } as const;

export const MEDIA_TABLES: Readonly<Record<string, TableRule>> = {
  'public.media': {
    ownRow: 'owner_id = $1',
    set: 'state = state',
    allowed: { owner: { select: 'rows' }, other: { select: 'none' }, service_role: { select: 'rows' } },
  },
  'app_private.media_refs': {
    ownRow: 'media_id in (select m.id from public.media m where m.owner_id = $1)',
    set: 'part = part',
    ...CLOSED,
  },
  'app_private.media_deletions': { ownRow: 'owner_id = $1', set: 'attempts = attempts', ...CLOSED },
  'app_private.media_quotas': { ownRow: 'user_id = $1', set: 'quota_bytes = quota_bytes', ...CLOSED },
  'app_private.media_rules': { ownRow: 'true', set: 'quota_bytes = quota_bytes', ...CLOSED },
  'app_private.media_worker': { ownRow: 'true', set: 'seen_at = seen_at', ...CLOSED },
};

const PEOPLE = ['authenticated'] as const;
const PUBLIC_READS = ['anon', 'authenticated'] as const;
const OF_THE_WORKER = [
  ...['adopt_media', 'claim_media', 'claim_media_deletions', 'finish_media', 'finish_media_deletion', 'media_objects'],
  ...['refuse_media', 'retry_media', 'retry_media_deletion', 'sweep_media', 'sweep_strays'],
  ...['tell_media_worker'],
];

export const MEDIA_EXECUTE: Readonly<
  Record<string, readonly ('anon' | 'authenticated' | 'service_role' | 'astra_worker')[]>
> = {
  'app_hidden.are_media': ['authenticated', 'service_role'],
  'app_hidden.may_fetch_media': PUBLIC_READS,
  'app_hidden.may_upload_media': PEOPLE,
  'public.delete_media': PEOPLE,
  'public.finish_media_upload': PEOPLE,
  'public.media_details': PUBLIC_READS,
  'public.media_usage': PEOPLE,
  'public.start_media_upload': PEOPLE,
  ...Object.fromEntries(OF_THE_WORKER.map((name) => [`app_private.${name}`, ['astra_worker'] as const])),
};

/** A medium of the owner that their profile shows, and what else is kept for media. */
export async function withMediaAround(db: TestConnection, owner: Person): Promise<void> {
  const { id } = await db.one<{ id: string }>(
    `insert into public.media (owner_id, bucket, kind, state, mime_type, size_bytes)
     values ($1, 'avatars', 'image', 'ready', 'image/webp', 1) returning id`,
    [owner.id],
  );
  await db.query('update public.profiles set avatar_url = $2 where id = $1', [owner.id, `media:${id}`]);
  await db.query('insert into app_private.media_quotas (user_id, quota_bytes) values ($1, 1)', [owner.id]);
  await db.query(
    `insert into app_private.media_deletions (media_id, owner_id, bucket, reason) values (gen_random_uuid(), $1, 'posts', 'owner')`,
    [owner.id],
  );
}
