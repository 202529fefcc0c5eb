import type { App } from '@supabase/lite';
import type { PostgresConnection } from '@supabase/lite/postgres';
import { expect, test } from 'vitest';
import { startApiServer } from '../../scripts/stack/supabase/api-server.ts';
import { testEnvironment } from '../support/environment.ts';

const ANSWER_MS = 1_000;

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

function start() {
  return startApiServer({
    ...{ databaseUrl: testEnvironment().SUPABASE_DB_URL, maxConnections: 1, answerMs: ANSWER_MS },
    build: sleeper,
  });
}

test('who waits too long behind others is told so, and their connections are kept (gateway.busy)', async () => {
  await using server = await start();
  const ask = (path: string) => server.fetch(new Request(`http://gateway${path}`), null);
  const pid = await (await ask('/0')).json();
  const answers = await Promise.all(['/0.6', '/0.6', '/0.6'].map(ask));
  expect(answers.map(({ status }) => status)).toEqual([200, 504, 504]);
  expect(answers[2]?.headers.get('retry-after')).toBe('5');
  expect(await answers[2]?.json()).toMatchObject({ code: 'gateway.busy' });
  expect(await (await ask('/0')).json()).toBe(pid);
});

test('where nobody is answered any more it begins anew (gateway.database_unavailable)', async () => {
  await using server = await start();
  const ask = (path: string) => server.fetch(new Request(`http://gateway${path}`), null);
  const pid = await (await ask('/0')).json();
  const answer = await ask('/never');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 'gateway.database_unavailable' });
  const next = await ask('/0');
  expect(next.status).toBe(200);
  expect(await next.json()).not.toBe(pid);
});
