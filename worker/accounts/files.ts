import { createClient } from '@supabase/supabase-js';

/** Where exports are written (sql/92_accounts/5_data.sql); nobody reads there but by a signed URL. */
export const EXPORTS_BUCKET = 'exports';

const CALL_MS = 30_000;
/** A line that is slow but moves may take this long for one file; Storage bounds the size. */
const UPLOAD_MS = 30 * 60_000;

/** Supabase Storage as the worker uses it: with the secret key, which no policy binds. */
export interface FileStore {
  /**
   * Writes a JSON file as its pieces come, over whatever was there; only what Storage has not taken yet is in memory.
   * Throws what `pieces` throws, or the reason of Storage: then there is no new file.
   */
  write(bucket: string, path: string, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void>;
  /** Removes files; those that are not there do not matter. */
  remove(bucket: string, paths: readonly string[]): Promise<void>;
}

/** @param url of the project, without a path. */
export function createFileStore({ url, secretKey }: { readonly url: string; readonly secretKey: string }): FileStore {
  const storage = (signal: AbortSignal) =>
    createClient(url, secretKey, {
      auth: { persistSession: false, autoRefreshToken: false },
      global: { fetch: (input, init) => fetch(input, { ...init, signal }) },
    }).storage;
  return {
    async write(bucket, path, pieces, signal) {
      let failure: unknown;
      const body = streamOf(pieces, (reason) => {
        failure = reason;
      });
      const limited = AbortSignal.any([signal, AbortSignal.timeout(UPLOAD_MS)]);
      const options = { contentType: 'application/json', cacheControl: '0', upsert: true, duplex: 'half' };
      const { error } = await storage(limited).from(bucket).upload(path, body, options);
      // The reason why it was cut off says more than that it was cut off.
      if (error !== null) throw failure ?? error;
    },
    async remove(bucket, paths) {
      const { error } = await storage(AbortSignal.timeout(CALL_MS))
        .from(bucket)
        .remove([...paths]);
      if (error !== null) throw error;
    },
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
