/** Where a token that may contain a semicolon ends; `null` when none begins at `start`. */
function endOfToken(sql: string, start: number): number | null {
  const rest = (pattern: RegExp) => {
    pattern.lastIndex = start;
    return pattern.exec(sql)?.[0];
  };
  const two = sql.slice(start, start + 2);
  if (two === '--') return after(sql, '\n', start);
  if (two === '/*') return endOfBlockComment(sql, start);
  if (sql[start] === "'") {
    // In an E'…' string a backslash keeps the next quote inside.
    const escapes = /[eE]/.test(sql[start - 1] ?? '') && !/\w/.test(sql[start - 2] ?? ' ');
    return start + (rest(escapes ? /'(?:[^'\\]|\\.|'')*'?/sy : /'(?:[^']|'')*'?/sy)?.length ?? 1);
  }
  if (sql[start] === '"') return after(sql, '"', start + 1);
  if (sql[start] === '$' && !/[\w$]/.test(sql[start - 1] ?? ' ')) {
    const tag = rest(/\$(?:[A-Za-z_]\w*)?\$/y);
    if (tag) return after(sql, tag, start + tag.length);
  }
  return null;
}

function after(sql: string, text: string, from: number): number {
  const found = sql.indexOf(text, from);
  return found === -1 ? sql.length : found + text.length;
}

/** Postgres nests them. */
function endOfBlockComment(sql: string, start: number): number {
  let depth = 0;
  for (let i = start; i < sql.length; i += 1) {
    const two = sql.slice(i, i + 2);
    if (two === '/*') depth += 1;
    if (two === '*/') depth -= 1;
    if (two === '/*' || two === '*/') i += 1;
    if (depth === 0) return i + 1;
  }
  return sql.length;
}

/**
 * Splits a script at the semicolons between its statements, as the official CLI does: no semicolon at the end, the comments
 * before a statement stay with it. Not for bodies in the `begin atomic` form, which our SQL does not use.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let from = 0;
  let i = 0;
  const take = (to: number) => {
    const statement = sql.slice(from, to).trim();
    if (statement !== '') statements.push(statement);
    from = to + 1;
  };
  while (i < sql.length) {
    const end = endOfToken(sql, i);
    if (end !== null) {
      i = end;
      continue;
    }
    if (sql[i] === ';') take(i);
    i += 1;
  }
  take(sql.length);
  return statements;
}
