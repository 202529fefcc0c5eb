const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;

export type LogLevel = keyof typeof LEVELS;

/** Structured logging: one JSON object a line. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Writes lines of at least `minimum` to `write` (default: standard output). */
export function createLog(
  minimum: LogLevel,
  now: () => Date,
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): Log {
  return (level, message, fields = {}) => {
    if (LEVELS[level] < LEVELS[minimum]) return;
    write(JSON.stringify({ time: now().toISOString(), level, message, ...fields }));
  };
}

/** What went wrong, in one bounded line without a stack or a connection string's password. */
export function reasonOf(error: unknown): string {
  const text = error instanceof AggregateError ? error.errors.map(reasonOf).join('; ') : messageOf(error);
  return text.replace(/:\/\/[^@\s/]*@/g, '://***@').slice(0, 500);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : error.message;
}
