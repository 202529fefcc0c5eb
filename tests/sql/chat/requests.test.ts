import { expect, test } from 'vitest';
import {
  becomeOwner,
  block,
  call,
  heardOn,
  inbox,
  one,
  read,
  refusedCall,
  refusedSend,
  send,
  setPrivacy,
  withCast,
  write,
} from './support.ts';

test('who writes to somebody that does not follow them makes a request, which is not in the inbox', () =>
  withCast(async ({ db, ada, eve }) => {
    const { conversation_id } = await write(db, eve, ada, 'May I?');
    expect(await inbox(db, ada)).toEqual([]);
    expect(await inbox(db, ada, 'requests')).toMatchObject([
      {
        id: conversation_id,
        state: 'requested',
        unread_count: '1',
        person: { id: eve.id },
        last_message: { content: 'May I?' },
      },
    ]);
    expect(await inbox(db, eve)).toMatchObject([{ id: conversation_id, state: 'accepted', can_send: true }]);
    expect((await heardOn(db, `user:${ada.id}`)).at(-1)).toMatchObject({
      ...{ event: 'conversation_added', payload: { conversation_id, state: 'requested' } },
    });
    await becomeOwner(db);
    const [event] = await db.query<{ payload: object }>(
      "select payload from app_private.outbox_events where type = 'message.created' and actor_id = $1",
      [eve.id],
    );
    expect(event?.payload).toMatchObject({ is_request: true, receiver_id: ada.id });
  }));

test('a request of somebody whom one follows is none', () =>
  withCast(async ({ db, ada, eve }) => {
    await db.query('insert into public.follows (follower_id, followee_id) values ($1, $2)', [ada.id, eve.id]);
    await write(db, eve, ada);
    expect(await inbox(db, ada)).toMatchObject([{ state: 'accepted' }]);
  }));

test('an answer accepts', () =>
  withCast(async ({ db, ada, eve }) => {
    const { conversation_id } = await write(db, eve, ada);
    await send(db, ada, { conversation_id, content: 'You may' });
    expect(await inbox(db, ada)).toMatchObject([{ id: conversation_id, state: 'accepted' }]);
    expect(await inbox(db, ada, 'requests')).toEqual([]);
  }));

test('reading a request tells nobody; once it is accepted, they see how far it was read', () =>
  withCast(async ({ db, ada, eve }) => {
    const { conversation_id } = await write(db, eve, ada);
    await call(db, ada, 'mark_read', conversation_id);
    const seen = async () => ({
      receipts: await call(db, eve, 'conversation_receipts', conversation_id),
      is_read: (await read(db, eve, conversation_id))[0]?.is_read,
      heard: (await heardOn(db, `user:${eve.id}`)).filter(({ event }) => event === 'receipt').length,
    });
    expect(await seen()).toEqual({ receipts: [], is_read: null, heard: 0 });
    await call(db, ada, 'accept_conversation', conversation_id);
    expect(await seen()).toMatchObject({ receipts: [{ id: ada.id, last_read_seq: '1' }], is_read: true });
  }));

test('whoever has not accepted may not react, pin or set a timer (messages.request_open)', () =>
  withCast(async ({ db, ada, eve }) => {
    const { conversation_id, id } = await write(db, eve, ada);
    for (const [name, ...args] of [
      ['react_to_message', id, '👍'],
      ['pin_message', id, true],
      ['set_message_timer', conversation_id, 60],
    ] as const)
      expect((await refusedCall(db, ada, name, ...args)).code).toBe('messages.request_open');
  }));

test('a declined request takes no more messages, in the words of a block, and can be accepted later', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    const { conversation_id } = await write(db, eve, ada);
    const before = (await heardOn(db, `user:${eve.id}`)).length;
    await call(db, ada, 'decline_conversation', conversation_id);
    await call(db, ada, 'decline_conversation', conversation_id);
    expect(await heardOn(db, `user:${eve.id}`)).toHaveLength(before);
    expect(await inbox(db, ada, 'requests')).toEqual([]);
    const declined = await refusedSend(db, eve, { conversation_id });
    await block(db, bob, eve);
    expect(declined).toEqual(await refusedSend(db, eve, { receiver_id: bob.id }));
    expect(declined.code).toBe('messages.not_accepted');
    expect(await one(db, eve, 'conversation', conversation_id)).toMatchObject({ can_send: false, state: 'accepted' });
    await call(db, ada, 'accept_conversation', conversation_id);
    await send(db, eve, { conversation_id, content: 'Thank you' });
    expect((await refusedCall(db, ada, 'decline_conversation', conversation_id)).code).toBe('messages.no_request');
  }));

test('a request holds ten messages, then waits for an answer (messages.request_pending)', () =>
  withCast(async ({ db, ada, eve }) => {
    for (let n = 0; n < 10; n += 1) await write(db, eve, ada);
    expect(await refusedSend(db, eve, { receiver_id: ada.id })).toMatchObject({
      ...{ sqlstate: 'PT422', code: 'messages.request_pending' },
    });
    await write(db, ada, eve, 'Slowly');
    await write(db, eve, ada);
  }));

test('a setting that keeps people out holds for requests too, and not for what was accepted', () =>
  withCast(async ({ db, ada, bob, eve }) => {
    await write(db, eve, ada);
    await write(db, bob, ada);
    await setPrivacy(db, ada, { who_can_message: 'nobody' });
    expect((await refusedSend(db, eve, { receiver_id: ada.id })).code).toBe('messages.not_accepted');
    await write(db, bob, ada, 'We talk already');
    expect(await inbox(db, eve)).toMatchObject([{ can_send: false }]);
  }));

test('requests of people with whom a block stands are not listed', () =>
  withCast(async ({ db, ada, eve }) => {
    await write(db, eve, ada);
    await block(db, ada, eve);
    expect(await inbox(db, ada, 'requests')).toEqual([]);
  }));
