import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  changesSchema,
  deletedMessageSchema,
  messageCard,
  reactorsPage,
  readSchema,
} from '../../contracts/api/messages.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { ask, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { change, get, listOf, pageOf, send, write } from '../support/messages-api.ts';
import { dataOf, expectCode } from '../support/posts-api.ts';
import { befriend, clientOf, done } from '../support/social-api.ts';

let ana: Person;
let ben: Person;
let eve: Person;

beforeAll(async () => {
  [ana, ben, eve] = await Promise.all([signUp('ana'), signUp('ben'), signUp('eve')]);
  await befriend(ana, ben);
});

describe.each(pathForms())('at %s', (base) => {
  test('people write to each other, list conversations, read them and mark them as read', async () => {
    const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
    await befriend(one, other);
    const sent = await ask('messages', {
      base,
      token: one.token,
      body: { receiver_id: other.id, content: 'Tea at five?' },
    });
    expect(sent.status, JSON.stringify(sent.body)).toBe(201);
    const { conversation_id, id } = messageCard.parse(sent.body);
    const conversations = done<{ data: object[] }>(await get(other, '', base));
    expect(conversations.data).toMatchObject([
      {
        id: conversation_id,
        kind: 'direct',
        person: { username: one.username },
        unread_count: 1,
        last_message: { content: 'Tea at five?' },
      },
    ]);
    expect(done(await get(other, conversation_id, base))).toMatchObject({
      data: [{ id, is_read: false }],
      next_cursor: null,
    });
    const read = done(await ask(`messages/${id}/read`, { base, method: 'PUT', token: other.token }));
    expect(readSchema.parse(read)).toEqual({ conversation_id, last_read_seq: 1, unread_count: 0 });
    expect(done(await get(one, conversation_id, base))).toMatchObject({ data: [{ is_read: true }] });
  });
});

/** What somebody asks for, and the code or number that they are to get; null: the next number. */
interface Asked {
  readonly from: Person;
  readonly body: Record<string, unknown>;
  readonly expected: ErrorCode | number | null;
}

