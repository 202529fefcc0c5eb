import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../worker/notifications/addresses.ts';
import { ForbiddenTarget, failureOf, send } from '../../../worker/notifications/send.ts';

describe('addresses of the public internet', () => {
  test.each([
    ...['1.1.1.1', '8.8.8.8', '100.63.255.255', '172.15.0.1', '172.32.0.1', '192.167.0.1', '223.255.255.255'],
    ...['2606:4700::1111', '2a00:1450:4001::200e', '2001:4860::8888'],
  ])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '127.255.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
    ],
    ...[
      '192.0.0.8',
      '168.63.129.16',
      '192.0.2.1',
      '192.168.1.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '255.255.255.255',
    ],
    ...[
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '64:ff9b::7f00:1',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      'ff02::1',
    ],
    ...['2001:db8::1', '2002:7f00:1::', '2001::1', '100::1', 'localhost', '', '127.1', '0x7f.1'],
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a message for an address of somebody', () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (request.url === '/hang') return;
    if (request.url === '/redirect') return void response.writeHead(307, { location: `${origin}/` }).end();
    if (request.url === '/endless') {
      response.writeHead(200);
      const more = () => response.destroyed || response.write('x'.repeat(16_384), () => setImmediate(more));
      return void more();
    }
    response.writeHead(204).end();
  });
  let origin = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const message = (url: string) => ({ url, headers: {}, body: 'x' });

  test.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:a00:1]/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://user:secret@example.com/',
    'ftp://example.com/',
    'https://example.com:22/',
    'https://example.com:8080/',
    'not an address',
  ])('is not sent to %s', async (url) => {
    const before = requests;
    await expect(send(message(url), { allowPrivate: false })).rejects.toThrow(ForbiddenTarget);
    expect(requests).toBe(before);
  });

  test('is not sent where any address of a name is inside, and is sent to the address that was looked at', async () => {
    const asked: string[] = [];
    const answering = (...addresses: string[]) =>
      ((host: string, _options: unknown, callback: (error: null, found: object[]) => void) => {
        asked.push(host);
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      }) as never;
    for (const inside of ['127.0.0.1', '169.254.169.254', '::1', 'fd00::1']) {
      const lookup = answering('203.0.114.1', inside);
      await expect(send(message('https://rebinding.example/'), { allowPrivate: false, lookup })).rejects.toThrow(
        ForbiddenTarget,
      );
    }
    expect(asked).toEqual(Array(4).fill('rebinding.example'));
    // Only once, for the connection itself: there is no second answer that could be another one.
    const { port } = new URL(origin);
    await send(message(`http://named.example:${port}/`), { allowPrivate: true, lookup: answering('127.0.0.1') });
    expect(asked.slice(4)).toEqual(['named.example']);
  });

  test('follows no redirect, reads no endless answer, and waits no longer than it says', async () => {
    const options = { allowPrivate: true, timeout_ms: 300 };
    const before = requests;
    expect(await send(message(`${origin}/redirect`), options)).toMatchObject({ status: 307 });
    expect(requests).toBe(before + 1);
    expect(await send(message(`${origin}/endless`), { ...options, timeout_ms: 5_000 })).toMatchObject({ status: 200 });
    await expect(send(message(`${origin}/hang`), options)).rejects.toThrow('it took longer than 0.3 s');
  });

  test('waits no longer for a name that nobody answers for', async () => {
    const lookup = (() => undefined) as never;
    const options = { allowPrivate: true, timeout_ms: 50, lookup };
    await expect(send(message('http://unanswered.example/'), options)).rejects.toThrow('it took longer than 0.05 s');
  });

  test('tells its owner in fixed sentences what went wrong, and nothing of what is inside', async () => {
    const at = (...addresses: string[]) =>
      ((_host: string, _options: unknown, callback: (error: null, found: object[]) => void) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        )) as never;
    const reasonAt = (url: string, options: Parameters<typeof send>[1]) =>
      send(message(url), options).then(String, failureOf);
    expect(await reasonAt('https://inside.example/', { allowPrivate: false, lookup: at('10.1.2.3') })).toBe(
      'its address is not public',
    );
    expect(await reasonAt('https://10.1.2.3/', { allowPrivate: false })).toBe('its address is not public');
    expect(await reasonAt('http://127.0.0.1:1/', { allowPrivate: true })).toBe('it could not be reached');
    const notFound = Object.assign(new Error('queryA ENOTFOUND db.internal'), { code: 'ENOTFOUND' });
    const lookup = ((_host: string, _options: unknown, callback: (error: Error) => void) =>
      callback(notFound)) as never;
    expect(await reasonAt('https://db.internal/', { allowPrivate: false, lookup })).toBe('its name was not found');
    expect(failureOf(Object.assign(new Error('of 10.1.2.3'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }))).toBe(
      'its certificate is not good',
    );
  });
});
