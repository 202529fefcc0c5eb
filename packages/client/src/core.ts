import type { ConversationAction, ConversationEvent, Start } from './core-events.ts';
import type { HeardMessage, Message, Place } from './messages.ts';
import { Sequence } from './sequence.ts';

/** What is read at once; the server gives up to 101. */
export const PAGE = 100;
/** Messages and changes that are held because something before them is missing. What comes on top is read later. */
const EARLY = 500;
/** A lost channel is waited for as long as after so many failures: more than the first attempt of supabase-js to connect again takes. */
const LOST_ATTEMPT = 4;

interface Request {
  readonly kind: 'locate' | 'read' | 'read_changes';
  readonly readable: number;
}

/**
 * One conversation as one client follows it: events in, actions out; no clock, no network. Whatever is lost, doubled or out of order
 * on the way, each message is handed over once and in the order of its seq, and each change in the order of its number.
 *
 * The rules: ask where the conversation is; listen there; once that is joined ask again, and read what is missing. A new epoch, a
 * lost channel or any doubt begins it anew.
 */
export class ConversationCore {
  readonly #start: Start;
  #messages: Sequence<Message> | null = null;
  #changes: Sequence<Message> | null = null;
  /** By seq: changes that messages already showed when they were handed over, which are ahead of what changes were handed over. */
  readonly #shown = new Map<number, number>();
  #topic: string | null = null;
  #typingTopic: string | null = null;
  #epoch = 0;
  #isJoined = false;
  #mustLocate = true;
  #request: Request | null = null;
  #isFull = false;
  #isLive = false;
  #isOver = false;
  #attempts = 0;
  #ticket = 0;
  #isWaiting = false;
  #actions: ConversationAction[] = [];

  constructor(start: Start = {}) {
    this.#start = start;
  }

  /** How far everything has been handed over; null until the conversation is located. */
  get position(): { readonly seq: number; readonly change: number } | null {
    return this.#messages && this.#changes && { seq: this.#messages.at, change: this.#changes.at };
  }

