import type { CallWatch, CallWatchOptions } from './call.ts';
import type { CallCard } from './call-card.ts';
import { call as ask } from './calls.ts';
import { Handover } from './handover.ts';
import type { Session } from './session.ts';

/** What is missed while the socket is away is asked for: the call that rings now, and whether the one that rang does. */
export class WatchedCalls implements CallWatch {
  readonly #session: Session;
  readonly #options: CallWatchOptions;
  readonly #handover: Handover;
  readonly #closing = new AbortController();
  #person: Disposable | null = null;
  /** The one that rang last, until it does no longer. */
  #ringing: string | null = null;
  /** How far calls were told, by id; the last few. */
  readonly #versions = new Map<string, number>();

  constructor(session: Session, options: CallWatchOptions) {
    this.#session = session;
    this.#options = options;
    this.#handover = new Handover(
      (error) => options.onError?.(error),
      () => undefined,
    );
    this.#person = session.listen({
      heard: (event, payload) => {
        if (event === 'call_ringing' || event === 'call_changed') this.#tell(payload as unknown as CallCard);
      },
      doubt: () => void this.#lookAgain(),
      signedOut: () => void this.close(),
    });
    void this.#lookAgain();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#person?.[Symbol.dispose]();
    this.#person = null;
    this.#handover.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #lookAgain(): Promise<void> {
    const { supabase } = this.#session;
    const current = await ask<CallCard[]>(supabase, 'current_call', {}, this.#closing.signal);
    if (!current.ok) {
      if (!this.#closing.signal.aborted) this.#options.onError?.(current.error);
      return;
    }
    for (const card of current.data) this.#tell(card);
    const before = this.#ringing;
    if (before === null || current.data.some(({ id }) => id === before)) return;
    const gone = await ask<CallCard>(supabase, 'call', { p_id: before }, this.#closing.signal);
    if (gone.ok) this.#tell(gone.data);
  }

  #tell(card: CallCard): void {
    const isRinging = card.my_state === 'ringing';
    // Of calls that never rang here there is nothing to say.
    if (!isRinging && this.#ringing !== card.id) return;
    if ((this.#versions.get(card.id) ?? 0) >= card.version) return;
    this.#versions.set(card.id, card.version);
    const [oldest] = this.#versions.keys();
    if (this.#versions.size > 50 && oldest !== undefined) this.#versions.delete(oldest);
    this.#ringing = isRinging ? card.id : null;
    this.#handover.add(() => this.#options.onCall(card));
  }
}
