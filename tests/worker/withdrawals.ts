import { randomUUID } from 'node:crypto';
import type { PaymentProvider } from '../../payments/provider.ts';
import type { PayoutDeps } from '../../worker/wallet/payouts.ts';
import type { UnlinkDeps } from '../../worker/wallet/unlinks.ts';
import { connect, freshName, type Person, type TestConnection } from '../support/database.ts';
import { API_KEY, type PaymentServer, WEBHOOK_SECRET } from '../support/payment-server.ts';
import type { WorkerFixture } from './fixture.ts';

/** The environment of a worker that pays out at this address: the fake's own, or of somebody in between. */
export function paymentsEnvironment(url: string): Record<string, string> {
  return {
    ...{ PAYMENTS_PROVIDER: 'fake', PAYMENTS_FAKE_URL: url },
    ...{ PAYMENTS_FAKE_KEY: API_KEY, PAYMENTS_WEBHOOK_SECRET: WEBHOOK_SECRET },
  };
}

/** Somebody with 100.00 USD and an account at the fake's bank. */
export interface Saver extends AsyncDisposable {
  readonly person: Person;
  readonly connection: TestConnection;
  readonly linked_account_id: string;
  /** Asks for money to be paid out; gives the withdrawal's id. */
  readonly withdraw: (amount: string) => Promise<string>;
  readonly wallet: () => Promise<{ balance: string; pending_balance: string }>;
}

/** @param number the account's last digits decide what its bank does (docs/payments.md) */
export async function openSaver(stores: WorkerFixture, server: PaymentServer, number = '12345678'): Promise<Saver> {
  const connection = await connect(stores.environment['SUPABASE_DB_URL']);
  const person = await connection.signUp({ username: freshName('saver') });
  await connection.fund(person, '100.00');
  const { body } = await server.ask('POST', '/v1/tokens', { account_number: number, holder: 'Ada' });
  const account = await server.provider.linkAccount({
    ...{ token: body.token, user_id: person.id, idempotency_key: randomUUID() },
  });
  const { linked } = await connection.one<{ linked: { id: string } }>('select ledger.link_account($1, $2) as linked', [
    person.id,
    { ...account, provider: 'fake' },
  ]);
  return {
    person,
    connection,
    linked_account_id: linked.id,
    withdraw: async (amount) => {
      const { made } = await connection.one<{ made: { id: string } }>('select ledger.withdraw($1, $2) as made', [
        person.id,
        { linked_account_id: linked.id, amount, currency: 'USD' },
      ]);
      return made.id;
    },
    wallet: () =>
      connection.one('select balance, pending_balance from public.wallet where user_id = $1 and currency = $2', [
        person.id,
        'USD',
      ]),
    [Symbol.asyncDispose]: () => connection.client.end(),
  };
}

/** Deps of the loops that ask this provider; a worker without a provider has `undefined`. */
export function payoutDeps(stores: WorkerFixture, provider: PaymentProvider | undefined): PayoutDeps & UnlinkDeps {
  const { database } = stores;
  const { metrics, clock, log } = stores.deps;
  const payments = {
    ...{ current: provider, names: provider === undefined ? [] : [provider.name] },
    provider: (name: string) => (name === provider?.name ? provider : undefined),
  };
  return { database, payments, metrics, clock, log };
}
