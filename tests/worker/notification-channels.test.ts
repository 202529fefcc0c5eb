import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import webpush from 'web-push';
import { asRequest, committed, connect, type Person, type TestConnection } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startMailServer } from '../support/mail-server.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import type { WorkerFixture } from './fixture.ts';
import { spawnWorker } from './spawn.ts';
import { ownStores } from './stores.ts';

const VAPID = webpush.generateVAPIDKeys();
const NOTE = `select app_private.emit_event('user.password_changed', $1, jsonb_build_object('user_id', $1::uuid))`;

interface House extends AsyncDisposable {
  readonly stores: WorkerFixture;
  readonly db: TestConnection;
  readonly push: PushService;
  readonly hook: WebhookReceiver;
  readonly mail: Awaited<ReturnType<typeof startMailServer>>;
  readonly ana: Person;
  readonly ben: Person;
  /** A function of `public` as somebody. */
  readonly as: <Row>(who: Person, text: string, values?: unknown[]) => Promise<Row[]>;
}

/** Two people, a database of their own, and everything that a worker sends to, each with its own memory. */
async function house(settings: Record<string, string> = {}): Promise<House> {
  await using stack = new AsyncDisposableStack();
  const push = stack.use(await startPushService(VAPID.publicKey));
  const hook = stack.use(await startWebhookReceiver());
  const mail = stack.use(await startMailServer());
  const stores = stack.use(
    await ownStores({
      ...{ ASTRA_VAPID_PUBLIC_KEY: VAPID.publicKey, ASTRA_VAPID_PRIVATE_KEY: VAPID.privateKey },
      ...{
        ASTRA_ALLOW_PRIVATE_TARGETS: 'true',
        SMTP_URL: mail.url,
        ASTRA_APP_URL: 'https://app.example/',
        ...settings,
      },
    }),
  );
  const db = stack.use(await connect(stores.environment['SUPABASE_DB_URL']));
  const [ana, ben] = [await db.signUp(), await db.signUp()];
  await db.query("update app_private.notification_rules set push_again_after = '0', digest_after = '0'");
  const moved = stack.move();
  return {
    ...{ stores, db, push, hook, mail, ana, ben },
    as: <Row>(who: Person, text: string, values: unknown[] = []) => asRequest<Row>(db, who, text, values),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** As somebody with a session, and without what they are told of it, which has tests of its own. */
function silently<Row>(
  { db }: House,
  who: Person,
  text: string,
  values: unknown[],
  session_id?: string,
): Promise<Row[]> {
  return committed(db, async () => {
    const session = session_id ?? (await db.signIn(who));
    await db.as({ role: 'authenticated', sub: who.id, session_id: session });
    const rows = await db.query<Row>(text, values);
    await db.as({ role: 'postgres' });
    await db.query("delete from app_private.outbox_events where type in ('user.target_added', 'user.logged_in')");
    return rows;
  });
}

async function subscribe(h: House, who: Person, session_id?: string, more: Record<string, unknown> = {}) {
  const subscription = { ...h.push.subscribe(), ...more };
  await silently(h, who, 'select public.add_push_subscription($1)', [subscription], session_id);
  return subscription.endpoint;
}

async function register(h: House, who: Person, url = h.hook.url): Promise<string> {
  const [row] = await silently<{ made: { id: string; secret: string } }>(
    h,
    who,
    'select public.add_notification_webhook($1) as made',
    [url],
  );
  if (url === h.hook.url) h.hook.expect(row?.made.secret ?? '');
  return row?.made.id ?? '';
}

const settle = ({ db }: House) =>
  db.query('update app_private.notification_deliveries set next_attempt_at = now() where sent_seq < seq');
const settings = ({ db }: House, who: Person, value: unknown) =>
  db.query('update public.account_settings set notification_settings = $2 where user_id = $1', [who.id, value]);
const waiting = ({ db }: House) =>
  db.query<{ channel: string; last_error: string | null; attempts: number }>(
    'select channel, last_error, attempts from app_private.notification_deliveries where sent_seq < seq',
  );

describe('push messages', () => {
  test('reach every device of a person, encrypted for it, signed by the project, and replace each other by topic and tag', async () => {
    await using h = await house();
    const [phone, laptop] = [await subscribe(h, h.ana), await subscribe(h, h.ana)];
    await subscribe(h, h.ben);
    await h.stores.start();
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [h.ben.id, h.ana.id]);
    await eventually('both have it', async () => h.push.pushed.length === 2);
    expect(new Set(h.push.pushed.map(({ endpoint }) => endpoint))).toEqual(new Set([phone, laptop]));
    const [first] = h.push.pushed;
    expect(first).toMatchObject({
      ...{ urgency: 'normal', ttl: '86400', topic: expect.stringMatching(/^[\w-]{32}$/) },
      payload: { kind: 'follow', seq: 1, text: `${h.ben.username} started following you.`, tag: expect.any(String) },
    });
    const eve = await h.db.signUp();
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [eve.id, h.ana.id]);
    await eventually('both have more', async () => h.push.pushed.length === 4);
    const last = h.push.pushed[3];
    expect(last).toMatchObject({ topic: first?.topic, payload: { seq: 2, tag: first?.payload['tag'] } });
  });

  test('go without pictures where they would be larger than a push service takes', async () => {
    await using h = await house();
    await subscribe(h, h.ana);
    const eve = await h.db.signUp();
    for (const { id } of [h.ben, eve]) {
      await h.db.query(
        "update public.profiles set avatar_url = 'https://a.example/' || repeat('x', 2000) where id = $1",
        [id],
      );
      await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [id, h.ana.id]);
    }
    await h.stores.start();
    await eventually('both are told', async () => h.push.pushed.length === 1);
    expect(h.push.pushed.at(-1)?.payload['actors']).toEqual([
      { username: eve.username, avatar_url: null },
      { username: h.ben.username, avatar_url: null },
    ]);
  });

  test.each([404, 410])('a subscription that is gone (%i) is removed, and the others go on', async (status) => {
    await using h = await house();
    const [gone, good] = [await subscribe(h, h.ana), await subscribe(h, h.ana)];
    h.push.answer(gone, status);
    await h.stores.start();
    await h.db.query(NOTE, [h.ana.id]);
    await eventually('the good one has it', async () => h.push.pushed.length === 1);
    await eventually(
      'the other is removed',
      async () => (await h.db.query('select from app_private.push_subscriptions')).length === 1,
    );
    expect(await h.as(h.ana, 'select endpoint from public.my_push_subscriptions()')).toEqual([{ endpoint: good }]);
    await eventually('nothing waits', async () => (await waiting(h)).length === 0);
  });

  test('a service that is busy or broken is asked again, not before it says so, and what it never takes is given up', async () => {
    await using h = await house();
    const endpoint = await subscribe(h, h.ana);
    h.push.answer(endpoint, 500, { status: 429, retryAfter_s: 3_000 });
    await h.stores.start();
    await h.db.query(NOTE, [h.ana.id]);
    await eventually('it was refused', async () => (await waiting(h))[0]?.last_error === 'it answered 500');
    await settle(h);
    await eventually('it is to wait', async () => (await waiting(h))[0]?.last_error === 'it answered 429');
    const [due] = await h.db.query<{ wait_s: number }>(
      'select extract(epoch from next_attempt_at - now())::float8 as wait_s from app_private.notification_deliveries',
    );
    expect(due?.wait_s).toBeGreaterThan(2_900);
    await settle(h);
    await eventually('it is there', async () => h.push.pushed.length === 1);
    h.push.answer(endpoint, 400);
    await h.db.query(NOTE, [h.ana.id]);
    await eventually(
      'it is given up',
      async () =>
        (
          await h.db.query(
            "select from app_private.notification_deliveries where last_error = 'it answered 400' and sent_seq = seq",
          )
        ).length === 1,
    );
  });

  test('a subscription that takes nothing of ten messages is disabled for its owner to see, and the next one that is taken makes up for all before', async () => {
    await using h = await house();
    const endpoint = await subscribe(h, h.ana);
    await h.stores.start();
    const mine = async () =>
      (
        await h.db.query<{ failures: number; disabled_reason: string | null }>(
          'select failures, disabled_reason from app_private.push_subscriptions',
        )
      )[0];
    h.push.answer(endpoint, ...Array.from({ length: 9 }, () => 400));
    for (let n = 0; n < 9; n += 1) await h.db.query(NOTE, [h.ana.id]);
    await eventually('nine are given up', async () => (await mine())?.failures === 9);
    await h.db.query(NOTE, [h.ana.id]);
    await eventually('one is taken', async () => (await mine())?.failures === 0);
    h.push.answer(endpoint, ...Array.from({ length: 10 }, () => 400));
    for (let n = 0; n < 10; n += 1) await h.db.query(NOTE, [h.ana.id]);
    await eventually('it is disabled', async () => (await mine())?.disabled_reason === 'it answered 400');
    expect(await h.as(h.ana, 'select disabled_reason from public.my_push_subscriptions()')).toEqual([
      { disabled_reason: 'it answered 400' },
    ]);
    await h.db.query(NOTE, [h.ana.id]);
    await h.db.query('select app_private.project_notifications(1000)');
    await eventually('nothing waits', async () => (await waiting(h)).length === 0);
    expect(h.push.requests()).toBe(20);
  });

  test('a message that was read before it went makes up for no failure', async () => {
    await using h = await house();
    const endpoint = await subscribe(h, h.ana);
    await h.db.query('update app_private.push_subscriptions set failures = 9, failing_since = now()');
    await h.db.query(NOTE, [h.ana.id]);
    await h.db.query('select app_private.project_notifications(1000)');
    await h.as(h.ana, 'select public.mark_all_notifications_read()');
    expect(await waiting(h)).toHaveLength(1);
    await h.stores.start();
    await eventually('nothing waits', async () => (await waiting(h)).length === 0);
    expect(h.push.requests()).toBe(0);
    h.push.answer(endpoint, 400);
    await h.db.query(NOTE, [h.ana.id]);
    await eventually('it was given up', async () => h.push.requests() === 1 && (await waiting(h)).length === 0);
    expect(await h.db.query('select failures, disabled_reason from app_private.push_subscriptions')).toEqual([
      { failures: 10, disabled_reason: 'it answered 400' },
    ]);
  });

  test('a subscription whose server is broken for three days is disabled', async () => {
    await using h = await house();
    const endpoint = await subscribe(h, h.ana);
    await h.db.query("update app_private.push_subscriptions set failing_since = now() - interval '4 days'");
    h.push.answer(endpoint, 503);
    await h.stores.start();
    await h.db.query(NOTE, [h.ana.id]);
    await eventually(
      'it is disabled',
      async () =>
        (await h.db.query("select from app_private.push_subscriptions where disabled_reason = 'it answered 503'"))
          .length === 1,
    );
  });

  test('keys that are none are final, and what is over or whose session has ended gets nothing', async () => {
    await using h = await house();
    const ended = await h.db.signIn(h.ana);
    const bad = await subscribe(h, h.ana, undefined, { keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) } });
    await subscribe(h, h.ana, undefined, { expirationTime: Date.now() - 1_000 });
    await subscribe(h, h.ana, ended);
    const good = await subscribe(h, h.ana);
    await h.db.query(NOTE, [h.ana.id]);
    await h.db.query('select app_private.project_notifications(1000)');
    await h.db.query('delete from auth.sessions where id = $1', [ended]);
    await h.stores.start();
    await eventually('nothing waits', async () => (await waiting(h)).length === 0);
    await eventually('the good one has it', async () => h.push.pushed.length === 1);
    expect(h.push.pushed.map(({ endpoint }) => endpoint)).toEqual([good]);
    expect(h.push.requests()).toBe(1);
    expect(
      await h.db.query(
        'select endpoint, disabled_reason from app_private.push_subscriptions where disabled_at is not null',
      ),
    ).toEqual([{ endpoint: bad, disabled_reason: 'its keys are not those of a push subscription' }]);
  });

  test('what was read, or is not wanted any more, or hidden by a mute by then is not sent', async () => {
    await using h = await house();
    await subscribe(h, h.ana);
    const [post] = await h.as<{ id: string }>(
      h.ana,
      `insert into public.posts (content) values ('Words') returning id`,
    );
    await settings(h, h.ana, { quiet_hours: null });
    await h.as(h.ben, 'insert into public.post_likes (post_id) values ($1)', [post?.id]);
    await h.db.query(NOTE, [h.ana.id]);
    await h.db.query('select app_private.project_notifications(1000)');
    await h.db.query('insert into public.mutes (muter_id, muted_id) values ($1, $2)', [h.ana.id, h.ben.id]);
    await h.as(h.ana, 'select public.mark_all_notifications_read()');
    await h.stores.start();
    await eventually('nothing waits', async () => (await waiting(h)).length === 0);
    expect(h.push.requests()).toBe(0);
  });

  test('a device that somebody else signs in on pushes for them alone', async () => {
    await using h = await house();
    const subscription = h.push.subscribe();
    await silently(h, h.ana, 'select public.add_push_subscription($1)', [subscription]);
    await h.db.query(NOTE, [h.ana.id]);
    await h.db.query('select app_private.project_notifications(1000)');
    await silently(h, h.ben, 'select public.add_push_subscription($1)', [subscription]);
    await h.db.query(NOTE, [h.ben.id]);
    await h.stores.start();
    await eventually('it has one', async () => h.push.pushed.length > 0);
    await eventually('nothing waits', async () => (await waiting(h)).length === 0);
    expect(h.push.pushed).toHaveLength(1);
    expect(await h.as(h.ana, 'select * from public.my_push_subscriptions()')).toEqual([]);
  });
});

