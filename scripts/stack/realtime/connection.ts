import { WebSocket } from 'ws';
import type { Channel } from './channel.ts';
import { type Limits, PerSecond, WAITING_MESSAGES } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { type ClientMessage, encodeText, type Frame, type Version } from './serializers.ts';

/** What a client said when it connected. */
export interface Hello {
  readonly version: Version;
  /** Stands in for a token wherever nobody is signed in. */
  readonly apiKey: string;
  /** JSON text of its `x-` headers, for policies. */
  readonly headers: string;
}

/** The WebSocket of one client, with a bounded amount of what waits for it in either direction. */
export class Connection {
  readonly hello: Hello;
  readonly channels = new Map<string, Channel>();
  readonly joins: PerSecond;
  readonly messages: PerSecond;
  readonly presence: PerSecond;
  heard_ms: number;
  readonly #socket: WebSocket;
  readonly #limits: Limits;
  readonly #metrics: Metrics;
  /** Per topic the last message whose handling takes a while; later ones of that topic wait for it. */
  readonly #busy = new Map<string, Promise<void>>();
  #waiting = 0;
  #waiting_bytes = 0;

  constructor(socket: WebSocket, hello: Hello, limits: Limits, metrics: Metrics, now_ms: number) {
    this.hello = hello;
    this.heard_ms = now_ms;
    this.joins = new PerSecond(limits.joinsPerSecond);
    this.messages = new PerSecond(limits.messagesPerSecond);
    this.presence = new PerSecond(limits.presencePerSecond);
    this.#socket = socket;
    this.#limits = limits;
    this.#metrics = metrics;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(frame: Frame): void {
    if (!this.open) return;
    if (this.#socket.bufferedAmount > this.#limits.buffered_bytes) {
      this.#metrics.limited.inc({ limit: 'slow_consumer' });
      this.end();
      return;
    }
    this.#socket.send(frame.data, { binary: frame.binary });
    this.#metrics.deliveries.inc();
  }

  /** Answers one message; a client that gave it no ref does not want an answer. */
  reply(message: ClientMessage, status: 'ok' | 'error', response: object = {}): void {
    if (message.ref === null) return;
    const payload = JSON.stringify({ status, response });
    this.send(encodeText(this.hello.version, message, message.topic, 'phx_reply', payload));
  }

  /** Cuts the connection without a word: a client that does not read would not hear it. */
  end(): void {
    this.#socket.terminate();
  }

  /** Closes it as WebSockets are closed, with a code and a reason for people. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /**
   * Handles messages of one topic one after the other, those of different topics side by side. What needs no waiting is done at
   * once. A client that sends faster, or more, than can be answered is disconnected.
   */
  inOrder(topic: string, bytes: number, handle: () => Promise<void> | undefined): void {
    const before = this.#busy.get(topic);
    const now = before === undefined ? handle() : before.then(handle);
    if (now === undefined) return;
    this.#waiting += 1;
    this.#waiting_bytes += bytes;
    if (this.#waiting > WAITING_MESSAGES || this.#waiting_bytes > this.#limits.buffered_bytes) {
      this.#metrics.limited.inc({ limit: 'waiting_messages' });
      this.end();
    }
    const settled = now.finally(() => {
      this.#waiting -= 1;
      this.#waiting_bytes -= bytes;
      if (this.#busy.get(topic) === settled) this.#busy.delete(topic);
    });
    this.#busy.set(topic, settled);
  }
}
