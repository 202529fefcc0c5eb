import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import pg from 'pg';
import S3rver from 's3rver';
import { expect, test } from 'vitest';
import type { MediaCard } from '../../contracts/api/media.ts';
import { portsFrom } from '../../scripts/stack/context.ts';
import { eventually } from '../support/eventually.ts';
import { photo } from '../support/media-api.ts';
import { type StackProcessEnvironment, startStackProcess } from '../support/stack-process.ts';

const MIB = 1024 * 1024;
const LARGE_BYTES = 190 * MIB;
const BOUNDARY = 'of-a-test';
const BUCKET = 'astra-test';

/** Where objects lie, and how many of them there are. */
interface Store extends AsyncDisposable {
  readonly settings: Readonly<Record<string, string>>;
  count(name: string): Promise<number>;
}

async function folderStore(): Promise<Store> {
  const folder = (name: string) => join(import.meta.dirname, '..', '..', '.astra', name);
  return {
    settings: {},
    async count(name) {
      const files = await readdir(folder(name), { recursive: true, withFileTypes: true });
      return files.filter(
        (file) => file.isFile() && /[/\\]storage[/\\]/.test(file.parentPath) && !file.name.endsWith('.json'),
      ).length;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** An S3 server that can go away and come back with what it kept. */
interface S3Store extends Store {
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

async function s3Store(): Promise<S3Store> {
  const directory = await mkdtemp(join(tmpdir(), 'astra-s3-'));
  const open = async (port: number) => {
    const server = new S3rver({
      ...{ port, address: '127.0.0.1', silent: true, directory },
      configureBuckets: [{ name: BUCKET, configs: [] }],
    });
    return { server, port: (await server.run()).port };
  };
  let { server, port } = await open(0);
  return {
    settings: {
      ASTRA_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      ASTRA_S3_BUCKET: BUCKET,
      ...{ ASTRA_S3_ACCESS_KEY_ID: 'S3RVER', ASTRA_S3_SECRET_ACCESS_KEY: 'S3RVER' },
    },
    async count() {
      const files = await readdir(join(directory, BUCKET), { recursive: true }).catch(() => []);
      return files.filter((file) => file.endsWith('._S3rver_object')).length;
    },
    leave: () => server.close(),
    async comeBack() {
      ({ server, port } = await open(port));
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Someone {
  readonly supabase: SupabaseClient;
  readonly token: string;
}

async function someone({ SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY }: StackProcessEnvironment): Promise<Someone> {
  const supabase = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false } });
  const { data, error } = await supabase.auth.signUp({
    ...{ email: `${randomUUID()}@example.com`, password: randomUUID() },
  });
  expect(error).toBeNull();
  return { supabase, token: data.session?.access_token ?? '' };
}

/** POST media/upload of so many bytes that begin like that, piece by piece as the server takes them. */
function send(url: string, token: string, head: Buffer, size: number): Promise<{ status: number; body: MediaCard }> {
  const before = Buffer.from(
    [
      ...[`--${BOUNDARY}`, 'content-disposition: form-data; name="bucket"', '', 'posts', `--${BOUNDARY}`],
      ...['content-disposition: form-data; name="file"; filename="a"', '', ''],
    ].join('\r\n'),
  );
  const after = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
  return new Promise((resolve, reject) => {
    const sending = request(`${url}/functions/v1/media/upload`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
        'content-length': before.length + size + after.length,
      },
    });
    sending.once('error', reject);
    sending.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(parts).toString()) }),
      );
    });
    const write = async () => {
      sending.write(before);
      sending.write(head);
      for (let left = size - head.length; left > 0; left -= MIB) {
        if (!sending.write(Buffer.alloc(Math.min(MIB, left), 7))) {
          await new Promise((drained) => sending.once('drain', drained));
        }
      }
      sending.end(after);
    };
    write().catch(reject);
  });
}

/** The processes of a stack whose command line has these words, with the memory that they have in use now, in bytes. */
async function memoryOf(words: readonly string[]): Promise<number> {
  let sum = 0;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    if (!words.every((word) => command.includes(word))) continue;
    const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
    sum += Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
  }
  return sum;
}

/** The most that memory grew by while something went on. */
async function growth<T>(words: readonly string[], during: Promise<T>): Promise<{ grown: number; result: T }> {
  const before = await memoryOf(words);
  expect(before).toBeGreaterThan(0);
  let most = before;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) most = Math.max(most, await memoryOf(words));
  })();
  const result = await during.finally(() => {
    isOver = true;
  });
  await watching;
  return { grown: most - before, result };
}

