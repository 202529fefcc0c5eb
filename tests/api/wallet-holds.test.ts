import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Hold, holdSchema, holdsPage } from '../../contracts/api/wallet-holds.ts';
import { asOperator, expectProblem, fund, type Person, signUp } from '../support/api.ts';
import { block, bodyOf, get, post, postThrice, signUpWith, walletOf } from '../support/wallet-api.ts';

let ana: Person;
let shop: Person;

beforeAll(async () => {
  [ana, shop] = await Promise.all([signUpWith('ana', '10000.00'), signUp('shop')]);
});

async function place(amount: string = '10.00', body: Record<string, unknown> = {}): Promise<Hold> {
  return holdSchema.parse(bodyOf(await post(ana, 'holds', { recipient: shop.username, amount, ...body }), 201));
}

/** Lets a hold be over, as time would. */
async function expire({ id }: Hold): Promise<void> {
  await asOperator("update ledger.holds set expires_at = now() - interval '1 second' where id = $1", [id]);
}

describe('POST wallet/holds', () => {
  test('sets money aside: less is available, as much is pending, and the payee has nothing yet', async () => {
    const [from, to] = await Promise.all([signUpWith('bea', '50.00'), signUp('cay')]);
    const body = {
      recipient: to.username,
      amount: '20.00',
      description: 'Room',
      category: 'travel',
      expires_in_s: 3600,
    };
    const hold = holdSchema.parse(bodyOf(await post(from, 'holds', body), 201));
    expect(hold).toMatchObject({
      ...{ user_id: from.id, payee_id: to.id, payee_username: to.username, currency: 'USD', amount: '20.00' },
      ...{ captured_amount: '0.00', state: 'open', description: 'Room', category: 'travel', transfer_id: null },
    });
    const open_s = (Date.parse(hold.expires_at ?? '') - Date.parse(hold.created_at)) / 1000;
    expect(open_s).toBeGreaterThan(3590);
    expect(open_s).toBeLessThan(3610);
    expect(await walletOf(from)).toEqual(['30.00', '20.00']);
    expect((await get(to, '')).body).not.toMatchObject({ balance: '20.00' });
  });

  test('answers a retry with the first outcome, and another body with 409 (idempotency.key_reused)', async () => {
    const [from, to] = await Promise.all([signUpWith('dia', '50.00'), signUp('eli')]);
    const body = { recipient: to.username, amount: '20.00' };
    await postThrice(from, 'holds', body, { ...body, amount: '21.00' });
    expect(await walletOf(from)).toEqual(['30.00', '20.00']);
  });

  test('stores a refusal: money that comes later does not flip it (wallet.insufficient_funds)', async () => {
    const from = await signUpWith('fin', '5.00');
    const [key, body] = [randomUUID(), { recipient: shop.username, amount: '6.00' }];
    expectProblem(await post(from, 'holds', body, key), 'wallet.insufficient_funds');
    await fund(from, '10.00');
    const again = await post(from, 'holds', body, key);
    expectProblem(again, 'wallet.insufficient_funds');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await walletOf(from)).toEqual(['15.00', '0.00']);
  });

  test('refuses nobody, oneself and bad amounts', async () => {
    const hold = (body: Record<string, unknown>) => post(ana, 'holds', { recipient: shop.id, amount: '1.00', ...body });
    expectProblem(await hold({ recipient: 'nobody.of.that.name' }), 'wallet.recipient_not_found');
    expectProblem(await hold({ recipient: ana.username }), 'wallet.self_transfer');
    expectProblem(await hold({ amount: '-1' }), 'wallet.invalid_amount');
    expectProblem(await hold({ amount: '1.001' }), 'wallet.amount_scale');
    expectProblem(await hold({ currency: 'XXQ' }), 'wallet.unknown_currency');
  });

  test.each([[59], [7_776_001], [1.5], ['60']])(
    'refuses to last for %j seconds (request.invalid)',
    async (expires_in_s) => {
      const body = { recipient: shop.id, amount: '1.00', expires_in_s };
      expectProblem(await post(ana, 'holds', body), 'request.invalid');
    },
  );

  test('is refused between a blocked pair, whoever blocked, in the same words (wallet.blocked)', async () => {
    const [one, other] = await Promise.all([signUpWith('gil', '50.00'), signUpWith('hue', '50.00')]);
    await block(one, other);
    const answers = [
      await post(one, 'holds', { recipient: other.username, amount: '1.00' }),
      await post(other, 'holds', { recipient: one.username, amount: '1.00' }),
    ];
    for (const answer of answers) expectProblem(answer, 'wallet.blocked');
    const [mine, theirs] = answers.map(({ body }) => ({ ...(body as object), instance: '' }));
    expect(mine).toEqual(theirs);
  });
});

