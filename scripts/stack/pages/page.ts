import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page with the headers it must be sent with. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Loads one page of this folder. Its own inline script and style are allowed by their hashes, nothing else may run or
 * be fetched from elsewhere: what the page shows (mails, error texts in a link) can come from a stranger.
 * @param sources further Content-Security-Policy directives, such as `frame-src 'self'`.
 */
export function loadPage(name: string, sources: readonly string[] = []): Page {
  const html = readFileSync(join(import.meta.dirname, name), 'utf8');
  const policy = [
    "default-src 'none'",
    `script-src ${hashes(html, 'script')}`,
    `style-src ${hashes(html, 'style')}`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...sources,
  ];
  return {
    html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'x-content-type-options': 'nosniff',
      // A link's token stands in the address: it must not travel on in a Referer.
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  };
}

function hashes(html: string, tag: 'script' | 'style'): string {
  const blocks = [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))];
  const values = blocks.map(
    ([, content]) =>
      `'sha256-${createHash('sha256')
        .update(content ?? '')
        .digest('base64')}'`,
  );
  return values.length === 0 ? "'none'" : values.join(' ');
}
