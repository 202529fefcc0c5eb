import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js';
import { backoff_ms } from './backoff.ts';

export interface Listener {
  readonly heard: (event: string, payload: unknown) => void;
  /** Each time that the topic is joined; what was sent before may have been missed. */
  readonly joined?: () => void;
  /** Each time that the topic cannot be heard any more, or a join was refused. */
  readonly lost?: () => void;
  /** Who is there, by their keys. */
  readonly present?: (keys: readonly string[]) => void;
}

export interface Listening extends Disposable {
  readonly isJoined: boolean;
  /** Sends to the others, if the topic is joined. */
  readonly send: (event: string, payload: Readonly<Record<string, unknown>>) => boolean;
}

interface TopicOptions {
  /** To know who is there, and to be seen by them under this key. All listeners of a topic give the same. */
  readonly presenceKey?: string | null;
  /** False: not to be seen. */
  readonly isShown?: boolean;
}

interface Topic {
  readonly name: string;
  readonly listeners: Set<Listener>;
  readonly presenceKey: string | null;
  readonly isShown: boolean;
  channel: RealtimeChannel | null;
  isJoined: boolean;
  attempts: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The private channels of one supabase-js client. Each topic has one channel however many listen, and is joined again as long as
 * somebody does: supabase-js does that after a lost socket, and does not after the server closed the channel.
 */
export class Topics {
  readonly #supabase: SupabaseClient;
  readonly #topics = new Map<string, Topic>();

  constructor(supabase: SupabaseClient) {
    this.#supabase = supabase;
  }

  listen(name: string, listener: Listener, { presenceKey = null, isShown = true }: TopicOptions = {}): Listening {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = {
        name,
        presenceKey,
        isShown,
        listeners: new Set(),
        channel: null,
        isJoined: false,
        attempts: 0,
        timer: undefined,
      };
      this.#topics.set(name, topic);
      topic.listeners.add(listener);
      this.#open(topic);
    } else {
      topic.listeners.add(listener);
      if (topic.isJoined) listener.joined?.();
    }
    return this.#listening(topic, listener);
  }

  #listening(topic: Topic, listener: Listener): Listening {
    return {
      get isJoined() {
        return topic.isJoined;
      },
      send: (event, payload) => {
        if (!topic.isJoined) return false;
        void topic.channel?.send({ type: 'broadcast', event, payload });
        return true;
      },
      [Symbol.dispose]: () => {
        if (topic.listeners.delete(listener) && topic.listeners.size === 0) this.#close(topic);
      },
    };
  }

  #open(topic: Topic): void {
    const { presenceKey } = topic;
    const channel = this.#supabase.channel(topic.name, {
      config: { private: true, presence: { key: presenceKey ?? '', enabled: presenceKey !== null } },
    });
    topic.channel = channel;
    channel.on('broadcast', { event: '*' }, ({ event, payload }) => {
      for (const listener of topic.listeners) listener.heard(event, payload);
    });
    if (presenceKey !== null) {
      channel.on('presence', { event: 'sync' }, () => {
        const keys = Object.keys(channel.presenceState());
        for (const listener of topic.listeners) listener.present?.(keys);
      });
    }
    channel.subscribe((status) => {
      // Of a channel that was left, or that was followed by another.
      if (topic.channel === channel) this.#stateChanged(topic, status);
    });
  }

  #stateChanged(topic: Topic, status: `${'SUBSCRIBED' | 'TIMED_OUT' | 'CLOSED' | 'CHANNEL_ERROR'}`): void {
    topic.isJoined = status === 'SUBSCRIBED';
    if (topic.isJoined) {
      topic.attempts = 0;
      // Whoever hides their presence is refused this, and is not seen.
      if (topic.presenceKey !== null && topic.isShown) void topic.channel?.track({});
      for (const listener of topic.listeners) listener.joined?.();
      return;
    }
    // The token may have run out while the machine slept: the next join is made with what this gets.
    void this.#supabase.realtime.setAuth().catch(() => undefined);
    if (status === 'CLOSED') this.#reopen(topic);
    for (const listener of topic.listeners) listener.lost?.();
  }

  #reopen(topic: Topic): void {
    topic.channel = null;
    topic.attempts += 1;
    topic.timer = setTimeout(() => this.#open(topic), backoff_ms(topic.attempts));
  }

  #close(topic: Topic): void {
    this.#topics.delete(topic.name);
    clearTimeout(topic.timer);
    const { channel } = topic;
    topic.channel = null;
    topic.isJoined = false;
    if (channel !== null) void this.#supabase.removeChannel(channel);
  }
}
