import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { findOnPath } from '../../scripts/stack/child.ts';
import { lockDataDir } from '../../scripts/stack/lock.ts';
import { eventually } from './eventually.ts';

/** Stripe's own mock: answers by the official OpenAPI description, and refuses what that does not allow. */
const MODULE = 'github.com/stripe/stripe-mock';
const VERSION = 'v0.203.0';
const FOLDER = join(import.meta.dirname, '..', '..', '.astra', 'cache', 'stripe-mock');
const TEST = 'npm test -- tests/unit/payments/stripe.test.ts';

/** The most that building may take, with its downloads; it takes about 15 s on two cores. */
export const BUILD_TIMEOUT_MS = 180_000;

const run = promisify(execFile);

/** A running stripe-mock; it keeps no state. */
export interface StripeMock extends AsyncDisposable {
  readonly url: string;
}

/** Starts stripe-mock on a free port of this machine; the first time it is built. */
export async function startStripeMock(): Promise<StripeMock> {
  const program = (await findOnPath('stripe-mock')) ?? (await builtStripeMock());
  const free = '127.0.0.1:0';
  // It always opens an HTTPS port as well, on all addresses unless told otherwise.
  const child = spawn(program, ['-http-addr', free, '-https-addr', free], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const url = await Promise.race([
    addressIn(child.stdout),
    addressIn(child.stderr),
    ended.then(() => {
      throw new Error(`${program} ended before it was ready.`);
    }),
  ]);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: output }).on('line', (line) => {
      const address = /HTTP at address: (\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
  });
}

async function builtStripeMock(): Promise<string> {
  const program = join(FOLDER, VERSION, 'stripe-mock');
  if (await exists(program)) return program;
  await using _lock = await eventually(
    'another run to finish building stripe-mock',
    () => lockDataDir(FOLDER).catch(() => null),
    { deadline_ms: BUILD_TIMEOUT_MS, every_ms: 250 },
  );
  if (!(await exists(program))) await build(program);
  return program;
}

async function build(program: string): Promise<void> {
  const go = await findOnPath('go');
  if (go === null) {
    throw new Error(
      "The Stripe adapter is tested against Stripe's own mock, and neither it nor the Go to build it with is here.\n" +
        `  Next: install Go (https://go.dev/dl, apt-get install golang, brew install go), then: ${TEST}`,
    );
  }
  const draft = join(FOLDER, `draft-${process.pid}`);
  await mkdir(draft, { recursive: true });
  try {
    await run(go, ['install', `${MODULE}@${VERSION}`], {
      cwd: draft,
      env: { ...process.env, GOBIN: draft },
      timeout: BUILD_TIMEOUT_MS,
    });
    await mkdir(join(FOLDER, VERSION), { recursive: true });
    await rename(join(draft, 'stripe-mock'), program);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `stripe-mock could not be built: ${reason}\n  Next: see whether Go can download modules: go env GOPROXY, then: ${TEST}`,
      { cause: error },
    );
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
