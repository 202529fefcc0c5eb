import { expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
import { answer, deviceOf, start, startOf, talk } from '../calls/support.ts';
import { call, mayHear, mayWrite, one, send, topicsOf, write } from '../chat/support.ts';
import { become, becomeOwner, comment, post, withCast } from '../posts/support.ts';

type Write = readonly [sql: string, values: readonly unknown[]];

async function suspend(db: TestConnection, person: Person, period = '1 day'): Promise<void> {
  await becomeOwner(db);
  await db.query('update auth.users set banned_until = now() + $2::interval where id = $1', [person.id, period]);
  await become(db, person);
}

/** Each is refused to who is suspended, before anything else is. */
async function expectRefused(db: TestConnection, person: Person, writes: readonly Write[]): Promise<void> {
  await become(db, person);
  for (const [sql, values] of writes) {
    expect(await db.refusal(sql, values), sql).toMatchObject({ sqlstate: 'PT403', code: 'auth.user_banned' });
  }
}

test('who is suspended writes nothing more by supabase-js, reads on, and takes back what they did (auth.user_banned)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const { id } = await post(db, ada, { poll: { options: ['Red', 'Green'], ends_at: inAWeek } });
    const other = await post(db, ada);
    const mine = await post(db, bob);
    const { id: said } = await comment(db, bob, id);
    await db.query('select public.like_post($1)', [id]);
    await suspend(db, bob);
    await expectRefused(db, bob, [
      ['select public.create_post(\'{"content": "Hello"}\')', []],
      ["insert into public.posts (content) values ('Hello')", []],
      ['select public.update_post($1, \'{"content": "Other"}\')', [mine.id]],
      ['update public.posts set pinned_at = now() where id = $1', [mine.id]],
      ["select public.add_comment($1, 'Well')", [id]],
      ["select public.edit_comment($1, 'Other')", [said]],
      ['select public.like_post($1)', [other.id]],
      ['select public.like_comment($1)', [said]],
      ['select public.bookmark_post($1)', [id]],
      ["select public.vote_in_poll($1, '{1}')", [id]],
      ["select public.report(jsonb_build_object('post_id', $1::uuid, 'reason', 'spam'))", [id]],
      ['insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [bob.id, eve.id]],
      ['insert into public.mutes (muter_id, muted_id) values ($1, $2)', [bob.id, eve.id]],
      ["update public.profiles set bio = 'Buy' where id = $1", [bob.id]],
      [
        "insert into public.verification_requests (kind, level, statement) values ('verification', 'blue', 'It is me, really')",
        [],
      ],
      ["select public.add_push_subscription('{}')", []],
      ["select public.add_notification_webhook('https://hook.example/')", []],
    ]);
    expect(await db.query('select id from public.post_cards($1)', [[id]])).toEqual([{ id }]);
    await db.query('select public.unlike_post($1)', [id]);
    expect(await db.one('select public.delete_post($1) as gone', [mine.id])).toEqual({ gone: true });
    // It was over a moment ago.
    await suspend(db, bob, '-1 second');
    await db.query('select public.like_post($1)', [other.id]);
  }));

test('who is suspended neither founds nor runs a group nor comes into one, and may leave (auth.user_banned)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const found = async (who: Person, fields = {}) =>
      (await one<{ id: string }>(db, who, 'create_group', { name: 'Hikers', ...fields })).id;
    const mine = await found(bob, { visibility: 'private' });
    const open = await found(ada);
    const closed = await found(ada, { visibility: 'private' });
    const inviting = await found(ada, { visibility: 'secret' });
    const joined = await found(ada);
    await call(db, ada, 'invite_to_group', inviting, bob.id);
    const { create_group_link: link } = await one<{ create_group_link: { id: string; token: string } }>(
      ...([db, ada, 'create_group_link', closed] as const),
    );
    const { create_group_link: own } = await one<{ create_group_link: { id: string } }>(
      ...([db, bob, 'create_group_link', mine] as const),
    );
    await call(db, bob, 'join_group', joined);
    await becomeOwner(db);
    await db.query('insert into public.group_members (group_id, user_id) values ($1, $2)', [mine, eve.id]);
    await call(db, ada, 'join_group', mine, 'May I?');
    const theirs = await post(db, eve, { group_id: mine });
    const pinned = await post(db, bob, { group_id: mine });
    await suspend(db, bob);
    await expectRefused(db, bob, [
      ['select public.create_group(\'{"name": "Other"}\')', []],
      ['select public.update_group($1, \'{"description": "Other"}\')', [mine]],
      ['select public.delete_group($1)', [mine]],
      ['select public.transfer_group($1, $2)', [mine, eve.id]],
      ["select public.set_group_role($1, $2, 'admin')", [mine, eve.id]],
      ['select public.remove_group_member($1, $2)', [mine, eve.id]],
      ['select public.ban_from_group($1, $2)', [mine, eve.id]],
      ['select public.unban_from_group($1, $2)', [mine, eve.id]],
      ['select public.invite_to_group($1, $2)', [mine, ada.id]],
      ['select public.withdraw_group_invitation($1, $2)', [mine, ada.id]],
      ['select public.approve_group_request($1, $2)', [mine, ada.id]],
      ['select public.decline_group_request($1, $2)', [mine, ada.id]],
      ['select public.create_group_link($1)', [mine]],
      ['select public.revoke_group_link($1, $2)', [mine, own.id]],
      ['select public.pin_group_post($1, $2, true)', [mine, pinned.id]],
      ['select public.remove_group_post($1, $2)', [mine, theirs.id]],
      ['select public.join_group($1)', [open]],
      ['select public.join_group($1)', [closed]],
      ['select public.accept_group_invitation($1)', [inviting]],
      ['select public.redeem_group_link($1)', [link.token]],
    ]);
    expect(await call(db, bob, 'members_of_group', mine)).toHaveLength(2);
    await call(db, bob, 'leave_group', joined);
    await call(db, bob, 'decline_group_invitation', inviting);
    await suspend(db, bob, '-1 second');
    await call(db, bob, 'join_group', open);
  }));