describe('POST wallet/holds/:id/capture', () => {
  test('pays all of it to the payee', async () => {
    const [from, to] = await Promise.all([signUpWith('ivy', '50.00'), signUp('jay')]);
    const { id } = bodyOf<Hold>(await post(from, 'holds', { recipient: to.id, amount: '20.00' }), 201);
    const hold = holdSchema.parse(bodyOf(await post(to, `holds/${id}/capture`), 200));
    expect(hold).toMatchObject({ id, state: 'captured', captured_amount: '20.00' });
    expect(hold.transfer_id).not.toBeNull();
    expect([await walletOf(from), await walletOf(to)]).toEqual([
      ['30.00', '0.00'],
      ['20.00', '0.00'],
    ]);
  });

  test('pays a part and gives the rest back, which is no income', async () => {
    const [from, to] = await Promise.all([signUpWith('kit', '50.00'), signUp('lou')]);
    const { id } = bodyOf<Hold>(await post(from, 'holds', { recipient: to.id, amount: '20.00' }), 201);
    bodyOf(await post(to, `holds/${id}/capture`, { amount: '7.50' }), 200);
    expect([await walletOf(from), await walletOf(to)]).toEqual([
      ['42.50', '0.00'],
      ['7.50', '0.00'],
    ]);
    expect((await get(from, '')).body).toMatchObject({ total_earnings: '0.00' });
    const { data } = bodyOf<{ data: { kind: string; type: string; amount: string; status: string }[] }>(
      await get(from, 'transactions'),
      200,
    );
    expect(data.map(({ kind, type, amount, status }) => ({ kind, type, amount, status }))).toEqual([
      { kind: 'hold', type: 'expense', amount: '7.50', status: 'completed' },
      { kind: 'funding', type: 'income', amount: '50.00', status: 'completed' },
    ]);
  });

  test('may be asked by the payer too, who thereby pays early', async () => {
    const { id } = await place();
    bodyOf(await post(ana, `holds/${id}/capture`), 200);
  });

  test('happens once: a retry replays, another attempt is refused (wallet.hold_resolved)', async () => {
    const { id } = await place();
    await postThrice(shop, `holds/${id}/capture`, {}, { amount: '1.00' });
    expectProblem(await post(shop, `holds/${id}/capture`), 'wallet.hold_resolved');
    expectProblem(await post(shop, `holds/${id}/void`), 'wallet.hold_resolved');
  });

  test('keeps one key apart for two holds (idempotency.key_reused)', async () => {
    const [one, other, key] = [await place(), await place(), randomUUID()];
    bodyOf(await post(shop, `holds/${one.id}/capture`, {}, key), 200);
    expectProblem(await post(shop, `holds/${other.id}/capture`, {}, key), 'idempotency.key_reused');
  });

  test('refuses more than was held (wallet.capture_exceeds_hold)', async () => {
    const { id } = await place();
    expectProblem(await post(shop, `holds/${id}/capture`, { amount: '10.01' }), 'wallet.capture_exceeds_hold');
    expectProblem(await post(shop, `holds/${id}/capture`, { amount: '0' }), 'wallet.invalid_amount');
    expectProblem(await post(shop, `holds/${id}/capture`, { amount: '1.999' }), 'wallet.amount_scale');
  });

  test('refuses a hold that has expired, whose money is available again (wallet.hold_expired)', async () => {
    const [from, to] = await Promise.all([signUpWith('mai', '50.00'), signUp('nel')]);
    const hold = bodyOf<Hold>(await post(from, 'holds', { recipient: to.id, amount: '20.00' }), 201);
    await expire(hold);
    expect(await walletOf(from)).toEqual(['50.00', '0.00']);
    expect((await get(from, `holds/${hold.id}`)).body).toMatchObject({ state: 'expired' });
    expectProblem(await post(to, `holds/${hold.id}/capture`), 'wallet.hold_expired');
    bodyOf(await post(from, 'transaction', { recipient: to.id, amount: '50.00' }), 201);
  });
});

