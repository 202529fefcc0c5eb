import { z } from 'zod';

const uuid = z.uuid();
const timestamp = z.iso.datetime({ offset: true });
const job = { user_id: uuid, job_id: uuid };

/** The file can be downloaded until `expires_at`. */
export const userExportReady = z.object({ ...job, expires_at: timestamp });
/** `reason` is a code of contracts/errors.ts. */
export const userExportFailed = z.object({ ...job, reason: z.string() });
/** The account is deleted after `run_after`, unless its person takes the request back. */
export const userDeletionRequested = z.object({ ...job, run_after: timestamp });
export const userDeletionCancelled = z.object(job);
/** When its time came the account could not be deleted; `reason` is a code of contracts/errors.ts. */
export const userDeletionRefused = z.object({ ...job, reason: z.string() });
/** Nothing of the password itself; also of a first one. */
export const userPasswordChanged = z.object({ user_id: uuid });
/** Where notifications of this person go from now on; never the whole address, which is as good as a password. */
export const userTargetAdded = z.object({
  user_id: uuid,
  target_id: uuid,
  channel: z.enum(['push', 'webhook']),
  host: z.string(),
  user_agent: z.string().nullable(),
});
export const userWebhookDisabled = z.object({ user_id: uuid, target_id: uuid, host: z.string(), reason: z.string() });
