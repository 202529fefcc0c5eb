import type { SupabaseClient } from '@supabase/supabase-js';

/** Asked for again before the relay stops taking the credentials. */
const EARLY_MS = 60_000;

interface Answer {
  readonly ice_servers: readonly RTCIceServer[];
  readonly expires_at: string | null;
}

/** The servers by which devices find a way to each other, kept as long as their credentials are good. */
export class IceServers {
  readonly #supabase: SupabaseClient;
  readonly #callId: string;
  readonly #own: (() => Promise<readonly RTCIceServer[]>) | undefined;
  readonly #failed: (error: unknown) => void;
  #known: Promise<Answer> | null = null;
  #goodUntil_ms = 0;

  constructor(
    supabase: SupabaseClient,
    callId: string,
    own: (() => Promise<readonly RTCIceServer[]>) | undefined,
    failed: (error: unknown) => void,
  ) {
    this.#supabase = supabase;
    this.#callId = callId;
    this.#own = own;
    this.#failed = failed;
  }

  /** None when nobody can say: devices in one network find each other without. */
  async get(): Promise<readonly RTCIceServer[]> {
    try {
      if (this.#own !== undefined) return await this.#own();
      if (this.#known === null || Date.now() > this.#goodUntil_ms) {
        this.#goodUntil_ms = Number.POSITIVE_INFINITY;
        this.#known = this.#ask();
      }
      const { ice_servers, expires_at } = await this.#known;
      this.#goodUntil_ms = expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at) - EARLY_MS;
      return ice_servers;
    } catch (error) {
      this.#known = null;
      this.#failed(error);
      return [];
    }
  }

  async #ask(): Promise<Answer> {
    const { data, error } = await this.#supabase.functions.invoke<Answer>(`calls/${this.#callId}/ice-servers`, {
      method: 'GET',
    });
    if (error !== null || data === null) throw error ?? new Error('no ICE servers were answered');
    return data;
  }
}
