import type { Context } from 'hono';
import {
  type Statement,
  type StatementLine,
  type StatementQuery,
  statementQuery,
} from '../../contracts/api/wallet-statement.ts';
import type { AppEnv } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { describeError } from '../_shared/log.ts';
import { readQuery } from '../_shared/request.ts';
import { settle } from './command.ts';
import { csvRecord, plainText } from './csv.ts';
import { minorUnits } from './payments.ts';

/** Lines that are in memory at once, whatever the length of a statement. */
const PAGE_LINES = 1_000;

const HEADER = `select opening_balance, closing_balance, total_in, total_out, first_seq, last_seq, previous_hash, last_hash, head_seq, head_hash
  from app_private.statement_header($1, $2, $3, $4)`;
const LINES = `select seq, transaction_id, created_at, kind, type, amount, balance_after, counterparty_username, category, description,
    line, hash
  from app_private.statement($1, $2, $3, $4, $5, $6)`;

interface Header extends Pick<Statement, 'opening_balance' | 'closing_balance' | 'total_in' | 'total_out'> {
  readonly first_seq: string | null;
  readonly last_seq: string | null;
  readonly previous_hash: string;
  readonly last_hash: string;
  readonly head_seq: string;
  readonly head_hash: string;
}

/**
 * GET wallet/statement: every entry of the user's available account in a span of time, page by page as it is read, with the
 * hash chain over them. Throws wallet.not_found.
 */
export async function getStatement(c: Context<AppEnv>, deps: Deps): Promise<Response> {
  const query = readQuery(c, statementQuery);
  // Books what is queued first, and asserts the session.
  await settle(c, deps);
  const { user_id } = c.get('claims');
  const { currency, from = null, to = null } = query;
  const [header] = await deps.db.call<Header>(HEADER, [user_id, currency, from, to], 'wallet.statement_header');
  if (header === undefined) throw new Error('statement_header gave no row');
  const pages = pagesOf(deps, user_id, query, header);
  const text = query.format === 'csv' ? csvOf(pages, query, header) : jsonOf(pages, user_id, query, header);
  const type = query.format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json';
  return new Response(streamOf(text, deps, c.get('requestId')), {
    headers: { 'content-type': type, 'content-disposition': `attachment; filename="${fileName(query)}"` },
  });
}

/** The lines, up to the one that was the last when the header was read. */
async function* pagesOf(deps: Deps, userId: string, query: StatementQuery, header: Header) {
  if (header.first_seq === null || header.last_seq === null) return;
  const last = BigInt(header.last_seq);
  let after = BigInt(header.first_seq) - 1n;
  while (after < last) {
    const size = Number(last - after < PAGE_LINES ? last - after : PAGE_LINES);
    const params = [userId, query.currency, query.from ?? null, query.to ?? null, size, after.toString()];
    const rows = await deps.db.call<Omit<StatementLine, 'balance_minor'>>(LINES, params, 'wallet.statement');
    const end = rows.at(-1);
    // seq has no gap, so fewer lines than asked for are a statement that is not whole.
    if (end === undefined || BigInt(end.seq) !== after + BigInt(size)) throw new Error('the statement has a gap');
    yield rows.map(({ line, hash, ...row }): StatementLine => {
      return { ...row, balance_minor: minorUnits(row.balance_after).amount_minor, line, hash };
    });
    after += BigInt(size);
  }
}

type Pages = AsyncGenerator<readonly StatementLine[]>;

async function* jsonOf(pages: Pages, user_id: string, { currency, from, to }: StatementQuery, header: Header) {
  const { opening_balance, closing_balance, total_in, total_out } = header;
  const head: Omit<Statement, 'lines'> = {
    ...{ user_id, currency, from: from ?? null, to: to ?? null },
    ...{ opening_balance, closing_balance, total_in, total_out },
    chain: {
      algorithm: 'sha256',
      opening_hash: header.previous_hash,
      closing_hash: header.last_hash,
      closing_seq: header.last_seq,
      head_hash: header.head_hash,
      head_seq: header.head_seq,
    },
  };
  yield `${JSON.stringify(head).slice(0, -1)},"lines":[`;
  let separator = '\n';
  for await (const page of pages) {
    yield separator + page.map((line) => JSON.stringify(line)).join(',\n');
    separator = ',\n';
  }
  yield ']}\n';
}

const COLUMNS = [
  ...['seq', 'transaction_id', 'created_at', 'kind', 'type', 'amount', 'currency', 'balance_after', 'balance_minor'],
  ...['counterparty_username', 'category', 'description', 'line', 'previous_hash', 'hash'],
];

async function* csvOf(pages: Pages, { currency }: StatementQuery, header: Header) {
  yield csvRecord(COLUMNS);
  let previous_hash = header.previous_hash;
  for await (const page of pages) {
    let text = '';
    for (const line of page) {
      const { seq, transaction_id, created_at, kind, type, amount, balance_after, balance_minor } = line;
      text += csvRecord([
        ...[seq, transaction_id, created_at, kind, type, amount, currency, balance_after, balance_minor],
        ...[line.counterparty_username, line.category, line.description].map(plainText),
        // It begins with an id, never like a formula, and must stay as it was hashed.
        ...[line.line, previous_hash, line.hash],
      ]);
      previous_hash = line.hash;
    }
    yield text;
  }
}

/** A body that is made as fast as the client takes it. A failure breaks it off, so that half a statement is never taken for a whole one. */
function streamOf(parts: AsyncGenerator<string>, { logger }: Deps, request_id: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        logger.log('error', 'a statement broke off', { request_id, error: describeError(error) });
        controller.error(error);
      }
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

function fileName({ currency, from, to, format }: StatementQuery): string {
  const days = [from ?? 'begin', to ?? 'now'].map((moment) => moment.slice(0, 10));
  return `statement-${currency}-${days.join('-')}.${format}`;
}
