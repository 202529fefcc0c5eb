import { once } from 'node:events';
import { access, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { listeningSockets, parsePortBase } from '../../scripts/stack/ports.ts';
import { startStack } from '../../scripts/stack/stack.ts';
import { forgetStack, freshStack, OTHER_PORT_BASE, PORT_BASE } from './supervisor.ts';

const LOOPBACK_HEX = '0100007F';

test('names the taken port, the part that wants it, who holds it and the next command', async () => {
  await using holder = createServer().listen(PORT_BASE + 3, '127.0.0.1');
  await once(holder, 'listening');
  const start = startStack({ name: 'test-ports', portBase: PORT_BASE, quiet: true, only: ['mail'] });
  await expect(start).rejects.toThrow(
    new RegExp(`Port ${PORT_BASE + 3} \\(mail\\) is taken by .+ \\(pid ${process.pid}\\)[^]+Next: .*--port-base \\d+`),
  );
  await forgetStack('test-ports');
});

test('forgets nothing when a reset cannot start', async () => {
  await using first = await freshStack({ name: 'test-ports', only: ['mail'] });
  const marker = join(first.context.dataDir, 'mails', 'marker');
  await writeFile(marker, '');
  await first.stop();
  await using holder = createServer().listen(PORT_BASE + 3, '127.0.0.1');
  await once(holder, 'listening');
  const reset = startStack({ name: 'test-ports', portBase: PORT_BASE, quiet: true, reset: true, only: ['mail'] });
  await expect(reset).rejects.toThrow(/is taken/);
  await expect(access(marker)).resolves.toBeUndefined();
});

test('runs two stacks side by side, each with its own data and keys', async () => {
  await using first = await freshStack({ name: 'test-ports', only: ['postgres'] });
  await using second = await freshStack({ name: 'test-ports-two', portBase: OTHER_PORT_BASE, only: ['postgres'] });
  expect(second.env.SUPABASE_SECRET_KEY).not.toBe(first.env.SUPABASE_SECRET_KEY);
  for (const { env } of [first, second]) {
    const client = new Client({ connectionString: env.SUPABASE_DB_URL });
    await client.connect();
    const answer = await client.query('select current_user as role');
    await client.end();
    expect(answer.rows).toEqual([{ role: 'postgres' }]);
  }
});

test('refuses a second stack on the same data folder and says who runs', async () => {
  await using _stack = await freshStack({ name: 'test-ports', only: ['mail'] });
  const again = startStack({ name: 'test-ports', portBase: OTHER_PORT_BASE, quiet: true, only: ['mail'] });
  await expect(again).rejects.toThrow(new RegExp(`already running .*\\(pid ${process.pid}\\)[^]+Next: npm run status`));
});

test.runIf(process.platform === 'linux')('listens on loopback only', async () => {
  await using stack = await freshStack({ name: 'test-ports' });
  const ports = new Set(Object.values(stack.context.ports));
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8')));
  const ours = tables.flatMap(listeningSockets).filter(({ port }) => ports.has(port));
  expect(new Set(ours.map(({ port }) => port))).toEqual(ports);
  // Java listens on an IPv6 socket for the IPv4 loopback address, which the kernel writes as ::ffff:127.0.0.1.
  expect(ours.filter(({ address }) => !address.endsWith(LOOPBACK_HEX))).toEqual([]);
});

test.each(['80', '65535', 'abc', '', '54321.5'])('refuses the port base %j', (text) => {
  expect(() => parsePortBase(text)).toThrow(/Next: npm start -- --port-base/);
});
