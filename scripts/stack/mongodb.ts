import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { endOrphan, portAnswers, startChild } from './child.ts';
import type { Service, StackContext } from './context.ts';
import { childEnvironment } from './environment.ts';
import { externalStoreUrl, useExternalStore } from './external-store.ts';
import { ensureMongodb, type MongodbProgram } from './mongodb/install.ts';

const NAME = 'mongodb';
const DATABASE = 'astra';

/**
 * MongoDB for this stack: `MONGODB_URL` if given, else what `ensureMongodb` finds, on a loopback port of its own with
 * its data in `dataDir`.
 * @returns null when there is none to be had: the worker then leaves events in the outbox, and the log says what to install.
 */
export async function startMongodb(context: StackContext): Promise<Service | null> {
  const given = externalStoreUrl(NAME);
  if (given) return await useExternalStore(context, NAME, given);
  const program = await ensureMongodb(context);
  if (program === null) return null;

  const port = context.ports.mongodb;
  await endOrphan(context, NAME);
  if (await portAnswers(port)) {
    throw new Error(
      `Port ${port} (MongoDB) is taken. Stop what uses it, or choose other ports: npm start -- --port-base 55321`,
    );
  }
  // The two keep their data differently, so a machine that gets a real mongod later starts with an empty one.
  const folder = join(context.dataDir, NAME, program.kind);
  await mkdir(folder, { recursive: true });
  return startChild(context, {
    name: NAME,
    ...commandOf(program, port, folder),
    url: `mongodb://127.0.0.1:${port}/${DATABASE}`,
    env: childEnvironment({}),
    ready: () => portAnswers(port),
    stopTimeoutMs: 20_000,
    // mongod speaks JSON; "s" is the severity, and its notes to administrators do not matter on a laptop.
    filterLine: (line) => (line.startsWith('{') && !/"s":"[EF]"/.test(line) ? null : line),
  });
}

function commandOf(
  program: MongodbProgram,
  port: number,
  folder: string,
): { command: string; args: readonly string[] } {
  switch (program.kind) {
    case 'mongod':
      return {
        command: program.mongod,
        args: ['--port', `${port}`, '--bind_ip', '127.0.0.1', '--dbpath', folder, '--nounixsocket'],
      };
    case 'jar':
      return {
        command: program.java,
        args: ['-Xmx512m', '-XX:+UseSerialGC', '-jar', program.jar, `${port}`, join(folder, 'data.mv')],
      };
  }
}
