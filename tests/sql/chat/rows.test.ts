import { expect, test } from 'vitest';
import { becomeOwner, newId, withCast, write } from './support.ts';

// What constraints would say is said by triggers: they have to refuse the owner of the tables too.
test.each([
  ['a conversation of no known kind', `update public.conversations set kind = 'room' where id = $1`],
  ['a group without a group', `update public.conversations set kind = 'group' where id = $1`],
  ['a pair out of order', 'update public.conversations set low_id = high_id, high_id = low_id where id = $1'],
  ['a timer that is too short', 'update public.conversations set disappear_after_s = 29 where id = $1'],
  ['a timer that is too long', 'update public.conversations set disappear_after_s = 7776001 where id = $1'],
  ['a member in no known state', `update public.conversation_members set state = 'gone' where conversation_id = $1`],
  ['a message of no known kind', `update public.messages set kind = 'sticker' where conversation_id = $1`],
  ['too many words', `update public.messages set content = repeat('x', 4001) where conversation_id = $1`],
  [
    'too many media',
    `update public.messages set media_urls = array_fill('https://example.com'::text, '{11}') where conversation_id = $1`,
  ],
  ['a duration of nothing', 'update public.messages set duration_ms = 0 where conversation_id = $1'],
  [
    'too fine a waveform',
    `update public.messages set waveform = array_fill(1::smallint, '{129}') where conversation_id = $1`,
  ],
  [
    'too many mentions',
    `update public.messages set mentions = array_fill($1::uuid, '{31}') where conversation_id = $1`,
  ],
  [
    'a new message of no known kind',
    `insert into public.messages (conversation_id, seq, id, kind, is_forwarded, request_hash, created_at)
     values ($1, 9, gen_random_uuid(), 'sticker', false, 0, now())`,
  ],
])('rows cannot hold %s (23514)', (_what, text) =>
  withCast(async ({ db, ada, bob }) => {
    const { conversation_id } = await write(db, ada, bob);
    await becomeOwner(db);
    expect((await db.refusal(text, [conversation_id])).sqlstate).toBe('23514');
  }),
);

test('rows hold a pair whose one side is gone, and a message without anything', () =>
  withCast(async ({ db, ada, bob }) => {
    const { conversation_id } = await write(db, ada, bob);
    await becomeOwner(db);
    await db.query('update public.conversations set low_id = null, disappear_after_s = 30 where id = $1', [
      conversation_id,
    ]);
    await db.query(
      `insert into public.messages (conversation_id, seq, id, kind, is_forwarded, request_hash, created_at)
       values ($1, 9, $2, 'text', false, 0, now())`,
      [conversation_id, newId()],
    );
  }));
