import type { Context } from 'hono';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { write } from '../_shared/idempotency.ts';
import type { Parameter } from '../_shared/inline.ts';
import { type RpcRow, rpc } from '../_shared/rpc.ts';

/** What a function answers, or another status or shape made of it. */
export interface Reply {
  readonly status?: 200 | 201;
  readonly shape?: (row: unknown) => unknown;
}

/**
 * Changes something by a function of `public`, as the user, and answers what the function gives. With an Idempotency-Key once for it;
 * without one in a single round trip to Postgres. `body` is the parsed body, to which the key is bound.
 */
export async function change(
  c: Context<AppEnv>,
  deps: Deps,
  body: unknown,
  name: string,
  args: Readonly<Record<string, Parameter>>,
  { status = 200, shape = (row) => row }: Reply = {},
): Promise<Response> {
  const { text, params } = rpc(name, args);
  if (c.req.header('idempotency-key') === undefined) {
    const [answer] = await deps.db.ask<RpcRow<unknown>>(c.get('claims'), text, params);
    return Response.json(shape(answer?.row), { status });
  }
  return await write(c, deps, body, async (tx, claims) => {
    await tx.becomeUser(claims);
    const [answer] = await tx.query<RpcRow<unknown>>(text, params, `messages.${name}`);
    return { status, body: shape(answer?.row) };
  });
}
