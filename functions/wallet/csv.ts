/** One record of RFC 4180 with its CRLF. */
export function csvRecord(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => quoted(cell ?? '')).join(',')}\r\n`;
}

/**
 * What people wrote, made harmless for spreadsheets: a cell that begins like a formula gets an apostrophe before it, which
 * they show as text (https://owasp.org/www-community/attacks/CSV_Injection). Not for numbers: those may begin with a minus.
 */
export function plainText(text: string | null): string | null {
  return text !== null && /^[\s]*[=+\-@\t\r\n|%＝＋－＠]/.test(text) ? `'${text}` : text;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell;
}
