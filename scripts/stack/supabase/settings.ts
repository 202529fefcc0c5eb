import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';
import type { StackContext } from '../context.ts';

const PROVIDERS = ['github', 'google'] as const;

/** The parts of supabase/config.toml that the local stack acts on. Everything else there is for Docker or hosted projects. */
const configSchema = z.object({
  project_id: z.string(),
  api: z.object({ schemas: z.array(z.string()), extra_search_path: z.array(z.string()), max_rows: z.number() }),
  storage: z.object({ file_size_limit: z.string() }),
  auth: z.object({
    site_url: z.string(),
    additional_redirect_urls: z.array(z.string()),
    jwt_expiry: z.number(),
    enable_refresh_token_rotation: z.boolean(),
    refresh_token_reuse_interval: z.number(),
    enable_signup: z.boolean(),
    minimum_password_length: z.number(),
    password_requirements: z.enum([
      '',
      'letters_digits',
      'lower_upper_letters_digits',
      'lower_upper_letters_digits_symbols',
    ]),
    email: z.object({
      double_confirm_changes: z.boolean(),
      enable_confirmations: z.boolean(),
      secure_password_change: z.boolean(),
      max_frequency: z.string(),
      otp_length: z.number(),
      otp_expiry: z.number(),
      template: z.record(z.string(), z.object({ subject: z.string(), content_path: z.string() })),
    }),
    external: z.partialRecord(
      z.enum(PROVIDERS),
      z.object({ client_id: z.string(), secret: z.string(), url: z.string().optional() }),
    ),
  }),
});

/** Tests replace these; people set them in the environment. */
export interface SettingsOverrides {
  readonly environment?: NodeJS.ProcessEnv;
  /** Where people go when a link names no other place. Locally the API origin, whose page finishes a password reset. */
  readonly siteUrl?: string;
}

/** Where this stack's API answers. */
export function apiOrigin(context: StackContext): string {
  return `http://127.0.0.1:${context.ports.api}`;
}

/**
 * Reads supabase/config.toml for the embedded API server: the project's own rules, with local addresses and keys.
 * @returns options for `new App(...)` of @supabase/lite, which refuses keys it does not know.
 * @throws ZodError or a TOML error that names what is wrong in the file.
 */
export function readSettings(context: StackContext, overrides: SettingsOverrides = {}) {
  const environment = overrides.environment ?? process.env;
  const text = readFileSync(join(context.root, 'supabase', 'config.toml'), 'utf8');
  const config = configSchema.parse(resolveEnvironment(parse(text), environment));
  const { auth } = config;
  const origin = apiOrigin(context);
  return {
    project_id: config.project_id,
    api: { enabled: true, ...config.api, external_url: origin },
    storage: { enabled: true, file_size_limit: config.storage.file_size_limit },
    auth: {
      enabled: true,
      jwt_secret: context.secrets.jwtSecret,
      publishable_key: context.secrets.publishableKey,
      secret_key: context.secrets.secretKey,
      // Mail links are built as `${site_url}/auth/v1/verify`, so it must be an address that the gateway answers.
      site_url: overrides.siteUrl ?? origin,
      additional_redirect_urls: [...new Set([auth.site_url, ...auth.additional_redirect_urls, origin, `${origin}/**`])],
      jwt_expiry: auth.jwt_expiry,
      enable_refresh_token_rotation: auth.enable_refresh_token_rotation,
      refresh_token_reuse_interval: auth.refresh_token_reuse_interval,
      enable_signup: auth.enable_signup,
      minimum_password_length: auth.minimum_password_length,
      password_requirements: auth.password_requirements,
      email: { ...auth.email, template: absoluteTemplates(context, auth.email.template) },
      external: enabledProviders(auth.external, environment),
    },
  };
}

/** Replaces `env(NAME)` by the variable's value, or by an empty text where it is not set. */
function resolveEnvironment(value: unknown, environment: NodeJS.ProcessEnv): unknown {
  if (typeof value === 'string') {
    const name = /^env\((\w+)\)$/.exec(value)?.[1];
    return name === undefined ? value : (environment[name] ?? '');
  }
  if (Array.isArray(value)) return value.map((item) => resolveEnvironment(item, environment));
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveEnvironment(item, environment)]));
  }
  return value;
}

/** config.toml counts content_path from the repository's root; the server would count it from the current folder. */
function absoluteTemplates(
  context: StackContext,
  templates: Record<string, { subject: string; content_path: string }>,
): Record<string, { subject: string; content_path: string }> {
  return Object.fromEntries(
    Object.entries(templates).map(([name, template]) => [
      name,
      { subject: template.subject, content_path: join(context.root, template.content_path) },
    ]),
  );
}

/** A provider is on exactly when both its variables are set, so a checkout without them needs no edit. */
function enabledProviders(
  external: z.infer<typeof configSchema>['auth']['external'],
  environment: NodeJS.ProcessEnv,
): Record<string, { enabled: boolean; client_id: string; secret: string; url?: string }> {
  const entries = PROVIDERS.map((name) => {
    const provider = external[name];
    // Not in config.toml: the CLI would push an empty address to a hosted project.
    const url = environment[`SUPABASE_AUTH_EXTERNAL_${name.toUpperCase()}_URL`] ?? provider?.url;
    const client_id = provider?.client_id ?? '';
    const secret = provider?.secret ?? '';
    const enabled = client_id !== '' && secret !== '';
    return [name, { enabled, client_id, secret, ...(url === undefined ? {} : { url }) }] as const;
  });
  return Object.fromEntries(entries);
}
