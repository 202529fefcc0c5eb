import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { NOTIFICATION_KINDS } from '../../../contracts/api/users.ts';
import type { Person } from '../../support/database.ts';
import { command } from '../wallet/support.ts';
import { type Card, type Scene, scene } from './support.ts';

const kindsOf = (cards: readonly Card[]) => cards.map(({ kind }) => kind);

test('the database and the contract know the same kinds, in the same groups', () =>
  scene(async ({ db }) => {
    const { kinds } = await db.one<{ kinds: string[] }>('select app_hidden.notification_kinds() as kinds');
    expect(kinds).toEqual(Object.values(NOTIFICATION_KINDS).flat());
    for (const [category, members] of Object.entries(NOTIFICATION_KINDS)) {
      for (const kind of members) {
        expect(await db.one('select app_hidden.notification_category($1) as category', [kind])).toEqual({ category });
      }
    }
  }));

describe('the graph', () => {
  test('tells of a follow, and no longer when it is taken back', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      await s.follow(bob, ada);
      expect(await s.told(ada)).toMatchObject([
        {
          ...{ kind: 'follow', category: 'follows', seq: '1', actors_count: '1', is_read: false, is_seen: false },
          ...{ actors: [{ id: bob.id }], text: `${bob.username} started following you.` },
        },
      ]);
      expect(await s.list(bob)).toEqual([]);
      await s.sql('select app_private.unfollow($1, $2)', [bob.id, ada.id]);
      expect(await s.told(ada)).toEqual([]);
      expect(await s.counts(ada)).toMatchObject({ unread_count: 0, last_seq: 1 });
    }));

  test('tells of a request while it is open, and its maker of the approval', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await s.people(3);
      if (!ada || !bob || !eve) throw new Error('no people');
      await s.settings(ada, 'privacy_settings', { is_private: true });
      await s.follow(bob, ada);
      await s.follow(eve, ada);
      expect(await s.told(ada)).toMatchObject([{ kind: 'follow_request', actors_count: '2' }]);
      await s.sql('select app_private.approve_follow_request($1, $2)', [ada.id, bob.id]);
      expect(await s.told(ada)).toMatchObject([
        { kind: 'follow_request', actors: [{ id: eve.id }], actors_count: '1' },
      ]);
      expect(await s.told(bob)).toMatchObject([{ kind: 'follow_approved', actors: [{ id: ada.id }] }]);
      await s.sql('select app_private.decline_follow_request($1, $2)', [ada.id, eve.id]);
      expect(await s.told(ada)).toEqual([]);
      expect(await s.told(eve)).toEqual([]);
    }));
});

describe('posts and comments', () => {
  test('tell the author of likes, comments and shares, and nobody of their own doings', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      const post = await s.post(ada);
      await s.like(ada, post);
      await s.comment(ada, post);
      expect(await s.told(ada)).toEqual([]);
      await s.like(bob, post);
      await s.comment(bob, post);
      await s.post(bob, { type: 'share', shared_post_id: post, content: null });
      const told = await s.told(ada);
      expect(kindsOf(told).sort()).toEqual(['comment', 'like', 'share']);
      for (const card of told) expect(card.subject).toEqual({ type: 'post', id: post, preview: 'Words' });
      expect(await s.list(bob)).toEqual([]);
    }));

  test('tell each person once of a comment: a mention before a reply before a comment', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await s.people(3);
      if (!ada || !bob || !eve) throw new Error('no people');
      const post = await s.post(ada);
      const first = await s.comment(bob, post, 'First');
      await s.tell();
      const answer = await s.comment(eve, post, `Hello @${ada.username}`, first);
      expect((await s.told(ada))[0]).toMatchObject({
        ...{ kind: 'mention', subject: { type: 'comment', id: answer, preview: `Hello @${ada.username}` } },
        data: { post_id: post, comment_id: answer },
      });
      expect(await s.list(ada)).toHaveLength(2);
      expect(await s.list(bob)).toMatchObject([{ kind: 'reply', subject: { id: first, preview: 'First' } }]);
      await s.call(eve, 'delete_comment', answer);
      expect(kindsOf(await s.told(ada))).toEqual(['comment']);
    }));

  test('tell whom a post mentions if they may read it, and forget what is about a deleted post', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await s.people(3);
      if (!ada || !bob || !eve) throw new Error('no people');
      const secret = await s.post(ada, { content: `For @${bob.username}`, visibility: 'friends' });
      expect(await s.told(bob)).toEqual([]);
      const post = await s.post(ada, { content: `For @${bob.username} and @${eve.username}` });
      expect(await s.told(bob)).toMatchObject([{ kind: 'mention', subject: { id: post } }]);
      await s.call(ada, 'delete_post', post);
      await s.call(ada, 'delete_post', secret);
      expect(await s.told(bob)).toEqual([]);
      expect(await s.told(eve)).toEqual([]);
    }));

  test('tell of likes of a comment', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      const comment = await s.comment(bob, await s.post(ada));
      await s.call(ada, 'like_comment', comment);
      expect(await s.told(bob)).toMatchObject([
        { kind: 'like', subject: { type: 'comment', id: comment }, text: `${ada.username} liked your comment.` },
      ]);
      await s.call(ada, 'unlike_comment', comment);
      expect(await s.told(bob)).toEqual([]);
    }));

  test('show no words of a post that the reader may not read any more', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      const post = await s.post(ada, { content: `Dear @${bob.username}` });
      expect(await s.told(bob)).toMatchObject([{ subject: { preview: `Dear @${bob.username}` } }]);
      await s.call(ada, 'update_post', post, { visibility: 'private' });
      expect(await s.told(bob)).toMatchObject([{ subject: { id: post, preview: null } }]);
    }));
});

