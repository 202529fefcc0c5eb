import { stat } from 'node:fs/promises';
import { encode } from 'blurhash';
import sharp, { type Sharp } from 'sharp';
import type { MadeFile, PictureName, Pictures } from './made.ts';
import { Refused } from './refused.ts';

/** Longest sides, in pixels. */
const SIDES: Readonly<Record<PictureName, number>> = { thumbnail: 320, feed: 1_080, poster: 1_280, full: 2_048 };
const QUALITY = 82;
const BLUR_SIDE = 32;
/** What takes longer was made to. */
const SECONDS = 60;

// Loaders of other formats (SVG, PDF, TIFF, scripts of ImageMagick) have no business here, whatever a file pretends to be.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    ...['VipsForeignLoadJpegFile', 'VipsForeignLoadPngFile', 'VipsForeignLoadWebpFile'],
    ...['VipsForeignLoadNsgifFile', 'VipsForeignLoadHeifFile'],
  ],
});
sharp.cache(false);
sharp.concurrency(1);

/**
 * Draws a picture anew in several sizes, as WebP without any metadata: where and with what it was taken does not come along, and neither does
 * anything that was hidden in the file. Moving ones move in `feed` and `full`.
 * Throws Refused: media.too_many_pixels, media.broken.
 */
export async function drawAnew(
  source: string,
  names: readonly PictureName[],
  { folder, maxPixels }: { readonly folder: string; readonly maxPixels: number },
): Promise<Pictures> {
  const load = (animated: boolean): Sharp =>
    sharp(source, { animated, limitInputPixels: maxPixels, failOn: 'error' }).timeout({ seconds: SECONDS });
  try {
    const { pages = 1 } = await load(false).metadata();
    const files: MadeFile[] = [];
    for (const name of names) {
      const moves = pages > 1 && (name === 'feed' || name === 'full');
      files.push(await draw(load(moves), name, `${folder}/${name}.webp`));
    }
    return { files, blurhash: await blurhashOf(load(false)) };
  } catch (error) {
    if (error instanceof Error && /pixel limit/i.test(error.message)) throw new Refused('media.too_many_pixels', error);
    throw new Refused('media.broken', error);
  }
}

async function draw(picture: Sharp, name: PictureName, file: string): Promise<MadeFile> {
  const side = SIDES[name];
  const info = await picture
    .autoOrient()
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: QUALITY })
    .toFile(file);
  const { size } = await stat(file);
  return {
    ...{ name, file, mime_type: 'image/webp', size_bytes: size, width: info.width },
    height: info.pageHeight ?? info.height,
  };
}

async function blurhashOf(picture: Sharp): Promise<string> {
  const { data, info } = await picture
    .autoOrient()
    .resize({ width: BLUR_SIDE, height: BLUR_SIDE, fit: 'inside' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return encode(new Uint8ClampedArray(data), info.width, info.height, 4, 3);
}
