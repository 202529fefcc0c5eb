import { expect } from 'vitest';
import { type Person, type Refusal, type TestConnection, withRollback } from '../../support/database.ts';

export type Role = 'owner' | 'admin' | 'moderator' | 'member';
export const ROLES: readonly Role[] = ['owner', 'admin', 'moderator', 'member'];

export interface GroupCard {
  readonly id: string;
  readonly name: string;
  readonly visibility: 'public' | 'private' | 'secret';
  readonly members_count: number;
  readonly member_cap: number;
  readonly my_role: Role | null;
}

/** A transaction with people in it, who call the functions of groups as supabase-js does. */
export class Groups {
  readonly db: TestConnection;

  constructor(db: TestConnection) {
    this.db = db;
  }

  /** Calls `public.<name>` as somebody signed in, or as nobody, and gives its rows as JSON. */
  async rows<T = Record<string, unknown>>(by: Person | null, name: string, ...args: unknown[]): Promise<T[]> {
    await this.be(by);
    return (await this.db.query<{ r: T }>(callOf(name, args), args)).map(({ r }) => r);
  }

  /** The only row of such a call. */
  async act<T = Record<string, unknown>>(by: Person | null, name: string, ...args: unknown[]): Promise<T> {
    const [row] = await this.rows<T>(by, name, ...args);
    return row as T;
  }

  /** The code of the refusal of such a call. */
  async code(by: Person | null, name: string, ...args: unknown[]): Promise<string | undefined> {
    return (await this.refused(by, name, ...args)).code;
  }

  async refused(by: Person | null, name: string, ...args: unknown[]): Promise<Refusal> {
    await this.be(by);
    return await this.db.refusal(callOf(name, args), args);
  }

  async asked<Row = Record<string, unknown>>(by: Person | null, sql: string, values: unknown[] = []): Promise<Row[]> {
    await this.be(by);
    return await this.db.query<Row>(sql, values);
  }

  async found(by: Person, fields: Record<string, unknown> = {}): Promise<GroupCard> {
    return await this.act<GroupCard>(by, 'create_group', { name: 'Hikers', ...fields });
  }

  /** Puts somebody into a group by the rows, whatever its rules. */
  async put(group: GroupCard, person: Person, role: Exclude<Role, 'owner'> = 'member'): Promise<void> {
    await this.db.as({ role: 'postgres' });
    await this.db.query('insert into public.group_members (group_id, user_id, role) values ($1, $2, $3)', [
      group.id,
      person.id,
      role,
    ]);
  }

  /** Whoever is in a group, by user id, as the owner of the tables sees it. */
  async roles(group: { readonly id: string }): Promise<Record<string, Role>> {
    await this.db.as({ role: 'postgres' });
    const rows = await this.db.query<{ user_id: string; role: Role }>(
      'select user_id, role from public.group_members where group_id = $1',
      [group.id],
    );
    return Object.fromEntries(rows.map(({ user_id, role }) => [user_id, role]));
  }

  /** members_count equals the rows, and every group that is there has its owner. */
  async expectSound(): Promise<void> {
    await this.db.as({ role: 'postgres' });
    expect(await this.db.query(UNSOUND)).toEqual([]);
    await this.db.query('set constraints all immediate');
    await this.db.query('set constraints all deferred');
  }

  private async be(person: Person | null): Promise<void> {
    await this.db.as(person ? { role: 'authenticated', sub: person.id } : { role: 'anon' });
  }
}

/** Groups whose count is not that of their rows, or exceeds their cap, or who have not one owner. */
export const UNSOUND = `select g.id, c.counted, r.members, r.owners, g.member_cap from public.groups g
  cross join lateral app_private.members_count(g.id, g.member_cap) c (counted)
  cross join lateral (
    select count(*)::int as members, count(*) filter (where m.role = 'owner')::int as owners
    from public.group_members m where m.group_id = g.id) r
  where g.deleted_at is null and (c.counted <> r.members or r.members > g.member_cap or r.owners <> 1)`;

function callOf(name: string, args: readonly unknown[]): string {
  return `select to_json(r) as r from public.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')}) r`;
}

/** Runs `fn` with new people in a transaction that is rolled back. */
export function withPeople<T>(count: number, fn: (groups: Groups, ...people: Person[]) => Promise<T>): Promise<T> {
  return withRollback(async (db) => {
    const people: Person[] = [];
    for (let n = 0; n < count; n += 1) people.push(await db.signUp());
    return await fn(new Groups(db), ...people);
  });
}