describe('POST messages', () => {
  test('answers a repetition with the same client_id or Idempotency-Key with the same message', async () => {
    const message = { receiver_id: ben.id, content: 'Once', client_id: randomUUID() };
    const first = await send(ana, message);
    // What is new nobody has read, and nobody is asked whether they show it.
    expect(await send(ana, message)).toEqual({ ...first, is_read: false });
    const other = { receiver_id: ben.id, content: 'Twice' };
    const key = randomUUID();
    const answers = [await change(ana, 'POST', '', other, key), await change(ana, 'POST', '', other, key)];
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expectProblem(await change(ana, 'POST', '', { ...message, content: 'Other' }), 'messages.client_id_reused');
  });

  test('sends to a conversation and by supabase-js, under the same rules', async () => {
    const { conversation_id, seq } = await write(ana, ben);
    expect(await send(ben, { conversation_id })).toMatchObject({ seq: seq + 1 });
    const sdk = clientOf(ana);
    const card = dataOf<{ seq: number }>(await sdk.rpc('send_message', { p: { conversation_id, content: 'By SDK' } }));
    expect(messageCard.parse(card)).toMatchObject({ seq: seq + 2, content: 'By SDK' });
    expectCode(
      await clientOf(eve).rpc('send_message', { p: { conversation_id, content: 'No' } }),
      'messages.conversation_not_found',
    );
    expect(
      (await sdk.from('messages').insert({ conversation_id, seq: 99, id: randomUUID(), kind: 'text' } as never)).status,
    ).toBe(403);
    expect((await clientOf(eve).from('messages').select('id').eq('conversation_id', conversation_id)).data).toEqual([]);
    const rows = await sdk.from('messages').select('seq').eq('conversation_id', conversation_id).order('seq');
    expect(rows.data?.at(-1)).toEqual({ seq: seq + 2 });
  });

  test('answers each of many at the same moment by itself, whatever the others ask for', async () => {
    const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
    await befriend(one, other);
    const { conversation_id } = await write(one, other);
    const repeated = await send(one, { conversation_id, client_id: randomUUID(), content: 'Again' });
    const asked = Array.from({ length: 60 }, (_, n): Asked => {
      const plain = { conversation_id, client_id: randomUUID(), content: `Number ${n}` };
      const from = n % 2 === 0 ? one : other;
      switch (n % 10) {
        case 3:
          return { from: eve, body: plain, expected: 'messages.conversation_not_found' };
        case 4:
          return { from, body: { ...plain, content: ' ' }, expected: 'messages.content_invalid' };
        case 5:
          return {
            from: other,
            body: { ...plain, content: 'Other words', client_id: repeated.id },
            expected: 'messages.client_id_reused',
          };
        case 6:
          return {
            from: one,
            body: { conversation_id, client_id: repeated.id, content: 'Again' },
            expected: repeated.seq,
          };
        case 7:
          return { from, body: { ...plain, content: 'a\0b' }, expected: 'request.invalid' };
        case 8:
          return { from, body: { ...plain, reply_to: repeated.id }, expected: null };
        default:
          return { from, body: plain, expected: null };
      }
    });
    const answers = await Promise.all(asked.map(({ from, body }) => change(from, 'POST', '', body)));
    const seqs: number[] = [];
    for (const [n, answer] of answers.entries()) {
      const { from, body, expected } = asked[n] as (typeof asked)[number];
      if (typeof expected === 'string') {
        expectProblem(answer, expected);
        continue;
      }
      const card = messageCard.parse(done(answer, 201));
      expect(card).toMatchObject({
        id: body['client_id'],
        content: body['content'],
        sender_id: from.id,
        sender: { id: from.id },
      });
      if (expected === null) seqs.push(card.seq);
      else expect(card.seq).toBe(expected);
    }
    expect(seqs.toSorted((a, b) => a - b)).toEqual(seqs.map((_, n) => 3 + n));
    expect(done<{ last_seq: number }>(await get(one, `${conversation_id}/topic`)).last_seq).toBe(2 + seqs.length);
  });

  test.each([
    [{ content: 'To nobody' }],
    [{ receiver_id: 'x', content: 'x' }],
    [{ receiver_id: randomUUID(), group_id: randomUUID(), content: 'x' }],
    [{ receiver_id: randomUUID(), content: 'x'.repeat(4001) }],
    [{ receiver_id: randomUUID(), kind: 'audio', media_urls: ['file:///etc/passwd'], duration_ms: 5 }],
    [{ receiver_id: randomUUID(), content: 'x', seq: 1 }],
  ])('refuses %j (request.invalid)', async (body) => {
    expectProblem(await change(ana, 'POST', '', body), 'request.invalid');
  });

  test('says no to strangers in one way (messages.not_accepted, auth.required)', async () => {
    expectProblem(await change(ana, 'POST', '', { receiver_id: randomUUID(), content: 'x' }), 'messages.not_accepted');
    expectProblem(await change(ana, 'POST', '', { receiver_id: ana.id, content: 'x' }), 'messages.to_oneself');
    expectProblem(await change(ana, 'POST', '', { receiver_id: ben.id, content: '  ' }), 'messages.content_invalid');
    expectProblem(await ask('messages', { body: { receiver_id: ben.id, content: 'x' } }), 'auth.required');
  });
});

