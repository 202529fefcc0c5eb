import { expect, test } from 'vitest';
import { freshName, type Person, type TestConnection, withRollback } from '../../support/database.ts';
import { broken, money } from '../../support/wallet.ts';

const CODE = 'correct horse battery';

async function operator(db: TestConnection): Promise<string> {
  const name = freshName('op');
  await db.query("select admin.add_operator($1, $2, 'joined')", [name, CODE]);
  return name;
}

async function propose(
  db: TestConnection,
  by: string,
  person: Person,
  direction: string,
  amount: string,
): Promise<string> {
  const { id } = await db.one<{ id: string }>(
    "select admin.propose_correction($1, $2, $3, $4, $5, 'USD', 'booked twice') as id",
    [by, CODE, person.username, direction, amount],
  );
  return id;
}

const APPROVE = "select admin.approve_correction($1, $2, $3, 'looked at it') as transfer";
const REJECT = "select admin.reject_correction($1, $2, $3, 'no proof')";

async function cast(db: TestConnection): Promise<[string, string, Person]> {
  const person = await db.signUp();
  await db.fund(person, '10.00');
  return [await operator(db), await operator(db), person];
}

test.each([
  ['credit', '2.50', '12.50'],
  ['debit', '2.50', '7.50'],
])('a %s of %s is booked when another operator approves it', (direction, amount, balance) =>
  withRollback(async (db) => {
    const [one, other, person] = await cast(db);
    const id = await propose(db, one, person, direction, amount);
    expect(await money(db, person)).toEqual(['10.00', '0.00']);
    const { transfer } = await db.one(APPROVE, [id, other, CODE]);
    expect(await money(db, person)).toEqual([balance, '0.00']);
    expect(await db.one('select * from admin.corrections where id = $1', [id])).toMatchObject({
      state: 'approved',
      proposed_by: one,
      decided_by: other,
      transfer_id: transfer,
    });
    const log = await db.query(
      'select operator, action, reason, after from admin.audit_log where target = $1 order by id',
      [person.id],
    );
    expect(log.slice(1)).toMatchObject([
      { operator: one, action: 'propose_correction', reason: 'booked twice' },
      {
        operator: other,
        action: 'approve_correction',
        reason: 'looked at it',
        after: { balance, transfer_id: transfer },
      },
    ]);
    expect(await db.one('select kind, type from public.transactions where id = $1', [transfer])).toEqual({
      kind: 'correction',
      type: direction === 'credit' ? 'income' : 'expense',
    });
    expect(await broken(db)).toEqual([]);
  }),
);

test('nobody approves what they proposed (admin.four_eyes), but may reject it', () =>
  withRollback(async (db) => {
    const [one, , person] = await cast(db);
    const id = await propose(db, one, person, 'credit', '1');
    expect(await db.refusal(APPROVE, [id, one, CODE])).toMatchObject({ sqlstate: 'PT403', code: 'admin.four_eyes' });
    await db.query(REJECT, [id, one, CODE]);
  }));

test('the table itself refuses an approval by the one who proposed (23514)', () =>
  withRollback(async (db) => {
    const [one, , person] = await cast(db);
    const id = await propose(db, one, person, 'credit', '1');
    const sql =
      "update admin.corrections set state = 'approved', decided_by = proposed_by, transfer_id = gen_random_uuid() where id = $1";
    expect((await db.refusal(sql, [id])).sqlstate).toBe('23514');
  }));

test('a correction is decided once, and its row stays (admin.correction_decided, ledger.append_only)', () =>
  withRollback(async (db) => {
    const [one, other, person] = await cast(db);
    const id = await propose(db, one, person, 'credit', '1');
    await db.query(REJECT, [id, other, CODE]);
    for (const sql of [APPROVE, REJECT]) {
      expect(await db.refusal(sql, [id, other, CODE])).toMatchObject({
        sqlstate: 'PT409',
        code: 'admin.correction_decided',
      });
    }
    expect(await db.refusal("update admin.corrections set state = 'proposed' where id = $1", [id])).toMatchObject({
      code: 'ledger.append_only',
    });
    expect(await db.refusal('delete from admin.corrections where id = $1', [id])).toMatchObject({
      code: 'ledger.append_only',
    });
    expect(await money(db, person)).toEqual(['10.00', '0.00']);
  }));

test.each([
  ['another code', (name: string) => [name, 'some other words']],
  ['no code', (name: string) => [name, null]],
  ['a name that is no operator', () => ['nobody', CODE]],
])('refuses %s (admin.not_operator)', (_, who) =>
  withRollback(async (db) => {
    const [one, other, person] = await cast(db);
    const id = await propose(db, one, person, 'credit', '1');
    expect(await db.refusal(APPROVE, [id, ...who(other)])).toMatchObject({
      sqlstate: 'PT403',
      code: 'admin.not_operator',
    });
  }),
);

