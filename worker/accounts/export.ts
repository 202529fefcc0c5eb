import type { Database } from '../database.ts';

const SECTIONS = 'select section from app_private.export_sections()';
const PAGE = 'select line, key::text as key from app_private.export_page($1, $2, $3::jsonb, $4)';
const PAGE_ROWS = 500;

/** As text, unparsed: a bigint in it would not survive a JSON number. */
interface Line {
  readonly line: string;
  readonly key: string;
}

/** What stands at the top of the file. */
export interface ExportHeader {
  readonly user_id: string;
  readonly exported_at: Date;
}

/**
 * The text of an export, piece by piece: one JSON object with an array for each section, read in pages of 500 rows. Each page is a
 * transaction of its own, so nothing is held up for however long the file takes; rows that change meanwhile are as they are when read.
 * @param beforePage is awaited before each page; what it throws ends the export.
 */
export async function* exportOf(
  database: Pick<Database, 'query'>,
  { user_id, exported_at }: ExportHeader,
  beforePage: () => Promise<void>,
): AsyncGenerator<string> {
  const head = { format: 'astra.export.v1', user_id, exported_at: exported_at.toISOString() };
  yield JSON.stringify(head, null, 1).slice(0, -2);
  const sections = await database.query<{ section: string }>(SECTIONS);
  for (const { section } of sections) {
    yield `,\n ${JSON.stringify(section)}: [`;
    yield* rowsOf(database, user_id, section, beforePage);
    yield '\n ]';
  }
  yield '\n}\n';
}

async function* rowsOf(
  database: Pick<Database, 'query'>,
  user_id: string,
  section: string,
  beforePage: () => Promise<void>,
): AsyncGenerator<string> {
  let after: string | null = null;
  for (;;) {
    await beforePage();
    const lines: Line[] = await database.query<Line>(PAGE, [user_id, section, after, PAGE_ROWS]);
    const separator = after === null ? '' : ',';
    if (lines.length > 0) yield `${separator}\n  ${lines.map(({ line }) => line).join(',\n  ')}`;
    if (lines.length < PAGE_ROWS) return;
    after = lines.at(-1)?.key ?? null;
  }
}
