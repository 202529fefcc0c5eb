import type { SupabaseClient } from '@supabase/supabase-js';
import { insist } from './calls.ts';
import { ClientError, closed } from './client-error.ts';
import { newClientId } from './client-id.ts';
import type { Draft, Message } from './messages.ts';

const MOST_WAITING = 100;

/** Sends messages one after the other, in the order in which they were given; each until it is taken or refused. */
export class Sender {
  readonly #supabase: SupabaseClient;
  readonly #conversationId: string;
  readonly #sent: (message: Message) => void;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(supabase: SupabaseClient, conversationId: string, sent: (message: Message) => void) {
    this.#supabase = supabase;
    this.#conversationId = conversationId;
    this.#sent = sent;
  }

  async send(draft: Draft, clientId: string = newClientId(), signal?: AbortSignal): Promise<Message> {
    if (this.#closing.signal.aborted) throw closed();
    if (this.#waiting >= MOST_WAITING) {
      throw new ClientError('client.too_many_waiting', `${MOST_WAITING} messages wait to be sent already.`, {
        hint: 'Wait for them: the server cannot be reached, or is slower than you write.',
      });
    }
    this.#waiting += 1;
    const before = this.#last;
    const mine = this.#sendAfter(
      before,
      { ...draft, conversation_id: this.#conversationId, client_id: clientId },
      signal,
    );
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  close(): void {
    this.#closing.abort(closed());
  }

  async #sendAfter(
    before: Promise<unknown>,
    p: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<Message> {
    try {
      await before;
      const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal]);
      const message = await insist<Message>(this.#supabase, 'send_message', { p }, stop);
      this.#sent(message);
      return message;
    } finally {
      this.#waiting -= 1;
    }
  }
}
