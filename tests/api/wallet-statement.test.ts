import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Statement, statementSchema } from '../../contracts/api/wallet-statement.ts';
import { ask, expectProblem, fund, type Person, signUp } from '../support/api.ts';
import { bodyOf, get, post, signUpWith } from '../support/wallet-api.ts';

/** Descriptions that try to be a formula, to end a cell or a record, or to shift the line that is hashed. */
const DESCRIPTIONS = [
  '=HYPERLINK("http://x")',
  '+1',
  '@sum',
  '-2+3',
  'a "quoted", cell\r\nand a line',
  '|8|x|',
  'Ünï☃ 💶',
];

let ana: Person;
let ben: Person;

beforeAll(async () => {
  [ana, ben] = await Promise.all([signUpWith('ana', '100.00'), signUp('ben')]);
  for (const [n, description] of DESCRIPTIONS.entries()) {
    const body = { recipient: ben.id, amount: `${n + 1}.00`, description, category: n === 5 ? '2|z' : 'food' };
    bodyOf(await post(ana, 'transaction', body), 201);
  }
  bodyOf(await post(ana, 'holds', { recipient: ben.id, amount: '5.00' }), 201);
});

async function statementOf(person: Person, query: Record<string, string> = {}): Promise<Statement> {
  const answer = await get(person, `statement?${new URLSearchParams(query)}`);
  return statementSchema.parse(bodyOf(answer, 200));
}

/** The hash of the last line, made anew from nothing but what the lines say. */
function recompute({ chain, lines }: Pick<Statement, 'chain' | 'lines'>): string {
  let hash = chain.opening_hash;
  for (const { seq, balance_minor, line } of lines) {
    hash = createHash('sha256')
      .update(Buffer.from(hash, 'hex'))
      .update(`${seq}|${balance_minor}|${line}`, 'utf8')
      .digest('hex');
  }
  return hash;
}

describe('GET wallet/statement', () => {
  test('has every entry in the order of booking, and sums that fit', async () => {
    const statement = await statementOf(ana);
    expect(statement).toMatchObject({
      ...{ user_id: ana.id, currency: 'USD', from: null, to: null, opening_balance: '0.00', closing_balance: '67.00' },
      ...{ total_in: '100.00', total_out: '33.00' },
    });
    expect(statement.lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 9 }, (_, n) => `${n + 1}`));
    expect(statement.lines.map(({ kind, type, amount, balance_after }) => [kind, type, amount, balance_after])).toEqual(
      [
        ['funding', 'income', '100.00', '100.00'],
        ['transfer', 'expense', '1.00', '99.00'],
        ['transfer', 'expense', '2.00', '97.00'],
        ['transfer', 'expense', '3.00', '94.00'],
        ['transfer', 'expense', '4.00', '90.00'],
        ['transfer', 'expense', '5.00', '85.00'],
        ['transfer', 'expense', '6.00', '79.00'],
        ['transfer', 'expense', '7.00', '72.00'],
        ['hold', 'expense', '5.00', '67.00'],
      ],
    );
    expect(statement.lines.slice(1, 8).map(({ description }) => description)).toEqual(DESCRIPTIONS);
  });

  test('proves itself: the chain of hashes can be made anew by its reader', async () => {
    for (const statement of [await statementOf(ana), await statementOf(ben)]) {
      expect(recompute(statement)).toBe(statement.chain.head_hash);
      expect(statement.chain).toMatchObject({ algorithm: 'sha256', opening_hash: '' });
      expect(statement.chain.closing_hash).toBe(statement.chain.head_hash);
      expect(statement.chain.closing_seq).toBe(statement.chain.head_seq);
    }
  });

  test('each line names what it is about, so that a changed amount, text or order breaks the chain', async () => {
    const { chain, lines } = await statementOf(ana);
    for (const line of lines) {
      expect(line.line).toContain(`${line.transaction_id}|${line.kind}|USD|`);
      expect(line.line.endsWith(`|${line.description ?? ''}`)).toBe(true);
    }
    const changed = lines.map((line, n) => (n === 3 ? { ...line, line: line.line.replace('-300', '-301') } : line));
    expect(recompute({ chain, lines: changed })).not.toBe(chain.head_hash);
    expect(recompute({ chain, lines: [...lines.slice(1, 3), ...lines.slice(0, 1), ...lines.slice(3)] })).not.toBe(
      chain.head_hash,
    );
    expect(recompute({ chain, lines: lines.slice(0, -1) })).not.toBe(chain.head_hash);
  });

  test('of a span of time begins with the hash before it; spans that meet make the whole', async () => {
    const { lines, chain } = await statementOf(ana);
    const middle = lines[4]?.created_at ?? '';
    const early = await statementOf(ana, { to: middle });
    const late = await statementOf(ana, { from: middle });
    expect([...early.lines, ...late.lines]).toEqual(lines);
    expect(late.chain.opening_hash).toBe(early.chain.closing_hash);
    expect(late.opening_balance).toBe(early.closing_balance);
    expect([recompute(early), recompute(late)]).toEqual([early.chain.closing_hash, chain.head_hash]);
    expect(early.chain.head_hash).toBe(chain.head_hash);
  });

  test('without lines is a statement too', async () => {
    const statement = await statementOf(ana, { from: '2100-01-01T00:00:00Z' });
    expect(statement).toMatchObject({
      opening_balance: '67.00',
      closing_balance: '67.00',
      lines: [],
      total_in: '0.00',
    });
    expect(statement.chain.closing_seq).toBeNull();
    expect(statement.chain.opening_hash).toBe(statement.chain.head_hash);
  });

  test('has an account for each currency (wallet.not_found)', async () => {
    await fund(ana, '500', 'JPY');
    const statement = await statementOf(ana, { currency: 'JPY' });
    expect(statement).toMatchObject({ closing_balance: '500', lines: [{ amount: '500', balance_minor: '500' }] });
    expectProblem(await get(ana, 'statement?currency=EUR'), 'wallet.not_found');
  });

  test('is read in pages and has no gap: 2,500 lines', async () => {
    const [from, to] = await Promise.all([signUpWith('cat', '5000.00'), signUp('doc')]);
    const transfers = Array.from({ length: 250 }, () => ({ recipient: to.id, amount: '1.00' }));
    for (let n = 0; n < 10; n += 1) bodyOf(await post(from, 'batch', { mode: 'atomic', transfers }), 200);
    for (const [person, count] of [
      [from, 2501],
      [to, 2500],
    ] as const) {
      const statement = await statementOf(person);
      expect(statement.lines).toHaveLength(count);
      expect(recompute(statement)).toBe(statement.chain.head_hash);
    }
  });

  test.each([
    ...['currency=usd', 'format=pdf', 'from=today', 'limit=1'],
    'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  ])('refuses ?%s (request.invalid)', async (query) => {
    expectProblem(await get(ana, `statement?${query}`), 'request.invalid');
  });

  test('is for its owner (auth.required)', async () => {
    expectProblem(await ask('wallet/statement'), 'auth.required');
  });
});

