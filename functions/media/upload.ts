import { fileTypeFromBuffer } from 'file-type';
import type { Context } from 'hono';
import { type MediaCard, mediaBucket, mediaCard } from '../../contracts/api/media.ts';
import { AppError, isErrorCode } from '../../contracts/errors.ts';
import { TYPE_SAMPLE_BYTES, takenType } from '../../contracts/media-types.ts';
import type { AppEnv } from '../_shared/app.ts';
import { callAs } from '../_shared/change.ts';
import type { Deps } from '../_shared/deps.ts';
import { write } from '../_shared/idempotency.ts';
import { peek, readForm, streamOf } from './form.ts';
import { askStorage } from './storage.ts';

/**
 * POST media/upload: a form with `bucket` and then `file`, streamed to Storage in the name of the user. The first bytes tell its type, so a
 * wrong one is refused before anything is stored; all else is for the worker, until which nobody else sees it. A repeated
 * Idempotency-Key goes on with the same medium, whether or not its object came through the first time.
 * Throws media.form_invalid, media.type_unsupported, media.too_large, media.quota_exceeded and what the place for it is refused for.
 */
export async function upload(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const form = await readForm(c.req.raw);
  try {
    const bucket = mediaBucket.safeParse(form.fields['bucket']);
    if (!bucket.success) {
      const hint = 'Send `bucket` as avatars, covers, posts or messages, before `file`.';
      throw new AppError('media.form_invalid', { hint });
    }
    const { head, whole } = await peek(form.file, TYPE_SAMPLE_BYTES).catch((cause: unknown) => {
      throw new AppError('media.form_invalid', { cause });
    });
    const mime_type = await typeOf(head);
    if (mime_type === undefined) throw new AppError('media.type_unsupported');
    const announced = Number(c.req.header('content-length') ?? Number.NaN);
    const wanted = { bucket: bucket.data, mime_type, ...(announced > 0 ? { size_bytes: announced } : {}) };
    const started = await write(c, deps, wanted, async (tx, claims) => ({
      status: 201,
      body: await callAs(tx, claims, 'start_media_upload', { p: JSON.stringify(wanted) }),
    }));
    // A refusal goes out as it is.
    if (started.status !== 201) return started;
    const card = mediaCard.parse(await started.json());
    const replayed = started.headers.get('idempotency-replayed') === 'true';
    const done = (replayed ? await finish(c, deps, card.id) : undefined) ?? (await store(c, deps, card, whole));
    return Response.json(done, { status: 201, headers: replayed ? { 'Idempotency-Replayed': 'true' } : {} });
  } finally {
    form.cancel();
  }
}

/** The type of a file by what it begins with, whatever its name says; undefined when it is not taken. */
async function typeOf(head: Uint8Array): Promise<string | undefined> {
  // Sound with a long cover picture before it: its own bytes lie beyond the sample.
  if (head[0] === 0x49 && head[1] === 0x44 && head[2] === 0x33) return 'audio/mpeg';
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  return takenType(found?.mime);
}

/** Streams the object to its place and gives it to the worker. What did not come whole leaves nothing behind. */
async function store(
  c: Context<AppEnv>,
  deps: Deps,
  card: MediaCard,
  whole: AsyncGenerator<Uint8Array>,
): Promise<MediaCard> {
  let broken: unknown;
  const body = streamOf(limited(whole, card.size_bytes), (reason) => {
    broken = reason;
  });
  try {
    const { status, text } = await askStorage(c, deps, {
      method: 'POST',
      path: `/object/${card.bucket}/${card.path}`,
      headers: { 'content-type': card.mime_type, 'cache-control': 'private, max-age=3600', 'x-upsert': 'false' },
      body,
    });
    if (status === 413) throw new AppError('media.too_large');
    if (status === 415) throw new AppError('media.type_unsupported');
    const finished = await finish(c, deps, card.id);
    if (finished !== undefined) return finished;
    throw new AppError('service.storage_unavailable', { cause: new Error(`Storage answered ${status}: ${text}`) });
  } catch (error) {
    await abandon(c, deps, card.id);
    if (broken instanceof AppError) throw broken;
    if (broken !== undefined) throw new AppError('media.form_invalid', { cause: broken });
    throw error;
  }
}

/** No more than there is a place for. Throws media.too_large. */
async function* limited(pieces: AsyncGenerator<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw new AppError('media.too_large');
    yield piece;
  }
}

/** Gives an upload to the worker; undefined when its object is not there. Throws what it was refused for. */
async function finish(c: Context<AppEnv>, deps: Deps, id: string): Promise<MediaCard | undefined> {
  try {
    const claims = c.get('claims');
    const card = await deps.db.asApi(async (tx) =>
      mediaCard.parse(await callAs(tx, claims, 'finish_media_upload', { p_id: id })),
    );
    assertTaken(card);
    return card;
  } catch (error) {
    if (error instanceof Error && 'detail' in error && error.detail === 'media.not_uploaded') return undefined;
    throw error;
  }
}

/** Throws what an upload was refused for. */
function assertTaken(card: MediaCard): void {
  if (card.state === 'refused' && isErrorCode(card.error)) throw new AppError(card.error);
}

async function abandon(c: Context<AppEnv>, deps: Deps, id: string): Promise<void> {
  const claims = c.get('claims');
  await deps.db.asApi((tx) => callAs(tx, claims, 'delete_media', { p_id: id })).catch(() => undefined);
}