test.each([
  ['a folder', folderStore],
  ['S3', s3Store],
])(
  'media are kept in %s, go up without ever being whole in memory, and leave nothing when they go',
  async (what, open) => {
    await using store = await open();
    const name = `media-${what === 'S3' ? 's3' : 'folder'}`;
    await using stack = await startStackProcess(name, store.settings);
    const { env } = stack;
    const { supabase, token } = await someone(env);
    const state = async (id: string) =>
      (await supabase.from('media').select('*').eq('id', id).single()).data as MediaCard;

    // Small: checked, made anew, fetched.
    const bytes = await photo();
    const { status, body } = await send(env.SUPABASE_URL, token, bytes, bytes.length);
    expect(status, JSON.stringify(body)).toBe(201);
    await eventually('it is ready', async () => (await state(body.id)).state === 'ready');
    await eventually('three files are left of it', async () => (await store.count(name)) === 3);
    const { files } = await state(body.id);
    const { data: signed } = await supabase.storage.from('posts').createSignedUrl(files[2]?.path ?? '', 60);
    const answer = await fetch(signed?.signedUrl ?? '');
    expect([answer.status, answer.headers.get('content-type'), (await answer.arrayBuffer()).byteLength]).toEqual([
      ...[200, 'image/webp', files[2]?.size_bytes],
    ]);

    // Large: looks like a video at first, and is none, so the worker refuses it.
    const head = Buffer.concat([
      Buffer.from('0000001c667479706d703432000000006d70343269736f6d', 'hex'),
      Buffer.alloc(8_192),
    ]);
    const sending = send(env.SUPABASE_URL, token, head, LARGE_BYTES);
    const both = growth(
      ['scripts/start.ts', name],
      growth(['functions/host.ts', `--port=${portsFrom(Number(new URL(env.SUPABASE_URL).port)).functions}`], sending),
    );
    const { grown: ofStack, result: functions } = await both;
    console.log(
      `${what}: ${Math.round(functions.grown / MIB)} MiB in functions, ${Math.round(ofStack / MIB)} MiB in the stack`,
    );
    expect(functions.result.status, JSON.stringify(functions.result.body)).toBe(201);
    // One whole copy would be LARGE_BYTES at least; the pieces on their way and what waits to be collected were up to half of it.
    expect(functions.grown).toBeLessThan(LARGE_BYTES);
    expect(ofStack).toBeLessThan(LARGE_BYTES);
    await eventually('it is refused', async () => (await state(functions.result.body.id)).error === 'media.broken');

    // Deleted: nothing is left.
    expect((await supabase.rpc('delete_media', { p_id: body.id })).error).toBeNull();
    await eventually('nothing is left', async () => (await store.count(name)) === 0);
    const db = new pg.Client({ connectionString: env.SUPABASE_DB_URL });
    await db.connect();
    try {
      const deletions = `select reason, done_at is not null as done from app_private.media_deletions where name is null order by requested_at`;
      await eventually('both are noted', async () => (await db.query(deletions)).rows.every(({ done }) => done));
      expect((await db.query(deletions)).rows.map(({ reason }) => reason)).toEqual(['refused', 'owner']);
    } finally {
      await db.end();
    }
  },
);

test('a deletion is tried until the store is back, and says why it was not done', async () => {
  await using store = await s3Store();
  await using stack = await startStackProcess('media-away', store.settings);
  const { env } = stack;
  const { supabase, token } = await someone(env);
  const bytes = await photo();
  const { body } = await send(env.SUPABASE_URL, token, bytes, bytes.length);
  const job = `select attempts, last_error, done_at from app_private.media_deletions where media_id = $1 and name is null`;
  await eventually('three files are left of it', async () => {
    const { data } = await supabase.from('media').select('state').eq('id', body.id).single();
    return data?.['state'] === 'ready' && (await store.count('media-away')) === 3;
  });

  await store.leave();
  expect((await supabase.rpc('delete_media', { p_id: body.id })).error).toBeNull();
  const db = new pg.Client({ connectionString: env.SUPABASE_DB_URL });
  await db.connect();
  try {
    const failed = await eventually('it failed twice', async () => {
      const [row] = (await db.query(job, [body.id])).rows;
      return row.attempts >= 2 && row.last_error !== null && row;
    });
    expect(failed.done_at).toBeNull();
    expect(await store.count('media-away')).toBe(3);
    await store.comeBack();
    await eventually('it is done', async () => (await db.query(job, [body.id])).rows[0].done_at !== null);
    expect(await store.count('media-away')).toBe(0);
  } finally {
    await db.end();
  }
});
