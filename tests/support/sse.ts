import { eventually } from './eventually.ts';

/** One event as a client gets it; `id` is the last that was set, as EventSource has it. */
export interface SseEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** A stream of Server-Sent Events, read as the standard says. */
export class SseStream implements Disposable {
  readonly events: SseEvent[] = [];
  readonly comments: string[] = [];
  readonly response: Response;
  lastEventId: string;
  retry_ms: number | undefined;
  /** How it ended: null while it is open, `closed` by the server, else what broke. */
  ended: string | null = null;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  private constructor(response: Response, lastEventId: string) {
    if (response.body === null) throw new Error('there is no stream');
    this.response = response;
    this.#reader = response.body.getReader();
    this.lastEventId = lastEventId;
    void this.#read();
  }

  /** Opens one; an answer that is no stream is thrown with its body. */
  static async open(
    url: string,
    token: string,
    lastEventId = '',
    fetchIt: (input: string, init: RequestInit) => Promise<Response> | Response = fetch,
  ): Promise<SseStream> {
    const response = await fetchIt(url, {
      headers: {
        ...{ accept: 'text/event-stream', authorization: `Bearer ${token}` },
        ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
      },
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return new SseStream(response, lastEventId);
  }

  /** The data of events with this name, once there are so many. */
  async of<T>(event: string, count: number, deadline_ms = 15_000): Promise<T[]> {
    return await eventually(
      `${count} events ${event}, of ${JSON.stringify(this.events).slice(0, 500)}`,
      async () => {
        const found = this.events.filter((one) => one.event === event).map(({ data }) => data as T);
        return found.length >= count && found;
      },
      { deadline_ms },
    );
  }

  close(): void {
    void this.#reader.cancel().catch(() => undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for (;;) {
        const { value: chunk, done } = await this.#reader.read();
        if (done) break;
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        // What is not ended by an empty line is no event, however the stream ends.
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block);
      }
      this.ended = 'closed';
    } catch (error) {
      this.ended = String(error);
    }
  }

  #take(block: string): void {
    let event = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [field = '', ...rest] = line.split(':');
      const value = rest.join(':').replace(/^ /, '');
      if (field === '') this.comments.push(value);
      else if (field === 'id') this.lastEventId = value;
      else if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
      else if (field === 'retry') this.retry_ms = Number(value);
    }
    if (data.length > 0) this.events.push({ id: this.lastEventId, event, data: JSON.parse(data.join('\n')) });
  }
}
