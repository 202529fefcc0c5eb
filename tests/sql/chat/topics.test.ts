import { describe, expect, test } from 'vitest';
import {
  becomeOwner,
  block,
  call,
  group,
  heardOn,
  join,
  mayHear,
  mayWrite,
  one,
  refusedCall,
  send,
  setPrivacy,
  topicsOf,
  unblock,
  withCast,
  write,
} from './support.ts';

const NOWHERE = '00000000-0000-7000-8000-000000000000';

describe('the topic of a conversation', () => {
  test('is heard by its members, in the current epoch only, and by nobody else', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const { conversation_id } = await write(db, ada, bob);
      const { topic } = await topicsOf(db, ada, conversation_id);
      for (const member of [ada, bob]) expect(await mayHear(db, member, topic)).toBe(true);
      for (const stranger of [eve, null]) expect(await mayHear(db, stranger, topic)).toBe(false);
      for (const other of [
        `conversation:${conversation_id}:2`,
        `conversation:${conversation_id}:0`,
        `conversation:${conversation_id}:99999999999`,
        `conversation:${conversation_id}`,
        `conversation:${conversation_id}:1 `,
        `CONVERSATION:${conversation_id}:1`,
        `conversation:${NOWHERE}:1`,
        'conversation::',
      ])
        expect(await mayHear(db, ada, other), other).toBe(false);
      expect(await mayHear(db, ada, topic, 'presence')).toBe(false);
      expect((await refusedCall(db, eve, 'conversation_topic', conversation_id)).code).toBe(
        'messages.conversation_not_found',
      );
    }));

  test('is written to by nobody but the database', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const { conversation_id } = await write(db, ada, bob);
      for (const who of [ada, bob, eve, null])
        for (const extension of ['broadcast', 'presence'])
          expect(await mayWrite(db, who, `conversation:${conversation_id}:1`, extension)).toBe(false);
      expect(await mayWrite(db, ada, `user:${ada.id}`)).toBe(false);
      expect(await mayWrite(db, ada, `user:${bob.id}`)).toBe(false);
    }));

  test('shows whoever is on it no row of another', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const mine = await write(db, ada, bob);
      await write(db, bob, eve, 'Not for ada');
      expect(await mayHear(db, ada, `conversation:${mine.conversation_id}:1`)).toBe(true);
      expect(
        await db.query('select from realtime.messages where topic <> $1', [`conversation:${mine.conversation_id}:1`]),
      ).toEqual([]);
    }));

  test('of one person is heard by them alone', () =>
    withCast(async ({ db, ada, bob }) => {
      expect(await mayHear(db, ada, `user:${ada.id}`)).toBe(true);
      expect(await mayHear(db, bob, `user:${ada.id}`)).toBe(false);
      expect(await mayHear(db, null, 'user:')).toBe(false);
    }));
});

describe('typing and presence', () => {
  test('are on a topic of their own, which members of an accepted conversation hear and write to', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const { conversation_id } = await write(db, ada, bob);
      const { typing_topic } = await topicsOf(db, ada, conversation_id);
      expect(typing_topic).toBe(`typing:${conversation_id}:1`);
      for (const extension of ['broadcast', 'presence']) {
        for (const member of [ada, bob]) {
          expect(await mayHear(db, member, `typing:${conversation_id}:1`, extension)).toBe(true);
          expect(await mayWrite(db, member, `typing:${conversation_id}:1`, extension)).toBe(true);
        }
        expect(await mayHear(db, eve, `typing:${conversation_id}:1`, extension)).toBe(false);
        expect(await mayWrite(db, eve, `typing:${conversation_id}:1`, extension)).toBe(false);
        expect(await mayWrite(db, ada, `typing:${conversation_id}:2`, extension)).toBe(false);
      }
    }));

  test('are not shown by who hides their presence, who sees no presence of others either', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      await setPrivacy(db, ada, { hide_presence: true });
      const topic = `typing:${conversation_id}:1`;
      expect(await mayHear(db, ada, topic)).toBe(true);
      for (const extension of ['broadcast', 'presence']) expect(await mayWrite(db, ada, topic, extension)).toBe(false);
      expect(await mayHear(db, ada, topic, 'presence')).toBe(false);
      expect(await one(db, ada, 'send_typing', conversation_id)).toEqual({ send_typing: false });
      expect(await one(db, bob, 'send_typing', conversation_id)).toEqual({ send_typing: true });
      expect(await heardOn(db, topic)).toMatchObject([{ event: 'typing', payload: { user_id: bob.id } }]);
    }));

  test('are not there before a request is accepted, for either side', () =>
    withCast(async ({ db, ada, eve }) => {
      const { conversation_id } = await write(db, eve, ada);
      for (const person of [ada, eve]) {
        expect((await topicsOf(db, person, conversation_id)).typing_topic).toBe(null);
        expect(await mayHear(db, person, `typing:${conversation_id}:1`)).toBe(false);
        expect(await mayWrite(db, person, `typing:${conversation_id}:1`, 'presence')).toBe(false);
        expect(await one(db, person, 'send_typing', conversation_id)).toEqual({ send_typing: false });
        expect(await mayHear(db, person, `conversation:${conversation_id}:1`)).toBe(true);
      }
      await call(db, ada, 'accept_conversation', conversation_id);
      expect(await mayHear(db, eve, `typing:${conversation_id}:1`, 'presence')).toBe(true);
      for (const person of [ada, eve])
        expect((await heardOn(db, `user:${person.id}`)).map(({ event }) => event)).toContain('conversation_accepted');
    }));
});

