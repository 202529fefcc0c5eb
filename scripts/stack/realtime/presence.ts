import type { Channel, PresenceMeta } from './channel.ts';
import type { Rooms } from './rooms.ts';
import { encodeText } from './serializers.ts';

/** Who is there, by the key that each client chose: one entry per channel that tracks itself. */
type PresenceState = Record<string, { metas: PresenceMeta[] }>;

/** Tells members of a room who else is there. Nothing of it is stored: it ends with the connection. */
export class Presence {
  readonly #rooms: Rooms;
  #lastRef = 0;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** Everybody in the channel's room, for whoever joins. */
  sendState(channel: Channel): void {
    // Without a prototype: somebody's key may be `__proto__`.
    const state: PresenceState = Object.create(null);
    for (const { presence, options } of this.#rooms.members(channel.room)) {
      if (presence === null) continue;
      state[options.presenceKey] ??= { metas: [] };
      state[options.presenceKey]?.metas.push(presence);
    }
    channel.push('presence_state', state);
  }

  /** Shows the channel's client to the others, or changes what it shows. The same again changes nothing. */
  track(channel: Channel, shown: Readonly<Record<string, unknown>>): void {
    const before = channel.presence;
    if (before !== null && JSON.stringify(withoutRefs(before)) === JSON.stringify(withoutRefs(shown))) return;
    this.#lastRef += 1;
    const phx_ref = `F${this.#lastRef.toString(36)}`;
    channel.presence = { ...withoutRefs(shown), phx_ref, ...(before && { phx_ref_prev: before.phx_ref }) };
    this.#sendDiff(channel, channel.presence, before);
  }

  untrack(channel: Channel): void {
    const before = channel.presence;
    if (before === null) return;
    channel.presence = null;
    this.#sendDiff(channel, null, before);
  }

  #sendDiff(channel: Channel, joined: PresenceMeta | null, left: PresenceMeta | null): void {
    const { presenceKey } = channel.options;
    const entry = (meta: PresenceMeta | null) =>
      meta === null ? '{}' : `{${JSON.stringify(presenceKey)}:${JSON.stringify({ metas: [meta] })}}`;
    const payload = `{"joins":${entry(joined)},"leaves":${entry(left)}}`;
    this.#rooms.fanOut(
      channel.room,
      (version, topic) => encodeText(version, null, topic, 'presence_diff', payload),
      (member) => member.hears('presence'),
    );
  }
}

/** The refs are ours to give. */
function withoutRefs(meta: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { phx_ref: _ref, phx_ref_prev: _previous, ...shown } = meta;
  return shown;
}
