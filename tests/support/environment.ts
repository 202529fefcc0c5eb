import { z } from 'zod';

const environmentSchema = z.object({
  SUPABASE_URL: z.url(),
  SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
  SUPABASE_SECRET_KEY: z.string().min(1),
  SUPABASE_DB_URL: z.string().min(1),
  REDIS_URL: z.string().min(1).optional(),
  MONGODB_URL: z.string().min(1).optional(),
  MAIL_URL: z.string().min(1).optional(),
  STUDIO_URL: z.string().min(1).optional(),
  WORKER_URL: z.string().min(1).optional(),
  PAYMENTS_FAKE_URL: z.string().min(1).optional(),
  PAYMENTS_FAKE_KEY: z.string().min(1).optional(),
  PAYMENTS_WEBHOOK_SECRET: z.string().min(1).optional(),
});

export type TestEnvironment = z.infer<typeof environmentSchema>;

/** The Supabase project under test: the stack that the global setup started, or the one named by the environment. */
export function testEnvironment(): TestEnvironment {
  return environmentSchema.parse(process.env);
}
