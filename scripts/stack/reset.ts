import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endOrphan } from './child.ts';
import type { StackContext } from './context.ts';
import { clusterDirs } from './postgres/home.ts';
import { endLeftoverPostgres } from './postgres.ts';

/** Kept by `--reset`: whoever wrote the keys down somewhere need not do it again. */
const KEPT = ['lock', 'secrets.json'];

/** Ends the children that a killed stack left behind: those that write first, the database last. */
export async function endLeftovers(context: StackContext): Promise<void> {
  await Promise.all(['functions', 'worker', 'realtime'].map((name) => endOrphan(context, name)));
  await Promise.all(['redis', 'mongodb'].map((name) => endOrphan(context, name)));
  await endLeftoverPostgres(context);
}

/** Deletes the data of a stack whose parts are all stopped. */
export async function forgetData(context: StackContext): Promise<void> {
  const entries = await readdir(context.dataDir);
  const paths = entries.filter((name) => !KEPT.includes(name)).map((name) => join(context.dataDir, name));
  for (const path of [...paths, ...clusterDirs(context)]) await rm(path, { recursive: true, force: true });
  context.log('reset', 'all data of this stack is gone');
}
