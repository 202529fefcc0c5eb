import { existsSync } from 'node:fs';
import { installDebianPackage } from './stack/apt.ts';

const CANDIDATES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser that tests drive; undefined when there is none. */
export function findChromium(): string | undefined {
  return CANDIDATES.find((path) => path !== undefined && existsSync(path));
}

/** Installs Chromium where that needs no password; elsewhere the browser tests say what to type. */
export async function ensureChromium(say: (line: string) => void): Promise<void> {
  if (findChromium() === undefined) await installDebianPackage('chromium', say);
}
