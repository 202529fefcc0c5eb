import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);
const run = promisify(execFile);

let app: string;
let files: string[];

/** An app that installed the package as npm packs it, with supabase-js beside it. */
beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'astra-client-'));
  const packed = await run('npm', ['pack', '--json', '--pack-destination', app], {
    cwd: join(ROOT, 'packages', 'client'),
  });
  // What the build says comes before it.
  const [pack] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n'))) as [
    { filename: string; files: { path: string }[] },
  ];
  files = pack.files.map(({ path }) => path);
  await writeFile(join(app, 'package.json'), '{ "name": "app", "type": "module", "private": true }');
  const install = ['install', '--offline', '--legacy-peer-deps', '--no-audit', '--no-fund', `./${pack.filename}`];
  await run('npm', install, { cwd: app });
  await mkdir(join(app, 'node_modules', '@supabase'), { recursive: true });
  await symlink(
    join(ROOT, 'node_modules', '@supabase', 'supabase-js'),
    join(app, 'node_modules', '@supabase', 'supabase-js'),
  );
}, 120_000);

afterAll(() => rm(app, { recursive: true, force: true }));

const PROGRAM = `
  import * as client from 'astra-client';
  console.log(Object.keys(client).sort().join(' '));
  await client.joinConversation({ auth: { getSession: async () => ({ data: { session: null } }) } }, 'x', {})
    .catch((error) => console.log(error instanceof client.ClientError, error.code));
`;
const SAID =
  'ClientError declineCall joinCall joinConversation joinInbox newClientId reconnectAfterMs startCall watchCalls\ntrue client.not_signed_in\n';

test('packs what it is made of and nothing else', () => {
  expect(files).toContain('dist/index.js');
  expect(files).toContain('dist/index.d.ts');
  expect(
    files.filter((file) => !/^(?:dist\/[\w-]+(?:\.d)?\.[jt]s|package\.json|README\.md|LICENSE)$/.test(file)),
  ).toEqual([]);
});

test('installs, and is imported by Node', async () => {
  await writeFile(join(app, 'app.js'), PROGRAM);
  expect((await run(process.execPath, ['app.js'], { cwd: app })).stdout).toBe(SAID);
});

test('is imported by Deno', async () => {
  await writeFile(join(app, 'app.mjs'), PROGRAM);
  const { stdout } = await run(bin('deno'), ['run', '--node-modules-dir=manual', 'app.mjs'], { cwd: app });
  expect(stdout).toBe(SAID);
});

test('tells a typed app what is handed over', async () => {
  await writeFile(
    join(app, 'app.ts'),
    `import { createClient } from '@supabase/supabase-js';
     import { joinConversation } from 'astra-client';
     const supabase = createClient('http://127.0.0.1', 'key');
     export const chat = await joinConversation(supabase, 'id', { onMessage: ({ seq, content }) => { const n: number = seq; return void [n, content]; } });
     // @ts-expect-error a handler of messages is what it is for
     await joinConversation(supabase, 'id', {});`,
  );
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2022,esnext.disposable,dom',
  ];
  const { stdout } = await run(bin('tsc'), [...options, '--skipLibCheck', 'app.ts'], { cwd: app }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});