test('an operator who was removed decides nothing (admin.not_operator)', () =>
  withRollback(async (db) => {
    const [one, other, person] = await cast(db);
    const id = await propose(db, one, person, 'credit', '1');
    expect(await db.one("select admin.remove_operator($1, 'left') as removed", [other])).toEqual({ removed: true });
    expect(await db.refusal(APPROVE, [id, other, CODE])).toMatchObject({ code: 'admin.not_operator' });
  }));

test('a code is kept as a bcrypt hash, and a short one is refused (22023)', () =>
  withRollback(async (db) => {
    const name = await operator(db);
    const { code_hash } = await db.one('select code_hash from admin.operators where name = $1', [name]);
    expect(code_hash).toMatch(/^\$2[aby]\$10\$/);
    expect((await db.refusal("select admin.add_operator('short.one', 'short', 'joined')")).sqlstate).toBe('22023');
  }));

test('an active operator keeps their code: nobody gives them another (admin.operator_exists)', () =>
  withRollback(async (db) => {
    const [one, other, person] = await cast(db);
    const id = await propose(db, one, person, 'credit', '1');
    const add = "select admin.add_operator($1, 'a code that one knows', 'lost it')";
    expect(await db.refusal(add, [other])).toMatchObject({
      sqlstate: 'PT409',
      code: 'admin.operator_exists',
      hint: expect.stringContaining('admin.remove_operator'),
    });
    expect(await db.refusal(APPROVE, [id, other, 'a code that one knows'])).toMatchObject({
      code: 'admin.not_operator',
    });
    await db.query(APPROVE, [id, other, CODE]);
  }));

test('who was removed may be added again, with a new code; the audit log shows both', () =>
  withRollback(async (db) => {
    const [one, other, person] = await cast(db);
    const id = await propose(db, one, person, 'credit', '1');
    await db.query("select admin.remove_operator($1, 'lost the code')", [other]);
    await db.query("select admin.add_operator($1, 'another code of theirs', 'has a new one')", [other]);
    expect(await db.refusal(APPROVE, [id, other, CODE])).toMatchObject({ code: 'admin.not_operator' });
    await db.query(APPROVE, [id, other, 'another code of theirs']);
    expect(await db.query('select action, reason from admin.audit_log where target = $1 order by id', [other])).toEqual(
      [
        { action: 'add_operator', reason: 'joined' },
        { action: 'remove_operator', reason: 'lost the code' },
        { action: 'add_operator', reason: 'has a new one' },
      ],
    );
  }));

test('a debit takes no more than is there (wallet.insufficient_funds), and can be approved when it is', () =>
  withRollback(async (db) => {
    const [one, other, person] = await cast(db);
    const id = await propose(db, one, person, 'debit', '10.01');
    expect(await db.refusal(APPROVE, [id, other, CODE])).toMatchObject({
      sqlstate: 'PT402',
      code: 'wallet.insufficient_funds',
    });
    await db.fund(person, '0.01');
    await db.query(APPROVE, [id, other, CODE]);
    expect(await money(db, person)).toEqual(['0.00', '0.00']);
  }));

test('a freeze does not stop a correction, and neither does the end of an account', () =>
  withRollback(async (db) => {
    const [one, other, person] = await cast(db);
    await db.query("select admin.freeze_wallet($1, 'both', 'a test')", [person.username]);
    await db.query(APPROVE, [await propose(db, one, person, 'credit', '1'), other, CODE]);
    await db.query('delete from auth.users where id = $1', [person.id]);
    await db.query(APPROVE, [await propose(db, one, { ...person, username: person.id }, 'debit', '11'), other, CODE]);
    const { balance } = await db.one(
      "select balance_minor as balance from ledger.accounts where owner = $1 and purpose = 'available'",
      [person.id],
    );
    expect(balance).toBe('0');
    expect(await broken(db)).toEqual([]);
  }));

test('service_role reads corrections, but no hash of an operator, and calls nothing (42501)', () =>
  withRollback(async (db) => {
    const [one, , person] = await cast(db);
    await propose(db, one, person, 'credit', '1');
    await db.as({ role: 'service_role' });
    expect(await db.query('select id from admin.corrections where proposed_by = $1', [one])).toHaveLength(1);
    for (const sql of [
      'select * from admin.operators',
      "select admin.add_operator('eve.eve', 'some long code', 'x x')",
    ]) {
      expect((await db.refusal(sql)).sqlstate).toBe('42501');
    }
  }));
