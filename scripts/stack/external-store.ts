import { portAnswers } from './child.ts';
import type { Service, StackContext } from './context.ts';

const VARIABLES = { redis: 'REDIS_URL', mongodb: 'MONGODB_URL' } as const;
const DEFAULT_PORTS = { redis: 6379, mongodb: 27017 } as const;
const PROBE_MS = 3_000;

export type Store = keyof typeof VARIABLES;

/**
 * The server of somebody's own that a stack is to use; undefined when it starts one. `npm run status -- --env` exports the same
 * variables, with ASTRA_STACK beside them: those lead to a stack's own servers, which another stack must never share.
 */
export function externalStoreUrl(store: Store): string | undefined {
  return process.env['ASTRA_STACK'] ? undefined : process.env[VARIABLES[store]] || undefined;
}

/**
 * A server that someone else runs: nothing to stop.
 * @throws Error when it does not answer, with the next command.
 */
export async function useExternalStore(context: StackContext, store: Store, url: string): Promise<Service> {
  const variable = VARIABLES[store];
  const address = URL.parse(url);
  if (address === null) throw new Error(`${variable} is not a URL.\n  Next: unset ${variable}, or mend it`);
  if (!(await storeAnswers(store, address))) {
    throw new Error(
      `${variable} names ${address.host}, which does not answer.\n  Next: start it, or for a server of the stack's own: unset ${variable}`,
    );
  }
  context.log(store, `using the server of ${variable}`);
  return { name: store, url, died: new Promise<string>(() => undefined), [Symbol.asyncDispose]: async () => undefined };
}

/** Whether something listens where a store's URL leads; an SRV name has no port of its own to try and is believed. */
export async function storeAnswers(store: Store, { protocol, hostname, port }: URL): Promise<boolean> {
  if (protocol === 'mongodb+srv:') return true;
  return await portAnswers(Number(port) || DEFAULT_PORTS[store], PROBE_MS, hostname.replace(/^\[|\]$/g, ''));
}
