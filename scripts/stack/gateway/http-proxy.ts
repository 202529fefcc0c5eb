import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { assertAnnouncedSize, BodyTooLarge, limitedBody } from './body.ts';
import { endToEndHeaders, forwardedHeaders } from './headers.ts';
import { type Problem, sendProblem } from './respond.ts';

const MAX_SOCKETS = 512;

export interface HttpProxy extends Disposable {
  /** Passes one request on, with a body of up to `maxBytes`; `target` is path and query as the part sees them. */
  readonly forward: (
    request: IncomingMessage,
    response: ServerResponse,
    target: string,
    maxBytes: number,
  ) => Promise<void>;
}

export interface HttpProxyOptions {
  /** Of a part of this stack, on loopback. */
  readonly port: number;
  /** How long it may take until its first byte. */
  readonly answerMs: number;
  /** What a client is told when it takes longer, and when it does not answer at all. */
  readonly slow: Problem;
  readonly unavailable: Problem;
}

/**
 * Passes requests to another part and streams both ways, so an event stream arrives event by event. A client that leaves ends
 * the request there too.
 */
export function createHttpProxy({ port, answerMs, slow, unavailable }: HttpProxyOptions): HttpProxy {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  return {
    async forward(request, response, target, maxBytes) {
      assertAnnouncedSize(request, maxBytes);
      const upstream = httpRequest({
        agent,
        host: '127.0.0.1',
        port,
        method: request.method ?? 'GET',
        path: target,
        headers: { ...forwardedHeaders(request), host: `127.0.0.1:${port}` },
      });
      response.once('close', () => {
        upstream.destroy();
        // A part may answer without reading on. What is left must go before the connection has its next request.
        request.unpipe();
        request.resume();
      });
      try {
        const body = limitedBody(request, maxBytes);
        body.pipe(upstream);
        // The answer may begin before the body has ended, and may make the rest of it pointless.
        const answer = await Promise.race([firstByte(upstream, answerMs), refusal(body)]);
        response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer.headers));
        // An event stream may say nothing for a while: the client must see that it is open.
        response.flushHeaders();
        await pipeline(answer, response);
      } catch (error) {
        upstream.destroy();
        if (error instanceof BodyTooLarge) throw error;
        if (!response.destroyed) sendProblem(response, error instanceof Slow ? slow : unavailable);
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** Never resolves; rejects when the body is too large. Any other end of the body shows at the function's side. */
function refusal(body: Readable): Promise<never> {
  return new Promise((_resolve, reject) => {
    body.on('error', (error) => {
      if (error instanceof BodyTooLarge) reject(error);
    });
  });
}

class Slow extends Error {}

function firstByte(upstream: ClientRequest, answerMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Slow());
      upstream.destroy();
    }, answerMs);
    // 'error' stays listened to: a connection that breaks later must not end the whole stack.
    upstream.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    upstream.once('close', () => {
      clearTimeout(timer);
      reject(new Error('closed'));
    });
    upstream.once('response', (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}
