/** What a client asked for and does not get, in the words of Supabase's own server: clients compare them. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  /** As the reply to a join has it. */
  get reason(): string {
    return `${this.code}: ${this.message}`;
  }
}
