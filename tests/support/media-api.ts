import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect } from 'vitest';
import { type MediaCard, mediaCard } from '../../contracts/api/media.ts';
import { type Answer, ask, asOperator, type Person } from './api.ts';
import { testEnvironment } from './environment.ts';
import { eventually } from './eventually.ts';
import { done } from './social-api.ts';

const run = promisify(execFile);

/** A photograph with a place in it, as a telephone takes it. */
export function photo(width = 640, height = 480): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: { r: 200, g: 80, b: 40 } } })
    .jpeg()
    .withExif({
      IFD0: { Make: 'CameraOfAna', Copyright: 'secret words' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '51/1 30/1 3230/100',
        GPSLongitudeRef: 'W',
        GPSLongitude: '0/1 7/1 4366/100',
      },
    })
    .toBuffer();
}

/** A recording made by ffmpeg, with a place in it; `args` say what of. */
export async function recording(extension: string, args: readonly string[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'astra-test-'));
  const file = join(folder, `out.${extension}`);
  try {
    const place = ['-metadata', 'location=+51.5034-000.1276/', '-metadata', 'title=secret words'];
    await run('ffmpeg', ['-nostdin', '-v', 'error', ...args, ...place, file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const SILENT_VIDEO = ['-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=10:duration=2', '-pix_fmt', 'yuv420p'];
export const TONE = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2'];

/** POST media/upload */
export async function upload(
  person: Person | undefined,
  bucket: string | undefined,
  bytes: Uint8Array | Blob,
  { key, name = 'a.jpg' }: { readonly key?: string; readonly name?: string } = {},
): Promise<Answer> {
  const form = new FormData();
  if (bucket !== undefined) form.set('bucket', bucket);
  form.set('file', bytes instanceof Blob ? bytes : new Blob([Buffer.from(bytes)]), name);
  const { SUPABASE_URL } = testEnvironment();
  const response = await fetch(`${SUPABASE_URL}/functions/v1/media/upload`, {
    method: 'POST',
    headers: {
      ...(person === undefined ? {} : { authorization: `Bearer ${person.token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: form,
    signal: AbortSignal.timeout(60_000),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** A medium once the worker has looked at it, whatever it found. */
export function settled(person: Person, id: string): Promise<MediaCard> {
  return eventually(
    `the worker has looked at ${id}`,
    async () => {
      const card = mediaCard.parse(done(await ask(`media/${id}`, { token: person.token })));
      return (card.state === 'ready' || card.state === 'refused') && card;
    },
    // Who asks more often is told to wait.
    { every_ms: 200 },
  );
}

/** An upload that is ready. */
export async function uploaded(person: Person, bucket: string, bytes?: Uint8Array): Promise<MediaCard> {
  const card = done<MediaCard>(await upload(person, bucket, bytes ?? (await photo())), 201);
  const ready = await settled(person, card.id);
  expect(ready.error).toBeNull();
  return ready;
}

/** The names of somebody's objects in Storage. */
export async function objectsOf(person: Person): Promise<string[]> {
  const rows = await asOperator<{ name: string }>('select name from storage.objects where name like $1 order by name', [
    `${person.id}/%`,
  ]);
  return rows.map(({ name }) => name);
}

/** Waits until Storage has nothing of somebody any more, and nothing is recorded as theirs. */
export function nothingLeft(person: Person): Promise<true> {
  return eventually(
    `nothing of ${person.username} is left in Storage`,
    async () => (await objectsOf(person)).length === 0,
  );
}

/** A file of a medium as somebody gets it who has its address. */
export async function fetched(card: MediaCard, name: string): Promise<Buffer> {
  const response = await fetch(card.files.find((file) => file.name === name)?.url ?? '');
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}
