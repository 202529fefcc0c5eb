import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { findOnPath } from './child.ts';

const TIMEOUT_MS = 10 * 60_000;

/**
 * Installs a package with apt-get where that needs no password: Debian or Ubuntu, as root.
 * @param say is told the progress, line by line.
 * @returns whether it is installed now.
 */
export async function installDebianPackage(name: string, say: (line: string) => void): Promise<boolean> {
  const apt = await findOnPath('apt-get');
  if (apt === null || process.getuid?.() !== 0) return false;
  say(`installing ${name} with apt-get …`);
  const install = ['install', '-y', '--no-install-recommends', name];
  if (await run(apt, install, say)) return true;
  // A fresh container has no package lists yet.
  return (await run(apt, ['update'], say)) && (await run(apt, install, say));
}

function run(apt: string, args: readonly string[], say: (line: string) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(apt, [...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (/^(Get:|Unpacking|Setting up|E:|Err:)/.test(line)) say(`apt: ${line}`);
      });
    }
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
