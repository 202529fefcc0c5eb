import { Readable } from 'node:stream';
import { readForm, type UploadForm } from '../../../functions/media/form.ts';

type Fetch = (request: Request) => Promise<Response>;

const UPLOAD = /^\/storage\/v1\/object\/(?!sign\/|list\/|upload\/|move$|copy$|info\/|public\/)[^/]+\/.+/;
/** More than what stands around the file in a form of supabase-js. */
const AROUND_BYTES = 1_024;

/**
 * Browsers send files as forms. The embedded Storage reads one whole before it asks whether its sender may upload, and finds no file in those of
 * supabase-js, which gives it no name. So it is sent the file alone, as it comes, as which it is asked about first.
 */
export async function withForms(request: Request, answer: Fetch): Promise<Response> {
  const isForm = /^multipart\/form-data/i.test(request.headers.get('content-type') ?? '');
  if (request.method !== 'POST' || !isForm || !UPLOAD.test(new URL(request.url).pathname)) return await answer(request);
  let form: UploadForm;
  try {
    form = await readForm(request);
  } catch {
    const fault = { statusCode: '400', error: 'InvalidRequest', message: 'Missing file in multipart upload' };
    return Response.json(fault, { status: 400 });
  }
  try {
    const headers = new Headers(request.headers);
    headers.set('content-type', form.mime_type);
    const length = Number(headers.get('content-length') ?? 0);
    // It is compared with the limit of the bucket; how large the object is, is counted.
    if (length > 0) headers.set('content-length', `${Math.max(1, length - AROUND_BYTES)}`);
    const seconds = form.fields['cacheControl'];
    if (seconds !== undefined) headers.set('cache-control', `max-age=${seconds}`);
    const body = Readable.toWeb(Readable.from(form.file)) as ReadableStream<Uint8Array<ArrayBuffer>>;
    return await answer(new Request(request.url, { method: 'POST', headers, ...{ body, duplex: 'half' as const } }));
  } finally {
    form.cancel();
  }
}
