import type { Context } from 'hono';
import { z } from 'zod';
import { AppError } from '../../contracts/errors.ts';
import { storageStatus } from '../../contracts/storage-answers.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { callerOf } from '../_shared/guards.ts';

/** A function of a hosted project is ended after 150 s. */
const UPLOAD_MS = 140_000;

/** Storage's own word: how it answers, and what it refused for. */
export interface StorageAnswer {
  readonly status: number;
  readonly text: string;
}

export interface StorageRequest {
  readonly method: 'POST';
  /** Below /storage/v1, beginning with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | ReadableStream<Uint8Array>;
}

/**
 * Asks Storage in the name of whoever asks us, so that its policies decide. Throws service.storage_unavailable when it does not answer;
 * the reason of a body that broke is its cause.
 */
export async function askStorage(c: Context<AppEnv>, deps: Deps, request: StorageRequest): Promise<StorageAnswer> {
  const { config, fetch } = deps;
  const token = callerOf(c) === undefined ? undefined : c.req.header('authorization');
  const streams = typeof request.body === 'object';
  try {
    const init: RequestInit & { duplex?: 'half' } = {
      method: request.method,
      headers: {
        apikey: config.publishable_key,
        ...(token === undefined ? {} : { authorization: token }),
        ...(streams ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      signal: AbortSignal.timeout(streams ? UPLOAD_MS : config.upstream_timeout_ms),
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(streams ? { duplex: 'half' as const } : {}),
    };
    const response = await fetch(`${config.supabase_url}/storage/v1${request.path}`, init);
    const text = await response.text();
    return { status: storageStatus(response.status, text), text };
  } catch (cause) {
    throw new AppError('service.storage_unavailable', { cause });
  }
}

/** The body of a success. Throws service.storage_unavailable for anything else. */
export function parsed<T extends z.ZodType>(schema: T, { status, text }: StorageAnswer): z.output<T> {
  if (status !== 200) {
    const cause = new Error(`Storage answered ${status}: ${text.slice(0, 200)}`);
    throw new AppError('service.storage_unavailable', { cause });
  }
  return schema.parse(JSON.parse(text));
}

const signed = z.array(z.looseObject({ path: z.string().nullable(), signedURL: z.string().nullable().optional() }));

/** Addresses of files of one bucket, by path; of those that may not be fetched there is none. */
export async function signedUrls(
  c: Context<AppEnv>,
  deps: Deps,
  {
    bucket,
    paths,
    expires_in_s,
  }: { readonly bucket: string; readonly paths: readonly string[]; readonly expires_in_s: number },
): Promise<ReadonlyMap<string, string>> {
  const body = JSON.stringify({ expiresIn: expires_in_s, paths });
  const answers = parsed(signed, await askStorage(c, deps, { method: 'POST', path: `/object/sign/${bucket}`, body }));
  return new Map(
    answers.flatMap(({ path, signedURL }) =>
      path && signedURL ? [[path, `${deps.config.public_url}/storage/v1${signedURL}`] as const] : [],
    ),
  );
}
