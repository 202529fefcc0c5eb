import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../scripts/stack/stack.ts';
import { runShell } from '../support/docs.ts';
import { freshStack } from './supervisor.ts';

// What operators do holds for everybody: fees and limits of a currency would change the outcome of tests next door.
let stack: Stack;
beforeAll(async () => {
  stack = await freshStack({ name: 'test-docs' });
});
afterAll(() => stack[Symbol.asyncDispose]());

test('docs/operators.md and then docs/ledger.md work from the first line to the last on one stack', async () => {
  const env = { ...stack.env };
  expect(await runShell('operators', env)).toMatch(/│ restore_post +│/);
  const books = await runShell('ledger', env);
  expect(books).toMatch(/│ each entry is a leg of its transfer +│ 0 +│ true │/);
  expect(books).toMatch(/│ approve_correction +│/);
});