describe('messages', () => {
  test('tell of a request from a stranger and of messages from who is accepted, without their words, until they are read', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      const write = async (from: typeof ada, to: typeof ada) =>
        await s.one<{ conversation_id: string; seq: string }>(from, 'send_message', {
          ...{ receiver_id: to.id, content: 'A secret' },
        });
      const first = await write(ada, bob);
      const told = await s.told(bob);
      expect(told).toMatchObject([
        { kind: 'message_request', subject: { type: 'conversation', id: first.conversation_id } },
      ]);
      expect(JSON.stringify(told)).not.toContain('secret');
      await s.call(bob, 'accept_conversation', first.conversation_id);
      await write(ada, bob);
      await write(ada, bob);
      expect(await s.told(bob)).toMatchObject([
        { kind: 'message', events_count: 2, text: `${ada.username} sent you 2 messages.` },
      ]);
      expect(await s.counts(bob)).toMatchObject({ unread_count: 1 });
      await s.call(bob, 'mark_read', first.conversation_id);
      expect(await s.counts(bob)).toMatchObject({ unread_count: 0 });
      expect(await s.list(bob)).toMatchObject([{ is_read: true }]);
    }));

  test('tell nobody who muted the conversation or has read them by then', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      await s.follow(bob, ada);
      const { conversation_id } = await s.one<{ conversation_id: string }>(ada, 'send_message', {
        ...{ receiver_id: bob.id, content: 'Hello' },
      });
      await s.call(bob, 'mark_read', conversation_id);
      expect(await s.told(bob)).toEqual([]);
      await s.call(bob, 'mute_conversation', conversation_id, true, null);
      await s.call(ada, 'send_message', { conversation_id, content: 'Hello?' });
      expect(await s.told(bob)).toEqual([]);
    }));

  test('tell all members of a small group, and of a large one whom they mention', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await s.people(3);
      if (!ada || !bob || !eve) throw new Error('no people');
      const { id: group_id } = await s.one<{ id: string }>(ada, 'create_group', { name: 'Hikers' });
      for (const { id } of [bob, eve])
        await s.sql('insert into public.group_members (group_id, user_id) values ($1, $2)', [group_id, id]);
      await s.call(ada, 'send_message', { group_id, content: 'To all' });
      for (const member of [bob, eve]) expect(kindsOf(await s.told(member))).toContain('message');
      await s.sql('update app_private.notification_rules set conversation_up_to = 2');
      await s.call(ada, 'send_message', { group_id, content: `Only @${bob.username}` });
      expect(kindsOf(await s.told(bob))).toContain('mention');
      expect((await s.told(eve)).filter(({ kind }) => kind === 'message')).toMatchObject([{ events_count: 1 }]);
    }));
});

