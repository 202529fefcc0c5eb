import { deliveryRatios, measureDelivery } from './chat-delivery.ts';
import { measurePages, pagesRatios } from './chat-pages.ts';
import { measureSending, sendingRatios } from './chat-sending.ts';
import { startBenchStack } from './support/bench-stack.ts';
import { makeWorld } from './support/chat-world.ts';
import { report } from './support/report.ts';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4);
/** Only `delivery`, `sending` or `pages`. */
const PART = process.env['BENCH_PART'];

/**
 * Chat from the writer's call to the reader's socket, and what is read afterwards: sends beside a bare row, deliveries beside a bare `ws`,
 * pages where ten million messages lie beside the same where ten thousand do.
 */
export async function runChatSuite(): Promise<void> {
  const startedAt = performance.now();
  await using stack = await startBenchStack();
  const { env } = stack;
  const wanted = (part: string) => PART === undefined || PART === part;
  // First, since the making of millions of messages is nothing that the others should come after; it leaves the tables empty.
  const pages = wanted('pages') ? await measurePages(env, SECONDS) : [];
  const world = await makeWorld(env);
  const delivery = wanted('delivery') ? await measureDelivery(env, world, SECONDS) : { measurements: [], facts: {} };
  const sending = wanted('sending') ? await measureSending(env, world, SECONDS) : [];
  const took_s = Math.round((performance.now() - startedAt) / 1000);
  await report(
    'chat',
    [...sending, ...delivery.measurements, ...pages],
    [
      ...(wanted('delivery') ? deliveryRatios() : []),
      ...(wanted('sending') ? sendingRatios() : []),
      ...(wanted('pages') ? pagesRatios(wanted('sending')) : []),
    ],
    { ...delivery.facts, seconds: SECONDS, took_s },
  );
}
