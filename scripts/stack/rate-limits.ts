const NAMES = [
  'USER',
  'IP',
  'LOGIN',
  'REGISTER',
  'RECOVER',
  'FOLLOW',
  'FOLLOW_DAY',
  'POST',
  'COMMENT',
  'LIKE',
  'MESSAGE',
];

/** Settings that lift every rate limit, for benches and for tests that send more than people do. */
export const NO_RATE_LIMITS: Readonly<Record<string, string>> = Object.fromEntries(
  NAMES.map((name) => [`ASTRA_RATE_${name}`, '100000000/1']),
);

/**
 * The one limit that is in a developer's way: everybody on a laptop signs up from the same address. The others stay as they
 * are in production, and a variable of the shell wins.
 */
export function localRateLimits(shell: NodeJS.ProcessEnv): Record<string, string> {
  return { ASTRA_RATE_REGISTER: shell['ASTRA_RATE_REGISTER'] ?? '10000/3600' };
}
