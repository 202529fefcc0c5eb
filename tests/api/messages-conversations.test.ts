import { beforeAll, expect, test } from 'vitest';
import { receiptsPage, topicSchema, typingSchema } from '../../contracts/api/messages.ts';
import { ask, asOperator, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { change, conversationAfter, get, listOf, pageOf, send, write } from '../support/messages-api.ts';
import { dataOf } from '../support/posts-api.ts';
import { befriend, block, clientOf, done, setPrivacy } from '../support/social-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
  await befriend(ana, ben);
});

test.each(pathForms())('requests are listed apart, accepted and declined, at %s', async (base) => {
  const [shy, loud, rude] = await Promise.all([signUp('shy'), signUp('loud'), signUp('rude')]);
  const wanted = await write(loud, shy);
  const unwanted = await write(rude, shy);
  expect((await listOf(shy)).data).toEqual([]);
  const requests = done<{ data: { id: string }[] }>(await get(shy, 'requests', base));
  expect(requests.data.map(({ id }) => id)).toEqual([unwanted.conversation_id, wanted.conversation_id]);
  const decide = (id: string, what: string) =>
    ask(`messages/${id}/${what}`, { base, method: 'POST', token: shy.token });
  expect(done(await decide(wanted.conversation_id, 'accept'))).toMatchObject({ state: 'accepted' });
  expect(done(await decide(unwanted.conversation_id, 'decline'))).toMatchObject({ state: 'declined' });
  expectProblem(await decide(wanted.conversation_id, 'decline'), 'messages.no_request');
  expectProblem(await change(rude, 'POST', '', { receiver_id: shy.id, content: 'Hey' }), 'messages.not_accepted');
  expect((await listOf(shy)).data.map(({ id }) => id)).toEqual([wanted.conversation_id]);
});

test('a conversation is muted, archived, cleared and given a timer', async () => {
  const { conversation_id: id } = await write(ben, ana);
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const muted = await conversationAfter(ana, 'POST', `${id}/mute`, { until });
  expect(muted.is_muted && Date.parse(muted.muted_until ?? '')).toBe(Date.parse(until));
  expect(await conversationAfter(ana, 'DELETE', `${id}/mute`)).toMatchObject({ is_muted: false, muted_until: null });
  await conversationAfter(ana, 'POST', `${id}/archive`);
  expect((await listOf(ana, '?box=archived')).data.map((card) => card.id)).toContain(id);
  await conversationAfter(ana, 'DELETE', `${id}/archive`);
  expect(await conversationAfter(ana, 'DELETE', `${id}/history`)).toMatchObject({ last_message: null });
  expect((await pageOf(ana, id)).data).toEqual([]);
  expect(await conversationAfter(ana, 'PUT', `${id}/timer`, { seconds: 60 })).toMatchObject({ disappear_after_s: 60 });
  expect((await write(ana, ben)).expires_at).not.toBe(null);
  await conversationAfter(ben, 'PUT', `${id}/timer`, { seconds: null });
  expectProblem(await change(ana, 'PUT', `${id}/timer`, { seconds: 5 }), 'request.invalid');
  expect(done(await get(ana, `with/${ben.username}`))).toMatchObject({ id, person: { id: ben.id } });
  expect(done(await get(ana, `${id}/conversation`))).toMatchObject({ id });
  expectProblem(await get(ana, 'with/nobody.at.all'), 'users.not_found');
});

test('receipts, typing and topics are for members, as both sides show them', async () => {
  const { conversation_id: id } = await write(ana, ben);
  done(await change(ben, 'PUT', `${id}/read`));
  const { data } = receiptsPage.parse(done(await get(ana, `${id}/receipts`)));
  expect(data).toMatchObject([{ id: ben.id, username: ben.username }]);
  const topics = topicSchema.parse(done(await get(ana, `${id}/topic`)));
  expect(topics).toMatchObject({
    topic: `conversation:${id}:${topics.epoch}`,
    typing_topic: `typing:${id}:${topics.epoch}`,
  });
  expect(typingSchema.parse(done(await change(ana, 'POST', `${id}/typing`)))).toEqual({ told: true });
  await setPrivacy(ana, { hide_presence: true, hide_read_receipts: true });
  expect(done(await change(ana, 'POST', `${id}/typing`))).toEqual({ told: false });
  expect(done(await get(ana, `${id}/receipts`))).toEqual({ data: [], next_cursor: null });
  await setPrivacy(ana, {});
});

test('lists go on after a cursor, which belongs to its list', async () => {
  const reader = await signUp('reader');
  for (let n = 0; n < 3; n += 1) {
    const writer = await signUp('writer');
    await befriend(reader, writer);
    await write(writer, reader);
  }
  const first = await listOf(reader, '?limit=2');
  const second = await listOf(reader, `?limit=2&cursor=${first.next_cursor}`);
  expect([first.data.length, second.data.length, second.next_cursor]).toEqual([2, 1, null]);
  expect(new Set([...first.data, ...second.data].map(({ id }) => id)).size).toBe(3);
  expectProblem(await get(reader, `requests?cursor=${first.next_cursor}`), 'request.invalid_cursor');
  const sdk = dataOf<object[]>(await clientOf(reader).rpc('my_conversations', { p_limit: 10 }));
  expect(sdk).toHaveLength(3);
});

test('a block ends a conversation for both, and takes who blocked out of sight', async () => {
  const [one, other] = await Promise.all([signUp('one'), signUp('other')]);
  await befriend(one, other);
  const { conversation_id } = await write(one, other);
  await block(other, one);
  expectProblem(await change(one, 'POST', '', { conversation_id, content: 'Hello?' }), 'messages.not_accepted');
  expectProblem(await change(other, 'POST', '', { conversation_id, content: 'x' }), 'follows.blocked');
  expect((await listOf(one)).data).toMatchObject([{ person: null, can_send: false }]);
  expect((await pageOf(one, conversation_id)).data).toHaveLength(1);
});

test('a group talks in one conversation, which is over for who leaves', async () => {
  const group = dataOf<{ id: string }>(
    await clientOf(ana).rpc('create_group', { p: { name: 'Climbers', visibility: 'public' } }),
  );
  const sent = await send(ana, { group_id: group.id, content: 'Who is in?' });
  expectProblem(
    await change(ben, 'POST', '', { group_id: group.id, content: 'Me' }),
    'messages.conversation_not_found',
  );
  dataOf(await clientOf(ben).rpc('join_group', { p_group: group.id }));
  expect(await send(ben, { group_id: group.id, content: 'Me' })).toMatchObject({
    conversation_id: sent.conversation_id,
    seq: 2,
  });
  expect((await listOf(ben)).data[0]).toMatchObject({
    kind: 'group',
    person: null,
    group: { id: group.id, role: 'member' },
  });
  dataOf(await clientOf(ben).rpc('leave_group', { p_group: group.id }));
  expectProblem(await get(ben, sent.conversation_id), 'messages.conversation_not_found');
  const [{ epoch }] = (await asOperator('select epoch from public.conversations where id = $1', [
    sent.conversation_id,
  ])) as [{ epoch: number }];
  expect(epoch).toBe(2);
});
