import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Claims } from '../../../functions/_shared/tokens.ts';
import { createSending, mayBePlain, type Sending } from '../../../functions/messages/sending.ts';
import { postgresError } from './fakes.ts';

const sendingOf = (content: string): Sending => {
  const claims: Claims = {
    ...{ user_id: randomUUID(), session_id: randomUUID(), expires_at: 0, lifetime_s: 3_600, json: '{}' },
  };
  return { claims, body: { conversation_id: randomUUID(), content } };
};

/** A database that takes each message, leaves the `odd` ones out of a batch and refuses the `wrong` ones. */
function database(odd: readonly string[], wrong: readonly string[]) {
  const taken: string[] = [];
  const alone = new Map<string, string>();
  let batches = 0;
  return {
    taken,
    alone,
    batches: () => batches,
    async call<R extends object>(_text: string, params: readonly unknown[] = []) {
      batches += 1;
      const [senders, , bodies] = params as [string[], string[], string[]];
      const contents = bodies.map((body) => (JSON.parse(body) as { content: string }).content);
      await Promise.resolve();
      const rows = contents.flatMap((content, n) =>
        odd.includes(content) || wrong.includes(content) ? [] : [{ ord: n + 1, card: { content, by: senders[n] } }],
      );
      taken.push(...rows.map(({ card }) => card.content));
      // The order of rows is the database's own.
      return rows.reverse() as unknown as R[];
    },
    async ask<R extends object>(claims: Claims | undefined, _text: string, params: readonly unknown[] = []) {
      const { content } = JSON.parse(params[0] as string) as { content: string };
      await Promise.resolve();
      if (wrong.includes(content)) throw postgresError('PT403', { message: content });
      taken.push(content);
      alone.set(content, claims?.user_id ?? '');
      return [{ row: { content, by: claims?.user_id } }] as unknown as R[];
    },
  };
}

const WORDS = Array.from({ length: 40 }, (_, n) => `Message ${n}`);

test('messages at the same time are each answered to who wrote it; what a batch leaves out goes as its writer, and is refused alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(WORDS), fc.subarray(WORDS), async (odd, wrong) => {
      const db = database(odd, wrong);
      const send = createSending(db);
      const sendings = WORDS.map(sendingOf);
      const answers = await Promise.allSettled(sendings.map((sending) => send(sending)));
      expect(
        answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : (answer.reason as Error).message)),
      ).toEqual(
        sendings.map(({ claims, body: { content } }) =>
          wrong.includes(content ?? '') ? content : { content, by: claims.user_id },
        ),
      );
      expect([...db.taken].sort()).toEqual(WORDS.filter((words) => !wrong.includes(words)).sort());
      // The first two found nobody waiting.
      expect(db.batches()).toBe(1);
      expect([...db.alone.keys()]).toEqual(
        WORDS.filter((words, n) => !wrong.includes(words) && (n < 2 || odd.includes(words))),
      );
    }),
  );
});

test.each([
  [{ content: 'Hello' }, true],
  [{ content: 'Hello', client_id: randomUUID() }, true],
  [{ content: '' }, true],
  [{ content: '\u{1F600} \u00e9' }, true],
  [{ content: 'Hi @ben' }, false],
  [{ content: null }, false],
  [{}, false],
  [{ content: 'Hello', kind: 'text' as const }, false],
  [{ content: 'Hello', reply_to: randomUUID() }, false],
  [{ forward_of: randomUUID() }, false],
])('whether %j may be plain: %s', (body, expected) => {
  expect(mayBePlain({ conversation_id: randomUUID(), ...body })).toBe(expected);
});
