import { installDebianPackage } from './apt.ts';
import { findOnPath } from './child.ts';

/**
 * Finds coturn's `turnserver`, or installs Debian's when that needs no password. Tests of calls relay through it.
 * @returns its path, or null after having said what to type.
 */
export async function ensureCoturn(say: (line: string) => void): Promise<string | null> {
  const found = await findOnPath('turnserver');
  if (found) return found;
  if (await installDebianPackage('coturn', say)) return await findOnPath('turnserver');
  const command = (await findOnPath('apt-get'))
    ? 'sudo apt-get install -y coturn'
    : 'brew install coturn (or your package manager)';
  say(`no coturn here: the tests of relayed calls fail. To have it: ${command}.`);
  return null;
}
