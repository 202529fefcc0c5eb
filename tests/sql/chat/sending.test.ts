import { describe, expect, test } from 'vitest';
import {
  block,
  call,
  heardOn,
  inbox,
  newId,
  one,
  read,
  refusedSend,
  send,
  setPrivacy,
  topicsOf,
  withCast,
  write,
} from './support.ts';

describe('sending', () => {
  test('makes the conversation of two people with its first message, and numbers messages from 1', () =>
    withCast(async ({ db, ada, bob }) => {
      const first = await write(db, ada, bob, 'One');
      const second = await write(db, bob, ada, 'Two');
      expect(second.conversation_id).toBe(first.conversation_id);
      expect([first.seq, second.seq]).toEqual(['1', '2']);
      expect(first.sender).toMatchObject({ id: ada.id, username: ada.username });
      expect((await read(db, bob, first.conversation_id)).map(({ content }) => content)).toEqual(['Two', 'One']);
    }));

  test('gives the same message again for the same client_id, also after an edit and after a deletion', () =>
    withCast(async ({ db, ada, bob }) => {
      const message = { receiver_id: bob.id, client_id: newId(), content: 'Once' };
      const first = await send(db, ada, message);
      expect(first.id).toBe(message.client_id);
      expect(await send(db, ada, message)).toMatchObject({ id: first.id, seq: '1', content: 'Once' });
      await call(db, ada, 'edit_message', first.id, 'Once more');
      expect(await send(db, ada, message)).toMatchObject({ seq: '1', content: 'Once more' });
      await call(db, ada, 'delete_message', first.id);
      expect(await send(db, ada, message)).toMatchObject({ seq: '1', content: null, deleted_at: expect.any(Date) });
      const byId = { client_id: message.client_id, content: 'Once', conversation_id: first.conversation_id };
      expect(await send(db, ada, byId)).toMatchObject({ seq: '1' });
      expect((await topicsOf(db, ada, first.conversation_id)).last_seq).toBe('1');
    }));

  test('refuses another message with a client_id that was used (messages.client_id_reused)', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const client_id = newId();
      await send(db, ada, { receiver_id: bob.id, client_id, content: 'One' });
      for (const [who, p] of [
        [ada, { receiver_id: bob.id, client_id, content: 'Two' }],
        [ada, { receiver_id: eve.id, client_id, content: 'One' }],
        [bob, { receiver_id: ada.id, client_id, content: 'One' }],
        [eve, { receiver_id: ada.id, client_id, content: 'One' }],
      ] as const)
        expect(await refusedSend(db, who, p)).toMatchObject({ sqlstate: 'PT409', code: 'messages.client_id_reused' });
    }));

  test('takes images, videos and audio with what they need', () =>
    withCast(async ({ db, ada, bob }) => {
      const media_urls = ['https://example.com/1.ogg'];
      const audio = {
        receiver_id: bob.id,
        kind: 'audio',
        content: null,
        media_urls,
        duration_ms: 2300,
        waveform: [0, 50, 100],
      };
      expect(await send(db, ada, audio)).toMatchObject({
        kind: 'audio',
        media_urls,
        duration_ms: 2300,
        waveform: [0, 50, 100],
      });
      expect(await send(db, ada, { receiver_id: bob.id, kind: 'image', content: 'Look', media_urls })).toMatchObject({
        ...{ kind: 'image', content: 'Look', waveform: null },
      });
      expect(await send(db, ada, { receiver_id: bob.id, kind: 'video', content: null, media_urls })).toMatchObject({
        kind: 'video',
      });
    }));

  test.each([
    [{ content: '' }, 'messages.content_invalid'],
    [{ content: ' \n' }, 'messages.content_invalid'],
    [{ content: null }, 'messages.content_invalid'],
    [{ content: 'x'.repeat(4001) }, 'messages.content_invalid'],
    [{ media_urls: ['https://example.com/1.jpg'] }, 'messages.media_invalid'],
    [{ kind: 'image' }, 'messages.media_invalid'],
    [{ kind: 'image', media_urls: ['javascript:alert(1)'] }, 'messages.media_invalid'],
    [{ kind: 'image', media_urls: [null] }, 'messages.media_invalid'],
    [
      { kind: 'image', media_urls: Array.from({ length: 11 }, () => 'https://example.com/1.jpg') },
      'messages.media_invalid',
    ],
    [{ kind: 'audio', media_urls: ['https://example.com/1.ogg'] }, 'messages.field_invalid'],
    [{ kind: 'audio', media_urls: ['https://example.com/1.ogg'], duration_ms: 0 }, 'messages.field_invalid'],
    [{ kind: 'audio', media_urls: ['https://example.com/1.ogg'], duration_ms: 1.5 }, 'messages.field_invalid'],
    [{ kind: 'audio', media_urls: ['https://example.com/1.ogg'], duration_ms: 1e12 }, 'messages.field_invalid'],
    [
      { kind: 'audio', media_urls: ['https://example.com/1.ogg'], duration_ms: 9, waveform: [101] },
      'messages.field_invalid',
    ],
    [
      { kind: 'audio', media_urls: ['https://example.com/1.ogg'], duration_ms: 9, waveform: [-1] },
      'messages.field_invalid',
    ],
    [
      { kind: 'audio', media_urls: ['https://example.com/1.ogg'], duration_ms: 9, waveform: [null] },
      'messages.field_invalid',
    ],
    [
      { kind: 'audio', media_urls: ['https://example.com/1.ogg'], duration_ms: 9, waveform: [] },
      'messages.field_invalid',
    ],
    [
      { kind: 'audio', media_urls: ['https://example.com/1.ogg'], duration_ms: 9, waveform: Array(129).fill(1) },
      'messages.field_invalid',
    ],
    [{ waveform: [1] }, 'messages.field_invalid'],
    [{ duration_ms: 5 }, 'messages.field_invalid'],
    [{ kind: 'sticker' }, 'messages.field_invalid'],
    [{ sender_id: newId() }, 'messages.field_invalid'],
    [{ seq: 7 }, 'messages.field_invalid'],
    [{ group_id: newId() }, 'messages.field_invalid'],
    [{ receiver_id: 'bob' }, 'messages.field_invalid'],
    [{ receiver_id: null }, 'messages.field_invalid'],
    [{ reply_to: newId() }, 'messages.not_found'],
    [{ content: null, forward_of: newId() }, 'messages.not_found'],
    [{ content: 'Mine', forward_of: newId() }, 'messages.field_invalid'],
  ])('refuses %j (%s)', (p, code) =>
    withCast(async ({ db, ada, bob }) => {
      expect((await refusedSend(db, ada, { receiver_id: bob.id, ...p })).code).toBe(code);
    }),
  );

  test('refuses a conversation or group that one is not in (messages.conversation_not_found)', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const { conversation_id } = await write(db, ada, bob);
      for (const p of [{ conversation_id }, { conversation_id: newId() }, { group_id: newId() }])
        expect(await refusedSend(db, eve, p)).toMatchObject({
          sqlstate: 'PT404',
          code: 'messages.conversation_not_found',
        });
    }));

  test('refuses people in the same words, whether they do not exist, do not want it, or a block stands (messages.not_accepted)', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      await setPrivacy(db, eve, { who_can_message: 'nobody' });
      await block(db, bob, ada);
      const refusals = [];
      for (const receiver_id of [newId(), eve.id, bob.id]) refusals.push(await refusedSend(db, ada, { receiver_id }));
      expect(refusals[0]).toMatchObject({ sqlstate: 'PT403', code: 'messages.not_accepted' });
      expect(refusals[1]).toEqual(refusals[0]);
      expect(refusals[2]).toEqual(refusals[0]);
      expect((await refusedSend(db, bob, { receiver_id: ada.id })).code).toBe('follows.blocked');
      expect((await refusedSend(db, ada, { receiver_id: ada.id })).code).toBe('messages.to_oneself');
    }));

  test('limits messages by the minute and new conversations by the hour (rate_limit.exceeded)', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      await db.query('update app_private.chat_rules set messages_per_minute = 3, conversations_per_hour = 1');
      for (let n = 0; n < 3; n += 1) await write(db, ada, bob);
      expect(await refusedSend(db, ada, { receiver_id: bob.id })).toMatchObject({
        sqlstate: 'PT429',
        code: 'rate_limit.exceeded',
      });
      await db.as({ role: 'postgres' });
      await db.query('update app_private.chat_rules set messages_per_minute = null');
      await write(db, ada, bob);
      expect((await refusedSend(db, ada, { receiver_id: eve.id })).code).toBe('rate_limit.exceeded');
      await db.as({ role: 'postgres' });
      await db.query('update app_private.chat_rules set conversations_per_hour = null, conversations_per_day = null');
      await write(db, ada, eve);
    }));

  test('finds mentions of members who let the sender mention them, and of nobody else', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const { mentions } = await write(db, ada, bob, `@${bob.username} and @${eve.username}`);
      expect(mentions).toEqual([bob.id]);
      await setPrivacy(db, bob, { who_can_mention: 'nobody' });
      expect((await write(db, ada, bob, `@${bob.username}`)).mentions).toEqual([]);
    }));

  test('answers a message of the same conversation, and quotes it while it is there', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const question = await write(db, ada, bob, 'When?');
      const answer = await send(db, bob, { receiver_id: ada.id, content: 'Now', reply_to: question.id });
      expect(answer.reply_to).toMatchObject({ id: question.id });
      expect((await read(db, ada, answer.conversation_id))[0]?.reply_to).toMatchObject({ content: 'When?' });
      await call(db, ada, 'delete_message', question.id);
      expect((await read(db, bob, answer.conversation_id))[0]?.reply_to).toMatchObject({
        id: question.id,
        content: null,
      });
      const elsewhere = await write(db, ada, eve);
      expect((await refusedSend(db, ada, { receiver_id: bob.id, reply_to: elsewhere.id })).code).toBe(
        'messages.not_found',
      );
    }));

  test('forwards only what the sender may read, as forwarded', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const secret = await write(db, ada, bob, 'For bob');
      const forward = { content: null, forward_of: secret.id };
      expect((await refusedSend(db, eve, { receiver_id: ada.id, ...forward })).code).toBe('messages.not_found');
      expect(await send(db, bob, { receiver_id: eve.id, ...forward })).toMatchObject({
        content: 'For bob',
        is_forwarded: true,
      });
      await call(db, ada, 'delete_message', secret.id);
      expect((await refusedSend(db, bob, { receiver_id: eve.id, ...forward })).code).toBe('messages.not_found');
      await call(db, ada, 'set_message_timer', secret.conversation_id, 60);
      const { id } = await write(db, ada, bob, 'Not for long');
      expect((await refusedSend(db, bob, { receiver_id: eve.id, content: null, forward_of: id })).code).toBe(
        'messages.not_forwardable',
      );
    }));

  test('is told on the topic of the conversation, and to both of a new one on their own', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id, id } = await write(db, ada, bob, 'Heard');
      const { topic } = await topicsOf(db, bob, conversation_id);
      expect(topic).toBe(`conversation:${conversation_id}:1`);
      expect(await heardOn(db, topic)).toMatchObject([
        {
          event: 'message_created',
          payload: { id, seq: 1, content: 'Heard', is_sealed: false, sender: { id: ada.id } },
        },
      ]);
      for (const person of [ada, bob])
        expect(await heardOn(db, `user:${person.id}`)).toMatchObject([
          { event: 'conversation_added', payload: { conversation_id, topic, state: 'accepted' } },
        ]);
    }));

  test('leaves an event of who wrote to whom, without the words', () =>
    withCast(async ({ db, ada, bob }) => {
      const { id, conversation_id } = await write(db, ada, bob, 'Only for bob');
      await db.as({ role: 'postgres' });
      const events = await db.query<{ type: string; payload: object }>(
        'select type, payload from app_private.outbox_events where actor_id = $1 and type ~ $2 order by position',
        [ada.id, '^(message|conversation)'],
      );
      expect(events.map(({ type }) => type)).toEqual(['conversation.created', 'message.created']);
      expect(events[1]?.payload).toMatchObject({
        message_id: id,
        conversation_id,
        receiver_id: bob.id,
        is_request: false,
      });
      expect(JSON.stringify(events)).not.toContain('Only for bob');
    }));

  test('counts as reading what was there before, and is not read by the other until they do', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob, 'One');
      await write(db, ada, bob, 'Two');
      expect((await inbox(db, bob))[0]).toMatchObject({ unread_count: '2', last_message: { content: 'Two' } });
      expect((await inbox(db, ada))[0]).toMatchObject({ unread_count: '0' });
      await write(db, bob, ada, 'Three');
      expect((await inbox(db, bob))[0]).toMatchObject({ unread_count: '0' });
      expect((await inbox(db, ada))[0]).toMatchObject({ unread_count: '1', last_message: { content: 'Three' } });
      expect((await read(db, ada, conversation_id)).map(({ is_read }) => is_read)).toEqual([false, true, true]);
      expect(await one(db, ada, 'mark_read', conversation_id)).toMatchObject({
        mark_read: { unread_count: 0, last_read_seq: 3 },
      });
    }));
});
