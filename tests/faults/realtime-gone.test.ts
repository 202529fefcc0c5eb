import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import type { Stack } from '../../scripts/stack/stack.ts';
import { type Heard, listen, subscribe } from '../realtime/fixture.ts';
import { freshStack, isAlive, pidOf } from '../stack/supervisor.ts';
import { connect } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const NAME = 'test-realtime-gone';
const start = () => freshStack({ name: NAME, only: ['realtime', 'gateway'] });

/** Somebody who listens to their own wallet through the gateway, and to its changes of rows. */
async function follower({ context, env }: Stack) {
  const id = randomUUID();
  const claims = { sub: id, role: 'authenticated', exp: Math.floor(Date.now() / 1_000) + 3_600 };
  const secret = new TextEncoder().encode(context.secrets.jwtSecret);
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  const client = createClient(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEY, { accessToken: async () => token });
  await client.realtime.setAuth();
  const topic = `wallet:${id}`;
  const heard = listen(client, topic, { private: true });
  const rows: number[] = [];
  heard.channel.on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'followed' }, (change) =>
    rows.push(change.new['id'] as number),
  );
  expect(await subscribe(heard)).toBe('joined');
  await confirmed(heard, 1);
  return { ...heard, topic, rows, [Symbol.asyncDispose]: async () => void (await client.realtime.disconnect()) };
}

const confirmed = ({ system }: Heard, times: number) =>
  eventually(`changes were confirmed ${times} times`, async () => {
    return system.filter(({ message }) => message === 'Subscribed to PostgreSQL').length >= times;
  });

async function publish({ env }: Stack): Promise<void> {
  await using db = await connect(env.SUPABASE_DB_URL);
  await db.query(`
    create table public.followed (id int primary key);
    grant select on public.followed to authenticated;
    alter publication supabase_realtime add table public.followed`);
}

/** Sends one of each kind and waits until both were heard. */
async function tell({ env }: Stack, heard: Heard & { topic: string; rows: number[] }, n: number): Promise<void> {
  await using db = await connect(env.SUPABASE_DB_URL);
  await db.query('select realtime.send($1, $2, $3)', [{ n }, 'told', heard.topic]);
  await db.query('insert into public.followed values ($1)', [n]);
  await eventually(`message ${n} came`, async () =>
    heard.messages.some(({ payload }) => (payload as { n: number }).n === n),
  );
  await eventually(`row ${n} came`, async () => heard.rows.includes(n));
}

test('when the Realtime server is killed its clients come back to the next one by themselves', async () => {
  await using stack = await start();
  await publish(stack);
  await using heard = await follower(stack);
  await tell(stack, heard, 1);
  for (let kill = 0; kill < 3; kill += 1) {
    process.kill(await pidOf(NAME, 'realtime'), 'SIGKILL');
    await confirmed(heard, kill + 2);
    await tell(stack, heard, kill + 2);
  }
  expect(heard.rows).toEqual([1, 2, 3, 4]);
  expect(heard.messages.map(({ payload }) => (payload as { n: number }).n)).toEqual([1, 2, 3, 4]);
  await eventually('no slot is left behind', async () => {
    await using db = await connect(stack.env.SUPABASE_DB_URL);
    return (await db.query('select from pg_replication_slots')).length === 1;
  });
});

test('when the database restarts the server goes on, and tells those who had joined that there may be a gap', async () => {
  await using stack = await start();
  await publish(stack);
  await using heard = await follower(stack);
  await tell(stack, heard, 1);
  const pid = await pidOf(NAME, 'realtime');
  const statuses = () => heard.statuses.map(({ status }) => status);

  await stack.pause('postgres');
  const health = () => fetch(`${stack.env.REALTIME_URL}/healthz`).then(({ status }) => status);
  await eventually('it says that it is not well', async () => (await health()) === 503);
  await stack.resume('postgres');
  await confirmed(heard, 2);
  expect(statuses()).toEqual(['SUBSCRIBED', 'CHANNEL_ERROR', 'SUBSCRIBED']);
  await tell(stack, heard, 2);

  process.kill(await pidOf(NAME, 'postgres'), 'SIGKILL');
  await confirmed(heard, 3);
  await tell(stack, heard, 3);
  // The same process and the same socket all along.
  expect(await pidOf(NAME, 'realtime')).toBe(pid);
  expect(await isAlive(pid)).toBe(true);
  expect(heard.statuses.filter(({ reason }) => reason.includes('socket'))).toEqual([]);
  expect(await health()).toBe(200);
});
