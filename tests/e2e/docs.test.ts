import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** Runs the JavaScript of a page of the docs as its reader would, and gives what it printed. */
async function run(page: string): Promise<string> {
  const text = await readFile(join(ROOT, 'docs', `${page}.md`), 'utf8');
  const [, code] = /```js\n([\s\S]*?)```/.exec(text) ?? [];
  if (code === undefined) throw new Error(`docs/${page}.md has no block of JavaScript`);
  const folder = join(ROOT, '.astra', 'docs-examples');
  const file = join(folder, `${page}.mjs`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(file, code);
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: ROOT, timeout: 30_000 });
    return stdout;
  } finally {
    await rm(file, { force: true });
  }
}

test('docs/social.md builds a profile page and a feed', async () => {
  const printed = await run('social');
  const buttons = [...printed.matchAll(/button: '(\w+)'/g)].map(([, label]) => label);
  expect(buttons).toEqual(['Follow', 'Requested', 'Following']);
  expect(printed).toMatch(/posts: \[ 'Fresh #bread, still warm' \]/);
  expect(printed).toMatch(/^@ana\w+: Fresh #bread, still warm \(followed\)$/m);
  expect(printed).toMatch(/likes_count: 1/);
  expect(printed).toMatch(/^users\.not_found$/m);
});

test('docs/posts.md works from the first line to the last', async () => {
  await run('posts');
});

test('docs/client.md follows a conversation with the package as it is built', async () => {
  const client = join(ROOT, 'packages', 'client');
  await promisify(execFile)(join(ROOT, 'node_modules', '.bin', 'tsc'), ['--project', join(client, 'tsconfig.json')]);
  // Where the example's own folder would have it after `npm install`.
  const modules = join(ROOT, '.astra', 'docs-examples', 'node_modules');
  await mkdir(modules, { recursive: true });
  await rm(join(modules, 'astra-client'), { force: true });
  await symlink(client, join(modules, 'astra-client'));
  expect((await run('client')).split('\n')).toEqual([
    'request: Tea at five?',
    '1 Tea at five?',
    '2 Or at six?',
    '3 I bring cake.',
    'unread: 0',
    'messages.content_invalid',
    '',
  ]);
});
