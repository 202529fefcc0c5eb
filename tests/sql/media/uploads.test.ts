import { describe, expect, test } from 'vitest';
import { type MediaScene, mediaScene } from './support.ts';

const START = 'select public.start_media_upload($1)';
const place = { bucket: 'posts', mime_type: 'image/png', size_bytes: 600 };

const jobs = (scene: MediaScene, id: string) =>
  scene.sql<{ id: string; name: string | null; done: boolean; is_watched: boolean }>(
    'select id, name, done_at is not null as done, is_watched from app_private.media_deletions where media_id = $1 order by name',
    [id],
  );

/** The jobs of a medium that are due, claimed. */
async function claimed(scene: MediaScene, id: string): Promise<{ id: string; attempts: number }[]> {
  await scene.sql("update app_private.media_deletions set run_after = now() + interval '1 hour' where media_id <> $1", [
    id,
  ]);
  return await scene.sql("select id, attempts from app_private.claim_media_deletions(100, interval '1 minute')");
}

describe('a place that is given up', () => {
  test('counts beside what is stored for as long as an address for it may be used (media.too_many_uploads)', () =>
    mediaScene(async (scene) => {
      const ana = await scene.person();
      await scene.sql('insert into app_private.media_quotas (user_id, quota_bytes) values ($1, 1000)', [ana.id]);
      const giveUp = async () => {
        const { id } = await scene.as<{ id: string }>(ana, 'select id from public.start_media_upload($1)', [place]);
        await scene.as(ana, 'select public.delete_media($1)', [id]);
      };
      // Room for one, and for as much again of what was given up: 600 + 600 + 600 is within, one more is not.
      for (let n = 0; n < 3; n += 1) await giveUp();
      await scene.become(ana);
      expect(await scene.db.refusal(START, [place])).toMatchObject({ code: 'media.too_many_uploads' });
      await scene.sql(
        "update app_private.media_deletions set requested_at = now() - interval '3 hours' where owner_id = $1",
        [ana.id],
      );
      await giveUp();
    }));

  test('is looked after again, and what came to it meanwhile is removed', () =>
    mediaScene(async (scene) => {
      const ana = await scene.person();
      const { id, path } = await scene.as<{ id: string; path: string }>(
        ana,
        'select id, path from public.start_media_upload($1)',
        [place],
      );
      await scene.as(ana, 'select public.delete_media($1)', [id]);
      const finish = 'select app_private.finish_media_deletion($1, $2) as gone';
      const [first] = await claimed(scene, id);
      expect(await scene.sql(finish, [first?.id, first?.attempts])).toEqual([{ gone: true }]);
      expect(await jobs(scene, id)).toMatchObject([{ done: true, is_watched: true }]);
      expect(await claimed(scene, id)).toEqual([]);

      // Whoever kept the address uses it.
      await scene.put('posts', path);
      const later =
        'update app_private.media_deletions set run_after = now(), requested_at = now() - $2::interval where media_id = $1';
      await scene.sql(later, [id, '1 hour']);
      const [again] = await claimed(scene, id);
      expect(await scene.sql('select o from app_private.media_objects($1, 10) o', [again?.id])).toEqual([{ o: path }]);
      expect(await scene.sql(finish, [again?.id, again?.attempts])).toEqual([{ gone: false }]);
      await scene.sql("select set_config('storage.allow_delete_query', 'true', true)");
      await scene.sql('delete from storage.objects where name = $1', [path]);
      expect(await scene.sql(finish, [again?.id, again?.attempts])).toEqual([{ gone: true }]);
      expect(await jobs(scene, id)).toMatchObject([{ done: true, is_watched: true }]);

      await scene.sql(later, [id, '150 minutes']);
      const [last] = await claimed(scene, id);
      await scene.sql(finish, [last?.id, last?.attempts]);
      expect(await jobs(scene, id)).toMatchObject([{ done: true, is_watched: false }]);
      await scene.sql(later, [id, '3 hours']);
      expect(await claimed(scene, id)).toEqual([]);
    }));
});

test('places are taken no faster than people take them (rate_limit.exceeded)', () =>
  mediaScene(async (scene) => {
    const ana = await scene.person();
    await scene.sql('update app_private.media_rules set uploads_per_hour = 3');
    await scene.become(ana);
    for (let n = 0; n < 3; n += 1) await scene.db.query(START, [place]);
    expect(await scene.db.refusal(START, [place])).toMatchObject({ code: 'rate_limit.exceeded' });
  }));

test('sound as a browser records it is taken', () =>
  mediaScene(async (scene) => {
    const ana = await scene.person();
    const sound = { bucket: 'messages', mime_type: 'audio/webm', size_bytes: 600 };
    expect(await scene.as(ana, 'select kind from public.start_media_upload($1)', [sound])).toEqual({ kind: 'audio' });
  }));

describe('what is made of an upload', () => {
  const facts = (path: string, size_bytes: number) => ({
    ...{ kind: 'image', mime_type: 'image/webp', size_bytes, width: 1, height: 1 },
    files: [{ name: 'full', path, mime_type: 'image/webp', size_bytes, width: 1, height: 1 }],
  });
  const begun = async (scene: MediaScene, attempts: number) => {
    const ana = await scene.person();
    const { id, path } = await scene.upload(ana, 'posts', 600);
    await scene.as(ana, 'select public.finish_media_upload($1)', [id]);
    await scene.sql("update public.media set attempts = $2, run_after = now() + interval '1 hour' where id = $1", [
      id,
      attempts,
    ]);
    return { ana, id, original: path, file: (n: number) => path.replace('original', `${n}-full.webp`) };
  };
  const FINISH = 'select app_private.finish_media($1, $2, $3) as kept';

  test('by the try that is over is not kept, and by the one that counts is: the rest is removed', () =>
    mediaScene(async (scene) => {
      const { id, original, file } = await begun(scene, 2);
      await scene.put('posts', file(1));
      await scene.put('posts', file(2));
      expect(await scene.sql(FINISH, [id, 1, facts(file(1), 600)])).toEqual([{ kept: false }]);
      expect(await scene.sql(FINISH, [id, 2, facts(file(2), 600)])).toEqual([{ kept: true }]);
      expect(await jobs(scene, id)).toMatchObject([
        { name: file(1), is_watched: false },
        { name: original, is_watched: true },
      ]);
    }));

  test('is refused where it is more than there is room for (media.quota_exceeded)', () =>
    mediaScene(async (scene) => {
      const { ana, id, file } = await begun(scene, 1);
      await scene.sql('insert into app_private.media_quotas (user_id, quota_bytes) values ($1, 1000)', [ana.id]);
      expect(await scene.sql(FINISH, [id, 1, facts(file(1), 1_001)])).toEqual([{ kept: false }]);
      expect(await scene.sql('select state, error from public.media where id = $1', [id])).toEqual([
        { state: 'refused', error: 'media.quota_exceeded' },
      ]);
      expect(await jobs(scene, id)).toMatchObject([{ name: null }]);
    }));
});
