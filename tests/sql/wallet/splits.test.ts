import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { money } from '../../support/wallet.ts';
import { block, chargeFee, command, expectSound, fees, freeze, people, refusedCommand } from './support.ts';

/** Ada has 100.00, the others nothing. The books are checked at the end. */
function withFriends(count: number, fn: (db: TestConnection, ada: Person, friends: Person[]) => Promise<void>) {
  return withRollback(async (db) => {
    const [ada] = await people(db, 1, '100');
    if (!ada) throw new Error('no people');
    await fn(db, ada, await people(db, count, '0.01'));
    await expectSound(db);
  });
}

function shares(friends: readonly Person[], ...parts: number[]): Record<string, unknown>[] {
  return friends.map((friend, i) => ({ recipient: friend.username, share: parts[i] ?? 1 }));
}

test('a split by shares pays everybody in one transfer and answers who got what', () =>
  withFriends(3, async (db, ada, friends) => {
    const split = await command(db, 'split', ada, {
      amount: '10',
      currency: 'USD',
      recipients: shares(friends),
      description: 'dinner',
      category: 'food',
    });
    expect(split).toMatchObject({
      transaction: { type: 'expense', amount: '10.00', kind: 'transfer', counterparty_id: null, description: 'dinner' },
      splits: friends.map((friend, i) => ({
        recipient_id: friend.id,
        username: friend.username,
        amount: i === 0 ? '3.34' : '3.33',
      })),
    });
    expect(await money(db, ada)).toEqual(['90.00', '0.00']);
    const lines =
      "select user_id, amount, counterparty_id from public.transactions where user_id = any ($1) and category = 'food' and type = 'income' order by 1";
    const expected = friends.map((friend, i) => ({
      user_id: friend.id,
      amount: i === 0 ? '3.34' : '3.33',
      counterparty_id: ada.id,
    }));
    expect(await db.query(lines, [friends.map(({ id }) => id)])).toEqual(
      expected.sort((a, b) => (a.user_id < b.user_id ? -1 : 1)),
    );
    const legs =
      "select cardinality(accounts) as legs from ledger.transfers where from_owner = $1 and category = 'food'";
    expect(await db.one(legs, [ada.id])).toEqual({ legs: 4 });
  }));

test.each([
  [1000, [1, 1, 2], [250, 250, 500]],
  [1000, [1, 1, 1], [334, 333, 333]],
  [5, [2, 2, 1], [2, 2, 1]],
  [10, [3, 3, 1], [4, 4, 2]], // 4.29, 4.29, 1.43: the largest remainder is that of the last
  [2, [1, 1, 1], [1, 1, 0]],
  [100, [999_999, 1], [100, 0]],
])('%i minor units in shares of %j are %j', (amount, parts, expected) =>
  withRollback(async (db) => {
    const { divided } = await db.one<{ divided: string[] }>('select ledger.divide($1, $2) as divided', [amount, parts]);
    expect(divided.map(Number)).toEqual(expected);
  }),
);

