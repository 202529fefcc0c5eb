import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { groupCard, groupsPage, joinedSchema, noneSchema } from '../../contracts/api/groups.ts';
import { deletedSchema } from '../../contracts/api/posts.ts';
import { ask, expectProblem, type Person, pathForms, signUp } from '../support/api.ts';
import { found, join, listed, seenBy } from '../support/groups-api.ts';
import { clientOf, done, expectRefused, get, post, put, remove } from '../support/social-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUp('ben')]);
});

describe.each(pathForms())('at %s/groups', (base) => {
  test('a group is founded, read, changed, joined, left and deleted', async () => {
    const asked = async (person: Person, method: string, path: string, body?: object, status = 200) =>
      done(await ask(`groups${path}`, { base, token: person.token, method, body }), status);
    const pictures = { avatar_url: 'https://example.com/a.png', cover_url: 'https://example.com/c.png' };
    const about = {
      name: ' Hikers ',
      description: 'Up and down',
      category: 'Sports',
      rules: ['Be kind.'],
      ...pictures,
    };
    const group = groupCard.parse(await asked(ana, 'POST', '', about, 201));
    expect(group).toMatchObject({
      name: 'Hikers',
      category: 'sports',
      visibility: 'public',
      my_role: 'owner',
      ...pictures,
    });
    expect(groupCard.parse(await asked(ben, 'GET', `/${group.id}`))).toMatchObject({ my_role: null, members_count: 1 });
    const changes = { description: null, cover_url: null, member_cap: 7 };
    const changed = groupCard.parse(await asked(ana, 'PUT', `/${group.id}`, changes));
    expect(changed).toMatchObject({ name: 'Hikers', ...pictures, ...changes, rules: ['Be kind.'] });
    const standing = { group_id: group.id, user_id: ben.id };
    expect(joinedSchema.parse(await asked(ben, 'POST', `/${group.id}/join`))).toEqual({
      ...standing,
      status: 'member',
    });
    expect(groupsPage.parse(await asked(ben, 'GET', '')).data.map(({ id }) => id)).toContain(group.id);
    expect(noneSchema.parse(await asked(ben, 'POST', `/${group.id}/leave`))).toEqual({ ...standing, status: 'none' });
    const gone = deletedSchema.parse(await asked(ana, 'DELETE', `/${group.id}`));
    expect(gone).toEqual({ id: group.id, deleted: true });
    expectProblem(await ask(`groups/${group.id}`, { base, token: ana.token }), 'groups.not_found');
  });
});

describe('a group', () => {
  test.each([
    ['no name', {}],
    ['an empty name', { name: ' ' }],
    ['an address that is none', { name: 'x', avatar_url: 'javascript:alert(1)' }],
    ['a visibility that there is not', { name: 'x', visibility: 'hidden' }],
    ['a cap of nobody', { name: 'x', member_cap: 0 }],
    ['a field that there is not', { name: 'x', owner_id: randomUUID() }],
  ])('with %s is refused (request.invalid)', async (_what, body) => {
    expectProblem(await post(ana, 'groups', body), 'request.invalid');
  });

  test('is founded once by one Idempotency-Key, and the key is for that request alone', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const send = (name: string) => ask('groups', { token: ana.token, body: { name }, headers });
    const [first, second] = [await send('Once'), await send('Once')];
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    expectProblem(await send('Twice'), 'idempotency.key_reused');
  });

  test('is changed and deleted by who may (groups.members_only, groups.not_allowed)', async () => {
    const group = await found(ana);
    for (const [person, code] of [
      [await signUp('eve'), 'groups.members_only'],
      [ben, 'groups.not_allowed'],
    ] as const) {
      if (person === ben) await join(ben, group);
      expectProblem(await put(person, `groups/${group.id}`, { name: 'Mine' }), code);
      expectProblem(await remove(person, `groups/${group.id}`), code);
    }
  });

  test('does not go below its members, nor above its cap (groups.cap_too_low, groups.full)', async () => {
    const group = await found(ana, { member_cap: 2 });
    await join(ben, group);
    expectProblem(await post(await signUp('eve'), `groups/${group.id}/join`), 'groups.full');
    expectProblem(await put(ana, `groups/${group.id}`, { member_cap: 1 }), 'groups.cap_too_low');
    expect(await seenBy(ben, group)).toMatchObject({ members_count: 2, member_cap: 2 });
  });

  test('that is not there is nobody’s (groups.not_found)', async () => {
    const never = `groups/${randomUUID()}`;
    expectProblem(await get(undefined, never), 'groups.not_found');
    expectProblem(await put(ana, never, { name: 'x' }), 'groups.not_found');
    expectProblem(await remove(ana, never), 'groups.not_found');
    expectProblem(await post(ana, `${never}/join`), 'groups.not_found');
    expectProblem(await get(ana, 'groups/1'), 'request.invalid');
  });

  test('keeps its owner until somebody else is (groups.owner_must_stay)', async () => {
    const group = await found(ana);
    await join(ben, group);
    expectProblem(await post(ana, `groups/${group.id}/leave`), 'groups.owner_must_stay');
    const handedOver = done(await post(ana, `groups/${group.id}/transfer`, { user_id: ben.username }));
    expect(handedOver).toEqual({ group_id: group.id, user_id: ben.id, role: 'owner' });
    done(await post(ana, `groups/${group.id}/leave`));
    expect(await seenBy(ben, group)).toMatchObject({ my_role: 'owner', members_count: 1 });
  });
});

