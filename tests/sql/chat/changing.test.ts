import { describe, expect, test } from 'vitest';
import {
  becomeOwner,
  call,
  group,
  heardOn,
  type MessageCard,
  one,
  read,
  refusedCall,
  send,
  topicsOf,
  withCast,
  write,
} from './support.ts';

describe('an edit', () => {
  test('changes the words for all, says when, and finds mentions anew', () =>
    withCast(async ({ db, ada, bob }) => {
      const { id, conversation_id } = await write(db, ada, bob, 'Helo');
      expect(await one(db, ada, 'edit_message', id, `Hello @${bob.username}`)).toMatchObject({
        ...{ content: `Hello @${bob.username}`, mentions: [bob.id], change: '1', edited_at: expect.any(Date) },
      });
      expect((await heardOn(db, `conversation:${conversation_id}:1`)).at(-1)).toMatchObject({
        ...{ event: 'message_changed', payload: { id, seq: 1, change: 1, content: `Hello @${bob.username}` } },
      });
    }));

  test('is refused of what is not one’s own, is too old, or makes no message', () =>
    withCast(async ({ db, ada, bob }) => {
      const { id } = await write(db, ada, bob);
      expect((await refusedCall(db, bob, 'edit_message', id, 'Mine')).code).toBe('messages.not_yours');
      expect((await refusedCall(db, ada, 'edit_message', id, ' ')).code).toBe('messages.content_invalid');
      const forward = await send(db, bob, { receiver_id: ada.id, content: null, forward_of: id });
      expect((await refusedCall(db, bob, 'edit_message', forward.id, 'Not so')).code).toBe('messages.not_yours');
      await becomeOwner(db);
      await db.query("update public.messages set created_at = now() - interval '2 days' where id = $1", [id]);
      expect((await refusedCall(db, ada, 'edit_message', id, 'Late')).code).toBe('messages.edit_too_late');
      await call(db, ada, 'delete_message', id);
      expect((await refusedCall(db, ada, 'edit_message', id, 'Back')).code).toBe('messages.not_found');
    }));
});

describe('a deletion', () => {
  test('for all takes words, media and reactions, and keeps the place', () =>
    withCast(async ({ db, ada, bob }) => {
      const media_urls = ['https://example.com/1.jpg'];
      const { id, conversation_id } = await send(db, ada, {
        receiver_id: bob.id,
        kind: 'image',
        content: 'Look',
        media_urls,
      });
      await call(db, bob, 'react_to_message', id, '👍');
      await call(db, ada, 'pin_message', id);
      await call(db, ada, 'delete_message', id);
      await call(db, ada, 'delete_message', id);
      const [gone] = await read(db, bob, conversation_id);
      expect(gone).toMatchObject({
        id,
        seq: '1',
        content: null,
        media_urls: [],
        reactions: [],
        my_reaction: null,
        pinned_at: null,
      });
      await becomeOwner(db);
      expect(
        await db.query('select from public.message_reactions where conversation_id = $1', [conversation_id]),
      ).toEqual([]);
      expect((await heardOn(db, `conversation:${conversation_id}:1`)).at(-1)).toMatchObject({
        ...{ event: 'message_changed', payload: { id, content: null, deleted_at: expect.any(String) } },
      });
    }));

  test('for all is for who wrote it, and in a group for its moderators (messages.not_yours)', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const { id } = await write(db, ada, bob);
      expect((await refusedCall(db, bob, 'delete_message', id)).code).toBe('messages.not_yours');
      const group_id = await group(db, ada, [bob, eve]);
      const inGroup = await send(db, bob, { group_id });
      expect((await refusedCall(db, eve, 'delete_message', inGroup.id)).code).toBe('messages.not_yours');
      expect(await one(db, ada, 'delete_message', inGroup.id)).toMatchObject({
        delete_message: { deleted_for: 'all', seq: 1 },
      });
      await becomeOwner(db);
      await db.query("update app_private.chat_rules set delete_within = '1 hour'");
      await db.query("update public.messages set created_at = now() - interval '2 hours' where id = $1", [id]);
      expect((await refusedCall(db, ada, 'delete_message', id)).code).toBe('messages.delete_too_late');
    }));

  test('for oneself is for oneself, on all devices', () =>
    withCast(async ({ db, ada, bob }) => {
      const { id, conversation_id } = await write(db, ada, bob, 'Seen');
      await call(db, bob, 'delete_message', id, 'me');
      expect((await read(db, bob, conversation_id))[0]).toMatchObject({ content: null, deleted_at: expect.any(Date) });
      expect((await read(db, ada, conversation_id))[0]).toMatchObject({ content: 'Seen', deleted_at: null });
      expect((await heardOn(db, `user:${bob.id}`)).at(-1)).toMatchObject({
        event: 'message_hidden',
        payload: { id, seq: 1 },
      });
      expect(await heardOn(db, `conversation:${conversation_id}:1`)).toHaveLength(1);
      expect((await refusedCall(db, bob, 'delete_message', id, 'them')).code).toBe('messages.field_invalid');
    }));
});

