import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks until there is an answer, and gives it. `what` says what is waited for; it is the failure's message after `deadline_ms`.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  { deadline_ms = 30_000, every_ms = 25 } = {},
): Promise<T> {
  const deadline = performance.now() + deadline_ms;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`Not within ${deadline_ms} ms: ${what}`);
    await wait(every_ms);
  }
}
