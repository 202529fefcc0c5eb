import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { App, setExperimental } from '@supabase/lite';
import type { Service, StackContext } from './context.ts';
import type { MailDriver } from './mail.ts';
import { startApiServer } from './supabase/api-server.ts';
import { withForms } from './supabase/forms.ts';
import { createMailRedirect } from './supabase/mail-redirect.ts';
import { createObjectFiles } from './supabase/object-files.ts';
import { createS3Objects, readS3Settings } from './supabase/s3-objects.ts';
import { createSessionFacts } from './supabase/session-facts.ts';
import { apiOrigin, readSettings, type SettingsOverrides } from './supabase/settings.ts';
import { withSignedUrls } from './supabase/signed-urls.ts';

/** A laptop's Postgres allows 100 connections; the functions, the worker, Studio and tests need theirs. */
const MAX_CONNECTIONS = 20;

export interface SupabaseOptions extends SettingsOverrides {
  /** Default: this stack's database as role supabase_lite, which is neither superuser nor `postgres`. */
  readonly databaseUrl?: string;
  /** Receives the mails that Auth sends. */
  readonly mail: MailDriver;
}

/** Auth, REST and Storage in this process; the gateway gives them their port. */
export interface SupabaseService extends Service {
  /**
   * Answers one request for /auth/v1, /rest/v1 or /storage/v1.
   * @param peerAddress the socket's remote address, never a header.
   */
  readonly fetch: (request: Request, peerAddress: string | null) => Promise<Response>;
  /** Call it after a migration: the server remembers tables and functions as they were at its first request. */
  readonly reloadSchema: () => Promise<void>;
}

/**
 * Starts Supabase's own lightweight server on our Postgres, with the rules of supabase/config.toml. The tables of auth and
 * storage are there before it: they belong to the stand-in for a hosted project (scripts/stack/postgres).
 * @throws Error when the database does not answer.
 */
export async function startSupabase(context: StackContext, options: SupabaseOptions): Promise<SupabaseService> {
  setExperimental('storage', true);
  const { mail, databaseUrl, ...overrides } = options;
  const settings = readSettings(context, overrides);
  const uploads = join(context.dataDir, 'storage');
  await mkdir(uploads, { recursive: true });

  const s3 = readS3Settings(process.env);
  const objects = s3 === null ? createObjectFiles(uploads) : createS3Objects(s3);

  const redirect = createMailRedirect(mail, settings.auth.site_url);
  const sessionFacts = createSessionFacts();

  const { passwords } = context.secrets;
  const server = await startApiServer({
    databaseUrl:
      databaseUrl ??
      `postgres://supabase_lite:${encodeURIComponent(passwords.supabase_lite)}@127.0.0.1:${context.ports.database}/postgres`,
    maxConnections: MAX_CONNECTIONS,
    build(connection) {
      sessionFacts.record(connection);
      const app: App = new App({
        ...settings,
        connection,
        // Local admin mode would let requests without a key act as service_role. Behind a gateway every caller looks local.
        options: { drivers: { email: redirect.driver }, server: { admin: false, disableStudio: true } },
      });
      app._storageAdapter = objects;
      return app;
    },
  });
  return {
    name: 'supabase',
    url: apiOrigin(context),
    died: new Promise<string>(() => undefined),
    fetch: (request, peerAddress) =>
      sessionFacts.during(request, peerAddress, () =>
        redirect.during(request, () =>
          withSignedUrls(request, (signing) => withForms(signing, (asked) => server.fetch(asked, peerAddress))),
        ),
      ),
    reloadSchema: server.reloadSchema,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
