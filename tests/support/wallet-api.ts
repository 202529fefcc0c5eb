import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect } from 'vitest';
import {
  type Deposit,
  depositSchema,
  type LinkedAccount,
  linkedAccountSchema,
} from '../../contracts/api/wallet-payments.ts';
import { type Answer, ask, asOperator, fund, type Person, signUp } from './api.ts';
import { testEnvironment } from './environment.ts';
import { eventually } from './eventually.ts';

/** Somebody with money. */
export async function signUpWith(name: string, amount: string): Promise<Person> {
  const person = await signUp(name);
  await fund(person, amount);
  return person;
}

/** POST wallet/<path> as somebody, with an Idempotency-Key where one is given. */
export async function post(person: Person, path: string, body: unknown = {}, key?: string): Promise<Answer> {
  const headers = key === undefined ? {} : { 'Idempotency-Key': key };
  return await ask(`wallet/${path}`, { token: person.token, body, headers });
}

/** GET wallet/<path> as somebody. */
export async function get(person: Person, path: string): Promise<Answer> {
  return await ask(`wallet/${path}`, { token: person.token });
}

/** The body of an answer that must have this status. */
export function bodyOf<T>(answer: Answer, status: number): T {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return answer.body as T;
}

/**
 * Sends a write three times with one key: the second answer is the first one replayed, and another body is refused. Gives the first.
 */
export async function postThrice(
  person: Person,
  path: string,
  body: Record<string, unknown>,
  otherBody: Record<string, unknown>,
): Promise<Answer> {
  const key = randomUUID();
  const first = await post(person, path, body, key);
  const second = await post(person, path, body, key);
  expect({ status: second.status, body: withoutInstance(second) }).toEqual({
    status: first.status,
    body: withoutInstance(first),
  });
  expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  const third = await post(person, path, otherBody, key);
  expect(third.body).toMatchObject({ code: 'idempotency.key_reused', status: 409 });
  return first;
}

/** A problem's `instance` is the id of its own request. */
function withoutInstance({ body, status }: Answer): unknown {
  return status >= 400 ? { ...(body as object), instance: '' } : body;
}

/** The balance and what is pending, in one currency. */
export async function walletOf(person: Person): Promise<[balance: string, pending: string]> {
  const { balance, pending_balance } = bodyOf<{ balance: string; pending_balance: string }>(await get(person, ''), 200);
  return [balance, pending_balance];
}

/** Makes one of two people block the other. */
export async function block(blocker: Person, blocked: Person): Promise<void> {
  await asOperator('insert into public.blocks (blocker_id, blocked_id) values ($1, $2)', [blocker.id, blocked.id]);
}

function fake(): { url: string; key: string; secret: string } {
  const { PAYMENTS_FAKE_URL: url, PAYMENTS_FAKE_KEY: key, PAYMENTS_WEBHOOK_SECRET: secret } = testEnvironment();
  if (url === undefined || key === undefined || secret === undefined) {
    throw new Error('Set PAYMENTS_FAKE_URL, PAYMENTS_FAKE_KEY and PAYMENTS_WEBHOOK_SECRET beside SUPABASE_URL');
  }
  return { url, key, secret };
}

/** Asks the local payment provider, as a server of ours. */
export async function askProvider<T>(path: string, body?: unknown): Promise<T> {
  const { url, key } = fake();
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as T;
  expect(response.status, JSON.stringify(answer)).toBeLessThan(300);
  return answer;
}

/** What the provider gives a browser for an account's number. The last digits say how payouts end (docs/payments.md). */
export async function bankToken(digits: string = '1234', currency: string = 'USD'): Promise<string> {
  const account_number = `00012345${digits}`;
  const account = { account_number, holder: 'of the tests', currency };
  return (await askProvider<{ token: string }>('/v1/tokens', account)).token;
}

export async function linkAccount(person: Person, digits?: string, currency?: string): Promise<LinkedAccount> {
  const answer = await post(person, 'linked-accounts', { token: await bankToken(digits, currency) });
  return linkedAccountSchema.parse(bodyOf(answer, 201));
}

export async function openDeposit(person: Person, amount: string): Promise<Deposit> {
  return depositSchema.parse(bodyOf(await post(person, 'deposits', { amount }), 201));
}

/** Pays an open deposit as a customer does. */
export async function payCheckout({ checkout }: Deposit): Promise<void> {
  const { pathname } = new URL((checkout as { url: string }).url);
  await askProvider(`/v1/deposits/${pathname.split('/').at(-1)}/pay`, {});
}

/** Waits until GET wallet/<path> has this state. */
export async function reaches<T>(person: Person, path: string, state: string): Promise<T> {
  return await eventually(`${path} is ${state}`, async () => {
    const body = bodyOf<{ state: string }>(await get(person, path), 200);
    return body.state === state ? (body as T) : null;
  });
}

export interface Message {
  readonly id?: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** What is wrong with a webhook. */
export interface Forgery {
  readonly secret?: string;
  readonly signedAt?: Date;
  /** Changes the body after it was signed. */
  readonly tamper?: (body: string) => string;
  readonly provider?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Delivers a message to the webhook as the local provider does, or as somebody who would like to be it. */
export async function deliver({ id, type, data }: Message, forgery: Forgery = {}): Promise<Answer> {
  const { secret, signedAt, tamper, provider, headers } = { secret: fake().secret, signedAt: new Date(), ...forgery };
  const event = id ?? `evt_${randomUUID()}`;
  const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
  const signed = {
    'webhook-id': event,
    'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(event, signedAt, body),
  };
  return await ask(`wallet/webhooks/${provider ?? 'fake'}`, {
    raw: tamper?.(body) ?? body,
    headers: { ...signed, ...headers },
  });
}
