import type { Call, CallOptions } from './call.ts';
import { type CallCard, type CallEnd, endOf, othersIn } from './call-card.ts';
import { CallPeer } from './call-peer.ts';
import { CallSignals, type Signal } from './call-signals.ts';
import { call as ask, insist } from './calls.ts';
import { Handover } from './handover.ts';
import { IceServers } from './ice-servers.ts';
import type { Session } from './session.ts';

/** The server takes somebody out after fifteen seconds without a sign of life. */
const HEARTBEAT_MS = 5_000;

interface Connected {
  readonly session: string;
  /** Opened, or being opened; signals that come meanwhile wait for it. */
  readonly peer: Promise<CallPeer>;
}

/** A call that this device is in. What is so of it the server says; what is said in it goes from device to device. */
export class LiveCall implements Call {
  readonly id: string;
  readonly ended: Promise<CallEnd>;
  readonly #session: Session;
  readonly #options: CallOptions;
  readonly #deviceId: string;
  readonly #signals: CallSignals;
  readonly #ice: IceServers;
  readonly #handover: Handover;
  readonly #peers = new Map<string, Connected>();
  readonly #connected = new Map<string, CallPeer>();
  readonly #connections = new Map<string, RTCPeerConnection>();
  readonly #end = Promise.withResolvers<CallEnd>();
  readonly #closing = new AbortController();
  #stream: MediaStream | null;
  #card: CallCard;
  #person: Disposable | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isBeating = false;

