import type { Listening, Topics } from './topics.ts';

/** What one participant says to another. */
export type Signal =
  | { readonly kind: 'description'; readonly description: RTCSessionDescriptionInit }
  | { readonly kind: 'candidates'; readonly candidates: readonly RTCIceCandidateInit[] };

export interface SignalHandlers {
  /** Somebody's device hears me, and I hear it: signals between us arrive from now on. Another session: they began anew. */
  readonly onReady: (userId: string, session: string) => void;
  readonly onSignal: (userId: string, session: string, signal: Signal) => void;
  /** Somebody who was there is not. */
  readonly onAbsent: (userId: string) => void;
}

interface Other {
  readonly listening: Listening;
  /** Of their device, as far as it was heard. */
  session: string | null;
  /** They said that they hear this session of mine. */
  hearsMe: boolean;
  wasPresent: boolean;
  absence: ReturnType<typeof setTimeout> | undefined;
}

const HELLO_EVERY_MS = 1_000;
/** To whom does not answer it is said more and more seldom. */
const LONGEST_WAIT = 16;
/** A socket that is lost is joined again within a moment, mostly. */
const ABSENT_AFTER_MS = 1_500;
/** Each move joins a channel for each participant: when people come and go all the time, they are joined together. */
const MOVE_EVERY_MS = 1_000;
const EVENT = 'signal';

/**
 * What devices in a call say to each other. Each speaks on a topic of their own, which nobody else may write to, and hears those of the
 * others. Nothing is kept for who joins later: so everybody says hello until the others say that they heard it.
 */
export class CallSignals {
  /** Of this device, in this call, until it is over. */
  readonly session: string = crypto.randomUUID();
  readonly #topics: Topics;
  readonly #me: string;
  readonly #handlers: SignalHandlers;
  readonly #others = new Map<string, Other>();
  #base = '';
  #mine: Listening | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #wait = 1;
  #waited = 0;
  #moved_ms = Number.NEGATIVE_INFINITY;
  #moving: ReturnType<typeof setTimeout> | undefined;

  constructor(topics: Topics, me: string, handlers: SignalHandlers) {
    this.#topics = topics;
    this.#me = me;
    this.#handlers = handlers;
  }

  /** Goes to the topics of an epoch, and listens to those who are in the call. */
  follow(base: string, people: readonly string[]): void {
    for (const [userId, other] of this.#others) {
      if (!people.includes(userId)) this.#drop(userId, other);
    }
    if (base !== this.#base) {
      // At once, although the new ones may wait: whoever is out may still hear the topics of the old epoch.
      this.close();
      const wait_ms = this.#moved_ms + MOVE_EVERY_MS - performance.now();
      if (wait_ms > 0) {
        this.#moving = setTimeout(() => this.follow(base, people), wait_ms);
        return;
      }
      this.#moved_ms = performance.now();
      this.#base = base;
      this.#mine = this.#topics.listen(
        `${base}:${this.#me}`,
        { heard: () => undefined, joined: () => this.#hello() },
        { presenceKey: this.#me },
      );
      this.#timer = setInterval(() => this.#helloAgain(), HELLO_EVERY_MS);
    }
    for (const userId of people) {
      if (!this.#others.has(userId)) this.#listenTo(userId);
    }
  }

  /** Says something to one session of somebody; lost unless they are ready. */
  send(userId: string, session: string, signal: Signal): void {
    this.#mine?.send(EVENT, { to: userId, to_session: session, session: this.session, ...signal });
  }

  close(): void {
    clearTimeout(this.#moving);
    clearInterval(this.#timer);
    for (const [userId, other] of this.#others) this.#drop(userId, other);
    this.#mine?.[Symbol.dispose]();
    this.#mine = null;
    this.#base = '';
  }

  #drop(userId: string, other: Other): void {
    clearTimeout(other.absence);
    other.listening[Symbol.dispose]();
    this.#others.delete(userId);
  }

  #listenTo(userId: string): void {
    const topic = `${this.#base}:${userId}`;
    const listening = this.#topics.listen(
      topic,
      {
        heard: (event, payload) => event === EVENT && this.#heard(userId, payload),
        joined: () => this.#hello(),
        present: (keys) => this.#present(userId, keys.length > 0),
      },
      { presenceKey: this.#me, isShown: false },
    );
    this.#wait = 1;
    this.#others.set(userId, { listening, session: null, hearsMe: false, wasPresent: false, absence: undefined });
  }

  #hello(): void {
    const heard = Object.fromEntries([...this.#others].map(([userId, { session }]) => [userId, session]));
    this.#mine?.send(EVENT, { kind: 'hello', session: this.session, heard });
  }

  #helloAgain(): void {
    if ([...this.#others.values()].every(({ session, hearsMe }) => session !== null && hearsMe)) return;
    this.#waited += 1;
    if (this.#waited < this.#wait) return;
    this.#waited = 0;
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    this.#hello();
  }

  #heard(userId: string, payload: unknown): void {
    const other = this.#others.get(userId);
    if (other === undefined || !isMessage(payload)) return;
    if (payload.kind === 'hello') {
      this.#heardHello(userId, other, payload);
    } else if (payload['to'] === this.#me && payload['to_session'] === this.session) {
      // They say it to this session, so they hear it.
      this.#setHeard(userId, other, payload.session, true);
      this.#handlers.onSignal(userId, payload.session, payload as unknown as Signal);
    }
  }

  #heardHello(userId: string, other: Other, { session, heard }: Message): void {
    const hearsMe = isRecord(heard) && heard[this.#me] === this.session;
    const isNews = other.session !== session || hearsMe !== other.hearsMe;
    this.#setHeard(userId, other, session, hearsMe);
    // They wait for the answer to this; those who say it again and again are answered again and again.
    if (isNews || !hearsMe) this.#hello();
  }

  #setHeard(userId: string, other: Other, session: string, hearsMe: boolean): void {
    const wasReady = other.hearsMe && other.session === session;
    other.session = session;
    other.hearsMe = hearsMe;
    if (hearsMe && !wasReady) this.#handlers.onReady(userId, session);
  }

  #present(userId: string, isPresent: boolean): void {
    const other = this.#others.get(userId);
    if (other === undefined) return;
    clearTimeout(other.absence);
    if (isPresent) {
      other.wasPresent = true;
    } else if (other.wasPresent) {
      other.absence = setTimeout(() => this.#handlers.onAbsent(userId), ABSENT_AFTER_MS);
    }
  }
}

interface Message extends Readonly<Record<string, unknown>> {
  readonly kind: unknown;
  readonly session: string;
  readonly heard?: unknown;
}

function isMessage(payload: unknown): payload is Message {
  return isRecord(payload) && typeof payload['session'] === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
