import type { Channel } from './channel.ts';
import type { Database } from './database.ts';
import type { Replay } from './protocol.ts';
import type { Rooms } from './rooms.ts';
import { type Broadcast, encodeBroadcast } from './serializers.ts';

/** What may come while older broadcasts are looked up; a channel that gets more has to join again. */
const HELD_MAX = 1_000;

const REPLAYED = `select id, event, payload, binary_payload
  from _realtime.replayed($1, to_timestamp($2::float8 / 1000) at time zone 'utc', $3, $4)`;

/** For so long a transaction that was read from the log may still be invisible to others, and how many are remembered of that time. */
const SETTLING_MS = 1_000;
const SETTLING_MAX = 10_000;

interface StoredBroadcast {
  readonly id: string;
  readonly event: string;
  readonly payload: string | null;
  readonly binary_payload: Buffer | null;
}

/** Sends broadcasts to the members of rooms, and those that are kept to whoever joins later. */
export class Broadcasts {
  readonly #rooms: Rooms;
  readonly #database: Pick<Database, 'query'>;
  #settling: { readonly room: string; readonly xid: number; readonly at_ms: number }[] = [];

  constructor(rooms: Rooms, database: Pick<Database, 'query'>) {
    this.#rooms = rooms;
    this.#database = database;
  }

  /** From a client on the channel: to the others, and to itself if it wants that. */
  fromClient(sender: Channel, broadcast: Broadcast): void {
    this.#send(sender.room, broadcast, null, (channel) => channel !== sender || sender.options.hearsItself);
  }

  /** From somebody without a channel. */
  toRoom(room: string, broadcast: Broadcast): void {
    this.#send(room, broadcast, null, () => true);
  }

  /** One that the database keeps, as it is read from the log. */
  fromDatabase(room: string, broadcast: Broadcast, id: string, xid: number): void {
    if (this.#settling.length >= SETTLING_MAX) this.#settling = this.#settling.slice(SETTLING_MAX / 2);
    this.#settling.push({ room, xid, at_ms: Date.now() });
    this.#send(room, broadcast, id, () => true);
  }

  #send(room: string, broadcast: Broadcast, id: string | null, wants: (channel: Channel) => boolean): void {
    this.#rooms.fanOut(
      room,
      (version, topic) => encodeBroadcast(version, topic, broadcast),
      (channel) => {
        if (!channel.hears('broadcast') || !wants(channel)) return false;
        if (channel.held !== null) {
          if (channel.held.length < HELD_MAX) channel.held.push({ broadcast, id });
          return false;
        }
        return id === null || !channel.replayed?.has(id);
      },
    );
  }

  /** The kept broadcasts that a client asked for. The channel must hold what comes meanwhile (`channel.held`). */
  stored(channel: Channel, { since, limit }: Replay): Promise<StoredBroadcast[]> {
    const from_ms = Date.now() - SETTLING_MS;
    this.#settling = this.#settling.filter(({ at_ms }) => at_ms >= from_ms);
    const xids = new Set(this.#settling.filter(({ room }) => room === channel.room).map(({ xid }) => xid));
    return this.#database.query<StoredBroadcast>(REPLAYED, [channel.name, since, limit, [...xids]]);
  }

  /** Sends the kept ones first, then those that came while they were looked up, none twice. */
  release(channel: Channel, stored: readonly StoredBroadcast[]): void {
    const { connection, topic, held } = channel;
    const send = (broadcast: Broadcast) => {
      const frame = encodeBroadcast(connection.hello.version, topic, broadcast);
      if (frame !== null) connection.send(frame);
    };
    for (const { id, event, payload, binary_payload } of stored) {
      const body = binary_payload ?? Buffer.from(payload ?? 'null');
      send({ event, json: binary_payload === null, body, meta: JSON.stringify({ id, replayed: true }) });
    }
    const replayed = new Set(stored.map(({ id }) => id));
    for (const { broadcast, id } of held ?? []) {
      if (id === null || !replayed.has(id)) send(broadcast);
    }
    channel.held = null;
    channel.replayed = replayed;
  }

  /** Whether more came while older ones were looked up than is held: some are missing then. */
  overflowed(channel: Channel): boolean {
    return (channel.held?.length ?? 0) >= HELD_MAX;
  }
}