  /** Of a card that says that this device is in the call, or that the call is over. */
  constructor(session: Session, card: CallCard, deviceId: string, options: CallOptions) {
    this.id = card.id;
    this.#session = session;
    this.#card = card;
    this.#deviceId = deviceId;
    this.#options = options;
    this.#stream = options.stream ?? null;
    this.ended = this.#end.promise;
    this.#ice = new IceServers(session.supabase, card.id, options.iceServers, (error) => this.#failed(error));
    this.#handover = new Handover(
      (error) => this.#failed(error),
      () => undefined,
    );
    this.#signals = new CallSignals(session.topics, session.userId, {
      onReady: (userId, theirs) => this.#ready(userId, theirs),
      onSignal: (userId, theirs, signal) => this.#heard(userId, theirs, signal),
      onAbsent: (userId) => this.#missing(userId),
    });
    this.#begin();
  }

  get card(): CallCard {
    return this.#card;
  }

  get connections(): ReadonlyMap<string, RTCPeerConnection> {
    return this.#connections;
  }

  async setStream(stream: MediaStream | null): Promise<void> {
    this.#stream = stream;
    await Promise.all([...this.#connected.values()].map((peer) => peer.setStream(stream)));
  }

  async add(user_ids: readonly string[]): Promise<void> {
    this.#apply(await this.#step('add_to_call', { p_users: user_ids }));
  }

  async hangUp({ forAll = false }: { readonly forAll?: boolean } = {}): Promise<void> {
    if (this.#closing.signal.aborted) return;
    // Silence at once, whatever the network does.
    this.#disconnect();
    try {
      this.#apply(await this.#step('end_call', { p_for_all: forAll }));
    } catch (error) {
      // The news that it is over may be faster than the answer.
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      this.#finish('left');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
  }

  #begin(): void {
    this.#person = this.#session.listen({
      heard: (event, payload) => this.#told(event, payload),
      doubt: () => void this.#beat(),
      signedOut: () => this.#finish('signed_out'),
    });
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_MS);
    this.#apply(this.#card, true);
  }

  #told(event: string, payload: Readonly<Record<string, unknown>>): void {
    if (event === 'call_changed' && payload['id'] === this.id) this.#apply(payload as unknown as CallCard);
    else if (event === 'call_still_there' && payload['call_id'] === this.id) void this.#beat();
  }

  /** Says that this device is there, and learns what was missed. */
  async #beat(): Promise<void> {
    if (this.#isBeating || this.#closing.signal.aborted) return;
    this.#isBeating = true;
    const outcome = await ask<CallCard>(
      this.#session.supabase,
      'call_heartbeat',
      { p_id: this.id, p_device: this.#deviceId },
      this.#closing.signal,
    );
    this.#isBeating = false;
    if (this.#closing.signal.aborted) return;
    if (outcome.ok) this.#apply(outcome.data);
    else if (outcome.error.code === 'calls.answered_elsewhere') this.#finish('answered_elsewhere');
    else if (outcome.error.code === 'calls.not_found') this.#finish('ended');
    else this.#failed(outcome.error);
  }

  #apply(card: CallCard, isFirst = false): void {
    if (this.#closing.signal.aborted || (!isFirst && card.version < this.#card.version)) return;
    const isNews = isFirst || card.version > this.#card.version;
    this.#card = card;
    if (isNews) this.#handover.add(() => this.#options.onCall?.(card));
    const end = endOf(card, this.#deviceId);
    if (end !== null) {
      this.#finish(end);
      return;
    }
    const people = othersIn(card, this.#session.userId);
    for (const userId of [...this.#peers.keys()]) {
      if (people.includes(userId)) continue;
      this.#drop(userId);
      this.#handover.add(() => this.#options.onGone?.(userId));
    }
    if (card.topic !== null) this.#signals.follow(card.topic, people);
  }

  // Media ----------------------------------------------------------------------------------------------------------------

  #ready(userId: string, session: string): void {
    const known = this.#peers.get(userId);
    if (known?.session === session) withPeer(known, (peer) => peer.repeat());
    else this.#connect(userId, session);
  }

  #heard(userId: string, session: string, signal: Signal): void {
    const known = this.#peers.get(userId);
    withPeer(known?.session === session ? known : this.#connect(userId, session), (peer) => peer.heard(signal));
  }

  #connect(userId: string, session: string): Connected {
    this.#drop(userId);
    const peer = CallPeer.open(
      {
        isPolite: this.#session.userId > userId,
        configuration: async () => ({
          iceServers: [...(await this.#ice.get())],
          ...(this.#options.iceTransportPolicy && { iceTransportPolicy: this.#options.iceTransportPolicy }),
        }),
        send: (signal) => this.#signals.send(userId, session, signal),
        onStream: (stream) => this.#handover.add(() => this.#options.onStream({ user_id: userId, stream })),
        onConnection: (isConnected) =>
          this.#handover.add(() => this.#options.onConnection?.({ user_id: userId, isConnected })),
        onSilence: () => this.#missing(userId),
        onError: (error) => this.#failed(error),
      },
      this.#stream,
    );
    const connected: Connected = { session, peer };
    this.#peers.set(userId, connected);
    peer.then(
      (opened) => {
        if (this.#peers.get(userId) !== connected) return;
        this.#connected.set(userId, opened);
        this.#connections.set(userId, opened.connection);
      },
      (error: unknown) => this.#failed(error),
    );
    return connected;
  }

  #drop(userId: string): void {
    const known = this.#peers.get(userId);
    this.#peers.delete(userId);
    this.#connected.delete(userId);
    this.#connections.delete(userId);
    if (known !== undefined) withPeer(known, (peer) => peer.close());
  }

  /** They are asked by the server, and stay in the call if they answer. */
  #missing(userId: string): void {
    if (!othersIn(this.#card, this.#session.userId).includes(userId)) return;
    void ask(this.#session.supabase, 'report_vanished', { p_id: this.id, p_user: userId }, this.#closing.signal);
  }

  // The end --------------------------------------------------------------------------------------------------------------

  #disconnect(): void {
    for (const userId of [...this.#peers.keys()]) this.#drop(userId);
    this.#signals.close();
  }

  #finish(reason: CallEnd): void {
    if (this.#closing.signal.aborted) return;
    this.#disconnect();
    this.#closing.abort();
    this.#ice.close();
    clearInterval(this.#timer);
    this.#person?.[Symbol.dispose]();
    this.#handover.add(() => this.#options.onEnd?.(reason));
    this.#end.resolve(reason);
  }

  async #step(name: string, args: Readonly<Record<string, unknown>>): Promise<CallCard> {
    return await insist<CallCard>(
      this.#session.supabase,
      name,
      { p_id: this.id, ...args },
      AbortSignal.any([this.#closing.signal, AbortSignal.timeout(30_000)]),
    );
  }

  #failed(error: unknown): void {
    this.#options.onError?.(error);
  }
}

/** Does something with it once it is open; whether it could be opened is said elsewhere. */
function withPeer({ peer }: Connected, work: (peer: CallPeer) => void): void {
  peer.then(work, () => undefined);
}
