import { expect, test } from 'vitest';
import type { TestConnection } from '../../support/database.ts';
import { become, becomeOwner, type Cast, cardFor, type Poll, post, update, withCast } from './support.ts';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const poll = (more: object = {}) => ({ options: ['Red', 'Green', 'Blue'], ends_at: inDays(7), ...more });
const VOTE = 'select public.vote_in_poll($1, $2) as poll';

async function vote(db: TestConnection, id: string, positions: number[]): Promise<Poll> {
  return (await db.one<{ poll: Poll }>(VOTE, [id, positions])).poll;
}

/** The poll is over, without waiting for it. */
async function end({ db }: Cast, id: string): Promise<void> {
  await becomeOwner(db);
  await db.query('update public.polls set ends_at = now() where post_id = $1', [id]);
}

test('a post may be a poll alone', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { content: null, poll: poll() });
    expect(await cardFor(db, bob, id)).toMatchObject({
      content: null,
      status: 'published',
      poll: {
        is_multiple: false,
        is_over: false,
        votes_count: 0,
        options: [
          { position: 1, label: 'Red', votes_count: 0, mine: false },
          { position: 2, label: 'Green', votes_count: 0, mine: false },
          { position: 3, label: 'Blue', votes_count: 0, mine: false },
        ],
      },
    });
    expect((await cardFor(db, null, id))?.poll?.options).toHaveLength(3);
  }));

test.each([
  ['one option', { options: ['Red'] }],
  ['eleven options', { options: Array.from({ length: 11 }, (_, i) => `o${i}`) }],
  ['an option without words', { options: ['Red', ' '] }],
  ['an option of 81 characters', { options: ['Red', 'x'.repeat(81)] }],
  ['an option that is nothing', { options: ['Red', null] }],
  ['the same option twice', { options: ['Red', ' red '] }],
  ['no end', { ends_at: null }],
  ['an end that has passed', { ends_at: inDays(-1) }],
  ['an end in 31 days', { ends_at: inDays(31) }],
])('refuses a poll with %s (posts.poll_invalid)', (_what, more) =>
  withCast(async ({ db, ada }) => {
    await become(db, ada);
    const refused = await db.refusal('select public.create_post($1)', [{ content: 'Which?', poll: poll(more) }]);
    expect(refused).toMatchObject({ sqlstate: 'PT422', code: 'posts.poll_invalid' });
  }),
);

test('a vote can be changed and taken back until the end (posts.poll_closed)', () =>
  withCast(async (cast) => {
    const { db, ada, bob, eve } = cast;
    const { id } = await post(db, ada, { poll: poll() });
    await become(db, eve);
    await vote(db, id, [2]);
    await become(db, bob);
    const shown = (p: Poll) => [p.votes_count, p.options.map((o) => [o.votes_count, o.mine])];
    const of = (...votes: [number, boolean][]) => [votes.reduce((sum, [n]) => sum + n, 0), votes];
    expect(shown(await vote(db, id, [1]))).toEqual(of([1, true], [1, false], [0, false]));
    expect(shown(await vote(db, id, [1]))).toEqual(of([1, true], [1, false], [0, false]));
    expect(shown(await vote(db, id, [2]))).toEqual(of([0, false], [2, true], [0, false]));
    expect(shown(await vote(db, id, []))).toEqual(of([0, false], [1, false], [0, false]));
    await vote(db, id, [3]);
    await end(cast, id);
    await become(db, bob);
    expect(await db.refusal(VOTE, [id, [1]])).toMatchObject({ sqlstate: 'PT409', code: 'posts.poll_closed' });
    for (const sql of [
      'insert into public.poll_votes (post_id, position) values ($1, 1)',
      'delete from public.poll_votes where post_id = $1',
    ])
      expect(await db.refusal(sql, [id]), sql).toMatchObject({ code: 'posts.poll_closed' });
    expect((await cardFor(db, bob, id))?.poll).toMatchObject({ is_over: true, votes_count: 2 });
  }));

test.each([
  ['an option that is not there', [4], false],
  ['two options where one is allowed', [1, 2], false],
])('refuses a vote for %s (posts.choice_invalid)', (_what, positions) =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada, { poll: poll() });
    expect(await db.refusal(VOTE, [id, positions])).toMatchObject({ sqlstate: 'PT422', code: 'posts.choice_invalid' });
  }),
);

test('a choice of two where one is allowed is told that a vote is the whole choice', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada, { poll: poll() });
    const { hint } = await db.refusal(VOTE, [id, [1, 2]]);
    expect(hint).toContain('A vote is the whole choice: send one position');
  }));

test('several options are chosen at once where the poll allows it', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada, { poll: poll({ is_multiple: true }) });
    expect(await vote(db, id, [1, 3, 1])).toMatchObject({ votes_count: 2 });
  }));

test('a direct vote besides another is refused (posts.choice_invalid), in the name of another too (42501)', () =>
  withCast(async ({ db, ada, bob }) => {
    const { id } = await post(db, ada, { poll: poll() });
    const insert = 'insert into public.poll_votes (post_id, position) values ($1, $2)';
    await db.query(insert, [id, 1]);
    expect(await db.refusal(insert, [id, 2])).toMatchObject({ code: 'posts.choice_invalid' });
    const forBob = 'insert into public.poll_votes (post_id, position, user_id) values ($1, 1, $2)';
    expect(await db.refusal(forBob, [id, bob.id])).toMatchObject({ sqlstate: '42501' });
    await become(db, bob);
    expect(await db.query('select from public.poll_votes where post_id = $1', [id])).toEqual([]);
  }));

test('a post without a poll takes no vote (posts.no_poll)', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada);
    expect(await db.refusal(VOTE, [id, [1]])).toMatchObject({ sqlstate: 'PT404', code: 'posts.no_poll' });
  }));

test('the poll of a draft changes, that of a published post does not (posts.already_published)', () =>
  withCast(async ({ db, ada }) => {
    const { id } = await post(db, ada, { draft: true, poll: poll() });
    expect((await update(db, ada, id, { poll: poll({ options: ['Yes', 'No'] }) })).poll?.options).toHaveLength(2);
    expect((await update(db, ada, id, { poll: null })).poll).toBeNull();
    await update(db, ada, id, { poll: poll(), publish: true });
    const refused = await db.refusal('select public.update_post($1, $2)', [id, { poll: poll() }]);
    expect(refused).toMatchObject({ code: 'posts.already_published' });
  }));

test('with a voter their votes go', () =>
  withCast(async (cast) => {
    const { db, ada, bob } = cast;
    const { id } = await post(db, ada, { poll: poll() });
    await become(db, bob);
    await vote(db, id, [1]);
    await end(cast, id);
    await db.query('delete from auth.users where id = $1', [bob.id]);
    expect((await cardFor(db, ada, id))?.poll).toMatchObject({ votes_count: 0 });
  }));
