import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type MediaCard, mediaCard, startedUpload } from '../../contracts/api/media.ts';
import { ask, asOperator, expectProblem, type Person, signUp } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import {
  fetched,
  nothingLeft,
  objectsOf,
  photo,
  recording,
  SILENT_VIDEO,
  settled,
  TONE,
  upload,
  uploaded,
} from '../support/media-api.ts';
import { publish } from '../support/posts-api.ts';
import { block, clientOf, done, remove } from '../support/social-api.ts';

const see = (person: Person | undefined, id: string) => ask(`media/${id}`, { token: person?.token });

describe('a picture', () => {
  test('is made anew in three sizes, without the place where it was taken, and the upload goes', async () => {
    const ana = await signUp('ana');
    const original = await photo(3_000, 1_500);
    expect(original.includes('CameraOfAna')).toBe(true);
    const card = await uploaded(ana, 'posts', original);
    expect(card).toMatchObject({ kind: 'image', mime_type: 'image/webp', width: 2048, height: 1024 });
    expect(card.blurhash).toMatch(/^\S{20,40}$/);
    expect(card.files.map(({ name, width }) => [name, width])).toEqual([
      ['thumbnail', 320],
      ['feed', 1080],
      ['full', 2048],
    ]);
    for (const { name } of card.files) {
      const bytes = await fetched(card, name);
      const { exif, xmp, format } = await sharp(bytes).metadata();
      expect({ exif, xmp, format, has: bytes.includes('secret words') }).toEqual({ format: 'webp', has: false });
    }
    await eventually('the upload itself is gone', async () => (await objectsOf(ana)).length === 3);
    expect(await objectsOf(ana)).toEqual(['feed', 'full', 'thumbnail'].map((n) => `${ana.id}/${card.id}/1-${n}.webp`));
  });

  test('is there for whoever sees the post that names it, until a block stands between them', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    const { id, files } = await uploaded(ana, 'posts');
    expectProblem(await see(ben, id), 'media.not_found');
    await publish(ana, { type: 'image', media_urls: [`media:${id}`] });
    const card = mediaCard.parse(done(await see(ben, id)));
    expect((await fetched(card, 'full')).length).toBeGreaterThan(0);
    expect(mediaCard.parse(done(await see(undefined, id))).files).toHaveLength(3);
    const path = files[0]?.path ?? '';
    expect((await clientOf(ben).storage.from('posts').download(path)).error).toBeNull();
    const thumbnail = await ask(`media/${id}/thumbnail`, { token: ben.token });
    expect(thumbnail.status).toBe(200);
    expect(thumbnail.headers.get('content-type')).toBe('image/webp');

    await block(ana, ben);
    expectProblem(await see(ben, id), 'media.not_found');
    expectProblem(await ask(`media/${id}/thumbnail`, { token: ben.token }), 'media.not_found');
    expect((await clientOf(ben).storage.from('posts').download(path)).error).not.toBeNull();
    expect((await clientOf(ben).storage.from('posts').createSignedUrl(path, 60)).error).not.toBeNull();
  });

  test('goes with the last post that names it, and says so to MongoDB and to who asks why', async () => {
    const ana = await signUp('ana');
    const { id } = await uploaded(ana, 'posts');
    const post = await publish(ana, { type: 'image', media_urls: [`media:${id}`] });
    expectProblem(await remove(ana, `media/${id}`), 'media.in_use');
    done(await remove(ana, `posts/${post.id}`));
    await asOperator('update public.media set delete_after = now() where id = $1 and delete_after is not null', [id]);
    await nothingLeft(ana);
    expectProblem(await see(ana, id), 'media.not_found');
    const audit = `select reason from app_private.media_deletions where media_id = $1 and name is null and done_at is not null`;
    const [row] = await eventually('the deletion is done', async () => {
      const rows = await asOperator<{ reason: string }>(audit, [id]);
      return rows.length > 0 && rows;
    });
    expect(row?.reason).toBe('unused');
  });

  test('is deleted by its owner alone', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    const { id } = await uploaded(ana, 'messages');
    expectProblem(await remove(ben, `media/${id}`), 'media.not_found');
    expect(done(await remove(ana, `media/${id}`))).toEqual({ id, deleted: true });
    await nothingLeft(ana);
  });
});

