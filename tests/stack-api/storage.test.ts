import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { createClient } from '@supabase/supabase-js';
import { describe, expect, it } from 'vitest';
import { signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { uploaded } from '../support/media-api.ts';
import { clientOf } from '../support/social-api.ts';

const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY } = testEnvironment();
const operator = createClient(SUPABASE_URL, SUPABASE_SECRET_KEY, { auth: { persistSession: false } });

function lifeOf(address: string | undefined): number {
  const token = new URL(address ?? '').searchParams.get('token') ?? '';
  const { iat, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return exp - iat;
}

describe('addresses of media', () => {
  it('are good for an hour at most, whoever asks for how long, and no cache between keeps what they lead to', async () => {
    const ana = await signUp('ana');
    const { files } = await uploaded(ana, 'posts');
    const posts = clientOf(ana).storage.from('posts');
    const [path, other] = files.map((file) => file.path) as [string, string];
    const one = await posts.createSignedUrl(path, 86_400 * 365);
    const many = await posts.createSignedUrls([path, other], 86_400 * 365);
    const lives = [one.data?.signedUrl, ...(many.data ?? []).map(({ signedUrl }) => signedUrl ?? undefined)].map(
      lifeOf,
    );
    expect(lives).toEqual([3_600, 3_600, 3_600]);
    expect(lifeOf((await posts.createSignedUrl(path, 60)).data?.signedUrl)).toBe(60);
    // The name of the bucket spelled otherwise.
    const spelled = await fetch(`${SUPABASE_URL}/storage/v1/object/sign/%70osts/${path}`, {
      method: 'POST',
      headers: {
        apikey: SUPABASE_PUBLISHABLE_KEY,
        authorization: `Bearer ${ana.token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ expiresIn: 86_400 * 365 }),
    });
    const { signedURL } = (await spelled.json()) as { signedURL: string };
    expect(lifeOf(`${SUPABASE_URL}${signedURL}`)).toBe(3_600);
    const answer = await fetch(one.data?.signedUrl ?? '');
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, max-age=3600']);
  });
});

describe('many addresses at once', () => {
  it('are those of one bucket, whatever the names say', async () => {
    const [here, elsewhere] = [randomUUID(), randomUUID()];
    for (const bucket of [here, elsewhere]) {
      await operator.storage.createBucket(bucket);
      await operator.storage.from(bucket).upload('a folder/ä.txt', 'hello', { contentType: 'text/plain' });
    }
    const { data } = await operator.storage
      .from(here)
      .createSignedUrls(
        ['a folder/ä.txt', `../${elsewhere}/a folder/ä.txt`, `x/../../${elsewhere}/a folder/ä.txt`, 'none'],
        60,
      );
    expect(data?.map(({ error }) => error === null)).toEqual([true, false, false, false]);
    for (const bucket of [here, elsewhere]) {
      await operator.storage.emptyBucket(bucket);
      await operator.storage.deleteBucket(bucket);
    }
  });
});

describe('a form with a file', () => {
  const boundary = 'of-a-test';
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\ncontent-type: image/png\r\n\r\n`;

  /** What is answered to the beginning of a form whose end never comes. */
  function begun(path: string, token: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sending = request(`${SUPABASE_URL}/storage/v1/object/${path}`, {
        method: 'POST',
        headers: {
          ...{ apikey: SUPABASE_PUBLISHABLE_KEY, authorization: `Bearer ${token}`, 'content-length': 50_000_000 },
          'content-type': `multipart/form-data; boundary=${boundary}`,
        },
      });
      sending.once('error', reject);
      sending.once('response', (response) => {
        response.resume();
        response.once('end', () => {
          sending.destroy();
          resolve(response.statusCode ?? 0);
        });
      });
      sending.write(head + 'x'.repeat(10_000));
    });
  }

  it('is not read when its sender may not upload it', async () => {
    const ana = await signUp('ana');
    expect(await begun(`posts/${ana.id}/${randomUUID()}/original`, ana.token)).toBe(400);
  });

  it('is taken when they may', async () => {
    const ana = await signUp('ana');
    const sdk = clientOf(ana);
    const p = { bucket: 'posts', mime_type: 'image/png', size_bytes: 5 };
    const { data: place } = await sdk.rpc('start_media_upload', { p });
    const file = new Blob(['bytes'], { type: 'image/png' });
    expect((await sdk.storage.from('posts').upload(place?.path ?? '', file)).error).toBeNull();
    const { data: back } = await sdk.storage.from('posts').download(place?.path ?? '');
    expect([await back?.text(), back?.type]).toEqual(['bytes', 'image/png']);
    expect((await sdk.storage.from('posts').upload(place?.path ?? '', file)).error).not.toBeNull();
  });
});
