import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MediaCard } from '../../contracts/api/media.ts';
import { freePortBase } from '../../scripts/stack/ports.ts';
import { NO_RATE_LIMITS } from '../../scripts/stack/rate-limits.ts';
import { type Stack, startStack } from '../../scripts/stack/stack.ts';
import { asOperator, signUp } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { nothingLeft, objectsOf, photo, recording, SILENT_VIDEO, settled, upload } from '../support/media-api.ts';
import { done } from '../support/social-api.ts';
import { spawnWorker } from '../worker/spawn.ts';

/** As many tries as an upload has, but one. */
const KILLS = 4;
const PHOTOS = 5;

let stack: Stack;
let folder = '';

beforeAll(async () => {
  stack = await startStack({
    ...{ name: 'test-faults', portBase: await freePortBase(), reset: true, quiet: true, watch: false },
    ...{ only: ['gateway', 'functions'], settings: NO_RATE_LIMITS },
  });
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL } = stack.env;
  Object.assign(process.env, { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, SUPABASE_DB_URL });
}, 120_000);

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
}, 60_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'astra-killed-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = () => {
  const { SUPABASE_URL, SUPABASE_SECRET_KEY, SUPABASE_DB_URL } = stack.env;
  return spawnWorker({ SUPABASE_URL, SUPABASE_SECRET_KEY, SUPABASE_DB_URL, WORKER_PORT: '0', TMPDIR: folder });
};

async function stopped(worker: ReturnType<typeof start>, signal: NodeJS.Signals): Promise<void> {
  worker.kill(signal);
  await once(worker, 'exit');
}

const leftFolders = async () => (await readdir(folder)).filter((name) => name.startsWith('astra-media-'));

async function tries(): Promise<number> {
  const [row] = await asOperator<{ sum: number }>('select coalesce(sum(attempts), 0)::int as sum from public.media');
  return row?.sum ?? 0;
}

test('a worker killed again and again in the middle of uploads makes each ready once, and nothing is left of its tries', async () => {
  const ana = await signUp('ana');
  const ids: string[] = [];
  for (let n = 0; n < PHOTOS; n += 1) {
    ids.push(done<MediaCard>(await upload(ana, 'posts', await photo(2_000 + n, 1_500)), 201).id);
  }
  const video = await recording('mp4', [...SILENT_VIDEO, '-c:v', 'libx264']);
  ids.push(done<MediaCard>(await upload(ana, 'posts', video), 201).id);

  let left = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await tries();
    const worker = start();
    await eventually('it works', async () => (await tries()) > before, { every_ms: 5 });
    await eventually('it has a folder', async () => (await leftFolders()).length > 0, { every_ms: 5 });
    // Each time somewhere else in its work.
    await wait((400 * kill) / KILLS);
    await stopped(worker, 'SIGKILL');
    left += (await leftFolders()).length;
    // As if its lease had run out.
    await asOperator("update public.media set run_after = now() where state = 'processing'", []);
  }
  expect(left).toBeGreaterThan(0);

  const last = start();
  const cards = await Promise.all(ids.map((id) => settled(ana, id)));
  expect(cards.map(({ state, error }) => ({ state, error }))).toEqual(ids.map(() => ({ state: 'ready', error: null })));
  const paths = cards.flatMap(({ files }) => files.map(({ path }) => path)).toSorted();
  await eventually('Storage has what is named, and no more', async () => {
    const names = await objectsOf(ana);
    return names.length === paths.length && names.toSorted().every((name, n) => name === paths[n]);
  });
  const told = await asOperator<{ count: number }>(
    "select count(*)::int as count from app_private.outbox_events where type = 'media.ready' group by payload ->> 'media_id'",
    [],
  );
  expect(told.map(({ count }) => count)).toEqual(ids.map(() => 1));
  await stopped(last, 'SIGTERM');
  expect(await leftFolders()).toEqual([]);
});

test.each([
  ['a type that its bucket does not take', 'media.type_unsupported', "allowed_mime_types = '{image/jpeg}'"],
  ['more than its bucket takes', 'media.too_large', 'file_size_limit = 100'],
])('what becomes %s is refused, and nothing is left of it (%s)', async (_what, error, change) => {
  const ana = await signUp('ana');
  const { id } = done<MediaCard>(await upload(ana, 'covers', await photo()), 201);
  const [bucket] = await asOperator<{ file_size_limit: string; allowed_mime_types: string[] }>(
    "select file_size_limit, allowed_mime_types from storage.buckets where id = 'covers'",
    [],
  );
  await asOperator(`update storage.buckets set ${change} where id = 'covers'`, []);
  const worker = start();
  try {
    expect(await settled(ana, id)).toMatchObject({ state: 'refused', error, files: [] });
    await nothingLeft(ana);
  } finally {
    await stopped(worker, 'SIGTERM');
    await asOperator("update storage.buckets set file_size_limit = $1, allowed_mime_types = $2 where id = 'covers'", [
      bucket?.file_size_limit,
      bucket?.allowed_mime_types,
    ]);
  }
  expect(await leftFolders()).toEqual([]);
});
