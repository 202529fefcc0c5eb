import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { portsFrom, type StackContext } from '../stack/context.ts';
import { createProjectDatabase } from '../stack/postgres/cluster.ts';
import { clusterDirs } from '../stack/postgres/home.ts';
import { startPostgres } from '../stack/postgres.ts';
import { loadSecrets } from '../stack/secrets.ts';
import { ROOT } from './sql-files.ts';

/** A Postgres of its own for one command, gone afterwards. */
export interface ScratchServer extends AsyncDisposable {
  /** Makes a database as a new hosted project has it; gives the URL of role `postgres`. */
  readonly createDatabase: (name: string) => Promise<string>;
}

/** Starts an empty Postgres with the platform stand-in on a free port: a stack may run beside it, or a second command. */
export async function startScratchServer(): Promise<ScratchServer> {
  await mkdir(join(ROOT, '.astra'), { recursive: true });
  const dataDir = await mkdtemp(join(ROOT, '.astra', 'schema-'));
  const context: StackContext = {
    root: ROOT,
    dataDir,
    cacheDir: join(ROOT, '.astra', 'cache'),
    ports: { ...portsFrom(0), database: await freePort() },
    secrets: await loadSecrets(dataDir),
    log: () => undefined,
  };
  const forget = async () => {
    for (const dir of [dataDir, ...clusterDirs(context)]) await rm(dir, { recursive: true, force: true });
  };
  try {
    const postgres = await startPostgres(context);
    return {
      createDatabase: async (name) => {
        await createProjectDatabase(postgres.adminUrl, name);
        return postgres.urlFor('postgres', name);
      },
      [Symbol.asyncDispose]: async () => {
        await postgres[Symbol.asyncDispose]();
        await forget();
      },
    };
  } catch (error) {
    await forget();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
