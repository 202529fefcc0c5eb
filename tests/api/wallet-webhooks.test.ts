import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Deposit } from '../../contracts/api/wallet-payments.ts';
import { ask, asOperator, balanceOf, expectProblem, type Person, signUp } from '../support/api.ts';
import { bodyOf, deliver, type Forgery, get, type Message, openDeposit, walletOf } from '../support/wallet-api.ts';

let ana: Person;
let deposit: Deposit;

beforeAll(async () => {
  ana = await signUp('ana');
  deposit = await openDeposit(ana, '25.00');
});

/** The provider's word that a deposit was paid. */
function paid({ id, checkout }: Deposit, facts: Record<string, unknown> = {}): Message {
  const provider_reference = new URL((checkout as { url: string }).url).pathname.split('/').at(-1);
  const data = { reference: id, provider_reference, amount_minor: '2500', currency: 'USD', ...facts };
  return { type: 'deposit.succeeded', data };
}

const stateOf = async ({ id }: Deposit) => bodyOf<Deposit>(await get(ana, `deposits/${id}`), 200).state;

describe('a forged webhook', () => {
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  const forgeries: readonly (readonly [string, Forgery])[] = [
    ['signed with another secret', { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }],
    ['without a signature', { headers: { 'webhook-signature': '' } }],
    ['with a signature of another version', { headers: { 'webhook-signature': 'v0,AAAA' } }],
    ['with another id than was signed', { headers: { 'webhook-id': 'evt_other' } }],
    ['signed six minutes ago', { signedAt: minutes(-6) }],
    ['signed in six minutes', { signedAt: minutes(6) }],
    [
      'with a fresh time over an old signature',
      { signedAt: minutes(-6), headers: { 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) } },
    ],
    ['without a time', { headers: { 'webhook-timestamp': '' } }],
    ['whose amount was changed', { tamper: (body) => body.replace('2500', '9900') }],
    ['with one space more', { tamper: (body) => `${body} ` }],
    ['that is not JSON', { tamper: () => 'deposit=paid' }],
    ['without a body', { tamper: () => '' }],
  ];

  test.each(forgeries)('%s changes nothing and is told nothing (provider.webhook_invalid)', async (_what, forgery) => {
    const answer = await deliver(paid(deposit), forgery);
    expectProblem(answer, 'provider.webhook_invalid');
    expect(answer.headers.get('idempotency-replayed')).toBeNull();
    expect(await stateOf(deposit)).toBe('pending');
    expect((await walletOf(ana))[0]).toBe('0.00');
  });

  test('to the address of another provider finds nothing (request.not_found)', async () => {
    for (const provider of ['stripe', 'none', 'FAKE', '__proto__', 'fake%2f']) {
      expectProblem(await deliver(paid(deposit), { provider }), 'request.not_found');
    }
    expect(await stateOf(deposit)).toBe('pending');
  });

  test('too large is not read to its end (request.too_large)', async () => {
    expectProblem(await deliver(paid(deposit), { tamper: (body) => body + ' '.repeat(70_000) }), 'request.too_large');
  });

  test('of bytes that are no text is refused (request.malformed_json)', async () => {
    const answer = await ask('wallet/webhooks/fake', { raw: new Uint8Array([0xff, 0xfe, 0x00]) });
    expectProblem(answer, 'request.malformed_json');
  });

  test('leaves no trace among the events', async () => {
    const rows = await asOperator("select 1 from ledger.provider_events where payload ->> 'reference' = $1", [
      deposit.id,
    ]);
    expect(rows).toEqual([]);
  });
});

describe('a genuine webhook', () => {
  test('is applied once, however often and at once it comes', async () => {
    const open = await openDeposit(ana, '25.00');
    const before = Number((await walletOf(ana))[0]);
    const message = { ...paid(open), id: `evt_${randomUUID()}` };
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(message)));
    const outcomes = answers.map((answer) => bodyOf<{ outcome: string }>(answer, 200).outcome).sort();
    expect(outcomes).toEqual(['applied', ...Array.from({ length: 9 }, () => 'duplicate')]);
    expect(bodyOf(await deliver(paid(open)), 200)).toEqual({ outcome: 'already_applied' });
    expect(Number(await balanceOf(ana)) - before).toBe(25);
  });

  test('of another amount or another payment books nothing', async () => {
    const open = await openDeposit(ana, '25.00');
    const before = await balanceOf(ana);
    expect(bodyOf(await deliver(paid(open, { amount_minor: '2501' })), 200)).toEqual({ outcome: 'amount_differs' });
    expect(bodyOf(await deliver(paid(open, { currency: 'EUR' })), 200)).toEqual({ outcome: 'amount_differs' });
    const other = { provider_reference: `dep_${randomUUID()}` };
    expect(bodyOf(await deliver(paid(open, other)), 200)).toEqual({ outcome: 'reference_differs' });
    expect([await stateOf(open), await balanceOf(ana)]).toEqual(['pending', before]);
  });

  test.each(['4611686018427387904', '9223372036854775807', '9999999999999999999'])(
    'of %s minor units is kept and books nothing',
    async (amount_minor) => {
      const open = await openDeposit(ana, '25.00');
      const id = `evt_${randomUUID()}`;
      const message = { ...paid(open, { amount_minor }), id };
      expect(bodyOf(await deliver(message), 200)).toEqual({ outcome: 'amount_differs' });
      expect(await asOperator('select outcome from admin.provider_events where event_id = $1', [id])).toEqual([
        { outcome: 'amount_differs' },
      ]);
      expect(await stateOf(open)).toBe('pending');
    },
  );

  test('about a payment that is not known here is to be sent again (provider.unknown_reference)', async () => {
    expectProblem(await deliver(paid(deposit, { reference: randomUUID() })), 'provider.unknown_reference');
  });

  test('of a type that is not ours is taken and ignored', async () => {
    const answer = await deliver({ type: 'customer.created', data: {} });
    expect(bodyOf(answer, 200)).toEqual({ outcome: 'ignored' });
  });

  test('may say first that a deposit failed and then that it was paid', async () => {
    const open = await openDeposit(ana, '25.00');
    const failed = { ...paid(open, { reason: 'declined' }), type: 'deposit.failed' };
    expect(bodyOf(await deliver(failed), 200)).toEqual({ outcome: 'applied' });
    expect(bodyOf<Deposit>(await get(ana, `deposits/${open.id}`), 200)).toMatchObject({
      ...{ state: 'failed', failure: 'declined' },
    });
    expect(bodyOf(await deliver(paid(open)), 200)).toEqual({ outcome: 'applied' });
    expect(await stateOf(open)).toBe('completed');
  });
});

test('the webhook takes no GET and needs no user (request.method_not_allowed)', async () => {
  expectProblem(await ask('wallet/webhooks/fake'), 'request.method_not_allowed');
});
