import { type LookupAddress, Resolver, lookup as systemLookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './addresses.ts';

/** A message for an address that somebody gave us. */
export interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface SendOptions {
  /** Also to private networks and without TLS: for a stack on one's own machine alone. */
  readonly allowPrivate: boolean;
  /** For all of it, from the look-up of the name to the answer. */
  readonly timeout_ms?: number;
  /** For tests. */
  readonly lookup?: typeof systemLookup;
}

export interface Sent {
  readonly status: number;
  /** In seconds, where the receiver says so. */
  readonly retryAfter_s: number | null;
}

/** Thrown for an address that nothing is sent to, however often it is tried. */
export class ForbiddenTarget extends Error {
  override name = 'ForbiddenTarget';
}

const NOT_PUBLIC = 'its address is not public';
const TIMEOUT_MS = 10_000;
/** Of one try, and how many there are. */
const DNS = { timeout: 3_000, tries: 2 } as const;
const PORTS = new Set(['', '443', '8443']);
/** Nothing in an answer is of interest but its status. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * POSTs to an address that a person gave us. It must not reach into our own network: https only and its ports, redirects are not followed, and the name is
 * looked up once, here, so that the address that was looked at is the one that is connected to.
 * @throws ForbiddenTarget, or whatever the network says.
 */
export function send({ url, headers, body }: Outgoing, options: SendOptions): Promise<Sent> {
  const { allowPrivate, timeout_ms = TIMEOUT_MS } = options;
  const target = URL.parse(url);
  if (target === null || !(target.protocol === 'https:' || (allowPrivate && target.protocol === 'http:')))
    return Promise.reject(new ForbiddenTarget('only https addresses are sent to'));
  if (target.username !== '' || target.password !== '')
    return Promise.reject(new ForbiddenTarget('an address with a password is not sent to'));
  if (!allowPrivate && !PORTS.has(target.port))
    return Promise.reject(new ForbiddenTarget('only the ports 443 and 8443 are sent to'));
  const host = target.hostname.replace(/^\[|\]$/g, '');
  // A literal address is connected to without a look-up, and localhost is what the machine says it is.
  if (!allowPrivate && (isIP(host) === 0 ? /(^|\.)localhost\.?$/.test(host) : !isPublicAddress(host)))
    return Promise.reject(new ForbiddenTarget(NOT_PUBLIC));

  return new Promise((resolve, reject) => {
    const request = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, {
      method: 'POST',
      // No connection is kept: it would outlive the look at its address.
      agent: false,
      lookup: guardedLookup(options.lookup ?? (allowPrivate ? systemLookup : dnsLookup), allowPrivate),
      headers: { 'user-agent': 'Astra', ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    const timer = setTimeout(() => {
      reject(new TooSlow(`it took longer than ${timeout_ms / 1_000} s`));
      request.destroy();
    }, timeout_ms);
    request.on('close', () => clearTimeout(timer));
    request.on('error', (error) => reject(request.reusedSocket ? error : unwrapped(error)));
    request.on('response', (response) => {
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) request.destroy();
      });
      const retryAfter = Number(response.headers['retry-after'] ?? Number.NaN);
      const sent = { status: response.statusCode ?? 0, retryAfter_s: retryAfter >= 0 ? retryAfter : null };
      response.on('close', () => resolve(sent));
      response.on('error', () => resolve(sent));
    });
    request.end(body);
  });
}

class TooSlow extends Error {
  override name = 'TooSlow';
}

/** What somebody may be told of why their address could not be sent to: one of a few sentences, and nothing of what is inside. */
export function failureOf(error: unknown): string {
  if (error instanceof ForbiddenTarget || error instanceof TooSlow) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_|ETIMEOUT|EREFUSED|EBADRESP)/.test(code)) return 'its name was not found';
  if (/CERT|TLS|SSL|SIGNED|UNABLE_TO_VERIFY/.test(code)) return 'its certificate is not good';
  return 'it could not be reached';
}

/**
 * By DNS alone and without the few threads that `lookup` of Node keeps: those who make names that nobody answers for would hold them,
 * and everything that waits for a thread.
 */
const dnsLookup = ((
  hostname: string,
  _options: unknown,
  callback: (error: Error | null, found: LookupAddress[]) => void,
) => {
  const resolver = new Resolver(DNS);
  const found: LookupAddress[] = [];
  let waiting = 2;
  let failure: Error | null = null;
  const collect = (family: 4 | 6) => (error: Error | null, addresses: readonly string[]) => {
    if (error === null) found.push(...addresses.map((address) => ({ address, family })));
    else failure ??= error;
    waiting -= 1;
    if (waiting === 0) callback(found.length > 0 ? null : failure, found);
  };
  resolver.resolve4(hostname, collect(4));
  resolver.resolve6(hostname, collect(6));
}) as unknown as typeof systemLookup;

/** Looks a name up and refuses it as a whole when any of its addresses is not public: who answers so is up to no good. */
function guardedLookup(lookup: typeof systemLookup, allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const inside = addresses.find(({ address }) => !isPublicAddress(address));
      if (inside !== undefined && !allowPrivate) return callback(new ForbiddenTarget(NOT_PUBLIC), '', 0);
      const [first] = addresses;
      if (first === undefined) return callback(new Error(`${hostname} has no address`), '', 0);
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

/** Node tries several addresses at once and wraps what became of each. */
function unwrapped(error: Error): Error {
  if (error instanceof AggregateError) return error.errors.find((one) => one instanceof ForbiddenTarget) ?? error;
  return error;
}
