import { describe, expect, test } from 'vitest';
import type { TestConnection } from '../../support/database.ts';
import {
  become,
  becomeOwner,
  block,
  type Cast,
  call,
  group,
  heardOn,
  newId,
  refusedSend,
  send,
  topicsOf,
  withCast,
  write,
} from './support.ts';

// Most messages take a way of their own through send_message. A field that says nothing makes one go the general way.
const GENERAL = { duration_ms: null };
const WAYS = [
  ['the plain way', {}],
  ['the general way', GENERAL],
] as const;

/** What was told of a message, without what differs from message to message. */
async function toldOf(db: TestConnection, conversation: string, seq: string): Promise<unknown> {
  await becomeOwner(db);
  const heard = await db.one<{ payload: object }>(
    `select payload - '{id,seq,created_at}'::text[] as payload from realtime.messages
     where event = 'message_created' and payload ->> 'conversation_id' = $1 and payload ->> 'seq' = $2`,
    [conversation, seq],
  );
  const event = await db.one<{ payload: object }>(
    `select payload - '{message_id,seq,created_at}'::text[] || jsonb_build_object('actor', actor_id) as payload from app_private.outbox_events
     where type = 'message.created' and payload ->> 'conversation_id' = $1 and payload ->> 'seq' = $2`,
    [conversation, seq],
  );
  return [heard, event];
}

async function sentBothWays({ db, ada }: Cast, to: Record<string, unknown>) {
  const found = [];
  for (const [, extra] of WAYS) {
    const client_id = newId();
    const sent = await send(db, ada, { ...to, client_id, content: 'Tea at five?', ...extra });
    expect(sent.id).toBe(client_id);
    const { id: _id, seq, created_at: _at, ...card } = sent;
    await becomeOwner(db);
    const { row } = await db.one<{ row: object }>(
      `select to_jsonb(x) - '{id,seq,created_at,request_hash}'::text[] as row from public.messages x where x.id = $1`,
      [client_id],
    );
    found.push({ card, row, told: await toldOf(db, sent.conversation_id, seq) });
  }
  return found;
}

describe('a plain message', () => {
  test('is answered, kept and told of as any other, in a direct conversation', () =>
    withCast(async (cast) => {
      const { conversation_id } = await write(cast.db, cast.ada, cast.bob);
      for (const to of [{ conversation_id }, { receiver_id: cast.bob.id }]) {
        const [plain, general] = await sentBothWays(cast, to);
        expect(plain).toEqual(general);
      }
    }));

  test('and in a group', () =>
    withCast(async (cast) => {
      const { db, ada, bob, eve } = cast;
      const group_id = await group(db, ada, [bob, eve]);
      const { conversation_id } = await send(db, ada, { group_id });
      for (const to of [{ conversation_id }, { group_id }]) {
        const [plain, general] = await sentBothWays(cast, to);
        expect(plain).toEqual(general);
      }
    }));

  test('is the same message when it is sent again by the other way or under another name', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      const message = { client_id: newId(), content: 'Once' };
      const { active_at } = await lastOf(db, conversation_id, () => send(db, ada, { ...message, conversation_id }));
      for (const again of [{ conversation_id }, { receiver_id: bob.id }, { conversation_id, ...GENERAL }])
        expect(await send(db, ada, { ...message, ...again })).toMatchObject({ id: message.client_id, seq: '2' });
      const state = await lastOf(db, conversation_id);
      expect(state).toMatchObject({ last_seq: '2', last_read_seq: '2', active_at });
    }));

  test('that cannot be taken leaves no number behind', () =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      await block(db, bob, ada);
      for (const [, extra] of WAYS)
        expect((await refusedSend(db, ada, { conversation_id, ...extra })).code).toBe('messages.not_accepted');
      await becomeOwner(db);
      await db.query('delete from public.blocks');
      expect((await send(db, ada, { conversation_id })).seq).toBe('2');
    }));

  test.each(WAYS)('reads and accepts what was there, by %s', (_way, extra) =>
    withCast(async ({ db, ada, eve }) => {
      const { conversation_id } = await write(db, eve, ada);
      expect((await send(db, ada, { conversation_id, ...extra })).seq).toBe('2');
      const [found] = await call(db, ada, 'conversation', conversation_id);
      expect(found).toMatchObject({ state: 'accepted', last_read_seq: '2', unread_count: '0' });
    }),
  );

  test.each(WAYS)('is told of without its words where it will disappear, by %s', (_way, extra) =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      await call(db, ada, 'set_message_timer', conversation_id, 60);
      const { expires_at } = (await send(db, ada, { conversation_id, ...extra })) as unknown as { expires_at: Date };
      expect(expires_at).toBeInstanceOf(Date);
      const { topic } = await topicsOf(db, ada, conversation_id);
      expect((await heardOn(db, topic)).at(-1)?.payload).toMatchObject({ content: null, is_sealed: true });
    }),
  );

  test.each(WAYS)(
    'is one too many after as many as a person sends in a minute (rate_limit.exceeded), by %s',
    (_way, extra) =>
      withCast(async ({ db, ada, bob }) => {
        const { conversation_id } = await write(db, ada, bob);
        await becomeOwner(db);
        await db.query('update app_private.chat_rules set messages_per_minute = 3');
        for (const content of ['Two', 'Three']) await send(db, ada, { conversation_id, content, ...extra });
        expect((await refusedSend(db, ada, { conversation_id, ...extra })).code).toBe('rate_limit.exceeded');
        expect((await send(db, bob, { conversation_id, ...extra })).seq).toBe('4');
      }),
  );

  test.each([['\u3000'], ['\u2003\n'], [' \t ']])('is not made of %j (messages.content_invalid)', (content) =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      expect((await refusedSend(db, ada, { conversation_id, content })).code).toBe('messages.content_invalid');
    }),
  );

  test.each([['null'], ['5'], ['"Hello"'], ['[]'], ['[{"content": "Hello"}]'], ['{}'], ['{"content": "Hello"}']])(
    'is not made of %s (messages.field_invalid)',
    (text) =>
      withCast(async ({ db, ada }) => {
        await become(db, ada);
        const refusal = await db.refusal('select public.send_message($1::jsonb)', [text]);
        expect(refusal).toMatchObject({ sqlstate: 'PT422', code: 'messages.field_invalid' });
      }),
  );

  test.each([
    [{ client_id: 7 }],
    [{ client_id: 'seven' }],
    [{ content: 7 }],
    [{ conversation_id: 12345678901234567890123456789012n.toString() }],
    [{ conversation_id: 1e31 }],
  ])('is refused with %j as any other', (wrong) =>
    withCast(async ({ db, ada, bob }) => {
      const { conversation_id } = await write(db, ada, bob);
      const refusals = [];
      for (const [, extra] of WAYS)
        refusals.push(await refusedSend(db, ada, { conversation_id, client_id: newId(), ...wrong, ...extra }));
      expect(refusals[0]).toEqual(refusals[1]);
    }),
  );
});

async function lastOf(db: TestConnection, conversation: string, before?: () => Promise<unknown>) {
  await before?.();
  await becomeOwner(db);
  return await db.one<{ last_seq: string; last_read_seq: string; active_at: Date }>(
    `select c.last_seq, c.active_at, m.last_read_seq from public.conversations c
     join public.messages x on x.conversation_id = c.id and x.seq = c.last_seq
     join public.conversation_members m on m.conversation_id = c.id and m.user_id = x.sender_id where c.id = $1`,
    [conversation],
  );
}
