import type { Context } from 'hono';
import { type AccountJob, deleteAccountRequest, type ExportState } from '../../contracts/api/accounts.ts';
import { emptyRequest } from '../../contracts/api/common.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv, DomainApp } from '../_shared/app.ts';
import type { Page } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { limit, requireUser } from '../_shared/guards.ts';
import { write } from '../_shared/idempotency.ts';
import { readBody } from '../_shared/request.ts';
import { signedUrl } from '../_shared/storage.ts';
import type { Claims } from '../_shared/tokens.ts';
import { AuthUpstream, sessionAnswer } from '../auth/upstream.ts';

/** Adds what people may have done with all that is theirs: an export, and the deletion of the account. */
export function addAccountRoutes(app: DomainApp, deps: Deps): void {
  const signedIn = requireUser(deps);
  app.post('/export', signedIn, async (c) => {
    await readBody(c, emptyRequest);
    return await queue(c, deps, 'select app_private.request_export($1) as job', 202);
  });
  app.get('/export', signedIn, async (c) => c.json(await newestExport(deps, c.get('claims'))));
  app.delete('/account', signedIn, (c) => deleteAccount(c, deps));
  app.post('/account/restore', signedIn, async (c) => {
    await readBody(c, emptyRequest);
    return await queue(c, deps, 'select app_private.cancel_deletion($1) as job', 200);
  });
  app.get('/account/jobs', signedIn, async (c) => c.json(await listJobs(deps, c.get('claims'))));
}

/** Runs one statement that gives a job. No body: a password must not be kept, not even as a hash of the request. */
function queue(c: Context<AppEnv>, deps: Deps, text: string, status: number): Promise<Response> {
  return write(c, deps, {}, async (tx, claims) => {
    const [row] = await tx.query<{ job: AccountJob }>(text, [claims.user_id]);
    return { status, body: row?.job };
  });
}

const COLUMNS = 'id, kind, state, run_after, reason, expires_at, created_at, finished_at';
const JOBS = `select ${COLUMNS} from public.account_jobs where user_id = $1 order by created_at desc, id desc limit 100`;
const NEWEST_EXPORT = `select ${COLUMNS} from public.account_jobs
  where user_id = $1 and kind = 'export' order by created_at desc, id desc limit 1`;

async function listJobs(deps: Deps, claims: Claims): Promise<Page<AccountJob>> {
  return { data: await deps.db.ask<AccountJob>(claims, JOBS, [claims.user_id]), next_cursor: null };
}

/** How long an address of the file works: enough to begin the download, too short to be worth passing on. */
const DOWNLOAD_S = 300;

async function newestExport(deps: Deps, claims: Claims): Promise<ExportState> {
  const [job] = await deps.db.ask<AccountJob>(claims, NEWEST_EXPORT, [claims.user_id]);
  if (job === undefined) throw new AppError('users.export_not_found');
  const now_ms = deps.clock();
  const left_s = job.expires_at === null ? 0 : Math.floor((Date.parse(job.expires_at) - now_ms) / 1000);
  const expires_in_s = Math.min(DOWNLOAD_S, left_s);
  if (job.state !== 'done' || expires_in_s <= 0) return { ...job, download_url: null, download_expires_at: null };
  const path = `${claims.user_id}/${job.id}.json`;
  return {
    ...job,
    download_url: await signedUrl(deps, { bucket: 'exports', path, expires_in_s }),
    download_expires_at: new Date(now_ms + expires_in_s * 1000).toISOString(),
  };
}

async function deleteAccount(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { password } = await readBody(c, deleteAccountRequest);
  if (password === undefined) await assertFresh(deps, c.get('claims'));
  else await assertPassword(c, deps, password);
  return await queue(c, deps, 'select app_private.request_deletion($1) as job', 202);
}

/** Throws users.proof_required unless this session began a few minutes ago. */
async function assertFresh(deps: Deps, { user_id, session_id }: Claims): Promise<void> {
  const text = 'select app_private.is_fresh_session($1, $2) as fresh';
  const [row] = await deps.db.call<{ fresh: boolean }>(text, [user_id, session_id]);
  if (row?.fresh !== true) throw new AppError('users.proof_required');
}

/** Throws auth.invalid_credentials, users.proof_required for somebody without an email address, rate_limit.exceeded. */
async function assertPassword(c: Context<AppEnv>, deps: Deps, password: string): Promise<void> {
  const claims = c.get('claims');
  const text = 'select email from public.account_settings where user_id = $1';
  const [settings] = await deps.db.ask<{ email: string | null }>(claims, text, [claims.user_id]);
  const email = settings?.email;
  if (email === undefined || email === null) throw new AppError('users.proof_required');
  await limit(deps, c, 'login', email);
  const upstream = new AuthUpstream(deps, { ip: c.get('ip'), user_agent: c.req.header('user-agent') });
  const call = { method: 'POST', path: '/token?grant_type=password', body: { email, password } } as const;
  const { access_token, user } = await upstream.call(call, sessionAnswer);
  const session = await deps.tokens.verify(access_token);
  // Auth knows no way to check a password but a sign-in; nobody needs its session.
  const end = 'select app_private.revoke_session($1, $2)';
  if (session !== undefined) await deps.db.call(end, [session.user_id, session.session_id]);
  if (user.id !== claims.user_id) throw new AppError('auth.invalid_credentials');
}
