import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, openAsBlob } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { App } from '@supabase/lite';

type StorageAdapter = NonNullable<App['_storageAdapter']>;
type ObjectMetadata = Awaited<ReturnType<StorageAdapter['headObject']>>;

interface StoredFacts {
  readonly mimetype: string;
  readonly cacheControl: string;
  readonly eTag: string;
}

/**
 * Keeps the objects of local Storage as files below one folder.
 * A file is named by the hash of bucket and key: no key can point outside the folder, and `a` and `a/b` can both exist.
 */
export function createObjectFiles(folder: string): StorageAdapter {
  const path = (bucket: string, key: string) => {
    const name = createHash('sha256')
      .update(JSON.stringify([bucket, key]))
      .digest('hex');
    return join(folder, name.slice(0, 2), name);
  };

  async function metadata(file: string): Promise<ObjectMetadata> {
    const [facts, { size, mtime }] = await Promise.all([
      readFile(`${file}.json`, 'utf8').then((text) => JSON.parse(text) as StoredFacts),
      stat(file),
    ]);
    return { ...facts, size, contentLength: size, lastModified: mtime, httpStatusCode: 200 };
  }

  async function remove(file: string): Promise<void> {
    await Promise.all([rm(file, { force: true }), rm(`${file}.json`, { force: true })]);
  }

  return {
    driver: 'files',

    async getObject(bucket, key) {
      const file = path(bucket, key);
      const facts = await metadata(file);
      return { metadata: facts, httpStatusCode: 200, body: await openAsBlob(file, { type: facts.mimetype }) };
    },

    async uploadObject(bucket, key, _version, body, contentType, cacheControl) {
      const file = path(bucket, key);
      await mkdir(join(file, '..'), { recursive: true });
      const eTag = await writeWhole(file, body instanceof Uint8Array ? [body] : (body as ReadableStream<Uint8Array>));
      const facts: StoredFacts = { mimetype: contentType, cacheControl, eTag };
      await writeWhole(`${file}.json`, [Buffer.from(JSON.stringify(facts))]);
      return metadata(file);
    },

    deleteObject: (bucket, key) => remove(path(bucket, key)),

    async deleteObjects(bucket, keys) {
      for (const key of keys) await remove(path(bucket, key));
    },

    async copyObject(sourceBucket, source, _version, destinationBucket, destination) {
      const from = path(sourceBucket, source);
      const to = path(destinationBucket, destination);
      await mkdir(join(to, '..'), { recursive: true });
      await copyFile(from, to);
      await copyFile(`${from}.json`, `${to}.json`);
      const { eTag, lastModified } = await metadata(to);
      return { httpStatusCode: 200, eTag, ...(lastModified ? { lastModified } : {}) };
    },

    headObject: (bucket, key) => metadata(path(bucket, key)),

    privateAssetUrl: async (bucket, key) => `file://${path(bucket, key)}`,
  };
}

/**
 * Writes piece by piece, so that no object is whole in memory, and through a temporary name, so that a reader never sees half a file.
 * What did not come whole is not kept. Returns the ETag.
 */
async function writeWhole(file: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const temporary = `${file}.${randomUUID()}`;
  const hash = createHash('md5');
  try {
    await pipeline(
      Readable.from(pieces),
      async function* (source: AsyncIterable<Uint8Array>) {
        for await (const piece of source) {
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(temporary),
    );
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return `"${hash.digest('hex')}"`;
}
