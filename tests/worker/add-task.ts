import type { WorkerFixture } from './fixture.ts';

/** Asks for a task once; false while the schema of the tasks is still being made, and its functions come and go. */
export function isTaken(database: WorkerFixture['database'], task: string): Promise<boolean> {
  return database.query('select graphile_worker.add_job($1, job_key := $1)', [task]).then(
    () => true,
    () => false,
  );
}