test('shares sum to the amount, and nobody is a whole minor unit away from their part', () =>
  withRollback(async (db) => {
    const amounts = fc.bigInt({ min: 1n, max: 9_223_372_036_854_775_807n });
    const parts = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(amounts, parts, async (amount, weights) => {
        const sql = 'select ledger.divide($1, $2) as divided';
        const { divided } = await db.one<{ divided: string[] }>(sql, [amount.toString(), weights]);
        const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
        expect(divided.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(amount);
        for (const [i, weight] of weights.entries()) {
          const off = BigInt(divided[i] ?? 0) * total - amount * BigInt(weight);
          expect(off > -total && off < total).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  }));

test('a split by amounts pays what each is to get', () =>
  withFriends(2, async (db, ada, [bob, eve]) => {
    const recipients = [
      { recipient: bob?.id, amount: '7.5' },
      { recipient: eve?.username, amount: '2.50' },
    ];
    await command(db, 'split', ada, { amount: '10', currency: 'USD', recipients });
    expect(await money(db, bob as Person)).toEqual(['7.51', '0.00']);
    expect(await money(db, eve as Person)).toEqual(['2.51', '0.00']);
  }));

test('a split opens wallets for those who never had the currency', () =>
  withFriends(3, async (db, ada, friends) => {
    await db.fund(ada, '9', 'JPY');
    await command(db, 'split', ada, { amount: '8', currency: 'JPY', recipients: shares(friends) });
    for (const [i, expected] of ['3', '3', '2'].entries()) {
      expect(await money(db, friends[i] as Person, 'JPY')).toEqual([expected, '0']);
    }
  }));

test('a hundred people are paid at once', () =>
  withFriends(100, async (db, ada, friends) => {
    await command(db, 'split', ada, { amount: '100', currency: 'USD', recipients: shares(friends) });
    expect(await money(db, ada)).toEqual(['0.00', '0.00']);
  }));

test('each recipient pays the fee of their part', () =>
  withFriends(2, async (db, ada, friends) => {
    await chargeFee(db, 'transfer', 10, 'recipient');
    await command(db, 'split', ada, { amount: '30', currency: 'USD', recipients: shares(friends, 2, 1) });
    expect(await money(db, ada)).toEqual(['70.00', '0.00']);
    expect(await money(db, friends[0] as Person)).toEqual(['18.01', '0.00']);
    expect(await money(db, friends[1] as Person)).toEqual(['9.01', '0.00']);
    expect(await fees(db)).toBe(300);
  }));

test('the payer pays the fees of all parts on top', () =>
  withFriends(2, async (db, ada, friends) => {
    await chargeFee(db, 'transfer', 10, 'sender');
    await command(db, 'split', ada, { amount: '30', currency: 'USD', recipients: shares(friends, 2, 1) });
    expect(await money(db, ada)).toEqual(['67.00', '0.00']);
    expect(await money(db, friends[0] as Person)).toEqual(['20.01', '0.00']);
    expect(await fees(db)).toBe(300);
  }));

test.each([
  ['amounts that sum to less', [{ amount: '5' }, { amount: '4.99' }], ['amount']],
  ['amounts that sum to more', [{ amount: '5' }, { amount: '5.01' }], ['amount']],
  ['amounts for some and shares for others', [{ amount: '5' }, { share: 1 }], ['recipients.1']],
  ['both for one', [{ share: 1, amount: '5' }, { amount: '5' }], ['recipients.0']],
  ['nothing for one', [{ share: 1 }, {}], ['recipients.1']],
  ['a share of zero', [{ share: 1 }, { share: 0 }], ['recipients.1']],
  ['a share below zero', [{ share: 2 }, { share: -1 }], ['recipients.1']],
  ['a share that is not whole', [{ share: 1 }, { share: 0.5 }], ['recipients.1']],
  ['a share that comes to nothing', [{ share: 1_000_000 }, { share: 1 }], ['recipients.1']],
  ['a recipient twice', [{ share: 1 }, { share: 1 }, { share: 1, again: true }], ['recipients.2']],
])('refuses %s and says where (wallet.invalid_split)', (_what, parts, paths) =>
  withFriends(2, async (db, ada, friends) => {
    const recipients = parts.map((part, i) => ({
      ...part,
      recipient: 'again' in part ? friends[0]?.username : friends[i]?.id,
    }));
    expect(await refusedCommand(db, 'split', ada, { amount: '10', currency: 'USD', recipients })).toMatchObject({
      sqlstate: 'PT422',
      code: 'wallet.invalid_split',
      parts: paths.map((path) => ({ path: `body.${path}`, code: 'wallet.invalid_split', message: expect.any(String) })),
    });
  }),
);

test.each([
  ['x', 'wallet.invalid_amount'],
  ['5.001', 'wallet.amount_scale'],
])('names the part whose amount is %s (%s)', (amount, code) =>
  withFriends(2, async (db, ada, [bob, eve]) => {
    const recipients = [
      { recipient: bob?.id, amount: '5' },
      { recipient: eve?.id, amount },
    ];
    expect(await refusedCommand(db, 'split', ada, { amount: '10', currency: 'USD', recipients })).toMatchObject({
      code,
      parts: [{ path: 'body.recipients.1.amount', code }],
    });
  }),
);

test.each([0, 101])('refuses %i recipients (wallet.invalid_split)', (count) =>
  withFriends(1, async (db, ada, [bob]) => {
    const recipients = Array.from({ length: count }, () => ({ recipient: bob?.id, share: 1 }));
    expect(await refusedCommand(db, 'split', ada, { amount: '10', currency: 'USD', recipients })).toMatchObject({
      code: 'wallet.invalid_split',
    });
  }),
);

test.each([
  ['oneself', 'wallet.self_transfer'],
  ['nobody', 'wallet.recipient_not_found'],
  ['somebody blocked', 'wallet.blocked'],
  ['somebody who may receive nothing', 'wallet.recipient_unavailable'],
])('one recipient who is %s stops the whole split (%s)', (who, code) =>
  withFriends(2, async (db, ada, [bob, eve]) => {
    if (who === 'somebody blocked') await block(db, eve as Person, ada);
    if (who === 'somebody who may receive nothing') await freeze(db, eve as Person, true, false);
    const last = who === 'oneself' ? ada.id : who === 'nobody' ? 'nobody.here' : eve?.id;
    const recipients = [
      { recipient: bob?.id, share: 1 },
      { recipient: last, share: 1 },
    ];
    expect(await refusedCommand(db, 'split', ada, { amount: '10', currency: 'USD', recipients })).toMatchObject({
      code,
      parts: [{ path: 'body.recipients.1', code }],
    });
    expect(await money(db, ada)).toEqual(['100.00', '0.00']);
    expect(await money(db, bob as Person)).toEqual(['0.01', '0.00']);
  }),
);

test('a split never spends more than there is (wallet.insufficient_funds)', () =>
  withFriends(2, async (db, ada, friends) => {
    const args = { amount: '100.01', currency: 'USD', recipients: shares(friends) };
    expect(await refusedCommand(db, 'split', ada, args)).toMatchObject({
      code: 'wallet.insufficient_funds',
      parts: undefined,
    });
  }));

test('a split counts as one payment of the whole amount to the limits (wallet.limit_exceeded)', () =>
  withFriends(2, async (db, ada, friends) => {
    await db.query("update ledger.accounts set max_transfer_minor = 999 where owner = $1 and purpose = 'available'", [
      ada.id,
    ]);
    const args = { amount: '10', currency: 'USD', recipients: shares(friends) };
    expect(await refusedCommand(db, 'split', ada, args)).toMatchObject({ code: 'wallet.limit_exceeded' });
  }));
