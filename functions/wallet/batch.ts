import type { Context, MiddlewareHandler } from 'hono';
import { batchRequest } from '../../contracts/api/wallet.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { readBody } from '../_shared/request.ts';
import { command } from './command.ts';

/** A thousand transfers with long descriptions do not fit into what every other route takes. */
const BATCH_BODY_BYTES = 512 * 1024;

/** Lets a batch be as large as its schema allows. */
export const allowLargeBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set('bodyLimit', Math.max(c.get('bodyLimit'), BATCH_BODY_BYTES));
  await next();
};

/** POST wallet/batch */
export async function postBatch(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const body = await readBody(c, batchRequest);
  return await command(c, deps, 'batch', body, body);
}
