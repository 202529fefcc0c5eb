import { createECDH, randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackSecrets } from './context.ts';

/**
 * The secrets of a stack: made on its first start, kept in `dataDir/secrets.json` with mode 0600.
 * @param replaceDamaged only for a stack whose data is forgotten anyway.
 * @throws Error when the file is there but unreadable; it is never silently replaced, because the database depends on it.
 */
export async function loadSecrets(dataDir: string, replaceDamaged = false): Promise<StackSecrets> {
  const path = join(dataDir, 'secrets.json');
  const existing = await readSecrets(dataDir).catch(async (error: unknown) => {
    if (!replaceDamaged) throw error;
    await rm(path);
    return null;
  });
  if (existing) return await completed(path, existing);
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, 0o700);
  const secrets = makeSecrets();
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
  await file.sync();
  return secrets;
}

/** A stack may be older than one of its secrets: what is missing is made now, the others stay. */
async function completed(path: string, existing: StackSecrets): Promise<StackSecrets> {
  const made = makeSecrets();
  const secrets = { ...made, ...existing, passwords: { ...made.passwords, ...existing.passwords } };
  if (sameNames(secrets, existing) && sameNames(secrets.passwords, existing.passwords)) return existing;
  await using file = await open(`${path}.new`, 'w', 0o600);
  await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
  await file.sync();
  await rename(`${path}.new`, path);
  return secrets;
}

function sameNames(one: object, other: object): boolean {
  return Object.keys(one).every((name) => name in other);
}

/** The secrets of a stack that was started before, or null. */
export async function readSecrets(dataDir: string): Promise<StackSecrets | null> {
  const path = join(dataDir, 'secrets.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(text) as StackSecrets;
  } catch {
    throw new Error(
      `${path} is damaged.\n  Next: put the old file back, or forget the data with: npm start -- --reset`,
    );
  }
}

function makeSecrets(): StackSecrets {
  const vapid = createECDH('prime256v1');
  return {
    passwords: {
      supabase_admin: password(),
      postgres: password(),
      supabase_lite: password(),
      supabase_realtime_gateway: password(),
      astra_api: password(),
      astra_worker: password(),
    },
    jwtSecret: randomBytes(48).toString('base64url'),
    publishableKey: apiKey('publishable'),
    secretKey: apiKey('secret'),
    paymentsKey: `sk_fake_${randomBytes(24).toString('hex')}`,
    // 32 bytes, as Standard Webhooks asks for.
    paymentsWebhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
    vapidPublicKey: vapid.generateKeys('base64url'),
    // A number may begin with zeros; the key is always of 32 bytes.
    vapidPrivateKey: Buffer.from(vapid.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url'),
  };
}

/** Letters and digits only, so that it stands in a URL as it is. */
function password(): string {
  return randomBytes(24).toString('hex');
}

/** The shape of hosted keys: 22 characters of randomness, then 8 more that a hosted project uses as a checksum. */
function apiKey(kind: 'publishable' | 'secret'): string {
  return `sb_${kind}_${randomBytes(16).toString('base64url')}_${randomBytes(6).toString('base64url')}`;
}
