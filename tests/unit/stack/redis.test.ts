import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { redisAnswers } from '../../../scripts/stack/redis.ts';

async function listen(onConnection: (socket: Socket) => void): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((closed) => server.close(closed));
    },
  };
}

test('a Redis that listens is ready when it answers, and not before', async () => {
  let isUp = false;
  await using server = await listen((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => isUp && socket.write('+PONG\r\n'));
  });
  expect(await redisAnswers(server.port, 50)).toBe(false);
  isUp = true;
  expect(await redisAnswers(server.port, 30_000)).toBe(true);
});

test('what hangs up, or answers something else, is no Redis', async () => {
  await using closing = await listen(
    (socket) =>
      void socket
        .on('error', () => undefined)
        .resume()
        .end(),
  );
  await using other = await listen(
    (socket) =>
      void socket
        .on('error', () => undefined)
        .resume()
        .end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  );
  expect(await redisAnswers(closing.port, 30_000)).toBe(false);
  expect(await redisAnswers(other.port, 30_000)).toBe(false);
});
