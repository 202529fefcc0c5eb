import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';

/** The request's body is larger than this route takes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  readonly limit: number;

  constructor(limit: number) {
    super(`The body is larger than ${limit} bytes.`);
    this.limit = limit;
  }
}

/** @throws BodyTooLarge when the request itself announces more than `limit` bytes. */
export function assertAnnouncedSize(request: IncomingMessage, limit: number): void {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLarge(limit);
}

/**
 * The request's body, failing with BodyTooLarge at the first byte over the limit: a chunked body announces no size.
 * The request itself stays open, so that the refusal can still be answered.
 */
export function limitedBody(request: IncomingMessage, limit: number): Readable {
  let seen = 0;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) done(new BodyTooLarge(limit));
      else done(null, chunk);
    },
  });
  body.once('error', () => {
    request.unpipe(body);
    request.resume();
  });
  request.once('error', (error) => body.destroy(error));
  request.once('aborted', () => body.destroy(new Error('The client left.')));
  return request.pipe(body);
}

/** @throws BodyTooLarge */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer<ArrayBuffer>> {
  const parts: Buffer[] = [];
  for await (const part of limitedBody(request, limit) as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
