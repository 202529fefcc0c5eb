import { request } from 'node:http';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { MediaCard } from '../../contracts/api/media.ts';
import { ask, asOperator, expectProblem, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { nothingLeft, objectsOf, photo, recording, SILENT_VIDEO, settled, upload } from '../support/media-api.ts';
import { done } from '../support/social-api.ts';

/** A PNG of one colour that says it is as large as that: some hundred bytes for billions of pixels. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(1_000_000), { level: 9 });
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    ...[chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))],
  ]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A zip archive with nothing in it. */
const ZIP = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);

async function expectRefused(bytes: Uint8Array, error: string, bucket = 'posts'): Promise<void> {
  const ana = await signUp('ana');
  const card = done<MediaCard>(await upload(ana, bucket, bytes), 201);
  expect(await settled(ana, card.id)).toMatchObject({ state: 'refused', error, files: [] });
  await nothingLeft(ana);
}

describe('before anything is stored', () => {
  test.each([
    ['HTML', Buffer.from('<html><script>alert(1)</script></html>')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['a program', Buffer.from('7f454c4602010100000000000000000002003e00', 'hex')],
    ['PDF', Buffer.from('%PDF-1.7\n')],
    ['nothing', Buffer.alloc(0)],
  ])('%s is refused whatever its name says (media.type_unsupported)', async (_what, bytes) => {
    const ana = await signUp('ana');
    expectProblem(await upload(ana, 'posts', bytes, { name: 'picture.jpg' }), 'media.type_unsupported');
    expect(await asOperator('select from public.media where owner_id = $1', [ana.id])).toEqual([]);
    expect(await objectsOf(ana)).toEqual([]);
  });

  test('video is no picture of a profile (media.type_unsupported)', async () => {
    const ana = await signUp('ana');
    const video = await recording('mp4', [...SILENT_VIDEO, '-c:v', 'libx264']);
    expectProblem(await upload(ana, 'avatars', video), 'media.type_unsupported');
  });

  test('a form without bucket, and no form, are refused (media.form_invalid, request.unsupported_media_type)', async () => {
    const ana = await signUp('ana');
    expectProblem(await upload(ana, undefined, await photo()), 'media.form_invalid');
    expectProblem(await upload(ana, 'exports', await photo()), 'media.form_invalid');
    expectProblem(await ask('media/upload', { token: ana.token, body: {} }), 'request.unsupported_media_type');
    expectProblem(await upload(undefined, 'posts', await photo()), 'auth.required');
  });

  test('more than a kind may weigh is refused (media.too_large)', async () => {
    const ana = await signUp('ana');
    const large = Buffer.concat([await photo(), Buffer.alloc(21 * 1024 * 1024)]);
    expectProblem(await upload(ana, 'posts', large), 'media.too_large');
    await nothingLeft(ana);
  });
});

describe('by the worker, with nothing left behind', () => {
  test('a picture of more pixels than memory (media.too_many_pixels)', async () => {
    await expectRefused(bomb(60_000, 60_000), 'media.too_many_pixels');
  });

  test.each([
    ['a page', Buffer.from('<html><script>alert(1)</script></html>')],
    ['an archive', ZIP],
  ])('a picture with %s behind it (media.polyglot)', async (_what, hidden) => {
    await expectRefused(Buffer.concat([await photo(), hidden]), 'media.polyglot');
  });

  test('a picture that ends in the middle (media.broken)', async () => {
    const bytes = await photo(2_000, 2_000);
    await expectRefused(bytes.subarray(0, 3_000), 'media.broken');
  });

  test('a video that is none (media.broken)', async () => {
    const start = await recording('mp4', [...SILENT_VIDEO, '-c:v', 'libx264']);
    await expectRefused(Buffer.concat([start.subarray(0, 40), Buffer.alloc(5_000, 7)]), 'media.broken');
  });

  test('a recording that is too long (media.too_long)', async () => {
    const still = ['-f', 'lavfi', '-i', 'color=black:size=16x16:rate=1:duration=601', '-c:v', 'libx264'];
    await expectRefused(await recording('mp4', still), 'media.too_long');
  });

  test('an upload that says it is sound and is a picture (media.type_unsupported)', async () => {
    const ana = await signUp('ana');
    const bytes = await photo();
    const body = { bucket: 'posts', mime_type: 'audio/mpeg', size_bytes: bytes.length };
    const started = done<MediaCard & { upload: { url: string } }>(
      await ask('media/uploads', { token: ana.token, body }),
      201,
    );
    const put = { method: 'PUT', headers: { 'content-type': 'audio/mpeg' }, body: Buffer.from(bytes) };
    expect((await fetch(started.upload.url, put)).status).toBe(200);
    done(await ask(`media/${started.id}/finish`, { method: 'POST', token: ana.token }));
    expect(await settled(ana, started.id)).toMatchObject({ state: 'refused', error: 'media.type_unsupported' });
    await nothingLeft(ana);
  });
});

test('an upload that is cut off leaves nothing behind', async () => {
  const ana = await signUp('ana');
  const boundary = 'of-a-test';
  const head = [
    ...[`--${boundary}`, 'content-disposition: form-data; name="bucket"', '', 'posts', `--${boundary}`],
    ...['content-disposition: form-data; name="file"; filename="a.jpg"', '', ''],
  ].join('\r\n');
  const sending = request(`${testEnvironment().SUPABASE_URL}/functions/v1/media/upload`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ana.token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': '2000000',
    },
  });
  sending.on('error', () => undefined);
  sending.write(Buffer.concat([Buffer.from(head), await photo(), Buffer.alloc(500_000)]));
  await eventually('a place was taken', async () => {
    const rows = await asOperator('select from public.media where owner_id = $1', [ana.id]);
    return rows.length === 1;
  });
  sending.destroy();
  await eventually('it is given up', async () => {
    const rows = await asOperator('select from public.media where owner_id = $1', [ana.id]);
    return rows.length === 0;
  });
  await nothingLeft(ana);
});