describe('webhooks', () => {
  test('are signed so that the library of Standard Webhooks takes them, and have the notification', async () => {
    await using h = await house();
    await register(h, h.ana);
    await h.stores.start();
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [h.ben.id, h.ana.id]);
    await eventually('it came', async () => h.hook.received.size === 1);
    const [one] = h.hook.received.values();
    expect(one).toMatchObject({
      id: `msg_${one?.body.data['id']}_1`,
      body: { type: 'notification', data: { kind: 'follow', seq: 1, actors: [{ id: h.ben.id }], is_read: false } },
    });
    expect(h.hook.refused()).toBe(0);
  });

  test('come again with the same id after a failure, and what is added meanwhile comes with the next id', async () => {
    await using h = await house();
    await register(h, h.ana);
    h.hook.answer(503, 302);
    await h.stores.start();
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [h.ben.id, h.ana.id]);
    await eventually('it was refused', async () => (await waiting(h))[0]?.last_error === 'it answered 503');
    const eve = await h.db.signUp();
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [eve.id, h.ana.id]);
    await eventually(
      'it was added',
      async () => (await h.db.query('select from public.notifications where seq = 2')).length === 1,
    );
    await settle(h);
    // No redirect is followed, wherever it leads: it is final.
    await eventually('it is given up', async () => (await waiting(h)).length === 0);
    expect(h.hook.received.size).toBe(0);
    await h.db.query(NOTE, [h.ana.id]);
    await eventually('the next came', async () => h.hook.received.size === 1);
    expect([...h.hook.received.keys()]).toEqual([expect.stringMatching(/_3$/)]);
  });

  test('are disabled for their owner to see when they are gone (410) or have failed ten times in a row, and come back when registered again', async () => {
    await using h = await house();
    const id = await register(h, h.ana);
    h.hook.answer(410);
    await h.stores.start();
    await h.db.query(NOTE, [h.ana.id]);
    const mine = () =>
      h.as<{ disabled_reason: string | null }>(h.ana, 'select disabled_reason from public.my_notification_webhooks()');
    await eventually('it is disabled', async () => (await mine())[0]?.disabled_reason === 'it answered 410');
    expect(await register(h, h.ana)).toBe(id);
    h.hook.answer(...Array.from({ length: 10 }, () => 400));
    for (let n = 0; n < 10; n += 1) await h.db.query(NOTE, [h.ana.id]);
    await eventually('it is disabled again', async () => (await mine())[0]?.disabled_reason === 'it answered 400');
    const before = h.hook.requests();
    await h.db.query(NOTE, [h.ana.id]);
    await h.db.query('select app_private.project_notifications(1000)');
    expect(await waiting(h)).toEqual([]);
    expect(h.hook.requests()).toBe(before);
  });

  test('one who never answers keeps nobody else waiting, and has two messages at a time', async () => {
    await using h = await house();
    let asked = 0;
    let ended = 0;
    const silent = createServer((request) => {
      asked += 1;
      request.on('close', () => {
        ended += 1;
      });
    });
    silent.listen(0);
    await once(silent, 'listening');
    try {
      await register(h, h.ben, `http://localhost:${(silent.address() as AddressInfo).port}/hook`);
      await register(h, h.ana);
      for (let n = 0; n < 60; n += 1) await h.db.query(NOTE, [h.ben.id]);
      for (let n = 0; n < 60; n += 1) await h.db.query(NOTE, [h.ana.id]);
      await h.db.query('select app_private.project_notifications(1000)');
      await h.stores.start();
      await eventually('all of the others came', async () => h.hook.received.size === 60);
      // Not after the silent one was given up: it still had its messages.
      expect({ asked, ended }).toEqual({ asked: 2, ended: 0 });
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  test('a worker killed in the middle of sending loses none; what comes twice has the same id', async () => {
    await using h = await house();
    await register(h, h.ana);
    const total = 60;
    for (let n = 0; n < total; n += 1) await h.db.query(NOTE, [h.ana.id]);
    let kills = 0;
    for (; kills < 6 && h.hook.received.size < total; kills += 1) {
      h.hook.answer('hang');
      const before = h.hook.requests();
      const worker = spawnWorker(h.stores.environment);
      await eventually('it sends', async () => h.hook.requests() > before, { every_ms: 1 });
      await wait(Math.random() * 20);
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      // The lease is over.
      await settle(h);
    }
    await h.stores.start();
    await eventually('all came', async () => h.hook.received.size === total);
    await eventually('nothing waits', async () => (await waiting(h)).length === 0);
    const seqs = [...h.hook.received.values()].map(({ body }) => Number(body.data['seq'])).sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: total }, (_, n) => n + 1));
    expect(kills).toBeGreaterThan(1);
  });

  test('nothing is sent into private networks or without TLS, whatever was registered', async () => {
    await using h = await house({ ASTRA_ALLOW_PRIVATE_TARGETS: 'false' });
    await register(h, h.ana);
    await subscribe(h, h.ana);
    await h.db.query(
      `insert into app_private.notification_webhooks (user_id, url, secret)
      select $1, u, 'whsec_' || encode('0123456789abcdef0123456789abcdef', 'base64') from unnest($2::text[]) u`,
      [
        h.ana.id,
        [
          'https://localhost/x',
          'https://127.0.0.1:1/x',
          'https://[::1]/x',
          'https://169.254.169.254/latest/meta-data',
          'https://10.0.0.1/x',
          'https://[::ffff:10.0.0.1]/x',
          'https://0x7f000001/x',
          'https://example.com:22/x',
        ],
      ],
    );
    await h.db.query('delete from app_private.outbox_events');
    await h.stores.start();
    await h.db.query(NOTE, [h.ana.id]);
    await eventually('all are given up', async () => {
      const rows = await h.db.query<{ last_error: string | null }>(
        'select last_error from app_private.notification_deliveries where sent_seq = seq',
      );
      return (
        rows.length === 10 &&
        rows.every(({ last_error }) => /^(its address is not public|only .* sent to)$/.test(last_error ?? ''))
      );
    });
    expect([h.hook.requests(), h.push.requests()]).toEqual([0, 0]);
  });
});

