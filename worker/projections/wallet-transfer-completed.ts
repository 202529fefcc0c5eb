import type { EventOf } from '../../contracts/events.ts';
import type { CacheChange } from '../cache/changes.ts';
import { decimalText } from './amounts.ts';
import type { Notice, Projection } from './projection.ts';

/** Within one wallet, from available to held or back: told by the events of the hold. */
const WITHIN_A_WALLET: ReadonlySet<string> = new Set(['hold', 'release']);

type Payload = EventOf<'wallet.transfer_completed'>['payload'];

/** Money that moved: audited, the newest entry in the activity of everybody whose wallet it changed, and told to them. */
export function projectWalletTransferCompleted({ payload }: EventOf<'wallet.transfer_completed'>): Projection {
  const { from_user_id, to_user_id, transfer_id, kind, currency, amount_minor } = payload;
  const sides = WITHIN_A_WALLET.has(kind) ? [] : sidesOf(payload);
  return {
    audit: {
      subject_ids: [...new Set([from_user_id, to_user_id, ...sides.map((side) => side.user_id)])].filter(
        (id) => id !== null,
      ),
      details: { transfer_id, kind, currency, amount_minor, from_user_id, to_user_id },
    },
    cache: sides.map((side) => activity(payload, side)),
    notices: sides.map((side) => notice(payload, side)),
  };
}

interface Side {
  readonly user_id: string;
  readonly counterparty_id: string | null;
  /** Signed. */
  readonly minor: bigint;
}

/** What each person has more or less of. A wallet whose legs cancel out is not a side. */
function sidesOf({ legs, from_user_id, to_user_id, amount_minor }: Payload): Side[] {
  const amount = BigInt(amount_minor);
  const nets = new Map<string, bigint>();
  const add = (id: string, minor: bigint) => nets.set(id, (nets.get(id) ?? 0n) + minor);
  if (legs !== undefined) for (const leg of legs) add(leg.user_id, BigInt(leg.amount_minor));
  else {
    if (from_user_id !== null) add(from_user_id, -amount);
    if (to_user_id !== null) add(to_user_id, amount);
  }
  return [...nets].flatMap(([user_id, minor]) => {
    const counterparty_id = minor > 0n ? from_user_id : to_user_id;
    return minor === 0n ? [] : [{ user_id, counterparty_id, minor }];
  });
}

function activity(payload: Payload, { user_id, counterparty_id, minor }: Side): CacheChange {
  const { transfer_id, kind, currency, exponent, description, category, created_at } = payload;
  return {
    kind: 'wallet_activity',
    user_id,
    created_at,
    // Always the same text for the same transfer: it is a member of a set, so applying it again adds nothing.
    entry: JSON.stringify({
      ...{ id: transfer_id, type: minor > 0n ? 'income' : 'expense', kind, amount: amountText(minor, exponent) },
      ...{ currency, description, category, counterparty_id, created_at },
    }),
  };
}

function notice(payload: Payload, { user_id, counterparty_id, minor }: Side): Notice {
  const { transfer_id, kind, currency, exponent, created_at } = payload;
  const direction = minor > 0n ? 'income' : 'expense';
  return {
    ...{ user_id, currency },
    change: {
      ...{ type: 'wallet.transfer_completed', id: transfer_id, kind, direction },
      ...{ amount: amountText(minor, exponent), currency, counterparty_id, created_at },
    },
  };
}

function amountText(minor: bigint, exponent: number): string {
  return decimalText(`${minor < 0n ? -minor : minor}`, exponent);
}
