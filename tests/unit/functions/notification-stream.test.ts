import { expect, test } from 'vitest';
import { bodyOf, type Sent } from '../../../functions/notifications/stream.ts';

/** Counts what is asked of it, for as long as somebody does. */
async function* counting(): AsyncGenerator<Sent, void> {
  for (let id = 1; ; id += 1) yield { id };
}

test('who does not read any more is not waited for, and keeps no place', async () => {
  const failures: unknown[] = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const reader = bodyOf(counting(), { stall_ms: 20, end, failed: (error) => failures.push(error) }).getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('id: 1\n\n');
  await ended;
  expect(failures).toEqual([]);
});

test('who goes away ends it once, and that is no failure', async () => {
  const failures: unknown[] = [];
  let ends = 0;
  let leave: () => void = () => undefined;
  async function* broken(): AsyncGenerator<Sent, void> {
    yield { id: 1 };
    await new Promise<void>((resolve) => {
      leave = resolve;
    });
    throw new Error('its client is gone');
  }
  const end = () => {
    ends += 1;
  };
  const reader = bodyOf(broken(), { stall_ms: 60_000, end, failed: (error) => failures.push(error) }).getReader();
  await reader.read();
  await reader.cancel();
  leave();
  await new Promise((resolve) => setImmediate(resolve));
  expect({ ends, failures }).toEqual({ ends: 1, failures: [] });
});

test('what breaks while somebody reads is told', async () => {
  const failures: unknown[] = [];
  async function* broken(): AsyncGenerator<Sent, void> {
    yield { id: 1 };
    throw new Error('broken');
  }
  const body = bodyOf(broken(), { stall_ms: 60_000, end: () => undefined, failed: (error) => failures.push(error) });
  await expect(new Response(body).text()).rejects.toThrow('broken');
  expect(failures).toEqual([new Error('broken')]);
});
