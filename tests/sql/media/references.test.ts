import { describe, expect, test } from 'vitest';
import { type MediaScene, mediaScene } from './support.ts';

const INSERT = 'insert into storage.objects (bucket_id, name) values ($1, $2)';

async function deleteAfter(scene: MediaScene, id: string): Promise<Date | null | undefined> {
  const [row] = await scene.sql<{ delete_after: Date | null }>('select delete_after from public.media where id = $1', [
    id,
  ]);
  return row?.delete_after;
}

/** The jobs that remove whole media, with their reasons. */
function jobs(scene: MediaScene, id: string): Promise<{ reason: string }[]> {
  return scene.sql('select reason from app_private.media_deletions where media_id = $1 and name is null', [id]);
}

describe('what names a medium', () => {
  test('keeps it: the last one gone, it goes after a while, and not when something names it again', () =>
    mediaScene(async (scene) => {
      const ana = await scene.person();
      const medium = await scene.ready(ana, 'posts');
      const [first, second] = [await scene.post(ana, medium), await scene.post(ana, medium)];
      expect(await deleteAfter(scene, medium.id)).toBeNull();
      await scene.sql('delete from public.posts where id = $1', [first]);
      expect(await deleteAfter(scene, medium.id)).toBeNull();
      await scene.sql('delete from public.posts where id = $1', [second]);
      expect(await deleteAfter(scene, medium.id)).toBeInstanceOf(Date);
      await scene.post(ana, medium);
      expect(await deleteAfter(scene, medium.id)).toBeNull();
      await scene.sql('delete from public.posts where author_id = $1', [ana.id]);
      await scene.sql("update public.media set delete_after = now() - interval '1 second' where id = $1", [medium.id]);
      await scene.sql('select app_private.sweep_media(1000)');
      expect(await deleteAfter(scene, medium.id)).toBeUndefined();
      expect(await jobs(scene, medium.id)).toEqual([{ reason: 'unused' }]);
    }));

  test('must be of the one who names it, of the right bucket, and ready (media.not_usable, media.not_ready)', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const [medium, avatar] = [await scene.ready(ana, 'posts'), await scene.ready(ana, 'avatars')];
      const { id } = await scene.upload(ana, 'posts');
      const refusal = async (who: typeof ana, name: string) => {
        await scene.become(who);
        return (await scene.db.refusal('select public.create_post($1)', [{ content: 'a', media_urls: [name] }])).code;
      };
      expect(await refusal(ben, medium.name)).toBe('media.not_usable');
      expect(await refusal(ben, `media:${crypto.randomUUID()}`)).toBe('media.not_usable');
      expect(await refusal(ana, avatar.name)).toBe('media.not_usable');
      expect(await refusal(ana, `media:${id}`)).toBe('media.not_ready');
      expect(await refusal(ana, 'media:nonsense')).toBe('posts.media_invalid');
      await scene.become(ben);
      const own = await scene.db.refusal('update public.profiles set avatar_url = $2 where id = $1', [
        ben.id,
        avatar.name,
      ]);
      expect(own.code).toBe('media.not_usable');
    }));

  test('keeps its owner from deleting it (media.in_use); others do not find it (media.not_found)', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const medium = await scene.ready(ana, 'posts');
      const post = await scene.post(ana, medium);
      await scene.become(ana);
      expect((await scene.db.refusal('select public.delete_media($1)', [medium.id])).code).toBe('media.in_use');
      await scene.become(ben);
      expect((await scene.db.refusal('select public.delete_media($1)', [medium.id])).code).toBe('media.not_found');
      await scene.sql('delete from public.posts where id = $1', [post]);
      await scene.as(ana, 'select public.delete_media($1)', [medium.id]);
      expect(await jobs(scene, medium.id)).toEqual([{ reason: 'owner' }]);
    }));

  test('that others sent on keeps nobody from deleting theirs, nor from using it (media.used_too_often)', () =>
    mediaScene(async (scene) => {
      const [ana, ben, eve] = [await scene.person(), await scene.person(), await scene.person()];
      for (const [one, other] of [
        [ana, ben],
        [ben, eve],
      ] as const) {
        await scene.sql('select app_private.follow($1, $2), app_private.follow($2, $1)', [one.id, other.id]);
      }
      const medium = await scene.ready(ana, 'messages');
      const send = (who: typeof ana, to: typeof ana, what: object) =>
        scene.as<{ id: string }>(who, 'select id from public.send_message($1)', [
          { receiver_id: to.id, client_id: crypto.randomUUID(), ...what },
        ]);
      const own = { kind: 'image', media_urls: [medium.name] };
      const sent = await send(ana, ben, own);
      await scene.sql('update app_private.media_rules set uses_of_one = 2');
      for (let n = 0; n < 2; n += 1) await send(ben, eve, { forward_of: sent.id });
      await scene.become(ben);
      const more = { receiver_id: eve.id, client_id: crypto.randomUUID(), forward_of: sent.id };
      expect((await scene.db.refusal('select public.send_message($1)', [more])).code).toBe('media.used_too_often');
      await send(ana, ben, own);
      await scene.become(ana);
      expect((await scene.db.refusal('select public.delete_media($1)', [medium.id])).code).toBe('media.in_use');

      await scene.sql('update public.messages set deleted_at = now(), media_urls = null where sender_id = $1', [
        ana.id,
      ]);
      expect(await scene.sees(eve, medium)).toBe(true);
      await scene.as(ana, 'select public.delete_media($1)', [medium.id]);
      expect(await scene.sees(eve, medium)).toBe(false);
    }));

  test('goes with its owner, whatever names it', () =>
    mediaScene(async (scene) => {
      const ana = await scene.person();
      const medium = await scene.ready(ana, 'posts');
      await scene.post(ana, medium);
      await scene.sql('delete from auth.users where id = $1', [ana.id]);
      expect(await jobs(scene, medium.id)).toEqual([{ reason: 'account_deleted' }]);
      const files = await scene.sql<{ name: string }>('select name from app_private.person_files($1, 100)', [ana.id]);
      expect(files.map(({ name }) => name)).toContain(medium.path);
    }));
});