test('groups tell of invitations, requests, approvals and roles', () =>
  scene(async (s) => {
    const [ada, bob, eve] = await s.people(3);
    if (!ada || !bob || !eve) throw new Error('no people');
    const { id } = await s.one<{ id: string }>(ada, 'create_group', { name: 'Hikers', visibility: 'private' });
    await s.call(ada, 'invite_to_group', id, bob.id);
    expect(await s.told(bob)).toMatchObject([
      { kind: 'group_invite', actors: [{ id: ada.id }], subject: { type: 'group', id, preview: 'Hikers' } },
    ]);
    await s.call(eve, 'join_group', id);
    expect(await s.told(ada)).toMatchObject([{ kind: 'group_join_request', actors: [{ id: eve.id }] }]);
    await s.call(ada, 'approve_group_request', id, eve.id);
    expect(kindsOf(await s.told(ada))).not.toContain('group_join_request');
    expect(kindsOf(await s.told(eve))).toEqual(['group_approved']);
    await s.call(ada, 'set_group_role', id, eve.id, 'moderator');
    expect((await s.told(eve))[0]).toMatchObject({ kind: 'group_role', text: 'You are now moderator of a group.' });
    await s.call(ada, 'delete_group', id);
    for (const person of [bob, eve]) expect(await s.told(person)).toEqual([]);
  }));

test('an invitation is told while it stands', () =>
  scene(async (s) => {
    const [ada, bob] = await s.people(2);
    if (!ada || !bob) throw new Error('no people');
    const { id } = await s.one<{ id: string }>(ada, 'create_group', { name: 'Plotters', visibility: 'secret' });
    await s.call(ada, 'invite_to_group', id, bob.id);
    expect(await s.told(bob)).toMatchObject([{ subject: { preview: 'Plotters' } }]);
    await s.call(ada, 'withdraw_group_invitation', id, bob.id);
    expect(await s.told(bob)).toEqual([]);
  }));

describe('the wallet', () => {
  test('tells of money that came, added up, and not of what one sent', () =>
    scene(async (s) => {
      const [ada, bob, eve] = await s.people(3);
      if (!ada || !bob || !eve) throw new Error('no people');
      await s.owner();
      await s.db.fund(bob, '10');
      await s.db.fund(eve, '10');
      await s.tell();
      for (const [from, amount] of [
        [bob, '2.50'],
        [eve, '1.00'],
      ] as const) {
        await s.sql(`select app_private.post_transaction($1, null, null, $2, $3, 'USD', 'Tea', null)`, [
          ...[from.id, ada.id, amount],
        ]);
      }
      expect(await s.told(ada)).toMatchObject([
        {
          ...{
            kind: 'money_received',
            actors_count: '2',
            text: `${eve.username} and ${bob.username} sent you 3.50 USD.`,
          },
          data: { total_minor: '350', amount_minor: '100', currency: 'USD' },
        },
      ]);
      expect((await s.list(bob)).every(({ text }) => text === 'You received 10.00 USD.')).toBe(true);
    }));

  test('tells payer and payee how a hold goes on', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      await s.owner();
      await s.db.fund(ada, '10');
      await s.tell();
      const hold = await command(s.db, 'place_hold', ada, { amount: '4', currency: 'USD', recipient: bob.id });
      expect((await s.told(bob))[0]).toMatchObject({
        ...{ kind: 'hold', subject: { type: 'hold' }, text: `${ada.username} set 4.00 USD aside for you.` },
      });
      await s.owner();
      await command(s.db, 'capture_hold', bob, {
        id: (hold['hold'] as { id: string } | undefined)?.id ?? hold.id,
        amount: '3',
      });
      expect((await s.told(ada))[0]).toMatchObject({
        text: `3.00 USD of the 4.00 USD set aside went to ${bob.username}.`,
      });
    }));

  test('tells of requests for money and how they end', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      await s.owner();
      const request = await command(s.db, 'request_payment', ada, { amount: '4', currency: 'USD', payer: bob.id });
      expect(await s.told(bob)).toMatchObject([
        { kind: 'payment_request', text: `${ada.username} asks you for 4.00 USD.` },
      ]);
      await s.owner();
      await command(s.db, 'decline_request', bob, { id: request.id });
      expect(await s.told(ada)).toMatchObject([{ text: `${bob.username} declined to pay 4.00 USD.` }]);
    }));

  test('tells of a withdrawal that was asked for and paid out', () =>
    scene(async (s) => {
      const [ada] = await s.people(1);
      if (!ada) throw new Error('no people');
      await s.owner();
      await s.db.fund(ada, '10');
      const account = { provider: 'fake', provider_token: 'tok', kind: 'bank_account', currency: 'USD' };
      const { id: linked_account_id } = await command(s.db, 'link_account', ada, account);
      const { id } = await command(s.db, 'withdraw', ada, { amount: '5', currency: 'USD', linked_account_id });
      expect((await s.told(ada))[0]).toMatchObject({
        kind: 'withdrawal',
        text: 'A withdrawal of 5.00 USD was asked for.',
      });
      await s.sql("select app_private.withdrawal_submitted($1, 'ref')", [id]);
      await s.sql("select app_private.apply_provider_event('fake', gen_random_uuid()::text, 'payout.paid', $1)", [
        { reference: id, provider_reference: 'ref', amount_minor: '500', currency: 'USD' },
      ]);
      const [latest] = await s.told(ada);
      expect(latest).toMatchObject({ kind: 'withdrawal', text: 'Your withdrawal of 5.00 USD was paid out.' });
    }));
});

