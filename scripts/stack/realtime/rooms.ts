import type { Channel } from './channel.ts';
import type { Frame, Version } from './serializers.ts';

/** Who is where: the channels of each room. */
export class Rooms {
  readonly #rooms = new Map<string, Set<Channel>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(channel: Channel): void {
    const members = this.#rooms.get(channel.room);
    if (members === undefined) this.#rooms.set(channel.room, new Set([channel]));
    else members.add(channel);
    this.#size += 1;
  }

  remove(channel: Channel): void {
    const members = this.#rooms.get(channel.room);
    if (!members?.delete(channel)) return;
    this.#size -= 1;
    if (members.size === 0) this.#rooms.delete(channel.room);
  }

  members(room: string): Iterable<Channel> {
    return this.#rooms.get(room) ?? [];
  }

  *all(): Iterable<Channel> {
    for (const members of this.#rooms.values()) yield* members;
  }

  /**
   * Sends one message to those members of a room who are to have it. It is encoded once per serializer, not once per member: all
   * members of a room have the same topic.
   */
  fanOut(
    room: string,
    encode: (version: Version, topic: string) => Frame | null,
    hears: (channel: Channel) => boolean,
  ) {
    const frames = new Map<Version, Frame | null>();
    for (const channel of this.members(room)) {
      if (!hears(channel)) continue;
      const { version } = channel.connection.hello;
      let frame = frames.get(version);
      if (frame === undefined) {
        frame = encode(version, channel.topic);
        frames.set(version, frame);
      }
      if (frame !== null) channel.connection.send(frame);
    }
  }
}
