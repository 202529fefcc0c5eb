/** When so many wait for their handler, nothing more is read until they have been through. */
const FULL = 200;

/** Calls handlers one after the other, and waits for those that take their time. */
export class Handover {
  readonly #waiting: (() => unknown)[] = [];
  readonly #failed: (error: unknown) => void;
  readonly #full: (isFull: boolean) => void;
  #isBusy = false;
  #isFull = false;
  #isStopped = false;

  constructor(failed: (error: unknown) => void, full: (isFull: boolean) => void) {
    this.#failed = failed;
    this.#full = full;
  }

  add(handler: () => unknown): void {
    if (this.#isStopped) return;
    this.#waiting.push(handler);
    if (!this.#isBusy) void this.#run();
    if (!this.#isFull && this.#waiting.length >= FULL) {
      this.#isFull = true;
      this.#full(true);
    }
  }

  /** Nobody is handed anything from here on. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        const result = next();
        // Handlers that are done at once are called at once, in the same turn in which the message came.
        if (isPromise(result)) await result;
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#isBusy = false;
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#full(false);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
