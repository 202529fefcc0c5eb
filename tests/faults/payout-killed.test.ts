import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openPaymentServer, openWebhookSink } from '../support/payment-server.ts';
import { workerFixture } from '../worker/fixture.ts';
import { spawnWorker } from '../worker/spawn.ts';
import { openSaver, paymentsEnvironment } from '../worker/withdrawals.ts';
import { startStores } from './worker-stores.ts';

/** Passes requests on to `target` and keeps the answers to itself until it is told to give them. */
async function silentLine(target: string) {
  let silent = true;
  let passed = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      const headers = Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name) ? [[name, value]] : [],
      );
      const answer = await fetch(`${target}${request.url}`, {
        ...{ method: request.method ?? 'GET', headers: Object.fromEntries(headers) },
        body: Buffer.concat(parts).toString(),
      });
      const body = await answer.text();
      passed += 1;
      if (!silent) response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => passed,
    speak: () => {
      silent = false;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

test('a worker killed after the provider took a payout and before it was noted leaves exactly one payout', async () => {
  await using sink = await openWebhookSink();
  await using provider = await openPaymentServer(sink.url);
  await using line = await silentLine(provider.url);
  await using stack = await startStores();
  await using stores = await workerFixture(stack.urls, paymentsEnvironment(line.url));
  await using saver = await openSaver(stores, provider);
  const id = await saver.withdraw('12.50');

  const killed = spawnWorker(stores.environment);
  await eventually('the provider has it', async () => line.passed() === 1);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const state = async () => {
    const { rows } = await stores.db.query('select state, attempts from ledger.withdrawals where id = $1', [id]);
    return rows[0];
  };
  expect(await state()).toEqual({ state: 'requested', attempts: 1 });
  expect(await saver.wallet()).toEqual({ balance: '87.50', pending_balance: '12.50' });

  line.speak();
  // Its lease is a minute, which nobody has to wait for here.
  await stores.db.query('update ledger.withdrawals set next_attempt_at = now() where id = $1', [id]);
  await stores.start();
  await eventually('it is submitted', async () => (await state()).state === 'submitted');
  const { body } = await provider.ask('GET', `/v1/payouts?reference=${id}`);
  expect(body.data).toHaveLength(1);
  expect(line.passed()).toBe(2);
});