describe('GET messages/:conversationId', () => {
  test('goes back from the latest and on after a number, page by page, and by time', async () => {
    const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
    await befriend(one, other);
    const sent = [];
    for (let n = 1; n <= 7; n += 1) sent.push(await write(one, other, `Message ${n}`));
    const id = sent[0]?.conversation_id ?? '';
    const all = async (query: string) => {
      const seqs: number[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const page: Awaited<ReturnType<typeof pageOf>> = await pageOf(
          other,
          `${id}?limit=3${query}${next && `&cursor=${next}`}`,
        );
        seqs.push(...page.data.map(({ seq }) => seq));
        next = page.next_cursor;
      }
      return seqs;
    };
    expect(await all('')).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(await all('&after_seq=0')).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await all('&after_seq=5')).toEqual([6, 7]);
    expect(await all('&before_seq=3')).toEqual([2, 1]);
    expect(await all(`&after=${encodeURIComponent(sent[3]?.created_at ?? '')}`)).toEqual([5, 6, 7]);
    expect(await all(`&before=${encodeURIComponent(sent[3]?.created_at ?? '')}`)).toEqual([3, 2, 1]);
    const { next_cursor } = await pageOf(other, `${id}?limit=3`);
    expectProblem(await get(other, `${id}?after_seq=0&cursor=${next_cursor}`), 'request.invalid_cursor');
    expectProblem(await get(other, `${id}?after_seq=x`), 'request.invalid');
    expectProblem(await get(eve, id), 'messages.conversation_not_found');
    expectProblem(await get(eve, randomUUID()), 'messages.conversation_not_found');
    expectProblem(await get(eve, 'x'), 'request.invalid');
  });
});

describe('a message', () => {
  test('is edited, reacted to, pinned and deleted, and what became of it is found after a change', async () => {
    const { id, conversation_id } = await write(ana, ben, 'Helo');
    const after = done<{ last_change: number }>(await get(ben, `${conversation_id}/topic`)).last_change;
    expect(messageCard.parse(done(await change(ana, 'PUT', id, { content: 'Hello' })))).toMatchObject({
      content: 'Hello',
      change: after + 1,
    });
    expect(messageCard.parse(done(await change(ben, 'POST', `${id}/reaction`, { emoji: '👍' })))).toMatchObject({
      my_reaction: '👍',
    });
    expect(reactorsPage.parse(done(await get(ana, `${id}/reactions`))).data).toMatchObject([
      { id: ben.id, emoji: '👍' },
    ]);
    expect(messageCard.parse(done(await change(ben, 'DELETE', `${id}/reaction`)))).toMatchObject({ reactions: [] });
    done(await change(ben, 'POST', `${id}/pin`));
    expect(done(await get(ana, `${conversation_id}/pins`))).toMatchObject({ data: [{ id }] });
    done(await change(ben, 'DELETE', `${id}/pin`));
    expect(messageCard.parse(done(await get(ben, `message/${id}`)))).toMatchObject({ id, pinned_at: null });
    expect(deletedMessageSchema.parse(done(await change(ben, 'DELETE', `${id}?for=me`)))).toMatchObject({
      deleted_for: 'me',
    });
    expect(deletedMessageSchema.parse(done(await change(ana, 'DELETE', id)))).toMatchObject({ deleted_for: 'all' });
    const changes = changesSchema.parse(done(await get(ben, `${conversation_id}/changes?after_change=${after}`)));
    expect(changes).toMatchObject({ data: [{ id, content: null, change: after + 6 }], next_change: null });
    expectProblem(await change(ana, 'PUT', id, { content: 'Back' }), 'messages.not_found');
    expectProblem(await change(eve, 'DELETE', id), 'messages.not_found');
  });

  test('is found by its words, by those who may read it', async () => {
    const word = `zebra${randomUUID().slice(0, 8)}`;
    const { conversation_id } = await write(ana, ben, `A ${word} crossing`);
    await write(ana, ben, `Another ${word}`);
    const first = await pageOf(ben, `search?q=${word}&limit=1`);
    expect(first.data).toMatchObject([{ content: `Another ${word}` }]);
    expect((await pageOf(ben, `search?q=${word}&limit=1&cursor=${first.next_cursor}`)).data).toMatchObject([
      { content: `A ${word} crossing` },
    ]);
    expect((await pageOf(ben, `search?q=${word}%20cross&conversation_id=${conversation_id}`)).data).toHaveLength(1);
    expect((await pageOf(eve, `search?q=${word}`)).data).toEqual([]);
    expectProblem(
      await get(eve, `search?q=${word}&conversation_id=${conversation_id}`),
      'messages.conversation_not_found',
    );
    expectProblem(await get(eve, 'search'), 'request.invalid');
    expect((await listOf(ben)).data[0]).toMatchObject({ last_message: { content: `Another ${word}` } });
  });
});
