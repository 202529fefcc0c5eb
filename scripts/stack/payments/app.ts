import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { loadPage } from '../pages/page.ts';
import type { Bank } from './bank.ts';
import type { Deliveries } from './deliveries.ts';
import { type DepositRecord, Refused, TABLES } from './records.ts';
import type { PaymentStore } from './store.ts';

export interface PaymentsAppOptions {
  readonly store: PaymentStore;
  readonly bank: Bank;
  readonly deliveries: Deliveries;
  readonly apiKey: string;
  /** Where this server answers, for the checkout's address. */
  readonly origin: string;
}

const LISTED = 1_000;

/** Clients tokenise from an app's page, customers pay on ours; everything else is between servers. */
const OPEN = /^\/(?:health|v1\/tokens|checkout\/[^/]+(?:\/facts)?|v1\/deposits\/[^/]+\/(?:pay|decline))$/;

/** The provider's HTTP interface; docs/payments.md shows it with curl. */
export function createPaymentsApp(options: PaymentsAppOptions): Hono {
  const { store, bank, deliveries, origin } = options;
  const app = new Hono();
  const checkout = loadPage('checkout.html');

  app.onError(async (error, c) => {
    // A refusal may follow a change (a used token): nothing is answered before it is saved.
    await store.saved();
    if (!(error instanceof Refused)) throw error;
    return c.json(errorBody(error), error.status);
  });
  app.notFound((c) => c.json(errorBody(new Refused(404, 'not_found', 'Nothing answers at this path.')), 404));
  app.use(async (c, next) => {
    if (!OPEN.test(c.req.path) && !hasKey(c, options.apiKey)) {
      throw new Refused(401, 'key_required', 'Send Authorization: Bearer with the API key of this stack.');
    }
    await next();
    await store.saved();
  });

  app.get('/health', (c) => c.json({ status: 'ok' }));
  addBankRoutes(app, options);

  app.get('/checkout/:id', (c) => {
    bank.deposit(c.req.param('id'));
    return c.body(checkout.html, 200, { ...checkout.headers });
  });
  app.get('/checkout/:id/facts', (c) => c.json(checkoutFacts(bank.deposit(c.req.param('id')))));
  app.post('/v1/deposits/:id/pay', (c) => c.json(checkoutFacts(bank.pay(c.req.param('id')))));
  app.post('/v1/deposits/:id/decline', (c) => c.json(checkoutFacts(bank.decline(c.req.param('id')))));

  const list = (table: 'events' | 'payouts' | 'deposits') => (c: Context) => {
    const reference = c.req.query('reference');
    const rows = [...store.tables[table].values()].filter((row) => !reference || row.reference === reference);
    return c.json({ data: rows.slice(-LISTED) });
  };
  app.get('/v1/events', list('events'));
  app.get('/v1/payouts', list('payouts'));
  app.get('/v1/deposits', list('deposits'));
  app.get('/v1/accounts', (c) => {
    const linked = [...store.tables.accounts.values()].filter(({ removed }) => !removed);
    const shown = linked.map(({ id, user_id, last4, currency }) => ({ id, user_id, last4, currency }));
    return c.json({
      data: shown.filter(({ user_id }) => user_id === (c.req.query('user_id') ?? user_id)).slice(-LISTED),
    });
  });
  app.post('/v1/events/:id/redeliver', (c) => c.json(deliveries.redeliver(c.req.param('id'))));
  app.post('/v1/chaos', async (c) => {
    const chaos = await readBody(c, chaosBody);
    deliveries.setChaos(chaos);
    return c.json(chaos);
  });
  app.get('/', (c) => c.json({ name: 'Astra test payments', url: origin }));
  return app;
}

