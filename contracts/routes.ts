import type { z } from 'zod';
import * as auth from './api/auth.ts';
import type { ErrorCode } from './errors.ts';
import { ACCOUNT_ROUTES } from './routes-accounts.ts';
import { CALL_ROUTES } from './routes-calls.ts';
import { CHAT_ROUTES } from './routes-chat.ts';
import { GROUPS_ROUTES } from './routes-groups.ts';
import { MEDIA_ROUTES } from './routes-media.ts';
import { NOTIFICATION_ROUTES } from './routes-notifications.ts';
import { POSTS_ROUTES } from './routes-posts.ts';
import { PEOPLE_ROUTES } from './routes-social.ts';
import { WALLET_ROUTES } from './routes-wallet.ts';

/** One operation of the REST API, as the OpenAPI document tells it. */
export interface Route {
  /** The edge function that answers, and the first part of the path. */
  readonly domain:
    | 'auth'
    | 'users'
    | 'follows'
    | 'groups'
    | 'posts'
    | 'messages'
    | 'wallet'
    | 'media'
    | 'notifications'
    | 'calls';
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/<domain>`, with parameters as `{id}`; empty for the domain itself. */
  readonly path: string;
  readonly summary: string;
  /** Whether an access token is needed; `optional`: it may be left out, and a bad one is refused nevertheless. */
  readonly signedIn: boolean | 'optional';
  /** Whether an `Idempotency-Key` makes a retry safe. */
  readonly idempotent?: true;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The fields of a multipart form, where the body is one. */
  readonly form?: z.ZodObject;
  /** Headers of its own that the operation reads. */
  readonly headers?: z.ZodObject;
  /** The answer of a success; no schema means no body. `otherwise` is another type that can be asked for. */
  readonly answer: {
    readonly status: number;
    readonly schema?: z.ZodType;
    readonly otherwise?: 'text/csv' | 'text/event-stream';
  };
  /** The refusals of this operation alone; those of every operation are not repeated. */
  readonly errors: readonly ErrorCode[];
}

/** Every operation, in the order in which people meet them. A test compares it with the routes that the functions serve. */
export const ROUTES: readonly Route[] = [
  {
    ...{ domain: 'auth', method: 'post', path: '/register', signedIn: false },
    summary: 'Make an account. The profile and the wallet are made with it.',
    body: auth.registerRequest,
    answer: { status: 201, schema: auth.authResponse },
    errors: [
      'auth.email_taken',
      'auth.weak_password',
      'auth.signup_disabled',
      'users.username_taken',
      'users.username_invalid',
      'users.username_reserved',
    ],
  },
  {
    ...{ domain: 'auth', method: 'post', path: '/login', signedIn: false },
    summary: 'Sign in with email and password.',
    body: auth.loginRequest,
    answer: { status: 200, schema: auth.authResponse },
    errors: ['auth.invalid_credentials', 'auth.email_not_confirmed', 'auth.user_banned'],
  },
  {
    ...{ domain: 'auth', method: 'post', path: '/refresh', signedIn: false },
    summary: 'Exchange a refresh token for new tokens; each can be used once.',
    body: auth.refreshRequest,
    answer: { status: 200, schema: auth.authResponse },
    errors: ['auth.refresh_token_invalid'],
  },
  {
    ...{ domain: 'auth', method: 'post', path: '/logout', signedIn: true },
    summary: 'End this session, the others, or all; their access tokens are useless at once.',
    body: auth.logoutRequest,
    answer: { status: 204 },
    errors: [],
  },
  {
    ...{ domain: 'auth', method: 'post', path: '/forgot-password', signedIn: false },
    summary:
      'Send a mail with a link and a code that reset the password; the answer never tells whether the address is known.',
    body: auth.forgotPasswordRequest,
    answer: { status: 202, schema: auth.acceptedResponse },
    errors: [],
  },
  {
    ...{ domain: 'auth', method: 'post', path: '/reset-password', signedIn: false },
    summary: 'Set a new password with what the mail gave; every other session ends.',
    body: auth.resetPasswordRequest,
    answer: { status: 200, schema: auth.authResponse },
    errors: ['auth.reset_token_invalid', 'auth.weak_password', 'auth.same_password'],
  },
  {
    ...{ domain: 'auth', method: 'get', path: '/sessions', signedIn: true },
    summary: 'The living sessions of the user.',
    answer: { status: 200, schema: auth.sessionsResponse },
    errors: [],
  },
  {
    ...{ domain: 'auth', method: 'delete', path: '/sessions/{id}', signedIn: true },
    summary: 'End one session.',
    params: auth.sessionParams,
    answer: { status: 204 },
    errors: ['auth.session_not_found'],
  },
  ...PEOPLE_ROUTES,
  ...ACCOUNT_ROUTES,
  ...GROUPS_ROUTES,
  ...POSTS_ROUTES,
  ...CHAT_ROUTES,
  ...CALL_ROUTES,
  ...WALLET_ROUTES,
  ...MEDIA_ROUTES,
  ...NOTIFICATION_ROUTES,
];
