import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createObjectStore, type ObjectStore } from '../../../worker/objects.ts';

/** A Storage that answers everything the same. */
async function answering(status: number, body: unknown): Promise<{ objects: ObjectStore } & AsyncDisposable> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    objects: createObjectStore({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      secretKey: 'secret',
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const fault = (statusCode: string, message: string) => ({ statusCode, error: message, message });
const running = new AbortController().signal;

async function withFile<T>(use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'astra-unit-'));
  try {
    await writeFile(join(folder, 'file'), 'bytes');
    return await use(join(folder, 'file'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('an object is not there when Storage says that of the object', async () => {
  await using storage = await answering(400, fault('404', 'Object not found'));
  expect(await withFile((file) => storage.objects.fetch('posts', 'a/b', file, running))).toBe(false);
});

test.each([
  [400, fault('404', 'Bucket not found')],
  [400, fault('403', 'Unauthorized')],
  [400, fault('429', 'Too many connections')],
  [401, fault('401', 'Invalid key')],
  [500, fault('500', 'Internal')],
  [502, 'Bad gateway'],
] as const)('what is nobody’s fault is tried again: %d %j', async (status, body) => {
  await using storage = await answering(status, body);
  await withFile(async (file) => {
    const away = { name: 'StorageAway' };
    await expect(storage.objects.fetch('posts', 'a/b', file, running)).rejects.toMatchObject(away);
    await expect(storage.objects.put('posts', 'a/b', file, 'image/webp', running)).rejects.toMatchObject(away);
    await expect(storage.objects.remove('posts', ['a/b'])).rejects.toMatchObject(away);
  });
});

test.each([
  [400, fault('413', 'The object exceeded the maximum allowed size'), 413],
  [413, 'Payload too large', 413],
  [400, fault('415', 'mime type is not supported'), 415],
  [400, fault('400', 'Invalid key'), 400],
] as const)('what Storage does not take it will never take: %d %j', async (status, body, meant) => {
  await using storage = await answering(status, body);
  await withFile((file) =>
    expect(storage.objects.put('posts', 'a/b', file, 'image/webp', running)).rejects.toMatchObject({
      ...{ name: 'StorageRefused', status: meant },
    }),
  );
});
