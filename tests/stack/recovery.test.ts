import { afterEach, expect, test } from 'vitest';
import type { Service, StackContext } from '../../scripts/stack/context.ts';
import { keepRunning } from '../../scripts/stack/keep-running.ts';
import { startStack } from '../../scripts/stack/stack.ts';
import { eventually } from '../support/eventually.ts';
import { forgetStack, freshStack, isAlive, PORT_BASE, pidOf, startSupervisor } from './supervisor.ts';

const NAME = 'test-recovery';
const CHILDREN = ['postgres', 'redis', 'functions'] as const;

afterEach(() => forgetStack(NAME));

test('takes over after kill -9: the children left behind are stopped, the data stays', async () => {
  await forgetStack(NAME);
  const options = { name: NAME, portBase: PORT_BASE, only: CHILDREN };
  const supervisor = await startSupervisor(options);
  const orphans = await Promise.all(CHILDREN.map((part) => pidOf(NAME, part)));
  supervisor.process.kill('SIGKILL');
  await supervisor.exited;
  expect(await Promise.all(orphans.map(isAlive))).toEqual([true, true, true]);

  await using stack = await startStack({ ...options, quiet: true, watch: false });
  expect(stack.parts).toEqual(expect.arrayContaining([...CHILDREN]));
  expect(await Promise.all(orphans.map(isAlive))).toEqual([false, false, false]);
});

test('takes its children along when it ends by a fault of its own', async () => {
  await forgetStack(NAME);
  const supervisor = await startSupervisor({ name: NAME, portBase: PORT_BASE, only: CHILDREN });
  const children = await Promise.all((['redis', 'functions'] as const).map((part) => pidOf(NAME, part)));
  supervisor.process.kill('SIGUSR2');
  await supervisor.exited;
  await eventually('they are gone', async () => !(await Promise.all(children.map(isAlive))).includes(true));
  await using stack = await startStack({ name: NAME, portBase: PORT_BASE, quiet: true, watch: false, only: CHILDREN });
  expect(stack.parts).toEqual(expect.arrayContaining([...CHILDREN]));
});

test('leaves no process behind when it is told to stop', async () => {
  await forgetStack(NAME);
  const supervisor = await startSupervisor({ name: NAME, portBase: PORT_BASE, only: CHILDREN });
  const children = await Promise.all(CHILDREN.map((part) => pidOf(NAME, part)));
  supervisor.process.kill('SIGTERM');
  expect(await supervisor.exited).toEqual([0, null]);
  expect(await Promise.all(children.map(isAlive))).toEqual([false, false, false]);
});

test.each(['functions', 'postgres'] as const)('starts %s again when it is killed', async (part) => {
  await using stack = await freshStack({ name: NAME, only: ['functions', 'postgres'] });
  const before = await pidOf(NAME, part);
  process.kill(before, 'SIGKILL');
  await eventually(`another ${part}`, async () => {
    const now = await pidOf(NAME, part).catch(() => 0);
    return now > 0 && now !== before && (await isAlive(now));
  });
  await eventually('the functions answer', () =>
    fetch(`http://127.0.0.1:${stack.context.ports.functions}/`).then(
      (response) => response.ok,
      () => false,
    ),
  );
  expect(stack.parts).toContain(part);
});

test('gives a part up that keeps dying, with the reason of the last time', async () => {
  const starts: number[] = [];
  const dying = async (): Promise<Service> => {
    starts.push(starts.length);
    return {
      name: 'fragile',
      url: '',
      died: Promise.resolve('fragile exited with code 7'),
      [Symbol.asyncDispose]: async () => undefined,
    };
  };
  const context = { log: () => undefined } as unknown as StackContext;
  const kept = await keepRunning(context, dying, { maxDeaths: 3, windowMs: 60_000, firstPauseMs: 1 });
  expect(await kept?.died).toMatch(/fragile died 4 times within 60 s\.[\s\S]+exited with code 7/);
  expect(starts).toHaveLength(4);
});

test('an abort during the start stops what had been started', async () => {
  const stopping = new AbortController();
  const start = startStack({
    name: NAME,
    portBase: PORT_BASE,
    only: ['postgres'],
    signal: stopping.signal,
    log: (service) => service === 'postgres' && stopping.abort(),
  });
  await expect(start).rejects.toThrow(/abort/i);
  // Everything is free again: the same stack can start.
  await using stack = await startStack({ name: NAME, portBase: PORT_BASE, quiet: true, only: ['postgres'] });
  expect(stack.parts).toEqual(['postgres']);
});
