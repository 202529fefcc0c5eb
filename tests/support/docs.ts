import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '..', '..');

/** The blocks of a language on a page of the docs, in their order. */
export async function blocksOf(page: string, language: 'js' | 'bash'): Promise<string[]> {
  const text = await readFile(join(ROOT, 'docs', `${page}.md`), 'utf8');
  const blocks = [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code]) => code ?? '',
  );
  if (blocks.length === 0) throw new Error(`docs/${page}.md has no block of ${language}`);
  return blocks;
}

/** Runs the commands of a page as its reader would; the first that fails ends it. Gives what they printed. */
export async function runShell(page: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  // The addresses and keys are those of the stack under test, not of one that somebody started.
  const commands = (await blocksOf(page, 'bash')).join('\n').replace(/^eval .*run -s status.*$/m, '');
  const script = `set -eu -o pipefail\n${commands}`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return stdout;
}
