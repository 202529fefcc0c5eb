import type { Person } from './messages.ts';

export type CallKind = 'audio' | 'video';

/** How somebody stands to a call. */
export type ParticipantState = 'ringing' | 'joined' | 'declined' | 'missed' | 'busy' | 'left' | 'removed' | 'lost';

/** A call as one of its participants sees it: what the functions of calls answer, and what their devices are told. */
export interface CallCard {
  readonly id: string;
  readonly kind: CallKind;
  readonly is_direct: boolean;
  readonly group_id: string | null;
  readonly state: 'ringing' | 'active' | 'ended';
  readonly end_reason: 'ended' | 'lost' | 'declined' | 'cancelled' | 'missed' | 'busy' | null;
  readonly caller_id: string | null;
  readonly my_state: ParticipantState;
  readonly my_device_id: string | null;
  readonly participants: readonly {
    readonly user_id: string;
    readonly person: Person;
    readonly state: ParticipantState;
    readonly joined_at: string | null;
    readonly left_at: string | null;
  }[];
  readonly topic: string | null;
  readonly epoch: number;
  readonly version: number;
  readonly rings_until: string | null;
  readonly created_at: string;
  readonly answered_at: string | null;
  readonly ended_at: string | null;
  readonly duration_s: number | null;
}

/**
 * Why a call is over for this device: how the call ended, or that I left it, was removed, was not heard of (`lost`), that another of my
 * devices is in it, or that nobody is signed in any more.
 */
export type CallEnd = NonNullable<CallCard['end_reason']> | 'left' | 'removed' | 'answered_elsewhere' | 'signed_out';

/** Others who are in the call now. */
export function othersIn(card: CallCard, me: string): readonly string[] {
  return card.participants.flatMap(({ user_id, state }) => (state === 'joined' && user_id !== me ? [user_id] : []));
}

/** Why a card says that the call is over for a device; null while it is in it. */
export function endOf(card: CallCard, deviceId: string): CallEnd | null {
  if (card.state === 'ended') return card.end_reason ?? 'ended';
  if (card.my_state === 'joined') return card.my_device_id === deviceId ? null : 'answered_elsewhere';
  return card.my_state === 'removed' || card.my_state === 'lost' ? card.my_state : 'left';
}
