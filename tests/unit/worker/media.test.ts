import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspect } from '../../../worker/media/inspect.ts';
import { drawAnew } from '../../../worker/media/pictures.ts';
import { findFfmpeg } from '../../../worker/media/recordings.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'astra-unit-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function written(...parts: readonly Uint8Array[]): Promise<string> {
  const file = join(folder, 'original');
  await writeFile(file, Buffer.concat(parts));
  return file;
}

const picture = (format: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif') =>
  sharp({ create: { width: 400, height: 300, channels: 3, background: 'teal' } })
    [format]()
    .toBuffer();

test.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('%s is drawn anew as WebP', async (format) => {
  const file = await written(await picture(format));
  expect(await inspect(file)).toBe(`image/${format}`);
  const { files, blurhash } = await drawAnew(file, ['thumbnail', 'full'], { folder, maxPixels: 1_000_000 });
  expect(files.map(({ name, mime_type, width, height }) => [name, mime_type, width, height])).toEqual([
    ['thumbnail', 'image/webp', 320, 240],
    ['full', 'image/webp', 400, 300],
  ]);
  expect(blurhash.length).toBeGreaterThan(10);
});

test('a moving picture moves in full and stands still as a thumbnail', async () => {
  const frames = [...'rgb'].map((_, n) => ({
    input: { create: { width: 40, height: 30, channels: 3 as const, background: ['red', 'green', 'blue'][n] ?? '' } },
    ...{ left: 0, top: n * 30 },
  }));
  const strip = await sharp({ create: { width: 40, height: 90, channels: 3, background: 'white' } })
    .composite(frames)
    .raw()
    .toBuffer();
  const gif = await sharp(strip, { raw: { width: 40, height: 90, channels: 3, pageHeight: 30 } })
    .gif()
    .toBuffer();
  const { files } = await drawAnew(await written(gif), ['thumbnail', 'full'], { folder, maxPixels: 1_000_000 });
  const pages = await Promise.all(files.map(async ({ file }) => (await sharp(file).metadata()).pages ?? 1));
  expect(pages).toEqual([1, 3]);
  expect(files[1]).toMatchObject({ width: 40, height: 30 });
});

test('pictures behind a picture are taken, as telephones write them', async () => {
  const video = Buffer.from('0000001c6674797069736f6d', 'hex');
  expect(await inspect(await written(await picture('jpeg'), video, await picture('jpeg')))).toBe('image/jpeg');
});

test.each([
  ['a page', '<HTML>'],
  ['a script', 'GIF;<script src=x>'],
  ['a program of a server', '<?php system(1);'],
  ['an archive', 'Rar!\x1a\x07'],
])('%s behind a picture is found (media.polyglot)', async (_what, hidden) => {
  const file = await written(await picture('png'), Buffer.alloc(1024 * 1024 - 200), Buffer.from(hidden, 'latin1'));
  await expect(inspect(file)).rejects.toMatchObject({ code: 'media.polyglot' });
});

test.each([
  ['a drawing', '<svg onload=alert(1)>'],
  ['a program of a server, at the end,', '<?php'],
])('%s is found on the border of two pieces (media.polyglot)', async (_what, hidden) => {
  const head = await picture('png');
  const before = Buffer.alloc(1024 * 1024 - head.length - 3);
  await expect(inspect(await written(head, before, Buffer.from(hidden)))).rejects.toMatchObject({
    code: 'media.polyglot',
  });
});

test.each(['<svg', '<sVg>\x00', '<HTML/abc\xff', '<?php\n\x81'])(
  'bytes that come up by chance are none: %j',
  async (bytes) => {
    const noise = [Buffer.from(bytes, 'latin1'), Buffer.alloc(64, 0x9c)];
    expect(await inspect(await written(await picture('jpeg'), ...noise))).toBe('image/jpeg');
  },
);

test.each(['<svg xmlns="http://www.w3.org/2000/svg"/>', '%!PS', 'id=x', ''])('%s is no picture', async (text) => {
  const file = await written(Buffer.from(text));
  await expect(inspect(file)).rejects.toMatchObject({ code: 'media.type_unsupported' });
  await expect(drawAnew(file, ['full'], { folder, maxPixels: 1_000_000 })).rejects.toMatchObject({
    code: 'media.broken',
  });
});

test('more pixels than allowed are refused, few as they are (media.too_many_pixels)', async () => {
  const file = await written(await picture('png'));
  await expect(drawAnew(file, ['full'], { folder, maxPixels: 100_000 })).rejects.toMatchObject({
    code: 'media.too_many_pixels',
  });
});

test('ffmpeg that is not there is noticed', async () => {
  expect(await findFfmpeg({ ffmpeg: '/nowhere/ffmpeg', ffprobe: '/nowhere/ffprobe' })).toBe(false);
});
