import type { Context } from 'hono';
import type { z } from 'zod';
import { type MediaCard, mediaFileParams, type mediaList, mediaParams, mediaQuery } from '../../contracts/api/media.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { readParams, readQuery } from '../_shared/request.ts';
import { readRows } from '../_shared/rows.ts';
import { signedUrls } from './storage.ts';

/** How long an address of a file is good. Who is blocked or removed gets no new one. */
const SIGNED_FOR_S = 3_600;
/** A browser may follow its own redirect again meanwhile. */
const REDIRECT_FOR_S = 300;

/** GET media: those that the caller sees; others are left out. Throws service.storage_unavailable. */
export async function listMedia(c: Context<AppEnv>, deps: Deps): Promise<z.infer<typeof mediaList>> {
  const { ids } = readQuery(c, mediaQuery);
  return { data: await withUrls(c, deps, await visible(c, deps, ids)) };
}

/** GET media/:id. Throws media.not_found, service.storage_unavailable. */
export async function getMedia(c: Context<AppEnv>, deps: Deps): Promise<MediaCard> {
  const { id } = readParams(c, mediaParams);
  const [card] = await withUrls(c, deps, await visible(c, deps, [id]));
  if (card === undefined) throw new AppError('media.not_found');
  return card;
}

/** GET media/:id/:name: what an `<img>` can point at. Throws media.not_found, service.storage_unavailable. */
export async function sendToFile(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const { id, name } = readParams(c, mediaFileParams);
  const [card] = await visible(c, deps, [id]);
  const file = card?.files.find((one) => one.name === name);
  if (card === undefined || file === undefined) throw new AppError('media.not_found');
  const urls = await signedUrls(c, deps, { bucket: card.bucket, paths: [file.path], expires_in_s: SIGNED_FOR_S });
  const url = urls.get(file.path);
  if (url === undefined) throw new AppError('media.not_found');
  return new Response(null, {
    status: 302,
    // Who asks decides what is found.
    headers: { location: url, 'cache-control': `private, max-age=${REDIRECT_FOR_S}`, vary: 'authorization' },
  });
}

/** GET media/usage */
export async function getUsage(c: Context<AppEnv>, deps: Deps): Promise<unknown> {
  const [row] = await readRows<unknown>(c, deps, 'media_usage', {});
  return row;
}

function visible(c: Context<AppEnv>, deps: Deps, ids: readonly string[]): Promise<MediaCard[]> {
  return readRows<MediaCard>(c, deps, 'media_details', { p_ids: [...ids] });
}

/** The same cards with an address for each file, asked for bucket by bucket. */
async function withUrls(c: Context<AppEnv>, deps: Deps, cards: readonly MediaCard[]): Promise<MediaCard[]> {
  const ready = cards.filter(({ files }) => files.length > 0);
  const urls = new Map<string, string>();
  for (const [bucket, ofBucket] of Map.groupBy(ready, (card) => card.bucket)) {
    const paths = ofBucket.flatMap(({ files }) => files.map(({ path }) => path));
    for (const [path, url] of await signedUrls(c, deps, { bucket, paths, expires_in_s: SIGNED_FOR_S }))
      urls.set(path, url);
  }
  return cards.map((card) => ({
    ...card,
    files: card.files.map((file) => {
      const url = urls.get(file.path);
      return url === undefined ? file : { ...file, url };
    }),
  }));
}
