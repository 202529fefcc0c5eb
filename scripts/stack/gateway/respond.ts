import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Page } from '../pages/page.ts';

/** An error as RFC 9457 has it, with a stable code and what to do next. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint: string;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
}

function problemBody({ status, code, detail, hint }: Problem): string {
  const title = STATUS_CODES[status] ?? 'Error';
  return JSON.stringify({ type: `urn:astra:error:${code}`, title, status, code, detail, hint, instance: randomUUID() });
}

function problemHeaders({ retryAfter }: Problem): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  };
}

/** The problem as an answer of a server that speaks fetch. */
export function problemResponse(problem: Problem): Response {
  return new Response(problemBody(problem), { status: problem.status, headers: problemHeaders(problem) });
}

/** Answers with the problem, or cuts the connection where an answer has already begun. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(problem.status, {
    ...problemHeaders(problem),
    // Browsers show an error to the app only when it says that it may be read.
    'access-control-allow-origin': '*',
  });
  response.end(problemBody(problem));
}

/** The same on a connection that no response belongs to, such as one that asked for a WebSocket; it is closed. */
export function sendRawProblem(socket: Duplex, problem: Problem): void {
  const body = problemBody(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.on('error', () => undefined);
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

export function sendPage(response: ServerResponse, page: Page): void {
  response.writeHead(200, { ...page.headers });
  response.end(page.html);
}
