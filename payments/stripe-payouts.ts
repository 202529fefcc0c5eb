import type Stripe from 'stripe';
import { type Payout, type PayoutRequest, ProviderError } from './provider.ts';
import { parseAccountToken } from './stripe-accounts.ts';
import { toStripeAmount } from './stripe-amounts.ts';
import { asking } from './stripe-errors.ts';

/**
 * Sends money to a linked account in two steps, both by the withdrawal's id: a transfer from our balance to the user's
 * connected account, then a payout from there to their bank. A payout that Stripe refuses takes its transfer back first,
 * so that "refused" always means that our balance is whole.
 *
 * Stripe forgets idempotency keys after a day at the earliest, so a transfer made before is looked for as well: a retry
 * stays safe however late it comes.
 */
export async function createPayout(stripe: Stripe, request: PayoutRequest): Promise<Payout> {
  const { withdrawal_id, user_id, exponent } = request;
  const { account, destination } = parseAccountToken(request.account_token);
  const money = toStripeAmount(request, 'payout');
  const metadata = { withdrawal_id, user_id, exponent: String(exponent) };

  const earlier = await findTransfer(stripe, withdrawal_id);
  if (earlier?.reversed) throw new ProviderError('provider.refused', 'payout_refused', 'it was refused and taken back');
  const transfer =
    earlier ??
    (await asking(() =>
      stripe.transfers.create(
        { ...money, destination: account, transfer_group: withdrawal_id, metadata },
        { idempotencyKey: `transfer:${withdrawal_id}` },
      ),
    ));
  try {
    const payout =
      (earlier && (await findPayout(stripe, account, withdrawal_id))) ??
      (await asking(() =>
        stripe.payouts.create(
          { ...money, ...(destination ? { destination } : {}), metadata: { ...metadata, transfer_id: transfer.id } },
          { stripeAccount: account, idempotencyKey: `payout:${withdrawal_id}` },
        ),
      ));
    return { provider_reference: payout.id };
  } catch (error) {
    if (error instanceof ProviderError && !error.retryable) await takeBack(stripe, transfer.id, withdrawal_id);
    throw error;
  }
}

/**
 * Brings the money of a payout that did not arrive back from the connected account to our balance; done twice it does
 * nothing. @throws ProviderError (provider.unavailable) when it cannot be had back now.
 */
export async function takeBack(stripe: Stripe, transfer_id: string, withdrawal_id: string): Promise<void> {
  try {
    await asking(() =>
      stripe.transfers.createReversal(
        transfer_id,
        { metadata: { withdrawal_id } },
        { idempotencyKey: `reversal:${withdrawal_id}` },
      ),
    );
  } catch (error) {
    const transfer = await asking(() => stripe.transfers.retrieve(transfer_id));
    if (transfer.reversed) return;
    throw new ProviderError(
      'provider.unavailable',
      'transfer_not_reversed',
      'the money is still on its way back',
      error,
    );
  }
}

async function findTransfer(stripe: Stripe, withdrawal_id: string): Promise<Stripe.Transfer | undefined> {
  const { data } = await asking(() => stripe.transfers.list({ transfer_group: withdrawal_id, limit: 10 }));
  return data.find((transfer) => transfer.transfer_group === withdrawal_id);
}

/** Payouts cannot be searched by metadata; the newest hundred of one person reach back far beyond any retry. */
async function findPayout(stripe: Stripe, account: string, withdrawal_id: string): Promise<Stripe.Payout | undefined> {
  const { data } = await asking(() => stripe.payouts.list({ limit: 100 }, { stripeAccount: account }));
  return data.find((payout) => payout.metadata?.['withdrawal_id'] === withdrawal_id);
}
