import { join } from 'node:path';
import { type ChildService, startChild } from './child.ts';
import type { StackContext } from './context.ts';
import { childEnvironment, databaseUrl } from './environment.ts';
import { answers } from './functions.ts';

/**
 * Starts the Realtime server. Clients reach it through the gateway at `/realtime/v1`, which gives it their WebSockets. It gets its own database login and
 * what it needs to check tokens; `settings` may change its limits.
 */
export function startRealtime(
  context: StackContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<ChildService> {
  const { root, ports, secrets } = context;
  const url = `http://127.0.0.1:${ports.realtime}`;
  return startChild(context, {
    name: 'realtime',
    command: join(root, 'node_modules', '.bin', 'node'),
    args: [join(import.meta.dirname, 'realtime', 'main.ts')],
    url,
    takesSockets: true,
    env: childEnvironment({
      ...settings,
      REALTIME_DB_URL: databaseUrl(context, 'supabase_realtime_gateway'),
      REALTIME_HOST: '127.0.0.1',
      REALTIME_PORT: String(ports.realtime),
      SUPABASE_PUBLISHABLE_KEY: secrets.publishableKey,
      SUPABASE_SECRET_KEY: secrets.secretKey,
      SUPABASE_JWT_SECRET: secrets.jwtSecret,
    }),
    ready: () => answers(`${url}/healthz`),
    readyTimeoutMs: 60_000,
    stopTimeoutMs: 10_000,
  });
}
