import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { forwardedHeaders } from './headers.ts';

/** What a client said when it asked for a WebSocket, as it travels to the process that answers. */
export interface Handshake {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** What came after the headers, in base64; a WebSocket client sends nothing there. */
  readonly head: string;
}

/** Takes a connection over, with the handshake on it unanswered; false when nobody runs who could. */
export type HandOver = (handshake: Handshake, socket: Socket) => boolean;

/**
 * The handshake of a connection that is given away as a whole: the gateway decides by the path and is then out of the way, so a
 * message to thousands of clients does not pass through a second process.
 */
export function handshakeOf(request: IncomingMessage, head: Buffer): Handshake {
  const headers = { ...forwardedHeaders(request), connection: 'Upgrade', upgrade: request.headers.upgrade };
  return { url: request.url ?? '/', headers: headers as IncomingHttpHeaders, head: head.toString('base64') };
}

/** The other end: the request as if it had come to this process. */
export function requestOf(handshake: Handshake, socket: Socket): { request: IncomingMessage; head: Buffer } {
  const request = new IncomingMessage(socket);
  Object.assign(request, { method: 'GET', url: handshake.url, headers: handshake.headers });
  return { request, head: Buffer.from(handshake.head, 'base64') };
}
