import { AsyncLocalStorage } from 'node:async_hooks';
import type { MailDriver } from '../mail.ts';

/** Makes mail links lead where the client asked. */
export interface MailRedirect {
  readonly driver: MailDriver;
  /** Runs one request; mails sent meanwhile take its `redirect_to`. */
  readonly during: <T>(request: Request, answer: () => Promise<T>) => Promise<T>;
}

/**
 * The embedded Auth always writes its site URL into mail links and forgets the `redirect_to` of the request, which hosted
 * Auth honours (`resetPasswordForEmail(email, { redirectTo })`). This puts it back. Whether the address is allowed is
 * decided where it matters, when the link is followed: Auth then compares it with additional_redirect_urls.
 */
export function createMailRedirect(mail: MailDriver, siteUrl: string): MailRedirect {
  const requests = new AsyncLocalStorage<string | null>();
  const written = parameter(siteUrl);
  return {
    driver: {
      send(message) {
        const target = requests.getStore();
        if (!target) return mail.send(message);
        const replace = (text: string) => text.replaceAll(written, () => parameter(target));
        const { text, html } = message;
        return mail.send({
          ...message,
          ...(text === undefined ? {} : { text: replace(text) }),
          ...(html === undefined ? {} : { html: replace(html) }),
        });
      },
    },
    during: (request, answer) => requests.run(new URL(request.url).searchParams.get('redirect_to'), answer),
  };
}

/** As it stands in a link. Encoded, so nothing in it can leave the attribute that holds the link. */
function parameter(target: string): string {
  return new URLSearchParams({ redirect_to: target }).toString();
}
