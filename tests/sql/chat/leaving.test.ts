import { describe, expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
import {
  becomeOwner,
  call,
  group,
  heardOn,
  inbox,
  type MessageCard,
  mayHear,
  one,
  read,
  refusedCall,
  refusedSend,
  send,
  withCast,
  write,
} from './support.ts';

async function deleteAccount(db: TestConnection, { id }: Person): Promise<void> {
  await becomeOwner(db);
  await db.query('delete from auth.users where id = $1', [id]);
}

/** Lets the worker do what is left to do; ends as the owner. */
async function work(db: TestConnection, person: Person): Promise<void> {
  await db.as({ role: 'astra_worker' });
  for (let n = 0; n < 20; n += 1) await db.query('select app_private.work_chat_tasks(2)');
  await becomeOwner(db);
  expect(await db.query('select from app_private.chat_tasks where target = $1', [person.id])).toEqual([]);
}

describe('a deleted account', () => {
  test('leaves its conversations to the others, without its words from that moment on', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob, 'Of ada');
      await write(db, bob, ada, 'Of bob');
      await deleteAccount(db, ada);
      const seen = async () =>
        (await read(db, bob, conversation_id)).map(({ content, sender }) => [content, sender?.id]);
      const expected = [
        ['Of bob', bob.id],
        [null, undefined],
      ];
      expect(await seen()).toEqual(expected);
      expect(await db.query('select content from public.messages order by seq')).toEqual([{ content: 'Of bob' }]);
      expect(await call(db, bob, 'search_messages', 'ada')).toEqual([]);
      expect(await inbox(db, bob)).toMatchObject([
        { person: null, can_send: false, last_message: { content: 'Of bob' } },
      ]);
      expect((await refusedSend(db, bob, { conversation_id })).code).toBe('messages.not_accepted');
      await work(db, ada);
      expect(await seen()).toEqual(expected);
      await becomeOwner(db);
      expect(
        await db.query('select content, sender_id from public.messages where conversation_id = $1 order by seq', [
          conversation_id,
        ]),
      ).toEqual([
        { content: null, sender_id: null },
        { content: 'Of bob', sender_id: bob.id },
      ]);
    }));

  test('hears nothing more, with a token that lives on', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const direct = await write(db, ada, bob);
      const group_id = await group(db, bob, [ada, eve]);
      const inGroup = await send(db, bob, { group_id });
      await deleteAccount(db, ada);
      for (const { conversation_id } of [direct, inGroup])
        for (const epoch of [1, 2, 3])
          expect(await mayHear(db, ada, `conversation:${conversation_id}:${epoch}`)).toBe(false);
      await send(db, bob, { group_id });
      expect(await heardOn(db, `conversation:${inGroup.conversation_id}:1`)).toHaveLength(1);
    }));

  test('takes its reactions back, and its words out of many conversations, each with a change that the others find', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const group_id = await group(db, bob, [ada, eve]);
      const first = await send(db, bob, { group_id });
      for (let n = 0; n < 3; n += 1) await send(db, ada, { group_id });
      for (const person of [ada, eve]) await call(db, person, 'react_to_message', first.id, '👍');
      await write(db, ada, bob);
      await deleteAccount(db, ada);
      await work(db, ada);
      expect(await one<MessageCard>(db, bob, 'message', first.id)).toMatchObject({
        reactions: [{ emoji: '👍', count: 1 }],
      });
      const changes = await call<MessageCard>(db, eve, 'conversation_changes', first.conversation_id, 2);
      expect(changes.map(({ sender_id }) => sender_id)).toEqual([null, null, null, bob.id]);
      expect(new Set(changes.map(({ change }) => change)).size).toBe(4);
      await becomeOwner(db);
      expect(await db.query('select from public.message_reactions where user_id = $1', [ada.id])).toEqual([]);
    }));

  test('of both sides ends the conversation and its messages', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      await deleteAccount(db, ada);
      await deleteAccount(db, bob);
      expect(await db.query('select from public.conversations where id = $1', [conversation_id])).toEqual([]);
      await work(db, ada);
      await work(db, bob);
      expect(await db.query('select from public.messages where conversation_id = $1', [conversation_id])).toEqual([]);
      expect(await db.query('select from app_private.chat_tasks where target = $1', [conversation_id])).toEqual([]);
    }));

  test('has its conversations, messages and reactions in the export, and nothing that others wrote or that is over', () =>
    withCast(async ({ db, ada, bob }) => {
      const mine = await write(db, ada, bob, 'Of ada');
      await write(db, bob, ada, 'Of bob');
      await call(db, ada, 'react_to_message', mine.id, '👍');
      await call(db, ada, 'set_message_timer', mine.conversation_id, 30);
      const soon = await write(db, ada, bob, 'Over');
      await becomeOwner(db);
      await db.query("update public.messages set expires_at = now() - interval '1 second' where id = $1", [soon.id]);
      await db.as({ role: 'astra_worker' });
      const section = async (name: string) =>
        (
          await db.query<{ line: string }>('select line from app_private.export_page($1, $2, null, 100)', [
            ada.id,
            name,
          ])
        ).map(({ line }) => JSON.parse(line));
      expect(await section('conversations')).toMatchObject([
        { with_user_id: bob.id, opened_by_me: true, state: 'accepted' },
      ]);
      expect(await section('messages')).toMatchObject([{ content: 'Of ada' }]);
      expect(await section('message_reactions')).toMatchObject([{ message_id: mine.id, emoji: '👍' }]);
    }));
});

