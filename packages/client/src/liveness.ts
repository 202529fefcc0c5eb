/** Whether something is live, and a promise of when it is: one for each time that it was not. */
export class Liveness {
  #isLive = false;
  #when = promise();

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Resolves when it is live; rejects when it has ended before. */
  when(): Promise<void> {
    return this.#when.promise;
  }

  set(isLive: boolean): void {
    this.#isLive = isLive;
    if (isLive) this.#when.resolve();
    else this.#when = promise();
  }

  end(reason: unknown): void {
    this.#isLive = false;
    this.#when.reject(reason);
  }
}

/** Whoever does not ask is not told. */
function promise(): PromiseWithResolvers<void> {
  const given = Promise.withResolvers<void>();
  given.promise.catch(() => undefined);
  return given;
}
