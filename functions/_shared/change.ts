import type { Context } from 'hono';
import type { AppEnv } from './app.ts';
import type { Transaction } from './db.ts';
import type { Deps } from './deps.ts';
import { write } from './idempotency.ts';
import type { Parameter } from './inline.ts';
import { type RpcRow, rpc } from './rpc.ts';
import type { Claims } from './tokens.ts';

type Arguments = Readonly<Record<string, Parameter>>;

/**
 * Changes something by a function of `public`, as the user and once per Idempotency-Key, and answers what the function gives.
 * `body` is the parsed body, to which the key is bound. Arguments are all named, so that each function has one statement.
 */
export async function change(
  c: Context<AppEnv>,
  deps: Deps,
  body: unknown,
  name: string,
  args: Arguments,
  status: 200 | 201 = 200,
): Promise<Response> {
  return await write(c, deps, body, async (tx, claims) => ({ status, body: await callAs(tx, claims, name, args) }));
}

/** What a function of `public` gives to the user. */
export async function callAs(tx: Transaction, claims: Claims, name: string, args: Arguments): Promise<unknown> {
  await tx.becomeUser(claims);
  const { text, params } = rpc(name, args);
  const [answer] = await tx.query<RpcRow<unknown>>(text, params, `public.${name}`);
  return answer?.row;
}
