import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { pollSchema } from '../../contracts/api/posts.ts';
import { ask, asOperator, expectProblem, type Person, signUp } from '../support/api.ts';
import { dataOf, expectCode, post, publish, seenBy } from '../support/posts-api.ts';
import { clientOf, done } from '../support/social-api.ts';

let ana: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  [ana, ben, cat] = await Promise.all([signUp('ana'), signUp('ben'), signUp('cat')]);
});

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const poll = (more: object = {}) => ({ options: ['Tea', 'Coffee', 'Milk'], ends_at: inDays(1), ...more });

/** Asks people something by a post. */
async function ask3(more: object = {}): Promise<string> {
  return (await publish(ana, { content: 'Which?', poll: poll(more) })).id;
}

async function vote(person: Person, id: string, positions: number[]) {
  return pollSchema.parse(done(await post(person, `${id}/vote`, { positions })));
}

/** The votes of each option, and which are one's own. */
const standing = ({ options }: z.infer<typeof pollSchema>) =>
  options.map(({ votes_count, mine }) => [votes_count, mine]);

/** Lets a poll end now. */
async function end(id: string): Promise<void> {
  await asOperator("update public.polls set ends_at = now() - interval '1 second' where post_id = $1", [id]);
}

describe('a post with a poll', () => {
  test('needs no other words, and shows what can be chosen', async () => {
    const { poll: shown } = await publish(ana, { content: null, poll: poll() });
    expect(shown).toMatchObject({ is_multiple: false, is_over: false, votes_count: 0 });
    expect(shown?.options.map(({ position, label }) => [position, label])).toEqual([
      [1, 'Tea'],
      [2, 'Coffee'],
      [3, 'Milk'],
    ]);
  });

  test.each([
    ['one option', { options: ['Tea'] }, 'request.invalid'],
    ['eleven options', { options: Array.from({ length: 11 }, (_, n) => `${n}`) }, 'request.invalid'],
    ['an end that has passed', { ends_at: inDays(-1) }, 'posts.poll_invalid'],
    ['an end after more than 30 days', { ends_at: inDays(31) }, 'posts.poll_invalid'],
  ] as const)('is refused with %s', async (_what, more, code) => {
    expectProblem(await post(ana, '', { content: 'Which?', poll: poll(more) }), code);
  });
});

describe('POST posts/:id/vote', () => {
  test.each(['/api', '/functions/v1'] as const)('counts a vote, and shows whose it is, at %s', async (base) => {
    const id = await ask3();
    const answer = await ask(`posts/${id}/vote`, { base, token: ben.token, body: { positions: [2] } });
    expect(standing(pollSchema.parse(done(answer)))).toEqual([
      [0, false],
      [1, true],
      [0, false],
    ]);
    const { poll: shown } = await seenBy(cat, id);
    expect(shown && standing(shown)).toEqual([
      [0, false],
      [1, false],
      [0, false],
    ]);
  });

  test('a vote is changed and taken back until the end', async () => {
    const id = await ask3();
    await vote(ben, id, [1]);
    await vote(cat, id, [1]);
    expect(standing(await vote(ben, id, [3]))).toEqual([
      [1, false],
      [0, false],
      [1, true],
    ]);
    const again = await vote(ben, id, [3]);
    expect(again.votes_count).toBe(2);
    expect(standing(await vote(ben, id, []))).toEqual([
      [1, false],
      [0, false],
      [0, false],
    ]);
  });

  test('several can be chosen where the poll says so, else one (posts.choice_invalid)', async () => {
    expect(standing(await vote(ben, await ask3({ is_multiple: true }), [1, 3]))).toEqual([
      [1, true],
      [0, false],
      [1, true],
    ]);
    expectProblem(await post(ben, `${await ask3()}/vote`, { positions: [1, 3] }), 'posts.choice_invalid');
  });

  test('an option that is none is refused (posts.choice_invalid)', async () => {
    expectProblem(await post(ben, `${await ask3()}/vote`, { positions: [4] }), 'posts.choice_invalid');
  });

  test('ends with the poll (posts.poll_closed)', async () => {
    const id = await ask3();
    await vote(ben, id, [1]);
    await end(id);
    expectProblem(await post(ben, `${id}/vote`, { positions: [2] }), 'posts.poll_closed');
    expectCode(await clientOf(cat).rpc('vote_in_poll', { p_post: id, p_positions: [2] }), 'posts.poll_closed');
    expectCode(await clientOf(cat).from('poll_votes').insert({ post_id: id, position: 2 }), 'posts.poll_closed');
    expect((await seenBy(cat, id)).poll).toMatchObject({ is_over: true, votes_count: 1 });
  });

  test('needs a post that is shown, and a poll in it', async () => {
    expectProblem(await post(ben, `${randomUUID()}/vote`, { positions: [1] }), 'posts.not_found');
    const hidden = await publish(ana, { content: 'Which?', visibility: 'private', poll: poll() });
    expectProblem(await post(ben, `${hidden.id}/vote`, { positions: [1] }), 'posts.not_found');
    const { id } = await publish(ana);
    expectProblem(await post(ben, `${id}/vote`, { positions: [1] }), 'posts.no_poll');
  });
});

describe('supabase-js', () => {
  test('votes by function and by table, and sees only its own votes', async () => {
    const id = await ask3();
    dataOf(await clientOf(ben).rpc('vote_in_poll', { p_post: id, p_positions: [1] }));
    dataOf(await clientOf(cat).from('poll_votes').insert({ post_id: id, position: 1 }));
    expect((await seenBy(ana, id)).poll).toMatchObject({ votes_count: 2 });
    const votes = await clientOf(ana).from('poll_votes').select('user_id').eq('post_id', id);
    expect(dataOf(votes)).toEqual([]);
    expect(dataOf(await clientOf(ben).from('poll_votes').select('user_id').eq('post_id', id))).toEqual([
      { user_id: ben.id },
    ]);
    expect((await clientOf(ben).from('poll_votes').insert({ post_id: id, position: 2, user_id: ana.id })).status).toBe(
      403,
    );
  });
});
