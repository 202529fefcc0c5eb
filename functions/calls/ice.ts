import type { Context } from 'hono';
import type { IceServers } from '../../contracts/api/calls.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { IceConfig } from '../_shared/config.ts';
import type { Deps } from '../_shared/deps.ts';
import { getCall, getCurrentCall } from './reading.ts';

/**
 * GET calls/:id/ice-servers: for who is in the call or being rung, and nobody else: whoever has credentials sends through the relay at the
 * project's expense. Throws calls.not_found, calls.over.
 */
export async function getIceServers(c: Context<AppEnv>, deps: Deps): Promise<IceServers> {
  const { id } = await getCall(c, deps);
  const { call } = await getCurrentCall(c, deps);
  if (call?.id !== id) throw new AppError('calls.over');
  c.header('Cache-Control', 'no-store');
  return await iceServersFor(deps.config.ice, c.get('claims').user_id, deps.clock());
}

/**
 * STUN servers, and TURN servers with credentials that end by themselves, as coturn's `use-auth-secret` takes them: the name is
 * `<unix time of the end>:<user id>`, the password the base64 of its HMAC-SHA1 under the shared secret (draft-uberti-behave-turn-rest).
 */
export async function iceServersFor(ice: IceConfig, userId: string, now_ms: number): Promise<IceServers> {
  const stun = ice.stun_urls.length === 0 ? [] : [{ urls: [...ice.stun_urls] }];
  if (ice.turn === undefined) return { ice_servers: stun, expires_at: null };
  const expires_s = Math.floor(now_ms / 1000) + ice.turn.ttl_s;
  const username = `${expires_s}:${userId}`;
  const turn = { urls: [...ice.turn.urls], username, credential: await hmacSha1(ice.turn.secret, username) };
  return { ice_servers: [...stun, turn], expires_at: new Date(expires_s * 1000).toISOString() };
}

async function hmacSha1(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-1' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
  return btoa(String.fromCharCode(...signature));
}
