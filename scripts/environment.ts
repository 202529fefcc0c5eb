import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

/** The standard variables of a Supabase project, plus what Astra's worker uses. */
const environmentSchema = z.object({
  SUPABASE_URL: z.url(),
  SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
  SUPABASE_SECRET_KEY: z.string().min(1).optional(),
  SUPABASE_DB_URL: z.string().min(1),
  REDIS_URL: z.string().min(1).optional(),
  MONGODB_URL: z.string().min(1).optional(),
  STUDIO_URL: z.string().optional(),
  MAIL_URL: z.string().optional(),
  WORKER_URL: z.string().optional(),
  /** The local payment provider, where anybody may pay. */
  PAYMENTS_FAKE_URL: z.url().optional(),
});

export type AstraEnvironment = z.infer<typeof environmentSchema>;

/**
 * Where the project is: the local stack that `stackName` names, else the standard environment variables when `SUPABASE_URL` is set,
 * else the local stack that is running. Throws with the next command to type when there is neither.
 */
export async function loadEnvironment(stackName?: string): Promise<AstraEnvironment> {
  const isGiven = stackName === undefined && process.env['SUPABASE_URL'];
  const source = isGiven ? process.env : await localEnvironment(stackName ?? 'local');
  const parsed = environmentSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  throw new Error(
    `The environment is incomplete:\n${z.prettifyError(parsed.error)}\nStart the local stack with: npm start`,
  );
}

async function localEnvironment(name: string): Promise<Record<string, string>> {
  const status = join(import.meta.dirname, 'status.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [status, '--json', '--name', name]).catch(
    (error: Error & { stderr?: string }) => {
      throw new Error(error.stderr?.trim() || error.message);
    },
  );
  return z.object({ env: z.record(z.string(), z.string()) }).parse(JSON.parse(stdout)).env;
}