describe('POST wallet/holds/:id/void', () => {
  test('gives the money back', async () => {
    const [from, to] = await Promise.all([signUpWith('oli', '50.00'), signUp('pam')]);
    const { id } = bodyOf<Hold>(await post(from, 'holds', { recipient: to.id, amount: '20.00' }), 201);
    expect(bodyOf(await post(to, `holds/${id}/void`), 200)).toMatchObject({
      id,
      state: 'voided',
      captured_amount: '0.00',
    });
    expect(await walletOf(from)).toEqual(['50.00', '0.00']);
  });

  test('is for the payee alone (auth.forbidden)', async () => {
    const { id } = await place();
    expectProblem(await post(ana, `holds/${id}/void`), 'auth.forbidden');
  });

  test('ten captures and ten voids at once resolve a hold a single time', async () => {
    const [from, to] = await Promise.all([signUpWith('qin', '50.00'), signUp('ray')]);
    const { id } = bodyOf<Hold>(await post(from, 'holds', { recipient: to.id, amount: '20.00' }), 201);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => post(to, `holds/${id}/${n % 2 === 0 ? 'capture' : 'void'}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
    const { state } = bodyOf<Hold>(await get(from, `holds/${id}`), 200);
    expect(await walletOf(from)).toEqual(state === 'captured' ? ['30.00', '0.00'] : ['50.00', '0.00']);
  });
});

describe('strangers', () => {
  test('find no hold of others, whatever they ask of it (wallet.hold_not_found)', async () => {
    const [{ id }, stranger] = [await place(), await signUp('sly')];
    expectProblem(await get(stranger, `holds/${id}`), 'wallet.hold_not_found');
    expectProblem(await post(stranger, `holds/${id}/capture`), 'wallet.hold_not_found');
    expectProblem(await post(stranger, `holds/${id}/void`), 'wallet.hold_not_found');
    expectProblem(await get(ana, `holds/${randomUUID()}`), 'wallet.hold_not_found');
    expectProblem(await get(ana, 'holds/1'), 'request.invalid');
  });
});

describe('GET wallet/holds', () => {
  let tom: Person;
  let una: Person;

  beforeAll(async () => {
    [tom, una] = await Promise.all([signUpWith('tom', '100.00'), signUpWith('una', '100.00')]);
    for (const [from, to, amount] of [
      [tom, una, '1.00'],
      [una, tom, '2.00'],
      [tom, una, '3.00'],
      [una, tom, '4.00'],
    ] as const) {
      const { id } = bodyOf<Hold>(await post(from, 'holds', { recipient: to.id, amount }), 201);
      if (amount === '3.00') bodyOf(await post(to, `holds/${id}/void`), 200);
    }
  });

  const amounts = async (query: string) =>
    holdsPage.parse(bodyOf(await get(tom, `holds?${query}`), 200)).data.map(({ amount }) => amount);

  test('shows what one gave and got, newest first', async () => {
    expect(await amounts('')).toEqual(['4.00', '3.00', '2.00', '1.00']);
    expect(await amounts('role=payer')).toEqual(['3.00', '1.00']);
    expect(await amounts('role=payee')).toEqual(['4.00', '2.00']);
    expect(await amounts('state=voided')).toEqual(['3.00']);
    expect(await amounts('role=payee&state=captured')).toEqual([]);
  });

  test('gives pages over both sides, each row once', async () => {
    const first = holdsPage.parse(bodyOf(await get(tom, 'holds?limit=3'), 200));
    const second = holdsPage.parse(bodyOf(await get(tom, `holds?limit=3&cursor=${first.next_cursor}`), 200));
    expect([...first.data, ...second.data].map(({ amount }) => amount)).toEqual(['4.00', '3.00', '2.00', '1.00']);
    expect(second.next_cursor).toBeNull();
  });

  test.each(['role=both', 'state=done', 'limit=0'])('refuses ?%s (request.invalid)', async (query) => {
    expectProblem(await get(tom, `holds?${query}`), 'request.invalid');
  });
});
