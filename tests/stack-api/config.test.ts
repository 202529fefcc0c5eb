import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { testEnvironment } from '../support/environment.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SUPABASE = join(ROOT, 'supabase');
const DEADLINE_MS = 60_000;

const config = z
  .object({
    api: z.object({ schemas: z.array(z.string()) }),
    auth: z.object({ email: z.object({ template: z.record(z.string(), z.object({ content_path: z.string() })) }) }),
    functions: z.record(
      z.string(),
      z.object({ entrypoint: z.string(), import_map: z.string(), verify_jwt: z.boolean() }),
    ),
  })
  .parse(parse(readFileSync(join(SUPABASE, 'config.toml'), 'utf8')));

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs the real Supabase CLI in `folder`. */
function supabase(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return new Promise((done) => {
    execFile(
      join(ROOT, 'node_modules/.bin/supabase'),
      [...args, '--workdir', folder],
      { cwd: folder, timeout: DEADLINE_MS, env: { ...process.env, DO_NOT_TRACK: '1', ...env } },
      (error, stdout, stderr) => done({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
  });
}

/** Comparing a database with itself needs no Docker and no account, but the CLI reads and checks the whole file first. */
function readConfig(folder: string): Promise<Outcome> {
  const { SUPABASE_DB_URL } = testEnvironment();
  return supabase(folder, ['db', 'diff', '--from', SUPABASE_DB_URL, '--to', SUPABASE_DB_URL]);
}

describe('supabase/config.toml', () => {
  it('is accepted by the Supabase CLI, every key of it', { timeout: DEADLINE_MS }, async () => {
    const { code, output } = await readConfig(ROOT);
    expect(output).not.toContain('does not recognize');
    expect({ code, output }).toMatchObject({ code: 0 });
  });

  it.each([
    ['a text for a number', 'max_rows = 1000', 'max_rows = "many"'],
    ['an unknown version of Postgres', 'major_version = 17', 'major_version = 99'],
    ['a mail template that does not exist', 'templates/recovery.html', 'templates/none.html'],
    ['an unknown password rule', 'password_requirements = ""', 'password_requirements = "none"'],
  ])('would be refused with %s', { timeout: DEADLINE_MS }, async (_what, right, wrong) => {
    await using copy = await copyOfProject((text) => text.replace(right, wrong));
    expect(await readConfig(copy.folder)).toMatchObject({ code: 1 });
  });

  it('shows clients only the schema public', () => {
    expect(config.api.schemas).toEqual(['public']);
  });

  it('declares exactly the functions that exist', () => {
    const folder = join(ROOT, 'functions');
    const existing = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'index.ts')));
    expect(Object.keys(config.functions).sort()).toEqual(existing.sort());
  });

  it.each(Object.entries(config.functions))('points function %s to files that exist', (_name, declared) => {
    expect(existsSync(join(SUPABASE, declared.entrypoint))).toBe(true);
    expect(existsSync(join(SUPABASE, declared.import_map))).toBe(true);
    // Our own check answers problem+json, serves public routes and knows revoked sessions.
    expect(declared.verify_jwt).toBe(false);
  });

  it.each(['confirmation', 'recovery', 'magic_link', 'email_change', 'invite'])(
    'has a mail template %s with a link and a code',
    async (name) => {
      const path = config.auth.email.template[name]?.content_path ?? '';
      const html = await readFile(join(ROOT, path), 'utf8');
      expect(html).toContain('{{ .ConfirmationURL }}');
      expect(html).toContain('{{ .Token }}');
    },
  );
});

describe('supabase functions deploy', () => {
  it('uploads each function with the contracts it imports from outside supabase/', {
    timeout: DEADLINE_MS,
  }, async () => {
    await using api = await startManagementApi();
    const { code, output } = await supabase(
      ROOT,
      ['functions', 'deploy', '--use-api', '--yes', '--remote=abcdefghijklmnopqrst', '--profile', api.profile],
      { SUPABASE_ACCESS_TOKEN: `sbp_${'0'.repeat(40)}` },
    );
    expect({ code, output }).toMatchObject({ code: 0 });
    expect([...api.uploads.keys()].sort()).toEqual(Object.keys(config.functions).sort());
    for (const [name, files] of api.uploads) {
      expect(files).toContain(`functions/${name}/index.ts`);
      expect(files).toContain(`functions/${name}/app.ts`);
      expect(files).toContain('functions/deno.json');
      expect(files).toContain('contracts/errors.ts');
    }
    expect(output).not.toContain('Skipping import path');
  });
});

async function copyOfProject(change: (config: string) => string): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'astra-config-'));
  await cp(SUPABASE, join(folder, 'supabase'), { recursive: true });
  const path = join(folder, 'supabase/config.toml');
  const before = await readFile(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** As much of https://api.supabase.com as a deployment asks for. It keeps the names of the uploaded files by function. */
async function startManagementApi() {
  const uploads = new Map<string, string[]>();
  const server = createServer((request, response) => {
    void answerManagement(request, response, uploads);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stand-in has no port.');
  const origin = `http://127.0.0.1:${address.port}`;
  const folder = await mkdtemp(join(tmpdir(), 'astra-profile-'));
  const profile = join(folder, 'profile.yaml');
  const lines = ['name: standin', `api_url: ${origin}`, `dashboard_url: ${origin}`, 'project_host: example.com'];
  await writeFile(profile, `${lines.join('\n')}\n`);
  return {
    profile,
    uploads,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answerManagement(
  request: IncomingMessage,
  response: ServerResponse,
  uploads: Map<string, string[]>,
): Promise<void> {
  const { pathname, searchParams } = new URL(`http://api${request.url}`);
  const body = (await buffer(request)).toString('latin1');
  const send = (status: number, answer: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
  if (request.method === 'POST' && pathname.endsWith('/functions/deploy')) {
    const slug = searchParams.get('slug') ?? '';
    uploads.set(
      slug,
      [...body.matchAll(/filename="([^"]+)"/g)].map(([, name]) => name ?? ''),
    );
    send(201, { id: slug, slug, name: slug, status: 'ACTIVE', version: 1 });
  } else if (request.method === 'PUT') send(200, { functions: [] });
  else if (pathname.endsWith('/functions')) send(200, []);
  else send(404, { message: 'not found' });
}