test('who is suspended neither writes nor does anything in conversations, reads on, and takes back what they wrote (auth.user_banned)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { id: first, conversation_id } = await write(db, ada, bob);
    const mine = await send(db, bob, { conversation_id });
    await call(db, bob, 'react_to_message', first, '👍');
    const request = await write(db, eve, bob);
    const { id: group } = await one<{ id: string }>(db, bob, 'create_group', { name: 'Hikers' });
    await call(db, ada, 'join_group', group);
    const theirs = await send(db, ada, { group_id: group });
    await suspend(db, bob);
    const plain = { content: 'Hello' };
    await expectRefused(db, bob, [
      ...[{ conversation_id }, { receiver_id: ada.id }, { receiver_id: eve.id }, { group_id: group }].flatMap(
        (to): Write[] => [
          ['select public.send_message($1)', [{ ...plain, ...to }]],
          ['select public.send_message($1)', [{ ...plain, ...to, content: 'Hello @nobody' }]],
          ['select public.send_message($1)', [{ ...to, forward_of: first }]],
        ],
      ),
      ["select public.edit_message($1, 'Other')", [mine.id]],
      ["select public.react_to_message($1, '👎')", [first]],
      ['select public.pin_message($1)', [first]],
      ['select public.delete_message($1)', [theirs.id]],
      ['select public.set_message_timer($1, 60)', [conversation_id]],
      ['select public.accept_conversation($1)', [request.conversation_id]],
      ['select public.send_typing($1)', [conversation_id]],
    ]);
    const { typing_topic } = await topicsOf(db, bob, conversation_id);
    const hears = 'select app_hidden.hears($1, $2) as hears, app_hidden.hears($1, $2, true) as writes';
    expect(await db.one(hears, [typing_topic, 'broadcast'])).toEqual({ hears: true, writes: false });
    expect(await call(db, bob, 'conversation_messages', conversation_id)).toHaveLength(2);
    await call(db, bob, 'mark_read', conversation_id);
    await call(db, bob, 'react_to_message', first, null);
    await call(db, bob, 'delete_message', mine.id);
    await call(db, bob, 'decline_conversation', request.conversation_id);
    await suspend(db, bob, '-1 second');
    expect(await db.one(hears, [typing_topic, 'broadcast'])).toEqual({ hears: true, writes: true });
    await send(db, bob, { conversation_id });
  }));

test('who is suspended neither calls nor is in a call any longer, and may hang up (auth.user_banned)', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const talking = await talk(db, bob, ada);
    const topic = `${talking.topic}:${bob.id}`;
    await suspend(db, bob);
    const device = deviceOf(bob);
    await expectRefused(db, bob, [
      ['select public.start_call($1)', [startOf(bob, [eve])]],
      ['select public.answer_call($1, $2)', [talking.id, device]],
      ['select public.add_to_call($1, $2)', [talking.id, [eve.id]]],
      ['select public.remove_from_call($1, $2)', [talking.id, ada.id]],
      ['select public.call_heartbeat($1, $2)', [talking.id, device]],
      ['select public.report_vanished($1, $2)', [talking.id, ada.id]],
    ]);
    expect([await mayHear(db, bob, topic), await mayWrite(db, bob, topic)]).toEqual([true, false]);
    expect(await call(db, bob, 'current_call')).toMatchObject([{ id: talking.id }]);
    await call(db, bob, 'end_call', talking.id);
    const ringing = await start(db, ada, [bob]);
    await expectRefused(db, bob, [['select public.answer_call($1, $2)', [ringing.id, device]]]);
    await suspend(db, bob, '-1 second');
    await answer(db, bob, ringing.id);
  }));
