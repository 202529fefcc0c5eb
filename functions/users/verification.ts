import type { Context } from 'hono';
import {
  createVerificationRequest,
  type VerificationRequest,
  verificationParams,
  verificationRequestsQuery,
} from '../../contracts/api/users.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import { type Page, readKeyset } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { write } from '../_shared/idempotency.ts';
import { readBody, readParams, readQuery } from '../_shared/request.ts';

const LIST = 'verification_requests';
const COLUMNS = 'id, user_id, kind, level, statement, evidence_urls, state, decision, created_at, decided_at';

/** POST users/verification-requests. Throws users.verification_open. */
export async function requestVerification(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, createVerificationRequest);
  return await write(c, deps, body, async (tx, claims) => {
    await tx.becomeUser(claims);
    const text = `select ${COLUMNS} from public.request_verification($1)`;
    const [request] = await tx.query<VerificationRequest>(text, [JSON.stringify(body)], 'users.request_verification');
    return { status: 201, body: request };
  });
}

/** GET users/verification-requests */
export async function listVerificationRequests(c: Context<AppEnv>, deps: Deps): Promise<Page<VerificationRequest>> {
  const claims = c.get('claims');
  const query = readQuery(c, verificationRequestsQuery);
  return await readKeyset<VerificationRequest>(
    LIST,
    query,
    (request) => request,
    (count, from) => {
      const text = `select ${COLUMNS} from public.verification_requests where user_id = $1
      ${from === undefined ? '' : 'and (created_at, id) < ($3::timestamptz, $4::uuid)'}
      order by created_at desc, id desc limit $2`;
      const params = [claims.user_id, count, ...(from === undefined ? [] : [from.created_at, from.id])];
      return deps.db.ask<VerificationRequest>(claims, text, params);
    },
  );
}

const WITHDRAW = `update public.verification_requests set state = 'withdrawn' where id = $1 and state = 'open' returning ${COLUMNS}`;

/** DELETE users/verification-requests/:id: takes back what is not decided yet. Throws users.verification_not_found. */
export async function withdrawVerification(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, verificationParams);
  return await write(c, deps, {}, async (tx, claims) => {
    await tx.becomeUser(claims);
    const [request] = await tx.query<VerificationRequest>(WITHDRAW, [id], 'users.withdraw_verification');
    if (request === undefined) throw new AppError('users.verification_not_found');
    return { status: 200, body: request };
  });
}
