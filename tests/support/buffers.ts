import type { TestConnection } from './database.ts';

interface Explained {
  readonly 'QUERY PLAN': readonly [
    { readonly Plan: { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number } },
  ];
}

/**
 * How many pages of tables and indexes a statement touches, those of the functions that it calls included: what it costs, told by something
 * that is the same on a busy machine. Run once before, so that plans are made and looked up already; the least of three, because what other
 * tests do meanwhile makes Postgres look some of it up anew.
 */
export async function buffersOf(db: TestConnection, text: string, values: readonly unknown[] = []): Promise<number> {
  await db.query(text, values);
  const sql = `explain (analyze, buffers, timing off, format json) ${text}`;
  const touched: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const plan = (await db.one<Explained>(sql, values))['QUERY PLAN'][0].Plan;
    touched.push(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']);
  }
  return Math.min(...touched);
}
