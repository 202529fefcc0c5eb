import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** The first block of a language on a page of the docs. */
async function blockOf(page: string, language: 'js' | 'bash'): Promise<string> {
  const text = await readFile(join(ROOT, 'docs', `${page}.md`), 'utf8');
  const [, code] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
  if (code === undefined) throw new Error(`docs/${page}.md has no block of ${language}`);
  return code;
}

/** Runs the commands of a page as its reader would; the first that fails ends it. Gives what they printed. */
async function runShell(page: string): Promise<string> {
  const script = `set -eu -o pipefail\n${await blockOf(page, 'bash')}`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: ROOT, timeout: 60_000 });
  return stdout;
}

/** Runs the JavaScript of a page of the docs as its reader would, and gives what it printed. */
async function run(page: string): Promise<string> {
  const code = await blockOf(page, 'js');
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

test('docs/chat.md works from the first line to the last, by supabase-js, which hears what it did, and by curl', async () => {
  const printed = await run('chat');
  expect(printed).toMatch(/'message_created', 'Gladly'/);
  expect(printed).toMatch(/'message_changed', 'Tea at six\?'/);
  expect(printed).toMatch(/'receipt'/);
  const answers = await runShell('chat');
  expect(answers).toMatch(/"state":"requested"/);
  expect(answers).toMatch(/"content":"Gladly"/);
  expect(answers).toMatch(/"reactions":\[\{"count":1,"emoji":"👍"\}\]/);
  expect(answers).toMatch(/"deleted_for":"all"/);
  expect(answers).toMatch(/"topic":"conversation:[0-9a-f-]+:1"/);
  expect(answers).toMatch(/"last_message":null[^}]*\}$/); // emptied for her
});

test('docs/posts.md works from the first line to the last', async () => {
  await run('posts');
});

test('docs/groups.md works from the first line to the last, by supabase-js and by curl', async () => {
  expect(await run('groups')).toBe('true 2 groups.not_found\n');
  const printed = await runShell('groups');
  expect(printed).toMatch(/"status":"requested"/);
  expect(printed).toMatch(/"status":"banned"/);
  expect(printed).toMatch(/"deleted":true\}$/);
});

test('docs/notifications.md works from the first line to the last, by supabase-js and by curl', async () => {
  expect(await run('notifications')).toBe('follow Ben started following you. 1\n0\nfalse true\n');
  const printed = await runShell('notifications');
  expect(printed).toMatch(/^id: 1\nevent: notification\ndata: .*"kind":"follow"/m);
  expect(printed).toMatch(/"public_key":"[\w-]{87}"/);
  expect(printed).toMatch(/"removed":true/);
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
