import type { Context } from 'hono';
import { z } from 'zod';
import { emptyRequest } from '../../contracts/api/common.ts';
import { mediaCard, mediaParams, startUploadRequest } from '../../contracts/api/media.ts';
import type { AppEnv } from '../_shared/app.ts';
import { callAs, change } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { write } from '../_shared/idempotency.ts';
import { readBody, readParams } from '../_shared/request.ts';
import { askStorage, parsed } from './storage.ts';

/** For so long Storage lets an address for an upload be used. */
const UPLOAD_FOR_S = 7_200;

const signedUpload = z.looseObject({ url: z.string().startsWith('/') });

/**
 * POST media/uploads: a place for a large file, and an address to which it is put straight.
 * Throws media.type_unsupported, media.too_large, media.quota_exceeded, media.too_many_uploads, service.storage_unavailable.
 */
export async function startUpload(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, startUploadRequest);
  const started = await write(c, deps, body, async (tx, claims) => ({
    status: 201,
    body: await callAs(tx, claims, 'start_media_upload', { p: JSON.stringify(body) }),
  }));
  if (started.status !== 201) return started;
  const card = mediaCard.parse(await started.json());
  const answer = await askStorage(c, deps, { method: 'POST', path: `/object/upload/sign/${card.bucket}/${card.path}` });
  const url = new URL(`${deps.config.public_url}/storage/v1${parsed(signedUpload, answer).url}`);
  const upload = { url: url.href, token: url.searchParams.get('token') ?? '', expires_in_s: UPLOAD_FOR_S };
  const replayed = started.headers.get('idempotency-replayed') === 'true';
  return Response.json(
    { ...card, upload },
    { status: 201, headers: replayed ? { 'Idempotency-Replayed': 'true' } : {} },
  );
}

/** POST media/:id/finish. Throws media.not_found, media.not_uploaded, media.too_large, media.quota_exceeded. */
export async function finishUpload(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, mediaParams);
  const body = await readBody(c, emptyRequest);
  return await write(c, deps, body, async (tx, claims) => {
    const card = mediaCard.parse(await callAs(tx, claims, 'finish_media_upload', { p_id: id }));
    return { status: 200, body: card };
  });
}

/** DELETE media/:id. Throws media.not_found, media.in_use. */
export async function deleteMedia(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id } = readParams(c, mediaParams);
  const body = await readBody(c, emptyRequest);
  return await change(c, deps, body, 'delete_media', { p_id: id });
}
