import { execFile, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { findOnPath } from '../child.ts';
import type { StackContext } from '../context.ts';

const run = promisify(execFile);

const NAME = 'mongodb';
const DOWNLOAD_HOST = 'https://fastdl.mongodb.org/';
const PROBE_TIMEOUT_MS = 3_000;
const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;
const BUILD_TIMEOUT_MS = 5 * 60_000;

/** What can serve MongoDB's protocol on this machine: a real mongod, or the jar that stands in for one. */
export type MongodbProgram =
  | { readonly kind: 'mongod'; readonly mongod: string }
  | { readonly kind: 'jar'; readonly java: string; readonly jar: string };

/** What `ensureMongodb` needs to know of a stack. */
export type InstallContext = Pick<StackContext, 'root' | 'cacheDir' | 'log'>;

/**
 * Finds a MongoDB or installs one: a `mongod` of this machine, one downloaded or built before, a download, a build.
 * @returns null when there is none to be had, after having said what to type.
 */
export async function ensureMongodb(context: InstallContext): Promise<MongodbProgram | null> {
  return (
    (await usableMongod(await findOnPath('mongod'))) ??
    (await usableMongod(await downloadedMongod(context))) ??
    (await builtJar(context)) ??
    (await usableMongod(await download(context))) ??
    (await build(context))
  );
}

/** A binary for another system (no matching libssl, wrong processor) is found out here and not later. */
async function usableMongod(mongod: string | null): Promise<MongodbProgram | null> {
  if (mongod === null) return null;
  try {
    await run(mongod, ['--version'], { timeout: 10_000 });
    return { kind: 'mongod', mongod };
  } catch {
    return null;
  }
}

function folderOf(context: InstallContext): string {
  return join(context.cacheDir, NAME);
}

/** Written only after a complete download, so that half a file is never taken for a program. */
function downloadRecord(context: InstallContext): string {
  return join(folderOf(context), 'mongod.path');
}

async function downloadedMongod(context: InstallContext): Promise<string | null> {
  try {
    return (await readFile(downloadRecord(context), 'utf8')).trim() || null;
  } catch {
    return null;
  }
}

async function download(context: InstallContext): Promise<string | null> {
  try {
    await fetch(DOWNLOAD_HOST, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  } catch {
    context.log(NAME, 'fastdl.mongodb.org does not answer: no mongod to download');
    return null;
  }
  context.log(NAME, 'downloading mongod (about 100 MB, once) …');
  const folder = join(folderOf(context), 'binaries');
  await mkdir(folder, { recursive: true });
  const script = join(context.root, 'scripts/stack/mongodb/download.ts');
  let mongod: string | null = null;
  const child = spawn(process.execPath, [script, folder], {
    env: { ...process.env, MONGOMS_MAX_RETRIES: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DOWNLOAD_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('mongod=')) mongod = line.slice('mongod='.length);
    else context.log(NAME, line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => context.log(NAME, line));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (exitCode) => resolve(exitCode));
  });
  if (code !== 0 || mongod === null) {
    context.log(NAME, 'the download failed');
    return null;
  }
  await writeFile(downloadRecord(context), mongod);
  return mongod;
}

/** The jar's name holds a hash of its sources: a changed source is a new jar. */
async function jarPath(context: InstallContext): Promise<string> {
  const hash = createHash('sha256');
  for (const source of ['pom.xml', 'Main.java']) hash.update(await readFile(sourcePath(context, source)));
  return join(folderOf(context), `mongodb-${hash.digest('hex').slice(0, 12)}.jar`);
}

function sourcePath(context: InstallContext, file: string): string {
  return join(context.root, 'scripts/stack/mongodb', file);
}

async function builtJar(context: InstallContext): Promise<MongodbProgram | null> {
  const jar = await jarPath(context);
  const java = await findOnPath('java');
  if (java === null) return null;
  try {
    await access(jar);
    return { kind: 'jar', java, jar };
  } catch {
    return null;
  }
}

async function build(context: InstallContext): Promise<MongodbProgram | null> {
  const [mvn, javac] = [await findOnPath('mvn'), await findOnPath('javac')];
  if (mvn === null || javac === null) {
    context.log(
      NAME,
      'no MongoDB here: events wait in the outbox. To have one: install mongod (https://www.mongodb.com/docs/manual/installation), ' +
        'or a JDK 17 and Maven (sudo apt-get install -y default-jdk-headless maven), or set MONGODB_URL; then npm start again.',
    );
    return null;
  }
  const jar = await jarPath(context);
  const folder = join(folderOf(context), `build-${randomUUID()}`);
  const logFile = join(folderOf(context), 'build.log');
  await mkdir(join(folder, 'src/main/java'), { recursive: true });
  try {
    await copyFile(sourcePath(context, 'pom.xml'), join(folder, 'pom.xml'));
    await copyFile(sourcePath(context, 'Main.java'), join(folder, 'src/main/java/Main.java'));
    context.log(NAME, 'building a MongoDB stand-in with Maven (once, about a minute) …');
    if (!(await runMaven(context, mvn, folder, logFile))) {
      context.log(
        NAME,
        `the build failed; what Maven said: ${logFile}. Events wait in the outbox until MONGODB_URL is set.`,
      );
      return null;
    }
    // A rename, so that two stacks that build at once both find a whole file.
    await rename(join(folder, 'target/mongodb.jar'), jar);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return await builtJar(context);
}

function runMaven(context: InstallContext, mvn: string, cwd: string, logFile: string): Promise<boolean> {
  return new Promise((resolve) => {
    const log = createWriteStream(logFile);
    const child = spawn(mvn, ['-B', '-ntp', 'package'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: BUILD_TIMEOUT_MS,
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        const step = /^\[INFO\] --- (\S+)/.exec(line);
        if (step) context.log(NAME, `maven: ${step[1]}`);
      });
    }
    const finish = (succeeded: boolean) => {
      log.end();
      resolve(succeeded);
    };
    child.once('error', () => finish(false));
    child.once('close', (code) => finish(code === 0));
  });
}
