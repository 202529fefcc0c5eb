/** Lays rows out in columns for a terminal; every row has the keys of the first one. */
export function table(rows: readonly Record<string, string | number | null | undefined>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cell = (row: Record<string, unknown>, column: string) => String(row[column] ?? '');
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => cell(row, column).length)));
  const line = (values: string[]) =>
    `   ${values.map((value, at) => value.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd();
  return [
    line(columns),
    line(widths.map((width) => '─'.repeat(width))),
    ...rows.map((row) => line(columns.map((column) => cell(row, column)))),
  ].join('\n');
}
