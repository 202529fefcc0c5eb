import { createServer } from 'node:http';
import { App, setExperimental } from '@supabase/lite';
import type { Service, StackContext } from './context.ts';
import { answerByFetch } from './gateway/fetch-bridge.ts';
import { listen } from './gateway/listen.ts';
import { guardLocal } from './gateway/local-only.ts';
import { sendProblem } from './gateway/respond.ts';
import type { MailDriver } from './mail.ts';
import { sendStaticFile } from './studio/static-files.ts';
import { startApiServer } from './supabase/api-server.ts';
import { readSettings } from './supabase/settings.ts';

const MAX_CONNECTIONS = 5;
const MAX_BODY_BYTES = 10 * 1024 * 1024;

export interface StudioOptions {
  /** Default: this stack's database as role postgres, the role that Studio has on a hosted project. */
  readonly databaseUrl?: string;
  readonly mail: MailDriver;
}

/** Studio, and a way to make it notice a migration. */
export interface StudioService extends Service {
  readonly reloadSchema: () => Promise<void>;
}

/**
 * Starts Studio on `ports.studio` of 127.0.0.1. Whoever can open it acts as the operator, without a password, so it
 * answers only pages of its own origin (see guardLocal); the API port never has this power.
 * @throws Error when the port is taken or the database does not answer.
 */
export async function startStudio(context: StackContext, options: StudioOptions): Promise<StudioService> {
  setExperimental('storage', true);
  const { ports, secrets } = context;
  const settings = readSettings(context);
  const api = await startApiServer({
    databaseUrl:
      options.databaseUrl ??
      `postgres://postgres:${encodeURIComponent(secrets.passwords.postgres)}@127.0.0.1:${ports.database}/postgres`,
    maxConnections: MAX_CONNECTIONS,
    build: (connection): App =>
      new App({
        ...settings,
        // Operators work in `admin`; on the API port it stays hidden.
        api: { ...settings.api, schemas: [...settings.api.schemas, 'admin'] },
        studio: { enabled: true, port: ports.studio },
        connection,
        options: { drivers: { email: options.mail }, server: { admin: true } },
      }),
  });

  const origin = `http://127.0.0.1:${ports.studio}`;
  const server = createServer(
    guardLocal(
      ports.studio,
      async (request, response) => {
        const { pathname, search } = new URL(`${origin}${request.url ?? '/'}`);
        if (pathname.startsWith('/static/')) {
          if (!(await sendStaticFile(response, pathname))) sendProblem(response, NOT_FOUND);
          return;
        }
        // The address as the browser sees it: the admin check compares it with Origin.
        const url = `http://${request.headers.host}${pathname}${search}`;
        await answerByFetch(api.fetch, request, response, url, { maxBytes: MAX_BODY_BYTES, stream: false });
      },
      (line) => context.log('studio', line),
    ),
  );
  const listening = await listen(server, ports.studio, 'Studio').catch(async (error: unknown) => {
    await api[Symbol.asyncDispose]();
    throw error;
  });
  return {
    name: 'studio',
    url: origin,
    died: listening.died,
    reloadSchema: api.reloadSchema,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

const NOT_FOUND = {
  status: 404,
  code: 'stack.not_found',
  detail: 'Studio has no such file.',
  hint: 'Open the root page.',
} as const;
