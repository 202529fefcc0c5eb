import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERRORS } from '../../../contracts/errors.ts';
import { renderErrors } from '../../../scripts/docs/errors.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const textOf = (...patterns: string[]) =>
  patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).map((file) => readFileSync(join(root, file), 'utf8'));

const functions = textOf('functions/**/*.ts', 'payments/**/*.ts', 'worker/**/*.ts').join('\n');
const sql = textOf('sql/**/*.sql').join('\n');

/** How SQL refuses; a code that was caught is raised again as the variable v_code, one that was given as p_code. */
const FAIL = 'perform (?:app_hidden\\.fail|ledger\\.fail_parts)\\(\\s*';

/** The refusals that name their code. */
const failCalls = Array.from(
  sql.matchAll(new RegExp(`${FAIL}(\\d{3})\\s*,\\s*'([^']+)'`, 'g')),
  ([, status, code]) => ({
    status: Number(status),
    code: code ?? '',
  }),
);

test('every code that SQL raises is in the table, with the same status', () => {
  const known = new Map(Object.entries(ERRORS).map(([code, { status }]) => [code, status]));
  const wrong = failCalls.filter(({ code, status }) => known.get(code) !== status);
  expect(wrong).toEqual([]);
  const raisedAgain = Array.from(sql.matchAll(new RegExp(`${FAIL}[^',]+, [pv]_code\\b`, 'g')));
  const all = Array.from(sql.matchAll(/\b(?:fail|fail_parts)\(\s*(?!int\b|p_status\b)/g));
  expect(failCalls.length + raisedAgain.length, 'a refusal is written in a way that this test cannot read').toBe(
    all.length,
  );
});

test('one sentence has one hint, wherever it is said', () => {
  const text = "'((?:[^']|'')*)'";
  const said = sql.matchAll(new RegExp(`${FAIL}\\d{3},\\s*${text},\\s*${text},\\s*${text}`, 'g'));
  const hints = new Map(
    Object.entries(ERRORS).map(([code, { detail, hint }]) => [`${code}: ${detail}`, hint as string]),
  );
  const others: string[] = [];
  for (const [, code = '', ...words] of said) {
    const [detail = '', hint = ''] = words.map((word) => word.replaceAll("''", "'"));
    const sentence = `${code}: ${detail}`;
    if ((hints.get(sentence) ?? hint) !== hint) others.push(`${sentence} ${hint}`);
    hints.set(sentence, hint);
  }
  expect(others).toEqual([]);
});

test('no SQL raises a status of ours but through these', () => {
  expect(sql.match(/errcode = 'PT' \|\| p_status/g)).toHaveLength(2);
  expect(sql).not.toMatch(/errcode = 'PT\d/);
});

test('every code in the table is used somewhere', () => {
  const unused = Object.keys(ERRORS).filter((code) => !functions.includes(`'${code}'`) && !sql.includes(`'${code}'`));
  expect(unused).toEqual([]);
});

test('docs/errors.md has every code and nothing else (npm run docs:errors)', () => {
  expect(readFileSync(join(root, 'docs', 'errors.md'), 'utf8')).toBe(renderErrors(ERRORS));
});

test('every entry has an HTTP error status, a sentence and a hint', () => {
  for (const [code, { status, detail, hint }] of Object.entries(ERRORS)) {
    expect(code).toMatch(/^[a-z_]+\.[a-z_]+$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(detail).toMatch(/\.$/);
    expect(hint).toMatch(/\.$/);
  }
});
