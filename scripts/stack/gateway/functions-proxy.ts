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
import { sendProblem } from './respond.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_SOCKETS = 512;

export interface FunctionsProxy extends Disposable {
  /** Passes one request on; `target` is path and query as the function sees them. */
  readonly forward: (request: IncomingMessage, response: ServerResponse, target: string) => Promise<void>;
}

/**
 * Passes requests to the function host and streams both ways, so an event stream arrives event by event. A client that
 * leaves ends the request at the function too.
 * @param answerMs how long a function may take until its first byte; hosted functions have 150 s.
 */
export function createFunctionsProxy(port: number, answerMs: number): FunctionsProxy {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  return {
    async forward(request, response, target) {
      assertAnnouncedSize(request, MAX_BODY_BYTES);
      const upstream = httpRequest({
        agent,
        host: '127.0.0.1',
        port,
        method: request.method ?? 'GET',
        path: target,
        headers: { ...forwardedHeaders(request), host: `127.0.0.1:${port}` },
      });
      response.once('close', () => upstream.destroy());
      try {
        const body = limitedBody(request, MAX_BODY_BYTES);
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
        if (!response.destroyed) sendProblem(response, error instanceof Slow ? SLOW : UNAVAILABLE);
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

const SLOW = {
  status: 504,
  code: 'gateway.timeout',
  detail: 'The function did not answer in time.',
  hint: 'Try again; if it stays so, look at the output of npm start.',
} as const;

const UNAVAILABLE = {
  status: 503,
  code: 'gateway.functions_unavailable',
  detail: 'The functions are not answering.',
  hint: 'They may be starting again after a change; try again in a moment. Their output stands in that of npm start.',
  retryAfter: 1,
} as const;

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