function addBankRoutes(app: Hono, { store, bank, origin }: PaymentsAppOptions): void {
  app.post('/v1/tokens', async (c) => {
    const { iban, account_number, currency } = await readBody(c, tokenBody);
    const number = (iban ?? account_number ?? '').replace(/[ -]/g, '').toUpperCase();
    const { id, bank_name, last4 } = bank.tokenise(number, currency);
    return c.json({ token: id, bank_name, last4 }, 201);
  });
  app.post('/v1/accounts', (c) =>
    once(c, store, accountBody, ({ token, user_id }) => {
      const { id, bank_name, last4, currency } = bank.attach(token, user_id);
      return { id, kind: 'bank_account', bank_name, last4, currency };
    }),
  );
  app.delete('/v1/accounts/:id', (c) => {
    bank.detach(c.req.param('id'));
    return c.body(null, 204);
  });
  app.post('/v1/deposits', (c) =>
    once(c, store, depositBody, (body) => {
      const { id } = bank.openDeposit(body);
      return { id, checkout_url: `${origin}/checkout/${id}` };
    }),
  );
  app.post('/v1/payouts', (c) =>
    once(c, store, payoutBody, (body) => {
      const { id, status } = bank.sendPayout(body);
      return { id, status };
    }),
  );
  app.post('/v1/payouts/:id/settle', async (c) => {
    const { outcome, reason } = await readBody(c, settleBody);
    return c.json(bank.settle(c.req.param('id'), outcome, reason));
  });
}

const name = z.string().min(1).max(200);
const tokenBody = z
  .object({
    iban: z
      .string()
      .regex(/^ *[A-Za-z]{2}[ \d][A-Za-z\d ]{9,40}$/)
      .optional(),
    account_number: z
      .string()
      .regex(/^[\d -]{4,34}$/)
      .optional(),
    holder: name,
    // The wallet's default, so that what is paid in without naming a currency can be paid out again.
    currency: TABLES.tokens.shape.currency.default('USD'),
  })
  .refine((body) => (body.iban === undefined) !== (body.account_number === undefined), 'one of iban, account_number');
const accountBody = z.object({ token: name, user_id: name });
const depositBody = TABLES.deposits.omit({ id: true, status: true, created_at: true }).extend({ reference: name });
const payoutBody = TABLES.payouts
  .omit({ id: true, status: true, reason: true, created_at: true })
  .extend({ reference: name, account: name });
const settleBody = z.object({ outcome: z.enum(['paid', 'failed']), reason: name.optional() });
const chaosBody = z.strictObject({
  duplicate: z.number().int().min(0).max(20).default(0),
  reorder: z.boolean().default(false),
  delay_ms: z.number().int().min(0).max(60_000).default(0),
  drop: z.number().int().min(0).max(1_000).default(0),
});

async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new Refused(400, 'malformed_json', 'The body is not JSON.');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // Only where it is wrong: an account's number must not come back in an error.
  const places = parsed.error.issues.map(({ path, code }) => `${path.join('.') || 'body'} (${code})`).join(', ');
  throw new Refused(400, 'invalid', `Not acceptable: ${places}`);
}

/**
 * Answers a repeated Idempotency-Key as the first time, refusals too. What a handler does is done at once and without
 * waiting, so two requests with one key cannot both get to work.
 */
async function once<T>(c: Context, store: PaymentStore, schema: z.ZodType<T>, handle: (body: T) => unknown) {
  const body = await readBody(c, schema);
  const key = c.req.header('idempotency-key');
  if (key === undefined) return c.json(handle(body), 201);
  const id = `${c.req.path} ${key}`;
  const body_hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const known = store.tables.answers.get(id);
  if (known !== undefined && known.body_hash !== body_hash) {
    throw new Refused(409, 'idempotency_key_reused', 'This key was used with another body.');
  }
  if (known !== undefined) return replay(known, { 'idempotency-replayed': 'true' });
  const answer = { id, body_hash, ...outcome(() => handle(body)) };
  store.put('answers', answer);
  return replay(answer);
}

function outcome(handle: () => unknown): { status: number; body: unknown } {
  try {
    return { status: 201, body: handle() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: error.status, body: errorBody(error) };
  }
}

function replay({ status, body }: { status: number; body?: unknown }, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers });
}

function errorBody({ code, message }: Refused) {
  return { error: { code, message } };
}

function hasKey(c: Context, apiKey: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(c.req.header('authorization') ?? ''), digest(`Bearer ${apiKey}`));
}

/** What a customer may see of a deposit. */
function checkoutFacts({ id, amount_minor, exponent, currency, status }: DepositRecord) {
  const digits = amount_minor.padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const amount = exponent === 0 ? whole : `${whole}.${digits.slice(-exponent)}`;
  return { id, amount, currency, status };
}
