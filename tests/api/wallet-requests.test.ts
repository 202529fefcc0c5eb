import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type PaymentRequest,
  paidRequestSchema,
  paymentRequestSchema,
  requestsPage,
} from '../../contracts/api/wallet-requests.ts';
import { asOperator, expectProblem, fund, type Person, signUp } from '../support/api.ts';
import { block, bodyOf, get, post, postThrice, signUpWith, walletOf } from '../support/wallet-api.ts';

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUp('ana'), signUpWith('ben', '1000.00')]);
});

/** Ana asks Ben. */
async function askForMoney(body: Record<string, unknown> = {}): Promise<PaymentRequest> {
  const answer = await post(ana, 'requests', { payer: ben.username, amount: '5.00', ...body });
  return paymentRequestSchema.parse(bodyOf(answer, 201));
}

describe('POST wallet/requests', () => {
  test('asks somebody, and moves nothing', async () => {
    const before = await walletOf(ben);
    const request = await askForMoney({ amount: '12.00', description: 'Rent', category: 'home' });
    expect(request).toMatchObject({
      ...{ requester_id: ana.id, requester_username: ana.username, payer_id: ben.id, payer_username: ben.username },
      ...{ currency: 'USD', amount: '12.00', description: 'Rent', category: 'home', state: 'open', transfer_id: null },
    });
    expect(await walletOf(ben)).toEqual(before);
  });

  test('answers a retry with the first outcome, and another body with 409 (idempotency.key_reused)', async () => {
    const body = { payer: ben.username, amount: '5.00' };
    await postThrice(ana, 'requests', body, { ...body, amount: '6.00' });
  });

  test('refuses nobody, oneself, bad amounts and bad times', async () => {
    const asked = (body: Record<string, unknown>) => post(ana, 'requests', { payer: ben.id, amount: '1.00', ...body });
    expectProblem(await asked({ payer: randomUUID() }), 'wallet.recipient_not_found');
    expectProblem(await asked({ payer: ana.id }), 'wallet.self_transfer');
    expectProblem(await asked({ amount: '1e3' }), 'wallet.invalid_amount');
    expectProblem(await asked({ amount: '0.001' }), 'wallet.amount_scale');
    expectProblem(await asked({ currency: 'XXQ' }), 'wallet.unknown_currency');
    expectProblem(await asked({ expires_in_s: 10 }), 'request.invalid');
  });

  test('is refused between a blocked pair, whoever blocked, in the same words (wallet.blocked)', async () => {
    const [one, other] = await Promise.all([signUp('cat'), signUp('dov')]);
    await block(one, other);
    const answers = [
      await post(one, 'requests', { payer: other.id, amount: '1.00' }),
      await post(other, 'requests', { payer: one.id, amount: '1.00' }),
    ];
    for (const answer of answers) expectProblem(answer, 'wallet.blocked');
    const [mine, theirs] = answers.map(({ body }) => ({ ...(body as object), instance: '' }));
    expect(mine).toEqual(theirs);
  });
});

