import type { CallCard, CallEnd, CallKind } from './call-card.ts';
import type { Handler } from './conversation.ts';

export interface CallOptions {
  /** What the others see and hear of me, from `navigator.mediaDevices.getUserMedia`; without it I only listen. It stays yours to stop. */
  readonly stream?: MediaStream | undefined;
  /** What comes from somebody; again when they come back. */
  readonly onStream: Handler<{ readonly user_id: string; readonly stream: MediaStream }>;
  /** Whether media flow between me and somebody; false while a way is looked for. */
  readonly onConnection?: Handler<{ readonly user_id: string; readonly isConnected: boolean }>;
  /** Somebody is no longer in the call. */
  readonly onGone?: Handler<string>;
  /** How the call stands now: who is in it, who is being rung. */
  readonly onCall?: Handler<CallCard>;
  readonly onEnd?: Handler<CallEnd>;
  /** Something failed that is tried again; or a handler did. */
  readonly onError?: (error: unknown) => void;
  /** Which of my devices this is. Keep it, and a page that is loaded anew is back in its call, while another tab is refused; one of its own when left out. */
  readonly device_id?: string | undefined;
  /** Other servers than those of GET calls/:id/ice-servers. */
  readonly iceServers?: () => Promise<readonly RTCIceServer[]>;
  /** For `new RTCPeerConnection`: `relay` lets media go through TURN servers alone. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy;
}

export interface StartCallOptions extends CallOptions {
  readonly kind: CallKind;
  /** Who is called; of a group, those of its members. */
  readonly user_ids?: readonly string[];
  readonly group_id?: string;
  /** The call's id: give the one of a start whose fate is not known. */
  readonly client_id?: string;
}

/** A call that this device is in, until `hangUp` or `await using` ends it, or it ends by itself. */
export interface Call extends AsyncDisposable {
  readonly id: string;
  readonly card: CallCard;
  /** Resolves with the reason when it is over for this device. */
  readonly ended: Promise<CallEnd>;
  /** The connections to the others, such as for `getStats`. */
  readonly connections: ReadonlyMap<string, RTCPeerConnection>;
  /** Sends something else from now on, such as a shared screen; null: nothing. */
  readonly setStream: (stream: MediaStream | null) => Promise<void>;
  /** Calls more people into it. */
  readonly add: (user_ids: readonly string[]) => Promise<void>;
  /** Leaves the call; while nobody has answered mine, it is cancelled. `forAll` ends one that I started for everybody. */
  readonly hangUp: (options?: { readonly forAll?: boolean }) => Promise<void>;
}

export interface CallWatchOptions {
  /** A call that rings for me, or rings no longer: its `my_state` says so. */
  readonly onCall: Handler<CallCard>;
  readonly onError?: (error: unknown) => void;
}

/** Listening for calls, until `close` or `await using` ends it. */
export interface CallWatch extends AsyncDisposable {
  readonly close: () => Promise<void>;
}
