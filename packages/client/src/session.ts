import type { SupabaseClient } from '@supabase/supabase-js';
import { ClientError } from './client-error.ts';
import { type Listening, Topics } from './topics.ts';

/** What a person is told alone, on all their devices, and whatever makes it doubtful that all of it was heard. */
export interface PersonListener {
  readonly heard: (event: string, payload: Readonly<Record<string, unknown>>) => void;
  readonly doubt: () => void;
  readonly signedOut: () => void;
}

const sessions = new WeakMap<SupabaseClient, Session>();

/** Whoever is signed in at a supabase-js client, and what the conversations and inboxes of that client share. */
export class Session {
  readonly userId: string;
  readonly topics: Topics;
  readonly supabase: SupabaseClient;
  readonly #listeners = new Set<PersonListener>();
  #listening: Listening | null = null;
  #stop: () => void = () => undefined;

  /**
   * @throws ClientError client.not_signed_in
   */
  static async of(supabase: SupabaseClient): Promise<Session> {
    const userId = await signedInUser(supabase);
    // The first join has the person's token only if the socket has it by then.
    await supabase.realtime.setAuth();
    const known = sessions.get(supabase);
    if (known?.userId === userId) return known;
    const session = new Session(supabase, userId);
    sessions.set(supabase, session);
    return session;
  }

  private constructor(supabase: SupabaseClient, userId: string) {
    this.supabase = supabase;
    this.userId = userId;
    this.topics = new Topics(supabase);
  }

  /** Listens to what the person is told, until disposed. */
  listen(listener: PersonListener): Disposable {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return {
      [Symbol.dispose]: () => {
        if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
        this.#stop();
        this.#listening?.[Symbol.dispose]();
        this.#listening = null;
      },
    };
  }

  #start(): void {
    const tell = (what: (listener: PersonListener) => void) => {
      for (const listener of [...this.#listeners]) what(listener);
    };
    this.#listening = this.topics.listen(`user:${this.userId}`, {
      heard: (event, payload) => {
        if (typeof payload !== 'object' || payload === null) return;
        tell((listener) => listener.heard(event, payload as Readonly<Record<string, unknown>>));
      },
      joined: () => tell((listener) => listener.doubt()),
    });
    const online = () => tell((listener) => listener.doubt());
    // Browsers know when there is a network again before any timer does.
    globalThis.addEventListener?.('online', online);
    const stopWatching = watchSignOut(this.supabase, this.userId, () => tell((listener) => listener.signedOut()));
    this.#stop = () => {
      globalThis.removeEventListener?.('online', online);
      stopWatching();
    };
  }
}

async function signedInUser(supabase: SupabaseClient): Promise<string> {
  const token = await accessToken(supabase);
  const subject = token === null ? null : subjectOf(token);
  if (subject !== null) return subject;
  throw new ClientError('client.not_signed_in', 'Nobody is signed in.', {
    hint: 'Sign in with supabase.auth first, or give createClient an `accessToken`.',
  });
}

async function accessToken(supabase: SupabaseClient): Promise<string | null> {
  // With an `accessToken` of one's own there is no supabase.auth: each use of it throws.
  if (!ownsAuth(supabase)) return (await supabase.realtime.accessToken?.()) ?? null;
  return (await supabase.auth.getSession()).data.session?.access_token ?? null;
}

function ownsAuth(supabase: SupabaseClient): boolean {
  try {
    return typeof supabase.auth.getSession === 'function';
  } catch {
    return false;
  }
}

/** The server checks the token; here it only says whose topic to join. */
function subjectOf(token: string): string | null {
  const part = token.split('.')[1];
  if (part === undefined) return null;
  try {
    const { sub } = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/'))) as { sub?: unknown };
    return typeof sub === 'string' ? sub : null;
  } catch {
    return null;
  }
}

function watchSignOut(supabase: SupabaseClient, userId: string, signedOut: () => void): () => void {
  if (!ownsAuth(supabase)) return () => undefined;
  const { data } = supabase.auth.onAuthStateChange((event, session) => {
    if (event === 'SIGNED_OUT' || (session !== null && session.user.id !== userId)) signedOut();
  });
  return () => data.subscription.unsubscribe();
}
