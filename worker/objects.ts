import { createWriteStream, openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { storageStatus } from '../contracts/storage-answers.ts';

const CALL_MS = 30_000;
/** Whoever may not see it any more has it for no longer than an address of it is good, and no cache between keeps it. */
const CACHE_CONTROL = 'private, max-age=3600';
/** A line that is slow but moves may take this long for one object; Storage bounds its size. */
const TRANSFER_MS = 15 * 60_000;
/** As long as what is written takes to be read out of the database. */
const WRITE_MS = 30 * 60_000;

/** Storage did not answer, or not as it does when it is well: nobody's fault, and tried again for as long as it takes. */
export class StorageAway extends Error {
  override readonly name = 'StorageAway';
}

/** Storage does not take what it was sent, and would not the next time. */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What is wrong with the key, the buckets or the moment, and not with what was sent. */
const NOT_ITS_FAULT: ReadonlySet<number> = new Set([401, 403, 404, 408, 409, 423, 425, 429]);

/** Objects in Storage as the worker uses them: with the secret key, over the same HTTP interface wherever Storage keeps them. */
export interface ObjectStore {
  /** Writes an object into a file, piece by piece; false when there is no such object. Throws StorageAway. */
  fetch(bucket: string, path: string, file: string, signal: AbortSignal): Promise<boolean>;
  /** Puts a file in place of whatever was there. Throws StorageAway, StorageRefused. */
  put(bucket: string, path: string, file: string, mime_type: string, signal: AbortSignal): Promise<void>;
  /**
   * Writes JSON as its pieces come, over whatever was there; only what Storage has not taken yet is in memory. Throws what `pieces` throws,
   * StorageAway, StorageRefused: then there is no new object.
   */
  write(bucket: string, path: string, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void>;
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
      if (!response.ok || response.body === null) {
        const fault = await faultOf(response);
        if (fault.isAbsent) return false;
        throw fault.error;
      }
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
      const headers = { 'content-type': mime_type, 'cache-control': CACHE_CONTROL, 'x-upsert': 'true' };
      const init = { method: 'POST', headers, body: await openAsBlob(file, { type: mime_type }) };
      const response = await ask(
        `${bucket}/${path}`,
        init,
        AbortSignal.any([signal, AbortSignal.timeout(TRANSFER_MS)]),
      );
      if (!response.ok) throw (await faultOf(response)).error;
      await response.body?.cancel();
    },
    async write(bucket, path, pieces, signal) {
      let failure: unknown;
      const body = streamOf(pieces, (reason) => {
        failure = reason;
      });
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-upsert': 'true' };
      const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' };
      const limited = AbortSignal.any([signal, AbortSignal.timeout(WRITE_MS)]);
      // The reason why it was cut off says more than that it was cut off.
      const response = await ask(`${bucket}/${path}`, init, limited).catch((error: unknown) => {
        throw failure ?? error;
      });
      if (!response.ok) throw failure ?? (await faultOf(response)).error;
      await response.body?.cancel();
    },
    async remove(bucket, paths) {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'DELETE', headers, body: JSON.stringify({ prefixes: paths }) };
      const response = await ask(bucket, init, AbortSignal.timeout(CALL_MS));
      if (!response.ok) throw (await faultOf(response)).error;
      await response.body?.cancel();
    },
  };
}

/** What an answer that is no success says; absent: there is no such object, in a bucket that there is. */
async function faultOf(response: Response): Promise<{ isAbsent: boolean; error: StorageAway | StorageRefused }> {
  const text = await response.text().catch(() => '');
  const status = storageStatus(response.status, text);
  const message = `Storage answered ${status}: ${text.slice(0, 200)}`;
  const isRefusal = status >= 400 && status < 500 && !NOT_ITS_FAULT.has(status);
  return {
    isAbsent: status === 404 && !/bucket/i.test(text),
    error: isRefusal ? new StorageRefused(status, message) : new StorageAway(message),
  };
}

/** A piece is asked for when the one before has been taken, and not sooner. */
function streamOf(pieces: AsyncIterable<string>, failed: (reason: unknown) => void): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(Buffer.from(next.value));
    } catch (error) {
      failed(error);
      throw error;
    }
  };
  const cancel = async () => void (await iterator.return?.());
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}
