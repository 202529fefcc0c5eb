import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '@supabase/lite';
import type { PostgresConnection } from '@supabase/lite/postgres';
import { expect, test } from 'vitest';
import { startApiServer } from '../../scripts/stack/supabase/api-server.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const ANSWER_MS = 3_000;

/** Asks the database for as long as the path says, or waits for ever; answers with the connection that it had. */
function sleeper({ driver }: PostgresConnection): App {
  const app = {
    init: async () => app,
    async fetch({ url }: Request) {
      const { pathname } = new URL(url);
      if (pathname === '/never') return await new Promise<Response>(() => undefined);
      const rows = await driver.unsafe(`select pg_backend_pid() as pid from pg_sleep(${pathname.slice(1)})`);
      return Response.json(rows[0]?.['pid']);
    },
  };
  return app as unknown as App;
}

/** A server with one connection, and how to ask it. */
async function start() {
  const server = await startApiServer({
    ...{ databaseUrl: testEnvironment().SUPABASE_DB_URL, maxConnections: 1, answerMs: ANSWER_MS },
    build: sleeper,
  });
  return {
    ask: (path: string) => server.fetch(new Request(`http://gateway${path}`), null),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

test('who waits too long behind others is told so, and their connections are kept (gateway.timeout)', async () => {
  await using server = await start();
  const { ask } = server;
  const pid = await (await ask('/0')).json();
  const [first, second, third] = await Promise.all(['/1.8', '/1.8', '/0'].map(ask));
  expect([first?.status, second?.status, third?.status]).toEqual([200, 504, 504]);
  expect(third?.headers.get('retry-after')).toBe('5');
  expect(await third?.json()).toMatchObject({ code: 'gateway.timeout' });
  expect(await (await ask('/0')).json()).toBe(pid);
});

test('where everybody is answered too late the connections are kept as well (gateway.timeout)', async () => {
  await using server = await start();
  const { ask } = server;
  const pid = await (await ask('/0')).json();
  const before = Promise.all(['/2', '/2', '/3'].map(ask));
  await delay(3_200);
  // While this one waits another is answered, and that one as well when nobody waits for it any more.
  expect((await ask('/0')).status).toBe(504);
  expect((await before).map(({ status }) => status)).toEqual([200, 504, 504]);
  await eventually('what waited is done', async () => (await ask('/0')).status === 200);
  expect(await (await ask('/0')).json()).toBe(pid);
});

test('more than can wait is refused at once, and not begun (gateway.busy)', async () => {
  await using server = await start();
  const { ask } = server;
  const waiting = Promise.all(Array.from({ length: 2_000 }, () => ask('/0.0001')));
  const refused = await ask('/0');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.json()).toMatchObject({ code: 'gateway.busy' });
  await waiting;
  await eventually('what waited is done', async () => (await ask('/0')).status === 200);
});

test('where nobody is answered any more it begins anew (gateway.database_unavailable)', async () => {
  await using server = await start();
  const { ask } = server;
  const pid = await (await ask('/0')).json();
  const answer = await ask('/never');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 'gateway.database_unavailable' });
  const next = await ask('/0');
  expect(next.status).toBe(200);
  expect(await next.json()).not.toBe(pid);
});
