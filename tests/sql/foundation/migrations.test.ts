import { expect, test } from 'vitest';
import { applyMigrations } from '../../../scripts/db/migrate.ts';
import { splitStatements } from '../../../scripts/db/split.ts';
import { cloneDatabase } from '../../support/clone-database.ts';

test('a migrated database has nothing pending, however many ask at once', async () => {
  await using database = await cloneDatabase();
  const runs = await Promise.all(Array.from({ length: 4 }, () => applyMigrations(database.url, () => undefined)));
  expect(runs.flat()).toEqual([]);
});

const RECORD = 'supabase_migrations.schema_migrations';

test('says that the data is from other migrations, and how to start anew', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  await db.query(
    `insert into ${RECORD} (version, statements, name) values ('20990101000000', '{}', 'of_another_branch')`,
  );
  await expect(applyMigrations(database.url, () => undefined)).rejects.toThrow(
    /20990101000000[\s\S]+npm start -- --reset/,
  );
});

test('says so too when what a migration makes is there without a record of it', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  await db.query(`delete from ${RECORD}`);
  await expect(applyMigrations(database.url, () => undefined)).rejects.toThrow(
    /already exists[\s\S]+npm start -- --reset/,
  );
});

test('tells of a migration that was written anew since it was applied, and goes on', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const lines: string[] = [];
  await applyMigrations(database.url, (line) => lines.push(line));
  expect(lines).toEqual([]);
  await db.query(`update ${RECORD} set statements = array['select 1']`);
  await applyMigrations(database.url, (line) => lines.push(line));
  expect(lines.join('\n')).toMatch(/\.sql is not what this database was made with[\s\S]+npm start -- --reset/);
});

test('a script is split at the semicolons between statements, and at no others', () => {
  const statements = [
    "-- a comment; with one\nselect ';', E'\\';' as e, ';''' /* ; /* ; */ ; */",
    'create function f() returns void as $body$ begin; end; $body$ language plpgsql',
    'select ";" from "a;b" where x = $1',
    'do $$ begin perform 1; end $$',
  ];
  expect(splitStatements(`${statements.join(';\n')};\n\n`)).toEqual(statements);
});

test('refuses with a status, a code and a hint (app_hidden.fail)', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  await db.query('begin');
  const refusal = await db.refusal("select app_hidden.fail(418, 'test.teapot', 'I am a teapot.', 'Send tea.')");
  expect(refusal).toEqual({ sqlstate: 'PT418', code: 'test.teapot', message: 'I am a teapot.', hint: 'Send tea.' });
});
