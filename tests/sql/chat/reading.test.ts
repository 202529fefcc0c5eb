import { describe, expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
import {
  become,
  becomeOwner,
  befriend,
  block,
  call,
  group,
  heardOn,
  inbox,
  type MessageCard,
  newId,
  one,
  read,
  refusedCall,
  send,
  setPrivacy,
  withCast,
  write,
} from './support.ts';

/** Messages 1 to `count` from one to another, a minute apart. */
async function talk(db: TestConnection, from: Person, to: Person, count: number): Promise<string> {
  let conversation = '';
  for (let n = 1; n <= count; n += 1) conversation = (await write(db, from, to, `Message ${n}`)).conversation_id;
  await becomeOwner(db);
  await db.query(
    `update public.messages set created_at = timestamptz '2026-01-01T10:00:00Z' + seq * interval '1 minute' where conversation_id = $1`,
    [conversation],
  );
  return conversation;
}

async function page(db: TestConnection, who: Person, conversation: string, args: string): Promise<number[]> {
  await become(db, who);
  const rows = await db.query<{ seq: string }>(
    `select seq from public.conversation_messages(p_conversation => $1, ${args})`,
    [conversation],
  );
  return rows.map(({ seq }) => Number(seq));
}

describe('a page of messages', () => {
  test.each([
    ['p_limit => 3', [9, 8, 7]],
    ['p_limit => 3, p_before_seq => 4', [3, 2, 1]],
    ['p_before_seq => 1', []],
    ['p_limit => 3, p_after_seq => 0', [1, 2, 3]],
    ['p_limit => 3, p_after_seq => 7', [8, 9]],
    ['p_after_seq => 9', []],
    ['p_after_seq => 99', []],
    ['p_after_seq => 3, p_before_seq => 6', [4, 5]],
    [`p_limit => 2, p_before => '2026-01-01T10:05:00Z'`, [4, 3]],
    [`p_limit => 2, p_after => '2026-01-01T10:05:00Z'`, [6, 7]],
    [`p_before => '2026-01-01T09:00:00Z'`, []],
    [`p_after => '2026-01-01T11:00:00Z'`, []],
    [`p_after => '2026-01-01T10:02:30Z', p_before => '2026-01-01T10:04:30Z'`, [3, 4]],
    [`p_before => '2026-01-01T10:05:00Z', p_before_seq => 3`, [2, 1]],
  ])('of %s', (args, expected) =>
    withCast(async ({ db, ada, bob }) => {
      const conversation = await talk(db, ada, bob, 9);
      expect(await page(db, bob, conversation, args)).toEqual(expected);
    }),
  );

  test('has each number once, whatever became of the message', () =>
    withCast(async ({ db, ada, bob }) => {
      const conversation = await talk(db, ada, bob, 5);
      const ids = (await read(db, ada, conversation)).toReversed().map(({ id }) => id);
      await call(db, ada, 'delete_message', ids[1]);
      await call(db, bob, 'delete_message', ids[3], 'me');
      const words = async (who: Person) =>
        (await call<MessageCard>(db, who, 'conversation_messages', conversation, 50, null, 0)).map(
          ({ seq, content, deleted_at }) => [Number(seq), content, deleted_at !== null],
        );
      const there = (n: number) => [n, `Message ${n}`, false];
      expect(await words(bob)).toEqual([there(1), [2, null, true], there(3), [4, null, true], there(5)]);
      expect(await words(ada)).toEqual([there(1), [2, null, true], there(3), there(4), there(5)]);
    }));

  test('is refused to who is not in the conversation, and the rows of the table are not there for them', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const conversation = await talk(db, ada, bob, 1);
      const [{ id }] = (await read(db, ada, conversation)) as [MessageCard];
      for (const [name, ...args] of [
        ['conversation_messages', conversation],
        ['conversation_changes', conversation],
        ['pinned_messages', conversation],
        ['conversation_receipts', conversation],
        ['search_messages', 'Message', conversation],
        ['conversation_messages', newId()],
        ['conversation_with', ada.id],
      ] as const)
        expect((await refusedCall(db, eve, name, ...args)).code, name).toBe('messages.conversation_not_found');
      for (const [name, ...args] of [
        ['message', id],
        ['mark_read', id],
        ['mark_read', conversation],
        ['edit_message', id, 'x'],
        ['delete_message', id],
        ['react_to_message', id, '👍'],
        ['message_reactors', id],
        ['pin_message', id],
      ] as const)
        expect((await refusedCall(db, eve, name, ...args)).code, name).toBe('messages.not_found');
      for (const table of ['conversations', 'conversation_members', 'messages', 'message_reactions'])
        expect(
          await db.query(`select * from public.${table === 'messages' ? 'messages' : table} limit 1`.replace('*', '1')),
        ).toEqual([]);
      await become(db, bob);
      expect(await db.query('select seq, content from public.messages')).toEqual([{ seq: '1', content: 'Message 1' }]);
      expect((await db.refusal('select request_hash from public.messages')).sqlstate).toBe('42501');
    }));
});

