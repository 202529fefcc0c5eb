import { z } from 'zod';
import { optionalText, readEnvironment } from '../environment.ts';

const environmentSchema = z
  .object({
    SMTP_URL: optionalText.refine(
      (url) => url === undefined || /^smtps?:\/\/./.test(url),
      'must be smtp:// or smtps://',
    ),
    ASTRA_MAIL_FROM: optionalText,
    ASTRA_APP_URL: optionalText.refine((url) => url === undefined || /^https?:\/\/./.test(url), 'must be an address'),
    ASTRA_VAPID_PUBLIC_KEY: optionalText,
    ASTRA_VAPID_PRIVATE_KEY: optionalText,
    ASTRA_VAPID_SUBJECT: optionalText.refine(
      (subject) => subject === undefined || /^(mailto:.+@.+|https:\/\/.+)$/.test(subject),
      'must be mailto: or https:// of whom a push service may ask',
    ),
    ASTRA_ALLOW_PRIVATE_TARGETS: z.enum(['true', 'false', '']).default('false'),
  })
  .refine((env) => (env.ASTRA_VAPID_PUBLIC_KEY === undefined) === (env.ASTRA_VAPID_PRIVATE_KEY === undefined), {
    path: ['ASTRA_VAPID_PRIVATE_KEY'],
    message: 'set both keys of VAPID, or none',
  });

/** How notifications leave the house; null where a channel is not set up, whose messages then wait. */
export interface ChannelsConfig {
  readonly push: { readonly publicKey: string; readonly privateKey: string; readonly subject: string } | null;
  readonly mail: { readonly url: string; readonly from: string } | null;
  /** Where people open the app, for mails. */
  readonly appUrl: string | null;
  /** Messages to private networks and without TLS: for a stack on one's own machine alone. */
  readonly allowPrivate: boolean;
}

/** Reads the variables of channels. Throws an Error that names every wrong one. */
export function readChannelsConfig(environment: Readonly<Record<string, string | undefined>>): ChannelsConfig {
  const title = 'The environment is not right (docs/notifications.md lists the variables)';
  const env = readEnvironment(environmentSchema, environment, title);
  const { ASTRA_VAPID_PUBLIC_KEY: publicKey, ASTRA_VAPID_PRIVATE_KEY: privateKey } = env;
  return {
    push:
      publicKey === undefined || privateKey === undefined
        ? null
        : { publicKey, privateKey, subject: env.ASTRA_VAPID_SUBJECT ?? 'mailto:no-reply@localhost.localdomain' },
    mail:
      env.SMTP_URL === undefined
        ? null
        : { url: env.SMTP_URL, from: env.ASTRA_MAIL_FROM ?? 'Astra <no-reply@localhost>' },
    appUrl: env.ASTRA_APP_URL ?? null,
    allowPrivate: env.ASTRA_ALLOW_PRIVATE_TARGETS === 'true',
  };
}
