import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;

/** A WebSocket that does as little as can be done: the machine's time is for the server that is measured. */
export interface RawSocket {
  readonly send: (text: string) => void;
  readonly end: () => void;
  readonly closed: () => boolean;
}

/** Opens one; `hear` gets each message as it stands in the buffer, which is only good until it returns. */
export function openRawSocket(url: string, hear: (payload: Buffer, binary: boolean) => void): Promise<RawSocket> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    const handshake = request(url.replace(/^ws/, 'http'), { headers, agent: false });
    handshake.once('error', reject);
    handshake.once('response', ({ statusCode }) => reject(new Error(`no WebSocket at ${url}: ${statusCode}`)));
    handshake.once('upgrade', (_response, socket: Socket, head) => {
      let open = true;
      const read = frameReader((payload, opcode) => {
        if (opcode === TEXT || opcode === BINARY) hear(payload, opcode === BINARY);
        if (opcode === CLOSE) socket.end();
      });
      socket.setNoDelay(true);
      socket.on('data', read);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open = false;
      });
      if (head.length > 0) read(head);
      resolve({
        send: (text) => socket.write(maskedFrame(text)),
        end: () => socket.destroy(),
        closed: () => !open,
      });
    });
    handshake.end();
  });
}

/** Cuts a stream into frames. Servers neither mask theirs nor, here, spread a message over several. */
function frameReader(hear: (payload: Buffer, opcode: number) => void): (chunk: Buffer) => void {
  let rest: Buffer | null = null;
  return (chunk) => {
    const data: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (data.length - at >= 2) {
      const short = (data[at + 1] ?? 0) & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (data.length - at < head) break;
      const length = short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : data.readUInt32BE(at + 6);
      if (data.length - at < head + length) break;
      hear(data.subarray(at + head, at + head + length), (data[at] ?? 0) & 0x0f);
      at += head + length;
    }
    rest = at === data.length ? null : data.subarray(at);
  };
}

/** Masked with zeros, which leaves the text as it is. */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  if (length > 0xffff) throw new RangeError('longer than anything that a listener says');
  const head = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | TEXT, ...head, 0, 0, 0, 0]), payload]);
}
