import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { App } from '@supabase/lite';
import { z } from 'zod';

type StorageAdapter = NonNullable<App['_storageAdapter']>;
type ObjectMetadata = Awaited<ReturnType<StorageAdapter['headObject']>>;

/** As many pieces of as many bytes are in memory while an object goes up. */
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
const DELETE_AT_ONCE = 1_000;

export interface S3Settings {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const environment = z.object({
  ASTRA_S3_ENDPOINT: z.url({ protocol: /^https?$/ }),
  ASTRA_S3_BUCKET: z.string().min(1),
  ASTRA_S3_REGION: z.string().min(1).default('us-east-1'),
  ASTRA_S3_ACCESS_KEY_ID: z.string().min(1),
  ASTRA_S3_SECRET_ACCESS_KEY: z.string().min(1),
});

/**
 * Where objects lie instead of the stack's folder; null when ASTRA_S3_ENDPOINT is not set.
 * @throws Error naming each variable that is missing or wrong.
 */
export function readS3Settings(env: NodeJS.ProcessEnv): S3Settings | null {
  if (!env['ASTRA_S3_ENDPOINT']) return null;
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The S3 store of the local stack is not set up (docs/media.md):\n${lines.join('\n')}`);
  }
  return {
    endpoint: parsed.data.ASTRA_S3_ENDPOINT,
    bucket: parsed.data.ASTRA_S3_BUCKET,
    region: parsed.data.ASTRA_S3_REGION,
    accessKeyId: parsed.data.ASTRA_S3_ACCESS_KEY_ID,
    secretAccessKey: parsed.data.ASTRA_S3_SECRET_ACCESS_KEY,
  };
}

/** Keeps the objects of local Storage in one bucket of an S3-compatible store, which must be there; a key is `<bucket>/<name>`. */
export function createS3Objects({ endpoint, bucket: Bucket, region, ...credentials }: S3Settings): StorageAdapter {
  const client = new S3Client({
    ...{ endpoint, region, credentials, forcePathStyle: true },
    // Not every compatible store knows the newer checksums.
    ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
  });
  const keyOf = (bucket: string, key: string) => `${bucket}/${key}`;

  async function head(Key: string): Promise<ObjectMetadata> {
    const found = await client.send(new HeadObjectCommand({ Bucket, Key }));
    return metadataOf(found);
  }

  async function remove(bucket: string, keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += DELETE_AT_ONCE) {
      const Objects = keys.slice(from, from + DELETE_AT_ONCE).map((key) => ({ Key: keyOf(bucket, key) }));
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    }
  }

  return {
    driver: 's3',

    async getObject(bucket, key) {
      const found = await client.send(new GetObjectCommand({ Bucket, Key: keyOf(bucket, key) }));
      const body = found.Body?.transformToWebStream() as ReadableStream<Uint8Array>;
      return { metadata: metadataOf(found), httpStatusCode: 200, body };
    },

    async uploadObject(bucket, key, _version, body, ContentType, CacheControl) {
      const Key = keyOf(bucket, key);
      const Body = body instanceof Uint8Array ? body : Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
      const params = { Bucket, Key, Body, ContentType, CacheControl };
      await new Upload({ client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE }).done();
      return await head(Key);
    },

    async deleteObject(bucket, key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(bucket, key) }));
    },

    deleteObjects: remove,

    async copyObject(sourceBucket, source, _version, destinationBucket, destination) {
      const Key = keyOf(destinationBucket, destination);
      const CopySource = encodeURI(`${Bucket}/${keyOf(sourceBucket, source)}`);
      await client.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
      const { eTag, lastModified } = await head(Key);
      return { httpStatusCode: 200, eTag, ...(lastModified ? { lastModified } : {}) };
    },

    headObject: (bucket, key) => head(keyOf(bucket, key)),

    privateAssetUrl: async (bucket, key) => `${endpoint}/${Bucket}/${keyOf(bucket, key)}`,
  };
}

function metadataOf(found: {
  readonly ContentLength?: number | undefined;
  readonly ContentType?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}): ObjectMetadata {
  const size = found.ContentLength ?? 0;
  return {
    size,
    contentLength: size,
    mimetype: found.ContentType ?? 'application/octet-stream',
    cacheControl: found.CacheControl ?? 'no-cache',
    eTag: found.ETag ?? `"${createHash('md5').digest('hex')}"`,
    httpStatusCode: 200,
    ...(found.LastModified === undefined ? {} : { lastModified: found.LastModified }),
  };
}
