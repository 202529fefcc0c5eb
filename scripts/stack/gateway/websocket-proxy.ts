import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { forwardedHeaders } from './headers.ts';
import { type Problem, sendRawProblem } from './respond.ts';

/**
 * Hands a WebSocket's handshake to another part of this stack as the client sent it, and then every byte both ways. Either
 * side's end ends the other.
 */
export function proxyWebSocket(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  { port, unavailable }: { readonly port: number; readonly unavailable: Problem },
): void {
  const part = connect({ port, host: '127.0.0.1', noDelay: true });
  let answered = false;
  client.on('error', () => part.destroy());
  client.on('close', () => part.destroy());
  part.once('data', () => {
    answered = true;
  });
  part.on('error', () => {
    if (answered) client.destroy();
    else sendRawProblem(client, unavailable);
  });
  part.on('close', () => client.end());
  part.once('connect', () => {
    part.write(handshake(request));
    if (head.length > 0) part.write(head);
    client.pipe(part);
    part.pipe(client);
  });
}

function handshake(request: IncomingMessage): string {
  const headers = { ...forwardedHeaders(request), connection: 'Upgrade', upgrade: request.headers.upgrade };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined).map((one) => `${name}: ${one}`),
  );
  return [`${request.method} ${request.url} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
