import { installDebianPackage } from './apt.ts';
import { findOnPath } from './child.ts';

/** What some tests need beside the stack: the program, the package that has it, and what fails without it. */
const NEEDED = [
  { program: 'turnserver', name: 'coturn', lacking: 'the tests of relayed calls fail' },
  { program: 'ffmpeg', name: 'ffmpeg', lacking: 'the tests of video and sound fail' },
] as const;

/** Installs Debian's packages of the programs that tests need, where that needs no password; elsewhere says what to type. */
export async function ensurePrograms(say: (line: string) => void): Promise<void> {
  for (const { program, name, lacking } of NEEDED) {
    if ((await findOnPath(program)) || (await installDebianPackage(name, say))) continue;
    const command = (await findOnPath('apt-get'))
      ? `sudo apt-get install -y ${name}`
      : `brew install ${name} (or your package manager)`;
    say(`no ${name} here: ${lacking}. To have it: ${command}.`);
  }
}
