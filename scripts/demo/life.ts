import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Deposit, LinkedAccount, Withdrawal } from '../../contracts/api/wallet-payments.ts';
import type { Statement } from '../../contracts/api/wallet-statement.ts';
import type { Member } from './people.ts';
import { table } from './table.ts';

/** Money's way through: somebody pays in, sets some aside for a shop, which captures part of it and is paid out. */
export const lifeSchema = z.strictObject({
  payer: z.string(),
  shop: z.string(),
  deposit: z.string(),
  hold: z.string(),
  capture: z.string(),
  withdraw: z.string(),
  description: z.string(),
  /** An account at the local provider; its last digits decide that payouts work (docs/payments.md). */
  iban: z.string(),
});

type Life = z.infer<typeof lifeSchema>;

const DEADLINE_MS = 20_000;

/** Plays it through the functions and the payment provider at `providerUrl`, prints each step, and throws when one goes wrong. */
export async function playLife(
  members: ReadonlyMap<string, Member>,
  life: Life,
  currency: string,
  providerUrl: string,
) {
  const payer = memberOf(members, life.payer);
  const shop = memberOf(members, life.shop);
  const steps: { what: string; amount: string; outcome: string }[] = [];
  const note = (what: string, amount: string, outcome: string) => steps.push({ what, amount, outcome });

  const deposit = await ask<Deposit>(payer, 'deposits', { amount: life.deposit, currency });
  await payAtProvider(providerUrl, deposit);
  const deposited = await reaches<Deposit>(payer, `deposits/${deposit.id}`, 'completed');
  note(`@${payer.username} pays in, the provider's webhook says so`, deposited.amount, deposited.state);

  const { description } = life;
  const hold = await ask<{ id: string; state: string }>(payer, 'holds', {
    ...{ recipient: shop.username, amount: life.hold, currency, description },
  });
  note(`@${payer.username} sets aside for @${shop.username}: ${description}`, life.hold, hold.state);
  const captured = await ask<{ captured_amount: string; state: string }>(shop, `holds/${hold.id}/capture`, {
    amount: life.capture,
  });
  note(`@${shop.username} takes part of it, the rest goes back`, captured.captured_amount, captured.state);

  const account = await linkedAccount(shop, providerUrl, life.iban);
  const order = { linked_account_id: account.id, amount: life.withdraw, currency };
  const asked = await ask<Withdrawal>(shop, 'withdraw', order);
  const paid = await reaches<Withdrawal>(shop, `withdrawals/${asked.id}`, 'paid');
  note(`@${shop.username} withdraws to ${account.bank_name} …${account.last4}`, paid.amount, paid.state);

  for (const member of [payer, shop]) {
    const statement = await ask<Statement>(member, `statement?currency=${currency}`);
    assertWhole(statement, member.username);
    const { lines, closing_balance, chain } = statement;
    const end = chain.head_hash.slice(0, 12);
    note(
      `statement of @${member.username}: ${lines.length} entries`,
      closing_balance,
      `chain verified, ends in ${end}…`,
    );
  }
  console.log(table(steps));
}

function memberOf(members: ReadonlyMap<string, Member>, username: string): Member {
  const member = members.get(username);
  if (member === undefined) throw new Error(`demo/journey.json: ${username} is not one of its people`);
  return member;
}

/** POST with a body, GET without one. Throws with the error code of a refusal. */
async function ask<T>({ client, username }: Member, path: string, body?: Record<string, string>): Promise<T> {
  const options = body && { body, headers: { 'Idempotency-Key': randomUUID() } };
  const { data, error, response } = await client.functions.invoke(`wallet/${path}`, options ?? { method: 'GET' });
  if (!error) return data;
  if (response === undefined) throw error;
  const problem: { code?: string; detail?: string } = await response.json();
  throw new Error(`@${username}, ${path}: ${problem.code ?? response.status} ${problem.detail ?? ''}`);
}

async function reaches<T extends { state: string }>(member: Member, path: string, state: string): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = await ask<T>(member, path);
    if (found.state === state) return found;
    if (Date.now() > deadline) throw new Error(`${path} is ${found.state}, not ${state}, after ${DEADLINE_MS} ms`);
    await wait(100);
  }
}

/** Presses the button of the provider's checkout page. */
async function payAtProvider(providerUrl: string, { checkout }: Deposit): Promise<void> {
  const page = checkout !== null && 'url' in checkout ? new URL(checkout.url).pathname : '';
  const response = await fetch(`${providerUrl}/v1/deposits/${page.split('/').at(-1)}/pay`, { method: 'POST' });
  if (!response.ok) throw new Error(`the payment provider answered ${response.status}`);
}

/** The one that an earlier run of the demo has linked, or a new one: a number becomes a token at the provider. */
async function linkedAccount(member: Member, providerUrl: string, iban: string): Promise<LinkedAccount> {
  const { data } = await ask<{ data: LinkedAccount[] }>(member, 'linked-accounts');
  const [known] = data.filter(({ last4 }) => iban.replaceAll(' ', '').endsWith(String(last4)));
  if (known !== undefined) return known;
  const body = JSON.stringify({ iban, holder: member.username });
  const { token } = await (await fetch(`${providerUrl}/v1/tokens`, { method: 'POST', body })).json();
  return await ask<LinkedAccount>(member, 'linked-accounts', { token });
}

/** Computes the hash chain of a statement again. Throws when it does not end in the head of the account. */
function assertWhole({ chain, lines }: Statement, username: string): void {
  let hash: Uint8Array = Buffer.from(chain.opening_hash, 'hex');
  for (const { seq, balance_minor, line } of lines) {
    hash = createHash('sha256').update(hash).update(`${seq}|${balance_minor}|${line}`).digest();
  }
  if (Buffer.from(hash).toString('hex') !== chain.head_hash) {
    throw new Error(`the statement of @${username} does not add up to the head of its chain`);
  }
}
