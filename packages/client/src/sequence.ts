/**
 * Things with numbers that are handed over in the order of their numbers, each once, however they arrive: repeated, out of order,
 * some of them never. It holds what came early, up to a limit, and knows when something has to be read to go on.
 *
 * The server gives numbers in the order of the commits. So whoever hears of number n can read everything below n; n itself may be
 * heard a moment before it can be read. Whatever a read says is there, later reads see as well.
 */
export class Sequence<T> {
  #at: number;
  /** All numbers up to here can be read. */
  #readable: number;
  /** The highest number that is known to exist. */
  #highest: number;
  /** Numbers up to here that are not held do not exist for this reader. */
  #through: number;
  readonly #early = new Map<number, T>();
  readonly #capacity: number;

  /** `at`: the last number that was handed over. `capacity`: how many are held that cannot be handed over yet. */
  constructor(at: number, capacity: number) {
    this.#at = at;
    this.#readable = at;
    this.#highest = at;
    this.#through = at;
    this.#capacity = capacity;
  }

  /** The last number that was handed over, or passed because it does not exist for this reader. */
  get at(): number {
    return this.#at;
  }

  get held(): number {
    return this.#early.size;
  }

  /** Whether something has to be read to go on. */
  get isBehind(): boolean {
    return this.#highest > this.#at && this.#through <= this.#at && !this.#early.has(this.#at + 1);
  }

  /** Something was heard; `null`: it exists, but has to be read. */
  hear(number: number, thing: T | null): void {
    this.#highest = Math.max(this.#highest, number);
    this.#readable = Math.max(this.#readable, number - 1);
    if (thing !== null && number > this.#at && this.#early.size < this.#capacity) this.#early.set(number, thing);
  }

  /** A read, or the answer to a write, said that there are this many. */
  learn(number: number): void {
    this.#highest = Math.max(this.#highest, number);
    this.#readable = Math.max(this.#readable, number);
  }

  /** What a read that begins now has to bring. */
  ask(): { readonly after: number; readonly readable: number } {
    return { after: this.#at, readable: this.#readable };
  }

  /**
   * What was read after `asked.after`, in order. `isWhole`: the page was not full, so there is nothing between its last and
   * `asked.readable`.
   */
  read(page: readonly (readonly [number, T])[], isWhole: boolean, asked: { readonly readable: number }): void {
    for (const [number, thing] of page) {
      // Not bounded by the capacity: a page is, and it is taken before the next one is asked for.
      if (number > this.#at) this.#early.set(number, thing);
      this.#through = Math.max(this.#through, number);
      this.learn(number);
    }
    if (isWhole) this.#through = Math.max(this.#through, asked.readable);
  }

  /** What comes next, if it is here and `mayGo` lets it. */
  take(mayGo: (thing: T) => boolean = () => true): { readonly number: number; readonly thing: T } | null {
    const number = this.#early.has(this.#at + 1) ? this.#at + 1 : this.#nextBelowThrough();
    const thing = this.#early.get(number);
    if (thing === undefined) {
      this.#at = Math.max(this.#at, this.#through);
      return null;
    }
    if (!mayGo(thing)) return null;
    this.#early.delete(number);
    this.#at = number;
    return { number, thing };
  }

  #nextBelowThrough(): number {
    let next = Number.POSITIVE_INFINITY;
    if (this.#through > this.#at) for (const number of this.#early.keys()) next = Math.min(next, number);
    return next <= this.#through ? next : -1;
  }
}
