import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type pg from 'pg';
import type { AstraEnvironment } from '../environment.ts';

/** A person of the demo, signed in. */
export interface Member {
  readonly id: string;
  readonly username: string;
  readonly isNew: boolean;
  readonly client: SupabaseClient;
}

/** A demo password: these people exist on a developer's machine only. */
const PASSWORD = 'correct horse battery staple';

/** Signs a person up, or in when an earlier run of the demo has made them. */
export async function openSession(
  environment: AstraEnvironment,
  person: { readonly email: string; readonly username: string; readonly full_name: string },
): Promise<Member> {
  const client = createClient(environment.SUPABASE_URL, environment.SUPABASE_PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const signUp = await client.auth.signUp({
    email: person.email,
    password: PASSWORD,
    options: { data: { username: person.username, full_name: person.full_name } },
  });
  const session =
    signUp.data.session ??
    (await client.auth.signInWithPassword({ email: person.email, password: PASSWORD })).data.session;
  if (session === null)
    throw new Error(`${person.email} can neither sign up nor in: ${signUp.error?.message ?? 'no session'}`);
  const { data, error } = await client.from('profiles').select('username').eq('id', session.user.id).single();
  if (error) throw new Error(`no profile for ${person.email}: ${error.message}`);
  return { id: session.user.id, username: data.username, isNew: signUp.error === null, client };
}

/** Books money in from outside, as an operator does in Studio. `amount` is a decimal string such as `"12.50"`. */
export async function fund(operator: pg.Client, username: string, amount: string, currency: string): Promise<void> {
  await operator.query('select admin.fund_wallet($1, $2, $3, $4)', [username, amount, currency, 'demo funding']);
}

export interface Payment {
  readonly to: string;
  readonly amount: string;
  readonly currency: string;
  readonly description: string;
  readonly category: string;
}

export interface PaymentResult {
  /** The transaction's id when it was booked. */
  readonly id?: string;
  /** The stable error code when it was refused. */
  readonly code?: string;
  /** True when the response is the stored one of an earlier request with the same key. */
  readonly replayed: boolean;
}

/** Sends one payment through the `wallet` edge function. */
export async function pay(payer: Member, payment: Payment, idempotencyKey: string): Promise<PaymentResult> {
  const { to, ...rest } = payment;
  const { data, error, response } = await payer.client.functions.invoke('wallet/transaction', {
    method: 'POST',
    headers: { 'Idempotency-Key': idempotencyKey },
    body: {
      recipient: to,
      amount: rest.amount,
      currency: rest.currency,
      description: rest.description,
      category: rest.category,
    },
  });
  const replayed = response?.headers.get('Idempotency-Replayed') === 'true';
  if (!error) return { id: data.id, replayed };
  if (response === undefined) throw error;
  const problem: { code?: string } = await response.json();
  return { code: problem.code ?? `HTTP ${response.status}`, replayed };
}
