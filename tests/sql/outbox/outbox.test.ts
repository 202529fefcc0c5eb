import { expect, test } from 'vitest';
import { parseEvent } from '../../../contracts/events.ts';
import { cloneDatabase } from '../../support/clone-database.ts';
import { freshName, type TestConnection, withRollback } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

interface EventRow {
  readonly id: string;
  readonly position: string;
  readonly tx_id: string;
  readonly type: string;
  readonly attempts: number;
}

const CLAIM = 'select * from app_private.claim_outbox($1, $2)';
const READ = 'select * from app_private.read_outbox_log($1, $2, $3)';

/** The events of this transaction, parsed as the worker parses them. */
async function told(db: TestConnection): Promise<{ type: string; actor: unknown; payload: Record<string, unknown> }[]> {
  await db.as({ role: 'postgres' });
  const rows = await db.query(
    'select * from app_private.outbox_events where tx_id = pg_current_xact_id() order by position',
  );
  return rows.map((row) => {
    const event = parseEvent({ ...row, tx_id: String(row['tx_id']) });
    return { type: event.type, actor: event.actor_id, payload: event.payload };
  });
}

async function emit(db: TestConnection, n = 1): Promise<void> {
  for (let i = 0; i < n; i += 1) await db.query("select app_private.emit_event('user.deleted', null, '{}')");
}

test('a sign-up tells user.registered', () =>
  withRollback(async (db) => {
    const person = await db.signUp({ username: freshName(), full_name: 'Ada' });
    expect(await told(db)).toEqual([
      {
        type: 'user.registered',
        actor: person.id,
        payload: { user_id: person.id, username: person.username, full_name: 'Ada' },
      },
    ]);
  }));

test('a session tells user.logged_in and its end user.session_revoked', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    const session = await db.signIn(person);
    await db.query('delete from auth.sessions where id = $1', [session]);
    const of = { user_id: person.id, session_id: session };
    expect((await told(db)).slice(1)).toEqual([
      { type: 'user.logged_in', actor: person.id, payload: { ...of, ip: '192.0.2.7', user_agent: 'test' } },
      { type: 'user.session_revoked', actor: person.id, payload: of },
    ]);
  }));

test('a changed profile tells profile.updated with the names of what changed', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.as({ role: 'authenticated', sub: person.id });
    await db.query("update public.profiles set bio = 'new', location = 'Rome' where id = $1", [person.id]);
    expect((await told(db)).slice(1)).toMatchObject([
      {
        type: 'profile.updated',
        actor: person.id,
        payload: { bio: 'new', location: 'Rome', changed: ['bio', 'location'] },
      },
    ]);
  }));

test('a profile that an operator changed names no user as the one who did it', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.query('update public.profiles set is_verified = true where id = $1', [person.id]);
    expect((await told(db)).slice(1)).toMatchObject([{ actor: null, payload: { changed: ['is_verified'] } }]);
  }));

test('an update that changes nothing tells nothing', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.query('update public.profiles set bio = bio where id = $1', [person.id]);
    expect(await told(db)).toHaveLength(1);
  }));

test('a deleted user tells user.deleted, and user.session_revoked of each session', () =>
  withRollback(async (db) => {
    const person = await db.signUp();
    await db.signIn(person);
    await db.query('delete from auth.users where id = $1', [person.id]);
    const types = (await told(db)).slice(2).map((event) => event.type);
    expect(types.sort()).toEqual(['user.deleted', 'user.session_revoked']);
  }));

test('a transfer tells wallet.transfer_completed in minor units', () =>
  withRollback(async (db) => {
    const [payer, payee] = [await db.signUp(), await db.signUp()];
    await db.fund(payer, '5');
    const { body } = await db.one<{ body: Record<string, unknown> }>(
      "select body from app_private.post_transaction($1, null, null, $2, '1.5', 'USD', 'tea', 'food')",
      [payer.id, payee.id],
    );
    const event = (await told(db)).at(-1);
    expect(event).toMatchObject({
      type: 'wallet.transfer_completed',
      actor: payer.id,
      payload: {
        transfer_id: body['id'],
        kind: 'transfer',
        currency: 'USD',
        exponent: 2,
        amount_minor: '150',
        from_user_id: payer.id,
        to_user_id: payee.id,
        description: 'tea',
        category: 'food',
      },
    });
  }));