test('a request that is answered is accepted, and both sides are told so, once', () =>
  withCast(async ({ db, ada, eve }) => {
    const { conversation_id } = await write(db, eve, ada);
    for (let n = 0; n < 2; n += 1) await write(db, ada, eve);
    for (const person of [ada, eve]) {
      const heard = await heardOn(db, `user:${person.id}`);
      expect(heard.filter(({ event }) => event === 'conversation_accepted')).toMatchObject([
        { payload: { conversation_id, epoch: 1 } },
      ]);
      expect((await topicsOf(db, person, conversation_id)).typing_topic).toBe(`typing:${conversation_id}:1`);
    }
  }));

describe('a block', () => {
  test('ends sending, editing, reacting and typing at once, and says so to the blocker alone', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id, id } = await write(db, ada, bob, 'Before');
      await block(db, bob, ada);
      for (const [who, code] of [
        [ada, 'messages.not_accepted'],
        [bob, 'follows.blocked'],
      ] as const) {
        await becomeOwner(db);
        expect((await refusedCall(db, who, 'send_message', { conversation_id, content: 'After' })).code).toBe(code);
        expect((await refusedCall(db, who, 'react_to_message', id, '👍')).code).toBe(code);
        expect((await refusedCall(db, who, 'set_message_timer', conversation_id, 60)).code).toBe(code);
        expect(await one(db, who, 'send_typing', conversation_id)).toEqual({ send_typing: false });
      }
      expect((await refusedCall(db, ada, 'edit_message', id, 'Changed')).code).toBe('messages.not_accepted');
      expect((await heardOn(db, `user:${bob.id}`)).at(-1)).toMatchObject({
        ...{ event: 'conversation_epoch', payload: { conversation_id, epoch: 2 } },
      });
      expect((await heardOn(db, `user:${ada.id}`)).map(({ event }) => event)).toEqual(['conversation_added']);
      for (const person of [ada, bob]) {
        expect(await mayHear(db, person, `conversation:${conversation_id}:1`)).toBe(false);
        expect(await mayHear(db, person, `typing:${conversation_id}:2`, 'presence')).toBe(false);
      }
    }));

  test('leaves the history to both, and takes the profile of who blocked', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob, 'Before');
      await write(db, bob, ada, 'Too');
      await block(db, bob, ada);
      const read = async (who: typeof ada) =>
        (
          await call<{ content: string; sender: { id: string } | null }>(
            db,
            who,
            'conversation_messages',
            conversation_id,
          )
        ).map(({ content, sender }) => [content, sender?.id]);
      expect(await read(ada)).toEqual([
        ['Too', undefined],
        ['Before', ada.id],
      ]);
      expect(await read(bob)).toEqual([
        ['Too', bob.id],
        ['Before', ada.id],
      ]);
      expect(await one(db, ada, 'conversation', conversation_id)).toMatchObject({ person: null, can_send: false });
      expect(await one(db, bob, 'conversation', conversation_id)).toMatchObject({
        person: { id: ada.id },
        can_send: false,
      });
    }));

  test('taken back lets both go on, and tells them where', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      await block(db, bob, ada);
      // Both at the same moment, before either of them saw it.
      await becomeOwner(db);
      await db.query('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [ada.id, bob.id]);
      await unblock(db, bob, ada);
      expect((await heardOn(db, `user:${ada.id}`)).filter(({ event }) => event === 'conversation_epoch')).toHaveLength(
        1,
      );
      await unblock(db, ada, bob);
      for (const person of [ada, bob])
        expect((await heardOn(db, `user:${person.id}`)).at(-1)).toMatchObject({
          ...{ event: 'conversation_epoch', payload: { conversation_id, epoch: 3 } },
        });
      await write(db, ada, bob, 'Again');
      expect((await heardOn(db, `conversation:${conversation_id}:3`)).map(({ event }) => event)).toEqual([
        'message_created',
      ]);
    }));
});

