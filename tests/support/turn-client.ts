import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { on } from 'node:events';

const MAGIC = 0x2112a442;
const ALLOCATE = 0x0003;
const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  realm: 0x0014,
  nonce: 0x0015,
  relayed: 0x0016,
  transport: 0x0019,
};
const UDP = Buffer.from([17, 0, 0, 0]);

/** What a relay answers to a request for an address: `allocated`, or the number of its refusal. */
export type Allocation = 'allocated' | number;

/** Asks a TURN server over UDP for an address, with these credentials (RFC 5766, long-term credentials of RFC 5389). */
export async function allocate(port: number, username: string, credential: string): Promise<Allocation> {
  const socket = createSocket('udp4');
  try {
    // The first request learns for which realm, and with which nonce, to sign.
    const challenge = await ask(socket, port, message([[ATTRIBUTE.transport, UDP]]));
    const realm = challenge.get(ATTRIBUTE.realm);
    const nonce = challenge.get(ATTRIBUTE.nonce);
    if (realm === undefined || nonce === undefined) throw new Error('the relay asked for no credentials');
    const attributes: Attribute[] = [
      [ATTRIBUTE.transport, UDP],
      [ATTRIBUTE.username, Buffer.from(username)],
      [ATTRIBUTE.realm, realm],
      [ATTRIBUTE.nonce, nonce],
    ];
    const key = createHash('md5').update(`${username}:${realm}:${credential}`).digest();
    const answer = await ask(socket, port, signed(message(attributes), key));
    const refusal = answer.get(ATTRIBUTE.error);
    if (refusal !== undefined) return (refusal[2] ?? 0) * 100 + (refusal[3] ?? 0);
    if (!answer.has(ATTRIBUTE.relayed)) throw new Error('the relay gave no address');
    return 'allocated';
  } finally {
    socket.close();
  }
}

type Attribute = readonly [type: number, value: Buffer];

function message(attributes: readonly Attribute[]): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(ALLOCATE, 0);
  header.writeUInt32BE(MAGIC, 4);
  randomBytes(12).copy(header, 8);
  return lengthened(Buffer.concat([header, ...attributes.map(encode)]));
}

/** The signature is made of all before it, with a length that counts it already. */
function signed(plain: Buffer, key: Buffer): Buffer {
  const counted = lengthened(plain, 24);
  const signature = createHmac('sha1', key).update(counted).digest();
  return Buffer.concat([counted, encode([ATTRIBUTE.integrity, signature])]);
}

function encode([type, value]: Attribute): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function lengthened(plain: Buffer, more = 0): Buffer {
  plain.writeUInt16BE(plain.length - 20 + more, 2);
  return plain;
}

/** The answer with the number of the request, which is sent again as STUN asks of whoever speaks over UDP: it may be lost. */
async function answerOf(socket: Socket, port: number, request: Buffer): Promise<Buffer> {
  const number = request.subarray(4, 20);
  const send = () => socket.send(request, port, '127.0.0.1');
  const again = setInterval(send, 1_000);
  try {
    const answers = on(socket, 'message', { signal: AbortSignal.timeout(20_000) });
    send();
    for await (const [answer] of answers as AsyncIterable<[Buffer]>) {
      if (answer.subarray(4, 20).equals(number)) return answer;
    }
    throw new Error('the socket was closed');
  } finally {
    clearInterval(again);
  }
}

async function ask(socket: Socket, port: number, request: Buffer): Promise<Map<number, Buffer>> {
  const answer = await answerOf(socket, port, request);
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= answer.length; ) {
    const length = answer.readUInt16BE(at + 2);
    attributes.set(answer.readUInt16BE(at), answer.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return attributes;
}
