import { expect, test } from 'vitest';
import { freshName, type Person, type TestConnection, withRollback } from '../../support/database.ts';

const ASK = 'select * from public.request_verification($1)';
const BADGE = { kind: 'verification', level: 'gold', statement: 'I am who I say I am.' };
const BUSINESS = { kind: 'business', statement: 'We sell tea in Hamburg.', evidence_urls: ['https://tea.test'] };
const CODE = 'correct horse battery';

function withOperator<T>(fn: (db: TestConnection, me: Person, operator: string) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    const operator = freshName('op');
    await db.query("select admin.add_operator($1, $2, 'of a test')", [operator, CODE]);
    const me = await db.signUp();
    return await fn(db, me, operator);
  });
}

async function ask(db: TestConnection, me: Person, request: object): Promise<string> {
  await db.as({ role: 'authenticated', sub: me.id });
  const { id } = await db.one<{ id: string }>(ASK, [request]);
  await db.as({ role: 'postgres' });
  return id;
}

const DECIDE = 'select admin.decide_verification_request($1, $2, $3, $4, $5)';
const STATE = 'select is_verified, verification_level, is_business_account from public.profiles where id = $1';

test('an approved request gives the badge, tells it and leaves an audit row with the state before and after', () =>
  withOperator(async (db, me, operator) => {
    const id = await ask(db, me, BADGE);
    expect(await db.one('select username, level from admin.verification_queue where id = $1', [id])).toEqual({
      username: me.username,
      level: 'gold',
    });
    await db.query(DECIDE, [id, operator, CODE, true, 'passport seen']);
    expect(await db.one(STATE, [me.id])).toEqual({
      is_verified: true,
      verification_level: 'gold',
      is_business_account: false,
    });
    expect(await db.query('select from admin.verification_queue where id = $1', [id])).toEqual([]);
    expect(
      await db.one('select operator, action, reason, before, after from admin.audit_log where target = $1', [me.id]),
    ).toMatchObject({
      ...{ operator, action: 'approve_verification', reason: 'passport seen' },
      ...{ before: { is_verified: false }, after: { is_verified: true, verification_level: 'gold', request_id: id } },
    });
    const events =
      "select payload from app_private.outbox_events where type = 'user.verification_decided' and payload ->> 'user_id' = $1";
    expect(await db.query(events, [me.id])).toEqual([
      { payload: { user_id: me.id, kind: 'verification', state: 'approved' } },
    ]);
  }));

test('a declined request changes nothing, and the person reads why', () =>
  withOperator(async (db, me, operator) => {
    const id = await ask(db, me, BUSINESS);
    await db.query(DECIDE, [id, operator, CODE, false, 'no such shop']);
    expect(await db.one(STATE, [me.id])).toMatchObject({ is_business_account: false });
    await db.as({ role: 'authenticated', sub: me.id });
    expect(await db.query('select state, decision from public.verification_requests')).toEqual([
      { state: 'declined', decision: 'no such shop' },
    ]);
  }));

test('an approved business may be taken back, and its facts go with it', () =>
  withOperator(async (db, me, operator) => {
    await db.query(DECIDE, [await ask(db, me, BUSINESS), operator, CODE, true, 'register seen']);
    await db.query("update public.profiles set business_info = '{}' where id = $1", [me.id]);
    await db.query("select admin.take_verification($1, 'business', $2, $3, 'closed')", [me.username, operator, CODE]);
    expect(
      await db.one('select is_business_account, business_info from public.profiles where id = $1', [me.id]),
    ).toEqual({
      is_business_account: false,
      business_info: null,
    });
  }));

test('a request is decided once (admin.verification_decided), and by operators (admin.not_operator)', () =>
  withOperator(async (db, me, operator) => {
    const id = await ask(db, me, BADGE);
    expect(await db.refusal(DECIDE, [id, operator, 'some other code', true, 'why not'])).toMatchObject({
      code: 'admin.not_operator',
    });
    await db.query(DECIDE, [id, operator, CODE, true, 'passport seen']);
    expect(await db.refusal(DECIDE, [id, operator, CODE, false, 'second thoughts'])).toMatchObject({
      sqlstate: 'PT409',
      code: 'admin.verification_decided',
    });
  }));

test('of each kind one request is open at a time (users.verification_open); a withdrawn one makes room', () =>
  withOperator(async (db, me) => {
    const id = await ask(db, me, BADGE);
    await ask(db, me, BUSINESS);
    await db.as({ role: 'authenticated', sub: me.id });
    expect(await db.refusal(ASK, [BADGE])).toMatchObject({ sqlstate: 'PT409', code: 'users.verification_open' });
    await db.query("update public.verification_requests set state = 'withdrawn' where id = $1", [id]);
    await db.one(ASK, [{ ...BADGE, level: 'blue' }]);
  }));

test('nobody decides their own request (42501), reads those of others or asks for somebody else (42501)', () =>
  withOperator(async (db, me) => {
    const other = await db.signUp();
    await ask(db, me, BADGE);
    await db.as({ role: 'authenticated', sub: me.id });
    expect((await db.refusal("update public.verification_requests set state = 'approved'")).sqlstate).toBe('42501');
    expect((await db.refusal("update public.verification_requests set decision = 'yes'")).sqlstate).toBe('42501');
    await db.as({ role: 'authenticated', sub: other.id });
    expect(await db.query('select from public.verification_requests')).toEqual([]);
    const forge =
      "insert into public.verification_requests (user_id, kind, statement) values ($1, 'business', 'It is my shop.')";
    expect((await db.refusal(forge, [me.id])).sqlstate).toBe('42501');
  }));

test.each([
  { ...BUSINESS, statment: 'We sell tea in Hamburg.' },
  { ...BUSINESS, statement: 12345678901 },
  { ...BUSINESS, evidence_urls: 'https://tea.test' },
])('refuses the fields of the request %j (users.field_invalid)', (request) =>
  withOperator(async (db, me) => {
    await db.as({ role: 'authenticated', sub: me.id });
    expect(await db.refusal(ASK, [request])).toMatchObject({ sqlstate: 'PT422', code: 'users.field_invalid' });
  }),
);

test.each([
  { level: 'gold', statement: 'I am who I say I am.' },
  { kind: 'fame', statement: 'I am who I say I am.' },
  { kind: 'verification', level: 'gold' },
  { kind: 'verification', statement: 'I am who I say I am.' },
  { kind: 'verification', level: 'platinum', statement: 'I am who I say I am.' },
  { kind: 'business', level: 'gold', statement: 'We sell tea in Hamburg.' },
  { kind: 'verification', level: 'gold', statement: 'me' },
  { ...BUSINESS, evidence_urls: Array(6).fill('https://tea.test') },
  { ...BUSINESS, evidence_urls: ['javascript:alert(1)'] },
  { ...BUSINESS, evidence_urls: [null] },
])('refuses the request %j (users.field_invalid)', (request) =>
  withOperator(async (db, me) => {
    await db.as({ role: 'authenticated', sub: me.id });
    expect(await db.refusal(ASK, [request])).toMatchObject({
      ...{ sqlstate: 'PT422', code: 'users.field_invalid' },
      hint: expect.stringMatching(/^(kind|level|statement|evidence_urls) /),
    });
  }),
);
