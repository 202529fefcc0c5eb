import type { Context } from 'hono';
import { type Wallet, walletQuery } from '../../contracts/api/wallet.ts';
import { AppError } from '../../contracts/errors.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { readQuery } from '../_shared/request.ts';

/** Shown when nobody asks for a currency; a user without it sees the first one they hold. */
const DEFAULT_CURRENCY = 'USD';

const WALLETS = `select user_id, currency, balance, pending_balance, total_earnings, linked_accounts, is_frozen, frozen, updated_at
  from public.wallet where user_id = $1 order by currency limit 100`;

/** GET wallet. Throws wallet.not_found. */
export async function getWallet(c: Context<AppEnv>, deps: Deps): Promise<Wallet> {
  const { currency } = readQuery(c, walletQuery);
  const claims = c.get('claims');
  const rows = await deps.db.asUser(
    claims,
    (sql) => sql.query<Omit<Wallet, 'currencies'>>(WALLETS, [claims.user_id], 'wallet.get'),
    'read',
  );
  const wanted = rows.find((row) => row.currency === (currency ?? DEFAULT_CURRENCY));
  const wallet = wanted ?? (currency === undefined ? rows[0] : undefined);
  if (wallet === undefined) throw new AppError('wallet.not_found');
  return { ...wallet, currencies: rows.map((row) => row.currency) };
}
