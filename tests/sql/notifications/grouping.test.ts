import { expect, test } from 'vitest';
import { scene } from './support.ts';

test('many likes of a post are one notification, which moves to the end with the next number', () =>
  scene(async (s) => {
    const [ada, ...others] = await s.people(15);
    if (!ada) throw new Error('no people');
    const post = await s.post(ada);
    for (const other of others.slice(0, 13)) await s.like(other, post);
    await s.tell();
    await s.follow(others[0] as (typeof others)[0], ada);
    const [follow, like] = await s.told(ada);
    expect([follow?.kind, like?.seq, like?.events_count, like?.actors_count]).toEqual(['follow', '1', 13, '13']);
    expect(like?.text).toBe(`${others[12]?.username} and 12 others liked your post.`);
    expect(like?.actors.map(({ id }) => id)).toEqual([others[12]?.id, others[11]?.id, others[10]?.id]);
    await s.like(others[13] as (typeof others)[0], post);
    expect(await s.told(ada)).toMatchObject([
      { id: like?.id, seq: '3', actors_count: '14' },
      { id: follow?.id, seq: '2' },
    ]);
  }));

test('who likes again and again is told of once', () =>
  scene(async (s) => {
    const [ada, bob, eve] = await s.people(3);
    if (!ada || !bob || !eve) throw new Error('no people');
    const post = await s.post(ada);
    await s.like(bob, post);
    await s.like(eve, post);
    await s.tell();
    await s.unlike(bob, post);
    expect(await s.told(ada)).toMatchObject([{ actors: [{ id: eve.id }], actors_count: '1' }]);
    await s.unlike(eve, post);
    expect(await s.told(ada)).toEqual([]);
    for (let n = 0; n < 3; n += 1) {
      await s.like(bob, post);
      expect(await s.told(ada)).toMatchObject([{ seq: '1', events_count: 2, actors: [{ id: bob.id }] }]);
      await s.unlike(bob, post);
      await s.tell();
    }
    await s.like(eve, post);
    await s.unlike(eve, post);
    expect(await s.told(ada), 'taken back before anybody was told').toEqual([]);
  }));

test('further ones join a notification that was read while it is young, and make it unread; later they begin another', () =>
  scene(async (s) => {
    const [ada, bob, eve, dan] = await s.people(4);
    if (!ada || !bob || !eve || !dan) throw new Error('no people');
    const post = await s.post(ada);
    await s.like(bob, post);
    const [first] = await s.told(ada);
    await s.call(ada, 'mark_notifications_read', [first?.id]);
    await s.like(eve, post);
    expect(await s.told(ada)).toMatchObject([{ id: first?.id, is_read: false, actors_count: '2' }]);
    await s.call(ada, 'mark_notifications_read', [first?.id]);
    await s.sql("update public.notifications set created_at = now() - interval '25 hours' where id = $1", [first?.id]);
    await s.like(dan, post);
    const [second, ...rest] = await s.told(ada);
    expect(second).toMatchObject({ is_read: false, actors_count: '1', actors: [{ id: dan.id }] });
    expect(rest).toMatchObject([{ id: first?.id, is_read: true, actors_count: '2' }]);
    await s.unlike(bob, post);
    expect((await s.told(ada))[1]).toMatchObject({ id: first?.id, actors_count: '1' });
  }));

test('the first hundred are known by name, all others as a number', () =>
  scene(async (s) => {
    const [ada] = await s.people(1);
    if (!ada) throw new Error('no people');
    const post = await s.post(ada);
    await s.sql(
      `with people as (
         insert into auth.users (id, email) select gen_random_uuid(), 'fan' || gen_random_uuid() || '@example.test' from generate_series(1, 130) returning id
       ) select count(*) from people`,
    );
    await s.sql(
      `insert into public.post_likes (post_id, user_id) select $1, p.id from public.profiles p join auth.users u on u.id = p.id
       where u.email like 'fan%' and u.created_at is not distinct from u.created_at order by p.created_at desc, p.id limit 130`,
      [post],
    );
    expect(await s.told(ada)).toMatchObject([{ actors_count: '130', events_count: 130 }]);
    const rows = await s.sql(
      'select count(*)::int as named from app_private.notification_actors a join public.notifications n on n.id = a.notification_id where n.user_id = $1',
      [ada.id],
    );
    expect(rows).toEqual([{ named: 100 }]);
    await s.sql('delete from public.post_likes where post_id = $1', [post]);
    expect(await s.told(ada)).toEqual([]);
  }));

test('at most so many are kept as operators say, the latest, and none that is too old', () =>
  scene(async (s) => {
    const [ada] = await s.people(1);
    if (!ada) throw new Error('no people');
    await s.sql('update app_private.notification_rules set keep_per_person = 20');
    await s.sql(
      `select app_private.raise_notification($1, 'password_changed', 'g' || n, null, null, null, null, '{}', null, 1, now()) from generate_series(1, 100) n`,
      [ada.id],
    );
    const kept = await s.list(ada, 100);
    expect(kept.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 20 }, (_, n) => 100 - n));
    await s.sql(
      "update public.notifications set updated_at = now() - interval '91 days' where user_id = $1 and seq <= 90",
      [ada.id],
    );
    await s.sql('select app_private.prune_notifications(1000)');
    expect((await s.list(ada, 100)).map(({ seq }) => Number(seq))).toEqual([100, 99, 98, 97, 96, 95, 94, 93, 92, 91]);
    expect(await s.counts(ada)).toMatchObject({ last_seq: 100, unread_count: 10 });
  }));
