import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSecrets } from '../../../scripts/stack/secrets.ts';

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'astra-secrets-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('gives the same secrets at every start, readable by their owner only', async () => {
  await using data = await folder();
  const first = await loadSecrets(data.path);
  await expect(loadSecrets(data.path)).resolves.toEqual(first);
  expect((await stat(join(data.path, 'secrets.json'))).mode & 0o777).toBe(0o600);
});

test('a stack that is older than a secret keeps the others and is given that one for good', async () => {
  await using data = await folder();
  const { paymentsKey: _key, paymentsWebhookSecret: _secret, ...older } = await loadSecrets(data.path);
  const path = join(data.path, 'secrets.json');
  await writeFile(path, JSON.stringify(older));
  const completed = await loadSecrets(data.path);
  expect(completed).toMatchObject({ ...older, paymentsWebhookSecret: expect.stringMatching(/^whsec_.{44}$/) });
  await expect(loadSecrets(data.path)).resolves.toEqual(completed);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(completed);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
