import type { Signal } from './call-signals.ts';

export interface PeerOptions {
  /** Of two, one gives way when both offer at the same moment. */
  readonly isPolite: boolean;
  readonly configuration: () => Promise<RTCConfiguration>;
  readonly send: (signal: Signal) => void;
  readonly onStream: (stream: MediaStream) => void;
  readonly onConnection: (isConnected: boolean) => void;
  /** No way to them was found for a while. */
  readonly onSilence: () => void;
  readonly onError: (error: unknown) => void;
}

const KINDS = ['audio', 'video'] as const;
/** Candidates come in crowds; they are said together. */
const GATHER_MS = 50;
const LOOK_EVERY_MS = 2_000;
/** An offer without an answer, or a way that broke, is tried anew after this. */
const PATIENCE_MS = 5_000;

/**
 * The connection to one device of somebody: "perfect negotiation" of the WebRTC specification, so that either side may change at any
 * moment what it sends, and a new way (ICE restart) when the one at hand breaks.
 */
export class CallPeer {
  readonly connection: RTCPeerConnection;
  readonly #options: PeerOptions;
  #work: Promise<unknown> = Promise.resolve();
  #isOffering = false;
  #isIgnoring = false;
  #candidates: RTCIceCandidateInit[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #looking: ReturnType<typeof setInterval> | undefined;
  #since_ms = performance.now();
  #isConnected = false;
  readonly #received = new WeakSet<MediaStream>();
  /** Of tracks that were sent outside of any stream. */
  #loose: MediaStream | undefined;

  static async open(options: PeerOptions, stream: MediaStream | null): Promise<CallPeer> {
    const peer = new CallPeer(options, await options.configuration());
    peer.#begin(stream);
    return peer;
  }

  private constructor(options: PeerOptions, configuration: RTCConfiguration) {
    this.#options = options;
    this.connection = new RTCPeerConnection(configuration);
    const { connection } = this;
    connection.onnegotiationneeded = () => void this.#offer();
    connection.onicecandidate = ({ candidate }) => this.#gathered(candidate);
    connection.ontrack = ({ track, streams: [stream] }) => this.#receive(track, stream);
    connection.onconnectionstatechange = () => this.#stateChanged();
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** What they said; one after the other. */
  heard(signal: Signal): void {
    this.#work = this.#work.then(() => this.#take(signal)).catch((error: unknown) => this.#failed(error));
  }

  /** Signals may have been lost: says again what waits for an answer. */
  repeat(): void {
    const { localDescription, signalingState } = this.connection;
    if (signalingState === 'have-local-offer' && localDescription !== null) {
      this.#options.send({ kind: 'description', description: localDescription.toJSON() });
    } else if (!this.#isConnected && signalingState === 'stable') {
      void this.#restart();
    }
  }

  async setStream(stream: MediaStream | null): Promise<void> {
    for (const kind of KINDS) {
      const track = trackOf(stream, kind);
      const transceiver = this.connection.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
      if (transceiver === undefined) {
        if (track !== null && stream !== null) this.connection.addTrack(track, stream);
        continue;
      }
      if (track !== null && stream !== null) {
        transceiver.sender.setStreams(stream);
        transceiver.direction = 'sendrecv'; // negotiated anew, where it only received
      }
      await transceiver.sender.replaceTrack(track);
    }
  }

  close(): void {
    clearTimeout(this.#gathering);
    clearInterval(this.#looking);
    this.connection.close();
  }

  /** The impolite one makes the first offer, with room for sound and pictures of both, whatever it sends itself. */
  #begin(stream: MediaStream | null): void {
    for (const kind of KINDS) {
      const track = trackOf(stream, kind);
      if (track !== null && stream !== null) this.connection.addTrack(track, stream);
      else if (!this.#options.isPolite) this.connection.addTransceiver(kind, { direction: 'recvonly' });
    }
  }

  #receive(track: MediaStreamTrack, stream: MediaStream | undefined): void {
    if (stream === undefined) {
      this.#loose ??= new MediaStream();
      this.#loose.addTrack(track);
    }
    const received = stream ?? this.#loose;
    if (received === undefined || this.#received.has(received)) return;
    this.#received.add(received);
    this.#options.onStream(received);
  }

  async #offer(): Promise<void> {
    if (this.#options.isPolite && this.connection.remoteDescription === null) return;
    try {
      this.#isOffering = true;
      await this.connection.setLocalDescription();
      this.#sayDescription();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isOffering = false;
    }
  }

  async #take(signal: Signal): Promise<void> {
    const { connection } = this;
    if (signal.kind === 'candidates') {
      for (const candidate of signal.candidates) {
        // Of an offer that was ignored there is nothing to add them to.
        await connection.addIceCandidate(candidate).catch((error: unknown) => {
          if (!this.#isIgnoring) this.#failed(error);
        });
      }
      return;
    }
    const { description } = signal;
    if (description.type === 'answer' && connection.signalingState !== 'have-local-offer') return; // to an offer that was said twice
    const collides = description.type === 'offer' && (this.#isOffering || connection.signalingState !== 'stable');
    this.#isIgnoring = !this.#options.isPolite && collides;
    if (this.#isIgnoring) return;
    await connection.setRemoteDescription(description);
    if (description.type !== 'offer') return;
    await connection.setLocalDescription();
    this.#sayDescription();
  }

  #sayDescription(): void {
    const { localDescription } = this.connection;
    if (localDescription !== null) this.#options.send({ kind: 'description', description: localDescription.toJSON() });
  }

  #gathered(candidate: RTCIceCandidate | null): void {
    if (candidate === null) return;
    this.#candidates.push(candidate.toJSON());
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#options.send({ kind: 'candidates', candidates: this.#candidates.splice(0) });
    }, GATHER_MS);
  }

  #stateChanged(): void {
    const { connectionState } = this.connection;
    this.#since_ms = performance.now();
    const isConnected = connectionState === 'connected';
    if (isConnected !== this.#isConnected) {
      this.#isConnected = isConnected;
      this.#options.onConnection(isConnected);
    }
    if (connectionState === 'failed') this.#lost();
  }

  #look(): void {
    if (this.#isConnected || performance.now() - this.#since_ms < PATIENCE_MS) return;
    this.#since_ms = performance.now();
    if (this.connection.signalingState === 'have-local-offer') this.repeat();
    else this.#lost();
  }

  #lost(): void {
    this.#options.onSilence();
    // One of the two is enough; the polite one comes to help should the other be unable to.
    if (!this.#options.isPolite || this.connection.connectionState === 'failed') void this.#restart();
  }

  /** With servers whose credentials have not ended meanwhile. */
  async #restart(): Promise<void> {
    try {
      const configuration = await this.#options.configuration();
      if (this.connection.signalingState === 'closed') return;
      this.connection.setConfiguration(configuration);
      this.connection.restartIce();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    // What was under way when it was closed.
    if (this.connection.signalingState !== 'closed') this.#options.onError(error);
  }
}

function trackOf(stream: MediaStream | null, kind: (typeof KINDS)[number]): MediaStreamTrack | null {
  return stream?.getTracks().find((track) => track.kind === kind) ?? null;
}
