import { ConversationCore, PAGE } from '../../../packages/client/src/core.ts';
import type { ConversationAction, ConversationEvent } from '../../../packages/client/src/core-events.ts';
import type { HeardMessage, Message, Place } from '../../../packages/client/src/messages.ts';

const CONVERSATION = '00000000-0000-7000-8000-000000000001';

/** A message with this place, as far as order and changes look at it. */
export function messageAt(seq: number, rest: Partial<Message> = {}): Message {
  return {
    id: `id-${seq}`,
    conversation_id: CONVERSATION,
    seq,
    sender_id: 'somebody',
    sender: null,
    kind: 'text',
    content: `message ${seq}`,
    media_urls: [],
    duration_ms: null,
    waveform: null,
    reply_to: null,
    is_forwarded: false,
    mentions: [],
    reactions: [],
    change: null,
    pinned_at: null,
    edited_at: null,
    deleted_at: null,
    expires_at: null,
    created_at: '2026-01-01T00:00:00Z',
    ...rest,
  };
}

export const topicOf = (epoch: number) => `conversation:${CONVERSATION}:${epoch}`;

type Broadcast = { readonly on: 'heard' | 'heard_change'; readonly topic: string; readonly message: HeardMessage };

/** The server's side of one conversation: counts under a lock, so numbers follow the order of the commits. */
export class ServerModel {
  readonly messages: Message[] = [];
  readonly broadcasts: Broadcast[] = [];
  epoch = 1;
  lastChange = 0;
  /** The newest commit can be heard a moment before it can be read. */
  #hidden: 'message' | 'change' | null = null;
  #before: Message | null = null;

  send(isSealed: boolean): void {
    this.settle();
    const message = messageAt(this.messages.length + 1);
    this.messages.push(message);
    this.#hidden = 'message';
    this.#tell('heard', isSealed ? { ...message, content: null, is_sealed: true } : message);
  }

  /** Changes some message; sometimes the number is used and nothing is told of it. */
  change(pick: number, isTold: boolean): void {
    this.settle();
    const index = pick % Math.max(this.messages.length, 1);
    const old = this.messages[index];
    if (old === undefined) return;
    this.lastChange += 1;
    if (!isTold) return;
    const message = { ...old, change: this.lastChange, content: `changed ${this.lastChange}` };
    this.#before = old;
    this.messages[index] = message;
    this.#hidden = 'change';
    this.#tell('heard_change', message);
  }

  settle(): void {
    this.#hidden = null;
  }

  place(): Place {
    return {
      topic: topicOf(this.epoch),
      typing_topic: null,
      epoch: this.epoch,
      last_seq: this.messages.length - (this.#hidden === 'message' ? 1 : 0),
      last_change: this.lastChange - (this.#hidden === 'change' ? 1 : 0),
    };
  }

  page(after: number): Message[] {
    return this.#visible()
      .filter(({ seq }) => seq > after)
      .slice(0, PAGE);
  }

  changesPage(after: number): Message[] {
    return this.#visible()
      .filter(({ change }) => (change ?? 0) > after)
      .sort((a, b) => (a.change ?? 0) - (b.change ?? 0))
      .slice(0, PAGE);
  }

  #visible(): Message[] {
    if (this.#hidden === 'message') return this.messages.slice(0, -1);
    const before = this.#hidden === 'change' ? this.#before : null;
    return this.messages.map((message) => (message.seq === before?.seq ? before : message));
  }

  #tell(on: Broadcast['on'], message: HeardMessage): void {
    this.broadcasts.push({ on, topic: topicOf(this.epoch), message });
  }
}

/** The client's side: a core whose actions are carried out against the model, when the test lets them. */
export class ClientModel {
  readonly server: ServerModel;
  readonly core: ConversationCore;
  readonly handed: Message[] = [];
  readonly changes: Message[] = [];
  isLive = false;
  topic: string | null = null;
  joined: string | null = null;
  requests: ConversationAction[] = [];
  waits: number[] = [];
  mostHeld = 0;
  /** How many messages the place said that there were, the first time. */
  located: number | undefined;

  constructor(server: ServerModel, start: { after_seq?: number; after_change?: number } = {}) {
    this.server = server;
    this.core = new ConversationCore(start);
    this.#carryOut(this.core.begin());
  }

  get view(): Map<number, Message> {
    return new Map([...this.handed, ...this.changes].map((message) => [message.seq, message]));
  }

  tell(event: ConversationEvent): void {
    this.#carryOut(this.core.handle(event));
    this.mostHeld = Math.max(this.mostHeld, this.core.held);
  }

  join(): void {
    // The server lets nobody join the topic of a former epoch.
    if (this.topic === null) return;
    if (this.topic !== topicOf(this.server.epoch)) {
      this.tell({ on: 'lost', topic: this.topic });
      return;
    }
    this.joined = this.topic;
    this.tell({ on: 'joined', topic: this.topic });
  }

  lose(): void {
    if (this.topic === null) return;
    this.joined = null;
    this.tell({ on: 'lost', topic: this.topic });
  }

  /** Answers the request under way, if there is one. */
  answer(fails = false): void {
    const request = this.requests.shift();
    if (request === undefined) return;
    if (fails) {
      this.tell({ on: 'failed' });
    } else if (request.do === 'locate') {
      const place = this.server.place();
      this.located ??= place.last_seq;
      this.tell({ on: 'place', place });
    } else if (request.do === 'read') {
      this.tell({ on: 'messages', page: this.server.page(request.after) });
    } else if (request.do === 'read_changes') {
      this.tell({ on: 'changes', page: this.server.changesPage(request.after) });
    }
  }

  passTime(): void {
    const ticket = this.waits.pop();
    this.waits = [];
    if (ticket !== undefined) this.tell({ on: 'waited', ticket });
  }

  /** Everything works from now on, and the slow look has come by. */
  settle(): void {
    this.server.settle();
    this.tell({ on: 'drained' });
    if (this.joined !== topicOf(this.server.epoch)) this.joined = null;
    this.tell({ on: 'doubt' });
    for (let step = 0; step < 10_000; step += 1) {
      if (this.requests.length > 0) this.answer();
      else if (this.waits.length > 0) this.passTime();
      else if (this.topic !== null && this.joined !== this.topic) this.join();
      else return;
    }
    throw new Error('It does not come to rest.');
  }

  #carryOut(actions: readonly ConversationAction[]): void {
    for (const action of actions) {
      switch (action.do) {
        case 'hand':
          this.handed.push(action.message);
          break;
        case 'hand_change':
          this.changes.push(action.message);
          break;
        case 'listen':
          this.topic = action.topic;
          this.joined = null;
          break;
        case 'wait':
          this.waits.push(action.ticket);
          break;
        case 'live':
          this.isLive = action.is_live;
          break;
        case 'locate':
        case 'read':
        case 'read_changes':
          this.requests.push(action);
          if (this.requests.length > 1) throw new Error('More than one request at a time.');
          break;
        case 'located':
        case 'listen_typing':
        case 'end':
          break;
      }
    }
  }
}
