import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { dirname, extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Studio's built files inside the package. */
const FOLDER = join(dirname(fileURLToPath(import.meta.resolve('@supabase/lite'))), 'static');

/**
 * Sends one built file of Studio; the package's server refers to `/static/…` but leaves serving it to others.
 * @returns false when there is no such file.
 */
export async function sendStaticFile(response: ServerResponse, pathname: string): Promise<boolean> {
  const file = resolve(FOLDER, decodeURIComponent(pathname).replace(/^\/static\//, ''));
  const type = TYPES[extname(file)];
  if (!file.startsWith(FOLDER + sep) || type === undefined) return false;
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === undefined) return false;
  // File names carry a hash of their content.
  response.writeHead(200, { 'content-type': type, 'content-length': size, 'cache-control': 'public, max-age=86400' });
  await pipeline(createReadStream(file), response);
  return true;
}