test('a refused transfer tells nothing', () =>
  withRollback(async (db) => {
    const [payer, payee] = [await db.signUp(), await db.signUp()];
    const before = (await told(db)).length;
    await db.query("select app_private.post_transaction($1, null, null, $2, '1', 'USD', null, null)", [
      payer.id,
      payee.id,
    ]);
    expect(await told(db)).toHaveLength(before);
  }));

test('a change that is rolled back tells nothing', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  await db.query('begin');
  await db.signUp();
  await db.query('rollback');
  expect(await db.query('select from app_private.outbox_events')).toEqual([]);
});

test('two workers never claim the same event, and none is left out', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  await emit(db, 60);
  const workers = await Promise.all(Array.from({ length: 4 }, () => database.connect()));
  const claimed = await Promise.all(
    workers.map(async (worker) => {
      const mine: EventRow[] = [];
      for (;;) {
        const batch = await worker.query<EventRow>(CLAIM, [7, '1 minute']);
        if (batch.length === 0) return mine;
        expect(batch.map((event) => Number(event.position))).toEqual(
          batch.map((event) => Number(event.position)).sort((a, b) => a - b),
        );
        mine.push(...batch);
      }
    }),
  );
  const ids = claimed.flat().map((event) => event.id);
  // A worker that finds every due row locked sees an empty batch and would poll again.
  for (const event of await db.query<EventRow>(CLAIM, [100, '1 minute'])) ids.push(event.id);
  expect(ids).toHaveLength(60);
  expect(new Set(ids).size).toBe(60);
});

test('events that a worker was killed with come back after the lease, with one attempt more', async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  await emit(db);
  const [first] = await db.query<EventRow>(CLAIM, [10, '150 milliseconds']);
  expect(first?.attempts).toBe(1);
  expect(await db.query(CLAIM, [10, '1 minute'])).toEqual([]);
  const again = await eventually(
    'the lease is over',
    async () => (await db.query<EventRow>(CLAIM, [10, '1 minute']))[0],
  );
  expect(again).toMatchObject({ id: first?.id, attempts: 2 });
});

test('completed events are done: completing them again counts none', () =>
  worker(async (db, events) => {
    const ids = events.map((event) => event.id);
    expect(await db.one('select app_private.complete_outbox($1) as n', [ids])).toEqual({ n: 3 });
    expect(await db.one('select app_private.complete_outbox($1) as n', [ids])).toEqual({ n: 0 });
    expect(await db.query(CLAIM, [10, '0'])).toEqual([]);
    expect(await db.one('select pending, dead from app_private.outbox_stats()')).toEqual({ pending: '0', dead: '0' });
  }));

test('a failed event is due again after its delay, with the reason kept', () =>
  worker(async (db, [event, ...rest]) => {
    await db.query('select app_private.fail_outbox($1, $2, $3, false)', [event?.id, 'x'.repeat(5000), '1 hour']);
    await db.query('select app_private.complete_outbox($1)', [rest.map((other) => other.id)]);
    expect(await db.query(CLAIM, [10, '1 minute'])).toEqual([]);
    const row = await db.one(
      "select length(last_error) as length, next_attempt_at > now() + interval '59 minutes' as later from app_private.outbox_events where id = $1",
      [event?.id],
    );
    expect(row).toEqual({ length: 2000, later: true });
  }));

