import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Person, TestConnection } from '../../support/database.ts';
import { connect } from '../../support/database.ts';
import { type Groups, withPeople } from './support.ts';

/** How a function of groups is called for one of them. */
interface Asking {
  readonly name: string;
  /** SQL with the group as $1 and somebody in it as $2. */
  readonly call: string;
}

/** A value of each type that a function may require beside the group. */
const VALUES: Readonly<Record<string, string>> = {
  uuid: '$2::uuid',
  text: `'member'`,
  jsonb: `'{"name": "x"}'`,
  boolean: 'true',
};

/** Every function for clients that takes a group, from the catalogue, and those that take it among other things. */
async function askings(): Promise<Asking[]> {
  await using db = await connect();
  const functions = await db.query<{ name: string; names: string[]; types: string[] }>(
    `select p.proname as name, p.proargnames[1:p.pronargs - p.pronargdefaults] as names,
       array(select format_type(t, null) from unnest(p.proargtypes) with ordinality a (t, n) where n <= p.pronargs - p.pronargdefaults order by n) as types
     from pg_proc p where p.pronamespace = 'public'::regnamespace
       and ('p_group' = any (p.proargnames) or p.proname in ('update_group', 'delete_group')) order by 1`,
  );
  const calls = functions.map(({ name, names, types }) => {
    const args = names.map((arg, n) => {
      const isGroup = arg === 'p_group' || (arg === 'p_id' && types[n] === 'uuid');
      return `${arg} => ${isGroup ? '$1' : VALUES[types[n] ?? '']}`;
    });
    return { name, call: `select to_json(r) from public.${name}(${args.join(', ')}) r where $2::uuid is not null` };
  });
  const body = (field: string) => `jsonb_build_object('group_id', $1::uuid, 'content', 'x'${field})`;
  return [
    ...calls,
    {
      name: 'send_message',
      call: `select to_json(r) from public.send_message(${body('')}) r where $2::uuid is not null`,
    },
    {
      name: 'create_post',
      call: `select to_json(r) from public.create_post(${body('')}) r where $2::uuid is not null`,
    },
  ];
}

/** How often each index and each table was looked into so far. */
async function looks(db: TestConnection): Promise<Map<string, number>> {
  const rows = await db.query<{ name: string; looks: number }>(
    `select indexrelid::regclass::text as name, pg_stat_get_xact_numscans(indexrelid)::int as looks
       from pg_stat_user_indexes where pg_stat_get_xact_numscans(indexrelid) > 0
     union all select relid::regclass::text, pg_stat_get_xact_numscans(relid)::int
       from pg_stat_user_tables where pg_stat_get_xact_numscans(relid) > 0`,
  );
  return new Map(rows.map(({ name, looks: count }) => [name, count]));
}

/** What somebody is answered, and where was looked for it. */
async function ask(groups: Groups, by: Person | null, { call }: Asking, group: string, member: Person) {
  const { db } = groups;
  const actor = by ? ({ role: 'authenticated', sub: by.id } as const) : ({ role: 'anon' } as const);
  const once = async () => {
    await db.as(actor);
    await db.query('savepoint asking');
    const answer = await db
      .query(call, [group, member.id])
      .catch(({ code, message, detail, hint }) => ({ code, message, detail, hint }));
    await db.query('rollback to savepoint asking');
    await db.as({ role: 'postgres' });
    return answer;
  };
  // Plans are made by then, for which the planner looks as well.
  for (let n = 0; n < 2; n += 1) await once();
  const before = await looks(db);
  const answer = await once();
  const after = await looks(db);
  const looked = [...after]
    .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return { answer, looked: Object.fromEntries(looked.sort()) };
}

test.each(await askings())(
  '$name answers of a secret group as of one that was deleted or never was, and looks for it as often and in the same places',
  (asking) =>
    withPeople(3, async (groups, ana, banned, stranger) => {
      const secret = await groups.found(ana, { visibility: 'secret' });
      await groups.act(ana, 'ban_from_group', secret.id, banned.id);
      const deleted = await groups.found(ana, { visibility: 'secret' });
      await groups.act(ana, 'delete_group', deleted.id);
      for (const by of [stranger, banned, null]) {
        const never = await ask(groups, by, asking, randomUUID(), ana);
        expect(await ask(groups, by, asking, deleted.id, ana)).toEqual(never);
        expect(await ask(groups, by, asking, secret.id, ana)).toEqual(never);
      }
    }),
);
