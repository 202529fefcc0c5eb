import { describe, expect, test } from 'vitest';
import {
  type Actor,
  freshName,
  type Person,
  refusalOf,
  type TestConnection,
  withRollback,
} from '../support/database.ts';
import { outcome } from './attempts.ts';
import * as oracle from './visibility-oracle.ts';
import { AUDIENCES, type PostFacts, RELATIONS, type Scenario } from './visibility-oracle.ts';

interface Stage {
  readonly scenario: Scenario;
  readonly owner: Person;
  readonly viewer: Person;
  readonly actor: Actor;
  readonly tag: string;
  readonly posts: ReadonlyMap<string, PostFacts>;
  /** The groups of the owner, in the order of GROUPS. */
  readonly groups: readonly string[];
}

const PLAIN: PostFacts = {
  visibility: 'public',
  status: 'published',
  reply_control: 'everyone',
  mentioned: false,
  shares_allowed: true,
};

const GROUPS = (['public', 'private', 'secret'] as const).flatMap((visibility) =>
  [true, false].map((viewer_is_member) => ({ visibility, viewer_is_member })),
);

/** Every visibility in every state, in a group of each kind with the viewer and without; every reply control with and without a mention; one that may not be shared. */
const POSTS: readonly PostFacts[] = [
  ...(['public', 'friends', 'private'] as const).flatMap((visibility) =>
    (['published', 'draft', 'scheduled', 'removed'] as const).map((status) => ({ ...PLAIN, visibility, status })),
  ),
  ...([...AUDIENCES, 'mentioned'] as const).flatMap((reply_control) =>
    [true, false].map((mentioned) => ({ ...PLAIN, reply_control, mentioned })),
  ),
  { ...PLAIN, shares_allowed: false },
  ...GROUPS.map((group) => ({ ...PLAIN, visibility: 'group' as const, group })),
  ...(['draft', 'scheduled', 'removed'] as const).flatMap((status) =>
    GROUPS.map((group) => ({ ...PLAIN, visibility: 'group' as const, status, group })),
  ),
];

const SCENARIOS: readonly Scenario[] = RELATIONS.flatMap((relation) =>
  [false, true].flatMap((is_private) =>
    AUDIENCES.map((audience) => ({ relation, is_private, audience, hide_follower_lists: audience === 'friends' })),
  ),
).filter(({ relation, is_private }) => is_private || relation !== 'requested');

/** The rows as they stand, whatever rules led to them; only blocks and settings go through their triggers. */
async function set(db: TestConnection, scenario: Scenario): Promise<Stage> {
  const owner = await db.signUp({ username: freshName('own') });
  const stranger = await db.signUp({ username: freshName('see') });
  const { relation, is_private, audience, hide_follower_lists } = scenario;
  const viewer = relation === 'self' ? owner : stranger;
  const settings = Object.fromEntries(
    ['message', 'mention', 'call', 'invite', 'comment'].map((verb) => [`who_can_${verb}`, audience]),
  );
  await db.query('update public.account_settings set privacy_settings = $2 where user_id = $1', [
    owner.id,
    { ...settings, is_private, hide_follower_lists },
  ]);
  const follow = 'insert into public.follows (follower_id, followee_id) values ($1, $2)';
  if (['follower', 'friend', 'muting'].includes(relation)) await db.query(follow, [viewer.id, owner.id]);
  if (['followed', 'friend'].includes(relation)) await db.query(follow, [owner.id, viewer.id]);
  if (relation === 'muting') {
    await db.query('insert into public.mutes (muter_id, muted_id) values ($1, $2)', [viewer.id, owner.id]);
  }
  if (relation === 'requested') {
    await db.query('insert into public.follow_requests (requester_id, target_id) values ($1, $2)', [
      viewer.id,
      owner.id,
    ]);
  }
  const tag = freshName('tag');
  const groups = await groupsOf(db, owner, relation === 'anonymous' ? owner : viewer);
  const posts = new Map<string, PostFacts>();
  for (const facts of POSTS) {
    const group = facts.group === undefined ? null : (groups[GROUPS.indexOf(facts.group)] ?? null);
    posts.set(await post(db, owner, viewer, tag, facts, group), facts);
  }
  // Last, because a block ends what was there before.
  const block = 'insert into public.blocks (blocker_id, blocked_id) values ($1, $2)';
  if (relation === 'blocking') await db.query(block, [viewer.id, owner.id]);
  if (relation === 'blocked') await db.query(block, [owner.id, viewer.id]);
  const actor: Actor = relation === 'anonymous' ? { role: 'anon' } : { role: 'authenticated', sub: viewer.id };
  return { scenario, owner, viewer, actor, tag, posts, groups };
}

