/** What Supabase's runtime offers for work that outlives its request. */
interface EdgeRuntime {
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/**
 * Lets work that an answer did not wait for come to its end. A hosted function may be frozen or ended once it has answered,
 * unless its runtime is told; elsewhere the process lives on by itself. The work must not reject.
 */
export function keepAlive(work: Promise<unknown>): void {
  const { EdgeRuntime: runtime } = globalThis as { EdgeRuntime?: EdgeRuntime };
  runtime?.waitUntil(work);
}
