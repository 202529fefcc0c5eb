/**
 * Who may see and do what, written from the documentation alone (docs/social.md) and not from the SQL: the matrix test asks the
 * database about every combination and compares.
 */

export const RELATIONS = [
  'self',
  'anonymous',
  'stranger',
  /** The viewer follows the owner. */
  'follower',
  /** The owner follows the viewer. */
  'followed',
  'friend',
  /** The viewer follows the owner and has muted them. */
  'muting',
  /** The viewer waits for the owner's approval. */
  'requested',
  /** The viewer has blocked the owner. */
  'blocking',
  /** The owner has blocked the viewer. */
  'blocked',
] as const;
export type Relation = (typeof RELATIONS)[number];

export const AUDIENCES = ['everyone', 'followers', 'friends', 'nobody'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** What the owner of everything has decided, and who looks. */
export interface Scenario {
  readonly relation: Relation;
  readonly is_private: boolean;
  /** Of all five settings who_can_…. */
  readonly audience: Audience;
  readonly hide_follower_lists: boolean;
}

export interface PostFacts {
  readonly visibility: 'public' | 'friends' | 'private';
  readonly status: 'published' | 'draft' | 'scheduled' | 'removed';
  readonly reply_control: Audience | 'mentioned';
  /** Whether the post names the viewer. */
  readonly mentioned: boolean;
  readonly shares_allowed: boolean;
}

const isSignedIn = ({ relation }: Scenario) => relation !== 'anonymous';
const isHidden = ({ relation }: Scenario) => relation === 'blocking' || relation === 'blocked';
const follows = ({ relation }: Scenario) => ['follower', 'friend', 'muting'].includes(relation);

export function seesProfile(scenario: Scenario): boolean {
  return !isHidden(scenario);
}

/** Whether the viewer is one of those to whom the owner shows things in public. */
function seesContent(scenario: Scenario): boolean {
  if (scenario.relation === 'self') return true;
  return !isHidden(scenario) && (!scenario.is_private || follows(scenario));
}

export function seesLists(scenario: Scenario): boolean {
  if (scenario.relation === 'self') return true;
  return seesContent(scenario) && !scenario.hide_follower_lists;
}

function isIn(scenario: Scenario, audience: Audience | 'mentioned', mentioned = false): boolean {
  if (scenario.relation === 'self') return true;
  if (!isSignedIn(scenario) || isHidden(scenario)) return false;
  switch (audience) {
    case 'everyone':
      return true;
    case 'followers':
      return follows(scenario);
    case 'friends':
      return scenario.relation === 'friend';
    case 'mentioned':
      return mentioned;
    case 'nobody':
      return false;
  }
}

/** Messages, mentions, calls, invitations: what the settings who_can_… decide. */
export function mayReach(scenario: Scenario): boolean {
  return isIn(scenario, scenario.audience);
}

/** Whether there is anything public that the viewer may comment on. */
export function mayCommentAtAll(scenario: Scenario): boolean {
  return seesContent(scenario) && isIn(scenario, scenario.audience);
}

export function seesPost(scenario: Scenario, post: PostFacts): boolean {
  if (scenario.relation === 'self') return true;
  if (post.status !== 'published') return false;
  if (post.visibility === 'private') return false;
  if (post.visibility === 'friends') return scenario.relation === 'friend';
  return seesContent(scenario);
}

/** On pages of many posts: what is not published has a page of its own. */
export function listsPost(scenario: Scenario, post: PostFacts): boolean {
  return post.status === 'published' && seesPost(scenario, post);
}

/** Under a tag stands what others may find; what is for its author alone is not there for them either. */
export function tagShows(scenario: Scenario, post: PostFacts): boolean {
  return post.visibility !== 'private' && listsPost(scenario, post);
}

export function feedShows(scenario: Scenario, post: PostFacts): boolean {
  const wanted = scenario.relation === 'self' || (follows(scenario) && scenario.relation !== 'muting');
  return wanted && listsPost(scenario, post);
}

/** Whoever sees a post may keep it, their own drafts too. */
export function mayKeep(scenario: Scenario, post: PostFacts): boolean {
  return isSignedIn(scenario) && seesPost(scenario, post);
}

/** Liking and reporting need the post, published, and nothing else. */
export function mayReact(scenario: Scenario, post: PostFacts): boolean {
  return isSignedIn(scenario) && listsPost(scenario, post);
}

export function mayComment(scenario: Scenario, post: PostFacts): boolean {
  if (!mayReact(scenario, post)) return false;
  return isIn(scenario, scenario.audience) && isIn(scenario, post.reply_control, post.mentioned);
}

export function mayShare(scenario: Scenario, post: PostFacts): boolean {
  return (
    mayReact(scenario, post) && post.visibility !== 'private' && (post.shares_allowed || scenario.relation === 'self')
  );
}

/** What asking to follow gives. */
export function followGives(scenario: Scenario): 'following' | 'requested' | 'refused' {
  if (scenario.relation === 'self' || isHidden(scenario)) return 'refused';
  if (follows(scenario)) return 'following';
  return scenario.is_private ? 'requested' : 'following';
}
