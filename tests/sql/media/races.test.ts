import { expect, test } from 'vitest';
import { cloneDatabase } from '../../support/clone-database.ts';
import { asRequest, type Person, refusalOf, type TestConnection } from '../../support/database.ts';
import { expectNoDeadlock, inTurn, untilWaiting } from '../../support/races.ts';
import { MediaScene, type Medium } from './support.ts';

async function committed(db: TestConnection, count: number): Promise<{ ana: Person; media: Medium[] }> {
  const scene = new MediaScene(db);
  await db.query('begin');
  const ana = await scene.person();
  const media: Medium[] = [];
  for (let n = 0; n < count; n += 1) media.push(await scene.ready(ana, 'posts'));
  await scene.owner();
  await db.query('commit');
  return { ana, media };
}

const POST = 'select public.create_post($1)';

test('a post that names a medium whose last reference is just going keeps it', async () => {
  await using database = await cloneDatabase();
  const [one, other, observer] = [await database.connect(), await database.connect(), await database.connect()];
  const { ana, media } = await committed(one, 1);
  const about = { type: 'image', media_urls: media.map(({ name }) => name) };
  await asRequest(one, ana, POST, [about]);
  await one.query('begin');
  await one.query('delete from public.posts where author_id = $1', [ana.id]);
  const naming = asRequest(other, ana, POST, [about]);
  await untilWaiting(observer, other);
  await one.query('commit');
  await naming;
  const [row] = await observer.query('select delete_after from public.media');
  expect(row).toEqual({ delete_after: null });
});

test('a medium that is swept is named by nothing, and what is being named is not swept', async () => {
  await using database = await cloneDatabase();
  const [one, other, observer] = [await database.connect(), await database.connect(), await database.connect()];
  const { ana, media } = await committed(one, 2);
  await one.query("update public.media set delete_after = now() - interval '1 second'");
  const [kept, swept] = media as [Medium, Medium];
  const about = (medium: Medium) => ({ type: 'image', media_urls: [medium.name] });

  await one.query('begin');
  await one.as({ role: 'authenticated', sub: ana.id });
  await one.query(POST, [about(kept)]);
  await other.query('begin');
  await other.query('select app_private.sweep_media(10)');
  const late = asRequest(observer, ana, POST, [about(swept)]);
  await one.query('commit');
  await untilWaiting(one, observer);
  await other.query('commit');
  await expect(late.catch((error: unknown) => refusalOf(error).code)).resolves.toBe('media.not_usable');
  const left = await other.query('select id from public.media');
  expect(left).toEqual([{ id: kept.id }]);
});

test('posts that name the same media in another order wait for each other, and do not deadlock', async () => {
  await using database = await cloneDatabase();
  const first = await database.connect();
  const { ana, media } = await committed(first, 6);
  const names = media.map(({ name }) => name);
  const connections = await Promise.all(Array.from({ length: 8 }, () => database.connect()));
  await Promise.all(
    connections.map(async (db, n) => {
      const media_urls = n % 2 === 0 ? names : names.toReversed();
      for (let round = 0; round < 5; round += 1) {
        await asRequest(db, ana, POST, [{ type: 'image', media_urls }]);
        await asRequest(db, ana, 'delete from public.posts where author_id = $1', [ana.id]);
      }
    }),
  );
  await expectNoDeadlock(first);
  await first.query('delete from public.posts');
  expect(await first.query('select from app_private.media_refs')).toEqual([]);
  const [row] = await first.query('select count(*)::int as going from public.media where delete_after is not null');
  expect(row).toEqual({ going: 6 });
});

test('two uploads at once do not both find the last room (media.quota_exceeded)', async () => {
  await using database = await cloneDatabase();
  const [one, other, observer] = [await database.connect(), await database.connect(), await database.connect()];
  const { ana } = await committed(one, 0);
  await one.query('insert into app_private.media_quotas (user_id, quota_bytes) values ($1, 1000)', [ana.id]);
  const start = 'select public.start_media_upload($1)';
  const place = { bucket: 'posts', mime_type: 'image/png', size_bytes: 600 };
  await one.query('begin');
  await one.as({ role: 'authenticated', sub: ana.id });
  await one.query(start, [place]);
  const second = asRequest(other, ana, start, [place]);
  await untilWaiting(observer, other);
  await one.query('commit');
  await expect(second.catch((error: unknown) => refusalOf(error).code)).resolves.toBe('media.quota_exceeded');
});

test('two uploads that are larger than they said do not both find the last room (media.quota_exceeded)', async () => {
  await using database = await cloneDatabase();
  const [one, other, observer] = [await database.connect(), await database.connect(), await database.connect()];
  const { ana } = await committed(one, 0);
  await one.query('begin');
  const scene = new MediaScene(one);
  const ids: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    const { id, path } = await scene.upload(ana, 'posts', 10);
    await scene.sql(`update storage.objects set metadata = '{"size": 600}' where name = $1`, [path]);
    ids.push(id);
  }
  await scene.sql('insert into app_private.media_quotas (user_id, quota_bytes) values ($1, 1000)', [ana.id]);
  await one.query('commit');
  const finish = 'select state, error from public.finish_media_upload($1)';
  const second = await inTurn(
    observer,
    one,
    async () => {
      await one.as({ role: 'authenticated', sub: ana.id });
      expect(await one.query(finish, [ids[0]])).toMatchObject([{ state: 'processing' }]);
    },
    other,
    () => asRequest(other, ana, finish, [ids[1]]),
  );
  expect(second).toEqual([{ state: 'refused', error: 'media.quota_exceeded' }]);
});

test('the uploads of one person wait behind one of everybody else, however many they are', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const scene = new MediaScene(db);
  const queued = async (owner: Person) => {
    await db.query('begin');
    const { id } = await scene.upload(owner, 'posts');
    await scene.as(owner, 'select public.finish_media_upload($1)', [id]);
    await scene.owner();
    await db.query('commit');
    return id;
  };
  const [ana, ben] = [await db.signUp(), await db.signUp()];
  const ofAna: string[] = [];
  for (let n = 0; n < 4; n += 1) ofAna.push(await queued(ana));
  const ofBen = await queued(ben);
  const claim = async (): Promise<string[]> => {
    const rows = await db.query<{ id: string }>("select id from app_private.claim_media(2, interval '1 minute')");
    return rows.map(({ id }) => id).toSorted();
  };
  expect(await claim()).toEqual([ofAna[0], ofBen].toSorted());
  // However long those take: who comes now waits behind no second one of anybody.
  const cat = await db.signUp();
  await db.query("update public.media set uploaded_at = uploaded_at - interval '1 hour' where owner_id = $1", [ana.id]);
  const ofCat = await queued(cat);
  expect(await claim()).toEqual([ofAna[1], ofCat].toSorted());
  expect(await claim()).toEqual(ofAna.slice(2).toSorted());
});
