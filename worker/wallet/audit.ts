import { z } from 'zod';
import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import type { Metrics } from '../metrics.ts';

const AUDIT = 'select app_private.audit_ledger($1) as report';

/** `recent` looks at what was booked lately, `full` at every entry there ever was. */
export type AuditScope = 'recent' | 'full';

const TIMEOUT_MS: Readonly<Record<AuditScope, number>> = { recent: 4 * 60_000, full: 6 * 3_600_000 };

const report = z.looseObject({
  ok: z.boolean(),
  violations: z.array(z.looseObject({ invariant: z.string(), violations: z.coerce.number().default(1) })),
});

export interface AuditDeps {
  readonly database: Pick<Database, 'queryAlone'>;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Audits the ledger. What does not add up stops withdrawals inside the database; here it is told to whoever watches. */
export async function auditLedger(deps: AuditDeps, scope: AuditScope, signal?: AbortSignal): Promise<void> {
  const { database, metrics, log } = deps;
  const started = performance.now();
  try {
    const [row] = await database.queryAlone<{ report: unknown }>(AUDIT, [scope], TIMEOUT_MS[scope], signal);
    const { ok, violations } = report.parse(row?.report);
    const seconds = (performance.now() - started) / 1_000;
    metrics.auditOk.set({ scope }, ok ? 1 : 0);
    metrics.auditViolations.set(
      { scope },
      violations.reduce((sum, each) => sum + each.violations, 0),
    );
    metrics.auditSeconds.set({ scope }, seconds);
    metrics.auditLastRun.set({ scope }, Date.now() / 1_000);
    const fields = { scope, seconds: Math.round(seconds * 1_000) / 1_000 };
    if (ok) log('info', 'the ledger adds up', fields);
    else log('error', 'the ledger does not add up: withdrawals are stopped', { ...fields, violations });
  } catch (error) {
    metrics.failures.inc({ part: 'audit' });
    log('error', 'the ledger could not be audited', { scope, reason: reasonOf(error) });
    throw error;
  }
}