describe('a message that disappears', () => {
  test('is shown nowhere from its time on, however late the worker is', () =>
    withCast(async ({ db, ada, bob }) => {
      const stays = await write(db, ada, bob, 'Stays');
      await call(db, bob, 'set_message_timer', stays.conversation_id, 3600);
      const { id, expires_at, created_at } = await write(db, ada, bob, 'Goes');
      expect(expires_at?.getTime()).toBe(created_at.getTime() + 3_600_000);
      const answer = await send(db, bob, { receiver_id: ada.id, content: 'To that', reply_to: id });
      await call(db, bob, 'react_to_message', id, '👍');
      await becomeOwner(db);
      await db.query('update public.messages set expires_at = clock_timestamp() where id = $1', [id]);
      const [last, gone] = await read(db, bob, stays.conversation_id);
      expect(gone).toMatchObject({ id, content: null, reactions: [], deleted_at: expect.any(Date) });
      expect(last).toMatchObject({ id: answer.id, reply_to: { id, content: null } });
      expect(await call(db, ada, 'search_messages', 'Goes')).toEqual([]);
      expect(await db.query('select from public.messages where id = $1', [id])).toEqual([]);
      expect((await refusedSend(db, bob, { receiver_id: ada.id, content: null, forward_of: id })).code).toBe(
        'messages.not_found',
      );
      for (const [name, ...args] of [
        ['edit_message', id, 'x'],
        ['react_to_message', id, '👍'],
        ['pin_message', id],
      ] as const)
        expect((await refusedCall(db, ada, name, ...args)).code).toBe('messages.not_found');
      await becomeOwner(db);
      await db.query('update public.messages set expires_at = clock_timestamp() where id = $1', [answer.id]);
      expect(await inbox(db, bob)).toMatchObject([{ last_message: { content: null, is_deleted: true } }]);
      await db.as({ role: 'astra_worker' });
      expect(
        (await db.one<{ done: number }>('select app_private.expire_messages(100) as done')).done,
      ).toBeGreaterThanOrEqual(2);
      await becomeOwner(db);
      expect(
        await db.query(
          'select content, deleted_at is null as lives from public.messages where conversation_id = $1 order by seq',
          [stays.conversation_id],
        ),
      ).toEqual([
        { content: 'Stays', lives: true },
        { content: null, lives: false },
        { content: null, lives: false },
      ]);
      expect(
        await db.query('select from public.message_reactions where conversation_id = $1', [stays.conversation_id]),
      ).toEqual([]);
    }));

  test('is told of without its words, which broadcasts would keep', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob, 'Stays');
      await call(db, ada, 'set_message_timer', conversation_id, 30);
      const { id } = await write(db, ada, bob, 'Goes');
      await call(db, ada, 'edit_message', id, 'Goes soon');
      const heard = await heardOn(db, `conversation:${conversation_id}:1`);
      expect(heard.map(({ event }) => event)).toEqual([
        'message_created',
        'conversation_changed',
        'message_created',
        'message_changed',
      ]);
      expect(heard[2]?.payload).toMatchObject({
        id,
        seq: 2,
        content: null,
        is_sealed: true,
        expires_at: expect.any(String),
      });
      expect(JSON.stringify(heard)).not.toContain('Goes');
    }));

  test.each([29, 7_776_001, 0, -1])('has no timer of %i seconds (messages.field_invalid)', (seconds) =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      expect((await refusedCall(db, ada, 'set_message_timer', conversation_id, seconds)).code).toBe(
        'messages.field_invalid',
      );
    }),
  );

  test('has a timer that in a group its admins set, and that ends with null', () =>
    withCast(async ({ db, ada, bob }) => {
      const group_id = await group(db, ada, [bob]);
      const { conversation_id } = await send(db, bob, { group_id });
      expect((await refusedCall(db, bob, 'set_message_timer', conversation_id, 60)).code).toBe('groups.not_allowed');
      expect(await one(db, ada, 'set_message_timer', conversation_id, 60)).toMatchObject({ disappear_after_s: 60 });
      expect((await send(db, bob, { group_id })).expires_at).not.toBe(null);
      expect(await one(db, ada, 'set_message_timer', conversation_id, null)).toMatchObject({ disappear_after_s: null });
      expect((await send(db, bob, { group_id })).expires_at).toBe(null);
    }));
});
