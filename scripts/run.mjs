// The one way into every command of this repository: `npm start` and the others call it. It is plain JavaScript without
// dependencies, because it runs on whatever Node (20 or newer) is there and installs everything else, Node 24 included.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const modules = join(root, 'node_modules');
const stampPath = join(modules, '.astra-installed');
const lockPath = join(root, '.astra', 'install.pid');
const bin = (name) => join(modules, '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const script = (...path) => [bin('node'), join(root, ...path)];

/** What each command runs. What it is for stands in package.json behind `--what`, so that `npm run` lists it too. */
const commands = {
  start: () => script('scripts', 'start.ts'),
  status: () => script('scripts', 'status.ts'),
  demo: () => script('scripts', 'demo.ts'),
  test: () => script('scripts', 'test.ts'),
  check: () => script('scripts', 'check.ts'),
  bench: () => script('bench', 'main.ts'),
  fix: () => [bin('biome'), 'check', '--write', '.'],
  'db-diff': () => script('scripts', 'db', 'diff.ts'),
  'db-types': () => script('scripts', 'db', 'types.ts'),
  'docs-errors': () => script('scripts', 'docs', 'errors.ts'),
};

/** A cause and the next command to type, instead of a stack trace. */
class Failure extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

async function main([name, ...rest]) {
  const args = rest[0] === '--what' ? rest.slice(2) : rest;
  if (name === undefined || !Object.hasOwn(commands, name)) {
    if (name !== undefined) console.error(`There is no command "${name}".\n`);
    console.error('npm run <command> -- [options]\n');
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const [command, line] of Object.entries(scripts)) {
      console.error(`  ${command.padEnd(12)} ${/--what "(.*)"/.exec(line)?.[1] ?? line}`);
    }
    return 1;
  }
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Failure(
      `Node ${process.versions.node} is too old: 20 or newer is needed.\n  Next: install it from https://nodejs.org`,
    );
  }
  await ensureInstalled();
  const [program, ...fixed] = commands[name]();
  return await runInForeground(program, [...fixed, ...args]);
}

/** Makes node_modules match package-lock.json; costs a few milliseconds when it already does. */
async function ensureInstalled() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = createHash('sha256').update(`${process.platform} ${process.arch}\n${lock}`).digest('hex');
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return;
  if (!isInstalled(lock)) {
    await withInstallLock(async () => {
      // Another terminal may have done it while this one waited.
      if (!isInstalled(lock)) await install(Object.keys(JSON.parse(lock).packages).length);
    });
  }
  if (!existsSync(bin('node'))) {
    throw new Failure(
      'Node 24 was not installed with the other packages: npm was told not to run install scripts.\n' +
        '  Next: npm ci --ignore-scripts=false',
    );
  }
  writeFileSync(stampPath, stamp);
}

/** Two installations at once would each delete what the other has unpacked: the second one waits. */
async function withInstallLock(work) {
  try {
    mkdirSync(dirname(lockPath), { recursive: true });
  } catch (error) {
    throw explainInstall(1, String(error));
  }
  for (let told = false; !takeLock(); told = true) {
    if (!told) console.log('Another command is installing the packages; this one goes on when it is done.');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  try {
    await work();
  } finally {
    rmSync(lockPath, { force: true });
  }
}

/** Whether this process holds the lock now; one whose process is gone is taken away. */
function takeLock() {
  try {
    writeFileSync(lockPath, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    process.kill(Number(readFileSync(lockPath, 'utf8')), 0);
  } catch (error) {
    // EPERM: it runs, but as somebody else.
    if (error.code !== 'EPERM') rmSync(lockPath, { force: true });
  }
  return false;
}

/** Somebody may have run `npm ci` by hand: npm keeps a list of what it installed. */
function isInstalled(lock) {
  try {
    const installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
    return Object.entries(JSON.parse(lock).packages).every(
      ([path, wanted]) => path === '' || wanted.optional || installed[path]?.version === wanted.version,
    );
  } catch {
    return false;
  }
}

async function install(packages) {
  console.log(`Installing ${packages} packages; this happens once and whenever package-lock.json changes.`);
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const progress = setInterval(() => {
    console.log(`  … ${seconds()} s, ${countInstalled()} packages unpacked; install scripts may still run`);
  }, 5_000);
  // Errors only: on Node 20 npm would warn of every package that asks for a newer one, which runs under Node 24 anyway.
  const npm = spawn('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'pipe'],
    shell: process.platform === 'win32',
  });
  let errors = '';
  npm.stderr.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-20_000);
  });
  const code = await ended(npm).finally(() => clearInterval(progress));
  if (code !== 0) throw explainInstall(code, errors);
  console.log(`Installed in ${seconds()} s.`);
}

function countInstalled() {
  try {
    return readdirSync(modules).reduce(
      (sum, name) => sum + (name.startsWith('@') ? readdirSync(join(modules, name)).length : 1),
      0,
    );
  } catch {
    return 0;
  }
}

function explainInstall(code, errors) {
  if (code === 'ENOENT')
    return new Failure('npm was not found on the PATH.\n  Next: install Node with npm from https://nodejs.org');
  if (code >= 128) return new Failure('The installation was interrupted.\n  Next: npm start');
  console.error(errors.trimEnd());
  if (/EUSAGE|in sync/.test(errors)) {
    return new Failure('package-lock.json does not match package.json.\n  Next: git status, then npm install');
  }
  if (/ENOSPC/.test(errors)) return new Failure('The disk is full.\n  Next: df -h . and, after making room, npm start');
  if (/EACCES|EPERM|EROFS/.test(errors)) {
    return new Failure(
      `No permission to write to ${modules}.\n  Next: ls -ld "${root}" and make the folder yours, then npm start`,
    );
  }
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i.test(errors)) {
    return new Failure(
      'The package registry cannot be reached.\n  Next: npm ping, check the connection or proxy, then npm start',
    );
  }
  return new Failure('npm ci failed, see above.\n  Next: npm start');
}

/** Runs the command with our terminal. Signals are handed on, and its exit code is ours. */
async function runInForeground(program, args) {
  const child = spawn(program, args, { cwd: process.cwd(), stdio: 'inherit', shell: process.platform === 'win32' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm ends its shell when it is ended itself, and a shell does not hand signals on: notice that it is gone.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event && process.ppid !== parent) child.kill('SIGTERM');
  }, 500);
  const code = await ended(child).finally(() => clearInterval(watch));
  if (code === 'ENOENT') throw new Failure(`${program} is missing.\n  Next: npm ci`);
  return code;
}

/** The exit code, 128 + n for signal n, or the name of the error that kept it from running. */
function ended(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.code ?? 1));
    child.once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
