import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const MAX_BODY_CHARS = 1_000_000;
const MAX_RECIPIENTS = 50;
const MAX_ATTACHMENTS = 50;

const messageSchema = z.object({
  /** Sorts by arrival. */
  id: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  /** Names only: the files themselves are not kept. */
  attachments: z.array(z.string()),
  received_at: z.string(),
});

/** One caught mail. Every text in it comes from outside and may be hostile. */
export type MailMessage = z.infer<typeof messageSchema>;
export type NewMail = Omit<MailMessage, 'id' | 'received_at'>;
export type MailSummary = Omit<MailMessage, 'text' | 'html'>;

export interface MailStore {
  readonly add: (mail: NewMail) => Promise<MailMessage>;
  /** Newest first; `to` keeps those sent to that address. */
  readonly list: (to?: string) => MailSummary[];
  readonly get: (id: string) => MailMessage | undefined;
  readonly clear: () => Promise<void>;
}

/**
 * Opens the folder of caught mails, one JSON file each.
 * @param limit how many are kept; the oldest go first.
 */
export async function openMailStore(folder: string, limit: number): Promise<MailStore> {
  await mkdir(folder, { recursive: true });
  const messages = await readAll(folder);
  let lastStamp = '';
  let tail: Promise<unknown> = Promise.resolve();

  /** One change after the other, so that the folder and the memory agree. */
  function queued<T>(step: () => Promise<T>): Promise<T> {
    const result = tail.then(step);
    tail = result.catch(() => undefined);
    return result;
  }

  const file = (id: string) => join(folder, `${id}.json`);

  async function prune(): Promise<void> {
    while (messages.size > limit) {
      const oldest = messages.keys().next().value;
      if (oldest === undefined) return;
      messages.delete(oldest);
      await rm(file(oldest), { force: true });
    }
  }

  await prune();
  return {
    add: (mail) =>
      queued(async () => {
        const message = stamp(bounded(mail), lastStamp);
        lastStamp = message.id.slice(0, message.id.indexOf('-'));
        await writeFile(`${file(message.id)}.part`, JSON.stringify(message, null, 2));
        await rename(`${file(message.id)}.part`, file(message.id));
        messages.set(message.id, message);
        await prune();
        return message;
      }),

    list(to) {
      const wanted = to?.toLowerCase();
      const kept = [...messages.values()].filter(
        (message) => wanted === undefined || message.to.some((address) => address.toLowerCase() === wanted),
      );
      return kept.reverse().map(({ text: _text, html: _html, ...summary }) => summary);
    },

    get: (id) => messages.get(id),

    clear: () =>
      queued(async () => {
        const ids = [...messages.keys()];
        messages.clear();
        for (const id of ids) await rm(file(id), { force: true });
      }),
  };
}

/** Ids are times in a fixed width, so the order of names is the order of arrival, also within one millisecond. */
function stamp(mail: NewMail, lastStamp: string): MailMessage {
  const now = Date.now();
  const digits = String(Math.max(now * 1000, Number(lastStamp || 0) + 1));
  return { ...mail, id: `${digits}-${randomUUID().slice(0, 8)}`, received_at: new Date(now).toISOString() };
}

function bounded(mail: NewMail): NewMail {
  return {
    from: mail.from.slice(0, 500),
    to: mail.to.slice(0, MAX_RECIPIENTS).map((address) => address.slice(0, 500)),
    subject: mail.subject.slice(0, 1000),
    text: mail.text.slice(0, MAX_BODY_CHARS),
    html: mail.html.slice(0, MAX_BODY_CHARS),
    attachments: mail.attachments.slice(0, MAX_ATTACHMENTS).map((name) => name.slice(0, 500)),
  };
}

async function readAll(folder: string): Promise<Map<string, MailMessage>> {
  const messages = new Map<string, MailMessage>();
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith('.json')).sort()) {
    const parsed = messageSchema.safeParse(await readJson(join(folder, name)));
    if (parsed.success) messages.set(parsed.data.id, parsed.data);
  }
  return messages;
}

/** A file that a crash left broken is skipped: an inbox must not keep the stack from starting. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
