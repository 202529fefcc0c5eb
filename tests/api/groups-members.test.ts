import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import * as api from '../../contracts/api/groups.ts';
import { ask, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { found, join, listed, seenBy } from '../support/groups-api.ts';
import { block, done, get, post, put, remove, setPrivacy } from '../support/social-api.ts';

let ana: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  [ana, ben, cat] = await Promise.all([signUp('ana'), signUp('ben'), signUp('cat')]);
});

describe.each(pathForms())('at %s/groups', (base) => {
  test('people ask, are invited, come by links, get roles, are removed and banned', async () => {
    const asked = async (person: Person, method: string, path: string, body?: object, status = 200) =>
      done(await ask(`groups/${path}`, { base, token: person.token, method, body }), status);
    const { id } = await found(ana, { visibility: 'private' });

    await asked(ben, 'POST', `${id}/join`, { message: 'Please' });
    const requests = api.requestsPage.parse(await asked(ana, 'GET', `${id}/requests`));
    expect(requests.data).toMatchObject([{ id: ben.id, message: 'Please' }]);
    await asked(ana, 'POST', `${id}/requests/${ben.username}/decline`);
    await asked(ben, 'POST', `${id}/join`);
    api.memberSchema.parse(await asked(ana, 'POST', `${id}/requests/${ben.id}/approve`));

    api.invitedSchema.parse(await asked(ana, 'POST', `${id}/invitations`, { user_id: cat.username }));
    const sent = api.invitationsPage.parse(await asked(ana, 'GET', `${id}/invitations`));
    expect(sent.data).toMatchObject([{ id: cat.id, invited_by: { id: ana.id } }]);
    api.noneSchema.parse(await asked(ana, 'DELETE', `${id}/invitations/${cat.id}`));
    await asked(ana, 'POST', `${id}/invitations`, { user_id: cat.id });
    api.declinedSchema.parse(await asked(cat, 'POST', `${id}/invitations/decline`));
    await asked(ana, 'POST', `${id}/invitations`, { user_id: cat.id });
    const got = api.receivedInvitationsPage.parse(await asked(cat, 'GET', 'invitations'));
    expect(got.data).toMatchObject([{ id, invited_by: { id: ana.id }, group: { id, my_status: 'invited' } }]);
    api.memberSchema.parse(await asked(cat, 'POST', `${id}/invitations/accept`));

    api.roleSchema.parse(await asked(ana, 'PUT', `${id}/members/${ben.id}`, { role: 'moderator' }));
    const members = api.membersPage.parse(await asked(cat, 'GET', `${id}/members`));
    expect(members.data.map(({ username, role }) => [username, role])).toEqual([
      [cat.username, 'member'],
      [ben.username, 'moderator'],
      [ana.username, 'owner'],
    ]);
    expect(await asked(cat, 'GET', `${id}/members?role=owner`)).toMatchObject({ data: [{ id: ana.id }] });
    api.removedSchema.parse(await asked(ben, 'DELETE', `${id}/members/${cat.id}`));

    const link = api.newLinkSchema.parse(await asked(ana, 'POST', `${id}/links`, { max_uses: 5 }, 201));
    const { token } = link;
    expect(api.groupCard.parse(await asked(cat, 'POST', 'links/preview', { token }))).toMatchObject({ id });
    api.memberSchema.parse(await asked(cat, 'POST', 'links/redeem', { token }));
    const links = api.linksPage.parse(await asked(ana, 'GET', `${id}/links`));
    expect(links.data).toMatchObject([{ id: link.id, uses_left: 4 }]);
    expect(api.revokedSchema.parse(await asked(ana, 'DELETE', `${id}/links/${link.id}`)).id).toBe(link.id);

    const until = new Date(Date.now() + 3_600_000).toISOString();
    const banned = api.bannedSchema.parse(await asked(ben, 'PUT', `${id}/bans/${cat.id}`, { until, reason: 'Noise' }));
    expect(banned).toMatchObject({ status: 'banned', user_id: cat.id });
    const bans = api.bansPage.parse(await asked(ana, 'GET', `${id}/bans`));
    expect(bans.data).toMatchObject([{ id: cat.id, reason: 'Noise', banned_by: { id: ben.id } }]);
    api.noneSchema.parse(await asked(ben, 'DELETE', `${id}/bans/${cat.id}`));

    const log = api.logPage.parse(await asked(ben, 'GET', `${id}/log?limit=100`));
    expect(log.data.map(({ action }) => action)).toEqual([
      ...['unbanned', 'banned', 'link_revoked', 'link_created', 'member_removed', 'role_changed', 'invited', 'invited'],
      ...['invitation_withdrawn', 'invited', 'request_approved', 'request_declined'],
    ]);
  });
});

