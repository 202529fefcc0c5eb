import type { Extension } from './authorization.ts';
import type { Connection } from './connection.ts';
import { TOPIC_PREFIX } from './protocol.ts';
import { type Broadcast, encodeText } from './serializers.ts';
import type { Subscription } from './subscriptions.ts';
import type { Claims } from './tokens.ts';

/** What a client may do on a private channel, as far as it was asked: kept until its token changes. */
export interface Rights {
  readonly read: Partial<Record<Extension, boolean>>;
  readonly write: Partial<Record<Extension, boolean>>;
}

/** One entry of somebody's presence: what they told, and the refs by which clients tell entries apart. */
export interface PresenceMeta {
  readonly phx_ref: string;
  readonly phx_ref_prev?: string;
  readonly [name: string]: unknown;
}

/** How a client wants its channel to be. */
export interface ChannelOptions {
  readonly private: boolean;
  /** Wants an answer to each broadcast that it sends. */
  readonly acknowledges: boolean;
  /** Wants to hear its own broadcasts. */
  readonly hearsItself: boolean;
  readonly presenceKey: string;
}

/** One topic that one client has joined. */
export class Channel {
  readonly connection: Connection;
  /** As it stands in frames: `realtime:` and the name. */
  readonly topic: string;
  readonly name: string;
  readonly joinRef: string | null;
  readonly options: ChannelOptions;
  /** Private and public channels of one name are separate worlds. */
  readonly room: string;
  token: string;
  claims: Claims;
  rights: Rights = { read: {}, write: {} };
  subscriptions: readonly Subscription[] = [];
  /** Broadcasts that came while older ones were looked up; null once those were sent. */
  held: { readonly broadcast: Broadcast; readonly id: string | null }[] | null = null;
  /** Ids of broadcasts that were sent as replayed: they may come once more from the log. */
  replayed: ReadonlySet<string> | null = null;
  open = true;

  constructor(
    connection: Connection,
    topic: string,
    joinRef: string | null,
    options: ChannelOptions,
    owner: { readonly token: string; readonly claims: Claims },
  ) {
    this.connection = connection;
    this.topic = topic;
    this.name = nameOf(topic);
    this.joinRef = joinRef;
    this.options = options;
    this.room = roomOf(this.name, options.private);
    this.token = owner.token;
    this.claims = owner.claims;
  }

  /** Whether messages of this kind on the channel are for this client. */
  hears(extension: Extension): boolean {
    // Who is there is told with the answer to the join.
    if (extension === 'presence' && this.held !== null) return false;
    return !this.options.private || this.rights.read[extension] === true;
  }

  push(event: string, payload: object): void {
    const { hello } = this.connection;
    this.connection.send(encodeText(hello.version, null, this.topic, event, JSON.stringify(payload)));
  }

  /** Says what became of the channel itself; the client knows by the ref that this join of it is meant. */
  pushOwn(event: 'phx_close' | 'phx_error'): void {
    const refs = { joinRef: this.joinRef, ref: this.joinRef };
    this.connection.send(encodeText(this.connection.hello.version, refs, this.topic, event, '{}'));
  }

  system(extension: 'system' | 'postgres_changes', status: 'ok' | 'error', message: string): void {
    this.push('system', { extension, status, message, channel: this.name });
  }
}

/** The name that people chose, in a topic of a frame; empty when there is none. */
export function nameOf(topic: string): string {
  return topic.startsWith(TOPIC_PREFIX) ? topic.slice(TOPIC_PREFIX.length) : '';
}

export function roomOf(name: string, isPrivate: boolean): string {
  return `${isPrivate ? 'private' : 'public'}:${name}`;
}