test('the rows of conversations tell their members nothing by which a block could be dated', () =>
  withCast(async ({ db, ada, bob }) => {
    await write(db, ada, bob);
    await become(db, ada);
    expect(await db.query('select id, kind, last_seq, active_at from public.conversations')).toHaveLength(1);
    for (const column of ['epoch', 'epoch_seq', 'epoch_change', 'open_after_seq', 'taken_back', 'opened_by'])
      expect((await db.refusal(`select ${column} from public.conversations`)).sqlstate).toBe('42501');
  }));

describe('the list of conversations', () => {
  test('has the latest first, page by page, with what is unread', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      await befriend(db, ada, eve);
      const first = await write(db, bob, ada, 'One');
      await write(db, bob, ada, 'Two');
      const second = await write(db, eve, ada, 'Three');
      expect((await inbox(db, ada)).map(({ id, unread_count }) => [id, unread_count])).toEqual([
        [second.conversation_id, '1'],
        [first.conversation_id, '2'],
      ]);
      await become(db, ada);
      const [top] = await db.query<{ active_at: Date; id: string }>(
        'select active_at::text, id from public.my_conversations(p_limit => 1)',
      );
      const rest = await db.query<{ id: string }>(
        'select id from public.my_conversations(p_before => $1, p_before_id => $2)',
        [top?.active_at, top?.id],
      );
      expect(rest.map(({ id }) => id)).toEqual([first.conversation_id]);
    }));

  test('puts away what is archived or cleared, which comes back with its next message when it was cleared', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, bob, ada);
      await call(db, ada, 'archive_conversation', conversation_id);
      await write(db, bob, ada);
      expect([await inbox(db, ada), await inbox(db, ada, 'archived')]).toMatchObject([[], [{ id: conversation_id }]]);
      await call(db, ada, 'archive_conversation', conversation_id, false);
      expect(await one(db, ada, 'clear_conversation', conversation_id)).toMatchObject({
        last_message: null,
        unread_count: '0',
      });
      expect(await inbox(db, ada)).toEqual([]);
      expect(await read(db, ada, conversation_id)).toEqual([]);
      expect(await read(db, bob, conversation_id)).toHaveLength(2);
      await write(db, bob, ada, 'Still there?');
      expect(await inbox(db, ada)).toMatchObject([{ unread_count: '1', last_message: { content: 'Still there?' } }]);
      expect(await read(db, ada, conversation_id)).toHaveLength(1);
    }));

  test('says what is muted, until when, and nothing of it to others', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, bob, ada);
      const until = new Date(Date.now() + 3_600_000);
      expect(await one(db, ada, 'mute_conversation', conversation_id, true, until)).toMatchObject({
        is_muted: true,
        muted_until: until,
      });
      expect(await one(db, ada, 'mute_conversation', conversation_id)).toMatchObject({
        is_muted: true,
        muted_until: null,
      });
      expect(await inbox(db, bob)).toMatchObject([{ is_muted: false }]);
      expect(await one(db, ada, 'mute_conversation', conversation_id, false)).toMatchObject({ is_muted: false });
      expect(
        (await refusedCall(db, ada, 'mute_conversation', conversation_id, true, '2020-01-01T00:00:00Z')).code,
      ).toBe('messages.field_invalid');
      expect((await refusedCall(db, ada, 'my_conversations', 'spam')).code).toBe('messages.field_invalid');
    }));
});

