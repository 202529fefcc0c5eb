import { expect, test } from 'vitest';
import { connect } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { freshTopic, listen, realtimeFixture, subscribe } from './fixture.ts';

const WRITERS = 12;
const ROWS = 500;

/**
 * The log hands a commit out before every snapshot sees it. A server that asks the policies at once drops such rows, up to 7 of
 * 100 under this load.
 */
test('under concurrent commits none of 6,000 rows is lost, none comes twice, for each of its owners', async () => {
  await using realtime = await realtimeFixture();
  await realtime.db.query(`
    create table public.raced (id int primary key, owner uuid);
    alter table public.raced enable row level security;
    grant select on public.raced to authenticated;
    create policy "owners read" on public.raced for select to authenticated using (owner = (select auth.uid()));
    alter publication supabase_realtime add table public.raced;
  `);
  const people = [await realtime.somebody(), await realtime.somebody(), await realtime.somebody()];
  const seen = await Promise.all(
    people.map(async (person) => {
      const client = realtime.client(person);
      await client.realtime.setAuth();
      const heard = listen(client, freshTopic());
      const ids: number[] = [];
      heard.channel.on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'raced' }, (change) =>
        ids.push(change.new['id'] as number),
      );
      expect(await subscribe(heard)).toBe('joined');
      await eventually('it is confirmed', async () => heard.system.length > 0);
      return ids;
    }),
  );
  const url = Object.assign(new URL(process.env['SUPABASE_DB_URL'] ?? ''), {
    pathname: `/${realtime.db.client.database}`,
  });
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      await using db = await connect(url.href);
      for (let row = 0; row < ROWS; row += 1) {
        const id = writer * ROWS + row;
        await db.query('insert into public.raced values ($1, $2)', [id, people[id % people.length]?.id]);
      }
    }),
  );
  await eventually('all came', async () => seen.flat().length >= WRITERS * ROWS);
  for (const [index, ids] of seen.entries()) {
    const expected = Array.from({ length: WRITERS * ROWS }, (_, id) => id).filter((id) => id % people.length === index);
    expect(ids.toSorted((one, other) => one - other)).toEqual(expected);
  }
  expect(await realtime.metric('realtime_lost_changes_total')).toBe(0);
});