  /** How much is held that cannot be handed over yet. */
  get held(): number {
    return (this.#messages?.held ?? 0) + (this.#changes?.held ?? 0) + this.#shown.size;
  }

  begin(): readonly ConversationAction[] {
    return this.#act();
  }

  handle(event: ConversationEvent): readonly ConversationAction[] {
    if (this.#isOver) return [];
    switch (event.on) {
      case 'place':
        this.#answered('locate');
        this.#locate(event.place);
        break;
      case 'messages':
        this.#readMessages(event.page);
        break;
      case 'changes':
        this.#readChanges(event.page);
        break;
      case 'failed':
        this.#request = null;
        this.#wait();
        break;
      case 'waited':
        if (event.ticket === this.#ticket) this.#isWaiting = false;
        break;
      case 'joined':
        if (event.topic !== this.#topic) break;
        this.#isJoined = true;
        this.#doubt();
        break;
      case 'lost':
        if (event.topic !== this.#topic) break;
        this.#isJoined = false;
        this.#mustLocate = true;
        // A channel that comes back soon is asked about once, then; one that does not was refused, or is of a former epoch.
        if (!this.#isWaiting) this.#wait(LOST_ATTEMPT);
        break;
      case 'heard':
        this.#hear(event);
        break;
      case 'heard_change':
        this.#hearChange(event);
        break;
      case 'sent':
        this.#messages?.hear(event.message.seq, event.message);
        this.#messages?.learn(event.message.seq);
        if (this.#messages?.isBehind) this.#mustLocate = true;
        break;
      case 'moved':
        if (event.epoch > this.#epoch) this.#move(event.topic, event.epoch);
        break;
      case 'doubt':
        this.#doubt();
        break;
      case 'full':
        this.#isFull = true;
        break;
      case 'drained':
        this.#isFull = false;
        break;
      case 'over':
        this.#isOver = true;
        this.#actions.push({ do: 'end', reason: event.reason });
        break;
    }
    return this.#act();
  }

  #act(): readonly ConversationAction[] {
    this.#handOver();
    if (!this.#isOver) {
      this.#ask();
      this.#tellLive();
    }
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #handOver(): void {
    if (this.#isOver || this.#isFull || this.#messages === null || this.#changes === null) return;
    for (let next = this.#messages.take(); next !== null; next = this.#messages.take()) {
      const { seq, change } = next.thing;
      if (change !== null && change > this.#changes.at) this.#shown.set(seq, change);
      this.#actions.push({ do: 'hand', message: next.thing });
    }
    const { at } = this.#messages;
    const isHandedOver = ({ seq }: Message) => seq <= at;
    for (let next = this.#changes.take(isHandedOver); next !== null; next = this.#changes.take(isHandedOver)) {
      const isOld = (this.#shown.get(next.thing.seq) ?? 0) >= next.number;
      if (!isOld) this.#actions.push({ do: 'hand_change', message: next.thing });
    }
    for (const [seq, change] of this.#shown) if (change <= this.#changes.at) this.#shown.delete(seq);
  }

  /** One request at a time: the next one is decided by what the last one brought. */
  #ask(): void {
    if (this.#request !== null || this.#isWaiting) return;
    if (this.#messages === null || this.#changes === null) {
      this.#request = { kind: 'locate', readable: 0 };
      this.#mustLocate = false;
      this.#actions.push({ do: 'locate' });
    } else if (this.#messages.isBehind && !this.#isFull) {
      this.#read('read', this.#messages);
    } else if (this.#mustLocate) {
      this.#mustLocate = false;
      this.#request = { kind: 'locate', readable: 0 };
      this.#actions.push({ do: 'locate' });
    } else if (this.#changes.isBehind && !this.#isFull) {
      this.#read('read_changes', this.#changes);
    }
  }

  #read(kind: 'read' | 'read_changes', sequence: Sequence<Message>): void {
    const { after, readable } = sequence.ask();
    this.#request = { kind, readable };
    this.#actions.push({ do: kind, after });
  }

  #tellLive(): void {
    const isLive =
      this.#isJoined &&
      !this.#mustLocate &&
      this.#request === null &&
      !this.#messages?.isBehind &&
      !this.#changes?.isBehind;
    // Reading what a gap asks for is part of being live: only a lost channel ends it.
    if (isLive === this.#isLive || (!isLive && this.#isJoined)) return;
    this.#isLive = isLive;
    this.#actions.push({ do: 'live', is_live: isLive });
  }

  #answered(kind: Request['kind']): Request {
    const request = this.#request;
    if (request?.kind !== kind) throw new Error(`An answer to "${kind}", which was not asked for.`);
    this.#request = null;
    this.#attempts = 0;
    return request;
  }

  #locate(place: Place): void {
    if (this.#messages === null || this.#changes === null) {
      const { after_seq = place.last_seq, after_change = place.last_change } = this.#start;
      this.#messages = new Sequence(Math.min(after_seq, place.last_seq), EARLY);
      this.#changes = new Sequence(Math.min(after_change, place.last_change), EARLY);
      this.#actions.push({ do: 'located' });
    }
    this.#messages.learn(place.last_seq);
    this.#changes.learn(place.last_change);
    // An answer may be older than a notice of a new epoch that came meanwhile.
    if (place.epoch < this.#epoch) return;
    if (place.epoch > this.#epoch) this.#move(place.topic, place.epoch);
    if (place.typing_topic !== this.#typingTopic) {
      this.#typingTopic = place.typing_topic;
      this.#actions.push({ do: 'listen_typing', topic: place.typing_topic });
    }
  }

  #move(topic: string, epoch: number): void {
    this.#epoch = epoch;
    this.#topic = topic;
    this.#isJoined = false;
    this.#actions.push({ do: 'listen', topic });
  }

  #readMessages(page: readonly Message[]): void {
    const request = this.#answered('read');
    const before = this.#messages?.at;
    this.#messages?.read(
      page.map((message) => [message.seq, message]),
      page.length < PAGE,
      request,
    );
    this.#handOver();
    this.#waitIfStuck(this.#messages, before);
  }

  #readChanges(page: readonly Message[]): void {
    const request = this.#answered('read_changes');
    const before = this.#changes?.at;
    // Of messages that have to be read first, this says that they are there.
    for (const { seq } of page) this.#messages?.learn(seq);
    this.#changes?.read(
      page.flatMap((message) => (message.change === null ? [] : [[message.change, message] as const])),
      page.length < PAGE,
      request,
    );
    this.#handOver();
    this.#waitIfStuck(this.#changes, before);
  }

  /** What was heard cannot be read yet: it is a matter of milliseconds, and not asked for as fast as the server answers. */
  #waitIfStuck(sequence: Sequence<Message> | null, before: number | undefined): void {
    if (sequence?.isBehind && sequence.at === before) this.#wait();
  }

  #hear({ topic, message }: { readonly topic: string; readonly message: HeardMessage }): void {
    if (topic !== this.#topic || this.#messages === null) return;
    const { is_sealed, ...open } = message;
    this.#messages.hear(message.seq, is_sealed ? null : open);
    // Something between was not heard: whoever misses one message may have missed a new epoch.
    if (this.#messages.isBehind && !is_sealed) this.#mustLocate = true;
  }

  #hearChange({ topic, message }: { readonly topic: string; readonly message: HeardMessage }): void {
    if (topic !== this.#topic || this.#changes === null || message.change === null) return;
    const { is_sealed, ...open } = message;
    this.#changes.hear(message.change, is_sealed ? null : open);
    this.#messages?.learn(message.seq);
  }

  #doubt(): void {
    // Until the topic is joined there is nothing to doubt: when it is, or when that is refused, this is asked anyway.
    if (this.#isJoined) this.#mustLocate = true;
    // Something works again, so there is no reason to wait any longer.
    this.#isWaiting = false;
    this.#attempts = 0;
  }

  #wait(atLeast = 1): void {
    this.#isWaiting = true;
    this.#attempts = Math.max(this.#attempts + 1, atLeast);
    this.#ticket += 1;
    this.#actions.push({ do: 'wait', ticket: this.#ticket, attempt: this.#attempts });
  }
}
