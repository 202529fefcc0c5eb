import type { Context } from 'hono';
import {
  type OwnProfile,
  privacyPreviewQuery,
  type UpdateProfileRequest,
  updateProfileRequest,
} from '../../contracts/api/users.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { databaseFields } from '../_shared/database-errors.ts';
import type { Sql, Transaction } from '../_shared/db.ts';
import type { Deps } from '../_shared/deps.ts';
import { write } from '../_shared/idempotency.ts';
import { readBody, readQuery } from '../_shared/request.ts';
import type { Claims } from '../_shared/tokens.ts';
import { refuseUsername, usernameStatus } from '../_shared/usernames.ts';
import { findUser } from '../follows/people.ts';

/** GET users/profile */
export async function getOwn(c: Context<AppEnv>, deps: Deps): Promise<OwnProfile> {
  const claims = c.get('claims');
  return ofOne(await deps.db.ask<OwnRow>(claims, OWN, [claims.user_id]));
}

/**
 * PUT users/profile. Throws users.privacy_settings_invalid, users.notification_settings_invalid, users.not_a_business,
 * users.username_taken, users.username_reserved, users.username_invalid, users.username_changed_lately.
 */
export async function putOwn(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readUpdate(c);
  return await write(c, deps, body, async (tx, claims) => ({ status: 200, body: await updateOwn(tx, claims, body) }));
}

const PREVIEW = 'select app_private.privacy_change_preview($1, $2) as preview from app_private.assert_session($1, $3)';

/** GET users/privacy/preview: what going private or public would change. */
export async function previewPrivacy(c: Context<AppEnv>, deps: Deps): Promise<unknown> {
  const { is_private } = readQuery(c, privacyPreviewQuery);
  const { user_id, session_id } = c.get('claims');
  const params = [user_id, is_private === 'true', session_id];
  const [row] = await deps.db.call<{ preview: unknown }>(PREVIEW, params, 'users.privacy_preview');
  return row?.preview;
}

const OWN = `select (public.profile_page($1) - 'relationship') || jsonb_build_object(
    'settings', (
      select jsonb_build_object('email', s.email, 'phone', s.phone, 'privacy_settings', s.privacy_settings,
        'notification_settings', s.notification_settings)
      from public.account_settings s where s.user_id = $1
    ),
    'wallet', (
      select jsonb_build_object('currency', w.currency, 'balance', w.balance, 'pending_balance', w.pending_balance,
        'total_earnings', w.total_earnings, 'linked_accounts', w.linked_accounts)
      from public.wallet w where w.user_id = $1 order by w.currency <> 'USD', w.currency limit 1
    )
  ) as profile`;

interface OwnRow {
  readonly profile: OwnProfile;
}

function ofOne([row]: readonly OwnRow[]): OwnProfile {
  if (row === undefined) throw new AppError('users.not_found');
  return row.profile;
}

/** The settings that have a code of their own when they are wrong, so that a client need not look into `errors`. */
const SETTINGS = {
  'body.privacy_settings': 'users.privacy_settings_invalid',
  'body.notification_settings': 'users.notification_settings_invalid',
} as const;

/** Reads the body; where nothing but settings is wrong, says so by their code. */
async function readUpdate(c: Context<AppEnv>): Promise<UpdateProfileRequest> {
  try {
    return await readBody(c, updateProfileRequest);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'request.invalid' || error.fields === undefined) throw error;
    const { fields } = error;
    const found = Object.entries(SETTINGS).find(([path]) => fields.every((field) => field.path.startsWith(path)));
    throw found === undefined ? error : new AppError(found[1], { fields, cause: error });
  }
}

/** Columns of `profiles` that their owner may set. */
const OWN_COLUMNS = ['username', 'full_name', 'avatar_url', 'bio', 'location', 'website', 'business_info'] as const;

async function updateOwn(tx: Transaction, claims: Claims, body: UpdateProfileRequest): Promise<OwnProfile> {
  const { user_id } = claims;
  const changes: Partial<UpdateProfileRequest> = { ...body };
  if (body.username !== undefined) {
    changes.username = body.username.toLowerCase();
    await refuseNameOfOthers(tx, user_id, changes.username);
  }
  await tx.becomeUser(claims);
  // In this order: a setting may change the profile by a trigger, and who locks both the other way round could wait for themselves.
  await mergeSettings(tx, user_id, body);
  await updateProfile(tx, user_id, changes);
  return ofOne(await tx.query<OwnRow>(OWN, [user_id], 'users.own'));
}

/** One's own username counts as available, so that a form may send back what it was given; so does a former one of one's own. */
async function refuseNameOfOthers(tx: Sql, userId: string, username: string): Promise<void> {
  const status = await usernameStatus(tx, username);
  if (status === 'taken' && (await ownerOf(tx, userId, username)) === userId) return;
  refuseUsername(status);
}

async function ownerOf(tx: Sql, userId: string, username: string): Promise<string | undefined> {
  try {
    return (await findUser(tx, userId, username)).id;
  } catch (error) {
    if (error instanceof AppError && error.code === 'users.not_found') return undefined;
    throw error;
  }
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
