import { createClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import type { NotificationCard } from '../../contracts/api/notifications.ts';
import { asOperator, type Person, signUp } from '../support/api.ts';
import { testEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { put } from '../support/notifications-api.ts';
import { listen, payloads, subscribe } from './fixture.ts';

interface Added {
  readonly notifications: NotificationCard[];
  readonly after_seq: number;
  readonly more: boolean;
  readonly counts: { readonly unread_count: number };
}

/** A person's app, at the address that every client of the project has. */
async function appOf({ token }: Person) {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  const client = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { accessToken: async () => token });
  await client.realtime.setAuth();
  return Object.assign(client, { [Symbol.asyncDispose]: async () => void (await client.realtime.disconnect()) });
}

test('people hear of their notifications on a private topic, each once, in the order of their numbers, and nobody else does', async () => {
  const [ana, eve] = [await signUp('ana'), await signUp('eve')];
  await using hers = await appOf(ana);
  await using others = await appOf(eve);
  const topic = listen(hers, `notifications:${ana.id}`, { private: true });
  expect(await subscribe(topic)).toBe('joined');
  const foreign = listen(others, `notifications:${ana.id}`, { private: true });
  expect(await subscribe(foreign)).toContain('Unauthorized');
  const total = 60;
  for (let n = 0; n < total; n += 1) {
    await asOperator(
      `select app_private.emit_event('user.password_changed', $1, jsonb_build_object('user_id', $1::uuid))`,
      [ana.id],
    );
  }
  const added = () =>
    topic.messages.filter(({ event }) => event === 'notifications_added').map(({ payload }) => payload as Added);
  const seqs = () => added().flatMap(({ notifications }) => notifications.map(({ seq }) => seq));
  await eventually(
    'all are told',
    async () => added().at(-1)?.counts.unread_count === total && seqs().at(-1) === total,
  );
  let last = 0;
  for (const { notifications, after_seq, more } of added()) {
    // A gap shows to whoever missed a message: what is after the last number that they have can be asked for.
    expect(after_seq).toBe(last);
    expect(notifications.map(({ seq }) => seq)).toEqual(notifications.map((_, n) => after_seq + 1 + n));
    last = more ? (notifications.at(-1)?.seq ?? 0) : after_seq + notifications.length;
    if (more) break;
  }
  await put(ana, 'read', {});
  await eventually('the mark is told', async () =>
    topic.messages.some(({ event }) => event === 'notifications_marked'),
  );
  await topic.channel.send({ type: 'broadcast', event: 'notifications_added', payload: { forged: true } });
  await asOperator(
    `select app_private.emit_event('user.password_changed', $1, jsonb_build_object('user_id', $1::uuid))`,
    [ana.id],
  );
  await eventually('one more', async () => seqs().at(-1) === total + 1);
  expect(JSON.stringify(topic.messages)).not.toContain('forged');
  expect(await payloads(topic, 1)).toBeDefined();
  expect(foreign.messages).toEqual([]);
});