describe('GET wallet/statement?format=csv', () => {
  test('is a file of RFC 4180 with the same lines, and proves itself', async () => {
    const answer = await get(ana, 'statement?format=csv');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="statement-USD-begin-now.csv"');
    const [names = [], ...records] = parseCsv(bodyOf<string>(answer, 200));
    const rows = records.map((record) => Object.fromEntries(names.map((name, n) => [name, record[n] ?? ''])));
    const { lines } = await statementOf(ana);
    expect(rows.map(({ line, hash, amount }) => ({ line, hash, amount }))).toEqual(
      lines.map(({ line, hash, amount }) => ({ line, hash, amount })),
    );
    for (const row of rows) {
      const text = `${row['seq']}|${row['balance_minor']}|${row['line']}`;
      const hash = createHash('sha256')
        .update(Buffer.from(row['previous_hash'] ?? '', 'hex'))
        .update(text)
        .digest('hex');
      expect(row['hash']).toBe(hash);
    }
  });

  test('has no cell that a spreadsheet takes for a formula', async () => {
    const [names = [], ...records] = parseCsv(bodyOf<string>(await get(ana, 'statement?format=csv'), 200));
    const descriptions = records.map((record) => record[names.indexOf('description')] ?? '').slice(1, 8);
    expect(descriptions).toEqual(DESCRIPTIONS.map((text) => (/^[=+@|-]/.test(text) ? `'${text}` : text)));
    for (const record of records) for (const cell of record) expect(cell).not.toMatch(/^[\s]*[=+@|%\t\r-]/);
  });
});

/** RFC 4180, and nothing more lenient. */
function parseCsv(text: string): string[][] {
  expect(text.endsWith('\r\n')).toBe(true);
  const records: string[][] = [];
  let cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (match === null) throw new Error('this is no CSV');
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    records.push(cells);
    cells = [];
  }
  expect(new Set(records.map(({ length }) => length)).size).toBe(1);
  return records;
}
