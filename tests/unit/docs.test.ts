import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })].sort();
const scripts = Object.keys(JSON.parse(read('package.json')).scripts).sort();

/** `npm start` and `npm test` need no `run`; flags may stand before the name (`npm run -s status`). */
const NPM_SCRIPT = /\bnpm (?:run (?:-\S+ )*([a-z][a-z:-]*)|(start|test)\b)/g;
const LINK = /\]\(([^)\s]+)\)/g;
/** A file of the repository, by its path from the root. A name with a gap (`<domain>`, `*`) stands for many. */
const FILE =
  /`((?:bench|contracts|functions|payments|scripts|sql|supabase|tests|worker)\/[\w./-]+\.(?:ts|mjs|sql|toml|html|json))`/g;

function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).find((group) => group !== undefined) ?? '');
}

test.each(pages)('%s names only npm scripts that exist', (page) => {
  expect(found(read(page), NPM_SCRIPT).filter((name) => !scripts.includes(name))).toEqual([]);
});

test.each(pages)('%s links only to files that exist', (page) => {
  const links = found(read(page), LINK).filter((link) => !/^(?:[a-z]+:|#)/.test(link));
  const targets = links.map((link) => join(root, dirname(page), link.replace(/#.*$/, '')));
  expect(targets.filter((target) => !existsSync(target)).map((target) => relative(root, target))).toEqual([]);
});

test.each(pages)('%s names only files that exist', (page) => {
  expect(found(read(page), FILE).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

describe('the table of commands in CONTRIBUTING.md', () => {
  test('lists every npm script once, and nothing else', () => {
    const rows = read('CONTRIBUTING.md').match(/^\| `npm [^|]+\|/gm) ?? [];
    expect(rows.flatMap((row) => found(row, NPM_SCRIPT)).sort()).toEqual(scripts);
  });
});
