import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { assertAnnouncedSize, limitedBody, readBody } from './body.ts';
import { forwardedHeaders } from './headers.ts';

type Fetch = (request: Request, peerAddress: string | null) => Promise<Response>;

export interface BridgeLimits {
  readonly maxBytes: number;
  /** Uploads are streamed; everything else is small and read first, so that a slow sender holds no database connection. */
  readonly stream: boolean;
}

/**
 * Answers a Node request by a server that speaks fetch.
 * @param url what the server shall see as its address: the gateway's own origin, whatever Host says.
 * @throws BodyTooLarge before anything was answered.
 */
export async function answerByFetch(
  fetchApp: Fetch,
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  limits: BridgeLimits,
): Promise<void> {
  assertAnnouncedSize(request, limits.maxBytes);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const bodyless = request.method === 'GET' || request.method === 'HEAD';
  const answer = await fetchApp(
    new Request(url, {
      method: request.method ?? 'GET',
      headers: toHeaders(request),
      signal: gone.signal,
      ...(bodyless ? {} : { body: await requestBody(request, limits), duplex: 'half' as const }),
    }),
    request.socket.remoteAddress ?? null,
  );
  if (response.destroyed) {
    await answer.body?.cancel();
    return;
  }
  // Answered before it was read to its end: what is left is thrown away, and then the connection.
  if (!request.complete) {
    response.setHeader('connection', 'close');
    request.unpipe();
    request.resume();
  }
  const { 'set-cookie': _joined, ...headers } = Object.fromEntries(answer.headers);
  const cookies = answer.headers.getSetCookie();
  response.writeHead(answer.status, cookies.length === 0 ? headers : { ...headers, 'set-cookie': cookies });
  if (answer.body === null || request.method === 'HEAD') response.end();
  else await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), response);
}

async function requestBody(request: IncomingMessage, limits: BridgeLimits): Promise<BodyInit> {
  if (!limits.stream) return await readBody(request, limits.maxBytes);
  const body = limitedBody(request, limits.maxBytes);
  // The reader of the stream sees its error; here it only must not be unhandled.
  body.on('error', () => undefined);
  return Readable.toWeb(body) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

function toHeaders(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries({ ...forwardedHeaders(request), host: request.headers.host })) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) headers.append(name, String(item));
    }
  }
  return headers;
}