describe('mails', () => {
  const confirm = ({ db }: House, who: Person) =>
    db.query('update auth.users set email_confirmed_at = now() where id = $1', [who.id]);

  test('tell once what was not read, of the kinds that somebody wants by mail, to a confirmed address', async () => {
    await using h = await house();
    await confirm(h, h.ana);
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [h.ben.id, h.ana.id]);
    await h.db.query(NOTE, [h.ana.id]);
    await h.db.query(NOTE, [h.ben.id]);
    await h.stores.start();
    await eventually('it came', async () => h.mail.mails.length > 0);
    await eventually(
      'nothing waits',
      async () =>
        (await h.db.query('select from app_private.notification_digests where due_at is not null')).length === 0,
    );
    expect(h.mail.mails).toHaveLength(1);
    const [mail] = h.mail.mails;
    expect(mail).toMatchObject({
      subject: 'Your password was changed.',
      from: { text: '"Astra" <no-reply@localhost>' },
    });
    expect(mail?.text).toContain('https://app.example/');
    expect(mail?.text).not.toContain('following');
    expect(JSON.stringify(mail?.to)).toContain(`${h.ana.id}@example.test`);
  });

  test('gather for a while, leave out what was read, and what they tell cannot be HTML of somebody else', async () => {
    await using h = await house();
    await confirm(h, h.ana);
    await settings(h, h.ana, { follows: { email: true } });
    await h.db.query(`update public.profiles set full_name = '<b>Ben & Co</b>' where id = $1`, [h.ben.id]);
    await h.db.query("update app_private.notification_rules set digest_after = '1 hour'");
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [h.ben.id, h.ana.id]);
    await h.db.query("select admin.send_notice($1, 'Pause', 'Tonight', 'of a test')", [h.ana.username]);
    await h.stores.start();
    await eventually(
      'it gathers',
      async () =>
        (await h.db.query("select from app_private.notification_digests where due_at > now() + interval '50 minutes'"))
          .length === 1,
    );
    await eventually(
      'both are there',
      async () => (await h.db.query('select from public.notifications where user_id = $1', [h.ana.id])).length === 2,
    );
    await h.db.query('update app_private.notification_digests set due_at = now()');
    await eventually('it came', async () => h.mail.mails.length === 1);
    expect(h.mail.mails[0]).toMatchObject({ subject: '2 things you have not seen' });
    expect(h.mail.mails[0]?.text).toContain('Pause: Tonight');
    expect(String(h.mail.mails[0]?.html)).toContain('&#60;b&#62;Ben &#38; Co&#60;/b&#62; started following you.');
    await h.as(h.ana, 'select public.mark_all_notifications_read()');
    await h.db.query('update app_private.notification_digests set due_at = now(), from_seq = 0');
    await eventually(
      'there is nothing to tell',
      async () => (await h.db.query('select from app_private.notification_digests where due_at is null')).length === 1,
    );
    expect(h.mail.mails).toHaveLength(1);
  });

  test('of security go alone, with what tells whether it was oneself, and leave the rest to its own hour', async () => {
    await using h = await house();
    await confirm(h, h.ana);
    await settings(h, h.ana, { follows: { email: true } });
    await h.db.query("update app_private.notification_rules set digest_after = '1 hour'");
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [h.ben.id, h.ana.id]);
    const signIn = `insert into auth.sessions (id, user_id, user_agent, ip) values (gen_random_uuid(), $1, $2, $3)`;
    await h.db.query(signIn, [h.ana.id, 'Phone', '192.0.2.7']);
    await h.db.query(signIn, [h.ana.id, 'Laptop of www.evil.example', '198.51.100.4']);
    await h.stores.start();
    await eventually('it came', async () => h.mail.mails.length === 1);
    expect(h.mail.mails[0]).toMatchObject({ subject: 'Somebody signed in to your account from a new device.' });
    const text = h.mail.mails[0]?.text;
    expect(text).toMatch(
      /new device\. \d{4}-\d\d-\d\d \d\d:\d\d UTC, Laptop of www\u2024evil\u2024example, 198\.51\.100\.4/,
    );
    expect(text).not.toContain('following');
    await eventually(
      'the rest waits',
      async () =>
        (await h.db.query("select from app_private.notification_digests where due_at > now() + interval '50 minutes'"))
          .length === 1,
    );
    await h.db.query('update app_private.notification_digests set due_at = now() where not is_security');
    await eventually('the rest came', async () => h.mail.mails.length === 2);
    expect(h.mail.mails[1]?.text).toContain('started following you.');
    expect(h.mail.mails[1]?.text).not.toContain('signed in');
  });

  test('are tried again when the server is busy or the line breaks, as the same mail, and not when it says no', async () => {
    await using h = await house();
    await confirm(h, h.ana);
    h.mail.answer('busy', 'lost');
    await h.stores.start();
    await h.db.query(NOTE, [h.ana.id]);
    const digest = async () =>
      (
        await h.db.query<{ attempts: number; last_error: string | null; due: boolean }>(
          'select attempts, last_error, due_at is not null as due from app_private.notification_digests',
        )
      )[0];
    await eventually('it was busy', async () => (await digest())?.last_error?.includes('come again'));
    await h.db.query('update app_private.notification_digests set due_at = now()');
    await eventually('it was lost', async () => h.mail.mails.length === 1);
    await eventually('its loss was noted', async () => !(await digest())?.last_error?.includes('come again'));
    // What comes meanwhile is for the next mail.
    await h.db.query(NOTE, [h.ana.id]);
    await eventually(
      'there is more',
      async () =>
        (await h.db.query('select from app_private.notification_digests where again_at is not null')).length === 1,
    );
    await h.db.query('update app_private.notification_digests set due_at = now()');
    await eventually('it came again, then the next', async () => h.mail.mails.length === 3);
    const ids = h.mail.mails.map(({ messageId }) => messageId);
    expect(ids).toEqual([
      `<security.${h.ana.id}.1@notifications.astra>`,
      `<security.${h.ana.id}.1@notifications.astra>`,
      `<security.${h.ana.id}.2@notifications.astra>`,
    ]);
    h.mail.answer('unknown');
    await h.db.query(NOTE, [h.ana.id]);
    await eventually('it is given up', async () => {
      const now = await digest();
      return now?.due === false && now.last_error?.includes('nobody here');
    });
    expect(h.mail.mails).toHaveLength(3);
  });
});

