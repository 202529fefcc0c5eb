import type { SupabaseClient } from '@supabase/supabase-js';

/** Asked for again before the relay stops taking the credentials. */
const EARLY_MS = 60_000;
/** After a failure; and no sooner than that, however short the credentials are good. */
const AGAIN_MS = 15_000;
const ANSWER_MS = 10_000;

interface Answer {
  readonly ice_servers: readonly RTCIceServer[];
  readonly expires_at: string | null;
}

/**
 * The servers by which devices find a way to each other. Renewed ahead of time: once a way is broken, there may be none to ask by.
 */
export class IceServers {
  readonly #supabase: SupabaseClient;
  readonly #callId: string;
  readonly #own: (() => Promise<readonly RTCIceServer[]>) | undefined;
  readonly #failed: (error: unknown) => void;
  #known: readonly RTCIceServer[] | null = null;
  #asking: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #closing = new AbortController();

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

  /** The last that are known; none when nobody can say: devices in one network find each other without. */
  async get(): Promise<readonly RTCIceServer[]> {
    if (this.#own !== undefined) {
      try {
        return await this.#own();
      } catch (error) {
        this.#failed(error);
        return [];
      }
    }
    if (this.#known === null) await this.#renew();
    return this.#known ?? [];
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  #renew(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    let wait_ms: number | null = AGAIN_MS;
    try {
      const { data, error, response } = await this.#supabase.functions.invoke<Answer>(
        `calls/${this.#callId}/ice-servers`,
        { method: 'GET', signal: this.#closing.signal, timeout: ANSWER_MS },
      );
      if (error !== null || data === null) throw error ?? new Error('no ICE servers were answered');
      this.#known = data.ice_servers;
      wait_ms =
        data.expires_at === null
          ? null
          : Math.max(Date.parse(data.expires_at) - EARLY_MS - answeredAt_ms(response), AGAIN_MS);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#failed(error);
    }
    clearTimeout(this.#timer);
    if (wait_ms !== null && !this.#closing.signal.aborted) {
      this.#timer = setTimeout(() => void this.#renew(), wait_ms);
    }
  }
}

/** By the clock of the server, by which the credentials end as well: that of a device may be hours off. */
function answeredAt_ms(response: Response | undefined): number {
  const answered_ms = Date.parse(response?.headers.get('date') ?? '');
  return Number.isNaN(answered_ms) ? Date.now() : answered_ms;
}
