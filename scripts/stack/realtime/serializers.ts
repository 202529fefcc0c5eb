/** The two serializers of Supabase Realtime, by the number that a client asks for (`vsn`). */
export type Version = '1.0.0' | '2.0.0';

/** One message of a client. */
export interface ClientMessage {
  readonly joinRef: string | null;
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Set when it came as a binary frame: a broadcast whose payload was not looked at. */
  readonly broadcast?: Broadcast;
}

/** A broadcast as it travels: its payload is JSON text, known to be that, or raw bytes. It is passed on as it came. */
export interface Broadcast {
  readonly event: string;
  readonly json: boolean;
  readonly body: Buffer;
  /** JSON text, for example `{"id":"…"}`, or empty. */
  readonly meta: string;
}

/** What goes over the wire, encoded once for everybody who gets it. */
export interface Frame {
  readonly data: Buffer;
  readonly binary: boolean;
}

export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

const KIND_CLIENT_BROADCAST = 3;
const KIND_SERVER_BROADCAST = 4;
const ENCODING_JSON = 1;
const LENGTH_BYTE_MAX = 255;

/** @throws MalformedFrame */
export function decodeFrame(data: Buffer, binary: boolean): ClientMessage {
  return binary ? decodeBinary(data) : decodeText(data);
}

function decodeText(data: Buffer): ClientMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data.toString());
  } catch {
    throw new MalformedFrame('not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) throw new MalformedFrame('neither a list nor an object');
  const [joinRef, ref, topic, event, payload] = Array.isArray(parsed) ? parsed : fieldsOf(parsed);
  if (typeof topic !== 'string' || typeof event !== 'string') throw new MalformedFrame('no topic or no event');
  const object = typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload : {};
  return { joinRef: refOf(joinRef), ref: refOf(ref), topic, event, payload: object as Record<string, unknown> };
}

function fieldsOf(message: object): unknown[] {
  const { join_ref, ref, topic, event, payload } = message as Record<string, unknown>;
  return [join_ref, ref, topic, event, payload];
}

function refOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** kind, five lengths of one byte each, encoding; then join_ref, ref, topic, event, metadata and the payload. */
function decodeBinary(data: Buffer): ClientMessage {
  if (data[0] !== KIND_CLIENT_BROADCAST || data.length < 7) throw new MalformedFrame('an unknown binary frame');
  let at = 7;
  const field = (index: number) => {
    const from = at;
    at += data[index] ?? 0;
    if (at > data.length) throw new MalformedFrame('a binary frame that ends too early');
    return data.toString('utf8', from, at);
  };
  const [joinRef, ref, topic, event] = [field(1), field(2), field(3), field(4)];
  // Metadata asks for `persist`, which the server snapshot that this follows does not know either.
  field(5);
  const json = data[6] === ENCODING_JSON;
  const body = data.subarray(at);
  if (json) assertJson(body);
  return {
    joinRef: joinRef || null,
    ref: ref || null,
    topic,
    event: 'broadcast',
    payload: {},
    broadcast: { event, json, body, meta: '' },
  };
}

/** The payload becomes part of text frames: anything else could end it there and say what follows, as if it came on another topic. */
function assertJson(body: Buffer): void {
  try {
    JSON.parse(body.toString());
  } catch {
    throw new MalformedFrame('a binary frame whose JSON is none');
  }
}

/** Any message but a broadcast. `payload` is JSON text. */
export function encodeText(
  version: Version,
  refs: { readonly joinRef: string | null; readonly ref: string | null } | null,
  topic: string,
  event: string,
  payload: string,
): Frame {
  const json = JSON.stringify;
  // `null`, never left out: the client parses a missing field as an error.
  const [joinRef, ref] = [json(refs?.joinRef ?? null), json(refs?.ref ?? null)];
  const text =
    version === '1.0.0'
      ? `{"topic":${json(topic)},"event":${json(event)},"payload":${payload},"ref":${ref},"join_ref":${joinRef}}`
      : `[${joinRef},${ref},${json(topic)},${json(event)},${payload}]`;
  return { data: Buffer.from(text), binary: false };
}

/**
 * A broadcast for everybody on a topic who speaks this version: binary where the client knows it and every name fits, else
 * text. Null when it can be neither: bytes for a client of the old serializer.
 */
export function encodeBroadcast(version: Version, topic: string, { event, json, body, meta }: Broadcast): Frame | null {
  if (version !== '1.0.0') {
    const fields = [topic, event, meta].map((text) => Buffer.from(text));
    if (fields.every(({ length }) => length <= LENGTH_BYTE_MAX)) {
      const head = [KIND_SERVER_BROADCAST, ...fields.map(({ length }) => length), json ? ENCODING_JSON : 0];
      return { data: Buffer.concat([Buffer.from(head), ...fields, body]), binary: true };
    }
  }
  if (!json) return null;
  const rest = meta === '' ? '' : `,"meta":${meta}`;
  const payload = `{"type":"broadcast","event":${JSON.stringify(event)},"payload":${body.toString()}${rest}}`;
  return encodeText(version, null, topic, 'broadcast', payload);
}