describe('security', () => {
  test('tells of a sign-in from a new device, not of the first and not of a known one', () =>
    scene(async (s) => {
      const [ada] = await s.people(1);
      if (!ada) throw new Error('no people');
      const signIn = (ip: string, agent: string) =>
        s.sql('insert into auth.sessions (id, user_id, user_agent, ip) values (gen_random_uuid(), $1, $2, $3)', [
          ...[ada.id, agent, ip],
        ]);
      await signIn('192.0.2.7', 'phone');
      await signIn('192.0.99.1', 'phone');
      expect(await s.told(ada)).toEqual([]);
      await signIn('198.51.100.4', 'phone');
      await signIn('192.0.2.7', 'laptop');
      await signIn('2001:db8::1', 'laptop');
      await signIn('2001:db8:0:9::2', 'laptop');
      const told = await s.told(ada);
      expect(kindsOf(told)).toEqual(['sign_in', 'sign_in', 'sign_in']);
      expect(told[2]?.data).toMatchObject({ ip: '198.51.100.4', user_agent: 'phone' });
    }));

  test('tells of a changed password, and nothing of it', () =>
    scene(async (s) => {
      const [ada] = await s.people(1);
      if (!ada) throw new Error('no people');
      await s.sql("update auth.users set encrypted_password = 'hash of another' where id = $1", [ada.id]);
      expect(await s.told(ada)).toMatchObject([{ kind: 'password_changed', text: 'Your password was changed.' }]);
      const events = await s.sql(
        "select payload from app_private.outbox_events where type = 'user.password_changed' and actor_id = $1",
        [ada.id],
      );
      expect(events).toEqual([{ payload: { user_id: ada.id } }]);
      await s.sql('update auth.users set updated_at = now() where id = $1', [ada.id]);
      expect(await s.told(ada)).toHaveLength(1);
    }));
});