describe('invitations', () => {
  test('go to who lets one invite them (groups.invitation_refused), and to nobody with whom a block stands', async () => {
    const [group, shy, foe] = await Promise.all([found(ana), signUp('shy'), signUp('foe')]);
    await setPrivacy(shy, { who_can_invite: 'nobody' });
    await block(foe, ana);
    const invite = (person: Person) => post(ana, `groups/${group.id}/invitations`, { user_id: person.id });
    expectProblem(await invite(shy), 'groups.invitation_refused');
    expectProblem(await invite(foe), 'users.not_found');
    done(await put(ana, `groups/${group.id}/bans/${ben.id}`, {}));
    expectProblem(await invite(ben), 'groups.person_banned');
  });

  test('that there are not are not answered (groups.invitation_not_found)', async () => {
    const group = await found(ana);
    for (const id of [group.id, randomUUID()]) {
      expectProblem(await post(ben, `groups/${id}/invitations/accept`), 'groups.invitation_not_found');
      expectProblem(await post(ben, `groups/${id}/invitations/decline`), 'groups.invitation_not_found');
    }
  });
});

describe('links', () => {
  test('redeemed once more with the same Idempotency-Key give the same, and use nothing up', async () => {
    const group = await found(ana);
    const { token } = done<{ token: string }>(await post(ana, `groups/${group.id}/links`, { max_uses: 1 }), 201);
    const person = await signUp('eve');
    const headers = { 'idempotency-key': randomUUID() };
    const redeem = () => ask('groups/links/redeem', { token: person.token, body: { token }, headers });
    const [first, second] = [await redeem(), await redeem()];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expectProblem(await post(ben, 'groups/links/redeem', { token }), 'groups.link_invalid');
  });

  test.each([
    ['for nobody', { max_uses: 0 }, 'request.invalid'],
    ['that is over', { expires_at: '2020-01-01T00:00:00Z' }, 'groups.field_invalid'],
  ] as const)('%s are refused', async (_what, body, code) => {
    expectProblem(await post(ana, `groups/${(await found(ana)).id}/links`, body), code);
  });
});

describe('who is banned', () => {
  test('is kept out of a public group (groups.join_refused) and sees it as everybody does', async () => {
    const [group, eve] = await Promise.all([found(ana), signUp('eve')]);
    await join(eve, group);
    done(await put(ana, `groups/${group.id}/bans/${eve.id}`, {}));
    expectProblem(await post(eve, `groups/${group.id}/join`), 'groups.join_refused');
    const { data, ...rest } = done<{ data: unknown[] }>(await get(eve, `groups/${group.id}/members`));
    expect([data.length, rest]).toEqual([1, { next_cursor: null }]);
    expect(await seenBy(eve, group)).toEqual({ ...(await seenBy(ben, group)) });
    expectProblem(
      await put(ana, `groups/${group.id}/bans/${eve.id}`, { until: '2020-01-01T00:00:00Z' }),
      'groups.field_invalid',
    );
  });
});

describe('what is posted in a group', () => {
  test('is for its members, is pinned and removed by its moderators', async () => {
    const group = await found(ana, { visibility: 'private' });
    done(await post(ana, `groups/${group.id}/invitations`, { user_id: ben.id }));
    await join(ben, group);
    const posts: { id: string }[] = [];
    for (const content of ['One', 'Two', 'Three', 'Four']) {
      posts.push(done(await post(ben, 'posts', { content, group_id: group.id }), 201));
    }
    const [one, two, three, four] = posts.map(({ id }) => id);
    expect(await listed(ana, `groups/${group.id}/posts`)).toMatchObject(
      [four, three, two, one].map((id) => ({ id, group_id: group.id, visibility: 'group' })),
    );
    const page = done<{ next_cursor: string }>(await get(ana, `groups/${group.id}/posts?limit=3`));
    const rest = await listed(ana, `groups/${group.id}/posts?limit=3&cursor=${page.next_cursor}`);
    expect(rest.map(({ id }) => id)).toEqual([one]);
    for (const person of [cat, undefined]) {
      expectProblem(await get(person, `groups/${group.id}/posts`), 'groups.members_only');
      expectProblem(await get(person, `posts/${one}`), 'posts.not_found');
    }
    expectProblem(await post(cat, 'posts', { content: 'Me too', group_id: group.id }), 'groups.members_only');
    const at = (id = '') => `groups/${group.id}/posts/${id}`;
    expectProblem(await post(ben, `${at(one)}/pin`), 'groups.not_allowed');
    expectProblem(await put(ben, `posts/${one}`, { pinned: true }), 'groups.not_allowed');
    for (const id of [one, two, three]) {
      expect(api.postPinnedSchema.parse(done(await post(ana, `${at(id)}/pin`)))).toMatchObject({ pinned: true });
    }
    expectProblem(await post(ana, `${at(four)}/pin`), 'posts.too_many_pinned');
    expect(done(await remove(ana, `${at(two)}/pin`))).toMatchObject({ post_id: two, pinned: false });
    expect((await listed(ben, `groups/${group.id}/posts/pinned`)).map(({ id }) => id)).toEqual([three, one]);
    expectProblem(await remove(ben, at(one)), 'groups.not_allowed');
    const options = { method: 'DELETE', token: ana.token, body: { reason: 'Off topic' } };
    expect(api.postRemovedSchema.parse(done(await ask(at(one), options))).status).toBe('removed');
    expectProblem(await remove(ana, at(one)), 'posts.not_found');
    expect((await listed(ben, `groups/${group.id}/posts`)).map(({ id }) => id)).toEqual([four, three, two]);
  });
});
