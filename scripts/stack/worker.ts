import { join } from 'node:path';
import { type ChildService, portAnswers, startChild } from './child.ts';
import type { StackContext } from './context.ts';
import { childEnvironment, databaseUrl, paymentsEnvironment, type StoreUrls } from './environment.ts';
import { answers } from './functions.ts';

/** Starts the worker. It gets its own database login, the two stores, the payment provider and the key to Storage, no secret of tokens. */
export function startWorker(context: StackContext, stores: StoreUrls): Promise<ChildService> {
  const url = `http://127.0.0.1:${context.ports.worker}`;
  return startChild(context, {
    name: 'worker',
    command: join(context.root, 'node_modules', '.bin', 'node'),
    args: [join(context.root, 'worker', 'main.ts')],
    url,
    env: childEnvironment({
      ASTRA_WORKER_DB_URL: databaseUrl(context, 'astra_worker'),
      SUPABASE_URL: `http://127.0.0.1:${context.ports.api}`,
      SUPABASE_SECRET_KEY: context.secrets.secretKey,
      REDIS_URL: stores.redis,
      MONGODB_URL: stores.mongodb,
      ...paymentsEnvironment(context),
      SMTP_URL: `smtp://127.0.0.1:${context.ports.smtp}`,
      ASTRA_APP_URL: process.env['ASTRA_APP_URL'] ?? null,
      ASTRA_VAPID_PUBLIC_KEY: context.secrets.vapidPublicKey,
      ASTRA_VAPID_PRIVATE_KEY: context.secrets.vapidPrivateKey,
      // What listens on this machine is the developer's own.
      ASTRA_ALLOW_PRIVATE_TARGETS: 'true',
      WORKER_HOST: '127.0.0.1',
      WORKER_PORT: String(context.ports.worker),
    }),
    // Without MongoDB it runs but is never healthy: events wait in the outbox, and everything else works.
    ready: () => (stores.mongodb === null ? portAnswers(context.ports.worker) : answers(`${url}/healthz`)),
    readyTimeoutMs: 60_000,
    stopTimeoutMs: 10_000,
  });
}