describe('an upload', () => {
  test('repeated with its Idempotency-Key is the same medium', async () => {
    const ana = await signUp('ana');
    const [bytes, key] = [await photo(), randomUUID()];
    const first = done<MediaCard>(await upload(ana, 'posts', bytes, { key }), 201);
    const again = await upload(ana, 'posts', bytes, { key });
    expect(done<MediaCard>(again, 201).id).toBe(first.id);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await settled(ana, first.id);
    expect(await ask('media/usage', { token: ana.token })).toMatchObject({ body: { media_count: 1 } });
  });

  test('goes straight to Storage by an address for it', async () => {
    const ana = await signUp('ana');
    const bytes = await photo();
    const body = { bucket: 'posts', mime_type: 'image/jpeg', size_bytes: bytes.length };
    const started = startedUpload.parse(done(await ask('media/uploads', { token: ana.token, body }), 201));
    expectProblem(await ask(`media/${started.id}/finish`, { method: 'POST', token: ana.token }), 'media.not_uploaded');
    const { error } = await clientOf()
      .storage.from('posts')
      .uploadToSignedUrl(started.path ?? '', started.upload.token, bytes, { contentType: 'image/jpeg' });
    expect(error).toBeNull();
    done(await ask(`media/${started.id}/finish`, { method: 'POST', token: ana.token }));
    expect(await settled(ana, started.id)).toMatchObject({ state: 'ready', width: 640 });
  });

  test('by supabase-js alone goes to the place that it took, and nowhere else', async () => {
    const [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
    const sdk = clientOf(ana);
    const bytes = await photo();
    const p = { bucket: 'avatars', mime_type: 'image/jpeg', size_bytes: bytes.length };
    const { data: place } = await sdk.rpc('start_media_upload', { p });
    const path = place?.path ?? '';
    const options = { contentType: 'image/jpeg' };
    expect((await clientOf(ben).storage.from('avatars').upload(path, bytes, options)).error).not.toBeNull();
    expect((await sdk.storage.from('avatars').upload(`${ana.id}/mine.jpg`, bytes, options)).error).not.toBeNull();
    expect((await sdk.storage.from('avatars').upload(path, bytes, options)).error).toBeNull();
    expect((await sdk.storage.from('avatars').upload(path, bytes, { ...options, upsert: true })).error).not.toBeNull();
    await sdk.storage.from('avatars').remove([path]);
    expect(await objectsOf(ana)).toContain(path);
    expect((await sdk.rpc('finish_media_upload', { p_id: place?.id ?? '' })).error).toBeNull();
    const card = await settled(ana, place?.id ?? '');
    expect(
      (
        await sdk
          .from('profiles')
          .update({ avatar_url: `media:${card.id}` })
          .eq('id', ana.id)
      ).error,
    ).toBeNull();
    const { data: cards } = await clientOf(ben).rpc('media_details', { p_ids: [card.id] });
    expect(cards).toMatchObject([{ id: card.id, blurhash: card.blurhash }]);
    const paths = card.files.map((file) => file.path);
    const { data: signed } = await clientOf(ben).storage.from('avatars').createSignedUrls(paths, 60);
    expect(
      await Promise.all((signed ?? []).map(async ({ signedUrl }) => (await fetch(signedUrl ?? '')).status)),
    ).toEqual([200, 200, 200]);
  });
});

describe('a recording', () => {
  test('with pictures loses its place and name, and gets a frame to be shown before it', async () => {
    const ana = await signUp('ana');
    const bytes = await recording('mp4', [...TONE, ...SILENT_VIDEO, '-c:v', 'libx264', '-c:a', 'aac']);
    expect(bytes.includes('secret words')).toBe(true);
    const card = await uploaded(ana, 'posts', bytes);
    expect(card).toMatchObject({ kind: 'video', mime_type: 'video/mp4', width: 320, height: 240 });
    expect(card.duration_ms).toBeGreaterThan(1_900);
    expect(card.files.map(({ name }) => name)).toEqual(['full', 'poster', 'thumbnail']);
    const clean = await fetched(card, 'full');
    expect([clean.includes('secret words'), clean.includes('51.5034')]).toEqual([false, false]);
    expect(await sharp(await fetched(card, 'poster')).metadata()).toMatchObject({ format: 'webp', width: 320 });
  });

  test.each([
    ['mp3', ['-c:a', 'libmp3lame'], 'audio/mpeg'],
    ['m4a', ['-c:a', 'aac'], 'audio/mp4'],
    ['ogg', ['-c:a', 'libopus'], 'audio/ogg'],
    ['wav', ['-c:a', 'pcm_s16le'], 'audio/wav'],
    ['webm', ['-c:a', 'libopus'], 'audio/webm'],
  ])('of sound as %s is kept, without what was said about it', async (extension, args, mime_type) => {
    const ana = await signUp('ana');
    const card = await uploaded(ana, 'messages', await recording(extension, [...TONE, ...args]));
    expect(card).toMatchObject({ kind: 'audio', mime_type, width: null });
    expect(card.duration_ms).toBeGreaterThan(1_900);
    expect((await fetched(card, 'full')).includes('secret words')).toBe(false);
  });
});
