import type Stripe from 'stripe';
import { type LinkAccountRequest, type LinkedAccount, linkedAccount, ProviderError } from './provider.ts';
import { asking, isMissing } from './stripe-errors.ts';

/** A linked account: whose Stripe account, and which of its bank accounts or cards when it is one that we made. */
export interface AccountToken {
  readonly account: string;
  readonly destination: string | undefined;
}

/**
 * Links an account that can be paid out to. Stripe pays people out through Connect: each has a connected account, money
 * goes there by a transfer and on to their bank by a payout. Two kinds of token are taken:
 * - `btok_…` or `tok_…`, made by Stripe.js from the number that the user typed: a connected account without a dashboard is
 *   made around it, whose payouts only we start. Stripe may ask for facts about the person before it pays (an Account Link).
 * - `acct_…`, a connected account that the app has onboarded. It must carry `metadata.user_id`, be able to pay out, wait
 *   for us to start payouts, and have no full dashboard, from which its owner could send payouts that look like ours.
 */
export async function linkAccount(stripe: Stripe, request: LinkAccountRequest): Promise<LinkedAccount> {
  const { token, user_id, idempotency_key } = request;
  if (token.startsWith('acct_')) {
    const account = await asking(() => stripe.accounts.retrieve(token));
    assertOurs(account, user_id);
    return describe(account.id, await payoutTarget(stripe, account));
  }
  if (!/^(btok|tok)_\w+$/.test(token)) throw refused('token_invalid', 'this is no token of a bank account or a card');
  const { country } = (await asking(() => stripe.tokens.retrieve(token))).bank_account ?? {};
  const account = await asking(() =>
    stripe.accounts.create(
      {
        ...(country ? { country } : {}),
        business_type: 'individual',
        capabilities: { transfers: { requested: true } },
        controller: {
          fees: { payer: 'application' },
          losses: { payments: 'application' },
          requirement_collection: 'application',
          stripe_dashboard: { type: 'none' },
        },
        settings: { payouts: { schedule: { interval: 'manual' } } },
        external_account: token,
        metadata: { user_id },
      },
      { idempotencyKey: `account:${idempotency_key}` },
    ),
  );
  const target = await payoutTarget(stripe, account);
  return describe(`${account.id}:${target.id}`, target);
}

/** Closes an account that we made; one that the app brought stays, because it is not ours to close. */
export async function unlinkAccount(stripe: Stripe, provider_token: string): Promise<void> {
  const { account, destination } = parseAccountToken(provider_token);
  if (destination === undefined) return;
  await asking(async () => {
    try {
      await stripe.accounts.del(account);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  });
}

/** @throws ProviderError (provider.refused, `account_unknown`) */
export function parseAccountToken(provider_token: string): AccountToken {
  const [, account, destination] = /^(acct_\w+)(?::((?:ba|card)_\w+))?$/.exec(provider_token) ?? [];
  if (account === undefined) throw refused('account_unknown', 'this is no account that was linked with Stripe');
  return { account, destination };
}

type Target = Stripe.BankAccount | Stripe.Card;

function assertOurs(account: Stripe.Account, user_id: string): void {
  // The same answer for somebody else's account and for none: ids of accounts are not for probing.
  if (account.metadata?.['user_id'] !== user_id) throw refused('account_unknown', 'not an account of this user');
  if (account.controller?.stripe_dashboard?.type === 'full' || account.type === 'standard') {
    throw refused('account_not_controlled', 'accounts with a full dashboard cannot be paid out to');
  }
  if (account.settings?.payouts?.schedule.interval !== 'manual') {
    throw refused('account_payouts_automatic', "set the account's payout schedule to manual");
  }
  if (!account.payouts_enabled) throw refused('account_incomplete', 'Stripe needs more facts about this person');
}

async function payoutTarget(stripe: Stripe, account: Stripe.Account): Promise<Target> {
  const listed =
    account.external_accounts ?? (await asking(() => stripe.accounts.listExternalAccounts(account.id, { limit: 10 })));
  const target = listed.data.find((candidate) => candidate.default_for_currency) ?? listed.data[0];
  if (target === undefined) throw refused('account_incomplete', 'it has no bank account or card');
  return target;
}

function describe(provider_token: string, target: Target): LinkedAccount {
  const card = target.object === 'card';
  const parsed = linkedAccount.safeParse({
    provider_token,
    kind: card ? 'card' : 'bank_account',
    bank_name: (card ? target.brand : target.bank_name) ?? '',
    last4: target.last4,
    currency: (target.currency ?? '').toUpperCase(),
  });
  if (parsed.success) return parsed.data;
  throw refused('account_unusable', 'the account cannot receive payouts', parsed.error);
}

function refused(provider_code: string, message: string, cause?: unknown): ProviderError {
  return new ProviderError('provider.refused', provider_code, message, cause);
}