describe('uploads', () => {
  test('go only to a place that was taken, by the one who took it, once', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const { path } = await scene.as<{ path: string }>(ana, 'select * from public.start_media_upload($1)', [
        { bucket: 'posts', mime_type: 'image/png', size_bytes: 10 },
      ]);
      const refused = async (who: typeof ana, bucket: string, name: string) => {
        await scene.become(who);
        return (await scene.db.refusal(INSERT, [bucket, name])).sqlstate;
      };
      expect(await refused(ben, 'posts', path)).toBe('42501');
      expect(await refused(ana, 'messages', path)).toBe('42501');
      expect(await refused(ana, 'posts', path.replace('original', 'full.webp'))).toBe('42501');
      expect(await refused(ana, 'posts', `${ana.id}/${crypto.randomUUID()}/original`)).toBe('42501');
      expect(await refused(ana, 'posts', 'a.png')).toBe('42501');
      await scene.become(ana);
      await scene.db.query(INSERT, ['posts', path]);
      expect(await refused(ana, 'posts', path)).toBe('23505');
      await scene.become(ana);
      const changed = await scene.db.query("update storage.objects set metadata = '{}' where name = $1 returning id", [
        path,
      ]);
      const gone = await scene.db.query('delete from storage.objects where name = $1 returning id', [path]);
      expect([changed, gone]).toEqual([[], []]);
    }));

  test('are counted by what Storage has, not by what was said (media.too_large, media.quota_exceeded)', () =>
    mediaScene(async (scene) => {
      const [ana, ben] = [await scene.person(), await scene.person()];
      const start = { bucket: 'posts', mime_type: 'image/png', size_bytes: 10 };
      const finished = async (who: typeof ana, size: number) => {
        const { id, path } = await scene.as<{ id: string; path: string }>(
          who,
          'select * from public.start_media_upload($1)',
          [start],
        );
        await scene.put('posts', path, size);
        return await scene.as(who, 'select state, error from public.finish_media_upload($1)', [id]);
      };
      expect(await finished(ben, 30_000_000)).toEqual({ state: 'refused', error: 'media.too_large' });
      await scene.sql('insert into app_private.media_quotas (user_id, quota_bytes) values ($1, 1000)', [ana.id]);
      expect(await finished(ana, 2_000)).toEqual({ state: 'refused', error: 'media.quota_exceeded' });
      await scene.become(ana);
      const refused = await scene.db.refusal('select public.start_media_upload($1)', [{ ...start, size_bytes: 5_000 }]);
      expect(refused.code).toBe('media.quota_exceeded');
    }));

  test('that never came, and objects that belong to nothing, are swept', () =>
    mediaScene(async (scene) => {
      const ana = await scene.person();
      const { id } = await scene.upload(ana, 'posts');
      await scene.sql("update public.media set delete_after = now() - interval '1 second' where id = $1", [id]);
      await scene.sql('select app_private.sweep_media(1000)');
      expect(await jobs(scene, id)).toEqual([{ reason: 'abandoned' }]);

      const medium = await scene.ready(ana, 'posts');
      const stray = `${ana.id}/${medium.id}/again`;
      await scene.put('posts', stray);
      await scene.put('posts', 'by-hand.png');
      await scene.sql("update storage.objects set created_at = now() - interval '5 hours' where name like $1", [
        `${ana.id}/${medium.id}/%`,
      ]);
      await scene.sql("update app_private.media_worker set swept_bucket = '', swept_name = ''");
      for (let round = 0; round < 50; round += 1) await scene.sql('select app_private.sweep_strays(1000)');
      const found = await scene.sql(
        "select name from app_private.media_deletions where reason = 'stray' and owner_id = $1",
        [ana.id],
      );
      expect(found).toEqual([{ name: stray }]);
    }));

  test('whose client never says that they are done are taken up', () =>
    mediaScene(async (scene) => {
      const ana = await scene.person();
      const { id } = await scene.upload(ana, 'posts');
      await scene.sql("update public.media set created_at = now() - interval '1 minute' where id = $1", [id]);
      await scene.sql('select app_private.adopt_media(1000)');
      expect(await scene.sql('select state from public.media where id = $1', [id])).toEqual([{ state: 'processing' }]);
    }));

  test('of video are refused at once where the worker has no ffmpeg (media.video_unavailable)', () =>
    mediaScene(async (scene) => {
      const ana = await scene.person();
      await scene.sql('select app_private.tell_media_worker(false)');
      await scene.become(ana);
      const start = 'select public.start_media_upload($1)';
      const refused = await scene.db.refusal(start, [{ bucket: 'posts', mime_type: 'video/mp4', size_bytes: 10 }]);
      expect(refused).toMatchObject({ code: 'media.video_unavailable', hint: expect.stringContaining('ffmpeg') });
      await scene.db.query(start, [{ bucket: 'posts', mime_type: 'image/png', size_bytes: 10 }]);
    }));

  test('of one person at once are bounded (media.too_many_uploads)', () =>
    mediaScene(async (scene) => {
      const ana = await scene.person();
      const start = { bucket: 'posts', mime_type: 'image/png', size_bytes: 10 };
      await scene.become(ana);
      for (let n = 0; n < 20; n += 1) await scene.db.query('select public.start_media_upload($1)', [start]);
      const refused = await scene.db.refusal('select public.start_media_upload($1)', [start]);
      expect(refused.code).toBe('media.too_many_uploads');
    }));
});
