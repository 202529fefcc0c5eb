import * as accounts from './api/accounts.ts';
import { emptyRequest } from './api/common.ts';
import type { Route } from './routes.ts';

const base = { domain: 'users', signedIn: true } as const;
const write = { ...base, idempotent: true } as const;

/** What people ask the worker to do with all that is theirs. */
export const ACCOUNT_ROUTES: readonly Route[] = [
  {
    ...{ ...write, method: 'post', path: '/export' },
    summary: 'Ask for a file with everything that is one’s own; at most one a day.',
    body: emptyRequest,
    answer: { status: 202, schema: accounts.accountJob },
    errors: ['users.export_open', 'users.export_too_soon'],
  },
  {
    ...{ ...base, method: 'get', path: '/export' },
    summary: 'How far the newest export is, and where to download it.',
    answer: { status: 200, schema: accounts.exportState },
    errors: ['users.export_not_found', 'service.storage_unavailable'],
  },
  {
    ...{ ...write, method: 'delete', path: '/account' },
    summary: 'Delete the account after seven days; with the password, or right after signing in.',
    body: accounts.deleteAccountRequest,
    answer: { status: 202, schema: accounts.accountJob },
    errors: [
      ...(['users.proof_required', 'auth.invalid_credentials', 'users.account_has_money'] as const),
      'service.auth_unavailable',
    ],
  },
  {
    ...{ ...write, method: 'post', path: '/account/restore' },
    summary: 'Take back the request to delete the account.',
    body: emptyRequest,
    answer: { status: 200, schema: accounts.accountJob },
    errors: ['users.deletion_not_found'],
  },
  {
    ...{ ...base, method: 'get', path: '/account/jobs' },
    summary: 'One’s exports and deletions of the last 90 days, the newest first, at most 100.',
    answer: { status: 200, schema: accounts.accountJobsPage },
    errors: [],
  },
];
