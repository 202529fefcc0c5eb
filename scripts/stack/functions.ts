import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChildService, startChild } from './child.ts';
import type { StackContext } from './context.ts';
import { childEnvironment, databaseUrl, paymentsEnvironment, paymentsHost } from './environment.ts';

export interface FunctionsOptions {
  readonly redisUrl: string | null;
  /** Loads the functions again when a file in functions/, contracts/ or payments/ changes. */
  readonly watch: boolean;
  /** Further variables, for example other rate limits. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the edge functions: one Deno process with every functions/<name>/index.ts. It may read the sources and packages,
 * reach loopback, the given Redis and a payment provider that was asked for, and nothing else; `functions/.env` may add variables, `ASTRA_ALLOW_NET` hosts.
 */
export async function startFunctions(context: StackContext, options: FunctionsOptions): Promise<ChildService> {
  const { root, ports, secrets } = context;
  const functions = join(root, 'functions');
  const url = `http://127.0.0.1:${ports.functions}`;
  const sources = [functions, join(root, 'contracts'), join(root, 'payments')];
  const envFile = join(functions, '.env');
  await mkdir(join(context.cacheDir, 'deno'), { recursive: true });
  return startChild(context, {
    name: 'functions',
    command: join(root, 'node_modules', '.bin', 'deno'),
    args: [
      'run',
      '--no-prompt',
      '--no-remote',
      '--no-lock',
      `--config=${join(functions, 'deno.json')}`,
      `--allow-net=${allowedHosts(options.redisUrl).join(',')}`,
      `--allow-read=${[...sources, join(root, 'node_modules')].join(',')}`,
      // All of it: the child's environment holds nothing but what is listed below.
      '--allow-env',
      ...(existsSync(envFile) ? [`--env-file=${envFile}`] : []),
      ...(options.watch ? [`--watch=${sources.join(',')}`, '--no-clear-screen'] : []),
      join(import.meta.dirname, 'functions', 'host.ts'),
      `--port=${ports.functions}`,
      `--functions=${functions}`,
    ],
    url,
    env: childEnvironment({
      DENO_DIR: join(context.cacheDir, 'deno'),
      DENO_NO_UPDATE_CHECK: '1',
      NO_COLOR: '1',
      ...options.settings,
      SUPABASE_URL: `http://127.0.0.1:${ports.api}`,
      SUPABASE_PUBLISHABLE_KEY: secrets.publishableKey,
      SUPABASE_SECRET_KEY: secrets.secretKey,
      SUPABASE_JWT_SECRET: secrets.jwtSecret,
      ASTRA_API_DB_URL: databaseUrl(context, 'astra_api'),
      REDIS_URL: options.redisUrl,
      ASTRA_VAPID_PUBLIC_KEY: secrets.vapidPublicKey,
      ...paymentsEnvironment(context),
    }),
    ready: () => answers(url),
    readyTimeoutMs: 60_000,
    stopTimeoutMs: 5_000,
    filterLine: (line) => (line.startsWith('Watcher') ? null : line),
  });
}

/** True when an address answers any request with a success. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function allowedHosts(redisUrl: string | null): string[] {
  const hosts = new Set(['127.0.0.1', 'localhost', ...(process.env['ASTRA_ALLOW_NET']?.split(',') ?? [])]);
  if (redisUrl) hosts.add(new URL(redisUrl).hostname);
  hosts.add(paymentsHost() ?? '');
  return [...hosts].filter(Boolean);
}