describe('lists', () => {
  test('have one’s own groups on pages, the latest joined first', async () => {
    const person = await signUp('dov');
    const made = [await found(person), await found(person), await found(person)].map(({ id }) => id).reverse();
    const first = groupsPage.parse(done(await get(person, 'groups?limit=2')));
    expect(first.data.map(({ id }) => id)).toEqual(made.slice(0, 2));
    const second = groupsPage.parse(done(await get(person, `groups?limit=2&cursor=${first.next_cursor}`)));
    expect([second.data.map(({ id }) => id), second.next_cursor]).toEqual([made.slice(2), null]);
    expectProblem(await get(person, `groups?scope=discover&cursor=${first.next_cursor}`), 'request.invalid_cursor');
    expectProblem(await get(undefined, 'groups'), 'auth.required');
  });

  test('have groups to discover by category, and by parts of their names, accents aside, on pages', async () => {
    const word = `Łąka${randomUUID().slice(0, 8)}`;
    const category = `Fields ✿ ${word}`;
    const founder = await signUp('fay');
    const made = [
      await found(founder, { name: word, category }),
      await found(founder, { name: `${word} walks`, category: category.toUpperCase(), visibility: 'private' }),
    ].map(({ id }) => id);
    await found(founder, { name: `${word} in secret`, category, visibility: 'secret' });
    const query = `groups?scope=discover&category=${encodeURIComponent(category)}`;
    for (const person of [ben, undefined]) {
      expect((await listed(person, query)).map(({ id }) => id)).toEqual([...made].reverse());
      expect((await listed(person, `groups?q=${word.replace('Łą', 'la')}`)).map(({ id }) => id)).toEqual(made);
    }
    const page = groupsPage.parse(done(await get(ben, `${query}&limit=1`)));
    expect((await listed(ben, `${query}&limit=1&cursor=${page.next_cursor}`)).map(({ id }) => id)).toEqual([made[0]]);
    const found1 = groupsPage.parse(done(await get(ben, `groups?q=${encodeURIComponent(word)}&limit=1`)));
    const next = `groups?q=${encodeURIComponent(word)}&limit=1&cursor=${found1.next_cursor}`;
    expect((await listed(ben, next)).map(({ id }) => id)).toEqual([made[1]]);
    expectProblem(await get(ben, 'groups?q=x&scope=discover'), 'request.invalid');
    expectProblem(await get(ben, 'groups?category=x'), 'request.invalid');
  });
});

describe('rate limits', () => {
  test('refuse who founds or joins like a machine (rate_limit.exceeded)', async () => {
    const machine = await signUp('machine');
    const tries = await Promise.all(Array.from({ length: 11 }, () => post(machine, 'groups', { name: 'x' })));
    expect(tries.map(({ status }) => status).sort()).toEqual([...Array(10).fill(201), 429]);
    const joins = await Promise.all(Array.from({ length: 61 }, () => post(machine, `groups/${randomUUID()}/join`)));
    expect(joins.map(({ status }) => status).sort()).toEqual([...Array(60).fill(404), 429]);
  });
});

describe('supabase-js', () => {
  test('founds, joins and reads groups by the same rules, and writes no row itself', async () => {
    const [mine, theirs] = [clientOf(ana), clientOf(ben)];
    const { data: group } = await mine.rpc('create_group', { p: { name: 'By hand', visibility: 'private' } });
    const id = group?.id ?? '';
    expect((await theirs.rpc('join_group', { p_group: id })).data).toMatchObject({ status: 'requested' });
    expect((await mine.rpc('approve_group_request', { p_group: id, p_user: ben.id })).error).toBe(null);
    expect((await theirs.rpc('group_page', { p_group: id })).data).toMatchObject({
      my_role: 'member',
      members_count: 2,
    });
    expect((await theirs.from('groups').select('name, visibility').eq('id', id)).data).toEqual([
      { name: 'By hand', visibility: 'private' },
    ]);
    const members = await theirs.from('group_members').select('user_id, role').eq('group_id', id).order('role');
    expect(members.data).toEqual([
      { user_id: ben.id, role: 'member' },
      { user_id: ana.id, role: 'owner' },
    ]);
    expect((await theirs.from('group_members').insert({ group_id: id, user_id: ben.id })).status).toBe(403);
    expect((await theirs.from('group_members').update({ role: 'admin' }).eq('user_id', ben.id)).status).toBe(403);
    expect((await theirs.from('groups').delete().eq('id', id)).status).toBe(403);
    expectRefused(await theirs.rpc('update_group', { p_id: id, p: { name: 'Mine' } }), 'groups.not_allowed', 403);
    expectRefused(await mine.rpc('create_group', { p: { name: 'x', colour: 'red' } }), 'groups.field_invalid', 422);
  });
});