describe('the conversation of a group', () => {
  test('has the members of the group, and moves on when one is gone, who hears and reads nothing more', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const group_id = await group(db, ada, [bob, eve]);
      const { conversation_id } = await send(db, ada, { group_id, content: 'To all' });
      const topic = `conversation:${conversation_id}:1`;
      for (const member of [ada, bob, eve]) expect(await mayHear(db, member, topic)).toBe(true);
      await call(db, ada, 'remove_group_member', group_id, eve.id);
      for (const person of [ada, bob, eve]) expect(await mayHear(db, person, topic)).toBe(false);
      expect(await mayHear(db, eve, `conversation:${conversation_id}:2`)).toBe(false);
      expect(await mayHear(db, bob, `conversation:${conversation_id}:2`)).toBe(true);
      await send(db, bob, { group_id, content: 'Without eve' });
      expect(await heardOn(db, topic)).toHaveLength(1);
      expect(await heardOn(db, `conversation:${conversation_id}:2`)).toHaveLength(1);
      for (const name of ['conversation_messages', 'conversation_topic', 'conversation'])
        expect((await refusedCall(db, eve, name, conversation_id)).code).toBe('messages.conversation_not_found');
      expect((await heardOn(db, `user:${eve.id}`)).at(-1)).toMatchObject({
        ...{ event: 'conversation_removed', payload: { conversation_id } },
      });
    }));

  test('tells who stays of its new epoch piece by piece', () =>
    withCast(async ({ db, ada, bob, eve }) => {
      const group_id = await group(db, ada, [bob, eve]);
      const { conversation_id } = await send(db, ada, { group_id });
      await call(db, eve, 'leave_group', group_id);
      const told = async () => {
        const heard = [];
        for (const { id } of [ada, bob, eve])
          heard.push((await heardOn(db, `user:${id}`)).filter(({ event }) => event === 'conversation_epoch').length);
        return heard;
      };
      // Groups of other tests wait as well, and come first.
      const tellOne = async () => {
        await db.as({ role: 'astra_worker' });
        return await db.one('select app_private.tell_epochs(1) as done');
      };
      for (let n = 0; n < 1_000 && (await told()).join() === '0,0,0'; n += 1)
        expect(await tellOne()).toEqual({ done: 1 });
      expect((await told()).toSorted()).toEqual([0, 0, 1]);
      const waits = async () => {
        await becomeOwner(db);
        return await db.query('select from app_private.chat_notices where conversation_id = $1', [conversation_id]);
      };
      for (let n = 0; n < 1_000 && (await waits()).length > 0; n += 1) await tellOne();
      expect(await waits()).toEqual([]);
      expect(await told()).toEqual([1, 1, 0]);
      expect(await heardOn(db, `user:${bob.id}`)).toContainEqual({
        event: 'conversation_epoch',
        payload: expect.objectContaining({
          conversation_id,
          epoch: 2,
          topic: `conversation:${conversation_id}:2`,
          last_seq: 1,
        }),
      });
    }));

  test.each([
    ['private', ['Later']],
    ['secret', ['Later']],
    ['public', ['Later', 'Before']],
  ])(
    'of a %s group shows a newcomer what they may read, and counts none of the former as unread',
    (visibility, expected) =>
      withCast(async ({ db, ada, bob }) => {
        const group_id = await group(db, ada, [], visibility);
        const { conversation_id, id } = await send(db, ada, { group_id, content: 'Before' });
        await join(db, group_id, bob.id);
        await send(db, ada, { group_id, content: 'Later', reply_to: id });
        const messages = await call<{ content: string; reply_to: { content: string | null } | null }>(
          ...([db, bob, 'conversation_messages', conversation_id] as const),
        );
        expect(messages.map(({ content }) => content)).toEqual(expected);
        expect(messages[0]?.reply_to?.content).toBe(visibility === 'public' ? 'Before' : null);
        expect(await one(db, bob, 'conversation', conversation_id)).toMatchObject({ unread_count: '1' });
        const table = await db.query<{ content: string }>(
          'select content from public.messages where conversation_id = $1 order by seq desc',
          [conversation_id],
        );
        expect(table.map(({ content }) => content)).toEqual(expected);
      }),
  );

  test.each(['private', 'secret'])(
    'of a %s group moves on when somebody comes after words that they may not read, and once for all who come then',
    (visibility) =>
      withCast(async ({ db, ada, bob, eve }) => {
        const group_id = await group(db, ada, [], visibility);
        const { conversation_id, id } = await send(db, ada, { group_id, content: 'Before' });
        await join(db, group_id, bob.id);
        expect(await mayHear(db, bob, `conversation:${conversation_id}:1`)).toBe(false);
        expect(await mayHear(db, bob, `conversation:${conversation_id}:2`)).toBe(true);
        expect((await heardOn(db, `user:${bob.id}`)).at(-1)).toMatchObject({
          ...{ event: 'conversation_added', payload: { epoch: 2, topic: `conversation:${conversation_id}:2` } },
        });
        await join(db, group_id, eve.id);
        expect(await mayHear(db, eve, `conversation:${conversation_id}:2`)).toBe(true);
        expect(await heardOn(db, `conversation:${conversation_id}:2`)).toEqual([]);
        // What is told of an old message has its words in it.
        await call(db, ada, 'edit_message', id, 'Other words');
        await call(db, eve, 'leave_group', group_id);
        await call(db, ada, 'edit_message', id, 'Yet others');
        await join(db, group_id, eve.id);
        expect((await topicsOf(db, eve, conversation_id)).topic).toBe(`conversation:${conversation_id}:4`);
        await becomeOwner(db);
        expect(
          await db.query('select epoch from app_private.chat_notices where conversation_id = $1', [conversation_id]),
        ).toEqual([{ epoch: 4 }]);
      }),
  );

  test('of a public group stays where it is when somebody comes, who may read all of it', () =>
    withCast(async ({ db, ada, bob }) => {
      const group_id = await group(db, ada, [], 'public');
      const { conversation_id } = await send(db, ada, { group_id, content: 'Before' });
      await join(db, group_id, bob.id);
      expect((await topicsOf(db, bob, conversation_id)).topic).toBe(`conversation:${conversation_id}:1`);
    }));

  test('goes with the group, and its messages piece by piece', () =>
    withCast(async ({ db, ada, bob }) => {
      const group_id = await group(db, ada, [bob]);
      const { conversation_id } = await send(db, ada, { group_id });
      await send(db, bob, { group_id });
      await call(db, ada, 'delete_group', group_id);
      expect((await refusedCall(db, bob, 'conversation_messages', conversation_id)).code).toBe(
        'messages.conversation_not_found',
      );
      await db.as({ role: 'astra_worker' });
      await db.query('select app_private.purge_groups(10)');
      // Other tests leave tasks, which come first.
      const work = async () => (await db.one<{ n: number }>('select app_private.work_chat_tasks(1) as n')).n;
      for (let n = 0; n < 1_000 && (await work()) > 0; n += 1);
      await becomeOwner(db);
      expect(await db.query('select from public.messages where conversation_id = $1', [conversation_id])).toEqual([]);
      expect(await db.query('select from app_private.chat_tasks where target = $1', [conversation_id])).toEqual([]);
    }));
});
