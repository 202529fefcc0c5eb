import { describe, expect, test } from 'vitest';
import { withRollback } from '../../support/database.ts';
import { command } from '../wallet/support.ts';
import { NOT_EXPORTED } from './export-columns.ts';
import { ask, claim, refusalOf, toldOf } from './jobs.ts';

describe('an export', () => {
  test('is queued once (users.export_open), and told of when it is ready', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      const job = await ask(db, 'request_export', ana);
      expect(job).toMatchObject({ kind: 'export', state: 'queued' });
      expect(await refusalOf(db, 'request_export', ana)).toMatchObject({
        sqlstate: 'PT409',
        code: 'users.export_open',
      });
      const attempts = await claim(db, job);
      expect(await db.one('select app_private.finish_export($1, $2, $3)', [job.id, attempts, 'a/b.json'])).toEqual({
        finish_export: 'done',
      });
      expect(await toldOf(db, ana)).toEqual(['user.export_ready']);
    }));

  test('is made once a day (users.export_too_soon); one that failed does not count', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      const failed = await ask(db, 'request_export', ana);
      await db.query("select app_private.finish_account_job($1, $2, 'failed', 'internal.unexpected')", [
        failed.id,
        await claim(db, failed),
      ]);
      const job = await ask(db, 'request_export', ana);
      await db.query('select app_private.finish_export($1, $2, $3)', [job.id, await claim(db, job), 'a/b.json']);
      expect(await refusalOf(db, 'request_export', ana)).toMatchObject({ code: 'users.export_too_soon' });
      await db.query("update public.account_jobs set created_at = now() - interval '1 day' where id = $1", [job.id]);
      expect(await ask(db, 'request_export', ana)).toMatchObject({ state: 'queued' });
      expect(await toldOf(db, ana)).toEqual(['user.export_failed', 'user.export_ready']);
    }));

  test('belongs to the worker that took it last', () =>
    withRollback(async (db) => {
      const job = await ask(db, 'request_export', await db.signUp());
      const [first, second] = [await claim(db, job), await claim(db, job)];
      const finish = (attempts: number) =>
        db.one('select app_private.finish_export($1, $2, $3) as was', [job.id, attempts, 'a/b.json']);
      expect(await finish(first)).toEqual({ was: 'taken' });
      expect(await finish(second)).toEqual({ was: 'done' });
      expect(await finish(second)).toEqual({ was: 'taken' });
    }));

  test('says that its file must go when the account was deleted meanwhile', () =>
    withRollback(async (db) => {
      const ana = await db.signUp();
      const job = await ask(db, 'request_export', ana);
      const attempts = await claim(db, job);
      await db.query('delete from auth.users where id = $1', [ana.id]);
      expect(
        await db.one('select app_private.finish_export($1, $2, $3) as was', [job.id, attempts, 'a/b.json']),
      ).toEqual({ was: 'gone' });
    }));

  test('gives every row once in pages of any size, and no provider token', () =>
    withRollback(async (db) => {
      const [ana, ben] = [await db.signUp(), await db.signUp()];
      await db.fund(ana, '100.00');
      for (let amount = 1; amount <= 7; amount += 1)
        await command(db, 'place_hold', ana, { amount: `${amount}`, currency: 'USD', recipient: ben.username });
      const account = { provider: 'fake', provider_token: 'tok_secret', kind: 'bank_account', currency: 'USD' };
      await command(db, 'link_account', ana, account);
      await db.as({ role: 'astra_worker' });
      const sections = await db.query<{ section: string }>('select section from app_private.export_sections()');
      const read = async (section: string, limit: number) => {
        const lines: string[] = [];
        for (let after: string | null = null; ; ) {
          const page: { line: string; key: string }[] = await db.query(
            'select line, key::text as key from app_private.export_page($1, $2, $3::jsonb, $4)',
            [ana.id, section, after, limit],
          );
          lines.push(...page.map(({ line }) => line));
          if (page.length < limit) return lines;
          after = page.at(-1)?.key ?? null;
        }
      };
      for (const { section } of sections) expect(await read(section, 2), section).toEqual(await read(section, 1000));
      expect(await read('holds_given', 3)).toHaveLength(7);
      expect((await read('linked_accounts', 3)).join()).not.toContain('tok_secret');
      expect((await read('linked_accounts', 3)).length).toBe(1);
    }));

  test('tells of nobody and nothing that does not exist any more for the person: who blocked them, a secret group they left', () =>
    withRollback(async (db) => {
      const [ana, ben] = [await db.signUp(), await db.signUp()];
      const names = async (section: string, field: string) => {
        await db.as({ role: 'postgres' });
        const rows = await db.query<{ line: string }>('select line from app_private.export_page($1, $2, null, 10)', [
          ana.id,
          section,
        ]);
        return rows.map(({ line }) => JSON.parse(line)[field]);
      };
      await db.as({ role: 'authenticated', sub: ana.id });
      await db.query('select public.send_message($1)', [{ receiver_id: ben.id, content: 'Hello' }]);
      const { id } = await db.one<{ id: string }>('select id from public.create_group($1)', [
        { name: 'Ours', visibility: 'secret' },
      ]);
      await db.as({ role: 'postgres' });
      await db.query("update public.group_members set role = 'admin' where group_id = $1", [id]);
      await db.query("insert into public.group_members (group_id, user_id, role) values ($1, $2, 'owner')", [
        id,
        ben.id,
      ]);
      expect(await names('groups_founded', 'name')).toEqual(['Ours']);
      expect(await names('conversations', 'with_username')).toContain(ben.username);
      await db.query('delete from public.group_members where group_id = $1 and user_id = $2', [id, ana.id]);
      await db.query('select app_private.block_person($1, $2)', [ben.id, ana.id]);
      expect(await names('groups_founded', 'name')).toEqual([]);
      expect(await names('conversations', 'with_username')).toEqual([null]);
      expect(await names('conversations', 'with_user_id')).toEqual([null]);
    }));

  test('has every column that names a person, or says why not', () =>
    withRollback(async (db) => {
      const person = "('auth.users'::regclass, 'public.profiles'::regclass)";
      const rows = await db.query<{ name: string; covered: boolean }>(
        `select n.nspname || '.' || c.relname || '.' || a.attname as name,
           exists (select from app_private.export_sections() s where n.nspname || '.' || c.relname || '.' || a.attname = any (s.covers)) as covered
         from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'ledger', 'app_private', 'admin') and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
           and a.atttypid in ('uuid'::regtype, 'uuid[]'::regtype)
           -- An id of its own, or of a thing that says itself whose it is.
           and (a.attname <> 'id' or exists (
             select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.conkey = array[a.attnum] and k.confrelid in ${person}))
           and not exists (
             select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey) and k.confrelid not in ${person})
         order by 1`,
      );
      const missing = rows.filter(({ covered }) => !covered).map(({ name }) => name);
      expect(missing).toEqual(Object.keys(NOT_EXPORTED).sort());
    }));
});
