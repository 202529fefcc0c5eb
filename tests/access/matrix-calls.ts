import type { Person, TestConnection } from '../support/database.ts';
import type { TableRule } from './matrix.ts';

/** Of calls that the owner is in, and `other` is not. Written by functions alone. */
const PEOPLE_IN_IT = {
  owner: { select: 'rows' },
  other: { select: 'none' },
  service_role: { select: 'rows' },
} as const;

export const CALL_TABLES: Readonly<Record<string, TableRule>> = {
  'public.calls': {
    ownRow: 'id in (select call_id from public.call_participants where user_id = $1)',
    set: 'state = state',
    allowed: PEOPLE_IN_IT,
  },
  'public.call_participants': { ownRow: 'user_id = $1', set: 'state = state', allowed: PEOPLE_IN_IT },
  'app_private.call_rules': { ownRow: 'true', set: 'rings_per_day = null', allowed: {} },
};

const PEOPLE = ['authenticated'] as const;
const WORKER = ['astra_worker'] as const;

export const CALL_EXECUTE: Readonly<Record<string, readonly ('authenticated' | 'astra_worker')[]>> = {
  'app_hidden.hears_call': PEOPLE,
  'app_hidden.my_call_ids': PEOPLE,
  'app_hidden.was_in_call_since': PEOPLE,
  'app_private.prune_calls': WORKER,
  'app_private.prune_rings': WORKER,
  'app_private.sweep_calls': WORKER,
  'public.add_to_call': PEOPLE,
  'public.answer_call': PEOPLE,
  'public.call': PEOPLE,
  'public.call_heartbeat': PEOPLE,
  'public.cancel_call': PEOPLE,
  'public.current_call': PEOPLE,
  'public.decline_call': PEOPLE,
  'public.end_call': PEOPLE,
  'public.my_calls': PEOPLE,
  'public.remove_from_call': PEOPLE,
  'public.report_vanished': PEOPLE,
  'public.start_call': PEOPLE,
};

/** A call of the owner with somebody else. */
export async function withCallAround(db: TestConnection, owner: Person): Promise<void> {
  const callee = await db.signUp();
  await db.as({ role: 'authenticated', sub: owner.id });
  await db.query('select public.start_call($1)', [{ device_id: owner.id, user_ids: [callee.id] }]);
  await db.as({ role: 'postgres' });
}
