import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Service, StackContext } from './context.ts';
import { BodyTooLarge } from './gateway/body.ts';
import { answerCors } from './gateway/cors.ts';
import { answerByFetch } from './gateway/fetch-bridge.ts';
import { type HandOver, handshakeOf } from './gateway/hand-over.ts';
import { createHttpProxy, type HttpProxy } from './gateway/http-proxy.ts';
import { listen } from './gateway/listen.ts';
import { type Problem, sendJson, sendPage, sendProblem, sendRawProblem } from './gateway/respond.ts';
import { routeOf } from './gateway/routes.ts';
import { loadPage, type Page } from './pages/page.ts';
import { apiOrigin } from './supabase/settings.ts';
import type { SupabaseService } from './supabase.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** supabase/config.toml allows objects of 200 MiB; a form around them takes a little more. */
const MAX_UPLOAD_BYTES = 201 * 1024 * 1024;
/** The one function that is sent files. */
const UPLOAD_PATH = '/media/upload';
const ANSWER_MS = 150_000;

export interface GatewayOptions {
  readonly supabase: Pick<SupabaseService, 'fetch'>;
  /** Where WebSockets of `/realtime/v1` go; without it they are refused. */
  readonly realtime?: HandOver;
  /** Default 150 s, as hosted functions have; tests shorten it. */
  readonly answerMs?: number;
}

interface Parts {
  readonly supabase: GatewayOptions['supabase'];
  readonly functions: HttpProxy;
  readonly realtime: HttpProxy;
  readonly home: Page;
  readonly origin: string;
}

/**
 * Starts the one origin that clients talk to, on `ports.api` of 127.0.0.1: Auth, REST and Storage in this process,
 * functions and Realtime at their own hosts, and a small page that also finishes a password reset.
 * @throws Error when the port is taken.
 */
export async function startGateway(context: StackContext, options: GatewayOptions): Promise<Service> {
  const proxy = (port: number, unavailable: Problem) =>
    createHttpProxy({ port, answerMs: options.answerMs ?? ANSWER_MS, slow: SLOW, unavailable });
  const functions = proxy(context.ports.functions, FUNCTIONS_UNAVAILABLE);
  const realtime = proxy(context.ports.realtime, REALTIME_UNAVAILABLE);
  const parts: Parts = {
    supabase: options.supabase,
    functions,
    realtime,
    home: loadPage('home.html'),
    origin: apiOrigin(context),
  };
  const server = createServer((request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      if (!(error instanceof BodyTooLarge))
        context.log('gateway', `${request.method} ${request.url}: ${String(error)}`);
      sendFailure(request, response, error);
    });
  });
  server.on('upgrade', (request, socket, head) => upgrade(options.realtime, request, socket, head));
  const listening = await listen(server, context.ports.api, 'API gateway');
  return {
    name: 'gateway',
    url: parts.origin,
    died: listening.died,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      functions[Symbol.dispose]();
      realtime[Symbol.dispose]();
    },
  };
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = targetOf(request);
  const route = routeOf(pathname);
  switch (route.kind) {
    case 'supabase': {
      if (answerCors(request, response)) return;
      const maxBytes = route.storage ? MAX_UPLOAD_BYTES : MAX_BODY_BYTES;
      const url = `${parts.origin}${pathname}${search}`;
      await answerByFetch(parts.supabase.fetch, request, response, url, { maxBytes, stream: route.storage });
      return;
    }
    case 'function':
      await parts.functions.forward(
        request,
        response,
        `${route.path}${search}`,
        route.path === UPLOAD_PATH ? MAX_UPLOAD_BYTES : MAX_BODY_BYTES,
      );
      return;
    case 'realtime':
      if (answerCors(request, response)) return;
      await parts.realtime.forward(request, response, `${pathname}${search}`, MAX_BODY_BYTES);
      return;
    case 'health':
      sendJson(response, 200, { status: 'ok' });
      return;
    case 'home':
      sendPage(response, parts.home);
      return;
    case 'unknown':
      sendProblem(response, {
        status: 404,
        code: 'gateway.not_found',
        detail: 'Nothing answers at this path.',
        hint: 'Paths begin with /auth/v1, /rest/v1, /storage/v1, /realtime/v1, /functions/v1 or /api.',
      });
      return;
    default:
      route satisfies never;
  }
}

/** The path and query asked for. A target that is no path (`OPTIONS *`, a whole URL) leads nowhere. */
function targetOf(request: IncomingMessage): { pathname: string; search: string } {
  const target = request.url ?? '';
  const url = target.startsWith('/') ? URL.parse(`http://gateway${target}`) : null;
  return url ?? { pathname: '', search: '' };
}

function upgrade(realtime: HandOver | undefined, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (routeOf(targetOf(request).pathname).kind === 'realtime') {
    const taken = socket instanceof Socket && realtime?.(handshakeOf(request, head), socket);
    if (!taken) sendRawProblem(socket, REALTIME_UNAVAILABLE);
    return;
  }
  sendRawProblem(socket, {
    status: 404,
    code: 'gateway.not_found',
    detail: 'No WebSocket answers at this path.',
    hint: 'Use HTTP; channels are at /realtime/v1/websocket.',
  });
}

const SLOW: Problem = {
  status: 504,
  code: 'gateway.timeout',
  detail: 'The function did not answer in time.',
  hint: 'Try again; if it stays so, look at the output of npm start.',
};

const FUNCTIONS_UNAVAILABLE: Problem = {
  status: 503,
  code: 'gateway.functions_unavailable',
  detail: 'The functions are not answering.',
  hint: 'They may be starting again after a change; try again in a moment. Their output stands in that of npm start.',
  retryAfter: 1,
};

const REALTIME_UNAVAILABLE: Problem = {
  status: 503,
  code: 'gateway.realtime_unavailable',
  detail: 'The Realtime server is not answering.',
  hint: 'Clients try again by themselves. Its output stands in that of npm start.',
  retryAfter: 1,
};

function sendFailure(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  // What is left of the body will not be read: after this answer the connection cannot be used again.
  if (!request.complete && !response.headersSent) response.setHeader('connection', 'close');
  sendProblem(
    response,
    error instanceof BodyTooLarge
      ? {
          status: 413,
          code: 'gateway.payload_too_large',
          detail: error.message,
          hint: 'Send less at once; files go to /storage/v1.',
        }
      : {
          status: 502,
          code: 'gateway.failed',
          detail: 'The request could not be answered.',
          hint: 'Try again; the reason stands in the output of npm start.',
        },
  );
}
