/** What one client, and all of them together, may ask of the server. docs/realtime.md says what a client is told at each. */
export interface Limits {
  readonly connections: number;
  readonly channelsPerConnection: number;
  /** These three are per connection. */
  readonly joinsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly presencePerSecond: number;
  /** Of all HTTP clients together: they have no connection to count on. */
  readonly httpMessagesPerSecond: number;
  readonly payload_bytes: number;
  readonly presence_bytes: number;
  /** What may wait for a client that reads too slowly, and of one that sends more than is answered; then it is disconnected. */
  readonly buffered_bytes: number;
  /** A connection that says nothing for so long is gone; clients send a heartbeat every 25 s. */
  readonly idle_ms: number;
}

/** Messages of one connection that wait for an answer of the database; more, and the client is disconnected. */
export const WAITING_MESSAGES = 2_000;

/** Room around a payload for topic, event and the rest of a frame. */
export const ENVELOPE_BYTES = 65_536;

/** Counts what happens within each second of the clock. */
export class PerSecond {
  readonly #max: number;
  #second = 0;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts `amount` more; false when that is more than this second may have. */
  take(now_ms: number, amount = 1): boolean {
    const second = Math.floor(now_ms / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    this.#count += amount;
    return this.#count <= this.#max;
  }
}
