import { expect, test } from 'vitest';
import type { Person } from '../../support/database.ts';
import { scene as anyScene, type Scene } from './support.ts';

/** Without what other tests have left to be sent. */
const scene = (fn: (s: Scene) => Promise<void>) =>
  anyScene(async (s) => {
    await s.sql('delete from app_private.notification_deliveries');
    await fn(s);
  });

/** A device of somebody, on a host. */
async function device(s: Scene, who: Person, host: string): Promise<void> {
  await s.owner();
  await s.sql(
    `insert into app_private.push_subscriptions (user_id, session_id, endpoint, p256dh, auth)
     values ($1, $2, 'https://' || $3 || '/' || gen_random_uuid(), '', '')`,
    [who.id, await s.db.signIn(who), host],
  );
}

const note = (s: Scene, who: Person, kind: string, count: number) =>
  s.sql(
    `select app_private.raise_notification($1, $2, $2 || n, null, null, null, null, '{"title": "Words"}', null, 1, now())
     from generate_series(1, $3) n`,
    [who.id, kind, count],
  );

async function claimed(s: Scene, limit: number, rooms: object = {}, closed: object = {}) {
  const rows = await s.sql<{ user_id: string; host: string }>(
    "select user_id, target ->> 'host' as host from app_private.claim_deliveries('push', $1, interval '30 seconds', $2, $3)",
    [limit, rooms, closed],
  );
  return rows
    .filter(({ host }) => host.endsWith('.host.example'))
    .map(({ user_id, host }) => `${user_id} ${host}`)
    .sort();
}

test('two messages of a person and of a host are taken at a time, or as many as there is room for', () =>
  scene(async (s) => {
    const [ada, bob] = await s.people(2);
    if (!ada || !bob) throw new Error('no people');
    await device(s, ada, 'slow.host.example');
    await device(s, bob, 'slow.host.example');
    await device(s, bob, 'quick.host.example');
    await note(s, ada, 'password_changed', 5);
    await note(s, bob, 'password_changed', 5);
    const first = await claimed(s, 40);
    expect(first.filter((one) => one.startsWith(ada.id)).length).toBeLessThanOrEqual(2);
    expect(first.filter((one) => one.startsWith(bob.id)).length).toBeLessThanOrEqual(2);
    expect(first.filter((one) => one.endsWith('slow.host.example'))).toHaveLength(2);
    expect(await claimed(s, 40, { [`person ${ada.id}`]: 0, [`person ${bob.id}`]: 0 })).toEqual([]);
    expect(
      await claimed(s, 40, {
        [`person ${ada.id}`]: 10,
        [`person ${bob.id}`]: 0,
        'host slow.host.example': 3,
      }),
    ).toHaveLength(3);
  }));

test('a host that is closed is put off for as long, and holds nobody else up', () =>
  scene(async (s) => {
    const [ada, bob] = await s.people(2);
    if (!ada || !bob) throw new Error('no people');
    await device(s, ada, 'dead.host.example');
    await device(s, bob, 'quick.host.example');
    // More than what is looked at in one go, and before all others.
    await note(s, ada, 'password_changed', 350);
    await s.sql("update app_private.notification_deliveries set next_attempt_at = now() - interval '1 minute'");
    await note(s, bob, 'password_changed', 1);
    await claimed(s, 40, {}, { 'host dead.host.example': 60 });
    expect(await claimed(s, 40, {}, { 'host dead.host.example': 60 })).toEqual([`${bob.id} quick.host.example`]);
    const [row] = await s.sql<{ waits: string }>(
      "select count(*) as waits from app_private.notification_deliveries where attempts = 0 and next_attempt_at = now() + interval '60 seconds'",
    );
    expect(row?.waits).toBe('350');
  }));

test('a target that is closed is put off by itself', () =>
  scene(async (s) => {
    const [ada, bob] = await s.people(2);
    if (!ada || !bob) throw new Error('no people');
    for (const who of [ada, bob]) {
      await device(s, who, 'one.host.example');
      await note(s, who, 'password_changed', 1);
    }
    const [adas] = await s.sql<{ id: string }>('select id from app_private.push_subscriptions where user_id = $1', [
      ada.id,
    ]);
    expect(await claimed(s, 40, {}, { [`target ${adas?.id}`]: 60 })).toEqual([`${bob.id} one.host.example`]);
  }));

test('neither a port nor a final dot nor capitals make another host of one', () =>
  scene(async (s) => {
    const people = await s.people(3);
    for (const [n, host] of ['one.host.example', 'ONE.host.example:8443', 'one.host.example.:443'].entries()) {
      const who = people[n];
      if (!who) throw new Error('no people');
      await device(s, who, host);
      await note(s, who, 'password_changed', 1);
    }
    expect(await claimed(s, 40)).toHaveLength(2);
    const [row] = await s.sql<{ host: string }>("select app_private.host_of('https://[2001:db8::1]:8443/x') as host");
    expect(row?.host).toBe('[2001:db8::1]');
  }));

test('who has no room makes way for what is behind', () =>
  scene(async (s) => {
    const [ada, bob] = await s.people(2);
    if (!ada || !bob) throw new Error('no people');
    await device(s, ada, 'slow.host.example');
    await device(s, bob, 'quick.host.example');
    await note(s, ada, 'password_changed', 350);
    await s.sql("update app_private.notification_deliveries set next_attempt_at = now() - interval '1 minute'");
    await note(s, bob, 'password_changed', 1);
    expect(await claimed(s, 40, { [`person ${ada.id}`]: 0 })).toEqual([]);
    expect(await claimed(s, 40, { [`person ${ada.id}`]: 0 })).toEqual([`${bob.id} quick.host.example`]);
  }));

test('quiet hours are asked when a message is taken, and those of an unknown time zone are none', () =>
  scene(async (s) => {
    const [ada] = await s.people(1);
    if (!ada) throw new Error('no people');
    await device(s, ada, 'quick.host.example');
    await note(s, ada, 'notice', 1);
    await s.sql('alter table public.account_settings disable trigger user');
    const quiet = (time_zone: string) =>
      s.sql(
        `update public.account_settings set notification_settings = jsonb_build_object('quiet_hours', jsonb_build_object(
           'from', to_char(now() at time zone 'utc' - interval '1 hour', 'HH24:MI'),
           'to', to_char(now() at time zone 'utc' + interval '1 hour', 'HH24:MI'), 'time_zone', $2::text)) where user_id = $1`,
        [ada.id, time_zone],
      );
    await quiet('UTC');
    expect(await claimed(s, 40)).toEqual([]);
    await note(s, ada, 'password_changed', 1);
    expect(await claimed(s, 40)).toHaveLength(1);
    await s.sql('update app_private.notification_deliveries set next_attempt_at = now() where attempts = 0');
    await quiet('Mars/Olympus');
    expect(await claimed(s, 40)).toHaveLength(1);
  }));
