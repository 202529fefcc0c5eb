import type { Channel, PresenceMeta } from './channel.ts';
import type { Rooms } from './rooms.ts';
import { encodeText } from './serializers.ts';

/** Changes of a room are told together after so long: of a crowd that comes at once each hears once, and not of one after the other. */
const TOGETHER_MS = 50;

/** Who is there, by the key that each client chose: one entry per channel that tracks itself. */
type PresenceState = Record<string, { metas: PresenceMeta[] }>;

/** What one channel shows: as its room was told, and as it is by now. */
interface Shown {
  told: PresenceMeta | null;
  now: PresenceMeta | null;
}

/** Those of one room who show themselves, or did when the room was last told. */
interface RoomPresence {
  readonly shown: Map<Channel, Shown>;
  readonly changed: Set<Channel>;
}

/** Calls back after so long. */
type Later = (then: () => void, duration_ms: number) => void;

/** Tells members of a room who else is there. Nothing of it is stored: it ends with the connection. */
export class Presence {
  readonly #rooms: Rooms;
  readonly #later: Later;
  readonly #byRoom = new Map<string, RoomPresence>();
  #lastRef = 0;

  constructor(rooms: Rooms, later: Later = (then, duration_ms) => setTimeout(then, duration_ms).unref()) {
    this.#rooms = rooms;
    this.#later = later;
  }

  /** Everybody of whom the channel's room was told, for whoever joins: what is still to be told comes to them as to the others. */
  sendState(channel: Channel): void {
    const state = emptyState();
    for (const [{ options }, { told }] of this.#byRoom.get(channel.room)?.shown ?? [])
      add(state, options.presenceKey, told);
    channel.push('presence_state', state);
  }

  /** Shows the channel's client to the others, or changes what it shows. The same again changes nothing. */
  track(channel: Channel, meta: Readonly<Record<string, unknown>>): void {
    const { now = null, told = null } = this.#byRoom.get(channel.room)?.shown.get(channel) ?? {};
    if (now !== null && JSON.stringify(withoutRefs(now)) === JSON.stringify(withoutRefs(meta))) return;
    this.#lastRef += 1;
    const phx_ref = `F${this.#lastRef.toString(36)}`;
    this.#change(channel, { ...withoutRefs(meta), phx_ref, ...(told && { phx_ref_prev: told.phx_ref }) });
  }

  untrack(channel: Channel): void {
    if (this.#byRoom.get(channel.room)?.shown.get(channel)?.now) this.#change(channel, null);
  }

  #change(channel: Channel, now: PresenceMeta | null): void {
    const { room } = channel;
    let presence = this.#byRoom.get(room);
    if (presence === undefined) {
      presence = { shown: new Map(), changed: new Set() };
      this.#byRoom.set(room, presence);
    }
    const shown = presence.shown.get(channel);
    if (shown === undefined) presence.shown.set(channel, { told: null, now });
    else shown.now = now;
    if (presence.changed.size === 0) this.#later(() => this.#tell(room), TOGETHER_MS);
    presence.changed.add(channel);
  }

  /** Says what is different from what was told. Who came and went meanwhile was not there. */
  #tell(room: string): void {
    const presence = this.#byRoom.get(room);
    if (presence === undefined) return;
    const [joins, leaves] = [emptyState(), emptyState()];
    for (const channel of presence.changed) {
      const shown = presence.shown.get(channel);
      if (shown === undefined) continue;
      add(joins, channel.options.presenceKey, shown.now);
      add(leaves, channel.options.presenceKey, shown.told);
      shown.told = shown.now;
      if (shown.now === null) presence.shown.delete(channel);
    }
    presence.changed.clear();
    if (presence.shown.size === 0) this.#byRoom.delete(room);
    if (isEmpty(joins) && isEmpty(leaves)) return;
    const payload = JSON.stringify({ joins, leaves });
    this.#rooms.fanOut(
      room,
      (version, topic) => encodeText(version, null, topic, 'presence_diff', payload),
      (member) => member.hears('presence'),
    );
  }
}

/** Without a prototype: somebody's key may be `__proto__`. */
function emptyState(): PresenceState {
  return Object.create(null) as PresenceState;
}

function add(state: PresenceState, key: string, meta: PresenceMeta | null): void {
  if (meta === null) return;
  state[key] ??= { metas: [] };
  state[key]?.metas.push(meta);
}

function isEmpty(state: PresenceState): boolean {
  return Object.keys(state).length === 0;
}

/** The refs are ours to give. */
function withoutRefs(meta: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { phx_ref: _ref, phx_ref_prev: _previous, ...shown } = meta;
  return shown;
}
