import { z } from 'zod';
import { AppError } from '../../contracts/errors.ts';
import type { Deps } from './deps.ts';

const signedAnswer = z.object({ signedURL: z.string().startsWith('/') });

/**
 * An address of a file in a private bucket, good for `expires_in_s` seconds for whoever has it. Made with the secret key: whether
 * the person may have the file is for the caller to decide. Throws service.storage_unavailable, also when no secret key is set.
 */
export async function signedUrl(
  { config, fetch, logger }: Pick<Deps, 'config' | 'fetch' | 'logger'>,
  { bucket, path, expires_in_s }: { readonly bucket: string; readonly path: string; readonly expires_in_s: number },
): Promise<string> {
  const { supabase_url, public_url, secret_key } = config;
  if (secret_key === undefined) {
    logger.log('error', 'SUPABASE_SECRET_KEY is not set: files cannot be offered for download', {});
    throw new AppError('service.storage_unavailable');
  }
  try {
    const response = await fetch(`${supabase_url}/storage/v1/object/sign/${bucket}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', apikey: secret_key, authorization: `Bearer ${secret_key}` },
      body: JSON.stringify({ expiresIn: expires_in_s }),
      signal: AbortSignal.timeout(config.upstream_timeout_ms),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Storage answered ${response.status}: ${text.slice(0, 200)}`);
    return `${public_url}/storage/v1${signedAnswer.parse(JSON.parse(text)).signedURL}`;
  } catch (cause) {
    throw new AppError('service.storage_unavailable', { cause });
  }
}
