import { call } from './calls.ts';
import { closed } from './client-error.ts';
import type { Session } from './session.ts';
import type { Listening } from './topics.ts';

/** Others see somebody type for some seconds after each notice. */
const EVERY_MS = 2_500;

/** What members say of themselves: nothing of it is certain. Left out is what nobody asks for. */
export interface TypingListener {
  readonly typing: ((who: { readonly user_id: string }) => void) | undefined;
  readonly present: ((ids: readonly string[]) => void) | undefined;
}

/** Who types and who is there in one conversation, on a topic of its own that members' clients write to. */
export class Typing implements Disposable {
  readonly #session: Session;
  readonly #conversationId: string;
  readonly #listener: TypingListener;
  readonly #closing = new AbortController();
  #listening: Listening | null = null;
  #said_ms = Number.NEGATIVE_INFINITY;

  constructor(session: Session, conversationId: string, listener: TypingListener) {
    this.#session = session;
    this.#conversationId = conversationId;
    this.#listener = listener;
  }

  /** Says that I am typing, seldom however often this is called. */
  say(): void {
    const now_ms = performance.now();
    if (now_ms - this.#said_ms < EVERY_MS) return;
    this.#said_ms = now_ms;
    if (this.#listening?.send('typing', { user_id: this.#session.userId })) return;
    // Nobody is waiting for it, and the next key says it again.
    void call(this.#session.supabase, 'send_typing', { p_conversation: this.#conversationId }, this.#closing.signal);
  }

  /** From here on this is the topic; null while there is none. */
  listen(topic: string | null): void {
    this.#listening?.[Symbol.dispose]();
    this.#listening = null;
    const { typing, present } = this.#listener;
    if (topic === null || (typing === undefined && present === undefined)) return;
    const { userId } = this.#session;
    const listener = {
      heard: (event: string, payload: unknown) => {
        const user_id = (payload as { user_id?: unknown } | null)?.user_id;
        if (event === 'typing' && typeof user_id === 'string' && user_id !== userId) typing?.({ user_id });
      },
      present: (keys: readonly string[]) => present?.(keys.filter((key) => key !== userId)),
    };
    this.#listening = this.#session.topics.listen(topic, listener, { presenceKey: userId });
  }

  [Symbol.dispose](): void {
    this.#closing.abort(closed());
    this.#listening?.[Symbol.dispose]();
    this.#listening = null;
  }
}
