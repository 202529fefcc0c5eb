import { z } from 'zod';
import { timestampSchema } from './common.ts';
import { fullName, usernameSchema } from './users.ts';

const email = z.email().max(254);
// bcrypt reads 72 bytes; a longer password would be cut without anybody noticing.
const newPassword = z
  .string()
  .min(8)
  .max(72)
  .refine((password) => new TextEncoder().encode(password).length <= 72, 'must be at most 72 bytes of UTF-8');
const jwt = z.string().min(1).max(8192);

/** POST auth/register */
export const registerRequest = z.strictObject({
  email,
  password: newPassword,
  username: usernameSchema.optional(),
  full_name: fullName.optional(),
});

/** POST auth/login. The password's bounds are wide: old passwords may follow older rules. */
export const loginRequest = z.strictObject({ email, password: z.string().min(1).max(256) });

/** POST auth/refresh */
export const refreshRequest = z.strictObject({ refresh_token: z.string().min(1).max(1024) });

/** POST auth/logout; `local` ends this session, `others` all but this one, `global` all. */
export const logoutRequest = z.strictObject({ scope: z.enum(['local', 'global', 'others']).default('local') });

/** POST auth/forgot-password */
export const forgotPasswordRequest = z.strictObject({ email });

/**
 * POST auth/reset-password in one of three forms: the `access_token` from the fragment of the mail's link after Auth
 * redirected, the `token_hash` from the link itself, or `email` and the 6-digit `code` shown in the mail.
 */
export const resetPasswordRequest = z
  .strictObject({
    password: newPassword,
    access_token: jwt.optional(),
    token_hash: z.string().min(1).max(256).optional(),
    email: email.optional(),
    code: z
      .string()
      .regex(/^\d{6,10}$/, 'must be the digits shown in the mail')
      .optional(),
  })
  .superRefine((body, context) => {
    const forms = [body.access_token, body.token_hash, body.code].filter((value) => value !== undefined);
    if (forms.length !== 1) {
      context.addIssue({ code: 'custom', message: 'send exactly one of access_token, token_hash, or email and code' });
    }
    if ((body.code === undefined) !== (body.email === undefined)) {
      context.addIssue({ code: 'custom', path: ['email'], message: 'email and code go together' });
    }
  });

/** The tokens of a session; `expires_at` is in Unix seconds. */
export const sessionTokens = z.strictObject({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number().int(),
  expires_at: z.number().int(),
});

/** Who signed in. `username` is null until the email is confirmed, where the project asks for that. */
export const authUser = z.strictObject({
  id: z.uuid(),
  email: z.string(),
  username: z.string().nullable(),
  full_name: z.string().nullable(),
});

/** Answer of register, login, refresh and reset-password; `session` is null while the email is unconfirmed. */
export const authResponse = z.strictObject({ user: authUser, session: sessionTokens.nullable() });
export type AuthResponse = z.infer<typeof authResponse>;

/** Answer of forgot-password: the same whether the address is known or not. */
export const acceptedResponse = z.strictObject({ status: z.literal('accepted') });

/** One row of GET auth/sessions. */
export const sessionItem = z.strictObject({
  id: z.uuid(),
  created_at: timestampSchema.nullable(),
  last_active_at: timestampSchema.nullable(),
  user_agent: z.string().nullable(),
  ip: z.string().nullable(),
  /** The session of the access token that asked. */
  current: z.boolean(),
});
export const sessionsResponse = z.strictObject({ data: z.array(sessionItem), next_cursor: z.null() });

/** Path of DELETE auth/sessions/:id */
export const sessionParams = z.strictObject({ id: z.uuid() });
