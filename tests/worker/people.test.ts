import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ownStores } from './stores.ts';

test('popular people are suggested as soon as a worker is there, and names given up long ago are let go when the job is due', async () => {
  await using stores = await ownStores();
  await stores.db.query(
    `insert into auth.users (id, email) select gen_random_uuid(), 'person' || n || '@people.test' from generate_series(1, 2) n`,
  );
  await stores.db.query(
    `insert into public.follows (follower_id, followee_id) select a.id, b.id from public.profiles a, public.profiles b
     where a.username = 'person1' and b.username = 'person2'`,
  );
  await stores.db.query(
    `insert into app_private.former_usernames (username, until) values ('long.gone', now() - interval '1 day'), ('gone', now() + interval '1 day')`,
  );
  await stores.start();
  // The library makes its functions when the worker has started.
  await eventually('the job is added', () =>
    stores.db.query("select graphile_worker.add_job('prune_former_usernames')").then(
      () => true,
      () => false,
    ),
  );
  await eventually('both are done', async () => {
    const { rows } = await stores.db.query(
      `select (select count(*)::int from app_private.popular_people) as popular,
         (select array_agg(f.username::text) from app_private.former_usernames f) as names`,
    );
    return rows[0].popular === 1 && rows[0].names.length === 1;
  });
  const { rows } = await stores.db.query('select username::text from app_private.former_usernames');
  expect(rows).toEqual([{ username: 'gone' }]);
});
