import { describe, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../../functions/_shared/db.ts';
import { createLogger } from '../../../functions/_shared/log.ts';
import { toFailure } from '../../../functions/_shared/problem.ts';
import { configFor } from './fakes.ts';
import { type Reaction, startPostgresDouble } from './postgres-double.ts';

const PAY = 'select pay($1)';

/** Runs `work` against a Postgres that reacts so to the payment, or to another statement; tells what came of it. */
async function attempt(
  react: (count: number) => Reaction,
  work: (db: Database) => Promise<unknown> = (db) => db.call(PAY, ['1.00'], 'pay'),
  on: string = PAY,
) {
  await using postgres = await startPostgresDouble((statement, count) => (statement === on ? react(count) : 'answer'));
  const { database } = configFor({ ASTRA_API_DB_URL: postgres.url, ASTRA_DB_STATEMENT_TIMEOUT_MS: '100' });
  await using db = createDatabase(database, createLogger('silent', Date.now));
  const outcome = await work(db).then(
    (rows) => ({ rows }),
    (error: unknown) => ({ code: toFailure(error).code }),
  );
  return { ...outcome, sent: postgres.statements.filter((statement) => statement === on).length };
}

describe('a statement whose outcome nobody knows', () => {
  test.each([
    ['the connection ends after it was sent', 'hang up', 'service.database_unavailable'],
    ['the connection ends between its row and its end', 'hang up after the row', 'service.database_unavailable'],
    ['Postgres says nothing any more', 'stay silent', 'service.database_timeout'],
    ['Postgres is shut down', { sqlstate: '57P01' }, 'service.database_unavailable'],
  ] as const)('is an error and is sent once when %s', async (_what, reaction, code) => {
    expect(await attempt(() => reaction)).toEqual({ code, sent: 1 });
  });

  test.each(['hang up', 'stay silent'] as const)(
    'is no success when its commit is answered by: %s',
    async (reaction) => {
      const transaction = (db: Database) => db.asApi((tx) => tx.query(PAY, ['1.00']));
      const { sent, ...outcome } = await attempt(() => reaction, transaction, 'commit');
      expect(outcome).toEqual({
        code: reaction === 'hang up' ? 'service.database_unavailable' : 'service.database_timeout',
      });
      expect(sent).toBe(1);
    },
  );
});

describe('a statement that was certainly rolled back', () => {
  test.each(['40001', '40P01'])('by %s runs again', async (sqlstate) => {
    const answer = await attempt((count) => (count === 1 ? { sqlstate } : 'answer'));
    expect(answer).toEqual({ rows: [{ login: 'done' }], sent: 2 });
  });

  test('again and again is given up (service.busy)', async () => {
    expect(await attempt(() => ({ sqlstate: '40001' }))).toEqual({ code: 'service.busy', sent: 4 });
  });

  test('and then lost is not run a third time (service.database_unavailable)', async () => {
    const answer = await attempt((count) => (count === 1 ? { sqlstate: '40001' } : 'hang up'));
    expect(answer).toEqual({ code: 'service.database_unavailable', sent: 2 });
  });
});
