import { backoff_ms } from './backoff.ts';
import { call, type Outcome } from './calls.ts';
import { ClientError } from './client-error.ts';
import type { Conversation, ConversationOptions, Handler } from './conversation.ts';
import { ConversationCore, PAGE } from './core.ts';
import type { ConversationAction, ConversationEvent, EndReason } from './core-events.ts';
import { Handover } from './handover.ts';
import { Liveness } from './liveness.ts';
import type { Draft, HeardMessage, Message, Place, Receipt } from './messages.ts';
import { Reader, type ReadMark } from './reader.ts';
import { Sender } from './sender.ts';
import type { Session } from './session.ts';
import type { Listening } from './topics.ts';
import { Typing } from './typing.ts';

const CHECK_EVERY_MS = 60_000;

/** Carries out what the core decides, with supabase-js. */
export class FollowedConversation implements Conversation {
  readonly id: string;
  readonly ended: Promise<EndReason>;
  readonly #session: Session;
  readonly #options: ConversationOptions;
  readonly #core: ConversationCore;
  readonly #handover: Handover;
  readonly #sender: Sender;
  readonly #reader: Reader;
  readonly #typing: Typing;
  readonly #events: ConversationEvent[] = [];
  readonly #closing = new AbortController();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #located = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<EndReason>();
  #isBusy = false;
  readonly #live = new Liveness();
  #person: Disposable | null = null;
  #listening: Listening | null = null;
  #firstSeq = 0;