describe('reactions', () => {
  test('are one for each person, counted, replaced and taken back', () =>
    withCast(async ({ db, ada, bob }) => {
      const { id } = await write(db, ada, bob);
      await call(db, ada, 'react_to_message', id, '👍');
      expect(await one(db, bob, 'react_to_message', id, '👍')).toMatchObject({
        ...{ reactions: [{ emoji: '👍', count: 2 }], my_reaction: '👍' },
      });
      expect(
        (await one<MessageCard>(db, bob, 'react_to_message', id, '❤️')).reactions.toSorted((x, y) =>
          x.emoji.localeCompare(y.emoji),
        ),
      ).toHaveLength(2);
      const [mine] = await call(db, ada, 'message_reactors', id, 1);
      expect(mine).toMatchObject({ username: expect.any(String), emoji: expect.any(String) });
      expect(await one(db, bob, 'react_to_message', id, null)).toMatchObject({
        reactions: [{ emoji: '👍', count: 1 }],
        my_reaction: null,
      });
      const before = await one<MessageCard>(db, bob, 'message', id);
      expect(await one(db, bob, 'react_to_message', id, null)).toMatchObject({ change: before.change });
    }));

  test.each(['', 'ok', 'a', 'привет', '好', '👍 👍', '<b>', '👍'.repeat(17)])(
    'refuse %j (messages.field_invalid)',
    (emoji) =>
      withCast(async ({ db, ada, bob }) => {
        const { id } = await write(db, ada, bob);
        expect((await refusedCall(db, bob, 'react_to_message', id, emoji)).code).toBe('messages.field_invalid');
      }),
  );

  test.each(['❤️', '👨‍👩‍👧', '🇩🇪', '1️⃣', '🅰️', 'ℹ️'])('take %s', (emoji) =>
    withCast(async ({ db, ada, bob }) => {
      const { id } = await write(db, ada, bob);
      expect(await one(db, bob, 'react_to_message', id, emoji)).toMatchObject({ my_reaction: emoji });
    }),
  );

  test('are at most twenty different ones (messages.too_many_reactions)', () =>
    withCast(async ({ db, ada, bob }) => {
      const { id } = await write(db, ada, bob);
      await becomeOwner(db);
      const counts = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [String.fromCodePoint(0x1f600 + n), 1]));
      await db.query('update public.messages set reactions = $2 where id = $1', [id, counts]);
      expect((await refusedCall(db, bob, 'react_to_message', id, '👍')).code).toBe('messages.too_many_reactions');
      expect(await one(db, bob, 'react_to_message', id, String.fromCodePoint(0x1f600))).toMatchObject({
        my_reaction: '😀',
      });
    }));
});

test('pins are for both of a direct conversation, in a group for its moderators, and listed the latest first', () =>
  withCast(async ({ db, ada, bob }) => {
    const first = await write(db, ada, bob, 'One');
    const second = await write(db, ada, bob, 'Two');
    for (const { id } of [first, second]) await call(db, bob, 'pin_message', id);
    expect(
      (await call<MessageCard>(db, ada, 'pinned_messages', first.conversation_id)).map(({ content }) => content),
    ).toEqual(['Two', 'One']);
    await call(db, ada, 'pin_message', second.id, false);
    expect(await call(db, ada, 'pinned_messages', first.conversation_id)).toMatchObject([{ content: 'One' }]);
    const group_id = await group(db, ada, [bob]);
    const { id } = await send(db, bob, { group_id });
    expect((await refusedCall(db, bob, 'pin_message', id)).code).toBe('groups.not_allowed');
    expect(await one(db, ada, 'pin_message', id)).toMatchObject({ pinned_at: expect.any(Date) });
  }));

test('every change has a number, and who was away finds each message as it reads now', () =>
  withCast(async ({ db, ada, bob }) => {
    const first = await write(db, ada, bob, 'One');
    const second = await write(db, ada, bob, 'Two');
    await call(db, ada, 'edit_message', first.id, 'Uno');
    await call(db, bob, 'react_to_message', second.id, '👍');
    await call(db, ada, 'edit_message', first.id, 'Un');
    await call(db, ada, 'delete_message', second.id);
    const changes = await call<MessageCard>(db, bob, 'conversation_changes', first.conversation_id, 0);
    expect(changes.map(({ content, change }) => [content, change])).toEqual([
      ['Un', '3'],
      [null, '4'],
    ]);
    expect(await call(db, bob, 'conversation_changes', first.conversation_id, 3)).toMatchObject([{ change: '4' }]);
    expect(await call(db, bob, 'conversation_changes', first.conversation_id, 4)).toEqual([]);
    expect(await topicsOf(db, bob, first.conversation_id)).toMatchObject({ last_seq: '2', last_change: '4' });
  }));
