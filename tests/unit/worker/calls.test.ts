import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXECUTE } from '../../access/matrix.ts';

const WORKER = new URL('../../../worker/', import.meta.url);

/** For operators, after a store was lost (docs/worker.md). */
const BY_HAND = ['app_private.replay_outbox'];

test('the worker calls every function that is for it alone', () => {
  const text = readdirSync(WORKER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(new URL(path, WORKER), 'utf8'))
    .join('\n');
  const forIt = Object.entries(EXECUTE).filter(([, roles]) => roles.join() === 'astra_worker');
  expect(forIt.length).toBeGreaterThan(10);
  expect(forIt.map(([name]) => name).filter((name) => !text.includes(`${name}(`))).toEqual(BY_HAND);
});