test('a dead letter is shown to operators, and retried when they say so', () =>
  worker(async (db, [event]) => {
    await db.query("select app_private.fail_outbox($1, 'bad payload', '0', true)", [event?.id]);
    expect(await db.query('select id, last_error from admin.dead_letters')).toEqual([
      { id: event?.id, last_error: 'bad payload' },
    ]);
    expect(await db.one('select pending, dead from admin.outbox_lag')).toEqual({ pending: '2', dead: '1' });
    expect(await db.one('select admin.retry_dead_letters() as n')).toEqual({ n: '1' });
    expect(await db.query<EventRow>(CLAIM, [10, '1 minute'])).toMatchObject([{ id: event?.id, attempts: 1 }]);
  }));

test('replaying makes processed and dead events pending again', () =>
  worker(async (db, events) => {
    await db.query('select app_private.complete_outbox($1)', [events.map((event) => event.id)]);
    expect(await db.one("select app_private.replay_outbox(now() + interval '1 minute') as n")).toEqual({ n: '0' });
    expect(await db.one("select app_private.replay_outbox(now() - interval '1 minute') as n")).toEqual({ n: '3' });
    expect(await db.query(CLAIM, [10, '1 minute'])).toHaveLength(3);
  }));

test('pruning deletes processed events that every reader of the log has passed, and no others', () =>
  worker(async (db, events) => {
    const [first, second] = events;
    await db.query('select app_private.complete_outbox($1)', [[first?.id, second?.id]]);
    await db.query(
      "update app_private.outbox_events set processed_at = processed_at - interval '8 days' where processed_at is not null",
    );
    expect(await db.one('select app_private.prune_outbox($1, $2) as n', ['7 days', null])).toEqual({ n: '0' });
    await db.query("update app_private.notification_reader set done = '9999999999:9999999999:'");
    expect(await db.one('select app_private.prune_outbox($1, $2) as n', ['30 days', null])).toEqual({ n: '0' });
    expect(await db.one('select app_private.prune_outbox($1, $2) as n', ['7 days', second?.tx_id])).toEqual({ n: '1' });
    expect(await db.one('select app_private.prune_outbox($1, $2) as n', ['7 days', null])).toEqual({ n: '1' });
    expect(await db.query('select from app_private.outbox_events')).toHaveLength(1);
  }));

test('the log reader waits for an older open transaction, then gives all in one final order', async () => {
  await using database = await cloneDatabase();
  const [older, newer, reader] = [await database.connect(), await database.connect(), await database.connect()];
  await older.query('begin');
  await emit(older);
  await emit(newer, 2); // committed at once, with higher ids and positions
  expect(await reader.query(READ, [null, null, 10])).toEqual([]);
  await emit(older); // a position after those of the newer transactions
  await older.query('commit');
  const log = await eventually('nothing older is running', async () => {
    const rows = await reader.query<EventRow>(READ, [null, null, 10]);
    return rows.length === 4 && rows;
  });
  expect(log.map((event) => Number(event.position))).toEqual([1, 4, 2, 3]);
  const rest = await reader.query<EventRow>(READ, [log[1]?.tx_id, log[1]?.position, 10]);
  expect(rest.map((event) => event.id)).toEqual(log.slice(2).map((event) => event.id));
});

test('an insert wakes a listening worker; while one transaction is about to, others stay silent', async () => {
  await using database = await cloneDatabase();
  const [listener, one, other] = [await database.connect(), await database.connect(), await database.connect()];
  let woken = 0;
  listener.client.on('notification', () => {
    woken += 1;
  });
  await listener.query('listen outbox');
  await one.query('begin');
  await emit(one);
  await emit(other);
  // A round trip after a commit delivers what that commit notified.
  await listener.query('select 1');
  expect(woken).toBe(0);
  await one.query('commit');
  await eventually('the worker was woken', async () => (await listener.query('select 1')) && woken === 1);
});

/** Three committed events, claimed, in a database of their own. */
async function worker(fn: (db: TestConnection, events: EventRow[]) => Promise<void>): Promise<void> {
  await using database = await cloneDatabase();
  const db = await database.connect();
  await emit(db, 3);
  await fn(db, await db.query<EventRow>(CLAIM, [10, '1 minute']));
}
