import type { SupabaseClient } from '@supabase/supabase-js';
import { backoff_ms, pause } from './backoff.ts';
import { ClientError } from './client-error.ts';

const CALL_MS = 15_000;
/** Of Postgres: it is starting or stopping, has too many clients, lost a connection, or stopped one of two that waited for each other. */
const PASSING_SQLSTATE = /^(?:08|40|53|55P03|57)/;
const STABLE_CODE = /^[a-z_]+\.[a-z_]+$/;

/** What a call came to. Not final: nobody said no, so that the same call may be made again. */
export type Outcome<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly error: ClientError; readonly isFinal: boolean };

/** Calls a function of the database once, with a deadline. */
export async function call<T>(
  supabase: SupabaseClient,
  name: string,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
    const { data, error, status } = await supabase.rpc(name, args).abortSignal(deadline);
    if (error === null) return { ok: true, data: data as T };
    const { details, code, message, hint } = error;
    const stable = typeof details === 'string' && STABLE_CODE.test(details) ? details : code || 'client.unreachable';
    return {
      ok: false,
      error: new ClientError(stable, message, { status, hint: hint || null }),
      isFinal: isRefusal(status, code),
    };
  } catch (cause) {
    const error = new ClientError('client.unreachable', 'The server did not answer.', { cause });
    return { ok: false, error, isFinal: false };
  }
}

/** Calls until there is an answer, whatever restarts meanwhile. For what may be done twice. */
export async function insist<T>(
  supabase: SupabaseClient,
  name: string,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const outcome = await call<T>(supabase, name, args, signal);
    if (outcome.ok) return outcome.data;
    signal.throwIfAborted();
    if (outcome.isFinal) throw outcome.error;
    await pause(backoff_ms(attempt), signal);
  }
}

/** 401: the token ran out, and supabase-js gets another one. */
function isRefusal(status: number, sqlstate: string): boolean {
  return status >= 400 && status < 500 && ![401, 408, 425].includes(status) && !PASSING_SQLSTATE.test(sqlstate);
}
