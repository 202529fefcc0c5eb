import { backoff_ms } from './backoff.ts';
import { call } from './calls.ts';
import { ClientError } from './client-error.ts';
import type { EndReason } from './core-events.ts';
import { Handover } from './handover.ts';
import type { Inbox, InboxOptions } from './inbox.ts';
import { type ConversationCard, withChange, withMessage, withRead } from './inbox-card.ts';
import type { HeardMessage } from './messages.ts';
import type { Session } from './session.ts';
import type { Listening } from './topics.ts';

const CHECK_EVERY_MS = 120_000;
/** A server lets one socket join 100 topics; the rest is for the conversations that are open, and the app. */
const MOST_FOLLOWED = 50;
/** Doubts come in crowds, such as when each channel of a lost socket is joined again. They are asked about once. */
const CROWD_MS = 250;

interface Entry {
  card: ConversationCard;
  topic: string;
  listening: Listening;
}

/** State, not a stream: whatever is missed, the list is asked for again and what differs is said. */
export class FollowedInbox implements Inbox {
  readonly ended: Promise<EndReason>;
  readonly #session: Session;
  readonly #options: InboxOptions;
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();
  readonly #handover: Handover;
  readonly #closing = new AbortController();
  readonly #end = Promise.withResolvers<EndReason>();
  #person: Disposable | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerIsSoon = false;
  #asking: Promise<void> | null = null;
  #isDirty = false;
  #attempts = 0;

  private constructor(session: Session, options: InboxOptions) {
    this.#session = session;
    this.#options = options;
    this.#limit = Math.min(Math.max(options.limit ?? 30, 1), MOST_FOLLOWED);
    this.ended = this.#end.promise;
    this.#handover = new Handover(
      (error) => this.#failed(error),
      () => undefined,
    );
  }

  /**
   * Resolves when the list is here.
   * @throws ClientError when the server refuses it
   */
  static async join(session: Session, options: InboxOptions): Promise<FollowedInbox> {
    const inbox = new FollowedInbox(session, options);
    inbox.#person = session.listen({
      heard: (event, payload) => inbox.#heardAlone(event, payload),
      doubt: () => inbox.#doubt(),
      signedOut: () => inbox.#finish('signed_out'),
    });
    await inbox.refresh();
    return inbox;
  }

  conversations(): readonly ConversationCard[] {
    return [...this.#entries.values()].map(({ card }) => card).sort((a, b) => (a.active_at < b.active_at ? 1 : -1));
  }

  async refresh(): Promise<void> {
    this.#isDirty = true;
    this.#asking ??= this.#askUntilClean().finally(() => {
      this.#asking = null;
      this.#checkLater();
    });
    await this.#asking;
  }

  async close(): Promise<void> {
    this.#finish('left');
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #askUntilClean(): Promise<void> {
    while (this.#isDirty && !this.#closing.signal.aborted) {
      this.#isDirty = false;
      const args = { p_box: this.#options.box ?? 'inbox', p_limit: this.#limit };
      const outcome = await call<ConversationCard[]>(
        this.#session.supabase,
        'my_conversations',
        args,
        this.#closing.signal,
      );
      if (this.#closing.signal.aborted) return;
      if (outcome.ok) {
        this.#attempts = 0;
        this.#show(outcome.data);
      } else if (outcome.isFinal) {
        if (outcome.error.code.startsWith('auth.')) this.#finish('signed_out');
        throw outcome.error;
      } else {
        this.#attempts += 1;
        this.#isDirty = true;
        await new Promise((resolve) => {
          setTimeout(resolve, backoff_ms(this.#attempts));
        });
      }
    }
  }

  #show(cards: readonly ConversationCard[]): void {
    const listed = new Set(cards.map(({ id }) => id));
    const oldest = cards.length < this.#limit ? '' : (cards.at(-1)?.active_at ?? '');
    for (const [id, entry] of this.#entries) {
      if (listed.has(id)) continue;
      this.#drop(id, entry);
      // One that only fell off the end of the list is still there, and not followed any more.
      if (entry.card.active_at > oldest) this.#handover.add(() => this.#options.onGone?.(id));
    }
    for (const card of cards) {
      const entry = this.#entries.get(card.id);
      if (entry === undefined) {
        this.#entries.set(card.id, { card, topic: card.topic, listening: this.#listen(card.id, card.topic) });
        this.#handover.add(() => this.#options.onConversation(card));
        continue;
      }
      this.#follow(entry, card.topic);
      // The answer may be older than a message that was heard meanwhile.
      if (card.last_seq >= entry.card.last_seq) this.#update(entry, card);
    }
  }

  #update(entry: Entry, card: ConversationCard): void {
    if (JSON.stringify(card) === JSON.stringify(entry.card)) return;
    entry.card = card;
    this.#handover.add(() => this.#options.onConversation(card));
  }

  #follow(entry: Entry, topic: string): void {
    if (topic === entry.topic) return;
    const former = entry.listening;
    entry.topic = topic;
    entry.listening = this.#listen(entry.card.id, topic);
    former[Symbol.dispose]();
  }

  #listen(id: string, topic: string): Listening {
    return this.#session.topics.listen(topic, {
      heard: (event, payload) => this.#heard(id, topic, event, payload),
      joined: () => this.#doubt(),
      lost: () => this.#doubt(),
    });
  }

  #drop(id: string, entry: Entry): void {
    this.#entries.delete(id);
    entry.listening[Symbol.dispose]();
  }

  #heard(id: string, topic: string, event: string, payload: unknown): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.topic !== topic) return;
    const message = payload as HeardMessage;
    const card =
      event === 'message_created'
        ? withMessage(entry.card, message, this.#session.userId)
        : withChange(entry.card, message);
    if (event !== 'message_created' && event !== 'message_changed') this.#doubt();
    else if (card === null) this.#doubt();
    else this.#update(entry, card);
  }

  #heardAlone(event: string, payload: Readonly<Record<string, unknown>>): void {
    const id = String(payload['conversation_id']);
    const entry = this.#entries.get(id);
    if (event === 'conversation_read' && entry !== undefined) {
      this.#update(entry, withRead(entry.card, Number(payload['last_read_seq'])));
    } else if (event === 'conversation_epoch' && entry !== undefined) {
      this.#follow(entry, String(payload['topic']));
    } else if (event !== 'receipt' && payload['conversation_id'] !== undefined) {
      this.#doubt();
    }
  }

  #doubt(): void {
    if (this.#timerIsSoon || this.#closing.signal.aborted) return;
    this.#timerIsSoon = true;
    this.#refreshIn(CROWD_MS * (1 + Math.random()));
  }

  #checkLater(): void {
    if (this.#timerIsSoon || this.#closing.signal.aborted) return;
    this.#refreshIn((this.#options.check_every_ms ?? CHECK_EVERY_MS) * (0.8 + Math.random() * 0.4));
  }

  #refreshIn(duration_ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timerIsSoon = false;
      this.refresh().catch((error: unknown) => this.#failed(error));
    }, duration_ms);
  }

  #finish(reason: EndReason): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new ClientError('client.ended', `The inbox has ended: ${reason}.`));
    clearTimeout(this.#timer);
    this.#person?.[Symbol.dispose]();
    for (const [id, entry] of this.#entries) this.#drop(id, entry);
    if (reason === 'left') this.#handover.stop();
    else this.#handover.add(() => this.#options.onEnd?.(reason));
    this.#end.resolve(reason);
  }

  #failed(error: unknown): void {
    if (this.#options.onError) this.#options.onError(error);
    else console.error(error);
  }
}
