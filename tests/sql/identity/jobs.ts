import type { Person, TestConnection } from '../../support/database.ts';

/** A job as its person sees it. */
export interface Job {
  readonly id: string;
  readonly state: string;
  readonly run_after: string;
}

/** Calls one of these as the API does. */
export async function ask(
  db: TestConnection,
  call: 'request_export' | 'request_deletion' | 'cancel_deletion',
  who: Person,
) {
  await db.as({ role: 'astra_api' });
  const { job } = await db.one<{ job: Job }>(`select app_private.${call}($1) as job`, [who.id]);
  await db.as({ role: 'postgres' });
  return job;
}

/** The refusal of such a call. */
export async function refusalOf(db: TestConnection, call: string, who: Person) {
  return await db.refusal(`select app_private.${call}($1)`, [who.id]);
}

/** Takes the job as a worker does, whatever its time is. */
export async function claim(db: TestConnection, job: Job): Promise<number> {
  await db.query('update public.account_jobs set run_after = now() where id = $1', [job.id]);
  const rows = await db.query<{ id: string; attempts: number }>(
    "select id, attempts from app_private.claim_account_jobs(100, '1 minute')",
  );
  const attempts = rows.find(({ id }) => id === job.id)?.attempts;
  if (attempts === undefined) throw new Error('the job was not claimed');
  return attempts;
}

/** Deletes the account as a worker does that took the job. */
export async function remove(db: TestConnection, job: Job): Promise<string> {
  const attempts = await claim(db, job);
  const row = await db.one<{ outcome: string }>('select app_private.delete_account($1, $2) as outcome', [
    job.id,
    attempts,
  ]);
  return row.outcome;
}

/** How the job stands. */
export async function stateOf(db: TestConnection, { id }: Job) {
  return await db.one('select state, reason from public.account_jobs where id = $1', [id]);
}

/** The events of a person that are about their account, in their order. */
export async function toldOf(db: TestConnection, { id }: Person) {
  const rows = await db.query<{ type: string }>(
    `select type from app_private.outbox_events where payload ->> 'user_id' = $1 and type ~ '^user.(export|deletion|deleted)' order by position`,
    [id],
  );
  return rows.map(({ type }) => type);
}
