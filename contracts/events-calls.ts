import { z } from 'zod';

const uuid = z.uuid();
const kind = z.enum(['audio', 'video']);

const call = {
  call_id: uuid,
  caller_id: uuid.nullable(),
  kind,
  group_id: uuid.nullable(),
  /** Of two people. */
  is_direct: z.boolean(),
};

export const callStarted = z.object(call);

export const callEnded = z.object({
  ...call,
  reason: z.enum(['ended', 'lost', 'declined', 'cancelled', 'missed', 'busy']),
  /** From the first answer; 0 when nobody answered. */
  duration_s: z.number().int(),
});

/** One for each person for whom it rang in vain, or who was in another call. */
export const callMissed = z.object({
  call_id: uuid,
  /** Who called them: who started the call, or called them into it. */
  caller_id: uuid,
  callee_id: uuid,
  kind,
});