describe('answering a request', () => {
  test('pay moves the money once, with what the request says', async () => {
    const [asker, payer] = await Promise.all([signUp('eve'), signUpWith('fox', '20.00')]);
    const body = { payer: payer.id, amount: '8.00', description: 'Taxi', category: 'travel' };
    const { id } = bodyOf<PaymentRequest>(await post(asker, 'requests', body), 201);
    const key = randomUUID();
    const paid = paidRequestSchema.parse(bodyOf(await post(payer, `requests/${id}/pay`, {}, key), 200));
    expect(bodyOf(await post(payer, `requests/${id}/pay`, {}, key), 200)).toEqual(paid);
    expect(paid.request).toMatchObject({ id, state: 'paid', transfer_id: paid.transaction.id });
    expect(paid.transaction).toMatchObject({
      type: 'expense',
      amount: '8.00',
      description: 'Taxi',
      category: 'travel',
    });
    expect([(await walletOf(payer))[0], (await walletOf(asker))[0]]).toEqual(['12.00', '8.00']);
  });

  test('a request is answered once (wallet.request_resolved)', async () => {
    const { id } = await askForMoney();
    expect(bodyOf(await post(ben, `requests/${id}/decline`), 200)).toMatchObject({ id, state: 'declined' });
    expectProblem(await post(ben, `requests/${id}/pay`), 'wallet.request_resolved');
    expectProblem(await post(ben, `requests/${id}/decline`), 'wallet.request_resolved');
    expectProblem(await post(ana, `requests/${id}/cancel`), 'wallet.request_resolved');
  });

  test('cancel takes it back', async () => {
    const { id } = await askForMoney();
    expect(bodyOf(await post(ana, `requests/${id}/cancel`), 200)).toMatchObject({ id, state: 'cancelled' });
    expectProblem(await post(ben, `requests/${id}/pay`), 'wallet.request_resolved');
  });

  test('is for the right side (auth.forbidden)', async () => {
    const { id } = await askForMoney();
    expectProblem(await post(ana, `requests/${id}/pay`), 'auth.forbidden');
    expectProblem(await post(ana, `requests/${id}/decline`), 'auth.forbidden');
    expectProblem(await post(ben, `requests/${id}/cancel`), 'auth.forbidden');
  });

  test('a payer without money leaves it open, and the refusal is stored (wallet.insufficient_funds)', async () => {
    const [poor, key] = [await signUp('gus'), randomUUID()];
    const { id } = bodyOf<PaymentRequest>(await post(ana, 'requests', { payer: poor.id, amount: '9.00' }), 201);
    expectProblem(await post(poor, `requests/${id}/pay`, {}, key), 'wallet.insufficient_funds');
    await fund(poor, '10.00');
    const again = await post(poor, `requests/${id}/pay`, {}, key);
    expectProblem(again, 'wallet.insufficient_funds');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    bodyOf(await post(poor, `requests/${id}/pay`, {}, randomUUID()), 200);
  });

  test('an expired request cannot be paid (wallet.request_resolved)', async () => {
    const { id } = await askForMoney();
    await asOperator("update ledger.payment_requests set expires_at = now() - interval '1 second' where id = $1", [id]);
    expect((await get(ana, `requests/${id}`)).body).toMatchObject({ state: 'expired' });
    expectProblem(await post(ben, `requests/${id}/pay`), 'wallet.request_resolved');
  });

  test('a pair that blocked each other since cannot pay (wallet.blocked)', async () => {
    const [asker, payer] = await Promise.all([signUp('hal'), signUpWith('ida', '20.00')]);
    const { id } = bodyOf<PaymentRequest>(await post(asker, 'requests', { payer: payer.id, amount: '8.00' }), 201);
    await block(asker, payer);
    expectProblem(await post(payer, `requests/${id}/pay`), 'wallet.blocked');
    expect((await walletOf(payer))[0]).toBe('20.00');
  });

  test('strangers find no request of others (wallet.request_not_found)', async () => {
    const [{ id }, stranger] = [await askForMoney(), await signUp('joe')];
    expectProblem(await get(stranger, `requests/${id}`), 'wallet.request_not_found');
    for (const action of ['pay', 'decline', 'cancel']) {
      expectProblem(await post(stranger, `requests/${id}/${action}`), 'wallet.request_not_found');
    }
  });
});

describe('GET wallet/requests', () => {
  let kay: Person;

  beforeAll(async () => {
    const [asker, other] = await Promise.all([signUp('kay'), signUp('lee')]);
    kay = asker;
    for (const [from, to, amount] of [
      [asker, other, '1.00'],
      [other, asker, '2.00'],
      [asker, other, '3.00'],
    ] as const) {
      const { id } = bodyOf<PaymentRequest>(await post(from, 'requests', { payer: to.id, amount }), 201);
      if (amount === '3.00') bodyOf(await post(from, `requests/${id}/cancel`), 200);
    }
  });

  const amounts = async (query: string) =>
    requestsPage.parse(bodyOf(await get(kay, `requests?${query}`), 200)).data.map(({ amount }) => amount);

  test('shows what one sent and got, newest first', async () => {
    expect(await amounts('')).toEqual(['3.00', '2.00', '1.00']);
    expect(await amounts('direction=sent')).toEqual(['3.00', '1.00']);
    expect(await amounts('direction=received')).toEqual(['2.00']);
    expect(await amounts('state=open&limit=1')).toEqual(['2.00']);
  });

  test.each(['direction=up', 'state=done'])('refuses ?%s (request.invalid)', async (query) => {
    expectProblem(await get(kay, `requests?${query}`), 'request.invalid');
  });
});