/** A group of the owner for each of GROUPS, with the viewer in those that say so. */
async function groupsOf(db: TestConnection, owner: Person, viewer: Person): Promise<string[]> {
  const made: string[] = [];
  for (const { visibility, viewer_is_member } of GROUPS) {
    await db.as({ role: 'authenticated', sub: owner.id });
    const fields = { name: 'of a test', visibility };
    const { id } = await db.one<{ id: string }>('select id from public.create_group($1)', [fields]);
    await db.as({ role: 'postgres' });
    if (viewer_is_member && viewer.id !== owner.id) {
      await db.query('insert into public.group_members (group_id, user_id) values ($1, $2)', [id, viewer.id]);
    }
    made.push(id);
  }
  return made;
}

async function post(
  db: TestConnection,
  owner: Person,
  viewer: Person,
  tag: string,
  facts: PostFacts,
  group: string | null,
): Promise<string> {
  await db.as({ role: 'authenticated', sub: owner.id });
  const { visibility, reply_control, shares_allowed } = facts;
  const status = facts.status === 'removed' ? 'published' : facts.status;
  const { id } = await db.one<{ id: string }>(
    `insert into public.posts (content, location, visibility, reply_control, shares_allowed, status, scheduled_for, group_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [
      `words #${tag}`,
      tag,
      visibility,
      reply_control,
      shares_allowed,
      status,
      status === 'scheduled' ? new Date(Date.now() + 3_600_000) : null,
      group,
    ],
  );
  await db.as({ role: 'postgres' });
  if (facts.status === 'removed') await db.query("update public.posts set status = 'removed' where id = $1", [id]);
  if (facts.mentioned && viewer.id !== owner.id) {
    await db.query('insert into public.post_mentions (post_id, user_id) values ($1, $2)', [id, viewer.id]);
  }
  return id;
}

/** The ids that a statement gives; none when it says that there is no such thing. */
async function ids(db: TestConnection, sql: string, values: readonly unknown[]): Promise<ReadonlySet<string>> {
  await db.query('savepoint ids');
  try {
    return new Set((await db.query<{ id: string }>(sql, values)).map((row) => row.id));
  } catch (error) {
    await db.query('rollback to savepoint ids');
    if (refusalOf(error).sqlstate === 'PT404') return new Set();
    throw error;
  }
}

/** The posts that the page of a group gives; none where it is closed. */
async function idsIn(db: TestConnection, group: string): Promise<ReadonlySet<string>> {
  if ((await outcome(db, 'select public.posts_of_group($1)', [group])) === 'PT403') return new Set();
  return await ids(db, 'select id from public.posts_of_group($1, 100)', [group]);
}

const EACH_POST: Readonly<Record<string, (stage: Stage) => readonly [sql: string, values: readonly unknown[]]>> = {
  'read as a row': ({ posts }) => ['select id from public.posts where id = any ($1)', [[...posts.keys()]]],
  'read as a card': ({ posts }) => ['select id from public.post_cards($1)', [[...posts.keys()]]],
  'in its author’s posts': ({ owner }) => ['select id from public.posts_by_author($1, 100)', [owner.id]],
  'under its tag': ({ tag }) => [
    `select d ->> 'id' as id from jsonb_array_elements(public.posts_by_tag($1, 100) -> 'data') d`,
    [tag],
  ],
  'at its place': ({ tag }) => [
    `select d ->> 'id' as id from jsonb_array_elements(public.posts_by_location($1, 100) -> 'data') d`,
    [tag],
  ],
};

function ruleOf(channel: string): typeof oracle.seesPost {
  if (channel.startsWith('read')) return oracle.seesPost;
  return channel.startsWith('in its author') ? oracle.listsPost : oracle.tagShows;
}

