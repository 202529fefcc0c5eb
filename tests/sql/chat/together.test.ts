import { describe, expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
import {
  becomeOwner,
  block,
  type Cast,
  call,
  group,
  heardOn,
  newId,
  read,
  send,
  topicsOf,
  withCast,
  write,
} from './support.ts';
import { type Asked, sendTogether } from './together.ts';

interface Signed extends Cast {
  /** What one of them asks for. */
  readonly ask: (from: Person, p: Record<string, unknown> | string) => Asked;
}

/** Among the three, each signed in. */
function withSigned(fn: (cast: Signed) => Promise<void>): Promise<void> {
  return withCast(async (cast) => {
    const sessions = new Map<string, string>();
    for (const one of [cast.ada, cast.bob, cast.eve]) sessions.set(one.id, await cast.db.signIn(one));
    await fn({ ...cast, ask: (from, p) => ({ from, session: sessions.get(from.id) ?? '', p }) });
  });
}

/** Everything that is kept of a message, and what was told of it, without what differs from one to the next. */
async function keptOf(db: TestConnection, id: string): Promise<unknown> {
  await becomeOwner(db);
  return await db.one(
    `select to_jsonb(x) - '{id,seq,created_at,request_hash}'::text[] as row, b.private, b.event, b.extension, b.topic,
       b.payload - '{id,seq,created_at}'::text[] as heard, e.actor_id, e.version,
       e.payload - '{message_id,seq,created_at}'::text[] as told
     from public.messages x
     join realtime.messages b on b.payload ->> 'id' = x.id::text and b.payload ->> 'seq' = x.seq::text
       and (b.payload ->> 'created_at')::timestamptz = x.created_at
     join app_private.outbox_events e on e.type = 'message.created' and e.payload ->> 'message_id' = x.id::text
       and e.payload ->> 'seq' = x.seq::text and (e.payload ->> 'created_at')::timestamptz = x.created_at
     where x.id = $1`,
    [id],
  );
}

describe('messages that are sent together', () => {
  test('are answered, kept and told of as each by itself, however their conversation is named', () =>
    withSigned(async ({ db, ada, bob, eve, ask }) => {
      const direct = await write(db, ada, bob);
      const group_id = await group(db, ada, [bob, eve]);
      const room = await send(db, bob, { group_id });
      const places = [
        { conversation_id: direct.conversation_id },
        { receiver_id: bob.id },
        { conversation_id: room.conversation_id },
        { group_id },
      ];
      const withIds = places.map((to) => ({ ...to, client_id: newId(), content: '«Tea» at "five"?\n\\o/ 🫖' }));
      const cards = await sendTogether(
        db,
        withIds.map((p) => ask(ada, p)),
      );
      expect(cards.size).toBe(4);
      for (const [n, p] of withIds.entries()) {
        const { client_id: _client_id, ...same } = p;
        const lone = JSON.parse(JSON.stringify(await send(db, ada, { ...same, client_id: newId() }))) as object;
        const card = cards.get(n);
        expect(card).toMatchObject({ id: p.client_id, sender_id: ada.id });
        const common = { id: '', seq: 0, created_at: '' };
        expect({ ...card, ...common }).toEqual({ ...lone, ...common });
        expect(await keptOf(db, p.client_id)).toEqual(await keptOf(db, (lone as { id: string }).id));
      }
    }));

  test('take the next numbers in the order in which they were asked for, each conversation its own', () =>
    withSigned(async ({ db, ada, bob, eve, ask }) => {
      const group_id = await group(db, ada, [bob, eve]);
      const { conversation_id } = await send(db, eve, { group_id });
      const other = (await write(db, bob, ada)).conversation_id;
      await becomeOwner(db);
      const asked = [ada, bob, ada, bob, eve, ada].map((from, n) =>
        ask(from, { conversation_id: n === 1 || n === 5 ? other : conversation_id, content: `Number ${n}` }),
      );
      const cards = await sendTogether(db, asked);
      expect([...cards].map(([n, { seq }]) => [n, seq])).toEqual([
        [0, 2],
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 3],
      ]);
      expect((await read(db, ada, conversation_id)).map(({ content }) => content)).toEqual([
        ...['Number 4', 'Number 3', 'Number 2', 'Number 0', 'Hello'],
      ]);
      const { topic } = await topicsOf(db, ada, conversation_id);
      await becomeOwner(db);
      // The server repeats broadcasts by their times.
      const heard = await db.query<{ seq: number }>(
        "select (payload ->> 'seq')::int as seq from realtime.messages where topic = $1 and (payload ->> 'seq')::int > 1 order by inserted_at",
        [topic],
      );
      expect(heard.map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
      const told = await db.query<{ seq: number }>(
        `select (payload ->> 'seq')::int as seq from app_private.outbox_events
         where type = 'message.created' and payload ->> 'conversation_id' = $1 order by tx_id, position`,
        [conversation_id],
      );
      expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      // Who writes has read what was there.
      const marks = await db.query(
        'select user_id, last_read_seq::int as seq from public.conversation_members where conversation_id = $1',
        [conversation_id],
      );
      expect(new Set(marks.map((mark) => JSON.stringify(mark)))).toEqual(
        new Set(
          [
            { user_id: ada.id, seq: 3 },
            { user_id: bob.id, seq: 4 },
            { user_id: eve.id, seq: 5 },
          ].map((mark) => JSON.stringify(mark)),
        ),
      );
    }));

  test('have ids of their own where their writers give none', () =>
    withSigned(async ({ db, ada, bob, ask }) => {
      const { conversation_id } = await write(db, ada, bob);
      await becomeOwner(db);
      const cards = await sendTogether(db, [ask(ada, { conversation_id }), ask(bob, { conversation_id })]);
      expect(new Set([...cards.values()].map(({ id }) => id)).size).toBe(2);
    }));

  test('are the same message when one is repeated alone, or together with others', () =>
    withSigned(async ({ db, ada, bob, ask }) => {
      const { conversation_id } = await write(db, ada, bob);
      const message = { conversation_id, client_id: newId(), content: 'Once' };
      await becomeOwner(db);
      await sendTogether(db, [ask(ada, message), ask(bob, { conversation_id })]);
      expect(await send(db, ada, message)).toMatchObject({ id: message.client_id, seq: '2' });
      const again = await sendTogether(db, [ask(ada, message), ask(bob, { conversation_id })]);
      expect([...again]).toMatchObject([[1, { seq: 4 }]]);
    }));
});

/** Something in the way of a message of ada's to bob, in `conversation_id`; gives what she asks for. */
type Hindrance = (cast: Signed, conversation_id: string) => Promise<Record<string, unknown> | string>;

const nothing = async () => undefined;
const given =
  (p: Record<string, unknown>, before: (cast: Signed, conversation: string) => Promise<unknown> = nothing): Hindrance =>
  async (cast, conversation_id) => {
    await before(cast, conversation_id);
    return { conversation_id, ...p };
  };

const HINDRANCES: readonly (readonly [string, Hindrance])[] = [
  ['with a mention', given({ content: 'Hi @somebody' })],
  ['with media', given({ kind: 'image', content: null, media_urls: ['https://example.test/a.png'] })],
  ['with a field that says nothing', given({ duration_ms: null })],
  ['without words', given({ content: ' \u3000\n' })],
  ['with too many words', given({ content: 'x'.repeat(4001) })],
  ['with words that are a number', given({ content: 7 })],
  ['that is no object', async () => '[1]'],
  ['that is null', async () => 'null'],
  ['with two addresses', async ({ bob }, conversation_id) => ({ conversation_id, receiver_id: bob.id })],
  ['with no address', async () => ({})],
  ['to what is no id', given({ conversation_id: 'x' })],
  ['with a client_id that is none', given({ client_id: 'x' })],
  ['with a client_id that is a number', given({ client_id: 7 })],
  ['to a conversation that is not there', given({ conversation_id: newId() })],
  [
    'to a conversation of others',
    async ({ db, bob, eve }) => {
      const { conversation_id } = await write(db, bob, eve);
      return { conversation_id };
    },
  ],
  ['to somebody for the first time', async ({ eve }) => ({ receiver_id: eve.id })],
  ['in a conversation with a timer', given({}, ({ db, ada }, id) => call(db, ada, 'set_message_timer', id, 60))],
  ['to whom she blocked', given({}, ({ db, ada, bob }) => block(db, ada, bob))],
  ['to who blocked her', given({}, ({ db, ada, bob }) => block(db, bob, ada))],
  [
    'in an open request',
    async ({ db, eve, ada }) => {
      const { conversation_id } = await write(db, eve, ada);
      return { conversation_id };
    },
  ],
  [
    'of a session that ended',
    given({}, async ({ db, ada }) => {
      await becomeOwner(db);
      await db.query('delete from auth.sessions where user_id = $1', [ada.id]);
    }),
  ],
  [
    'of a session whose time is over',
    given({}, async ({ db, ada }) => {
      await becomeOwner(db);
      await db.query("update auth.sessions set not_after = now() - interval '1 s' where user_id = $1", [ada.id]);
    }),
  ],
  [
    'of somebody who is suspended',
    given({}, async ({ db, ada }) => {
      await becomeOwner(db);
      await db.query("update auth.users set banned_until = now() + interval '1 day' where id = $1", [ada.id]);
    }),
  ],
  [
    'of somebody who sends too many',
    given({}, async ({ db }) => {
      await becomeOwner(db);
      await db.query('update app_private.chat_rules set messages_per_minute = 1');
    }),
  ],
];

describe('what is not plain is left alone, and what is sent with it is sent', () => {
  test.each(HINDRANCES)('a message %s', (_name, hinder) =>
    withSigned(async (cast) => {
      const { db, ada, bob, eve, ask } = cast;
      const { conversation_id } = await write(db, ada, bob);
      const mates = await group(db, bob, [eve]);
      await becomeOwner(db);
      const p = await hinder(cast, conversation_id);
      await becomeOwner(db);
      const state = `select (select jsonb_agg(to_jsonb(c) order by c.id) from public.conversations c where $1 in (c.low_id, c.high_id)) as conversations,
        (select count(*) from public.messages x where x.sender_id = $1) as messages, (select jsonb_agg(m.last_read_seq order by m.conversation_id)
          from public.conversation_members m where m.user_id = $1) as marks`;
      const before = await db.one(state, [ada.id]);
      const cards = await sendTogether(db, [
        ask(eve, { group_id: mates, content: 'One' }),
        ask(ada, p),
        ask(bob, { group_id: mates, content: 'Two' }),
      ]);
      expect([...cards].map(([n, { seq }]) => [n, seq])).toEqual([
        [0, 1],
        [2, 2],
      ]);
      await becomeOwner(db);
      expect(await db.one(state, [ada.id])).toEqual(before);
    }),
  );

  test('all of somebody who would send too many, and nobody else', () =>
    withSigned(async ({ db, ada, bob, ask }) => {
      const { conversation_id } = await write(db, ada, bob);
      await becomeOwner(db);
      await db.query('update app_private.chat_rules set messages_per_minute = 3');
      const three = [1, 2, 3].map(() => ask(ada, { conversation_id }));
      const cards = await sendTogether(db, [...three, ask(bob, { conversation_id })]);
      expect([...cards]).toMatchObject([[3, { seq: 2 }]]);
      expect((await sendTogether(db, three.slice(1))).size).toBe(2);
      expect((await sendTogether(db, three.slice(2))).size).toBe(0);
      const five = [1, 2, 3, 4, 5].map(() => ask(bob, { conversation_id }));
      expect((await sendTogether(db, five)).size).toBe(0);
    }));

  test('the second with a client_id that is in the batch already', () =>
    withSigned(async ({ db, ada, bob, ask }) => {
      const { conversation_id } = await write(db, ada, bob);
      const client_id = newId();
      await becomeOwner(db);
      const cards = await sendTogether(db, [
        ask(ada, { conversation_id, client_id }),
        ask(bob, { conversation_id, client_id, content: 'Mine' }),
        ask(bob, { conversation_id }),
      ]);
      expect([...cards].map(([n, { seq }]) => [n, seq])).toEqual([
        [0, 2],
        [2, 3],
      ]);
    }));

  test('a newcomer hears nothing of what was sent to the topic before them', () =>
    withSigned(async ({ db, ada, bob, eve, ask }) => {
      const group_id = await group(db, ada, [bob]);
      const { conversation_id } = await send(db, ada, { group_id });
      const { topic } = await topicsOf(db, ada, conversation_id);
      await becomeOwner(db);
      await db.query('insert into public.group_members (group_id, user_id) values ($1, $2)', [group_id, eve.id]);
      await sendTogether(db, [ask(ada, { group_id, content: 'Later' }), ask(eve, { group_id, content: 'Mine' })]);
      expect((await heardOn(db, topic)).filter(({ event }) => event === 'message_created')).toHaveLength(1);
      expect((await topicsOf(db, eve, conversation_id)).topic).not.toBe(topic);
    }));
});
