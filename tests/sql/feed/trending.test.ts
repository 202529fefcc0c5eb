import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { people } from './support.ts';

async function tagged(
  db: TestConnection,
  author: Person,
  tags: string[],
  more: { visibility?: string; ago?: string } = {},
) {
  await db.query(
    `insert into public.posts (author_id, content, tags, visibility, published_at) values ($1, 'Hello', $2, $3, now() - $4::interval)`,
    [author.id, tags, more.visibility ?? 'public', more.ago ?? '1 minute'],
  );
}

const refresh = async (db: TestConnection) =>
  (await db.one<{ done: number }>('select app_private.refresh_trending() as done')).done;
const trending = (db: TestConnection, period: string) =>
  db.query(
    'select rank, tag, posts_count::int, people_count::int from public.trending_tags where period = $1 order by rank',
    [period],
  );

/** Without what other tests posted. */
function alone(fn: (db: TestConnection) => Promise<void>): Promise<void> {
  return withRollback(async (db) => {
    await db.query('delete from public.trending_tags');
    await db.query('delete from public.post_tags');
    await fn(db);
  });
}

test('ranks tags by how many people used them in each window', () =>
  alone(async (db) => {
    const [ana, ben, cem] = await people(db, 3);
    for (let n = 0; n < 5; n += 1) await tagged(db, ana, ['loud']);
    await tagged(db, ana, ['shared']);
    await tagged(db, ben, ['shared']);
    await tagged(db, cem, ['older'], { ago: '5 hours' });
    await tagged(db, cem, ['oldest'], { ago: '8 days' });
    expect(await refresh(db)).toBe(3);
    expect(await trending(db, 'hour')).toEqual([
      { rank: 1, tag: 'shared', posts_count: 2, people_count: 2 },
      { rank: 2, tag: 'loud', posts_count: 5, people_count: 1 },
    ]);
    expect((await trending(db, 'week')).map(({ tag }) => tag)).toEqual(['shared', 'loud', 'older']);
  }));

test('leaves out what is not for everybody', () =>
  alone(async (db) => {
    const [open, closed] = await people(db, 2);
    await tagged(db, open, ['friendly'], { visibility: 'friends' });
    await tagged(db, closed, ['hidden']);
    await db.query(`update public.account_settings set privacy_settings = '{"is_private": true}' where user_id = $1`, [
      closed.id,
    ]);
    await refresh(db);
    expect(await trending(db, 'hour')).toEqual([]);
  }));

test('does again only what is due', () =>
  alone(async (db) => {
    const [ana] = await people(db, 1);
    await tagged(db, ana, ['tag']);
    expect(await refresh(db)).toBe(3);
    expect(await refresh(db)).toBe(0);
    await db.query(`update public.trending_tags set computed_at = now() - interval '1 minute'`);
    expect(await refresh(db)).toBe(1);
  }));

test('everybody reads what is trending, signed in or not', () =>
  alone(async (db) => {
    const [ana] = await people(db, 1);
    await tagged(db, ana, ['tag']);
    await refresh(db);
    for (const role of ['anon', 'authenticated'] as const) {
      await db.as({ role });
      expect(await trending(db, 'day')).toHaveLength(1);
    }
  }));
