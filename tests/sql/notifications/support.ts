import { type Person, type TestConnection, withRollback } from '../../support/database.ts';

/** The columns of `public.notification_card` that tests look at; bigint comes as text. */
export interface Card {
  readonly id: string;
  readonly seq: string;
  readonly kind: string;
  readonly category: string;
  readonly actors: { readonly id: string; readonly username: string }[];
  readonly actors_count: string;
  readonly events_count: number;
  readonly subject: { readonly type: string; readonly id: string; readonly preview: string | null } | null;
  readonly data: Record<string, unknown>;
  readonly text: string;
  readonly is_seen: boolean;
  readonly is_read: boolean;
}

export interface Counts {
  readonly unread_count: number;
  readonly unseen_count: number;
  readonly last_seq: number;
  readonly seen_seq: number;
}

/** People in a transaction that is rolled back, and what they are told in it. */
export class Scene {
  readonly db: TestConnection;
  #read = '0';

  constructor(db: TestConnection) {
    this.db = db;
  }

  person(): Promise<Person> {
    return this.owner().then(() => this.db.signUp());
  }

  async people(count: number): Promise<Person[]> {
    const people: Person[] = [];
    for (let n = 0; n < count; n += 1) people.push(await this.person());
    return people;
  }

  /** From here on as the owner of the tables. */
  owner(): Promise<void> {
    return this.db.as({ role: 'postgres' });
  }

  become(person: Person): Promise<void> {
    return this.db.as({ role: 'authenticated', sub: person.id });
  }

  /** A function of `public` as a person, its rows. */
  async call<Row = Record<string, unknown>>(who: Person, name: string, ...args: readonly unknown[]): Promise<Row[]> {
    await this.become(who);
    return await this.db.query<Row>(
      `select * from public.${name}(${args.map((_, n) => `$${n + 1}`).join(', ')})`,
      args,
    );
  }

  async one<Row = Record<string, unknown>>(who: Person, name: string, ...args: readonly unknown[]): Promise<Row> {
    const [row] = await this.call<Row>(who, name, ...args);
    if (row === undefined) throw new Error(`${name} gave no row`);
    return row;
  }

  /** A statement as the owner of the tables. */
  async sql<Row = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    await this.owner();
    return await this.db.query<Row>(text, values);
  }

  /** What the reader does with the events of this transaction that it has not had; it cannot see them before they are committed. */
  async tell(): Promise<void> {
    await this.sql(
      `select app_private.apply_notifications(array(
         select d from app_private.outbox_events e, unnest(app_private.drafts_of(e)) d
         where e.tx_id = pg_current_xact_id() and e.position > $1 order by e.position))`,
      [this.#read],
    );
    const [row] = await this.sql<{ last: string }>(
      'select coalesce(max(position), 0)::text as last from app_private.outbox_events where tx_id = pg_current_xact_id()',
    );
    this.#read = row?.last ?? '0';
  }

  list(who: Person, limit = 50, before: number | null = null, after: number | null = null): Promise<Card[]> {
    return this.call<Card>(who, 'my_notifications', limit, before, after);
  }

  /** What somebody has been told, once everything is told. */
  async told(who: Person): Promise<Card[]> {
    await this.tell();
    return await this.list(who);
  }

  async counts(who: Person): Promise<Counts> {
    return (await this.one<{ notification_counts: Counts }>(who, 'notification_counts')).notification_counts;
  }

  follow(who: Person, whom: Person): Promise<unknown> {
    return this.sql('select app_private.follow($1, $2)', [who.id, whom.id]);
  }

  async post(author: Person, fields: Record<string, unknown> = {}): Promise<string> {
    return (await this.one<{ id: string }>(author, 'create_post', { content: 'Words', ...fields })).id;
  }

  async comment(author: Person, post: string, content = 'Nice', parent: string | null = null): Promise<string> {
    await this.become(author);
    const { id } = await this.db.one<{ id: string }>(
      'insert into public.comments (post_id, content, parent_id) values ($1, $2, $3) returning id',
      [post, content, parent],
    );
    return id;
  }

  async like(who: Person, post: string): Promise<void> {
    await this.become(who);
    await this.db.query('insert into public.post_likes (post_id) values ($1)', [post]);
  }

  async unlike(who: Person, post: string): Promise<void> {
    await this.become(who);
    await this.db.query('delete from public.post_likes where post_id = $1 and user_id = $2', [post, who.id]);
  }

  async settings(who: Person, column: 'privacy_settings' | 'notification_settings', value: unknown): Promise<void> {
    await this.become(who);
    await this.db.query(`update public.account_settings set ${column} = $2 where user_id = $1`, [
      who.id,
      JSON.stringify(value),
    ]);
  }
}

export function scene(fn: (scene: Scene) => Promise<void>): Promise<void> {
  return withRollback((db) => fn(new Scene(db)));
}
