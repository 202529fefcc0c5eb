import { expect, test } from 'vitest';
import { freshName, type Person, type TestConnection, withRollback } from '../../support/database.ts';

function signedIn<T>(fn: (db: TestConnection, me: Person, other: Person) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    const [me, other] = [await db.signUp(), await db.signUp()];
    await db.as({ role: 'authenticated', sub: me.id });
    return await fn(db, me, other);
  });
}

test('people change their own profile, and updated_at follows', () =>
  signedIn(async (db, me) => {
    await db.query("update public.profiles set bio = 'hi' where id = $1", [me.id]);
    expect(await db.one('select bio from public.profiles where id = $1', [me.id])).toEqual({ bio: 'hi' });
  }));

test("people do not change another's profile: the row is not theirs", () =>
  signedIn(async (db, _me, other) => {
    const changed = await db.query("update public.profiles set bio = 'x' where id = $1 returning id", [other.id]);
    expect(changed).toEqual([]);
  }));

test.each([
  'is_verified = true',
  "verification_level = 'gold'",
  'is_business_account = true',
  'id = gen_random_uuid()',
  'created_at = now()',
])('people may not set %s on themselves (42501)', (change) =>
  signedIn(async (db, me) => {
    const refusal = await db.refusal(`update public.profiles set ${change} where id = $1`, [me.id]);
    expect(refusal.sqlstate).toBe('42501');
  }),
);

test('refuses business facts on an account that is no business (users.not_a_business)', () =>
  signedIn(async (db, me) => {
    const update = "update public.profiles set business_info = '{}' where id = $1";
    expect(await db.refusal(update, [me.id])).toMatchObject({ sqlstate: 'PT403', code: 'users.not_a_business' });
  }));

test('whom an operator made a business, writes the business facts', () =>
  signedIn(async (db, me) => {
    await db.as({ role: 'service_role' });
    await db.query('update public.profiles set is_business_account = true where id = $1', [me.id]);
    await db.as({ role: 'authenticated', sub: me.id });
    const rows = await db.query("update public.profiles set business_info = '{}' where id = $1 returning id", [me.id]);
    expect(rows).toEqual([{ id: me.id }]);
  }));

test('an account that stops being a business loses its business facts', () =>
  signedIn(async (db, me) => {
    await db.as({ role: 'service_role' });
    const set =
      'update public.profiles set is_business_account = $2, business_info = coalesce($3, business_info) where id = $1';
    await db.query(set, [me.id, true, '{"name": "Ada & Co"}']);
    await db.query(set, [me.id, false, null]);
    expect(await db.one('select business_info from public.profiles where id = $1', [me.id])).toEqual({
      business_info: null,
    });
  }));

test('a new username is stored in lower case', () =>
  signedIn(async (db, me) => {
    const name = freshName('Up');
    await db.query('update public.profiles set username = $2 where id = $1', [me.id, name]);
    const { username } = await db.one('select username::text from public.profiles where id = $1', [me.id]);
    expect(username).toBe(name.toLowerCase());
  }));

test('refuses a username that differs from a taken one only by case (users.username_taken)', () =>
  signedIn(async (db, me, other) => {
    const update = 'update public.profiles set username = $2 where id = $1';
    expect(await db.refusal(update, [me.id, other.username.toUpperCase()])).toMatchObject({
      sqlstate: 'PT409',
      code: 'users.username_taken',
    });
  }));

test.each([
  ['full_name', 'x'.repeat(101), '100'],
  ['full_name', 'Ada\nYour account is closed', 'one line'],
  ['full_name', 'Ada \u202egnp.exe', 'one line'],
  ['full_name', 'Ada\u0007', 'one line'],
  ['bio', 'x'.repeat(501), '500'],
  ['location', 'x'.repeat(101), '100'],
  ['website', 'javascript:alert(1)', 'http://'],
  ['website', `https://${'x'.repeat(500)}`, '500'],
  ['avatar_url', 'data:image/png;base64,', 'http://'],
  ['avatar_url', `https://${'x'.repeat(2048)}`, '2048'],
])('refuses a %s that is %s, and says what it takes (users.field_invalid)', (field, value, limit) =>
  signedIn(async (db, me) => {
    const refusal = await db.refusal(`update public.profiles set ${field} = $2 where id = $1`, [me.id, value]);
    expect(refusal).toMatchObject({ sqlstate: 'PT422', code: 'users.field_invalid' });
    expect(refusal.hint).toMatch(new RegExp(`^${field} takes .*${limit}`));
  }),
);

test.each(['ab', '.ada', 'ada_', 'a da', 'ädá', 'a'.repeat(31), ''])(
  'refuses the username "%s" (users.username_invalid)',
  (name) =>
    signedIn(async (db, me) => {
      const refusal = await db.refusal('update public.profiles set username = $2 where id = $1', [me.id, name]);
      expect(refusal).toMatchObject({ sqlstate: 'PT422', code: 'users.username_invalid' });
    }),
);

test('refuses a reserved username (users.username_reserved)', () =>
  signedIn(async (db, me) => {
    const refusal = await db.refusal("update public.profiles set username = 'Support' where id = $1", [me.id]);
    expect(refusal).toMatchObject({ sqlstate: 'PT422', code: 'users.username_reserved' });
  }));

test('says of a username whether it is available, taken, reserved or invalid', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.as({ role: 'astra_api' });
    const names = [freshName(), person.username.toUpperCase(), 'ADMIN', '-', null];
    const rows = await db.query(
      'select app_private.username_status(n) as status from unnest($1::text[]) with ordinality u(n, i) order by i',
      [names],
    );
    expect(rows.map((row) => row['status'])).toEqual(['available', 'taken', 'reserved', 'invalid', 'invalid']);
  }));

test('people read their own settings and nobody else’s', () =>
  signedIn(async (db, me) => {
    expect(await db.query('select user_id from public.account_settings')).toEqual([{ user_id: me.id }]);
  }));

test('people change their privacy settings', () =>
  signedIn(async (db) => {
    const settings = { is_private: true };
    const rows = await db.query('update public.account_settings set privacy_settings = $1 returning privacy_settings', [
      settings,
    ]);
    expect(rows).toEqual([{ privacy_settings: settings }]);
  }));

test('people may not set their address here (42501): Auth confirms it first', () =>
  signedIn(async (db) => {
    expect((await db.refusal("update public.account_settings set email = 'x@example.test'")).sqlstate).toBe('42501');
  }));

test('anonymous visitors read profiles and no settings (42501)', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.as({ role: 'anon' });
    expect(await db.query('select from public.profiles where id = $1', [person.id])).toHaveLength(1);
    expect((await db.refusal('select * from public.account_settings')).sqlstate).toBe('42501');
  }));