  private constructor(session: Session, id: string, options: ConversationOptions) {
    this.id = id;
    this.#session = session;
    this.#options = options;
    this.#core = new ConversationCore(options);
    this.#handover = new Handover(
      (error) => this.#failed(error),
      (isFull) => this.#tell({ on: isFull ? 'full' : 'drained' }),
    );
    this.#sender = new Sender(session.supabase, id, (message) => this.#tell({ on: 'sent', message }));
    this.#reader = new Reader(session.supabase, id);
    const { onTyping, onPresence } = options;
    this.#typing = new Typing(session, id, {
      typing: onTyping && ((who) => this.#hand('onTyping', who)),
      present: onPresence && ((ids) => this.#hand('onPresence', ids)),
    });
    this.ended = this.#end.promise;
    // Whoever does not ask is not told.
    this.#located.promise.catch(() => undefined);
  }

  /** Resolves when the server said where the conversation is. */
  static async join(session: Session, id: string, options: ConversationOptions): Promise<FollowedConversation> {
    options.signal?.throwIfAborted();
    const followed = new FollowedConversation(session, id, options);
    const giveUp = () => {
      followed.#located.reject(options.signal?.reason);
      void followed.close();
    };
    options.signal?.addEventListener('abort', giveUp, { once: true });
    followed.#begin();
    try {
      await followed.#located.promise;
      return followed;
    } finally {
      options.signal?.removeEventListener('abort', giveUp);
    }
  }

  get isLive(): boolean {
    return this.#live.isLive;
  }

  get position(): { readonly seq: number; readonly change: number } {
    return this.#core.position ?? { seq: 0, change: 0 };
  }

  live(): Promise<void> {
    return this.#live.when();
  }

  async send(draft: Draft, options: { client_id?: string; signal?: AbortSignal } = {}): Promise<Message> {
    return await this.#sender.send(draft, options.client_id, options.signal);
  }

  typing(): void {
    this.#typing.say();
  }

  async markRead(seq: number = this.position.seq): Promise<ReadMark> {
    return await this.#reader.mark(seq);
  }

  async history({ before_seq, limit = 50 }: { before_seq?: number; limit?: number } = {}): Promise<readonly Message[]> {
    const args = {
      p_conversation: this.id,
      p_before_seq: before_seq ?? this.#firstSeq + 1,
      p_limit: Math.min(limit, PAGE),
    };
    const outcome = await call<Message[]>(this.#session.supabase, 'conversation_messages', args, this.#closing.signal);
    if (!outcome.ok) throw outcome.error;
    return outcome.data;
  }

  async close(): Promise<void> {
    this.#tell({ on: 'over', reason: 'left' });
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(): void {
    this.#person = this.#session.listen({
      heard: (event, payload) => this.#heardAlone(event, payload),
      doubt: () => this.#tell({ on: 'doubt' }),
      signedOut: () => this.#tell({ on: 'over', reason: 'signed_out' }),
    });
    this.#checkLater();
    this.#carryOut(this.#core.begin());
  }

  /** One event after the other, also when carrying out what one brings makes the next. */
  #tell(event: ConversationEvent): void {
    this.#events.push(event);
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      this.#carryOut(this.#core.handle(next));
    }
    this.#isBusy = false;
  }

  #carryOut(actions: readonly ConversationAction[]): void {
    for (const action of actions) {
      switch (action.do) {
        case 'locate':
          void this.#ask<Place[]>('conversation_topic', {}, ([place]) => place && { on: 'place', place });
          break;
        case 'read':
          void this.#readPage('conversation_messages', { p_after_seq: action.after }, 'messages');
          break;
        case 'read_changes':
          void this.#readPage('conversation_changes', { p_after_change: action.after }, 'changes');
          break;
        case 'wait':
          this.#later(backoff_ms(action.attempt), () => this.#tell({ on: 'waited', ticket: action.ticket }));
          break;
        case 'listen':
          this.#listen(action.topic);
          break;
        case 'listen_typing':
          this.#typing.listen(action.topic);
          break;
        case 'hand':
          this.#handover.add(() => this.#options.onMessage(action.message));
          break;
        case 'hand_change':
          this.#hand('onChange', action.message);
          break;
        case 'located':
          this.#firstSeq = this.position.seq;
          this.#located.resolve();
          break;
        case 'live':
          this.#live.set(action.is_live);
          this.#hand('onLive', action.is_live);
          break;
        case 'end':
          this.#finish(action.reason);
          break;
      }
    }
  }

  #readPage(name: string, args: Readonly<Record<string, unknown>>, on: 'messages' | 'changes'): Promise<void> {
    return this.#ask<Message[]>(name, { ...args, p_limit: PAGE }, (page) => ({ on, page }));
  }

  async #ask<T>(
    name: string,
    args: Readonly<Record<string, unknown>>,
    answer: (data: T) => ConversationEvent | undefined,
  ): Promise<void> {
    const all = { p_conversation: this.id, ...args };
    const outcome = await call<T>(this.#session.supabase, name, all, this.#closing.signal);
    if (outcome.ok) this.#tell(answer(outcome.data) ?? { on: 'failed' });
    else this.#refused(outcome);
  }

  #refused({ error, isFinal }: Extract<Outcome<unknown>, { ok: false }>): void {
    const isUnlocated = this.#core.position === null;
    if (isFinal && isUnlocated) this.#located.reject(error);
    if (error.code === 'messages.conversation_not_found') this.#tell({ on: 'over', reason: 'removed' });
    else if (isFinal && error.code.startsWith('auth.')) this.#tell({ on: 'over', reason: 'signed_out' });
    else if (isFinal && isUnlocated) this.#tell({ on: 'over', reason: 'left' });
    else {
      if (isFinal) this.#failed(error);
      this.#tell({ on: 'failed' });
    }
  }

  #listen(topic: string): void {
    const former = this.#listening;
    this.#listening = this.#session.topics.listen(topic, {
      heard: (event, payload) => this.#heard(topic, event, payload),
      joined: () => this.#tell({ on: 'joined', topic }),
      lost: () => this.#tell({ on: 'lost', topic }),
    });
    former?.[Symbol.dispose]();
  }

  #heard(topic: string, event: string, payload: unknown): void {
    const message = payload as HeardMessage;
    switch (event) {
      case 'message_created':
        this.#tell({ on: 'heard', topic, message });
        break;
      case 'message_changed':
        this.#tell({ on: 'heard_change', topic, message });
        break;
      case 'conversation_changed':
        this.#hand('onTimer', payload as { disappear_after_s: number | null; by: string });
        break;
    }
  }

  /** What comes on the person's own topic, of this conversation among others. */
  #heardAlone(event: string, payload: Readonly<Record<string, unknown>>): void {
    if (payload['conversation_id'] !== this.id) return;
    switch (event) {
      case 'conversation_epoch':
        this.#tell({ on: 'moved', topic: String(payload['topic']), epoch: Number(payload['epoch']) });
        break;
      case 'receipt':
      case 'conversation_read':
        this.#hand('onReceipt', payload as unknown as Receipt);
        break;
      case 'message_hidden':
        this.#hand('onHidden', payload as unknown as { id: string; seq: number });
        break;
      case 'conversation_added':
      case 'conversation_accepted':
      // Asked for rather than believed: by now somebody may be a member again.
      case 'conversation_removed':
        this.#tell({ on: 'doubt' });
        break;
    }
  }

  #hand<K extends 'onChange' | 'onHidden' | 'onTyping' | 'onPresence' | 'onReceipt' | 'onTimer' | 'onLive'>(
    name: K,
    what: Parameters<NonNullable<ConversationOptions[K]>>[0],
  ): void {
    const handler = this.#options[name] as Handler<typeof what> | undefined;
    if (handler !== undefined) this.#handover.add(() => handler(what));
  }

  /** Nothing tells of a server that lost a message on the way, or of a worker that does not run: so it is asked, seldom. */
  #checkLater(): void {
    const every_ms = this.#options.check_every_ms ?? CHECK_EVERY_MS;
    this.#later(every_ms * (0.8 + Math.random() * 0.4), () => {
      this.#tell({ on: 'doubt' });
      this.#checkLater();
    });
  }

  #later(duration_ms: number, then: () => void): void {
    if (this.#closing.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, duration_ms);
    this.#timers.add(timer);
  }

  #finish(reason: EndReason): void {
    const error = new ClientError('client.ended', `The conversation has ended: ${reason}.`);
    this.#closing.abort(error);
    this.#sender.close();
    this.#reader.close();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const listening of [this.#person, this.#listening, this.#typing]) listening?.[Symbol.dispose]();
    this.#live.end(error);
    this.#located.reject(error);
    if (reason === 'left') this.#handover.stop();
    else this.#handover.add(() => this.#options.onEnd?.(reason));
    this.#end.resolve(reason);
  }

  #failed(error: unknown): void {
    if (this.#options.onError) this.#options.onError(error);
    else console.error(error);
  }
}
