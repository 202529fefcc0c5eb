import { z } from 'zod';
import { pageOf, pageQuery, timestampSchema } from './common.ts';
import { personInput } from './graph.ts';
import { authorSchema } from './posts.ts';

const kind = z.enum(['audio', 'video']);
const moment = timestampSchema.nullable();
const people = z.array(personInput).min(1).max(15);

/** POST calls: people by id or username, or a group (then `user_ids` are those of its members who are called; all without). */
export const startCallRequest = z
  .strictObject({
    /** The call's id, chosen by the client: the same again is the same call. */
    client_id: z.uuid().optional(),
    /** Which device of the caller is in the call. */
    device_id: z.uuid(),
    /** Which page or process of the device: another one does not join with the same device_id. */
    join_id: z.uuid().optional(),
    kind: kind.default('audio'),
    user_ids: people.optional(),
    group_id: z.uuid().optional(),
  })
  .refine(({ user_ids, group_id }) => user_ids !== undefined || group_id !== undefined, 'send user_ids or group_id');

/** POST calls/:id/answer */
export const answerRequest = z.strictObject({ device_id: z.uuid(), join_id: z.uuid().optional() });

/** POST calls/:id/heartbeat */
export const deviceRequest = z.strictObject({ device_id: z.uuid() });

/** POST calls/:id/end: only who started a call, and is in it, ends it for all. */
export const endCallRequest = z.strictObject({ for_all: z.boolean().optional() });

/** POST calls/:id/people */
export const addPeopleRequest = z.strictObject({ user_ids: people });

/** Path of what is done in one call. */
export const callParams = z.strictObject({ id: z.uuid() });

/** DELETE calls/:id/people/:userId, POST calls/:id/people/:userId/vanished */
export const participantParams = z.strictObject({ id: z.uuid(), userId: z.uuid() });

/** GET calls */
export const callsQuery = z.strictObject({ ...pageQuery, missed: z.enum(['true', 'false']).default('false') });

const participant = z.strictObject({
  user_id: z.uuid(),
  person: authorSchema,
  state: z.enum(['ringing', 'joined', 'declined', 'missed', 'busy', 'left', 'removed', 'lost']),
  joined_at: moment,
  left_at: moment,
});

/** A call as one of its participants sees it: the columns of `public.call_card`. */
export const callCard = z.strictObject({
  id: z.uuid(),
  kind,
  /** Of two people. */
  is_direct: z.boolean(),
  /** Of a group that I am in. */
  group_id: z.uuid().nullable(),
  state: z.enum(['ringing', 'active', 'ended']),
  end_reason: z.enum(['ended', 'lost', 'declined', 'cancelled', 'missed', 'busy']).nullable(),
  /** Null: gone, or not there for me. */
  caller_id: z.uuid().nullable(),
  my_state: participant.shape.state,
  /** The one of my devices that is in it. */
  my_device_id: z.uuid().nullable(),
  participants: z.array(participant),
  /** While I am in it: participants speak on `<topic>:<user_id>`. */
  topic: z.string().nullable(),
  epoch: z.number().int(),
  /** Of two cards of a call, the higher one is the newer. */
  version: z.number().int(),
  /** While it rings for me. */
  rings_until: moment,
  created_at: timestampSchema,
  answered_at: moment,
  ended_at: moment,
  /** Since the first answer. */
  duration_s: z.number().int().nullable(),
});
export type CallCard = z.infer<typeof callCard>;
export const callsPage = pageOf(callCard);

/** GET calls/current: null when one is in none. */
export const currentCall = z.strictObject({ call: callCard.nullable() });

/** POST calls/:id/people/:userId/vanished: false when they were missed already, or are out. */
export const vanishedAnswer = z.strictObject({ asked: z.boolean() });

/** GET calls/:id/ice-servers: what `new RTCPeerConnection({ iceServers })` takes. */
export const iceServersSchema = z.strictObject({
  ice_servers: z.array(
    z.strictObject({
      urls: z.array(z.string()),
      username: z.string().optional(),
      credential: z.string().optional(),
    }),
  ),
  /** Until when the relay takes the credentials; null without a relay. */
  expires_at: z.iso.datetime().nullable(),
});
export type IceServers = z.infer<typeof iceServersSchema>;
