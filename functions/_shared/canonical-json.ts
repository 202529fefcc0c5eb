import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys and no spaces, so that two bodies that mean the same have the same text. The input was parsed from
 * JSON, so it holds no cycles, dates or functions; its depth was bounded when it was read.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/**
 * SHA-256 over method, path and canonical body: what an Idempotency-Key is bound to. Made at once: for so little text
 * `crypto.subtle`, which hands it to another thread, takes sixteen times as long.
 */
export function requestHash(method: string, path: string, body: unknown): Uint8Array {
  return createHash('sha256')
    .update(`${method}\n${path}\n${canonicalJson(body)}`)
    .digest();
}
