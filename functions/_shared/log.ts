import type { Config } from './config.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';
const ORDER: Record<Config['log_level'], number> = { debug: 10, info: 20, warn: 30, error: 40, silent: 99 };

/** Writes one JSON line per call; fields never hold tokens, passwords or bodies. */
export interface Logger {
  readonly log: (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** A logger for people and machines: one line of JSON on stdout, errors included, in order. */
export function createLogger(
  minimum: Config['log_level'],
  clock: () => number,
  write: (line: string) => void = (line) => console.log(line),
): Logger {
  return {
    log(level, message, fields = {}) {
      if (ORDER[level] < ORDER[minimum]) return;
      write(JSON.stringify({ time: new Date(clock()).toISOString(), level, message, ...fields }));
    },
  };
}

/** What may be logged of an error: name, message, SQLSTATE and stack, and the same of its cause. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: error.stack,
    ...(error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}
