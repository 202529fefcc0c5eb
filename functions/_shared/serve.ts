import process from 'node:process';
import { ConfigError } from './config.ts';
import { createDeps, type Deps } from './deps.ts';
import { ofCode } from './failure.ts';
import { problemResponse } from './problem.ts';

/** A web-standard handler, as `Deno.serve` and Supabase's runtime call it. */
export type Handler = (request: Request) => Response | Promise<Response>;

// One process may host every function (the local stack does); they share one pool and one Redis connection.
let shared: Deps | undefined;

/** The handler of a function's index.ts: builds the app at the first request, so that importing it needs no environment. */
export function serveApp(createApp: (deps: Deps) => { fetch: Handler }): { fetch: Handler } {
  let handler: Handler | undefined;
  return {
    fetch(request) {
      try {
        if (handler === undefined) {
          shared ??= createDeps(process.env);
          const app = createApp(shared);
          handler = (incoming) => app.fetch(incoming);
        }
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        console.error(error.message);
        return problemResponse(ofCode('internal.misconfigured'), crypto.randomUUID());
      }
      return handler(request);
    },
  };
}