describe('quiet hours', () => {
  let h: House;
  beforeAll(async () => {
    h = await house();
  });
  afterAll(() => h[Symbol.asyncDispose]());

  test.each([
    ['22:00', '07:00', 'Europe/Belgrade', '2026-07-01T20:30:00Z', '2026-07-02T05:00:00.000Z'],
    ['22:00', '07:00', 'Europe/Belgrade', '2026-07-02T04:59:00Z', '2026-07-02T05:00:00.000Z'],
    ['22:00', '07:00', 'Europe/Belgrade', '2026-07-02T05:00:00Z', null],
    ['22:00', '07:00', 'Europe/Belgrade', '2026-12-01T20:30:00Z', null],
    // The night in which clocks go forward is an hour shorter.
    ['22:00', '07:00', 'Europe/Belgrade', '2026-03-28T22:30:00Z', '2026-03-29T05:00:00.000Z'],
    ['12:00', '13:00', 'Asia/Kolkata', '2026-07-01T06:45:00Z', '2026-07-01T07:30:00.000Z'],
    ['12:00', '13:00', 'Asia/Kolkata', '2026-07-01T07:30:00Z', null],
  ])('from %s to %s in %s: at %s it is quiet until %s', async (from, to, time_zone, now, until) => {
    const { quiet } = await h.db.one<{ quiet: Date | null }>('select app_private.quiet_until($1, $2) as quiet', [
      { quiet_hours: { from, to, time_zone } },
      now,
    ]);
    expect(quiet?.toISOString() ?? null).toBe(until);
  });

  test('push messages wait until they are over, webhooks and what guards the account do not', async () => {
    const endpoint = await subscribe(h, h.ana);
    await register(h, h.ana);
    const hour = (ahead: number) => `${String((new Date().getUTCHours() + ahead + 24) % 24).padStart(2, '0')}:00`;
    await settings(h, h.ana, { quiet_hours: { from: hour(-1), to: hour(2), time_zone: 'UTC' } });
    await h.db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [h.ben.id, h.ana.id]);
    await h.db.query(NOTE, [h.ana.id]);
    await h.stores.start();
    await eventually('both webhooks came', async () => h.hook.received.size === 2);
    await eventually('the one came', async () => h.push.pushed.length === 1);
    expect(h.push.pushed[0]).toMatchObject({ endpoint, urgency: 'high', payload: { kind: 'password_changed' } });
    const rest = await h.db.query(
      "select from app_private.notification_deliveries where channel = 'push' and sent_seq < seq and attempts = 0 and next_attempt_at > now()",
    );
    expect(rest).toHaveLength(1);
  });
});