/** Each way to do something with a post: by the function and by the table. */
const ATTEMPTS: readonly (readonly [action: string, may: typeof oracle.mayReact, sql: string])[] = [
  ['like', oracle.mayReact, 'select public.like_post($1)'],
  ['like, by the table', oracle.mayReact, 'insert into public.post_likes (post_id) values ($1)'],
  ['keep', oracle.mayKeep, 'select public.bookmark_post($1)'],
  ['keep, by the table', oracle.mayKeep, 'insert into public.bookmarks (post_id) values ($1)'],
  ['comment', oracle.mayComment, "select public.add_comment($1, 'words')"],
  ['comment, by the table', oracle.mayComment, "insert into public.comments (post_id, content) values ($1, 'words')"],
  [
    'share',
    oracle.mayShare,
    "select public.create_post(jsonb_build_object('type', 'share', 'shared_post_id', $1::uuid))",
  ],
  ['share, by the table', oracle.mayShare, "insert into public.posts (type, shared_post_id) values ('share', $1)"],
  ['report', oracle.mayReact, "select public.report(jsonb_build_object('post_id', $1::uuid, 'reason', 'spam'))"],
  ['report, by the table', oracle.mayReact, "insert into public.reports (post_id, reason) values ($1, 'spam')"],
];

async function findings(db: TestConnection, stage: Stage): Promise<string[]> {
  const { scenario, posts, actor } = stage;
  const wrong: string[] = [];
  const compare = (what: string, expected: unknown, found: unknown, facts?: PostFacts) => {
    if (expected !== found)
      wrong.push(`${what}: ${String(found)} instead of ${String(expected)} ${JSON.stringify(facts ?? '')}`);
  };
  await db.as(actor);
  await people(db, stage, compare);
  for (const [channel, statement] of Object.entries(EACH_POST)) {
    const seen = await ids(db, ...statement(stage));
    const rule = ruleOf(channel);
    for (const [id, facts] of posts) compare(channel, rule(scenario, facts), seen.has(id), facts);
  }
  const shown = new Set<string>();
  for (const group of stage.groups) {
    for (const id of await idsIn(db, group)) shown.add(id);
  }
  for (const [id, facts] of posts) compare('in its group', oracle.groupShows(scenario, facts), shown.has(id), facts);
  if (actor.role === 'authenticated') {
    const fed = await ids(db, 'select id from public.home_feed(100)', []);
    for (const [id, facts] of posts) compare('in the home feed', oracle.feedShows(scenario, facts), fed.has(id), facts);
  }
  for (const [action, may, sql] of ATTEMPTS) {
    for (const [id, facts] of posts) {
      // Nobody reports themselves, and a share of one's own needs no permission: both are rules of their own.
      if (scenario.relation === 'self' && /report|share/.test(action)) continue;
      const code = await outcome(db, sql, [id]);
      if (!/^(done|PT4\d\d|42501)$/.test(code)) wrong.push(`${action}: ${code} ${JSON.stringify(facts)}`);
      compare(action, may(scenario, facts), code === 'done', facts);
    }
  }
  return wrong;
}

async function people(
  db: TestConnection,
  { scenario, owner, viewer, actor }: Stage,
  compare: (what: string, expected: unknown, found: unknown) => void,
): Promise<void> {
  const sees = oracle.seesProfile(scenario);
  compare('profile', sees, (await ids(db, 'select id from public.profiles where id = $1', [owner.id])).size === 1);
  compare('search', sees, (await ids(db, 'select id from public.search_people($1)', [owner.username])).has(owner.id));
  const lists = [await outcome(db, 'select * from public.followers($1)', [owner.id]), oracle.seesLists(scenario)];
  compare('lists', lists[1], lists[0] === 'done');
  if (actor.role !== 'authenticated') return;
  const [found] = await db.query<Record<string, boolean>>('select * from public.relationship($1)', [owner.id]);
  if (scenario.relation !== 'blocking') compare('relationship', sees, found !== undefined);
  for (const verb of ['message', 'mention', 'call', 'invite']) {
    compare(`may ${verb}`, oracle.mayReach(scenario), found?.[`can_${verb}`] === true);
  }
  compare('may comment', oracle.mayCommentAtAll(scenario), found?.['can_comment'] === true);
  compare('may see lists', oracle.seesLists(scenario), found?.['can_view_lists'] === true);
  await db.as({ role: 'astra_api' });
  await db.query('savepoint follow');
  const [answer] = await db
    .query<{ status: string }>("select app_private.follow($1, $2) ->> 'status' as status", [viewer.id, owner.id])
    .catch(() => []);
  await db.query('rollback to savepoint follow');
  compare('following', oracle.followGives(scenario), answer?.status ?? 'refused');
  await db.as(actor);
}

describe.each(RELATIONS)('as %s', (relation) => {
  test.each(SCENARIOS.filter((scenario) => scenario.relation === relation))(
    'sees and does what the oracle says (private: $is_private, audience: $audience)',
    (scenario) =>
      withRollback(async (db) => {
        expect(await findings(db, await set(db, scenario))).toEqual([]);
      }),
  );
});
