import { createWriteStream, openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const CALL_MS = 30_000;
/** A line that is slow but moves may take this long for one object; Storage bounds its size. */
const TRANSFER_MS = 15 * 60_000;

/** Storage did not answer, or not as it does when it is well: nobody's fault, and tried again for as long as it takes. */
export class StorageAway extends Error {
  override readonly name = 'StorageAway';
}

/** Objects in Storage as the worker uses them: with the secret key, over the same HTTP interface wherever Storage keeps them. */
export interface ObjectStore {
  /** Writes an object into a file, piece by piece; false when there is no such object. Throws StorageAway. */
  fetch(bucket: string, path: string, file: string, signal: AbortSignal): Promise<boolean>;
  /** Puts a file in place of whatever was there. Throws StorageAway. */
  put(bucket: string, path: string, file: string, mime_type: string, signal: AbortSignal): Promise<void>;
  /** Removes objects; those that are not there do not matter. Throws StorageAway. */
  remove(bucket: string, paths: readonly string[]): Promise<void>;
}

/** @param url of the project, without a path. */
export function createObjectStore({
  url,
  secretKey,
}: {
  readonly url: string;
  readonly secretKey: string;
}): ObjectStore {
  const ask = async (path: string, init: RequestInit, signal: AbortSignal): Promise<Response> => {
    try {
      return await fetch(`${url}/storage/v1/object/${path}`, {
        ...init,
        signal,
        headers: { apikey: secretKey, authorization: `Bearer ${secretKey}`, ...init.headers },
      });
    } catch (cause) {
      throw new StorageAway('Storage does not answer', { cause });
    }
  };
  return {
    async fetch(bucket, path, file, signal) {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(TRANSFER_MS)]);
      const response = await ask(`${bucket}/${path}`, { method: 'GET' }, limited);
      if (response.status === 400 || response.status === 404) {
        await response.body?.cancel();
        return false;
      }
      if (!response.ok || response.body === null) throw await failure(response);
      try {
        await pipeline(
          Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
          createWriteStream(file),
          { signal: limited },
        );
      } catch (cause) {
        throw new StorageAway('an object did not come whole', { cause });
      }
      return true;
    },
    async put(bucket, path, file, mime_type, signal) {
      const headers = { 'content-type': mime_type, 'cache-control': 'max-age=31536000', 'x-upsert': 'true' };
      const init = { method: 'POST', headers, body: await openAsBlob(file, { type: mime_type }) };
      const response = await ask(
        `${bucket}/${path}`,
        init,
        AbortSignal.any([signal, AbortSignal.timeout(TRANSFER_MS)]),
      );
      if (!response.ok) throw await failure(response);
      await response.body?.cancel();
    },
    async remove(bucket, paths) {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'DELETE', headers, body: JSON.stringify({ prefixes: paths }) };
      const response = await ask(bucket, init, AbortSignal.timeout(CALL_MS));
      if (!response.ok) throw await failure(response);
      await response.body?.cancel();
    },
  };
}

async function failure(response: Response): Promise<StorageAway> {
  const text = await response.text().catch(() => '');
  return new StorageAway(`Storage answered ${response.status}: ${text.slice(0, 200)}`);
}
