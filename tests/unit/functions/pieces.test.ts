import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../contracts/errors.ts';
import { parseEvent } from '../../../contracts/events.ts';
import { canonicalJson, requestHash } from '../../../functions/_shared/canonical-json.ts';
import { clientIp, rateKeyOf } from '../../../functions/_shared/client-ip.ts';
import { corsHeaders } from '../../../functions/_shared/cors.ts';
import { decodeCursor, encodeCursor, toPage } from '../../../functions/_shared/cursor.ts';
import { isoTimestamp } from '../../../functions/_shared/pool.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the hash of a request', () => {
  test('is the same whatever the order of the fields', () => {
    const a = requestHash('POST', '/wallet/transaction', {
      amount: '1',
      recipient: 'ana',
      nested: { x: 1, y: [1, 2] },
    });
    const b = requestHash('POST', '/wallet/transaction', {
      nested: { y: [1, 2], x: 1 },
      recipient: 'ana',
      amount: '1',
    });
    expect(hex(a)).toBe(hex(b));
    expect(a).toHaveLength(32);
  });

  test('differs by method, path, value, type and order of a list', () => {
    const hashes = [
      requestHash('POST', '/a', { x: [1, 2] }),
      requestHash('PUT', '/a', { x: [1, 2] }),
      requestHash('POST', '/b', { x: [1, 2] }),
      requestHash('POST', '/a', { x: [2, 1] }),
      requestHash('POST', '/a', { x: ['1', 2] }),
      requestHash('POST', '/a', { x: null }),
      requestHash('POST', '/a', {}),
    ];
    expect(new Set(hashes.map(hex)).size).toBe(hashes.length);
  });

  test('canonical JSON means the same as the JSON it was made from', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
      }),
    );
  });
});

describe('the client’s address', () => {
  test.each([
    ['203.0.113.7', 1, '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7', 1, '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7, 10.0.0.1', 2, '203.0.113.7'],
    ['203.0.113.7:4711', 1, '203.0.113.7'],
    ['[2001:db8::1]:4711', 1, '2001:db8::1'],
    ['203.0.113.7', 2, undefined],
    ['203.0.113.7', 0, undefined],
    ['evil"value', 1, undefined],
    ['999.1.1.1', 1, undefined],
    [undefined, 1, undefined],
  ])('of %j with %i trusted hops is %s', (header, hops, ip) => {
    expect(clientIp(header, hops)).toBe(ip);
  });

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s is counted as %s', (ip, key) => {
    expect(rateKeyOf(ip)).toBe(key);
  });
});

describe('cursors', () => {
  const position = { created_at: '2026-11-22T16:31:19.123456+00:00', id: '01a20435-085d-706b-bc6e-0ed6ee60fde4' };

  test('come back as they went out, microseconds included', () => {
    const cursor = encodeCursor('people', position);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(decodeCursor('people', cursor)).toEqual(position);
  });

  test('that nobody gave out are refused, whatever they are (request.invalid_cursor)', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        expect(() => decodeCursor('people', text)).toThrow(AppError);
      }),
    );
  });

  test('of another list are refused (request.invalid_cursor)', () => {
    for (const cursor of [encodeCursor('posts', position), btoa(JSON.stringify([position.created_at, position.id]))]) {
      expect(() => decodeCursor('people', cursor)).toThrow(expect.objectContaining({ code: 'request.invalid_cursor' }));
    }
  });

  test('end with the last page', () => {
    expect(toPage('people', [position, position], 2)).toEqual({ data: [position, position], next_cursor: null });
    expect(toPage('people', [position, position], 1)).toEqual({
      data: [position],
      next_cursor: encodeCursor('people', position),
    });
    expect(toPage('people', [], 1)).toEqual({ data: [], next_cursor: null });
  });
});

test('a timestamp of Postgres becomes ISO 8601 without losing digits', () => {
  expect(isoTimestamp('2026-11-22 16:31:19.123456+00')).toBe('2026-11-22T16:31:19.123456+00:00');
  expect(isoTimestamp('2026-11-22 16:31:19.1+05:30')).toBe('2026-11-22T16:31:19.1+05:30');
});

describe('CORS', () => {
  test('lets listed origins in and tells caches that the answer depends on it', () => {
    const list = ['https://app.example.com'];
    expect(new Map(corsHeaders(list, 'https://app.example.com')).get('Access-Control-Allow-Origin')).toBe(list[0]);
    expect(corsHeaders(list, 'https://evil.example.com')).toEqual([['Vary', 'Origin']]);
    expect(new Map(corsHeaders(['*'], undefined)).get('Access-Control-Allow-Origin')).toBe('*');
  });
});

describe('events', () => {
  const event = {
    id: crypto.randomUUID(),
    type: 'user.deleted',
    version: 1,
    actor_id: null,
    payload: { user_id: crypto.randomUUID() },
    occurred_at: new Date('2026-11-22T16:31:19Z'),
  };

  test('are parsed from outbox rows, further columns dropped', () => {
    const { id, type } = parseEvent({ ...event, position: '7', attempts: 1 });
    expect({ id, type }).toEqual({ id: event.id, type: event.type });
  });

  test.each([
    ['an unknown type', { type: 'user.exploded' }],
    ['a version of the future', { version: 2 }],
    ['a payload of another type', { payload: { session_id: crypto.randomUUID() } }],
  ])('with %s are refused', (_what, over) => {
    expect(() => parseEvent({ ...event, ...over })).toThrow();
  });
});
