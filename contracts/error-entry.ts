/** What the API says of one kind of failure; `detail` and `hint` are the defaults of a single occurrence. */
export interface ErrorEntry {
  /** HTTP status. */
  readonly status: number;
  /** One sentence for people: what went wrong. */
  readonly detail: string;
  /** One sentence for developers: what to do next. */
  readonly hint: string;
}