describe('where notifications go', () => {
  const added = async (s: Scene, who: Person, endpoint: string) => {
    await s.owner();
    const session_id = await s.db.signIn(who);
    await s.sql("delete from app_private.outbox_events where type = 'user.logged_in'");
    await s.db.as({ role: 'authenticated', sub: who.id, session_id });
    const p = { endpoint, keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) }, user_agent: 'Phone' };
    await s.db.query('select public.add_push_subscription($1)', [p]);
    return session_id;
  };

  test('another device is told of once, and to its new owner, and goes with its session', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      await added(s, ada, 'https://push.example/secret');
      await added(s, ada, 'https://push.example/secret');
      const told = await s.told(ada);
      expect(told).toMatchObject([
        {
          ...{ kind: 'target_added', category: 'security' },
          ...{ data: { channel: 'push', host: 'push.example', user_agent: 'Phone' } },
          text: 'Another device gets your notifications as push messages.',
        },
      ]);
      expect(JSON.stringify(told)).not.toContain('secret');
      const session = await added(s, bob, 'https://push.example/secret');
      expect(await s.told(bob)).toMatchObject([{ kind: 'target_added' }]);
      await s.sql('delete from auth.sessions where id = $1', [session]);
      expect(await s.sql('select from app_private.push_subscriptions where user_id = $1', [bob.id])).toEqual([]);
    }));

  test('a device is added by who is signed in alone (auth.session_revoked)', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      await s.owner();
      const others = await s.db.signIn(bob);
      for (const session_id of [undefined, others, randomUUID()]) {
        await s.db.as({ role: 'authenticated', sub: ada.id, ...(session_id === undefined ? {} : { session_id }) });
        const p = { endpoint: 'https://push.example/1', keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) } };
        expect(await s.db.refusal('select public.add_push_subscription($1)', [p])).toMatchObject({
          ...{ sqlstate: 'PT401', code: 'auth.session_revoked' },
        });
      }
    }));

  const KEYS = { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) };

  test('more than thirty within an hour, of either sort, are told to wait (rate_limit.exceeded)', () =>
    scene(async (s) => {
      const [ada, bob] = await s.people(2);
      if (!ada || !bob) throw new Error('no people');
      for (let n = 0; n < 15; n += 1) {
        await added(s, ada, `https://push.example/${n}`);
        await s.call(ada, 'add_notification_webhook', 'https://hook.example/');
      }
      const refused = { sqlstate: 'PT429', code: 'rate_limit.exceeded' };
      const p = { endpoint: 'https://push.example/more', keys: KEYS };
      expect(await s.db.refusal('select public.add_push_subscription($1)', [p])).toMatchObject(refused);
      expect(await s.db.refusal("select public.add_notification_webhook('https://hook.example/')")).toMatchObject(
        refused,
      );
      await added(s, bob, 'https://push.example/of-another');
    }));

  test.each([
    ['text', 'soon'],
    ['an object', {}],
    ['a time before 1970', -1],
    ['a time after the year 9999', 253_402_300_799_001],
    ['more than a date can be', 1e300],
  ])('an end that is %s is no field (notifications.field_invalid)', (_, expirationTime) =>
    scene(async (s) => {
      const [ada] = await s.people(1);
      if (!ada) throw new Error('no people');
      await s.db.as({ role: 'authenticated', sub: ada.id, session_id: await s.db.signIn(ada) });
      const p = { endpoint: 'https://push.example/1', keys: KEYS, expirationTime };
      expect(await s.db.refusal('select public.add_push_subscription($1)', [p])).toMatchObject({
        ...{ sqlstate: 'PT422', code: 'notifications.field_invalid' },
      });
    }),
  );

  test('a webhook is told of when it is added and when it gets a new secret, and a changed password disables it', () =>
    scene(async (s) => {
      const [ada] = await s.people(1);
      if (!ada) throw new Error('no people');
      await s.sql("update auth.users set encrypted_password = 'a first one' where id = $1", [ada.id]);
      for (let n = 0; n < 2; n += 1) await s.call(ada, 'add_notification_webhook', 'https://hook.example/secret');
      expect(kindsOf(await s.told(ada))).toEqual(['target_added', 'target_added', 'password_changed']);
      await s.sql("update auth.users set encrypted_password = 'another' where id = $1", [ada.id]);
      const told = await s.told(ada);
      expect(told.slice(0, 2)).toMatchObject([
        { text: 'Your notifications are no longer sent to hook.example: the password was changed.' },
        { kind: 'password_changed' },
      ]);
      expect(JSON.stringify(told)).not.toContain('secret');
      const [hook] = await s.call(ada, 'my_notification_webhooks');
      expect(hook).toMatchObject({ disabled_reason: 'the password was changed', disabled_at: expect.any(Date) });
    }));
});

test('a missed call is told to whom it was for', () =>
  scene(async (s) => {
    const [ada, bob] = await s.people(2);
    if (!ada || !bob) throw new Error('no people');
    const call = "select app_private.emit_event('call.missed', $1, $2)";
    for (const call_id of ['0198c0de-0000-7000-8000-000000000001', '0198c0de-0000-7000-8000-000000000002'])
      await s.sql(call, [bob.id, { call_id, caller_id: bob.id, callee_id: ada.id, kind: 'video' }]);
    expect(await s.told(ada)).toMatchObject([
      { kind: 'missed_call', category: 'calls', data: { kind: 'video' }, text: `${bob.username} called you 2 times.` },
    ]);
  }));

test('operators tell one person, or everybody who has an account then, each once', () =>
  scene(async (s) => {
    const [ada, bob] = await s.people(2);
    if (!ada || !bob) throw new Error('no people');
    const spread = async () => {
      for (let round = 0; round < 200; round += 1) {
        const [row] = await s.sql<{ done: number }>('select app_private.spread_notices(7) as done');
        if (row?.done === 0) return;
      }
      throw new Error('it does not end');
    };
    await s.sql("select admin.send_notice($1, 'Hello', 'Only you', 'of a test')", [ada.username]);
    await spread();
    await s.sql("select admin.send_notice(null, 'Pause', 'Tonight at two', 'of a test', 'https://example.com/pause')");
    await spread();
    await spread();
    expect(await s.list(ada)).toMatchObject([
      {
        kind: 'notice',
        text: 'Pause',
        data: { title: 'Pause', body: 'Tonight at two', url: 'https://example.com/pause' },
      },
      { kind: 'notice', text: 'Hello' },
    ]);
    expect(await s.list(bob)).toMatchObject([{ text: 'Pause' }]);
    expect(
      await s.sql("select target from admin.audit_log where action = 'send_notice' order by id desc limit 2"),
    ).toEqual([{ target: 'everybody' }, { target: ada.id }]);
  }));
