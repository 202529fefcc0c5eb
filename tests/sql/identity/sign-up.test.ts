import { expect, test } from 'vitest';
import { readSqlFiles } from '../../../scripts/db/sql-files.ts';
import { cloneDatabase } from '../../support/clone-database.ts';
import { freshName, withRollback } from '../../support/database.ts';

test('a sign-up makes the profile, the settings and a wallet in USD', () =>
  withRollback(async (db) => {
    const name = freshName();
    const meta = { username: name, full_name: 'Ada L.', avatar_url: 'https://example.test/a.png' };
    const person = await db.signUp(meta, `${name}@example.test`);
    expect(await db.one('select * from public.profiles where id = $1', [person.id])).toMatchObject({
      username: name,
      full_name: 'Ada L.',
      avatar_url: 'https://example.test/a.png',
      is_verified: false,
    });
    expect(await db.one('select * from public.account_settings where user_id = $1', [person.id])).toMatchObject({
      email: `${name}@example.test`,
      privacy_settings: {},
    });
    expect(await db.query('select currency, balance from public.wallet where user_id = $1', [person.id])).toEqual([
      { currency: 'USD', balance: '0.00' },
    ]);
  }));

test('a taken username gets digits behind it', () =>
  withRollback(async (db) => {
    const name = freshName();
    await db.signUp({ username: name });
    const second = await db.signUp({ username: name.toUpperCase() });
    expect(second.username).toMatch(new RegExp(`^${name}\\d{3,}$`));
  }));

test.each([
  ['an invalid username', { username: 'no spaces!', full_name: 'Zoë Öberg-Nuñez' }, /^zoe_oberg_nunez\d*$/],
  ['a reserved username', { username: 'Admin', name: 'Grace Hopper' }, /^grace_hopper\d*$/],
  ['a name of other letters', { full_name: '李明' }, /^mail.box\d*$/],
  ['no name at all', {}, /^mail.box\d*$/],
  ['a name that is too long', { full_name: 'x'.repeat(5000) }, /^x{10,30}\d*$/],
  ['values that are not text', { username: { a: 1 }, full_name: 12, avatar_url: [] }, /^mail.box\d*$/],
  ['an avatar that is not a link', { username: 7, avatar_url: 'javascript:alert(1)' }, /^mail.box\d*$/],
])('a sign-up with %s gets a username made from what is left', (_what, meta, expected) =>
  withRollback(async (db) => {
    const person = await db.signUp(meta, `Mail+Box@${freshName()}.test`);
    expect(person.username).toMatch(expected);
    expect(person.username.length).toBeLessThanOrEqual(30);
  }),
);

test.each([null, '"{}"', '[1]', '7', '"spells no JSON"', '"{"', '""', String.raw`"{\"username\": \"\\u0000\"}"`])(
  'a sign-up never fails for its metadata: %s',
  (meta) =>
    withRollback(async (db) => {
      const { id } = await db.one<{ id: string }>(
        'insert into auth.users (id, raw_user_meta_data) values (gen_random_uuid(), $1) returning id',
        [meta],
      );
      const { username } = await db.one('select username::text from public.profiles where id = $1', [id]);
      expect(username).toMatch(/^user\d+$/);
    }),
);

test('a name with line breaks and marks that turn text around becomes one line, and letters of all directions stay', () =>
  withRollback(async (db) => {
    const nameOf = async (full_name: string) => {
      const { id } = await db.signUp({ username: freshName(), full_name });
      return (await db.one<{ full_name: string }>('select full_name from public.profiles where id = $1', [id]))
        .full_name;
    };
    expect(await nameOf('Ada\r\nLovelace\u2029 \u202eX\u2066')).toBe('Ada Lovelace   X');
    for (const name of ['Zoë Öberg-Nuñez', '李明', 'محمد', 'शक्ति', '👩‍💻 O’Neil'])
      expect(await nameOf(name)).toBe(name);
  }));

test('sign-ups at the same time with the same username all succeed', async () => {
  await using database = await cloneDatabase();
  const connections = await Promise.all(Array.from({ length: 8 }, () => database.connect()));
  const people = await Promise.all(connections.map((db) => db.signUp({ username: 'ada' })));
  const names = people.map((person) => person.username);
  expect(new Set(names).size).toBe(8);
  expect(names.filter((name) => name === 'ada')).toHaveLength(1);
});

test('the settings follow a change of address in Auth', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.query("update auth.users set email = 'new@example.test', phone = '+100' where id = $1", [person.id]);
    expect(await db.one('select email, phone from public.account_settings where user_id = $1', [person.id])).toEqual({
      email: 'new@example.test',
      phone: '+100',
    });
  }));

test('deleting a user deletes the profile and keeps what the ledger booked, closed', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.fund(person, '5');
    await db.query('delete from auth.users where id = $1', [person.id]);
    expect(await db.query('select from public.profiles where id = $1', [person.id])).toEqual([]);
    const accounts = await db.query(
      "select balance_minor, closed_at is not null as closed from ledger.accounts where owner = $1 and purpose = 'available'",
      [person.id],
    );
    expect(accounts).toEqual([{ balance_minor: '500', closed: true }]);
    expect(await db.query('select from ledger.entries where owner = $1', [person.id])).toHaveLength(1);
  }));

test('users from before the installation get profile, settings and wallet by the migration, once', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const backfill = (await readSqlFiles()).find((file) => file.path === 'sql/95_admin/5_data.sql');
  if (!backfill) throw new Error('no sql/95_admin/5_data.sql');
  const person = await db.signUp({ username: 'early.bird' });
  await db.query('delete from public.profiles where id = $1', [person.id]);
  await db.query('delete from public.account_settings where user_id = $1', [person.id]);
  await db.query(backfill.text);
  await db.query(backfill.text);
  expect(await db.query('select username::text from public.profiles')).toEqual([{ username: 'early.bird' }]);
  expect(await db.query('select user_id from public.account_settings')).toEqual([{ user_id: person.id }]);
});
