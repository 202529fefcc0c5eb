import { expect, test } from 'vitest';
import { applyMigrations } from '../../../scripts/db/migrate.ts';
import { splitStatements } from '../../../scripts/db/split.ts';
import { cloneDatabase } from '../../support/clone-database.ts';

test('a migrated database has nothing pending, however many ask at once', async () => {
  await using database = await cloneDatabase();
  const runs = await Promise.all(Array.from({ length: 4 }, () => applyMigrations(database.url, () => undefined)));
  expect(runs.flat()).toEqual([]);
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
