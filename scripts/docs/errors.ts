import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorEntry } from '../../contracts/error-entry.ts';
import { ERRORS } from '../../contracts/errors.ts';

const PATH = join(import.meta.dirname, '..', '..', 'docs', 'errors.md');

const INTRODUCTION = `# Errors

<!-- Generated from contracts/errors.ts by \`npm run docs:errors\`; do not edit. -->

Every answer with a status of 400 or more is \`application/problem+json\` (RFC 9457):

\`\`\`json
{
  "type": "urn:astra:error:wallet.insufficient_funds",
  "title": "The balance is too low for this amount.",
  "status": 402,
  "code": "wallet.insufficient_funds",
  "detail": "The balance is too low for this amount.",
  "hint": "Send less or add money first.",
  "instance": "7b0c5f7e-6a0e-4b53-9c58-0a4bb1a9f1f3"
}
\`\`\`

- \`code\` is stable: decide by it. \`detail\` is a sentence for people, \`hint\` says what to do next; both may change.
- \`instance\` is the request's id, the same as in the \`X-Request-Id\` header and in the logs.
- \`errors\` says where: with \`request.invalid\` it lists the fields, \`[{ "path": "body.amount", "message": "…" }]\`. When parts of a split or
  a transfer of an atomic batch are at fault, it lists them with their own code, counted from 0:
  \`[{ "path": "body.transfers.3", "code": "wallet.blocked", "message": "…" }]\`.
- 401 comes with \`WWW-Authenticate\`, 405 with \`Allow\`, 429 and 503 with \`Retry-After\` in seconds.
- The same codes come from RPCs and tables through PostgREST: there the code is in \`details\`, the status is the same.
- \`function.not_found\` (404) is the local stack's word for a function that does not exist, \`function.unavailable\` (503) for one that could not
  be loaded; a hosted project answers in words of its own.

## What PostgREST says itself

What a table or an RPC refuses before any rule of ours is asked has \`details\` without one of these codes, often null; then decide by \`code\`:

| \`code\` | status | means |
|---|---|---|
| \`42501\` | 401 without a signed-in user, 403 with one | nobody in this role may do this: the RPC is for who is signed in, the column or table is not for clients (\`select('*')\` asks for every column), or the row is not one that you may write |
| \`22P02\`, \`22007\` | 400 | a value is no uuid, number or time at all, such as a username where an id is asked for |
| \`23503\` | 409 | a row that yours points to is gone; on every write of a user who was deleted, whose token lives on until it expires: sign out |
| \`23505\` | 409 | the row is there already |
| \`23514\` (\`SUP\` on the local stack) | 400 (500) | a value is longer than its limit, or not one of those that are known |
| \`55000\` | 500 | nobody writes into this view, such as \`wallet\`: money moves by requests to the function \`wallet\` |
| \`PGRST116\` | 406 | \`.single()\` found no row, or several |
| \`PGRST202\`, \`PGRST205\` | 404 | there is no such function with these arguments, no such table |
| \`PGRST301\`, \`PGRST303\` | 401 | the token is none, or has expired: refresh it |
`;

/** The text of docs/errors.md: a table for each domain, in the order of the contract. */
export function renderErrors(errors: Readonly<Record<string, ErrorEntry>>): string {
  const domains = Map.groupBy(Object.entries(errors), ([code]) => code.split('.')[0] ?? '');
  const sections = Array.from(domains, ([domain, entries]) => {
    const rows = entries.map(([code, { status, detail, hint }]) => `| \`${code}\` | ${status} | ${detail} | ${hint} |`);
    return `## ${domain}\n\n| code | status | detail | hint |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

/** Writes docs/errors.md, or with `--check` compares it and says how to mend it. */
async function main(args: readonly string[]): Promise<number> {
  const wanted = renderErrors(ERRORS);
  if (!args.includes('--check')) {
    await writeFile(PATH, wanted);
    console.log('docs/errors.md is written.');
    return 0;
  }
  const present = await readFile(PATH, 'utf8').catch(() => '');
  if (present === wanted) return 0;
  console.error('docs/errors.md is not what contracts/errors.ts says. Run: npm run docs:errors');
  return 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
