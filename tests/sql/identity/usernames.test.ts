import { expect, test } from 'vitest';
import { freshName, type Person, type TestConnection, withRollback } from '../../support/database.ts';

const RENAME = 'update public.profiles set username = $2 where id = $1';
const FIND = 'select id, username, moved_from from app_private.find_user($1, $2)';

async function rename(db: TestConnection, person: Person, name: string): Promise<void> {
  await db.as({ role: 'authenticated', sub: person.id });
  await db.query(RENAME, [person.id, name]);
}

/** As if the last change had been so long ago. */
async function letPass(db: TestConnection, person: Person, days: number): Promise<void> {
  await db.as({ role: 'postgres' });
  await db.query("update app_private.former_usernames set until = until - $1 * interval '1 day' where user_id = $2", [
    days,
    person.id,
  ]);
}

async function find(db: TestConnection, name: string, viewer: string | null = null) {
  await db.as({ role: 'astra_api' });
  return db.query(FIND, [viewer, name]);
}

test('a name given up leads to its owner for 30 days, and then to nobody', () =>
  withRollback(async (db) => {
    const ada = await db.signUp();
    const name = freshName();
    await rename(db, ada, name);
    const moved = { id: ada.id, username: name, moved_from: ada.username };
    expect(await find(db, ada.username.toUpperCase())).toEqual([moved]);
    expect(await find(db, name)).toEqual([{ ...moved, moved_from: null }]);
    expect(await find(db, ada.id)).toEqual([{ ...moved, moved_from: null }]);
    await letPass(db, ada, 30);
    expect(await find(db, ada.username)).toEqual([]);
  }));

test('nobody else takes a name for 30 days after it was given up (users.username_taken), then anybody', () =>
  withRollback(async (db) => {
    const [ada, bob] = [await db.signUp(), await db.signUp()];
    await rename(db, ada, freshName());
    await db.as({ role: 'authenticated', sub: bob.id });
    expect(await db.refusal(RENAME, [bob.id, ada.username])).toMatchObject({
      sqlstate: 'PT409',
      code: 'users.username_taken',
    });
    await letPass(db, ada, 30);
    await rename(db, bob, ada.username);
    expect(await find(db, ada.username)).toMatchObject([{ id: bob.id, moved_from: null }]);
  }));

test('a sign-up with such a name gets another one', () =>
  withRollback(async (db) => {
    const ada = await db.signUp();
    await rename(db, ada, freshName());
    await db.as({ role: 'astra_api' });
    expect(await db.one('select app_private.username_status($1) as status', [ada.username])).toEqual({
      status: 'taken',
    });
    await db.as({ role: 'postgres' });
    const bob = await db.signUp({ username: ada.username });
    expect(bob.username).not.toBe(ada.username);
    expect(bob.username.startsWith(ada.username.slice(0, 10))).toBe(true);
  }));

test('a username changes once in seven days (users.username_changed_lately)', () =>
  withRollback(async (db) => {
    const ada = await db.signUp();
    await rename(db, ada, freshName());
    expect(await db.refusal(RENAME, [ada.id, freshName()])).toMatchObject({
      sqlstate: 'PT422',
      code: 'users.username_changed_lately',
    });
    await letPass(db, ada, 7);
    await rename(db, ada, freshName());
  }));

test('after seven days people may take their old name back, and the one between leads to them', () =>
  withRollback(async (db) => {
    const ada = await db.signUp();
    const between = freshName();
    await rename(db, ada, between);
    await letPass(db, ada, 7);
    await rename(db, ada, ada.username);
    expect(await find(db, ada.username)).toEqual([{ id: ada.id, username: ada.username, moved_from: null }]);
    expect(await find(db, between)).toEqual([{ id: ada.id, username: ada.username, moved_from: between }]);
  }));

test('the same name in other letters is no change', () =>
  withRollback(async (db) => {
    const ada = await db.signUp();
    await rename(db, ada, ada.username.toUpperCase());
    await rename(db, ada, freshName());
  }));

test('a former name is not found by whom its owner blocks', () =>
  withRollback(async (db) => {
    const [ada, bob] = [await db.signUp(), await db.signUp()];
    await rename(db, ada, freshName());
    await db.query('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [ada.id, bob.id]);
    expect(await find(db, ada.username, bob.id)).toEqual([]);
  }));

test('the worker forgets names whose time is over', () =>
  withRollback(async (db) => {
    const ada = await db.signUp();
    await rename(db, ada, freshName());
    await letPass(db, ada, 31);
    await db.as({ role: 'astra_worker' });
    await db.query('select app_private.prune_former_usernames()');
    await db.as({ role: 'postgres' });
    expect(await db.query('select from app_private.former_usernames where user_id = $1', [ada.id])).toEqual([]);
  }));

const PERSON = 'select id, username, moved_from from public.find_person($1)';

test('supabase-js finds a person by a name of today or of a while ago, signed in or not', () =>
  withRollback(async (db) => {
    const ada = await db.signUp();
    const name = freshName();
    await rename(db, ada, name);
    const found = { id: ada.id, username: name, moved_from: null };
    await db.as({ role: 'anon' });
    expect(await db.query(PERSON, [`@${name.toUpperCase()}`])).toEqual([found]);
    expect(await db.query(PERSON, [ada.id])).toEqual([found]);
    expect(await db.query(PERSON, [ada.username])).toEqual([{ ...found, moved_from: ada.username }]);
    expect(await db.query(PERSON, [freshName()])).toEqual([]);
  }));

test('neither of a blocked pair finds the other by a name', () =>
  withRollback(async (db) => {
    const [ada, bob] = [await db.signUp(), await db.signUp()];
    await rename(db, ada, freshName());
    await db.query('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [ada.id, bob.id]);
    expect(await db.query(PERSON, [bob.username])).toEqual([]);
    await db.as({ role: 'authenticated', sub: bob.id });
    expect(await db.query(PERSON, [ada.username])).toEqual([]);
  }));
