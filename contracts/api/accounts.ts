import { z } from 'zod';
import { pageOf, timestampSchema } from './common.ts';

/** A job of the worker for one person. */
export const accountJob = z.strictObject({
  id: z.uuid(),
  kind: z.enum(['export', 'deletion']),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  /** Of a deletion that waits: when the account goes. */
  run_after: timestampSchema,
  /** A code of docs/errors.md: why it failed. */
  reason: z.string().nullable(),
  /** Until when the file of an export is there. */
  expires_at: timestampSchema.nullable(),
  created_at: timestampSchema,
  finished_at: timestampSchema.nullable(),
});
export type AccountJob = z.infer<typeof accountJob>;

export const accountJobsPage = pageOf(accountJob);

/** The newest export; while its file is there, an address that gives it for five minutes to whoever has the address. */
export const exportState = accountJob.extend({
  download_url: z.url().nullable(),
  download_expires_at: timestampSchema.nullable(),
});
export type ExportState = z.infer<typeof exportState>;

/** The password may be left out where the person signed in a few minutes ago. */
export const deleteAccountRequest = z.strictObject({ password: z.string().min(1).max(1024).optional() });
