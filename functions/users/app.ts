import type { Context } from 'hono';
import { z } from 'zod';
import {
  type OwnProfile,
  type UpdateProfileRequest,
  updateProfileRequest,
  userParams,
} from '../../contracts/api/users.ts';
import { AppError } from '../../contracts/errors.ts';
import { type AppEnv, createDomainApp, type DomainApp } from '../_shared/app.ts';
import { databaseFields } from '../_shared/database-errors.ts';
import type { Sql, Transaction } from '../_shared/db.ts';
import type { Deps } from '../_shared/deps.ts';
import { requireUser } from '../_shared/guards.ts';
import { write } from '../_shared/idempotency.ts';
import { readBody, readParams } from '../_shared/request.ts';
import type { Claims } from '../_shared/tokens.ts';
import { refuseUsername, usernameStatus } from '../_shared/usernames.ts';

/** The `users` function: one's own profile and settings, and the public profile of others. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('users', deps);
  const signedIn = requireUser(deps);

  app.get('/profile', signedIn, async (c) => {
    const claims = c.get('claims');
    return c.json(await deps.db.asUser(claims, (sql) => selectOwn(sql, claims.user_id), 'read'));
  });

  app.put('/profile', signedIn, async (c) => {
    const body = await readBody(c, updateProfileRequest);
    return await write(c, deps, body, async (tx, claims) => {
      return { status: 200, body: await updateOwn(tx, claims, body) };
    });
  });

  app.get('/:id', signedIn, async (c) => c.json(await getUser(deps, c)));

  return app;
}

const PUBLIC_COLUMNS = `p.id, p.username::text, p.full_name, p.avatar_url, p.bio, p.location, p.website, p.is_verified,
  p.verification_level, p.is_business_account, p.business_info, p.created_at, p.updated_at`;

const OWN = `select ${PUBLIC_COLUMNS}, json_build_object('email', s.email, 'phone', s.phone, 'privacy_settings', s.privacy_settings,
    'notification_settings', s.notification_settings) as settings
  from public.profiles p join public.account_settings s on s.user_id = p.id where p.id = $1`;

async function selectOwn(sql: Sql, userId: string): Promise<OwnProfile> {
  const [profile] = await sql.query<OwnProfile>(OWN, [userId], 'users.own');
  if (profile === undefined) throw new AppError('users.not_found');
  return profile;
}

// The operator is named in full: the extension's schema need not be in the search path, and text equality would not use the index.
const USERNAME_IS = 'p.username operator(extensions.=) $1::extensions.citext';

async function getUser(deps: Deps, c: Context<AppEnv>): Promise<object> {
  const { id } = readParams(c, userParams);
  const isId = z.uuid().safeParse(id).success;
  const text = `select ${PUBLIC_COLUMNS} from public.profiles p where ${isId ? 'p.id = $1::uuid' : USERNAME_IS}`;
  const [profile] = await deps.db.asUser(
    c.get('claims'),
    (sql) => sql.query(text, [id], isId ? 'users.by_id' : 'users.by_username'),
    'read',
  );
  if (profile === undefined) throw new AppError('users.not_found');
  return profile;
}

/** Columns of `profiles` that their owner may set. */
const OWN_COLUMNS = ['username', 'full_name', 'avatar_url', 'bio', 'location', 'website', 'business_info'] as const;

async function updateOwn(tx: Transaction, claims: Claims, body: UpdateProfileRequest): Promise<OwnProfile> {
  const { user_id } = claims;
  const changes: Partial<UpdateProfileRequest> = { ...body };
  if (body.username !== undefined) changes.username = body.username.toLowerCase();
  const status = changes.username === undefined ? 'available' : await usernameStatus(tx, changes.username);
  await tx.becomeUser(claims);
  const isOwn = status === 'taken' && changes.username === (await selectOwn(tx, user_id)).username;
  // One's own present username counts as available, so that a form may send back what it was given.
  if (!isOwn) refuseUsername(status);
  await updateProfile(tx, user_id, changes);
  await mergeSettings(tx, user_id, body);
  return await selectOwn(tx, user_id);
}

async function updateProfile(tx: Sql, userId: string, changes: Partial<UpdateProfileRequest>): Promise<void> {
  const columns = OWN_COLUMNS.filter((column) => changes[column] !== undefined);
  if (columns.length === 0) return;
  const assignments = columns.map((column, i) => `${column} = $${i + 2}`).join(', ');
  const values = columns.map((column) => changes[column]);
  try {
    await tx.query(`update public.profiles set ${assignments} where id = $1`, [userId, ...values]);
  } catch (error) {
    if (databaseFields(error)?.code === '23505') throw new AppError('users.username_taken', { cause: error });
    throw error;
  }
}

const MERGE_SETTINGS = `update public.account_settings set privacy_settings = privacy_settings || $2::jsonb,
  notification_settings = notification_settings || $3::jsonb where user_id = $1`;

async function mergeSettings(tx: Sql, userId: string, body: UpdateProfileRequest): Promise<void> {
  const { privacy_settings, notification_settings } = body;
  if (privacy_settings === undefined && notification_settings === undefined) return;
  await tx.query(MERGE_SETTINGS, [
    userId,
    JSON.stringify(privacy_settings ?? {}),
    JSON.stringify(notification_settings ?? {}),
  ]);
}
