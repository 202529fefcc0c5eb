import { createTransport } from 'nodemailer';
import type { NotificationCard } from '../../contracts/api/notifications.ts';
import type { Database } from '../database.ts';
import { type Log, reasonOf } from '../log.ts';
import { type Loop, leased } from '../loop.ts';
import type { Metrics } from '../metrics.ts';
import { type Backoff, backoffMs, type Clock } from '../time.ts';
import type { ChannelsConfig } from './config.ts';

const LEASE_S = 60;
const AT_ONCE = 10;
const RETRY: Backoff = { first_ms: 10_000, max_ms: 60 * 60_000 };
const MAX_ATTEMPTS = 12;
const TIMEOUT_MS = 15_000;

const CLAIM = `select user_id, is_security, attempts, to_seq::float8 as to_seq, email, name, cards, more
  from app_private.claim_digests($1, $2 * interval '1 second')`;
const FINISH = 'select app_private.finish_digest($1, $2, $3, $4)';
const RETRY_LATER = `select app_private.retry_digest($1, $2, $3, $4, $5 * interval '1 millisecond')`;

/** What somebody has not read, as it was claimed. */
export interface Digest {
  readonly user_id: string;
  /** Whether it tells of what guards the account, or of all else. */
  readonly is_security: boolean;
  readonly attempts: number;
  readonly to_seq: number;
  readonly email: string;
  readonly name: string;
  readonly cards: readonly NotificationCard[];
  /** How many more there are than `cards`. */
  readonly more: number;
}

export interface MailDeps {
  readonly database: Pick<Database, 'query'>;
  readonly metrics: Pick<Metrics, 'deliveries'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sends mails about what people have not read. A mail that is tried again has the same Message-ID. */
export function mailLoop(
  deps: MailDeps,
  { url, from }: NonNullable<ChannelsConfig['mail']>,
  appUrl: string | null,
): Loop {
  const transport = createTransport({
    ...{ url, pool: false, disableFileAccess: true, disableUrlAccess: true },
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
  });
  async function mail(digest: Digest): Promise<void> {
    const { database, metrics, clock, log } = deps;
    const { user_id, attempts } = digest;
    const claimed = [user_id, digest.is_security, attempts];
    const note = (outcome: string, reason?: string) => {
      metrics.deliveries.inc({ channel: 'email', outcome });
      if (outcome !== 'sent') log('info', 'a mail was not taken', { user_id, outcome, attempts, reason });
    };
    try {
      await transport.sendMail({
        from,
        to: { name: withoutLinks(digest.name), address: digest.email },
        ...digestMail(digest, appUrl),
      });
    } catch (error) {
      const reason = reasonOf(error);
      if (isRefusal(error) || attempts >= MAX_ATTEMPTS) {
        await database.query(FINISH, [...claimed, reason]);
        return note('given_up', reason);
      }
      await database.query(RETRY_LATER, [...claimed, reason, backoffMs(RETRY, attempts, clock.random)]);
      return note('retried', reason);
    }
    await database.query(FINISH, [...claimed, null]);
    note('sent');
  }
  return {
    task: 'notifications_mail',
    every_ms: 1_000,
    round: leased(AT_ONCE, (limit) => deps.database.query<Digest>(CLAIM, [limit, LEASE_S]), mail),
  };
}

/** A mail as nodemailer takes it: what there is to say, in words and as HTML. Only operators and the app write what mail programs take for links. */
export function digestMail(digest: Digest, appUrl: string | null) {
  const { user_id, is_security, to_seq, name: chosen, cards, more } = digest;
  const name = withoutLinks(chosen);
  const lines = cards.map(lineOf);
  const [only] = cards;
  if (more > 0) lines.push(`And ${more} more.`);
  const link = appUrl === null ? [] : ['', appUrl];
  const footer = 'Which mails you get stands in the settings of your account.';
  return {
    subject:
      only && lines.length === 1
        ? withoutLinks(only.text).slice(0, 150)
        : `${cards.length + more} things you have not seen`,
    messageId: `<${is_security ? 'security' : 'digest'}.${user_id}.${to_seq}@notifications.astra>`,
    // Nobody's out-of-office answer is wanted.
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: [`Hello ${name},`, '', ...lines.map((line) => `- ${line}`), ...link, '', footer, ''].join('\n'),
    html: [
      `<p>Hello ${escapeHtml(name)},</p>`,
      `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`,
      ...(appUrl === null ? [] : [`<p><a href="${escapeHtml(appUrl)}">${escapeHtml(appUrl)}</a></p>`]),
      `<p>${footer}</p>`,
    ].join('\n'),
  };
}

/** A notification in a mail: of a notice its words and address, of a sign-in whatever tells whether it was oneself. */
function lineOf({ kind, text, data, updated_at }: NotificationCard): string {
  const said = (name: string) => (typeof data[name] === 'string' ? data[name] : '');
  if (kind === 'notice') return `${text}: ${[said('body'), said('url')].filter(Boolean).join(' ')}`;
  if (kind !== 'sign_in') return withoutLinks(text);
  const from = [said('user_agent'), said('ip')].filter(Boolean).join(', ');
  return withoutLinks(
    `${text} ${new Date(updated_at).toISOString().slice(0, 16).replace('T', ' ')} UTC${from && ', '}${from}`,
  );
}

/**
 * People name themselves as they like, and mail programs make links of what looks like an address: a dot before a letter becomes one that no
 * address has, and so does the colon before slashes.
 */
export function withoutLinks(text: string): string {
  return text
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/(?<=\S)\.(?=[\p{L}\p{M}])/gu, '\u2024')
    .replace(/:(?=\/\/)/g, '\ua789');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** 5xx: the server will not take this mail the next time either. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'responseCode' in error ? error.responseCode : undefined;
  return typeof code === 'number' && code >= 500 && code < 600;
}
