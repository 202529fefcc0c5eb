import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeBroadcast,
  encodeText,
  MalformedFrame,
} from '../../../scripts/stack/realtime/serializers.ts';

const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });

/** What somebody sends: anything, or JSON that says it is some. */
const payload = fc.oneof(
  fc.uint8Array().map((body) => ({ body: Buffer.from(body), json: false })),
  fc.json().map((text) => ({ body: Buffer.from(text), json: true })),
);

/** A broadcast as realtime-js 2.119 encodes it. */
function clientFrame(fields: readonly string[], meta: string, encoding: number, body: Uint8Array): Buffer {
  const parts = [...fields, meta].map((text) => Buffer.from(text));
  return Buffer.concat([Buffer.from([3, ...parts.map(({ length }) => length), encoding]), ...parts, body]);
}

/** What realtime-js 2.119 reads out of a broadcast of the server. */
function readBroadcast(data: Buffer) {
  const [kind, topicLength = 0, eventLength = 0, metaLength = 0, encoding] = data;
  let at = 5;
  const field = (length: number) => {
    at += length;
    return data.toString('utf8', at - length, at);
  };
  const [topic, event, meta] = [field(topicLength), field(eventLength), field(metaLength)];
  return { kind, topic, event, meta, encoding, body: data.subarray(at) };
}

describe('a broadcast of a client', () => {
  test('is read back as it was written, whatever its names and bytes are', () => {
    fc.assert(
      fc.property(name, name, name, name, payload, (joinRef, ref, topic, event, { body, json }) => {
        const data = clientFrame([joinRef, ref, topic, event], '', json ? 1 : 0, body);
        const { broadcast, ...message } = decodeFrame(data, true);
        expect(message).toEqual({ joinRef, ref, topic, event: 'broadcast', payload: {} });
        expect(broadcast).toEqual({ event, json, body, meta: '' });
      }),
    );
  });

  test('that ends too early is no message', () => {
    const data = clientFrame(['1', '2', 'realtime:room', 'hello'], '', 1, Buffer.from('{}'));
    for (let length = 0; length < data.length - 2; length += 1) {
      expect(() => decodeFrame(data.subarray(0, length), true)).toThrow(MalformedFrame);
    }
  });
});

describe('a broadcast of the server', () => {
  test('is binary for serializer 2.0.0, with its payload untouched', () => {
    fc.assert(
      fc.property(name, name, fc.uint8Array(), fc.boolean(), (topic, event, body, json) => {
        const broadcast = { event, json, body: Buffer.from(body), meta: '{"id":"x"}' };
        const frame = encodeBroadcast('2.0.0', topic, broadcast);
        expect(frame?.binary).toBe(true);
        expect(readBroadcast(frame?.data ?? Buffer.alloc(0))).toEqual({
          ...{ kind: 4, topic, event, meta: '{"id":"x"}', encoding: json ? 1 : 0, body: Buffer.from(body) },
        });
      }),
    );
  });

  test('is text where a name needs more than 255 bytes, and for serializer 1.0.0', () => {
    const broadcast = { event: 'é'.repeat(128), json: true, body: Buffer.from('{"n":1}'), meta: '{"id":"x"}' };
    const payload = { type: 'broadcast', event: broadcast.event, payload: { n: 1 }, meta: { id: 'x' } };
    const long = encodeBroadcast('2.0.0', 't', broadcast);
    expect(JSON.parse(long?.data.toString() ?? '')).toEqual([null, null, 't', 'broadcast', payload]);
    const old = encodeBroadcast('1.0.0', 't', broadcast);
    expect(JSON.parse(old?.data.toString() ?? '')).toEqual({
      ...{ topic: 't', event: 'broadcast', payload, ref: null, join_ref: null },
    });
  });

  test('of bytes cannot be had by serializer 1.0.0', () => {
    expect(encodeBroadcast('1.0.0', 't', { event: 'e', json: false, body: Buffer.from([0]), meta: '' })).toBeNull();
  });
});

test('a text message is read back by the serializer that wrote it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('1.0.0', '2.0.0'),
      name,
      name,
      fc.dictionary(fc.string(), fc.jsonValue()),
      (version, topic, event, payload) => {
        const refs = { joinRef: '1', ref: '2' };
        const { data } = encodeText(version as '1.0.0', refs, topic, event, JSON.stringify(payload));
        expect(decodeFrame(data, false)).toEqual({
          ...refs,
          topic,
          event,
          payload: JSON.parse(JSON.stringify(payload)),
        });
      },
    ),
  );
});

test('a heartbeat of serializer 1.0.0, which has no join_ref, is a message', () => {
  const text = '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"7"}';
  expect(decodeFrame(Buffer.from(text), false)).toMatchObject({ joinRef: null, ref: '7', topic: 'phoenix' });
});

test('whatever a client sends is a message or MalformedFrame', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      fc.boolean(),
      (bytes, binary) => {
        try {
          expect(typeof decodeFrame(Buffer.from(bytes), binary).topic).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame);
        }
      },
    ),
  );
});
