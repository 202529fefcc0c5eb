import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect } from 'vitest';
import { problemSchema } from '../../contracts/api/common.ts';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import { testEnvironment } from './environment.ts';

/** An answer, its body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** One request; `body` is sent as JSON, `raw` as it is. */
export interface Ask {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** One of `pathForms()`; the shortest one when left out. */
  readonly base?: string;
}

/** Somebody who signed up and is signed in. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refresh_token: string;
}

const PASSWORD = 'correct horse battery staple';

/** Asks `/api/<path>` of the stack under test, as `POST` when there is a body. */
export async function ask(path: string, { method, token, body, raw, headers = {}, base }: Ask = {}): Promise<Answer> {
  const { SUPABASE_URL } = testEnvironment();
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(`${SUPABASE_URL}${base ?? pathForms()[0]}/${path}`, {
    method: method ?? (payload === undefined ? 'GET' : 'POST'),
    headers: {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: typeof payload === 'string' ? payload : Buffer.from(payload) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : parse(text) };
}

/** What a path may begin with; both lead to the same function. A hosted project has no `/api`. */
export function pathForms(): readonly string[] {
  return new URL(testEnvironment().SUPABASE_URL).hostname === '127.0.0.1'
    ? ['/api', '/functions/v1']
    : ['/functions/v1'];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Signs somebody up through Supabase Auth itself, so that tests of other things do not use up the limit on `register`. */
export async function signUp(name: string = 'user'): Promise<Person> {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = testEnvironment();
  const username = `${name}${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const email = `${username}@example.com`;
  const response = await fetch(`${SUPABASE_URL}/auth/v1/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', apikey: SUPABASE_PUBLISHABLE_KEY },
    body: JSON.stringify({ email, password: PASSWORD, data: { username, full_name: `${name} of the tests` } }),
  });
  const session = (await response.json()) as { access_token: string; refresh_token: string; user: { id: string } };
  expect(response.status, JSON.stringify(session)).toBe(200);
  const { access_token: token, refresh_token } = session;
  return { id: session.user.id, username, email, password: PASSWORD, token, refresh_token };
}

/** Another session of the same person. */
export async function signInAgain({ email, password }: Person): Promise<{ token: string; refresh_token: string }> {
  const answer = await ask('auth/login', { body: { email, password } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const { session } = answer.body as { session: { access_token: string; refresh_token: string } };
  return { token: session.access_token, refresh_token: session.refresh_token };
}

/** Runs one statement as the operator (`postgres`). */
export async function asOperator<R extends pg.QueryResultRow>(text: string, params: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: testEnvironment().SUPABASE_DB_URL });
  await client.connect();
  try {
    return (await client.query<R>(text, params)).rows;
  } finally {
    await client.end();
  }
}

/** Gives somebody money, as an operator does in Studio. */
export async function fund({ username }: Person, amount: string, currency: string = 'USD'): Promise<void> {
  await asOperator('select admin.fund_wallet($1, $2, $3, $4)', [username, amount, currency, 'for a test']);
}

/** What the wallet endpoint says of somebody's balance. */
export async function balanceOf({ token }: Person): Promise<string> {
  const answer = await ask('wallet', { token });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return (answer.body as { balance: string }).balance;
}

/** The session id in an access token. */
export function sessionIdOf(token: string): string {
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { session_id: string };
  return payload.session_id;
}

/** Asserts a complete problem document with this code, and the status that the code stands for. */
export function expectProblem(answer: Answer, code: ErrorCode): void {
  const problem = problemSchema.safeParse(answer.body);
  expect(problem.success, `not a problem: ${answer.status} ${JSON.stringify(answer.body)}`).toBe(true);
  expect({ code: problem.data?.code, status: answer.status }).toEqual({ code, status: ERRORS[code].status });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(problem.data?.status).toBe(answer.status);
  expect(problem.data?.detail).not.toBe('');
  expect(problem.data?.hint).not.toBe('');
  expect(problem.data?.instance).toBe(answer.headers.get('x-request-id'));
}
