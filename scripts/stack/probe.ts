import { Client } from 'pg';
import type { StackEnvironment } from './environment.ts';
import { storeAnswers } from './external-store.ts';
import type { Part } from './state.ts';

const TIMEOUT_MS = 2_000;

/** What one part answered when it was asked. */
export interface Health {
  readonly part: Part;
  /** Where it answers, without a password. */
  readonly url: string;
  readonly healthy: boolean;
  readonly milliseconds: number;
}

/** Asks each part a real question, all at the same time: a query, a ping, a page. */
export function probeParts(env: StackEnvironment, parts: readonly Part[]): Promise<Health[]> {
  return Promise.all(
    parts.map(async (part) => {
      const from = performance.now();
      const healthy = await probe(env, part);
      const url = addressOf(env, part).replace(/\/\/[^@/]*@/, '//');
      return { part, url, healthy, milliseconds: Math.round(performance.now() - from) };
    }),
  );
}

function addressOf(env: StackEnvironment, part: Part): string {
  switch (part) {
    case 'postgres':
      return env.SUPABASE_DB_URL;
    case 'redis':
      return env.REDIS_URL ?? '';
    case 'mongodb':
      return env.MONGODB_URL ?? '';
    case 'mail':
      return env.MAIL_URL;
    case 'payments':
      return env.PAYMENTS_FAKE_URL;
    case 'supabase':
    case 'gateway':
      return env.SUPABASE_URL;
    case 'studio':
      return env.STUDIO_URL;
    case 'functions':
      return env.FUNCTIONS_URL;
    case 'realtime':
      return env.REALTIME_URL;
    case 'worker':
      return env.WORKER_URL;
  }
}

function probe(env: StackEnvironment, part: Part): Promise<boolean> {
  const address = addressOf(env, part);
  switch (part) {
    case 'postgres':
      return queryAnswers(address);
    case 'redis':
    case 'mongodb':
      return storeAnswers(part, new URL(address));
    case 'supabase':
      return pageAnswers(`${address}/auth/v1/health`, env.SUPABASE_PUBLISHABLE_KEY);
    case 'functions':
      return pageAnswers(`${address}/wallet/health`, env.SUPABASE_PUBLISHABLE_KEY);
    case 'realtime':
    case 'worker':
      return pageAnswers(`${address}/healthz`);
    case 'payments':
      return pageAnswers(`${address}/health`);
    case 'mail':
    case 'gateway':
    case 'studio':
      return pageAnswers(address);
  }
}

async function pageAnswers(url: string, apikey?: string): Promise<boolean> {
  try {
    const headers = apikey === undefined ? {} : { apikey };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function queryAnswers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
