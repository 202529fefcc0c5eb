import type { Context } from 'hono';
import { z } from 'zod';
import { type PersonCard, searchQuery } from '../../contracts/api/graph.ts';
import type { AppEnv } from '../_shared/app.ts';
import { type Page, seal, toPageBy, unseal } from '../_shared/cursor.ts';
import type { Deps } from '../_shared/deps.ts';
import { readQuery } from '../_shared/request.ts';
import { readRows } from '../_shared/rows.ts';

const LIST = 'search_people';

/** Where a page ended: the rank of its last row, and its id. */
const position = z.tuple([z.number().min(-1e6).max(1e6), z.uuid()]);

interface Ranked extends PersonCard {
  readonly rank: number;
}

/** GET users/search: the best match first. */
export async function searchPeople(c: Context<AppEnv>, deps: Deps): Promise<Page<PersonCard>> {
  const { q, limit, cursor } = readQuery(c, searchQuery);
  const [rank, id] = cursor === undefined ? [] : unseal(LIST, cursor, position);
  const rows = await readRows<Ranked>(c, deps, LIST, {
    p_query: q,
    p_limit: limit + 1,
    p_before_rank: rank,
    p_before_id: id,
  });
  const { data, next_cursor } = toPageBy(rows, limit, (row) => seal(LIST, [row.rank, row.id]));
  // A rank means nothing beside those of another query.
  return { data: data.map(({ rank: _, ...card }) => card), next_cursor };
}
