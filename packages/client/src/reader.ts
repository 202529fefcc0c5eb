import type { SupabaseClient } from '@supabase/supabase-js';
import { insist } from './calls.ts';
import { closed } from './client-error.ts';

/** Where the caller's mark is after it was set. */
export interface ReadMark {
  readonly conversation_id: string;
  readonly last_read_seq: number;
  readonly unread_count: number;
}

/** Marks as read. While one call is under way, those that follow become one: a mark only moves on. */
export class Reader {
  readonly #supabase: SupabaseClient;
  readonly #conversationId: string;
  readonly #closing = new AbortController();
  #wanted = 0;
  #underWay: Promise<ReadMark> | null = null;
  #next: Promise<ReadMark> | null = null;

  constructor(supabase: SupabaseClient, conversationId: string) {
    this.#supabase = supabase;
    this.#conversationId = conversationId;
  }

  async mark(seq: number): Promise<ReadMark> {
    this.#wanted = Math.max(this.#wanted, seq);
    if (this.#underWay === null) {
      this.#underWay = this.#call().finally(() => {
        this.#underWay = null;
      });
      return await this.#underWay;
    }
    const after = this.#underWay.catch(() => undefined);
    this.#next ??= after.then(() => {
      this.#next = null;
      return this.mark(this.#wanted);
    });
    return await this.#next;
  }

  close(): void {
    this.#closing.abort(closed());
  }

  #call(): Promise<ReadMark> {
    const args = { p_id: this.#conversationId, p_seq: this.#wanted };
    return insist<ReadMark>(this.#supabase, 'mark_read', args, this.#closing.signal);
  }
}