describe('reading marks', () => {
  test('only move on, never past the last message', () =>
    withCast(async ({ db, ada, bob }) => {
      const conversation = await talk(db, ada, bob, 5);
      const mark = (...args: readonly unknown[]) => one<{ mark_read: object }>(db, bob, 'mark_read', ...args);
      const at = (last_read_seq: number) => ({
        mark_read: { conversation_id: conversation, last_read_seq, unread_count: 5 - last_read_seq },
      });
      expect(await mark(conversation, 2)).toEqual(at(2));
      expect(await mark(conversation, 1)).toEqual(at(2));
      const [, fourth] = await read(db, bob, conversation);
      expect(await mark(fourth?.id)).toEqual(at(4));
      expect(await mark(conversation, 99)).toEqual(at(5));
      expect((await read(db, ada, conversation)).every(({ is_read }) => is_read)).toBe(true);
      expect((await heardOn(db, `user:${ada.id}`)).filter(({ event }) => event === 'receipt')).toHaveLength(3);
      expect((await heardOn(db, `user:${bob.id}`)).filter(({ event }) => event === 'conversation_read')).toHaveLength(
        3,
      );
    }));

  test.each(['ada', 'bob'] as const)('are shown to neither side while %s hides receipts', (who) =>
    withCast(async ({ db, ...people }) => {
      const { ada, bob } = people;
      await setPrivacy(db, people[who], { hide_read_receipts: true });
      const conversation = await talk(db, ada, bob, 1);
      await call(db, bob, 'mark_read', conversation);
      expect((await read(db, ada, conversation))[0]?.is_read).toBe(null);
      expect(await call(db, ada, 'conversation_receipts', conversation)).toEqual([]);
      expect(await call(db, bob, 'conversation_receipts', conversation)).toEqual([]);
      expect((await heardOn(db, `user:${ada.id}`)).map(({ event }) => event)).not.toContain('receipt');
      expect((await read(db, bob, conversation))[0]?.is_read).toBe(true);
    }),
  );

  test.each(['ada', 'bob'] as const)('end with a block, whichever side made it: here %s', (who) =>
    withCast(async ({ db, ...people }) => {
      const { ada, bob } = people;
      const conversation = await talk(db, ada, bob, 1);
      await block(db, people[who], who === 'ada' ? bob : ada);
      await call(db, bob, 'mark_read', conversation);
      expect((await read(db, ada, conversation))[0]?.is_read).toBe(null);
      expect(await call(db, ada, 'conversation_receipts', conversation)).toEqual([]);
      expect((await heardOn(db, `user:${ada.id}`)).map(({ event }) => event)).not.toContain('receipt');
    }),
  );

  test('of a group are asked for, in pages, of those who show them', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const group_id = await group(db, ada, [bob, eve]);
      const { conversation_id, is_read } = await send(db, ada, { group_id });
      expect(is_read).toBe(null);
      await setPrivacy(db, eve, { hide_read_receipts: true });
      for (const reader of [bob, eve]) await call(db, reader, 'mark_read', conversation_id);
      expect(await call(db, ada, 'conversation_receipts', conversation_id)).toMatchObject([
        { id: bob.id, last_read_seq: '1' },
      ]);
      expect(await call(db, ada, 'conversation_receipts', conversation_id, 1, bob.id)).toEqual([]);
    }));
});

describe('the search', () => {
  const find = async (db: TestConnection, who: Person, ...args: readonly unknown[]) =>
    (await call<MessageCard>(db, who, 'search_messages', ...args)).map(({ content }) => content);

  test('finds messages with all words, or words that begin so, the newest first, and only those one may read', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      await write(db, ada, bob, 'The harbour is closed');
      await write(db, bob, eve, 'A harbour of our own');
      await write(db, bob, ada, 'HARBOURS open at five');
      expect(await find(db, ada, 'harb')).toEqual(['HARBOURS open at five', 'The harbour is closed']);
      expect(await find(db, ada, 'clos harbour')).toEqual(['The harbour is closed']);
      expect(await find(db, ada, 'our own')).toEqual([]);
      expect(await find(db, bob, 'harbour')).toHaveLength(3);
      for (const nothing of ['', ' ', '!?', "' | '", ':*', 'a & !b']) expect(await find(db, eve, nothing)).toEqual([]);
    }));

  test('goes on after the last, and can be of one conversation', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const { conversation_id } = await write(db, ada, bob, 'bread 1');
      await write(db, ada, eve, 'bread 2');
      await write(db, ada, bob, 'bread 3');
      expect(await find(db, ada, 'bread', conversation_id)).toEqual(['bread 3', 'bread 1']);
      const [top] = await call<MessageCard>(db, ada, 'search_messages', 'bread', null, 1);
      expect(await find(db, ada, 'bread', null, 20, top?.created_at, top?.id)).toEqual(['bread 2', 'bread 1']);
    }));

  test('finds nothing that is deleted, for all or for oneself, cleared, or from before one joined', () =>
    withCast(async ({ db, ada, bob }) => {
      const one_ = await write(db, ada, bob, 'bread 1');
      const two = await write(db, ada, bob, 'bread 2');
      await write(db, ada, bob, 'bread 3');
      await call(db, ada, 'delete_message', one_.id);
      await call(db, bob, 'delete_message', two.id, 'me');
      expect(await find(db, bob, 'bread')).toEqual(['bread 3']);
      await call(db, bob, 'clear_conversation', one_.conversation_id);
      expect(await find(db, bob, 'bread')).toEqual([]);
      expect(await find(db, ada, 'bread')).toEqual(['bread 3', 'bread 2']);
    }));
});
